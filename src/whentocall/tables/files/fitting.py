"""Which columns of a file a format can carry. That is tried, and said, before any work is done."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from whentocall.errors import TableError
from whentocall.tables.arrow_columns import type_name
from whentocall.tables.files.writing import carried, write_columns
from whentocall.tables.outside import reading_file

_types = pa.types
_ELSEWHERE = {"csv": "write Parquet or Arrow", "ndjson": "write Parquet or Arrow", "parquet": "write Arrow"}
_BYTES = (_types.is_binary, _types.is_large_binary, _types.is_binary_view, _types.is_fixed_size_binary)


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
    try:
        _try(path, fields, to)
    except TableError:
        wrong = next((field for field in fields if not _goes(path, field, to)), None)
        if wrong is None:
            raise
        rather = f"{_ELSEWHERE[to]}, or leave it out" if to in _ELSEWHERE else "leave it out"
        raise TableError(
            f"{path}: column '{wrong.name}' has the type {type_name(wrong.type)}, which {to} cannot hold; "
            f"{rather}"
        ) from None


def _goes(path: Path, field: pa.Field, to: str) -> bool:
    try:
        _try(path, [field], to)
    except TableError:
        return False
    return True


def _try(path: Path, fields: Sequence[pa.Field], to: str) -> None:
    """Write a row of nulls into memory: what the packages can do is tried, not listed here.

    Raises:
        TableError: they cannot. Some say so with an error of the system's kind.
    """
    if to == "ndjson" and any(_holds_bytes(field.type) for field in fields):
        raise TableError(f"{path}: bytes cannot be written as JSON")
    with reading_file(path, f"this table cannot be written as {to}"):
        table = pa.table([pa.nulls(1, field.type) for field in fields], pa.schema(fields))
        write_columns(io.BytesIO(), carried(table, plain=to == "arrow"), to)


def _holds_bytes(kind: pa.DataType) -> bool:
    """Whether a type has bytes in it, at which Polars panics when it writes JSON."""
    if isinstance(kind, pa.BaseExtensionType):
        return not isinstance(kind, pa.UuidType) and _holds_bytes(kind.storage_type)
    if _types.is_dictionary(kind) or _types.is_run_end_encoded(kind):
        return _holds_bytes(kind.value_type)
    if any(is_bytes(kind) for is_bytes in _BYTES):
        return True
    return any(_holds_bytes(kind.field(place).type) for place in range(kind.num_fields))
