"""The reference evaluation: what each rule is worth for these answers, in three values.

Small enough to be read in one sitting. The engine must agree with it on every call; where it does not,
the more urgent of the two is shown.

A condition has no "not". Its truth in three values is therefore that in two values, asked twice: it is
true if it is met by the comparisons that surely hold, and not false if it is met by those that possibly do.
Both are kept as sets of comparisons, each a number with one bit for each comparison of the protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from whentocall.protocol.conditions import (
    COMPARISONS,
    FALSE,
    TRUE,
    UNSETTLED,
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Test,
    Truth,
    Value,
    questions,
    tests,
    truth,
)
from whentocall.protocol.protocol import Protocol

Values = Mapping[str, Value | None]
Met = Callable[[int], bool]
"""Whether a condition is met by a set of comparisons."""


class NotAsked(Enum):
    """What to take a comparison for whose question has not been asked.

    OPEN is the meaning of an answer; BEST and WORST bound what asking could still bring.
    """

    OPEN = UNSETTLED
    BEST = FALSE
    WORST = TRUE


_OPPOSITE = {
    NotAsked.OPEN: NotAsked.OPEN,
    NotAsked.BEST: NotAsked.WORST,
    NotAsked.WORST: NotAsked.BEST,
}


class Reading:
    """The truth of comparisons and conditions for one person's answers.

    A known answer decides a comparison, except that a failed one stays open while the answer is not
    reassuring (masking) or in doubt. Without an answer it is open, unless its question does not apply.

    `doubted` are questions whose answer another one contradicts: a "no" to diarrhoea beside five loose
    poos. What such an answer fails stays open, so a contradiction can only raise. `contradictory` are the
    questions answered although they do not apply, in the protocol's order. `open`: whether a comparison
    waits for a question that has not been asked, and that applies or might.
    """

    def __init__(
        self,
        protocol: Protocol,
        values: Values,
        not_asked: NotAsked = NotAsked.OPEN,
        doubted: frozenset[str] = frozenset(),
        worst: Reading | None = None,
    ) -> None:
        self.protocol = protocol
        self.values = values
        self.contradictory: tuple[str, ...] = ()
        self.open = False
        self._surely = 0
        self._possibly = 0
        self._otherwise: dict[str, Truth] = {}  # of what an answer fails, or what has none; else false
        self._compiled = protocol.once(_compiled)
        if not_asked is NotAsked.BEST:
            self._read(not_asked, doubted, worst or Reading(protocol, values, NotAsked.WORST))
        else:
            self._read(not_asked, doubted, self)

    def _read(self, not_asked: NotAsked, doubted: frozenset[str], worst: Reading) -> None:
        """Go through the questions, each after those that open or mask it."""
        values, otherwise = self.values, self._otherwise
        asking = None if not_asked is NotAsked.OPEN else not_asked.value
        surely = possibly = 0
        contradictory = []
        for asked in self._compiled.questions:
            value, applies = values.get(asked.id), asked.applies
            if value is not None:
                held = asked.held(value) if asked.by_size else asked.by_value.get(value, 0)
                surely |= held
                possibly |= held
                if applies and not applies(possibly):
                    contradictory.append(asked)
                if asked.id in doubted or (asked.masked and asked.masked(possibly)):
                    otherwise[asked.id] = UNSETTLED
                    possibly |= asked.comparisons
            elif not applies or applies(possibly):
                rest = UNSETTLED
                if asked.comparisons and asked.id not in values:
                    self.open = True
                    if asking is not None:
                        sure = surely if worst is self else worst._surely
                        rest = asking if not applies or applies(sure) else UNSETTLED
                otherwise[asked.id] = rest
                possibly |= asked.comparisons if rest is not FALSE else 0
                surely |= asked.comparisons if rest is TRUE else 0
        self._surely, self._possibly = surely, possibly
        if contradictory:
            contradictory.sort(key=lambda asked: asked.place)
            self.contradictory = tuple([asked.id for asked in contradictory])

    def condition(self, condition: Condition) -> Truth:
        """The truth of a condition."""
        return truth(condition, self.test)

    def test(self, test: Test) -> Truth:
        """The truth of one comparison."""
        value = self.values.get(test.question)
        if value is not None and test.holds(value):
            return TRUE
        return self._otherwise.get(test.question, FALSE)

    def applies(self, question: str) -> Truth:
        """Whether a question applies: its `only_if`, or always."""
        only_if = self.protocol.questions[question].only_if
        return TRUE if only_if is None else self.condition(only_if)

    def rules(self) -> list[Truth]:
        """The truth of every rule, in the protocol's order."""
        surely, possibly = self._surely, self._possibly
        return [
            (TRUE if met(surely) else UNSETTLED) if met(possibly) else FALSE for met in self._compiled.rules
        ]


class Unread(Reading):
    """What stands for a reading that failed: nothing is known."""

    def __init__(self, protocol: Protocol, values: Values) -> None:  # without what failed
        self.protocol = protocol
        self.values = values
        self.contradictory = ()
        self.open = True

    def test(self, test: Test) -> Truth:  # noqa: ARG002
        """Open, like every comparison."""
        return UNSETTLED

    def rules(self) -> list[Truth]:
        """There are none: to say that all are open would look like knowing."""
        raise LookupError("the answers could not be read")


