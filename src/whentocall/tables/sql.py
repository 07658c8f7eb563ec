"""What rules make of a table, as SQL text that DuckDB and Spark both understand.

It comes in stages, because neither engine would notice that two expressions share a part: what is used
several times is a column of one stage, for the next ones to read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from whentocall.engine.program import Symbol, Trace

Bit = Symbol | bool
"""A yes or no for every row."""

_SMALL = 3  # columns that an expression may read and still be cheaper to repeat than to keep
_LARGE = 60  # columns that an expression may read at all: parsers do not take any depth


class _Part(NamedTuple):
    """An expression, the stage from which on it can be used, and how many columns it reads."""

    text: str
    stage: int
    size: int


class Sql:
    """Some results of a trace as SQL; its inputs are names of columns.

    Args:
        trace: whose inputs are columns without nulls, under names that need no quotes.
        results: of the trace.
        prefix: for the names of the columns that are added.

    Attributes:
        stages: for each stage in turn, names of columns to their expressions.
    """

    def __init__(self, trace: Trace, results: Iterable[Bit], prefix: str) -> None:
        results = list(results)
        self.stages: list[dict[str, str]] = []
        self._parts: dict[int, _Part] = {}
        needed = trace.needed(results)
        uses = Counter(part for place in needed for part in _parts(trace, place))
        uses.update(bit.place for bit in results if isinstance(bit, Symbol))
        for place in needed:
            part = self._part(trace, place)
            if part.size > (_SMALL if uses[place] > 1 else _LARGE):
                part = self._kept(part, f"{prefix}{place}")
            self._parts[place] = part

    def of(self, bit: Bit) -> str:
        """The expression for a result, to be used after all stages."""
        if isinstance(bit, Symbol):
            return self._parts[bit.place].text
        return "true" if bit else "false"

    def _part(self, trace: Trace, place: int) -> _Part:
        sign, *operands = trace.operations[place]
        if sign == "in":
            return _Part(operands[-1], 0, 1)
        parts = [self._parts[operand] for operand in operands]
        joined = {"&": " AND ", "|": " OR ", "~": "NOT "}[sign]
        texts = [part.text for part in parts]
        text = f"({joined.join(texts)})" if len(texts) == 2 else f"({joined}{texts[0]})"
        return _Part(text, max(part.stage for part in parts), sum(part.size for part in parts))

    def _kept(self, part: _Part, name: str) -> _Part:
        while len(self.stages) <= part.stage:
            self.stages.append({})
        self.stages[part.stage][name] = part.text
        return _Part(name, part.stage + 1, 1)


def _parts(trace: Trace, place: int) -> list[int]:
    sign, *operands = trace.operations[place]
    return [] if sign == "in" else operands
