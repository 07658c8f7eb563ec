"""A CSV file: every cell is read as text, exactly as it stands there.

pyarrow reads the cells, as it can say which rows have too few or too many of them; Polars 2.1 fills a short
row up with nulls without a word, whatever it is told. The rows are counted twice, by us and by pyarrow, and
a block where the counts differ stops the run: a row must never move beside another person's answers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from whentocall._text import shorten
from whentocall.errors import TableError
from whentocall.tables.bad_cells import SHOWN
from whentocall.tables.files.csv_blocks import Block, Blocks
from whentocall.tables.files.csv_text import encoding_of, separator_sign
from whentocall.tables.files.source import BadRow, Mark, Part, Reading, Source
from whentocall.tables.outside import outside

_WHOLE_CELLS = "cells whose closing quote ends them (a quote inside quotes is written twice)"


@dataclass(frozen=True, kw_only=True)
class CsvSource(Source):
    """A CSV file that has been opened; see `Source`."""

    schema: pa.Schema
    blocks: Blocks

    def parts(self, begin: Mark, needed: frozenset[str]) -> Iterator[Part]:
        """The rows from `begin` on."""
        wanted = [name for name in self.names if name in needed]
        for block in self.blocks.read(begin):
            table, bad = self._cells(block)
            asked = pl.from_arrow(table.select(wanted))
            assert isinstance(asked, pl.DataFrame)
            yield Part(block.begin, block.end, asked, table, self.names, bad_rows=bad, line_of=block.line_of)

    def _cells(self, block: Block) -> tuple[pa.Table, tuple[BadRow, ...]]:
        """The cells of a block's rows; a bad row has nulls."""
        count, broken = len(block.records.starts), block.records.broken
        bad = {place: BadRow(place, _row_text(block, place), _WHOLE_CELLS) for place in broken}
        data, kept = block.data, np.arange(count)
        if broken:
            kept = np.delete(kept, sorted(broken))
            data = b"\n".join(_record(block, int(place)) for place in kept) + b"\n"
        refused: list[tuple[int, int]] = []
        table = self._read(data, refused) if len(kept) else self.schema.empty_table()
        for number, cells in refused:
            place = int(kept[number - 1])
            bad[place] = BadRow(place, _row_text(block, place), self._expected(cells))
        if table.num_rows + len(bad) != count:
            first = f"rows {block.begin.row + 1} to {block.end.row}"
            raise TableError(f"{self.path}: {first}: row counts disagree; stopping")
        if bad:
            good = np.delete(np.arange(count), list(bad))
            order = np.zeros(count, np.int64)
            order[good] = np.arange(len(good))
            missing = np.ones(count, bool)
            missing[good] = False
            table = table.take(pa.array(order, mask=missing))
        return table, tuple(bad[place] for place in sorted(bad))

    def _expected(self, cells: int) -> str:
        return f"{len(self.names)} cells, one for each column, not {cells}"

    def _read(self, data: bytes, refused: list[tuple[int, int]]) -> pa.Table:
        """The rows that have a cell for each column; `refused` gets the number, from 1, of the others."""

        def refuse(row: arrow_csv.InvalidRow) -> str:
            refused.append((row.number, row.actual_columns))
            return "skip"

        plain = [str(place) for place in range(len(self.names))]
        if not data.endswith((b"\n", b"\r")):
            data += b"\n"  # without it, pyarrow may take an empty cell at the end for one in quotes
        how = {
            # One block, so that a row's number is known: with several threads it is not.
            "read_options": arrow_csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=plain
            ),
            "parse_options": arrow_csv.ParseOptions(
                delimiter=self.separator,
                newlines_in_values=True,
                ignore_empty_lines=not self.blocks.blank,
                invalid_row_handler=refuse,
            ),
            "convert_options": arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(plain, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=False,
            ),
        }
        with outside(f"{self.path}: this cannot be read as CSV"):
            table = arrow_csv.read_csv(pa.BufferReader(data), **how)
        return table.rename_columns(list(self.names))


