"""How an answer may be written: one table of spellings, used by every way in.

What somebody types, a text in JSON, a cell of a table, the unit of a FHIR quantity and a field of a form are
all read by this table, so that the same spelling means the same everywhere, or is refused everywhere. Tables
read millions of cells with expressions of their own; those are built from the same names and patterns.

Nothing is guessed: `1,000` may be a thousand and `1` may mean yes, so neither is taken for an answer that it
may not be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Given = bool | int | float | str | dict[str, Any] | None
"""One answer in its JSON form."""

BLANKS = "\x01-\x20\x7f-\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
"""Characters that count as a blank, as a class for regular expressions: spaces and invisible characters."""

LOOKALIKES: Mapping[str, str] = MappingProxyType(
    {
        # keyboards, phones and copied text have these for the plain sign (U+02DA is Option-K on a Mac)
        **dict.fromkeys("º˚∘", "°"),
        "℃": "°c",
        "℉": "°f",
        **dict.fromkeys("’‘ʼ´`", "'"),
        **dict.fromkeys("−‐‑–", "-"),
        **{chr(ord(plain) + 0xFEE0): plain for plain in "0123456789.,+-?<'%/°cfCF" if plain != "°"},
    }
)
"""A character to the plain text that it is taken for."""

UNITS: Mapping[str, str] = MappingProxyType(
    {
        degrees + word: unit
        for degrees in ("", "°", "° ", "deg ", "degree ", "degrees ")
        for unit, words in {"°C": ("c", "celsius", "centigrade"), "°F": ("f", "fahrenheit")}.items()
        for word in words
    }
    | {"cel": "°C", "[degf]": "°F"}  # UCUM
)
"""A unit, as `plain` leaves it, to the unit's one name."""

UNNAMED_UNITS = ("°", "deg", "degree", "degrees")
"""Words after a temperature that do not say which degrees."""

YES_NO: Mapping[str, bool] = MappingProxyType({"yes": True, "no": False, "true": True, "false": False})
"""Words for yes and no, as `plain` leaves them. No digits: 1 may be yes, or the first choice."""

DONT_KNOW = frozenset(
    ("?", "don't know", "dont know", "do not know", "i don't know", "i dont know", "not sure", "unknown")
)
"""Words for "I don't know", as `plain` leaves them."""

NUMBER = r"[+-]?[0-9]{1,9}(?:[.,][0-9]{0,15})?"
"""A number, after `plain`. A comma is a decimal comma."""

WHOLE = r"[+-]?[0-9]{1,9}(?:[.,]0{0,2})?"
"""A whole number, after `plain`. Never three zeros after a comma, which could be thousands."""

DAYS = "(?: ?days?)?"
"""What may follow a number of days, after `plain`."""

_BLANKS = re.compile(f"[{BLANKS}]+")
_LOOKALIKES = str.maketrans(dict(LOOKALIKES))
_LOWER = str.maketrans({chr(upper): chr(upper + 32) for upper in range(ord("A"), ord("Z") + 1)})


def plain(text: str) -> str:
    """The text in the one form that the table has: lookalikes made plain, single blanks, small letters.

    >>> plain(" 38,6\u00a0˚C")
    '38,6 °c'
    """
    return _BLANKS.sub(" ", text.translate(_LOOKALIKES)).strip(" ").translate(_LOWER)


def unit_of(text: str) -> str | None:
    """`°C` or `°F` for a unit in any spelling; None for what is no unit.

    >>> unit_of("ºF"), unit_of("K")
    ('°F', None)
    """
    return UNITS.get(plain(text).removesuffix("."))
