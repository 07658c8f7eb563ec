"""Bands of one number: values that two neighbouring bands leave out, or both cover.

A band is a rule about one number alone. This is exact at the question's own resolution: between
two limits nothing changes, so the limits and their neighbours stand for every value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from whentocall.authoring.findings import about_rule, with_unit
from whentocall.engine.people import People
from whentocall.errors import Finding
from whentocall.protocol.conditions import Condition, Test, Truth, Value, questions, truth
from whentocall.protocol.model import Question, Rule
from whentocall.protocol.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Band:
    """A rule, and the values for which it fires."""

    rule: Rule
    values: frozenset[Value]

    @property
    def name(self) -> str:
        """The rule's name, in quotes."""
        return f"'{self.rule.name}'"


def band_findings(protocol: Protocol) -> Iterator[Finding]:
    """Gaps and overlaps between the bands of every number."""
    people = protocol.once(People.of)
    for question in protocol.questions.values():
        if question.answer.is_number:
            values = people.values[question.id]
            bands = [
                Band(rule, frozenset(value for value in values if _holds(rule.when, value)))
                for rule in protocol.rules
                if questions(rule.when) == (question.id,)
            ]
            yield from _gaps(question, bands, values)
            yield from _overlaps(question, bands)


def _holds(condition: Condition, value: Value) -> bool:
    def test_truth(test: Test) -> Truth:
        return Truth.TRUE if test.holds(value) else Truth.FALSE

    return truth(condition, test_truth) is Truth.TRUE


def _gaps(question: Question, bands: Sequence[Band], values: Sequence[Value]) -> Iterator[Finding]:
    """Runs of values between two bands that no band covers, unless they include the usual value."""
    covered = [any(value in band.values for band in bands) for value in values]
    for first, last in _runs(covered):
        if first == 0 or last == len(values) - 1 or question.usual_number in values[first : last + 1]:
            continue
        low, high = values[first], values[last]
        below = next(band for band in bands if values[first - 1] in band.values)
        above = next(band for band in bands if values[last + 1] in band.values)
        span = with_unit(question, f"{low:g}" if low == high else f"{low:g} to {high:g}")
        message = f"{below.name} and {above.name} leave out {span} of '{question.id}' between them"
        suggestion = "widen one of them ('at least' instead of 'above', 'at most' instead of 'below')"
        yield _about(question, above, message, "gap", suggestion, low)


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
    """Values in two bands, unless one band lies within the other (nested limits are intended)."""
    for first, second in combinations(bands, 2):
        shared = first.values & second.values
        if shared and shared not in (first.values, second.values):
            value = min(shared)
            shown = with_unit(question, f"{value:g}")
            message = f"{first.name} and {second.name} both cover {shown} of '{question.id}'"
            suggestion = "end one where the other begins"
            yield _about(question, second, message, "overlap", suggestion, value)


def _about(question: Question, band: Band, message: str, code: str, suggestion: str, value: Value) -> Finding:
    """A finding at the line of the band's rule, about the number."""
    at_rule = about_rule(band.rule, message, code, suggestion, {question.id: value})
    return replace(at_rule, about=question.id)
