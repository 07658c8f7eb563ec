"""What the text of a cell says, from the one table of spellings: `engine/spelling.py`.

Here are the words and patterns that a question's cells are read by. Together they say what
`engine/reader.py` says of one text; `read_cells.py` builds expressions for whole columns from them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from whentocall.engine.reader import own_words
from whentocall.engine.spelling import BLANKS, LOOKALIKES, UNITS, UNNAMED_UNITS, plain
from whentocall.protocol.conditions import Value
from whentocall.protocol.model import Question

LETTERS: Mapping[str, str] = {
    **{chr(upper): chr(upper + 32) for upper in range(ord("A"), ord("Z") + 1)},
    **{char: text.lower() for char, text in LOOKALIKES.items()},
}
"""What `plain` puts in the place of a character; blanks apart."""

BLANK_RUN = f"[{BLANKS}]+"
"""What `plain` makes a single blank, or takes off at an end."""

MOST_DECIMALS = 15
"""Of a number in text."""

_AS_WRITTEN = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,9})(?:[.,](?P<decimals>[0-9]{0,15}))?")
_SPECIAL = re.compile(r"([][(){}.+*?|^$\\])")


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
    return "(?:" + "|".join(_SPECIAL.sub(r"\\\1", word) for word in words) + ")[.]?"
