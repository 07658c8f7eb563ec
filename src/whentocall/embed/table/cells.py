"""Reading the cells of a table as answers: whether each is known, and which comparisons it passes.

It is said once, as expressions that every engine for tables runs for itself. Nothing is clipped, rounded or
guessed: a cell that is no answer is bad, and a bad cell counts as "don't know".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw

from whentocall.embed.table.columns import BLANKS, Column, Columns, asked, cell_of, number_of
from whentocall.embed.table.limits import Span, span_of
from whentocall.embed.table.logic import Cells, both, compared, either, opposite
from whentocall.embed.table.stages import Stages, Step
from whentocall.engine.answers import degrees, other_unit
from whentocall.errors import TableError
from whentocall.protocol.conditions import COMPARISONS, Op, Test, Value
from whentocall.protocol.models import Question
from whentocall.protocol.protocol import Protocol

_DIGITS = r"-?[0-9]+"
_DECIMALS = {".": "[.][0-9]+", ",": "[.,][0-9]+"}
_NO_DECIMALS = {".": "[.]0{1,2}", ",": "[.,]0{1,2}"}
"""What may follow the digits of a whole number: never three, which could be thousands."""
_UNIT = "[ \u00a0]*°?[CF]"
_EXACT = 1e15  # up to here a whole number can be written in digits from a float


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A question's column: what its cells say, and which of them are bad."""

    question: str
    column: Column
    cells: Cells[Step]
    bad: Step | bool


def read_cells(
    protocol: Protocol,
    names: Sequence[str],
    schema: Mapping[str, Any],
    columns: Columns,
    stages: Stages,
    *,
    blanks: bool = True,
) -> dict[str, ReadColumn]:
    """The questions that a table answers, and how; what is worked out on the way goes into `stages`.

    Args:
        protocol: from `load`.
        names: of the table's columns.
        schema: the narwhals type of each of them, by its number in the query.
        columns: where the answers stand, if not under the questions' ids.
        stages: of this table.
        blanks: whether texts may have blanks around them. To take them off is half the work with texts.
            Without that, a text with blanks is bad, and every other one is read just as it would be.

    Raises:
        TableError: a column has a type that no answer can have, or `columns` cannot be used.
    """
    check_columns(protocol, columns, names)
    places = {name: number_of(place) for place, name in enumerate(names)}
    tests = compared(protocol)
    return {
        one: _Reader(
            protocol.questions[one], column, places, schema, stages, tests[one], blanks=blanks
        ).read()
        for one, column in asked(protocol, columns, names).items()
    }


def check_columns(protocol: Protocol, columns: Columns, names: Collection[str]) -> None:
    """Refuse what cannot be meant.

    Raises:
        TableError: with the first thing that is wrong.
    """
    used: dict[str, str] = {}
    for one, column in columns.items():
        if one not in protocol.questions:
            raise TableError(f"'{protocol.id}' has no question '{one}' for column '{column.name}'")
        _check_column(protocol.questions[one], column, names)
    for one, column in asked(protocol, columns, frozenset(names)).items():
        first = used.setdefault(column.name, one)
        if first != one:
            raise TableError(
                f"column '{column.name}' stands for both '{first}' and '{one}': it can answer one"
            )


def _check_column(question: Question, column: Column, names: Collection[str]) -> None:
    where, unit = f"column '{column.name}' for '{question.id}'", question.answer.unit
    if column.decimal not in _DECIMALS:
        raise TableError(f"{where}: decimals come after '.' or ',', not '{column.decimal}'")
    if column.unit is not None or column.unit_column is not None:
        if not unit:
            raise TableError(f"{where}: only a temperature has a unit")
        if column.unit is not None and degrees(column.unit) not in ("°C", "°F"):
            raise TableError(f"{where}: the unit '{column.unit}' should be °C or °F")
        if column.unit is not None and column.unit_column is not None:
            raise TableError(f"{where}: has one unit and a column of units: keep one of the two")
    if column.name in names and column.unit_column is not None and column.unit_column not in names:
        raise TableError(f"{where}: there is no column '{column.unit_column}' with its units")
    for word, answer in column.words.items():
        if not word.strip(BLANKS):
            raise TableError(f"{where}: an empty cell means don't know, and nothing else")
        if answer is not None and not _is_answer(question, answer):
            raise TableError(f"{where}: the word '{word}' means {answer!r}, which is not {cell_of(question)}")


