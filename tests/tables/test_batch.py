"""A file of answers in, the same with the advice out: nothing lost, nothing doubled, whatever happens."""

import csv
import io
import json
import os

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

import whentocall
from support.effort import THOROUGH
from whentocall.errors import TableError
from whentocall.tables import Column
from whentocall.tables.batch import Job, run_batch
from whentocall.tables.files.resume import working
from whentocall.tables.files.source import Reading
from whentocall.tables.in_memory import Advised, Results
from whentocall.tables.mapping import read_mapping
from whentocall.tables.outside import NotWritten
from whentocall.tables.spot_check import Disagreement
from whentocall.tables.unreadable import mapping_lines

ALL = "all-targeted-drugs"
FORMATS = ["csv", "parquet", "arrow", "ndjson"]
RESULTS = ["level", "at_least", "could_be", "rules", "settle", "bad_cells"]
PEOPLE = [
    {
        "id": f"{place:04}",
        "temperature": [36.8, 38.2, None][place % 3],
        "headache": [True, None, False, True][place % 4],
    }
    for place in range(23)
]


def write(path, people=PEOPLE):
    """A table of people in the format that the name says."""
    frame = pl.DataFrame(people)
    {
        ".csv": frame.write_csv,
        ".parquet": frame.write_parquet,
        ".arrow": frame.write_ipc,
        ".ndjson": frame.write_ndjson,
    }[path.suffix](path)
    return path


def read(path):
    """A table with results, lists as lists."""
    match path.suffix:
        case ".csv":
            frame = pl.read_csv(path, infer_schema=False)
            lists = pl.col("rules", "settle", "bad_cells").fill_null("").str.split("|")
            frame = frame.with_columns(lists.list.eval(pl.element().filter(pl.element() != "")))
        case ".parquet":
            frame = pl.read_parquet(path)
        case ".arrow":
            frame = pl.read_ipc(path)
        case _:
            return [json.loads(line) for line in path.read_bytes().splitlines()]
    return frame.rows(named=True)


@pytest.fixture
def batch(tmp_path, protocol):
    """`batch("in.csv", "out.csv", …)` runs a batch in a folder of this test's own."""

    def run(
        path,
        out,
        *,
        step=lambda _: None,
        most_rows=5,
        most_bytes=10_000,
        reading=(),
        say=lambda _: None,
        **how,
    ):
        path, out = tmp_path / path, tmp_path / out
        job = Job(
            protocol,
            path,
            out,
            Reading(path.suffix[1:], most_rows=most_rows, most_bytes=most_bytes, **dict(reading)),
            how.pop("to", out.suffix[1:]),
            **how,
        )
        return run_batch(job, step=step, say=say)

    return run


def names(folder):
    return sorted(one.name for one in folder.iterdir())


@pytest.mark.one_in(3)
@pytest.mark.parametrize("before", FORMATS)
@pytest.mark.parametrize("after", FORMATS)
def test_every_row_keeps_its_place_and_gets_its_advice(tmp_path, protocol, batch, before, after):
    write(tmp_path / f"in.{before}")
    outcome = batch(f"in.{before}", f"out.{after}")
    assert len(PEOPLE) == outcome.tally.rows
    assert [f"in.{before}", f"out.{after}"] == names(tmp_path)
    rows = read(tmp_path / f"out.{after}")
    assert [one["id"] for one in PEOPLE] == [row["id"] for row in rows]
    for person, row in zip(PEOPLE, rows, strict=True):
        advice = whentocall.advise(protocol, {one: person[one] for one in ("temperature", "headache")})
        assert (advice.level, advice.at_least, advice.could_be) == (
            row["level"],
            row["at_least"],
            row["could_be"],
        )
        assert [one.rule for one in advice.reasons] == row["rules"]
        assert [one.question for one in advice.settle] == row["settle"]
        assert [] == row["bad_cells"]
    assert [*PEOPLE[0], *RESULTS] == list(rows[0])


