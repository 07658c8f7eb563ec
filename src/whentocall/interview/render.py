"""Advice and summaries as lines of text: the words carry everything, colour only helps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from whentocall.engine.advice import Advice, Reason, Watch
from whentocall.engine.answers import Given
from whentocall.engine.words import answer_words
from whentocall.interview import texts
from whentocall.protocol.colours import known_colour
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

Style = Literal["plain", "heading", "faint", "red", "orange", "yellow", "blue", "green"]

WATCHED_PER_LEVEL = 6
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
    number = advice.contact.number or (texts.NUMBER_NOT_SET if advice.contact.who else "")
    lines = [Line(rule, style), *page.text(f"{level.word.upper()}: {advice.headline}", style=style)]
    lines += [Line(rule, style), *page.text(f"{texts.HOW_SOON}: {advice.contact.how_soon}")]
    lines += page.text(f"{texts.NUMBER}: {number}") if number else []
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
        lines += page.items(one.text for one in advice.settle[:WATCHED_PER_LEVEL])
    if advice.contradictions:
        lines += page.heading(texts.CONTRADICTION) + page.items(one.text for one in advice.contradictions)
    if advice.watch_for:
        lines += page.heading(texts.WATCH) + list(_watch(protocol, advice, voice, page))
    if advice.self_care:
        lines += page.heading(texts.CARE) + page.items(advice.self_care)
    lines.append(Line())
    lines += page.text(_signed(protocol, advice), style="faint")
    return lines + page.text(texts.NOT_A_DIAGNOSIS, style="faint")


def _signed(protocol: Protocol, advice: Advice) -> str:
    if not advice.protocol.signed_off:
        return texts.NOT_SIGNED
    people = (f"{one.name}, {one.role}, {one.date}" for one in protocol.signers(None))
    return texts.SIGNED.format(people="; ".join(people))


def headline_lines(protocol: Protocol, advice: Advice, page: Page) -> list[Line]:
    """The headline once more, for the end of a page that is longer than the screen."""
    level = protocol.levels[protocol.ranks[advice.level]]
    text = f"{level.word.upper()}: {advice.headline}"
    return [Line(), *page.text(text, style=_style(level.colour))]


def _style(colour: str) -> Style:
    known = known_colour(colour)
    return "heading" if known == "grey" else known


def _reason(protocol: Protocol, reason: Reason, voice: Voice, page: Page) -> list[Line]:
    said = [
        f"{protocol.questions[one].short.to(voice)}: {answer_words(protocol.questions[one], given, voice)}"
        for one, given in reason.answers.items()
    ]
    source = protocol.sources.get(reason.source.document)
    lines = page.text(reason.because, indent="  - ")
    lines += page.text(f"{texts.YOU_SAID}: {'; '.join(said)}", indent="    ") if said else []
    if source:
        own = reason.source.document in protocol.head.documents
        lead = texts.FROM if own else texts.FROM_OTHER
        lines += page.text(f"{lead}: {source.publisher}", indent="    ", style="faint")
    return lines


def _watch(protocol: Protocol, advice: Advice, voice: Voice, page: Page) -> Iterator[Line]:
    """What to watch for, level by level; about what was reported first."""
    reported = {one.rule.rsplit("/", 1)[0] for one in advice.reasons}
    for level in reversed(protocol.levels):
        here = [one for one in advice.watch_for if one.level == level.id]
        if not here:
            continue
        lead = level.watch.to(voice) if level.watch else f"{level.word}:"
        roles = [protocol.who(role, voice) for role in protocol.contact_roles(level)]
        or_who = f", or {roles[1]}" if len(roles) > 1 else ""
        yield from page.text(protocol.fill(lead, who=roles[0] if roles else "", or_who=or_who))
        yield from page.items(_some(here, reported))


def _some(watched: Sequence[Watch], reported: set[str]) -> list[str]:
    """The first few; what is near a limit or about something reported before the rest."""
    order = sorted(watched, key=lambda one: (not one.near, one.rule.rsplit("/", 1)[0] not in reported))
    shown = [f"{texts.WATCH_NEAR} {one.text}" if one.near else one.text for one in order]
    if len(shown) > WATCHED_PER_LEVEL + 1:
        return [*shown[:WATCHED_PER_LEVEL], texts.WATCH_MORE]
    return shown


def answers_lines(protocol: Protocol, answers: Mapping[str, Given], voice: Voice, page: Page) -> list[Line]:
    """What was answered: everything that is not "no" by line, then all that was answered "no"."""
    lines: list[Line] = []
    for one, given in answers.items():
        if given is not False:
            question = protocol.questions[one]
            text = f"{question.short.to(voice)}: {answer_words(question, given, voice)}"
            lines += page.text(text, indent="  - ")
    no = [protocol.questions[one].short.to(voice) for one, given in answers.items() if given is False]
    if no:
        lines += page.text(texts.SUMMARY_NONE.format(list="; ".join(no)), indent="  - ", hang="    ")
    return lines


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
    ids = [f"{one.rule} ({', '.join(one.source.sentences)})" for one in advice.reasons]
    state = f"{protocol.id} {protocol.version}, {advice.protocol.sha256[:12]}"
    return [*lines, Line(), *page.text("; ".join([state, *ids]), style="faint")]


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
