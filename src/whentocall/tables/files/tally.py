"""What is counted on the way through a table: rows by level, and what could not be read."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from whentocall._text import printable

_FORMULA = re.compile(r"(^|[;\n])(\s*[=+\-@＝＋－＠])")  # also behind a semicolon, at which some cut a CSV

COMMONEST = 20
"""Refused values of a column that each part remembers."""


class Listed(NamedTuple):
    """A cell or row that could not be read.

    Attributes:
        row: in the table, from 1, the header not counted.
        line: in the file, from 1; None where a file has no lines.
        column: its name, or `shape.WHOLE_ROW`.
        value: what stands there.
        expected: what would be right, in words.
    """

    row: int
    line: int | None
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        line = f" (line {self.line})" if self.line else ""
        return f"row {self.row}{line}, '{self.column}': {self.value!r} is not {self.expected}"


@dataclass
class Tally:
    """The counts of some rows. What is listed is as much as was asked for; everything is counted.

    Attributes:
        rows: how many there are.
        levels: how many of them got each level.
        bad: how many cells of each column, and how many whole rows, could not be read.
        known: how many cells of each column are answers.
        values: the commonest of a column's bad cells.
        listed: cells and rows that could not be read.
        names: of the columns.
    """

    rows: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=dict)
    listed: list[Listed] = field(default_factory=list)
    names: tuple[str, ...] = ()

    def add(self, other: Tally) -> None:
        """Count the rows of another, which follow these."""
        self.rows += other.rows
        self.levels.update(other.levels)
        self.bad.update(other.bad)
        self.known.update(other.known)
        for column, values in other.values.items():
            self.values.setdefault(column, Counter()).update(values)
        self.listed += other.listed
        self.names = tuple(dict.fromkeys((*self.names, *other.names)))

    def as_json(self) -> dict[str, Any]:
        """For a part's record."""
        return {
            "rows": self.rows,
            "levels": self.levels,
            "bad": self.bad,
            "known": self.known,
            "values": self.values,
            "listed": self.listed,
            "names": self.names,
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Tally:
        """From a part's record."""
        return cls(
            rows=said["rows"],
            levels=Counter(said["levels"]),
            bad=Counter(said["bad"]),
            known=Counter(said["known"]),
            values={column: Counter(values) for column, values in said["values"].items()},
            listed=[Listed(*one) for one in said["listed"]],
            names=tuple(said["names"]),
        )


def listing(listed: Sequence[Listed]) -> bytes:
    """The cells and rows that could not be read, as a CSV that is safe to look at.

    Anybody may have written what stands in a cell. A spreadsheet runs a formula, and a terminal obeys control
    characters, so that the first gets an apostrophe before it and the others are written out.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Listed._fields)
    for bad in listed:
        writer.writerow([_harmless(value) if isinstance(value, str) else value for value in bad])
    return text.getvalue().encode()


def _harmless(text: str) -> str:
    shown = "\n".join(printable(line) for line in text.split("\n"))
    return _FORMULA.sub(r"\1'\2", shown)