def test_what_stands_in_a_csv_comes_out_as_it_stood(tmp_path, batch):
    text = 'id,temperature,note\n0012,38.20,"a ""b"", c\nd"\n, 37 ,\n'
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    batch("in.csv", "out.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text("utf-8"), newline="")))
    assert [["0012", "38.20", 'a "b", c\nd'], ["", " 37 ", ""]] == [row[:3] for row in rows[1:]]


def test_a_csv_keeps_its_separator_and_its_mark(tmp_path, batch):
    (tmp_path / "in.csv").write_bytes("temperature;ü\r\n38,2;x\r\n".encode("utf-8-sig"))
    batch("in.csv", "out.csv", reading={"separator": ";"})
    assert (tmp_path / "out.csv").read_bytes().startswith("\ufefftemperature;ü;level;".encode())
    assert "immediately" == pl.read_csv(tmp_path / "out.csv", separator=";")["level"].item()


def test_a_line_of_json_stays_as_it_stood_to_the_byte(tmp_path, batch):
    lines = ['{ "temperature" : 38.20, "x":{"y":[1e2,null]} , "z":"\\u00e9" }', "{}", '  {"headache":true}\r']
    (tmp_path / "in.ndjson").write_text("\n\n".join(lines), encoding="utf-8", newline="")
    batch("in.ndjson", "out.ndjson")
    found = (tmp_path / "out.ndjson").read_text(encoding="utf-8").splitlines()
    assert ['{ "temperature" : 38.20, "x":{"y":[1e2,null]} , "z":"\\u00e9"', "{", '{"headache":true'] == [
        line.partition('"level"')[0].removesuffix(",") for line in found
    ]
    assert ["immediately", "contact", "contact"] == [json.loads(line)["level"] for line in found]


def test_types_of_columns_stay_as_they_are(tmp_path, batch):
    table = pa.table(
        {
            "time": pa.array([18_000, None], pa.timestamp("us", "Europe/Berlin")),
            "some": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int8())),
            "size": pa.array([1, 2], pa.uint16()),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "blob": pa.array([b"\xff", b""]),
            "headache": pa.array([True, None]),
        }
    )
    parquet.write_table(table, tmp_path / "in.parquet")
    for out in ("out.parquet", "out.arrow"):
        batch("in.parquet", out, most_rows=1)
    types = [field.type for field in table.schema]
    found = parquet.read_table(tmp_path / "out.parquet")
    assert types == [field.type for field in found.schema][:6]
    assert table.to_pylist() == found.select(table.column_names).to_pylist()
    with pa.ipc.open_file(tmp_path / "out.arrow") as reader:
        again = reader.read_all()
    assert table.to_pylist() == again.select(table.column_names).to_pylist()


@pytest.mark.parametrize(("after", "column"), [("csv", "blob"), ("csv", "list"), ("ndjson", "blob")])
def test_a_type_that_the_output_lacks_is_refused_before_anything_is_done(tmp_path, batch, after, column):
    values = {"blob": pa.array([b"\xff"]), "list": pa.array([[1]])}[column]
    parquet.write_table(pa.table({"headache": [True], column: values}), tmp_path / "in.parquet")
    with pytest.raises(TableError, match=f"column '{column}' has the type .*, which {after} cannot hold"):
        batch("in.parquet", f"out.{after}")
    assert ["in.parquet"] == names(tmp_path)


# bad cells and rows


def test_bad_cells_and_rows_are_listed_and_counted(tmp_path, batch):
    text = 'id,temperature,headache\n1,38.2,Ja\n2\n3,"99\n",true\n\n4,Ja,Ja\n'
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    outcome = batch("in.csv", "out.parquet", most_rows=2)
    listed = list(
        csv.DictReader(io.StringIO((tmp_path / "out.parquet.bad-cells.csv").read_text("utf-8"), newline=""))
    )
    assert [
        ("1", "2", "headache", "Ja"),
        ("2", "3", "(whole row)", "2"),
        ("3", "4", "temperature", "99\n"),
        ("4", "7", "temperature", "Ja"),
        ("4", "7", "headache", "Ja"),
    ] == [tuple(one.values())[:4] for one in listed]
    assert {"headache": 2, "temperature": 2, "(whole row)": 1} == outcome.tally.bad
    assert [("Ja", 2)] == outcome.tally.values["headache"].most_common()
    rows = read(tmp_path / "out.parquet")
    assert [["headache"], ["(whole row)"], ["temperature"], ["temperature", "headache"]] == [
        row["bad_cells"] for row in rows
    ]
    assert {"id": None, "temperature": None, "headache": None} == {
        one: rows[1][one] for one in list(rows[1])[:3]
    }