def _is_answer(question: Question, value: Value) -> bool:
    answer = question.answer
    if answer.kind == "yes-no":
        return isinstance(value, bool)
    if answer.kind == "one-of":
        return value in question.options
    if isinstance(value, bool | str) or not answer.low <= value <= answer.high:
        return False
    return answer.kind == "temperature" or float(value).is_integer()


class _Reader:
    """Reads one question's column."""

    def __init__(
        self,
        question: Question,
        column: Column,
        places: Mapping[str, str],
        schema: Mapping[str, Any],
        stages: Stages,
        tests: Iterable[Test],
        *,
        blanks: bool,
    ) -> None:
        self.question = question
        self.answer = question.answer
        self.column = column
        self.places = places
        self.schema = schema
        self.stages = stages
        self.tests = tuple(tests)
        self.blanks = blanks
        self.raw = nw.col(places[column.name])

    def read(self) -> ReadColumn:
        dtype = self.schema[self.places[self.column.name]]
        words = bool(self.column.words)
        if dtype == nw.Boolean and not words:
            return self.booleans()
        if dtype.is_numeric() and not words:
            return self.numbers(dtype) if self.answer.is_number else self.all_bad()
        if isinstance(dtype, nw.Struct):
            return self.quantities(dtype)
        if dtype.is_numeric() or dtype in (nw.Boolean, nw.String, nw.Categorical, nw.Enum):
            return self.texts(self.text(self.raw, dtype))
        raise self.wrong(dtype)

    def wrong(self, dtype: Any) -> TableError:
        """What to raise of a type that no answer can have."""
        return TableError(
            f"column '{self.column.name}' for '{self.question.id}' holds {dtype}: "
            f"a cell should be {cell_of(self.question)}"
        )

    def keep(self, step: Any) -> Any:
        return step if isinstance(step, bool) else self.stages.keep(step)

    def found(self, cells: Cells[Step], bad: Any) -> ReadColumn:
        return ReadColumn(self.question.id, self.column, cells, bad)

    def all_bad(self) -> ReadColumn:
        return self.found(Cells(known=False, reports=False, passed={}), self.keep(Step(~self.raw.is_null())))

    def booleans(self) -> ReadColumn:
        if self.answer.kind != "yes-no":
            return self.all_bad()
        yes, known = self.keep(Step(_false(self.raw))), self.keep(Step(~self.raw.is_null()))
        passed = {test: yes if test.value else self.keep(both(known, opposite(yes))) for test in self.tests}
        return self.found(Cells(known, yes, passed), bad=False)

    # texts

    def text(self, raw: nw.Expr, dtype: Any) -> Step:
        """A cell's text, without the blanks around it."""
        if dtype == nw.Boolean:
            return Step(nw.when(raw).then(nw.lit("true")).otherwise(_when(~raw, nw.lit("false"))))
        if dtype.is_float() or dtype.is_decimal():
            number = raw.cast(nw.Float64)
            digits = _when(_is_whole(number), number).cast(nw.Int64).cast(nw.String)
            return self.stages.keep(Step(nw.coalesce(digits, raw.cast(nw.String))))
        text = raw if dtype == nw.String else raw.cast(nw.String)
        return self.stages.keep(Step(text.str.strip_chars(BLANKS))) if self.blanks else Step(text)

    def texts(self, text: Step) -> ReadColumn:
        """Cells that are read by what stands there."""
        words = {"": None, **self.own_words(), **_plain(self.column.words)}
        unknown = [word for word, answer in words.items() if answer is None]
        empty = _one_of(text.expr, unknown)
        present = Step(_false(~empty), text.depth)
        if self.answer.is_number:
            return self.written_numbers(text, present, words)
        values = {test.value for test in self.tests} | ({True} if self.answer.kind == "yes-no" else set())
        means = {
            answer: self.says(text, [word for word, other in words.items() if other == answer])
            for answer in values
        }
        known = self.says(text, [word for word, answer in words.items() if answer is not None])
        reports = means[True] if self.answer.kind == "yes-no" else known
        passed = {test: means[test.value] for test in self.tests}
        return self.found(Cells(known, reports, passed), self.keep(both(present, opposite(known))))

    def says(self, text: Step, words: Sequence[str]) -> Any:
        """Whether one of the words stands there."""
        return self.keep(Step(_false(_one_of(text.expr, words)), text.depth)) if words else False

    def own_words(self) -> Mapping[str, Value]:
        if self.answer.kind == "yes-no":
            return {"true": True, "false": False}
        return {option: option for option in self.question.options}

    def written_numbers(self, text: Step, present: Step, words: Mapping[str, Any]) -> ReadColumn:
        """Numbers in text, temperatures perhaps with their unit, and words that stand for some."""
        temperature, decimal = self.answer.kind == "temperature", self.column.decimal
        decimals = (_DECIMALS if temperature else _NO_DECIMALS)[decimal]
        number = f"{_DIGITS}(?:{decimals})?"
        plain = text.expr.str.contains(rf"\A{number}(?:{_UNIT})?\z" if temperature else rf"\A{number}\z")
        digits = _when(plain & ~_one_of(text.expr, words), text.expr)
        if temperature:
            digits = digits.str.replace_all("[ \u00a0°CF]", "")
        if decimal == ",":
            digits = digits.str.replace_all(",", ".", literal=True)
        value = digits.cast(nw.Float64)
        for answer in dict.fromkeys(words.values()):
            if answer is not None:
                meant = [word for word, other in words.items() if other == answer]
                value = nw.when(_one_of(text.expr, meant)).then(nw.lit(float(answer))).otherwise(value)
        worded = self.says(text, list(words))  # and then the number is in the question's own unit
        if not temperature:
            return self.known_numbers(self.keep(Step(value, text.depth)), present)
        suffixed = Step(_false(text.expr.str.contains("[CF]\\z")), text.depth)
        letter = other_unit(self.answer.unit)[-1]
        other, named = self.column_unit()
        other = either(
            both(suffixed, Step(_false(text.expr.str.ends_with(letter)), text.depth)),
            both(opposite(suffixed), other),
        )
        named = either(suffixed, worded, named)
        return self.known_numbers(
            self.keep(Step(value, text.depth)),
            present,
            other=self.keep(both(other, opposite(worded))),
            named=self.keep(named),
        )

    # numbers

    def numbers(self, dtype: Any) -> ReadColumn:
        value = Step(self.raw)
        if dtype == nw.Float32:  # by the digits it is written with, as one person's answer would be
            value = self.keep(Step(self.raw.cast(nw.String).cast(nw.Float64)))
        elif dtype != nw.Float64:
            value = self.keep(Step(self.raw.cast(nw.Float64)))
        other, named = self.column_unit()
        present = Step(~self.raw.is_null())
        return self.known_numbers(value, present, other=self.keep(other), named=self.keep(named))

    def quantities(self, dtype: Any) -> ReadColumn:
        """Numbers with their units, as JSON has them."""
        fields = {field.name: field.dtype for field in dtype.fields}
        right = fields.keys() == {"value", "unit"} and fields["value"].is_numeric()
        if not right or fields["unit"] not in (nw.String, nw.Categorical, nw.Enum) or not self.answer.unit:
            raise self.wrong(dtype)
        value = self.raw.struct.field("value")
        if fields["value"] == nw.Float32:
            value = value.cast(nw.String)
        other, named = self.unit(self.raw.struct.field("unit").cast(nw.String))
        number = self.keep(Step(value.cast(nw.Float64)))
        present = Step(~self.raw.is_null())
        return self.known_numbers(number, present, other=self.keep(other), named=self.keep(named))

    def column_unit(self) -> tuple[Any, Any]:
        """Whether numbers are in the other unit, and whether their unit is known."""
        column = self.column
        if column.unit_column is not None:
            unit = self.places[column.unit_column]
            dtype = self.schema[unit]
            if dtype not in (nw.String, nw.Categorical, nw.Enum):
                raise TableError(f"column '{column.unit_column}' holds {dtype}: a unit should be °C or °F")
            return self.unit(nw.col(unit).cast(nw.String).str.strip_chars(BLANKS))
        if column.unit is None:
            return False, True
        return degrees(column.unit) != self.answer.unit, True

    def unit(self, text: nw.Expr) -> tuple[Step, Step]:
        other, own = other_unit(self.answer.unit), self.answer.unit
        return (
            Step(_false(_one_of(text, [other, other[-1]]))),
            Step(_false(_one_of(text, [other, other[-1], own, own[-1]]))),
        )

    def known_numbers(
        self, value: Step, present: Step, *, other: Any = False, named: Any = True
    ) -> ReadColumn:
        """What is known of numbers, each of them in the question's own unit or in the other."""
        answer = self.answer
        ends = (
            Test(self.question.id, Op.AT_LEAST, answer.low),
            Test(self.question.id, Op.AT_MOST, answer.high),
        )
        right = both(*(self.compared(value, end, other) for end in ends), named)
        if answer.kind != "temperature":
            right = both(right, Step(_is_whole(value.expr), value.depth))
        known = self.keep(Step(_false(right.expr), right.depth))
        passed = {test: self.keep(both(known, self.compared(value, test, other))) for test in self.tests}
        nothing = self.compared(value, Test(self.question.id, Op.IS, 0), other)
        reports = self.keep(both(known, opposite(nothing)))
        return self.found(Cells(known, reports, passed), self.keep(both(present, opposite(known))))

    def compared(self, value: Step, test: Test, other: Any) -> Any:
        """Whether a number passes a comparison, by the limit in its own unit."""
        own = _passes(value, test)
        if other is False:
            return own
        limit: Any = test.value
        converted = _lies_in(value, span_of(test.op, limit, self.answer.unit))
        return converted if other is True else either(both(other, converted), both(opposite(other), own))


