"""Everything that the table benchmark measures: floors, peers, our table part, and a loop over `advise`."""

# ruff: noqa: PLC0415  a package is imported by its own builder, so that one not installed is left out

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

from table_peers import Masks, Way, duckdb_sql, numba_loop, numpy_blocks, polars_expressions, threads
from table_plan import plan
from table_work import Work, answers_of, copied, told

from whentocall.protocol.protocol import Protocol

LOOPED = 3_000  # rows of the loop over `advise`, at most


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is measured.

    Attributes:
        name: as shown.
        package: what has to be installed for it, besides what ours needs.
        layout: `bytes` or `arrow` (see `table_work`), which says what it reads.
        build: from a table to the ways of using it, of which the quickest is measured.
        whole: whether it gives all our columns, not only masks.
    """

    name: str
    package: str
    layout: str
    build: Callable[[Work], list[Way]]
    whole: bool = False


# ours, and the loop that it is to be quicker than


def loop(work: Work) -> list[Way]:
    """A loop over `advise`, for as many of the rows as take some seconds."""
    protocol = work.protocol()
    rows = min(work.rows, LOOPED if len(protocol.rules) < 100 else LOOPED // 20)
    people = answers_of(work.frame().head(rows).rows(named=True))

    def whole(found: list[dict[str, Any]]) -> Any:
        import polars as pl

        return pl.DataFrame(found, infer_schema_length=None)

    def masks(found: list[dict[str, Any]]) -> Masks:
        return masks_of(protocol, whole(found))

    return [
        Way(
            f"{rows:,} rows, watch=False",
            lambda: [told(protocol, one) for one in people],
            masks,
            whole,
            share=rows / work.rows,
        )
    ]


def ours_polars(work: Work) -> list[Way]:
    """The table part over a Polars frame."""
    from whentocall.tables import advise_table

    protocol, frame = work.protocol(), work.frame()

    def masks(found: Any) -> Masks:
        return masks_of(protocol, found)

    return [Way("DataFrame", lambda: advise_table(protocol, frame), masks, lambda found: found)]


def ours_levels(work: Work) -> list[Way]:
    """The table part over a Polars frame, without lists: the level alone, and what could not be read."""
    import numpy as np
    import polars as pl

    from whentocall.tables import advise_table

    protocol, frame = work.protocol(), work.frame()

    def masks(found: Any) -> Masks:
        ranks = found["level"].cast(pl.String).replace_strict(dict(protocol.ranks), return_dtype=pl.UInt8)
        return np.asarray(ranks), work.right()[1]  # no rules are asked for, so that only levels are compared

    return [Way("results=('level',)", lambda: advise_table(protocol, frame, results=("level",)), masks)]


def ours_lazy(work: Work) -> list[Way]:
    """The table part over a Polars LazyFrame, collected."""
    from whentocall.tables import advise_table

    protocol, frame = work.protocol(), work.frame()
    query = advise_table(protocol, frame.lazy())

    def masks(found: Any) -> Masks:
        return masks_of(protocol, found)

    return [
        Way("collect", query.collect, masks, lambda found: found),
        Way("streaming", lambda: query.collect(engine="streaming"), masks, lambda found: found),
    ]


def ours_duckdb(work: Work) -> list[Way]:
    """The table part over a table of DuckDB's."""
    import duckdb
    import polars as pl

    from whentocall.tables import advise_table

    protocol, connection = work.protocol(), duckdb.connect()
    connection.execute(f"SET threads = {threads()}")
    connection.register("frame", work.frame().to_arrow())
    connection.execute("CREATE TABLE answers AS FROM frame")
    connection.unregister("frame")
    relation = advise_table(protocol, connection.table("answers"))

    def keep() -> None:
        connection.execute("DROP TABLE IF EXISTS result")
        relation.create("result")

    def masks(found: Any) -> Masks:
        return masks_of(protocol, whole(found))

    def whole(_: Any) -> Any:
        return pl.from_arrow(connection.table("result").to_arrow_table())

    return [Way("to a table of its own", keep, masks, whole)]


