"""A page as it is sent: HTML in one piece, with headers that let it load and send nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, NamedTuple

from whentocall.html import content_policy
from whentocall.html import page as filled_in
from whentocall.interview import texts
from whentocall.protocol.protocol import Protocol
from whentocall.web import texts as web

_PHONE = re.compile(r"(?!.*\(0\))\+?[0-9(][0-9 ().-]*")


@dataclass(frozen=True, slots=True)
class WebPage:
    """What to send back, as it is.

    Attributes:
        status: of HTTP. A page that has to be filled in again has 200, as proxies may put a page of their
            own in the place of others; 4xx is for what no page of ours can have sent.
        body: the text, to be sent as UTF-8.
        headers: name to value, `Content-Type` among them.
    """

    status: int
    body: str
    headers: Mapping[str, str]


class Phone(NamedTuple):
    """A number to call: as it is shown, with its place if it needs one, alone, and as the address of a link.

    There is no link where the number is not plain: `020 7946 0000 ext 5` and `+44 (0)20 7946 0000` would
    be misdialled.
    """

    shown: str
    number: str
    link: str | None


def phone(number: str) -> Phone:
    """A number ready to be shown."""
    link = "tel:" + re.sub(r"[^0-9+]", "", number) if _PHONE.fullmatch(number) else None
    return Phone(number, number, link)


@cache
def _css() -> str:
    return files(__package__).joinpath("page.css").read_text("utf-8")


@cache
def _policy() -> str:
    return content_policy(_css(), form_action="'self'")


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
    team: tuple[str, Phone] | None = None,
    status: int = 200,
    **values: Any,
) -> WebPage:
    """A page from a template of this package.

    Args:
        template: the name of its file, without endings.
        title: where one is.
        known: the protocols that may be asked about, for the emergency numbers at the top.
        team: whom to call otherwise, and the number, if it is set.
        status: of HTTP.
        values: what the template speaks of.
    """
    text = filled_in(
        __package__,
        f"{template}.html.jinja",
        css=_css(),
        title=f"{title} – {web.NAME}",
        emergency=texts.INTRO[3].partition("{numbers}"),
        worried=texts.INTRO[2],
        phones=_emergency_phones(known),
        team=team,
        texts=texts,
        web=web,
        **values,
    )
    # a line never ends between a number and its degrees
    return WebPage(status, text.replace(" °", "\u00a0°"), _headers("text/html"))


def download(text: str, *, name: str) -> WebPage:
    """JSON to be kept as a file."""
    disposition = f'attachment; filename="{name}"'
    return WebPage(200, text, _headers("application/json", **{"Content-Disposition": disposition}))


def _emergency_phones(known: Sequence[Protocol]) -> list[Phone]:
    """The emergency number; where there are several, each with the place that it is for."""
    regions = {one.region.emergency_number: one.region for one in known}
    if len(regions) == 1:
        return [phone(number) for number in regions]
    return [
        phone(number)._replace(shown=web.EMERGENCY_FOR.format(number=number, place=region.name))
        for number, region in regions.items()
    ]
