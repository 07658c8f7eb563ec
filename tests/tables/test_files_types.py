"""A column of any type is carried, or refused in one line before any work; answers are read or refused."""

import csv
import datetime as dt
import json
import os
import uuid
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from support.optional import optional
from whentocall.errors import TableError
from whentocall.tables import advise_table
from whentocall.tables.arrow_columns import column_of_arrow
from whentocall.tables.batch import Job, run_batch
from whentocall.tables.files.fitting import refuse_types
from whentocall.tables.files.source import Reading

duckdb, pd = optional("duckdb"), optional("pandas")

DAY = dt.date(2026, 1, 2)
NOON = dt.time(12, 30)
MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
AN_ID = uuid.UUID("12345678-1234-5678-1234-567812345678")
TEMPERATURE = Decimal("38.6")


def column(values, kind):
    return pa.array(values, kind)


def stored(kind, values):
    """A column of an extension type."""
    return pa.ExtensionArray.from_storage(kind, pa.array(values, kind.storage_type))


def runs(values, ends):
    return pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], ends), values)


def codes(values):
    return pa.DictionaryArray.from_arrays(pa.array([0, None], pa.int8()), values)


def union(kind):
    parts = [pa.array([1, None], pa.int8()), pa.array([None, "x"])]
    if kind == "sparse":
        return pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), parts)
    return pa.UnionArray.from_dense(pa.array([0, 1], pa.int8()), pa.array([0, 1], pa.int32()), parts)


def numbers():
    made = {"halffloat": column([38.5, None], pa.float16())}
    for kind in (pa.float32(), pa.float64()):
        made[str(kind)] = column([38.6, None], kind)
    for sign in ("", "u"):
        for bits in (8, 16, 32, 64):
            made[f"{sign}int{bits}"] = column([38, None], getattr(pa, f"{sign}int{bits}")())
    for kind in (pa.decimal32(4, 1), pa.decimal64(10, 2), pa.decimal128(20, 2), pa.decimal256(76, 38)):
        made[str(kind)] = column([TEMPERATURE, None], kind)
    made["decimal of hundreds"] = column([Decimal(1200), None], pa.decimal128(5, -2))
    return made


def times():
    made = {"date32": column([DAY, None], pa.date32()), "date64": column([DAY, None], pa.date64())}
    for unit in ("s", "ms", "us", "ns"):
        made[f"time {unit}"] = column([NOON, None], (pa.time32 if unit in "ms" else pa.time64)(unit))
        made[f"timestamp {unit}"] = column([MOMENT.replace(tzinfo=None), None], pa.timestamp(unit))
        made[f"duration {unit}"] = column([dt.timedelta(seconds=5), None], pa.duration(unit))
    for zone in ("Europe/Berlin", "+02:00", "Mars/Base"):
        made[f"timestamp in {zone}"] = column([1_767_322_800_000_000, None], pa.timestamp("us", zone))
    made["interval"] = column([pa.MonthDayNano([1, 2, 3]), None], pa.month_day_nano_interval())
    return made


def texts():
    made = {str(kind): column(["38.6", None], kind) for kind in (pa.string(), pa.large_string())}
    made["string_view"] = column(["38.6", None], pa.string_view())
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(2)):
        made[str(kind)] = column([b"ab", None], kind)
    return made


def nested():
    made = {}
    for kind in (pa.list_, pa.large_list, pa.list_view, pa.large_list_view):
        made[kind.__name__] = column([[1], None], kind(pa.int8()))
    inner = {
        "text": (["x"], pa.string()),
        "bytes": ([b"x"], pa.binary()),
        "decimal": ([TEMPERATURE], pa.decimal256(50, 3)),
        "small decimal": ([TEMPERATURE], pa.decimal32(4, 1)),
        "category": (["x"], pa.dictionary(pa.int8(), pa.string())),
        "list view": ([[1]], pa.list_view(pa.int8())),
        "map": ([[("a", 1)]], pa.map_(pa.string(), pa.int8())),
        "duration": ([dt.timedelta(seconds=1)], pa.duration("s")),
        "null": ([None], pa.null()),
    }
    for name, (values, kind) in inner.items():
        made[f"list of {name}"] = column([values, None], pa.list_(kind))
        made[f"struct of {name}"] = column([{"a": values[0]}, None], pa.struct([("a", kind)]))
        made[f"map to {name}"] = column([[("a", values[0])], None], pa.map_(pa.string(), kind))
    made["two numbers"] = column([[1, 2], None], pa.list_(pa.int8(), 2))
    made["empty struct"] = column([{}, None], pa.struct([]))
    made["map of numbers"] = column([[(1, 2)], None], pa.map_(pa.int8(), pa.int8()))
    return made


