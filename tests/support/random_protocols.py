"""Answers and protocols at random, for properties."""

from dataclasses import replace
from types import MappingProxyType

from hypothesis import strategies as st

from support.shipped import NAMES, loaded
from whentocall import Interview, advise
from whentocall.protocol.answer_types import AnswerType
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test, tests
from whentocall.protocol.model import Card, CardSource, Question, Rule, Screen
from whentocall.protocol.wording import Wording

# answers


def limits(protocol, question):
    """The constants that a number is compared with, anywhere in the protocol."""
    conditions = [rule.when for rule in protocol.rules]
    conditions += [one.only_if for one in protocol.questions.values() if one.only_if]
    conditions += [one.not_reassuring_if for one in protocol.questions.values() if one.not_reassuring_if]
    return sorted({test.value for one in conditions for test in tests(one) if test.question == question.id})


def known(protocol, question):
    """A known answer: a number is mostly at a limit, or one step from it."""
    answer = question.answer
    if answer.kind == "yes-no":
        return st.booleans()
    if answer.kind == "one-of":
        return st.sampled_from(list(question.options))
    around = [answer.low, answer.high]
    for limit in limits(protocol, question):
        around += [round(limit + step * answer.step, 2) for step in (-1, 0, 1)]
    around = [one for one in around if answer.low <= one <= answer.high]
    if answer.kind == "temperature":
        any_one = st.integers(int(answer.low * 10), int(answer.high * 10)).map(lambda tenths: tenths / 10)
        return st.sampled_from([float(one) for one in around]) | any_one
    return st.sampled_from([int(one) for one in around]) | st.integers(int(answer.low), int(answer.high))


def answers_of(protocol, *, quiet=True):
    """Answers of one person: known, not known or not asked, follow-ups contradictory or not.

    `quiet` people report little, so that one answer matters; others report much.
    """

    @st.composite
    def draw_answers(draw):
        base = draw(st.sampled_from(["no", "nothing", "mixed"] if quiet else ["mixed"]))
        found = {}
        chosen = (
            draw(st.sets(st.sampled_from(list(protocol.questions)), max_size=8)) if base != "mixed" else ()
        )
        for one, question in protocol.questions.items():
            if base == "mixed" or one in chosen:
                kind = draw(st.sampled_from(["known", "known", "known", "unknown", "not asked"]))
            else:
                kind = "usual" if base == "no" else "not asked"
            if kind == "known":
                found[one] = draw(known(protocol, question))
            elif kind == "unknown":
                found[one] = None
            elif kind == "usual" and question.only_if is None:
                found[one] = usual(question)
        return found

    return draw_answers()


def usual(question):
    """The answer of somebody who reports nothing."""
    answer = question.answer
    return {"yes-no": False, "one-of": None}.get(
        answer.kind, round((answer.low + answer.high) / 2) if answer.kind != "temperature" else 36.8
    )


def ranks(protocol, advice):
    """The ranks of `at_least`, `level` and `could_be`."""
    return tuple(protocol.ranks[one] for one in (advice.at_least, advice.level, advice.could_be))


def advised(protocol, answers):
    """Advice without what to watch for, in ranks; nothing may have gone wrong."""
    advice = advise(protocol, answers, watch=False)
    assert advice.problems == ()
    return ranks(protocol, advice)


def walked(protocol, oracle, *, everything):
    """The answers of an interview whose every question the oracle answers, and how it ended."""
    interview = Interview(protocol)
    answers = {}
    for _ in range(len(protocol.questions) + 1):
        step = interview.next_screen(answers, everything=everything)
        if not hasattr(step, "questions"):
            return answers, step
        assert not {one.id for one in step.questions} & set(answers)
        answers |= {one.id: oracle[one.id] for one in step.questions}
    raise AssertionError("the interview does not end")


# protocols


def wording(text):
    """The same text for both voices."""
    return Wording(you=text, they=text)


