"""`advise_table` for whoever calls it: what comes back, what is refused, and what is left alone."""

import datetime as dt
import random
import warnings
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from support.optional import optional
from whentocall import load
from whentocall.errors import TableError
from whentocall.tables import Column, advise_table, bad_cells
from whentocall.tables.advising import TableWarning

duckdb, pd = optional("duckdb"), optional("pandas")

pytestmark = pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning")

RESULTS = ["level", "at_least", "could_be", "rules", "settle", "bad_cells"]
ROWS = {"who": ["a", "b", "c"], "temperature": [38.2, 36.8, None], "headache": [False, True, None]}


@pytest.fixture(scope="module")
def frame():
    return pl.DataFrame(ROWS)


# what comes back


def test_the_columns_and_rows_of_the_table_are_kept_and_the_results_come_after(protocol, frame):
    advised = advise_table(protocol, frame)

    assert [*ROWS, *RESULTS] == advised.columns
    assert_frame_equal(frame, advised.select(list(ROWS)))
    assert ["immediately", "contact", "contact"] == advised["level"].to_list()


@pytest.mark.engines
def test_levels_are_ordered_by_urgency_in_polars_and_in_pandas(protocol, frame):
    ids = [level.id for level in protocol.levels]
    advised = advise_table(protocol, frame)
    of_pandas = advise_table(protocol, pd.DataFrame(ROWS))

    assert ids == advised.schema["level"].categories.to_list()
    assert ids == of_pandas["level"].cat.categories.to_list()
    assert of_pandas["level"].cat.ordered
    assert "immediately" == of_pandas["level"].max()


KINDS = {
    "polars": lambda frame: frame,
    "lazyframe": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "arrow": lambda frame: frame.to_arrow(),
    "duckdb": lambda frame: duckdb.connect().from_arrow(frame.to_arrow()),
}


