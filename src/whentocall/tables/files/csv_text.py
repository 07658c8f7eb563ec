"""The text of a CSV file: its encoding, and where each of its records begins and ends.

A CSV cannot be cut at any line break, as there may be some inside quotes. So that one of many gigabytes is
read by parts, and a stopped run goes on in its middle, parts are cut where a record ends. Whether a quote
opens a cell or merely stands in it depends on everything before it. Counting quotes is quick, and right as
long as every quote opens or closes a whole cell; that is checked for each block, and a block where it is not
so is read record by record.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whentocall._text import quote
from whentocall.errors import TableError

_QUOTE, _LF, _CR = 34, 10, 13
_REFUSED = ("iso2022", "hz", "utf-7", "utf_7", "unicode_escape", "unicode-escape", "raw")
_ASCII = "".join(map(chr, range(9, 127)))
_WIDE = ("utf-16-le", "utf-16-be")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Encoding(NamedTuple):
    """A CSV's encoding: Python's name of it, and the bytes of the mark that the file begins with."""

    name: str
    mark: int

    @property
    def wide(self) -> bool:
        """Whether a character of ASCII takes more than a byte, so that bytes must be decoded before a cut."""
        return self.name in _WIDE


def encoding_name(said: str) -> str | None:
    """Python's name of an encoding that a CSV can be read in by parts; None for any other."""
    try:
        name = codecs.lookup(said).name
        if name in ("utf-16", *_WIDE):
            return name
        plain = not name.startswith(_REFUSED) and _ASCII.encode().decode(name) == _ASCII
    except (LookupError, ValueError):  # no such encoding, or not one of texts
        return None
    return name if plain else None


def separator_sign(said: str) -> str | None:
    """The sign that a separator is said by; None where it is none that can separate cells."""
    sign = {"tab": "\t", "\\t": "\t"}.get(said, said)
    usable = len(sign) == 1 and sign.isascii() and not sign.isalnum() and sign not in '"\r\n .-\0'
    return sign if usable else None


def encoding_of(start: bytes, said: str | None) -> Encoding:
    """The encoding of a file that begins with these bytes.

    Raises:
        TableError: the one that was said is not known, cannot be read by parts, or the file's mark is of
        another.
    """
    marked = next(((name, len(mark)) for mark, name in _MARKS if start.startswith(mark)), None)
    if said is None:
        return Encoding(*(marked or ("utf-8", 0)))
    name = encoding_name(said)
    if name is None:
        raise TableError(
            f"unknown or unsupported encoding {quote(said)}; use one such as utf-8, cp1252 or utf-16"
        )
    name = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le" if marked is None else marked[0]}.get(name, name)
    if marked and marked[0] != name:
        raise TableError(f"the file begins with the mark of {marked[0].upper()}, not {said}")
    return Encoding(name, marked[1] if marked else 0)


