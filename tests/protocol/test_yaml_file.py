"""Reading one file: text values with their lines, and nothing else that YAML can do."""

import pytest
import yaml

from whentocall.protocol.yaml_file import MAX_DEPTH, Block, Items, Text, line_of, read


@pytest.fixture(params=["libyaml", "pure Python"])
def reader(request, tmp_path, monkeypatch):
    """Reads bytes with each of PyYAML's two parsers: the rules must mean the same with both."""
    if request.param == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)

    def read_bytes(data):
        path = tmp_path / "card.yaml"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return read(path, "card.yaml")

    return read_bytes


@pytest.fixture
def value(reader):
    def read_sound(data):
        block, findings = reader(data)
        assert [] == findings
        return block

    return read_sound


@pytest.fixture
def refused(reader):
    """The one finding of a file that cannot be read at all: its line and code."""

    def read_broken(data):
        block, findings = reader(data)
        assert block is None
        [finding] = findings
        assert "card.yaml" == finding.file
        return finding.line, finding.code

    return read_broken


WRITTEN = [
    "no",
    "yes",
    "on",
    "null",
    "~",
    "1.10",
    "0o17",
    "1_000",
    "2021-07-28",
    "12:30:45",
    "1e3",
    ".inf",
    ".nan",
    "0x1F",
    "=",
    "<<",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_value_stays_the_text_that_was_written(written, value):
    """YAML's own reading of `no`, `1.10` or `12:30` has ended lives of data; here it never happens."""
    assert {"a": written} == value(f"a: {written}\n")


@pytest.mark.parametrize("written", ["no", "12:30", "on"])
def test_a_key_stays_the_text_that_was_written(written, value):
    assert {written: "x"} == value(f"{written}: x\n")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("", ""),
        ("''", ""),
        ("'no'", "no"),
        ('"4"', "4"),
        ("'it''s'", "it's"),
        ('"a\\tb"', "a\tb"),
        ("|\n  one\n  two", "one\ntwo\n"),
        ("|-\n  one\n  two", "one\ntwo"),
        (">\n  one\n  two", "one two\n"),
        (">-\n  one\n  two", "one two"),
        ("one\n  two", "one two"),
        ("text # with a comment", "text"),
        ("37.5 °C", "37.5 °C"),
        ("\U0001f321", "\U0001f321"),
    ],
)
def test_quotes_and_blocks_are_only_ways_of_writing_a_text(written, text, value):
    assert {"a": text} == value(f"a: {written}\n")


def test_values_know_their_line(value):
    block = value("a: 1\nb:\n  - x\n  - {c: y}\n\n# comment\nd: >\n  folded\ne:\n  f: g\n")

    assert [1, 2, 7, 9] == [line_of(key) for key in block]
    assert 3 == block["b"].line
    assert [3, 4] == [line_of(item) for item in block["b"]]
    assert 4 == line_of(block["b"][1]["c"])
    assert 7 == line_of(block["d"])
    assert 10 == block["e"].line


def test_lines_are_known_of_texts_mappings_and_lists_alone(value):
    block = value("a: [b]\n")

    assert (Block, Items, Text) == (type(block), type(block["a"]), type(block["a"][0]))
    assert 7 == line_of("plain", 7)
    assert 0 == line_of(None)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_newlines_and_a_byte_order_mark_change_nothing(newline, mark, value):
    """Files come from Windows and old editors too; the line numbers are the same."""
    block = value(mark + newline.join(["a: 1", "b: two", "c:", "- x", ""]).encode())

    assert {"a": "1", "b": "two", "c": ["x"]} == block
    assert [1, 2, 3] == [line_of(key) for key in block]


def test_a_first_document_mark_is_allowed(value):
    assert {"a": "1"} == value("---\na: 1\n")


def test_a_key_stands_once_in_its_mapping_and_the_first_one_counts(reader):
    """The last one silently winning is how a limit gets lost."""
    block, findings = reader("a: 1\nb: 2\na: 3\nc: {d: 4, d: 5}\n")

    assert {"a": "1", "b": "2", "c": {"d": "4"}} == block
    assert [
        (3, "'a' appears twice (first on line 1); keep one"),
        (4, "'d' appears twice (first on line 4); keep one"),
    ] == [(finding.line, finding.message) for finding in findings]


def test_the_same_key_in_two_mappings_is_no_duplicate(value):
    assert {"a": {"x": "1"}, "b": {"x": "2"}} == value("a: {x: 1}\nb: {x: 2}\n")


def test_a_merge_key_is_a_key_like_any_other(value):
    """`<<` merges nothing."""
    assert {"<<": {"a": "1"}, "b": "2"} == value("<<: {a: 1}\nb: 2\n")


