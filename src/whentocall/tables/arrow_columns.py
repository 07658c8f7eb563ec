"""Arrow's columns as Polars has them. Arrow has more types than Polars, and of some of them Polars panics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
from pyarrow import compute

from whentocall._text import shorten
from whentocall.tables.outside import outside

_types, _lib = pa.types, pa.lib
_DECIMALS = 15  # what an answer may have of them; `engine.spelling`


def frame_of(table: pa.Table, where: str = "", *, carried: bool = False) -> pl.DataFrame:
    """A table as a Polars frame.

    Args:
        table: the table; its columns have different names.
        where: begins the sentence where a column cannot be had, such as "in.parquet: ".
        carried: the columns are written out again as text. A UUID is then its usual text.

    Raises:
        TableError: Polars has no such type; with the column.
    """
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        with outside(
            f"{where}the column '{name}' has the type {type_name(column.type)}, which cannot be read"
        ):
            columns.append(column_of_arrow(column, carried=carried).alias(name))
    return pl.DataFrame(columns) if columns else pl.DataFrame(height=table.num_rows)


def column_of_arrow(column: Any, *, carried: bool = False) -> pl.Series:
    """One column; see `frame_of`. Decimals that Polars has no room for become text, to the last digit."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        if carried and isinstance(kind, pa.UuidType):
            texts = [None if value is None else str(value) for value in column.to_pylist()]
            return pl.Series(texts, dtype=pl.String)
        column = pa.chunked_array([chunk.storage for chunk in _chunks(column)], kind.storage_type)
        return column_of_arrow(column, carried=carried)
    if _types.is_run_end_encoded(kind):
        return column_of_arrow(compute.run_end_decode(column), carried=carried)
    if (dictionary := _types.is_dictionary(kind)) and not is_text(kind.value_type):
        return column_of_arrow(without_dictionaries(column), carried=carried)
    if _is_long(kind):
        return pl.Series([_digits(value) for value in column.to_pylist()], dtype=pl.String)
    if not dictionary and (plain := _plain_type(kind, polars=True, maps=carried)) != kind:
        column = column.cast(plain)
    series = pl.from_arrow(column)
    assert isinstance(series, pl.Series)
    return series


def is_known(kind: pa.DataType) -> bool:
    """Whether Polars has this type; of other types `column_of_arrow` makes one that it has."""
    return not isinstance(kind, pa.BaseExtensionType) and _plain_type(kind, polars=True) == kind


def is_text(kind: pa.DataType) -> bool:
    """Whether this is one of Arrow's types of text."""
    return bool(_types.is_string(kind) or _types.is_large_string(kind) or _types.is_string_view(kind))


def without_dictionaries(column: Any) -> Any:
    """The same values, those of dictionaries written out, at any depth.

    Raises:
        ArrowException: Arrow cannot write them out.
    """
    kind = column.type
    return _decoded(column).cast(_plain_type(kind)) if _has_dictionary(kind) else column


def type_name(kind: pa.DataType) -> str:
    """A type's name, for messages."""
    return shorten(str(kind))


def _decoded(column: Any) -> Any:
    return compute.run_end_decode(column) if _types.is_run_end_encoded(column.type) else column


def _chunks(column: Any) -> list[Any]:
    return list(column.chunks) if isinstance(column, pa.ChunkedArray) else [column]


def _digits(value: Decimal | None) -> str | None:
    """All digits, without zeros at the end, and never as `1E-7`."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _has_dictionary(kind: pa.DataType) -> bool:
    if _types.is_run_end_encoded(kind):
        return _has_dictionary(kind.value_type)
    return bool(_types.is_dictionary(kind)) or any(
        _has_dictionary(kind.field(place).type) for place in range(kind.num_fields)
    )


def _is_long(kind: pa.DataType) -> bool:
    """Whether Polars has no such decimals: it panics at those of more than 38 digits."""
    return bool(_types.is_decimal256(kind) or (_types.is_decimal(kind) and kind.scale < 0))


def _plain_type(kind: pa.DataType, *, polars: bool = False, maps: bool = True) -> pa.DataType:
    """The type of the same values with nothing encoded: no dictionaries, no run ends, no views of lists.

    Args:
        kind: the type.
        polars: leave out as well what Polars lacks or errs at inside other values: decimals of any length
            but one, and lists of a fixed size, which it takes for damaged where they are a slice.
        maps: keep maps; otherwise they are lists of their pairs. Polars panics at some that are selected.
    """
    if _types.is_dictionary(kind) or _types.is_run_end_encoded(kind):
        return _plain_type(kind.value_type, polars=polars, maps=maps)
    if polars and _types.is_decimal(kind):
        if _is_long(kind):
            return pa.decimal128(38, min(max(kind.scale, 0), _DECIMALS))
        return pa.decimal128(kind.precision, kind.scale)

    def of(field: pa.Field) -> pa.Field:
        return field.with_type(_plain_type(field.type, polars=polars, maps=maps))

    def map_of(key: pa.Field, item: pa.Field) -> pa.DataType:
        return pa.map_(key, item, kind.keys_sorted) if maps else pa.list_(pa.struct([key, item]))

    size = -1 if polars else getattr(kind, "list_size", -1)
    made: Mapping[int, Callable[[], pa.DataType]] = {
        _lib.Type_LIST: lambda: pa.list_(of(kind.value_field)),
        _lib.Type_LIST_VIEW: lambda: pa.list_(of(kind.value_field)),
        _lib.Type_LARGE_LIST: lambda: pa.large_list(of(kind.value_field)),
        _lib.Type_LARGE_LIST_VIEW: lambda: pa.large_list(of(kind.value_field)),
        _lib.Type_FIXED_SIZE_LIST: lambda: pa.list_(of(kind.value_field), size),
        _lib.Type_MAP: lambda: map_of(of(kind.key_field), of(kind.item_field)),
        _lib.Type_STRUCT: lambda: pa.struct([of(kind.field(place)) for place in range(kind.num_fields)]),
    }
    return made[kind.id]() if kind.id in made else kind
