"""What a server is told when it starts. Frozen; nothing about people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from whentocall.errors import ConfigError
from whentocall.http.addresses import public_address, trusted_networks

SHORTEST_KEY = 16
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to serve. Every field has a default that is safe on one's own computer.

    Attributes:
        rules: the rules folder; the shipped one if None.
        protocols: the names to serve; all but the layers if empty.
        numbers: role (such as "advice-line") to the phone number to show.
        api_key: what a caller must send; anybody may call if None.
        cors: the origins whose pages may call from a browser, such as "https://portal.example".
        public_url: the address that the world knows the server by, for links and for FHIR and OpenAPI;
            as `https://portal.example/whentocall`. None: what a trusted proxy says, or else nothing.
        trusted_proxies: IP addresses or networks whose `X-Forwarded-Host`, `-Proto` and `-Prefix` are taken
            for that, where there is no `public_url`. The address that counts is the one that the ASGI server
            gives as the client's.
        max_body: the largest body, in bytes.
        body_seconds: how long a body may take to arrive.

    Raises:
        ConfigError: one of them cannot be used.
    """

    rules: Path | None = None
    protocols: tuple[str, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    api_key: str | None = field(default=None, repr=False)
    cors: tuple[str, ...] = ()
    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    max_body: int = 64 * 1024
    body_seconds: float = 10.0

    def __post_init__(self) -> None:
        key = self.api_key
        # No header keeps a space at its ends, so nobody could ever send such a key.
        if key is not None and not (
            len(key.strip()) >= SHORTEST_KEY and key == key.strip() and key.isascii() and key.isprintable()
        ):
            raise ConfigError(f"the API key should be {SHORTEST_KEY} letters and digits or more, in one line")
        for origin in self.cors:
            if not _ORIGIN.fullmatch(origin):
                raise ConfigError(
                    f"--cors {origin}: write one exact origin, such as https://portal.example, without a path"
                )
        if self.public_url is not None:
            object.__setattr__(self, "public_url", public_address(self.public_url))
        trusted_networks(self.trusted_proxies)
