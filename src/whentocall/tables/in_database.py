"""Tables on an engine of their own: DuckDB and Spark run the rules themselves, as a query of theirs.

Nothing is computed here and nothing is fetched: a query goes in and a longer one comes out. It is built in
stages, because neither engine would notice that two expressions share a part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import narwhals as nw

from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns, number_of
from whentocall.tables.databases import Engine, Lists
from whentocall.tables.logic import Flags, advise_bits
from whentocall.tables.query_stages import Stages, Step
from whentocall.tables.read_cells import read_cells

Named = Sequence[tuple[str, Step | bool]]


class Query(NamedTuple):
    """A query with the advice for every row.

    Attributes:
        frame: the engine's own frame: the table's columns, then the results.
        bad: column names to the expression that counts their bad cells, over `staged`.
        known: column names to the expression that counts their cells that are answers, over the same.
        staged: the narwhals frame on which these stand.
    """

    frame: Any
    bad: dict[str, Any]
    known: dict[str, Any]
    staged: Any


def advise_lazily(
    protocol: Protocol, frame: Any, engine: Engine, columns: Columns, results: Mapping[str, str]
) -> Query:
    """The query that gives the advice for every row.

    Args:
        protocol: from `load`.
        frame: a table of the engine's.
        engine: whose table it is.
        columns: where the answers stand.
        results: those of `RESULTS` to add, in their order, with the names of their columns.

    Raises:
        TableError: as `advise_table`.
    """
    query = _Evaluation(protocol, frame, engine, columns, settle="settle" in results)
    outcome, stages = query.outcome, query.stages
    levels = [level.id for level in protocol.levels]
    reached = {"level": outcome.level, "at_least": outcome.at_least, "could_be": outcome.could_be}
    named = {"rules": outcome.rules, "settle": outcome.settle, "bad_cells": query.bad}
    texts = [_level(levels, one, stages) for name, one in reached.items() if name in results]
    lists = [_kept(one, stages) for name, one in named.items() if name in results]
    known = _kept([(found.column.name, found.cells.known) for found in query.read.values()], stages)
    staged = query.staged()
    frame = query.result(staged, texts, lists, list(results.values()))
    return Query(frame, _counts("b", lists[-1]), _counts("k", known), staged)


def flags_lazily(protocol: Protocol, frame: Any, engine: Engine, columns: Columns, prefix: str) -> Flags:
    """The query that gives every row's level, and what it is of; as `advise_lazily`.

    The names of the columns that are added begin with `prefix`.
    """
    query = _Evaluation(protocol, frame, engine, columns, settle=False)
    level = _level([level.id for level in protocol.levels], query.outcome.level, query.stages)
    rules, bad = _kept(query.outcome.rules, query.stages), _kept(query.bad, query.stages)
    added = [level, *(column for _, column in (*rules, *bad))]
    names = [f"{prefix}{place}" for place in range(len(added))]
    return Flags(
        query.result(query.staged(), added, [], names),
        names[0],
        dict(zip((rule for rule, _ in rules), names[1:], strict=False)),
        dict(zip((column for column, _ in bad), names[1 + len(rules) :], strict=True)),
    )


class _Evaluation:
    """The rules as columns of a query, for one table."""

    def __init__(
        self, protocol: Protocol, frame: Any, engine: Engine, columns: Columns, *, settle: bool
    ) -> None:
        self.engine = engine
        self.names = engine.names(frame)
        self.plain = nw.from_native(engine.numbered(frame))  # under names that no engine reads anything into
        self.stages = Stages(self.plain.columns)
        self.read = read_cells(protocol, self.names, self.plain.collect_schema(), columns, self.stages)
        cells = {question: found.cells for question, found in self.read.items()}
        self.outcome = advise_bits(protocol, cells, self.stages.keep_large, settle=settle)
        self.bad = [(found.column.name, found.bad) for found in self.read.values()]

    def staged(self) -> Any:
        """The table with every column that has been kept so far."""
        plain = self.engine.with_plain(nw.to_native(self.plain), self.stages.texts)
        return self.stages.apply(nw.from_native(plain))

    def result(self, staged: Any, texts: Sequence[str], lists: Lists, names: Sequence[str]) -> Any:
        """The table with these columns and lists, under these names."""
        own = [number_of(place) for place in range(len(self.names))]
        added = self.engine.with_lists(nw.to_native(staged), own, texts, lists)
        return self.engine.named(added, [*self.names, *names])


def _counts(prefix: str, columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Names to the expression that counts for how many rows a column of yes and no says yes."""
    return {
        name: nw.col(column).cast(nw.Int64).sum().alias(f"{prefix}{place}")
        for place, (name, column) in enumerate(columns)
    }


def _level(levels: Sequence[str], reached: Sequence[Step | bool], stages: Stages) -> str:
    """The name of a column with the id of the highest rank that is reached."""
    text, depth = nw.lit(levels[0]), 0
    for level, held in zip(levels[1:], reached, strict=True):
        if held is True:
            text, depth = nw.lit(level), 0
        elif isinstance(held, Step):
            text, depth = nw.when(held.expr).then(nw.lit(level)).otherwise(text), max(depth, held.depth)
    return stages.keep(Step(text, depth)).name


def _kept(named: Named, stages: Stages) -> list[tuple[str, str]]:
    """The names that may hold, each with that of the column which says so."""
    return [
        (name, stages.keep(held if isinstance(held, Step) else Step(nw.lit(held))).name)
        for name, held in named
        if held is not False
    ]