def made(kind):
    return KINDS[kind](pl.DataFrame(ROWS)) if kind != "pandas" else pd.DataFrame(ROWS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_comes_back_as_what_it_was(kind, protocol):
    frame = made(kind)
    advised = advise_table(protocol, frame)

    assert type(frame) is type(advised)
    names = (
        advised.collect_schema().names() if kind == "lazyframe" else getattr(advised, "column_names", None)
    )
    assert [*ROWS, *RESULTS] == list(names or advised.columns)


@pytest.mark.parametrize("kind", ["polars", "pandas", "arrow"])
def test_the_table_that_is_given_is_not_changed(kind, protocol):
    frame, untouched = made(kind), made(kind)
    advise_table(protocol, frame, columns={"headache": Column("headache", words={"true": False})})

    assert frame.equals(untouched)


@pytest.mark.engines
def test_the_index_of_pandas_is_kept(protocol):
    frame = pd.DataFrame(ROWS, index=["x", "y", "x"])
    advised = advise_table(protocol, frame)

    assert ["x", "y", "x"] == list(advised.index)
    assert ["immediately", "contact", "contact"] == list(advised["level"])


@pytest.mark.engines
def test_rows_of_pandas_in_another_order_keep_their_own_advice(protocol):
    frame = pd.DataFrame(ROWS).iloc[::-1]

    assert ["contact", "contact", "immediately"] == list(advise_table(protocol, frame)["level"])


def test_a_part_of_a_table_and_a_table_in_parts_get_the_same(protocol, tables):
    """What lies in memory elsewhere than at a byte's beginning, or in pieces."""
    table = tables.make(random.Random(5), protocol, 70)
    frame = tables.polars(table)
    whole = advise_table(protocol, frame, columns=table.columns, unreadable="warn")

    for first in (1, 3, 8, 13):
        part = advise_table(protocol, frame.slice(first, 37), columns=table.columns, unreadable="warn")
        assert_frame_equal(whole.slice(first, 37), part)
    pieces = pl.concat([frame.slice(first, 11) for first in range(0, 70, 11)], rechunk=False)
    assert_frame_equal(whole, advise_table(protocol, pieces, columns=table.columns, unreadable="warn"))


def test_a_table_of_many_batches_gets_the_same_in_its_order(known, tables):
    expected = known("pump-line")
    table, vectors = tables.of_vectors(expected.protocol, expected.vectors(), "text")
    frame, times = tables.polars(table), 1200
    once = advise_table(expected.protocol, frame, columns=table.columns, unreadable="warn")
    many = advise_table(
        expected.protocol, pl.concat([frame] * times), columns=table.columns, unreadable="warn"
    )

    assert times * len(vectors) > 2 * 262_144
    assert many.equals(pl.concat([once] * times))


# nothing, and next to nothing


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_without_rows_comes_back_with_the_columns(kind, protocol):
    frame = made(kind)
    empty = (
        frame.filter("false") if kind == "duckdb" else frame[:0] if kind == "pandas" else frame.slice(0, 0)
    )
    advised = advise_table(protocol, empty)
    if kind == "lazyframe":
        advised = advised.collect()
    if kind == "duckdb":
        advised = advised.to_arrow_table()

    assert 0 == len(advised)
    assert [*ROWS, *RESULTS] == list(getattr(advised, "column_names", None) or advised.columns)


@pytest.mark.engines
def test_a_table_without_columns_or_without_answers_is_refused(protocol):
    for frame in (pl.DataFrame(), pd.DataFrame(), pd.DataFrame(index=[1, 2]), pl.DataFrame({"name": ["a"]})):
        with pytest.raises(TableError, match="no column answers a question of 'all-targeted-drugs'"):
            advise_table(protocol, frame)


def test_one_row_gets_its_advice(protocol):
    assert ["emergency"] == advise_table(protocol, pl.DataFrame({"chest_pain": [True]}))["level"].to_list()


@pytest.mark.engines
def test_a_column_of_nothing_but_nulls_is_not_known(protocol):
    for frame in (
        pl.DataFrame({"chest_pain": [None, None]}),
        pd.DataFrame({"chest_pain": [None, None]}),
        pa.table({"chest_pain": pa.nulls(2)}),
    ):
        advised = advise_table(protocol, frame)
        assert ["contact"] * 2 == list(advised["level"]) or ["contact"] * 2 == advised["level"].to_pylist()
        assert [[], []] == [list(one) for one in pl.DataFrame(advised)["bad_cells"].to_list()]


# names


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RESULTS)
def test_a_name_that_the_table_has_is_refused_and_a_prefix_helps(kind, name, protocol):
    frame = made(kind)
    if kind == "arrow":
        frame = frame.rename_columns([name, "temperature", "headache"])
    elif kind == "duckdb":
        frame = frame.project(f'who AS "{name}", temperature, headache')
    else:
        frame = frame.rename(columns={"who": name}) if kind == "pandas" else frame.rename({"who": name})
    with pytest.raises(TableError, match=f"'{name}' already"):
        advise_table(protocol, frame)

    advised = advise_table(protocol, frame, prefix="our ")
    names = (
        advised.collect_schema().names() if kind == "lazyframe" else getattr(advised, "column_names", None)
    )
    assert [name, "temperature", "headache", *(f"our {one}" for one in RESULTS)] == list(
        names or advised.columns
    )


@pytest.mark.engines
def test_a_column_that_stands_there_twice_is_refused_if_it_has_answers(protocol):
    arrow = pa.table([[True], [False], [1], [2]], names=["headache", "headache", "other", "other"])
    frame = pd.DataFrame([[True, False]], columns=["headache", "headache"])

    for twice in (arrow, frame):
        with pytest.raises(TableError, match="2 columns 'headache'"):
            advise_table(protocol, twice)
    kept = advise_table(protocol, arrow.select([0, 2, 3]))
    assert ["headache", "other", "other", *RESULTS] == kept.column_names


@pytest.mark.engines
def test_columns_of_our_own_making_do_not_meet_those_of_the_table(protocol):
    frame = pl.DataFrame({"headache": [True, None], **{f"_w{place}": ["x", "y"] for place in range(8)}})
    frame = frame.with_columns(c0=pl.lit("c"), one=pl.lit("o"), t0=pl.lit("t"), l0=pl.lit("l"))
    plain = advise_table(protocol, frame.select("headache")).select(RESULTS)

    assert_frame_equal(plain, advise_table(protocol, frame).select(RESULTS))
    through = advise_table(protocol, duckdb.connect().from_arrow(frame.to_arrow())).to_arrow_table()
    assert frame.columns == through.column_names[: len(frame.columns)]
    assert plain["level"].to_list() == through.column("level").to_pylist()


