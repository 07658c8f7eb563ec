"""Answers and comparisons in words."""

from __future__ import annotations

from whentocall.engine.spelling import Given
from whentocall.protocol.conditions import Op, Test
from whentocall.protocol.model import Question
from whentocall.protocol.wording import Voice

DONT_KNOW = "not known"


def answer_words(question: Question, given: Given, voice: Voice) -> str:
    """An answer as the person would read it back: `yes`, `38.6 °C`, `4`."""
    match given:
        case None:
            return DONT_KNOW
        case bool():
            return _yes_no(given)
        case dict():
            return f"{given['value']:g} {given['unit']}"
        case str():
            return question.options[given].to(voice)
    unit = question.answer.unit
    if question.answer.kind == "temperature":
        return f"{round(given, 2)} {unit}"
    return f"{given:g}"


def _yes_no(value: bool) -> str:  # noqa: FBT001  the value is what it is about
    return "yes" if value else "no"


def limit_words(test: Test, question: Question) -> str:
    """A comparison as part of a sentence: `above 37.5 °C`, `4 or more`, `more than 3`."""
    if isinstance(test.value, bool | str):
        return question.options[test.value].you if isinstance(test.value, str) else _yes_no(test.value)
    value = f"{test.value:g}"
    if unit := question.answer.unit:
        value = f"{value} {unit}"
    warm = question.answer.kind == "temperature"
    match test.op:
        case Op.ABOVE:
            return f"above {value}" if warm else f"more than {value}"
        case Op.BELOW:
            return f"below {value}" if warm else f"fewer than {value}"
        case Op.AT_LEAST:
            return f"to {value} or above" if warm else f"{value} or more"
        case Op.AT_MOST:
            return f"to {value} or below" if warm else f"{value} or fewer"
        case Op.IS:
            return f"to exactly {value}" if warm else f"exactly {value}"


def failed_words(test: Test, question: Question, given: Given, voice: Voice) -> str:
    """Why a known answer fails a comparison: `37.4 °C is not above 37.5 °C`."""
    answer = answer_words(question, given, voice)
    if isinstance(test.value, bool):
        return f"the answer to '{question.short.to(voice)}' is {answer}"
    return f"{answer} is not {limit_words(test, question).removeprefix('to ')}"


def watch_words(test: Test, question: Question, voice: Voice) -> str:
    """What would have to happen for a comparison to hold, as part of a sentence."""
    if question.watch is None or test.value is False:
        return f"the answer changes to '{limit_words(test, question)}' for: {question.short.to(voice)}"
    return question.watch.to(voice).replace("{limit}", limit_words(test, question))
