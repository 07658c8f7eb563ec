"""JSON from outside, read strictly: nothing twice, nothing that JSON has not, not too large or too deep."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import NoReturn


class BadJson(ValueError):
    """Why a text cannot be taken, in a sentence."""


class Rounded(float):
    """A number with more digits than a float holds. As text it has them all.

    Whoever needs it exactly can see that it is not; for everybody else it is the float that it rounds to.
    """

    written: str

    def __str__(self) -> str:
        return self.written


def read_object(text: str | bytes, *, most: int, deepest: int, example: str) -> dict[str, object]:
    """The object that a JSON text says.

    Args:
        text: JSON; bytes are UTF-8.
        most: bytes (or characters) that it may have.
        deepest: how deep lists and objects may lie in each other.
        example: what an object would look like, for the message where there is none.

    Raises:
        BadJson: it is not JSON, not an object, too large or too deep, or has a key twice, half a character,
            or `NaN` and the like, which Python reads and JSON has not.
    """
    if len(text) > most:
        raise BadJson(f"there are {len(text):,} bytes, and at most {most:,} bytes are read")
    try:
        found = json.loads(
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
    if not isinstance(found, dict):
        raise BadJson(f"there should stand an object, such as {example}")
    _refuse_strange(found, deepest)
    return found


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise BadJson(f"{key[:60]!r} appears twice: keep one of them")
        found[key] = value
    return found


_SURELY_HELD = 16  # characters: of 15 digits and a point, a float holds every one


def _number(digits: str) -> float:
    """A number that is not written as a whole one."""
    value = float(digits)
    if len(digits) <= _SURELY_HELD and "e" not in digits.lower():
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


def _refuse_strange(found: object, deepest: int) -> None:
    """Refuse deep nesting and half characters, without recursion of our own."""
    waiting = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > deepest:
            raise BadJson(f"this is nested too deeply: more than {deepest} deep")
        if isinstance(value, dict):
            waiting += [(one, depth + 1) for pair in value.items() for one in pair]
        elif isinstance(value, list):
            waiting += [(one, depth + 1) for one in value]
        elif isinstance(value, str) and not _whole(value):
            raise BadJson("there is half a character in a text (a lone surrogate, '\\ud800' or the like)")


def _whole(text: str) -> bool:
    """Whether every character is one: half of a pair cannot be written in UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
