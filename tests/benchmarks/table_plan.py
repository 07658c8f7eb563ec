"""What a protocol's rules say over a whole table, as a plan that is written out in each peer's own language.

It is derived here once more, from the meaning of an answer alone, and shares nothing with the code of
`whentocall.tables`: a plan that is wrong shows when results are compared with those of `advise`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Condition, Test, questions
from whentocall.protocol.protocol import Protocol

WORD = 64
"""Rules in one number of the result, at most."""


@dataclass(frozen=True, slots=True)
class Held:
    """The answer is known, and passes the comparison."""

    test: Test


@dataclass(frozen=True, slots=True)
class Passes:
    """The comparison in three values: open where `Plan.opens` of its question says so."""

    test: Test


@dataclass(frozen=True, slots=True)
class Null:
    """There is no answer."""

    question: str


@dataclass(frozen=True, slots=True)
class Reported:
    """There is an answer, and it is neither no nor 0."""

    question: str


@dataclass(frozen=True, slots=True)
class Join:
    """All, or any, of several."""

    every: bool
    of: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite, where there are but two values."""

    of: Expr


Expr = Held | Passes | Null | Reported | Join | Not


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules, in order, and what not knowing does to them.

    Attributes:
        rules: when each fires, of `Passes`.
        ranks: the rank of each rule's level.
        top: the highest rank.
        unsettled: the rank shown at least, where more is possible.
        opens: for each question that a rule reads, when a comparison that its answer does not pass is open.
    """

    rules: tuple[Expr, ...]
    ranks: tuple[int, ...]
    top: int
    unsettled: int
    opens: dict[str, Expr]

    def words(self) -> list[range]:
        """The places of the rules in each number of the result."""
        return [range(start, min(start + WORD, len(self.rules))) for start in range(0, len(self.rules), WORD)]

    @property
    def word_bytes(self) -> int:
        """How wide each of these numbers is."""
        return 4 if len(self.rules) <= 32 else 8

    def openings(self, rules: Iterable[int]) -> list[Expr | str]:
        """What could make some of these rules hold that do not: questions that are open, or whole rules."""
        found = itertools.chain.from_iterable(_openings(self.rules[one]) for one in rules)
        return list(dict.fromkeys(found))


def plan(protocol: Protocol) -> Plan:
    """The plan of a protocol without escalations, which no protocol of the benchmark has."""
    if protocol.escalations:
        raise NotImplementedError("the benchmark's plan knows no escalations")
    rules = tuple(_joined(rule.when, Passes) for rule in protocol.rules)
    read = dict.fromkeys(one for rule in protocol.rules for one in questions(rule.when))
    return Plan(
        rules=rules,
        ranks=tuple(rule.rank for rule in protocol.rules),
        top=max(rule.rank for rule in protocol.rules),
        unsettled=protocol.unsettled_rank,
        opens={one: _open(protocol, one, doubting=True) for one in read},
    )


def _joined(condition: Condition, leaf: Callable[[Test], Expr]) -> Expr:
    match condition:
        case Test():
            return leaf(condition)
        case AllOf(parts) | AnyOf(parts):
            return Join(isinstance(condition, AllOf), tuple(_joined(one, leaf) for one in parts))
        case AtLeast(count, parts):
            chosen = itertools.combinations([_joined(one, leaf) for one in parts], count)
            return Join(every=False, of=tuple(Join(every=True, of=some) for some in chosen))


def _open(protocol: Protocol, one: str, *, doubting: bool) -> Expr:
    """No answer, though the question may apply; or an answer that does not reassure, or is in doubt."""
    question = protocol.questions[one]

    def possible(test: Test) -> Expr:
        return Join(every=False, of=(Held(test), _open(protocol, test.question, doubting=doubting)))

    missing: Expr = Null(one)
    if question.only_if:
        missing = Join(every=True, of=(missing, _joined(question.only_if, possible)))
    doubts = [_contradicts(protocol, other) for other in protocol.followers.get(one, ()) if doubting]
    if question.not_reassuring_if:
        doubts.append(_joined(question.not_reassuring_if, possible))
    if not doubts:
        return missing
    doubted = Join(every=True, of=(Not(Null(one)), Join(every=False, of=tuple(doubts))))
    return Join(every=False, of=(missing, doubted))


def _contradicts(protocol: Protocol, follower: str) -> Expr:
    """A follow-up reports something, though it cannot apply."""

    def possible(test: Test) -> Expr:
        return Join(every=False, of=(Held(test), _open(protocol, test.question, doubting=False)))

    applies = _joined(protocol.questions[follower].only_if, possible)
    return Join(every=True, of=(Reported(follower), Not(applies)))


def _openings(rule: Expr) -> list[Expr | str]:
    """Where a rule is an "or", each part by itself; a comparison that fails is open with its question."""
    if isinstance(rule, Passes):
        return [rule.test.question]
    if isinstance(rule, Join) and not rule.every:
        return [one for part in rule.of for one in _openings(part)]
    return [rule]


def fold(
    expr: Expr,
    leaf: Callable[[Any], Any],
    join: Callable[[bool, list[Any]], Any],
    negate: Callable[[Any], Any],
) -> Any:
    """An expression in another language: its leaves, its joins (True: all), its negations."""
    if isinstance(expr, Join):
        return join(expr.every, [fold(one, leaf, join, negate) for one in expr.of])
    return negate(fold(expr.of, leaf, join, negate)) if isinstance(expr, Not) else leaf(expr)


def read(expr: Expr) -> Iterable[str]:
    """The questions that an expression reads, `opens` of `Passes` aside."""
    if isinstance(expr, Join):
        return [one for part in expr.of for one in read(part)]
    if isinstance(expr, Not):
        return read(expr.of)
    return [expr.test.question] if isinstance(expr, Held | Passes) else [expr.question]
