"""One item of a response as one answer: what is not understood is refused or not known, never ignored."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal

from whentocall.engine.spelling import Given, unit_of
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

_VALUE_OF = {
    "yes-no": "valueCoding",
    "one-of": "valueCoding",
    "temperature": "valueQuantity",
    "whole-number": "valueInteger",
    "days": "valueInteger",
}
_MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {  # first the one without which nothing is said
        "valueCoding": ("code", "system", "version", "display", "userSelected"),
        "valueQuantity": ("value", "comparator", "unit", "system", "code"),
        "valueInteger": (),
    }
)
_NOT_TEXT = ("userSelected", "value")
_UCUM_UNITS: Mapping[str, str] = {code: unit for unit, code in names.UCUM_OF.items()}


def read_answer(
    protocol: Protocol, question: Question, item: Json | None, box: Json | None
) -> Given | Silence:
    """The answer to one question, as `advise` takes it.

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
        raise Refused("answered, and also marked as not known; send one of them")
    return None if ticked else answer


def _is_ticked(box: Json) -> bool:
    value, reason = _value_of(box, "valueCoding")
    code = reason if value is None else _absent_code(value)
    if value is not None and code is None:
        system = f", not of {shown(value.get('system'))}" if is_object(value) else ""
        raise Refused(f"this takes only a code of {names.ABSENT_SYSTEM}{system}")
    return code not in (None, names.NOT_ASKED)


def _read(protocol: Protocol, question: Question, item: Json) -> Given | Silence:
    value, reason = _value_of(item, _VALUE_OF[question.answer.kind])
    if value is None:
        return NOT_ASKED if reason == names.NOT_ASKED else None
    match question.answer.kind:
        case "yes-no" | "one-of":
            return _choice(protocol, question, value)
        case "temperature":
            return _temperature(question, value)
    return _number(value)


def _value_of(item: Json, key: str) -> tuple[Any, str | None]:
    """The value of an item's one answer (None: there is none), and why it is absent, if that is said."""
    answers = item.get("answer", [])
    if not isinstance(answers, list):
        raise Refused(f"'answer' is {shown(answers)}; expected a list with one answer")
    if not answers:
        return None, _first_reason(item)
    if len(answers) > 1:
        raise Refused(f"there are {len(answers)} answers; send one")
    (answer,) = answers
    if not is_object(answer):
        raise Refused(f"{shown(answer)} is not an answer; expected an object with '{key}'")
    for name in answer:
        if name.lstrip("_").startswith("value") and name.lstrip("_") != key:
            raise Refused(f"{shown(name)} does not answer this question; send '{key}'")
    check_element(answer, (key,), ("item",))
    value = answer.get(key)
    reason = _first_reason(item, answer, value)
    if is_object(value):
        _check_value(value, _MEMBERS[key])
        value = None if _is_empty(value, _MEMBERS[key], reason) else value
    if value is not None and reason is not None:
        raise Refused(
            f"there is an answer, and a reason why there is none ({shown(reason)}); send one of them"
        )
    return value, reason


def _first_reason(*elements: object) -> str | None:
    """Why there is no answer. "Not asked" only where nothing says that it was."""
    reasons = [reason for element in elements for reason in absent_reasons(element)]
    return min(reasons, key=lambda reason: reason == names.NOT_ASKED, default=None)


def _check_value(value: Mapping[str, object], members: tuple[str, ...]) -> None:
    check_element(value, members)
    for name in members:
        if not (value.get(name) is None or name in _NOT_TEXT or isinstance(value[name], str)):
            raise Refused(f"'{name}' is {shown(value[name])}; expected text")


def _is_empty(value: Mapping[str, object], members: tuple[str, ...], reason: str | None) -> bool:
    """Whether a value says nothing. If it gives a reason, its unit or the like may still be there."""
    if reason is not None and members and value.get(members[0]) is None:
        return True
    return not any(name in value for name in members)


def _absent_code(coding: object) -> str | None:
    """The code, if this says that an answer is not known."""
    if is_object(coding) and coding.get("system") == names.ABSENT_SYSTEM:
        code = coding.get("code")
        return str(code) if code in names.ABSENT_CODES else None
    return None


def _choice(protocol: Protocol, question: Question, coding: object) -> Given | Silence:
    if not is_object(coding):
        raise Refused(f"{shown(coding)} is not a coding; send one of the choices with its system and code")
    system, code = coding.get("system"), coding.get("code")
    _check_system(protocol, question, system)
    absent = _absent_code(coding)
    if contradicts(question, coding.get("display"), None if absent else code):
        raise Refused(f"{shown(code)} has the display {shown(coding['display'])}, which is another answer")
    if absent is not None:
        return NOT_ASKED if absent == names.NOT_ASKED else None
    is_yes_no = question.answer.kind == "yes-no"
    meanings = {names.YES: True, names.NO: False} if is_yes_no else {name: name for name in question.options}
    if system != names.ABSENT_SYSTEM and isinstance(code, str) and code in meanings:
        return meanings[code]
    raise Refused(f"{shown(code)} of {shown(system)} is not a choice of this question")


def _check_system(protocol: Protocol, question: Question, system: object) -> None:
    """Refuse a code of an unknown system, by the system's name: its codes may mean anything."""
    if question.answer.kind == "yes-no":
        wanted, is_own = names.YES_NO_SYSTEM, system == names.YES_NO_SYSTEM
    else:
        own = names.choice_system(protocol.id, question.id, "")
        wanted, is_own = f"one that ends in '{own}'", str(system).endswith(own)
    if is_own or system == names.ABSENT_SYSTEM:
        return
    wrong = "there is no 'system' with the code" if system is None else f"unknown code system {shown(system)}"
    raise Refused(f"{wrong}: send {wanted}, or {names.ABSENT_SYSTEM} for what is not known")


def _number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{shown(value)} is not a number")
    return value


def _temperature(question: Question, quantity: object) -> Given:
    """A temperature in the unit it was given in, to the last digit; a plain number in the question's own."""
    if not is_object(quantity):
        raise Refused(f"{shown(quantity)} is not a quantity; send its value, unit, system and code")
    if quantity.get("comparator") is not None:
        raise Refused(f"{shown(quantity['comparator'])} is not a temperature; send the number itself")
    if quantity.get("value") is None:
        return None
    value, unit = _number(quantity["value"]), _unit(quantity)
    return value if unit == question.answer.unit else {"value": value, "unit": unit}


def _unit(quantity: Mapping[str, object]) -> str:
    """°C or °F, by UCUM code; by what people write only where no code says otherwise.

    Raises:
        Refused: there is no unit, it is another one, or two units are named.
    """
    system, code, written = (quantity.get(name) for name in ("system", "code", "unit"))
    if system not in (None, names.UCUM):
        raise Refused(f"unknown unit system {shown(system)}; send '{names.UCUM}'")
    if system is not None and code is None:
        raise Refused("the unit has a system but no code; send 'Cel' or '[degF]'")
    known = _UCUM_UNITS.get if system else unit_of
    units = [known(code) if isinstance(code, str) else None] if code is not None else []
    by_hand = unit_of(written) if isinstance(written, str) else None
    if by_hand or not units:
        units.append(by_hand)
    if None in units or len(set(units)) != 1:
        raise Refused(f"the unit {shown(written if code is None else code)} is not clear; send °C or °F")
    return str(units[0])
