"""`whentocall batch` as it is used: files, what it says, exit codes, a run that is stopped."""

import json
import os
import resource
import shlex
import signal
import subprocess
import sys

import pytest

pytest.importorskip("polars", reason="the extra `batch` is not installed")

ALL = "all-targeted-drugs"
CSV = "id,temperature,headache\n0012,38.2,true\n0013,Ja,\n0014,36.8\n"
CODED = "temperature,chest_pain,headache\n101.5,1,true\n98.6,0,no\n"


@pytest.fixture
def batch(pipe, work):
    """`batch(text, "out.csv", …)` writes `in.csv` and runs the command."""

    def run(text, *args, name="in.csv"):
        (work / name).write_text(text, encoding="utf-8")
        done = pipe("batch", ALL, name, *args)
        assert b"" == done.stdout
        return done.returncode, done.stderr.decode()

    return run


def _command():
    """The program, as the terminal of these tests starts it."""
    return shlex.split(os.environ.get("WHENTOCALL_COMMAND", "")) or [sys.executable, "-m", "whentocall"]


def _files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.smoke
def test_a_table_gets_its_advice_and_what_is_bad_is_said(batch, work):
    code, said = batch(CSV, "out.csv")
    assert 4 == code
    assert ["in.csv", "out.csv", "out.csv.bad-cells.csv"] == _files(work)
    assert "whentocall: No column answers 42 of 44 questions" in said
    assert "3 rows: out.csv" in said
    assert "1 cell and 1 whole row could not be read" in said
    assert "temperature: 1, such as 'Ja' (1)" in said
    lines = (work / "out.csv").read_text(encoding="utf-8").splitlines()
    assert "id,temperature,headache,level,at_least,could_be,rules,settle,bad_cells" == lines[0]
    assert lines[1].startswith("0012,38.2,true,immediately,")
    assert lines[3].endswith("(whole row)")


def test_a_good_table_is_no_fault_and_quiet_is_quiet(batch):
    code, said = batch("headache\ntrue\n", "out.ndjson", "--quiet")
    assert 0 == code
    assert all(line.startswith("whentocall: ") for line in said.splitlines())


def test_strict_writes_nothing_and_names_the_first(batch, work):
    code, said = batch(CSV, "out.csv", "--strict")
    assert 4 == code
    assert "row 2 (line 3), column 'temperature': 'Ja' is not a temperature" in said
    assert ["in.csv"] == _files(work)


def test_a_column_that_cannot_be_read_is_told_with_the_lines_that_are_missing(batch, work):
    code, said = batch(CODED, "out.csv")
    assert (4, ["in.csv"]) == (code, _files(work))
    assert (
        "whentocall: in.csv: column 'chest_pain': none of its 2 cells can be read, such as '1' or '0'\n"
        in said
    )
    message, _, lines = said.partition("--allow-unreadable-columns\n")
    assert "nothing was written" in message
    assert 'columns:\n  chest_pain: {words: {yes: ["1"], no: ["0"]}}\n  temperature: {unit: °F}\n' == lines

    (work / "map.yaml").write_text(lines, encoding="utf-8")
    code, _ = batch(CODED, "out.csv", "--mapping", "map.yaml")
    rows = (work / "out.csv").read_text(encoding="utf-8").splitlines()
    assert (0, "101.5,1,true,emergency") == (code, ",".join(rows[1].split(",")[:4]))


def test_a_column_that_cannot_be_read_can_be_let_pass(batch, work):
    code, said = batch(CODED, "out.csv", "--allow-unreadable-columns")
    assert (4, ["in.csv", "out.csv", "out.csv.bad-cells.csv"]) == (code, _files(work))
    assert "4 cells could not be read" in said


@pytest.mark.one_in(4)
@pytest.mark.parametrize("cells", [("TRUE", "FALSE"), ("True", "False"), ("yes", "NO")])
def test_what_a_spreadsheet_writes_for_yes_and_no_is_read(batch, work, cells):
    code, _ = batch("chest_pain\n" + "\n".join(cells), "out.csv")
    levels = [line.split(",")[1] for line in (work / "out.csv").read_text("utf-8").splitlines()[1:]]
    assert (0, ["emergency", "contact"]) == (code, levels)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("words", ["", "  don't know: ['99']\n"])
