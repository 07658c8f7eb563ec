"""Conditions as English sentences, so exact that a clinician can sign them.

Lists use semicolons, and a list within a list stands in brackets, so no "and" or "or" is open to doubt.
"""

from __future__ import annotations

from whentocall.engine.phrasing import limit_words
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Condition, Op, Test
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def rule_words(protocol: Protocol, condition: Condition) -> str:
    """The condition as a sentence without a full stop: `More than 3 days with diarrhoea`."""
    return _capital(_words(protocol, condition))


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


def count_words(count: int) -> str:
    """A small count in letters, a larger one in digits."""
    return _COUNTS[count] if count < len(_COUNTS) else str(count)


def _words(protocol: Protocol, condition: Condition, *, inside: bool = False) -> str:
    match condition:
        case Test():
            return _test(protocol.questions[condition.question], condition)
        case AnyOf(parts) if values := _choices(protocol, parts):
            question = protocol.questions[_question_of(parts)]
            listed = " or ".join(f"“{one}”" for one in values)
            return f"the answer to “{question.short.you}” is {listed}"
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
    one = test.value == 1 and test.op is Op.IS
    return f"the number for “{about}” is exactly 1" if one else f"{limit} {lower_first(about)}"


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


def _question_of(parts: tuple[Condition, ...]) -> str:
    first = parts[0]
    assert isinstance(first, Test)
    return first.question


def lower_first(text: str) -> str:
    """The text as it stands inside a sentence; an abbreviation keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
