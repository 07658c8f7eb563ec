"""What one part adds to the counts: its levels, and the cells and rows that could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from whentocall.tables.columns import cell_of
from whentocall.tables.files.source import WHOLE_ROW, Part
from whentocall.tables.files.tally import COMMONEST, Listed, Tally
from whentocall.tables.in_memory import BATCH, Count, Results

_SHOWN = 80


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
    if (results["bad_cells"].list.len() > 0).any():
        found = [
            (one.place, -1, Listed(*_where(part, one.place), WHOLE_ROW, one.value, one.expected))
            for one in part.bad_rows[:room]
        ]
        if part.bad_rows:
            tally.bad[WHOLE_ROW] = len(part.bad_rows)
        found += _cells(reader, part, tally, room)
        tally.listed = [listed for _, _, listed in sorted(found)[:room]]
    return tally


def _cells(reader: Results, part: Part, tally: Tally, room: int) -> list[tuple[int, int, Listed]]:
    """The first cells of each column that could not be read; all of them are counted."""
    found: list[tuple[int, int, Listed]] = []
    for first in range(0, part.rows, BATCH):
        frame = part.asked.slice(first, BATCH)
        for order, one in enumerate(reader.bad(frame)):
            cells = frame[one.column].gather(one.rows)
            tally.bad[one.column] += len(cells)
            values = cells.value_counts(sort=True).head(COMMONEST).rows()
            tally.values.setdefault(one.column, Counter()).update(
                {_text(value): count for value, count in values}
            )
            words = cell_of(reader.protocol.questions[one.question])
            for row, value in zip(one.rows[:room].tolist(), cells.head(room).to_list(), strict=True):
                place = first + row
                listed = Listed(*_where(part, place), one.column, _text(value), words)
                found.append((place, order, listed))
    return found


def _where(part: Part, place: int) -> tuple[int, int | None]:
    return part.begin.row + place + 1, part.line_of(place) if part.line_of else None


def _text(value: object) -> str:
    text = {True: "true", False: "false"}.get(value, "") if isinstance(value, bool) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
