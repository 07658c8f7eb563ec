"""What every kind of table file is read as: parts, one after another, each small enough for memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pyarrow as pa

MOST_ROWS = 250_000
"""Rows of a part, if nothing else is said."""

MOST_BYTES = 32 * 1024 * 1024
"""Bytes of a part, about: of text as it stands in the file, or of columns in memory."""

_NO_NAMES: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file, as far as the file itself does not say.

    Attributes:
        format: one of `formats.FORMATS`.
        separator: of a CSV; a comma if not given.
        encoding: Python's name of a CSV's encoding; UTF-8, or what its byte order mark says.
        rename: the place of a CSV's column, from 1, to its new name.
        most_rows: rows of a part.
        most_bytes: bytes of a part, roughly.
    """

    format: str
    separator: str | None = None
    encoding: str | None = None
    rename: Mapping[int, str] = field(default_factory=lambda: _NO_NAMES)
    most_rows: int = MOST_ROWS
    most_bytes: int = MOST_BYTES


@dataclass(frozen=True, slots=True)
class Mark:
    """A place between two rows.

    Attributes:
        position: bytes before it in a text file; rows before it in one of columns.
        row: rows before it.
        line: lines before it in a text file; 0 where a file has no lines.
    """

    position: int = 0
    row: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read: its place in its part, from 0, how it begins, and what would be right."""

    place: int
    value: str
    expected: str


@dataclass(frozen=True)
class Part:
    """Some rows of a table, in their order.

    Attributes:
        begin: where they begin.
        end: where the next part begins.
        asked: the columns that answer questions, for the engine; a bad row has nulls.
        table: the input's columns as they are to be written. None where `texts` are.
        texts: each row as it stands in the file, to be written with more behind it (JSON); None for a bad
            row.
        names: the names that occur in these rows.
        bad_rows: the rows that could not be read.
        line_of: line in the file, from 1, of a row's place in the part, from 0; None without lines.
    """

    begin: Mark
    end: Mark
    asked: pl.DataFrame
    table: pa.Table | None
    names: tuple[str, ...]
    texts: Sequence[bytes | None] | None = None
    bad_rows: tuple[BadRow, ...] = ()
    line_of: Callable[[int], int] | None = None

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.end.row - self.begin.row


@dataclass(frozen=True, kw_only=True)
class Source(ABC):
    """A table file that has been opened.

    Attributes:
        path: the file.
        names: the columns, in their order; of JSON, which has no list of them, what is known so far.
        schema: the types of the columns that are written; None where rows are written as they stand.
        begin: where the rows begin.
        total: the `position` at the end, for the progress; None where it is not known.
        in_rows: whether positions are rows. They are bytes otherwise.
        separator: of a CSV, for a CSV that is written from it.
        marked: whether it begins with a byte order mark, without which Excel takes a CSV for another
            encoding.
    """

    path: Path
    names: tuple[str, ...]
    schema: pa.Schema | None
    begin: Mark
    total: int | None
    in_rows: bool = False
    separator: str = ","
    marked: bool = False

    @abstractmethod
    def parts(self, begin: Mark, needed: frozenset[str]) -> Iterator[Part]:
        """The rows from `begin` on, at least one part of them; `asked` has the `needed` columns."""
