"""The counts of a table with both protocols: one query, which Polars, DuckDB and Spark each run.

Only counts and examples leave an engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns, number_of, used_names
from whentocall.tables.databases import Engine
from whentocall.tables.frames import table_of
from whentocall.tables.impact.result import Example
from whentocall.tables.impact.tally import Pair, Tally, Where, plain_cell
from whentocall.tables.in_database import flags_lazily
from whentocall.tables.in_memory import Results
from whentocall.tables.logic import Flags

_NEVER = nw.lit(False)  # noqa: FBT003  the value of every row


class Version(NamedTuple):
    """One of the protocols, and where the answers to it stand."""

    protocol: Protocol
    columns: Columns


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two protocols, where the answers to each stand, and how many examples of each change are kept."""

    old: Version
    new: Version
    examples: int

    def used(self, names: Sequence[str]) -> list[str]:
        """The names of the columns with answers to either, in the new protocol's order."""
        used = [name for side in (self.new, self.old) for name in used_names(*side, names)]
        return list(dict.fromkeys(used))


def count_here(comparison: Comparison, answers: pl.DataFrame, first: int) -> Tally:
    """The counts of some rows in memory.

    Args:
        comparison: of what with what.
        answers: the rows' answers.
        first: how many rows are before them.
    """
    prefix = _free_prefix(answers.columns)
    old, new = (
        Results(side.protocol, answers.schema, side.columns).flags(answers, f"{prefix}{name}")
        for side, name in ((comparison.old, "old"), (comparison.new, "new"))
    )
    row = pl.int_range(first + 1, first + 1 + answers.height, eager=True).alias(f"{prefix}row")
    frame = pl.concat([old.frame, new.frame.drop(answers.columns), row.to_frame()], how="horizontal")
    numbered = frame.rename({name: number_of(place) for place, name in enumerate(frame.columns)})
    return _Both(comparison, numbered.lazy(), frame.columns, old, new, answers.columns).tally(row.name)


def count_there(comparison: Comparison, frame: Any, engine: Engine) -> Tally:
    """The counts of a table of an engine's.

    Raises:
        TableError: as `advise_table`.
    """
    names = list(engine.names(frame))
    used = comparison.used(names)
    narrow = nw.from_native(engine.numbered(frame)).select(*(number_of(names.index(name)) for name in used))
    prefix = _free_prefix(used)
    old = flags_lazily(*_of(comparison.old, engine.named(narrow.to_native(), used), engine), f"{prefix}old")
    new = flags_lazily(*_of(comparison.new, old.frame, engine), f"{prefix}new")
    names = list(engine.names(new.frame))
    return _Both(comparison, engine.numbered(new.frame), names, old, new, used).tally()


def _of(side: Version, frame: Any, engine: Engine) -> tuple[Protocol, Any, Engine, Columns]:
    return side.protocol, frame, engine, side.columns


def _free_prefix(names: Sequence[str]) -> str:
    """What no name begins with, whatever its capitals."""
    prefix = "_of_"
    while any(name.casefold().startswith(prefix) for name in names):
        prefix += "_"
    return prefix


