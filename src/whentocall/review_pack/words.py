"""What a protocol says, in words: conditions so exact that a clinician can sign them, answers, cases, dates.

In conditions lists use semicolons, and a list within a list is in brackets, so no "and" or "or" is open to
doubt.
"""

from __future__ import annotations

from datetime import date

from whentocall._text import capital, lower_first
from whentocall.authoring.cases import written
from whentocall.engine.phrasing import limit_words
from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Condition, Op, Test
from whentocall.protocol.model import Case, Question
from whentocall.protocol.protocol import Protocol

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# Not from the locale: the pack is the same on every machine.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day_words(day: date) -> str:
    """A date that reads the same in every country: `21 November 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def count_words(count: int) -> str:
    """A small count in letters, a larger one in digits."""
    return _COUNTS[count] if count < len(_COUNTS) else str(count)


def rule_words(protocol: Protocol, condition: Condition) -> str:
    """The condition as a sentence without a full stop: `More than 3 days with diarrhoea`."""
    return capital(_words(protocol, condition))


def short_words(protocol: Protocol, condition: Condition) -> str:
    """What the condition asks of its answers, for a picture that shows the questions beside it.

    Empty where it is just a "yes".
    """
    match condition:
        case Test():
            return "" if condition.value is True else _limit(protocol, condition)
        case AllOf(parts):
            return f"all {len(parts)} of these"
        case AnyOf(parts):
            values = _choices(protocol, parts)
            return " or ".join(values) if values else f"any of these {len(parts)}"
        case AtLeast(count, parts):
            return f"at least {count_words(count)} of these {len(parts)}"


def _words(protocol: Protocol, condition: Condition, *, inside: bool = False) -> str:
    match condition:
        case Test():
            return _test(protocol.questions[condition.question], condition)
        case AnyOf((Test(question=name), *_) as parts) if values := _choices(protocol, parts):
            listed = " or ".join(f"“{value}”" for value in values)
            return f"the answer to “{protocol.questions[name].short.you}” is {listed}"
        case AllOf(parts):
            head = "both" if len(parts) == 2 else "all of these"
        case AnyOf(parts):
            head = "either" if len(parts) == 2 else "any of these"
        case AtLeast(count, parts):
            head = f"at least {count_words(count)} of these {count_words(len(parts))}"
    listed = "; ".join(_words(protocol, part, inside=True) for part in parts)
    return f"({head}: {listed})" if inside else f"{head}: {listed}"


def _test(question: Question, test: Test) -> str:
    """One comparison: what the question is about, joined with the limit in the order that English has."""
    about = question.short.you
    if test.value is True:
        return lower_first(about)
    if test.value is False:
        return f"the answer to “{about}” is no"
    limit = limit_words(test, question).removeprefix("to ")
    if isinstance(test.value, str):
        return f"the answer to “{about}” is “{limit}”"
    if question.answer.kind == "temperature":
        return f"{lower_first(about)} {limit}"
    is_one = test.value == 1 and test.op is Op.IS
    return f"the number for “{about}” is exactly 1" if is_one else f"{limit} {lower_first(about)}"


def _limit(protocol: Protocol, test: Test) -> str:
    if test.value is False:
        return "no"
    return limit_words(test, protocol.questions[test.question]).removeprefix("to ")


def _choices(protocol: Protocol, parts: tuple[Condition, ...]) -> tuple[str, ...]:
    """The texts of the choices, where all parts name one choice of the same question; else none."""
    tests = [part for part in parts if isinstance(part, Test) and isinstance(part.value, str)]
    if len(tests) < len(parts) or len({test.question for test in tests}) > 1:
        return ()
    return tuple(limit_words(test, protocol.questions[test.question]) for test in tests)


def kind_words(question: Question) -> str:
    """What may be answered; a temperature in both units."""
    answer = question.answer
    if answer.kind != "temperature":
        return capital(str(answer)) if answer.kind != "one-of" else "One of a list"
    other = other_unit(answer.unit)
    low, high = (convert_temperature(end, answer.unit, other) for end in (answer.low, answer.high))
    return f"Temperature, {answer.low:g} to {answer.high:g} {answer.unit} ({low:g} to {high:g} {other})"


def usual_words(question: Question) -> str:
    """The usual value with its unit; empty if there is none."""
    return "" if question.usual is None else f"{question.usual} {question.answer.unit or ''}".strip()


def given_words(protocol: Protocol, case: Case) -> str:
    """What a case says about its person, as written in the card."""
    answers = []
    for name, raw in written(case).items():
        question = protocol.questions[name]
        option = question.options.get(str(raw))
        is_number = str(raw).replace(".", "").isdigit()
        unit = f" {question.answer.unit}" if is_number and question.answer.unit else ""
        answers.append(f"{question.short.you}: {option.you if option else str(raw)}{unit}")
    listed = "; ".join(answers)
    if case.given is None:
        return f"Only this is asked: {listed}" if listed else "Nothing is asked"
    return listed or "Nothing to report"
