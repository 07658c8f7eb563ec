"""FHIR's systems, codes and standard extensions, and our own addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from whentocall.engine.critical import exact, plain
from whentocall.interview import texts
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

Json = dict[str, Any]
"""A FHIR resource, or a part of one, as `json.loads` would give it."""

FHIR_VERSION = "4.0.1"
BASE_URL = "https://whentocall.example/fhir"
"""Where canonical addresses start by default; `.example` belongs to nobody, on purpose."""

_HL7: Final = "http://hl7.org/fhir/StructureDefinition"
_SDC: Final = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
MIN_VALUE = f"{_HL7}/minValue"
MAX_VALUE = f"{_HL7}/maxValue"
MIN_QUANTITY = f"{_SDC}/sdc-questionnaire-minQuantity"
MAX_QUANTITY = f"{_SDC}/sdc-questionnaire-maxQuantity"
SHORT_TEXT = f"{_SDC}/sdc-questionnaire-shortText"
UNIT_OPTION = f"{_HL7}/questionnaire-unitOption"
ITEM_CONTROL = f"{_HL7}/questionnaire-itemControl"
CHOICE_ORIENTATION = f"{_HL7}/questionnaire-choiceOrientation"
DESIGN_NOTE = f"{_HL7}/designNote"
DATA_ABSENT = f"{_HL7}/data-absent-reason"

UCUM = "http://unitsofmeasure.org"
YES_NO_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-0136"
ABSENT_SYSTEM = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_CONTROL_SYSTEM: Final = "http://hl7.org/fhir/questionnaire-item-control"

YES = "Y"
NO = "N"
ASKED_UNKNOWN = "asked-unknown"
NOT_ASKED = "not-asked"
ABSENT_CODES = (
    *("unknown", ASKED_UNKNOWN, "temp-unknown", NOT_ASKED, "asked-declined"),
    *("masked", "not-applicable", "unsupported", "as-text", "error"),
    *("not-a-number", "negative-infinity", "positive-infinity", "not-performed", "not-permitted"),
)
"""Why there is no answer, as HL7 codes it."""

UCUM_OF: Mapping[str, str] = {"°C": "Cel", "°F": "[degF]"}
"""A temperature's unit to its UCUM code."""

THEY = ".they"
"""Ends the id of a Questionnaire in the words for a carer. No protocol's name has a dot in it."""

UNKNOWN = "-unknown"
HELP = "-help"
"""Added to a question's id for the items beside it. No question's id has a hyphen in it."""


def without_empty(element: Json) -> Json:
    """The element without members that say nothing: FHIR has no nulls, no empty lists and no empty texts."""
    return {name: member for name, member in element.items() if member not in (None, "", [], {})}


def questionnaire_id(protocol: str, voice: Voice) -> str:
    """The id of a Questionnaire: the protocol's, followed by `.they` for a carer's words."""
    return protocol + (THEY if voice == "they" else "")


def protocol_and_voice(questionnaire: str) -> tuple[str, Voice]:
    """The protocol's id and the voice that a Questionnaire's id names. Nothing is looked up."""
    if questionnaire.endswith(THEY):
        return questionnaire.removesuffix(THEY), "they"
    return questionnaire, "you"


def canonical(protocol: Protocol, voice: Voice, base_url: str) -> str:
    """The stable address of a protocol's Questionnaire, without its version."""
    return f"{base_url}/Questionnaire/{questionnaire_id(protocol.id, voice)}"


def choice_system(protocol: str, question: str, base_url: str) -> str:
    """The code system of the choices of one question."""
    return f"{base_url}/CodeSystem/{protocol}.{question}"


def coding(system: str, code: str, display: str) -> Json:
    """A code with its system, and what it is called."""
    return {"system": system, "code": code, "display": display}


def yes_no(*, yes: bool) -> Json:
    """Yes or no as HL7 codes it."""
    return coding(YES_NO_SYSTEM, YES, "Yes") if yes else coding(YES_NO_SYSTEM, NO, "No")


def dont_know() -> Json:
    """`I don't know` as HL7 codes it: asked, and not known."""
    return coding(ABSENT_SYSTEM, ASKED_UNKNOWN, texts.DONT_KNOW)


def choice(protocol: Protocol, question: Question, option: str, voice: Voice, base_url: str) -> Json:
    """One choice of a question."""
    system = choice_system(protocol.id, question.id, base_url)
    return coding(system, option, question.options[option].to(voice))


def quantity(value: float, unit: str) -> Json:
    """A temperature, its unit as people write it and as UCUM codes it."""
    return {"value": plain(exact(value)), "unit": unit, "system": UCUM, "code": UCUM_OF[unit]}


def control(code: str) -> Json:
    """The standard extension that says how an item should look."""
    concept = {"coding": [{"system": _CONTROL_SYSTEM, "code": code}]}
    return {"url": ITEM_CONTROL, "valueCodeableConcept": concept}
