"""Bands of one number: values that two bands leave out between them, or that both claim.

A band is a rule about one number and nothing else. Exact, at the question's own resolution: between two
limits nothing changes, so the limits and their neighbours stand for every value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from whentocall.authoring.people import person_json
from whentocall.errors import Finding
from whentocall.protocol.conditions import Condition, Test, Truth, questions, tests, truth
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import PlacedRule, Protocol

Number = int | float


@dataclass(frozen=True, slots=True)
class Band:
    """A rule, and those of the values looked at for which it holds."""

    rule: PlacedRule
    values: frozenset[Number]


def band_findings(protocol: Protocol) -> Iterator[Finding]:
    """Gaps and overlaps between the bands of every number."""
    for question in protocol.questions.values():
        if question.answer.is_number:
            values = critical_values(protocol, question)
            bands = [
                Band(rule, frozenset(one for one in values if _holds(rule.rule.when, one)))
                for rule in protocol.rules
                if questions(rule.rule.when) == (question.id,)
            ]
            yield from _gaps(question, bands, values)
            yield from _overlaps(question, bands)


def critical_values(protocol: Protocol, question: Question) -> tuple[Number, ...]:
    """The limits on a number and their neighbours, one step away, within its range; in order."""
    step = Fraction(str(question.answer.step))
    low, high = question.answer.low, question.answer.high
    found = {Fraction(str(low)), Fraction(str(high))}
    for rule in protocol.rules:
        for test in tests(rule.rule.when):
            if test.question == question.id:
                limit = Fraction(str(test.value))
                found |= {limit - step, limit, limit + step}
    return tuple(_plain(one) for one in sorted(found) if low <= one <= high)


def _plain(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else float(value)


def _holds(condition: Condition, value: Number) -> bool:
    def test_truth(test: Test) -> Truth:
        return Truth.TRUE if test.holds(value) else Truth.FALSE

    return truth(condition, test_truth) is Truth.TRUE


def _gaps(question: Question, bands: Sequence[Band], values: Sequence[Number]) -> Iterator[Finding]:
    """Runs of values in no band, with a band on each side, that are not where most people are."""
    usual = question.usual_number
    covered = [any(value in band.values for band in bands) for value in values]
    for first, last in _runs(covered):
        if first == 0 or last == len(values) - 1:
            continue
        low, high = values[first], values[last]
        if usual is not None and low <= usual <= high:
            continue
        below = next(band for band in bands if values[first - 1] in band.values)
        span = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        above = next(band for band in bands if values[last + 1] in band.values)
        message = (
            f"{_unit(question, span)} of '{question.id}' is left out between '{below.rule.rule.id}' and "
            f"'{above.rule.rule.id}'"
        )
        yield Finding(
            above.rule.card.file,
            above.rule.rule.line,
            message,
            "gap",
            about=question.id,
            person=person_json({question.id: low}),
            suggestion="let one of the two bands take it in ('at least' for 'above', 'at most' for 'below')",
        )


def _runs(covered: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """First and last place of each run of values that no band covers."""
    start: int | None = None
    for place, is_covered in enumerate([*covered, True]):
        if not is_covered and start is None:
            start = place
        elif is_covered and start is not None:
            yield start, place - 1
            start = None


def _overlaps(question: Question, bands: Sequence[Band]) -> Iterator[Finding]:
    """Values in two bands of which neither lies within the other (nested limits are meant)."""
    for one, other in combinations(bands, 2):
        both = one.values & other.values
        if both and not (one.values <= other.values or other.values <= one.values):
            value = min(both)
            message = (
                f"{_unit(question, f'{value:g}')} of '{question.id}' is in two bands, '{one.rule.rule.id}' "
                f"and '{other.rule.rule.id}'"
            )
            yield Finding(
                other.rule.card.file,
                other.rule.rule.line,
                message,
                "overlap",
                about=question.id,
                person=person_json({question.id: value}),
                suggestion="let one band end where the other begins",
            )


def _unit(question: Question, text: str) -> str:
    return f"{text} {question.answer.unit}".strip()
