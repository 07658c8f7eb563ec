"""Conditions: comparisons of one answer with a constant, joined by all / any / at least N of.

There is no "not" and no arithmetic. Every condition can therefore only become true, never false, as
its comparisons become true one by one. The proofs about a rule set, and the sound use of the engine,
rest on that.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from itertools import combinations, product
from typing import Any

Value = bool | int | float | str
"""A typed answer, or the constant of a comparison, in the question's own unit."""

MAX_TERMS = 400
"""The most ways in which one condition may come true; more is refused when the file is loaded."""

MAX_TOGETHER = 60
"""The most comparisons that may have to hold together; more is refused when the file is loaded."""


class Truth(IntEnum):
    """Three-valued truth, in its natural order."""

    FALSE = 0
    UNSETTLED = 1
    TRUE = 2


FALSE, UNSETTLED, TRUE = Truth  # as names of their own, they are found faster than members of a class


class Op(StrEnum):
    """How an answer is compared with the constant."""

    IS = "is"
    ABOVE = "above"
    AT_LEAST = "at least"
    BELOW = "below"
    AT_MOST = "at most"


COMPARISONS: Mapping[Op, Callable[[Any, Any], Any]] = {
    Op.IS: operator.eq,
    Op.ABOVE: operator.gt,
    Op.AT_LEAST: operator.ge,
    Op.BELOW: operator.lt,
    Op.AT_MOST: operator.le,
}
"""What each way of comparing does with the answer and the constant."""


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: the answer to `question`, `op`, `value`. `unit` is as written, if any."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    question: str
    op: Op
    value: Value
    unit: str | None = None
    line: int = field(default=0, compare=False)

    def holds(self, answer: Value) -> bool:
        """Whether a known answer passes the comparison. The answer has the question's own type."""
        return bool(COMPARISONS[self.op](answer, self.value))


@dataclass(frozen=True, slots=True)
class AllOf:
    """True where every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where some part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """True where at least `count` of the parts are."""

    count: int
    parts: tuple[Condition, ...]


Condition = Test | AllOf | AnyOf | AtLeast
Term = frozenset[Test]
"""Comparisons that make a condition true when all of them are."""


def truth(condition: Condition, truth_of: Callable[[Test], Truth]) -> Truth:
    """The condition's truth, from the truth of its comparisons (Kleene's strong logic)."""
    match condition:
        case Test():
            return truth_of(condition)
        case AllOf(parts):
            return min(truth(part, truth_of) for part in parts)
        case AnyOf(parts):
            return max(truth(part, truth_of) for part in parts)
        case AtLeast(count, parts):
            return sorted((truth(part, truth_of) for part in parts), reverse=True)[count - 1]


def tests(condition: Condition) -> Iterator[Test]:
    """Every comparison in the condition, in the order written."""
    if isinstance(condition, Test):
        yield condition
    else:
        for part in condition.parts:
            yield from tests(part)


def questions(condition: Condition | None) -> tuple[str, ...]:
    """The ids of the questions that the condition reads, each once, in the order written."""
    if condition is None:
        return ()
    return tuple(dict.fromkeys(test.question for test in tests(condition)))


class TooManyTerms(ValueError):
    """A condition too large to be checked and run exactly."""


def terms(condition: Condition) -> tuple[Term, ...]:
    """The smallest sets of comparisons that make the condition true, in a fixed order.

    Raises:
        TooManyTerms: there are more than `MAX_TERMS`, or one is larger than `MAX_TOGETHER`.
    """
    minimal = _terms(condition)
    if any(len(term) > MAX_TOGETHER for term in minimal):
        raise TooManyTerms(
            f"this condition needs more than {MAX_TOGETHER} answers at once: split it into several rules"
        )
    return tuple(sorted(minimal, key=lambda term: (len(term), sorted(map(order_of, term)))))


def order_of(test: Test) -> tuple[str, str, str]:
    """The sort key that gives comparisons the same order in every process."""
    return test.question, test.op.value, repr(test.value)


def _terms(condition: Condition) -> frozenset[Term]:
    match condition:
        case Test():
            return frozenset([frozenset([condition])])
        case AnyOf(parts):
            return _smallest(term for part in parts for term in _terms(part))
        case AllOf(parts):
            return _together([_terms(part) for part in parts])
        case AtLeast(count, parts):
            if math.comb(len(parts), count) > MAX_TERMS:
                raise TooManyTerms(_too_many())
            each = [_terms(part) for part in parts]
            chosen = (_together(list(some)) for some in combinations(each, count))
            return _smallest(term for together in chosen for term in together)


def _together(choices: list[frozenset[Term]]) -> frozenset[Term]:
    if math.prod(len(choice) for choice in choices) > MAX_TERMS * 10:
        raise TooManyTerms(_too_many())
    return _smallest(frozenset[Test]().union(*terms) for terms in product(*choices))


def _smallest(terms: Iterator[Term]) -> frozenset[Term]:
    """Without the sets that hold another set: those add nothing."""
    kept: list[Term] = []
    for term in sorted(set(terms), key=len):
        if not any(smaller <= term for smaller in kept):
            kept.append(term)
            if len(kept) > MAX_TERMS:
                raise TooManyTerms(_too_many())
    return frozenset(kept)


def _too_many() -> str:
    return (
        f"this condition can come true in more than {MAX_TERMS} ways: "
        "split it into several rules, or count fewer things"
    )
