"""Reads one rule file: bytes in, plain text values with their line numbers out.

The only module that imports PyYAML. It uses PyYAML's event stream alone: no tags, no anchors, no
implicit types, so `no`, `1.10` and `2021-07-28` stay the text that the clinician wrote, nothing in a
file can run, and a file made to exhaust memory (aliases, deep nesting) is refused as it is read.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from whentocall._misprints import (
    merge_conflict,
    misprint,
    misprinted_text,
    named,
    odd_character,
    wrong_end,
)
from whentocall._text import quote
from whentocall.errors import Finding

MAX_BYTES = 256 * 1024  # the longest shipped card is under 20 kB
MAX_DEPTH = 16  # the deepest condition in the shipped cards needs 8

# What a screen obeys instead of showing it: control characters, other line breaks, changes of writing
# direction, byte order marks, and what is no character at all.
_HIDDEN = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff"
_NEWLINE = re.compile(r"\r\n?|\n")
_NEAR = 2  # lines
_HIDDEN_IN_FILE = re.compile(f"[{_HIDDEN}]")
_HIDDEN_IN_TEXT = re.compile(rf"[\r{_HIDDEN}]")  # a return that ends a line is read as a newline


class Text(str):
    """A value as written, with the line it stands on."""

    __slots__ = ("line",)
    line: int

    def __new__(cls, value: str, line: int) -> Text:
        """A text from line `line` (1-based)."""
        self = super().__new__(cls, value)
        self.line = line
        return self


class Block(dict[str, object]):
    """A mapping, with the line it starts on. Keys are `Text`."""

    line: int = 0


class Items(list[object]):
    """A list, with the line it starts on."""

    line: int = 0


def line_of(value: object, default: int = 0) -> int:
    """The line of a value that `read` returned; `default` for anything else."""
    return getattr(value, "line", default)


class _Refused(Exception):
    """Reading cannot go on in this file."""

    def __init__(self, line: int, message: str, code: str) -> None:
        super().__init__(message)
        self.line, self.message, self.code = line, message, code


def read(path: Path, shown: str) -> tuple[Block | None, list[Finding]]:
    """Read the mapping in `path`.

    Returns:
        The mapping (None where it could not be read) and everything found wrong on the way.
        `shown` is how the file is named in findings.
    """
    findings: list[Finding] = []
    try:
        text = _text(path)
        lines = _NEWLINE.split(text)
        value = _build(_events(text, lines), _Notes(findings, shown, lines))
    except _Refused as refused:
        findings.append(Finding(shown, refused.line, refused.message, refused.code))
        return None, findings
    if not isinstance(value, Block):
        message = "this file must be a list of keys and values, such as 'title: Diarrhoea'"
        findings.append(Finding(shown, line_of(value, 1), message, "not-a-mapping"))
        return None, findings
    return value, findings


def _text(path: Path) -> str:
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode) and not stat.S_ISDIR(state.st_mode):
            raise _Refused(0, "cannot be read: it is no ordinary file", "unreadable")  # a pipe may never end
        size = state.st_size
        if size > MAX_BYTES:
            message = (
                f"this file has {size:,} bytes; a rule file may have at most {MAX_BYTES:,}: "
                "split it into one card per symptom"
            )
            raise _Refused(0, message, "too-large")
        data = path.read_bytes()
    except OSError as error:
        raise _Refused(0, f"cannot be read: {error.strerror}", "unreadable") from None
    text = _decoded(data)
    if hidden := _HIDDEN_IN_FILE.search(text):
        line = len(_NEWLINE.findall(text, 0, hidden.start())) + 1
        message = f"this line cannot be read (it has {named(hidden[0])}): remove that character"
        raise _Refused(line, message, "not-yaml")
    if conflict := merge_conflict(_NEWLINE.sub("\n", text)):
        raise _Refused(*conflict, "merge-conflict")
    return text


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0\0" in (data[:4:2], data[1:4:2]):
        raise _Refused(1, "this file is UTF-16 text: save it as UTF-8", "not-utf-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\0" in data:
            message = "this file is not text, but of another kind: save it as UTF-8 text"
            raise _Refused(1, message, "not-utf-8") from None
        line = data.count(b"\n", 0, error.start) + 1
        message = "this line is not UTF-8 text: save the file as UTF-8"
        raise _Refused(line, message, "not-utf-8") from None


def _events(text: str, lines: Sequence[str]) -> Iterator[yaml.Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.YAMLError as error:
        raise _not_yaml(error, lines) from None


def _not_yaml(error: yaml.YAMLError, lines: Sequence[str]) -> _Refused:
    """What is wrong where the parser stopped, or just before."""
    mark, context_mark = (getattr(error, name, None) for name in ("problem_mark", "context_mark"))
    context = getattr(error, "context", None) or ""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "no YAML"
    if context == "while scanning a quoted scalar":
        mark = context_mark or mark  # where the quote opens, not the file's end
        problem = "its quote is never closed"
    line = mark.line + 1 if mark else 1
    begun = context_mark.line + 1 if context_mark and context.startswith("while scanning") else line
    # A text runs on until the parser cannot make sense of it, so the fault may be some lines above.
    near = range(min(line, len(lines)), max(min(begun, line - _NEAR), 1) - 1, -1)
    for at in range(min(line, len(lines)), 0, -1):
        if message := wrong_end(lines[at - 1]) or (misprint(lines[at - 1]) if at in near else ""):
            return _Refused(at, message, "not-yaml")
    odd = next((each for at in near if (each := odd_character(lines[at - 1]) or _tab_in(lines[at - 1]))), "")
    message = (
        f"this line cannot be read ({problem}): check the indentation, that each key is "
        "followed by ': ', and that text with ': ' or ' #' in it is in quotes"
        + (f"; there is {named(odd)}, in it or just above" if odd else "")
    )
    return _Refused(line, message, "not-yaml")


def _tab_in(line: str) -> str:
    return "\t" if "\t" in line else ""


def _build(events: Iterator[yaml.Event], notes: _Notes) -> object:
    """Turn the event stream into values, without recursion so that no file can exhaust the stack."""
    root: object = None
    open_: list[_Open] = []
    documents = 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Refused(line, "only one document per file: remove this '---'", "two-documents")
        _refuse_tricks(event, line)
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(open_) >= MAX_DEPTH:
                message = f"nested more than {MAX_DEPTH} deep: write the condition more simply"
                raise _Refused(line, message, "too-deep")
            value: Block | Items = Block() if isinstance(event, yaml.MappingStartEvent) else Items()
            value.line = line
            open_.append(_Open(value, notes))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            closed = open_.pop().value
            if open_:
                open_[-1].add(closed, line)
            else:
                root = closed
        elif isinstance(event, yaml.ScalarEvent):
            scalar = Text(event.value, line)
            notes.refuse_misprint(event, scalar)
            if open_:
                open_[-1].add(scalar, line)
            else:
                root = scalar
    return root


def _refuse_tricks(event: yaml.Event, line: int) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        message = "'&' and '*' shortcuts are not used in rule files: write the text out where it is needed"
        raise _Refused(line, message, "anchor")
    if tag := getattr(event, "tag", None):
        message = f"{quote(tag)} is a YAML tag; rule files are plain text: remove it"
        raise _Refused(line, message, "tag")


class _Notes:
    """The findings of one file, and its lines, to look up what was written."""

    def __init__(self, findings: list[Finding], shown: str, lines: Sequence[str]) -> None:
        self._findings = findings
        self._shown = shown
        self._lines = lines

    def add(self, line: int, message: str, code: str) -> None:
        self._findings.append(Finding(self._shown, line, message, code))

    def _line(self, number: int) -> str:
        return self._lines[number - 1] if number <= len(self._lines) else ""

    def refuse_misprint(self, event: yaml.ScalarEvent, text: Text) -> None:
        """Refuse a text without quotes that begins like something else."""
        if event.style or event.start_mark is None:
            return
        before = self._line(text.line)[: event.start_mark.column]
        if message := misprinted_text(text, starts_line=not before.strip(" -")):
            raise _Refused(text.line, message, "misprint")

    def about_key(self, key: Text) -> str:
        """What is wrong with a key that only looks like one of ours."""
        return (
            misprint(self._line(key.line))
            or f"{quote(key)} is not a key: type it again with plain letters and signs"
        )


class _Open:
    """A mapping or list whose end has not been read yet."""

    def __init__(self, value: Block | Items, notes: _Notes) -> None:
        self.value = value
        self._notes = notes
        self._key: Text | None = None

    def add(self, item: object, line: int) -> None:
        if isinstance(item, Text) and (hidden := _HIDDEN_IN_TEXT.search(item)):
            where = quote(self._key) if self._key is not None else "this"
            message = f"{where} has {named(hidden[0])}, in it, which nobody can see: remove it"
            raise _Refused(item.line, message, "hidden-character")
        if isinstance(self.value, Items):
            self.value.append(item)
        elif self._key is None:
            if not isinstance(item, Text):
                raise _Refused(line, "a key must be plain text", "key-not-text")
            if odd_character(item):
                raise _Refused(item.line, self._notes.about_key(item), "misprint")
            self._key = item
        else:
            self._put(self._key, item)
            self._key = None

    def _put(self, key: Text, item: object) -> None:
        assert isinstance(self.value, Block)
        if key in self.value:
            first = next(line_of(known) for known in self.value if known == key)
            message = f"{quote(key)} appears twice (first on line {first}); keep one"
            self._notes.add(key.line, message, "duplicate-key")
            return
        self.value[key] = item
