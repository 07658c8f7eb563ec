"""The colours that a level may be shown in. Every face knows these and no others."""

from __future__ import annotations

from typing import Literal

Colour = Literal["red", "orange", "yellow", "blue", "green", "grey"]

_KNOWN: dict[str, Colour] = {
    "red": "red",
    "orange": "orange",
    "amber": "orange",
    "yellow": "yellow",
    "blue": "blue",
    "green": "green",
}


def known_colour(name: str) -> Colour:
    """The colour for a level's `colour`. One that is not known is grey: no name becomes part of a style."""
    return _KNOWN.get(name, "grey")
