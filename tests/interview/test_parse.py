"""What somebody typed is understood or refused; never guessed."""

import math
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from whentocall.engine.spelling import plain
from whentocall.interview import texts
from whentocall.interview.flow import AskedQuestion
from whentocall.interview.parse import (
    MAX_LENGTH,
    Reply,
    Unclear,
    is_back,
    is_dont_know,
    parse_choice,
    parse_number,
    parse_ticks,
)

TEMPERATURE = AskedQuestion("t", "What is it?", "Temperature", "", "temperature", 30, 45, "°C")
FAHRENHEIT = AskedQuestion("t", "What is it?", "Temperature", "", "temperature", 86, 113, "°F")
COUNT = AskedQuestion("n", "How many?", "Count", "", "whole-number", 0, 60)
DAYS = AskedQuestion("d", "How long?", "Days", "", "days", 0, 365)
CHOICES = (("yes", texts.YES), ("no", texts.NO), ("dont know", texts.DONT_KNOW))
QUESTIONS = (TEMPERATURE, FAHRENHEIT, COUNT, DAYS)

# Text as people might type it, and any text at all.
typing = st.one_of(
    st.text(),
    st.text(alphabet=string.digits + " .,+-°cCfF?<dayse", max_size=12),
    st.from_regex(r"\s*[+-]?[0-9]{1,4}([.,][0-9]{0,8})?\s*(°?[cfCF]|days?|)\s*", fullmatch=True),
)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("38.6", 38.6),
        ("38,6", 38.6),
        (" 38.6 ", 38.6),
        ("38", 38),
        ("+38", 38),
        ("38.60", 38.6),
        ("38.6 C", 38.6),
        ("38,6°C", 38.6),
        ("38.6 degrees celsius", 38.6),
        ("101.5 F", {"value": 101.5, "unit": "°F"}),
        ("101,5f", {"value": 101.5, "unit": "°F"}),
        ("101 Fahrenheit", {"value": 101, "unit": "°F"}),
        ("３８．６", 38.6),
        ("３８，６", 38.6),
        ("38.6\r", 38.6),
        ("\x0138.6\x07", 38.6),
        ("38.", 38),
        ("38,", 38),
        ("38.6˚C", 38.6),
        ("38.6 ℃", 38.6),
        ("101.5 ℉", {"value": 101.5, "unit": "°F"}),
    ],
)
def test_a_temperature_is_understood(temperature, typed, understood):
    assert understood == parse_number(typed, temperature)


@pytest.mark.parametrize(
    ("typed", "understood"), [("4", 4), ("007", 7), ("0", 0), ("-0", 0), ("６０", 60), ("4.0", 4), ("4,", 4)]
)
def test_a_whole_number_is_understood(count, typed, understood):
    value = parse_number(typed, count)
    assert understood == value
    assert isinstance(value, int)


@pytest.mark.parametrize(("typed", "understood"), [("3", 3), ("3 days", 3), ("1 day", 1), ("0 Days", 0)])
def test_days_are_understood_with_their_word(days, typed, understood):
    assert understood == parse_number(typed, days)


@pytest.mark.parametrize(
    "typed",
    [
        *["hot", "38.6.1", "3 8", "38 6", "38..6", "4-5", "4½", "1e1", "0x10", "٣", "nan", "inf", "38.6 K"],
        *["37 C F", "-", "+", ".", ",", "1,2,3", "38.6 days", "3\x008", "3\n8", "{how}", "38;6"],
    ],
)
def test_what_is_not_one_number_is_refused(temperature, typed):
    with pytest.raises(Unclear, match="is not a number"):
        parse_number(typed, temperature)


@pytest.mark.parametrize("typed", ["two", "3 weeks", "3 C", "2 5", "3+", "about 3"])
def test_what_is_not_one_count_is_refused(count, typed):
    with pytest.raises(Unclear, match="is not a number"):
        parse_number(typed, count)


@pytest.mark.parametrize("typed", ["0.5", "2,5", "1.25", "4.000", "1,000"])
def test_part_of_one_is_refused_where_a_whole_number_is_asked(count, typed):
    with pytest.raises(Unclear, match="is not a whole number"):
        parse_number(typed, count)


@pytest.mark.parametrize("typed", ["386", "29.9", "45.1", "-38", "0", "999999999", "114 F"])
def test_what_is_out_of_range_is_refused_never_clipped(temperature, typed):
    with pytest.raises(Unclear, match="is not between"):
        parse_number(typed, temperature)


@pytest.mark.parametrize(("typed", "value"), [("30", 30), ("45", 45)])
def test_both_ends_of_the_range_are_taken(temperature, typed, value):
    assert value == parse_number(typed, temperature)


