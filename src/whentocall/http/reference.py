"""What a developer reads: the OpenAPI description for machines, and one page of it for people.

The page loads nothing and has no script.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from whentocall.html import content_policy, page
from whentocall.http.examples import Example, examples
from whentocall.http.openapi import document
from whentocall.http.operations import CONTRACT, OPERATIONS, Answer, Operation
from whentocall.http.problems import Reply
from whentocall.http.service import Service
from whentocall.version import own_version

_SHOWN = 60  # lines of an example


def describing(service: Service) -> Mapping[str, Answer]:
    """The answers of the two operations that describe all of them."""
    made = {operation.id: examples(service, operation) for operation in OPERATIONS}
    described = document(service, made)
    return {
        "openapi": lambda _, call: _for_machines(described, call.address or call.root),
        "docs": lambda _service, _call: _for_people(service, made),
    }


def _for_machines(described: Mapping[str, Any], address: str) -> Reply:
    text = json.dumps({**described, "servers": [{"url": address or "/"}]}, ensure_ascii=False)
    return Reply(text.encode() + b"\n")


def _for_people(service: Service, made: Mapping[str, Sequence[Example]]) -> Reply:
    css = files(__package__).joinpath("reference.css").read_text("utf-8")
    text = page(
        __package__,
        "reference.html.jinja",
        filters={"plain": _plain, "shortened": _shortened},
        css=css,
        about=_plain(CONTRACT["info"]["description"]).split("\n\n"),
        version=own_version(),
        key=bool(service.settings.api_key),
        operations=[
            (operation, _curl(service, operation, made[operation.id]), made[operation.id])
            for operation in OPERATIONS
        ],
    )
    policy = {"Content-Security-Policy": content_policy(css)}
    return Reply(text.encode(), 200, "text/html; charset=utf-8", policy)


def _curl(service: Service, operation: Operation, shown: Sequence[Example]) -> str:
    """A command that asks for the first example with an answer in it."""
    named = service.asked[0].id
    path = operation.path.replace("{protocol}", named).replace("{questionnaire}", named)
    parts = ["curl", f'"$WHENTOCALL"{shlex.quote(path)}']
    if service.settings.api_key and not operation.is_open:
        parts.append('-H "X-API-Key: $WHENTOCALL_API_KEY"')
    sent = next((example.sent for example in shown if example.name.endswith(".one-answer")), None)
    if sent is not None:
        body = shlex.quote(json.dumps(sent, ensure_ascii=False))
        parts.append(f"-H 'Content-Type: {operation.takes[0]}' -d {body}")
    return " ".join(parts)


def _shortened(value: object) -> str:
    lines = json.dumps(value, ensure_ascii=False, indent=2).splitlines()
    return "\n".join(lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], "…"])


def _plain(markdown: str) -> str:
    return markdown.replace("**", "").replace("`", "")
