"""What a mapping file says, and what is told of one that cannot be used.

`broken_mappings/` is a gallery: one fault to a file, and exactly one finding, at its line, in its words. A
file's first three comments say what must be found. To add a fault, add a file.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whentocall import load
from whentocall.errors import TableError
from whentocall.tables.columns import Column, check_columns, column_of
from whentocall.tables.mapping import read_mapping
from whentocall.tables.mapping_words import readable

GALLERY = Path(__file__).parent / "broken_mappings"
FILES = sorted(GALLERY.glob("*.yaml"))

loaded = cache(load)


@pytest.fixture
def mapping(tmp_path, protocol):
    """Reads a text, or bytes, as a mapping file."""

    def read(text):
        path = tmp_path / "mapping.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_mapping(path, protocol)

    return read


@pytest.fixture
def refused(mapping):
    """The lines of what is told of a mapping file that cannot be used, without the file's name."""

    def read(text):
        with pytest.raises(TableError) as caught:
            mapping(text)
        return [line.partition("mapping.yaml")[2] for line in str(caught.value).splitlines()]

    return read


# the gallery


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_fault_gives_one_finding_at_its_line_in_its_words(path, protocol):
    header = path.read_text("utf-8").splitlines()[:3]
    line, code, says = (one.split(": ", 1)[1] for one in header)
    with pytest.raises(TableError) as caught:
        read_mapping(path, protocol)
    told = str(caught.value)

    assert told.startswith(f"{path}:{line}: " if line != "0" else f"{path}: ")
    assert says in told
    assert told.endswith(f" [{code}]")
    assert not re.search(r"\n|Traceback|<class|Block\(|rule file|card|condition", told)


def test_the_gallery_is_complete_enough_to_be_one():
    """A glob that finds nothing would pass the test above."""
    assert len(FILES) >= 60


def test_a_file_without_its_fault_is_read(mapping):
    """The faults of the gallery are what is wrong with it."""
    assert "T" == mapping("columns:\n  temperature: {column: T, unit: °F}\n").columns["temperature"].name


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file(refused):
    assert [
        ":1: invalid separator 'x'; use one of , ; | or tab [bad-separator]",
        ":2: unknown or unsupported encoding 'cp0'; use one such as utf-8, cp1252 or utf-16 [bad-encoding]",
        ":4: 'all-targeted-drugs' has no question 'headach'; did you mean 'headache'? [unknown-question]",
        ":5: unknown unit 'K'; use °C or °F [unit]",
    ] == refused("separator: x\nencoding: cp0\ncolumns:\n  headach: H\n  temperature: {unit: K}\n")


# what a file says


WHOLE = """\
separator: ";"
encoding: cp1252
rename: {7: temp_evening, 12: x}
words:
  yes: [yes, Ja, 1, TRUE]
  no: [no, Nein, 0]
  don't know: [unknown, "?", n/a]
columns:
  temperature: {column: "Temp (°F)", unit: F}
  drug: {column: Medikament, words: {imatinib: [Glivec, Gleevec], don't know: "-"}}
  loose_stools: stools
  headache: {words: {yes: [schlimm], don't know: [Nein]}}
"""
DONT_KNOW = {"unknown": None, "?": None, "n/a": None}
YES_NO = {"yes": True, "Ja": True, "1": True, "TRUE": True, "no": False, "Nein": False, "0": False}


def test_every_part_of_a_mapping_file_is_read(mapping):
    read = mapping(WHOLE)

    assert (";", "cp1252", {7: "temp_evening", 12: "x"}) == (read.separator, read.encoding, read.rename)
    assert hashlib.sha256(WHOLE.encode()).hexdigest() == read.sha256
    assert Column("Temp (°F)", unit="°F", words=DONT_KNOW) == read.columns["temperature"]
    assert Column("stools", words=DONT_KNOW) == read.columns["loose_stools"]


