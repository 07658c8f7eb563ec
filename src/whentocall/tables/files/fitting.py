"""Which columns of a file a format can carry. That is known, and said, before any work is done."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from whentocall.errors import TableError
from whentocall.tables.arrow_columns import is_text, type_name
from whentocall.tables.files.writing import carried, write_columns
from whentocall.tables.outside import reading_file

_types = pa.types
_LISTS = (
    _types.is_list,
    _types.is_large_list,
    _types.is_fixed_size_list,
    _types.is_list_view,
    _types.is_large_list_view,
)
_SIMPLE = (
    _types.is_null,
    _types.is_boolean,
    _types.is_integer,
    _types.is_floating,
    is_text,
    _types.is_date,
    _types.is_time,
    _types.is_timestamp,
)
_ELSEWHERE = {"csv": "write Parquet or Arrow", "ndjson": "write Parquet or Arrow", "parquet": "write Arrow"}


def refuse_types(path: Path, schema: pa.Schema, to: str) -> None:
    """Refuse a file with a column that cannot be written in a format.

    Args:
        path: the file, for the message.
        schema: its columns.
        to: the format.

    Raises:
        TableError: with the first such column.
    """
    fields = [field.with_nullable(nullable=True) for field in schema]
    wrong = next((field for field in fields if not _fits(field.type, to)), None)
    if wrong is None:
        try:
            _try(path, fields, to)
        except TableError:
            wrong = next((field for field in fields if not _goes(path, field, to)), None)
            if wrong is None:
                raise
    if wrong is not None:
        rather = f"{_ELSEWHERE[to]}, or leave it out" if to in _ELSEWHERE else "leave it out"
        raise TableError(
            f"{path}: the column '{wrong.name}' has the type {type_name(wrong.type)}, which {to} has no way "
            f"to write: {rather}"
        )


def _try(path: Path, fields: Sequence[pa.Field], to: str) -> None:
    """Write a row of nulls into memory: what the packages can do is tried, not listed here.

    Raises:
        TableError: they cannot. Some say so with an error of the system's kind.
    """
    with reading_file(path, f"this table cannot be written as {to}"):
        table = pa.table([pa.nulls(1, field.type) for field in fields], pa.schema(fields))
        write_columns(io.BytesIO(), carried(table, plain=to == "arrow"), to)


def _goes(path: Path, field: pa.Field, to: str) -> bool:
    try:
        _try(path, [field], to)
    except TableError:
        return False
    return True


def _fits(kind: pa.DataType, to: str) -> bool:
    """Whether a format has a text for values of a type. Polars panics at some of those that have none."""
    if to in ("parquet", "arrow"):
        return True
    if isinstance(kind, pa.BaseExtensionType):
        return isinstance(kind, pa.UuidType) or _fits(kind.storage_type, to)
    if _types.is_dictionary(kind) or _types.is_run_end_encoded(kind):
        return _fits(kind.value_type, to)
    if _types.is_nested(kind):
        return to == "ndjson" and _fits_within(kind)
    return (
        _simple(kind) or bool(_types.is_decimal(kind)) or (to == "ndjson" and bool(_types.is_duration(kind)))
    )


def _fits_within(kind: pa.DataType) -> bool:
    """The same of what JSON has in a list or an object."""
    if _types.is_dictionary(kind):
        return is_text(kind.value_type)
    if _types.is_map(kind):
        return is_text(kind.key_type) and _fits_within(kind.item_type)
    if _types.is_struct(kind):
        return all(_fits_within(kind.field(place).type) for place in range(kind.num_fields))
    if any(is_list(kind) for is_list in _LISTS):
        return _fits_within(kind.value_type)
    return _simple(kind) or bool(_types.is_duration(kind))


def _simple(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in _SIMPLE)
