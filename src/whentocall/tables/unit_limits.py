"""The limits of temperatures in the unit that is not the question's own, exact to the last bit.

To convert a column and then compare would round some readings onto a limit. The limits are converted instead:
whether a reading passes is then just what it is for one person's answer.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.protocol.conditions import Op

_LOWEST, _HIGHEST = -1e9, 1e9  # far beyond every reading


class Span(NamedTuple):
    """Readings from `low` on and below `high`; None is no end."""

    low: float | None
    high: float | None


def span_of(op: Op, limit: float, own: str) -> Span:
    """The readings in the other unit that pass a comparison made in a question's own."""
    reaches, passes = _first(lambda value: value >= limit, own), _first(lambda value: value > limit, own)
    match op:
        case Op.ABOVE:
            return Span(passes, None)
        case Op.AT_LEAST:
            return Span(reaches, None)
        case Op.BELOW:
            return Span(None, reaches)
        case Op.AT_MOST:
            return Span(None, passes)
        case Op.IS:
            return Span(reaches, passes)


def _first(holds: Callable[[float], bool], own: str) -> float:
    """The lowest reading in the other unit of which it holds, as it then does of all that are higher."""
    low, high = _place(_LOWEST), _place(_HIGHEST)
    while high - low > 1:
        middle = (low + high) // 2
        if holds(convert_temperature(_number(middle), other_unit(own), own)):
            high = middle
        else:
            low = middle
    return _number(high)


def _place(number: float) -> int:
    """Its place among all floating-point numbers."""
    (bits,) = struct.unpack("<q", struct.pack("<d", number))
    return int(bits) if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)


def _number(place: int) -> float:
    bits = place if place >= 0 else -place - 0x8000_0000_0000_0000
    (number,) = struct.unpack("<d", struct.pack("<q", bits))
    return float(number)
