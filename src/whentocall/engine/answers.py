"""Answers as they come in, checked and typed: pydantic does the checking, the messages are ours.

In JSON an answer is `true`/`false`, a number in the question's own unit, `{"value": 101.5, "unit": "°F"}`
in another, a choice by its id, or `null` for "don't know". Any of them may be written as text, which
`reader` reads. A question that is absent was not asked. Nothing is clipped, rounded or guessed.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from whentocall.engine.echo import Echo
from whentocall.engine.natives import JSON_TYPES, native_answers
from whentocall.engine.out_of_range import beyond
from whentocall.engine.reader import Unreadable, Why, exact, read_text
from whentocall.engine.spelling import Given, unit_of
from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.errors import AnswerProblem, AnswersError
from whentocall.protocol.conditions import Value
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.strict_json import BadJson, read_object

if TYPE_CHECKING:
    from pydantic import TypeAdapter


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
    said: Mapping[str, object] = answers
    if not (_TEXTS.issuperset(map(type, answers)) and _SIMPLE.issuperset(map(type, answers.values()))):
        answers = native_answers(answers)
        said = {question: given if _is_json(given) else _NEVER for question, given in answers.items()}
    try:
        checked = protocol.once(answers_model).validator.validate_python(said)
    except ValueError as error:  # pydantic's ValidationError, which need not be imported to be caught
        raise AnswersError(_problems(protocol, answers, error)) from None
    values, given = {}, {}
    for question_id in protocol.once(_numbers):
        value = checked.get(question_id)
        if value is not None and type(value) is not int:
            values[question_id], given[question_id] = _number(protocol.questions[question_id], value)
    return Answers(Echo({**checked, **values}), Echo({**checked, **given}))


_TEXTS: frozenset[type] = frozenset((str,))
_SIMPLE = JSON_TYPES - {dict}
_NEVER = ()
"""What no question takes: for what JSON has no type for, such as a Decimal that a float would round."""


def _is_json(given: object) -> bool:
    parts = given.values() if isinstance(given, dict) else (given,)
    return all(type(part) in JSON_TYPES for part in parts)


_NO_ANSWERS = Answers(Echo(), Echo())


def answers_model(protocol: Protocol) -> TypeAdapter[dict[str, Any]]:
    """The pydantic type of a protocol's answers: each question optional, and nullable."""
    from whentocall.engine.answers_model import typed_answers  # noqa: PLC0415  pydantic is slow to import

    return typed_answers(protocol)


def answers_schema(protocol: Protocol) -> str:
    """JSON Schema of a protocol's answers, as JSON text."""
    return json.dumps(protocol.once(answers_model).json_schema(), ensure_ascii=False, indent=2)


def _numbers(protocol: Protocol) -> tuple[str, ...]:
    return tuple(question.id for question in protocol.questions.values() if question.answer.is_number)


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
    refused = {fault["loc"][:1] for fault in error.errors(include_url=False, include_context=False)}
    return unknown + [
        _refused(protocol, question_id, answers[question_id])
        for question_id in protocol.questions
        if (question_id,) in refused
    ]


def _refused(protocol: Protocol, question_id: str, value: object) -> AnswerProblem:
    question = protocol.questions[question_id]
    message = f"{_shown(value)} is not {expected(question)}"
    meant = value
    try:
        meant = _meant(question, value)
    except Unreadable as unreadable:
        if unreadable.why is Why.TOO_EXACT and question.answer.kind == "temperature":
            message = f"{_shown(value)} has more digits than can be kept: it should be {expected(question)}"
    side = _side(question, meant)
    level = getattr(protocol.once(beyond)[question_id], side) if side else None
    if level is None:
        return AnswerProblem(question_id, message)
    headline = protocol.headline(level, "you")
    if_true = f"if it really is {side} that range, the advice is '{level.id}': {headline}"
    return AnswerProblem(question_id, f"{message}; {if_true}", level.id)


def _meant(question: Question, value: object) -> object:
    """What a refused value says: a text read, any other as it is.

    Raises:
        Unreadable: the text is no answer, or a number is not one that a float can hold.
    """
    if isinstance(value, str):
        return read_text(question, value)
    number = value.get("value") if isinstance(value, dict) else value
    if isinstance(number, float | Decimal):
        exact(str(number))
    return value


def _side(question: Question, value: object) -> Literal["below", "above"] | None:
    """On which side of its range a number is; None for anything else."""
    answer, unit, number = question.answer, question.answer.unit, value
    if isinstance(value, dict):
        number, unit = value.get("value"), unit_of(str(value.get("unit"))) or ""
    if isinstance(number, Decimal) and not number.is_finite():
        return None
    is_number = isinstance(number, int | float | Decimal) and not isinstance(number, bool)
    if not (answer.is_number and is_number) or (answer.unit and not unit):
        return None
    low, high = answer.low, answer.high
    if unit != answer.unit:
        low, high = (convert_temperature(end, answer.unit, unit) for end in (low, high))
    assert isinstance(number, int | float | Decimal)
    return "below" if number < low else "above" if number > high else None


_HINTS = 20  # each takes its time, and nobody misspells more


def _unknown(protocol: Protocol, answers: Iterable[object]) -> list[AnswerProblem]:
    """Somebody's answers to questions that are not there."""
    strange = [name for name in answers if name not in protocol.questions]
    return [_no_such(protocol, name, hinted=place < _HINTS) for place, name in enumerate(strange)]


def _no_such(protocol: Protocol, key: object, *, hinted: bool) -> AnswerProblem:
    name = key if isinstance(key, str) and key.isprintable() else _shown(key)
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
        text = str(value) if isinstance(value, float | Decimal) else repr(value)
    except ValueError:  # an integer too long to be printed
        text = "a number of thousands of digits"
    except RecursionError:
        text = "what is nested so deeply"
    return text if len(text) <= 60 else f"{text[:57]}..."