def read(
    protocol: Protocol,
    values: Values,
    not_asked: NotAsked = NotAsked.OPEN,
    worst: Reading | None = None,
) -> Reading:
    """The reading of these answers, with those in doubt that a contradiction speaks against.

    `worst`: the reading at worst, if it is there already; what is possible at best depends on it.

    At worst, what is still to be asked makes a contradiction of an answer (by "no"); at best it takes
    one away (by "yes").
    """
    by = _OPPOSITE[not_asked]
    if by is not not_asked and not any(values.get(one) for one in protocol.once(_compiled).follow_ups):
        # Without a follow-up's answer nothing can contradict.
        return Reading(protocol, values, not_asked, worst=worst)
    first = Reading(protocol, values, by)
    if by is not_asked and not first.contradictory:
        return first
    doubted = frozenset(
        opener
        for one in first.contradictory
        if values[one]  # "no" and 0 report nothing
        for opener in questions(protocol.questions[one].only_if)
    )
    reading = Reading(protocol, values, not_asked, doubted, worst)
    reading.contradictory = (
        first.contradictory
    )  # before the doubt, which makes it unsettled whether they apply
    return reading


# what of this depends on the protocol alone


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the comparisons that rules make with its answer.

    Attributes:
        id: its id.
        place: its place in the protocol.
        comparisons: all of them, as a set.
        by_value: for each answer that is no number, the comparisons that it passes.
        by_size: the comparisons of a number, each with its constant and its bit.
        applies: whether it applies, by the comparisons that hold; None if it always does.
        masked: whether what its answer fails stays open, likewise; None if it never does.
    """

    id: str
    place: int
    comparisons: int
    by_value: Mapping[Value, int]
    by_size: tuple[tuple[Callable[[Any, Any], Any], Value, int], ...]
    applies: Met | None
    masked: Met | None

    def held(self, value: Value) -> int:
        """The comparisons that a number passes."""
        return sum([bit for compare, constant, bit in self.by_size if compare(value, constant)])


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The questions, each after those that open or mask it; the rules; and which questions are follow-ups."""

    questions: tuple[_Asked, ...]
    rules: tuple[Met, ...]
    follow_ups: tuple[str, ...]


def _compiled(protocol: Protocol) -> _Compiled:
    ask = protocol.questions.values()
    conditions = [rule.when for rule in protocol.rules]
    conditions += [escalation.only_if for escalation in protocol.escalations if escalation.only_if]
    conditions += [
        one for asked in ask for one in (asked.only_if, asked.not_reassuring_if) if one is not None
    ]
    every = dict.fromkeys(test for condition in conditions for test in tests(condition))
    bits = {test: 1 << place for place, test in enumerate(every)}
    asked = {one: _asked(protocol, one, place, bits) for place, one in enumerate(protocol.questions)}
    return _Compiled(
        tuple(asked[one] for one in openers_first(protocol)),
        tuple(_met(rule.when, bits) for rule in protocol.rules),
        tuple(one.id for one in ask if one.only_if),
    )


def _asked(protocol: Protocol, one: str, place: int, bits: Mapping[Test, int]) -> _Asked:
    question = protocol.questions[one]
    own = {test: bit for test, bit in bits.items() if test.question == one}
    by_value: dict[Value, int] = {}
    for test, bit in own.items():
        by_value[test.value] = by_value.get(test.value, 0) | bit
    return _Asked(
        id=one,
        place=place,
        comparisons=sum(own.values()),
        by_value=by_value,
        by_size=tuple((COMPARISONS[test.op], test.value, bit) for test, bit in own.items())
        if question.answer.is_number
        else (),
        applies=_met(question.only_if, bits) if question.only_if else None,
        masked=_met(question.not_reassuring_if, bits) if question.not_reassuring_if else None,
    )


def openers_first(protocol: Protocol) -> list[str]:
    """The questions' ids, each after those that its `only_if` and `not_reassuring_if` read."""
    ordered: dict[str, None] = {}

    def add(one: str) -> None:
        question = protocol.questions[one]
        for other in (*questions(question.only_if), *questions(question.not_reassuring_if)):
            if other not in ordered:
                add(other)
        ordered[one] = None

    for one in protocol.questions:
        if one not in ordered:
            add(one)
    return list(ordered)


def _met(condition: Condition, bits: Mapping[Test, int]) -> Met:
    """The condition as a function of a set of comparisons."""
    if isinstance(condition, Test):
        bit = bits[condition]
        return lambda held: held & bit != 0
    plain = [bits[part] for part in condition.parts if isinstance(part, Test)]
    all_bits = sum(dict.fromkeys(plain))
    if len(plain) == len(condition.parts) and isinstance(condition, AllOf):
        return lambda held: held & all_bits == all_bits
    if len(plain) == len(condition.parts) and isinstance(condition, AnyOf):
        return lambda held: held & all_bits != 0
    parts = tuple(_met(part, bits) for part in condition.parts)
    match condition:
        case AllOf():
            return lambda held: all(part(held) for part in parts)
        case AnyOf():
            return lambda held: any(part(held) for part in parts)
        case AtLeast(count):
            return lambda held: sum(part(held) for part in parts) >= count
