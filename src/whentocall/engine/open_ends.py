"""What is not settled, and why more urgent rules do not hold.

All derived from the rules and the answers; nothing here is written in a rule file but the words.
"""

from __future__ import annotations

from collections.abc import Iterator

from whentocall.engine.advice import Settle, WhyNot
from whentocall.engine.combine import cards_at
from whentocall.engine.explain import Situation
from whentocall.engine.phrasing import failed_words, limit_words
from whentocall.engine.reference import Reading
from whentocall.protocol.conditions import (
    FALSE,
    TRUE,
    UNSETTLED,
    Condition,
    Test,
    Value,
    questions,
    tests,
)
from whentocall.protocol.model import Question


def settle(situation: Situation) -> tuple[Settle, ...]:
    """The questions to find an answer to, those that could reach the highest level first."""
    protocol = situation.protocol
    could = _could_reach(situation)
    order = list(protocol.questions) if could else []
    found = sorted(could.items(), key=lambda item: (-item[1], order.index(item[0])))
    return tuple(
        [
            Settle(question=one, text=_settle_words(situation, one), could_reach=protocol.levels[rank].id)
            for one, rank in found
        ]
    )


def _could_reach(situation: Situation) -> dict[str, int]:
    """Each question that is open and matters, with the highest rank that its answer could help to reach."""
    protocol, at_least = situation.protocol, situation.verdict.at_least
    could: dict[str, int] = {}

    def note(condition: Condition, reach: int) -> None:
        for test in tests(condition) if reach > at_least else ():
            for one in _open_questions(situation.reading, test):
                could[one] = max(could.get(one, 0), reach)

    for rule, held in zip(protocol.rules, situation.truths, strict=True):
        if held is UNSETTLED:
            note(rule.when, situation.could_reach(rule))
    for escalation in protocol.escalations:
        possible = cards_at(protocol, situation.truths, escalation, UNSETTLED)
        only_if, enough = escalation.only_if, len(possible) >= escalation.count
        if only_if and enough and situation.allowed(escalation) is UNSETTLED:
            note(only_if, escalation.rank)
    return could


def _open_questions(reading: Reading, test: Test) -> Iterator[str]:
    """The questions to ask so that an unsettled comparison is settled."""
    if reading.test(test) is not UNSETTLED:
        return
    question = reading.protocol.questions[test.question]
    if reading.values.get(test.question) is None:
        if reading.applies(test.question) is UNSETTLED and question.only_if is not None:
            for opener in tests(question.only_if):
                yield from _open_questions(reading, opener)
        else:
            yield test.question
        return
    yield test.question  # known, but hidden or in doubt
    for mask in tests(question.not_reassuring_if) if question.not_reassuring_if else ():
        yield from _open_questions(reading, mask)


def _settle_words(situation: Situation, one: str) -> str:
    question, voice = situation.protocol.questions[one], situation.voice
    if situation.answers.values.get(one) is not None and question.when_hidden is not None:
        return question.when_hidden.to(voice)
    return question.settle.to(voice) if question.settle else question.wording(voice)


def why_not(situation: Situation) -> tuple[WhyNot, ...]:
    """Why each rule that is more urgent than the level shown does not hold, the most urgent first."""
    protocol, reading = situation.protocol, situation.reading
    found = []
    for rule, held in zip(protocol.rules, situation.truths, strict=True):
        if held is TRUE or rule.rank <= situation.verdict.shown:
            continue
        failing = [test for test in tests(rule.when) if reading.test(test) is not TRUE]
        texts = dict.fromkeys(_why_not_words(situation, test) for test in failing)
        text = "; ".join(texts)
        found.append((rule.rank, WhyNot(rule=rule.id, level=rule.level, text=text)))
    return tuple(one for _, one in sorted(found, key=lambda pair: -pair[0]))


def _why_not_words(situation: Situation, test: Test) -> str:
    question = situation.protocol.questions[test.question]
    short = question.short.to(situation.voice)
    known: Value | None = situation.answers.values.get(test.question)
    if known is not None:
        given = situation.answers.given[test.question]
        words = failed_words(test, question, given, situation.voice)
        hidden = situation.reading.test(test) is UNSETTLED
        return f"{words}, but that does not settle it" if hidden else words
    if situation.reading.applies(test.question) is FALSE:
        openers = ", ".join(
            situation.protocol.questions[one].short.to(situation.voice) for one in questions(question.only_if)
        )
        return f"'{short}' does not apply without: {openers}"
    state = "is not known" if test.question in situation.answers.values else "has not been asked"
    return f"'{short}' {state} (it would need to be {_needed(test, question)})"


def _needed(test: Test, question: Question) -> str:
    if isinstance(test.value, bool):
        return "yes" if test.value else "no"
    return limit_words(test, question).removeprefix("to ")
