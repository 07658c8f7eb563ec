"""Columns of a query that build on each other, so that what is used often is worked out once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals as nw


class Step:
    """A yes or no, or another value, for every row of a query: an expression, and the stage it belongs to."""

    __slots__ = ("depth", "expr")

    def __init__(self, expr: nw.Expr, depth: int = 0) -> None:
        self.expr = expr
        self.depth = depth

    def __and__(self, other: Step) -> Step:
        return Step(self.expr & other.expr, max(self.depth, other.depth))

    def __or__(self, other: Step) -> Step:
        return Step(self.expr | other.expr, max(self.depth, other.depth))

    def __invert__(self) -> Step:
        return Step(~self.expr, self.depth)


class Kept(Step):
    """A column under a name."""

    __slots__ = ("name",)

    def __init__(self, name: str, depth: int) -> None:
        super().__init__(nw.col(name), depth)
        self.name = name


class Stages:
    """The columns to add, stage by stage, under names that the table does not have.

    Args:
        names: the table's own.

    Attributes:
        texts: the texts whose plain form is read, each with the name of that.
    """

    def __init__(self, names: Iterable[str]) -> None:
        taken = [name.casefold() for name in names]  # some engines know no capitals
        self.prefix = "_w"
        while any(name.startswith(self.prefix) for name in taken):
            self.prefix += "w"
        self.texts: dict[str, str] = {}
        self._stages: list[list[nw.Expr]] = []
        self._count = 0

    def plain(self, source: str) -> nw.Expr:
        """The plain form of a column of texts, or of a part of one (`c3.unit`).

        The engine adds it before the first stage, under the name that it has in `texts`.
        """
        name = self.texts.setdefault(source, f"{self.prefix}p{len(self.texts)}")
        return nw.col(name)

    def keep(self, step: Step) -> Kept:
        """The same under a name, ready to be used in the next stage."""
        if isinstance(step, Kept):
            return step
        while len(self._stages) <= step.depth:
            self._stages.append([])
        name = f"{self.prefix}{self._count}"
        self._count += 1
        self._stages[step.depth].append(step.expr.alias(name))
        return Kept(name, step.depth + 1)

    def apply(self, frame: Any) -> Any:
        """The frame with all of these columns."""
        for stage in self._stages:
            frame = frame.with_columns(*stage) if stage else frame
        return frame