def test_words_for_every_question_are_for_those_that_can_be_answered_so(mapping):
    columns = mapping(WHOLE).columns

    assert YES_NO | DONT_KNOW == columns["shivery"].words
    assert Column("diarrhoea_days", words=DONT_KNOW) == columns["diarrhoea_days"]
    glivec = {"Glivec": "imatinib", "Gleevec": "imatinib", "-": None}
    assert DONT_KNOW | glivec == columns["drug"].words


def test_what_is_said_of_one_column_goes_before_what_is_said_of_all(mapping):
    headache = mapping(WHOLE).columns["headache"]

    assert (YES_NO | DONT_KNOW | {"schlimm": True, "Nein": None}) == headache.words


def test_words_are_the_text_that_stands_there(mapping):
    """YAML would make truth values, numbers and nothing of these."""
    words = mapping("words: {yes: [on, 1, 0x1, TRUE, 1.0, ~, null]}").columns["headache"].words

    assert dict.fromkeys(("on", "1", "0x1", "TRUE", "1.0", "~", "null"), True) == words
    assert {str} == set(map(type, words))


def test_words_mean_plain_values(mapping):
    text = "columns: {drug: {words: {imatinib: G}}, loose_stools: {words: {0: none, -0: null, 4.0: four}}}"
    columns = mapping(text).columns

    assert [("G", "imatinib", str)] == [(*one, type(one[1])) for one in columns["drug"].words.items()]
    assert {"none": 0, "null": 0, "four": 4} == columns["loose_stools"].words
    assert {int} == set(map(type, columns["loose_stools"].words.values()))


def test_words_are_found_without_the_blanks_around_them(mapping):
    assert {"Ja": True} == mapping('words: {yes: [" Ja\\t\\u00a0"]}').columns["headache"].words


def test_what_is_said_of_one_column_counts_however_it_is_written(mapping):
    columns = mapping(
        "words: {yes: [1], no: [JA]}\ncolumns: {headache: {words: {no: ['1,0'], yes: [ja]}}}"
    ).columns

    assert {"1,0": False, "ja": True} == columns["headache"].words
    assert {"1": True, "JA": False} == columns["shivery"].words


def test_a_unit_may_be_written_in_any_way(mapping):
    for unit in ("F", "f", "℉", "ºF", "fahrenheit", "'[degF]'", "deg F"):
        assert "°F" == mapping(f"columns: {{temperature: {{unit: {unit}}}}}").columns["temperature"].unit


def test_a_word_may_turn_an_answer_into_dont_know(mapping):
    """Not knowing never lowers the level, so that this is nobody's harm."""
    columns = mapping('words: {don\'t know: ["false", 9]}').columns

    assert {"false": None, "9": None} == columns["headache"].words == columns["loose_stools"].words


def test_an_empty_cell_may_be_named_as_what_it_is(mapping):
    assert {} == mapping("words: {don't know: ['', ' ']}").columns


def test_a_question_that_is_not_spoken_of_is_not_listed(mapping):
    assert {"headache": Column("K")} == mapping("columns: {headache: K}").columns


def test_two_columns_may_change_places(mapping):
    columns = mapping("columns: {headache: shivery, shivery: headache}").columns

    assert ("shivery", "headache") == (columns["headache"].name, columns["shivery"].name)


def test_several_temperatures_may_share_a_column_of_units(mapping):
    read = mapping("columns: {temperature: {unit column: U}}")

    assert Column("temperature", unit_column="U") == read.columns["temperature"]


@pytest.mark.parametrize(
    ("said", "meant"), [("tab", "\t"), ('"\\t"', "\t"), ("';'", ";"), ('"|"', "|"), ("','", ",")]
)
def test_a_separator_is_one_sign(mapping, said, meant):
    assert meant == mapping(f"separator: {said}").separator


@pytest.mark.parametrize(
    ("said", "meant"),
    [("UTF8", "utf-8"), ("latin1", "iso8859-1"), ("utf-16", "utf-16"), ("Windows-1252", "cp1252")],
)
def test_an_encoding_goes_by_its_one_name(mapping, said, meant):
    assert meant == mapping(f"encoding: {said}").encoding


