"""Answers as they come in, checked and typed: pydantic does the checking, the messages are ours.

In JSON an answer is `true`/`false`, a number in the question's own unit, `{"value": 101.5, "unit": "°F"}`
in another, a choice by its id, or `null` for "don't know". A question that is absent was not asked.
Nothing is clipped, rounded or guessed.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model

from whentocall.errors import AnswerProblem, AnswersError
from whentocall.protocol.conditions import Value
from whentocall.protocol.models import Question
from whentocall.protocol.protocol import Protocol

Given = bool | int | float | str | dict[str, Any] | None
"""One answer in its JSON form."""

_JSON_TYPES = (bool, int, float, str, dict, type(None))


@dataclass(frozen=True, slots=True)
class Answers:
    """Checked answers.

    Attributes:
        values: question id to typed value in the question's own unit; None is "don't know". Questions
            that were not asked are absent.
        given: the same answers in their JSON form, for echoing back.
    """

    values: Mapping[str, Value | None]
    given: Mapping[str, Given]


class _Quantity(BaseModel):
    """A number with its unit."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    value: Annotated[float, Field(strict=True, allow_inf_nan=False)]
    unit: Literal["°C", "°F", "C", "F"]


def check_answers(protocol: Protocol, answers: Mapping[str, object]) -> Answers:
    """Check and type the answers of one person.

    Raises:
        AnswersError: with one problem per answer that is refused.
    """
    if not isinstance(answers, Mapping):
        raise AnswersError([AnswerProblem("answers", "should be a set of questions with their answers")])
    unknown = [_unknown(protocol, one) for one in answers if one not in protocol.questions]
    known = {one: answers[one] for one in protocol.questions if one in answers}
    strange = [one for one, value in known.items() if not isinstance(value, _JSON_TYPES)]
    if strange:  # a Decimal, say, would be rounded, perhaps onto a limit
        raise AnswersError([*unknown, *(_refused(protocol, one, known[one]) for one in strange)])
    try:
        checked = protocol.once(answers_model).model_validate(known)
    except ValidationError as error:
        raise AnswersError([*unknown, *_problems(protocol, known, error)]) from None
    if unknown:
        raise AnswersError(unknown)
    names = protocol.once(_field_names)
    given = {one: getattr(checked, names[one]) for one in known}
    return Answers(
        MappingProxyType({one: _plain(value) for one, value in given.items()}),
        MappingProxyType({one: _echo(protocol.questions[one], value) for one, value in given.items()}),
    )


def answers_model(protocol: Protocol) -> type[BaseModel]:
    """The pydantic model of a protocol's answers: one optional, nullable field per question."""
    names = protocol.once(_field_names)
    fields: dict[str, Any] = {
        names[question.id]: (
            _type_of(question) | None,
            Field(default=None, alias=question.id, title=question.short.you, description=question.you),
        )
        for question in protocol.questions.values()
    }
    config = ConfigDict(extra="forbid", frozen=True, title=f"Answers to {protocol.id}")
    return create_model("Answers", __config__=config, **fields)


def _field_names(protocol: Protocol) -> Mapping[str, str]:
    """Question id to the name of its field: a pydantic model has names of its own, which ids may be too."""
    return MappingProxyType({one: f"answer_{place}" for place, one in enumerate(protocol.questions)})


def answers_schema(protocol: Protocol) -> str:
    """JSON Schema of a protocol's answers, as JSON text."""
    schema = protocol.once(answers_model).model_json_schema()
    return json.dumps(schema, ensure_ascii=False, indent=2)


def _type_of(question: Question) -> Any:
    answer = question.answer
    match answer.kind:
        case "yes-no":
            return Annotated[bool, Field(strict=True)]
        case "one-of":
            return Literal[tuple(str(option) for option in question.options)]
        case "temperature":
            plain = Annotated[float, Field(strict=True, ge=answer.low, le=answer.high, allow_inf_nan=False)]
            return plain | Annotated[_Quantity, AfterValidator(_in_unit(question))]
    # a whole number; 4.0 is one, as JSON Schema's "integer" says
    whole = Annotated[int, Field(strict=True, ge=answer.low, le=answer.high)]
    as_float = Annotated[
        float,
        Field(strict=True, ge=answer.low, le=answer.high, json_schema_extra={"multipleOf": 1}),
        AfterValidator(_whole),
    ]
    return whole | as_float


