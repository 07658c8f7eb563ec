"""What would raise the level: the smallest changes, derived from the rules and the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from whentocall.engine.advice import Watch
from whentocall.engine.phrasing import watch_words
from whentocall.engine.situation import Situation
from whentocall.protocol.conditions import TRUE, Op, Test, Value
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

Set = int
"""A set of a protocol's comparisons: each has a bit of its own."""

KEPT = 4096
"""Lines that are kept ready."""


class _Way(NamedTuple):
    """One smallest way in which a rule comes true.

    Attributes:
        order: its place among all ways.
        rule: the place of the rule.
        needed: its comparisons, as a set.
        tests: the same, in the order of the words.
        crowded: whether it compares some answer more than once.
    """

    order: int
    rule: int
    needed: Set
    tests: tuple[Test, ...]
    crowded: bool


class _Change(NamedTuple):
    """Comparisons that do not hold yet, and what is reached when they do; `near`: by one step of a number."""

    missing: Set
    rank: int
    near: bool
    way: _Way


def watch_for(situation: Situation) -> tuple[Watch, ...]:
    """The smallest changes that would raise the level shown, a limit right at hand first."""
    plan, voice = situation.protocol.once(_Plan), situation.voice
    changes = _smallest(_changes(situation, plan))
    changes.sort(key=lambda change: (not change.near, -change.rank, change.way.order))
    return tuple([plan.line(way.order, missing, rank, near, voice) for missing, rank, near, way in changes])


def _changes(situation: Situation, plan: _Plan) -> Iterator[_Change]:
    passed, fixed, near = plan.compared(situation.answers.values)
    shown, truths, reaches = situation.verdict.shown, situation.truths, plan.reaches(situation)
    for way in plan.ways:
        rank = reaches[way.rule]
        if rank <= shown or truths[way.rule] is TRUE:
            continue
        missing = way.needed & ~passed
        if missing & fixed or not missing:
            continue
        if not way.crowded or _together(situation, way.tests):
            yield _Change(missing, rank, missing & near == missing, way)


def _together(situation: Situation, needed: Iterable[Test]) -> bool:
    """Whether somebody can have all of it: not two choices of one question, nor both ends of a number."""
    by_question: dict[str, list[Test]] = {}
    for test in needed:
        by_question.setdefault(test.question, []).append(test)
    for one, own in by_question.items():
        question, known = situation.protocol.questions[one], situation.answers.values.get(one)
        candidates = [_nearest(test, question) for test in own] + ([] if known is None else [known])
        if not any(all(test.holds(value) for test in own) for value in candidates):
            return False
    return True


def _smallest(changes: Iterable[_Change]) -> list[_Change]:
    """Without those that need more than another change that reaches as far."""
    alone: dict[Set, _Change] = {}
    several: list[_Change] = []
    for change in sorted(changes, key=lambda change: -change.rank):
        if change.missing & (change.missing - 1):
            several.append(change)
        else:
            alone.setdefault(change.missing, change)  # the first reaches the most
    larger: list[_Change] = []
    for change in sorted(several, key=lambda change: change.missing.bit_count()):
        smaller = [alone[bit] for bit in _bits(change.missing) if bit in alone]
        if not _is_more(change, [*smaller, *larger]):
            larger.append(change)
    return [*alone.values(), *larger]


def _is_more(change: _Change, others: Iterable[_Change]) -> bool:
    return any(
        other.missing & change.missing == other.missing and other.rank >= change.rank for other in others
    )


def _bits(missing: Set) -> Iterator[Set]:
    while missing:
        yield (bit := missing & -missing)
        missing ^= bit


def _nearest(test: Test, question: Question) -> Value:
    """The answer that passes; of numbers the one nearest to the limit, at the question's resolution."""
    if isinstance(test.value, bool | str):
        return test.value
    return test.value + {Op.ABOVE: question.answer.step, Op.BELOW: -question.answer.step}.get(test.op, 0)


# what of this depends on the protocol alone


class _Limit(NamedTuple):
    """A comparison of a number, its set, the nearest value that passes, and how near is near."""

    test: Test
    bit: Set
    nearest: float
    step: float


class _Plan:
    """The ways in which rules come true, and their words. Holds nothing about people.

    Attributes:
        ways: in the protocol's order of rules.
        line: a change in words.
    """

    def __init__(self, protocol: Protocol) -> None:
        every = dict.fromkeys(test for rule in protocol.rules for term in rule.terms for test in term)
        sets = {test: 1 << place for place, test in enumerate(every)}
        self._limits: dict[str, list[_Limit]] = {}
        self._choices: dict[str, list[tuple[Test, Set]]] = {}
        for test, bit in sets.items():
            question = protocol.questions[test.question]
            if isinstance(nearest := _nearest(test, question), bool | str):
                self._choices.setdefault(question.id, []).append((test, bit))
            else:
                limit = _Limit(test, bit, nearest, question.answer.step * 1.001)
                self._limits.setdefault(question.id, []).append(limit)
        self._ranks = [rule.rank for rule in protocol.rules]
        self.ways = tuple(_ways(protocol, sets))
        self.line = _lines(protocol, self.ways, sets)

    def reaches(self, situation: Situation) -> Sequence[int]:
        """The rank that each rule would reach if it came true."""
        if not situation.protocol.escalations:
            return self._ranks
        return [situation.reach(rule) for rule in situation.protocol.rules]

    def compared(self, values: Mapping[str, Value | None]) -> tuple[Set, Set, Set]:
        """What passes; what is not watched for; and what is near.

        A known choice is not watched for, nor a "yes" turning into a "no".
        """
        passed = fixed = near = 0
        for one, value in values.items():
            if isinstance(value, bool | str):
                for test, bit in self._choices.get(one, ()):
                    passed |= bit if test.value == value else 0
                    fixed |= bit if test.value is not True else 0
            elif value is not None:
                for test, bit, nearest, step in self._limits.get(one, ()):
                    passed |= bit if test.holds(value) else 0
                    near |= bit if abs(value - nearest) <= step else 0
        return passed, fixed, near


def _ways(protocol: Protocol, sets: Mapping[Test, Set]) -> Iterator[_Way]:
    order = {one: place for place, one in enumerate(protocol.questions)}
    terms = ((place, term) for place, rule in enumerate(protocol.rules) for term in rule.terms)
    for number, (place, term) in enumerate(terms):
        tests = sorted(term, key=lambda test: (order[test.question], repr(test.value), test.op.value))
        crowded = len({test.question for test in tests}) < len(tests)
        yield _Way(number, place, sum(sets[test] for test in tests), tuple(tests), crowded)


def _lines(
    protocol: Protocol, ways: Sequence[_Way], sets: Mapping[Test, Set]
) -> Callable[[int, Set, int, bool, Voice], Watch]:
    """Makes lines, and keeps them ready. All they tell of anybody is which comparisons were missing."""

    @lru_cache(KEPT)
    def line(order: int, missing: Set, rank: int, near: bool, voice: Voice) -> Watch:  # noqa: FBT001
        way = ways[order]
        words = [
            watch_words(test, protocol.questions[test.question], voice)
            for test in way.tests
            if sets[test] & missing
        ]
        rule = protocol.rules[way.rule].id
        return Watch(text=" and ".join(words), level=protocol.levels[rank].id, rule=rule, near=near)

    return line