def test_json_and_csv_with_the_same_cells_get_the_same(batch, work, words):
    """Whatever else the mapping has words for."""
    (work / "map.yaml").write_text(f"words:\n  yes: ['1']\n  no: ['0']\n{words}", encoding="utf-8")
    mapped = ("--mapping", "map.yaml")
    assert 0 == batch('{"temperature": "38.6", "chest_pain": "0"}\n', "a.csv", *mapped, name="in.ndjson")[0]
    assert 0 == batch("temperature,chest_pain\n38.6,0\n", "b.csv", *mapped)[0]
    assert (work / "a.csv").read_bytes() == (work / "b.csv").read_bytes()
    assert b"38.6,0,immediately," in (work / "a.csv").read_bytes()


def test_standard_input_is_read_where_it_is_said_what_it_is(pipe, work):
    done = pipe("batch", ALL, "-", "out.ndjson", "--format", "ndjson", typed='{"headache": true}\n')
    assert 0 == done.returncode
    assert ["out.ndjson"] == _files(work)
    assert "contact" == json.loads((work / "out.ndjson").read_bytes())["level"]
    done = pipe("batch", ALL, "-", "out2.ndjson")
    assert (2, True) == (done.returncode, b"use --format" in done.stderr)


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("in.csv", "--overwrite"), "in.csv: this is the input; choose another name for the output"),
        (("nowhere/out.csv",), "nowhere/out.csv: no such folder: 'nowhere'"),
        (("out",), "out: unknown ending; use one of .csv, .tsv, "),
        (
            ("out.xlsx",),
            "out.xlsx: the name says that this is an Excel workbook, which is not written here: write .csv",
        ),
        (("out.csv", "--mapping", "none.yaml"), "none.yaml: "),
        (("out/",), "out/: a folder's name does not give a format; use --to"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(batch, work, args, said):
    code, error = batch(CSV, *args)
    assert 2 == code
    assert f"whentocall: {said}" in error
    assert ["in.csv"] == _files(work)


def test_a_disk_without_room_is_said_and_the_run_carries_on(batch, pipe, env, work):
    env["PYTHONDONTWRITEBYTECODE"] = "1"  # the limit would cut those files too
    text = "headache\n" + "true\n" * 2000
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, limit[1]))
    try:
        code, said = batch(text, "out.csv", "--part-rows", "20")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert (7, True) == (code, "could not be written (File too large)" in said)
    assert ["in.csv", "out.csv.parts"] == _files(work)
    done = pipe("batch", ALL, "in.csv", "out.csv")
    assert 0 == done.returncode
    assert b"2,000 rows, " in done.stderr
    assert 2001 == len((work / "out.csv").read_bytes().splitlines())


def _interrupted(run):
    """What it says when Ctrl+C stops it: pressed again now and then, as Polars loses about one in forty."""
    for _ in range(20):
        run.send_signal(signal.SIGINT)
        try:
            return run.communicate(timeout=3)[1].decode()
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("it does not stop")


def test_a_stopped_run_says_how_to_carry_on(env, work):
    (work / "in.csv").write_text("headache\n" + "true\n" * 3000, encoding="utf-8")
    args = [*_command(), "batch", ALL, "in.csv", "out.csv", "--part-rows", "1"]
    run = subprocess.Popen(args, cwd=work, env=env, stderr=subprocess.PIPE)
    try:
        while not (work / "out.csv.parts" / "00001.json").exists():
            assert run.poll() is None
            os.sched_yield()
        said = _interrupted(run)
    finally:
        run.kill()
        run.wait()
    assert 3 == run.returncode
    assert "stopped; finished parts are kept in out.csv.parts, and the same command carries on" in said
    assert ["in.csv", "out.csv.parts"] == _files(work)
    done = subprocess.run([*args[:-1], "100000"], cwd=work, env=env, capture_output=True, check=False)
    assert 0 == done.returncode
    assert b"of them before this run" in done.stderr
    assert 3001 == len((work / "out.csv").read_bytes().splitlines())
