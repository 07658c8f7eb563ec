"""Phrases: what each one means, and what is refused with what is right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whentocall.protocol.answer_types import AnswerType, number
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test
from whentocall.protocol.phrases import Fault, parse_answer_type, parse_condition
from whentocall.protocol.yaml_file import Block, Items, Text


def text(value, line=7):
    return Text(value, line)


def block(**pairs):
    return named({key.replace("__", " "): value for key, value in pairs.items()})


def named(pairs):
    made = Block({text(key): value for key, value in pairs.items()})
    made.line = 7
    return made


def items(*values):
    made = Items(values)
    made.line = 7
    return made


def phrase(value):
    """The comparison that a phrase about the question `q` is."""
    return parse_condition(block(q=text(value)))


# numbers


@pytest.mark.parametrize(
    ("written", "op", "value", "unit"),
    [
        ("above 37.5 °C", Op.ABOVE, 37.5, "°C"),
        ("above 37.5°C", Op.ABOVE, 37.5, "°C"),
        ("above 99.5 °F", Op.ABOVE, 99.5, "°F"),
        ("more than 3", Op.ABOVE, 3, None),
        ("more than 3 days", Op.ABOVE, 3, "days"),
        ("at least 4", Op.AT_LEAST, 4, None),
        ("below 36 °C", Op.BELOW, 36, "°C"),
        ("fewer than 2", Op.BELOW, 2, None),
        ("less than 2", Op.BELOW, 2, None),
        ("at most 3", Op.AT_MOST, 3, None),
        ("exactly 3", Op.IS, 3, None),
        ("above -5", Op.ABOVE, -5, None),
        ("at least 0", Op.AT_LEAST, 0, None),
        ("  at least 4  ", Op.AT_LEAST, 4, None),
        ("at least 999999999", Op.AT_LEAST, 999_999_999, None),
    ],
)
def test_each_comparison_means_what_it_says(written, op, value, unit):
    assert Test("q", op, value, unit) == phrase(written)


@pytest.mark.parametrize(
    ("written", "value"),
    [("4", 4), ("4.0", 4), ("37.50", 37.5), ("0.1", 0.1), ("-3", -3), ("+3", 3), ("007", 7)],
)
def test_a_number_is_exactly_what_was_written(written, value):
    assert value == number(written)
    assert type(value) is type(number(written))


@given(st.integers(-(10**9) + 1, 10**9 - 1), st.integers(0, 6))
def test_a_whole_number_stays_whole_however_many_noughts_follow_the_point(value, noughts):
    written = f"{value}.{'0' * noughts}" if noughts else str(value)

    assert value == number(written)
    assert isinstance(number(written), int)


@given(st.decimals(30, 45, places=1))
def test_a_temperature_is_the_nearest_float_to_what_was_written(value):
    assert float(str(value)) == phrase(f"above {value} °C").value


NOT_UNDERSTOOD = [
    "",
    "4",
    "many",
    "At least 4",
    "AT LEAST 4",
    "at least",
    "at least four",
    "at least .5",
    "at least 1234567890",
    "at least 4.",
    "above 37,5",
    "above 37.1234567",
    "at least ৪",
    "at least  ",
    "at  least 4",
    "least 4",
    "> 4",
    ">= 4",
    "≥ 4",
    "not 4",
    "between 2 and 4",
    "4 or more",
    "inf",
    "at least inf",
    "at least nan",
    "at least -",
    "at least --4",
    "null",
    "~",
    "true",
    "True",
    "Yes",
    "YES",
    "on",
    "is",
    "yes please",
]


@pytest.mark.parametrize("written", NOT_UNDERSTOOD)
def test_nothing_is_guessed_from_what_is_not_a_phrase(written):
    with pytest.raises(Fault) as caught:
        phrase(written)

    assert ("bad-phrase", 7) == (caught.value.code, caught.value.line)
    assert str(caught.value).startswith(
        f"'{written.strip()}' is not understood: write 'yes', 'no', 'above 37.5 °C'"
    )


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("at least 4e3", "e3"),
        ("at least 0x10", "x10"),
        ("above 37.5 °C or so", "°C or so"),
    ],
)
def test_what_follows_a_number_is_its_unit_and_so_never_lost(written, unit):
    """The unit is compared with the question's when the protocol is put together."""
    assert unit == phrase(written).unit


