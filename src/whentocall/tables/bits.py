"""Yes and no for many rows in packed bits, and what is made of them: numbers, and lists of names.

The lowest bit of the first byte is the first row. Bits after the last row may be anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Packed = npt.NDArray[np.uint8]
"""Eight rows in each byte."""

Bits = Packed | bool
"""The same; or one answer for every row."""

_WIDTH = 64
_BLOCK = 1 << 15  # rows that stay in the cache
_SWAPS = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))


def by_row(bits: Sequence[Packed | bool], rows: int) -> npt.NDArray[np.uint64]:
    """Each row's bits as numbers: shape (rows, one for every 64 of `bits`), the first of them the lowest."""
    words = max(1, -(-len(bits) // _WIDTH))
    eighths = -(-rows // 8)
    table = np.zeros((eighths * 8, words * 8), np.uint8)
    for first in range(0, len(bits), 8):
        group = bits[first : first + 8]
        if any(held is not False for held in group):
            table[:, first // 8] = _eight(group, eighths)
    return table[:rows].view(np.uint64)


def _eight(bits: Sequence[Packed | bool], eighths: int) -> npt.NDArray[np.uint8]:
    """Up to eight bits of each row in a byte, for eight times so many rows."""
    square = np.zeros((eighths, 8), np.uint8)
    for place, held in enumerate(bits):
        square[:, place] = (255 if held else 0) if isinstance(held, bool) else held[:eighths]
    return _turned(square.view(np.uint64).ravel()).view(np.uint8)


def _turned(squares: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Squares of 8 by 8 bits, rows for columns: halves of ever larger blocks change places."""
    for shift, mask in _SWAPS:
        by = np.uint64(shift)
        moved = (squares ^ (squares >> by)) & np.uint64(mask)
        squares = squares ^ moved ^ (moved << by)
    return squares


def counted(bits: Sequence[Packed | bool], rows: int) -> npt.NDArray[np.uint8]:
    """How many of the bits each row has."""
    counts = np.zeros(-(-rows // 8) * 8, np.uint8)
    for first in range(0, len(bits), 8):
        counts += np.bitwise_count(_eight(bits[first : first + 8], len(counts) // 8))
    return counts[:rows]


def listed(bits: Sequence[Packed | bool], rows: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint16]]:
    """Which bits each row has: where each row's list begins, and the end; and the places of its bits."""
    table = by_row(bits, rows)
    counts = np.bitwise_count(table)
    ends = np.zeros(rows + 1, np.int64)
    np.cumsum(counts[:, 0] if counts.shape[1] == 1 else counts.sum(axis=1, dtype=np.uint16), out=ends[1:])
    places = np.empty(ends[-1], np.uint16)
    for first in range(0, rows, _BLOCK):
        begin = ends[first : first + _BLOCK][: rows - first].copy()
        for word in range(table.shape[1]):
            _place(table[first : first + _BLOCK, word], begin, places, word * _WIDTH)
            begin += counts[first : first + _BLOCK, word]
    return ends, places


def _place(
    left: npt.NDArray[np.uint64], begin: npt.NDArray[np.int64], places: npt.NDArray[np.uint16], first: int
) -> None:
    """Write the places of every row's bits, counted from `first`, to where its list begins."""
    have = np.flatnonzero(left)
    left, at = left[have], begin[have]
    while len(left):  # the lowest bit of every row that has one left
        rest = left & (left - np.uint64(1))
        places[at] = np.bitwise_count((left ^ rest) - np.uint64(1)) + np.uint16(first)
        more = np.flatnonzero(rest)
        left, at = rest[more], at[more] + 1


def rows_in(rows: int, bits: Bits) -> npt.NDArray[np.int64]:
    """The rows that have the bit, from 0."""
    if isinstance(bits, bool):
        return np.arange(rows if bits else 0)
    return np.flatnonzero(np.unpackbits(bits, count=rows, bitorder="little"))


def how_many(rows: int, bits: Bits) -> int:
    """How many rows have the bit."""
    if isinstance(bits, bool):
        return rows if bits else 0
    whole, rest = divmod(rows, 8)
    last = int(bits[whole]) & ((1 << rest) - 1) if rest else 0
    return int(np.bitwise_count(bits[:whole]).sum()) + last.bit_count()
