"""Faults found by trying; each test asserts what is right."""

import pytest

from whentocall import advise
from whentocall.interview.parse import Unclear, parse_number, parse_ticks
from whentocall.interview.render import summary_lines


@pytest.mark.parametrize("typed", ["1,000", "1.000", "12,000", "0,003"])
def test_a_comma_for_thousands_is_never_a_point(days, typed):
    """`1,000` days is not 1 day, nor is `1.000`: what could mean either is asked again."""
    with pytest.raises(Unclear):
        parse_number(typed, days)


@pytest.mark.parametrize("typed", ["3 ?", "2 5 ?"])
def test_a_question_mark_that_stands_alone_behind_a_number_never_takes_its_yes_away(typed):
    """`3 ?` may mean 'I am not sure of 3' or '3, and I am not sure of the rest': ask again."""
    with pytest.raises(Unclear):
        parse_ticks(typed, 6)


@pytest.mark.parametrize("typed", ["38.6ºC", "38.6 °", "38.6 deg C", "38.6 c."])
def test_usual_ways_to_write_degrees_are_understood(temperature, typed):
    """`º` is the sign on Spanish and Portuguese keyboards."""
    assert 38.6 == parse_number(typed, temperature)


@pytest.mark.parametrize("typed", ["\x1b[31mhot", "38.6\x1b[0m", "hot\x07", "\x9b31mhot"])
def test_a_refusal_repeats_no_control_characters(temperature, typed):
    with pytest.raises(Unclear) as refused:
        parse_number(typed, temperature)
    assert str(refused.value).isprintable()


def test_a_value_just_out_of_range_is_not_shown_as_if_it_were_in_range(temperature):
    """'45 °C is not between 30 and 45 °C' cannot be understood."""
    with pytest.raises(Unclear) as refused:
        parse_number("45.000001", temperature)
    assert not str(refused.value).startswith("45 °C")


def test_a_tick_typed_twice_is_not_said_to_be_off_the_list():
    with pytest.raises(Unclear) as refused:
        parse_ticks("3 3?", 6)
    assert "not on the list" not in str(refused.value)


def test_a_summary_never_breaks_a_rules_id(all_drugs):
    """`high-` at the end of a line and `temperature` on the next cannot be looked up."""
    answers = {"temperature": 39}
    advice = advise(all_drugs, answers)
    lines = summary_lines(all_drugs, advice, answers, "you", when="now")
    for reason in advice.reasons:
        assert [line.text for line in lines if reason.rule in line.text]
