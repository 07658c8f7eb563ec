"""What a server says about itself: its capabilities, its one operation, and its list of forms."""

from __future__ import annotations

from collections.abc import Iterable

from whentocall.fhir.names import BASE_URL, FHIR_VERSION, Json, without_empty
from whentocall.fhir.questionnaire import questionnaire
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice
from whentocall.version import own_version

ADVISE = "advise"
_ABOUT = (
    "How soon to contact the cancer team: forms to fill in, and advice on the answers. Nothing is stored."
)
_SEARCH = "Returns all forms. There are no search parameters, not even '_id' or 'url': they are refused."
_CHANGED = "2026-11-27"  # when these statements last changed: they need a date, and read no clock


def capability_statement(*, base_url: str = BASE_URL) -> Json:
    """The CapabilityStatement of a server at this address, for `GET [base]/metadata`."""
    forms = {
        "type": "Questionnaire",
        "interaction": [{"code": "read"}, {"code": "search-type", "documentation": _SEARCH}],
        "operation": [{"name": ADVISE, "definition": _operation_url(base_url)}],
    }
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{base_url}/metadata",
        "name": "Whentocall",
        "title": "whentocall",
        "status": "active",
        "date": _CHANGED,
        "description": _ABOUT,
        "kind": "instance",
        "software": {"name": "whentocall", "version": own_version()},
        "implementation": {"description": _ABOUT, "url": base_url},
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [{"mode": "server", "documentation": _ABOUT, "resource": [forms]}],
    }


def operation_definition(*, base_url: str = BASE_URL) -> Json:
    """The OperationDefinition of `[base]/Questionnaire/[id]/$advise`."""
    return {
        "resourceType": "OperationDefinition",
        "id": ADVISE,
        "url": _operation_url(base_url),
        "name": "Advise",
        "title": "Advise on the answers to a Questionnaire",
        "status": "active",
        "kind": "operation",
        "date": _CHANGED,
        "description": "Takes the answers; says who to contact, how soon, and why. Nothing is stored.",
        "affectsState": False,
        "code": ADVISE,
        "resource": ["Questionnaire"],
        "system": False,
        "type": False,
        "instance": True,
        "parameter": [
            _parameter("response", "in", "The answers.", "QuestionnaireResponse"),
            _parameter("return", "out", "The advice.", "GuidanceResponse"),
        ],
    }


def _parameter(name: str, use: str, text: str, kind: str) -> Json:
    return {"name": name, "use": use, "min": 1, "max": "1", "documentation": text, "type": kind}


def _operation_url(base_url: str) -> str:
    return f"{base_url}/OperationDefinition/{ADVISE}"


def questionnaire_bundle(
    protocols: Iterable[Protocol], *, voices: Iterable[Voice] = ("you",), base_url: str = BASE_URL
) -> Json:
    """The Questionnaires of these protocols as a searchset Bundle, for `GET [base]/Questionnaire`."""
    spoken = tuple(voices)
    forms = [
        questionnaire(protocol, voice=voice, base_url=base_url) for protocol in protocols for voice in spoken
    ]
    entries = [{"fullUrl": form["url"], "resource": form, "search": {"mode": "match"}} for form in forms]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(forms), "entry": entries}
    return without_empty(bundle)
