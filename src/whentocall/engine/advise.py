"""`advise`: answers in, advice out. Stateless; the protocol is all it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from whentocall.engine.advice import (
    Advice,
    Contact,
    Contradiction,
    Problem,
    ProtocolRef,
    Reason,
    SourceRef,
    WhyNot,
)
from whentocall.engine.answers import Answers, check_answers
from whentocall.engine.combine import Verdict, combine
from whentocall.engine.durable import DurableEngine, EngineFault
from whentocall.engine.open_ends import Situation, settle, watch_for
from whentocall.engine.open_ends import why_not as find_why_not
from whentocall.engine.reference import NotAsked, contradictions, read
from whentocall.protocol.conditions import Truth, tests
from whentocall.protocol.models import Level
from whentocall.protocol.protocol import PlacedEscalation, PlacedRule, Protocol
from whentocall.protocol.wording import Voice

T = TypeVar("T")

_WENT_WRONG = "Something went wrong inside this program. To be safe, the advice is at least: {headline}."


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
    problems: list[Problem] = []
    situation = _situation(protocol, checked, voice, problems)
    level = protocol.levels[situation.verdict.shown]
    attempt = _Attempts(problems)
    watched = attempt.items("what to watch for", lambda: watch_for(situation)) if watch else ()
    opened = attempt.items("what is not known", lambda: settle(situation))
    reasons = attempt.items("the reasons", lambda: _reasons(situation))
    care = attempt.items("self-care", lambda: _self_care(situation, level))
    contrary = attempt.items("contradictions", lambda: _contradictions(situation))
    finished = attempt.whether("what is left to ask", lambda: is_finished(protocol, checked))
    if problems:
        level = _raised_for_problems(situation, level)
        care = care if level.self_care else ()
    return Advice(
        protocol=ProtocolRef(
            id=protocol.id,
            version=protocol.version,
            sha256=protocol.sha256,
            signed_off=protocol.signed_off,
        ),
        level=level.id,
        at_least=protocol.levels[situation.verdict.at_least].id,
        could_be=protocol.levels[situation.verdict.could_be].id,
        finished=finished,
        contact=_contact(protocol, level, voice, numbers or {}),
        headline=protocol.headline(level, voice),
        first=protocol.first_steps(level, voice),
        reasons=reasons,
        self_care=care,
        watch_for=watched,
        settle=opened,
        contradictions=contrary,
        problems=tuple(
            one.model_copy(update={"text": one.text.format(headline=protocol.headline(level, voice))})
            for one in problems
        ),
    )


def why_not(protocol: Protocol, answers: Mapping[str, object], *, voice: Voice = "you") -> tuple[WhyNot, ...]:
    """Why each rule above the level shown does not hold: `37.4 °C is not above 37.5 °C`.

    Raises:
        AnswersError: as for `advise`.
    """
    return find_why_not(_situation(protocol, check_answers(protocol, answers), voice, []))


def is_finished(protocol: Protocol, answers: Answers) -> bool:
    """Whether the level shown is the same whatever is answered to what has not been asked yet."""
    lowest, highest = (_bound(protocol, answers, one) for one in (NotAsked.BEST, NotAsked.WORST))
    return lowest == highest


def _bound(protocol: Protocol, answers: Answers, not_asked: NotAsked) -> int:
    reading = read(protocol, answers.values, not_asked)
    return combine(protocol, reading.rules(), reading.condition).shown


def _situation(protocol: Protocol, answers: Answers, voice: Voice, problems: list[Problem]) -> Situation:
    reading = read(protocol, answers.values)
    truths = _truths(protocol, answers, problems)
    try:
        verdict = combine(protocol, truths, reading.condition)
    except Exception as error:  # noqa: BLE001  whatever it is, the person still gets advice
        problems.append(_problem("combining", error))
        top = max((rule.rank for rule in protocol.rules), default=0)
        verdict = Verdict(0, top, protocol.unsettled_rank)
    return Situation(protocol, answers, reading, truths, verdict, voice)


def _truths(protocol: Protocol, answers: Answers, problems: list[Problem]) -> Sequence[Truth]:
    """The truth of every rule: the engine and the reference, each a check on the other.

    Where they differ, a rule holds if either says so. Where the reference fails, what the engine has not
    fired is not known; where both fail, nothing is.
    """
    truths: list[Truth] | None = None
    try:
        truths = list(read(protocol, answers.values).rules())
    except Exception as error:  # noqa: BLE001
        problems.append(_problem("reference", error))
    fired: frozenset[int] | None = None
    try:
        fired = protocol.once(DurableEngine).fired(answers.values)
    except EngineFault as error:
        problems.append(_problem("engine", error))
    if truths is None:
        return [
            Truth.TRUE if index in (fired or ()) else Truth.UNSETTLED for index in range(len(protocol.rules))
        ]
    held = frozenset(index for index, truth in enumerate(truths) if truth is Truth.TRUE)
    if fired is not None and fired != held:
        differ = ", ".join(protocol.rules[index].id for index in sorted(fired ^ held) if index < len(truths))
        problems.append(_problem("disagreement", EngineFault(f"engine and reference differ on {differ}")))
        return [Truth.TRUE if index in fired else truth for index, truth in enumerate(truths)]
    return truths


class _Attempts:
    """Works out one part of the result; if that fails, the part is empty and the failure a problem."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def items(self, what: str, build: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
        """A list of the result."""
        try:
            return build()
        except Exception as error:  # noqa: BLE001  a lost list must not lose the advice
            self._problems.append(_problem(what, error))
            return ()

    def whether(self, what: str, build: Callable[[], bool]) -> bool:
        """A claim of the result: not made where it cannot be worked out."""
        return bool(self.items(what, lambda: (True,) if build() else ()))


def _problem(kind: str, error: Exception) -> Problem:
    """A problem for the person; the error's type says to a developer where to look, and no answers."""
    return Problem(kind=f"{kind}: {type(error).__name__}", text=_WENT_WRONG)


def _raised_for_problems(situation: Situation, level: Level) -> Level:
    protocol = situation.protocol
    return protocol.levels[max(protocol.ranks[level.id], protocol.unsettled_rank)]


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
