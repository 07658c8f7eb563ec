"""The border to uvicorn: a socket, a server on it, and its orderly end. The only importer of it."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, MutableMapping
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from whentocall.errors import ConfigError
from whentocall.http.asgi import MAX_HEAD, Application, Receive, Send
from whentocall.http.problems import Kind, Refused, problem_reply

HEAD_SECONDS = 10.0
"""How long the address and headers of a request may take to arrive."""

STOP_SECONDS = 10
"""How long requests under way may take after the server was told to stop."""

IDLE_SECONDS = 65
"""How long a connection stays open between requests; longer than most proxies keep theirs."""

STALL_SECONDS = 60.0
"""How long a client may read nothing of the replies that wait for it."""

MOST_WAITING = 64
"""How many requests of one connection may wait behind the one that is being answered."""

_LINGER = 1.0  # seconds in which a client that has just been answered may have sent its next request
_CLOSING = 0.02  # seconds, for a few turns of the event loop
_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any that is free.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    where = f"{host} port {port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError, OverflowError) as error:
        raise ConfigError(f"cannot listen on {where}: {_why(error)}") from None
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(_BACKLOG)
        # For all copies: made to block by one worker, another would wait in `accept` for a connection that a
        # third has taken, and whoever is connected to it with it.
        found.setblocking(False)  # noqa: FBT003
    except (OSError, OverflowError) as error:
        found.close()
        raise ConfigError(
            f"cannot listen on {where}: {_why(error)}; choose another with --host and --port"
        ) from None
    return found


def _why(error: Exception) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


def serve(app: Application, listening: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGTERM or SIGINT; then finish what is under way, within `STOP_SECONDS`.

    Nothing that a client sent is written to a log. Returns once the last request is answered.

    Args:
        app: what answers.
        listening: from `listen`; closed at the end.
        ready: called once requests are answered, and a signal ends it in order.
    """
    stopping = threading.Event()
    config = uvicorn.Config(
        _saying_that_it_closes(app, stopping.is_set),
        http=partial(_Protocol, stopping.is_set),  # type: ignore[arg-type]  # called like the class
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # a warning is about what somebody sent
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        backlog=_BACKLOG,
    )
    _Server(config, listening, stopping, ready).run(sockets=[listening.dup()])


def _saying_that_it_closes(app: Application, is_stopping: Callable[[], bool]) -> Application:
    """The application; once the server is stopping, each reply is the last one on its connection."""

    async def answer(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        async def send_last(message: MutableMapping[str, Any]) -> None:
            if is_stopping() and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        await app(scope, receive, send_last)

    return answer


class _Server(uvicorn.Server):
    """A server for which being told to stop is no fault, and which then loses nobody who has come."""

    def __init__(
        self,
        config: uvicorn.Config,
        listening: socket.socket,
        stopping: threading.Event,
        ready: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._listening = listening
        self._stopping = stopping
        self._ready = ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  given by the system
        """Stop, once; a signal that comes twice (to the group, and from the parent) drops nothing."""
        self._stopping.set()
        self.should_exit = True  # and not kept, so that it is not raised again after the end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take in whoever waits to be accepted before closing: the system would cut them off."""
        for server in self.servers:
            server.close()
        for one in sockets or ():
            one.close()
        # The event loop closes its own copy of the socket in its own time. Ours holds on to those who come
        # meanwhile, and is really closed as soon as nobody waits at it.
        await asyncio.sleep(_CLOSING)
        waiting = _waiting(self._listening)
        self._listening.close()
        loop = asyncio.get_running_loop()
        for found in waiting:
            await loop.connect_accepted_socket(self._connection, found)
        await super().shutdown(sockets)

    def _connection(self) -> asyncio.Protocol:
        others = {"server_state": self.server_state, "app_state": self.lifespan.state}
        return self.config.http_protocol_class(config=self.config, **others)  # type: ignore[call-arg]


def _waiting(listening: socket.socket) -> list[socket.socket]:
    found = []
    while True:
        try:
            found.append(listening.accept()[0])
        except OSError:  # nobody more
            return found


class _Flow(FlowControl):
    """Reads on only where that is of use: uvicorn reads on at each reply, whatever waits already."""

    def __init__(self, transport: asyncio.Transport, may_read: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._may_read = may_read

    def resume_reading(self) -> None:
        if self._may_read():
            super().resume_reading()


class _Protocol(HttpToolsProtocol):
    """A connection with limits that uvicorn does not have: on heads, and on what one client may pile up."""

    def __init__(self, is_stopping: Callable[[], bool], **others: Any) -> None:
        super().__init__(**others)
        self._is_stopping = is_stopping
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._in_body = False  # of the last request whose head is here
        self._is_full = False  # nothing that is sent any more counts

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _Flow(transport, self._may_read)
        self._await_head()
        if self._is_stopping():  # it was accepted at the last moment
            self.shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_here()
        self._stall_is_over()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_full:
            return
        between = self.cycle is None or self.cycle.response_complete
        if between and self._deadline is None:
            self._await_head()
        self._head_bytes += len(data)
        super().data_received(data)
        is_head = self._deadline is not None and not self._in_body
        if is_head and self._head_bytes > MAX_HEAD:  # so many, and still no end of it
            self._refuse(Kind.HEAD_TOO_LARGE, f"address and headers should have at most {MAX_HEAD:,} bytes")

    def on_headers_complete(self) -> None:
        if self._is_full:
            return
        self._head_is_here()
        if len(self.pipeline) >= MOST_WAITING:
            # Those that wait are answered in their order, and the last of them says that it is the last.
            self._is_full = True
            self.cycle.keep_alive = False
            return
        self._in_body = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._is_full:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_full:
            self._in_body = False
            self._head_is_here()
            super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # The rest of a body that nobody waited for is read over, though not for ever.
        if self._in_body and self.cycle.response_complete and not self.transport.is_closing():
            self._await_head()

    def pause_writing(self) -> None:
        """Replies wait to be read: until they are, nothing more is taken in."""
        super().pause_writing()
        self.flow.pause_reading()
        self._stalled = self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stall_is_over()
        self.flow.resume_reading()

    def _may_read(self) -> bool:
        return not (self.pipeline or self.flow.write_paused or self.transport.is_closing())

    def _stall_is_over(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def send_400_response(self, msg: str) -> None:
        """For what is not HTTP at all."""
        self._refuse(Kind.HTTP, msg)

    def shutdown(self) -> None:
        """Stop in order: what has just been sent is still answered."""
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(_LINGER, self._close_if_idle)
        else:
            self.cycle.keep_alive = False

    def _close_if_idle(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _head_is_here(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self._in_body:  # of a request that has its answer: another would be taken for that to the next
            self.transport.close()
            return
        self._refuse(Kind.TOO_SLOW, f"the head should be here within {HEAD_SECONDS:g} seconds")

    def _refuse(self, kind: Kind, detail: str) -> None:
        """Answer by hand, as there is no request yet that the application could answer; and close."""
        self._head_is_here()
        if self.transport.is_closing():
            return
        reply = problem_reply(Refused(kind, detail))
        head = f"HTTP/1.1 {reply.status} {kind.title}\r\nContent-Type: {reply.media_type}\r\n"
        head += f"Content-Length: {len(reply.body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        self.transport.write(head.encode("ascii") + reply.body)
        self.transport.close()
