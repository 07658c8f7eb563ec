"""Nothing that Polars, Arrow, narwhals or DuckDB raises leaves `embed/table`, panics of Rust included.

A panic is put into every line of ours that calls one of them, one line at a time.
"""

import os
import sys
import threading

import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from support.effort import some
from support.optional import optional
from whentocall.cli import main
from whentocall.errors import TableError
from whentocall.tables import advise_table, bad_cells, impact_of
from whentocall.tables.outside import NotWritten, outside, reading_file, writing

duckdb, pd = optional("duckdb"), optional("pandas")

ALL = "all-targeted-drugs"
PACKAGES = ("polars", "narwhals", "pandas")
PEOPLE = {"temperature": [38.2, 36.8, 99.0], "headache": [None, True, False]}


class PanicException(BaseException):
    """As PyO3 makes one in every package that is written in Rust."""


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)


# the border itself


@pytest.mark.parametrize(
    "error",
    [
        PanicException("operator does not support primitive `Int256`\nnote: run with RUST_BACKTRACE=1"),
        pl.exceptions.PanicException("operator does not support primitive `Int256`"),
        pl.exceptions.ComputeError("operator does not support primitive `Int256`."),
        pa.ArrowInvalid("operator does not support primitive `Int256`"),
        pa.ArrowNotImplementedError("operator does not support primitive `Int256`"),
        nw.exceptions.NarwhalsError("operator does not support primitive `Int256`"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_package_raises_becomes_one_sentence(error):
    with pytest.raises(TableError) as caught, outside("in.csv: cannot be read"):
        raise error
    assert "in.csv: cannot be read (operator does not support primitive `Int256`)" == str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.engines
def test_what_duckdb_raises_becomes_one_sentence():
    test_whatever_a_package_raises_becomes_one_sentence(
        duckdb.BinderException("operator does not support primitive `Int256`")
    )


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        SystemExit(3),
        GeneratorExit(),
        TableError("ours"),
        NotWritten("ours"),
        ValueError("a timeout"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_everything_else_passes_as_it_is(tmp_path, error):
    for border in (outside("x"), reading_file(tmp_path), writing(tmp_path)):
        with pytest.raises(type(error)) as caught, border:
            raise error
        assert error is caught.value


def test_what_the_system_refuses_is_said_of_the_file(tmp_path):
    full = OSError(28, "No space left on device")
    with (
        pytest.raises(TableError, match=r": cannot be read \(No space left on device\)"),
        reading_file(tmp_path),
    ):
        raise full
    with (
        pytest.raises(NotWritten, match=r": could not be written \(No space left on device\)"),
        writing(tmp_path),
    ):
        raise full


# panics put into every line


def package_of(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0]


def lines_that_call_out(doing):
    """The lines of ours that call a package whenever this is done, not only where something is cleared."""
    runs = [lines_of_one_run(doing) for _ in range(2)]
    return sorted(runs[0] & runs[1])


def lines_of_one_run(doing):
    seen = set()

    def profile(frame, event, _):
        back = frame.f_back
        if event == "call" and back and package_of(frame) in PACKAGES and package_of(back) == "whentocall":
            seen.add((back.f_code.co_filename, back.f_lineno))

    with_profile(profile, doing)
    return seen


def with_panic_at(line, doing, error=PanicException):
    """Do it, with a panic the first time that this line of ours calls a package."""

    def profile(frame, event, _):
        if event != "call" or (back := frame.f_back) is None or package_of(frame) not in PACKAGES:
            return
        if (back.f_code.co_filename, back.f_lineno) == line:
            sys.setprofile(None)
            threading.setprofile(None)
            raise error("no such thing\nstack backtrace:")

    return with_profile(profile, doing)


def with_profile(profile, doing):
    before = sys.getprofile()
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        return doing()
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def write(folder, suffix):
    frame = pl.DataFrame(PEOPLE)
    path = folder / f"in.{suffix}"
    {
        "csv": frame.write_csv,
        "parquet": frame.write_parquet,
        "arrow": frame.write_ipc,
        "ndjson": frame.write_ndjson,
    }[suffix](path)
    return path


@pytest.mark.one_in(6)
@pytest.mark.parametrize("first", [0, 3])  # every third line is enough; the halves run beside each other
@pytest.mark.parametrize(("before", "after"), [("csv", "ndjson"), ("ndjson", "parquet"), ("parquet", "csv")])
def test_batch_ends_with_2_and_no_output_wherever_a_package_panics(
    tmp_path, monkeypatch, capsys, before, after, first
):
    monkeypatch.chdir(tmp_path)
    source, out = write(tmp_path, before), tmp_path / f"out.{after}"

    def batch(*more):
        return main(["batch", ALL, source.name, out.name, "--quiet", "--part-rows", "2", *more])

    lines = lines_that_call_out(lambda: batch("--overwrite"))
    assert out.exists()
    assert len(lines) > 20
    for line in some(lines[first::6], 4):
        for left in (out, tmp_path / f"{out.name}.bad-cells.csv"):
            left.unlink(missing_ok=True)
        capsys.readouterr()
        assert 2 == with_panic_at(line, lambda: batch("--restart")), line
        shown = capsys.readouterr()
        assert "" == shown.out
        told = [said for said in shown.err.splitlines() if "(no such thing)" in said]
        assert 1 == len(told), line
        assert told[0].startswith("whentocall: "), line
        assert "internal fault" not in shown.err
        assert not out.exists(), line
        left = {path.name for path in tmp_path.iterdir()} - {f"{out.name}.parts", f"{out.name}.bad-cells.csv"}
        assert {source.name} == left, line


def test_ctrl_c_in_a_package_still_stops_a_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "csv")

    def batch():
        return main(["batch", ALL, "in.csv", "out.csv", "--overwrite"])

    for line in lines_that_call_out(batch)[::9]:
        assert 3 == with_panic_at(line, batch, KeyboardInterrupt)
        assert "stopped" in capsys.readouterr().err


def test_impact_ends_with_2_wherever_a_package_panics(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    source = write(tmp_path, "parquet")

    def impact():
        return main(["impact", ALL, ALL, source.name, "--quiet", "-o", "out.html"])

    lines = lines_that_call_out(impact)
    assert len(lines) > 10
    capsys.readouterr()
    for line in some(lines[::9], 3):
        (tmp_path / "out.html").unlink(missing_ok=True)
        assert 2 == with_panic_at(line, impact), line
        shown = capsys.readouterr()
        assert "" == shown.out
        assert "(no such thing)" in shown.err
        assert [source.name] == [path.name for path in tmp_path.iterdir()]


FRAMES = {
    "polars": lambda: pl.DataFrame(PEOPLE),
    "lazyframe": lambda: pl.LazyFrame(PEOPLE),
    "pandas": lambda: pd.DataFrame(PEOPLE),
    "arrow": lambda: pa.table(PEOPLE),
    "duckdb": lambda: duckdb.connect().from_arrow(pa.table(PEOPLE)),
}


@pytest.mark.one_in(6)
@pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning")
@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize(("doing", "every"), [("advise_table", 1), ("impact_of", 4), ("bad_cells", 1)])
def test_a_table_in_python_raises_only_our_errors_wherever_a_package_panics(protocol, kind, doing, every):
    frame = FRAMES[kind]()
    actions = {
        "advise_table": lambda: advise_table(protocol, frame),
        "impact_of": lambda: impact_of(protocol, protocol, frame),
        "bad_cells": lambda: bad_cells(protocol, frame),
    }
    if doing == "bad_cells" and kind in ("lazyframe", "duckdb"):
        with pytest.raises(TableError, match="for tables in memory"):
            actions[doing]()
        return
    lines = lines_that_call_out(actions[doing])
    assert lines
    for line in some(lines[::every], 3):
        with pytest.raises(TableError, match=r"\(no such thing\)"):
            with_panic_at(line, actions[doing])


# what Arrow raises, which no profile sees


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("before", "after", "gives_up"),
    [
        ("csv", "csv", "pyarrow.csv.read_csv"),
        ("csv", "csv", "pyarrow.BufferReader"),
        ("parquet", "csv", "pyarrow.parquet.ParquetFile"),
        ("csv", "parquet", "pyarrow.parquet.ParquetWriter"),
        ("csv", "arrow", "pyarrow.ipc.new_file"),
        ("arrow", "csv", "pyarrow.ipc.open_file"),
        ("csv", "parquet", "pyarrow.ipc.open_file"),
        ("arrow", "csv", "pyarrow.memory_map"),
        ("csv", "csv", "pyarrow.nulls"),
        ("csv", "csv", "pyarrow.schema"),
        ("ndjson", "parquet", "pyarrow.array"),
    ],
)
@pytest.mark.parametrize(
    "error", [PanicException, pa.ArrowInvalid, pa.ArrowMemoryError], ids=lambda kind: kind.__name__
)
def test_batch_ends_with_2_and_no_output_where_arrow_gives_up(
    tmp_path, monkeypatch, capsys, *, before, after, gives_up, error
):
    def give_up(*_, **__):
        raise error("no such thing")

    monkeypatch.chdir(tmp_path)
    source = write(tmp_path, before)
    monkeypatch.setattr(gives_up, give_up)
    assert 2 == main(["batch", ALL, source.name, f"out.{after}", "--quiet"])
    assert "Traceback" not in capsys.readouterr().err
    assert {source.name} == {path.name for path in tmp_path.iterdir() if path.suffix != ".parts"}


def test_a_panic_anywhere_else_is_a_fault_of_ours_and_not_a_finding(monkeypatch, capsys):
    def panic(_):
        raise PanicException("no such thing")

    monkeypatch.setattr("whentocall.cli.authoring.check", panic)
    assert 70 == main(["check"])
    assert "internal fault (PanicException)" in capsys.readouterr().err


def test_a_damaged_file_is_told_and_nothing_else_happens(tmp_path, monkeypatch, capsys):
    """Each byte in turn is another one. That is noticed or harmless, and never the end of the process."""
    monkeypatch.chdir(tmp_path)
    table = pa.table({"headache": [True, None, False], "x": ["a", "bb", "ccc"]})
    for suffix in ("parquet", "arrow"):
        path = tmp_path / f"in.{suffix}"
        if suffix == "parquet":
            parquet.write_table(table, path, write_page_checksum=True)
        else:
            with pa.ipc.new_file(path, table.schema) as writer:
                writer.write_table(table)
        whole = path.read_bytes()
        for place in range(0, len(whole), 37):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
            code = main(["batch", ALL, path.name, "out.csv", "--quiet", "--overwrite", "--restart"])
            assert code in (0, 2)
            assert "Traceback" not in capsys.readouterr().err
