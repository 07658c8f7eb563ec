"""`only_if` as `enableWhen`: FHIR has a flat list joined by all or any; nested groups do the rest.

A condition has no "not", so it can always be written as "all of these, each of which is any of those".
Each such part becomes one level: an item's own `enableWhen`, or that of a group around it. What would need
too many levels is left out; leaving one of several parts out can only ask more often, never less.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice, product
from typing import Literal

from whentocall.engine.temperature import convert_temperature
from whentocall.fhir.names import UCUM_OF, Json, choice, plain, quantity, yes_no
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Condition, Op, Test, questions
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

MAX_LEVELS = 6
"""The most groups around one question, itself counted."""

MAX_PARTS = 200
"""The most parts that are worked out on the way."""

_DIGITS = 10**6  # as many as a rule file may have behind the point
_OPERATOR: Mapping[Op, str] = {Op.IS: "=", Op.ABOVE: ">", Op.AT_LEAST: ">=", Op.BELOW: "<", Op.AT_MOST: "<="}

Part = frozenset[Test]
"""Comparisons of which one must hold."""


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
        exact: whether that says just what `only_if` says; if not, the item is shown more often.
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
    each = [_level(protocol, part, base_url) for part in parts]
    single = tuple(one for level in each if len(level.when) == 1 for one in level.when)
    levels = [level for level in each if len(level.when) > 1]
    room = MAX_LEVELS - bool(single)
    warm = any(protocol.questions[one].answer.kind == "temperature" for one in questions(question.only_if))
    exact = complete and len(levels) <= room and not warm
    return Enabling((*levels[:room], *([Level("all", single)] if single else [])), exact)


def _level(protocol: Protocol, part: Part, base_url: str) -> Level:
    order = list(protocol.questions)
    ordered = sorted(part, key=lambda test: (order.index(test.question), test.op, str(test.value)))
    return Level("any", tuple(one for test in ordered for one in _comparison(protocol, test, base_url)))


def _comparison(protocol: Protocol, test: Test, base_url: str) -> tuple[Json, ...]:
    question = protocol.questions[test.question]
    said: Json = {"question": test.question, "operator": _OPERATOR[test.op]}
    if isinstance(test.value, bool):
        return ({**said, "answerCoding": _bare(yes_no(yes=test.value))},)
    if isinstance(test.value, str):
        coding = choice(protocol, question, test.value, "you", base_url)
        return ({**said, "answerCoding": _bare(coding)},)
    if question.answer.kind == "temperature":
        own = question.answer.unit
        return tuple(_in_unit(said, test, own, unit) for unit in UCUM_OF)
    key = "answerInteger" if isinstance(plain(test.value), int) else "answerDecimal"
    return ({**said, key: plain(test.value)},)


def _bare(coding: Json) -> Json:
    """Without its display, which is another in each voice: a renderer might compare that too."""
    return {key: value for key, value in coding.items() if key != "display"}


def _in_unit(said: Json, test: Test, own: str, unit: str) -> Json:
    """A comparison of a temperature, said in one unit. Both units are offered, and either is enough.

    A renderer may compare the bare numbers. Then 38 °C beside 100.4 °F lets through too much, but never
    too little: every number above 100.4 is above 38 as well. What has no end in the other unit is rounded
    to the side that asks more.
    """
    assert not isinstance(test.value, str)
    limit = Fraction(str(convert_temperature(test.value, own, unit))) * _DIGITS
    if test.op is Op.IS and limit.denominator != 1:
        return {"question": test.question, "operator": "exists", "answerBoolean": True}
    rounded = math.floor(limit) if test.op in (Op.ABOVE, Op.AT_LEAST) else math.ceil(limit)
    return {**said, "answerQuantity": quantity(float(Fraction(rounded, _DIGITS)), unit)}


def _parts(condition: Condition) -> tuple[list[Part], bool]:
    """The condition as parts that must all hold, and whether none was left out."""
    match condition:
        case Test():
            return [frozenset([condition])], True
        case AllOf(parts):
            return _every(_parts(part) for part in parts)
        case AnyOf(parts):
            return _some([_parts(part) for part in parts])
        case AtLeast(count, parts):  # at least 2 of 3: of any two, at least one
            each = [_parts(part) for part in parts]
            return _every(_some(list(some)) for some in combinations(each, len(each) - count + 1))


def _every(each: Iterable[tuple[list[Part], bool]]) -> tuple[list[Part], bool]:
    found: list[Part] = []
    for parts, complete in each:
        found += parts
        if len(found) > MAX_PARTS or not complete:
            return _smallest(found[:MAX_PARTS]), False
    return _smallest(found), True


def _some(each: list[tuple[list[Part], bool]]) -> tuple[list[Part], bool]:
    unions = (Part().union(*one) for one in product(*(parts for parts, _ in each)))
    found = list(islice(unions, MAX_PARTS + 1))
    complete = len(found) <= MAX_PARTS and all(one for _, one in each)
    return _smallest(found[:MAX_PARTS]), complete


def _smallest(found: Iterable[Part]) -> list[Part]:
    """Without the parts that hold a smaller one: those say nothing more. Fewest comparisons first."""
    kept: list[Part] = []
    for part in sorted(dict.fromkeys(found), key=len):
        if not any(smaller <= part for smaller in kept):
            kept.append(part)
    return kept
