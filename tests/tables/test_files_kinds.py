"""A file of another kind: by its name or by its content, what it is and what to do about it is said."""

import gzip
import io
import tarfile
import zipfile

import pytest
import xlsxwriter

from whentocall.errors import TableError
from whentocall.tables.files import open_table
from whentocall.tables.files.formats import FORMATS, format_of, refuse_other_content
from whentocall.tables.files.other_kinds import OTHER_KINDS
from whentocall.tables.files.source import Reading

SHEET = "save the sheet as CSV"
UNPACK = "unpack it first"
EXPORT = "export the table as CSV or Parquet"


def refusal(doing, *args, **more):
    with pytest.raises(TableError) as caught:
        doing(*args, **more)
    said = str(caught.value)
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    ("name", "what", "to_do"),
    [
        ("x.xlsx", "an Excel workbook", SHEET),
        ("X.XLSM", "an Excel workbook", SHEET),
        ("x.xls", "an old Excel workbook", SHEET),
        ("x.ods", "an OpenDocument sheet", SHEET),
        ("x.numbers", "a Numbers sheet", SHEET),
        ("x.csv.gz", "compressed (gzip)", UNPACK),
        ("x.parquet.gz", "compressed (gzip)", UNPACK),
        ("x.ndjson.zst", "compressed (zstd)", UNPACK),
        ("x.csv.bz2", "compressed (bzip2)", UNPACK),
        ("x.csv.xz", "compressed (xz)", UNPACK),
        ("x.zip", "a ZIP file", "unpack it"),
        ("x.tar", "an archive", UNPACK),
        ("x.sav", "an SPSS file", EXPORT),
        ("x.dta", "a Stata file", EXPORT),
        ("x.sas7bdat", "a SAS file", EXPORT),
        ("x.xpt", "a SAS file", EXPORT),
        ("x.rds", "an R file", EXPORT),
        ("x.RData", "an R file", EXPORT),
        ("x.sqlite", "a database", EXPORT),
        ("x.accdb", "a database", EXPORT),
        ("x.json", "JSON", "write one object in each line, and use --format ndjson"),
        ("x.txt", "a text file", "use --format csv"),
        ("x.pdf", "a PDF file", EXPORT),
    ],
)
def test_what_a_name_says_is_told_with_what_to_do(tmp_path, name, what, to_do):
    said = refusal(format_of, tmp_path / name, None, option="--format")
    assert said.startswith(f"{tmp_path / name}: the name says that this is {what}")
    assert f"which is not read here: {to_do}" in said


@pytest.mark.parametrize(
    ("name", "to_do"),
    [
        ("out.xlsx", "write .csv, which it can open"),
        ("out.csv.gz", "write .csv or .parquet, and pack that"),
        ("out.sav", "write .csv or .parquet, and convert that"),
        ("out.json", "write .ndjson, which has one JSON object in each line"),
        ("out.txt", "write .csv or .tsv"),
    ],
)
def test_a_name_for_the_output_is_told_what_to_write_instead(tmp_path, name, to_do):
    said = refusal(format_of, tmp_path / name, None, option="--to")
    assert f"which is not written here: {to_do}" in said


def test_a_name_that_says_nothing_gets_the_list_of_endings(tmp_path):
    assert ".csv, .tsv, .parquet" in refusal(format_of, tmp_path / "table", None, option="--format")


