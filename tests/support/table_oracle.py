"""What a table must give, row by row: each cell read plainly and slowly, then `advise` of the row's answers.

It knows nothing of columns as wholes, of expressions or of masks; what a cell means is worked out here again,
from what is written about it, so that it can be set beside what the table part makes of it.
"""

import json
import re
from decimal import Decimal
from functools import lru_cache

import numpy as np

from whentocall import AnswersError, advise
from whentocall.engine.answers import check_answers
from whentocall.engine.spelling import DONT_KNOW, UNITS, UNNAMED_UNITS, YES_NO, plain, unit_of
from whentocall.tables.columns import Column

BAD = object()
"""What a cell is that cannot be read."""

OUTPUTS = ("level", "at_least", "could_be", "rules", "settle", "bad_cells")

TEXTS = ("text", "category", "enum")
WITH_UNIT = re.compile("(?P<number>[^ a-z°[]+) ?(?P<unit>.*)")


def read_cell(protocol, question, series, cell, column, unit=None):
    """The answer in a cell, in JSON form; None is "don't know".

    Args:
        protocol: whose question it is.
        question: the question that the cell answers.
        series: the cell's column: what kind of values it has.
        cell: its value; None is null.
        column: what was said about the column.
        unit: the cell beside it in `column.unit_column`, if there is one.
    """
    if cell is None:
        return None
    if series.kind == "struct":
        number = _plain(series.of, cell[0])
        return (
            BAD
            if number is BAD
            else _accepted(protocol, question, {"value": number, "unit": unit_of(cell[1] or "")})
        )
    temperature = question.answer.kind == "temperature"
    most = (15 if temperature else 2) if series.kind in TEXTS else 15
    value = plain(cell) if series.kind in TEXTS else _plain(series.kind, cell)
    for word, meant in column.words.items():
        if _is_word(plain(word), value, most):
            return meant
    if value is BAD:
        return BAD
    said = (
        _text(question, value, column, unit)
        if series.kind in TEXTS
        else _typed(question, series.kind, value, column, unit)
    )
    return None if said is None else _accepted(protocol, question, said)


def _text(question, text, column, unit):
    """The answer in a cell of text, as `plain` leaves it."""
    kind = question.answer.kind
    if kind == "one-of" and text in choices(question):
        return choices(question)[text]
    if text == "" or text in DONT_KNOW:
        return None
    if kind in ("yes-no", "one-of"):
        return YES_NO.get(text, BAD) if kind == "yes-no" else BAD
    if kind == "temperature":
        return _temperature(text, column, unit)
    return _whole(re.sub(" ?days?$", "", text) if kind == "days" else text)


def _is_word(word, value, most):
    """Whether a mapped word stands in a cell: the same text, or a number of the same size."""
    if isinstance(value, bool) or value is BAD:
        return value is not BAD and word == str(value).lower()
    if isinstance(value, str):
        numbers = _exact(word, most), _exact(value, most)
        return word == value or (None not in numbers and numbers[0] == numbers[1])
    number = _exact(word, most)
    return number is not None and float(number) == value


def _exact(text, most):
    """The number in a text with at most so many decimals; None if there is none."""
    written = re.fullmatch(r"[+-]?[0-9]{1,9}(?:[.,]([0-9]{0,15}))?", text)
    return Decimal(text.replace(",", ".")) if written and len(written[1] or "") <= most else None


def choices(question):
    """What a choice may be called, as `plain` leaves it, to its id; no name of two."""
    names = [
        (plain(name), option)
        for option, words in question.options.items()
        for name in {option, words.you, words.they}
    ]
    return {
        name: option for name, option in names if {option} == {other for also, other in names if also == name}
    }


def _typed(question, kind, value, column, unit):
    """The answer in a cell that is no text."""
    if kind == "boolean" or question.answer.kind in ("yes-no", "one-of"):
        return value if kind == "boolean" and question.answer.kind == "yes-no" else BAD
    return value if question.answer.kind != "temperature" else _in_unit(value, column, unit)


