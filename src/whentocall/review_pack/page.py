"""The review pack as one page of HTML that needs nothing else: to be read on a screen, printed, or sent."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from whentocall.html import page
from whentocall.protocol.colours import known_colour
from whentocall.review_pack.map import map_panels
from whentocall.review_pack.names import day_words
from whentocall.review_pack.parts import LevelRow, Pack, PassageState

_STATES: dict[PassageState, str] = {
    "found": "Unchanged",
    "changed": "Changed",
    "no text held": "In our words",
    "not compared": "Not compared",
}


def review_html(pack: Pack, made: date | None = None) -> str:
    """The page. The same pack and the same day give the same bytes.

    Args:
        pack: from `build_pack`.
        made: the day to show as the day it was made; none if not given.
    """
    return page(
        __package__,
        "page.html.jinja",
        filters={"anchor": anchor, "day": day_words, "colour": colour_class, "state": _STATES.__getitem__},
        pack=pack,
        panels=map_panels(pack),
        sentences={one.id: one for one in pack.sentences},
        made=made,
        css=(Path(__file__).parent / "page.css").read_text("utf-8"),
    )


def anchor(text: str) -> str:
    """An id as part of a link within the page; different ids stay different."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda found: f".{ord(found[0]):x}.", text).replace(".2f.", ".")


def colour_class(level: LevelRow) -> str:
    """The style of a level's badge. Of two levels with one colour, the more urgent one is the stronger."""
    colour = known_colour(level.colour)
    return f"{colour} strong" if colour == "red" and level.is_first_of_colour else colour