def masks_of(protocol: Protocol, whole: Any) -> Masks:
    """Our columns as masks."""
    import numpy as np
    import polars as pl

    rules = plan(protocol)
    wide = np.uint32 if rules.word_bytes == 4 else np.uint64
    ranks = whole["level"].cast(pl.String).replace_strict(dict(protocol.ranks), return_dtype=pl.UInt8)
    places = {rule.id: place for place, rule in enumerate(protocol.rules)}
    fired = whole.select(pl.col("rules")).with_row_index("row").explode("rules").drop_nulls("rules")
    rows = fired["row"].to_numpy()
    place = fired["rules"].cast(pl.String).replace_strict(places, return_dtype=pl.UInt32).to_numpy()
    words = []
    for group in rules.words():
        mine = (place >= group.start) & (place < group.stop)
        word = np.zeros(whole.height, wide)
        np.bitwise_or.at(word, rows[mine], wide(1) << (place[mine] - group.start).astype(wide))
        words.append(word)
    return ranks.to_numpy(), words


# the floors


def columns_of(frame: Any) -> list[int]:
    """The bytes of each column of a Polars frame."""
    return [max(1, column.estimated_size()) for column in frame.iter_columns()]


def copying(amounts: list[int], *, new: bool) -> Callable[[], Any]:
    """The floor: copy arrays of so many bytes, in as many threads as there may be.

    Args:
        amounts: the bytes of each array.
        new: into new memory, as a result needs it; or into memory that is there, which is quicker.
    """
    import numpy as np

    groups: list[list[Any]] = [[] for _ in range(threads())]
    for amount in sorted(amounts, reverse=True):
        smallest = min(groups, key=lambda group: sum(len(one) for one in group))
        smallest.append(np.ones(amount, np.uint8))
    there = groups if new else [[np.ones_like(one) for one in group] for group in groups]

    def copy(group: list[Any], into: list[Any]) -> list[Any]:
        if new:
            return [one.copy() for one in group]
        for one, other in zip(group, into, strict=True):
            np.copyto(other, one)
        return into

    if len(groups) == 1:
        return lambda: copy(groups[0], there[0])
    pool = ThreadPoolExecutor(len(groups))
    return lambda: list(pool.map(copy, groups, there))


def floor_of(work: Work, *, new: bool) -> list[Way]:
    """Copying what `bytes` reads and writes."""
    return [Way("NumPy", copying(work.sizes("bytes") + work.sizes("masks"), new=new), lambda _: work.right())]


def floor_of_polars(work: Work) -> list[Way]:
    """Copying the columns of `arrow`, and the masks, as Polars itself does."""
    import polars as pl

    level, words = work.right()
    told = {"_level": level} | {f"_word{place}": word for place, word in enumerate(words)}
    frame = pl.concat([work.frame(), pl.DataFrame(told)], how="horizontal")
    return [Way("concat, rechunked", lambda: copied(frame), lambda _: work.right())]


ENTRIES = (
    Entry("floor: memory that is there", "numpy", "bytes", partial(floor_of, new=False)),
    Entry("floor: new memory", "numpy", "bytes", partial(floor_of, new=True)),
    Entry("floor: new memory, by Polars", "polars", "arrow", floor_of_polars),
    Entry("numba", "numba", "bytes", numba_loop),
    Entry("NumPy", "numpy", "bytes", numpy_blocks),
    Entry("Polars, by hand", "polars", "arrow", polars_expressions),
    Entry("DuckDB, SQL by hand", "duckdb", "bytes", duckdb_sql),
    Entry("whentocall: Polars", "polars", "arrow", ours_polars, whole=True),
    Entry("whentocall: Polars, levels", "polars", "arrow", ours_levels),
    Entry("whentocall: Polars, lazy", "polars", "arrow", ours_lazy, whole=True),
    Entry("whentocall: DuckDB", "duckdb", "bytes", ours_duckdb, whole=True),
    Entry("a loop over advise", "polars", "arrow", loop, whole=True),
)


def missing(entry: Entry) -> str:
    """What an entry lacks here, in words; empty if it can be measured."""
    names = [entry.package, "numpy", "polars", "pyarrow"]
    if entry.name.startswith("whentocall"):
        names += ["narwhals", "whentocall.tables.advising"]
    return ", ".join(one for one in names if not _there(one))


def _there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:
        return False
