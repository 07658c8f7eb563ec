"""`advise`: answers in, advice out. Stateless; the protocol is all it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from whentocall.config import EMERGENCY, numbers_given
from whentocall.engine.advice import (
    Advice,
    Contact,
    Contradiction,
    ProtocolRef,
    Reason,
    Request,
    SourceRef,
    WhyNot,
)
from whentocall.engine.answers import check_answers
from whentocall.engine.confirm import confirm, safer, wrong
from whentocall.engine.crosscheck import Attempts, judge
from whentocall.engine.echo import Echo, echoed
from whentocall.engine.explain import settle
from whentocall.engine.explain import why_not as explain_why_not
from whentocall.engine.situation import Situation
from whentocall.engine.spelling import Given
from whentocall.engine.watch import watch_for
from whentocall.protocol.conditions import FALSE, TRUE, Test, tests
from whentocall.protocol.model import Escalation, Level, Rule
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES, Voice, check_voice

MOST_KEPT = 64
"""Reasons of one rule that are kept ready: which of its comparisons hold is all that they tell of anybody."""


def advise(
    protocol: Protocol,
    answers: Mapping[str, object],
    *,
    voice: Voice = "you",
    numbers: Mapping[str, str] | None = None,
    watch: bool = True,
) -> Advice:
    """How soon to contact whom, and why.

    Args:
        protocol: from `load`.
        answers: question id to answer in JSON form: `True`/`False`, a number in the question's own unit,
            `{"value": 101.5, "unit": "°F"}`, a choice's id, or `None` for "don't know". A question that
            is absent was not asked. Neither of the last two ever lowers the advice.
        voice: "you" for the person themselves, "they" for somebody who answers for them.
        numbers: role (such as "advice-line") to the phone number to show. The number of the emergency
            service is the region's.
        watch: whether to work out `watch_for`, the costliest part of the result.

    Raises:
        AnswersError: an answer is out of range, of the wrong type, or to a question that is not there.
        ConfigError: there is no such voice, a number is not one, or its role is not one of the protocol's.
        EngineUnavailable: durable-rules is not installed, or cannot be imported.

    >>> import whentocall
    >>> protocol = whentocall.load("all-targeted-drugs")
    >>> advice = whentocall.advise(protocol, {"temperature": {"value": 101.5, "unit": "°F"}})
    >>> advice.level, advice.contact.who
    ('immediately', 'advice-line')
    >>> advice.reasons[0].rule
    'all-targeted-drugs/infection/high-temperature'

    Not knowing never lowers the level, and the result names what would settle it:

    >>> unknown = whentocall.advise(protocol, {"temperature": None})
    >>> unknown.level, unknown.at_least, unknown.could_be
    ('contact', 'none', 'emergency')
    >>> [one.question for one in unknown.settle if one.could_reach == "immediately"][0]
    'temperature'

    An answer that is refused is named, with what would be right:

    >>> try:
    ...     whentocall.advise(protocol, {"temperature": 386})
    ... except whentocall.AnswersError as error:
    ...     print(error.problems[0].message[:49])
    386 is not a temperature from 30 to 45 °C (or, wi
    """
    check_voice(voice)
    if numbers:
        numbers = numbers_given(numbers, protocol.words_for)
    checked = check_answers(protocol, answers)
    attempts = Attempts()
    situation, second = confirm(judge(protocol, checked, voice, attempts), attempts)
    watched = attempts.get("what to watch for", watch_for, situation) if watch else ()
    opened = attempts.get("what is not known", settle, situation)
    reasons = attempts.get("the reasons", _reasons, situation)
    contrary = attempts.get("contradictions", _contradictions, situation)
    care = attempts.get("self-care", _self_care, situation, _level(situation, attempts))
    level, verdict = _level(situation, attempts), situation.verdict
    words = protocol.once(_spoken)[voice][protocol.ranks[level.id]]
    advice = Advice(
        protocol=protocol.once(_reference),
        request=Request(answers=echoed(checked.given), voice=voice, watch=watch),
        level=level.id,
        rank=protocol.ranks[level.id],
        at_least=protocol.levels[verdict.at_least].id,
        could_be=protocol.levels[max(verdict.could_be, protocol.ranks[level.id])].id,
        finished=situation.reading.finished,
        contact=words.contact if not numbers else _with_number(words.contact, numbers),
        headline=words.headline,
        first=words.first,
        reasons=reasons or (),
        self_care=care or (),
        watch_for=watched or (),
        settle=opened or (),
        contradictions=contrary or (),
        problems=attempts.told(words.headline),
    )
    faults = attempts.get("check", wrong, advice, situation, second)
    if faults == []:
        return advice
    for kind in faults or ():
        attempts.note(kind)
    raised = safer(advice, situation, second, attempts)
    return raised.model_copy(update={"contact": _with_number(raised.contact, numbers or {})})


def _level(situation: Situation, attempts: Attempts) -> Level:
    """The level shown: the verdict's, raised if anything has gone wrong so far."""
    protocol, shown = situation.protocol, situation.verdict.shown
    return protocol.levels[max(shown, protocol.unsettled_rank) if attempts.problems else shown]


def why_not(protocol: Protocol, answers: Mapping[str, object], *, voice: Voice = "you") -> tuple[WhyNot, ...]:
    """Why each rule above the level shown does not hold: `37.4 °C is not above 37.5 °C`.

    Raises:
        AnswersError: as for `advise`.

    >>> import whentocall
    >>> from whentocall.engine.advise import why_not
    >>> protocol = whentocall.load("all-targeted-drugs")
    >>> answers = {"temperature": 37.4, "took_fever_medicine": False}
    >>> [one.text for one in why_not(protocol, answers) if "high-temp" in one.rule]
    ['37.4 °C is not above 37.5 °C']
    """
    check_voice(voice)
    attempts = Attempts()
    situation, _ = confirm(judge(protocol, check_answers(protocol, answers), voice, attempts), attempts)
    return explain_why_not(situation)


# what depends on the protocol alone is made once


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said at a level, in one voice."""

    headline: str
    first: tuple[str, ...]
    contact: Contact


def _spoken(protocol: Protocol) -> Mapping[Voice, tuple[_Words, ...]]:
    """For each voice, the words of each level, by rank."""
    return {voice: tuple(_words(protocol, level, voice) for level in protocol.levels) for voice in VOICES}


def _words(protocol: Protocol, level: Level, voice: Voice) -> _Words:
    who, also, *_ = (*protocol.contact_roles(level), None, None)
    emergency = protocol.region.emergency_number
    contact = Contact(
        who=who,
        also=also,
        how_soon=protocol.how_soon(level, voice),
        number=emergency if who == EMERGENCY else None,
        also_number=emergency if also == EMERGENCY else None,
    )
    return _Words(protocol.headline(level, voice), protocol.first_steps(level, voice), contact)


def _with_number(contact: Contact, numbers: Mapping[str, str]) -> Contact:
    """With the user's own numbers for whom to contact; the emergency number is the region's."""
    number = numbers.get(contact.who or "", contact.number)
    also = numbers.get(contact.also or "", contact.also_number)
    return contact.model_copy(update={"number": number, "also_number": also})


def _reference(protocol: Protocol) -> ProtocolRef:
    return ProtocolRef(
        id=protocol.id, version=protocol.version, sha256=protocol.sha256, signed_off=protocol.signed_off
    )


@dataclass(frozen=True, slots=True)
class _Cause:
    """A rule as a reason: its comparisons, and what makes the reason of the answers behind it, in a voice."""

    rank: int
    tests: tuple[Test, ...]
    reason: Callable[[tuple[tuple[str, Given], ...], Voice], Reason]


def _causes(protocol: Protocol) -> tuple[_Cause, ...]:
    return tuple(_cause(protocol, rule) for rule in protocol.rules)


def _cause(protocol: Protocol, rule: Rule) -> _Cause:
    source = SourceRef(
        document=rule.card.source.document,
        section=rule.card.source.section,
        sentences=rule.sentences,
    )

    def reason(behind: tuple[tuple[str, Given], ...], voice: Voice) -> Reason:
        return Reason(
            rule=rule.id,
            level=rule.level,
            answers=Echo(behind),
            because=rule.because.to(voice),
            source=source,
            interpretation=rule.interpretation,
        )

    # Of a rule without numbers there are few reasons, and each is kept. Nobody's numbers are.
    numbers = any(protocol.questions[test.question].answer.is_number for test in tests(rule.when))
    return _Cause(rule.rank, tuple(tests(rule.when)), reason if numbers else lru_cache(MOST_KEPT)(reason))


def _reasons(situation: Situation) -> tuple[Reason, ...]:
    causes, voice = situation.protocol.once(_causes), situation.voice
    held = [causes[place] for place, truth in enumerate(situation.truths) if truth is TRUE]
    ranked = [(cause.rank, cause.reason(_behind(situation, cause.tests), voice)) for cause in held]
    ranked += [(line.rank, _escalated(situation, line)) for line in situation.verdict.escalated]
    ranked.sort(key=_rank, reverse=True)
    return tuple([reason for _, reason in ranked])


def _rank(ranked: tuple[int, Reason]) -> int:
    return ranked[0]


def _behind(situation: Situation, needed: Iterable[Test]) -> tuple[tuple[str, Given], ...]:
    """The answers that pass any of these comparisons."""
    values, given = situation.answers.values, situation.answers.given
    passing = [
        test.question
        for test in needed
        if (value := values.get(test.question)) is not None and test.holds(value)
    ]
    return tuple([(name, given[name]) for name in passing])


def _escalated(situation: Situation, line: Escalation) -> Reason:
    protocol = situation.protocol
    document = protocol.sentence_documents[line.sentences[0]]
    section = protocol.sources[document].sentences[line.sentences[0]].section
    return Reason(
        rule=line.id,
        level=line.to,
        answers=Echo(),
        because=line.because.to(situation.voice),
        source=SourceRef(document=document, section=section, sentences=line.sentences),
        interpretation=None,
    )


def _self_care(situation: Situation, level: Level) -> tuple[str, ...]:
    """The lines of every card with a rule that holds, where level and answers allow them."""
    protocol, reading = situation.protocol, situation.reading
    active = {protocol.rules[place].card.id for place, truth in enumerate(situation.truths) if truth is TRUE}
    lines = []
    for card in protocol.cards if active else ():
        for line in card.self_care if card.id in active else ():
            allowed = line.always or level.self_care
            wanted = line.when is None or reading.condition(line.when) is TRUE
            # "Not known" is enough to leave a line out: advice to drink is no use to who cannot.
            clear = line.unless is None or reading.condition(line.unless) is FALSE
            if allowed and wanted and clear:
                lines.append(line.text.to(situation.voice))
    return tuple(dict.fromkeys(lines))


def _contradictions(situation: Situation) -> tuple[Contradiction, ...]:
    protocol, voice = situation.protocol, situation.voice
    return tuple(
        [
            Contradiction(
                question=name,
                text=(
                    f"'{protocol.questions[name].short.to(voice)}' was answered, though another answer says "
                    "that it does not apply. It still counts."
                ),
            )
            for name in situation.reading.contradictory
        ]
    )
