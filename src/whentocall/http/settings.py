"""The settings of a server. Frozen; nothing about people."""

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
    """How to serve. Every default is safe on one's own computer.

    Attributes:
        rules: the rules folder; the shipped one if None.
        protocols: the names to serve; all but the layers if empty.
        numbers: role (such as "advice-line") to the phone number to show.
        api_key: what a caller must send; if None, anybody may call.
        cors: the origins whose pages may call from a browser, such as "https://portal.example".
        public_url: the address that people use, such as `https://portal.example/whentocall`; FHIR and OpenAPI
            name it. If None, what a trusted proxy says.
        trusted_proxies: IP addresses or networks of proxies that may say it, in `X-Forwarded-Host`, `-Proto`
            and `-Prefix`. The client's address, as the ASGI server gives it, must be one of them.
        max_body: largest body, in bytes.
        body_seconds: time for a body to arrive.

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
            raise ConfigError(f"the API key must be at least {SHORTEST_KEY} ASCII characters on one line")
        for origin in self.cors:
            if not _ORIGIN.fullmatch(origin):
                raise ConfigError(
                    f"--cors {origin}: give an exact origin without a path, such as https://portal.example"
                )
        if self.public_url is not None:
            object.__setattr__(self, "public_url", public_address(self.public_url))
        trusted_networks(self.trusted_proxies)
