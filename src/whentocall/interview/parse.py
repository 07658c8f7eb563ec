"""What somebody typed, understood or refused; never guessed."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from decimal import Decimal
from enum import Enum

from whentocall.engine.reader import MAX_LENGTH, Unreadable, Why, read_number
from whentocall.engine.spelling import DONT_KNOW, WHOLE, YES_NO, Given, plain
from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.interview import texts
from whentocall.interview.flow import Ask, AskedQuestion

MAX_SHOWN = 60


class Reply(Enum):
    """Replies that are not an answer."""

    BACK = "back"


class Unclear(Exception):
    """It was not understood; the message says what would have been."""


_BACK = frozenset(("<", "back", "go back"))
_NONE = frozenset(("0", "no", "none", "none of these"))


def excerpt(text: str) -> str:
    """Typed text as it may be shown again: one short line, without control characters."""
    visible = "".join(char if char.isprintable() else " " for char in text[: MAX_LENGTH + 1])
    words = " ".join(visible.split())
    return words if len(words) <= MAX_SHOWN else f"{words[:MAX_SHOWN]}…"


def is_back(text: str) -> bool:
    """Whether somebody wants to go back."""
    return plain(text) in _BACK


def is_dont_know(text: str) -> bool:
    """Whether somebody says that they do not know."""
    return plain(text) in DONT_KNOW


def parse_number(text: str, question: AskedQuestion, *, unit: str = "", how: str = "") -> Given | Reply:
    """A typed number as an answer in JSON form; None for "don't know".

    Args:
        text: what was typed.
        question: what was asked.
        unit: the unit of a temperature that is typed without one; by default the question's own.
        how: how to type it, for the message; by default `how_to_type(question)`.

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
        value, typed_unit = (given["value"], given["unit"]) if isinstance(given, dict) else (given, unit)
        if not _is_plausible(question, value, typed_unit):
            raise Unclear(_out_of_range(question, value, typed_unit) + _other_unit(question, value, text))
    except Unreadable as unreadable:
        how = how or how_to_type(question)
        raise Unclear(_unreadable(question, text, unreadable.why, how)) from None
    return value if typed_unit == question.unit else {"value": value, "unit": typed_unit}


def _unreadable(question: AskedQuestion, text: str, why: Why, how: str) -> str:
    """What to say about a text that is not a number."""
    weeks = re.fullmatch(f"({WHOLE}) ?weeks?", plain(text)) if question.kind == "days" else None
    if weeks:
        days = 7 * int(float(weeks[1].replace(",", ".")))
        if not _is_plausible(question, days, ""):
            return _out_of_range(question, days, "")
        return texts.WEEKS.format(text=excerpt(text), days=days)
    messages = {
        Why.BLANK: texts.EMPTY + " {how}",
        Why.TOO_LONG: texts.TOO_LONG,
        Why.TOO_EXACT: texts.TOO_EXACT,
        Why.NOT_WHOLE: texts.NOT_WHOLE,
    }
    return messages.get(why, texts.NOT_A_NUMBER).format(text=excerpt(text), how=how)


def _range(question: AskedQuestion, unit: str) -> tuple[float, float]:
    """The plausible range, in a unit."""
    if unit == question.unit:
        return question.low, question.high
    low, high = (convert_temperature(end, question.unit, unit) for end in (question.low, question.high))
    return low, high


def _is_plausible(question: AskedQuestion, value: float, unit: str) -> bool:
    low, high = _range(question, unit)
    return low <= value <= high


def _out_of_range(question: AskedQuestion, value: float, unit: str) -> str:
    """What to say about a number out of range, and what it would mean if it were true."""
    low, high = _range(question, unit)
    unit = " days" if question.kind == "days" else f" {unit}".rstrip()
    number = f"{Decimal(str(value)):f}{unit}"
    message = texts.OUT_OF_RANGE.format(text=number, low=f"{low:g}", high=f"{high:g}", unit=unit)
    return f"{message} {question.if_above if value > high else question.if_below}".rstrip()


def _other_unit(question: AskedQuestion, value: float, text: str) -> str:
    """The hint that a number out of range in the question's unit would be plausible in the other one."""
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
    other = other_unit(question.unit)[1:]
    return texts.HOW_TO_TYPE_TEMPERATURE.format(unit=question.unit, example=example(question), other=other)


def example(question: AskedQuestion) -> str:
    """A number that could be the answer."""
    if question.kind != "temperature":
        return "3"
    return "37.2" if question.unit == "°C" else "99.0"


def parse_choice(text: str, choices: Sequence[tuple[str, str]]) -> int | Reply:
    """The place, from 0, of a choice that was typed as its number, its id or its words.

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
    """The place, from 0, that a number on a list stands for, with or without its full stop."""
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
    ticks = _ticked([word for word in re.split(" ?[,;] ?(?:and )?| and | & | ", typed) if word], count)
    if not ticks:
        raise Unclear(_not_listed(text, how))
    return [ticks.get(place, False) for place in range(count)]


def _ticked(words: Sequence[str], count: int) -> dict[int, bool | None]:
    """The places, from 0, that were typed: yes, or not known."""
    ticks: dict[int, bool | None] = {}
    how = texts.PLAIN_TICK[0]
    for word in words:
        if word == "?":  # of the number before it, or of all the others?
            raise Unclear(texts.ALONE.format(how=texts.PLAIN_TICK[1]))
        mark = word.removesuffix(".")
        place = _place(mark.removesuffix("?"), count)
        if place is None:
            raise Unclear(_not_listed(word, how))
        if place in ticks:
            raise Unclear(texts.TYPED_TWICE.format(text=place + 1, how=how))
        ticks[place] = None if mark.endswith("?") else True
    return ticks


def _not_listed(text: str, how: str) -> str:
    typed = excerpt(text)
    return texts.NOT_ON_THE_LIST.format(text=typed, how=how) if typed else f"{texts.EMPTY} {how}"


def tick_answers(ask: Ask, ticked: Container[str], unsure: Container[str]) -> dict[str, bool | None]:
    """The answers to a checklist: yes to what is ticked, not known to what is unsure, no to the rest."""
    return {
        question.id: True if question.id in ticked else None if question.id in unsure else False
        for question in ask.questions
    }
