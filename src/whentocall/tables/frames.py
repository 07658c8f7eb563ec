"""Tables in memory: Polars, pandas and Arrow in, the same out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from whentocall.errors import TableError
from whentocall.tables.arrow_columns import column_of_arrow, is_known
from whentocall.tables.outside import outside, reason


class Table(NamedTuple):
    """A table in memory.

    Attributes:
        names: of its columns, as far as they are text.
        read: gives columns of these names as a Polars frame.
        add: gives the table with the columns of a Polars frame added.
    """

    names: Sequence[str]
    read: Callable[[Sequence[str]], pl.DataFrame]
    add: Callable[[pl.DataFrame], Any]


def table_of(frame: Any) -> Table | None:
    """The table, if it is one of those in memory that we know."""
    if isinstance(frame, pl.DataFrame):
        return Table(
            frame.columns,
            lambda names: pl.DataFrame([frame.get_column(name) for name in names]),
            frame.hstack,
        )
    if isinstance(frame, pa.Table):
        return _arrow(frame)
    if type(frame).__module__.partition(".")[0] == "pandas" and hasattr(frame, "columns"):
        return _pandas(frame)
    return None


def known_table(frame: Any) -> Table:
    """The same.

    Raises:
        TableError: it is no table that we know.
    """
    table = table_of(frame)
    if table is None:
        kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
        raise TableError(
            f"unknown kind of table '{kind}'; use a Polars, pandas or Arrow table, a DuckDB relation or a "
            "Spark DataFrame"
        )
    return table


def _arrow(frame: pa.Table) -> Table:
    def read(names: Sequence[str]) -> pl.DataFrame:
        refuse_twice(frame.column_names, names)
        return _by_column(names, lambda name: column_of_arrow(frame.column(name)))

    def add(results: pl.DataFrame) -> Any:
        table = frame
        for name, column in zip(results.columns, results.to_arrow().columns, strict=True):
            table = table.append_column(name, column)
        return table

    return Table(frame.column_names, read, add)


def _pandas(frame: Any) -> Table:
    def read_column(name: str) -> Any:
        column = frame[name]
        if column.dtype == "category":
            column = column.astype(column.cat.categories.dtype)
        if hasattr(column.dtype, "pyarrow_dtype") and not is_known(column.dtype.pyarrow_dtype):
            return column_of_arrow(pa.chunked_array(pa.array(column)))
        return pl.from_pandas(column.reset_index(drop=True), nan_to_null=True)

    def read(names: Sequence[str]) -> pl.DataFrame:
        refuse_twice(list(frame.columns), names)
        return _by_column(names, read_column)

    def add(results: pl.DataFrame) -> Any:
        return frame.assign(**_pandas_columns(frame, results))

    return Table([name for name in frame.columns if isinstance(name, str)], read, add)


def _pandas_columns(frame: Any, results: pl.DataFrame) -> Mapping[str, Any]:
    """Levels as ordered categories, lists as Python's own."""
    import pandas as pd  # noqa: PLC0415  whoever has such a frame has it; nobody else needs it

    columns: dict[str, Any] = {}
    for name, dtype in results.schema.items():
        if isinstance(dtype, pl.Enum):
            codes, words = results[name].to_physical().to_numpy(), dtype.categories.to_list()
            values: Any = pd.Categorical.from_codes(codes, words, ordered=True)
        else:
            values = results[name].to_list()
        columns[name] = pd.Series(
            values, index=frame.index, dtype=None if isinstance(dtype, pl.Enum) else object
        )
    return columns


def _by_column(names: Sequence[str], read_column: Callable[[str], Any]) -> pl.DataFrame:
    columns: dict[str, Any] = {}
    for name in names:
        with outside(f"column '{name}' cannot be read"):
            try:
                columns[name] = read_column(name)
            except (TypeError, ValueError) as error:
                raise TableError(
                    f"column '{name}' cannot be read ({reason(error)}): "
                    "a column should have values of one kind"
                ) from None
    return pl.DataFrame(columns)


def refuse_twice(every: Sequence[Any], names: Iterable[str]) -> None:
    """Refuse a table with two columns of a name that is used.

    Raises:
        TableError: with the first such name.
    """
    for name in names:
        if every.count(name) > 1:
            raise TableError(f"there are {every.count(name)} columns '{name}'; rename all but one")