def test_the_list_is_as_long_as_is_asked_and_the_count_is_whole(tmp_path, batch):
    write(tmp_path / "in.csv", [{"headache": "Ja", "rash": "Ja"}] * 20)
    outcome = batch("in.csv", "out.csv", most_listed=7, allow_unreadable=True)
    assert 8 == len((tmp_path / "out.csv.bad-cells.csv").read_text(encoding="utf-8").splitlines())
    assert 40 == sum(outcome.tally.bad.values())


def test_strict_stops_at_the_first_bad_part_and_leaves_nothing(tmp_path, batch):
    write(tmp_path / "in.csv", [{"headache": "true"}] * 7 + [{"headache": "Ja"}] * 9)
    outcome = batch("in.csv", "out.csv", strict=True)
    assert outcome.refused
    assert "row 8 (line 9), column 'headache': 'Ja' is not true, false or empty (don't know)" == str(
        outcome.tally.listed[0]
    )
    assert ["in.csv"] == names(tmp_path)


# columns that cannot be read


UNREADABLE = {
    "1 and 0": ("headache", ["1", "0", "1"], '{words: {yes: ["1"], no: ["0"]}}'),
    "Ja and Nein": ("headache", ["Ja", "Nein", "JA"], "{words: {yes: [Ja, JA], no: [Nein]}}"),
    "Fahrenheit": ("temperature", ["101.5", "98.6", "99"], "{unit: °F}"),
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_column_that_cannot_be_read_is_refused_and_the_lines_that_are_said_help(
    tmp_path, protocol, batch, kind, format_
):
    question, cells, line = UNREADABLE[kind]
    write(tmp_path / f"in.{format_}", [{"rash": "no", question: cell} for cell in 7 * cells])
    outcome = batch(f"in.{format_}", "out.csv")

    assert outcome.refused
    assert [f"in.{format_}"] == names(tmp_path)
    lines = mapping_lines(outcome.unreadable)
    assert ["columns:", f"  {question}: {line}"] == lines
    (tmp_path / "map.yaml").write_text("\n".join(lines), encoding="utf-8")
    columns = read_mapping(tmp_path / "map.yaml", protocol).columns
    assert not batch(f"in.{format_}", "out.csv", columns=columns).tally.bad


def test_numbers_for_yes_and_no_are_refused_like_texts(tmp_path, batch):
    write(tmp_path / "in.parquet", [{"headache": cell} for cell in (1.0, 0.0, 1.0)])
    outcome = batch("in.parquet", "out.csv")

    assert ['  headache: {words: {yes: ["1"], no: ["0"]}}'] == mapping_lines(outcome.unreadable)[1:]


def test_what_cannot_be_guessed_is_left_to_be_said(tmp_path, protocol, batch):
    write(tmp_path / "in.csv", [{"My head": "2", "drug": "Glivec"}, {"My head": "1", "drug": "a, b"}])
    outcome = batch("in.csv", "out.csv", columns={"headache": Column("My head", words={"x": True})})

    drug, headache = sorted(mapping_lines(outcome.unreadable)[1:])
    words = "words: {yes: [x], no: [], don't know: []}"
    assert f'  headache: {{column: My head, {words}}}   # say where these belong: "2", "1"' == headache
    assert drug.startswith("  drug: {words: {imatinib: [], ")
    assert drug.endswith('don\'t know: []}}   # say where these belong: Glivec, "a, b"')
    (tmp_path / "map.yaml").write_text("\n".join(mapping_lines(outcome.unreadable)), encoding="utf-8")
    assert {"headache", "drug"} == set(read_mapping(tmp_path / "map.yaml", protocol).columns)


def test_a_column_that_cannot_be_read_is_advised_if_that_is_asked_for(tmp_path, batch):
    write(tmp_path / "in.csv", [{"headache": "1"}, {"headache": "0"}])
    outcome = batch("in.csv", "out.csv", allow_unreadable=True)

    assert (2, False, ()) == (outcome.tally.bad["headache"], outcome.refused, outcome.unreadable)
    assert ["contact", "contact"] == [row["level"] for row in read(tmp_path / "out.csv")]


@pytest.mark.one_in(3)
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("place", [0, 7, 19])
def test_one_cell_that_can_be_read_anywhere_in_the_table_is_enough(tmp_path, batch, format_, place):
    """However the parts fall: neither the first part nor the last decides."""
    cells = ["1"] * 20
    cells[place] = "no"
    write(tmp_path / f"in.{format_}", [{"headache": cell, "rash": "no"} for cell in cells])
    outcome = batch(f"in.{format_}", "out.csv", most_rows=3)

    assert (19, False) == (outcome.tally.bad["headache"], outcome.refused)


def test_empty_cells_and_words_for_not_knowing_are_no_cells_that_can_be_read(tmp_path, batch):
    write(tmp_path / "in.csv", [{"headache": cell, "rash": "no"} for cell in ("", "unknown", "x", "")])

    assert ["headache"] == [one.question.id for one in batch("in.csv", "out.csv").unreadable]
    write(tmp_path / "in.csv", [{"headache": cell, "rash": "no"} for cell in ("", "unknown", "")])
    assert not batch("in.csv", "out.csv").refused


def test_a_stopped_run_that_carries_on_refuses_as_one_that_was_not_stopped(tmp_path, batch):
    """What was counted before the stop counts."""
    write(tmp_path / "in.csv", [{"headache": "1", "rash": "no"}] * 9 + [{"headache": "no", "rash": "1"}] * 9)

    def stop(word, steps=iter(range(100))):  # noqa: B008  counted over the whole run
        if word == "recorded" and next(steps) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch("in.csv", "out.csv", step=stop)
    outcome = batch("in.csv", "out.csv")
    assert (15, False) == (outcome.resumed, outcome.refused)


def test_a_list_of_an_older_run_does_not_outlive_it(tmp_path, batch):
    write(tmp_path / "in.csv", [{"headache": "Ja"}, {"headache": "no"}])
    batch("in.csv", "out.csv")
    write(tmp_path / "in.csv", [{"headache": "true"}])
    batch("in.csv", "out.csv", overwrite=True)
    assert ["in.csv", "out.csv"] == names(tmp_path)


@pytest.mark.parametrize(
    ("line", "bad"),
    [
        ('{"temperature": 38.2, "temperature": 36.8}', ["(whole row)"]),
        ('{"temperature": NaN}', ["(whole row)"]),
        ('{"temperature": 38.2', ["(whole row)"]),
        ("[38.2]", ["(whole row)"]),
        ('{"x": "\\ud800"}', ["(whole row)"]),
        ('{"headache": 1}', ["headache"]),
        ('{"temperature": "hot"}', ["temperature"]),
        ('{"temperature": ["38.2"]}', ["temperature"]),
        ('{"temperature": true}', ["temperature"]),
        ('{"loose_stools": 3.5}', ["loose_stools"]),
        ('{"loose_stools": {"value": 3, "unit": "°C"}}', ["loose_stools"]),
        ('{"temperature": {"value": "101", "unit": "°F"}}', ["temperature"]),
        ('{"temperature": 1e400}', ["temperature"]),
        ('{"drug": "aspirin"}', ["drug"]),
        ('{"drug": "imatinib", "temperature": null, "loose_stools": 3.0}', []),
        ('{"temperature": {"value": 101.5, "unit": "°F"}}', []),
        ('{"temperature": {"unit": "°C", "value": 37}}', []),
    ],
)
def test_json_values_are_answers_only_as_advise_takes_them(tmp_path, protocol, batch, line, bad):
    (tmp_path / "in.ndjson").write_text(f'{{"headache": true}}\n{line}\n', encoding="utf-8")
    batch("in.ndjson", "out.ndjson", allow_unreadable=True)
    row = read(tmp_path / "out.ndjson")[1]
    assert bad == row["bad_cells"]
    if not bad:
        advice = whentocall.advise(protocol, json.loads(line))
        assert [one.rule for one in advice.reasons] == row["rules"]
    if bad == ["(whole row)"]:
        assert set(RESULTS) == set(row)


def test_words_are_looked_up_by_what_a_json_text_says(tmp_path, batch):
    people = [{"headache": "Ja"}, {"headache": 1}, {"headache": True}, {"headache": "true"}]
    (tmp_path / "in.ndjson").write_text("".join(f"{json.dumps(one)}\n" for one in people), encoding="utf-8")
    columns = {"headache": Column("headache", words={"Ja": True, "1": True})}
    batch("in.ndjson", "out.ndjson", columns=columns)
    assert [[], [], [], []] == [row["bad_cells"] for row in read(tmp_path / "out.ndjson")]


def test_json_becomes_columns_of_its_own_types(tmp_path, batch):
    people = [
        {"headache": True, "n": 1, "f": 1},
        {"s": "x", "f": 0.5, "mixed": "1"},
        {"mixed": 1, "deep": {"a": [1]}},
    ]
    (tmp_path / "in.ndjson").write_text("".join(f"{json.dumps(one)}\n" for one in people), encoding="utf-8")
    batch("in.ndjson", "out.parquet", most_rows=1)
    found = pl.read_parquet(tmp_path / "out.parquet").select("headache", "n", "f", "s", "mixed", "deep")
    assert [pl.Boolean, pl.Int64, pl.Float64, pl.String, pl.String, pl.String] == found.dtypes
    assert (None, None, None, None, "1", '{"a": [1]}') == found.row(2)
    assert '"1"' == found["mixed"][1]


# what is there already


@pytest.mark.parametrize("there", ["out.csv", "out.csv.bad-cells.csv"])
def test_what_is_there_is_not_replaced_unless_that_is_said(tmp_path, batch, there):
    write(tmp_path / "in.csv", [{"headache": "Ja"}, {"headache": "no"}])
    (tmp_path / there).write_text("mine", encoding="utf-8")
    with pytest.raises(TableError, match=f"{there}: already exists; use --overwrite"):
        batch("in.csv", "out.csv")
    assert sorted(["in.csv", there]) == names(tmp_path)
    assert "mine" == (tmp_path / there).read_text(encoding="utf-8")
    batch("in.csv", "out.csv", overwrite=True)
    assert "mine" != (tmp_path / there).read_text(encoding="utf-8")


def test_what_comes_up_meanwhile_is_not_replaced(tmp_path, batch):
    write(tmp_path / "in.csv")

    def meanwhile(word):
        if word == "finishing":
            (tmp_path / "out.csv").write_text("mine", encoding="utf-8")

    with pytest.raises(TableError, match=r"out\.csv: already exists"):
        batch("in.csv", "out.csv", step=meanwhile)
    assert "mine" == (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_the_input_is_never_the_output(tmp_path, batch):
    write(tmp_path / "in.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "in.csv")
    with pytest.raises(TableError, match="this is the input"):
        batch("in.csv", "link.csv", overwrite=True)


@pytest.mark.parametrize("to", FORMATS)
def test_a_folder_gets_a_file_for_each_part(tmp_path, batch, to):
    write(tmp_path / "in.parquet")
    batch("in.parquet", "out", to=to, folder=True)
    parts = names(tmp_path / "out")
    assert [f"part-0000{place}.{to}" for place in range(5)] == parts
    rows = [row for part in parts for row in read(tmp_path / "out" / part)]
    assert [one["id"] for one in PEOPLE] == [row["id"] for row in rows]
    with pytest.raises(TableError, match="this folder is not empty"):
        batch("in.parquet", "out", to=to, folder=True, overwrite=True)


def test_a_name_that_the_table_has_already_is_refused(tmp_path, batch):
    write(tmp_path / "in.ndjson", [{"headache": True}] * 6 + [{"headache": True, "level": 3}])
    with pytest.raises(TableError, match="there already is a column 'level'; use --prefix"):
        batch("in.ndjson", "out.ndjson")
    batch("in.ndjson", "out.ndjson", prefix="advised_", restart=True)
    assert "advised_level" in read(tmp_path / "out.ndjson")[0]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_table_without_any_question_is_refused(tmp_path, batch, format_):
    write(tmp_path / f"in.{format_}", [{"temprature": 38.2}])
    with pytest.raises(
        TableError,
        match=rf"no column answers a question of '{ALL}' \(version .*\); the columns are 'temprature'",
    ):
        batch(f"in.{format_}", f"out.{format_}")
    assert [f"in.{format_}"] == names(tmp_path)


@pytest.mark.parametrize("format_", FORMATS)
def test_questions_without_a_column_are_told_once(tmp_path, batch, format_):
    write(tmp_path / f"in.{format_}")
    told = []
    batch(f"in.{format_}", f"out.{format_}", say=told.append)
    assert 1 == sum(line.startswith("No column answers 42 of 44 questions") for line in told)


# a run that is stopped


class Cut(Exception):
    """The run ends here."""


def cut_at(word, count):
    """Ends a run at the step of this name, after so many."""
    left = [count]

    def step(found):
        left[0] -= found == word
        if found == word and not left[0]:
            raise Cut

    return step


@pytest.mark.one_in(6)
@pytest.mark.parametrize(
    ("before", "after", "overwrite"),
    [
        ("csv", "csv", True),
        ("ndjson", "ndjson", False),
        ("csv", "parquet", False),
        ("parquet", "arrow", True),
        ("parquet", "", False),
    ],
)
def test_a_run_ended_at_any_step_carries_on_with_nothing_lost_or_doubled(
    tmp_path, batch, before, after, overwrite
):
    folder, away = tmp_path / "work", tmp_path / "away"
    folder.mkdir()
    write(folder / f"in.{before}", [{**one, "rash": "Ja"} for one in PEOPLE])
    name = f"out.{after}" if after else "out"
    how = {"to": after or "parquet", "folder": not after, "overwrite": overwrite, "most_rows": 10}
    how["allow_unreadable"] = True

    def ended(steps):
        """Run until so many steps are done. What is there then stays as it is, as after kill -9."""

        def step(_):
            nonlocal steps
            steps -= 1
            if not steps:
                folder.rename(away)
                raise Cut

        try:
            batch(f"work/in.{before}", f"work/{name}", step=step, **how)
        except Cut:
            away.rename(folder)
            return True
        except TableError:  # it came so far that only an empty folder is left, and OUT is there
            assert (folder / name).exists()
        return False

    contents, steps = [], 1
    while ended(steps):
        ended(3)  # and a second time on the way
        try:
            outcome = batch(f"work/in.{before}", f"work/{name}", **how)
            assert (len(PEOPLE), len(PEOPLE)) == (outcome.tally.rows, outcome.tally.bad["rash"])
        except TableError:
            assert (folder / name).exists()
        assert sorted([f"in.{before}", name, f"{name}.bad-cells.csv"]) == names(folder)
        contents.append([content(folder / name), content(folder / f"{name}.bad-cells.csv")])
        for one in (folder / name, folder / f"{name}.bad-cells.csv"):
            one.rename(tmp_path / f"{len(contents)}.{one.name}")
        steps += 1 if THOROUGH else 3
    assert 12 < steps
    assert [contents[0]] * len(contents) == contents
    assert len(PEOPLE) + 1 == len(contents[0][1].splitlines())


def content(path):
    """What is in a file, or in the files of a folder."""
    if path.is_dir():
        return [(one.name, one.read_bytes()) for one in sorted(path.iterdir())]
    return path.read_bytes()


def test_a_stopped_run_says_how_much_was_done(tmp_path, batch):
    write(tmp_path / "in.csv")
    with pytest.raises(Cut):
        batch("in.csv", "out.csv", step=cut_at("recorded", 2))
    assert ["in.csv", "out.csv.parts"] == names(tmp_path)
    outcome = batch("in.csv", "out.csv")
    assert (10, 23) == (outcome.resumed, outcome.tally.rows)
    assert ["in.csv", "out.csv"] == names(tmp_path)


def test_a_run_stopped_before_its_first_part_leaves_nothing(tmp_path, batch):
    write(tmp_path / "in.csv")
    with pytest.raises(Cut):
        batch("in.csv", "out.csv", step=cut_at("written", 1))
    assert ["in.csv"] == names(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: write(path, PEOPLE[::-1]), "the input has changed"),
        (lambda path: os.utime(path, ns=(0, 0)), "the input has changed"),
        ({"prefix": "x_"}, "--prefix has changed"),
        ({"mapping": "abc"}, "the mapping file has changed"),
        ({"strict": True}, "--strict has changed"),
        ({"most_listed": 3}, "--most-bad has changed"),
        ({"reading": {"encoding": "cp1252"}}, "how the input is read has changed"),
    ],
)
def test_a_run_carries_on_only_where_everything_is_the_same(tmp_path, batch, change, said):
    path = write(tmp_path / "in.csv")
    with pytest.raises(Cut):
        batch("in.csv", "out.csv", step=cut_at("recorded", 2))
    how = change if isinstance(change, dict) else {}
    if not how:
        change(path)
    with pytest.raises(TableError, match=f"{said}; --restart throws them away"):
        batch("in.csv", "out.csv", **how)
    outcome = batch("in.csv", "out.csv", restart=True, **how)
    assert (0, 23) == (outcome.resumed, outcome.tally.rows)


def test_other_part_sizes_may_carry_on(tmp_path, batch):
    write(tmp_path / "in.parquet")
    with pytest.raises(Cut):
        batch("in.parquet", "out.parquet", step=cut_at("recorded", 2))
    batch("in.parquet", "out.parquet", most_rows=3)
    assert [one["id"] for one in PEOPLE] == [row["id"] for row in read(tmp_path / "out.parquet")]


def test_a_part_that_was_changed_is_noticed(tmp_path, batch):
    write(tmp_path / "in.csv")
    with pytest.raises(Cut):
        batch("in.csv", "out.arrow", step=cut_at("recorded", 2))
    part = tmp_path / "out.arrow.parts" / "00001.arrow"
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(TableError, match=r"00001\.arrow: not as it was written; begin anew with --restart"):
        batch("in.csv", "out.arrow")


def test_two_runs_never_write_the_same(tmp_path, batch):
    write(tmp_path / "in.csv")
    parts = tmp_path / "out.csv.parts"
    with (
        working(parts, tmp_path / "out.csv", lambda _: None),
        pytest.raises(TableError, match="another run is writing the same"),
    ):
        batch("in.csv", "out.csv")
    assert ["in.csv"] == names(tmp_path)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, batch):
    write(tmp_path / "in.csv")
    (tmp_path / "out.csv.parts").mkdir()
    (tmp_path / "out.csv.parts" / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(TableError, match=r"letter\.txt: not made by whentocall"):
        batch("in.csv", "out.csv", restart=True)
    assert "mine" == (tmp_path / "out.csv.parts" / "letter.txt").read_text(encoding="utf-8")


def test_what_cannot_be_written_is_said(tmp_path, batch):
    write(tmp_path / "in.csv")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(NotWritten, match="could not be written"):
        batch("in.csv", f"{'x' * 250}.csv")


def test_who_may_read_the_answers_may_read_the_advice(tmp_path, batch):
    write(tmp_path / "in.csv", [{"headache": "Ja"}]).chmod(0o640)
    batch("in.csv", "out.csv")
    assert {0o640} == {(tmp_path / one).stat().st_mode & 0o777 for one in names(tmp_path)}


def test_advice_that_is_not_a_persons_own_is_never_written(tmp_path, batch, monkeypatch):
    """The engine for tables is not believed: a few rows of every part are worked out one by one as well."""
    right = Results.counted

    def wrong(self, frame):
        results, counts = right(self, frame)
        turned = results.with_columns(results["level"].reverse()) if frame.height < 5 else results
        return Advised(turned, counts)

    write(tmp_path / "in.csv")
    monkeypatch.setattr(Results, "counted", wrong)
    with pytest.raises(Disagreement, match="a fault in this program: in row 2"):
        batch("in.csv", "out.csv")
    assert not (tmp_path / "out.csv").exists()
