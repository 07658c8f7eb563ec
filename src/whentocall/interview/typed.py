"""What somebody typed, understood or refused; never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum

from whentocall.engine.answers import Given, convert_temperature, other_unit
from whentocall.interview import texts
from whentocall.interview.flow import AskedQuestion
from whentocall.protocol.phrases import number

MAX_LENGTH = 200
MAX_SHOWN = 60


class Reply(Enum):
    """Replies that are not an answer."""

    BACK = "back"


class Unclear(Exception):
    """It was not understood; the message says what would be."""


_NUMBER = re.compile(r"([+-]?\d{1,9}(?:[.,]\d{1,6})?)\s*(.*)", re.ASCII)
_DEGREES = ("", "°", "° ", "deg ", "degree ", "degrees ")
_UNITS: dict[str, str | None] = {
    **{degrees.strip(): None for degrees in _DEGREES},
    **{degrees + unit: "°C" for degrees in _DEGREES for unit in ("c", "celsius", "centigrade")},
    **{degrees + unit: "°F" for degrees in _DEGREES for unit in ("f", "fahrenheit")},
}
_DONT_KNOW = frozenset(
    ("?", "don't know", "dont know", "do not know", "i don't know", "i dont know", "not sure", "unknown")
)
_BACK = frozenset(("<", "back", "go back"))


def clean(text: str) -> str:
    """Typed text in one form: no control characters, wide digits and signs made plain, small letters."""
    # 'º' is the sign on many keyboards; normalising would make it an 'o'
    plain = unicodedata.normalize("NFKC", text.replace("º", "°")).replace("’", "'")
    return shown(plain).casefold()


def shown(text: str) -> str:
    """Typed text as it may be shown again: one short line, without control characters."""
    visible = "".join(one if one.isprintable() else " " for one in text[: MAX_LENGTH + 1])
    words = " ".join(visible.split())
    return words if len(words) <= MAX_SHOWN else f"{words[:MAX_SHOWN]}…"


def is_back(text: str) -> bool:
    """Whether somebody wants to go back."""
    return clean(text) in _BACK


def is_dont_know(text: str) -> bool:
    """Whether somebody says that they do not know."""
    return clean(text) in _DONT_KNOW


def parse_number(text: str, question: AskedQuestion) -> Given | Reply:
    """A typed number as an answer in JSON form; None for "don't know".

    `38,6` is 38.6. A number without a unit is in the question's own unit, which the prompt names.

    Raises:
        Unclear: it is empty, not a number, or outside the plausible range.
    """
    typed = clean(text)
    how = how_to_type(question)
    if not typed:
        raise Unclear(f"{texts.EMPTY} {how}")
    if len(text) > MAX_LENGTH:
        raise Unclear(texts.TOO_LONG)
    if typed in _BACK:
        return Reply.BACK
    if typed in _DONT_KNOW:
        return None
    found = _NUMBER.fullmatch(typed)
    if not found:
        raise Unclear(texts.NOT_A_NUMBER.format(text=shown(text), how=how))
    if question.kind == "temperature":
        return _temperature(question, found[1].replace(",", "."), found[2].rstrip("."), shown(text), how)
    if found[2] not in ("", "day", "days") or (found[2] and question.kind != "days"):
        raise Unclear(texts.NOT_A_NUMBER.format(text=shown(text), how=how))
    if not found[1].lstrip("+-").isdecimal():  # 1,000 may be a thousand, so it is not guessed at
        raise Unclear(texts.NOT_WHOLE.format(text=shown(text), how=how))
    value = int(found[1])
    if not question.low <= value <= question.high:
        above = value > question.high
        raise Unclear(_out_of_range(question, found[1], question.low, question.high, "", above=above))
    return value


def _temperature(question: AskedQuestion, typed: str, unit_typed: str, text: str, how: str) -> Given:
    if unit_typed not in _UNITS:
        raise Unclear(texts.NOT_A_NUMBER.format(text=text, how=how))
    value = number(typed)
    own = question.unit
    unit = _UNITS[unit_typed] or own
    low, high = (convert_temperature(end, own, unit) for end in (question.low, question.high))
    if low <= value <= high:
        return value if unit == own else {"value": value, "unit": unit}
    message = _out_of_range(question, typed, low, high, f" {unit}", above=value > high)
    other = other_unit(own)
    low, high = (convert_temperature(end, own, other) for end in (question.low, question.high))
    if not _UNITS[unit_typed] and low <= value <= high:
        message += " " + texts.OTHER_UNIT.format(text=typed, other=other[1:])
    raise Unclear(message)


def _out_of_range(
    question: AskedQuestion, text: str, low: float, high: float, unit: str, *, above: bool
) -> str:
    """What to say of a number out of range; nobody is left without what it would mean if it were true."""
    days = " days" if question.kind == "days" else unit
    message = texts.OUT_OF_RANGE.format(text=text + unit, low=f"{low:g}", high=f"{high:g}", unit=days)
    return f"{message} {question.if_above if above else question.if_below}".rstrip()


def how_to_type(question: AskedQuestion) -> str:
    """How to type an answer to a question about a number."""
    if question.kind != "temperature":
        return texts.HOW_TO_TYPE
    example, other = ("37.2", "F") if question.unit == "°C" else ("99.0", "C")
    return texts.HOW_TO_TYPE_TEMPERATURE.format(unit=question.unit, example=example, other=other)


def parse_choice(text: str, choices: Sequence[str]) -> int | Reply:
    """The place, from 0, of a choice that was typed as its number or as its words.

    Raises:
        Unclear: it is not on the list.
    """
    typed = clean(text)
    if typed in _BACK:
        return Reply.BACK
    if typed.isascii() and typed.isdecimal() and len(typed) < 4 and 1 <= int(typed) <= len(choices):
        return int(typed) - 1
    words = [clean(choice) for choice in choices]
    wanted = clean(texts.DONT_KNOW) if typed in _DONT_KNOW else typed
    if wanted in words:
        return words.index(wanted)
    raise Unclear(_not_listed(text, texts.PLAIN_CHOOSE))


def parse_ticks(text: str, count: int) -> list[bool | None] | Reply:
    """Typed places on a checklist of `count`: for each line yes, no, or not known.

    Raises:
        Unclear: something typed is not on the list, or says two things at once.
    """
    typed = clean(text)
    how = texts.PLAIN_TICK[0]
    if typed in _BACK:
        return Reply.BACK
    if not typed:
        raise Unclear(f"{texts.EMPTY} {how}")
    if len(text) > MAX_LENGTH:
        raise Unclear(texts.TOO_LONG)
    if typed in ("0", "none", "none of these"):
        return [False] * count
    if typed in _DONT_KNOW:
        return [None] * count
    said: dict[int, bool | None] = {}
    for word in typed.replace(",", " ").split():
        digits, unsure = word.removesuffix("?"), word.endswith("?")
        known = digits.isascii() and digits.isdecimal() and len(digits) < 4
        if not known or not 1 <= int(digits) <= count:
            raise Unclear(_not_listed(word, how))
        if int(digits) - 1 in said:
            raise Unclear(texts.TYPED_TWICE.format(text=digits, how=how))
        said[int(digits) - 1] = None if unsure else True
    return [said.get(place, False) for place in range(count)]


def _not_listed(text: str, how: str) -> str:
    typed = shown(text)
    if not typed:
        return f"{texts.EMPTY} {how}"
    return texts.NOT_ON_THE_LIST.format(text=typed, how=how)