def encoded():
    decimals = pa.array([TEMPERATURE], pa.decimal256(50, 2))
    return {
        "category": codes(pa.array(["x"])),
        "category of numbers": codes(pa.array([38])),
        "category of yes and no": codes(pa.array([True])),
        "category of bytes": codes(pa.array([b"x"])),
        "category of decimals": codes(decimals),
        "category of large text": codes(pa.array(["x"], pa.large_string())),
        "runs of text": runs(pa.array(["x", None]), pa.int32()),
        "runs of numbers": runs(pa.array([38.6, None]), pa.int16()),
        "runs of decimals": runs(pa.array([TEMPERATURE, None], pa.decimal256(50, 2)), pa.int64()),
        "sparse union": union("sparse"),
        "dense union": union("dense"),
        "uuid": column([AN_ID.bytes, None], pa.uuid()),
        "json": column(['{"a": 1}', None], pa.json_()),
        "bool8": stored(pa.bool8(), [1, None]),
        "tensor": stored(pa.fixed_shape_tensor(pa.int8(), [2]), [[1, 2], None]),
        "opaque": stored(pa.opaque(pa.binary(), "thing", "somebody"), [b"x", None]),
        "null": pa.nulls(2),
        "bool": column([True, None], pa.bool_()),
    }


COLUMNS = {**numbers(), **times(), **texts(), **nested(), **encoded()}


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def batch(tmp_path, protocol, capfd):
    """`batch(table, "csv")` writes it and advises it. The value is the output, or why there is none."""

    def run(table, to, *, source="arrow"):
        path, out = tmp_path / f"in.{source}", tmp_path / f"out.{to}"
        if source == "arrow":
            with pa.ipc.new_file(path, table.schema) as writer:
                writer.write_table(table)
        else:
            parquet.write_table(table, path)
        try:
            run_batch(
                Job(
                    protocol,
                    path,
                    out,
                    Reading(source, most_rows=1),
                    to,
                    overwrite=True,
                    allow_unreadable=True,
                )
            )
        except TableError as error:
            assert not out.exists()
            assert [path.name] == [one.name for one in tmp_path.iterdir()]
            return str(error)
        finally:
            assert "panicked" not in capfd.readouterr().err
            for one in tmp_path.glob("*.bad-cells.csv"):
                one.unlink()
        return out

    return run


def cells(out):
    """What stands in the column `x`, as the format's plainest reader has it."""
    match out.suffix:
        case ".csv":
            with out.open(encoding="utf-8", newline="") as opened:
                return [row["x"] for row in csv.DictReader(opened)]
        case ".ndjson":
            return [json.loads(line)["x"] for line in out.read_bytes().splitlines()]
    return read(out)["x"].to_pylist()


def read(out):
    """A file of columns."""
    if out.suffix == ".parquet":
        return parquet.read_table(out)
    with pa.ipc.open_file(out) as reader:
        return reader.read_all()


def plain(values):
    """Values to compare. Python knows no time on Mars."""
    return (values.cast(pa.int64()) if "Mars" in str(values.type) else values).to_pylist()