def _whole(value: float) -> int:
    """4 for 4.0; pydantic's own `multiple_of` lets 3.9999999999 pass."""
    if not value.is_integer():
        raise ValueError("not a whole number")
    return int(value)


def _in_unit(question: Question) -> Any:
    """A validator that converts a temperature into the question's unit and checks the range there."""
    low, high, own = question.answer.low, question.answer.high, question.answer.unit

    def convert(quantity: _Quantity) -> _Converted:
        value = convert_temperature(quantity.value, quantity.unit, own)
        if not low <= value <= high:
            raise ValueError("out of range")
        return _Converted(value=quantity.value, unit=_sign(quantity.unit), own=value)

    return convert


class _Converted(BaseModel):
    """A temperature as given, with its value in the question's own unit."""

    model_config = ConfigDict(frozen=True)

    value: float
    unit: str
    own: float


def convert_temperature(value: float, unit: str, into: str) -> float:
    """A temperature in another unit (`°C`, `°F`), exact to the last bit of a float.

    99.5 °F is exactly 37.5 °C, and no value between two limits changes sides.
    """
    exact = Fraction(str(value))
    if _sign(unit) == into:
        return float(value)
    converted = (exact - 32) * 5 / 9 if into == "°C" else exact * 9 / 5 + 32
    return float(converted)


def _sign(unit: str) -> str:
    return unit if unit.startswith("°") else f"°{unit}"


def _plain(value: Any) -> Value | None:
    if isinstance(value, _Converted):
        return value.own
    return value  # type: ignore[no-any-return]


def _echo(question: Question, value: Any) -> Given:
    if isinstance(value, _Converted):
        if value.unit != question.answer.unit:
            return {"value": _short(value.value), "unit": value.unit}
        return _short(value.own)
    return _short(value) if isinstance(value, float) else value


def _short(value: float) -> int | float:
    """37 for 37.0, so that 37 and 37.0 are echoed alike."""
    return int(value) if value == int(value) else value


MAX_JSON = 1_000_000


def answers_from_json(text: str | bytes) -> dict[str, object]:
    """The answers in a JSON text, not checked yet.

    Raises:
        AnswersError: it is not JSON, not an object, too large, or says something twice. `NaN` and
            `Infinity`, which are not JSON, are refused too.
    """
    if len(text) > MAX_JSON:
        raise _not_answers(f"there are {len(text):,} bytes; answers have at most {MAX_JSON:,}")
    try:
        found = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except _Refused as refused:
        raise _not_answers(str(refused)) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _not_answers(f"this is not JSON ({error.msg}, {where})") from None
    except RecursionError:
        raise _not_answers("this is nested too deeply") from None
    except ValueError:  # not UTF-8, or a number of thousands of digits
        raise _not_answers("this cannot be read as JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise _not_answers('there should stand an object, such as {"headache": true}')
    return found


class _Refused(ValueError):
    """JSON that says something twice, or something that is not JSON."""


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _Refused(f"{key!r} stands there twice: keep one of them")
        found[key] = value
    return found


def _no_constant(name: str) -> object:
    raise _Refused(f"{name} is not a number that can be an answer")


def _not_answers(message: str) -> AnswersError:
    return AnswersError([AnswerProblem("answers", message)])


def _problems(
    protocol: Protocol, answers: Mapping[str, object], error: ValidationError
) -> list[AnswerProblem]:
    refused = dict.fromkeys(str(one["loc"][0]) for one in error.errors(include_url=False))
    return [_refused(protocol, one, answers[one]) for one in refused]


def _refused(protocol: Protocol, one: str, value: object) -> AnswerProblem:
    return AnswerProblem(one, f"{_shown(value)} is not {expected(protocol.questions[one])}")


def _unknown(protocol: Protocol, one: object) -> AnswerProblem:
    """Somebody's answer to a question that is not there."""
    name = one if isinstance(one, str) and one.isprintable() else _shown(one)
    near = difflib.get_close_matches(name, protocol.questions, 1)
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
            other = "°F" if answer.unit == "°C" else "°C"
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
    return text if len(text) <= 60 else f"{text[:57]}..."
