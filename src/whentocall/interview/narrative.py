"""What every face says: its words, chosen once, whatever they are then laid out in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whentocall._text import capital
from whentocall.engine.phrasing import answer_words
from whentocall.engine.spelling import Given
from whentocall.interview import texts
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.walk import Walk
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES, Voice

if TYPE_CHECKING:  # loads pydantic, which must not delay the first question
    from whentocall.engine.advice import Advice, Reason, Settle, Watch

FEW = 6
"""How many lines of a list are shown before the rest is only mentioned."""

Choice = tuple[str, str]
"""Id and text of a choice."""

YES, NO, DONT_KNOW = "yes", "no", "dont know"  # an option's id has no space, so it is never the last


class Because(NamedTuple):
    """A reason: why, the person's own answers, and who says so; the last two may be empty."""

    text: str
    answers: str
    source: str


class ToWatch(NamedTuple):
    """What would raise the level to one above: the words before the list, and the list."""

    lead: str
    items: tuple[str, ...]


class ReadBack(NamedTuple):
    """Answers read back: a line for each that is not "no", and one for all that are; it may be empty."""

    answers: tuple[str, ...]
    no: str


def voices(protocol: Protocol) -> list[Choice]:
    """Who may be answering."""
    words = {**texts.ANSWERING, **(protocol.head.answering or {})}
    return [(voice, words[voice]) for voice in VOICES]


def choices(question: AskedQuestion) -> list[Choice]:
    """The answers to choose from; "I don't know" is always one of them."""
    options = [(option.id, option.text) for option in question.options]
    if question.kind == "yes-no":
        options = [(YES, texts.YES), (NO, texts.NO)]
    return [*options, (DONT_KNOW, texts.DONT_KNOW)]


def chosen_answer(question: AskedQuestion, choice: str) -> Given:
    """The answer that one of those choices stands for, by its id."""
    if choice == DONT_KNOW:
        return None
    return {YES: True, NO: False}[choice] if question.kind == "yes-no" else choice


def number_words(question: AskedQuestion, given: Given) -> str:
    """A number with its unit, as it was understood."""
    if given is None:
        return texts.DONT_KNOW
    if isinstance(given, dict):
        return f"{given['value']:g} {given['unit']}"
    return f"{given} {question.unit}".strip()


def ticked_words(ask: Ask, answers: Mapping[str, bool | None]) -> str:
    """What was ticked on a checklist."""
    words = [
        question.short if answers[question.id] else f"{question.short}: {texts.DONT_KNOW}"
        for question in ask.questions
        if answers[question.id] is not False
    ]
    return "; ".join(words) or texts.NONE_OF_THESE


def answer_line(protocol: Protocol, question_id: str, given: Given, voice: Voice) -> str:
    """An answer as the person would read it back: `Temperature: 38.6 °C`."""
    question = protocol.questions[question_id]
    return f"{question.short.to(voice)}: {answer_words(question, given, voice)}"


def read_back(protocol: Protocol, answers: Mapping[str, Given], voice: Voice) -> ReadBack:
    """All answers, in the order of answering."""
    no = [
        protocol.questions[question_id].short.to(voice)
        for question_id, given in answers.items()
        if given is False
    ]
    lines = (
        answer_line(protocol, question_id, given, voice)
        for question_id, given in answers.items()
        if given is not False
    )
    return ReadBack(tuple(lines), texts.SUMMARY_NONE.format(list="; ".join(no)) if no else "")


def read_back_screen(walk: Walk, screen: Ask) -> ReadBack:
    """The answers of one screen, under its title: what was ticked on a checklist needs no "yes"."""
    protocol, voice = walk.protocol, walk.voice
    if len(screen.questions) == 1:
        question_id = screen.questions[0].id
        words = answer_words(protocol.questions[question_id], walk.answers[question_id], voice)
        return ReadBack((capital(words),), "")
    answers = {question.id: walk.answers[question.id] for question in screen.questions}
    lines = tuple(
        question.short if answers[question.id] else answer_line(protocol, question.id, None, voice)
        for question in screen.questions
        if answers[question.id] is not False
    )
    return ReadBack(lines or (texts.NONE_OF_THESE,), read_back(protocol, answers, voice).no)


def headline(protocol: Protocol, advice: Advice) -> str:
    """How urgent and what to do, in one line; the level is in the words, never in colour alone."""
    return f"{protocol.levels[advice.rank].word.upper()}: {advice.headline}"


def problems(advice: Advice) -> tuple[str, ...]:
    """What went wrong inside, each text once."""
    return tuple(dict.fromkeys(problem.text for problem in advice.problems))


def so_far(answers: Mapping[str, Given]) -> str:
    """What to say above the advice if somebody stopped before the end."""
    return texts.SO_FAR if answers else texts.SO_FAR_NOTHING


def because(protocol: Protocol, reason: Reason, voice: Voice) -> Because:
    """A reason in words."""
    answers = "; ".join(
        answer_line(protocol, question_id, given, voice) for question_id, given in reason.answers.items()
    )
    source = protocol.sources.get(reason.source.document)
    lead = texts.FROM if reason.source.document in protocol.head.documents else texts.FROM_OTHER
    return Because(
        reason.because,
        f"{texts.YOU_SAID}: {answers}" if answers else "",
        f"{lead}: {source.publisher}" if source else "",
    )


def to_watch(protocol: Protocol, advice: Advice, voice: Voice) -> Iterator[ToWatch]:
    """What to watch for: the most urgent level first, and in it what was reported first."""
    reported = {_card(reason) for reason in advice.reasons}
    for level in reversed(protocol.levels):
        watched = [watch for watch in advice.watch_for if watch.level == level.id]
        if not watched:
            continue
        lead = level.watch.to(voice) if level.watch else f"{level.word}:"
        roles = [protocol.who(role, voice) for role in protocol.contact_roles(level)]
        or_who = f", or {roles[1]}" if len(roles) > 1 else ""
        filled = protocol.fill(lead, who=roles[0] if roles else "", or_who=or_who)
        watched.sort(key=lambda watch: (not watch.near, _card(watch) not in reported))
        items = [f"{texts.WATCH_NEAR} {watch.text}" if watch.near else watch.text for watch in watched]
        yield ToWatch(filled, _few(items, texts.WATCH_MORE))


def _card(part: Reason | Watch) -> str:
    return part.rule.rpartition("/")[0]


def to_settle(settle: Sequence[Settle]) -> tuple[str, ...]:
    """What to find out, the most urgent first."""
    return _few([question.text for question in settle], texts.UNKNOWN_MORE)


def _few(items: Sequence[str], more: str) -> tuple[str, ...]:
    """All of them, or the first few and that there are more; one more is as short as to say so."""
    return tuple(items) if len(items) <= FEW + 1 else (*items[:FEW], more)


def numbers(protocol: Protocol, advice: Advice, voice: Voice) -> Iterator[str]:
    """The phone numbers to call, each in a line; a number that is not set is mentioned too."""
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
    people = (f"{signature.name}, {signature.role}, {signature.date}" for signature in protocol.signers(None))
    return texts.SIGNED.format(people="; ".join(people))


def behind(protocol: Protocol, advice: Advice) -> str:
    """The version of the protocol, and the rules and sentences behind the advice, to look up."""
    ids = [f"{reason.rule} ({', '.join(reason.source.sentences)})" for reason in advice.reasons]
    return "; ".join([f"{protocol.id} {protocol.version}, {advice.protocol.sha256[:12]}", *ids])