# what is refused


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (pl.Series("headache", [dt.date(2026, 11, 21)]), "'headache'"),
        (pl.Series("headache", [[True]]), "'headache'"),
        (pl.Series("headache", [b"true"]), "'headache'"),
        (pl.Series("headache", [{"value": 38.0, "unit": "°C"}]), "'headache'"),
        (pl.Series("temperature", [{"value": 38.0}]), "'temperature'"),
        (pl.Series("temperature", [{"value": "38", "unit": "°C"}]), "'temperature'"),
        (pl.Series("temperature", [{"value": 38.0, "unit": "°C", "at": "ear"}]), "'temperature'"),
        (pl.Series("temperature", [dt.timedelta(1)]), "'temperature'"),
    ],
    ids=lambda value: f"{value.name} {value.dtype}" if isinstance(value, pl.Series) else "",
)
@pytest.mark.parametrize("kind", ["polars", "lazyframe", "arrow", "duckdb"])
def test_a_column_of_a_type_that_no_answer_has_is_refused_by_name(column, says, kind, protocol):
    with pytest.raises(TableError, match=says):
        advise_table(protocol, KINDS[kind](column.to_frame()))


@pytest.mark.engines
def test_a_column_of_pandas_with_all_sorts_in_it_is_refused_by_name(protocol):
    for mixed in ([True, "no", 3], [object(), None, None], [{"value": 1}, "a", 2.5]):
        with pytest.raises(TableError, match="'headache'"):
            advise_table(protocol, pd.DataFrame({"headache": pd.Series(mixed, dtype=object)}))


@pytest.mark.parametrize(
    "frame", [None, {"headache": [True]}, [[True]], "a.csv", pl.Series("headache", [True])]
)
def test_what_is_no_table_is_refused(frame, protocol):
    with pytest.raises(TableError, match="unknown kind of table"):
        advise_table(protocol, frame)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"headaches": Column("x")}, "no question 'headaches'"),
        ({"headache": Column("headache", words={"ja": "yes"})}, "the word 'ja' means 'yes'"),
        ({"headache": Column("headache", words={" ": False})}, "empty"),
        ({"headache": Column("headache", unit="°C")}, "has no unit; only a temperature has"),
        ({"temperature": Column("temperature", unit="K")}, "'K'"),
        ({"temperature": Column("temperature", unit_column="unit")}, "'unit'"),
        (
            {"headache": Column("headache", words={"1": True, "1,0": False})},
            "'1' and '1,0' are the same word",
        ),
        (
            {"headache": Column("headache", words={"ja": True, "JA": False})},
            "'ja' and 'JA' are the same word",
        ),
        ({"temperature": Column("temperature", words={"high": 400})}, "400"),
        ({"loose_stools": Column("headache", words={"some": 3.5})}, "the word 'some' means 3.5"),
        ({"diarrhoea_days": Column("headache", words={"since then": 3.9999999})}, "means 3.9999999"),
        ({"chest_pain": Column("headache")}, "'chest_pain' and 'headache'"),
    ],
)
@pytest.mark.parametrize("kind", ["polars", "lazyframe", "duckdb"])
def test_what_cannot_be_meant_of_a_column_is_refused(columns, says, kind, protocol, frame):
    with pytest.raises(TableError) as caught:
        advise_table(protocol, KINDS[kind](frame), columns=columns)
    assert says in str(caught.value)


# columns that cannot be read

IN_MEMORY = {kind: KINDS[kind] for kind in ("polars", "pandas", "arrow")}


