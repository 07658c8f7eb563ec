"""Tables written: one part, and all parts put together into one file."""

from __future__ import annotations

import io
import shutil
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa
from pyarrow import parquet

from whentocall._files import open_whole
from whentocall.tables.arrow_columns import frame_of, is_text, without_dictionaries
from whentocall.tables.files.ndjson_file import spliced
from whentocall.tables.files.source import Part
from whentocall.tables.outside import outside, writing

BETWEEN = "|"
"""Stands between the items of a list in a CSV's cell: no id has it, and no name of a column may."""


@dataclass(frozen=True, slots=True)
class Target:
    """How results are written.

    Attributes:
        format: one of `formats.FORMATS`.
        separator: of a CSV.
        marked: whether a CSV begins with a byte order mark.
        headed: whether each part is a file of its own, with the CSV's header; otherwise only the first has
            it.
        plain: whether dictionaries (categories) of the input are written as plain values. In an Arrow file, a
            dictionary must be the same from the first row to the last.
    """

    format: str
    separator: str = ","
    marked: bool = False
    headed: bool = False
    plain: bool = False


def write_part(path: Path, part: Part, results: pl.DataFrame, target: Target, *, first: bool) -> None:
    """Write the rows of one part with their results, whole or not at all.

    Raises:
        NotWritten: the system refused it.
    """
    with writing(path), open_whole(path) as sink:
        match target.format:
            case "csv":
                _write_csv(sink, part, results, target, first=first)
            case "ndjson":
                _write_ndjson(sink, part, results)
            case _:
                write_columns(sink, _with_results(part, results, plain=target.plain), target.format)


def _write_csv(opened: BinaryIO, part: Part, results: pl.DataFrame, target: Target, *, first: bool) -> None:
    lists = [name for name, kind in results.schema.items() if kind == pl.List]
    # Nothing between two separators, not "", where a list is empty.
    items = pl.col(lists).cast(pl.List(pl.String))
    texts = results.with_columns(pl.when(items.list.len() > 0).then(items.list.join(BETWEEN)))
    headed = first or target.headed
    _frame(part).hstack(texts).write_csv(
        opened, include_header=headed, include_bom=headed and target.marked, separator=target.separator
    )


def _frame(part: Part) -> pl.DataFrame:
    assert part.table is not None
    return frame_of(part.table, carried=True)


def write_columns(sink: BinaryIO, table: pa.Table, format_: str) -> None:
    """Write a table in a format, whatever the types of its columns."""
    if format_ in ("csv", "ndjson"):
        frame = frame_of(table, carried=True)
        (frame.write_csv if format_ == "csv" else frame.write_ndjson)(sink)
        return
    opened = _parquet if format_ == "parquet" else pa.ipc.new_file
    with opened(sink, table.schema) as writer:
        writer.write_table(table)


def _write_ndjson(opened: BinaryIO, part: Part, results: pl.DataFrame) -> None:
    if part.texts is None:
        _frame(part).hstack(results).write_ndjson(opened)
        return
    added = io.BytesIO()
    results.write_ndjson(added)
    added.seek(0)
    opened.writelines(spliced(text, more) for text, more in zip(part.texts, added, strict=True))


def _with_results(part: Part, results: pl.DataFrame, *, plain: bool) -> pa.Table:
    """The input's columns as they came, not by way of Polars, which has fewer types; then the results."""
    assert part.table is not None
    table = carried(part.table, plain=plain)
    # The oldest types, as not every reader of Parquet and Arrow has the newer ones of text.
    added = results.to_arrow(compat_level=pl.CompatLevel.oldest())
    for field, column in zip(added.schema, added.columns, strict=True):
        table = table.append_column(field, column)
    return table


def carried(table: pa.Table, *, plain: bool) -> pa.Table:
    """The same values with at most one dictionary for each column; with none if it is to be `plain`.

    Parts of a table may have dictionaries of their own. A file of Arrow's has one for all its rows.
    """
    for place, field in enumerate(table.schema):
        kind = field.type
        if plain or not (pa.types.is_dictionary(kind) and is_text(kind.value_type)):
            with outside(f"the column '{field.name}' cannot be written"):
                column = without_dictionaries(table.column(place))
            if column.type != kind:
                table = table.set_column(place, field.with_type(column.type), column)
    return table.unify_dictionaries()


def work_target(target: Target) -> Target:
    """How parts are written that will be put together: Parquet is made once, from Arrow, types and all."""
    return Target("arrow") if target.format == "parquet" else target


def put_together(parts: Sequence[Path], whole: Path, target: Target) -> None:
    """Write one file of all parts, a part at a time.

    Raises:
        NotWritten: the system refused it.
    """
    with writing(whole), open_whole(whole) as sink:
        if target.format in ("csv", "ndjson"):
            for part in parts:
                with part.open("rb") as opened:
                    shutil.copyfileobj(opened, sink)
            return
        with _reader(parts[0]) as first:
            schema = first.schema
        with (_parquet if target.format == "parquet" else pa.ipc.new_file)(sink, schema) as writer:
            for part in parts:
                with _reader(part) as reader:
                    writer.write_table(reader.read_all())


@contextmanager
def _parquet(sink: Any, schema: pa.Schema) -> Iterator[parquet.ParquetWriter]:
    """A Parquet file that says of lists of categories that they are lists of text, as they are in it.

    Otherwise pyarrow would make categories of them when it reads them, and fail where a batch has rows of two
    groups. All other types of Arrow are said as they are. Every page has a checksum, so that a byte that
    changes on a disk or on its way is noticed by whoever reads it with care.
    """
    said = pa.schema([_as_text(field) for field in schema], schema.metadata)
    with parquet.ParquetWriter(
        sink, schema, compression="zstd", store_schema=False, write_page_checksum=True
    ) as writer:
        yield writer
        writer.add_key_value_metadata({"ARROW:schema": b64encode(said.serialize().to_pybytes()).decode()})


def _as_text(field: pa.Field) -> pa.Field:
    kind = field.type
    if pa.types.is_large_list(kind) and pa.types.is_dictionary(kind.value_type):
        return pa.field(field.name, pa.large_list(pa.field("element", kind.value_type.value_type)))
    return field


@contextmanager
def _reader(path: Path) -> Iterator[pa.RecordBatchFileReader]:
    with pa.memory_map(str(path)) as mapped, pa.ipc.open_file(mapped) as reader:
        yield reader
