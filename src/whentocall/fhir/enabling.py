"""`only_if` as `enableWhen`: FHIR has a flat list joined by all or any; nested groups do the rest.

A condition has no "not", so it can always be written as "all of these, each of which is any of those".
Each such part becomes one level: an item's own `enableWhen`, or that of a group around it. What would need
too many levels is left out: leaving out one of several parts can only ask more often, never less.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from whentocall.engine.critical import exact, number_in, plain
from whentocall.engine.temperature import convert_temperature
from whentocall.fhir.names import UCUM_OF, Json, choice, quantity, yes_no
from whentocall.protocol.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Op,
    Term,
    Test,
    TooManyTerms,
    questions,
    terms,
    tests,
)
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

MAX_LEVELS = 6
"""The most groups around one question, itself included."""

_DIGITS = 10**6  # as many as a rule file may have after the decimal point
_OPERATOR: Mapping[Op, str] = {Op.IS: "=", Op.ABOVE: ">", Op.AT_LEAST: ">=", Op.BELOW: "<", Op.AT_MOST: "<="}


@dataclass(frozen=True, slots=True)
class Level:
    """One `enableWhen` with its `enableBehavior`."""

    behavior: Literal["all", "any"]
    when: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Enabling:
    """When an item is shown.

    Attributes:
        levels: outermost first; the last one is the item's own. Empty where it is always shown.
        exact: whether that is just what `only_if` says; if not, the item is shown more often.
    """

    levels: tuple[Level, ...]
    exact: bool


def enabling(protocol: Protocol, question: Question, base_url: str) -> Enabling:
    """When a question's item is shown. Its choices are those of `base_url`.

    A follow-up of a follow-up needs nothing more: what a renderer does not show has no answer, and
    without one no comparison holds.
    """
    if question.only_if is None:
        return Enabling((), exact=True)
    parts, complete = _parts(question.only_if)
    levels = [_level(protocol, part, base_url) for part in parts]
    single = tuple(level.when[0] for level in levels if len(level.when) == 1)
    several = [level for level in levels if len(level.when) > 1]
    room = MAX_LEVELS - bool(single)
    kinds = {protocol.questions[opener].answer.kind for opener in questions(question.only_if)}
    return Enabling(
        (*several[:room], *([Level("all", single)] if single else [])),
        exact=complete and len(several) <= room and "temperature" not in kinds,
    )


def _parts(condition: Condition) -> tuple[list[Term], bool]:
    """Sets of comparisons, each of which must have one that holds; and whether nothing was left out."""
    written = list(tests(condition))
    try:
        parts = terms(_dual(condition))
    except TooManyTerms:
        return [frozenset(written)], False
    return sorted(parts, key=lambda part: (len(part), sorted(map(written.index, part)))), True


def _dual(condition: Condition) -> Condition:
    """With all and any exchanged. Its terms are the sets of comparisons that no way to be true avoids."""
    match condition:
        case Test():
            return condition
        case AllOf(parts):
            return AnyOf(tuple(map(_dual, parts)))
        case AnyOf(parts):
            return AllOf(tuple(map(_dual, parts)))
        case AtLeast(count, parts):  # at least 2 of 3: of any two, at least one
            return AtLeast(len(parts) - count + 1, tuple(map(_dual, parts)))


def _level(protocol: Protocol, part: Term, base_url: str) -> Level:
    order = list(protocol.questions)
    ordered = sorted(part, key=lambda test: (order.index(test.question), test.op, str(test.value)))
    return Level("any", tuple(when for test in ordered for when in _comparison(protocol, test, base_url)))


def _comparison(protocol: Protocol, test: Test, base_url: str) -> tuple[Json, ...]:
    question = protocol.questions[test.question]
    when: Json = {"question": test.question, "operator": _OPERATOR[test.op]}
    if isinstance(test.value, bool):
        return ({**when, "answerCoding": _bare(yes_no(yes=test.value))},)
    if isinstance(test.value, str):
        coding = choice(protocol, question, test.value, "you", base_url)
        return ({**when, "answerCoding": _bare(coding)},)
    if question.answer.kind == "temperature":
        return tuple(_in_unit(when, test, question.answer.unit, unit) for unit in UCUM_OF)
    value = plain(exact(test.value))
    return ({**when, "answerInteger" if isinstance(value, int) else "answerDecimal": value},)


def _bare(coding: Json) -> Json:
    """Without its display, which is another in each voice: a renderer might compare that too."""
    return {"system": coding["system"], "code": coding["code"]}


def _in_unit(when: Json, test: Test, own: str, unit: str) -> Json:
    """A comparison of a temperature in one unit. Both units are offered, and either is enough.

    A renderer may compare the bare numbers. Then 38 °C beside 100.4 °F lets too much through, but never
    too little: every number above 100.4 is above 38 as well. A limit with endless digits in the other unit
    is rounded to the side that asks more.
    """
    limit = exact(convert_temperature(number_in(test.value), own, unit)) * _DIGITS
    if test.op is Op.IS and limit.denominator != 1:
        return {"question": test.question, "operator": "exists", "answerBoolean": True}
    rounded = math.floor(limit) if test.op in (Op.ABOVE, Op.AT_LEAST) else math.ceil(limit)
    return {**when, "answerQuantity": quantity(float(Fraction(rounded, _DIGITS)), unit)}
