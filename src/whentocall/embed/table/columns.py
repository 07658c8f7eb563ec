"""How the columns of a table answer the questions of a protocol.

By themselves, a question's answers stand in the column of its own name, in its own unit. Anything else is
said here, by whoever knows the table; nothing is guessed from a column's name or its content.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from whentocall.engine.answers import convert_temperature, expected, other_unit
from whentocall.protocol.conditions import Value
from whentocall.protocol.models import Question
from whentocall.protocol.protocol import Protocol

RESULTS = ("level", "at_least", "could_be", "rules", "settle", "bad_cells")
"""The columns that are added to a table."""

BLANKS = " \t\r\n\u00a0"
"""What is taken off both ends of a cell's text before it is read."""

_NO_WORDS: Mapping[str, Value | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Column:
    """Where the answers to one question stand, and how they are written.

    Attributes:
        name: the column's name.
        unit: the unit of its numbers (`°C`, `°F`), if it is not the question's own.
        unit_column: the column that has the unit of each number, if there is one.
        decimal: what stands before the decimals of a number written as text, "." or ",".
        words: what a cell may say, as text, to the answer that it means: `True` or `False`, a number in the
            question's own unit, a choice's id, or None for "don't know". It goes before any other reading.
    """

    name: str
    unit: str | None = None
    unit_column: str | None = None
    decimal: str = "."
    words: Mapping[str, Value | None] = field(default_factory=lambda: _NO_WORDS)


Columns = Mapping[str, Column]
"""Question id to its column. A question that is not in it is taken to stand in the column of its own name."""


def column_of(columns: Columns, question: str) -> Column:
    """Where a question's answers are to be looked for."""
    return columns.get(question) or Column(question)


def asked(protocol: Protocol, columns: Columns, names: Collection[str]) -> dict[str, Column]:
    """The questions that a table with columns of these `names` answers, in the protocol's order."""
    found = {one: column_of(columns, one) for one in protocol.questions}
    return {one: column for one, column in found.items() if column.name in names}


def used_names(protocol: Protocol, columns: Columns, names: Collection[str]) -> list[str]:
    """Those of the `names` that have answers, or their units."""
    found = asked(protocol, columns, frozenset(names)).values()
    units = [column.unit_column for column in found if column.unit_column in names]
    return list(dict.fromkeys([*(column.name for column in found), *(one for one in units if one)]))


def cell_of(question: Question) -> str:
    """What a cell should say to be an answer to the question, in words."""
    answer = question.answer
    if answer.kind != "temperature":
        return expected(question).replace("null", "empty")
    other = other_unit(answer.unit)
    low, high = (convert_temperature(end, answer.unit, other) for end in (answer.low, answer.high))
    own = f"{answer.low:g} to {answer.high:g} {answer.unit}"
    return f"a temperature from {own} (or, in {other}, {low:g} to {high:g}), or empty (don't know)"


def number_of(place: int) -> str:
    """What a query calls the column in this place, from 0.

    Every engine reads something else into a name (a dot, a star, a regular expression, capitals), so that
    queries know columns by their places.
    """
    return f"c{place}"
