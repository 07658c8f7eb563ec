"""CSV as hospitals export it: every cell as it stands there, every row in its place, or a clear error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whentocall.errors import TableError
from whentocall.tables.files.csv_file import open_csv
from whentocall.tables.files.source import Reading


@pytest.fixture
def csv(tmp_path):
    """`csv("a,b\\n1,2\\n", …)` writes a file and opens it."""

    def open_(content, written="utf-8", **reading):
        path = tmp_path / "t.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(written))
        return open_csv(path, Reading("csv", **reading))

    return open_


def rows_of(source):
    """The rows of a file, None for a bad one, and what was said of the bad ones with their row and line."""
    rows, bad = [], []
    for part in source.parts(source.begin, frozenset()):
        assert len(rows) == part.begin.row
        assert part.table.num_rows == part.rows
        wrong = {one.place: one for one in part.bad_rows}
        for place, cells in enumerate(
            zip(*(column.to_pylist() for column in part.table.columns), strict=True)
        ):
            if place in wrong:
                assert set(cells) == {None}
                bad.append((len(rows) + 1, part.line_of(place), wrong[place].value, wrong[place].expected))
            rows.append(None if place in wrong else cells)
    return rows, bad


def refused(csv, *args, **how):
    with pytest.raises(TableError) as caught:
        rows_of(csv(*args, **how))
    return str(caught.value).partition("t.csv: ")[2]


class Unsure(Exception):
    """It cannot be known where a row ends."""


def plainly(text, separator, width):  # noqa: C901  as plain as can be
    """The rows of a CSV, read letter by letter: slow, and without a thought."""
    rows, place = [], 0
    while place < len(text):
        start, cells, broken, several = place, [], False, False
        while True:
            cell, quoted = "", text[place : place + 1] == '"'
            if quoted:
                place += 1
                while text[place : place + 1] != '"' or text[place : place + 2] == '""':
                    if place >= len(text):
                        raise Unsure
                    several |= text[place] in "\r\n"
                    cell += text[place]
                    place += 2 if text[place] == '"' else 1
                place += 1
                broken = place < len(text) and text[place] not in f"{separator}\r\n"
                if broken and several:
                    raise Unsure
                while broken and place < len(text) and text[place] not in "\r\n":
                    place += 1
            else:
                while place < len(text) and text[place] not in f"{separator}\r\n":
                    cell += text[place]
                    place += 1
            cells.append(cell if cell or quoted else None)
            if broken or text[place : place + 1] != separator:
                break
            place += 1
        blank = place == start
        place += 2 if text[place : place + 2] == "\r\n" else 1
        if not blank or width == 1:
            rows.append(tuple(cells) if len(cells) == width and not broken else None)
    return rows


def texts(separator):
    """Texts of few letters, so that quotes, separators and line ends meet in every way; and tidier ones."""
    wild = st.text(alphabet=f'aé"{separator}\n\r', max_size=30)
    cell = st.text(alphabet=f'aé"{separator}\n\r', max_size=5)
    quoted = cell.map(lambda one: '"' + one.replace('"', '""') + '"')
    plain = st.text(alphabet="a€ ", max_size=5)
    row = st.lists(st.one_of(quoted, plain), min_size=1, max_size=4).map(separator.join)
    tidy = st.lists(row, max_size=8).map(lambda rows: "".join(f"{one}\r\n" for one in rows))
    return st.one_of(wild, tidy)


@given(data=st.data())
def test_a_csv_cut_anywhere_is_read_as_letter_by_letter(tmp_path_factory, data):
    separator = data.draw(st.sampled_from(",;"))
    width = data.draw(st.integers(1, 3))
    text = separator.join(f"c{place}" for place in range(width)) + "\n" + data.draw(texts(separator))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-16"]))
    size, most = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 5))
    path = tmp_path_factory.getbasetemp() / "cut.csv"
    path.write_bytes(text.encode(encoding))
    reading = Reading("csv", separator=separator, most_bytes=size, most_rows=most)
    try:
        expected = plainly(text, separator, width)[1:]
    except Unsure:
        with pytest.raises(TableError):
            rows_of(open_csv(path, reading))
        return
    assert expected == rows_of(open_csv(path, reading))[0]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_line(csv, end):
    assert [("1", "2"), ("3", "4")] == rows_of(csv(end.join(["a,b", "1,2", "3,4", ""])))[0]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("cp1252", "windows-1252"),
    ],
)
def test_an_encoding_that_is_marked_or_said_is_read(csv, written, said):
    content = "Größe,b\nü,ß\n"
    source = csv(content, written, encoding=said, most_bytes=3)
    assert ("Größe", "b") == source.names
    assert [("ü", "ß")] == rows_of(source)[0]


def test_cells_stay_as_they_stand_there(csv):
    found = rows_of(csv('a,b,c\n0012, 1 ,"x, ""y"""\n,"",1e5\n'))[0]
    assert [("0012", " 1 ", 'x, "y"'), (None, "", "1e5")] == found


