"""Columns of which no cell can be read: how they are written is not known here, and is asked for.

A column like that is no carelessness of one person. It is a code that nobody has explained: 1 and 0, Ja and
Nein, degrees of another kind. Read as "don't know" throughout, it would hide every alarm in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from whentocall._text import cut, quote
from whentocall.engine.spelling import plain
from whentocall.engine.temperature import other_unit
from whentocall.protocol.conditions import Value
from whentocall.protocol.model import Question
from whentocall.tables.columns import Column
from whentocall.tables.mapping_words import DONT_KNOW, readable, shown_answer
from whentocall.tables.spelled import decimals_of, number_in

_USUAL: Mapping[str, bool] = {
    **dict.fromkeys(("1", "y", "t", "j", "ja", "oui", "si", "sí", "sim", "checked"), True),
    **dict.fromkeys(("0", "n", "f", "nein", "nee", "non", "não", "unchecked"), False),
}
"""What such codes usually mean, to be confirmed by whoever knows the table."""

_SHOWN = 3
_LISTED = 20
_LONGEST = 200
_PLAIN = re.compile("[A-Za-z](?:[A-Za-z0-9_ -]*[A-Za-z0-9_])?")
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A column without one cell that is an answer.

    Attributes:
        question: what it should answer.
        column: where it stands, and how it was read.
        bad: how many of its cells could not be read.
        values: what stands in them, the commonest first.
    """

    question: Question
    column: Column
    bad: int
    values: Sequence[str]

    def __str__(self) -> str:
        such = " or ".join(quote(value) for value in self.values[:_SHOWN])
        cells = f"none of its {self.bad:,} cells can" if self.bad > 1 else "its only cell cannot"
        return f"column {quote(self.column.name)}: {cells} be read{f', such as {such}' if such else ''}"


def fitting(unreadable: Unreadable) -> Column:
    """How the column seems to be written; the same column again if nothing seems so."""
    question, column = unreadable.question, unreadable.column
    values = [value for value in unreadable.values if plain(value)]
    answer = question.answer
    if answer.unit and column.unit_column is None:
        other = other_unit(column.unit or answer.unit)
        if values and all(readable(f"{value} {other}", question) for value in values):
            return replace(column, unit=other)
    if answer.kind == "yes-no":
        words = [number_in(plain(value), decimals_of(question)) or value for value in values]
        if words and all(plain(word) in _USUAL for word in words):
            return replace(column, words={**column.words, **{word: _USUAL[plain(word)] for word in words}})
    return column


def mapping_lines(every: Iterable[Unreadable]) -> list[str]:
    """The lines of a mapping file that say how these columns are written, or have room for that."""
    return ["columns:", *(f"  {unreadable.question.id}: {_entry(unreadable)}" for unreadable in every)]


def _entry(unreadable: Unreadable) -> str:
    column = fitting(unreadable)
    if column != unreadable.column:
        return f"{{{', '.join(_parts(unreadable.question, column, column.words))}}}"
    values = ", ".join(written(value) for value in unreadable.values[:_LISTED])
    parts = _parts(unreadable.question, column, column.words, room=True)
    return f"{{{', '.join(parts)}}}   # say where these belong: {values}"


def _parts(
    question: Question, column: Column, words: Mapping[str, Value | None], *, room: bool = False
) -> Iterator[str]:
    if column.name != question.id:
        yield f"column: {written(column.name)}"
    if column.unit is not None:
        yield f"unit: {column.unit}"
    if column.unit_column is not None:
        yield f"unit column: {written(column.unit_column)}"
    means: dict[str, list[str]] = {}
    if room:
        answers = ("yes", "no") if question.answer.kind == "yes-no" else tuple(question.options)
        means = {answer: [] for answer in (*answers, DONT_KNOW)}
    for word, answer in words.items():
        means.setdefault(shown_answer(answer), []).append(written(word))
    said = ", ".join(f"{answer}: [{', '.join(texts)}]" for answer, texts in means.items())
    if said:
        yield f"words: {{{said}}}"


def written(text: str) -> str:
    """The text as YAML, on one line; where it cannot stand in a mapping file, how it looks."""
    if not plain(text) or len(text) > _LONGEST or _HIDDEN.search(text):
        return f"{cut(text)} (cannot be written here)"
    if _PLAIN.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in quoted)


def as_python(every: Iterable[Unreadable]) -> str:
    """The same for `advise_table(columns=...)`."""
    return f"{{{', '.join(f'{column.question.id!r}: {_python(column)}' for column in every)}}}"


def _python(unreadable: Unreadable) -> str:
    column = fitting(unreadable)
    said = [f", {part}={value!r}" for part in ("unit", "unit_column") if (value := getattr(column, part))]
    words = [f"{word!r}: {answer!r}" for word, answer in column.words.items()]
    if column == unreadable.column:
        words += [f"{value!r}: ..." for value in unreadable.values[:_LISTED]]  # for somebody to fill in
    of_words = f", words={{{', '.join(words)}}}" if words else ""
    return f"Column({column.name!r}{''.join(said)}{of_words})"
