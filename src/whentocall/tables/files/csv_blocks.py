"""A CSV file read in blocks of whole records, as UTF-8, whatever it is written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from whentocall.errors import TableError
from whentocall.tables.files.csv_text import Encoding, Records, Unclosed, records_of
from whentocall.tables.files.source import Mark

MOST_RECORD = 64 * 1024 * 1024
"""Bytes that one row may have. A quote that is never closed makes everything after it one row."""


@dataclass(frozen=True)
class Block:
    """Whole records of a file, in UTF-8.

    Attributes:
        begin: where they begin in the file.
        end: where the next block begins.
        data: the bytes of these records, with their line breaks.
        records: where each of them is in `data`.
        last: whether the file ends here.
    """

    begin: Mark
    end: Mark
    data: bytes
    records: Records
    last: bool

    def line_of(self, place: int) -> int:
        """The line in the file, from 1, of a record's place in the block, from 0."""
        return self.begin.line + _breaks(self.data[: int(self.records.starts[place])]) + 1


@dataclass(frozen=True)
class Blocks:
    """How to cut a file into blocks.

    Attributes:
        path: the file.
        encoding: what it is written in.
        separator: what stands between its cells.
        blank: whether a line with nothing in it is a record.
        most_rows: records of a block.
        most_bytes: bytes of a block, unless one record has more.
        header: whether it is the header that is read, for messages.
    """

    path: Path
    encoding: Encoding
    separator: str
    blank: bool
    most_rows: int
    most_bytes: int
    header: bool = False

    def read(self, begin: Mark) -> Iterator[Block]:
        """The blocks from `begin` on, at least one."""
        try:
            with self.path.open("rb") as opened:
                yield from self._read(opened, begin)
        except OSError as error:
            raise TableError(f"{self.path}: cannot be read ({error.strerror})") from None

    def _read(self, opened: BinaryIO, begin: Mark) -> Iterator[Block]:
        opened.seek(begin.position)
        raw, wanted, first = b"", self.most_bytes, True
        while True:
            raw += opened.read(max(wanted - len(raw), 0))
            last = not opened.peek(1) if hasattr(opened, "peek") else False
            block, used = self._block(raw, begin, last=last)
            if not len(block.records.starts) and not block.last:
                if len(raw) > MOST_RECORD:
                    raise self._wrong(
                        begin, b"", 0, f"this row has more than {MOST_RECORD:,} bytes: is a quote not closed"
                    )
                if not used:
                    wanted *= 2
            else:
                wanted = self.most_bytes
            if len(block.records.starts) or (block.last and first):
                first = False
                yield block
            if block.last:
                return
            raw, begin = raw[used:], block.end

    def _block(self, raw: bytes, begin: Mark, *, last: bool) -> tuple[Block, int]:
        """The whole records at the beginning of these bytes, and how many bytes they are."""
        data = self._decoded(raw, begin, last=last) if self.encoding.wide else raw
        try:
            records = records_of(data, self.separator, last=last, blank=self.blank, most=self.most_rows)
        except Unclosed as unclosed:
            raise self._wrong(begin, data, unclosed.place, unclosed.why) from None
        data = data[: records.whole]
        if self.encoding.wide:
            used = len(data.decode().encode(self.encoding.name))
        else:
            used = len(data)
            data, records = self._as_utf8(data, records, begin)
        if 0 in data:
            raise self._wrong(begin, data, data.index(0), self._about_zero())
        lines = begin.line + _breaks(data)
        end = Mark(begin.position + used, begin.row + len(records.starts), lines)
        return Block(begin, end, data, records, last and used == len(raw)), used

    def _decoded(self, raw: bytes, begin: Mark, *, last: bool) -> bytes:
        """Two-byte text in UTF-8, as far as the characters are whole."""
        try:
            return raw.decode(self.encoding.name).encode()
        except UnicodeDecodeError as error:
            good = raw[: error.start].decode(self.encoding.name).encode()
            if not last and len(raw) - error.start < 4:
                return good
            raise self._wrong(begin, good, len(good), self._not_in_encoding(raw[error.start])) from None

    def _as_utf8(self, data: bytes, records: Records, begin: Mark) -> tuple[bytes, Records]:
        """Records in UTF-8, checked; those in another encoding are found again."""
        if data.isascii():
            return data, records
        try:
            text = data.decode(self.encoding.name)
        except UnicodeDecodeError as error:
            why = self._not_in_encoding(data[error.start])
            raise self._wrong(begin, data, error.start, why) from None
        if self.encoding.name == "utf-8":
            return data, records
        data = text.encode()
        count = len(records.starts)
        return data, records_of(data, self.separator, last=True, blank=self.blank, most=max(count, 1))

    def _not_in_encoding(self, byte: int) -> str:
        name = self.encoding.name.upper()
        if self.encoding.name == "utf-8":
            said = "use --encoding cp1252 (Windows), or the right one"
        else:
            said = "use --encoding with the right one"
        return f"the byte 0x{byte:02X} is not {name}; {said}"

    def _about_zero(self) -> str:
        return "there is a zero byte; is this UTF-16 (--encoding utf-16-le), or damaged?"

    def _wrong(self, begin: Mark, data: bytes, place: int, why: str) -> TableError:
        """An error about a byte of a block, with its row and its line."""
        before = data[:place]
        try:
            records = records_of(before, self.separator, last=False, blank=self.blank, most=len(before) + 1)
            row = begin.row + len(records.starts) + 1
        except Unclosed:  # what is wrong before it is said instead, when it comes to that
            row = begin.row + 1
        where = f"line {begin.line + _breaks(before) + 1}"
        return TableError(f"{self.path}: {where if self.header else f'row {row} ({where})'}: {why}")


def _breaks(data: bytes) -> int:
    """How many lines end in a text; those of old Macs end with a carriage return alone."""
    return data.count(b"\n") or data.count(b"\r")
