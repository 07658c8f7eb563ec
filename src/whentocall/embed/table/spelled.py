"""What the text of a cell says, from the one table of spellings: `engine/spelling.py`.

Here are the words and patterns that a question's cells are read by, and how one text is read by them.
`cells.py` builds expressions for whole columns from the same words and patterns.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from whentocall.engine.answers import Given
from whentocall.engine.spelling import (
    BLANKS,
    DONT_KNOW,
    LOOKALIKES,
    NUMBER,
    UNITS,
    UNNAMED_UNITS,
    WHOLE,
    YES_NO,
    plain,
)
from whentocall.protocol.conditions import Value
from whentocall.protocol.models import Question

LETTERS: Mapping[str, str] = {
    **{chr(upper): chr(upper + 32) for upper in range(ord("A"), ord("Z") + 1)},
    **{char: text.lower() for char, text in LOOKALIKES.items()},
}
"""What `plain` puts in the place of a character; blanks apart."""

BLANK_RUN = f"[{BLANKS}]+"
"""What `plain` makes a single blank, or takes off at an end."""

MOST_DECIMALS = 15
"""Of a number in text."""

DAYS = "(?: ?days?)?"
"""What may follow a number of days."""

_AS_WRITTEN = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,9})(?:[.,](?P<decimals>[0-9]{0,15}))?")
_SPECIAL = re.compile(r"([][(){}.+*?|^$\\])")


class Refused(ValueError):
    """A text that is no answer."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a question's cells may have, to what they mean; None is "don't know".

    Attributes:
        texts: words, as `plain` leaves them.
        numbers: words that are numbers, in their shortest form. Each covers every way to write its number.
        mapped: those that were said of the column, as they are written.
        decimals: how many decimals a number that is a word may have.
    """

    texts: dict[str, Value | None]
    numbers: dict[str, Value | None]
    mapped: Collection[str]
    decimals: int

    def has(self, text: str) -> bool:
        """Whether a text, as `plain` leaves it, is one of them."""
        return text in self.texts or number_in(text, self.decimals) in self.numbers

    def meaning(self, text: str) -> Value | None:
        """What such a text means.

        Raises:
            KeyError: it is none of them.
        """
        number = number_in(text, self.decimals)
        return self.numbers[number] if number in self.numbers else self.texts[text]


def words_of(question: Question, mapped: Mapping[str, Value | None]) -> Words:
    """The words for a question: its own, and before them those that were said of its column.

    Args:
        question: what the cells answer.
        mapped: what a cell may say, to what it means.
    """
    decimals = decimals_of(question)
    said = {same_word(word, decimals): answer for word, answer in mapped.items()}
    numbers = {word: answer for word, answer in said.items() if number_in(word, decimals)}
    own = {
        word: answer
        for word, answer in own_words(question).items()
        if number_in(word, decimals) not in numbers
    }
    texts = {word: answer for word, answer in said.items() if word not in numbers}
    return Words({**own, **texts, "": None}, numbers, tuple(mapped), decimals)


def own_words(question: Question) -> dict[str, Value | None]:
    """What may stand in a cell without being said of its column, as `plain` leaves it; numbers apart.

    A choice goes by its id and by its words in either voice. What could be two of them is none.
    """
    words: dict[str, Value | None] = dict.fromkeys(sorted(DONT_KNOW))
    if question.answer.kind == "yes-no":
        words.update(YES_NO)
    choices: dict[str, set[str]] = {}
    for option, wording in question.options.items():
        for text in (option, wording.you, wording.they):
            choices.setdefault(plain(text), set()).add(option)
    for text, options in choices.items():
        words.pop(text, None)
        if len(options) == 1:
            words[text] = next(iter(options))
    return words


def same_word(word: str, decimals: int) -> str:
    """What a mapped word shares with every other that is the same: the number, or the plain text."""
    text = plain(word)
    return number_in(text, decimals) or text


def decimals_of(question: Question) -> int:
    """How many decimals a mapped word may have to be a number: with three, it could be thousands."""
    return MOST_DECIMALS if question.answer.kind == "temperature" else 2


def number_in(text: str, decimals: int) -> str | None:
    """The number that a plain text is, in its shortest form; None if it is none.

    >>> number_in("+01,50", 2), number_in("1.000", 2)
    ('1.5', None)
    """
    written = _AS_WRITTEN.fullmatch(text)
    if not written or len(written["decimals"] or "") > decimals:
        return None
    whole, part = written["whole"].lstrip("0") or "0", (written["decimals"] or "").rstrip("0")
    digits = f"{whole}.{part}" if part else whole
    return f"-{digits}" if written["sign"] == "-" and digits != "0" else digits


def pattern_of_number(number: str, decimals: int) -> str:
    """A pattern for every way to write a number that is a word, after `plain`."""
    sign = "[+-]?" if number == "0" else "-" if number.startswith("-") else "[+]?"
    whole, _, part = number.removeprefix("-").partition(".")
    zeros = f"0{{0,{decimals - len(part)}}}"
    return f"{sign}0{{0,{9 - len(whole)}}}{whole}" + (f"[.,]{part}{zeros}" if part else f"(?:[.,]{zeros})?")


def pattern_of_unit(unit: str | None) -> str:
    """A pattern for every spelling of `°C` or `°F`, or for degrees that are not named (None)."""
    words = UNNAMED_UNITS if unit is None else [word for word, named in UNITS.items() if named == unit]
    return "(?:" + "|".join(_SPECIAL.sub(r"\\\1", word) for word in words) + ")[.]*"


def read_text(question: Question, text: str) -> Given:
    """The answer in the text of a cell, in its JSON form; None is "don't know", as is an empty cell.

    A number without a unit stays a plain number: what it is in, its column may say.

    Raises:
        Refused: it is no answer.
    """
    text, kind = plain(text), question.answer.kind
    words = words_of(question, {})
    if words.has(text):
        return words.meaning(text)
    if kind == "temperature":
        return _temperature(text)
    written = re.fullmatch(f"({WHOLE}){DAYS if kind == 'days' else ''}", text)
    if not question.answer.is_number or not written:
        raise Refused
    return int(float(written[1].replace(",", ".")))


def _temperature(text: str) -> Given:
    written = re.fullmatch(f"({NUMBER})(?: ?([^0-9].*))?", text)
    if not written:
        raise Refused
    digits, said = written[1].replace(",", "."), written[2] or ""
    value = float(digits)
    if Decimal(digits) != Decimal(repr(value)):  # a float would round it, perhaps onto a limit
        raise Refused
    for unit in ("°C", "°F"):
        if re.fullmatch(pattern_of_unit(unit), said):
            return {"value": value, "unit": unit}
    if said and not re.fullmatch(pattern_of_unit(None), said):
        raise Refused
    return value
