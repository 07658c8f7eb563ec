"""The review pack as one self-contained page of HTML: to be read on a screen, printed, or sent."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from whentocall._text import capital, title_of
from whentocall.html import page
from whentocall.review_pack.map import map_panels
from whentocall.review_pack.pack import Pack
from whentocall.review_pack.words import day_words, given_words, kind_words, usual_words


def review_html(pack: Pack, made: date | None = None) -> str:
    """The page. The same pack and the same day give the same bytes.

    Args:
        pack: from `build_pack`.
        made: the day to show as the day it was made; none if not given.
    """
    return page(
        __package__,
        "page.html.jinja",
        filters={
            "anchor": anchor,
            "as_title": title_of,
            "capital": capital,
            "day": day_words,
            "kind": kind_words,
            "usual": usual_words,
        },
        pack=pack,
        protocol=pack.protocol,
        given=given_words,
        panels=map_panels(pack),
        made=made,
        css=(Path(__file__).parent / "page.css").read_text("utf-8"),
    )


def anchor(text: str) -> str:
    """An id as part of a link within the page; different ids stay different."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda match: f".{ord(match[0]):x}.", text).replace(".2f.", ".")
