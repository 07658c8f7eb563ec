"""The operations that the contract, `openapi.json`, describes, and what answers each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from whentocall.http import resources
from whentocall.http.pages import first_page, next_page
from whentocall.http.problems import Reply
from whentocall.http.service import Service
from whentocall.protocol.wording import Voice

CONTRACT: Mapping[str, Any] = json.loads(files(__package__).joinpath("openapi.json").read_text("utf-8"))
"""OpenAPI 3.1, but for what depends on the protocols served: their names, their answers, and examples."""

_SPEAKS: Mapping[str, Literal["json", "pages", "fhir"]] = MappingProxyType(
    {"Problem": "json", "PageProblem": "pages", "FhirProblem": "fhir"}
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request, as an answer needs it.

    Attributes:
        name: the part of the path in braces; empty if there is none.
        voice: from the query.
        body: all of it; empty for a GET.
        cross_site: whether a browser says that a page of another site sent it.
        address: where the server is found from outside, without a final `/`; empty if unknown.
        root: the path that the application is mounted at; empty for its own server.
    """

    name: str = ""
    voice: Voice = "you"
    body: bytes = b""
    cross_site: bool = False
    address: str = ""
    root: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method at one path of the contract.

    Attributes:
        id: its `operationId`.
        method: of HTTP, in capitals; a GET also answers a HEAD.
        path: with the name of a protocol or a Questionnaire in braces.
        summary: what it does, in a line.
        description: what a caller should know; Markdown.
        takes: the media types of its body; none for a GET.
        query: the query parameters that it understands, each with its values.
        is_open: whether it answers without the API key.
        speaks: how a problem is told: as problem+json, as a page for people, or as an OperationOutcome.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    takes: tuple[str, ...]
    query: Mapping[str, tuple[str, ...]]
    is_open: bool
    speaks: Literal["json", "pages", "fhir"]

    @property
    def is_constant(self) -> bool:
        """Whether its reply to the same call is the same until the server stops."""
        return self.method == "GET" and self.id != "health"


def _operation(path: str, method: str, described: Mapping[str, Any]) -> Operation:
    parameters = [_named(reference, "parameters") for reference in described.get("parameters", ())]
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        description=described["description"],
        takes=tuple(described.get("requestBody", {}).get("content", ())),
        query={
            parameter["name"]: tuple(parameter["schema"]["enum"])
            for parameter in parameters
            if parameter["in"] == "query"
        },
        is_open=described.get("security") == [],
        speaks=_SPEAKS[described["responses"]["default"]["$ref"].rpartition("/")[2]],
    )


def _named(reference: Mapping[str, str], kind: str) -> dict[str, Any]:
    component: dict[str, Any] = CONTRACT["components"][kind][reference["$ref"].rpartition("/")[2]]
    return component


OPERATIONS: tuple[Operation, ...] = tuple(
    _operation(path, method, described)
    for path, methods in CONTRACT["paths"].items()
    for method, described in methods.items()
)

Answer = Callable[[Service, Call], Reply]

ANSWERS: Mapping[str, Answer] = MappingProxyType(
    {
        "health": lambda service, _: service.health(),
        "list-protocols": lambda service, _: service.protocol_list(),
        "get-protocol": lambda service, call: service.protocol(call.name, call.voice),
        "list-questions": lambda service, call: service.questions(call.name, call.voice),
        "get-answers-schema": lambda service, call: service.answers_schema(call.name),
        "next-question": lambda service, call: service.next_step(call.name, call.body, screen=False),
        "next-screen": lambda service, call: service.next_step(call.name, call.body, screen=True),
        "advise": lambda service, call: service.advice(call.name, call.body),
        "fhir-metadata": lambda _, call: resources.metadata(call.address),
        "fhir-operation": lambda _, call: resources.definition(call.address),
        "fhir-questionnaires": lambda service, call: resources.questionnaires(service, call.address),
        "fhir-questionnaire": lambda service, call: resources.questionnaire(service, call.name, call.address),
        "fhir-advise": lambda service, call: resources.advice(service, call.name, call.body, call.address),
        "first-page": lambda service, _: first_page(service),
        "next-page": lambda service, call: next_page(service, call.body, cross_site=call.cross_site),
    }
)
"""The id of an operation to what answers it; the two that describe all others are in `reference.py`."""
