"""Web pages as replies: the same interview for a browser, from `whentocall.web`."""

from __future__ import annotations

from dataclasses import replace

from whentocall.http.problems import Kind, Refused, Reply
from whentocall.http.service import Service
from whentocall.web import WebPage, did_not_arrive, respond, respond_to_post, went_wrong


def first_page(service: Service) -> Reply:
    """Where everybody starts."""
    return _reply(respond(service.protocols, {}, numbers=service.settings.numbers))


def next_page(service: Service, body: bytes, *, cross_site: bool) -> Reply:
    """The page that follows a filled-in one.

    What a page of another site posts counts as a first visit, so that no other site can choose what this one
    seems to say.
    """
    if cross_site:
        return first_page(service)
    return _reply(respond_to_post(service.protocols, body, numbers=service.settings.numbers))


def problem_page(service: Service, refused: Refused) -> Reply:
    """A problem as a page that says who to call."""
    status = refused.kind.status
    if refused.kind in (Kind.TOO_SLOW, Kind.TOO_LARGE, Kind.CONTENT_TYPE):
        page = did_not_arrive(service.protocols, status)
    else:
        page = went_wrong(service.protocols)
    reply = _reply(page, status)
    return replace(reply, headers={**reply.headers, **refused.headers})


def _reply(page: WebPage, status: int | None = None) -> Reply:
    headers = {name: value for name, value in page.headers.items() if name.lower() != "content-type"}
    return Reply(page.body.encode(), status or page.status, page.headers["Content-Type"], headers)
