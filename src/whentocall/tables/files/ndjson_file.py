"""A file with one JSON object in each line.

Every line is read strictly: what `whentocall advise` would refuse as JSON is a bad row here. A text says what
it would say as a cell of a CSV; numbers, true and false say what they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from whentocall._text import shorten
from whentocall.engine.spelling import unit_of
from whentocall.errors import TableError
from whentocall.strict_json import BadJson, read_object
from whentocall.tables.bad_cells import SHOWN
from whentocall.tables.files.ndjson_types import Kinds, column_of_kind, json_text
from whentocall.tables.files.source import BadRow, Mark, Part, Reading, Source
from whentocall.tables.outside import reading_file

MOST_LINE = 1_000_000
DEEPEST = 8
_START = 64 * 1024  # bytes that are looked at to see whether there is an object in each line
_LIST_OR_OPEN = re.compile(rb"\[\s*[\[{]|[\[{]\s*(?:[\r\n]|\Z)")
_EXAMPLE = '{"headache": true}'


@dataclass(frozen=True, kw_only=True)
class NdjsonSource(Source):
    """A file of JSON lines that has been opened; see `Source`."""

    most_rows: int
    most_bytes: int

    def parts(self, begin: Mark, needed: frozenset[str]) -> Iterator[Part]:
        """The rows from `begin` on."""
        for lines, start, end in _blocks(self.path, begin, self.most_rows, self.most_bytes):
            yield self._part(lines, start, end, sorted(needed))

    def _part(self, lines: list[tuple[int, bytes]], begin: Mark, end: Mark, needed: list[str]) -> Part:
        objects, bad = _objects(line for _, line in lines)
        names = tuple(dict.fromkeys(name for values in objects for name in values))
        asked = {name: _cells(objects, name) for name in needed if name in names}
        schema = dict.fromkeys(asked, pl.String)
        frame = pl.DataFrame(asked, schema=schema) if asked else pl.DataFrame(height=len(objects))
        table = None if self.schema is None else _table(objects, self.schema)
        wrong = {row.place for row in bad}
        texts = [None if place in wrong else line for place, (_, line) in enumerate(lines)]
        numbers = [number for number, _ in lines]
        return Part(
            begin, end, frame, table, names, texts=texts, bad_rows=tuple(bad), line_of=numbers.__getitem__
        )


def open_ndjson(path: Path, reading: Reading, *, typed: bool) -> NdjsonSource:
    """Open a file of JSON lines.

    Args:
        path: the file.
        reading: how to read it.
        typed: whether the output needs to know all its columns and their types
            before the first row; the file is then read twice.

    Raises:
        TableError: it cannot be read, or something was said about it that only a CSV has.
    """
    if reading.encoding or reading.separator or reading.rename:
        raise TableError(
            f"{path}: only a CSV has an encoding, a separator and columns to rename, and this is JSON"
        )
    with reading_file(path), path.open("rb") as opened:
        total = path.stat().st_size
        start = opened.read(_START)
    marked = start.startswith(b"\xef\xbb\xbf")
    _refuse_one_value(path, start[3:] if marked else start)
    begin = Mark(3 if marked else 0)
    kinds = Kinds()
    first = True
    for lines, _, _ in _blocks(path, begin, reading.most_rows, reading.most_bytes):
        if not (first or typed):
            break
        kinds.see(_objects(line for _, line in lines)[0])
        first = False
    schema = kinds.schema() if typed else None
    return NdjsonSource(
        path=path,
        names=kinds.names,
        schema=schema,
        begin=begin,
        total=total,
        most_rows=reading.most_rows,
        most_bytes=reading.most_bytes,
    )


def _refuse_one_value(path: Path, start: bytes) -> None:
    """Refuse JSON that is not in lines. Each line would be a bad row, and nobody would be told what is wrong.

    Raises:
        TableError: the file begins with a list of objects or of rows, or with an object over several lines.
    """
    text = start.lstrip()
    if not _LIST_OR_OPEN.match(text):
        line = text.partition(b"\n")[0].rstrip()
        try:
            _, end = json.JSONDecoder().raw_decode(text.decode(errors="replace"))
        except (ValueError, RecursionError):
            return
        if not line.startswith(b"{") or end <= len(line.decode(errors="replace")):
            return
    raise TableError(
        f"{path}: this is one JSON list (or one object over several lines); NDJSON has an object in each line"
    )


def _blocks(
    path: Path, begin: Mark, most_rows: int, most_bytes: int
) -> Iterator[tuple[list[tuple[int, bytes]], Mark, Mark]]:
    """The lines with something in them, each with its number from 1, by blocks; at least one block."""
    with reading_file(path), path.open("rb") as opened:
        opened.seek(begin.position)
        lines: list[tuple[int, bytes]] = []
        start = now = begin
        for raw in iter(lambda: opened.readline(MOST_LINE + 2), b""):
            line, size = raw, len(raw)
            while not line.endswith(b"\n") and (more := opened.readline(MOST_LINE)):
                size, line = size + len(more), more  # what is too long is refused, and need not be kept
            number = now.line + 1
            stripped = raw.strip(b" \t\r\n")
            now = Mark(now.position + size, now.row + bool(stripped), number)
            if stripped:
                lines.append((number, stripped if size == len(raw) else raw[: MOST_LINE + 1]))
            if len(lines) >= most_rows or now.position - start.position >= most_bytes:
                yield lines, start, now
                lines, start = [], now
        if lines or start == begin:
            yield lines, start, now


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError
    return values


def _no_constant(_: str) -> None:
    raise ValueError


_QUICK = json.JSONDecoder(object_pairs_hook=_once_each, parse_constant=_no_constant).decode


def _objects(lines: Iterator[bytes]) -> tuple[list[dict[str, Any]], list[BadRow]]:
    """The object in each line; an empty one for a bad row.

    The quick way only ever says yes; whatever it does not take, and whatever may nest or have half a
    character, is judged by `strict_json`.
    """
    objects: list[dict[str, Any]] = []
    bad: list[BadRow] = []
    for place, line in enumerate(lines):
        try:
            values = _QUICK(line.decode())
            plain = b"\\u" not in line and line.count(b"[") + line.count(b"{") <= DEEPEST
            if type(values) is dict and plain and len(line) <= MOST_LINE:
                objects.append(values)
                continue
        except (ValueError, RecursionError):
            pass
        try:
            objects.append(read_object(line, most=MOST_LINE, deepest=DEEPEST, example=_EXAMPLE))
        except BadJson as why:
            text = line[: 4 * SHOWN].decode(errors="replace")
            bad.append(BadRow(place, shorten(text, SHOWN), f"a JSON object: {why}"))
            objects.append({})
    return objects, bad


def _cells(objects: list[dict[str, Any]], name: str) -> list[str | None]:
    """One column as the engine reads it: the text of each JSON value."""
    return [None if (value := values.get(name)) is None else cell_text(value) for values in objects]


def cell_text(value: Any) -> str:
    """A JSON value as the text of a cell that means the same to the engine, or is refused by it.

    `{"value": 101.5, "unit": "°F"}` is `101.5 °F`.
    """
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is int:
        return _int_text(value)
    if kind is float:
        # 1.0 is 1, as it is in a column of numbers; 1e16 and beyond is no answer to anything.
        return str(int(value)) if abs(value) < 1e15 and value.is_integer() else repr(value)
    if kind is dict and set(value) == {"value", "unit"}:
        number, unit = value["value"], value["unit"]
        if type(number) in (int, float) and type(unit) is str and (named := unit_of(unit)):
            return f"{cell_text(number)} {named}"
    return json_text(value)


def _int_text(value: int) -> str:
    return str(value) if value.bit_length() < 1024 else "a number of hundreds of digits"


def _table(objects: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """The columns in the types that hold every value of the whole file."""
    made = [column_of_kind((values.get(field.name) for values in objects), field.type) for field in schema]
    if not made:
        return pa.table({}).select([])
    return pa.Table.from_arrays(made, schema=schema)


def spliced(text: bytes | None, added: bytes) -> bytes:
    """A line with more keys at its end: what stood there stays as it was, to the byte.

    Args:
        text: the line, an object; None for a bad row.
        added: an object with at least one key, as JSON.
    """
    if text is None:
        return added
    inside = text[:-1].rstrip()
    return inside + (b"" if inside == b"{" else b",") + added[1:]