def _temperature(text, column, unit):
    """A number, in the unit that stands with it, beside it, or was said of its column."""
    written = WITH_UNIT.fullmatch(text)
    number = _exact(written["number"], 15) if written else None
    if number is None or Decimal(repr(float(number))) != number:
        return BAD
    said = written["unit"].removesuffix(".") if written["unit"] else ""
    if said in UNITS:
        return {"value": float(number), "unit": UNITS[said]}
    if written["unit"] and said not in UNNAMED_UNITS:
        return BAD
    return _in_unit(float(number), column, unit)


def _in_unit(number, column, unit):
    """A number whose unit does not stand with it."""
    if column.unit_column is not None:
        unit = unit_of(unit or "")
        return BAD if unit is None else {"value": number, "unit": unit}
    return number if column.unit is None else {"value": number, "unit": unit_of(column.unit)}


def _whole(text):
    """A whole number; written with decimals, only .0 or .00: 4.000 could be four thousand."""
    number = _exact(text, 2)
    return BAD if number is None or number != int(number) else int(number)


def _plain(kind, cell):
    """A typed value as Python would have read it: a float32 by its shortest text, a decimal as a double."""
    if kind == "float32" and cell is not None:
        return float(str(np.float32(cell)))
    if isinstance(cell, Decimal):
        return float(cell) if Decimal(repr(float(cell))) == cell else BAD
    return cell


def _accepted(protocol, question, said):
    """What `advise` would take for an answer; else it is bad."""
    return said if said is not BAD and _is_taken(protocol, question.id, json.dumps(said)) else BAD


@lru_cache(100_000)
def _is_taken(protocol, one, text):
    try:
        check_answers(protocol, {one: json.loads(text)})
    except AnswersError:
        return False
    return True


def answers_of(protocol, table, row):
    """The answers of one row, in JSON form, and the columns whose cell cannot be read."""
    answers, bad = {}, []
    for one, question in protocol.questions.items():
        column = table.columns.get(one) or Column(one)
        series = table.series.get(column.name)
        if series is None:
            continue
        beside = table.series[column.unit_column].cells[row] if column.unit_column else None
        answers[one] = read_cell(protocol, question, series, series.cells[row], column, beside)
        if answers[one] is BAD:
            answers[one] = None
            bad.append(column.name)
    return answers, bad


class Oracle:
    """The rows that a table must give. What was worked out is kept, as many rows are alike."""

    def __init__(self, protocol):
        self.protocol = protocol
        self.known = {}

    def rows(self, table):
        """For each row, the output columns."""
        return [self.row(*answers_of(self.protocol, table, row)) for row in range(table.rows)]

    def plain_rows(self, table):
        """For each row the rules that hold and the bad cells, where every rule is one comparison.

        Without `advise`, which takes its time where there are many rules.
        """
        rules = sorted(self.protocol.rules, key=lambda rule: -rule.rank)
        found = []
        for row in range(table.rows):
            answers, bad = answers_of(self.protocol, table, row)
            values = check_answers(self.protocol, answers).values
            held = [
                rule.id
                for rule in rules
                if (value := values.get(rule.when.question)) is not None and rule.when.holds(value)
            ]
            found.append({"rules": held, "bad_cells": bad})
        return found

    def row(self, answers, bad=()):
        """The output columns for somebody's answers."""
        key = json.dumps(answers, sort_keys=True)
        if key not in self.known:
            advice = advise(self.protocol, answers, watch=False)
            assert () == advice.problems
            self.known[key] = {
                "level": advice.level,
                "at_least": advice.at_least,
                "could_be": advice.could_be,
                "rules": [reason.rule for reason in advice.reasons],
                "settle": [one.question for one in advice.settle],
            }
        return {**self.known[key], "bad_cells": list(bad)}
