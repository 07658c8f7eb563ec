"""`impact_of`: two protocols and a table of answers in, what the change would have meant out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl

from whentocall.errors import TableError
from whentocall.protocol.protocol import Protocol
from whentocall.tables.absent_columns import absence
from whentocall.tables.columns import Columns, answered, every_name
from whentocall.tables.databases import engine_of
from whentocall.tables.files import open_table
from whentocall.tables.files.progress import Progress
from whentocall.tables.files.source import Reading
from whentocall.tables.files.unchanged import unchanged
from whentocall.tables.frames import known_table, refuse_twice
from whentocall.tables.impact.counting import Comparison, Version, count_here, count_there
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
        old: the old protocol.
        new: the new protocol.
        frame: a table of answers, of any kind that `advise_table` takes.
        columns: as for `advise_table`.
        columns_new: the same for `new`, where its answers stand elsewhere; `columns` if not given.
        examples: how many rows to show of each change of level. They are patients' answers; 0 shows none.

    Raises:
        TableError: as `advise_table`; a table without answers to one of the two cannot be compared.
    """
    comparison = _comparison(old, new, columns, columns_new, examples)
    with outside("the change cannot be worked out"):
        names, count = _counter(comparison, frame)
        sides = _sides(comparison, names)
        return impact_from(count(), old, new, sides)


def _comparison(
    old: Protocol, new: Protocol, columns: Columns, columns_new: Columns | None, examples: int
) -> Comparison:
    return Comparison(
        Version(old, columns), Version(new, columns if columns_new is None else columns_new), max(examples, 0)
    )


def _counter(comparison: Comparison, frame: Any) -> tuple[Sequence[str], Callable[[], Tally]]:
    """The names of a table's columns, and what counts its rows."""
    if isinstance(frame, pl.LazyFrame):
        names = frame.collect_schema().names()
        return names, lambda: _count_lazyframe(comparison, frame, names)
    engine = engine_of(frame)
    if engine is not None:
        return engine.names(frame), lambda: count_there(comparison, frame, engine)
    table = known_table(frame)
    return table.names, lambda: _count_batches(comparison, table.read(comparison.used(table.names)))


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
        old: the old protocol.
        new: the new protocol.
        path: the file.
        reading: how to read it.
        columns: as for `impact_of`.
        columns_new: as for `impact_of`.
        examples: as for `impact_of`.
        quiet: no progress on standard error.

    Raises:
        TableError: the file cannot be read so, or as `impact_of`.
    """
    comparison = _comparison(old, new, columns, columns_new, examples)
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
    names = _every_name(comparison) if known is None else known
    needed = frozenset(comparison.used(names))
    tally, seen = Tally(), dict[str, None]()
    with Progress(source.total, what=" rows" if source.in_rows else "B", quiet=quiet) as progress:
        for part in source.parts(source.begin, needed):
            counts = count_here(comparison, part.asked, part.begin.row)
            counts.bad_rows = len(part.bad_rows)
            tally.add(counts, comparison.examples)
            seen.update(dict.fromkeys(part.names))
            progress.at(part.end.position, part.end.row)
    return tally, list(seen)


def _every_name(comparison: Comparison) -> list[str]:
    return [name for side in (comparison.old, comparison.new) for name in every_name(*side)]


def _sides(comparison: Comparison, names: Sequence[str]) -> tuple[Side, Side]:
    """What is to be known of both protocols beside the counts.

    Raises:
        TableError: the table has no answers to one of them, or two columns of one name.
    """
    old, new = (_side(*side, list(names)) for side in (comparison.old, comparison.new))
    return old, new


def _side(protocol: Protocol, columns: Columns, names: list[str]) -> Side:
    refuse_twice(names, [column.name for column in answered(protocol, columns, names).values()])
    missing = absence(protocol, columns, names)
    return Side.of(protocol, missing.text if missing.questions else ())


def _count_batches(comparison: Comparison, answers: pl.DataFrame) -> Tally:
    """The counts of a table in memory: by batches, for the processor's cache."""

    def count(first: int) -> Tally:
        return count_here(comparison, answers.slice(first, _BATCH), first)

    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return _sum(comparison, pool.map(count, range(0, answers.height, _BATCH)))


def _count_lazyframe(comparison: Comparison, frame: pl.LazyFrame, names: list[str]) -> Tally:
    """The counts of a query of Polars', which is never whole in memory."""
    answers = frame.select(pl.nth(*(names.index(name) for name in comparison.used(names))))

    def counts() -> Iterator[Tally]:
        first = 0
        for batch in answers.collect_batches(chunk_size=_BATCH, maintain_order=True):
            yield count_here(comparison, batch, first)
            first += batch.height

    return _sum(comparison, counts())


def _sum(comparison: Comparison, counts: Iterable[Tally]) -> Tally:
    tally = Tally()
    for more in counts:
        tally.add(more, comparison.examples)
    return tally
