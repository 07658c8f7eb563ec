"""The engine in memory: Polars reads the cells, the rules run on packed bits.

Eight rows lie in a byte, and a rule over a column is a handful of operations on such bytes: what takes time
is to read the cells and to write the lists. It goes through a table in batches, for the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from whentocall.engine.meaning import Cells
from whentocall.protocol.protocol import Protocol
from whentocall.tables.bits import Bits, Packed, counted, how_many, listed, rows_in
from whentocall.tables.columns import RESULTS, Columns, number_of
from whentocall.tables.logic import Flags, advise_bits
from whentocall.tables.query_stages import Kept, Stages
from whentocall.tables.read_cells import ReadColumn, read_cells
from whentocall.tables.spelled import BLANK_RUN, LETTERS

BATCH = 1 << 20
"""The most rows at a time."""

_FEWEST = 1 << 17  # to set a batch up takes as long as some ten thousand rows


def advise_polars(
    protocol: Protocol, frame: pl.DataFrame, columns: Columns, wanted: Collection[str] = RESULTS
) -> pl.DataFrame:
    """The advice for every row: those of `RESULTS` that are wanted, and none of the frame's own columns.

    Raises:
        TableError: a column has a type that no answer can have, or `columns` cannot be used.
    """
    return Results(protocol, frame.schema, columns, wanted).of_all(frame)


@dataclass(frozen=True, slots=True)
class _Names:
    """Names that lists in a column are made of, the place of each bit among them, and their Polars type."""

    places: Any
    dtype: pl.Enum

    @classmethod
    def of(cls, names: Sequence[str], bits: Sequence[str]) -> _Names:
        """For the bits of these names, in their order."""
        order = {name: place for place, name in enumerate(names)}
        kind = np.uint8 if len(order) < 256 else np.uint16
        return cls(np.array([order[name] for name in bits], kind), pl.Enum(list(order)))


class BadColumn(NamedTuple):
    """Cells of one column that are no answer: the question, the column, and the rows, from 0."""

    question: str
    column: str
    rows: npt.NDArray[np.int64]


class ReadCells(NamedTuple):
    """What was read in one column: the question, the column, the cells, and which of them are bad."""

    question: str
    column: str
    cells: Cells[Any]
    bad: Packed | bool


@dataclass(frozen=True, slots=True)
class Count:
    """How the cells of one column were read.

    Attributes:
        question: what they answer.
        column: its name.
        known: how many are answers.
        bad: how many are none, and not "don't know" either.
        first: the row of the first bad one, from 0; None if there is none.
    """

    question: str
    column: str
    known: int = 0
    bad: int = 0
    first: int | None = None

    def then(self, other: Count, rows: int) -> Count:
        """The count with that of the rows after the first `rows`."""
        first = self.first
        if first is None and other.first is not None:
            first = rows + other.first
        return replace(self, known=self.known + other.known, bad=self.bad + other.bad, first=first)


class Advised(NamedTuple):
    """The advice for some rows, and how the cells of each column were read."""

    results: pl.DataFrame
    counts: Sequence[Count]


class Results:
    """Works out the advice for tables of one kind.

    Args:
        protocol: from `load`.
        schema: of the tables.
        columns: where the answers stand.
        wanted: the names of the results to work out.

    Raises:
        TableError: as `advise_polars`.
    """

    def __init__(
        self,
        protocol: Protocol,
        schema: Mapping[str, Any],
        columns: Columns,
        wanted: Collection[str] = RESULTS,
    ) -> None:
        self.protocol = protocol
        self._wanted = [name for name in RESULTS if name in wanted]
        self._names = list(schema)
        # a column without any value has no type of its own
        self._untyped = [number_of(place) for place, dtype in enumerate(schema.values()) if dtype == pl.Null]
        numbered = self._numbered(pl.DataFrame(schema=schema))
        self._columns = columns
        self._types = nw.from_native(numbered).schema
        self._quick = self._reading(careful=False)
        self._careful: dict[frozenset[str], _Reading] = {}
        self._levels = pl.Enum([level.id for level in protocol.levels])

    def _reading(self, *, careful: bool, only: Collection[str] | None = None) -> _Reading:
        stages = Stages(self._types)
        read = read_cells(
            self.protocol, self._names, self._types, self._columns, stages, careful=careful, only=only
        )
        return _Reading(stages, read, _used(read.values()))

    def _numbered(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns as the query knows them; one of nothing but nulls holds text."""
        found = {number_of(place): frame.get_column(name) for place, name in enumerate(self._names)}
        found.update({number: found[number].cast(pl.String) for number in self._untyped})
        return pl.DataFrame(found)

    def schema(self) -> dict[str, pl.DataType]:
        """The columns of the advice, and their types."""
        return dict(self._frame(self._quick.cells({}), 0).schema)

    def of_all(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The advice for every row, worked out in batches by as many threads as Polars has."""
        return self.counted(frame).results

    def counted(self, frame: pl.DataFrame) -> Advised:
        """The same, and how many cells could be read."""
        threads = pl.thread_pool_size()
        rows = min(BATCH, max(_FEWEST, -(-frame.height // threads)))
        rows += -rows % 8  # whole bytes of bits
        if frame.height <= rows:
            return self._advised(frame)
        batches = [frame.slice(first, rows) for first in range(0, frame.height, rows)]
        with ThreadPoolExecutor(threads) as pool:
            advised = list(pool.map(self._advised, batches))
        counts = advised[0].counts
        for place, more in enumerate(advised[1:], 1):
            pairs = zip(counts, more.counts, strict=True)
            counts = [count.then(behind, place * rows) for count, behind in pairs]
        return Advised(pl.concat([batch.results for batch in advised]), counts)

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The advice for one batch of rows."""
        return self._advised(frame).results

    def _advised(self, frame: pl.DataFrame) -> Advised:
        read = self._read(frame)
        return Advised(self._frame(read, frame.height), [_count(column, frame.height) for column in read])

    def flags(self, frame: pl.DataFrame, prefix: str) -> Flags:
        """The level of a batch of rows, and what it comes of; in columns whose names begin with `prefix`."""
        read, rows = self._read(frame), frame.height
        cells = {column.question: column.cells for column in read}
        outcome = advise_bits(self.protocol, cells, _less, settle=False)
        columns = {f"{prefix}level": self._level(outcome.level, rows)}

        def add(bits: Bits) -> str:
            added = f"{prefix}{len(columns)}"
            columns[added] = _series(bits, rows)
            return added

        rules = {rule: add(held) for rule, held in outcome.rules if held is not False}
        bad = {column.column: add(column.bad) for column in read if column.bad is not False}
        return Flags(frame.hstack(pl.DataFrame(columns)), f"{prefix}level", rules, bad)

    def bad(self, frame: pl.DataFrame) -> Iterator[BadColumn]:
        """The columns with bad cells, in the protocol's order."""
        for read in self._read(frame):
            if read.bad is not False:
                yield BadColumn(read.question, read.column, rows_in(frame.height, read.bad))

    def _read(self, frame: pl.DataFrame) -> list[ReadCells]:
        """What stands in each column that rules read.

        Most texts are written in the commonest way, which is quick to read. Where a column has anything else,
        it is read again with care.
        """
        numbered = self._numbered(frame)
        read = self._quick.cells(self._quick.packed(numbered))
        unread = frozenset(column.question for column in read if column.bad is not False)
        if not unread:
            return read
        if unread not in self._careful:  # two threads may both make one, and either will do
            self._careful[unread] = self._reading(careful=True, only=unread)
        careful = self._careful[unread]
        again = {column.question: column for column in careful.cells(careful.packed(numbered))}
        return [again.get(column.question, column) for column in read]

    def _frame(self, read: Sequence[ReadCells], rows: int) -> pl.DataFrame:
        protocol = self.protocol
        bad = [(column.column, column.bad) for column in read]
        cells = {column.question: column.cells for column in read}
        outcome = advise_bits(protocol, cells, _less, settle="settle" in self._wanted)
        build: dict[str, Callable[[], pl.Series]] = {
            "level": lambda: self._level(outcome.level, rows),
            "at_least": lambda: self._level(outcome.at_least, rows),
            "could_be": lambda: self._level(outcome.could_be, rows),
            "rules": lambda: _lists([name for name, _ in outcome.rules], outcome.rules, rows),
            "settle": lambda: _lists(list(protocol.questions), outcome.settle, rows),
            "bad_cells": lambda: _lists([name for name, _ in bad], bad, rows),
        }
        return pl.DataFrame({name: build[name]() for name in self._wanted})

    def _level(self, reached: Sequence[Packed | bool], rows: int) -> pl.Series:
        """The level's id, from whether each rank is reached: as high as there are ranks reached."""
        return pl.Series(counted(reached, rows)).cat.to(self._levels)


def _held(step: Any, packed: Mapping[str, Packed | bool]) -> Any:
    """The bits of a column that the rules read; none where there are no rows."""
    return packed.get(step.name, False) if isinstance(step, Kept) else step


@dataclass(frozen=True, slots=True)
class _Reading:
    """How cells are read: the columns to work out, what each says of its question, and which are used."""

    stages: Stages
    read: Mapping[str, ReadColumn]
    used: Sequence[str]

    def packed(self, frame: pl.DataFrame) -> dict[str, Packed | bool]:
        """The columns that rules read, eight rows in a byte."""
        if not self.used:
            return {}
        plain = [plain_texts(frame, source).alias(name) for source, name in self.stages.texts.items()]
        lazy = self.stages.apply(nw.from_native(frame.hstack(plain).lazy()))
        read = lazy.select(*self.used).to_native().collect(engine="in-memory")
        return {name: _bits(read[name].to_arrow()) for name in self.used}

    def cells(self, packed: Mapping[str, Packed | bool]) -> list[ReadCells]:
        """What was read, in those columns."""
        return [
            ReadCells(
                question,
                read.column.name,
                Cells(
                    _held(read.cells.known, packed),
                    _held(read.cells.reports, packed),
                    {test: _held(held, packed) for test, held in read.cells.passed.items()},
                ),
                _held(read.bad, packed),
            )
            for question, read in self.read.items()
        ]


def plain_texts(frame: pl.DataFrame, source: str) -> pl.Series:
    """The plain form of the texts in a column, or in a part of one (`c3.unit`); see `spelling.plain`."""
    name, _, part = source.partition(".")
    column = frame.get_column(name)
    texts = (column.struct.field(part) if part else column).cast(pl.String)
    distinct = texts.drop_nulls().unique()
    if 2 * len(distinct) > len(texts):
        return _plain(texts)
    return texts.replace_strict(distinct, _plain(distinct), default=None, return_dtype=pl.String)


def _plain(texts: pl.Series) -> pl.Series:
    letters = pl.col("text").str.replace_many(list(LETTERS), list(LETTERS.values()))
    single = letters.str.replace_all(BLANK_RUN, " ").str.strip_chars(" ")
    return texts.alias("text").to_frame().select(single).to_series()


def _count(read: ReadCells, rows: int) -> Count:
    bad = rows_in(rows, read.bad)
    first = int(bad[0]) if len(bad) else None
    return Count(read.question, read.column, how_many(rows, read.cells.known), len(bad), first)


def _used(read: Any) -> list[str]:
    """The names of the columns that the rules read."""
    steps = (
        step
        for column in read
        for step in (column.cells.known, column.cells.reports, *column.cells.passed.values(), column.bad)
    )
    return list(dict.fromkeys(step.name for step in steps if isinstance(step, Kept)))


def _bits(column: Any) -> Packed | bool:
    """An Arrow column of yes and no without nulls, as packed bits."""
    held = column.true_count
    if held in (0, len(column)):
        return bool(held)
    if column.offset % 8:  # not whole bytes: a copy begins at its own first
        column = pa.concat_arrays([column, pa.array([], pa.bool_())])
    first = column.offset // 8
    return np.frombuffer(column.buffers()[1], np.uint8)[first : first + -(-len(column) // 8)]


def _series(bits: Bits, rows: int) -> pl.Series:
    """Packed bits as a column of yes and no."""
    if isinstance(bits, bool):
        return pl.repeat(bits, rows, eager=True)
    array = pa.Array.from_buffers(pa.bool_(), rows, [None, pa.py_buffer(np.ascontiguousarray(bits))])
    series = pl.from_arrow(array)
    assert isinstance(series, pl.Series)
    return series


def _less(bits: Packed) -> Packed | bool:
    """Without the bits, where no row has any: what follows from nothing need not be worked out."""
    return bits if bits.any() else False


def _lists(names: Sequence[str], held: Sequence[tuple[str, Any]], rows: int) -> pl.Series:
    """For every row the names that hold."""
    of = _Names.of(names, [name for name, _ in held])
    if all(bits is False for _, bits in held):
        ends, places = np.zeros(rows + 1, np.int64), np.empty(0, np.uint16)
    else:
        ends, places = listed([bits for _, bits in held], rows)
    lists = pl.from_arrow(pa.LargeListArray.from_arrays(pa.array(ends), pa.array(of.places[places])))
    assert isinstance(lists, pl.Series)
    return lists.to_frame("one").select(pl.col("one").list.eval(pl.element().cat.to(of.dtype))).to_series()
