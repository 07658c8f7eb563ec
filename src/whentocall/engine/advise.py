"""`advise`: answers in, advice out. Stateless; the protocol is all it knows."""

from __future__ import annotations

from collections.abc import Mapping

from whentocall.engine.advice import (
    Advice,
    Contact,
    Contradiction,
    Problem,
    ProtocolRef,
    Reason,
    Request,
    SourceRef,
    WhyNot,
)
from whentocall.engine.answers import check_answers
from whentocall.engine.judge import Attempts, is_finished, judge
from whentocall.engine.open_ends import Situation, settle, watch_for
from whentocall.engine.open_ends import why_not as find_why_not
from whentocall.engine.reference import contradictions
from whentocall.protocol.conditions import Truth, tests
from whentocall.protocol.models import Level
from whentocall.protocol.protocol import PlacedEscalation, PlacedRule, Protocol
from whentocall.protocol.wording import Voice


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
        numbers: role (such as "advice-line") to the phone number to show.
        watch: whether to work out `watch_for`, the costliest part of the result.

    Raises:
        AnswersError: an answer is out of range, of the wrong type, or to a question that is not there.
        EngineUnavailable: durable-rules is not installed, or cannot be imported.
    """
    checked = check_answers(protocol, answers)
    attempts = Attempts()
    situation = judge(protocol, checked, voice, attempts)
    watched = attempts.items("what to watch for", lambda: watch_for(situation)) if watch else ()
    opened = attempts.items("what is not known", lambda: settle(situation))
    reasons = attempts.items("the reasons", lambda: _reasons(situation))
    contrary = attempts.items("contradictions", lambda: _contradictions(situation))
    finished = attempts.get("what is left to ask", lambda: is_finished(protocol, checked))
    care = attempts.items("self-care", lambda: _self_care(situation, _level(situation, attempts)))
    level = _level(situation, attempts)
    headline = protocol.headline(level, voice)
    return Advice(
        protocol=ProtocolRef(
            id=protocol.id,
            version=protocol.version,
            sha256=protocol.sha256,
            signed_off=protocol.signed_off,
        ),
        request=Request(answers=checked.given, voice=voice, watch=watch),
        level=level.id,
        at_least=protocol.levels[situation.verdict.at_least].id,
        could_be=protocol.levels[situation.verdict.could_be].id,
        finished=bool(finished),
        contact=_contact(protocol, level, voice, numbers or {}),
        headline=headline,
        first=protocol.first_steps(level, voice),
        reasons=reasons,
        self_care=care,
        watch_for=watched,
        settle=opened,
        contradictions=contrary,
        problems=tuple(
            Problem(kind=one.kind, text=one.text.format(headline=headline)) for one in attempts.problems
        ),
    )


def _level(situation: Situation, attempts: Attempts) -> Level:
    """The level shown: the verdict's, raised if anything has gone wrong so far."""
    protocol, shown = situation.protocol, situation.verdict.shown
    return protocol.levels[max(shown, protocol.unsettled_rank) if attempts.problems else shown]


def why_not(protocol: Protocol, answers: Mapping[str, object], *, voice: Voice = "you") -> tuple[WhyNot, ...]:
    """Why each rule above the level shown does not hold: `37.4 °C is not above 37.5 °C`.

    Raises:
        AnswersError: as for `advise`.
    """
    return find_why_not(judge(protocol, check_answers(protocol, answers), voice, Attempts()))


def _contact(protocol: Protocol, level: Level, voice: Voice, numbers: Mapping[str, str]) -> Contact:
    roles = protocol.contact_roles(level)
    who = roles[0] if roles else None
    number = numbers.get(who) if who else None
    if who == "emergency-service":
        number = protocol.region.emergency_number
    return Contact(
        who=who,
        also=roles[1] if len(roles) > 1 else None,
        how_soon=protocol.how_soon(level, voice),
        number=number,
    )


def _reasons(situation: Situation) -> tuple[Reason, ...]:
    protocol = situation.protocol
    held = [rule for rule, truth in zip(protocol.rules, situation.truths, strict=True) if truth is Truth.TRUE]
    found = [(rule.rank, _reason(situation, rule)) for rule in held]
    found += [(one.rank, _escalated(situation, one)) for one in situation.verdict.escalated]
    return tuple(reason for _, reason in sorted(found, key=lambda pair: -pair[0]))


def _reason(situation: Situation, placed: PlacedRule) -> Reason:
    rule, card = placed.rule, placed.card.card
    given = situation.answers.given
    behind = [
        test.question
        for test in tests(rule.when)
        if situation.reading.test(test) is Truth.TRUE and test.question in given
    ]
    return Reason(
        rule=placed.id,
        level=rule.level,
        answers={one: given[one] for one in dict.fromkeys(behind)},
        because=rule.because.to(situation.voice),
        source=SourceRef(
            document=card.source.document, section=card.source.section, sentences=rule.sentences
        ),
        interpretation=rule.interpretation,
    )


def _escalated(situation: Situation, placed: PlacedEscalation) -> Reason:
    protocol, line = situation.protocol, placed.line
    document = protocol.sentence_documents[line.sentences[0]]
    section = protocol.sources[document].sentences[line.sentences[0]].section
    return Reason(
        rule=placed.id,
        level=line.to,
        answers={},
        because=line.because.to(situation.voice),
        source=SourceRef(document=document, section=section, sentences=line.sentences),
        interpretation=None,
    )


def _self_care(situation: Situation, level: Level) -> tuple[str, ...]:
    """The lines of every card with a rule that holds, where level and answers allow them."""
    protocol, reading = situation.protocol, situation.reading
    active = {
        rule.card.id
        for rule, truth in zip(protocol.rules, situation.truths, strict=True)
        if truth is Truth.TRUE
    }
    lines = []
    for card in protocol.cards:
        for line in card.card.self_care if card.id in active else ():
            allowed = line.always or level.self_care
            wanted = line.when is None or reading.condition(line.when) is Truth.TRUE
            # "Not known" is enough to leave a line out: advice to drink is no use to who cannot.
            clear = line.unless is None or reading.condition(line.unless) is Truth.FALSE
            if allowed and wanted and clear:
                lines.append(line.text.to(situation.voice))
    return tuple(dict.fromkeys(lines))


def _contradictions(situation: Situation) -> tuple[Contradiction, ...]:
    protocol, voice = situation.protocol, situation.voice
    return tuple(
        Contradiction(
            question=one,
            text=(
                f"'{protocol.questions[one].short.to(voice)}' was answered, though another answer says "
                "that it does not apply. It still counts."
            ),
        )
        for one in contradictions(protocol, situation.answers.values)
    )
