"""The program, the second look and a plain recursion agree, and durable-rules with all of them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from support import plain_reference as plain
from support.effort import examples
from whentocall import advise
from whentocall.engine.answers import check_answers
from whentocall.engine.combine import combine
from whentocall.engine.phrasing import watch_words
from whentocall.engine.reference import Reading
from whentocall.engine.second_look import second_look, surely_finished
from whentocall.protocol.conditions import Op
from whentocall.protocol.model import Escalation
from whentocall.protocol.wording import Wording

TEXT = Wording(you="It is so.", they="It is so.")


@st.composite
def with_escalations(draw, protocol):
    """A protocol with up to two escalations, some of them for some people only."""
    lines = []
    for number in range(draw(st.integers(0, 2))):
        at_rank = draw(st.integers(1, 4))
        rank = draw(st.integers(at_rank + 1, 5))
        only_if = draw(st.sampled_from([None, *(rule.when for rule in protocol.rules)]))
        escalation = Escalation(
            id=f"random/{number}",
            count=draw(st.integers(1, 3)),
            at_rank=at_rank,
            rank=rank,
            name=f"line{number}",
            when="",
            only_if=only_if,
            to=protocol.levels[rank].id,
            because=TEXT,
            sentences=("A-01",),
        )
        lines.append(escalation)
    return replace(protocol, escalations=tuple(lines), _memo={})


def agree(protocol, answers):
    values = check_answers(protocol, answers).values
    reading, look = Reading(protocol, values), second_look(protocol, values)
    truths = plain.plain_read(protocol, values).rules()

    assert reading.rules() == look.truths == list(truths)
    assert reading.verdict == look.verdict == combine(protocol, truths, reading.condition)
    assert set(reading.contradictory) == look.contradictory
    assert reading.finished is surely_finished(protocol, values)
    assert reading.settle() == plain.plain_settle(protocol, plain.plain_read(protocol, values))


def watched(protocol, answers):
    """What to watch for, in the engine's words, and as it should be."""
    values = check_answers(protocol, answers).values
    questions = protocol.questions
    order = list(questions)
    lines = set()
    for rule, rank, needed in plain.plain_watch(protocol, plain.plain_read(protocol, values)):
        near = all(is_near(questions[test.question], test, values.get(test.question)) for test in needed)
        ordered = sorted(
            needed, key=lambda test: (order.index(test.question), repr(test.value), test.op.value)
        )
        words = [watch_words(test, questions[test.question], "you") for test in ordered]
        lines.add((" and ".join(words), protocol.levels[rank].id, rule, near))
    given = [(line.text, line.level, line.rule, line.near) for line in advise(protocol, answers).watch_for]
    return given, lines


def is_near(question, test, value):
    """Whether one step is enough."""
    if not question.answer.is_number or value is None:
        return False
    beyond = {Op.ABOVE: question.answer.step, Op.BELOW: -question.answer.step}.get(test.op, 0)
    return abs(value - test.value - beyond) <= question.answer.step * 1.001


@given(data=st.data())
@examples(75)
def test_what_to_watch_for_is_what_trying_each_change_by_itself_gives(data, tools):
    protocol = data.draw(with_escalations(data.draw(tools.protocols())))
    given, due = watched(protocol, data.draw(tools.answers_of(protocol, quiet=False)))

    assert len(given) == len(due)
    assert set(given) == due
    ranks = [(not near, -protocol.ranks[level]) for _, level, _, near in given]
    assert sorted(ranks) == ranks


@given(data=st.data())
@examples(20)
def test_what_to_watch_for_on_the_shipped_protocols(data, tools, protocol):
    given, due = watched(protocol, data.draw(tools.answers_of(protocol)))

    assert (len(due), due) == (len(given), set(given))


@given(data=st.data())
@examples(60)
def test_the_second_look_agrees_with_the_program(data, tools):
    protocol = data.draw(with_escalations(data.draw(tools.protocols())))
    agree(protocol, data.draw(tools.answers_of(protocol, quiet=False)))


@given(data=st.data())
def test_the_second_look_agrees_on_the_shipped_protocols(data, tools, protocol):
    agree(protocol, data.draw(tools.answers_of(protocol)))


@given(data=st.data())
@examples(30)
def test_without_a_fault_no_check_finds_one(data, tools):
    """A false alarm would raise everybody's advice."""
    protocol = data.draw(with_escalations(data.draw(tools.protocols())))
    assert () == advise(protocol, data.draw(tools.answers_of(protocol, quiet=False))).problems