# yes, no and choices


@pytest.mark.parametrize(("written", "value"), [("yes", True), ("no", False)])
def test_yes_and_no(written, value):
    assert Test("q", Op.IS, value) == phrase(written)


@pytest.mark.parametrize("written", ["is oral", "one of [oral]", "one of oral", "is  oral"])
def test_one_choice_is_a_comparison(written):
    assert Test("q", Op.IS, "oral") == phrase(written)


def test_several_choices_are_any_of_them():
    either = AnyOf((Test("q", Op.IS, "a"), Test("q", Op.IS, "b_2")))

    assert either == phrase("one of [a, b_2]")
    assert either == phrase("one of a,b_2")
    assert either == parse_condition(block(q=items(text("a"), text("b_2"))))


@pytest.mark.parametrize(
    "written", ["is Oral", "is by mouth", "is 4", "one of", "one of []", "one of [a,]", "is -"]
)
def test_a_choice_is_named_by_its_id(written):
    with pytest.raises(Fault, match="is not the id of a choice: small letters, digits and _ only"):
        phrase(written)


def test_a_choice_stands_once_in_its_list():
    with pytest.raises(Fault, match="a choice appears twice in this list"):
        phrase("one of [a, b, a]")


@pytest.mark.parametrize("value", [block(a=text("b")), None, 4, True], ids=repr)
def test_a_phrase_is_a_text(value):
    with pytest.raises(Fault, match="expected a phrase about 'q', such as 'yes'"):
        parse_condition(block(q=value))


# conditions


def yes(name):
    return Test(name, Op.IS, value=True)


def test_several_keys_mean_all():
    assert AllOf((yes("a"), yes("b"))) == parse_condition(block(a=text("yes"), b=text("yes")))


def test_all_any_and_at_least_may_stand_in_each_other():
    parts = items(block(a=text("yes")), block(any=items(block(b=text("yes")), block(c=text("yes")))))
    counted = named({"at least 1 of": items(block(all=parts))})

    assert AtLeast(1, (AllOf((yes("a"), AnyOf((yes("b"), yes("c"))))),)) == parse_condition(counted)


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True), (2, True), (3, False), (999, False)])
def test_at_least_counts_from_one_to_the_length_of_its_list(count, fits):
    condition = named({f"at least {count} of": items(block(a=text("yes")), block(b=text("yes")))})
    if fits:
        assert count == parse_condition(condition).count
        return
    with pytest.raises(Fault, match=f"'at least {count} of' is over a list of 2: use a number from 1 to 2"):
        parse_condition(condition)


@pytest.mark.parametrize("key", ["not", "none", "nor", "unless"])
def test_there_is_no_not(key):
    with pytest.raises(Fault, match=f"'{key}' is not used in conditions") as caught:
        parse_condition(named({key: block(a=text("yes"))}))

    assert "no-not" == caught.value.code


@pytest.mark.parametrize(
    "key", ["", "A", "a b", "a-b", "1a", "_a", "<<", "at least 2", "at most 2 of", "at least -1 of"]
)
def test_a_key_is_a_question_or_a_way_of_joining(key):
    with pytest.raises(Fault, match="is neither a question nor 'all', 'any' or 'at least N of'"):
        parse_condition(named({key: text("yes")}))


@pytest.mark.parametrize("joined", ["all", "any", "at least 1 of"])
@pytest.mark.parametrize("value", [items(), block(a=text("yes")), text("yes"), text("")], ids=repr)
def test_what_is_joined_is_a_list_with_something_in_it(joined, value):
    """An empty `any` would never hold, an empty `all` always: neither is meant."""
    with pytest.raises(
        Fault, match=f"'{joined}' needs a list of conditions, each on a line that starts with '-'"
    ):
        parse_condition(named({joined: value}))


