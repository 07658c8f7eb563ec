"""Answers as they come in, checked and typed: pydantic does the checking, the messages are ours.

In JSON an answer is `true`/`false`, a number in the question's own unit, `{"value": 101.5, "unit": "°F"}`
in another, a choice by its id, or `null` for "don't know". A question that is absent was not asked.
Nothing is clipped, rounded or guessed.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from whentocall.engine.beyond import beyond
from whentocall.engine.echo import Echo
from whentocall.engine.spelling import unit_of
from whentocall.errors import AnswerProblem, AnswersError
from whentocall.protocol.conditions import Value
from whentocall.protocol.models import Question
from whentocall.protocol.protocol import Protocol
from whentocall.strict_json import BadJson, read_object

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Given = bool | int | float | str | dict[str, Any] | None
"""One answer in its JSON form."""

_JSON_TYPES: frozenset[type] = frozenset((bool, int, float, str, dict, type(None)))


class Answers(NamedTuple):
    """Checked answers.

    Attributes:
        values: question id to typed value in the question's own unit; None is "don't know". Questions
            that were not asked are absent.
        given: the same answers in their JSON form, for echoing back.
    """

    values: Mapping[str, Value | None]
    given: Mapping[str, Given]


def check_answers(protocol: Protocol, answers: Mapping[str, object]) -> Answers:
    """Check and type the answers of one person.

    Raises:
        AnswersError: with one problem per answer that is refused.
    """
    if type(answers) is not dict:
        if not isinstance(answers, Mapping):
            raise AnswersError([AnswerProblem("answers", "should be a set of questions with their answers")])
        answers = dict(answers)
    if not answers:
        return _NO_ANSWERS
    if not _PLAIN.issuperset(map(type, answers)) or dict in map(type, answers.values()):
        answers = _plain_keys(answers)
    if not _JSON_TYPES.issuperset(map(type, answers.values())):
        _refuse_strange(protocol, answers)
    try:
        checked = protocol.once(answers_model).validator.validate_python(answers)
    except ValueError as error:  # pydantic's ValidationError, which need not be imported to be caught
        raise AnswersError(_problems(protocol, answers, error)) from None
    values, given = {}, {}
    for one in protocol.once(_numbers):
        value = checked.get(one)
        if value is not None and type(value) is not int:
            values[one], given[one] = _number(protocol.questions[one], value)
    return Answers(MappingProxyType({**checked, **values}), MappingProxyType({**checked, **given}))


_PLAIN: frozenset[type] = frozenset((str,))


def _plain_keys(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers under plain texts, in quantities too. A key that only looks like another would be skipped.

    Raises:
        AnswersError: two keys are the same text.
    """
    plain: dict[str, Any] = {}
    for one, given in answers.items():
        key = str.__str__(one) if isinstance(one, str) else one
        if key in plain:
            raise AnswersError([AnswerProblem(str(key)[:60], "stands there twice: keep one of them")])
        plain[key] = _plain_keys(given) if isinstance(given, dict) else given
    return plain


_NO_ANSWERS = Answers(MappingProxyType({}), MappingProxyType({}))


def answers_model(protocol: Protocol) -> TypeAdapter[dict[str, Any]]:
    """The pydantic type of a protocol's answers: each question optional, and nullable."""
    from whentocall.engine.answers_model import typed_answers  # noqa: PLC0415  pydantic is slow to import

    return typed_answers(protocol)


def answers_schema(protocol: Protocol) -> str:
    """JSON Schema of a protocol's answers, as JSON text."""
    return json.dumps(protocol.once(answers_model).json_schema(), ensure_ascii=False, indent=2)


def _numbers(protocol: Protocol) -> tuple[str, ...]:
    return tuple(one.id for one in protocol.questions.values() if one.answer.is_number)


def _number(question: Question, value: Any) -> tuple[int | float, Given]:
    """A number as checked: its value in the question's own unit, and how it is given back."""
    if isinstance(value, int | float):
        plain = float(value) if question.answer.kind == "temperature" else int(value)
        return plain, _short(plain)
    if value.unit != question.answer.unit:
        return value.own, Echo({"value": _short(value.value), "unit": value.unit})
    return value.own, _short(value.own)


def _short(value: float) -> int | float:
    """37 for 37.0, so that 37 and 37.0 are echoed alike."""
    return int(value) if value == int(value) else value


def convert_temperature(value: float, unit: str, into: str) -> float:
    """A temperature in another unit (`°C`, `°F`), exact to the last bit of a float.

    99.5 °F is exactly 37.5 °C, and no value between two limits changes sides. What no float can hold is
    infinite, which no question takes.
    """
    exact = Fraction(str(value))
    if degrees(unit) == into:
        return float(value)
    converted = (exact - 32) * 5 / 9 if into == "°C" else exact * 9 / 5 + 32
    try:
        return float(converted)
    except OverflowError:
        return math.inf if converted > 0 else -math.inf


