"""`advise` row by row agrees on every column with Arrow, pandas, LazyFrame and DuckDB."""

import math
import random
from dataclasses import replace
from types import MappingProxyType

import polars as pl
import pytest

from support.optional import optional
from whentocall.tables import advise_table

duckdb, pd = optional("duckdb"), optional("pandas")

SHIPPED = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
WRITTEN = ("nested", "chained", "escalating", "fahrenheit")
EVERY = (*SHIPPED, "pump-line", *WRITTEN)

pytestmark = pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning")


def through_arrow(protocol, table, tables):
    return pl.from_arrow(
        advise_table(protocol, tables.arrow(table), columns=table.columns, unreadable="warn")
    )


def through_lazyframe(protocol, table, tables):
    return advise_table(protocol, tables.polars(table).lazy(), columns=table.columns).collect()


def through_streaming(protocol, table, tables):
    frame = tables.polars(table).lazy()
    return advise_table(protocol, frame, columns=table.columns).collect(engine="streaming")


def through_duckdb(protocol, table, tables):
    with duckdb.connect() as connection:
        relation = connection.from_arrow(tables.arrow(table))
        return pl.from_arrow(advise_table(protocol, relation, columns=table.columns).to_arrow_table())


def through_pandas(protocol, table, tables):
    return of_pandas(protocol, tables.arrow(table).to_pandas(), table)


def through_arrow_pandas(protocol, table, tables):
    return of_pandas(protocol, tables.arrow(table).to_pandas(types_mapper=pd.ArrowDtype), table)


def through_nullable_pandas(protocol, table, tables):
    return of_pandas(protocol, tables.arrow(table).to_pandas().convert_dtypes(), table)


def of_pandas(protocol, frame, table):
    found = advise_table(protocol, frame, columns=table.columns, unreadable="warn")
    kept = [*(one for one in frame.columns if one == "row"), *found.columns[len(frame.columns) :]]
    return pl.DataFrame({name: found[name].tolist() for name in kept}, strict=False)


THROUGH = {
    "arrow": through_arrow,
    "lazyframe": through_lazyframe,
    "streaming": through_streaming,
    "duckdb": through_duckdb,
    "pandas": through_pandas,
    "pandas of Arrow": through_arrow_pandas,
    "nullable pandas": through_nullable_pandas,
}


def as_in_pandas(table):
    """A number that is none is missing in the columns of pandas' own; those of Arrow know the difference."""
    series = {
        name: replace(
            one,
            cells=tuple(None if is_nan(cell) else cell for cell in one.cells),
            of="float64" if one.of == "float32" else one.of,  # a structure's numbers are Python's own
        )
        for name, one in table.series.items()
    }
    return replace(table, series=MappingProxyType(series))


def is_nan(cell):
    return isinstance(cell, float) and math.isnan(cell)


@pytest.fixture
def agrees(known, tables, results, differences):
    """Advises a table in some form; nothing may be otherwise than row by row, the rows in their order."""

    def check(name, form, table, wanted=None):
        expected = known(name)
        found = THROUGH[form](expected.protocol, table, tables)
        meant = as_in_pandas(table) if "pandas" in form and "Arrow" not in form else table
        wanted = expected.rows(meant) if wanted is None else wanted
        if "row" in table.series:
            assert list(table.series["row"].cells) == found["row"].to_list()
        assert [] == differences(wanted, results(found))

    return check


@pytest.mark.one_in(4)
@pytest.mark.parametrize("form", THROUGH)
@pytest.mark.parametrize("name", [*SHIPPED, "pump-line"])
def test_every_vector_gets_its_advice(name, form, known, tables, agrees):
    said = {"arrow": "beside", "duckdb": "typed", "pandas": "typed"}.get(form, "text")
    table, _ = tables.of_vectors(known(name).protocol, known(name).vectors(), said)

    agrees(name, form, table)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("form", THROUGH)
@pytest.mark.parametrize("name", EVERY)
def test_a_table_at_random_gets_the_same_row_by_row(name, form, known, tables, agrees):
    for seed in (11, 12) if name in WRITTEN else (13,):
        agrees(name, form, tables.make(random.Random(seed), known(name).protocol, 120))


DUCKDB = ("boolean", "int8", "uint64", "float32", "float64", "decimal", "text", "enum", "struct")
"""Kinds of column that DuckDB reads in ways of their own."""


@pytest.mark.parametrize("form", ["arrow", "duckdb"])
def test_every_odd_cell_is_read_alike(form, odd, tables, agrees):
    for table, wanted in odd(tables.KINDS if form == "arrow" else DUCKDB):
        agrees("wide", form, table, wanted)
