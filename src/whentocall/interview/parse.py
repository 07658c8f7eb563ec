"""What somebody typed, understood or refused; never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum

from whentocall.engine.reader import MAX_LENGTH, Unreadable, Why, read_number
from whentocall.engine.spelling import DONT_KNOW, WHOLE, YES_NO, Given, plain
from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.interview import texts
from whentocall.interview.flow import AskedQuestion

MAX_SHOWN = 60


class Reply(Enum):
    """Replies that are not an answer."""

    BACK = "back"


class Unclear(Exception):
    """It was not understood; the message says what would be."""


_BACK = frozenset(("<", "back", "go back"))
_NONE = frozenset(("0", "no", "none", "none of these"))


def shown(text: str) -> str:
    """Typed text as it may be shown again: one short line, without control characters."""
    visible = "".join(one if one.isprintable() else " " for one in text[: MAX_LENGTH + 1])
    words = " ".join(visible.split())
    return words if len(words) <= MAX_SHOWN else f"{words[:MAX_SHOWN]}…"


def is_back(text: str) -> bool:
    """Whether somebody wants to go back."""
    return plain(text) in _BACK


def is_dont_know(text: str) -> bool:
    """Whether somebody says that they do not know."""
    return plain(text) in DONT_KNOW


def parse_number(text: str, question: AskedQuestion, *, unit: str = "") -> Given | Reply:
    """A typed number as an answer in JSON form; None for "don't know".

    Args:
        text: what was typed.
        question: what was asked.
        unit: of a temperature that names none; the question's own if it is not given.

    Raises:
        Unclear: it is empty, not a number, or outside the plausible range.
    """
    if is_back(text):
        return Reply.BACK
    unit = unit or question.unit
    try:
        given = read_number(question.kind, unit, text)
        if given is None:
            return None
        value, said_in = (given["value"], given["unit"]) if isinstance(given, dict) else (given, unit)
        if not _is_plausible(question, value, said_in):
            raise Unclear(_out_of_range(question, value, said_in) + _other_unit(question, value, text))
    except Unreadable as unreadable:
        raise Unclear(_unreadable(question, text, unreadable.why)) from None
    return value if said_in == question.unit else {"value": value, "unit": said_in}


def _unreadable(question: AskedQuestion, text: str, why: Why) -> str:
    """What to say of a text that is no number."""
    how = how_to_type(question)
    weeks = re.fullmatch(f"({WHOLE}) ?weeks?", plain(text)) if question.kind == "days" else None
    days = 7 * int(float(weeks[1].replace(",", "."))) if weeks else 0
    if weeks and not _is_plausible(question, days, ""):
        return _out_of_range(question, days, "")
    if weeks:
        return texts.WEEKS.format(text=shown(text), days=days)
    said = {
        Why.BLANK: f"{texts.EMPTY} {how}",
        Why.TOO_LONG: texts.TOO_LONG,
        Why.TOO_EXACT: texts.TOO_EXACT,
        Why.NOT_WHOLE: texts.NOT_WHOLE.format(text=shown(text), how=how),
    }
    return said.get(why) or texts.NOT_A_NUMBER.format(text=shown(text), how=how)


def _ends(question: AskedQuestion, unit: str) -> tuple[float, float]:
    """The ends of the plausible range, in a unit."""
    ends = question.low, question.high
    if unit == question.unit:
        return ends
    low, high = (convert_temperature(end, question.unit, unit) for end in ends)
    return low, high


def _is_plausible(question: AskedQuestion, value: float, unit: str) -> bool:
    low, high = _ends(question, unit)
    return low <= value <= high


def _out_of_range(question: AskedQuestion, value: float, unit: str) -> str:
    """What to say of a number out of range; nobody is left without what it would mean if it were true."""
    low, high = _ends(question, unit)
    named = " days" if question.kind == "days" else f" {unit}".rstrip()
    number = f"{Decimal(str(value)):f}{named}"
    message = texts.OUT_OF_RANGE.format(text=number, low=f"{low:g}", high=f"{high:g}", unit=named)
    return f"{message} {question.if_above if value > high else question.if_below}".rstrip()


def _other_unit(question: AskedQuestion, value: float, text: str) -> str:
    """That a number without a unit, too high or low in the question's own, would do in the other."""
    if question.kind != "temperature":
        return ""
    other = other_unit(question.unit)
    is_named = isinstance(read_number(question.kind, other, text), dict)
    if is_named or not _is_plausible(question, value, other):
        return ""
    return " " + texts.OTHER_UNIT.format(text=f"{value}", other=other[1:])


