"""The web face as replies: the same interview for a browser, by `whentocall.web`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from whentocall.http.problems import Kind, Refused, Reply
from whentocall.http.service import Service
from whentocall.protocol.protocol import Protocol
from whentocall.web import WebPage, did_not_arrive, respond, respond_to_post, went_wrong


def first_page(service: Service) -> Reply:
    """Where everybody starts."""
    return _reply(respond(_asked(service), {}, numbers=service.settings.numbers))


def next_page(service: Service, body: bytes, *, cross_site: bool) -> Reply:
    """The page that follows a filled-in one.

    What another site's page has posted is taken for a first visit, so that no other site can choose what
    this one seems to say.
    """
    if cross_site:
        return first_page(service)
    return _reply(respond_to_post(_asked(service), body, numbers=service.settings.numbers))


def problem_page(service: Service, refused: Refused) -> Reply:
    """A problem as a page that says whom to call, for whoever sits in front of a browser."""
    status, known = refused.kind.status, _asked(service)
    is_not_read = refused.kind in (Kind.TOO_SLOW, Kind.TOO_LARGE, Kind.CONTENT_TYPE)
    reply = _reply(did_not_arrive(known, status) if is_not_read else went_wrong(known), status)
    return replace(reply, headers={**reply.headers, **refused.headers})


def _asked(service: Service) -> Mapping[str, Protocol]:
    return service.protocols


def _reply(page: WebPage, status: int | None = None) -> Reply:
    headers = {name: value for name, value in page.headers.items() if name.lower() != "content-type"}
    return Reply(page.body.encode(), status or page.status, page.headers["Content-Type"], headers)
