"""`advise_table`: a table of answers in, the same table with the advice out."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, TypeVar

import narwhals as nw
import polars as pl

from whentocall.errors import TableError
from whentocall.protocol.protocol import Protocol
from whentocall.tables.absent_columns import absence
from whentocall.tables.bad_cells import bad_columns, commonest, shown
from whentocall.tables.columns import RESULTS, Columns, answered, column_of, used_names
from whentocall.tables.databases import Engine, engine_of
from whentocall.tables.frames import known_table, refuse_twice
from whentocall.tables.in_database import Query, advise_lazily
from whentocall.tables.in_memory import Count, Results
from whentocall.tables.outside import outside
from whentocall.tables.unreadable import Unreadable, as_python

Frame = TypeVar("Frame")

_AS_THEY_ARE: Columns = {}
_NAMED = 5  # bad cells that an error names


class TableWarning(UserWarning):
    """Something about a table that may not be meant."""


def advise_table(
    protocol: Protocol,
    frame: Frame,
    *,
    columns: Columns = _AS_THEY_ARE,
    strict: bool = False,
    unreadable: Literal["refuse", "warn"] = "refuse",
    prefix: str = "",
    results: Collection[str] = RESULTS,
) -> Frame:
    """The table with the advice for every row, as `advise` gives it for one person's answers.

    These columns are added after its own; rows stay in their order:

    - `level`, `at_least`, `could_be`: ids of levels;
    - `rules`: a list of the rules that hold, the most urgent first;
    - `settle`: a list of the questions to find an answer to, the most urgent first;
    - `bad_cells`: a list of the columns whose cell is no answer in this row. It was taken as "don't know", so
      that it cannot have lowered the level.

    Args:
        protocol: from `load`.
        frame: a Polars DataFrame or LazyFrame, a pandas DataFrame, an Arrow table, a DuckDB relation or a
            Spark DataFrame. The last two run the rules themselves, and of them nothing is read here. A row is
            a person. A column is a question's answers: true and false, numbers in the question's own unit,
            ids of choices, as such or as text. Null is "don't know"; a question without a column was not
            asked. Other columns are left as they are.
        columns: question id to where its answers stand and how they are written, if that is anything else.
        strict: refuse a table with bad cells. On an engine of its own this runs one query that counts them.
        unreadable: what to do about a column without one cell that can be read: "refuse" the table, or
            "warn". Only tables in memory are looked at for this. Of a LazyFrame, a DuckDB relation or a Spark
            DataFrame nothing is read here: see their `bad_cells`, or say `strict`.
        prefix: goes before the names of the columns that are added.
        results: those of them to add; lists take the most time and room. `bad_cells` is always among them.

    Raises:
        TableError: it is none of these tables, has no answers, has a column of one of those names or one of a
            type that no answer can have, has a column without one cell that can be read, or has bad cells and
            `strict` is set; or there is no such result.

    Warns:
        TableWarning: some questions have no column; with what that does to the levels. Or a column of a table
            in memory has bad cells; one warning for each, that with the most of them first.

    >>> import polars as pl, whentocall
    >>> from whentocall.tables import advise_table
    >>> answers = pl.DataFrame({"temperature": [38.2, 36.8, None], "headache": [False, True, True]})
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):  # 42 questions have no column here
    ...     advice = advise_table(whentocall.load("all-targeted-drugs"), answers)
    >>> advice["level"].to_list()
    ['immediately', 'contact', 'contact']
    >>> advice["rules"].to_list()[1]
    ['all-targeted-drugs/headache/any-headache']
    """
    if unreadable not in ("refuse", "warn"):
        raise TableError(f"there is no unreadable={unreadable!r}: write 'refuse' or 'warn'")
    if unknown := [name for name in results if name not in RESULTS]:
        raise TableError(f"there is no result '{unknown[0]}': there are {', '.join(RESULTS)}")
    named = {name: prefix + name for name in RESULTS if name in results or name == "bad_cells"}
    advised: Any
    with outside("the advice cannot be worked out"):
        if isinstance(frame, pl.LazyFrame):
            advised = _advise_lazyframe(protocol, frame, columns, named, strict=strict)
        elif (engine := engine_of(frame)) is not None:
            advised = _advise_elsewhere(protocol, frame, engine, columns, named, strict=strict)
        else:
            advised = _advise_here(protocol, frame, columns, named, strict=strict, unreadable=unreadable)
    return advised  # type: ignore[no-any-return]


def _advise_here(
    protocol: Protocol,
    frame: Any,
    columns: Columns,
    named: Mapping[str, str],
    *,
    strict: bool,
    unreadable: str,
) -> Any:
    table = known_table(frame)
    _check_names(protocol, table.names, columns, named.values())
    answers = table.read(used_names(protocol, columns, table.names))
    of = Results(protocol, answers.schema, columns, named)
    advised = of.counted(answers)
    bad = _bad_first(advised.counts)
    _refuse_columns([] if unreadable == "warn" else bad, answers, protocol, columns)
    if strict:
        _refuse_bad(of, answers, bad)
    for count in bad:
        warnings.warn(_about_bad(count, answers), TableWarning, stacklevel=3)
    return table.add(advised.results.rename(named))


def _advise_lazyframe(
    protocol: Protocol, frame: pl.LazyFrame, columns: Columns, named: Mapping[str, str], *, strict: bool
) -> pl.LazyFrame:
    schema = frame.collect_schema()
    _check_names(protocol, schema.names(), columns, named.values())
    used = used_names(protocol, columns, schema.names())
    places = [schema.names().index(name) for name in used]
    of = Results(protocol, {name: schema[name] for name in used}, columns, named)
    found = of.schema()

    def advised(batch: pl.DataFrame) -> pl.DataFrame:
        return batch.hstack(of.of(batch).rename(named))

    if strict:
        answers = frame.select(pl.nth(*places)).collect()
        bad = _bad_first(of.counted(answers).counts)
        _refuse_columns(bad, answers, protocol, columns)
        _refuse_bad(of, answers, bad)
    # What comes after needs the results, and so cannot be moved to where the table is read.
    return frame.map_batches(
        advised,
        schema={**schema, **{named[name]: dtype for name, dtype in found.items()}},
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
        streamable=True,
    )


def _advise_elsewhere(
    protocol: Protocol,
    frame: Any,
    engine: Engine,
    columns: Columns,
    named: Mapping[str, str],
    *,
    strict: bool,
) -> Any:
    names = engine.names(frame)
    _check_names(protocol, names, columns, named.values(), capitals=engine.capitals)
    query = advise_lazily(protocol, frame, engine, columns, named)
    if strict and query.bad:
        _refuse_counted(query)
    return query.frame


def _check_names(
    protocol: Protocol,
    names: Sequence[str],
    columns: Columns,
    results: Iterable[str],
    *,
    capitals: bool = True,
) -> None:
    """Refuse a table that cannot be meant; warn about one that may not be."""
    taken = {name if capitals else name.casefold(): name for name in names}
    for result in results:
        if (mine := result if capitals else result.casefold()) in taken:
            raise TableError(f"the table has a column '{taken[mine]}' already; use another prefix")
    refuse_twice(names, [column.name for column in answered(protocol, columns, names).values()])
    missing = absence(protocol, columns, names)
    if missing.questions and missing.text:
        warnings.warn("\n".join(missing.text), TableWarning, stacklevel=4)


def _refuse_counted(query: Query) -> None:
    """Refuse a table with bad cells, whose engine counts them; the columns with the most of them first."""
    every = nw.from_native(query.staged).select(*query.bad.values(), *query.known.values())
    counts = every.collect("pyarrow").rows()[0]
    bad = dict(zip(query.bad, counts, strict=False))
    known = dict(zip(query.known, counts[len(bad) :], strict=True))
    said = [
        f"column '{name}' has {bad[name]:,}{'' if known.get(name) else ', and not one answer'}"
        for name in sorted(bad, key=lambda name: -(bad[name] or 0))
        if bad[name]
    ]
    if said:
        raise TableError(f"some cells are no answers: {'; '.join(said)}")


def _refuse_columns(
    bad: Sequence[Count], answers: pl.DataFrame, protocol: Protocol, columns: Columns
) -> None:
    """Refuse a table with a column without one cell that can be read."""
    every = [
        Unreadable(
            protocol.questions[count.question],
            column_of(columns, count.question),
            count.bad,
            list(commonest(answers[count.column])),
        )
        for count in bad
        if not count.known
    ]
    if every:
        said = "; ".join(str(column) for column in every)
        raise TableError(f'{said}. Say what they mean:\ncolumns={as_python(every)}\nor unreadable="warn"')


def _about_bad(count: Count, answers: pl.DataFrame) -> str:
    assert count.first is not None
    such = shown(answers[count.column][count.first])
    cells = "1 cell is no answer" if count.bad == 1 else f"{count.bad:,} cells are no answers"
    return (
        f"column '{count.column}': {cells}, such as '{such}' in row {count.first + 1}; "
        'they count as "don\'t know"'
    )


def _bad_first(counts: Iterable[Count]) -> list[Count]:
    """Those with bad cells, the most of them first."""
    return sorted((count for count in counts if count.bad), key=lambda count: -count.bad)


def _refuse_bad(reader: Results, answers: pl.DataFrame, bad: Sequence[Count]) -> None:
    cells = (cell for column in bad_columns(reader, answers) for cell in column.listed(_NAMED))
    first = list(islice(cells, _NAMED)) if bad else []
    if first:
        raise TableError(f"some cells are no answers: {'; '.join(map(str, first))}")
