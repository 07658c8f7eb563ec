"""Every entry of the table benchmark gives what a loop over `advise` gives. Nothing is timed here."""

import json
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

pytest.importorskip("numpy")
pl = pytest.importorskip("polars")
pytest.importorskip("pyarrow")

ROWS = 400
KINDS = ["17", "32", "all-targeted-drugs"]
NAMES = [
    "floor: memory that is there",
    "floor: new memory",
    "floor: new memory, by Polars",
    "numba",
    "NumPy",
    "Polars, by hand",
    "DuckDB, SQL by hand",
    "whentocall: Polars",
    "whentocall: Polars, levels",
    "whentocall: Polars, lazy",
    "whentocall: DuckDB",
    "a loop over advise",
]


@pytest.fixture(scope="module")
def module():
    """A module of this folder, which is no package: its files are run as programs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        patch.setenv("POLARS_MAX_THREADS", "2")
        yield import_module


@pytest.fixture(scope="module")
def prepared(module, tmp_path_factory):
    """A function: the name of a table to the table, ready to be measured, and written only once."""

    @cache
    def prepare(kind, rows=ROWS):
        work = module("table_work").prepare(kind, rows, tmp_path_factory.mktemp("table"))
        module("table").settle_right(work)
        return work

    return prepare


def entry_called(module, name):
    """An entry; the test is skipped where its package is missing."""
    entry = next(one for one in module("table_entries").ENTRIES if one.name == name)
    lacks = module("table_entries").missing(entry)
    if lacks:
        pytest.skip(f"{lacks} is not installed")
    return entry


def test_all_entries_are_tried_here(module):
    assert NAMES == [one.name for one in module("table_entries").ENTRIES]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_an_entry_gives_what_advise_gives(module, prepared, name, kind):
    entry = entry_called(module, name)
    work = prepared(kind)

    for way in entry.build(work):
        module("table").check(name, way, work, way.call())


@pytest.mark.parametrize("name", ["numba", "NumPy", "Polars, by hand", "DuckDB, SQL by hand"])
def test_rules_beyond_one_number_of_bits_are_right_too(module, prepared, name):
    entry = entry_called(module, name)
    if name == "numba":
        pytest.skip("compiling so many rules takes seconds; the benchmark itself checks them")
    work = prepared("80", rows=60)
    (way, *_) = entry.build(work)

    module("table").check(name, way, work, way.call())
    assert 2 == len(work.right()[1])


def test_both_layouts_have_the_same_answers(module, prepared):
    work = prepared("all-targeted-drugs")
    again = module("table_work").framed(work.protocol(), work.arrays())

    assert work.frame().equals(again)
    assert list(work.protocol().questions) == again.columns


def test_the_tables_hold_what_makes_them_hard(prepared):
    frame = prepared("all-targeted-drugs", rows=20_000).frame()
    no, reported = ~pl.col("diarrhoea"), pl.col("loose_stools") > 0

    assert {37.5, 36.0} <= set(frame["temperature"])
    assert 0 < frame["temperature"].null_count() < 1_000
    assert 0 < frame.filter(no, reported).height < 100  # answers that contradict each other
    assert 0 < frame["took_fever_medicine"].sum()  # some temperatures are masked


def test_a_level_that_is_wrong_is_not_timed(module, prepared):
    work, table = prepared("17"), module("table")
    level, words = work.right()
    level[-1] = 5 if level[-1] != 5 else 4
    way = module("table_peers").Way("deaf", lambda: (level, words), lambda found: found)

    with pytest.raises(table.Wrong, match=f"in row {ROWS}"):
        table.check("somebody", way, work, way.call())


def test_a_rule_that_is_missing_is_not_timed(module, prepared):
    work, table = prepared("17"), module("table")
    level, (word,) = work.right()
    word[7] ^= 1 << 16
    way = module("table_peers").Way("deaf", lambda: (level, [word]), lambda found: found)

    with pytest.raises(table.Wrong, match=r"mask 1 .* in row 8"):
        table.check("somebody", way, work, way.call())


@pytest.mark.parametrize("column", ["at_least", "could_be", "rules", "settle"])
def test_a_column_that_is_wrong_is_not_timed(module, prepared, column):
    work, table = prepared("17"), module("table")
    sample = work.sample()
    sample[3][column] = "four" if isinstance(sample[3][column], str) else ["rule"]
    if sample == work.sample():
        sample[3][column] = "none"
    way = module("table_peers").Way(
        "deaf", list, lambda _: work.right(), lambda _: pl.DataFrame(sample, infer_schema_length=None)
    )

    with pytest.raises(table.Wrong, match="in row 4"):
        table.check("somebody", way, work, way.call())


def test_a_plan_that_disagrees_with_advise_stops_everything(module, tmp_path):
    work = module("table_work").prepare("17", ROWS, tmp_path)
    sample = work.sample()
    sample[5]["rules"] = ["benchmarks/card0/cold", "benchmarks/card0/hot"]
    (tmp_path / "sample.json").write_text(json.dumps(sample), "utf-8")

    with pytest.raises(module("table").Wrong, match="in row 6"):
        module("table").settle_right(work)


def test_what_is_not_installed_is_named(module, monkeypatch, capsys):
    monkeypatch.setattr(module("table_entries"), "find_spec", lambda name: None if name == "numba" else name)
    found = list(module("table").wanted(""))

    assert "left out: numba, without numba\n" == capsys.readouterr().out
    assert "numba" not in [one.name for one in found]
    assert "NumPy" in [one.name for one in found]


@pytest.mark.parametrize("kind", ["arrow", "parquet"])
def test_a_file_keeps_what_was_written(module, prepared, tmp_path, kind):
    files, frame = module("table_files"), prepared("17").frame()
    files.save(frame.to_arrow(), tmp_path / f"t.{kind}")

    assert frame.equals(pl.from_arrow(files.saved(tmp_path / f"t.{kind}")))
