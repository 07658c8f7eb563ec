"""A page as it is sent: HTML in one piece, with headers that let it load and send nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from whentocall import html
from whentocall.interview import narrative, texts
from whentocall.protocol.protocol import Protocol
from whentocall.web import texts as web
from whentocall.web.phones import Phone, emergency_phones


@dataclass(frozen=True, slots=True)
class WebPage:
    """What to send back, as it is.

    Attributes:
        status: the HTTP status. A page that has to be filled in again has 200, as proxies may replace others
            with a page of their own; 4xx is for what no page of ours can have sent.
        body: the text, to be sent as UTF-8.
        headers: name to value, `Content-Type` among them.
    """

    status: int
    body: str
    headers: Mapping[str, str]


@cache
def _css() -> str:
    return files(__package__).joinpath("page.css").read_text("utf-8")


@cache
def _policy() -> str:
    return html.content_policy(_css(), form_action="'self'")


def _headers(kind: str, **more: str) -> Mapping[str, str]:
    return MappingProxyType(
        {
            "Content-Type": f"{kind}; charset=utf-8",
            "Cache-Control": "no-store",
            "Content-Security-Policy": _policy(),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            **more,
        }
    )


def html_page(
    template: str,
    *,
    title: str,
    known: Sequence[Protocol],
    team: Phone | None = None,
    status: int = 200,
    **values: Any,
) -> WebPage:
    """A page from a template of this package.

    Args:
        template: the name of its file, without endings.
        title: the page's own part of its title.
        known: the protocols that may be asked about, for the emergency numbers at the top.
        team: who else to call, if the number is set.
        status: the HTTP status.
        values: what the template refers to.
    """
    text = html.page(
        __package__,
        f"{template}.html.jinja",
        css=_css(),
        title=title,
        emergency=texts.INTRO[3].partition("{numbers}"),
        worried=texts.INTRO[2],
        phones=emergency_phones(known),
        team=team,
        texts=texts,
        web=web,
        narrative=narrative,
        **values,
    )
    # a line never ends between a number and its degrees
    return WebPage(status, text.replace(" °", "\u00a0°"), _headers("text/html"))


def download(text: str, *, name: str) -> WebPage:
    """JSON to be kept as a file."""
    disposition = f'attachment; filename="{name}"'
    return WebPage(200, text, _headers("application/json", **{"Content-Disposition": disposition}))