def degrees(unit: str) -> str:
    """`°C` for `C`: a unit as it is written everywhere."""
    return unit if unit.startswith("°") else f"°{unit}"


def other_unit(own: str) -> str:
    """The unit that a temperature may be in beside the question's own."""
    return "°F" if own == "°C" else "°C"


MAX_JSON = 1_000_000
MAX_DEPTH = 8  # an answer has two at the most


def answers_from_json(text: str | bytes) -> dict[str, object]:
    """The answers in a JSON text, not checked yet.

    Raises:
        AnswersError: it is not JSON, not an object, too large, or says something twice. `NaN` and
            `Infinity`, which are not JSON, are refused too.
    """
    try:
        return read_object(text, most=MAX_JSON, deepest=MAX_DEPTH, example='{"headache": true}')
    except BadJson as bad:
        raise AnswersError([AnswerProblem("answers", str(bad))]) from None


def _problems(protocol: Protocol, answers: Mapping[str, object], error: Any) -> list[AnswerProblem]:
    """What is wrong with answers that pydantic refused: unknown questions, then refused answers."""
    unknown = _unknown(protocol, answers)
    refused = {one["loc"][:1] for one in error.errors(include_url=False, include_context=False)}
    return unknown + [
        _refused(protocol, one, answers[one]) for one in protocol.questions if (one,) in refused
    ]


def _refuse_strange(protocol: Protocol, answers: Mapping[str, object]) -> None:
    """Refuse what is of no type that JSON has: a Decimal, say, would be rounded, perhaps onto a limit."""
    strange = [one for one, value in answers.items() if not isinstance(value, tuple(_JSON_TYPES))]
    unknown = _unknown(protocol, answers)
    refused = [_refused(protocol, one, answers[one]) for one in protocol.questions if one in strange]
    if refused:
        raise AnswersError([*unknown, *refused])


def _refused(protocol: Protocol, one: str, value: object) -> AnswerProblem:
    question = protocol.questions[one]
    message = f"{_shown(value)} is not {expected(question)}"
    side = _side(question, value)
    level = getattr(protocol.once(beyond)[one], side) if side else None
    if level is None:
        return AnswerProblem(one, message)
    headline = protocol.headline(level, "you")
    if_true = f"if it really is {side} that range, the advice is '{level.id}': {headline}"
    return AnswerProblem(one, f"{message}; {if_true}", level.id)


def _side(question: Question, value: object) -> Literal["below", "above"] | None:
    """On which side of its range a number is; None for anything else."""
    answer, unit, number = question.answer, question.answer.unit, value
    if isinstance(value, dict):
        number, unit = value.get("value"), unit_of(str(value.get("unit"))) or ""
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    if not (answer.is_number and is_number) or (answer.unit and not unit):
        return None
    low, high = answer.low, answer.high
    if unit != answer.unit:
        low, high = (convert_temperature(end, answer.unit, unit) for end in (low, high))
    assert isinstance(number, int | float)
    return "below" if number < low else "above" if number > high else None


_HINTS = 20  # each takes its time, and nobody misspells more


def _unknown(protocol: Protocol, answers: Iterable[object]) -> list[AnswerProblem]:
    """Somebody's answers to questions that are not there."""
    strange = [one for one in answers if one not in protocol.questions]
    return [_no_such(protocol, one, hinted=place < _HINTS) for place, one in enumerate(strange)]


def _no_such(protocol: Protocol, one: object, *, hinted: bool) -> AnswerProblem:
    name = one if isinstance(one, str) and one.isprintable() else _shown(one)
    near = difflib.get_close_matches(name[:60], protocol.questions, 1) if hinted else []
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return AnswerProblem(name[:60], f"'{protocol.id}' has no such question{hint}")


def expected(question: Question) -> str:
    """What an answer to the question should be, in words."""
    answer = question.answer
    match answer.kind:
        case "yes-no":
            return "true, false or null (don't know)"
        case "one-of":
            return f"one of {', '.join(question.options)}, or null (don't know)"
        case "temperature":
            other = other_unit(answer.unit)
            low, high = (convert_temperature(end, answer.unit, other) for end in (answer.low, answer.high))
            return (
                f"a temperature from {answer.low:g} to {answer.high:g} {answer.unit} "
                f'(or, with "unit": "{other}", from {low:g} to {high:g}), or null (don\'t know)'
            )
    return f"a whole number from {answer.low:g} to {answer.high:g}, or null (don't know)"


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer too long to be printed
        text = "a number of thousands of digits"
    except RecursionError:
        text = "what is nested so deeply"
    return text if len(text) <= 60 else f"{text[:57]}..."
