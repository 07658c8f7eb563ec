"""The counts of a part of a table that is in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns
from whentocall.tables.impact.result import Example
from whentocall.tables.impact.tally import Pair, Tally, Where, plain_cell
from whentocall.tables.in_memory import Results

COUNTED = ("level", "rules", "bad_cells")
"""The results that are counted."""

_WHERE: tuple[Where, Where, Where] = ("old", "new", "both")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two protocols, where the answers to each stand, and how many examples of each change are kept."""

    old: Protocol
    new: Protocol
    columns: Columns
    columns_new: Columns
    examples: int


def counted(comparison: Comparison, answers: pl.DataFrame, first: int) -> Tally:
    """The counts of some rows.

    Args:
        comparison: of what with what.
        answers: the rows' answers.
        first: how many rows are before them.
    """
    rows = _both(comparison, answers, answers, COUNTED)
    tally = Tally()
    for *pair, count in rows.group_by("level_old", "level_new").len().rows():
        tally.pairs[_pair(pair)] = count
    for *pair, rule, side, count in _held(rows, "rules").rows():
        tally.rules[_pair(pair), str(rule), _WHERE[side - 1]] = count
    if _any(rows, "bad_cells"):
        for *_, column, side, count in _held(rows, "bad_cells").rows():
            tally.bad[str(column), _WHERE[side - 1]] += count
        tally.apart = _apart(rows)
    if comparison.examples:
        changed = rows.filter(pl.col("level_old") != pl.col("level_new"))
        kept = changed.group_by("level_old", "level_new").head(comparison.examples)["row"].sort()
        people = answers[kept]
        for levels, example in examples_of(comparison, people, people, [first + row + 1 for row in kept]):
            tally.examples.setdefault(levels, []).append(example)
    return tally


def _pair(levels: list[object]) -> Pair:
    return str(levels[0]), str(levels[1])


def _both(
    comparison: Comparison, old: pl.DataFrame, new: pl.DataFrame, wanted: Sequence[str]
) -> pl.DataFrame:
    """Both results side by side, with the same names in the same types."""
    found = {
        "old": Results(comparison.old, old.schema, comparison.columns, wanted).of(old),
        "new": Results(comparison.new, new.schema, comparison.columns_new, wanted).of(new),
    }
    rows = pl.DataFrame({f"{name}_{side}": found[side][name] for side in found for name in wanted})
    for name in ("level", "rules", "bad_cells"):
        before, after = rows.schema[f"{name}_old"], rows.schema[f"{name}_new"]
        same: pl.DataType = (
            pl.List(_union(before.inner, after.inner))
            if isinstance(before, pl.List) and isinstance(after, pl.List)
            else _union(before, after)
        )
        rows = rows.with_columns(pl.col(f"{name}_old", f"{name}_new").cast(same))
    return rows.with_row_index("row")


def _union(old: object, new: object) -> pl.Enum:
    assert isinstance(old, pl.Enum)
    assert isinstance(new, pl.Enum)
    return pl.Enum(list(dict.fromkeys((*new.categories, *old.categories))))


def _any(rows: pl.DataFrame, name: str) -> bool:
    return any((rows[f"{name}_{side}"].list.len() > 0).any() for side in ("old", "new"))


def _held(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Levels, an item of the lists, and where it stands (1 old, 2 new, 3 both), with how many rows."""
    levels = ["level_old", "level_new"]
    same = pl.col(f"{name}_old") == pl.col(f"{name}_new")
    alike = _items(rows.filter(same), name, "old", 3)
    return (
        pl.concat([alike.drop("row"), _sides(rows.filter(~same), name).drop("row")])
        .group_by(*levels, "item", "side")
        .len()
    )


def _sides(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Each item of the lists of each row once, and where it stands."""
    every = pl.concat([_items(rows, name, "old", 1), _items(rows, name, "new", 2)])
    return every.group_by("level_old", "level_new", "row", "item").agg(pl.col("side").sum())


def _items(rows: pl.DataFrame, name: str, of: str, side: int) -> pl.DataFrame:
    listed = pl.col(f"{name}_{of}")
    found = rows.filter(listed.list.len() > 0).select("level_old", "level_new", "row", listed.alias("item"))
    return (
        found.explode("item")
        .with_columns(pl.lit(side, pl.Int8).alias("side"))
        .select("level_old", "level_new", "row", "item", pl.col("side").cast(pl.Int64))
    )


def _apart(rows: pl.DataFrame) -> int:
    """In how many rows the lists of cells that are no answer have different items."""
    return _sides(rows, "bad_cells").filter(pl.col("side") != 3)["row"].n_unique()


def examples_of(
    comparison: Comparison, old: pl.DataFrame, new: pl.DataFrame, numbers: Sequence[int | None]
) -> Iterator[tuple[Pair, Example]]:
    """Rows as examples, each with its levels.

    Args:
        comparison: of what with what.
        old: their answers, as they are read for the old rules.
        new: the same for the new ones.
        numbers: of the rows in the table, from 1.
    """
    rows = _both(comparison, old, new, ("level", "rules", "settle", "bad_cells"))
    cells = new.hstack([old[name] for name in old.columns if name not in new.columns])
    for number, row, given in zip(numbers, rows.rows(named=True), cells.rows(named=True), strict=True):
        yield (
            _pair([row["level_old"], row["level_new"]]),
            Example(
                row=number,
                answers={name: plain_cell(value) for name, value in given.items()},
                rules_old=tuple(row["rules_old"]),
                rules_new=tuple(row["rules_new"]),
                settle_old=tuple(row["settle_old"]),
                settle_new=tuple(row["settle_new"]),
                bad_old=tuple(row["bad_cells_old"]),
                bad_new=tuple(row["bad_cells_new"]),
            ),
        )
