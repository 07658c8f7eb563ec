"""JSON from outside, read strictly: no key twice, nothing beyond the standard, limited in size and depth."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import NoReturn


class BadJson(ValueError):
    """Why a text is refused, in a sentence."""


class Rounded(float):
    """A number written with more digits than a float holds; `str` of it gives all of them.

    Code that needs exact numbers can tell it by its class; for all other code it is the rounded float.
    """

    written: str

    def __str__(self) -> str:
        return self.written


def read_object(text: str | bytes, *, most: int, deepest: int, example: str) -> dict[str, object]:
    """The object in a JSON text.

    Args:
        text: JSON; bytes are UTF-8.
        most: the largest number of bytes (or characters).
        deepest: how deeply lists and objects may be nested.
        example: what an object would look like, for the message if there is none.

    Raises:
        BadJson: the text is not JSON, not an object, too large or too deep, or has a key twice, half a
            character, or `NaN` and the like, which Python reads but JSON does not have.
    """
    if len(text) > most:
        raise BadJson(f"there are {len(text):,} bytes, and at most {most:,} bytes are read")
    try:
        value = json.loads(
            text, object_pairs_hook=_once_each, parse_constant=_no_constant, parse_float=_number
        )
    except BadJson:
        raise
    except json.JSONDecodeError as error:
        raise BadJson(f"this is not JSON ({error.msg}, line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise BadJson("this is nested too deeply") from None
    except ValueError:  # not UTF-8, or a number of thousands of digits
        raise BadJson("this cannot be read as JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise BadJson(f"expected an object, such as {example}")
    _refuse_strange(value, deepest)
    return value


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values: dict[str, object] = {}
    for key, value in pairs:
        if key in values:
            raise BadJson(f"{key[:60]!r} appears twice: keep one of them")
        values[key] = value
    return values


_SURELY_EXACT = 16  # characters: a float holds 15 digits, and one is the point


def _number(digits: str) -> float:
    """A number that is not written as a whole number."""
    value = float(digits)
    if len(digits) <= _SURELY_EXACT and "e" not in digits.lower():
        return value
    try:
        if Decimal(repr(value)) == Decimal(digits):
            return value
    except InvalidOperation:  # an exponent of twenty digits
        pass
    rounded = Rounded(value)
    rounded.written = digits
    return rounded


def _no_constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is not a number that JSON has")


def _refuse_strange(outermost: object, deepest: int) -> None:
    """Refuse deep nesting and half characters, without recursion."""
    waiting = [(outermost, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > deepest:
            raise BadJson(f"this is nested too deeply: more than {deepest} deep")
        if isinstance(value, dict):
            waiting += [(part, depth + 1) for item in value.items() for part in item]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
        elif isinstance(value, str) and not _whole(value):
            raise BadJson("there is half a character in a text (a lone surrogate, '\\ud800' or the like)")


def _whole(text: str) -> bool:
    """Whether every character is whole: half of a surrogate pair cannot be written in UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
