"""`advise` row by row and Spark agree on every column, with few and large jobs."""

import random

import polars as pl
import pytest

from whentocall.tables import advise_table

SHIPPED = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")

pytestmark = [
    pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning"),
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning"
    ),  # Spark leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

KINDS = ("boolean", "int8", "int16", "int32", "int64", "float32", "float64", "decimal", "text", "struct")
"""Kinds of column that Spark has: nothing unsigned, no categories."""


@pytest.fixture
def agrees(spark, known, tables, results, differences):
    """Advises a table as a Spark DataFrame, in one job; nothing may be otherwise than row by row."""

    def check(name, table, wanted=None):
        expected = known(name)
        numbered = tables.with_places(table)
        frame = spark.createDataFrame(tables.arrow(numbered))
        advised = advise_table(expected.protocol, frame, columns=table.columns)
        found = pl.from_arrow(advised.toArrow())
        assert [
            *numbered.series,
            "level",
            "at_least",
            "could_be",
            "rules",
            "settle",
            "bad_cells",
        ] == found.columns
        found = found.sort(found.columns[0])
        assert list(range(table.rows)) == found[:, 0].to_list()
        assert [] == differences(expected.rows(table) if wanted is None else wanted, results(found))

    return check


@pytest.mark.parametrize("name", [*SHIPPED, "pump-line"])
def test_every_vector_gets_its_advice(name, known, tables, agrees):
    form = "text" if name == "pump-line" else "typed"
    table, _ = tables.of_vectors(known(name).protocol, known(name).vectors(), form)

    agrees(name, table)


@pytest.mark.parametrize("name", ["chained", "escalating"])
def test_a_table_at_random_gets_the_same_row_by_row(name, known, tables, agrees):
    agrees(name, tables.make(random.Random(21), known(name).protocol, 300, kinds=KINDS))


@pytest.mark.parametrize("kind", ["float64", "text"])
def test_every_odd_cell_is_read_alike(kind, odd, agrees):
    """Of the kinds with the oddest cells, one at a time: the wider a table, the longer Spark plans."""
    for table, wanted in odd((kind,)):
        agrees("wide", table, wanted)
