"""The second look agrees with the reference, and with a third evaluation straight from the meaning."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from support import plain_reference as plain
from support.effort import examples
from whentocall import advise
from whentocall.engine.answers import check_answers
from whentocall.engine.combine import combine
from whentocall.engine.finish import is_finished
from whentocall.engine.reference import read
from whentocall.engine.second import second_look, surely_finished
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
    checked = check_answers(protocol, answers)
    reading, look = read(protocol, checked.values), second_look(protocol, checked.values)
    verdict = combine(protocol, reading.rules(), reading.condition)

    assert reading.rules() == look.truths
    assert list(plain.plain_read(protocol, checked.values).rules()) == look.truths
    assert tuple(verdict) == (look.at_least, look.could_be, look.shown, look.escalated)
    assert set(reading.contradictory) == look.contradictory
    assert reading.open is look.open
    finished = surely_finished(protocol, checked.values)
    assert is_finished(protocol, checked, reading) is finished
    return finished


@given(data=st.data())
@examples(60)
def test_the_second_look_agrees_with_the_reference(data, tools):
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
