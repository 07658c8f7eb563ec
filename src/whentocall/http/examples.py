"""Examples for the description, made by the engine itself, so that they are always true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from whentocall import fhir
from whentocall.http.operations import ANSWERS, Call, Operation
from whentocall.http.problems import Refused, Reply, problem_reply
from whentocall.http.service import Service
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

_WARM = {"°C": 38.6, "°F": 101.5}
_FEW = 2  # questions shown of the list of all
_TOO_LONG = frozenset({"fhir-questionnaire", "fhir-questionnaires", "get-answers-schema", "openapi"})


@dataclass(frozen=True, slots=True)
class Example:
    """A request and its reply, as JSON values.

    Attributes:
        name: unique in its operation.
        summary: what it shows.
        sent: the body; None for a GET.
        status: of the reply.
        given: the reply.
    """

    name: str
    summary: str
    sent: Any
    status: int
    given: Any


def examples(service: Service, operation: Operation) -> tuple[Example, ...]:
    """Examples of an operation; none of a page, nor of what is too long to be read."""
    if operation.speaks == "pages" or operation.id in _TOO_LONG:
        return ()
    if not operation.takes:
        reply = _reply(service, operation, service.asked[0])
        given = json.loads(reply.body)
        if operation.id == "list-questions":
            given["questions"] = given["questions"][:_FEW]
        return (Example("example", operation.summary, None, reply.status, given),)
    made = []
    for protocol in service.asked:
        for name, summary, sent in _bodies(operation, protocol):
            reply = _reply(service, operation, protocol, json.dumps(sent).encode())
            about = f"{protocol.id}.{name}", f"{protocol.id}: {summary}"
            made.append(Example(*about, sent, reply.status, json.loads(reply.body)))
    return tuple(made)


def _bodies(operation: Operation, protocol: Protocol) -> Iterator[tuple[str, str, Any]]:
    """Name, summary and body of each example."""
    question = _question(protocol)
    answers = {question.id: _answer(question)}
    if operation.speaks == "fhir":
        yield "one-answer", "one answer", fhir.questionnaire_response(protocol, answers)
        return
    if operation.id != "advise":
        yield "start", "nothing answered yet", {"answers": {}}
    yield "one-answer", f"'{question.short.you}' is answered", {"answers": answers, "voice": "you"}
    yield "refused", "an answer that is refused", {"answers": {question.id: "perhaps"}}


def _reply(service: Service, operation: Operation, protocol: Protocol, body: bytes = b"") -> Reply:
    try:
        call = Call(protocol.id, body=body, address=service.settings.public_url or "")
        return ANSWERS[operation.id](service, call)
    except Refused as refused:
        return problem_reply(refused)


def _question(protocol: Protocol) -> Question:
    """The question to show: the temperature if it is asked, or else the first."""
    questions = list(protocol.questions.values())
    return next((question for question in questions if question.answer.kind == "temperature"), questions[0])


def _answer(question: Question) -> object:
    answer = question.answer
    match answer.kind:
        case "yes-no":
            return True
        case "one-of":
            return str(next(iter(question.options)))
        case "temperature" if answer.low <= _WARM[answer.unit] <= answer.high:
            return _WARM[answer.unit]
    return answer.high
