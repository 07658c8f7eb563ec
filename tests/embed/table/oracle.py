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
from whentocall.embed.table.columns import Column
from whentocall.engine.answers import check_answers

BAD = object()
"""What a cell is that cannot be read."""

OUTPUTS = ("level", "at_least", "could_be", "rules", "settle", "bad_cells")

BLANKS = " \t\r\n\N{NO-BREAK SPACE}"
UNITS = ("°C", "°F", "C", "F")
NUMBER = re.compile(r"-?[0-9]+(?P<decimals>[.,][0-9]+)?")
WITH_UNIT = re.compile("(?P<number>.*?)[ \N{NO-BREAK SPACE}]*(?P<unit>°?[CF])", re.DOTALL)
TEXTS = ("text", "category", "enum")


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
        return _accepted(protocol, question, {"value": _plain(series.of, cell[0]), "unit": cell[1]})
    text = text_of(series.kind, cell)
    if text in column.words:
        return column.words[text]
    if series.kind in TEXTS and not text:
        return None
    match question.answer.kind:
        case "yes-no":
            said = _yes_no(series.kind, cell, text)
        case "one-of":
            said = text if series.kind in TEXTS and text in question.options else BAD
        case "temperature":
            said = _temperature(series.kind, cell, text, column, unit)
        case _:
            said = _whole(series.kind, cell, text, column.decimal)
    return said if said is BAD else _accepted(protocol, question, said)


def text_of(kind, cell):
    """A cell as text, as `words` have it: `true`, `false`, an integral number without a point."""
    if kind in TEXTS:
        return cell.strip(BLANKS)
    if kind == "boolean":
        return "true" if cell else "false"
    cell = float(cell) if isinstance(cell, Decimal) else cell
    if isinstance(cell, float) and not cell.is_integer():
        return "not in any words"
    return str(int(cell))


def _yes_no(kind, cell, text):
    if kind == "boolean":
        return cell
    return {"true": True, "false": False}.get(text, BAD) if kind in TEXTS else BAD


def _temperature(kind, cell, text, column, unit):
    """A number, in the unit that stands with it, beside it, or was said of its column."""
    own = WITH_UNIT.fullmatch(text) if kind in TEXTS else None
    number = _number(kind, cell, own["number"] if own else text, column.decimal)
    if number is BAD:
        return BAD
    if own:
        return {"value": number, "unit": own["unit"]}
    if column.unit_column is not None:
        unit = (unit or "").strip(BLANKS)
        return {"value": number, "unit": unit} if unit in UNITS else BAD
    return number if column.unit is None else {"value": number, "unit": column.unit}


def _whole(kind, cell, text, decimal):
    """A whole number; written with decimals, only .0 or .00: 4.000 could be four thousand."""
    number = _number(kind, cell, text, decimal)
    _, _, decimals = text.replace(",", ".").partition(".") if kind in TEXTS else ("", "", "")
    return number if decimals in ("", "0", "00") else BAD


def _number(kind, cell, text, decimal):
    """The number in a cell, as JSON would have it."""
    if kind == "boolean":
        return BAD
    if kind not in TEXTS:
        return _plain(kind, cell)
    found = NUMBER.fullmatch(text)
    if not found or (found["decimals"] or ".")[0] not in (".", decimal):
        return BAD
    return float(text.replace(",", ".")) if found["decimals"] else int(text)


def _plain(kind, cell):
    """A typed value as Python would have read it: a float32 by its shortest text, a decimal as a double."""
    if kind == "float32" and cell is not None:
        return float(str(np.float32(cell)))
    return float(cell) if isinstance(cell, Decimal) else cell


def _accepted(protocol, question, said):
    """What `advise` would take for an answer; else it is bad."""
    return said if _is_taken(protocol, question.id, json.dumps(said)) else BAD


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
                if (value := values.get(rule.rule.when.question)) is not None and rule.rule.when.holds(value)
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