@pytest.mark.parametrize("typed", ["86 F", "113 F"])
def test_both_ends_of_the_range_are_taken_in_the_other_unit(temperature, typed):
    assert {"value": int(typed[:-2]), "unit": "°F"} == parse_number(typed, temperature)


def test_a_temperature_that_fits_the_other_unit_alone_is_not_guessed(temperature):
    with pytest.raises(Unclear, match=r"If 101\.5 is in °F, type 101\.5 F\.$"):
        parse_number("101.5", temperature)
    with pytest.raises(Unclear, match=r"If 38\.6 is in °C, type 38\.6 C\.$"):
        parse_number("38.6", FAHRENHEIT)


def test_a_temperature_with_its_unit_named_gets_no_hint(temperature):
    with pytest.raises(Unclear) as refused:
        parse_number("101.5 C", temperature)
    assert "If 101.5" not in str(refused.value)


@pytest.mark.parametrize("typed", ["", " ", "\t\r\n", "\x01", "\u200b", "\u3000"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.kind + question.unit)
def test_nothing_typed_is_never_an_answer(question, typed):
    with pytest.raises(Unclear, match=texts.EMPTY.split(".")[0]):
        parse_number(typed, question)


@pytest.mark.parametrize("typed", ["?", " ? ", "don't know", "Don’t know", "DONT KNOW", "not sure", "？"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.kind + question.unit)
def test_not_knowing_is_an_answer_of_its_own(question, typed):
    assert is_dont_know(typed)
    assert parse_number(typed, question) is None


@pytest.mark.parametrize("typed", ["<", " < ", "back", "Go back", "＜"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.kind + question.unit)
def test_going_back_is_no_answer(question, typed):
    assert is_back(typed)
    assert Reply.BACK is parse_number(typed, question)
    assert Reply.BACK is parse_choice(typed, CHOICES)
    assert Reply.BACK is parse_ticks(typed, 3)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.kind + question.unit)
def test_very_long_typing_is_refused(question):
    with pytest.raises(Unclear, match="too long"):
        parse_number("3" * (MAX_LENGTH + 1), question)
    with pytest.raises(Unclear, match="too long"):
        parse_ticks("1 " * MAX_LENGTH, 14)


@given(typing, st.sampled_from(QUESTIONS))
@example("1,000", TEMPERATURE)
@example("38.6000001", TEMPERATURE)
def test_any_text_is_a_plausible_value_or_unclear(text, question):
    """Nothing else is ever raised, and nothing out of range ever comes through."""
    try:
        found = parse_number(text, question)
    except Unclear:
        return
    if found is None:
        assert is_dont_know(text)
    elif isinstance(found, Reply):
        assert is_back(text)
    elif isinstance(found, dict):
        assert question.kind == "temperature"
        assert {"value", "unit"} == set(found)
        low, high = {"°C": (30, 45), "°F": (86, 113)}[found["unit"]]
        assert low <= found["value"] <= high
    else:
        assert type(found) in (int, float)
        assert math.isfinite(found)
        assert question.low <= found <= question.high


@given(
    st.text().filter(lambda text: not any(char.isdigit() for char in plain(text))), st.sampled_from(QUESTIONS)
)
def test_text_without_a_digit_is_never_a_value(text, question):
    try:
        found = parse_number(text, question)
    except Unclear:
        return
    assert found is None or found is Reply.BACK


@given(st.floats(30, 45).map(lambda value: round(value, 2)))
def test_a_comma_is_a_point(value):
    text = f"{value:.2f}"
    assert parse_number(text, TEMPERATURE) == parse_number(text.replace(".", ","), TEMPERATURE)


@given(st.integers(-1000, 1000))
def test_a_count_is_itself_or_refused(value):
    try:
        assert value == parse_number(str(value), COUNT)
    except Unclear:
        assert not 0 <= value <= 60


@pytest.mark.parametrize(("typed", "place"), [("1", 0), (" 3 ", 2), ("２", 1), ("03", 2), ("2.", 1)])
def test_a_choice_is_its_number(typed, place):
    assert place == parse_choice(typed, CHOICES)


@pytest.mark.parametrize(
    ("typed", "place"), [("yes", 0), (" NO ", 1), ("I don’t know", 2), ("?", 2), ("TRUE", 0)]
)
def test_a_choice_is_its_words(typed, place):
    assert place == parse_choice(typed, CHOICES)


def test_not_knowing_is_no_choice_where_it_is_not_offered():
    with pytest.raises(Unclear):
        parse_choice("?", [("yes", "Yes, show the advice"), ("change", "No, change an answer")])


@pytest.mark.parametrize("typed", ["0", "4", "-1", "1.0", "1,5", "1 2", "99999", "one", "", " ", "٣"])
def test_what_is_not_on_the_list_is_refused(typed):
    with pytest.raises(Unclear):
        parse_choice(typed, CHOICES)


def test_what_could_be_two_choices_is_refused():
    grades = [("none", "0"), ("mild", "1"), ("a_bit", "Mild"), ("1", "Bad")]
    for typed in ("1", "mild", "Mild"):
        with pytest.raises(Unclear):
            parse_choice(typed, grades)
    assert 1 == parse_choice("2", grades)


@given(st.text(), st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), min_size=1, max_size=20))
def test_any_text_is_a_place_on_the_list_or_unclear(text, choices):
    try:
        found = parse_choice(text, choices)
    except Unclear:
        return
    assert found is Reply.BACK or 0 <= found < len(choices)


