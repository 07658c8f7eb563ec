"""What a protocol compares answers with, and the answers at which it changes its mind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from whentocall.protocol.conditions import Condition, Op, Test, Value
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

_BOTH_SIDES = {
    Op.ABOVE: (0, 1),
    Op.AT_LEAST: (-1, 0),
    Op.BELOW: (-1, 0),
    Op.AT_MOST: (0, 1),
    Op.IS: (-1, 0, 1),
}


def ranked_conditions(protocol: Protocol) -> Iterator[tuple[Condition, int]]:
    """Every condition that bears on a level, with the rank that it leads to by itself."""
    for rule in protocol.rules:
        yield rule.when, rule.rank
    for question in protocol.questions.values():
        for condition in (question.only_if, question.not_reassuring_if):
            if condition is not None:
                yield condition, 0
    for escalation in protocol.escalations:
        if escalation.only_if is not None:
            yield escalation.only_if, escalation.rank


def all_conditions(protocol: Protocol) -> Iterator[Condition]:
    """Every condition of a protocol: those that bear on a level, and those of self-care lines."""
    for condition, _ in ranked_conditions(protocol):
        yield condition
    for card in protocol.cards:
        for line in card.self_care:
            yield from (condition for condition in (line.when, line.unless) if condition is not None)


def exact(value: float) -> Fraction:
    """The number as it is written, without what a float adds."""
    return Fraction(str(value))


def plain(value: Fraction) -> int | float:
    """The number as JSON has it: a whole one without a point."""
    return int(value) if value.denominator == 1 else float(value)


def values(question: Question, compared: Iterable[Test]) -> tuple[Value, ...]:
    """Every answer that can matter, in the question's own unit.

    Both answers of a yes/no question, every choice; of a number its two ends, its usual value, and each
    limit in `compared` with its neighbours at the question's own step.
    """
    match question.answer.kind:
        case "yes-no":
            return (False, True)
        case "one-of":
            return tuple(str(option) for option in question.options)
    found = {exact(question.answer.low), exact(question.answer.high)}
    if question.usual_number is not None:
        found.add(exact(question.usual_number))
    for test in compared:
        found.update(exact(number_in(value)) for value in around(question, test))
    return tuple(plain(value) for value in sorted(found))


def around(question: Question, test: Test) -> tuple[Value, ...]:
    """The answers at a comparison and next to it: one step below, the limit, one step above."""
    if not question.answer.is_number:
        return values(question, ())
    return tuple(_near(question, test, exact(question.answer.step)))


def sides(question: Question, test: Test) -> tuple[int | float, ...]:
    """The number on each side of a limit, one of which is the limit; for `exactly` also the one beyond."""
    return tuple(_near(question, test, exact(question.answer.step), _BOTH_SIDES[test.op]))


def between_steps(question: Question, compared: Iterable[Test]) -> tuple[float, ...]:
    """Temperatures nearer to a limit than a step: a thermometer, or a sum, may give them.

    Whoever rounds an answer first, finds out by these.
    """
    if question.answer.kind != "temperature":
        return ()
    sizes = (Fraction(1, 100), Fraction(1, 1_000_000))
    near = (value for test in compared for size in sizes for value in _near(question, test, size))
    return tuple(sorted(set(near)))


def _near(
    question: Question, test: Test, step: Fraction, places: Iterable[int] = (-1, 0, 1)
) -> Iterator[int | float]:
    limit = exact(number_in(test.value))
    low, high = exact(question.answer.low), exact(question.answer.high)
    for value in (limit + place * step for place in places):
        if low <= value <= high:
            yield plain(value)


def number_in(value: Value) -> float:
    """The constant of a comparison by size."""
    assert not isinstance(value, str)
    return value