def test_an_empty_condition_is_refused():
    with pytest.raises(Fault, match="this condition is empty, so it would always hold: add a comparison"):
        parse_condition(block())


@pytest.mark.parametrize("value", [text("yes"), text(""), items(block(a=text("yes"))), None], ids=repr)
def test_a_condition_is_keys_and_values(value):
    with pytest.raises(Fault, match="a condition is written as question and phrase"):
        parse_condition(value)


# kinds of answer


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("yes or no", AnswerType("yes-no")),
        ("one of", AnswerType("one-of")),
        ("whole number, 0 to 60", AnswerType("whole-number", 0, 60, "", 1)),
        ("whole number, -5 to 5", AnswerType("whole-number", -5, 5, "", 1)),
        ("days, 0 to 90", AnswerType("days", 0, 90, "", 1)),
        ("temperature, 30 to 45 °C", AnswerType("temperature", 30, 45, "°C", 0.1)),
        ("temperature, 86.5 to 113 °F", AnswerType("temperature", 86.5, 113, "°F", 0.1)),
    ],
)
def test_each_kind_of_answer_means_what_it_says_and_says_it_again(written, kind):
    assert kind == parse_answer_type(text(written))
    assert written == str(kind)


@pytest.mark.parametrize(
    ("kind", "is_number"),
    [("yes-no", False), ("one-of", False), ("days", True), ("temperature", True), ("whole-number", True)],
)
def test_numbers_are_compared_by_size(kind, is_number):
    assert is_number is AnswerType(kind).is_number


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "bad-answer-type"),
        ("yes", "bad-answer-type"),
        ("yes/no", "bad-answer-type"),
        ("Yes or no", "bad-answer-type"),
        ("number, 0 to 60", "bad-answer-type"),
        ("whole number", "bad-answer-type"),
        ("whole number, 0", "bad-answer-type"),
        ("whole number, 0 - 60", "bad-answer-type"),
        ("whole number, 0 to 60 poos", "bad-answer-type"),
        ("whole number, 0 to 12345678901", "bad-answer-type"),
        ("whole number, 0 to inf", "bad-answer-type"),
        ("whole number, a to b", "bad-answer-type"),
        ("temperature, 30 to 45", "bad-answer-type"),
        ("temperature, 30 to 45 C", "bad-answer-type"),
        ("temperature, 30 to 45 °K", "bad-answer-type"),
        ("temperature, 30 to 45 °C or °F", "bad-answer-type"),
        ("whole number, 60 to 0", "impossible-range"),
        ("whole number, 5 to 5", "impossible-range"),
        ("whole number, 0 to 60.5", "impossible-range"),
        ("days, 0.5 to 60", "impossible-range"),
        ("temperature, 45 to 30 °C", "impossible-range"),
    ],
)
def test_a_kind_of_answer_without_a_sound_range_is_refused(written, code):
    with pytest.raises(Fault) as caught:
        parse_answer_type(text(written))

    assert code == caught.value.code


@pytest.mark.parametrize("value", [items(text("yes")), block(a=text("b")), None], ids=repr)
def test_a_kind_of_answer_is_a_text(value):
    with pytest.raises(Fault, match="expected the kind of answer"):
        parse_answer_type(value)


def outcome(parse, raw):
    """What a parser makes of a text: a value, or a `Fault`; anything else it raises fails the test."""
    try:
        return parse(raw)
    except Fault as fault:
        return fault


@given(st.text(max_size=40))
def test_any_text_is_a_phrase_or_a_fault(written):
    """No text, however odd, gets anything else out of the parser."""
    made = outcome(parse_condition, block(q=text(written)))

    assert isinstance(made, Test | AnyOf) or made.line == 7


@given(st.text(max_size=40))
def test_any_text_is_a_kind_of_answer_or_a_fault(written):
    made = outcome(parse_answer_type, text(written))

    assert isinstance(made, AnswerType) or made.code in ("bad-answer-type", "impossible-range")
