"""The one reader of an answer that is written as text, for every door that takes one person's answers.

What is typed, a text in JSON, a field of a form: each asks here what it means, by the table of `spelling`,
and words its own message where it means nothing. Ranges are checked by whoever knows the question's.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any

from whentocall.engine.spelling import DAYS, DONT_KNOW, NUMBER, UNNAMED_UNITS, WHOLE, YES_NO, plain, unit_of
from whentocall.protocol.answer_types import Kind
from whentocall.protocol.model import Question

if TYPE_CHECKING:
    from whentocall.engine.spelling import Given

MAX_LENGTH = 200
"""Characters that the text of an answer may have."""


class Why(Enum):
    """What is wrong with a text."""

    BLANK = "blank"
    TOO_LONG = "too long"
    NOT_A_NUMBER = "not a number"
    NOT_WHOLE = "not a whole number"
    TOO_EXACT = "too many digits"
    UNKNOWN_UNIT = "unknown unit"
    NO_CHOICE = "no choice"


class Unreadable(ValueError):
    """A text that is no answer; `why` says what is wrong with it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


def read_text(question: Question, text: str) -> Given:
    """The answer that a text is, in its JSON form.

    Raises:
        Unreadable: it is none. Whether a number is in the question's range is not looked at.

    >>> import whentocall
    >>> ask = whentocall.load("all-targeted-drugs").questions
    >>> read_text(ask["temperature"], "38,6 ˚C"), read_text(ask["temperature"], "101.5F")
    (38.6, {'value': 101.5, 'unit': '°F'})
    >>> read_text(ask["chest_pain"], "TRUE"), read_text(ask["chest_pain"], "Not sure")
    (True, None)
    """
    answer = question.answer
    if answer.is_number:
        return read_number(answer.kind, answer.unit, text)
    word, words = _checked(text), own_words(question)
    if word not in words:
        raise Unreadable(Why.NO_CHOICE)
    return words[word]


def read_number(kind: Kind, unit: str, text: str) -> int | float | dict[str, Any] | None:
    """The number that a text is; None for "don't know".

    Args:
        kind: of the question.
        unit: of the question, where it is about a temperature.
        text: what was written. A number that names no unit is in the question's.

    Returns:
        A number in the question's own unit, or `{"value": 101.5, "unit": "°F"}` in the other.

    Raises:
        Unreadable: it is no such number.
    """
    word = _checked(text)
    if word in DONT_KNOW:
        return None
    if kind != "temperature":
        return _whole(word, days=kind == "days")
    written = re.fullmatch(f"({NUMBER})(?: ?([^-+0-9., ].*))?", word)
    if not written:
        raise Unreadable(Why.NOT_A_NUMBER)
    named = written[2] or UNNAMED_UNITS[0]
    given_in = unit if named.removesuffix(".") in UNNAMED_UNITS else unit_of(named)
    if given_in is None:
        raise Unreadable(Why.UNKNOWN_UNIT)
    value = exact(written[1].replace(",", "."))
    return value if given_in == unit else {"value": value, "unit": given_in}


def exact(digits: str) -> int | float:
    """The number that the digits say, to the last of them; a whole one as `int`.

    Args:
        digits: any that `Decimal` reads; what is left of them has to be a number.

    Raises:
        Unreadable: a float would round it, perhaps onto a limit, or it is not a finite number.
    """
    from decimal import Decimal, InvalidOperation  # noqa: PLC0415  a start without numbers need not wait

    try:
        said = Decimal(digits)
    except InvalidOperation:
        raise Unreadable(Why.NOT_A_NUMBER) from None
    if not said.is_finite():
        raise Unreadable(Why.NOT_A_NUMBER)
    value = float(said)
    if Decimal(repr(value)) != said:
        raise Unreadable(Why.TOO_EXACT)
    return int(value) if value.is_integer() else value


def _checked(text: str) -> str:
    """The text in its plain form."""
    text = str.__str__(text)  # whatever a subclass makes of it
    if len(text) > MAX_LENGTH:
        raise Unreadable(Why.TOO_LONG)
    word = plain(text)
    if not word:
        raise Unreadable(Why.BLANK)
    return word


def _whole(word: str, *, days: bool) -> int:
    if not re.fullmatch(NUMBER + DAYS if days else NUMBER, word):
        raise Unreadable(Why.NOT_A_NUMBER)
    written = re.fullmatch(f"({WHOLE}){DAYS}", word)
    if not written:  # 1,000 may be a thousand
        raise Unreadable(Why.NOT_WHOLE)
    return int(re.split("[.,]", written[1])[0])


def own_words(question: Question) -> dict[str, bool | str | None]:
    """What may be written for a question, beside numbers, as `plain` leaves it; to what it means.

    A choice goes by its id and by its words in either voice, and before "don't know". What could be two of
    them is none.
    """
    means: dict[str, set[bool | str | None]] = {}
    if question.answer.kind == "yes-no":
        means = {word: {meaning} for word, meaning in YES_NO.items()}
    for option, wording in question.options.items():
        for text in (option, wording.you, wording.they):
            means.setdefault(plain(text), set()).add(str(option))
    for word in sorted(DONT_KNOW):
        means.setdefault(word, {None})
    return {word: next(iter(meant)) for word, meant in means.items() if len(meant) == 1}
