"""What every face tells of a result: its words, chosen once, whatever they are then laid out in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whentocall.engine.phrasing import answer_words
from whentocall.engine.spelling import Given
from whentocall.interview import texts
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

if TYPE_CHECKING:  # pydantic comes with it, and must not stand before the first question
    from whentocall.engine.advice import Advice, Reason, Settle, Watch

FEW = 6
"""How many lines of one list are told before the rest is only mentioned."""


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: why, the person's own answers, and who says so; the last two may be empty."""

    text: str
    said: str
    source: str


@dataclass(frozen=True, slots=True)
class ToWatch:
    """What would raise the level to one above: the words before the list, and the list."""

    lead: str
    items: tuple[str, ...]


def said(protocol: Protocol, one: str, given: Given, voice: Voice) -> str:
    """An answer as the person would read it back: `Temperature: 38.6 °C`."""
    question = protocol.questions[one]
    return f"{question.short.to(voice)}: {answer_words(question, given, voice)}"


def said_no(protocol: Protocol, answers: Mapping[str, Given], voice: Voice) -> str:
    """All that was answered "no", in one line; empty if there is none."""
    no = [protocol.questions[one].short.to(voice) for one, given in answers.items() if given is False]
    return texts.SUMMARY_NONE.format(list="; ".join(no)) if no else ""


def because(protocol: Protocol, reason: Reason, voice: Voice) -> Because:
    """A reason in words."""
    answers = "; ".join(said(protocol, one, given, voice) for one, given in reason.answers.items())
    source = protocol.sources.get(reason.source.document)
    lead = texts.FROM if reason.source.document in protocol.head.documents else texts.FROM_OTHER
    return Because(
        reason.because,
        f"{texts.YOU_SAID}: {answers}" if answers else "",
        f"{lead}: {source.publisher}" if source else "",
    )


def to_watch(protocol: Protocol, advice: Advice, voice: Voice) -> Iterator[ToWatch]:
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
    return _few(items, texts.WATCH_MORE)


def to_settle(opened: Sequence[Settle]) -> tuple[str, ...]:
    """What to find out, the most urgent first; that there is more is said."""
    return _few([one.text for one in opened], texts.UNKNOWN_MORE)


def _few(items: Sequence[str], more: str) -> tuple[str, ...]:
    """All of them, or the first few and that there are more; one more is as short as to say so."""
    return tuple(items) if len(items) <= FEW + 1 else (*items[:FEW], more)


def numbers(protocol: Protocol, advice: Advice, voice: Voice) -> Iterator[str]:
    """The phone numbers to call, each a line; that one is not set is said."""
    contact = advice.contact
    if contact.who:
        yield f"{texts.NUMBER}: {contact.number or texts.NUMBER_NOT_SET}"
    if contact.also and contact.also_number:
        who = protocol.who(contact.also, voice)
        yield texts.ALSO_NUMBER.format(who=who, number=contact.also_number)


def signed(protocol: Protocol, advice: Advice) -> str:
    """Who has checked and signed the advice, or that nobody has."""
    if not advice.protocol.signed_off:
        return texts.NOT_SIGNED
    people = (f"{one.name}, {one.role}, {one.date}" for one in protocol.signers(None))
    return texts.SIGNED.format(people="; ".join(people))


def behind(protocol: Protocol, advice: Advice) -> str:
    """The state of the protocol, and the rules and sentences behind a result, for who looks them up."""
    ids = [f"{one.rule} ({', '.join(one.source.sentences)})" for one in advice.reasons]
    return "; ".join([f"{protocol.id} {protocol.version}, {advice.protocol.sha256[:12]}", *ids])
