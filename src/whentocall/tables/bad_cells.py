"""The cells of a table that are no answer, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl

from whentocall._text import shorten
from whentocall.errors import TableError
from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns, cell_of, used_names
from whentocall.tables.frames import table_of
from whentocall.tables.in_memory import BATCH, Results
from whentocall.tables.outside import outside

WHOLE_ROW = "(whole row)"
"""Stands where a column's name would, for a row that could not be read at all."""

SHOWN = 80
"""Characters of a cell or row that are shown."""

_NONE: Columns = {}


class BadCell(NamedTuple):
    """A cell that is no answer, or a row that could not be read.

    Attributes:
        row: in the table, from 1; a header is not counted.
        line: in the file, from 1; None if there are no lines.
        column: the column's name, or `WHOLE_ROW`.
        value: what stands there, as text, cut if it is long.
        expected: what an answer would be.
    """

    row: int
    line: int | None
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        line = f" (line {self.line})" if self.line else ""
        where = self.column if self.column == WHOLE_ROW else f"column '{self.column}'"
        return f"row {self.row}{line}, {where}: {self.value!r} is not {self.expected}"


class BadColumn(NamedTuple):
    """The bad cells of a column in a batch of rows, and their rows in the table, from 0."""

    column: str
    rows: list[int]
    cells: pl.Series
    expected: str

    def listed(self, most: int | None = None, line_of: Callable[[int], int] | None = None) -> list[BadCell]:
        """At most so many of them; `line_of` gives the line of a row."""
        cells = zip(self.rows[:most], self.cells[:most].to_list(), strict=True)
        return [
            BadCell(row + 1, line_of(row) if line_of else None, self.column, shown(value), self.expected)
            for row, value in cells
        ]


def bad_cells(protocol: Protocol, frame: Any, *, columns: Columns = _NONE) -> pl.DataFrame:
    """Every cell that `advise_table` could not read and took as "don't know".

    Args:
        protocol: from `load`.
        frame: a table in memory: Polars, pandas or Arrow. Elsewhere, keep the rows that have `bad_cells`.
        columns: as for `advise_table`.

    Returns:
        A Polars frame with columns `row` (from 1), `column`, `value` and `expected`, by row.

    Raises:
        TableError: as `advise_table`.
    """
    with outside("the cells cannot be read"):
        table = table_of(frame)
        if table is None:
            raise TableError(
                "bad cells are listed for tables in memory; elsewhere, keep the rows that have 'bad_cells'"
            )
        answers = table.read(used_names(protocol, columns, table.names))
        reader = Results(protocol, answers.schema, columns)
        cells = sorted(cell for bad in bad_columns(reader, answers) for cell in bad.listed())
        types = {"row": pl.Int64, "line": pl.Int64, "column": pl.String, "value": pl.String}
        return pl.DataFrame(cells, schema={**types, "expected": pl.String}, orient="row").drop("line")


def bad_columns(reader: Results, frame: pl.DataFrame) -> Iterator[BadColumn]:
    """The bad cells of a Polars frame, by batch and column."""
    for first in range(0, frame.height, BATCH):
        batch = frame.slice(first, BATCH)
        for bad in reader.bad(batch):
            cells = batch[bad.column].gather(bad.rows)
            expected = cell_of(reader.protocol.questions[bad.question])
            yield BadColumn(bad.column, (bad.rows + first).tolist(), cells, expected)


def commonest(cells: pl.Series, most: int = 20) -> dict[str, int]:
    """What stands in a column and how often, the commonest first."""
    counts = cells.drop_nulls().value_counts(sort=True).head(most)
    return {shown(value): count for value, count in counts.rows()}


def shown(value: object) -> str:
    """A cell as text, cut where it is long."""
    if isinstance(value, Mapping):
        return shorten(", ".join(f"{part}: {shown(held)}" for part, held in value.items()), SHOWN)
    return shorten("true" if value is True else "false" if value is False else str(value), SHOWN)
