"""FHIR R4 as replies: Questionnaire out, QuestionnaireResponse in, by `whentocall.fhir`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whentocall import fhir
from whentocall.engine.advise import advise
from whentocall.errors import AnswersError, EngineUnavailable
from whentocall.fhir.parameters import response_in
from whentocall.fhir.refusals import Refused as NotTaken
from whentocall.http.bodies import read_json
from whentocall.http.problems import CALL, Kind, Refused, Reply, json_bytes
from whentocall.http.service import Service
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES, Voice

MEDIA_TYPE = "application/fhir+json"
ROOM = 2
"""How many times the usual size a body may have: a renderer repeats every question in it."""

_DEEPEST = 64  # each group in a group is two deeper
_CODES = {  # of FHIR, for our kinds of problem
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
    """What this server supports. `address` is the server's, here and below; empty if unknown."""
    return _reply(fhir.capability_statement(base_url=_base(address)))


def definition(address: str = "") -> Reply:
    """The definition of `$advise`."""
    return _reply(fhir.operation_definition(base_url=_base(address)))


def questionnaires(service: Service, address: str = "") -> Reply:
    """Every form, in words for the person and in words for a carer."""
    return _reply(fhir.questionnaire_bundle(service.asked, voices=VOICES, base_url=_base(address)))


def questionnaire(service: Service, name: str, address: str = "") -> Reply:
    """One form."""
    protocol, voice = _named(service, name)
    return _reply(fhir.questionnaire(protocol, voice=voice, base_url=_base(address)))


def advice(service: Service, name: str, body: bytes, address: str = "") -> Reply:
    """Advice on a filled-in form: a GuidanceResponse, or an OperationOutcome."""
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
    outcome = fhir.outcome(_CODES.get(kind, "exception"), refused.detail, severity=severity)
    return _reply(outcome, kind.status, refused.headers)


def _base(address: str) -> str:
    return f"{address}/fhir" if address else fhir.BASE_URL


def _named(service: Service, name: str) -> tuple[Protocol, Voice]:
    protocol, voice = fhir.protocol_and_voice(name)
    return service.named(protocol), voice


def _response_in(resource: dict[str, Any]) -> Mapping[str, object]:
    """The QuestionnaireResponse: the body itself, or its parameter `response`. FHIR allows both."""
    if resource.get("resourceType") != "Parameters":
        return resource
    try:
        return response_in(resource)
    except NotTaken as refused:
        raise Refused(Kind.BODY, str(refused)) from None


def _reply(resource: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(json_bytes(resource), status, MEDIA_TYPE, headers or {})
