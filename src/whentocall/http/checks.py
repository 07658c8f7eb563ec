"""What is checked of a request before its body is read: key, query, and the type of the body."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from whentocall._text import quote
from whentocall.http.operations import Operation
from whentocall.http.problems import Kind, Refused
from whentocall.protocol.wording import Voice

MAX_HEAD = 16 * 1024
"""Bytes of address and headers together."""

CLOSE: Mapping[str, str] = MappingProxyType({"Connection": "close"})
"""Sent with a body left unread: the rest of it would be taken for the next request."""

_VERSIONS = ("1.0", "1.1", "2", "3")


def head_too_large() -> Refused:
    """The refusal of an address with headers beyond `MAX_HEAD`."""
    message = f"address and headers are larger than {MAX_HEAD:,} bytes"
    return Refused(Kind.HEAD_TOO_LARGE, message, headers=CLOSE)


def check_head(scope: Mapping[str, Any]) -> None:
    """Check the address and headers of a request as a whole, whichever server has read them.

    Raises:
        Refused: they are too large, or could be read in two ways.
    """
    size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if size + sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEAD:
        raise head_too_large()
    if scope["http_version"] not in _VERSIONS:
        raise Refused(Kind.HTTP, "unknown version of HTTP", headers=CLOSE)
    # A proxy might trust one and this server the other, and take the rest for somebody else's request.
    if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
        raise Refused(Kind.HTTP, "send Content-Length or Transfer-Encoding, not both", headers=CLOSE)


def check_key(headers: Mapping[str, str], key: str) -> None:
    """Check that a request carries the key, without showing by the time it takes how much of it was right.

    It may come in `X-API-Key`, as `Authorization: Bearer`, or as the password of `Authorization: Basic`,
    which a browser sends after asking for one: so the pages work with a key, without cookies.

    Raises:
        Refused: it does not.
    """
    given = headers.get("x-api-key", "").strip() or _authorized(headers.get("authorization", ""))
    if hmac.compare_digest(given.encode(), key.encode()):
        return
    # A browser asks for the key if it is told "Basic"; a page's own script should not make it ask.
    scheme = "Basic" if "text/html" in headers.get("accept", "") else "Bearer"
    raise Refused(
        Kind.API_KEY,
        "send the API key in the header X-API-Key, or as 'Authorization: Bearer KEY'",
        headers={"WWW-Authenticate": f'{scheme} realm="whentocall"'},
    )


def _authorized(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            try:
                pair = base64.b64decode(rest.strip(), validate=True).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                return ""
            return pair.partition(":")[2]
    return ""


def voice_in(query: Sequence[tuple[str, str]], operation: Operation) -> Voice:
    """The voice that a query asks for; "you" if it does not.

    Raises:
        Refused: there is anything else in the query. Answers there would end up in logs on the way.
    """
    if operation.speaks == "pages":  # mail programs add to links, and whoever follows one needs the page
        return "you"
    for key, value in query:
        if key not in operation.query:
            known = f"; known are: {', '.join(operation.query)}" if operation.query else ""
            message = f"unknown query parameter {quote(key)}{known}. Send answers in the body"
            raise Refused(Kind.ADDRESS, message)
        # A plus that was not written as %2B arrives as a space; a format has one, but never a space.
        meant = value.replace(" ", "+") if key == "_format" else value
        if meant not in operation.query[key] or len(query) > len(dict(query)):
            message = f"query parameter '{key}' must be one of {', '.join(operation.query[key])}, once"
            raise Refused(Kind.ADDRESS, message)
    return "they" if ("voice", "they") in query else "you"


def check_type(headers: Mapping[str, str], operation: Operation) -> None:
    """Check that a body is of a type that the operation takes, in UTF-8 and not compressed.

    Raises:
        Refused: it is not.
    """
    media_type, *parameters = (part.strip().lower() for part in headers.get("content-type", "").split(";"))
    if media_type not in operation.takes:
        given = f"body of unknown type {quote(media_type)}" if media_type else "body without a type"
        message = f"{given}: send 'Content-Type: {' or '.join(operation.takes)}'"
        raise Refused(Kind.CONTENT_TYPE, message, headers=CLOSE)
    for parameter in parameters:
        if parameter.startswith("charset=") and parameter.replace('"', "") != "charset=utf-8":
            message = f"body in {quote(parameter)}: send it in UTF-8"
            raise Refused(Kind.CONTENT_TYPE, message, headers=CLOSE)
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(Kind.CONTENT_TYPE, "compressed body: send it uncompressed", headers=CLOSE)
