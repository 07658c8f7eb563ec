"""What a trace says is what its SQL says, however much of it is kept in columns on the way."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.optional import optional
from whentocall.engine.program import Trace
from whentocall.tables.databases import engine_of
from whentocall.tables.sql import Sql

duckdb = optional("duckdb")

pytestmark = pytest.mark.engines
NAMES = ("a", "b", "c", "d")
ROWS = list(itertools.product((False, True), repeat=len(NAMES)))


@st.composite
def traced(draw):
    """A trace with some results, and for each of them its value in every row."""
    trace = Trace()
    bits = [trace.input("", name) for name in NAMES]
    values = [[row[place] for row in ROWS] for place in range(len(NAMES))]
    for _ in range(draw(st.integers(1, 40))):
        one, other = (draw(st.integers(0, len(bits) - 1)) for _ in range(2))
        match draw(st.sampled_from("&|~")):
            case "&":
                bits.append(bits[one] & bits[other])
                values.append([x and y for x, y in zip(values[one], values[other], strict=True)])
            case "|":
                bits.append(bits[one] | bits[other])
                values.append([x or y for x, y in zip(values[one], values[other], strict=True)])
            case "~":
                bits.append(~bits[one])
                values.append([not x for x in values[one]])
    chosen = draw(st.lists(st.integers(0, len(bits) - 1), min_size=1, max_size=6))
    return trace, [bits[place] for place in chosen], [values[place] for place in chosen]


@given(traced())
def test_it_gives_what_the_operations_give(drawn):
    trace, results, wanted = drawn
    sql = Sql(trace, results, "s")
    values = ", ".join(f"({', '.join(map(str, row))})" for row in ROWS)
    with duckdb.connect() as connection:
        frame = connection.sql(f"SELECT * FROM (VALUES {values}) AS t({', '.join(NAMES)})")
        for stage in sql.stages:
            frame = frame.project(", ".join(["*", *(f"{text} AS {name}" for name, text in stage.items())]))
        rows = frame.project(", ".join([*NAMES, *map(sql.of, results)])).fetchall()

    assert {(*row, *held) for row, held in zip(ROWS, zip(*wanted, strict=True), strict=True)} == set(rows)


def test_a_constant_needs_no_column():
    sql = Sql(Trace(), [True, False], "s")

    assert [] == sql.stages
    assert ["true", "false"] == [sql.of(bit) for bit in (True, False)]


def test_what_is_large_and_used_twice_is_worked_out_once():
    trace = Trace()
    a, b, c, d = (trace.input("", name) for name in NAMES)
    large = a & b & c & d
    sql = Sql(trace, [large, ~large], "s")

    assert [["s6"]] == [list(stage) for stage in sql.stages]
    assert ["s6", "(NOT s6)"] == [sql.of(bit) for bit in (large, ~large)]


def test_an_expression_never_grows_without_bound():
    """A parser does not take any depth."""
    trace = Trace()
    bit = trace.input("", "a")
    for place in range(2000):
        bit = ~(bit & trace.input("", f"x{place}"))
    sql = Sql(trace, [bit], "s")

    assert max(len(text) for stage in sql.stages for text in stage.values()) < 2000
    assert len(sql.of(bit)) < 2000


TEXTS = ("plain", "it's", 'say "so"', "back\\slash", "new\nline", "''", "é", "\\u0041", "{0}", "%s", "a;--")


def test_duckdb_takes_a_text_for_what_it_is():
    with duckdb.connect() as connection:
        frame = connection.sql("SELECT true AS held")
        engine = engine_of(frame)
        listed = engine.select(frame, [engine.listed([(text, "held") for text in TEXTS])])

        assert [(list(TEXTS),)] == listed.fetchall()


def test_spark_takes_a_text_for_what_it_is(spark):
    frame = spark.sql("SELECT true AS held")
    engine = engine_of(frame)
    listed = engine.select(frame, [engine.listed([(text, "held") for text in TEXTS])])

    assert [list(TEXTS)] == [row[0] for row in listed.collect()]
