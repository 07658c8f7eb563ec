"""The review pack as one page of HTML that needs nothing else: to be read on a screen, printed, or sent."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from whentocall.review.pack.map import map_panels
from whentocall.review.pack.names import day_words
from whentocall.review.pack.parts import LevelRow, Pack, PassageState

_HERE = Path(__file__).parent
_COLOURS = {
    "red": "red",
    "orange": "orange",
    "amber": "orange",
    "yellow": "yellow",
    "blue": "blue",
    "green": "green",
}
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
    environment = Environment(
        loader=FileSystemLoader(_HERE, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(anchor=anchor, day=day_words, colour=colour_class, state=_STATES.__getitem__)
    css = (_HERE / "page.css").read_text("utf-8")
    template = environment.get_template("page.html.jinja")
    sentences = {one.id: one for one in pack.sentences}
    return template.render(pack=pack, panels=map_panels(pack), sentences=sentences, made=made, css=css)


def anchor(text: str) -> str:
    """An id as part of a link within the page; different ids stay different."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda found: f".{ord(found[0]):x}.", text).replace(".2f.", ".")


def colour_class(level: LevelRow) -> str:
    """The style of a level's badge. Of two levels with one colour, the more urgent one is the stronger.

    A name that is not known is grey: nothing of a rule file becomes part of a style.
    """
    colour = _COLOURS.get(level.colour, "grey")
    return f"{colour} strong" if colour == "red" and level.is_first_of_colour else colour
