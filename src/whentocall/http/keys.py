"""The API key: where a request may carry it, and comparing it without telling how much of it was right."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping


def is_key_in(headers: Mapping[str, str], key: str) -> bool:
    """Whether a request carries the key.

    In `X-API-Key`, as `Authorization: Bearer`, or as the password of `Authorization: Basic`, which is
    what a browser sends after asking for one: so the web face works with a key, without cookies.
    """
    given = headers.get("x-api-key", "").strip() or _authorized(headers.get("authorization", ""))
    return hmac.compare_digest(given.encode(), key.encode())


def _authorized(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            try:
                return (
                    base64.b64decode(rest.strip(), validate=True).decode("utf-8", "replace").partition(":")[2]
                )
            except (binascii.Error, ValueError):
                return ""
    return ""
