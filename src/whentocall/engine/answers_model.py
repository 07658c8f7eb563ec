"""The pydantic type of a protocol's answers. The only module that checks answers with pydantic.

It is imported with the first answer that is to be checked, because pydantic is slow to import and the first
question of an interview has none.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

from whentocall.engine.reader import MAX_LENGTH, read_text
from whentocall.engine.spelling import unit_of
from whentocall.engine.temperature import convert_temperature
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol


def _unit(text: str) -> str:
    unit = unit_of(text)
    if unit is None:
        raise ValueError("unknown unit")
    return unit


class Quantity(BaseModel):
    """A number with its unit."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    value: Annotated[float, Field(strict=True, allow_inf_nan=False)]
    unit: Annotated[
        str,
        Field(min_length=1, max_length=MAX_LENGTH, description="°C or °F, in any usual spelling"),
        AfterValidator(_unit),
    ]


class Converted(BaseModel):
    """A temperature as given, with its value in the question's own unit."""

    model_config = ConfigDict(frozen=True)

    value: float
    unit: str
    own: float


def typed_answers(protocol: Protocol) -> TypeAdapter[dict[str, Any]]:
    """One key for each question, none of them required; unknown keys are refused."""
    fields = {
        question.id: NotRequired[
            Annotated[_type_of(question) | None, Field(title=question.short.you, description=question.you)]
        ]
        for question in protocol.questions.values()
    }
    make: Any = TypedDict  # whose fields type checkers want written out
    answers = make("Answers", fields)
    answers.__pydantic_config__ = ConfigDict(extra="forbid", title=f"Answers to {protocol.id}")
    return TypeAdapter(answers)


def _type_of(question: Question) -> Any:
    """An answer in its JSON form, or as text. The text stands last: nothing else waits for it."""
    return (
        _plain_type_of(question)
        | Annotated[
            str,
            Field(min_length=1, max_length=MAX_LENGTH, description=_AS_TEXT),
            AfterValidator(_from_text(question)),
        ]
    )


_AS_TEXT = "The same as somebody writes it, such as TRUE or 38,6 °C. What is not understood is refused."


def _plain_type_of(question: Question) -> Any:
    answer = question.answer
    match answer.kind:
        case "yes-no":
            return Annotated[bool, Field(strict=True)]
        case "one-of":
            return Literal[tuple(str(option) for option in question.options)]
        case "temperature":
            plain = Annotated[float, Field(strict=True, ge=answer.low, le=answer.high, allow_inf_nan=False)]
            return plain | Annotated[Quantity, AfterValidator(_in_unit(question))]
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

    def convert(quantity: Quantity) -> Converted:
        value = convert_temperature(quantity.value, quantity.unit, own)
        if not low <= value <= high:
            raise ValueError("out of range")
        return Converted(value=quantity.value, unit=quantity.unit, own=value)

    return convert


def _from_text(question: Question) -> Any:
    """A validator that reads a text, and takes what it says as the same answer in its JSON form is taken."""
    typed = TypeAdapter(_plain_type_of(question) | None)

    def read(text: str) -> Any:
        return typed.validate_python(read_text(question, text))

    return read
