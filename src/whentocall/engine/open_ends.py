"""What is not settled, what would raise the level, and why more urgent rules do not hold.

All derived from the rules and the answers; nothing here is written in a rule file but the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from whentocall.engine.advice import Settle, Watch, WhyNot
from whentocall.engine.combine import cards_at
from whentocall.engine.reference import Reading
from whentocall.engine.situation import Situation
from whentocall.engine.words import failed_words, limit_words, watch_words
from whentocall.protocol.conditions import (
    FALSE,
    TRUE,
    UNSETTLED,
    Condition,
    Op,
    Term,
    Test,
    Value,
    questions,
    tests,
)
from whentocall.protocol.models import Question
from whentocall.protocol.protocol import PlacedRule


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
            note(rule.rule.when, situation.could_reach(rule))
    for escalation in protocol.escalations:
        possible = cards_at(protocol, situation.truths, escalation, UNSETTLED)
        only_if, enough = escalation.line.only_if, len(possible) >= escalation.count
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


@dataclass(frozen=True, slots=True)
class _Change:
    """Comparisons that do not hold yet, and what is reached when they do."""

    needed: Term
    rank: int
    rule: PlacedRule
    near: bool


def watch_for(situation: Situation) -> tuple[Watch, ...]:
    """The smallest changes that would raise the level shown, a limit right at hand first."""
    changes = _smallest(_changes(situation))
    ordered = sorted(changes, key=lambda change: (not change.near, -change.rank))
    return tuple(
        Watch(
            text=_watch_text(situation, change),
            level=situation.protocol.levels[change.rank].id,
            rule=change.rule.id,
            near=change.near,
        )
        for change in ordered
    )


def _changes(situation: Situation) -> Iterator[_Change]:
    for rule, held in zip(situation.protocol.rules, situation.truths, strict=True):
        rank = situation.reach(rule)
        if held is TRUE or rank <= situation.verdict.shown:
            continue
        for term in rule.terms:
            needed = frozenset(test for test in term if situation.reading.test(test) is not TRUE)
            if needed and _together(situation, term) and all(_can_happen(situation, test) for test in needed):
                yield _Change(needed, rank, rule, all(_is_near(situation, test) for test in needed))


def _together(situation: Situation, term: Term) -> bool:
    """Whether somebody can have all of it: not two choices of one question, nor both ends of a number."""
    by_question: dict[str, list[Test]] = {}
    for test in term:
        by_question.setdefault(test.question, []).append(test)
    for one, asked in by_question.items():
        question = situation.protocol.questions[one]
        known = situation.answers.values.get(one)
        candidates = [_nearest(test, question) if question.answer.is_number else test.value for test in asked]
        if known is not None:
            candidates.append(known)
        if not any(all(test.holds(value) for test in asked) for value in candidates):
            return False
    return True


def _can_happen(situation: Situation, test: Test) -> bool:
    """Whether to watch for it: a known choice, or a "yes" turning into a "no", is not."""
    known = situation.answers.values.get(test.question)
    if isinstance(test.value, bool | str):
        return test.value is True or known is None
    return True


def _is_near(situation: Situation, test: Test) -> bool:
    """Whether one step of the question's resolution is enough."""
    known = situation.answers.values.get(test.question)
    question = situation.protocol.questions[test.question]
    if isinstance(known, bool | str) or known is None or not question.answer.is_number:
        return False
    return abs(known - _nearest(test, question)) <= question.answer.step * 1.001


def _nearest(test: Test, question: Question) -> float:
    """The value nearest to the limit that passes, at the question's resolution."""
    assert not isinstance(test.value, str)
    beyond = {Op.ABOVE: question.answer.step, Op.BELOW: -question.answer.step}.get(test.op, 0)
    return test.value + beyond


def _smallest(changes: Iterable[_Change]) -> list[_Change]:
    """Without those that need more than another change that reaches as far; in the order given."""
    kept: list[_Change] = []
    given = list(changes)
    for change in sorted(given, key=lambda one: (len(one.needed), -one.rank)):
        if not any(other.needed <= change.needed and other.rank >= change.rank for other in kept):
            kept.append(change)
    return [change for change in given if any(change is one for one in kept)]


def _watch_text(situation: Situation, change: _Change) -> str:
    ask = situation.protocol.questions
    order = list(ask)
    needed = sorted(change.needed, key=lambda test: (order.index(test.question), repr(test.value)))
    return " and ".join(watch_words(test, ask[test.question], situation.voice) for test in needed)


def why_not(situation: Situation) -> tuple[WhyNot, ...]:
    """Why each rule that is more urgent than the level shown does not hold, the most urgent first."""
    protocol, reading = situation.protocol, situation.reading
    found = []
    for rule, held in zip(protocol.rules, situation.truths, strict=True):
        if held is TRUE or rule.rank <= situation.verdict.shown:
            continue
        failing = [test for test in tests(rule.rule.when) if reading.test(test) is not TRUE]
        texts = dict.fromkeys(_why_not_words(situation, test) for test in failing)
        text = "; ".join(texts)
        found.append((rule.rank, WhyNot(rule=rule.id, level=rule.rule.level, text=text)))
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
