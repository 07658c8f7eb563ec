"""What is said when a request cannot be answered: RFC 9457, `application/problem+json`.

A problem is never advice. Those that are our own fault say to call the team, because whoever reads one
may be showing it to a patient.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

MEDIA_TYPE = "application/problem+json"

CALL = (
    "Something went wrong in this program. It cannot say that a call can wait. Call the cancer team now. "
    "In an emergency, call your emergency number (999 or 911)."
)


class Kind(Enum):
    """Every kind of problem: its HTTP status and its title. The name is the end of its `type`."""

    NOT_JSON = 400, "The body cannot be read as JSON"
    NOT_A_FORM = 400, "The form cannot be read"
    ADDRESS = 400, "The address has something that is not understood"
    HTTP = 400, "This is not an HTTP request"
    API_KEY = 401, "The API key is missing or wrong"
    NO_SUCH_PROTOCOL = 404, "There is no such protocol"
    NO_SUCH_ADDRESS = 404, "There is nothing at this address"
    METHOD = 405, "This address does not take this method"
    TOO_SLOW = 408, "The request took too long to arrive"
    TOO_LARGE = 413, "The body is too large"
    CONTENT_TYPE = 415, "The body is of a type that is not understood here"
    BODY = 422, "The body does not say what is needed"
    ANSWERS = 422, "An answer was refused"
    HEAD_TOO_LARGE = 431, "The address and headers are too large"
    FAULT = 500, "Call the cancer team now"
    ENGINE = 503, "No advice can be given: call the cancer team now"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[0]

    @property
    def title(self) -> str:
        """What is wrong, in the same words each time."""
        return self.value[1]

    @property
    def uri(self) -> str:
        """The `type`. A name, not an address: nothing is to be fetched there."""
        return f"urn:whentocall:problem:{self.name.lower().replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong with a body.

    Attributes:
        message: one sentence: what is wrong, and what would be right.
        pointer: JSON Pointer to it in the body.
        question: the id of the question, where it is about an answer.
    """

    message: str
    pointer: str
    question: str | None = None


class Refused(Exception):
    """A request that is answered by a problem. Never leaves the HTTP layer."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: Sequence[Wrong] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(kind.name)  # not the detail, which may quote somebody's answer
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, before any framework has seen it."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def problem_reply(refused: Refused) -> Reply:
    """The response to a request that was refused."""
    kind = refused.kind
    said: dict[str, Any] = {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": refused.detail,
        "errors": [
            {"question": one.question, "pointer": one.pointer, "message": one.message}
            for one in refused.errors
        ],
    }
    # Backslashes for what UTF-8 cannot hold: half a surrogate pair may come in as an escape.
    body = json.dumps(said, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n"
    return Reply(body, kind.status, MEDIA_TYPE, refused.headers)


def wrong_body(kind: Kind, errors: Sequence[Wrong]) -> Refused:
    """The refusal of a body for one or more reasons, the first of them told in full."""
    first = errors[0].message if errors[0].question is None else f"{errors[0].question}: {errors[0].message}"
    more = f" (and {len(errors) - 1} more, see 'errors')" if len(errors) > 1 else ""
    return Refused(kind, first + more, errors=errors)


def no_advice() -> Refused:
    """The last resort."""
    return Refused(Kind.FAULT, CALL)
