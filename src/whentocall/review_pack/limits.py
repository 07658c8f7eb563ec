"""Each limit of a rule, tried out: just below it, at it, and just above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from whentocall.engine.advise import advise
from whentocall.engine.critical import around
from whentocall.engine.people import People, Said
from whentocall.engine.reference import Reading
from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.protocol.conditions import Test, Truth, order_of, tests
from whentocall.protocol.model import Question, Rule
from whentocall.protocol.protocol import Protocol
from whentocall.review_pack.words import rule_words


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One value at or beside a limit: whether the rule holds, and the level shown."""

    place: str  # just below, at the limit, just above
    value: str
    other_unit: str
    holds: bool
    level: str


@dataclass(frozen=True, slots=True)
class LimitTable:
    """A limit of a rule, tried out on somebody who reports nothing but `also`."""

    about: str
    also: str
    rows: tuple[LimitRow, ...]


def limit_tables(protocol: Protocol, rule: Rule) -> tuple[LimitTable, ...]:
    """A table for each comparison with a number in the rule."""
    return tuple(
        _table(protocol, rule, test)
        for test in dict.fromkeys(tests(rule.when))
        if protocol.questions[test.question].answer.is_number
    )


def _table(protocol: Protocol, rule: Rule, test: Test) -> LimitTable:
    # The person also has whatever else the rule needs before this limit can matter.
    term = next((term for term in rule.terms if test in term), frozenset([test]))
    others = sorted((other for other in term if other.question != test.question), key=order_of)
    also = protocol.once(People.of).meets(others) or {}
    return LimitTable(
        about=rule_words(protocol, test),
        also="; ".join(rule_words(protocol, other) for other in others),
        rows=tuple(_rows(protocol, rule, test, also)),
    )


def _rows(protocol: Protocol, rule: Rule, test: Test, also: Said) -> Iterator[LimitRow]:
    question, people = protocol.questions[test.question], protocol.once(People.of)
    for value in around(question, test):
        assert isinstance(value, int | float)
        person = people.nothing_else({**also, question.id: value})
        yield LimitRow(
            place=_place(value, test),
            value=f"{value:g} {question.answer.unit}".strip(),
            other_unit=_in_other_unit(question, value),
            holds=Reading(protocol, person).condition(rule.when) is Truth.TRUE,
            level=advise(protocol, person, watch=False).level,
        )


def _place(value: float, test: Test) -> str:
    assert not isinstance(test.value, str)
    if value == test.value:
        return "at the limit"
    return "just below" if value < test.value else "just above"


def _in_other_unit(question: Question, value: float) -> str:
    if question.answer.kind != "temperature":
        return ""
    other = other_unit(question.answer.unit)
    return f"{round(convert_temperature(value, question.answer.unit, other), 2):g} {other}"
