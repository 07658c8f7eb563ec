"""Advice and summaries as lines of text: the words carry everything, colour only helps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from whentocall.engine.spelling import Given
from whentocall.interview import narrative, texts
from whentocall.protocol.colours import known_colour
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

if TYPE_CHECKING:  # loads pydantic, which must not delay the first question
    from whentocall.engine.advice import Advice

Style = Literal["plain", "heading", "faint", "red", "orange", "yellow", "blue", "green"]

WIDEST = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One line on a screen or page."""

    text: str = ""
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Page:
    """Lays out text in at most `width` columns."""

    width: int

    def text(self, text: str, *, indent: str = "", style: Style = "plain") -> list[Line]:
        """A paragraph, indented by `indent`, which stands before its first line."""
        wrapped = textwrap.wrap(
            text,
            max(20, min(self.width, WIDEST)),
            initial_indent=indent,
            subsequent_indent=" " * len(indent),
            break_on_hyphens=False,
        )
        return [Line(line, style) for line in wrapped or [indent.rstrip()]]

    def heading(self, text: str) -> list[Line]:
        """A heading with an empty line above."""
        return [Line(), *self.text(text, style="heading")]

    def items(self, items: Iterable[str]) -> list[Line]:
        """A list."""
        return [line for item in items for line in self.text(item, indent="  - ")]

    def steps(self, items: Iterable[str]) -> list[Line]:
        """A numbered list."""
        return [
            line for place, item in enumerate(items, 1) for line in self.text(item, indent=f"  {place}. ")
        ]

    def section(self, title: str, items: Sequence[str]) -> list[Line]:
        """A list under its heading; nothing if there are no items."""
        return self.heading(title) + self.items(items) if items else []


def advice_lines(protocol: Protocol, advice: Advice, voice: Voice, page: Page) -> list[Line]:
    """The advice, most important first."""
    style = _style(protocol, advice)
    bar = Line("=" * min(page.width, WIDEST), style)
    lines = [bar, *page.text(narrative.headline(protocol, advice), style=style), bar]
    lines += page.text(f"{texts.HOW_SOON}: {advice.contact.how_soon}")
    lines += [line for number in narrative.numbers(protocol, advice, voice) for line in page.text(number)]
    lines += [] if advice.finished else page.text(texts.NOT_FINISHED)
    lines += page.section(texts.PROBLEM, narrative.problems(advice))
    lines += page.heading(texts.FIRST) + page.steps(advice.first)
    lines += page.heading(texts.WHY) if advice.reasons else []
    for reason in advice.reasons:
        why = narrative.because(protocol, reason, voice)
        lines += page.text(why.text, indent="  - ")
        lines += page.text(why.answers, indent="    ") if why.answers else []
        lines += page.text(why.source, indent="    ", style="faint") if why.source else []
    if advice.settle:
        lines += page.heading(texts.UNKNOWN) + page.text(texts.UNKNOWN_WHY)
        lines += page.items(narrative.to_settle(advice.settle))
    lines += page.section(texts.CONTRADICTION, [contrary.text for contrary in advice.contradictions])
    lines += page.heading(texts.WATCH) if advice.watch_for else []
    for watch in narrative.to_watch(protocol, advice, voice):
        lines += page.text(watch.lead) + page.items(watch.items)
    lines += page.section(texts.CARE, advice.self_care)
    lines += [Line(), *page.text(narrative.signed(protocol, advice), style="faint")]
    return lines + page.text(texts.NOT_A_DIAGNOSIS, style="faint")


def headline_lines(protocol: Protocol, advice: Advice, page: Page) -> list[Line]:
    """The headline once more, for the end of a page that is longer than the screen."""
    return [Line(), *page.text(narrative.headline(protocol, advice), style=_style(protocol, advice))]


def _style(protocol: Protocol, advice: Advice) -> Style:
    colour = known_colour(protocol.levels[advice.rank].colour)
    return "heading" if colour == "grey" else colour


def answers_lines(protocol: Protocol, answers: Mapping[str, Given], voice: Voice, page: Page) -> list[Line]:
    """What was answered: everything that is not "no" by line, then all that was answered "no"."""
    lines, no = narrative.read_back(protocol, answers, voice)
    return page.items([*lines, no] if no else lines)


def summary_lines(
    protocol: Protocol, advice: Advice, answers: Mapping[str, Given], voice: Voice, *, when: str
) -> list[Line]:
    """One page to hand to a nurse: the level, the answers, and what is behind the advice."""
    page = Page(WIDEST)
    lines = [Line(texts.SUMMARY_FOR_TEAM), *page.text(protocol.title)]
    lines += page.text(texts.SUMMARY_MADE.format(when=when)) + page.text(texts.SUMMARY_ABOUT[voice])
    lines += [] if advice.finished else page.text(texts.SUMMARY_UNFINISHED)
    lines += page.heading(texts.SUMMARY_ANSWERS) + answers_lines(protocol, answers, voice, page)
    lines += [Line(), *advice_lines(protocol, advice, voice, page)]
    return [*lines, Line(), *page.text(narrative.behind(protocol, advice), style="faint")]


_CODES: dict[Style, str] = {
    "plain": "",
    "heading": "1",
    "faint": "2",
    "red": "1;97;41",
    "orange": "1;30;43",
    "yellow": "1;30;103",
    "blue": "1;97;44",
    "green": "1;97;42",
}


def paint(line: Line, *, colour: bool) -> str:
    """The line as printed; without colour, exactly its words."""
    code = _CODES[line.style]
    return f"\x1b[{code}m{line.text}\x1b[0m" if colour and code and line.text else line.text