def test_a_byte_order_mark_and_windows_lines_make_no_difference(mapping):
    plain, exported = mapping(WHOLE), mapping(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())

    assert plain.columns == exported.columns
    assert plain.sha256 != exported.sha256


# files that cannot be read


def test_a_file_that_is_missing_is_named(tmp_path, protocol):
    with pytest.raises(TableError, match=r"mapping\.yaml: cannot be read: No such file"):
        read_mapping(tmp_path / "mapping.yaml", protocol)


def test_a_folder_is_no_file(tmp_path, protocol):
    with pytest.raises(TableError, match="cannot be read"):
        read_mapping(tmp_path, protocol)


def test_a_file_in_another_encoding_is_refused_at_its_line(refused):
    told = refused("columns:\n  headache: Kälte\n".encode("cp1252"))

    assert [":2: this line is not UTF-8 text: save the file as UTF-8 [not-utf-8]"] == told


def test_a_file_that_is_too_large_is_refused(refused):
    told = refused("# " + "x" * 300_000)

    assert [": this file is too large: a mapping file may have at most 262,144 bytes [too-large]"] == told


def told_of(path):
    """What is wrong with a mapping file; None for nothing."""
    try:
        read_mapping(path, loaded("all-targeted-drugs"))
    except TableError as error:
        return str(error)
    return None


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_anything_but_a_mapping_or_a_finding(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "mapping.yaml"
    path.write_bytes(data)
    told = told_of(path) or ""

    assert all(line.startswith(str(path)) for line in told.splitlines())


SETTINGS = ("separator", "encoding", "rename", "words", "columns", "column", "unit", "unit column")
NAMED = ("yes", "no", "don't know", "temperature", "drug", "headache", "loose_stools", "imatinib", "0", "7")
KEYS = st.sampled_from(SETTINGS + NAMED)
TEXTS = st.sampled_from(
    ['","', '"."', '";"', "cp1252", "T", "°F", "C", "Ja", "1", '"true"', '""', "headache", "4"]
)
VALUES = st.recursive(
    TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda found: f"[{', '.join(found)}]")
        | st.dictionaries(KEYS, inner, max_size=3).map(
            lambda found: f"{{{', '.join(f'{key}: {value}' for key, value in found.items())}}}"
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_whatever_stands_where_is_understood_or_told(tmp_path_factory, parts):
    """And what is understood is fit for a table."""
    path = tmp_path_factory.mktemp("parts") / "mapping.yaml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in parts.items()), "utf-8")
    protocol = loaded("all-targeted-drugs")
    told = told_of(path)

    if told is not None:
        assert all(line.startswith(str(path)) for line in told.splitlines())
        return
    columns = read_mapping(path, protocol).columns
    used = [column_of(columns, one) for one in protocol.questions]
    names = [one.name for one in used]
    assert len(names) == len(set(names))
    check_columns(protocol, columns, {*names, *(one.unit_column for one in used if one.unit_column)})


# texts that can be read


@pytest.mark.parametrize(
    ("question", "text", "can"),
    [
        *[("headache", text, True) for text in ("true", "False", "YES", "?", "", " \u00a0")],
        *[("headache", text, False) for text in ("Ja", "1", "null")],
        *[("loose_stools", text, True) for text in ("0", "4", "60", "4.0", "4,00", "+4", "unknown")],
        *[("loose_stools", text, False) for text in ("61", "-1", "3.5", "4.000", "1e1", "four", "4 days")],
        *[("temperature", text, True) for text in ("38.6", "38,6 ˚c", "101.5 ℉", "45", "86 °F")],
        *[("temperature", text, False) for text in ("101.5", "38.6 K", "46 °C", "°C")],
        *[("drug", text, True) for text in ("Imatinib", " other ", "imatinib (glivec)")],
        *[("drug", text, False) for text in ("Glivec", "imatinib x")],
    ],
)
def test_what_can_be_read_without_words(protocol, question, text, can):
    assert can is readable(text, protocol.questions[question])
