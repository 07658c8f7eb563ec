"""One item of a response as one answer: what is not understood is refused or not known, never passed over."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal

from whentocall.engine.spelling import unit_of
from whentocall.fhir import names
from whentocall.fhir.displays import contradicts
from whentocall.fhir.elements import absent_reasons, check_element
from whentocall.fhir.names import Json
from whentocall.fhir.refusals import Refused, is_object, shown
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol


class Silence(Enum):
    """That a question was not asked; not None, which is an answer: "don't know"."""

    NOT_ASKED = "not asked"


NOT_ASKED: Literal[Silence.NOT_ASKED] = Silence.NOT_ASKED
Answer = bool | int | float | str | dict[str, object] | None
"""An answer as `advise` takes it."""

_VALUE_OF = {
    "yes-no": "valueCoding",
    "one-of": "valueCoding",
    "temperature": "valueQuantity",
    "whole-number": "valueInteger",
    "days": "valueInteger",
}
_MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {  # the one without which nothing is said stands first
        "valueCoding": ("code", "system", "version", "display", "userSelected"),
        "valueQuantity": ("value", "comparator", "unit", "system", "code"),
        "valueInteger": (),
    }
)
_NOT_TEXT = ("userSelected", "value")
_BOTH = "there is an answer, and a reason why there is none ({reason}): send one of them"
_UCUM_UNITS: Mapping[str, str] = {code: unit for unit, code in names.UCUM_OF.items()}


def read_answer(
    protocol: Protocol, question: Question, item: Json | None, box: Json | None
) -> Answer | Literal[Silence.NOT_ASKED]:
    """The answer to one question.

    Args:
        protocol: the question's protocol.
        question: what was asked.
        item: the question's own item, if the response has it.
        box: the item beside a number that says "I don't know", if the response has it.

    Raises:
        Refused: it cannot be understood, or says two things.
    """
    ticked = box is not None and _is_ticked(box)
    if item is None:
        return None if ticked else NOT_ASKED
    answer = _read(protocol, question, item)
    if ticked and answer not in (None, NOT_ASKED):
        raise Refused("this was answered, and marked as not known as well: send one of them")
    return None if ticked else answer


def _is_ticked(box: Json) -> bool:
    value, reason = _said(box, "valueCoding")
    if value is None:
        return reason is not None and reason != names.NOT_ASKED
    if _absent_code(value) is None:
        system = f", not a code of {shown(value.get('system'))}" if is_object(value) else ""
        raise Refused(f"this can only say that the answer is not known, by {names.ABSENT_SYSTEM}{system}")
    return _absent_code(value) != names.NOT_ASKED


def _read(protocol: Protocol, question: Question, item: Json) -> Answer | Literal[Silence.NOT_ASKED]:
    value, reason = _said(item, _VALUE_OF[question.answer.kind])
    if value is None:
        return NOT_ASKED if reason == names.NOT_ASKED else None
    match question.answer.kind:
        case "yes-no" | "one-of":
            return _choice(protocol, question, value)
        case "temperature":
            return _temperature(question, value)
    return _number(value)


def _said(item: Json, key: str) -> tuple[Any, str | None]:
    """The value of an item's one answer (None: there is none), and why it is absent, if that is said."""
    answers = item.get("answer", [])
    if not isinstance(answers, list):
        raise Refused(f"{shown(answers)} should be a list with one answer")
    if not answers:
        return None, _first_reason(item)
    if len(answers) > 1:
        raise Refused(f"there are {len(answers)} answers: send one")
    (answer,) = answers
    if not is_object(answer):
        raise Refused(f"{shown(answer)} is not an answer: it should be an object with '{key}'")
    given = [one for one in answer if one.lstrip("_").startswith("value")]
    if wrong := [one for one in given if one.lstrip("_") != key]:
        raise Refused(f"{shown(wrong[0])} does not answer this question: send '{key}'")
    check_element(answer, (key,), ("item",))
    value = answer.get(key)
    reason = _first_reason(item, answer, value)
    if is_object(value):
        _check_value(value, _MEMBERS[key])
        value = None if _is_empty(value, _MEMBERS[key], reason) else value
    if value is not None and reason is not None:
        raise Refused(_BOTH.format(reason=shown(reason)))
    return value, reason


