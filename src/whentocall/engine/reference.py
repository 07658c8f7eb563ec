"""The reference evaluation: what rules mean for one person's answers, in three values.

A person is a table of three rows for the protocol's program: as they are, and with the best and the worst
still to come. A row is a bit of Python's integers, so that one run of the program is enough. durable-rules
must agree on every call; where it does not, the more urgent of the two is shown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, TypeVar

from whentocall.engine.combine import Verdict
from whentocall.engine.program import Program, Results
from whentocall.protocol.conditions import (
    COMPARISONS,
    FALSE,
    TRUE,
    UNSETTLED,
    Condition,
    Test,
    Truth,
    Value,
    questions,
    truth,
)
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

T = TypeVar("T")
Values = Mapping[str, Value | None]

AS_THEY_ARE, AT_BEST, AT_WORST = 1, 2, 4
BOUNDS = AT_BEST | AT_WORST
EVERY_ROW = AS_THEY_ARE | BOUNDS


class Reading:
    """What one person's answers make of a protocol.

    A known answer decides a comparison, except that a failed one stays open while the answer is not
    reassuring (masking) or in doubt. Without an answer it is open, unless its question does not apply.
    In doubt is an answer that another one contradicts: a "no" to diarrhoea beside five loose poos.

    Attributes:
        values: the answers, checked.
        contradictory: the questions answered although they do not apply, in the protocol's order.
        finished: the level shown is the same whatever is answered to what has not been asked yet.
    """

    def __init__(self, protocol: Protocol, values: Values) -> None:
        self.protocol = protocol
        self.values = values
        self._plan = protocol.once(_Plan)
        self._results: Results = self._plan.program.run(self._plan.inputs(values), EVERY_ROW)
        self.contradictory = tuple(_those(self._plan.program.followers, self._results.contradictory))
        self.finished = _no_difference(self._results.level)

    def test(self, test: Test) -> Truth:
        """The truth of one comparison."""
        value = self.values.get(test.question)
        if value is not None and test.holds(value):
            return TRUE
        unread = self._results.unread[self._plan.places[test.question]]
        return UNSETTLED if unread & AS_THEY_ARE else FALSE

    def condition(self, condition: Condition) -> Truth:
        """The truth of a condition."""
        return truth(condition, self.test)

    def applies(self, question: str) -> Truth:
        """Whether a question applies: its `only_if`, as its answers say without any doubt, or always."""
        if self.protocol.questions[question].only_if is None:
            return TRUE
        place, results = self._plan.program.followers.index(question), self._results
        if results.applies[place] & AS_THEY_ARE:
            return TRUE
        return UNSETTLED if results.might_apply[place] & AS_THEY_ARE else FALSE

    def rules(self) -> list[Truth]:
        """The truth of every rule, in the protocol's order."""
        sure, possible = self._results.sure, self._results.possible
        return [
            TRUE if surely & AS_THEY_ARE else UNSETTLED if possibly & AS_THEY_ARE else FALSE
            for surely, possibly in zip(sure, possible, strict=True)
        ]

    @property
    def verdict(self) -> Verdict:
        """The levels, and the escalations that hold."""
        results = self._results
        return Verdict(
            _rank(results.at_least),
            _rank(results.could_be),
            _rank(results.level),
            tuple(_those(self.protocol.escalations, results.escalated)),
        )

    def settle(self) -> list[tuple[str, int]]:
        """The questions to find an answer to, each with the highest rank that it could help to reach."""
        return list(_those(self._plan.program.settle, self._results.settle))


class Unread(Reading):
    """What stands for a reading that failed: nothing is known."""

    def __init__(self, protocol: Protocol, values: Values) -> None:  # without what failed
        self.protocol = protocol
        self.values = values
        self.contradictory = ()
        self.finished = False

    def test(self, test: Test) -> Truth:  # noqa: ARG002
        """Open, like every comparison."""
        return UNSETTLED

    def rules(self) -> list[Truth]:
        """There are none: to say that all are open would look like knowing."""
        raise LookupError("the answers could not be read")

    def settle(self) -> list[tuple[str, int]]:
        """Everything that is not known."""
        known = self.values
        return [(name, rank) for name, rank in self.protocol.once(_highest) if known.get(name) is None]


