"""The border to Starlette: requests in, replies out, and the limits around them. The only importer of it.

Starlette alone, not FastAPI: bodies are read by the engine's own reader and answers are the engine's own
bytes, so nothing would be left for FastAPI to do but to cost more than the routing itself.

Answers to questions pass through here and are never logged, nor is any text that could quote one: of a
fault, only its kind and place are told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from types import TracebackType
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from whentocall._text import quote
from whentocall.http.addresses import forwarded_address, trusted_networks
from whentocall.http.keys import is_key_in
from whentocall.http.operations import ANSWERS, OPERATIONS, Answer, Call, Operation
from whentocall.http.pages import problem_page
from whentocall.http.problems import Kind, Refused, Reply, no_advice, problem_reply
from whentocall.http.reference import describing
from whentocall.http.resources import ROOM, outcome_reply
from whentocall.http.service import Service
from whentocall.http.settings import Settings
from whentocall.protocol.wording import Voice

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
"""An ASGI application."""

MAX_HEAD = 16 * 1024  # bytes of address and headers together
HEAD_LIMIT = f"address and headers should have at most {MAX_HEAD:,} bytes"
# A body that is too large is read on to its end, and forgotten, up to here: a client that is cut off while
# it sends may never see why.
_MOST_READ = 32 * 1024 * 1024
_VERSIONS = ("1.0", "1.1", "2", "3")
_CLOSE = {"Connection": "close"}  # the rest of a body that was not read cannot be told from a next request

_EVERYWHERE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_log = logging.getLogger("whentocall.http")


def create_app(settings: Settings | None = None) -> Application:
    """An ASGI application that answers for the protocols of a rules folder.

    Rules are loaded, checked and asked once here, so that nothing half-started is ever served. It can be
    mounted in an application of your own, under any path.

    Args:
        settings: how to serve; with the shipped rules, for anybody who can reach it, if not given.

    Raises:
        RulesError, UnknownProtocol: the rule files cannot be used.
        ConfigError: a setting cannot be used.
        EngineUnavailable: durable-rules cannot be imported.
    """
    return app_of(Service(settings or Settings()))


def app_of(service: Service) -> Application:
    """The ASGI application of a service that is ready."""
    cors = service.settings.cors
    answers = {**ANSWERS, **describing(service)}
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    routed = Starlette(
        routes=[
            Route(path, _Endpoint(service, methods, answers).respond, methods=[*methods])
            for path, methods in by_path.items()
        ],
        exception_handlers={HTTPException: _unrouted},
    )
    routed.router.redirect_slashes = False  # a client would not send its body again
    app: Application = routed
    if cors:
        app = CORSMiddleware(
            app,
            allow_origins=cors,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key"],
            max_age=600,
        )
    return _Guard(app)


class _Endpoint:
    """The operations at one path, by method."""

    def __init__(
        self, service: Service, operations: Mapping[str, Operation], answers: Mapping[str, Answer]
    ) -> None:
        self._service = service
        self._operations = operations
        self._answers = answers
        self._trusted = trusted_networks(service.settings.trusted_proxies)
        self._kept: dict[tuple[str, str, Voice], Reply] = {}  # of GETs: as many as there are names and voices

    async def respond(self, request: Request) -> Response:
        operation = self._operations["GET" if request.method == "HEAD" else request.method]
        try:
            return _response(await self._reply(operation, request))
        except Refused as refused:
            return _response(self._problem(operation, refused))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception as error:  # noqa: BLE001  whatever it is, its text may quote answers
            _log.error("fault in %s: %s", operation.id, place_of(error))
            return _response(self._problem(operation, no_advice()))

    def _address(self, request: Request) -> str:
        """Where this server is found from outside, as far as that is known."""
        return self._service.settings.public_url or forwarded_address(
            request.scope["headers"],
            client=request.client.host if request.client else None,
            trusted=self._trusted,
            scheme=request.scope["scheme"],
            root=request.scope.get("root_path", ""),
        )

    def _problem(self, operation: Operation, refused: Refused) -> Reply:
        """A problem as whoever asked can read it: a person in front of a page is told whom to call."""
        try:
            if operation.speaks == "fhir":
                return outcome_reply(refused)
            if operation.speaks == "pages" and refused.kind is not Kind.API_KEY:
                return problem_page(self._service, refused)
        except Exception as error:  # noqa: BLE001  what says so may be what is at fault
            _log.error("fault in telling of a problem: %s", place_of(error))
        return problem_reply(refused)

    async def _reply(self, operation: Operation, request: Request) -> Reply:
        settings = self._service.settings
        if settings.api_key and not operation.is_open and not is_key_in(request.headers, settings.api_key):
            raise _no_key(request.headers)
        voice = _voice(operation, request)
        body = b""
        if operation.takes:
            _check_type(operation, request.headers)
            largest = settings.max_body * (ROOM if operation.speaks == "fhir" else 1)
            body = await _body(request, largest, settings.body_seconds)
        # In the event loop itself: an evaluation takes about as long as handing it to a thread and back.
        cross_site = request.headers.get("sec-fetch-site") == "cross-site"
        name = next(iter(request.path_params.values()), "")
        call = Call(name, voice, body, cross_site, self._address(request), request.scope.get("root_path", ""))
        answer = self._answers[operation.id]
        is_own = not call.root and call.address == (settings.public_url or "")
        if not (operation.is_constant and is_own):
            return answer(self._service, call)
        key = operation.id, name, voice
        if key not in self._kept:
            self._kept[key] = answer(self._service, call)
        return self._kept[key]


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers), reply.media_type)


def _no_key(headers: Headers) -> Refused:
    # A browser asks for the key if it is told "Basic"; a page's own script should not make it ask.
    scheme = "Basic" if "text/html" in headers.get("accept", "") else "Bearer"
    return Refused(
        Kind.API_KEY,
        "send the API key in the header X-API-Key, or as 'Authorization: Bearer KEY'",
        headers={"WWW-Authenticate": f'{scheme} realm="whentocall"'},
    )


def _voice(operation: Operation, request: Request) -> Voice:
    """The voice that the query asks for.

    Raises:
        Refused: there is anything else in the query. Answers there would stand in logs on the way.
    """
    if not request.scope["query_string"] or operation.speaks == "pages":  # a link in a mail may have grown
        return "you"
    given = request.query_params.multi_items()
    for key, value in given:
        if key not in operation.query:
            known = f"; there is: {', '.join(operation.query)}" if operation.query else ""
            message = f"{quote(key)} is not understood in this address{known}. Answers belong in the body"
            raise Refused(Kind.ADDRESS, message)
        # A plus that was not written as %2B arrives as a space; a format has one, but never a space.
        meant = value.replace(" ", "+") if key == "_format" else value
        if meant not in operation.query[key] or len(given) > len(dict(given)):
            message = f"'{key}' in the address should be one of {', '.join(operation.query[key])}, once"
            raise Refused(Kind.ADDRESS, message)
    return "they" if ("voice", "they") in given else "you"


def _check_type(operation: Operation, headers: Headers) -> None:
    given, *parameters = (one.strip().lower() for one in headers.get("content-type", "").split(";"))
    if given not in operation.takes:
        shown = quote(given) if given else "without a type"
        wanted = " or ".join(operation.takes)
        raise Refused(
            Kind.CONTENT_TYPE, f"the body is {shown}: send 'Content-Type: {wanted}'", headers=_CLOSE
        )
    for one in parameters:
        if one.startswith("charset=") and one.replace('"', "") != "charset=utf-8":
            message = f"the body should be in UTF-8, not {quote(one)}"
            raise Refused(Kind.CONTENT_TYPE, message, headers=_CLOSE)
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(Kind.CONTENT_TYPE, "the body should not be compressed", headers=_CLOSE)


async def _body(request: Request, limit: int, seconds: float) -> bytes:
    """The body, within its limits of size and time, whatever its headers say of it.

    Raises:
        Refused: it is beyond one of them.
    """
    declared = request.headers.get("content-length", "")
    # `isdigit` alone is also true of "²", which is no number
    if declared.isascii() and declared.isdigit() and (len(declared) > 18 or int(declared) > _MOST_READ):
        raise _too_large(limit)
    found, size = bytearray(), 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > _MOST_READ:
                    break
                if size <= limit:
                    found += chunk
    except TimeoutError:
        message = f"the body should be here within {seconds:g} seconds"
        raise Refused(Kind.TOO_SLOW, message, headers=_CLOSE) from None
    if size > limit:
        raise _too_large(limit)
    return bytes(found)


def _too_large(limit: int) -> Refused:
    return Refused(Kind.TOO_LARGE, f"the body should have at most {limit:,} bytes", headers=_CLOSE)


async def _unrouted(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: an address or a method that is not there."""
    if isinstance(error, HTTPException) and error.status_code == Kind.METHOD.status:
        headers = error.headers or {}
        allowed = ", ".join(sorted(headers.get("Allow", "").split(", ")))
        message = f"{quote(request.method)} is not understood here; there is: {allowed}"
        return _response(problem_reply(Refused(Kind.METHOD, message, headers={"Allow": allowed})))
    message = "there is nothing at this address; /docs and /openapi.json say what there is"
    return _response(problem_reply(Refused(Kind.NO_SUCH_ADDRESS, message)))


