"""A client that costs little: HTTP/1.1 over keep-alive connections, one request under way on each.

It knows just enough of HTTP for two servers whose replies all have a Content-Length.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from time import perf_counter, sleep

PATIENCE = 20.0  # seconds without any reply
APART = 0.002  # seconds between connections: one worker would take all that come at once


class Unexpected(Exception):
    """A reply that is no 200, or none at all."""


def post(path: str, body: bytes) -> bytes:
    """The bytes of a request."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass(slots=True)
class Reply:
    """One whole reply."""

    status: int
    body: bytes
    closes: bool


@dataclass(slots=True)
class Connection:
    """One connection and what has come of the reply that it waits for."""

    port: int
    begun: int = 0
    answered: int = 0
    line: socket.socket = field(init=False)
    _seen: bytes = b""

    def __post_init__(self) -> None:
        self.line = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        self.line.sendall(request)
        self.begun += 1

    def receive(self) -> Reply | None:
        """What has arrived: a whole reply, or None if more is to come.

        Raises:
            ConnectionError: the other end has closed.
        """
        if not (data := self.line.recv(1 << 18)):
            raise ConnectionResetError("closed by the server")
        self._seen += data
        head, found, rest = self._seen.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return None
        self._seen = rest[length:]
        self.answered += 1
        return Reply(int(head[9:12]), rest[:length], b"connection: close" in lower)


def once(port: int, request: bytes) -> Reply:
    """One request on a connection of its own."""
    connection = Connection(port)
    connection.send(request)
    while (reply := connection.receive()) is None:
        pass
    connection.line.close()
    return reply


def load(port: int, requests: list[bytes], count: int, connections: int) -> float:
    """Seconds for `count` requests, `connections` of them under way at any time.

    Raises:
        Unexpected: a reply was no 200, or did not come.
    """
    waiting, lines = cycle(requests), []
    for _ in range(min(connections, count)):
        lines.append(Connection(port))
        sleep(APART)
    with selectors.DefaultSelector() as selector:
        for one in lines:
            selector.register(one.line, selectors.EVENT_READ, one)
        start, left = perf_counter(), count
        for one in lines:
            one.send(next(waiting))
            left -= 1
        under_way = len(lines)
        while under_way:
            for one in _ready(selector):
                if (reply := one.receive()) is None:
                    continue
                if reply.status != 200:
                    raise Unexpected(f"{reply.status}: {reply.body[:300]!r}")
                if left:
                    one.send(next(waiting))
                    left -= 1
                else:
                    under_way -= 1
        taken = perf_counter() - start
    for one in lines:
        one.line.close()
    return taken


def _ready(selector: selectors.BaseSelector) -> Iterator[Connection]:
    if not (events := selector.select(PATIENCE)):
        raise Unexpected(f"no reply within {PATIENCE:g} seconds")
    for key, _ in events:
        yield key.data


def until_closed(
    port: int, requests: list[bytes], connections: int, after: float, stop: Callable[[], None]
) -> tuple[int, int]:
    """Requests without a pause; `stop` after so many seconds; until the server has closed all connections.

    Returns:
        How many requests were sent, and how many were answered.
    """
    waiting, lines = cycle(requests), [Connection(port) for _ in range(connections)]
    stop_at: float | None = perf_counter() + after
    with selectors.DefaultSelector() as selector:
        for one in lines:
            selector.register(one.line, selectors.EVENT_READ, one)
            one.send(next(waiting))
        while selector.get_map():
            if stop_at is not None and perf_counter() > stop_at:
                stop_at = stop()  # None
            for one in _ready(selector):
                try:
                    if (reply := one.receive()) is None:
                        continue
                    if reply.closes:
                        raise ConnectionResetError("the server says that it closes")
                    one.send(next(waiting))
                except ConnectionError:
                    selector.unregister(one.line)
                    one.line.close()
    return sum(one.begun for one in lines), sum(one.answered for one in lines)
