"""The reply where there is no other: a problem as in RFC 9457, `application/problem+json`.

A problem is never advice. Faults of the server itself say to call the team, because a patient may be the one
who reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

MEDIA_TYPE = "application/problem+json"

CALL = (
    "Something went wrong in this program. It cannot say that a call can wait. Call the cancer team now. "
    "In an emergency, call your emergency number (999 or 911)."
)


class Kind(Enum):
    """Every kind of problem: its HTTP status and its title. Its `type` ends in its name."""

    NOT_JSON = 400, "Body is not JSON"
    NOT_A_FORM = 400, "Form cannot be read"
    ADDRESS = 400, "Unknown query parameter"
    HTTP = 400, "Not a valid HTTP request"
    API_KEY = 401, "API key missing or wrong"
    NO_SUCH_PROTOCOL = 404, "Unknown protocol"
    NO_SUCH_ADDRESS = 404, "Not found"
    METHOD = 405, "Method not allowed"
    TOO_SLOW = 408, "Request took too long to arrive"
    TOO_LARGE = 413, "Body too large"
    CONTENT_TYPE = 415, "Unsupported media type"
    BODY = 422, "Body has missing or unknown parts"
    ANSWERS = 422, "Answer refused"
    HEAD_TOO_LARGE = 431, "Address and headers too large"
    FAULT = 500, "Call the cancer team now"
    ENGINE = 503, "No advice available: call the cancer team now"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[0]

    @property
    def title(self) -> str:
        """What is wrong, always in the same words."""
        return self.value[1]

    @property
    def uri(self) -> str:
        """The `type`: a name, not an address to fetch."""
        return f"urn:whentocall:problem:{self.name.lower().replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong with a body.

    Attributes:
        message: one sentence: what is wrong, and what would be right.
        pointer: JSON Pointer to it in the body.
        question: the question's id, if it is about an answer.
    """

    message: str
    pointer: str
    question: str | None = None


class Refused(Exception):
    """A request that gets a problem as its reply. Never leaves `http/`."""

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
    """A response that knows no framework."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def problem_reply(refused: Refused) -> Reply:
    """The reply to a request that was refused."""
    kind = refused.kind
    problem = {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": refused.detail,
        "errors": [
            {"question": wrong.question, "pointer": wrong.pointer, "message": wrong.message}
            for wrong in refused.errors
        ],
    }
    return Reply(json_bytes(problem), kind.status, MEDIA_TYPE, refused.headers)


def json_bytes(value: object) -> bytes:
    """A JSON value as a body."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "backslashreplace")  # half a surrogate pair may have come in as an escape


def wrong_body(kind: Kind, errors: Sequence[Wrong]) -> Refused:
    """The refusal of a body for one or more reasons; its detail is the first of them."""
    first = errors[0].message if errors[0].question is None else f"{errors[0].question}: {errors[0].message}"
    more = f" (and {len(errors) - 1} more, see 'errors')" if len(errors) > 1 else ""
    return Refused(kind, first + more, errors=errors)


def no_advice() -> Refused:
    """The last resort: no advice, but to call."""
    return Refused(Kind.FAULT, CALL)
