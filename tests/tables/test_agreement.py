"""`advise` row by row and a Polars DataFrame agree on every column, for every table."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.effort import examples
from whentocall.engine.answers import check_answers
from whentocall.engine.meaning import Cells, compared
from whentocall.tables import advise_table
from whentocall.tables.logic import advise_bits

SHIPPED = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
WRITTEN = ("nested", "chained", "escalating", "fahrenheit")
EVERY = (*SHIPPED, "pump-line", *WRITTEN)

pytestmark = pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning")

few = examples(25)


def advised(protocol, table, tables):
    return advise_table(protocol, tables.polars(table), columns=table.columns, unreadable="warn")


# the vectors


@pytest.mark.one_in(4)
@pytest.mark.parametrize("form", ["typed", "text", "beside"])
@pytest.mark.parametrize("name", [*SHIPPED, "pump-line"])
def test_every_vector_gets_its_advice(name, form, known, tables, results, differences):
    """What is not refused gets exactly what the vector says; what is, is a bad cell."""
    expected = known(name)
    table, vectors = tables.of_vectors(expected.protocol, expected.vectors(), form)
    found = results(advised(expected.protocol, table, tables))

    assert len(vectors) > 0.75 * len(expected.vectors())
    assert [] == differences(expected.rows(table), found)
    for vector, row in zip(vectors, found, strict=True):
        if "refused" not in vector.expect:
            assert [] == row["bad_cells"], vector.name
            row = {**row, "rules": sorted(row["rules"])}  # noqa: PLW2901
            assert row == {**row, **{one: vector.expect[one] for one in row if one in vector.expect}}, (
                vector.name
            )
        elif form == "typed":
            assert set(row["bad_cells"]) <= set(vector.expect["refused"]), vector.name


def test_vectors_that_are_refused_are_among_them(known, tables):
    """So that the test above is no test of good cells alone."""
    for form, least in (("typed", 20), ("text", 60), ("beside", 5)):
        expected = known("all-targeted-drugs")
        _, vectors = tables.of_vectors(expected.protocol, expected.vectors(), form)
        assert least <= sum("refused" in one.expect for one in vectors), form


# every cell that may be


def test_every_odd_cell_is_read_alike(known, odd, tables, results, differences):
    """Every cell at a limit, next to it, at the extremes of its type, and odd, in every kind of column."""
    tried = 0
    for table, wanted in odd(tables.KINDS):
        found = results(advised(known("wide").protocol, table, tables))
        assert [] == differences(wanted, found), table.columns
        tried += table.rows
    assert tried > 1000


# tables at random


@pytest.mark.one_in(6)
@pytest.mark.parametrize("name", EVERY)
def test_a_large_table_gets_the_same_row_by_row(name, known, tables, results, differences):
    expected = known(name)
    for seed in range(3 if name in SHIPPED else 6):
        table = tables.make(random.Random(seed), expected.protocol, 150)
        found = results(advised(expected.protocol, table, tables))
        assert [] == differences(expected.rows(table), found), (seed, table.columns)


@pytest.mark.one_in(4)
@pytest.mark.parametrize("name", WRITTEN)
@given(data=st.data())
@few
def test_a_small_table_gets_the_same_row_by_row(data, name, known, tables, results, differences):
    expected = known(name)
    table = data.draw(tables.tables(expected.protocol))
    found = results(advised(expected.protocol, table, tables))

    assert [] == differences(expected.rows(table), found)


@given(data=st.data())
@few
def test_protocols_at_random_get_the_same_row_by_row(data, oracle, protocols, tables, results, differences):
    protocol = data.draw(protocols.at_random())
    seed = data.draw(st.integers(0, 1_000_000))
    table = tables.make(random.Random(seed), protocol, 40)
    found = results(advised(protocol, table, tables))

    assert [] == differences(oracle.Oracle(protocol).rows(table), found)


# the masks alone


def bits_of(protocol, people):
    """The answers as the masks read them; a bit of a number is a row."""
    values = [check_answers(protocol, answers).values for answers in people]

    def bits(one, holds):
        return sum(
            1 << row for row, said in enumerate(values) if said.get(one) is not None and holds(said[one])
        )

    return {
        one: Cells(
            bits(one, lambda _: True),
            bits(one, bool),
            {test: bits(one, test.holds) for test in compared(protocol)[one]},
        )
        for one in protocol.questions
    }


def row_of(protocol, outcome, row):
    def on(bits):
        return bits if isinstance(bits, bool) else bool(bits >> row & 1)

    def level(reached):
        return protocol.levels[max((rank for rank, bits in enumerate(reached, 1) if on(bits)), default=0)].id

    return {
        "level": level(outcome.level),
        "at_least": level(outcome.at_least),
        "could_be": level(outcome.could_be),
        "rules": [one for one, bits in outcome.rules if on(bits)],
        "settle": [one for one, bits in outcome.settle if on(bits)],
        "bad_cells": [],
    }


@given(data=st.data())
@examples(120)
def test_the_masks_of_protocols_at_random_say_what_advise_says(data, oracle, protocols, differences):
    protocol = data.draw(protocols.at_random())
    people = data.draw(protocols.people_at_random(protocol))
    outcome = advise_bits(protocol, bits_of(protocol, people))
    expected = oracle.Oracle(protocol)

    found = [row_of(protocol, outcome, row) for row in range(len(people))]
    assert [] == differences([expected.row(answers) for answers in people], found)
