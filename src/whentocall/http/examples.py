"""Examples for the description, made by the engine itself, so that they cannot grow old."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from whentocall import fhir
from whentocall.http.operations import Call, Operation
from whentocall.http.problems import Refused, Reply, problem_reply
from whentocall.http.service import Service
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

_WARM = {"°C": 38.6, "°F": 101.5}
_FEW = 2  # questions of a list of all
_NOT_SHOWN = frozenset({"fhir-questionnaire", "fhir-questionnaires", "get-answers-schema", "openapi"})


@dataclass(frozen=True, slots=True)
class Example:
    """A request and its reply, as JSON values.

    Attributes:
        name: short, and of its own in an operation.
        summary: what it shows.
        sent: the body; None for a GET.
        status: of the reply.
        given: what came.
    """

    name: str
    summary: str
    sent: Any
    status: int
    given: Any


def examples(service: Service, operation: Operation) -> tuple[Example, ...]:
    """Examples of an operation; none for pages, and for what is too long to be read."""
    if operation.speaks == "pages" or operation.id in _NOT_SHOWN:
        return ()
    asked = [one for one in service.protocols.values() if not one.head.layer]
    if operation.takes:
        return tuple(one for protocol in asked for one in _of_answers(service, operation, protocol))
    reply = operation.answer(service, Call(asked[0].id, address=service.settings.public_url or ""))
    given = json.loads(reply.body)
    if operation.id == "list-questions":
        given["questions"] = given["questions"][:_FEW]
    return (Example("example", operation.summary, None, reply.status, given),)


def _of_answers(service: Service, operation: Operation, protocol: Protocol) -> list[Example]:
    question = _telling(protocol)
    right, wrong = _answer(question), "perhaps"
    sent: list[tuple[str, str, Any]] = []
    if operation.speaks == "fhir":
        response = fhir.questionnaire_response(protocol, {question.id: right})
        return [_example(service, operation, protocol, ("one-answer", "one answer", response))]
    if operation.id != "advise":
        sent.append(("start", "nothing answered yet", {"answers": {}}))
    body = {"answers": {question.id: right}, "voice": "you"}
    sent.append(("one-answer", f"'{question.short.you}' is answered", body))
    sent.append(("refused", "an answer that is refused", {"answers": {question.id: wrong}}))
    return [_example(service, operation, protocol, one) for one in sent]


def _example(
    service: Service, operation: Operation, protocol: Protocol, what: tuple[str, str, Any]
) -> Example:
    name, summary, sent = what
    reply = _tried(service, operation, protocol, sent)
    return Example(
        f"{protocol.id}.{name}", f"{protocol.id}: {summary}", sent, reply.status, json.loads(reply.body)
    )


def _tried(service: Service, operation: Operation, protocol: Protocol, sent: Mapping[str, Any]) -> Reply:
    try:
        address = service.settings.public_url or ""
        return operation.answer(service, Call(protocol.id, body=json.dumps(sent).encode(), address=address))
    except Refused as refused:
        return problem_reply(refused)


def _telling(protocol: Protocol) -> Question:
    """The question to show: the temperature if it is asked, or else the first one."""
    found = list(protocol.questions.values())
    return next((one for one in found if one.answer.kind == "temperature"), found[0])


def _answer(question: Question) -> object:
    answer = question.answer
    match answer.kind:
        case "yes-no":
            return True
        case "one-of":
            return next(str(option) for option in question.options)
        case "temperature" if answer.low <= _WARM[answer.unit] <= answer.high:
            return _WARM[answer.unit]
    return answer.high
