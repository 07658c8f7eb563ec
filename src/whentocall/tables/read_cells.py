"""Reading the cells of a table as answers: whether each is known, and which comparisons it passes.

It is said once, as expressions that every engine for tables runs for itself. Nothing is clipped, rounded or
guessed: a cell that is no answer is bad, and a bad cell counts as "don't know".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import eq
from typing import Any

import narwhals as nw

from whentocall.engine.meaning import Cells, both, compared, either, opposite
from whentocall.engine.spelling import DAYS, NUMBER, WHOLE, unit_of
from whentocall.engine.temperature import other_unit
from whentocall.errors import TableError
from whentocall.protocol.conditions import COMPARISONS, Op, Test
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.tables.column_words import Worded, no_nulls, whole
from whentocall.tables.columns import Column, Columns, asked, cell_of, check_columns, number_of
from whentocall.tables.query_stages import Stages, Step
from whentocall.tables.spelled import pattern_of_unit, words_of
from whentocall.tables.unit_limits import Span, span_of

_QUICK_NUMBER = "-?[0-9]{1,4}(?:[.][0-9]{1,11})?"  # so few digits that a float holds them all
_QUICK_WHOLE = "-?[0-9]{1,9}(?:[.]0{1,2})?"
_UNIT = (  # that may follow a number, read quickly or with care
    "(?: ?°?[CF])?",
    f"(?: ?(?:{'|'.join(map(pattern_of_unit, ('°C', '°F', None)))}))?",
)
_MANY_DIGITS = "(?:[0-9][.]?){16}"  # so many that a float may not hold them
_EXACT = 1e15  # up to here a whole number can be written in digits from a float
_TEXTS = (nw.String, nw.Categorical, nw.Enum)


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
    careful: bool = True,
    only: Collection[str] | None = None,
) -> dict[str, ReadColumn]:
    """The questions that a table answers, and how; what is worked out on the way goes into `stages`.

    Args:
        protocol: from `load`.
        names: of the table's columns.
        schema: the narwhals type of each of them, by its number in the query.
        columns: where the answers stand, if not under the questions' ids.
        stages: of this table.
        careful: whether texts are read in every spelling, from their plain form. That takes several times as
            long. Otherwise the commonest spellings are read, and every other text is bad; what is read is
            read just as it would be with care.
        only: the questions to read; all that are answered if not given.

    Raises:
        TableError: a column has a type that no answer can have, or `columns` cannot be used.
    """
    check_columns(protocol, columns, names)
    places = {name: number_of(place) for place, name in enumerate(names)}
    tests = compared(protocol)
    return {
        question: _Reader(
            protocol.questions[question], column, places, schema, stages, tests[question], careful=careful
        ).read()
        for question, column in asked(protocol, columns, names).items()
        if only is None or question in only
    }


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
        careful: bool,
    ) -> None:
        self.question = question
        self.answer = question.answer
        self.column = column
        self.places = places
        self.schema = schema
        self.stages = stages
        self.tests = tuple(tests)
        self.careful = careful
        self.words = words_of(question, column.words)
        self.raw = nw.col(places[column.name])

    def read(self) -> ReadColumn:
        dtype = self.schema[self.places[self.column.name]]
        if isinstance(dtype, nw.Struct):
            return self.quantities(dtype)
        if dtype in _TEXTS:
            return self.texts(self.text(self.places[self.column.name]))
        if not (dtype.is_numeric() or dtype == nw.Boolean):
            raise self.wrong(dtype)
        if dtype.is_numeric() and self.answer.is_number:
            return self.numbers(dtype)
        if self.column.words:
            return self.texts(self.of_booleans() if dtype == nw.Boolean else self.of_numbers(dtype))
        return self.booleans() if dtype == nw.Boolean else self.all_bad()

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
        yes, known = self.keep(Step(no_nulls(self.raw))), self.keep(Step(~self.raw.is_null()))
        passed = {test: yes if test.value else self.keep(both(known, opposite(yes))) for test in self.tests}
        return self.found(Cells(known, yes, passed), bad=False)

    # texts

    def text(self, source: str) -> Worded:
        """The texts in a column, or in a part of one; to be read with care, in their plain form."""
        text = Step(self.stages.plain(source) if self.careful else nw.col(source).cast(nw.String))
        return Worded(text, self.words, self.question, self.stages, careful=self.careful)

    def of_booleans(self) -> Worded:
        """The texts that would stand there. Of these, every spelling is at hand."""
        text = nw.when(self.raw).then(nw.lit("true")).otherwise(_when(~self.raw, nw.lit("false")))
        return Worded(Step(text), self.words, self.question, self.stages)

    def of_numbers(self, dtype: Any) -> Worded:
        """Numbers, of which some may be words."""
        value = self.stages.keep(Step(_number(self.raw, dtype)))
        return Worded(value, self.words, self.question, self.stages, numeric=True)

    def texts(self, text: Worded) -> ReadColumn:
        """Cells that are read by what stands there."""
        if self.answer.is_number:
            return self.written_numbers(text)
        yes_no = self.answer.kind == "yes-no"
        values = {test.value for test in self.tests} | ({True} if yes_no else set())
        means = {value: text.says(partial(eq, value)) for value in values}
        known = text.says(lambda answer: answer is not None)
        passed = {test: means[test.value] for test in self.tests}
        bad = self.keep(both(text.present(), opposite(known)))
        return self.found(Cells(known, means[True] if yes_no else known, passed), bad)

    def written_numbers(self, text: Worded) -> ReadColumn:
        """Numbers in text, temperatures perhaps with their unit, and words that stand for some."""
        temperature = self.answer.kind == "temperature"
        digits = self.digits(text)
        number = digits.expr.cast(nw.Float64)
        number = _exactly(number, digits.expr) if temperature and text.careful else number
        value = self.keep(text.in_numbers(Step(number, digits.depth)))
        if not temperature:
            return self.known_numbers(value, text.present())
        own = self.answer.unit
        in_other, in_own = (self.ends_in(text, unit) for unit in (other_unit(own), own))
        beside, named = self.column_unit()
        worded = text.says(lambda answer: answer is not None)  # and then it is in the question's own unit
        other = both(opposite(worded), either(in_other, both(opposite(in_own), beside)))
        return self.known_numbers(
            value,
            text.present(),
            other=self.keep(other),
            named=self.keep(either(in_other, in_own, worded, named)),
        )

    def digits(self, text: Worded) -> Step:
        """The digits of each number that stands there, with a decimal point or none."""
        temperature, careful = self.answer.kind == "temperature", text.careful
        number = (_QUICK_NUMBER, NUMBER) if temperature else (_QUICK_WHOLE, WHOLE)
        after = _UNIT[careful] if temperature else DAYS if self.answer.kind == "days" and careful else ""
        word = text.stands(lambda _: True)
        assert word is not None  # an empty text is one
        written = text.matches(number[careful] + after).expr
        digits = _when(written & ~word, text.text.expr)
        if after:
            digits = digits.str.replace_all(" ?[^0-9.,+-].*", "")
        if careful:
            digits = digits.str.replace_all(",", ".", literal=True).str.replace_all("+", "", literal=True)
        step = Step(digits, text.text.depth)
        return self.stages.keep(step) if careful else step

    def ends_in(self, text: Worded, unit: str) -> Step:
        """Whether a number stands there in this unit."""
        if text.careful:
            return text.matches(f"{NUMBER} ?{pattern_of_unit(unit)}")
        return Step(no_nulls(text.text.expr.str.ends_with(unit[-1])), text.text.depth)

    # numbers

    def numbers(self, dtype: Any) -> ReadColumn:
        """Numbers, of which some may be words."""
        text = self.of_numbers(dtype)
        value, (other, named) = self.keep(text.in_numbers(text.text)), self.column_unit()
        worded = text.says(lambda answer: answer is not None)  # and then it is in the question's own unit
        return self.known_numbers(
            value,
            text.present(),
            other=self.keep(both(other, opposite(worded))),
            named=self.keep(either(named, worded)),
        )

    def quantities(self, dtype: Any) -> ReadColumn:
        """Numbers with their units, as JSON has them."""
        fields = {field.name: field.dtype for field in dtype.fields}
        right = fields.keys() == {"value", "unit"} and fields["value"].is_numeric()
        if not right or fields["unit"] not in _TEXTS or not self.answer.unit:
            raise self.wrong(dtype)
        raw = self.raw.struct.field("value")
        number = self.keep(Step(_number(raw, fields["value"])))
        source = f"{self.places[self.column.name]}.unit"
        other, named = self.unit(source, self.raw.struct.field("unit"))
        return self.known_numbers(
            number,
            Step(~self.raw.is_null()),
            other=self.keep(other),
            named=self.keep(named),
        )

    def column_unit(self) -> tuple[Any, Any]:
        """Whether numbers are in the other unit, and whether their unit is known."""
        column = self.column
        if column.unit_column is not None:
            unit = self.places[column.unit_column]
            dtype = self.schema[unit]
            if dtype not in _TEXTS:
                raise TableError(f"column '{column.unit_column}' holds {dtype}: a unit should be °C or °F")
            return self.unit(unit, nw.col(unit))
        if column.unit is None:
            return False, True
        return unit_of(column.unit) != self.answer.unit, True

    def unit(self, source: str, raw: nw.Expr) -> tuple[Step, Step]:
        """Whether a text names the other unit, and whether it names one at all."""
        units = (self.answer.unit, other_unit(self.answer.unit))
        if self.careful:
            text = self.stages.plain(source)
            own, other = (text.str.contains(whole(pattern_of_unit(unit))) for unit in units)
        else:
            text = raw.cast(nw.String)
            own, other = ((text == unit) | (text == unit[-1]) for unit in units)
        return Step(no_nulls(other)), Step(no_nulls(own | other))

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
        known = self.keep(Step(no_nulls(right.expr), right.depth))
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


def _number(raw: nw.Expr, dtype: Any) -> nw.Expr:
    """Numbers as doubles; those of half the length by the digits that they are written with."""
    if dtype == nw.Float64:
        return raw
    value = (raw.cast(nw.String) if dtype == nw.Float32 else raw).cast(nw.Float64)
    return _exactly(value, raw.cast(nw.String)) if dtype.is_decimal() else value


def _when(condition: nw.Expr, value: nw.Expr) -> nw.Expr:
    """The value where the condition holds, else nothing."""
    return nw.when(condition).then(value)


def _is_whole(number: nw.Expr) -> nw.Expr:
    """Whether a number is whole; not by `%`, which some engines round, or `floor`, which huge ones break."""
    near = _when(number.abs() < _EXACT, number)
    return near == near.cast(nw.Int64).cast(nw.Float64)


def _exactly(value: nw.Expr, digits: nw.Expr) -> nw.Expr:
    """The value; not a number where it is not just what its digits say, and so may lie on another side."""
    few = ~digits.str.contains(_MANY_DIGITS)
    trimmed, written = digits.str.replace_all(r"0+\z", ""), value.cast(nw.String)
    same = (written == trimmed) | (written == nw.concat_str(trimmed, nw.lit("0")))
    return nw.when((few | same).fill_null(value=True)).then(value).otherwise(nw.lit(math.nan))