def test_a_row_with_too_few_or_too_many_cells_keeps_its_place(csv):
    rows, bad = rows_of(csv('a,b\n1,2\n3\n\n"4\n",5,6\n7,8\n'))
    assert [("1", "2"), None, None, ("7", "8")] == rows
    width = "2 cells, one for each column, not "
    assert [(2, 3, "3", f"{width}1"), (3, 5, '"4\n",5,6', f"{width}3")] == bad


def test_a_row_with_something_behind_a_closing_quote_keeps_its_place(csv):
    rows, bad = rows_of(csv('a,b\n1,5" tube\n2,"x"y\n3,"z"\n'))
    assert [("1", '5" tube'), None, ("3", "z")] == rows
    assert [(2, 3, '2,"x"y')] == [one[:3] for one in bad]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "this file is empty; the first line should name the columns"),
        (
            "a;b;c\n1;2;3\n",
            "line 1 has no ',' but 2 of ';'; if that is the separator, use --separator ';'",
        ),
        ("a\tb\n1\t2\n", "line 1 has no ',' but 1 of tab; if that is the separator, use --separator tab"),
        (
            "a, b ,b\n1,2,3\n",
            "line 1 has the column 'b' twice, as columns 2 and 3; rename one of them, in the file or in the "
            "mapping file",
        ),
        (
            "a,,\n1,2,3\n",
            "line 1 has a column without a name twice, as columns 2 and 3; rename one of them, in the file "
            "or in the mapping file",
        ),
        ('a,b\n1,2\n\n3,"4\n5,6\n', "row 2 (line 4): a quote opens a cell and is never closed"),
        (
            'a,b\n1,"2\n3,"x"\n',
            "row 1 (line 2): a quote opens a cell, and what closes it, on another line, is not the "
            "cell's end",
        ),
        ('a,"b\n1,2\n', "line 1: a quote opens a cell and is never closed"),
        (
            b"a,b\n1,2\n\n3,\xfc\n",
            "row 2 (line 4): the byte 0xFC is not UTF-8; use --encoding cp1252 (Windows), or the right one",
        ),
        (
            b"a,b\n1,\x00\n",
            "row 1 (line 2): there is a zero byte; is this UTF-16 (--encoding utf-16-le), or damaged?",
        ),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused_with_its_place(csv, content, message):
    assert message == refused(csv, content)


@pytest.mark.parametrize("size", [10, 1000])
def test_the_place_of_an_error_does_not_depend_on_the_parts(csv, size):
    content = b"a,b\n" + b"1,2\n" * 20 + b'"\n",\xfc\n'
    assert refused(csv, content, most_bytes=size).startswith("row 21 (line 23): the byte 0xFC is not UTF-8")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        *(
            (said, f"unknown or unsupported encoding '{said}'; use one such as utf-8, cp1252 or utf-16")
            for said in ("cp037", "iso2022_jp", "unicode_escape", "nonsense")
        ),
        ("cp1252", "the file begins with the mark of UTF-8, not cp1252"),
    ],
)
def test_an_encoding_that_cannot_be_used_is_refused(csv, said, message):
    assert message == refused(csv, "\ufeffa,b\n1,2\n", encoding=said)


def test_a_column_can_be_renamed_by_its_place(csv):
    assert ("t", "evening") == csv("t,t\n1,2\n", rename={2: "evening"}).names
    assert "no column 3 to rename; there are 2" == refused(csv, "t,t\n", rename={3: "x"})


def test_names_lose_the_blanks_around_them(csv):
    assert ("a", "", "c d") == csv(" a ,,c d\t\n").names


def test_a_comma_that_is_said_is_not_doubted(csv):
    assert [("1;2",)] == rows_of(csv("a;b\n1;2\n", separator=","))[0]


def test_the_file_may_say_what_stands_between_its_cells(csv):
    source = csv("sep=;\r\na;b\r\n1;2\r\n")
    assert ";" == source.separator
    assert [("1", "2")] == rows_of(source)[0]


@pytest.mark.parametrize("said", ["ab", '"', "a", "1", ".", "\n", "é"])
def test_what_cannot_stand_between_cells_is_refused(csv, said):
    with pytest.raises(TableError) as caught:
        csv("a,b\n", separator=said)
    assert f"invalid separator '{said}'; use one of , ; | or tab" == str(caught.value)


def test_the_rows_after_a_part_are_the_rest(csv):
    source = csv("a\n" + "".join(f"{place}\n" for place in range(10)), most_rows=3)
    parts = list(source.parts(source.begin, frozenset()))
    assert [3, 3, 3, 1] == [part.rows for part in parts]
    again = list(source.parts(parts[1].end, frozenset()))
    assert [part.table for part in parts[2:]] == [part.table for part in again]
    assert [8, 9, 10] == [again[0].line_of(place) for place in range(3)]