def how_to_type(question: AskedQuestion) -> str:
    """How to type an answer to a question about a number."""
    if question.kind != "temperature":
        return texts.HOW_TO_TYPE
    example, other = ("37.2", "F") if question.unit == "°C" else ("99.0", "C")
    return texts.HOW_TO_TYPE_TEMPERATURE.format(unit=question.unit, example=example, other=other)


def parse_choice(text: str, choices: Sequence[tuple[str, str]]) -> int | Reply:
    """The place, from 0, of a choice that was typed as its number, its id or its words.

    Args:
        text: what was typed.
        choices: id and words of each.

    Raises:
        Unclear: it is not on the list, or could be two of them.
    """
    if is_back(text):
        return Reply.BACK
    typed = plain(text)
    places = {place for place, choice in enumerate(choices) if typed in map(plain, choice)}
    number = _place(typed, len(choices))
    if number is not None:
        places.add(number)
    ids = [id_ for id_, _ in choices]
    if not places and typed in YES_NO and ids[:2] == ["yes", "no"]:
        places = {0 if YES_NO[typed] else 1}
    if not places and typed in DONT_KNOW:
        places = {place for place, (_, words) in enumerate(choices) if words == texts.DONT_KNOW}
    if len(places) != 1:
        raise Unclear(_not_listed(text, texts.PLAIN_CHOOSE))
    return places.pop()


def _place(word: str, count: int) -> int | None:
    """The place, from 0, that a word names by its number on a list, perhaps with the list's own point."""
    digits = re.fullmatch("([0-9]{1,3})[.]?", word)
    return int(digits[1]) - 1 if digits and 1 <= int(digits[1]) <= count else None


def parse_ticks(text: str, count: int) -> list[bool | None] | Reply:
    """Typed places on a checklist of `count`: for each line yes, no, or not known.

    Raises:
        Unclear: something typed is not on the list, or says two things at once. The message names it.
    """
    typed = plain(text)
    how = texts.PLAIN_TICK[0]
    if typed in _BACK:
        return Reply.BACK
    if not typed:
        raise Unclear(f"{texts.EMPTY} {how}")
    if len(text) > MAX_LENGTH:
        raise Unclear(texts.TOO_LONG)
    if typed.removesuffix(".") in _NONE:
        return [False] * count
    if typed in DONT_KNOW:
        return [None] * count
    said = _ticked([word for word in re.split(" ?[,;] ?(?:and )?| and | & | ", typed) if word], count)
    if not said:
        raise Unclear(_not_listed(text, how))
    return [said.get(place, False) for place in range(count)]


def _ticked(words: Sequence[str], count: int) -> dict[int, bool | None]:
    """The places, from 0, that were typed: yes, or not known."""
    said: dict[int, bool | None] = {}
    how = texts.PLAIN_TICK[0]
    for word in words:
        if word == "?":  # of the number before it, or of all the others?
            raise Unclear(texts.ALONE.format(how=texts.PLAIN_TICK[1]))
        mark = word.removesuffix(".")
        place = _place(mark.removesuffix("?"), count)
        if place is None:
            raise Unclear(_not_listed(word, how))
        if place in said:
            raise Unclear(texts.TYPED_TWICE.format(text=place + 1, how=how))
        said[place] = None if mark.endswith("?") else True
    return said


def _not_listed(text: str, how: str) -> str:
    typed = shown(text)
    if not typed:
        return f"{texts.EMPTY} {how}"
    return texts.NOT_ON_THE_LIST.format(text=typed, how=how)
