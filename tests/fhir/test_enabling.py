"""`only_if` as `enableWhen`: a renderer shows every question that applies, and mostly no other."""

import operator
from types import MappingProxyType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.effort import examples
from whentocall.fhir.enabling import MAX_LEVELS, enabling
from whentocall.protocol.answer_types import AnswerType
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test, Truth, truth
from whentocall.protocol.wording import Wording

BASE = "https://example.org/fhir"
KINDS = {
    "a": AnswerType("yes-no"),
    "b": AnswerType("yes-no"),
    "c": AnswerType("yes-no"),
    "n": AnswerType("whole-number", 0, 6, "", 1.0),
    "o": AnswerType("one-of"),
    "t": AnswerType("temperature", 95, 104, "°F", 0.1),
    "u": AnswerType("temperature", 35, 40, "°C", 0.1),
}
OPTIONS = MappingProxyType({one: Wording(you=one, they=one) for one in ("x", "y", "z")})
VALUES = {
    "yes-no": st.booleans(),
    "whole-number": st.integers(0, 6),
    "one-of": st.sampled_from(list(OPTIONS)),
}
COMPARE = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def question(one, only_if=None):
    options = OPTIONS if KINDS.get(one, KINDS["a"]).kind == "one-of" else MappingProxyType({})
    answer = KINDS.get(one, KINDS["a"])
    return SimpleNamespace(id=one, answer=answer, options=options, only_if=only_if)


PROTOCOL = SimpleNamespace(id="tests", questions={one: question(one) for one in KINDS})


@st.composite
def conditions(draw, ids, depth=3):
    kind = draw(st.sampled_from(["test", *(["all", "any", "count"] if depth else [])]))
    if kind != "test":
        parts = tuple(draw(st.lists(conditions(ids, depth - 1), min_size=1, max_size=4)))
        if kind == "count":
            return AtLeast(draw(st.integers(1, len(parts))), parts)
        return AllOf(parts) if kind == "all" else AnyOf(parts)
    one = draw(st.sampled_from(ids))
    answer = KINDS[one]
    if answer.kind == "temperature":
        value = draw(st.integers(int(answer.low) * 10, int(answer.high) * 10)) / 10
        return Test(one, draw(st.sampled_from(list(Op))), value)
    ops = list(Op) if answer.is_number else [Op.IS]
    return Test(one, draw(st.sampled_from(ops)), draw(VALUES[answer.kind]))


def answers_to(ids):
    """Answers in JSON form; a temperature in either unit."""
    each = {one: st.none() | VALUES[KINDS[one].kind] for one in ids if KINDS[one].kind in VALUES}
    for one in ids:
        if KINDS[one].kind == "temperature":
            celsius = st.integers(350, 400).map(lambda tenths: (tenths / 10, "Cel"))
            each[one] = st.none() | celsius | st.integers(950, 1040).map(lambda t: (t / 10, "[degF]"))
    return st.fixed_dictionaries(each)


def engine_truth(condition, answers):
    """Whether the condition is true, not only possible."""

    def of(test):
        value = answers[test.question]
        if isinstance(value, tuple):
            value = in_unit(value, {"°C": "Cel", "°F": "[degF]"}[KINDS[test.question].unit])
        return Truth.UNSETTLED if value is None else Truth.TRUE if test.holds(value) else Truth.FALSE

    return truth(condition, of) is Truth.TRUE


def in_unit(quantity, code):
    value, unit = quantity
    if unit == code:
        return value
    return round((value - 32) * 5 / 9, 9) if code == "Cel" else round(value * 9 / 5 + 32, 9)


def is_shown(levels, answers, *, knows_units):
    """What a renderer makes of these levels: all of them must hold."""
    return all(
        {"all": all, "any": any}[level.behavior](holds(one, answers, knows_units) for one in level.when)
        for level in levels
    )


def holds(when, answers, knows_units):
    value = answers[when["question"]]
    if when["operator"] == "exists":
        return (value is not None) == when["answerBoolean"]
    if value is None:
        return False
    ((key, wanted),) = ((key, one) for key, one in when.items() if key.startswith("answer"))
    if key == "answerCoding":
        value, wanted = {True: "Y", False: "N"}.get(value, value), wanted["code"]
    if key == "answerQuantity":
        value = in_unit(value, wanted["code"]) if knows_units else value[0]
        wanted = wanted["value"]
    return COMPARE[when["operator"]](value, wanted)