def test_every_type_that_arrow_has_is_among_those_tried():
    def ids(kind):
        inner = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
        fields = [inner.field(place).type for place in range(inner.num_fields)]
        return {kind.id, inner.id}.union(*(ids(field) for field in fields)) if fields else {kind.id, inner.id}

    every = {value for name, value in vars(pa.lib).items() if name.startswith("Type_")}
    tried = set().union(*(ids(made.type) for made in COLUMNS.values()))
    not_made_here = {pa.lib.Type_INTERVAL_MONTHS, pa.lib.Type_INTERVAL_DAY_TIME}
    assert set() == every - tried - not_made_here


@pytest.mark.one_in(16)
@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("to", ["csv", "ndjson", "parquet", "arrow"])
def test_a_column_of_any_type_is_carried_or_refused_in_a_line_before_any_work(batch, name, to):
    table = pa.table({"headache": [True, None], "x": COLUMNS[name]})
    out = batch(table, to)
    if isinstance(out, str):
        assert f"column 'x' has the type {str(table.schema.field('x').type)[:50]}" in out
        assert f", which {to} cannot hold; " in out
        assert "\n" not in out
    elif to in ("parquet", "arrow"):
        assert plain(table["x"]) == plain(read(out)["x"])
    else:
        nothing = "" if to == "csv" else None
        assert [value is None for value in table["x"].to_pylist()] == [cell == nothing for cell in cells(out)]


def is_refused(kind, to):
    try:
        refuse_types(Path("in.arrow"), pa.schema([("x", kind)]), to)
    except TableError:
        return True
    return False


def test_few_types_are_refused():
    """What may be refused, so that the test above does not hold because everything is."""
    refused = {
        to: {name for name, values in COLUMNS.items() if is_refused(values.type, to)}
        for to in ("parquet", "arrow")
    }
    assert set() == refused["arrow"]
    assert {
        "decimal of hundreds",
        "interval",
        "empty struct",
        "sparse union",
        "dense union",
        "runs of text",
        "runs of numbers",
        "runs of decimals",
    } == refused["parquet"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("decimal256(76, 38)", "38.6"),
        ("runs of decimals", "38.6"),
        ("uuid", str(AN_ID)),
        ("decimal of hundreds", "1200"),
    ],
)
@pytest.mark.parametrize("to", ["csv", "ndjson"])
def test_what_polars_has_no_type_for_is_carried_as_text(batch, name, text, to):
    out = batch(pa.table({"headache": [True, None], "x": COLUMNS[name]}), to)
    assert text == cells(out)[0]


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", COLUMNS)
def test_answers_of_any_type_are_read_or_refused_with_their_column(batch, name):
    out = batch(pa.table({"headache": [True, None], "temperature": COLUMNS[name]}), "arrow")
    if isinstance(out, str):
        assert "'temperature'" in out
        assert "\n" not in out
    else:
        found = read(out)
        meant = found["temperature"][0].is_valid and "temperature" not in found["bad_cells"][0].as_py()
        assert ("immediately" if meant else "contact") == found["level"][0].as_py()


@pytest.mark.parametrize("kind", [pa.decimal256(76, 38), pa.decimal256(50, 2), pa.decimal32(4, 1)], ids=str)
@pytest.mark.parametrize("source", ["arrow", "parquet"])
def test_a_temperature_in_decimals_of_any_length_is_read(batch, kind, source):
    table = pa.table({"x": [1, 2], "temperature": pa.array([TEMPERATURE, Decimal("36.8")], kind)})
    out = batch(table, "parquet", source=source)
    found = parquet.read_table(out)
    assert ["immediately", "contact"] == found["level"].to_pylist()
    assert [[], []] == found["bad_cells"].to_pylist()
    assert kind == found.schema.field("temperature").type


def test_a_decimal_keeps_its_last_digit():
    """So that whether it is an answer is judged by what stands there, not by what is nearest to it."""
    long = pa.array(
        [Decimal("37.5" + "0" * 30 + "1"), Decimal("1E+3"), Decimal("-1E-9")], pa.decimal256(70, 40)
    )
    assert ["37.5" + "0" * 30 + "1", "1000", "-0.000000001"] == column_of_arrow(long).to_list()


