"""Answers and advice made ready for a template: every word chosen here, nothing worked out there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from whentocall.embed.web.page import Phone, phone
from whentocall.embed.web.state import screen_title, screens_answered
from whentocall.engine.advice import Advice, Reason, Watch
from whentocall.engine.answers import Given
from whentocall.engine.words import answer_words
from whentocall.interview import texts
from whentocall.interview.render import WATCHED_PER_LEVEL
from whentocall.interview.walk import Walk
from whentocall.protocol.colours import known_colour
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice


@dataclass(frozen=True, slots=True)
class AnsweredScreen:
    """A screen that was answered: what it is called, what was said, and what was answered "no"."""

    title: str
    said: tuple[str, ...]
    no: str


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: why, the person's own answers, and who says so."""

    text: str
    said: str
    source: str


@dataclass(frozen=True, slots=True)
class ToWatch:
    """What would raise the level to one above: the words before the list, and the list."""

    lead: str
    items: tuple[str, ...]


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
    reasons: tuple[Because, ...]
    watch: tuple[ToWatch, ...]
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
    no = _no(protocol, answers, voice)
    said = tuple(
        protocol.questions[one].short.to(voice) if given else _said(protocol, one, given, voice)
        for one, given in answers.items()
        if given is not False
    )
    return AnsweredScreen(screen_title(walk, ids), said if said else (texts.NONE_OF_THESE,), no)


def first_large(words: str) -> str:
    """Words as the start of a line."""
    return words[:1].upper() + words[1:]


def _said(protocol: Protocol, one: str, given: Given, voice: Voice) -> str:
    question = protocol.questions[one]
    return f"{question.short.to(voice)}: {answer_words(question, given, voice)}"


def _no(protocol: Protocol, answers: Mapping[str, Given], voice: Voice) -> str:
    no = [protocol.questions[one].short.to(voice) for one, given in answers.items() if given is False]
    return texts.SUMMARY_NONE.format(list="; ".join(no)) if no else ""


def advice_card(walk: Walk, advice: Advice, numbers: Mapping[str, str]) -> AdviceCard:
    """The advice on the answers of a walk, ready to be shown."""
    protocol, voice = walk.interview.protocol, walk.interview.voice
    level = protocol.levels[protocol.ranks[advice.level]]
    colour = known_colour(level.colour)
    alike = [one.id for one in protocol.levels if known_colour(one.colour) == colour]
    ids = [f"{one.rule} ({', '.join(one.source.sentences)})" for one in advice.reasons]
    return AdviceCard(
        advice=advice,
        word=level.word,
        colour=colour,
        strong=len(alike) > 1 and alike[-1] == level.id,
        phones=_phones(protocol, advice, voice, numbers),
        problems=tuple(dict.fromkeys(one.text for one in advice.problems)),
        reasons=tuple(_because(protocol, one, voice) for one in advice.reasons),
        watch=tuple(_to_watch(protocol, advice, voice)),
        settle=tuple(one.text for one in advice.settle[:WATCHED_PER_LEVEL]),
        signed=_signed(protocol, advice),
        said=tuple(
            _said(protocol, one, given, voice) for one, given in walk.answers.items() if given is not False
        ),
        no=_no(protocol, walk.answers, voice),
        behind="; ".join([f"{protocol.id} {protocol.version}, {advice.protocol.sha256[:12]}", *ids]),
        ends=advice.level in (protocol.levels[0].id, protocol.levels[-1].id),
    )


def _phones(
    protocol: Protocol, advice: Advice, voice: Voice, numbers: Mapping[str, str]
) -> tuple[tuple[str, Phone | None], ...]:
    """Whom to call, first choice first. Who may be called instead is shown only with a number."""
    contact = advice.contact
    if not contact.who:
        return ()
    first = phone(contact.number) if contact.number else None
    found: list[tuple[str, Phone | None]] = [(first_large(protocol.who(contact.who, voice)), first)]
    if contact.also and contact.also in numbers:
        found.append((first_large(protocol.who(contact.also, voice)), phone(numbers[contact.also])))
    return tuple(found)


def _because(protocol: Protocol, reason: Reason, voice: Voice) -> Because:
    said = "; ".join(_said(protocol, one, given, voice) for one, given in reason.answers.items())
    source = protocol.sources.get(reason.source.document)
    own = reason.source.document in protocol.head.documents
    lead = texts.FROM if own else texts.FROM_OTHER
    return Because(
        reason.because,
        f"{texts.YOU_SAID}: {said}" if said else "",
        f"{lead}: {source.publisher}" if source else "",
    )


def _signed(protocol: Protocol, advice: Advice) -> str:
    if not advice.protocol.signed_off:
        return texts.NOT_SIGNED
    people = (f"{one.name}, {one.role}, {one.date}" for one in protocol.signers(None))
    return texts.SIGNED.format(people="; ".join(people))


def _to_watch(protocol: Protocol, advice: Advice, voice: Voice) -> Iterator[ToWatch]:
    """What to watch for, the most urgent level first; about what was reported first."""
    reported = {one.rule.rsplit("/", 1)[0] for one in advice.reasons}
    for level in reversed(protocol.levels):
        here = [one for one in advice.watch_for if one.level == level.id]
        if not here:
            continue
        lead = level.watch.to(voice) if level.watch else f"{level.word}:"
        roles = [protocol.who(role, voice) for role in protocol.contact_roles(level)]
        or_who = f", or {roles[1]}" if len(roles) > 1 else ""
        filled = protocol.fill(lead, who=roles[0] if roles else "", or_who=or_who)
        yield ToWatch(filled, _some(here, reported))


def _some(watched: Sequence[Watch], reported: set[str]) -> tuple[str, ...]:
    """The first few; what is near a limit or about something reported before the rest."""
    order = sorted(watched, key=lambda one: (not one.near, one.rule.rsplit("/", 1)[0] not in reported))
    items = [f"{texts.WATCH_NEAR} {one.text}" if one.near else one.text for one in order]
    if len(items) > WATCHED_PER_LEVEL + 1:
        return (*items[:WATCHED_PER_LEVEL], texts.WATCH_MORE)
    return tuple(items)