class _Guard:
    """Around everything: the limit of the head, the headers of every response, the last resort."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = _with_headers(message.get("headers", []))
            await send(message)

        try:
            refused = _refused_head(scope)
            app = _response(problem_reply(refused)) if refused else self._app
            await app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001  a server would log its text, which may quote answers
            _log.error("fault outside of the operations: %s", place_of(error))
            if not started:
                await _response(problem_reply(no_advice()))(scope, receive, send_with_headers)


_EVERYWHERE_RAW = [(name.lower().encode(), value.encode()) for name, value in _EVERYWHERE.items()]


def _with_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a response, and those of every response that it does not set itself."""
    there = {name.lower() for name, _ in headers}
    return [*headers, *(pair for pair in _EVERYWHERE_RAW if pair[0] not in there)]


def _refused_head(scope: Mapping[str, Any]) -> Refused | None:
    """What is wrong with the address and headers of a request as a whole, whatever server has read them."""
    size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if size + sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEAD:
        return Refused(Kind.HEAD_TOO_LARGE, HEAD_LIMIT, headers=_CLOSE)
    if scope["http_version"] not in _VERSIONS:
        return Refused(Kind.HTTP, "unknown HTTP version", headers=_CLOSE)
    # Read one way here and another way by a proxy, the rest would be taken for somebody else's request.
    if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
        return Refused(Kind.HTTP, "send Content-Length or Transfer-Encoding, not both", headers=_CLOSE)
    return None


def place_of(error: BaseException) -> str:
    """The kind of a fault and where it was, without its text: `KeyError at engine/advise.py:52`."""
    places = []
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.replace("\\", "/")
        _, ours, inside = file.rpartition("/whentocall/")
        if ours:
            places.append(f"{inside}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {places[-1] if places else 'no line of ours'}"
