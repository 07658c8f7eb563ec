"""Answers and advice made ready for a template: every word chosen here, nothing worked out there."""

from __future__ import annotations

from dataclasses import dataclass

from whentocall.engine.advice import Advice
from whentocall.engine.phrasing import answer_words
from whentocall.interview import narrative as told
from whentocall.interview import texts
from whentocall.interview.progress import Walk
from whentocall.protocol.colours import known_colour
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice
from whentocall.web.page import Phone, phone
from whentocall.web.state import screen_title, screens_answered


@dataclass(frozen=True, slots=True)
class AnsweredScreen:
    """A screen that was answered: what it is called, what was said, and what was answered "no"."""

    title: str
    said: tuple[str, ...]
    no: str


@dataclass(frozen=True, slots=True)
class AdviceCard:
    """Advice as the page shows it.

    Attributes:
        advice: all of it.
        word, colour, strong: the level in words and colour; of two in one colour the more urgent is strong.
        phones: whom to call and the number; the number that is not set is None.
        problems: what went wrong inside, each once.
        reasons, watch, settle: why, what to watch for, and what is not known.
        signed: who has checked the rules, or that nobody has.
        said, no: the answers for the team: those that are not "no", then those that are.
        behind: the rules and sentences behind it, for somebody who wants to look them up.
        ends: whether nothing more should be asked of somebody at this level.
    """

    advice: Advice
    word: str
    colour: str
    strong: bool
    phones: tuple[tuple[str, Phone | None], ...]
    problems: tuple[str, ...]
    reasons: tuple[told.Because, ...]
    watch: tuple[told.ToWatch, ...]
    settle: tuple[str, ...]
    signed: str
    said: tuple[str, ...]
    no: str
    behind: str
    ends: bool


def answered_screens(walk: Walk) -> tuple[AnsweredScreen, ...]:
    """Every screen that was answered, in the order of answering."""
    return tuple(_answered_screen(walk, ids) for ids in screens_answered(walk))


def _answered_screen(walk: Walk, ids: tuple[str, ...]) -> AnsweredScreen:
    voice, protocol = walk.interview.voice, walk.interview.protocol
    if len(ids) == 1:
        words = answer_words(protocol.questions[ids[0]], walk.answers[ids[0]], voice)
        return AnsweredScreen(screen_title(walk, ids), (first_large(words),), "")
    answers = {one: walk.answers[one] for one in ids}
    no = told.said_no(protocol, answers, voice)
    said = tuple(
        protocol.questions[one].short.to(voice) if given else told.said(protocol, one, given, voice)
        for one, given in answers.items()
        if given is not False
    )
    return AnsweredScreen(screen_title(walk, ids), said if said else (texts.NONE_OF_THESE,), no)


def first_large(words: str) -> str:
    """Words as the start of a line."""
    return words[:1].upper() + words[1:]


def advice_card(walk: Walk, advice: Advice) -> AdviceCard:
    """The advice on the answers of a walk, ready to be shown."""
    protocol, voice = walk.interview.protocol, walk.interview.voice
    level = protocol.levels[protocol.ranks[advice.level]]
    colour = known_colour(level.colour)
    alike = [one.id for one in protocol.levels if known_colour(one.colour) == colour]
    return AdviceCard(
        advice=advice,
        word=level.word,
        colour=colour,
        strong=len(alike) > 1 and alike[-1] == level.id,
        phones=_phones(protocol, advice, voice),
        problems=tuple(dict.fromkeys(one.text for one in advice.problems)),
        reasons=tuple(told.because(protocol, one, voice) for one in advice.reasons),
        watch=tuple(told.to_watch(protocol, advice, voice)),
        settle=told.to_settle(advice.settle),
        signed=told.signed(protocol, advice),
        said=tuple(
            told.said(protocol, one, given, voice)
            for one, given in walk.answers.items()
            if given is not False
        ),
        no=told.said_no(protocol, walk.answers, voice),
        behind=told.behind(protocol, advice),
        ends=advice.level in (protocol.levels[0].id, protocol.levels[-1].id),
    )


def _phones(protocol: Protocol, advice: Advice, voice: Voice) -> tuple[tuple[str, Phone | None], ...]:
    """Whom to call, first choice first. Who may be called instead is shown only with a number."""
    contact = advice.contact
    if not contact.who:
        return ()
    first = phone(contact.number) if contact.number else None
    found: list[tuple[str, Phone | None]] = [(first_large(protocol.who(contact.who, voice)), first)]
    if contact.also and contact.also_number:
        found.append((first_large(protocol.who(contact.also, voice)), phone(contact.also_number)))
    return tuple(found)
