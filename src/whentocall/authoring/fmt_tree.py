"""A rule file as a tree that keeps what loading drops: comments, blank lines, quotes, and places.

The only module that imports ruamel.yaml, and only its event stream: values stay the text that the clinician
wrote, so nothing here can turn `no` into false or `1.10` into 1.1.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

_BLOCK_HEADER = re.compile(r"(?P<style>[>|])(?:(?P<digit>[1-9])|[+-])*")
_ODD_LINE_BREAK = re.compile("[\x85\u2028\u2029\x0c]")


class NotATree(Exception):
    """The text cannot be taken apart: `line` (1-based, 0 for the whole file) and why."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class Scalar:
    """A value as written.

    Attributes:
        value: what it says.
        lines: the source, line by line, without indentation; for a block text its content alone.
        header: `>`, `|-` and the like for a block text, else empty.
    """

    value: str
    lines: list[str]
    header: str = ""
    first: int = 0
    plain: bool = False

    @property
    def raw(self) -> str:
        """The source of a value that stands on one line."""
        return " ".join(self.lines)


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a list (without a key), and the comments that go with it."""

    key: Scalar | None
    value: Scalar | Collection
    line: int
    lead: list[str] = field(default_factory=list)  # comments above, "" for a blank line
    beside: list[str] = field(default_factory=list)  # comments at the end of a line

    @property
    def name(self) -> str:
        """The key as text; empty for an item of a list."""
        return self.key.value if self.key else ""


@dataclass(slots=True)
class Collection:
    """A mapping or a list. `flow` is in braces or brackets, `spread` one that goes over several lines."""

    is_map: bool
    flow: bool
    column: int
    first: int
    spread: bool = False
    entries: list[Entry] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)  # comments after the last entry

    def get(self, key: str) -> Scalar | Collection | None:
        """The value under a key."""
        return next((entry.value for entry in self.entries if entry.key and entry.name == key), None)

    def items(self) -> Iterator[tuple[str, Scalar | Collection]]:
        """Keys and values; the key of a list's item is empty."""
        return ((entry.name, entry.value) for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Tree:
    """A file: its mapping, and every comment in it."""

    root: Collection
    comments: tuple[str, ...]


def tree_of(text: str) -> Tree:
    """Take a rule file apart. It must be one that `yaml_file.read` takes: no anchors, no tags.

    Raises:
        NotATree: it is not YAML, or holds line breaks that editors do not show.
    """
    if odd := _ODD_LINE_BREAK.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise NotATree(line, "this line holds an invisible line break: type the line again")
    reader = _Reader(text)
    root = reader.root()
    return Tree(root, _Comments(reader, root).place())


class _Reader:
    """Builds the tree from the event stream, and marks which characters are values."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.inside = bytearray(len(text) + 2)  # 1 where a character belongs to a value

    def root(self) -> Collection:
        events = iter(YAML(typ="safe", pure=True).parse(self.text))
        try:
            for event in events:
                if isinstance(event, MappingStartEvent):
                    return self._collection(event, events)
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "no YAML"
            raise NotATree(mark.line + 1 if mark else 0, f"cannot be read ({problem})") from None
        raise NotATree(0, "this file must be a list of keys and values")

    def line_at(self, index: int) -> int:
        return bisect_right(self.starts, index) - 1

    def _collection(self, event: Any, events: Iterator[Any]) -> Collection:
        start = event.start_mark.index
        line = self.line_at(start)
        column = start - self.starts[line]
        part = Collection(isinstance(event, MappingStartEvent), bool(event.flow_style), column, line)
        for inner in events:
            if isinstance(inner, MappingEndEvent | SequenceEndEvent):
                part.spread = part.flow and self.line_at(inner.end_mark.index) > line
                return part
            key = self._scalar(inner, column) if part.is_map else None
            value = self._node(next(events) if part.is_map else inner, events, column)
            part.entries.append(Entry(key, value, key.first if key else value.first))
        raise NotATree(line + 1, "this list of keys and values has no end")

    def _node(self, event: Any, events: Iterator[Any], column: int) -> Scalar | Collection:
        if isinstance(event, ScalarEvent):
            return self._scalar(event, column)
        return self._collection(event, events)

    def _scalar(self, event: Any, column: int) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        line = self.line_at(start)
        if not isinstance(event, ScalarEvent):
            raise NotATree(line + 1, "a key must be plain text")
        if event.style in ("|", ">"):
            return self._block_text(event.value, start, line, column)
        self._mark(start, end)
        lines = [text.strip() for text in self.text[start:end].split("\n")]
        return Scalar(event.value, lines, "", line, event.style not in ("'", '"'))

    def _block_text(self, value: str, start: int, line: int, column: int) -> Scalar:
        header = _BLOCK_HEADER.match(self.text, start)
        assert header is not None
        rest = self.lines[line + 1 :]
        indents = [_indent(below) for below in rest if below.strip()]
        indent = column + int(header["digit"]) if header["digit"] else (indents[0] if indents else 0)
        content = []
        for below in rest if indent > column else ():
            if below.strip() and _indent(below) < indent:
                break
            content.append(below[indent:])
        while content and not content[-1] and "+" not in header[0]:
            content.pop()
        self._mark(self.starts[line + 1] if content else start, self.starts[line + 1 + len(content)])
        shown = re.sub(r"\d", "2", header[0])  # counted from the key, and we indent by 2
        return Scalar(value, content, shown, line)

    def _mark(self, start: int, end: int) -> None:
        self.inside[start:end] = b"\1" * (end - start)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


class _Comments:
    """Finds the comments and blank lines of a file and gives each to the entry that it is about."""

    def __init__(self, reader: _Reader, root: Collection) -> None:
        self.reader = reader
        self.root = root
        self.placed: list[str] = []
        self.starting: dict[int, list[tuple[Entry, Collection]]] = {}  # by line, outermost first
        self._index(root)

    def _index(self, collection: Collection) -> None:
        for entry in collection.entries:
            self.starting.setdefault(entry.line, []).append((entry, collection))
            value = entry.value
            if isinstance(value, Collection) and (not value.flow or value.spread):
                self._index(value)

    def place(self) -> tuple[str, ...]:
        """Give every comment its place in the tree. Returns all of them, in order."""
        loose: list[tuple[int, str]] = []  # comment lines and blank lines not yet placed, with columns
        current: Entry | None = None
        for number, line in enumerate(self.reader.lines):
            here = self.starting.get(number, [])
            if here:
                self._above(loose, *here[0])
                loose, current = [], here[-1][0]
            column = self._comment_column(number, line)
            comment = line[column:].rstrip()
            before = line[:column].strip()
            if comment:
                self.placed.append(comment)
            if comment and before.strip("- ") and current:
                current.beside.append(comment)
            elif comment:
                loose.append((column, comment))
            elif before or self.reader.inside[self.reader.starts[number]]:
                loose = [
                    (indent, text) for indent, text in loose if text
                ]  # a blank line in the middle of something
            else:
                loose.append((0, ""))
        self._share(loose, [self.root, *_ends(self.root)], -1, [])
        return tuple(self.placed)

    def _comment_column(self, number: int, line: str) -> int:
        """Where the comment of a line starts; its length if it has none."""
        start = self.reader.starts[number]
        for column, character in enumerate(line):
            lone = not column or line[column - 1].isspace()
            if character == "#" and lone and not self.reader.inside[start + column]:
                return column
        return len(line)

    def _above(self, loose: list[tuple[int, str]], entry: Entry, parent: Collection) -> None:
        """Comments above an entry are its own, except those further in, which end the part before."""
        place = next(place for place, other in enumerate(parent.entries) if other is entry)
        if not place:
            entry.lead += [comment for _, comment in loose]
        else:
            self._share(loose, _ends_of(parent.entries[place - 1].value), parent.column, entry.lead)

    @staticmethod
    def _share(loose: list[tuple[int, str]], ended: list[Collection], column: int, lead: list[str]) -> None:
        blanks: list[str] = []
        for indent, comment in loose:
            if not comment:
                blanks.append("")
                continue
            if indent <= column:
                ended = []  # from here on, all belongs to what follows
            around = [part for part in ended if part.column <= indent] or ended[:1]
            (around[-1].tail if around else lead).extend([*blanks, comment])
            blanks = []
        lead += blanks


def _ends_of(value: Scalar | Collection) -> list[Collection]:
    return [value, *_ends(value)] if isinstance(value, Collection) and not value.flow else []


def _ends(collection: Collection) -> list[Collection]:
    """The collections that end where this one ends, outermost first."""
    return _ends_of(collection.entries[-1].value) if collection.entries else []
