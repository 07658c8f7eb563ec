"""Which words stand in a column, as expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from operator import eq, or_
from typing import Any

import narwhals as nw

from whentocall.engine.spelling import plain
from whentocall.protocol.conditions import Value
from whentocall.protocol.model import Question
from whentocall.tables.query_stages import Stages, Step
from whentocall.tables.spelled import MOST_DECIMALS, Words, number_in, pattern_of_number

Wanted = Callable[[Value | None], bool]
"""Whether words with this meaning are looked for."""


@dataclass(frozen=True, slots=True)
class Worded:
    """A column to be searched for words.

    Attributes:
        text: the texts; read with care, as `plain` leaves them. Or numbers, of which some may be words.
        words: what may stand there.
        question: what the column answers.
        stages: where what is worked out goes.
        careful: whether every spelling is looked for. Otherwise only the commonest are, as they are written.
        numeric: whether these are numbers.
    """

    text: Step
    words: Words
    question: Question
    stages: Stages
    careful: bool = True
    numeric: bool = False

    def stands(self, wanted: Wanted) -> nw.Expr | None:
        """Whether a word stands there that means what is wanted; None if no word does.

        Not by `is_in`: of a long list DuckDB makes a join, which does not keep the order of the rows.
        """
        parts = list(self._numbers(wanted) if self.numeric else self._texts(wanted))
        return reduce(or_, parts) if parts else None

    def _numbers(self, wanted: Wanted) -> Iterator[nw.Expr]:
        for word, answer in (self.words.texts | self.words.numbers).items():
            number = number_in(word, MOST_DECIMALS)
            if number and wanted(answer):
                yield self.text.expr == float(number)

    def _texts(self, wanted: Wanted) -> Iterator[nw.Expr]:
        texts = self.words.texts if self.careful else self._quick_texts()
        yield from (self.text.expr == word for word, answer in texts.items() if wanted(answer))
        patterns = [
            pattern_of_number(number, self.words.decimals)
            for number, answer in self.words.numbers.items()
            if wanted(answer) and (self.careful or self.question.answer.is_number)
        ]
        if patterns:
            yield self.text.expr.str.contains(whole("|".join(patterns)))

    def says(self, wanted: Wanted) -> Any:
        """The same, where nothing counts as no; False if no word means that."""
        stands = self.stands(wanted)
        return False if stands is None else self.stages.keep(Step(no_nulls(stands), self.text.depth))

    def present(self) -> Step:
        """Whether anything stands there that does not mean "don't know"."""
        unknown = self.stands(lambda answer: answer is None)
        present = ~self.text.expr.is_null() if unknown is None else no_nulls(~unknown)
        return Step(present, self.text.depth)

    def matches(self, pattern: str) -> Step:
        """Whether a pattern describes the whole text."""
        return Step(no_nulls(self.text.expr.str.contains(whole(pattern))), self.text.depth)

    def in_numbers(self, value: Step) -> Step:
        """The value, and where a word stands the number that it means, or none."""
        expr = value.expr
        if self.numeric and self.stands(lambda answer: answer is None) is not None:
            expr = nw.when(self.present().expr).then(expr)
        for answer in dict.fromkeys([*self.words.texts.values(), *self.words.numbers.values()]):
            stands = None if answer is None else self.stands(partial(eq, answer))
            if stands is not None:
                expr = nw.when(stands).then(nw.lit(float(answer or 0))).otherwise(expr)
        return value if expr is value.expr else Step(expr, max(value.depth, self.text.depth))

    def _quick_texts(self) -> Mapping[str, Value | None]:
        kind = self.question.answer.kind
        own = ("true", "false") if kind == "yes-no" else tuple(self.question.options)
        written = {word: plain(word) for word in (*own, *self.words.mapped)}
        means = {word: self.words.meaning(text) for word, text in written.items() if self.words.has(text)}
        return means | {"": None}


def whole(pattern: str) -> str:
    """A pattern for the whole of a text."""
    return rf"\A(?:{pattern})\z"


def no_nulls(condition: nw.Expr) -> nw.Expr:
    """The condition, where nothing counts as no."""
    return condition.fill_null(value=False)
