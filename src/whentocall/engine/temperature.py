"""Temperatures in another unit, exact to the last bit."""

from __future__ import annotations

import math
from fractions import Fraction


def convert_temperature(value: float, unit: str, into: str) -> float:
    """A temperature in another unit (`°C`, `°F`), exact to the last bit of a float.

    99.5 °F is exactly 37.5 °C, and no value between two limits changes sides. What no float can hold is
    infinite, which no question takes.
    """
    exact = Fraction(str(value))
    if degrees(unit) == into:
        return float(value)
    converted = (exact - 32) * 5 / 9 if into == "°C" else exact * 9 / 5 + 32
    try:
        return float(converted)
    except OverflowError:
        return math.inf if converted > 0 else -math.inf


def degrees(unit: str) -> str:
    """`°C` for `C`: a unit as it is written everywhere."""
    return unit if unit.startswith("°") else f"°{unit}"


def other_unit(own: str) -> str:
    """The unit that a temperature may be in beside the question's own."""
    return "°F" if own == "°C" else "°C"