@pytest.mark.parametrize("kind", IN_MEMORY)
@pytest.mark.parametrize(
    ("question", "cells", "column"),
    [
        ("headache", ["1", "0"], Column("headache", words={"1": True, "0": False})),
        ("headache", [1, 0], Column("headache", words={"1": True, "0": False})),
        ("headache", ["Ja", "nein"], Column("headache", words={"Ja": True, "nein": False})),
        ("temperature", [101.5, 98.0], Column("temperature", unit="°F")),
        ("temperature", ["101,5", "98"], Column("temperature", unit="°F")),
    ],
)
def test_a_column_that_cannot_be_read_is_refused_and_what_is_said_helps(
    kind, question, cells, column, protocol
):
    frame = IN_MEMORY[kind](pl.DataFrame({question: cells, "rash": [True, False]}))
    with pytest.raises(TableError, match=f"column '{question}': none of its 2 cells can be read") as caught:
        advise_table(protocol, frame)

    said = str(caught.value).splitlines()[1].removeprefix("columns=")
    columns = eval(said, {"Column": Column})  # to be pasted into a program
    assert {question: column} == columns
    assert isinstance(advise_table(protocol, frame, columns=columns, strict=True), type(frame))


def test_what_cannot_be_guessed_of_a_column_has_to_be_filled_in(protocol):
    with pytest.raises(TableError) as caught:
        advise_table(protocol, pl.DataFrame({"headache": ["2", "2", "1"]}))
    said = str(caught.value).splitlines()[1].removeprefix("columns=")
    assert "{'headache': Column('headache', words={'2': ..., '1': ...})}" == said
    columns = eval(said, {"Column": Column})
    with pytest.raises(TableError, match="the word '2' means Ellipsis, which is not true, false"):
        advise_table(protocol, pl.DataFrame({"headache": ["2"]}), columns=columns)


@pytest.mark.parametrize("kind", IN_MEMORY)
def test_a_column_that_cannot_be_read_can_be_let_pass(kind, protocol):
    frame = IN_MEMORY[kind](pl.DataFrame({"headache": ["1", "0"]}))
    with pytest.warns(TableWarning, match="column 'headache': 2 cells are no answers, such as '1' in row 1"):
        advised = advise_table(protocol, frame, unreadable="warn")
    assert ["contact", "contact"] == list(IN_MEMORY["polars"](pl.DataFrame(advised))["level"])


def test_each_column_with_bad_cells_gets_a_warning_the_most_of_them_first(protocol):
    cells = {
        "headache": ["no", "no", "Ja", "no"],
        "rash": ["x", "no", "x", "y"],
        "temperature": [37, 99, 98, 36],
    }
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        advise_table(protocol, pl.DataFrame(cells))

    assert [
        "column 'rash': 3 cells are no answers, such as 'x' in row 1",
        "column 'temperature': 2 cells are no answers, such as '99' in row 2",
        "column 'headache': 1 cell is no answer, such as 'Ja' in row 3",
    ] == [str(one.message).partition(";")[0] for one in caught if "No column" not in str(one.message)]
    assert {__file__} == {one.filename for one in caught}


def test_the_first_bad_cell_is_found_behind_many_good_ones(protocol):
    """The first of all batches, by its place in the table."""
    cells = pl.Series("headache", ["no"]).new_from_index(0, 600_000)
    cells = cells.scatter([300_007, 500_000], ["Ja", "x"])
    with pytest.warns(TableWarning, match="2 cells are no answers, such as 'Ja' in row 300008"):
        advise_table(protocol, cells.to_frame(), results=["level"])


def test_there_are_two_ways_with_a_column_that_cannot_be_read(protocol, frame):
    with pytest.raises(TableError, match="there is no unreadable='ignore': write 'refuse' or 'warn'"):
        advise_table(protocol, frame, unreadable="ignore")


# strict


@pytest.mark.parametrize("kind", ["polars", "lazyframe", "pandas", "arrow"])
def test_strict_names_row_column_value_and_what_would_be_right(kind, protocol):
    frame = pl.DataFrame({"headache": ["true", "perhaps", None], "temperature": ["37", "37;5", "386"]})
    with pytest.raises(TableError) as caught:
        advise_table(protocol, KINDS[kind](frame), strict=True)

    assert "row 2, column 'headache': 'perhaps' is not true, false or empty" in str(caught.value)
    assert "row 2, column 'temperature': '37;5' is not a temperature from 30 to 45 °C" in str(caught.value)


@pytest.mark.engines
def test_strict_counts_the_bad_cells_of_an_engine_of_its_own(protocol):
    relation = duckdb.connect().from_arrow(
        pa.table({"headache": ["x", "y", "true"], "chest_pain": [1, None, None]})
    )
    with pytest.raises(
        TableError, match=r"column 'headache' has 2; column 'chest_pain' has 1, and not one answer"
    ):
        advise_table(protocol, relation, strict=True)


