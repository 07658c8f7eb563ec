"""A number out of range is refused, and never met with silence where that side of the range is urgent."""

import math

import pytest

from whentocall import AnswersError, Interview, advise
from whentocall.engine.out_of_range import beyond
from whentocall.interview.parse import Unclear, parse_number


def refused(protocol, answers):
    with pytest.raises(AnswersError) as error:
        advise(protocol, answers)
    (problem,) = error.value.problems
    return problem


def numbers(protocol):
    """Every question with a number, a value one step beyond each end, and the level beyond it."""
    for question in protocol.questions.values():
        if question.answer.is_number:
            sides = beyond(protocol)[question.id]
            yield question, question.answer.low - question.answer.step, sides.below
            yield question, question.answer.high + question.answer.step, sides.above


def test_what_a_refused_number_would_mean_is_said_on_the_side_that_a_rule_calls_urgent(shipped):
    levels = []
    for question, value, level in numbers(shipped):
        problem = refused(shipped, {question.id: value})
        assert (level and level.id) == problem.could_reach
        assert (level is not None) == ("if it really is" in problem.message)
        assert level is None or shipped.headline(level, "you") in problem.message
        levels.append(level)

    assert any(levels)


@pytest.mark.parametrize("voice", ["you", "they"])
def test_whoever_types_it_is_told_too_and_asked_again(shipped, voice):
    interview = Interview(shipped, voice=voice)
    for question, value, level in numbers(shipped):
        with pytest.raises(Unclear) as unclear:
            parse_number(f"{value:g}", interview.question(question.id))
        assert (level is not None) == ("If it really is that" in str(unclear.value))
        assert level is None or shipped.headline(level, voice) in str(unclear.value)


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (46, "immediately"),
        (10**400, "immediately"),
        (math.inf, "immediately"),
        (-math.inf, "immediately"),
        ({"value": 120, "unit": "°F"}, "immediately"),
        ({"value": 20, "unit": "℃"}, "immediately"),
        (math.nan, None),
        (True, None),
        ("hot", None),
        ({"value": 46, "unit": "K"}, None),
    ],
)
def test_a_temperature_is_beyond_its_range_in_either_unit(all_targeted, given, level):
    assert level == refused(all_targeted, {"temperature": given}).could_reach


def test_each_side_of_a_number_has_its_own_level(all_targeted):
    """Fewer poos than none are refused too, but no rule makes them urgent."""
    assert refused(all_targeted, {"loose_stools": -1}).could_reach is None
    assert "contact" == refused(all_targeted, {"loose_stools": 61}).could_reach
