"""What a server says of itself: its capabilities, its one operation, and its list of forms."""

from __future__ import annotations

from collections.abc import Iterable

from whentocall.fhir.names import BASE_URL, FHIR_VERSION, Json
from whentocall.fhir.questionnaire import questionnaire
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice
from whentocall.version import own_version

ADVISE = "advise"
_SEARCH = "All forms at once. There are no search parameters, not even '_id' or 'url': one is refused."
_SAID = "2026-11-21"  # when this interface was last changed: a statement has a date, and reads no clock


def capability_statement(*, base_url: str = BASE_URL) -> Json:
    """The CapabilityStatement of a server at this address, for `GET [base]/metadata`."""
    about = (
        "How soon to contact the cancer team: forms to fill in, and advice on the answers. Nothing is stored."
    )
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
        "date": _SAID,
        "description": about,
        "kind": "instance",
        "software": {"name": "whentocall", "version": own_version()},
        "implementation": {"description": about, "url": base_url},
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [{"mode": "server", "documentation": about, "resource": [forms]}],
    }


def operation_definition(*, base_url: str = BASE_URL) -> Json:
    """The OperationDefinition of `[base]/Questionnaire/[id]/$advise`."""
    text = "The answers in; how soon to contact whom, and why, out. Nothing is stored."
    return {
        "resourceType": "OperationDefinition",
        "id": ADVISE,
        "url": _operation_url(base_url),
        "name": "Advise",
        "title": "Advise on the answers to a Questionnaire",
        "status": "active",
        "kind": "operation",
        "date": _SAID,
        "description": text,
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
    forms = [questionnaire(one, voice=voice, base_url=base_url) for one in protocols for voice in spoken]
    found: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(forms)}
    entries = [{"fullUrl": one["url"], "resource": one, "search": {"mode": "match"}} for one in forms]
    return found | ({"entry": entries} if entries else {})
