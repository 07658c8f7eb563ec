"""The public address of a server: as it was set, or as a trusted proxy says.

A request can claim any address, and what it claims would end up in links, and in FHIR and OpenAPI documents
that other programs follow. So nothing of it counts unless it comes from a trusted proxy. A claim that is not
valid is ignored rather than refused: advice matters more than a link.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from whentocall._text import quote
from whentocall.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Headers = Iterable[tuple[bytes, bytes]]
"""The headers of a request, as in ASGI: names in lower case."""

_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(
    rf"(?P<name>{_LABEL}(?:\.{_LABEL})*|\[(?P<six>[0-9A-Fa-f:.]{{2,45}})\])(?::(?P<port>[0-9]{{1,5}}))?"
)
_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")  # no part is '.' or '..'
_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[^/]+)(?P<path>/.*)?")
_LONGEST = 255
_FORWARDED = (b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-prefix")


def public_address(text: str) -> str:
    """A public address as it is shown: without a final `/`.

    Raises:
        ConfigError: it is not a plain http or https address.
    """
    address = text.strip().rstrip("/")
    parts = _URL.fullmatch(address)
    if parts is None or not _is_host(parts["host"]) or not _is_path(parts["path"] or ""):
        raise ConfigError(
            f"invalid public address {quote(text)}: give one such as "
            "https://portal.example/whentocall, without a user, query or fragment"
        )
    return address


def trusted_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks of trusted proxies.

    Args:
        texts: IP addresses, or networks such as `10.0.0.0/8`.

    Raises:
        ConfigError: one of them is neither, or includes every address.
    """
    return tuple(map(_network, texts))


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError:
        network = None
    if network is None or network.prefixlen == 0:
        raise ConfigError(
            f"invalid trusted proxy {quote(text)}: give its IP address, or a network such as 10.0.0.0/8"
        )
    return network


def forwarded_address(
    headers: Headers, *, client: str | None, trusted: Sequence[Network], scheme: str, root: str
) -> str:
    """The public address that a trusted proxy says; empty if none does, or not plainly and once.

    Args:
        headers: of the request. `X-Forwarded-Host` is needed; `-Proto` and `-Prefix` are optional.
        client: the IP address that the request comes from.
        trusted: from `trusted_networks`.
        scheme: of the request, for a proxy that does not say it.
        root: the path that the application is mounted at; it follows the prefix.
    """
    if not trusted or not _is_trusted(client, trusted):
        return ""
    given = [(name, value.decode("latin-1")) for name, value in headers if name in _FORWARDED]
    forwarded = dict(given)
    if len(forwarded) < len(given):
        return ""
    proto, host, prefix = (forwarded.get(name) for name in _FORWARDED)
    scheme = (proto or scheme).lower()
    path = (prefix or "").rstrip("/") + root
    if not host or not _is_host(host) or scheme not in ("http", "https") or not _is_path(path):
        return ""
    return f"{scheme}://{host}{path}"


def _is_trusted(client: str | None, trusted: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in trusted)


def _is_host(text: str) -> bool:
    parts = _HOST.fullmatch(text) if len(text) <= _LONGEST else None
    if parts is None or int(parts["port"] or 0) > 65535:
        return False
    try:
        return parts["six"] is None or bool(ipaddress.IPv6Address(parts["six"]))
    except ValueError:
        return False


def _is_path(text: str) -> bool:
    return len(text) <= _LONGEST and _PATH.fullmatch(text) is not None