def _record(block: Block, place: int) -> bytes:
    return block.data[int(block.records.starts[place]) : int(block.records.ends[place])]


def _row_text(block: Block, place: int) -> str:
    return shorten(_record(block, place)[: 4 * SHOWN].decode(errors="ignore"), SHOWN)


def open_csv(path: Path, reading: Reading) -> CsvSource:
    """Open a CSV and read its header.

    Raises:
        TableError: it is empty, its encoding or its header cannot be used.
    """
    try:
        total = path.stat().st_size
        with path.open("rb") as opened:
            encoding = encoding_of(opened.read(4), reading.encoding)
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror})") from None
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    separator = _separator(path, reading.separator)
    blocks = Blocks(path, encoding, separator, blank=False, most_rows=1, most_bytes=64 * 1024, header=True)
    header = _header(blocks, Mark(encoding.mark))
    text = header.data.decode()
    if text.startswith("sep=") and len(text.strip()) == 5:  # Excel's own way to say it
        separator = text[4]
        if reading.separator not in (None, separator):
            raise TableError(f"{path}: line 1 gives the separator '{separator}', and another was given")
        blocks = replace(blocks, separator=separator)
        header = _header(blocks, header.end)
        text = header.data.decode()
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise TableError(f"{path}: line 1 cannot be read as the names of columns ({error})") from None
    if len(cells) == 1 and reading.separator is None:
        _refuse_other_separator(path, cells[0], separator)
    names = _names(path, cells, reading.rename)
    blocks = replace(
        blocks,
        blank=len(names) == 1,
        most_rows=reading.most_rows,
        most_bytes=reading.most_bytes,
        header=False,
    )
    begin = Mark(header.end.position, 0, header.end.line)
    schema = pa.schema([(name, pa.string()) for name in names])
    marked = encoding.mark > 0
    return CsvSource(
        path=path,
        names=names,
        schema=schema,
        begin=begin,
        total=total,
        separator=separator,
        marked=marked,
        blocks=blocks,
    )


def _separator(path: Path, said: str | None) -> str:
    separator = separator_sign(said) if said else "\t" if path.suffix.lower() == ".tsv" else ","
    if separator is None:
        raise TableError(f"invalid separator '{said}'; use one of , ; | or tab")
    return separator


def _header(blocks: Blocks, begin: Mark) -> Block:
    header = next(iter(blocks.read(begin)))
    if not len(header.records.starts):
        raise TableError(f"{blocks.path}: this file is empty; the first line should name the columns")
    return header


def _refuse_other_separator(path: Path, header: str, separator: str) -> None:
    """A header that is one cell with other separators in it: what stands between cells is said, not guessed.

    To guess would be right for most files. But of a file where it is wrong, every row would be one whose
    answers are not known, or stand in the wrong place.
    """
    for other, name in ((";", "';'"), ("\t", "tab"), ("|", "'|'")):
        if other in header and other != separator:
            raise TableError(
                f"{path}: line 1 has no '{separator}' but {header.count(other)} of {name}; if that is the "
                f"separator, use --separator {name}"
            )


def _names(path: Path, cells: list[str], rename: Mapping[int, str]) -> tuple[str, ...]:
    """The names of the columns, without blanks around them.

    Raises:
        TableError: a name stands there twice, or one is to be renamed that is not there.
    """
    beyond = [place for place in rename if not 1 <= place <= len(cells)]
    if beyond:
        raise TableError(f"{path}: no column {beyond[0]} to rename; there are {len(cells)}")
    names = [rename.get(place, name).strip() for place, name in enumerate(cells, 1)]
    first: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if name in first:
            shown = f"the column '{name}'" if name else "a column without a name"
            raise TableError(
                f"{path}: line 1 has {shown} twice, as columns {first[name]} and {place}; rename one of "
                "them, in the file or in the mapping file"
            )
        first[name] = place
    return tuple(names)
