"""The answers at which a rule changes its mind: each limit and the values next to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from whentocall.protocol.conditions import Test, Value
from whentocall.protocol.model import Question


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
    return tuple(plain(one) for one in sorted(found))


def around(question: Question, test: Test) -> tuple[Value, ...]:
    """The answers at a comparison and next to it: one step below, the limit, one step above."""
    if not question.answer.is_number:
        return values(question, ())
    return tuple(_near(question, test, exact(question.answer.step)))


def between_steps(question: Question, compared: Iterable[Test]) -> tuple[float, ...]:
    """Temperatures nearer to a limit than a step: a thermometer, or a sum, may give them.

    Whoever rounds an answer first, finds out by these.
    """
    if question.answer.kind != "temperature":
        return ()
    sizes = (Fraction(1, 100), Fraction(1, 1_000_000))
    near = (value for test in compared for size in sizes for value in _near(question, test, size))
    return tuple(sorted(set(near)))


def _near(question: Question, test: Test, step: Fraction) -> Iterator[int | float]:
    limit = exact(number_in(test.value))
    low, high = exact(question.answer.low), exact(question.answer.high)
    for value in (limit - step, limit, limit + step):
        if low <= value <= high:
            yield plain(value)


def number_in(value: Value) -> float:
    """The constant of a comparison by size."""
    assert not isinstance(value, str)
    return value
