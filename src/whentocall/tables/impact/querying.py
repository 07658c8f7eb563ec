"""The counts of a table on an engine of its own, which counts; only counts and examples are fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns, number_of, used_names
from whentocall.tables.databases import Engine
from whentocall.tables.frames import table_of
from whentocall.tables.impact.counting import COUNTED, Comparison, examples_of
from whentocall.tables.impact.result import Example
from whentocall.tables.impact.tally import Pair, Tally, Where
from whentocall.tables.in_database import advise_lazily

_LEVELS = ("level", "bad_cells")  # what a query must have at least


def counted_there(comparison: Comparison, frame: Any, engine: Engine) -> Tally:
    """The counts of all rows.

    Two kinds of query run: one for all counts, which gives a row for each two levels; and one for the
    examples of each change, which works out levels alone and ends when it has found enough.

    Args:
        comparison: of what with what.
        frame: a table of the engine's.
        engine: whose table it is.

    Raises:
        TableError: as `advise_table`.
    """
    tally = _Query(comparison, frame, engine, COUNTED).tally()
    changed = sorted(pair for pair, rows in tally.pairs.items() if rows and pair[0] != pair[1])
    if changed and comparison.examples:
        query = _Query(comparison, frame, engine, _LEVELS)
        tally.examples = {pair: query.examples(pair) for pair in changed}
    return tally


class _Query:
    """The table with both results, and where everything stands in it."""

    def __init__(self, comparison: Comparison, frame: Any, engine: Engine, results: Sequence[str]) -> None:
        self.comparison, self.results = comparison, results
        old, new = comparison.old, comparison.new
        names = list(engine.names(frame))
        used = [
            *used_names(new, comparison.columns_new, names),
            *used_names(old, comparison.columns, names),
        ]
        self.used = list(dict.fromkeys(used))
        narrow = engine.named(
            nw.from_native(engine.numbered(frame))
            .select(*(number_of(names.index(one)) for one in self.used))
            .to_native(),
            self.used,
        )
        self.bad: dict[str, set[str]] = {}
        advised = self._advised(old, narrow, engine, comparison.columns, "old")
        advised = self._advised(new, advised, engine, comparison.columns_new, "new")
        self.frame = nw.from_native(engine.numbered(advised))
        found = [f"{name}_{side}" for side in ("old", "new") for name in results]
        self.place = {name: number_of(len(self.used) + place) for place, name in enumerate(found)}

    def _advised(self, protocol: Protocol, frame: Any, engine: Engine, columns: Columns, side: str) -> Any:
        prefix = "_of_"
        while any(name.casefold().startswith(prefix) for name in self.used):
            prefix += "_"
        named = {name: f"{prefix}{name}_{side}" for name in self.results}
        query = advise_lazily(protocol, frame, engine, columns, named)
        self.bad[side] = set(query.bad)
        return query.frame

    def _has(self, name: str, side: str, item: str) -> Any:
        return nw.col(self.place[f"{name}_{side}"]).list.contains(item)

    def _wanted(self) -> dict[tuple[str, str, Where], Any]:
        """What is counted (a list's name, an item, and with which rules), to whether it is so in a row."""
        rules = {
            side: {one.id for one in protocol.rules}
            for side, protocol in (("old", self.comparison.old), ("new", self.comparison.new))
        }
        wanted: dict[tuple[str, str, Where], Any] = {}
        for name, items in (("rules", rules), ("bad_cells", self.bad)):
            for item in sorted(items["old"] | items["new"]):
                for side in ("old", "new"):
                    if item in items[side]:
                        wanted[name, item, side] = self._has(name, side, item)
                if item in items["old"] & items["new"]:
                    wanted[name, item, "both"] = wanted[name, item, "old"] & wanted[name, item, "new"]
        return wanted

    def _apart(self, wanted: Mapping[tuple[str, str, Where], Any]) -> Any:
        """Whether the two find different cells to be no answer in a row."""
        never = nw.lit(False)  # noqa: FBT003  the value of every row
        columns = sorted(self.bad["old"] | self.bad["new"])
        pairs = [[wanted.get(("bad_cells", one, side), never) for side in ("old", "new")] for one in columns]
        return nw.any_horizontal(never, *(old != new for old, new in pairs), ignore_nulls=True)

    def tally(self) -> Tally:
        """All counts."""
        wanted = self._wanted()
        every = [*wanted.values(), self._apart(wanted)]
        levels = [self.place["level_old"], self.place["level_new"]]
        marks = [f"m{place}" for place in range(len(every))]
        marked = self.frame.select(
            *levels, *(held.cast(nw.Int64).alias(mark) for held, mark in zip(every, marks, strict=True))
        )
        counts = marked.group_by(*levels).agg(nw.len().alias("rows"), *(nw.col(mark).sum() for mark in marks))
        tally = Tally()
        for old, new, rows, *sums, apart in counts.collect("pyarrow").rows():
            pair = (str(old), str(new))
            tally.pairs[pair] = int(rows)
            tally.apart += int(apart)
            held = {of: int(count) for of, count in zip(wanted, sums, strict=True)}
            for (name, item, where), count in held.items():
                # with one of them alone: not with both
                alone = count if where == "both" else count - held.get((name, item, "both"), 0)
                if alone and name == "rules":
                    tally.rules[pair, item, where] = alone
                elif alone:
                    tally.bad[item, where] += alone
        return tally

    def examples(self, pair: Pair) -> list[Example]:
        """Some rows with these levels. What is more to be known of them is worked out here."""
        comparison = self.comparison
        old, new = (nw.col(self.place[f"level_{side}"]) for side in ("old", "new"))
        found = (
            self.frame.filter((old == pair[0]) & (new == pair[1]))
            .select(*(number_of(place) for place in range(len(self.used))))
            .head(comparison.examples)
            .collect("pyarrow")
            .to_native()
            .rename_columns(self.used)
        )
        table = table_of(found)
        assert table is not None
        before = table.read(used_names(comparison.old, comparison.columns, self.used))
        after = table.read(used_names(comparison.new, comparison.columns_new, self.used))
        numbers = [None] * found.num_rows
        return [one for _, one in examples_of(comparison, before, after, numbers)]