@dataclass(frozen=True)
class Records:
    """The records of a block of UTF-8 text.

    Attributes:
        starts: the byte that each begins at; lines with nothing in them are no records.
        ends: the byte after each, before its line break.
        whole: how many bytes of the block these records and their line breaks are.
        broken: places, from 0, of records with something behind a closing quote.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    whole: int
    broken: frozenset[int]


class Unclosed(Exception):
    """Quotes are so wrong that it cannot be known where records end: from this byte on, and why."""

    def __init__(self, place: int, why: str) -> None:
        super().__init__(why)
        self.place, self.why = place, why


def records_of(data: bytes, separator: str, *, last: bool, blank: bool, most: int) -> Records:
    """The whole records at the beginning of a block, which begins where a record does.

    Args:
        data: the block, in UTF-8.
        separator: what stands between cells.
        last: whether the file ends with the block.
        blank: whether a line with nothing in it is a record (of a single empty cell).
        most: how many records at the most.

    Raises:
        Unclosed: it cannot be known where a record ends.
    """
    quotes = data.count(b'"')
    if not quotes or ((quotes % 2 == 0 or not last) and _plain_quotes(data, separator)):
        ends, after = _line_ends(data, last=last)
        starts = np.concatenate([np.zeros(min(len(ends), 1), np.int64), after[:-1]])
        broken = np.zeros(len(ends), bool)
    else:
        starts, ends, after, broken = _one_by_one(data, separator, last=last, blank=blank, most=most)
    whole = int(after[-1]) if len(after) else 0
    if not blank:
        full = ends > starts
        starts, ends, after, broken = starts[full], ends[full], after[full], broken[full]
    if len(starts) >= most:
        whole = int(after[most - 1])
    places = np.flatnonzero(broken[:most]).tolist()
    return Records(starts[:most], ends[:most], whole, frozenset(places))


def _plain_quotes(data: bytes, separator: str) -> bool:
    """Whether every quote, counted from the start, opens or closes a cell, or is written twice in one."""
    block = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(block == _QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    around = np.zeros(256, bool)
    around[[_LF, _CR, ord(separator)]] = True
    fresh = (opening == 0) | around[block[np.maximum(opening - 1, 0)]]
    fresh[1:] |= opening[1:] == closing[: len(opening) - 1] + 1
    following = np.minimum(closing + 1, len(block) - 1)
    done = (closing == len(block) - 1) | around[block[following]] | (block[following] == _QUOTE)
    return bool(fresh.all() and done.all())


def _line_ends(data: bytes, *, last: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where lines end outside quotes: the byte of each line break, and the byte after it."""
    block = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(block == _LF)
    after = ends + 1
    if b"\r" in data:
        returns = np.flatnonzero(block == _CR)
        following = block[np.minimum(returns + 1, len(block) - 1)]
        pairs = (following == _LF) & (returns + 1 < len(block))
        # A carriage return at the very end may be half of a line break, unless the file ends there.
        alone = returns[~pairs & ((returns + 1 < len(block)) | last)]
        ends = ends - np.isin(ends - 1, returns[pairs], assume_unique=True)
        ends, after = np.concatenate([ends, alone]), np.concatenate([after, alone + 1])
        order = np.argsort(ends, kind="stable")
        ends, after = ends[order], after[order]
    if b'"' in data:
        quotes = np.flatnonzero(block == _QUOTE)
        outside = np.searchsorted(quotes, ends) % 2 == 0
        ends, after = ends[outside], after[outside]
    if last and len(data) > (int(after[-1]) if len(after) else 0):
        ends, after = np.append(ends, len(data)), np.append(after, len(data))
    return ends, after


@lru_cache(maxsize=8)
def _patterns(separator: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    """Cells with their separators; the last cell; a cell in quotes, whatever follows it."""
    between = re.escape(separator.encode())
    quoted = rb'"(?:[^"]++|"")*+"'
    cell = rb"(?:%s(?=[%s\r\n]|\Z)|[^\"%s\r\n][^%s\r\n]*+|)" % (quoted, between, between, between)
    return (
        re.compile(rb"(?:%s%s)*+" % (cell, between)),
        re.compile(cell + rb"(?=[\r\n]|\Z)"),
        re.compile(quoted),
    )


_BREAK = re.compile(rb"\r\n|\n|\r")


def _one_by_one(
    data: bytes, separator: str, *, last: bool, blank: bool, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Where records begin and end, read one after another: exact with any quotes, and slow."""
    starts: list[int] = []
    ends: list[int] = []
    after: list[int] = []
    broken: list[bool] = []
    start = count = 0
    while start < len(data) and count < most:
        end, wrong = _record_end(data, start, separator, last=last)
        if end is None:
            break
        broke = _BREAK.match(data, end)
        follows = broke.end() if broke else end
        if not last and (broke is None or (broke.group() == b"\r" and follows == len(data))):
            break
        broken.append(wrong)
        count += blank or end > start
        starts.append(start)
        ends.append(end)
        after.append(follows)
        start = follows
    places = (np.array(each, np.int64) for each in (starts, ends, after))
    return next(places), next(places), next(places), np.array(broken, bool)


def _record_end(data: bytes, start: int, separator: str, *, last: bool) -> tuple[int | None, bool]:
    """Where the record ends that begins here, and whether it is broken; None if the block has not all of it.

    A cell with something behind its closing quote makes its row a bad one. That is safe only where the row
    stands on one line: otherwise the quote may have been meant to close many rows before.
    """
    cells, final, quoted = _patterns(separator)
    begun = cells.match(data, start)
    place = begun.end() if begun else start
    ended = final.match(data, place)
    if ended:
        return ended.end(), False
    closed = quoted.match(data, place)
    if closed is None or (closed.end() == len(data) and not last):
        if last:
            raise Unclosed(place, "a quote opens a cell and is never closed")
        return None, False
    if _BREAK.search(data, start, closed.end()):
        raise Unclosed(
            place, "a quote opens a cell, and what closes it, on another line, is not the cell's end"
        )
    line = _BREAK.search(data, closed.end())
    if line is None and not last:
        return None, False
    return line.start() if line else len(data), True