def _rank(levels: Iterable[int]) -> int:
    return sum(_as_they_are(levels))


def _those(items: Iterable[T], bits: Iterable[int]) -> Iterator[T]:
    """The items of which something holds for the person."""
    return compress(items, _as_they_are(bits))


def _as_they_are(bits: Iterable[int]) -> list[int]:
    return [rows & AS_THEY_ARE for rows in bits]


def _no_difference(levels: Iterable[int]) -> bool:
    """Whether every level is reached at best if it is at worst."""
    return {rows & BOUNDS for rows in levels} <= {0, BOUNDS}


# what of this depends on the protocol alone


_Comparison = tuple[Callable[[Any, Any], Any], Value | None]
"""A way of comparing, and the constant."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as the program is told of it.

    Attributes:
        place: among the program's inputs.
        told: what it is told, in order, each as a comparison.
        by_answer: the bits for each answer that is no number.
    """

    place: int
    told: Sequence[_Comparison]
    by_answer: Mapping[Value | None, Sequence[int]]


def _bits(told: Iterable[_Comparison], answer: Value | None) -> Sequence[int]:
    return [EVERY_ROW if compare(answer, constant) else 0 for compare, constant in told]


def _comparison(what: object) -> _Comparison:
    if isinstance(what, Test):
        return COMPARISONS[what.op], what.value
    return _TOLD[what]


_TOLD: Mapping[object, _Comparison] = {
    "known": (operator.is_not, None),
    "reports": (operator.ne, 0),  # "no" is 0 in Python
    "best": (operator.is_, None),
    "worst": (operator.is_, None),
}
_UNASKED: Mapping[object, int] = {"best": AT_BEST, "worst": AT_WORST}


class _Plan:
    """How a person's answers become inputs of the program. Holds nothing about people."""

    def __init__(self, protocol: Protocol) -> None:
        self.program = protocol.once(Program)
        self.places = {name: place for place, name in enumerate(protocol.questions)}
        told = self.program.inputs
        self._unasked = [[_UNASKED.get(what, 0) for what in own] for own in told.values()]
        self._asked = {
            name: _asked(protocol.questions[name], place, told[name]) for place, name in enumerate(told)
        }

    def inputs(self, values: Values) -> Sequence[Sequence[int]]:
        """What the program is told of a person."""
        inputs, asked = list[Sequence[int]](self._unasked), self._asked
        for name, answer in values.items():
            own = asked.get(name)
            if own is not None:  # some condition reads it
                inputs[own.place] = own.by_answer.get(answer) or _bits(own.told, answer)
        return inputs


def _asked(question: Question, place: int, told: Sequence[object]) -> _Asked:
    comparisons = [_comparison(what) for what in told]
    answers: Mapping[str, Iterable[Value]] = {"yes-no": (False, True), "one-of": tuple(question.options)}
    by_answer: dict[Value | None, Sequence[int]] = {None: [0] * len(told)}
    for answer in answers.get(question.answer.kind, ()):
        by_answer[answer] = _bits(comparisons, answer)
    return _Asked(place, comparisons, by_answer)


def _highest(protocol: Protocol) -> list[tuple[str, int]]:
    """Each question that rules read, with the highest rank among them, in the order of settling."""
    ranks: dict[str, int] = {}
    for rule in protocol.rules:
        for name in questions(rule.when):
            ranks[name] = max(ranks.get(name, 0), rule.rank)
    return sorted(
        ((name, ranks[name]) for name in protocol.questions if name in ranks), key=lambda pair: -pair[1]
    )
