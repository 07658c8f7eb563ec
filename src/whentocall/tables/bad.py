"""The cells of a table that are no answer, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl

from whentocall.errors import TableError
from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns, cell_of, used_names
from whentocall.tables.frames import table_of
from whentocall.tables.in_memory import BATCH, Results
from whentocall.tables.outside import outside

_SHOWN = 60  # letters of what stands in a cell
_NONE: Columns = {}


class BadCell(NamedTuple):
    """A cell that is no answer.

    Attributes:
        row: its row, from 1.
        column: the column's name.
        value: what stands there, as text, cut where it is long.
        expected: what an answer would be.
    """

    row: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"row {self.row}, column '{self.column}': '{self.value}' is not {self.expected}"


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
        found = sorted(every_bad(Results(protocol, answers.schema, columns), answers))
        return pl.DataFrame(
            found,
            schema={"row": pl.Int64, "column": pl.String, "value": pl.String, "expected": pl.String},
            orient="row",
        )


def every_bad(reader: Results, frame: pl.DataFrame, most: int | None = None) -> Iterator[BadCell]:
    """The bad cells of a Polars frame, by batch and column; of each column at most `most` in a batch."""
    for first in range(0, frame.height, BATCH):
        batch = frame.slice(first, BATCH)
        for bad in reader.bad(batch):
            rows, words = bad.rows[:most], cell_of(reader.protocol.questions[bad.question])
            cells = batch[bad.column].gather(rows)
            for row, value in zip(rows.tolist(), cells.to_list(), strict=True):
                yield BadCell(first + row + 1, bad.column, shown(value), words)


def commonest(cells: pl.Series, most: int = 20) -> list[str]:
    """What stands in a column, the commonest first."""
    counts = cells.drop_nulls().value_counts(sort=True).head(most)
    return [shown(value) for value in counts[cells.name].to_list()]


def shown(value: object) -> str:
    """A cell as text, cut where it is long."""
    if isinstance(value, Mapping):
        value = ", ".join(f"{part}: {shown(held)}" for part, held in value.items())
    text = "true" if value is True else "false" if value is False else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
