"""Advice and summaries as lines of text: the words carry everything, colour only helps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from whentocall.engine.spelling import Given
from whentocall.interview import narrative as told
from whentocall.interview import texts
from whentocall.protocol.colours import known_colour
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

if TYPE_CHECKING:  # pydantic comes with it, and must not stand before the first question
    from whentocall.engine.advice import Advice, Reason

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

    def text(self, text: str, *, indent: str = "", hang: str = "", style: Style = "plain") -> list[Line]:
        """A paragraph; `indent` stands before its first line and `hang` before the others."""
        room = max(20, min(self.width, WIDEST))
        wrapped = textwrap.wrap(
            text,
            room,
            initial_indent=indent,
            subsequent_indent=hang or " " * len(indent),
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


def advice_lines(protocol: Protocol, advice: Advice, voice: Voice, page: Page) -> list[Line]:
    """The advice, most important first."""
    level = protocol.levels[protocol.ranks[advice.level]]
    style: Style = _style(level.colour)
    rule = "=" * min(page.width, WIDEST)
    lines = [Line(rule, style), *page.text(f"{level.word.upper()}: {advice.headline}", style=style)]
    lines += [Line(rule, style), *page.text(f"{texts.HOW_SOON}: {advice.contact.how_soon}")]
    lines += [line for number in told.numbers(protocol, advice, voice) for line in page.text(number)]
    lines += [] if advice.finished else page.text(texts.NOT_FINISHED)
    if advice.problems:
        problems = dict.fromkeys(one.text for one in advice.problems)
        lines += page.heading(texts.PROBLEM) + page.items(problems)
    lines += page.heading(texts.FIRST) + page.steps(advice.first)
    if advice.reasons:
        lines += page.heading(texts.WHY)
        lines += [line for one in advice.reasons for line in _reason(protocol, one, voice, page)]
    if advice.settle:
        lines += page.heading(texts.UNKNOWN) + page.text(texts.UNKNOWN_WHY)
        lines += page.items(told.to_settle(advice.settle))
    if advice.contradictions:
        lines += page.heading(texts.CONTRADICTION) + page.items(one.text for one in advice.contradictions)
    if advice.watch_for:
        lines += page.heading(texts.WATCH) + list(_watch(protocol, advice, voice, page))
    if advice.self_care:
        lines += page.heading(texts.CARE) + page.items(advice.self_care)
    lines.append(Line())
    lines += page.text(told.signed(protocol, advice), style="faint")
    return lines + page.text(texts.NOT_A_DIAGNOSIS, style="faint")


def headline_lines(protocol: Protocol, advice: Advice, page: Page) -> list[Line]:
    """The headline once more, for the end of a page that is longer than the screen."""
    level = protocol.levels[protocol.ranks[advice.level]]
    text = f"{level.word.upper()}: {advice.headline}"
    return [Line(), *page.text(text, style=_style(level.colour))]


def _style(colour: str) -> Style:
    known = known_colour(colour)
    return "heading" if known == "grey" else known


def _reason(protocol: Protocol, reason: Reason, voice: Voice, page: Page) -> list[Line]:
    why = told.because(protocol, reason, voice)
    lines = page.text(why.text, indent="  - ")
    lines += page.text(why.said, indent="    ") if why.said else []
    return lines + (page.text(why.source, indent="    ", style="faint") if why.source else [])


def _watch(protocol: Protocol, advice: Advice, voice: Voice, page: Page) -> Iterator[Line]:
    for one in told.to_watch(protocol, advice, voice):
        yield from page.text(one.lead)
        yield from page.items(one.items)


def answers_lines(protocol: Protocol, answers: Mapping[str, Given], voice: Voice, page: Page) -> list[Line]:
    """What was answered: everything that is not "no" by line, then all that was answered "no"."""
    lines: list[Line] = []
    for one, given in answers.items():
        if given is not False:
            lines += page.text(told.said(protocol, one, given, voice), indent="  - ")
    no = told.said_no(protocol, answers, voice)
    return lines + (page.text(no, indent="  - ", hang="    ") if no else [])


def summary_lines(
    protocol: Protocol,
    advice: Advice,
    answers: Mapping[str, Given],
    voice: Voice,
    *,
    when: str,
) -> list[Line]:
    """One page to hand to a nurse: the level, the answers, and what is behind the advice."""
    page = Page(WIDEST)
    lines = [Line(texts.SUMMARY_FOR_TEAM), *page.text(protocol.title)]
    lines += page.text(texts.SUMMARY_MADE.format(when=when)) + page.text(texts.SUMMARY_ABOUT[voice])
    lines += [] if advice.finished else page.text(texts.SUMMARY_UNFINISHED)
    lines += page.heading(texts.SUMMARY_ANSWERS) + answers_lines(protocol, answers, voice, page)
    lines += [Line(), *advice_lines(protocol, advice, voice, page)]
    return [*lines, Line(), *page.text(told.behind(protocol, advice), style="faint")]


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
