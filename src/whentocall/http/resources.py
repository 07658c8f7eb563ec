"""FHIR R4 as replies: Questionnaire out, QuestionnaireResponse in, by `whentocall.fhir`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from whentocall import fhir
from whentocall.engine.advise import advise
from whentocall.errors import AnswersError, EngineUnavailable
from whentocall.fhir.parameters import response_in
from whentocall.fhir.refusals import Refused as NotTaken
from whentocall.http.bodies import read_json
from whentocall.http.problems import CALL, Kind, Refused, Reply
from whentocall.http.service import Service
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES, Voice

MEDIA_TYPE = "application/fhir+json"
ROOM = 2
"""How many times larger a body may be: a renderer repeats every question in it."""

_DEEPEST = 64  # a group in a group is two deeper
# What FHIR calls our kinds of problem.
_CODES = {
    Kind.NOT_JSON: "structure",
    Kind.ADDRESS: "invalid",
    Kind.API_KEY: "login",
    Kind.NO_SUCH_PROTOCOL: "not-found",
    Kind.TOO_SLOW: "timeout",
    Kind.TOO_LARGE: "too-costly",
    Kind.CONTENT_TYPE: "not-supported",
    Kind.BODY: "structure",
}


def metadata(address: str = "") -> Reply:
    """What this server can do. `address` is the server's, here and below; empty if it is not known."""
    return _reply(fhir.capability_statement(base_url=_base(address)))


def definition(address: str = "") -> Reply:
    """The definition of `$advise`."""
    return _reply(fhir.operation_definition(base_url=_base(address)))


def questionnaires(service: Service, address: str = "") -> Reply:
    """Every form, in the words for the person and in those for a carer."""
    known = [one for one in service.protocols.values() if not one.head.layer]
    return _reply(fhir.questionnaire_bundle(known, voices=VOICES, base_url=_base(address)))


def questionnaire(service: Service, name: str, address: str = "") -> Reply:
    """One form."""
    protocol, voice = _named(service, name)
    return _reply(fhir.questionnaire(protocol, voice=voice, base_url=_base(address)))


def advice(service: Service, name: str, body: bytes, address: str = "") -> Reply:
    """Advice on a form that was filled in; as a GuidanceResponse, or an OperationOutcome."""
    protocol, voice = _named(service, name)
    response = _response_in(read_json(body, deepest=_DEEPEST))
    try:
        answers = fhir.answers_from_response(protocol, response)
        given = advise(protocol, answers, voice=voice, numbers=service.numbers_for(protocol))
    except AnswersError as error:
        return _reply(fhir.operation_outcome(error, response=response), Kind.ANSWERS.status)
    except EngineUnavailable:
        raise Refused(Kind.ENGINE, CALL) from None
    return _reply(fhir.guidance_response(protocol, given, response=response, base_url=_base(address)))


def outcome_reply(refused: Refused) -> Reply:
    """A problem as an OperationOutcome."""
    kind = refused.kind
    severity = "fatal" if kind.status >= 500 else "error"
    said = fhir.outcome(_CODES.get(kind, "exception"), refused.detail, severity=severity)
    return _reply(said, kind.status, refused.headers)


def _base(address: str) -> str:
    return f"{address}/fhir" if address else fhir.BASE_URL


def _named(service: Service, name: str) -> tuple[Protocol, Voice]:
    protocol, voice = fhir.protocol_and_voice(name)
    return service.named(protocol), voice


def _response_in(found: dict[str, Any]) -> Mapping[str, object]:
    """The QuestionnaireResponse: the body itself, or the parameter `response` in it. FHIR allows both."""
    if found.get("resourceType") != "Parameters":
        return found
    try:
        return response_in(found)
    except NotTaken as refused:
        raise Refused(Kind.BODY, str(refused)) from None


def _reply(said: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    text = json.dumps(said, ensure_ascii=False, indent=2) + "\n"
    return Reply(text.encode("utf-8", "backslashreplace"), status, MEDIA_TYPE, headers or {})