@pytest.mark.parametrize("kind", KINDS)
def test_strict_lets_a_table_of_good_cells_pass(kind, protocol):
    assert type(made(kind)) is type(advise_table(protocol, made(kind), strict=True))


def test_bad_cells_lists_every_one_with_row_column_and_value(protocol):
    frame = pl.DataFrame({"headache": ["true", "perhaps", None], "temperature": [37.0, float("nan"), 386.0]})
    found = bad_cells(protocol, frame)

    assert [(2, "headache", "perhaps"), (2, "temperature", "NaN"), (3, "temperature", "386.0")] == [
        (row, column, {"nan": "NaN"}.get(value, value)) for row, column, value, _ in found.rows()
    ]
    assert found["expected"][0].startswith("true, false or empty")


def test_bad_cells_agrees_with_the_column_of_that_name(known, tables):
    expected = known("chained")
    table = tables.make(random.Random(3), expected.protocol, 60)
    frame = tables.polars(table)
    listed = {}
    for row, column, _, _ in bad_cells(expected.protocol, frame, columns=table.columns).rows():
        listed.setdefault(row - 1, set()).add(column)

    advised = advise_table(expected.protocol, frame, columns=table.columns, unreadable="warn")
    advised = advised["bad_cells"].to_list()
    assert {row: set(cells) for row, cells in enumerate(advised) if cells} == listed
    assert sum(map(len, listed.values())) > 20


# questions without a column


def test_questions_without_a_column_count_as_not_asked_and_are_named(protocol, frame):
    nulls = {one: None for one in protocol.questions if one not in frame.columns}
    with pytest.warns(TableWarning, match="chest_pain"):
        without = advise_table(protocol, frame)
    with warnings.catch_warnings(action="error"):
        with_nulls = advise_table(protocol, frame.with_columns(**nulls))

    assert_frame_equal(without.select(RESULTS[:5]), with_nulls.select(RESULTS[:5]))


# lazy, threads


def test_a_lazyframe_is_not_read(protocol):
    def read(_):
        raise AssertionError("it was read")

    frame = pl.LazyFrame(ROWS).map_batches(read, schema=pl.DataFrame(ROWS).schema)
    advised = advise_table(protocol, frame)

    assert [*ROWS, *RESULTS] == advised.collect_schema().names()


@pytest.mark.engines
def test_a_query_of_duckdb_is_not_run(protocol):
    relation = duckdb.connect().sql("SELECT error('it was run')::BOOLEAN AS headache")
    advised = advise_table(protocol, relation)

    assert ["headache", *RESULTS] == advised.columns
    with pytest.raises(duckdb.Error, match="it was run"):
        advised.fetchall()


def test_what_follows_a_lazyframe_gets_the_right_rows_and_columns(protocol):
    """Filters, slices and columns chosen afterwards."""
    whole = advise_table(protocol, pl.DataFrame(ROWS))
    lazy = advise_table(protocol, pl.LazyFrame(ROWS))

    assert_frame_equal(whole.filter(pl.col("who") != "a"), lazy.filter(pl.col("who") != "a").collect())
    assert_frame_equal(whole.select("level"), lazy.select("level").collect())
    assert_frame_equal(whole.slice(1, 1), lazy.slice(1, 1).collect())
    assert_frame_equal(whole.sort("who", descending=True), lazy.sort("who", descending=True).collect())
    assert_frame_equal(whole.filter(headache=True), lazy.filter(headache=True).collect(engine="streaming"))


def test_eight_threads_with_one_protocol_get_what_one_gets(tables):
    protocol = load("all-targeted-drugs")  # of its own, so that nothing has been worked out before
    several = [tables.make(random.Random(seed), protocol, 40) for seed in range(8)]

    def advised(table):
        frame = tables.polars(table)
        return advise_table(protocol, frame, columns=table.columns, unreadable="warn")

    with warnings.catch_warnings(action="ignore"), ThreadPoolExecutor(8) as pool:
        together = list(pool.map(advised, several))
    alone = [advised(table) for table in several]
    for one, other in zip(alone, together, strict=True):
        assert_frame_equal(one, other)
