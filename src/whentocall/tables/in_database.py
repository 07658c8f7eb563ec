"""Tables on an engine of their own: DuckDB and Spark run the rules themselves, as a query of theirs.

Nothing is computed here and nothing is fetched: a query goes in and a longer one comes out. Cells are read by
narwhals' expressions; the rules, traced once with symbols, are SQL text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import narwhals as nw

from whentocall.engine.meaning import Cells
from whentocall.engine.program import Trace
from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns, number_of
from whentocall.tables.databases import Engine
from whentocall.tables.logic import Flags, Outcome, advise_bits
from whentocall.tables.query_stages import Stages, Step
from whentocall.tables.read_cells import read_cells
from whentocall.tables.sql import Bit, Sql


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
    outcome = query.outcome
    reached = {"level": outcome.level, "at_least": outcome.at_least, "could_be": outcome.could_be}
    named = {"rules": outcome.rules, "settle": outcome.settle, "bad_cells": query.bad}
    sql = query.sql([*reached.values(), *map(_bits, named.values())])
    added = {results[name]: query.level(sql, bits) for name, bits in reached.items() if name in results}
    added |= {
        results[name]: engine.listed([(item, sql.of(held)) for item, held in items if held is not False])
        for name, items in named.items()
        if name in results
    }
    read = query.read.values()
    return Query(
        query.result(sql, added),
        _counts("b", ((found.column.name, found.bad) for found in read if found.bad is not False)),
        _counts("k", ((found.column.name, found.cells.known) for found in read)),
        query.staged,
    )


def flags_lazily(protocol: Protocol, frame: Any, engine: Engine, columns: Columns, prefix: str) -> Flags:
    """The query that gives every row's level, and what it is of; as `advise_lazily`.

    The names of the columns that are added begin with `prefix`.
    """
    query = _Evaluation(protocol, frame, engine, columns, settle=False)
    rules, bad = (
        {item: bit for item, bit in items if bit is not False} for items in (query.outcome.rules, query.bad)
    )
    sql = query.sql([query.outcome.level, rules.values(), bad.values()])
    texts = [query.level(sql, query.outcome.level), *map(sql.of, (*rules.values(), *bad.values()))]
    names = [f"{prefix}{place}" for place in range(len(texts))]
    return Flags(
        query.result(sql, dict(zip(names, texts, strict=True))),
        names[0],
        dict(zip(rules, names[1:], strict=False)),
        dict(zip(bad, names[1 + len(rules) :], strict=True)),
    )


class _Evaluation:
    """The rules as columns of a query, for one table.

    Attributes:
        read: how the cells of each question are read.
        staged: the table, and a column for everything that rules read of it.
        outcome: what the rules make of that, as symbols.
        bad: columns, and whether their cell is no answer.
    """

    def __init__(
        self, protocol: Protocol, frame: Any, engine: Engine, columns: Columns, *, settle: bool
    ) -> None:
        self._engine, self._protocol = engine, protocol
        self._names = engine.names(frame)
        plain = nw.from_native(engine.numbered(frame))  # under names that no engine reads anything into
        stages = Stages(plain.columns)
        self.read = read_cells(protocol, self._names, plain.collect_schema(), columns, stages)
        self._trace, self._prefix = Trace(), f"{stages.prefix}s"
        cells = {question: self._cells(found.cells, stages) for question, found in self.read.items()}
        self.outcome: Outcome[Any] = advise_bits(protocol, cells, settle=settle)
        self.bad = [(found.column.name, self._symbol(found.bad, stages)) for found in self.read.values()]
        self.staged = stages.apply(nw.from_native(engine.with_plain(nw.to_native(plain), stages.texts)))

    def _cells(self, cells: Cells[Step], stages: Stages) -> Cells[Any]:
        return Cells(
            self._symbol(cells.known, stages),
            self._symbol(cells.reports, stages),
            {test: self._symbol(passed, stages) for test, passed in cells.passed.items()},
        )

    def _symbol(self, bit: Step | bool, stages: Stages) -> Bit:  # noqa: FBT001  a bit may be a constant
        return bit if isinstance(bit, bool) else self._trace.input("", stages.keep(bit).name)

    def sql(self, groups: Iterable[Iterable[Bit]]) -> Sql:
        """These results as SQL."""
        return Sql(self._trace, chain.from_iterable(groups), self._prefix)

    def level(self, sql: Sql, reached: Sequence[Bit]) -> str:
        """The id of the highest rank that is reached."""
        ids = [self._engine.text(level.id) for level in self._protocol.levels]
        ranks = reversed([*zip(reached, ids[1:], strict=True)])
        cases = " ".join(f"WHEN {sql.of(bit)} THEN {text}" for bit, text in ranks)
        return f"CASE {cases} ELSE {ids[0]} END"

    def result(self, sql: Sql, added: Mapping[str, str]) -> Any:
        """The table, with columns of these names and expressions."""
        frame = nw.to_native(self.staged)
        for stage in sql.stages:
            frame = self._engine.select(frame, ["*", *(f"{text} AS {name}" for name, text in stage.items())])
        own = [number_of(place) for place in range(len(self._names))]
        texts = [f"{text} AS {self._prefix}r{place}" for place, text in enumerate(added.values())]
        return self._engine.named(self._engine.select(frame, [*own, *texts]), [*self._names, *added])


def _bits(named: Iterable[tuple[str, Bit]]) -> Iterable[Bit]:
    return (bit for _, bit in named)


def _counts(prefix: str, columns: Iterable[tuple[str, Step | bool]]) -> dict[str, Any]:
    """Names to the expression that counts for how many rows a column of yes and no says yes."""
    return {name: _count(bit).alias(f"{prefix}{place}") for place, (name, bit) in enumerate(columns)}


def _count(bit: Step | bool) -> nw.Expr:  # noqa: FBT001  a bit may be a constant
    return nw.len() * int(bit) if isinstance(bit, bool) else bit.expr.cast(nw.Int64).sum()
