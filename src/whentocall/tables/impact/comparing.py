"""`impact_of`: two protocols and a table of answers in, what the change would have meant out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from whentocall.errors import TableError
from whentocall.protocol.protocol import Protocol
from whentocall.tables.absence import absence
from whentocall.tables.columns import Columns, asked, column_of, used_names
from whentocall.tables.databases import engine_of
from whentocall.tables.files import open_table
from whentocall.tables.files.progress import Progress
from whentocall.tables.files.source import Reading
from whentocall.tables.files.unchanged import unchanged
from whentocall.tables.frames import table_of
from whentocall.tables.impact.counting import Comparison, counted
from whentocall.tables.impact.querying import counted_there
from whentocall.tables.impact.result import Impact, Side
from whentocall.tables.impact.tally import Tally, impact_from
from whentocall.tables.outside import outside

_AS_THEY_ARE: Columns = {}
_BATCH = 1 << 18  # rows at a time


def impact_of(
    old: Protocol,
    new: Protocol,
    frame: Any,
    *,
    columns: Columns = _AS_THEY_ARE,
    columns_new: Columns | None = None,
    examples: int = 3,
) -> Impact:
    """What a change of rules would have meant for the people of a table.

    Every row is advised with both protocols, as `advise_table` does it.

    Args:
        old: the protocol as it was.
        new: the protocol as it is to be.
        frame: a table of answers: whatever `advise_table` takes. On an engine of its own it is counted there.
        columns: as for `advise_table`.
        columns_new: the same for `new`, where its answers stand elsewhere; `columns` if not given.
        examples: how many rows to show of each change of level. They are somebody's answers; 0 shows none.

    Raises:
        TableError: as `advise_table`; a table without answers to one of the two cannot be compared.
    """
    comparison = Comparison(
        old, new, columns, columns if columns_new is None else columns_new, max(examples, 0)
    )
    with outside("the change cannot be worked out"):
        tally, sides = _counts_and_sides(comparison, frame)
    return impact_from(tally, old, new, sides)


def _counts_and_sides(comparison: Comparison, frame: Any) -> tuple[Tally, tuple[Side, Side]]:
    """The counts of a table, wherever it lives."""
    if isinstance(frame, pl.LazyFrame):
        names = frame.collect_schema().names()
        sides = _sides(comparison, names)
        return _of_lazyframe(comparison, frame, names), sides
    engine = engine_of(frame)
    if engine is not None:
        sides = _sides(comparison, engine.names(frame))
        return counted_there(comparison, frame, engine), sides
    table = table_of(frame)
    if table is None:
        raise TableError(
            f"a '{type(frame).__module__}.{type(frame).__qualname__}' is no table that is known here: "
            "give a Polars, pandas or Arrow one, a DuckDB relation or a Spark DataFrame"
        )
    sides = _sides(comparison, table.names)
    answers = table.read(_used(comparison, table.names))
    return _of_batches(comparison, answers), sides


def impact_of_file(
    old: Protocol,
    new: Protocol,
    path: Path,
    reading: Reading,
    *,
    columns: Columns = _AS_THEY_ARE,
    columns_new: Columns | None = None,
    examples: int = 3,
    quiet: bool = True,
) -> Impact:
    """What a change of rules would have meant for the people of a file, which may be larger than memory.

    Args:
        old: the protocol as it was.
        new: the protocol as it is to be.
        path: the file.
        reading: how it is to be read.
        columns: as for `impact_of`.
        columns_new: as for `impact_of`.
        examples: as for `impact_of`.
        quiet: no progress on standard error.

    Raises:
        TableError: the file cannot be read so, or as `impact_of`.
    """
    comparison = Comparison(
        old, new, columns, columns if columns_new is None else columns_new, max(examples, 0)
    )
    with outside(f"{path}: the change cannot be worked out"), unchanged(path) as check:
        tally, names = _counts_of_file(comparison, path, reading, quiet=quiet)
        check()
    try:
        sides = _sides(comparison, names)
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    return impact_from(tally, old, new, sides)


def _counts_of_file(
    comparison: Comparison, path: Path, reading: Reading, *, quiet: bool
) -> tuple[Tally, list[str]]:
    """The counts of a file, and the names of its columns."""
    source = open_table(path, reading, to="ndjson")
    known = None if source.schema is None else source.names
    if known is not None:
        _sides(comparison, known)  # before it takes its time
    needed = frozenset(_used(comparison, _every_name(comparison) if known is None else known))
    tally, names = Tally(), dict[str, None]()
    with Progress(source.total, what=" rows" if source.in_rows else "B", quiet=quiet) as progress:
        for part in source.parts(source.begin, needed):
            counts = counted(comparison, part.asked, part.begin.row)
            counts.bad_rows = len(part.bad_rows)
            tally.add(counts, comparison.examples)
            names.update(dict.fromkeys(part.names))
            progress.at(part.end.position, part.end.row)
    return tally, list(names)


class _Of(NamedTuple):
    protocol: Protocol
    columns: Columns


def _both(comparison: Comparison) -> tuple[_Of, _Of]:
    return _Of(comparison.old, comparison.columns), _Of(comparison.new, comparison.columns_new)


def _used(comparison: Comparison, names: Sequence[str]) -> list[str]:
    """The names of the columns with answers to either, in the new protocol's order."""
    found = [used_names(of.protocol, of.columns, names) for of in reversed(_both(comparison))]
    return list(dict.fromkeys(name for one in found for name in one))


def _every_name(comparison: Comparison) -> list[str]:
    """The names of all columns that questions may be answered in."""
    found = [column_of(of.columns, one) for of in _both(comparison) for one in of.protocol.questions]
    return list(dict.fromkeys(name for one in found for name in (one.name, one.unit_column) if name))


def _sides(comparison: Comparison, names: Sequence[str]) -> tuple[Side, Side]:
    """What is to be known of both protocols beside the counts.

    Raises:
        TableError: the table has no answers to one of them, or two columns of one name.
    """
    names = list(names)
    sides = []
    for of in _both(comparison):
        found = asked(of.protocol, of.columns, frozenset(names))
        if not found:
            raise TableError(
                f"no column is a question of '{of.protocol.id}' (version {of.protocol.version}): "
                f"one should be, such as '{next(iter(of.protocol.questions))}'"
            )
        for column in found.values():
            if names.count(column.name) > 1:
                raise TableError(
                    f"there are {names.count(column.name)} columns '{column.name}': rename all but one"
                )
        missing = absence(of.protocol, of.columns, names)
        sides.append(Side.of(of.protocol, missing.text if missing.questions else ()))
    return sides[0], sides[1]


def _of_batches(comparison: Comparison, answers: pl.DataFrame) -> Tally:
    """The counts of a table in memory: by batches, for the processor's cache."""

    def one(first: int) -> Tally:
        batch = answers.slice(first, _BATCH)
        return counted(comparison, batch, first)

    tally = Tally()
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        for found in pool.map(one, range(0, answers.height, _BATCH)):
            tally.add(found, comparison.examples)
    return tally


def _of_lazyframe(comparison: Comparison, frame: pl.LazyFrame, names: list[str]) -> Tally:
    """The counts of a query of Polars', which is never whole in memory."""
    places = [names.index(name) for name in _used(comparison, names)]
    tally, first = Tally(), 0
    answers = frame.select(pl.nth(*places))
    for batch in answers.collect_batches(chunk_size=_BATCH, maintain_order=True):
        tally.add(counted(comparison, batch, first), comparison.examples)
        first += batch.height
    return tally
