"""How the columns of a table answer the questions of a protocol.

By themselves, a question's answers stand in the column of its own name, in its own unit. Anything else is
said here, by whoever knows the table; nothing is guessed from a column's name or its content.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from whentocall._text import quote
from whentocall.engine.answers import expected
from whentocall.engine.spelling import plain, unit_of
from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.errors import TableError
from whentocall.protocol.conditions import Value
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.tables.spelled import decimals_of, same_word

RESULTS = ("level", "at_least", "could_be", "rules", "settle", "bad_cells")
"""The columns that are added to a table."""

_NO_WORDS: Mapping[str, Value | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Column:
    """Where the answers to one question stand, and how they are written.

    Attributes:
        name: the column's name.
        unit: the unit of its numbers (`°C`, `°F`), if it is not the question's own.
        unit_column: the column that has the unit of each number, if there is one.
        words: what a cell may say, to the answer that it means: `True` or `False`, a number in the question's
            own unit, a choice's id, or None for "don't know". It goes before any other reading, whatever its
            capitals. A number covers every way to write it: `1` is 1, 1.0 and "1,0" too.
    """

    name: str
    unit: str | None = None
    unit_column: str | None = None
    words: Mapping[str, Value | None] = field(default_factory=lambda: _NO_WORDS)


Columns = Mapping[str, Column]
"""Question id to its column. A question that is not in it is taken to stand in the column of its own name."""


def column_of(columns: Columns, question: str) -> Column:
    """Where a question's answers are to be looked for."""
    return columns.get(question) or Column(question)


def asked(protocol: Protocol, columns: Columns, names: Collection[str]) -> dict[str, Column]:
    """The questions that a table with columns of these `names` answers, in the protocol's order."""
    columns_of = {question: column_of(columns, question) for question in protocol.questions}
    return {question: column for question, column in columns_of.items() if column.name in names}


def answered(protocol: Protocol, columns: Columns, names: Collection[str]) -> dict[str, Column]:
    """The same.

    Raises:
        TableError: there are none.
    """
    columns_of = asked(protocol, columns, frozenset(names))
    if not columns_of:
        shown = ", ".join(f"'{name}'" for name in list(names)[:8]) + (", …" if len(names) > 8 else "")
        raise TableError(
            f"no column answers a question of '{protocol.id}' (version {protocol.version}); the columns are "
            f"{shown or 'none'}. Name them as `whentocall questions {protocol.id}` does, or map them"
        )
    return columns_of


def used_names(protocol: Protocol, columns: Columns, names: Collection[str]) -> list[str]:
    """Those of the `names` that have answers, or their units."""
    answering = asked(protocol, columns, frozenset(names)).values()
    units = [column.unit_column for column in answering if column.unit_column in names]
    return list(dict.fromkeys([*(column.name for column in answering), *(unit for unit in units if unit)]))


def every_name(protocol: Protocol, columns: Columns) -> list[str]:
    """The names of all columns that may have answers, or their units."""
    every = [column_of(columns, question) for question in protocol.questions]
    return [name for column in every for name in (column.name, column.unit_column) if name]


def cell_of(question: Question) -> str:
    """What a cell should say to be an answer to the question, in words."""
    answer = question.answer
    if answer.kind != "temperature":
        return expected(question).replace("null", "empty")
    other = other_unit(answer.unit)
    low, high = (convert_temperature(end, answer.unit, other) for end in (answer.low, answer.high))
    own = f"{answer.low:g} to {answer.high:g} {answer.unit}"
    return f"a temperature from {own} (or, in {other}, {low:g} to {high:g}), or empty (don't know)"


def number_of(place: int) -> str:
    """What a query calls the column in this place, from 0.

    Every engine reads something else into a name (a dot, a star, a regular expression, capitals), so that
    queries know columns by their places.
    """
    return f"c{place}"


def check_columns(protocol: Protocol, columns: Columns, names: Collection[str]) -> None:
    """Refuse what cannot be meant.

    Raises:
        TableError: with the first thing that is wrong.
    """
    for question, column in columns.items():
        if question not in protocol.questions:
            raise TableError(f"'{protocol.id}' has no question '{question}' for column '{column.name}'")
        _check_column(protocol.questions[question], column, names)
    for _, fault in shared_columns(asked(protocol, columns, names)):
        raise TableError(fault)


def unit_fault(question: Question, column: Column) -> str | None:
    """What is wrong with the units of a question's column, if anything is."""
    if column.unit is None and column.unit_column is None:
        return None
    if not question.answer.unit:
        return f"the answer to {quote(question.id)} has no unit; only a temperature has"
    if column.unit is not None and column.unit_column is not None:
        return "there is a unit and a column of units; keep one of the two"
    if column.unit is not None and unit_of(column.unit) is None:
        return f"unknown unit {quote(column.unit)}; use °C or °F"
    return None


def shared_columns(columns: Columns, questions: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """The questions whose column cannot be theirs, and why: a column answers one question.

    Args:
        columns: question id to its column.
        questions: those that stand in the column of their own name, unless `columns` says otherwise.
    """
    owners = {question: question for question in questions if question not in columns}
    for question, column in columns.items():
        first = owners.setdefault(column.name, question)
        if first != question:
            rather = "it can answer one of them" if first in columns else f"say where {quote(first)} is"
            both = f"{quote(first)} and {quote(question)}"
            yield question, f"column {quote(column.name)} cannot answer both {both}; {rather}"
    for question, column in columns.items():
        if (owner := owners.get(column.unit_column or "")) is not None:
            answers = f"column {quote(column.unit_column)} has the answers to {quote(owner)}"
            yield question, f"{answers}, so it cannot have the units of {quote(question)}"


def _check_column(question: Question, column: Column, names: Collection[str]) -> None:
    where = f"column '{column.name}' for '{question.id}'"
    if fault := unit_fault(question, column):
        raise TableError(f"{where}: {fault}")
    if column.name in names and column.unit_column is not None and column.unit_column not in names:
        raise TableError(f"{where}: there is no column '{column.unit_column}' with its units")
    _check_words(question, column, where)


def _check_words(question: Question, column: Column, where: str) -> None:
    same: dict[str, str] = {}
    for word, answer in column.words.items():
        if not plain(word):
            raise TableError(f"{where}: an empty cell means don't know, and nothing else")
        if answer is not None and not _is_answer(question, answer):
            raise TableError(f"{where}: the word '{word}' means {answer!r}, which is not {cell_of(question)}")
        first = same.setdefault(same_word(word, decimals_of(question)), word)
        if column.words[first] != answer:
            raise TableError(f"{where}: '{first}' and '{word}' are the same word: give it one meaning")


def _is_answer(question: Question, value: Value) -> bool:
    answer = question.answer
    if answer.kind == "yes-no":
        return isinstance(value, bool)
    if answer.kind == "one-of":
        return value in question.options
    if isinstance(value, bool | str) or not answer.low <= value <= answer.high:
        return False
    return answer.kind == "temperature" or float(value).is_integer()
