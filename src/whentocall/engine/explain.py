"""One person's answers explained: what to find out, and why more urgent rules do not hold.

All derived from the rules and the answers; nothing here is written in a rule file but the words.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from whentocall.engine.advice import Settle, WhyNot
from whentocall.engine.phrasing import failed_words, limit_words
from whentocall.engine.situation import Situation
from whentocall.protocol.conditions import FALSE, TRUE, UNSETTLED, Test, Value, questions, tests
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice


def settle(situation: Situation) -> tuple[Settle, ...]:
    """The questions to find an answer to, those that could reach the highest level first."""
    made, known, voice = situation.protocol.once(_settles), situation.answers.values.get, situation.voice
    return tuple(
        [
            made(question, rank, known(question) is not None, voice)
            for question, rank in situation.reading.settle()
        ]
    )


def _settles(protocol: Protocol) -> Callable[[str, int, bool, Voice], Settle]:
    """Makes each line to settle once; there are only so many."""

    @cache
    def made(name: str, rank: int, hidden: bool, voice: Voice) -> Settle:  # noqa: FBT001
        question = protocol.questions[name]
        text = question.settle.to(voice) if question.settle else question.wording(voice)
        if hidden and question.when_hidden is not None:
            text = question.when_hidden.to(voice)
        return Settle(question=name, text=text, could_reach=protocol.levels[rank].id)

    return made


def why_not(situation: Situation) -> tuple[WhyNot, ...]:
    """Why each rule that is more urgent than the level shown does not hold, the most urgent first."""
    protocol, reading = situation.protocol, situation.reading
    unmet = [
        rule
        for rule, held in zip(protocol.rules, situation.truths, strict=True)
        if held is not TRUE and rule.rank > situation.verdict.shown
    ]
    reasons = []
    for rule in sorted(unmet, key=lambda rule: -rule.rank):
        failing = [test for test in tests(rule.when) if reading.test(test) is not TRUE]
        texts = dict.fromkeys(_why_not_words(situation, test) for test in failing)
        reasons.append(WhyNot(rule=rule.id, level=rule.level, text="; ".join(texts)))
    return tuple(reasons)


def _why_not_words(situation: Situation, test: Test) -> str:
    question = situation.protocol.questions[test.question]
    short = question.short.to(situation.voice)
    known: Value | None = situation.answers.values.get(test.question)
    if known is not None:
        given = situation.answers.given[test.question]
        words = failed_words(test, question, given, situation.voice)
        hidden = situation.reading.test(test) is UNSETTLED
        return f"{words}, but that does not settle it" if hidden else words
    only_if = question.only_if
    if only_if is not None and situation.reading.condition(only_if) is FALSE:
        openers = ", ".join(
            situation.protocol.questions[opener].short.to(situation.voice) for opener in questions(only_if)
        )
        return f"'{short}' does not apply without: {openers}"
    state = "is not known" if test.question in situation.answers.values else "has not been asked"
    return f"'{short}' {state} (it would need to be {_needed(test, question)})"


def _needed(test: Test, question: Question) -> str:
    if isinstance(test.value, bool):
        return "yes" if test.value else "no"
    return limit_words(test, question).removeprefix("to ")
