"""What is counted on the way through a table: rows by level, and what could not be read."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from whentocall._text import printable
from whentocall.tables.bad_cells import WHOLE_ROW, BadCell, bad_columns, commonest
from whentocall.tables.files.source import Part
from whentocall.tables.in_memory import Count, Results

_FORMULA = re.compile(r"(^|[;\n])(\s*[=+\-@＝＋－＠])")  # also behind a semicolon, at which some cut a CSV


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
    listed: list[BadCell] = field(default_factory=list)
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


def tally_of(reader: Results, part: Part, results: pl.DataFrame, counts: Sequence[Count], room: int) -> Tally:
    """The counts of one part.

    Args:
        reader: what worked the results out.
        part: the rows.
        results: what was found for them.
        counts: how their cells were read.
        room: how many cells and rows may still be listed.
    """
    levels = results["level"].value_counts().rows()
    tally = Tally(part.rows, Counter({str(level): count for level, count in levels}), names=part.names)
    tally.known.update({count.column: count.known for count in counts})
    if not (results["bad_cells"].list.len() > 0).any():
        return tally
    first = part.begin.row
    if part.bad_rows:
        tally.bad[WHOLE_ROW] = len(part.bad_rows)
    cells = [
        BadCell(
            first + row.place + 1,
            part.line_of and part.line_of(row.place),
            WHOLE_ROW,
            row.value,
            row.expected,
        )
        for row in part.bad_rows[:room]
    ]
    for bad in bad_columns(reader, part.asked):
        tally.bad[bad.column] += len(bad.rows)
        tally.values.setdefault(bad.column, Counter()).update(commonest(bad.cells))
        cells += [cell._replace(row=first + cell.row) for cell in bad.listed(room, part.line_of)]
    tally.listed = sorted(cells, key=lambda cell: cell.row)[:room]
    return tally


def listing(listed: Sequence[BadCell]) -> bytes:
    """The cells and rows that could not be read, as a CSV that is safe to look at.

    Anybody may have written what stands in a cell. A spreadsheet runs a formula, and a terminal obeys control
    characters, so that the first gets an apostrophe before it and the others are written out.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(BadCell._fields)
    for bad in listed:
        writer.writerow([_harmless(value) if isinstance(value, str) else value for value in bad])
    return text.getvalue().encode()


def _harmless(text: str) -> str:
    shown = "\n".join(printable(line) for line in text.split("\n"))
    return _FORMULA.sub(r"\1'\2", shown)