def _passes(value: Step, test: Test) -> Step:
    """Whether a number in the question's own unit passes a comparison."""
    found = COMPARISONS[test.op](value.expr, float(test.value))
    return Step(found, value.depth)


def _lies_in(value: Step, span: Span) -> Step:
    """Whether a number in the other unit is one of these."""
    from_low = True if span.low is None else Step(value.expr >= span.low, value.depth)
    below_high = True if span.high is None else Step(value.expr < span.high, value.depth)
    found: Step = both(from_low, below_high)
    return found


def _plain(words: Mapping[str, Value | None]) -> dict[str, Value | None]:
    return {word.strip(BLANKS): answer for word, answer in words.items()}


def _when(condition: nw.Expr, value: nw.Expr) -> nw.Expr:
    """The value where the condition holds, else nothing."""
    return nw.when(condition).then(value)


def _is_whole(number: nw.Expr) -> nw.Expr:
    """Whether a number is whole; not by `%`, which some engines round, or `floor`, which huge ones break."""
    near = _when(number.abs() < _EXACT, number)
    return near == near.cast(nw.Int64).cast(nw.Float64)


def _one_of(text: nw.Expr, words: Iterable[str]) -> nw.Expr:
    """Whether one of the words stands there.

    Not by `is_in`: of a long list DuckDB makes a join, which does not keep the order of the rows.
    """
    return reduce(or_, (text == word for word in words))


def _false(condition: nw.Expr) -> nw.Expr:
    """The same, where nothing counts as no."""
    return condition.fill_null(value=False)
