"""The border to uvicorn: a socket, a server on it, and its orderly end. The only importer of it.

uvicorn parses with h11, which reads no further than the request being answered, so one client cannot pile up
others. What is added here are deadlines, problems as the reply to what is not HTTP, and a stop that drops no
client. See the decision on the server in `docs/decisions`.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from whentocall.errors import ConfigError
from whentocall.http.asgi import Application, Receive, Scope, Send
from whentocall.http.checks import MAX_HEAD, head_too_large
from whentocall.http.problems import Kind, Refused, problem_reply

HEAD_SECONDS = 10.0
"""Time for the address and headers of a request to arrive."""

STOP_SECONDS = 10
"""Time for requests under way to finish once the server is told to stop."""

IDLE_SECONDS = 65
"""Time that a connection stays open between requests; longer than most proxies keep theirs."""

STALL_SECONDS = 60.0
"""Time for a client to read some of the replies that wait for it."""

_LINGER = 1.0  # seconds in which a client that has just been answered may have sent its next request
_CLOSING = 0.02  # seconds, for a few turns of the event loop
_BACKLOG = 2048
_CLOSE = (b"connection", b"close")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one.

    Raises:
        ConfigError: the address cannot be used.
    """
    where = f"{host} port {port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError, OverflowError) as error:
        raise ConfigError(f"cannot listen on {where}: {_why(error)}") from None
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
        # This holds for all copies. If one worker made it block, another would wait in `accept` for a
        # connection that a third has taken, and so would all its clients.
        listening.setblocking(False)  # noqa: FBT003
    except (OSError, OverflowError) as error:
        listening.close()
        raise ConfigError(f"cannot listen on {where}: {_why(error)}; use another --host or --port") from None
    return listening


def _why(error: Exception) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


def serve(app: Application, listening: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGTERM or SIGINT; then finish what is under way, within `STOP_SECONDS`, and return.

    Nothing that a client sent is logged.

    Args:
        app: what answers.
        listening: from `listen`; closed at the end.
        ready: called once requests are answered and a signal stops the server in order.
    """
    config = uvicorn.Config(
        partial(_by_path, app),
        interface="asgi3",
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # a warning is about what somebody sent
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=MAX_HEAD,
        backlog=_BACKLOG,
    )
    _Server(config, listening, ready).run(sockets=[listening.dup()])


async def _by_path(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer by the path if a request names a whole address, as one to a proxy does: h11 leaves it whole."""
    _, is_whole, rest = scope["path"].partition("://")
    if is_whole and not scope["path"].startswith("/"):
        scope["path"] = "/" + rest.partition("/")[2]
    await app(scope, receive, send)


class _Server(uvicorn.Server):
    """A server for which a signal to stop is no fault, and which loses no client that has connected."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening
        self._ready = ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  given by the system
        """Stop, once; a second signal (to the group, and from the parent) drops nothing."""
        self.should_exit = True  # the signal is not kept, so it is not raised again after the end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept the clients that wait for it before closing; the system would cut them off."""
        self.server_state.default_headers.append(_CLOSE)  # each reply is the last on its connection
        for server in self.servers:
            server.close()
        for sharing in sockets or ():
            sharing.close()
        # The event loop closes its copy of the socket some turns later. This copy keeps clients that connect
        # meanwhile, and is closed as soon as none is waiting.
        await asyncio.sleep(_CLOSING)
        waiting = _accept_all(self._listening)
        self._listening.close()
        loop = asyncio.get_running_loop()
        for client in waiting:
            await loop.connect_accepted_socket(
                lambda: _Connection(self.config, self.server_state, self.lifespan.state), client
            )
        await super().shutdown(sockets)


def _accept_all(listening: socket.socket) -> list[socket.socket]:
    clients = []
    while True:
        try:
            clients.append(listening.accept()[0])
        except OSError:  # nobody more
            return clients


class _Deadline:
    """Calls `missed` once `seconds` have passed since `start`, unless `stop` is called before."""

    def __init__(self, seconds: float, missed: Callable[[], None]) -> None:
        self._seconds = seconds
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._missed)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Connection(H11Protocol):
    """A connection with two deadlines that uvicorn does not have.

    One is for the client to send what it has begun: a head, or the rest of a body that was refused unread;
    between requests, uvicorn's `timeout_keep_alive` counts. The other is for it to read what was sent.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._sending = _Deadline(HEAD_SECONDS, self._too_slow)
        self._reading = _Deadline(STALL_SECONDS, transport.abort)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._sending.stop()
        self._reading.stop()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading.start()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._reading.stop()

    def _watch(self) -> None:
        if self._is_owed_bytes():
            self._sending.start()
        else:
            self._sending.stop()

    def _is_owed_bytes(self) -> bool:
        if self._is_answering() or self.transport.is_closing():
            return False
        is_in_body = self.conn.their_state is h11.SEND_BODY
        return self.cycle is None or is_in_body or self.conn.trailing_data[0] != b""

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _too_slow(self) -> None:
        self._refuse(Refused(Kind.TOO_SLOW, f"address and headers not received within {HEAD_SECONDS:g} s"))

    def send_400_response(self, msg: str) -> None:
        """Refuse what h11 cannot read. Called by uvicorn while it handles the error of h11."""
        if getattr(sys.exception(), "error_status_hint", 400) == Kind.HEAD_TOO_LARGE.status:
            self._refuse(head_too_large())
        else:
            self._refuse(Refused(Kind.HTTP, msg))

    def _refuse(self, refused: Refused) -> None:
        """Close, after a reply by hand, as there is no request yet that the application could answer.

        Without one if a reply has begun: a second would be taken for that to the next request.
        """
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            reply = problem_reply(refused)
            head = f"HTTP/1.1 {reply.status} {refused.kind.title}\r\nContent-Type: {reply.media_type}\r\n"
            head += (
                f"Content-Length: {len(reply.body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + reply.body)
        self.transport.close()

    def shutdown(self) -> None:
        """Stop in order: a request that has just been sent is still answered."""
        if self._is_answering():
            self.cycle.keep_alive = False
            self.cycle.default_headers = self.server_state.default_headers
        else:
            self.loop.call_later(_LINGER, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if not self._is_answering():
            self.transport.close()
