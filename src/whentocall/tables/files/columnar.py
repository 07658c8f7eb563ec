"""Files of columns: Parquet and Arrow. They are read by slices of rows, even where a group has all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from whentocall.errors import TableError
from whentocall.tables.arrow_columns import frame_of
from whentocall.tables.files.source import Mark, Part, Reading, Source
from whentocall.tables.outside import reading_file

_SLICE = 32_768  # rows read at once; parts are put together from them
_BUFFER = 1024 * 1024  # bytes of each column that wait to be read: without it, a whole group's would

_Read = Callable[[int], Iterator[pa.RecordBatch]]


@dataclass(frozen=True, kw_only=True)
class ColumnarSource(Source):
    """A Parquet or Arrow file that has been opened; see `Source`."""

    schema: pa.Schema
    most_rows: int
    most_bytes: int
    read: _Read

    def parts(self, begin: Mark, needed: frozenset[str]) -> Iterator[Part]:
        """The rows from `begin` on."""
        wanted = [name for name in self.names if name in needed]
        waiting: list[pa.RecordBatch] = []
        start = begin
        slices = self._slices(begin.row)
        while (batch := self._next(slices, start)) is not None:
            waiting.append(batch)
            rows = sum(batch.num_rows for batch in waiting)
            if rows >= self.most_rows or sum(batch.nbytes for batch in waiting) >= self.most_bytes:
                part = self._part(waiting, start, wanted)
                yield part
                waiting, start = [], part.end
        if waiting or start == begin:
            yield self._part(waiting, start, wanted)

    def _next(self, slices: Iterator[pa.RecordBatch], start: Mark) -> pa.RecordBatch | None:
        with reading_file(self.path, f"cannot be read after row {start.row}"):
            batch = next(slices, None)
            if batch is not None:
                batch.validate(full=True)  # a damaged file must not end in memory that is not ours
            return batch

    def _slices(self, skip: int) -> Iterator[pa.RecordBatch]:
        """The rows after the first `skip`, in batches that never cross the end of a part."""
        filled = 0
        for batch in self.read(skip):
            left = batch
            while left.num_rows:
                room = min(self.most_rows - filled, _SLICE)
                yield left.slice(0, room)
                filled = (filled + min(room, left.num_rows)) % self.most_rows
                left = left.slice(room)

    def _part(self, batches: list[pa.RecordBatch], start: Mark, wanted: list[str]) -> Part:
        table = pa.Table.from_batches(batches, self.schema)
        end = Mark(start.row + table.num_rows, start.row + table.num_rows)
        return Part(start, end, frame_of(table.select(wanted), f"{self.path}: "), table, self.names)


def open_parquet(path: Path, reading: Reading) -> ColumnarSource:
    """Open a Parquet file.

    Raises:
        TableError: it cannot be read.
    """
    _refuse_said(path, reading)
    with reading_file(path, "this Parquet file cannot be read"), _parquet(path) as opened:
        metadata, schema = opened.metadata, opened.schema_arrow

    def read(skip: int) -> Iterator[pa.RecordBatch]:
        with _parquet(path) as opened:
            group = 0
            while group < metadata.num_row_groups and skip >= metadata.row_group(group).num_rows:
                skip -= metadata.row_group(group).num_rows
                group += 1
            # One after another: pyarrow cannot read lists of categories in a batch with rows of two groups.
            for place in range(group, metadata.num_row_groups):
                yield from _without(opened.iter_batches(_SLICE, row_groups=[place]), skip)
                skip = 0

    return _source(path, schema, metadata.num_rows, reading, read)


def _parquet(path: Path) -> parquet.ParquetFile:
    return parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True)


def open_arrow(path: Path, reading: Reading) -> ColumnarSource:
    """Open an Arrow file or stream (IPC, Feather 2).

    Raises:
        TableError: it cannot be read.
    """
    _refuse_said(path, reading)
    with reading_file(path, "this Arrow file cannot be read"):
        with path.open("rb") as opened:
            is_file = opened.read(6) == b"ARROW1"
        # Mapped, so that of one huge batch only the slices that are looked at take memory.
        with pa.memory_map(str(path)) as mapped:
            reader = pa.ipc.open_file(mapped) if is_file else pa.ipc.open_stream(mapped)
            schema = reader.schema
            total = None
            if is_file:
                total = sum(reader.get_batch(place).num_rows for place in range(reader.num_record_batches))

    def read(skip: int) -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(path)) as mapped:
            if is_file:
                whole = pa.ipc.open_file(mapped)
                batches = (whole.get_batch(place) for place in range(whole.num_record_batches))
                yield from _without(batches, skip)
            else:
                yield from _without(pa.ipc.open_stream(mapped), skip)

    return _source(path, schema, total, reading, read)


def _without(batches: Iterator[pa.RecordBatch], skip: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if skip >= batch.num_rows:
            skip -= batch.num_rows
            continue
        yield batch.slice(skip)
        skip = 0


def _source(
    path: Path, schema: pa.Schema, total: int | None, reading: Reading, read: _Read
) -> ColumnarSource:
    names = tuple(schema.names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        places = ", ".join(str(place) for place, name in enumerate(names, 1) if name == twice[0])
        raise TableError(f"{path}: column '{twice[0]}' appears more than once, at {places}; rename one")
    return ColumnarSource(
        path=path,
        names=names,
        schema=schema,
        begin=Mark(),
        total=total,
        in_rows=True,
        most_rows=reading.most_rows,
        most_bytes=reading.most_bytes,
        read=read,
    )


def _refuse_said(path: Path, reading: Reading) -> None:
    if reading.encoding or reading.separator or reading.rename:
        raise TableError(
            f"{path}: only a CSV has an encoding, a separator and columns to rename, and this "
            f"is {reading.format}"
        )