@pytest.mark.parametrize(
    ("typed", "ticks"),
    [
        ("0", [False, False, False]),
        ("none", [False, False, False]),
        (texts.NONE_OF_THESE, [False, False, False]),
        ("2", [False, True, False]),
        ("3 1", [True, False, True]),
        ("1,3", [True, False, True]),
        ("1, 3", [True, False, True]),
        ("１　３", [True, False, True]),
        ("2?", [False, None, False]),
        ("1 2?", [True, None, False]),
        ("?", [None, None, None]),
        ("don't know", [None, None, None]),
        ("no", [False, False, False]),
        ("None.", [False, False, False]),
        ("1.", [True, False, False]),
        ("1. 3.", [True, False, True]),
        ("1;3", [True, False, True]),
        ("1 and 3", [True, False, True]),
        ("1, 2 and 3?", [True, True, None]),
        ("3 & 1.", [True, False, True]),
        ("2?.", [False, None, False]),
        ("1,,3,", [True, False, True]),
    ],
)
def test_ticks_are_understood(typed, ticks):
    assert ticks == parse_ticks(typed, 3)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "4",
        "0 1",
        "1-3",
        "1.2",
        "1 1",
        "1 1?",
        "2? 2",
        "all",
        "1 ?",
        "? 2",
        ",",
        " ; ",
        "and",
        ".",
        "no 1",
        "1 none",
        "1,000",
        "-1",
        "0?",
        "1??",
    ],
)
def test_ticks_that_are_not_clear_are_refused(typed):
    with pytest.raises(Unclear):
        parse_ticks(typed, 3)


@pytest.mark.parametrize(
    ("typed", "part"),
    [("1 3 chest", "'chest'"), ("1 and", "'and'"), ("and 2", "'and'"), ("2 1-3", "'1-3'"), ("1 9", "'9'")],
)
def test_the_part_of_a_checklist_that_was_not_understood_is_named(typed, part):
    with pytest.raises(Unclear) as refused:
        parse_ticks(typed, 3)
    assert part in str(refused.value)
    assert typed not in str(refused.value)


def test_a_question_mark_alone_beside_numbers_is_named_with_how_to_type_it():
    with pytest.raises(Unclear, match=r"There is a \? .* such as 3\?\."):
        parse_ticks("3 ?", 3)


@pytest.mark.parametrize(
    ("typed", "days"), [("2 weeks", 14), ("1 week", 7), ("52WEEKS", 364), ("3,0 weeks", 21)]
)
def test_weeks_are_answered_with_the_days_to_type(typed, days):
    with pytest.raises(Unclear, match=rf"{days} days\. Type the days: {days}\.$"):
        parse_number(typed, DAYS)


def test_weeks_are_no_days_where_that_would_be_out_of_range_or_is_not_whole():
    with pytest.raises(Unclear, match="371 days is not between 0 and 365 days"):
        parse_number("53 weeks", DAYS)
    with pytest.raises(Unclear, match="is not a number"):
        parse_number("1.5 weeks", DAYS)
    with pytest.raises(Unclear, match="is not a number"):
        parse_number("2 weeks", COUNT)


def test_a_number_too_exact_to_be_kept_is_asked_again(temperature):
    with pytest.raises(Unclear, match="too many digits"):
        parse_number("37.500000000000001", temperature)


@given(st.one_of(st.text(), st.text(alphabet="0123456789 ,?;.&and", max_size=20)), st.integers(1, 20))
def test_any_text_is_one_tick_per_line_or_unclear(text, count):
    try:
        found = parse_ticks(text, count)
    except Unclear:
        return
    assert found is Reply.BACK or (count == len(found) and set(found) <= {True, False, None})


@given(st.text().filter(lambda text: not any(char.isdigit() for char in plain(text))))
def test_nothing_is_ticked_without_a_digit(text):
    try:
        found = parse_ticks(text, 5)
    except Unclear:
        return
    assert found is Reply.BACK or True not in found


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=14))
def test_every_checklist_can_be_typed(ticks):
    marks = [
        f"{place}{'?' if tick is None else ''}" for place, tick in enumerate(ticks, 1) if tick is not False
    ]
    assert ticks == parse_ticks(" ".join(marks) or "0", len(ticks))