@pytest.mark.parametrize("kind", OTHER_KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_told_by_each_of_its_endings_and_none_is_ours(tmp_path, kind):
    ours = {ending for endings in FORMATS.values() for ending in endings}
    assert set() == ours.intersection(kind.endings)
    for ending in kind.endings:
        for option, rather in (("--format", kind.to_read), ("--to", kind.to_write)):
            said = refusal(format_of, tmp_path / f"x{ending}", None, option=option)
            assert f"this is {kind.name}, which" in said
            assert said.endswith(rather)


def workbook():
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        book.add_worksheet().write(0, 0, "temperature")
    return made.getvalue()


def archive(name, content):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr(name, content)
    return made.getvalue()


def tape():
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as opened:
        opened.addfile(tarfile.TarInfo("in.csv"))
    return made.getvalue()


CONTENTS = {
    "an Excel workbook": workbook(),
    "an OpenDocument sheet": archive("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
    "a ZIP file or an Excel workbook": archive("in.csv", "temperature\n38.2\n"),
    "an archive": tape(),
    "compressed (gzip)": gzip.compress(b"temperature\n38.2\n"),
    "compressed (zstd)": b"\x28\xb5\x2f\xfd\x04\x00",
    "an SPSS file": b"$FL2@(#) SPSS DATA FILE" + b" " * 37 + b"\x02\x00\x00\x00",
    "a Stata file": b"<stata_dta><header>",
    "a SAS file": b"\x00" * 12 + b"\xc2\xea\x81\x60" + b"\x00" * 8,
    "an R file": b"RDX3\nX\n\x00\x00\x00\x03",
    "a database": b"SQLite format 3\x00\x10\x00",
    "an ORC file": b"ORC\x08\x01\x00",
    "XML or a web page": b"\n<!DOCTYPE html><html>",
    "a PDF file": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("said_to_be", ["csv", "ndjson", "parquet"])
def test_what_the_content_says_is_told_under_a_wrong_name_too(tmp_path, name, said_to_be):
    path = tmp_path / f"in.{said_to_be}"
    path.write_bytes(CONTENTS[name])
    kind = next(kind for kind in OTHER_KINDS if kind.name == name)
    assert f"{path}: this is {name}: {kind.to_read}" == refusal(refuse_other_content, path, said_to_be)


@pytest.mark.parametrize(
    "header", ["ORCID", "PAR1", "Obj", "Rar!", "BZh", "ARROW1", "FEA1", "RDX3", "$FL2", "ÿÿÿÿ", "MATLAB 5.0"]
)
def test_a_csv_is_not_taken_for_another_kind_because_of_its_first_name(tmp_path, header):
    path = tmp_path / "in.csv"
    path.write_text(f"{header},temperature\nx,38.2\n", encoding="cp1252")
    refuse_other_content(path, "csv")
    source = open_table(path, Reading("csv", encoding="cp1252"), to="csv")
    assert (header, "temperature") == source.names


def test_json_under_the_name_of_a_csv_is_told(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text('[{"temperature": 38.2}]', encoding="utf-8")
    assert "this is JSON; write one object in each line" in refusal(refuse_other_content, path, "csv")


def test_a_pipe_is_refused_as_its_beginning_can_be_read_only_once(tmp_path):
    said = refusal(refuse_other_content, tmp_path, "csv")
    assert "use a file, or - for standard input" in said


ONE_VALUE = "this is one JSON list (or one object over several lines); NDJSON has an object in each line"


@pytest.mark.parametrize(
    "text",
    [
        '[{"temperature": 38.2}, {"temperature": 36.8}]',
        '[\n  {"temperature": 38.2},\n  {"temperature": 36.8}\n]\n',
        '[{"temperature": 38.2},\n{"temperature": 36.8}]\n',
        '\ufeff[ {"temperature": 38.2} ]',
        "[[38.2], [36.8]]",
        '{\n  "temperature": 38.2\n}\n',
        '{"temperature": 38.2,\n "headache": true}\n',
        '\n{"temperature": 38.2,\n "headache": true}\n{"temperature": 36.8,\n "headache": true}\n',
        '{\r\n"temperature": 38.2}',
        "[\n" + '  {"temperature": 38.2},\n' * 5000 + '{"temperature": 36.8}]',
        '{"data": [\n' + '  {"temperature": 38.2},\n' * 2000 + '{"temperature": 36.8}]}',
        '{\n"data": [\n' + '  {"temperature": 38.2},\n' * 5000 + '{"temperature": 36.8}]}',
    ],
)
@pytest.mark.parametrize("most_rows", [1, 1000])
def test_json_that_is_not_in_lines_is_told(tmp_path, text, most_rows):
    path = tmp_path / "in.ndjson"
    path.write_text(text, encoding="utf-8", newline="")
    reading = Reading("ndjson", most_rows=most_rows)
    for to in ("ndjson", "csv"):
        assert f"{path}: {ONE_VALUE}" == refusal(open_table, path, reading, to=to)


@pytest.mark.parametrize(
    "text",
    [
        '{"temperature": 38.2}\n{"temperature": 36.8}\n',
        '{"temperature": 38.2}',
        '{"x": {"y": [1,\n{"temperature": 38.2}\n',
        '[38.2]\n{"temperature": 38.2}\n',
        'junk\n{"temperature": 38.2}\n',
        '{} {}\n{"temperature": 38.2}\n',
        "",
    ],
)
def test_json_in_lines_is_read_even_where_a_line_is_bad(tmp_path, text):
    path = tmp_path / "in.ndjson"
    path.write_text(text, encoding="utf-8")
    open_table(path, Reading("ndjson"), to="ndjson")
