"""The address that the world knows a server by: as it was told, or as a trusted proxy says.

A request can claim any address. What it claims ends up in links, and in the FHIR and OpenAPI documents that
other programs follow. So nothing of it counts, unless it comes from a proxy that was named. What cannot be
understood is passed over instead of refused: no advice is kept from anybody for the sake of a link.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from whentocall._text import quote
from whentocall.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Headers = Iterable[tuple[bytes, bytes]]
"""The headers of a request, as ASGI has them: names in small letters."""

_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(
    rf"(?P<name>{_LABEL}(?:\.{_LABEL})*|\[(?P<six>[0-9A-Fa-f:.]{{2,45}})\])(?::(?P<port>[0-9]{{1,5}}))?"
)
_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")  # no part is '.' or '..'
_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[^/]+)(?P<path>/.*)?")
_LONGEST = 255
_FORWARDED = (b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-prefix")


def public_address(text: str) -> str:
    """The address that people and programs use, as it will be shown: without `/` at its end.

    Raises:
        ConfigError: it is not an address of http or https, or says more than that.
    """
    address = text.strip().rstrip("/")
    parts = _URL.fullmatch(address)
    if parts is None or not _is_host(parts["host"]) or not _is_path(parts["path"] or ""):
        raise ConfigError(
            f"{quote(text)} cannot be the public address: write one such as "
            "https://portal.example/whentocall, without a user, a query or a fragment"
        )
    return address


def trusted_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The addresses that proxies have.

    Args:
        texts: an IP address each, or a network, such as `10.0.0.0/8`.

    Raises:
        ConfigError: one of them is neither, or is all there are.
    """
    return tuple(map(_network, texts))


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError:
        network = None
    if network is None or network.prefixlen == 0:
        raise ConfigError(
            f"{quote(text)} cannot be a trusted proxy: write its IP address, or a network such as 10.0.0.0/8"
        )
    return network


def forwarded_address(
    headers: Headers, *, client: str | None, trusted: Sequence[Network], scheme: str, root: str
) -> str:
    """The address by which a proxy was asked; empty where no trusted one says it, plainly and once.

    Args:
        headers: of the request. `X-Forwarded-Host` is needed; `-Proto` and `-Prefix` may be there.
        client: the IP address that the request comes from.
        trusted: from `trusted_networks`.
        scheme: of the request, where the proxy does not say it.
        root: the path that the application is mounted at, behind what the proxy says.
    """
    if not trusted or not _is_trusted(client, trusted):
        return ""
    said: dict[bytes, str] = {}
    for name, value in headers:
        if name in _FORWARDED:
            if name in said:
                return ""
            said[name] = value.decode("latin-1")
    proto, host, prefix = (said.get(name) for name in _FORWARDED)
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