def _first_reason(*elements: object) -> str | None:
    """Why there is no answer. "Not asked" only where nothing says that it was."""
    reasons = [one for element in elements for one in absent_reasons(element)]
    return min(reasons, key=lambda one: one == names.NOT_ASKED, default=None)


def _check_value(value: Mapping[str, object], members: tuple[str, ...]) -> None:
    check_element(value, members)
    for one in members:
        if not (value.get(one) is None or one in _NOT_TEXT or isinstance(value[one], str)):
            raise Refused(f"its '{one}' is {shown(value[one])}: it should be text")


def _is_empty(value: Mapping[str, object], members: tuple[str, ...], reason: str | None) -> bool:
    """Whether a value says nothing. With a reason for it, its unit or the like may be there without it."""
    if reason is not None and members and value.get(members[0]) is None:
        return True
    return not any(one in value for one in members)


def _absent_code(coding: object) -> str | None:
    """The code, if this says that an answer is not known."""
    if is_object(coding) and coding.get("system") == names.ABSENT_SYSTEM:
        code = coding.get("code")
        return str(code) if code in names.ABSENT_CODES else None
    return None


def _choice(protocol: Protocol, question: Question, coding: object) -> Answer | Literal[Silence.NOT_ASKED]:
    if not is_object(coding):
        raise Refused(f"{shown(coding)} is not a coding: send one of the choices with its system and code")
    system, code = coding.get("system"), coding.get("code")
    _check_system(protocol, question, system)
    absent = _absent_code(coding)
    if contradicts(question, coding.get("display"), None if absent else code):
        raise Refused(f"{shown(code)} stands beside {shown(coding['display'])}, which is another answer")
    if absent is not None:
        return NOT_ASKED if absent == names.NOT_ASKED else None
    if question.answer.kind == "yes-no":
        if system == names.YES_NO_SYSTEM and code in (names.YES, names.NO):
            return bool(code == names.YES)
    elif system != names.ABSENT_SYSTEM and isinstance(code, str) and code in question.options:
        return code
    raise Refused(f"{shown(code)} of {shown(system)} is not one of the choices of this question")


def _check_system(protocol: Protocol, question: Question, system: object) -> None:
    """Refuse a code of a system that nobody here knows, by the system's name: its codes may mean anything."""
    if question.answer.kind == "yes-no":
        wanted, is_own = names.YES_NO_SYSTEM, system == names.YES_NO_SYSTEM
    else:
        own = names.choice_system(protocol.id, question.id, "")
        wanted, is_own = f"one that ends in '{own}'", str(system).endswith(own)
    if is_own or system == names.ABSENT_SYSTEM:
        return
    what = (
        "there is no 'system' with the code"
        if system is None
        else f"codes of {shown(system)} are not known here"
    )
    raise Refused(f"{what}: send {wanted}, or {names.ABSENT_SYSTEM} for what is not known")


def _number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{shown(value)} is not a number")
    return value


def _temperature(question: Question, quantity: object) -> Answer:
    """A temperature in the unit it was given in, to the last digit; a plain number in the question's own."""
    if not is_object(quantity):
        raise Refused(f"{shown(quantity)} is not a quantity: send its value, unit, system and code")
    if quantity.get("comparator") is not None:
        raise Refused(f"{shown(quantity['comparator'])} is not a temperature: send the number itself")
    if quantity.get("value") is None:
        return None
    value, unit = _number(quantity["value"]), _unit(quantity)
    return value if unit == question.answer.unit else {"value": value, "unit": unit}


def _unit(quantity: Mapping[str, object]) -> str:
    """°C or °F, by UCUM code; by what people write only where no code says otherwise.

    Raises:
        Refused: there is no unit, it is another one, or two units are named.
    """
    system, code, written = (quantity.get(one) for one in ("system", "code", "unit"))
    if system not in (None, names.UCUM):
        raise Refused(f"units of {shown(system)} are not understood: send '{names.UCUM}'")
    if system is not None and code is None:
        raise Refused("the unit has a system, and no code: send 'Cel' or '[degF]'")
    known = _UCUM_UNITS.get if system else unit_of
    said = [known(code) if isinstance(code, str) else None] if code is not None else []
    by_hand = unit_of(written) if isinstance(written, str) else None
    if by_hand or not said:
        said.append(by_hand)
    if None in said or len(set(said)) != 1:
        raise Refused(
            f"its unit, {shown(code if code is not None else written)}, is not known for sure: send °C or °F"
        )
    return str(said[0])