class _Both:
    """A table with what both protocols make of its rows.

    Args:
        comparison: of what with what.
        frame: the table, whose columns are known by their numbers.
        names: what they are called in `old` and `new`.
        old: what the old protocol makes of it.
        new: what the new one does.
        answers: the names of the columns with answers.
    """

    def __init__(
        self,
        comparison: Comparison,
        frame: Any,
        names: Sequence[str],
        old: Flags,
        new: Flags,
        answers: Sequence[str],
    ) -> None:
        self.comparison, self.old, self.new, self.answers = comparison, old, new, list(answers)
        self.frame = nw.from_native(frame)
        self.number = {name: number_of(place) for place, name in enumerate(names)}
        self.levels = [self.number[old.level], self.number[new.level]]

    def tally(self, row: str | None = None) -> Tally:
        """All counts, and some rows of each change of level; `row` is the column with their numbers."""
        tally = self.counts()
        changed = sorted(pair for pair in tally.pairs if pair[0] != pair[1])
        if changed and self.comparison.examples:
            for pair, example in self.examples(changed, row):
                tally.examples.setdefault(pair, []).append(example)
        return tally

    def counts(self) -> Tally:
        """A row for each two levels: how many rows have them, and in how many each rule or column is so."""
        rules, bad = (
            dict(self.where(getattr(self.old, kind), getattr(self.new, kind))) for kind in ("rules", "bad")
        )
        apart = nw.any_horizontal(
            _NEVER, *(held for (_, where), held in bad.items() if where != "both"), ignore_nulls=True
        )
        flags = [*rules.values(), *bad.values(), apart]
        marks = [f"m{place}" for place in range(len(flags))]
        if not self.frame.implementation.is_polars():  # the others cannot add up yes and no
            flags = [flag.cast(nw.Int64) for flag in flags]
        marked = self.frame.select(*self.levels, *map(nw.Expr.alias, flags, marks))
        sums = (nw.col(mark).sum() for mark in marks)
        counted = marked.group_by(*self.levels).agg(nw.len().alias("rows"), *sums)
        tally = Tally()
        for old, new, rows, *sums, apart_rows in counted.collect().rows():
            pair = (str(old), str(new))
            tally.pairs[pair] = int(rows)
            tally.apart += int(apart_rows)
            tally.rules.update({(pair, *of): int(count) for of, count in zip(rules, sums, strict=False)})
            tally.bad.update(dict(zip(bad, map(int, sums[len(rules) :]), strict=True)))
        return tally

    def where(
        self, old: Mapping[str, str], new: Mapping[str, str]
    ) -> Iterator[tuple[tuple[str, Where], nw.Expr]]:
        """Each rule or column with one of the protocols alone, and with both; to the rows where it is so."""
        for item in dict.fromkeys((*old, *new)):
            if item not in new:
                yield (item, "old"), nw.col(self.number[old[item]])
            elif item not in old:
                yield (item, "new"), nw.col(self.number[new[item]])
            else:
                before, after = (nw.col(self.number[side[item]]) for side in (old, new))
                yield (item, "old"), before & ~after
                yield (item, "new"), after & ~before
                yield (item, "both"), before & after

    def examples(self, pairs: Sequence[Pair], row: str | None) -> Iterator[tuple[Pair, Example]]:
        """Some rows of each of these changes of level; the rest about them is worked out here."""
        wanted = [*self.answers, *([row] if row else [])]
        kept = []
        for pair in pairs:
            old, new = (nw.col(number) == level for number, level in zip(self.levels, pair, strict=True))
            rows = self.frame.filter(old & new).select(*(self.number[name] for name in wanted))
            table = table_of(rows.head(self.comparison.examples).collect().to_native())
            assert table is not None
            kept.append(table.read(table.names).rename(dict(zip(table.names, wanted, strict=True))))
        every = pl.concat(kept)
        numbers = every[row].to_list() if row else [None] * every.height
        answers = every.select(self.answers)
        return examples_of(self.comparison, answers, numbers)


def examples_of(
    comparison: Comparison, answers: pl.DataFrame, numbers: Sequence[int | None]
) -> Iterator[tuple[Pair, Example]]:
    """Rows as examples, each with its levels; `numbers` are theirs in the table, from 1."""
    old, new = (
        Results(side.protocol, answers.schema, side.columns).of(answers).rows(named=True)
        for side in (comparison.old, comparison.new)
    )
    for number, cells, before, after in zip(numbers, answers.rows(named=True), old, new, strict=True):
        yield (
            (before["level"], after["level"]),
            Example(
                row=number,
                answers={name: plain_cell(value) for name, value in cells.items()},
                rules_old=tuple(before["rules"]),
                rules_new=tuple(after["rules"]),
                settle_old=tuple(before["settle"]),
                settle_new=tuple(after["settle"]),
                bad_old=tuple(before["bad_cells"]),
                bad_new=tuple(after["bad_cells"]),
            ),
        )
