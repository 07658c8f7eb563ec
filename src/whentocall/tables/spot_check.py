"""Some rows of a table worked out once more, one by one, as for one person.

The rules run over a table in another way than they do for one person, where durable-rules and the reference
check each other. So that this is checked too, and not believed, a few rows of every part go both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from whentocall.engine.advise import advise
from whentocall.engine.reader import read_number, read_text
from whentocall.engine.spelling import plain, unit_of
from whentocall.errors import TableError
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Column, Columns, asked
from whentocall.tables.spelled import MOST_DECIMALS, number_in, words_of

TRIED = 16
"""How many rows of a part are worked out once more, beside one of each level."""

_LEVELS = ("level", "at_least", "could_be")


class Disagreement(TableError):
    """A row's advice is not what it is for the same answers on their own. Nothing of it should be used."""


def check(
    protocol: Protocol, frame: pl.DataFrame, results: pl.DataFrame, columns: Columns, first: int
) -> None:
    """Work some rows out once more.

    Args:
        protocol: from `load`.
        frame: the part's columns that answer questions.
        results: what they were advised.
        columns: where the answers stand.
        first: how many rows come before the part.

    Raises:
        Disagreement: with the first row that is not the same.
        EngineUnavailable: durable-rules is not installed; no advice should be given without it.
    """
    for row, what in differences(protocol, frame, results, columns, sample(results)):
        raise Disagreement(f"a fault in this program: in row {first + row + 1}, {what}")


def differences(
    protocol: Protocol, frame: pl.DataFrame, results: pl.DataFrame, columns: Columns, rows: Sequence[int]
) -> Iterator[tuple[int, str]]:
    """The rows, from 0, to which `advise` says anything else, and what.

    Args:
        protocol: from `load`.
        frame: the table, as Polars has it.
        results: what the table's columns were advised, under the names of `RESULTS`.
        columns: where the answers stand.
        rows: those to try.
    """
    answered = asked(protocol, columns, frame.columns)
    units = {question: column.unit_column for question, column in answered.items() if column.unit_column}
    singles = {name for name, dtype in frame.schema.items() if dtype == pl.Float32}
    for row in rows:
        bad = set(results["bad_cells"][row].to_list())
        answers = {
            question: None
            if column.name in bad
            else answer_in(
                protocol.questions[question],
                column,
                _shortest(frame.get_column(column.name)[row], single=column.name in singles),
                frame.get_column(units[question])[row] if question in units else None,
            )
            for question, column in answered.items()
        }
        advice = advise(protocol, answers, watch=False)
        expected = {
            **{name: getattr(advice, name) for name in _LEVELS},
            "rules": [reason.rule for reason in advice.reasons],
            "settle": [settled.question for settled in advice.settle],
        }
        for name, value in expected.items():
            given = results[name][row]
            given = given.to_list() if isinstance(given, pl.Series) else given
            if given != value:
                yield row, f"{name} is {given!r}, and for the same answers on their own {value!r}"


def answer_in(question: Question, column: Column, cell: Any, unit: str | None) -> object:
    """The answer in a cell that is one, as `advise` takes it."""
    if isinstance(cell, Mapping):
        return {"value": cell["value"], "unit": unit_of(cell["unit"])}
    if cell is None:
        return None
    words, text = words_of(question, column.words), _text(cell)
    if words.has(text) and (column.words or isinstance(cell, str)):
        return words.meaning(text)
    own = question.answer.unit
    said = (unit_of(column.unit or unit or "") if own else None) or own
    answer = _read(question, said, text) if isinstance(cell, str) else cell
    if isinstance(answer, Mapping) or said == own:
        return float(answer) if isinstance(answer, Decimal) else answer
    return {"value": float(answer), "unit": said}


def _read(question: Question, unit: str, text: str) -> Any:
    """The answer that a text is; a number without a unit is in this one."""
    kind = question.answer.kind
    return read_number(kind, unit, text) if question.answer.is_number else read_text(question, text)


def _text(cell: object) -> str:
    """What stands in a cell, in its plain form."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | Decimal):
        return number_in(f"{Decimal(str(cell)):f}", MOST_DECIMALS) or str(cell)
    return plain(str(cell))


def _shortest(cell: Any, *, single: bool) -> Any:
    """A number of half the length, by the digits that it is written with."""
    return float(str(np.float32(cell))) if single and cell is not None else cell


def sample(results: pl.DataFrame, most: int = TRIED) -> list[int]:
    """Rows to try: the first of each level, and others at even distances."""
    firsts = results["level"].to_physical().arg_unique().to_list()
    step = max(1, results.height // most)
    return sorted({*firsts, *range(0, results.height, step)})[: most + len(firsts)]
