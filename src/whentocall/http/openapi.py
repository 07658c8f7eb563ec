"""The description of the server, OpenAPI 3.1: from the list of operations, the models, and real examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

from whentocall.engine.advice import Advice
from whentocall.engine.answers import answers_schema
from whentocall.fhir.names import THEY
from whentocall.http.examples import Example
from whentocall.http.operations import Operation
from whentocall.http.problems import MEDIA_TYPE, Kind
from whentocall.http.resources import MEDIA_TYPE as FHIR_JSON
from whentocall.http.service import Service
from whentocall.http.views import (
    HealthView,
    ProtocolList,
    ProtocolView,
    QuestionsView,
)
from whentocall.interview.flow import Ask, AskedQuestion, Done
from whentocall.protocol.wording import VOICES
from whentocall.version import own_version

_MODELS: tuple[Any, ...] = (
    HealthView,
    ProtocolList,
    ProtocolView,
    QuestionsView,
    Advice,
    AskedQuestion,
    Ask,
    Done,
)
_SCHEMAS = "#/components/schemas/"

ABOUT = """\
How soon to contact the cancer team, whom, and why: answers in, advice out. Nothing is stored or logged.

**Advice is only what comes with status 200.** A reply with any other status is a problem \
(`application/problem+json`, RFC 9457) and says nothing about how urgent something is. Where you have no \
advice to show, tell the person to call their team.

