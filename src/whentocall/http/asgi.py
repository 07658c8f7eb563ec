"""The border to Starlette: requests in, replies out, and the limits around them. The only importer of it.

Answers pass through here and are never logged, nor is any text that could quote one: of a fault, only its
kind and place are logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import lru_cache
from traceback import walk_tb

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whentocall._text import quote
from whentocall.http.addresses import forwarded_address, trusted_networks
from whentocall.http.checks import CLOSE, check_head, check_key, check_type, voice_in
from whentocall.http.operations import ANSWERS, OPERATIONS, Answer, Call, Operation
from whentocall.http.pages import problem_page
from whentocall.http.problems import Kind, Refused, Reply, no_advice, problem_reply
from whentocall.http.reference import describing
from whentocall.http.resources import ROOM, outcome_reply
from whentocall.http.service import Service
from whentocall.http.settings import Settings

Application = ASGIApp

__all__ = ["Application", "Receive", "Scope", "Send", "app_of", "create_app", "place_of"]

# A body that is too large is read to its end, and forgotten, up to here: a client that is cut off while it
# sends may never see why.
_MOST_READ = 32 * 1024 * 1024
_MOST_KEPT = 32  # replies of one path that are always the same

_HEADERS = {  # of every response that does not set them itself
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

    Rules are loaded, checked and asked once here, so that nothing half-started is ever served. Mount it in
    your own application under any path, or serve it alone.

    Args:
        settings: how to serve; by default the shipped rules, to anybody who can reach it.

    Raises:
        RulesError, UnknownProtocol: the rule files cannot be used.
        ConfigError: a setting cannot be used.
        EngineUnavailable: durable-rules cannot be imported.
    """
    return app_of(Service(settings or Settings()))


def app_of(service: Service) -> Application:
    """The ASGI application of a service."""
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
    if service.settings.cors:
        app = CORSMiddleware(
            app,
            allow_origins=service.settings.cors,
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
        self._trusted = trusted_networks(service.settings.trusted_proxies)
        self._answer = lambda id_, call: answers[id_](service, call)
        self._kept_answer = lru_cache(_MOST_KEPT)(self._answer)

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
        """The public address; empty if unknown."""
        return self._service.settings.public_url or forwarded_address(
            request.scope["headers"],
            client=request.client.host if request.client else None,
            trusted=self._trusted,
            scheme=request.scope["scheme"],
            root=request.scope.get("root_path", ""),
        )

    def _problem(self, operation: Operation, refused: Refused) -> Reply:
        """A problem in the form that the caller reads: a person at a page is told who to call."""
        try:
            if operation.speaks == "fhir":
                return outcome_reply(refused)
            if operation.speaks == "pages" and refused.kind is not Kind.API_KEY:
                return problem_page(self._service, refused)
        except Exception as error:  # noqa: BLE001  this may be what is at fault
            _log.error("fault while reporting a problem: %s", place_of(error))
        return problem_reply(refused)

    async def _reply(self, operation: Operation, request: Request) -> Reply:
        settings = self._service.settings
        if settings.api_key and not operation.is_open:
            check_key(request.headers, settings.api_key)
        voice = voice_in(request.query_params.multi_items(), operation)
        body = b""
        if operation.takes:
            check_type(request.headers, operation)
            most = settings.max_body * (ROOM if operation.speaks == "fhir" else 1)
            body = await _body(request, most, settings.body_seconds)
        call = Call(
            name=next(iter(request.path_params.values()), ""),
            voice=voice,
            body=body,
            cross_site=request.headers.get("sec-fetch-site") == "cross-site",
            address=self._address(request),
            root=request.scope.get("root_path", ""),
        )
        # In the event loop itself: an evaluation takes about as long as handing it to a thread and back.
        return (self._kept_answer if operation.is_constant else self._answer)(operation.id, call)


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers), reply.media_type)


async def _body(request: Request, most: int, seconds: float) -> bytes:
    """A body of at most so many bytes, which arrives within so many seconds.

    Raises:
        Refused: it does not.
    """
    too_large = Refused(Kind.TOO_LARGE, f"body larger than {most:,} bytes", headers=CLOSE)
    declared = request.headers.get("content-length", "")
    # `isdigit` alone is also true of "²", which is no number
    if declared.isascii() and declared.isdigit() and (len(declared) > 18 or int(declared) > _MOST_READ):
        raise too_large
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > _MOST_READ:
                    break
                if size <= most:
                    body += chunk
    except TimeoutError:
        raise Refused(
            Kind.TOO_SLOW, f"request body not received within {seconds:g} s", headers=CLOSE
        ) from None
    if size > most:
        raise too_large
    return bytes(body)


async def _unrouted(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: an address or a method that is not served."""
    if isinstance(error, HTTPException) and error.status_code == Kind.METHOD.status:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        message = f"method {quote(request.method)} is not allowed here; use {allowed}"
        return _response(problem_reply(Refused(Kind.METHOD, message, headers={"Allow": allowed})))
    message = "not found; /docs and /openapi.json list every address"
    return _response(problem_reply(Refused(Kind.NO_SUCH_ADDRESS, message)))


class _Guard:
    """Around everything: the limits of a head, the headers of every response, the last resort."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            check_head(scope)
            await self._app(scope, receive, send_with_headers)
        except Refused as refused:
            await _response(problem_reply(refused))(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001  a server would log its text, which may quote answers
            _log.error("fault outside the operations: %s", place_of(error))
            if not started:
                await _response(problem_reply(no_advice()))(scope, receive, send_with_headers)


def place_of(error: BaseException) -> str:
    """The kind of a fault and where it was, without its text: `KeyError at engine/advise.py:52`."""
    place = "no line of ours"
    for frame, line in walk_tb(error.__traceback__):
        _, ours, file = frame.f_code.co_filename.replace("\\", "/").rpartition("/whentocall/")
        if ours:
            place = f"{file}:{line}"
    return f"{type(error).__name__} at {place}"