TRICKS = [
    pytest.param("a: !!python/object/apply:os.system [x]\n", 1, "tag", id="object"),
    pytest.param("b: 1\na: !!python/name:os.system\n", 2, "tag", id="name"),
    pytest.param("a: !!str x\n", 1, "tag", id="str"),
    pytest.param("a: !!binary aGk=\n", 1, "tag", id="binary"),
    pytest.param("a: !custom x\n", 1, "tag", id="custom"),
    pytest.param("a: ! x\n", 1, "tag", id="bare"),
    pytest.param("!!map\na: x\n", 1, "tag", id="root"),
    pytest.param("!!set {a, b}\n", 1, "tag", id="set"),
    pytest.param("%TAG ! tag:x:\n---\na: !y z\n", 3, "tag", id="directive"),
    pytest.param("a: &x 1\n", 1, "anchor", id="anchor"),
    pytest.param("b: 1\na: &x [1]\n", 2, "anchor", id="anchored list"),
    pytest.param("a: &x {b: *x}\n", 1, "anchor", id="anchored in itself"),
    pytest.param("&k a: 1\n", 1, "anchor", id="anchored key"),
    pytest.param("a: *x\n", 1, "anchor", id="alias of nothing"),
    pytest.param("*x : a\n", 1, "anchor", id="alias as key"),
    pytest.param("a: 1\n---\nb: 2\n", 2, "two-documents", id="two documents"),
    pytest.param("? [a]\n: b\n", 1, "key-not-text", id="list as key"),
    pytest.param("{a: b}: c\n", 1, "key-not-text", id="mapping as key"),
]


@pytest.mark.parametrize(("text", "line", "code"), TRICKS)
def test_what_yaml_can_do_beyond_text_is_refused(text, line, code, refused):
    assert (line, code) == refused(text)


NOT_YAML = [
    pytest.param(b"a: 1\n\tb: 2\n", 2, id="tab"),
    pytest.param(b"a: 1\n b: 2\n", 2, id="indented"),
    pytest.param(b"a: b: c\n", 1, id="two colons"),
    pytest.param(b"a: @b\n", 1, id="at"),
    pytest.param(b"a: `b\n", 1, id="backtick"),
    pytest.param(b"a: 1\nb\nc: 1\n", 3, id="no colon"),
    pytest.param(b"%YAML 3.0\n---\na: 1\n", 1, id="another YAML"),
    pytest.param(b'a: "\\q"\n', 1, id="unknown escape"),
    pytest.param(b"a: 1\nb: \x07\n", 2, id="bell"),
    pytest.param(b"a: 1\nb: \x00\n", 2, id="nul"),
    pytest.param(b"a: 1\nb: \xef\xbf\xbe\n", 2, id="not a character"),
]


@pytest.mark.parametrize(("data", "line"), NOT_YAML)
def test_what_is_not_yaml_is_refused_at_its_line(data, line, refused):
    assert (line, "not-yaml") == refused(data)


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"a: \xff\n", 1), (b"a: 1\n# \xe9\n", 2), (b"\xff\xfea\x00", 1), (b"a: 1\nb: \xed\xa0\x80\n", 2)],
)
def test_what_is_not_utf_8_is_refused_at_its_line(data, line, refused):
    assert (line, "not-utf-8") == refused(data)


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"# comment\n", b"\xef\xbb\xbf", b"- a\n", b"text\n", b"''\n"]
)
def test_a_file_is_a_mapping(data, refused):
    assert (1, "not-a-mapping") == refused(data)


@pytest.mark.parametrize("open_", [b"[", b"- ", b"{a: ", b"? "])
def test_deep_nesting_is_refused_as_it_is_read(open_, refused):
    """A hundred thousand brackets exhaust neither the stack nor anybody's patience."""
    assert (1, "too-deep") == refused(open_ * 20_000)


def test_nesting_is_refused_beyond_its_limit_alone(value, refused):
    inside = MAX_DEPTH - 1
    assert {"a"} == set(value("a: " + "[" * inside + "]" * inside + "\n"))
    assert (1, "too-deep") == refused("a: " + "[" * (inside + 1) + "]" * (inside + 1) + "\n")


def test_a_file_that_is_not_there_is_a_finding(tmp_path):
    block, [finding] = read(tmp_path / "card.yaml", "card.yaml")

    assert block is None
    assert "card.yaml: cannot be read: No such file or directory [unreadable]" == str(finding)


def test_a_folder_is_a_finding(tmp_path):
    block, [finding] = read(tmp_path, "card.yaml")

    assert block is None
    assert "card.yaml: cannot be read: Is a directory [unreadable]" == str(finding)


def test_a_large_file_is_refused_by_its_size_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "card.yaml"
    path.write_bytes(b"a: " + b"x" * 300_000)
    monkeypatch.setattr(type(path), "read_bytes", lambda _: pytest.fail("it was read"))
    block, [finding] = read(path, "card.yaml")

    assert block is None
    assert (0, "too-large") == (finding.line, finding.code)