Show `headline`, `contact` and `first` as they are. Say that no clinician has signed the rules where \
`signed_off` is false. This is not a diagnosis, and not a medical device that anybody has approved."""


def document(
    service: Service, operations: Iterable[Operation], shown: Mapping[str, Sequence[Example]]
) -> dict[str, Any]:
    """The description as JSON values, without `servers`, which depend on where it is asked for.

    Args:
        service: whose protocols are described.
        operations: all of them.
        shown: the id of an operation to its examples.
    """
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(service, one, shown[one.id])
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "whentocall",
            "version": own_version(),
            "summary": "How soon to contact the cancer team, whom, and why",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": _schemas(service)},
    }
    if service.settings.api_key:
        found["components"]["securitySchemes"] = {
            "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "Bearer": {"type": "http", "scheme": "bearer"},
        }
        found["security"] = [{"ApiKey": []}, {"Bearer": []}]
    return found


def _operation(service: Service, operation: Operation, shown: Sequence[Example]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.description,
    }
    if parameters := _parameters(service, operation):
        said["parameters"] = parameters
    if operation.takes:
        sent = {one.name: {"summary": one.summary, "value": one.sent} for one in shown}
        content = {"schema": {"$ref": _SCHEMAS + operation.body}} | ({"examples": sent} if sent else {})
        said["requestBody"] = {"required": True, "content": dict.fromkeys(operation.takes, content)}
    said["responses"] = _responses(service, operation, shown)
    if service.settings.api_key and operation.is_open:
        said["security"] = []
    return said


def _parameters(service: Service, operation: Operation) -> list[dict[str, Any]]:
    known = list(service.protocols)
    if "{questionnaire}" in operation.path:
        named, ids = "questionnaire", [one + end for one in known for end in ("", THEY)]
    else:
        named, ids = "protocol", known
    path = {"name": named, "in": "path", "required": True, "schema": {"enum": ids, "type": "string"}}
    query = [
        {
            "name": name,
            "in": "query",
            "description": _QUERY[name],
            "schema": {"enum": list(values), "type": "string"},
        }
        for name, values in operation.query.items()
    ]
    return [*([path] if "{" in operation.path else []), *query]


def _responses(service: Service, operation: Operation, shown: Iterable[Example]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "200": {
            "description": operation.summary,
            "content": {
                kind: {"schema": {"$ref": _SCHEMAS + name} if name else {"type": "string"}}
                for kind, name in operation.gives.items()
            },
        }
    }
    for kind in _problems(service, operation):
        said = found.setdefault(str(kind.status), {"description": "", "content": _problem_content(operation)})
        said["description"] += ("; or: " if said["description"] else "") + kind.title
        if kind is Kind.API_KEY:
            said["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if operation.id == "health":
        content = {"application/json": {"schema": {"$ref": f"{_SCHEMAS}HealthView"}}}
        found["503"] = {"description": "A protocol cannot be relied on now", "content": content}
    for status in ("409", "503") if operation.speaks == "pages" and operation.takes else ():
        found[status] = {"description": HTTPStatus(int(status)).phrase, "content": found["200"]["content"]}
    for one in shown:
        content = found[str(one.status)]["content"]
        media = next(iter(content))
        content[media].setdefault("examples", {})[one.name] = {"summary": one.summary, "value": one.given}
    return dict(sorted(found.items()))


def _problem_content(operation: Operation) -> dict[str, Any]:
    problem = {"schema": {"$ref": f"{_SCHEMAS}Problem"}}
    match operation.speaks:
        case "fhir":
            return {FHIR_JSON: {"schema": {"$ref": f"{_SCHEMAS}Resource"}}, MEDIA_TYPE: problem}
        case "pages":
            return {"text/html": {"schema": {"type": "string"}}, MEDIA_TYPE: problem}
    return {MEDIA_TYPE: problem}


def _problems(service: Service, operation: Operation) -> list[Kind]:
    """What can be answered instead."""
    found = [Kind.ADDRESS, Kind.HEAD_TOO_LARGE, Kind.FAULT]
    if service.settings.api_key and not operation.is_open:
        found.append(Kind.API_KEY)
    if "{" in operation.path:
        found.append(Kind.NO_SUCH_PROTOCOL)
    if operation.takes:
        found += [Kind.TOO_SLOW, Kind.TOO_LARGE, Kind.CONTENT_TYPE]
        found += (
            [Kind.NOT_A_FORM] if operation.speaks == "pages" else [Kind.NOT_JSON, Kind.BODY, Kind.ANSWERS]
        )
    if operation.id in ("advise", "fhir-advise"):
        found.append(Kind.ENGINE)
    return found


def _schemas(service: Service) -> dict[str, Any]:
    given = TypeAdapter.json_schemas(
        [(one, "serialization", TypeAdapter(one)) for one in _MODELS], ref_template=_SCHEMAS + "{model}"
    )[1]
    found: dict[str, Any] = dict(given["$defs"])
    for name in ("AskedQuestion", "Ask", "Done"):
        found[name] = {
            **found[name],
            "required": list(found[name]["properties"]),
            "additionalProperties": False,
        }
    found["QuestionStep"] = {
        "oneOf": [_step(found["AskedQuestion"], done=False), _step(found["Done"], done=True)]
    }
    found["ScreenStep"] = {"oneOf": [_step(found["Ask"], done=False), _step(found["Done"], done=True)]}
    found["Problem"] = _PROBLEM
    found["Resource"] = _RESOURCE
    found["JsonSchema"] = {"type": "object", "description": "A JSON Schema, draft 2020-12."}
    found["Form"] = {"type": "object", "additionalProperties": {"type": "string"}}
    answers = [_answers(found, protocol, answers_schema(one)) for protocol, one in service.protocols.items()]
    given_so_far = answers[0] if len(answers) == 1 else {"anyOf": answers}
    found["StepRequest"] = _request(given_so_far, everything=_EVERYTHING)
    found["AdviceRequest"] = _request(given_so_far, watch=_WATCH, numbers=_NUMBERS)
    return dict(sorted(found.items()))


def _step(schema: Mapping[str, Any], *, done: bool) -> dict[str, Any]:
    """What `step_json` makes of a step: `done`, and then its fields."""
    return {
        **schema,
        "title": f"{schema['title']}Step",
        "properties": {"done": {"const": done, "type": "boolean"}, **schema["properties"]},
        "required": ["done", *schema["required"]],
    }


def _answers(found: dict[str, Any], protocol: str, schema: str) -> dict[str, str]:
    """The answers of a protocol as a schema among the others; what it has inside comes with it."""
    own = json.loads(schema.replace('"#/$defs/', f'"{_SCHEMAS}{protocol}.'))
    for name, inside in own.pop("$defs", {}).items():
        found[f"{protocol}.{name}"] = inside
    found[f"{protocol}.answers"] = own
    return {"$ref": f"{_SCHEMAS}{protocol}.answers"}


def _request(answers: Mapping[str, Any], **others: Mapping[str, Any]) -> dict[str, Any]:
    voice = {"enum": list(VOICES), "default": "you", "description": "Whom the words speak to."}
    return {
        "type": "object",
        "properties": {"answers": answers, "voice": voice, **others},
        "required": ["answers"],
        "additionalProperties": False,
    }


_QUERY = {
    "voice": 'Whom the words speak to: the person ("you", if not given), or somebody for them ("they").',
    "_format": "As FHIR has it. There is JSON.",
    "_pretty": "As FHIR has it. It always is.",
}
_EVERYTHING = {
    "type": "boolean",
    "default": False,
    "description": "Ask also what cannot change the advice any more.",
}
_WATCH = {"type": "boolean", "default": True, "description": "Whether to work out `watch_for`."}
_NUMBERS = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "description": "Phone numbers to show, by role; before those that the server was started with.",
}
_RESOURCE = {
    "type": "object",
    "description": "A FHIR R4 resource.",
    "properties": {"resourceType": {"type": "string"}},
    "required": ["resourceType"],
}
_PROBLEM = {
    "type": "object",
    "description": "Why there is no reply of the kind asked for (RFC 9457). Never advice.",
    "properties": {
        "type": {"enum": [kind.uri for kind in Kind], "description": "Which kind of problem."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence: what is wrong, and what would be right."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "question": {
                        "type": ["string", "null"],
                        "description": "The question's id, if it is one.",
                    },
                    "pointer": {"type": "string", "description": "JSON Pointer into the body."},
                    "message": {"type": "string"},
                },
                "required": ["question", "pointer", "message"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["type", "title", "status", "detail", "errors"],
    "additionalProperties": False,
}