@st.composite
def conditions(draw, asked, depth=2, *, one_way=False):
    """A condition on some of these questions. `one_way`: "no", the lowest and "c" fail every comparison."""
    kinds = ["test"] * 3 + (["all", "any", "count"] if depth else [])
    kind = draw(st.sampled_from(kinds))
    if kind != "test":
        parts = tuple(draw(st.lists(conditions(asked, depth - 1, one_way=one_way), min_size=1, max_size=3)))
        if kind == "count":
            return AtLeast(draw(st.integers(1, len(parts))), parts)
        return AllOf(parts) if kind == "all" else AnyOf(parts)
    question = draw(st.sampled_from(asked))
    answer = question.answer
    if answer.kind == "yes-no":
        return Test(question.id, Op.IS, draw(st.sampled_from([True, True, True, one_way])))
    if answer.kind == "one-of":
        return Test(question.id, Op.IS, draw(st.sampled_from(list(question.options)[: 2 if one_way else 3])))
    limit = draw(st.integers(int(answer.low) + 1, int(answer.high) - 1))
    value = limit + draw(st.sampled_from([0, 0.5])) if answer.kind == "temperature" else limit
    ops = [Op.ABOVE, Op.AT_LEAST] if one_way else list(Op)
    return Test(question.id, draw(st.sampled_from(ops)), value)


@st.composite
def protocols(draw, *, masks=True, follow_ups=True, only_yes=False, one_way=False):
    """A small protocol: up to 6 questions and 6 rules over the levels of the shipped ones."""
    base = loaded(NAMES[0])
    asked = []
    for number in range(draw(st.integers(1, 6))):
        kinds = [
            AnswerType("yes-no"),
            AnswerType("yes-no"),
            AnswerType("whole-number", 0, 6, "", 1.0),
            AnswerType("temperature", 35, 40, "°C", 0.1),
            AnswerType("one-of"),
        ]
        answer = draw(st.sampled_from(kinds[:1] if only_yes else kinds))
        options = {"a": wording("A"), "b": wording("B"), "c": wording("C")} if answer.kind == "one-of" else {}
        on = [one for one in (["only_if"] * follow_ups + ["not_reassuring_if"] * masks) if asked]
        extra = {
            one: draw(conditions(list(asked), 1, one_way=one_way))
            for one in on
            if draw(st.integers(0, 2)) == 0
        }
        text = f"Question {number}?"
        asked.append(
            Question(
                id=f"q{number}_",
                you=text,
                they=text,
                short=wording(text),
                answer=answer,
                options=MappingProxyType(options),
                watch=wording(f"q{number}_ is {{limit}}"),
                **extra,
            )
        )
    source = CardSource(document=next(iter(base.sources)), section="All")
    placed = []
    for number in range(draw(st.integers(1, 6))):
        when = draw(conditions(asked, one_way=one_way or only_yes))
        rank = draw(st.integers(1, 5))
        rules = {}
        card = Card(
            id=f"random/card{number}",
            root=base.root,
            is_layer=False,
            title="Card",
            source=source,
            ask={},
            rules=MappingProxyType(rules),
        )
        rules[f"rule{number}"] = rule = Rule(
            id=f"random/card{number}/rule{number}",
            card=card,
            rank=rank,
            when=when,
            level=base.levels[rank].id,
            because=wording("It is so."),
            sentences=("A-01",),
        )
        placed.append(rule)
    return replace(
        base,
        id="random",
        cards=tuple(rule.card for rule in placed),
        questions=MappingProxyType({one.id: one for one in asked}),
        rules=tuple(placed),
        screens=tuple(Screen(None, (one.id,)) for one in asked if one.only_if is None),
        _memo={},
    )


def smallest_change(test, question):
    """The answer nearest to the limit that passes a comparison."""
    step = question.answer.step
    if test.op is Op.ABOVE:
        return round(test.value + step, 2)
    return round(test.value - step, 2) if test.op is Op.BELOW else test.value