@pytest.mark.one_in(6)
@pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning")
@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_in_memory_is_advised_or_refused_with_its_column(protocol, capfd, name):
    for asked, other in (("temperature", "headache"), ("x", "headache")):
        table = pa.table({other: [True, None], asked: COLUMNS[name]})
        try:
            advised = advise_table(protocol, table)
        except TableError as error:
            assert "'temperature'" in str(error)  # noqa: PT017  some types are read, others are not
            assert asked == "temperature"
        else:
            assert table.columns == advised.columns[:2]
    assert "panicked" not in capfd.readouterr().err


@pytest.mark.one_in(2)
@pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning")
@pytest.mark.parametrize("asked", ["temperature", "x"])
def test_a_polars_frame_with_a_column_of_any_type_is_advised_or_refused_with_it(protocol, asked):
    objects = {"object": pl.Series([object(), None], dtype=pl.Object)}
    for values in (*(column_of_arrow(made, carried=True) for made in readable()), *objects.values()):
        frame = pl.DataFrame({"headache": [True, None], asked: values})
        try:
            advised = advise_table(protocol, frame)
        except TableError as error:
            assert "'temperature'" in str(error)  # noqa: PT017  as above
            assert asked == "temperature"
        else:
            assert frame.equals(advised.select(frame.columns)) or values.dtype == pl.Object


def readable():
    """The columns that Polars has a type for."""
    for made in COLUMNS.values():
        if not is_refused(made.type, "ndjson") or pa.types.is_binary(made.type):
            yield made


@pytest.mark.engines
@pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning")
@pytest.mark.parametrize("asked", ["temperature", "x"])
@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("uuid()", False),
        ("interval 3 days", False),
        ("38::hugeint", True),
        ("38.6::decimal(38, 2)", True),
        ("38::bignum", False),
        ("bit '101'", False),
        ("'a'::blob", False),
        ("time '12:30'", False),
        ("[1]", False),
        ("{'a': 1}", False),
        ("map {'a': 1}", False),
        ("union_value(a := 1)", False),
        ("NULL", True),
    ],
)
def test_a_duckdb_relation_with_a_column_of_any_type_is_advised_or_refused_with_it(
    protocol, asked, value, read
):
    relation = duckdb.connect().sql(f"SELECT true AS headache, {value} AS {asked}")
    if asked == "x" or read:
        assert 1 == len(advise_table(protocol, relation).fetchall())
    else:
        with pytest.raises(TableError, match="column 'temperature'"):
            advise_table(protocol, relation)


@pytest.mark.engines
def test_decimals_of_arrow_in_pandas_are_read(protocol):
    values = pd.Series([TEMPERATURE, None], dtype=pd.ArrowDtype(pa.decimal256(76, 38)))
    with pytest.warns(match="No column answers"):
        advised = advise_table(protocol, pd.DataFrame({"temperature": values}))
    assert ["immediately", "contact"] == advised["level"].to_list()


def test_dictionaries_that_differ_between_groups_of_rows_are_carried(tmp_path, protocol):
    """As many writers of Parquet make them; Arrow files have one dictionary for all rows."""
    category = pa.dictionary(pa.int8(), pa.string())
    parts = [
        pa.table(
            {
                "headache": [True],
                "x": pa.array([word], category),
                "y": pa.array([[word]], pa.list_(category)),
            }
        )
        for word in ("a", "b", "c")
    ]
    table = pa.concat_tables(parts)
    with pa.ipc.new_stream(tmp_path / "in.arrow", table.schema) as writer:
        writer.write_table(table)
    for to in ("parquet", "arrow", "csv"):
        kept = ["headache", "x"] if to == "csv" else ["headache", "x", "y"]
        if to == "csv":
            parquet.write_table(table.select(kept), tmp_path / "in.parquet")
        source = "parquet" if to == "csv" else "arrow"
        out = tmp_path / f"out.{to}"
        run_batch(Job(protocol, tmp_path / f"in.{source}", out, Reading(source, most_rows=2), to))
        assert ["a", "b", "c"] == cells(out)
