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
        number: its own.
        rule: the place of the rule.
        needed: its comparisons, as a set.
        tests: the same, in the order of the words.
        crowded: whether it compares some answer more than once.
    """

    number: int
    rule: int
    needed: Set
    tests: tuple[Test, ...]
    crowded: bool


_Change = tuple[bool, int, Set, int, _Way]
"""Whether it is farther than a step of a number, its place by rank, what is missing, the rank, the way."""


def watch_for(situation: Situation) -> tuple[Watch, ...]:
    """The smallest changes that would raise the level shown, a limit right at hand first."""
    plan, truths, voice = situation.protocol.once(_Plan), situation.truths, situation.voice
    passed, fixed, near = plan.compared(situation.answers.values)
    alone: dict[Set, int] = {}  # what a comparison reaches that is enough by itself
    changes: list[_Change] = []
    several: list[_Change] = []
    for place, (rank, way) in enumerate(plan.highest_first(situation)):
        if rank <= situation.verdict.shown:
            break
        missing = way.needed & ~passed
        if not missing or missing & fixed or truths[way.rule] is TRUE:
            continue
        if way.crowded and not _together(situation, way.tests):
            continue
        change = missing & near != missing, place, missing, rank, way
        if missing & (missing - 1):
            several.append(change)
        elif missing not in alone:
            alone[missing] = rank
            changes.append(change)
    changes += _smallest(several, alone)
    changes.sort()
    return tuple(
        [plan.line(way.number, missing, rank, not far, voice) for far, _, missing, rank, way in changes]
    )


def _smallest(changes: Iterable[_Change], alone: Mapping[Set, int]) -> Iterator[_Change]:
    """Without those that need more than another change that reaches as far."""
    smaller: dict[Set, int] = {}
    for change in sorted(changes, key=lambda change: change[2].bit_count()):
        _, _, missing, rank, _ = change
        if any(alone.get(bit, -1) >= rank for bit in _bits(missing)):
            continue
        if any(other & missing == other and reached >= rank for other, reached in smaller.items()):
            continue
        smaller.setdefault(missing, rank)
        yield change


def _bits(missing: Set) -> Iterator[Set]:
    while missing:
        yield (bit := missing & -missing)
        missing ^= bit


def _together(situation: Situation, needed: Iterable[Test]) -> bool:
    """Whether somebody can have all of it: not two choices of one question, nor both ends of a number."""
    by_question: dict[str, list[Test]] = {}
    for test in needed:
        by_question.setdefault(test.question, []).append(test)
    for name, own in by_question.items():
        question, known = situation.protocol.questions[name], situation.answers.values.get(name)
        candidates = [_nearest(test, question) for test in own] + ([] if known is None else [known])
        if not any(all(test.holds(value) for test in own) for value in candidates):
            return False
    return True


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
        line: a change in words: the way's number, what is missing, the rank, whether it is near, the voice.
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
        self._ways = tuple(_ways(protocol, sets))
        self._ranked = self._by([rule.rank for rule in protocol.rules])
        self.line = _lines(protocol, self._ways, sets)

    def highest_first(self, situation: Situation) -> Sequence[tuple[int, _Way]]:
        """Every way, with the rank that its rule would reach if it came true."""
        if not situation.protocol.escalations:
            return self._ranked
        return self._by([situation.reach(rule) for rule in situation.protocol.rules])

    def _by(self, ranks: Sequence[int]) -> Sequence[tuple[int, _Way]]:
        return sorted([(ranks[way.rule], way) for way in self._ways], key=lambda ranked: -ranked[0])

    def compared(self, values: Mapping[str, Value | None]) -> tuple[Set, Set, Set]:
        """What passes; what is not watched for; and what is near.

        A known choice is not watched for, nor a "yes" turning into a "no".
        """
        passed = fixed = near = 0
        for name, value in values.items():
            if isinstance(value, bool | str):
                for test, bit in self._choices.get(name, ()):
                    passed |= bit if test.value == value else 0
                    fixed |= bit if test.value is not True else 0
            elif value is not None:
                for test, bit, nearest, step in self._limits.get(name, ()):
                    passed |= bit if test.holds(value) else 0
                    near |= bit if abs(value - nearest) <= step else 0
        return passed, fixed, near


def _ways(protocol: Protocol, sets: Mapping[Test, Set]) -> Iterator[_Way]:
    order = {name: place for place, name in enumerate(protocol.questions)}
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
    def line(number: int, missing: Set, rank: int, near: bool, voice: Voice) -> Watch:  # noqa: FBT001
        way = ways[number]
        words = [
            watch_words(test, protocol.questions[test.question], voice)
            for test in way.tests
            if sets[test] & missing
        ]
        rule = protocol.rules[way.rule].id
        return Watch(text=" and ".join(words), level=protocol.levels[rank].id, rule=rule, near=near)

    return line
