"""Rows stay in their order, also on engines that would rather have them in another."""

import random

import polars as pl
import pytest

from support.optional import optional
from whentocall import load
from whentocall.tables import advise_table
from whentocall.tables.advising import TableWarning
from whentocall.tables.columns import Column

duckdb = optional("duckdb")

ROWS = 300_000  # DuckDB hands its threads 122,880 rows at a time


@pytest.mark.engines
@pytest.mark.parametrize("words", [{}, {f"brand {one}": "imatinib" for one in range(60)}])
def test_duckdb_keeps_rows_in_their_order(words):
    """A long list of options had made it a join, which gave them back in another."""
    protocol, chance = load("all-targeted-drugs"), random.Random(3)
    drugs = [*protocol.questions["drug"].options, *words, "nothing known"]
    people = pl.DataFrame(
        {
            "row": range(ROWS),
            "drug": chance.choices(drugs, k=ROWS),
            "headache": chance.choices([True, False, None], k=ROWS),
        }
    )
    connection = duckdb.connect(config={"threads": 4})
    connection.from_arrow(people.to_arrow()).create("people")  # of which threads read parts, unlike of Arrow
    columns = {"drug": Column("drug", words=words)}
    with pytest.warns(TableWarning):
        there = advise_table(protocol, connection.table("people"), columns=columns).pl()
    with pytest.warns(TableWarning):
        here = advise_table(protocol, people, columns=columns)

    assert list(range(ROWS)) == there["row"].to_list()
    assert here["bad_cells"].to_list() == there["bad_cells"].to_list()
    assert here["level"].cast(pl.String).equals(there["level"])
