"""An impact as one page, complete in itself: for a screen, a telephone, paper, and a screen reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from whentocall.html import page
from whentocall.tables.impact.figure import figure_of
from whentocall.tables.impact.result import DIRECTIONS, Direction, Example, Impact
from whentocall.tables.impact.result import direction as direction_of
from whentocall.tables.impact.words import MEANINGS, NO_RULE, SIGNS, Said, rows_words, rule_words, share

_ARROWS = {"lowered": "\N{BLACK DOWN-POINTING TRIANGLE}", "raised": "\N{WHITE UP-POINTING TRIANGLE}"}


def impact_html(
    impact: Impact, say: Callable[[Example], Said], *, table: str = "", made: date | None = None
) -> str:
    """The page. The same values give the same bytes.

    Args:
        impact: from `impact_of`.
        say: gives the words for an example's answers.
        table: the table's name, if it has one.
        made: the day to show as the day it was made; none if not given.
    """

    def direction(old: str, new: str) -> Direction:
        return direction_of(impact.old.levels, impact.new.levels, old, new)

    shown = [way for way in DIRECTIONS if impact.count(way) or way != "unclear"]
    return page(
        __package__,
        "page.html.jinja",
        filters={"rows": rows_words, "number": "{:,}".format, "changed": rule_words},
        impact=impact,
        say=say,
        figure=figure_of(impact),
        directions=shown,
        direction=direction,
        share=share,
        meanings=MEANINGS,
        no_rule=NO_RULE,
        signs={way: _ARROWS.get(way, SIGNS[way]) for way in DIRECTIONS},
        table=table,
        made="" if made is None else f"{made.day} {made:%B %Y}",
        css=(Path(__file__).parent / "page.css").read_text("utf-8"),
    )
