"""What a developer reads: the description for machines, and one page of it for people.

The page loads nothing from anywhere, unlike the usual ones, and has no script.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from whentocall.html import content_policy, page
from whentocall.http.examples import Example, examples
from whentocall.http.openapi import ABOUT, document
from whentocall.http.operations import Operation
from whentocall.http.problems import Reply
from whentocall.http.service import Service
from whentocall.version import own_version

_SHOWN = 60  # lines of an example


@dataclass(frozen=True, slots=True)
class Shown:
    """One operation on the page."""

    operation: Operation
    curl: str
    examples: tuple[tuple[str, str, int, str], ...]  # summary, sent, status, given


def with_reference(service: Service, operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """The operations, and the two that describe all of them."""
    everything = (
        *operations,
        Operation(
            id="openapi",
            method="GET",
            path="/openapi.json",
            summary="This description",
            description="OpenAPI 3.1.",
            gives={"application/json": "JsonSchema"},
            answer=lambda _, call: _for_machines(described, call.address or call.root),
        ),
        Operation(
            id="docs",
            method="GET",
            path="/docs",
            summary="This description, for people",
            description="One page, without scripts, that loads nothing.",
            gives={"text/html": ""},
            answer=lambda _service, _call: _for_people(service, everything, made),
            speaks="pages",
        ),
    )
    made = {one.id: examples(service, one) for one in everything}
    described = document(service, everything, made)
    return everything


def _for_machines(described: dict[str, Any], address: str) -> Reply:
    said = {**described, "servers": [{"url": address or "/"}]}
    return Reply(json.dumps(said, ensure_ascii=False).encode() + b"\n")


def _for_people(
    service: Service, operations: Sequence[Operation], made: Mapping[str, tuple[Example, ...]]
) -> Reply:
    css = files(__package__).joinpath("reference.css").read_text("utf-8")
    text = page(
        __package__,
        "reference.html.jinja",
        filters={"plain": _plain},
        css=css,
        about=_plain(ABOUT).split("\n\n"),
        version=own_version(),
        key=bool(service.settings.api_key),
        shown=[_shown(service, one, made[one.id]) for one in operations],
    )
    policy = {"Content-Security-Policy": content_policy(css)}
    return Reply(text.encode(), 200, "text/html; charset=utf-8", policy)


def _shown(service: Service, operation: Operation, found: tuple[Example, ...]) -> Shown:
    first = found[1] if len(found) > 1 and operation.id != "advise" else found[0] if found else None
    return Shown(
        operation,
        _curl(service, operation, first),
        tuple(
            (one.summary, _json(one.sent) if operation.takes else "", one.status, _cut(_json(one.given)))
            for one in found
        ),
    )


def _curl(service: Service, operation: Operation, example: Example | None) -> str:
    named = next(one.id for one in service.protocols.values() if not one.head.layer)
    path = operation.path.replace("{protocol}", named).replace("{questionnaire}", named)
    parts = ["curl", f'"$WHENTOCALL"{shlex.quote(path)}']
    if service.settings.api_key and not operation.is_open:
        parts.append('-H "X-API-Key: $WHENTOCALL_API_KEY"')
    if operation.takes and example is not None:
        sent = shlex.quote(json.dumps(example.sent, ensure_ascii=False))
        parts.append(f"-H 'Content-Type: {operation.takes[0]}' -d {sent}")
    return " ".join(parts)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _cut(text: str) -> str:
    lines = text.splitlines()
    return text if len(lines) <= _SHOWN else "\n".join([*lines[:_SHOWN], "…"])


def _plain(markdown: str) -> str:
    return markdown.replace("**", "").replace("`", "")
