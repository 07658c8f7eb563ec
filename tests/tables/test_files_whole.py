"""Files are whole or not there: an input that changes, a byte that flips, a list that is safe to look at."""

import csv
import io
import os
import shutil

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

import whentocall
from whentocall.cli import main
from whentocall.errors import TableError
from whentocall.protocol.load import shipped_rules
from whentocall.tables.bad_cells import BadCell
from whentocall.tables.batch import Job, run_batch
from whentocall.tables.files.source import Reading
from whentocall.tables.files.tally import listing
from whentocall.tables.impact import impact_of_file

ALL = "all-targeted-drugs"
PEOPLE = {"temperature": [38.2, 36.8] * 6, "headache": [True, False, None] * 4}
FORMATS = ["csv", "ndjson", "parquet", "arrow"]


def write(path):
    frame = pl.DataFrame(PEOPLE)
    writers = {
        ".csv": frame.write_csv,
        ".ndjson": frame.write_ndjson,
        ".parquet": frame.write_parquet,
        ".arrow": frame.write_ipc,
    }
    writers[path.suffix](path)
    return path


# the input


def add_a_byte(path):
    with path.open("ab") as opened:
        opened.write(b" ")


def write_to_it(path):
    os.utime(path, ns=(0, 0))


def replace_it(path):
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    state = path.stat()
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(path)


def remove_it(path):
    path.unlink()


def cut_it(path):
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("format_", "change"),
    [
        *(
            (format_, change)
            for format_ in FORMATS
            for change in (add_a_byte, write_to_it, replace_it, remove_it)
        ),
        *((format_, cut_it) for format_ in ("csv", "ndjson", "parquet")),  # a mapped file ends the process
    ],
)
@pytest.mark.parametrize("when", ["recorded", "begun"])
def test_an_input_that_changes_while_it_is_read_is_refused(tmp_path, protocol, format_, change, when):
    path, out = write(tmp_path / f"in.{format_}"), tmp_path / "out.csv"
    left = [when]

    def step(word):
        if left and word == left[0]:
            change(path)
            left.clear()

    job = Job(protocol, path, out, Reading(format_, most_rows=5), "csv")
    with pytest.raises(TableError, match=r"changed while it was read, so nothing was written"):
        run_batch(job, step=step)
    assert not out.exists()
    assert not (tmp_path / "out.csv.bad-cells.csv").exists()


def test_an_input_that_changes_after_it_was_read_does_no_harm(tmp_path, protocol):
    path, out = write(tmp_path / "in.csv"), tmp_path / "out.csv"
    run_batch(
        Job(protocol, path, out, Reading("csv"), "csv"),
        step=lambda word: add_a_byte(path) if word == "whole" else None,
    )
    assert len(PEOPLE["headache"]) == pl.read_csv(out).height


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_impact_refuses_an_input_that_changes_while_it_is_read(tmp_path, protocol, monkeypatch, format_):
    path = write(tmp_path / f"in.{format_}")
    right = whentocall.tables.impact.comparing.count_here

    def counted(*args):
        replace_it(path)
        return right(*args)

    monkeypatch.setattr("whentocall.tables.impact.comparing.count_here", counted)
    with pytest.raises(TableError, match="changed while it was read"):
        impact_of_file(protocol, protocol, path, Reading(format_))


# a byte that flips


def test_a_byte_that_flips_in_a_page_is_noticed(tmp_path, protocol):
    people = {"headache": [True] * 40, "x": [f"note {place}" for place in range(40)]}
    path, out = tmp_path / "in.csv", tmp_path / "between.parquet"
    pl.DataFrame(people).write_csv(path)
    run_batch(Job(protocol, path, out, Reading("csv"), "parquet"))
    whole = out.read_bytes()
    column = parquet.read_metadata(out).row_group(0).column(1)
    assert "x" == column.path_in_schema
    first = column.dictionary_page_offset or column.data_page_offset
    out.write_bytes(flipped(whole, first + column.total_compressed_size - 3))
    with pytest.raises(TableError) as caught:
        run_batch(Job(protocol, out, tmp_path / "out.arrow", Reading("parquet"), "arrow", prefix="again_"))
    assert "between.parquet: cannot be read after row 0 (" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.arrow").exists()


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("source", ["parquet", "arrow"])
def test_text_that_is_no_text_is_refused(tmp_path, protocol, source):
    """Polars takes for granted that it is UTF-8, and reads beyond its end where it is not."""
    bad = pa.array([b"\xff\xfe"]).view(pa.string())
    table = pa.table({"headache": [True], "x": bad})
    path = tmp_path / f"in.{source}"
    if source == "parquet":
        parquet.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
    with pytest.raises(TableError, match=r"cannot be read after row 0 \(.*UTF8"):
        run_batch(Job(protocol, path, tmp_path / "out.csv", Reading(source), "csv"))


# the list of what could not be read


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+44 20 7946 0000", "'+44 20 7946 0000"),
        ("-3", "'-3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1+1", "' =1+1"),
        ("\t=1+1", "\\t=1+1"),
        ("\r=1+1", "\\r=1+1"),
        ("99\n=1+1", "99\n'=1+1"),
        ("a;=1+1", "a;'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("\x1b]0;title\x07\x1b[31mred", "\\x1b]0;title\\x07\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x7f\x00", "\\x7f\\x00"),
        ("Ja, 38.2 °C", "Ja, 38.2 °C"),
        ("38-39", "38-39"),
    ],
)
def test_no_cell_of_the_list_is_a_formula_or_moves_a_terminal(cell, shown):
    rows = list(csv.reader(io.StringIO(listing([BadCell(1, 2, cell, cell, "true")]).decode(), newline="")))
    assert ["1", "2", shown, shown, "true"] == rows[1]


def test_nothing_in_a_table_moves_the_terminal_that_is_told_about_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    name, cell = "a\x1b[2J", "\x1b]0;owned\x07"
    (tmp_path / "in.csv").write_text(f"headache,{name}\n{cell},x\n", encoding="utf-8")
    for more in ((), ("--strict",), ("--to", "parquet")):
        main(["batch", ALL, "in.csv", "out.csv", "--overwrite", "--restart", *more])
        shown = capsys.readouterr()
        assert "headache" in shown.err
        assert [] == [one for one in shown.err + shown.out if not one.isprintable() and one != "\n"]
    table = pa.table({"headache": [True], name: [b"x"]})
    parquet.write_table(table, tmp_path / "in.parquet")
    assert 2 == main(["batch", ALL, "in.parquet", "out2.csv"])
    assert "\\x1b[2J" in capsys.readouterr().err


@pytest.mark.parametrize("more", [(), ("--json", "-")])
def test_no_cell_moves_the_terminal_that_shows_an_impact(tmp_path, monkeypatch, capfdbinary, more):
    """Each column has cells that terminals obey, and examples of them are shown."""
    monkeypatch.chdir(tmp_path)
    new = shutil.copytree(shipped_rules(), tmp_path / "new")
    card = new / ALL / "headache.yaml"
    card.write_text(card.read_text("utf-8").replace("level: tell", "level: immediately"), encoding="utf-8")
    (tmp_path / "in.csv").write_text("headache,rash\ntrue,\x1b[2J\x9b31m\u202e\n", encoding="utf-8")
    main(["impact", ALL, str(new), "in.csv", "--protocol", ALL, "--quiet", *more])
    out, err = capfdbinary.readouterr()
    shown = out.decode() + err.decode()
    assert "1b[2J" in shown
    assert [] == [one for one in shown if not one.isprintable() and one != "\n"]