@given(data=st.data())
@examples(150)
def test_what_applies_is_shown_and_nothing_else(data):
    ids = ["a", "b", "c", "n", "o"]
    condition = data.draw(conditions(ids))
    found = enabling(PROTOCOL, question("q", condition), BASE)
    answers = data.draw(answers_to(ids))
    shown = is_shown(found.levels, answers, knows_units=True)

    assert shown or not engine_truth(condition, answers)
    if found.exact:
        assert engine_truth(condition, answers) == shown


@given(data=st.data(), knows_units=st.booleans())
@examples(150)
def test_what_applies_by_a_temperature_is_shown_in_either_unit(data, knows_units):
    """Also by a renderer that compares the bare numbers."""
    condition = data.draw(conditions(["a", "t", "u"]))
    found = enabling(PROTOCOL, question("q", condition), BASE)
    answers = data.draw(answers_to(["a", "t", "u"]))

    assert is_shown(found.levels, answers, knows_units=knows_units) or not engine_truth(condition, answers)


def test_a_temperature_is_never_said_to_be_exact():
    found = enabling(PROTOCOL, question("q", Test("u", Op.ABOVE, 37.5)), BASE)
    ((level,), exact) = found.levels, found.exact
    assert not exact
    assert [37.5, 99.5] == [one["answerQuantity"]["value"] for one in level.when]
    assert "any" == level.behavior


@pytest.mark.parametrize(
    ("op", "expected"), [(Op.ABOVE, 37.777777), (Op.AT_LEAST, 37.777777), (Op.BELOW, 37.777778)]
)
def test_a_limit_without_an_end_is_rounded_to_ask_more(op, expected):
    (level,) = enabling(PROTOCOL, question("q", Test("t", op, 100)), BASE).levels
    assert expected == level.when[0]["answerQuantity"]["value"]
    assert "Cel" == level.when[0]["answerQuantity"]["code"]


def test_exactly_a_limit_without_an_end_asks_whenever_it_is_answered():
    (level,) = enabling(PROTOCOL, question("q", Test("t", Op.IS, 100)), BASE).levels
    assert {"question": "t", "operator": "exists", "answerBoolean": True} == level.when[0]


def yes(one):
    return Test(one, Op.IS, value=True)


def test_one_comparison_is_one_enable_when():
    (level,) = enabling(PROTOCOL, question("q", yes("a")), BASE).levels
    assert ["a"] == [one["question"] for one in level.when]


def test_an_any_is_one_list():
    (level,) = enabling(PROTOCOL, question("q", AnyOf((yes("a"), yes("b")))), BASE).levels
    assert ("any", ["a", "b"]) == (level.behavior, [one["question"] for one in level.when])


def test_an_any_of_alls_needs_a_group_for_each_part():
    condition = AnyOf((AllOf((yes("a"), yes("b"))), yes("c")))
    found = enabling(PROTOCOL, question("q", condition), BASE)
    said = [(level.behavior, [one["question"] for one in level.when]) for level in found.levels]
    assert [("any", ["a", "c"]), ("any", ["b", "c"])] == said
    assert found.exact


def test_what_needs_too_many_groups_is_shown_more_often_and_says_so():
    parts = AllOf(tuple(AnyOf((Test("n", Op.IS, one), yes("a"))) for one in range(MAX_LEVELS + 1)))
    found = enabling(PROTOCOL, question("q", parts), BASE)
    assert (MAX_LEVELS, False) == (len(found.levels), found.exact)


def test_a_condition_with_a_million_million_parts_is_cut_short():
    ways = (AllOf((Test("n", Op.IS, one % 7), Test("u", Op.IS, 35 + one / 10))) for one in range(40))
    found = enabling(PROTOCOL, question("q", AnyOf(tuple(ways))), BASE)
    assert not found.exact
    assert 0 < len(found.levels) <= MAX_LEVELS
