"""The mapping file of a table: which columns answer the questions of a protocol, and how they are written.

    separator: ";"                    # of a CSV
    encoding: cp1252                  # of a CSV
    rename: {7: temp_evening}         # the 7th column of a CSV gets this name
    words:
      yes: [Ja, 1]                    # for every yes-no question
      no: [Nein, 0]
      don't know: [k.A., 99]          # for every question
    columns:
      temperature: {column: "Temp (°F)", unit: °F}
      drug: {column: Medikament, words: {lapatinib: [Tyverb], don't know: ["-"]}}
      loose_stools: stools            # in short: only another name

A question that it does not name stands in the column of its own name. Every scalar is the text that stands
there: `yes`, `1` and `TRUE` are no truth values, nor numbers. A word covers every spelling of it that
`engine/spelling.py` takes for the same: `Ja` is `JA` too, and `1` is `1.0`.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections import abc
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from whentocall._text import hint, quote
from whentocall.engine.spelling import unit_of
from whentocall.errors import TableError
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.yaml_file import MAX_BYTES, MAX_DEPTH, Block, Text, read
from whentocall.tables.columns import Column, Columns
from whentocall.tables.mapping_words import (
    Found,
    Words,
    check_common,
    more_words,
    words_for_all,
    words_for_one,
)

KEYS = ("separator", "encoding", "rename", "words", "columns")
COLUMN_KEYS = ("column", "unit", "unit column", "words")
SEPARATORS = (",", ";", "|", ":", "^", "~", "\t")

_POSITION = re.compile("[1-9][0-9]{0,5}")
_NOT_FOR_TABLES = ("idna", "punycode", "undefined", "unicode-escape", "unicode_escape", "raw-unicode-escape")
_HERE = {  # what `yaml_file` says of a rule file, said of this one
    "too-large": f"this file is too large: a mapping file may have at most {MAX_BYTES:,} bytes",
    "not-a-mapping": "this file should have keys and values, such as 'columns: {loose_stools: stools}'",
    "too-deep": f"nested more than {MAX_DEPTH} deep: nothing in a mapping file needs that",
    "anchor": "'&' and '*' shortcuts are not used in mapping files: write the text out, or put it in quotes",
    "tag": "'!' marks a YAML tag, and a mapping file is plain text: remove it, or put the text in quotes",
}
_NEEDLESS = {"decimal": "decimals may follow a point or a comma in every table, so remove this line"}


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a mapping file says.

    Attributes:
        columns: the questions that are not simply in the column of their own name, and how they are written.
        separator: what stands between the columns of a CSV; None where it is not said.
        encoding: of a CSV, by the name that Python has for it; None where it is not said.
        rename: the place of a CSV's column, counted from 1, to the name that it gets.
        sha256: of the file's bytes.
    """

    columns: Columns
    separator: str | None
    encoding: str | None
    rename: abc.Mapping[int, str]
    sha256: str


def read_mapping(path: Path, protocol: Protocol) -> Mapping:
    """Read a mapping file.

    Args:
        path: the file: YAML in UTF-8, a byte order mark or none.
        protocol: whose questions it speaks of.

    Raises:
        TableError: the file cannot be read or used; one line for each thing found wrong, with its place.
    """
    block, sha256, found = _read(path)
    _unknown_keys(block, KEYS, found)
    separator = _separator(block.get("separator"), found)
    common = words_for_all(block.get("words", Text("", 0)), found)
    check_common(common, found)
    entries = _Entries(protocol, found)
    entries.read(block.get("columns"))
    encoding, rename = _encoding(block.get("encoding"), found), _rename(block.get("rename"), found)
    found.refuse()
    return Mapping(
        columns=MappingProxyType(entries.columns(common)),
        separator=separator,
        encoding=encoding,
        rename=MappingProxyType(rename),
        sha256=sha256,
    )


def _read(path: Path) -> tuple[Block, str, Found]:
    """The file as it stands, its hash, and what was wrong so far.

    Raises:
        TableError: it cannot be read.
    """
    block, findings = read(path, str(path))
    found = Found(str(path), [replace(one, message=_HERE.get(one.code, one.message)) for one in findings])
    if block is None:
        found.refuse()
    assert block is not None
    try:
        return block, hashlib.sha256(path.read_bytes()).hexdigest(), found
    except OSError as error:  # it was there a moment ago
        raise TableError(f"{path}: cannot be read: {error.strerror}") from None


# what is said once for the whole table


def _unknown_keys(block: Block, known: Iterable[str], found: Found) -> None:
    for key in block:
        if key not in known:
            other = f"there are {', '.join(known)}{hint(key, known)}"
            message = f"{quote(key)} is not known here: {_NEEDLESS.get(key, other)}"
            found.add(key, message, "unknown-key")


def _text(value: object, found: Found, what: str) -> Text | None:
    """The text that stands there, if one does."""
    if isinstance(value, Text) and value:
        return value
    if value is not None:
        found.add(value, f"{what} should be a text: write it here, or remove the line", "not-a-text")
    return None


def _separator(value: object, found: Found) -> str | None:
    if value == "tab":
        return "\t"
    text = _text(value, found, "the separator")
    if text is not None and text not in SEPARATORS:
        signs = " ".join(SEPARATORS[:-1])
        message = f"{quote(text)} cannot separate columns: write tab, or one of {signs} in quotes"
        found.add(text, message, "bad-separator")
        return None
    return None if text is None else str(text)


def _encoding(value: object, found: Found) -> str | None:
    text = _text(value, found, "the encoding")
    if text is None:
        return None
    try:
        codec = codecs.lookup(text)
        sound = codec.name not in _NOT_FOR_TABLES and "a;1".encode(text).decode(text) == "a;1"
    except (
        LookupError,
        ValueError,
        TypeError,
    ):  # no such one, one that is not of texts, or a text that names none
        sound = False
    if sound:
        return codec.name
    message = (
        f"{quote(text)} is no encoding of texts that is known here: write one such as utf-8, cp1252 or utf-16"
    )
    found.add(text, message, "bad-encoding")
    return None


def _rename(value: object, found: Found) -> dict[int, str]:
    block = _block(value, found, "'rename'", "{7: temp_evening}")
    renamed: dict[int, str] = {}
    for key, given in block.items():
        name = _text(given, found, f"the new name of column {quote(key)}")
        if not _POSITION.fullmatch(key):
            message = f"{quote(key)} is not the place of a column: count from 1, from the left"
            found.add(key, message, "bad-place")
        elif name is not None:
            if name in renamed.values():
                message = f"two columns cannot both be renamed {quote(name)}: give each a name of its own"
                found.add(name, message, "renamed-alike")
            renamed[int(key)] = str(name)
    return renamed


def _block(value: object, found: Found, what: str, example: str) -> Block:
    """The keys and values that stand there; none where nothing does."""
    if isinstance(value, Block):
        return value
    if value is not None and value != "":
        found.add(value, f"{what} should have keys and values, such as {example}", "not-a-mapping")
    return Block()


# what is said of one column


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is said of one question's column."""

    question: Text
    column: Column


class _Entries:
    """The part of the file about the columns."""

    def __init__(self, protocol: Protocol, found: Found) -> None:
        self.protocol = protocol
        self.found = found
        self.all: list[_Entry] = []

    def read(self, value: object) -> None:
        """Read what is said, and see whether it goes together."""
        example = "{loose_stools: stools}"
        for key, said in _block(value, self.found, "'columns'", example).items():
            assert isinstance(key, Text)
            question = self.protocol.questions.get(key)
            if question is None:
                message = (
                    f"'{self.protocol.id}' has no question {quote(key)}{hint(key, self.protocol.questions)}"
                )
                self.found.add(key, message, "unknown-question")
            else:
                self.all.append(self.entry(key, said, question))
        self.refuse_shared()

    def entry(self, key: Text, said: object, question: Question) -> _Entry:
        if not isinstance(said, Block):
            name = _text(said, self.found, f"the column of {quote(key)}") or key
            return _Entry(key, Column(str(name)))
        found = self.found
        _unknown_keys(said, COLUMN_KEYS, found)
        name = _text(said.get("column"), found, f"the column of {quote(key)}") or key
        unit, unit_column = self.units(said, question)
        words = words_for_one(said["words"], found, question) if "words" in said else {}
        return _Entry(key, Column(str(name), unit=unit, unit_column=unit_column, words=words))

    def units(self, said: Block, question: Question) -> tuple[str | None, str | None]:
        unit = _text(said.get("unit"), self.found, "the unit")
        beside = _text(said.get("unit column"), self.found, "the column of units")
        given = unit if unit is not None else beside
        if given is None:
            return None, None
        if not question.answer.unit:
            message = f"the answer to {quote(question.id)} has no unit: remove it"
            self.found.add(given, message, "unit-without-temperature")
        elif unit is not None and beside is not None:
            message = "there is one unit, and a column of units too: keep one of the two"
            self.found.add(beside, message, "two-units")
        elif unit is not None and unit_of(unit) is None:
            self.found.add(unit, f"{quote(unit)} is not a unit known here: write °C or °F", "unknown-unit")
        return (unit_of(unit) if unit is not None else None), (str(beside) if beside is not None else None)

    def refuse_shared(self) -> None:
        """A column answers one question. One that stands for itself is meant by its name too."""
        said = {one.question for one in self.all}
        users: dict[str, str] = {one: str(one) for one in self.protocol.questions if one not in said}
        for one in self.all:
            first = users.setdefault(one.column.name, one.question)
            if first != one.question:
                where = (
                    f"say where {quote(first)} stands" if first not in said else "it can answer one of them"
                )
                message = (
                    f"column {quote(one.column.name)} cannot be for both {quote(first)} and "
                    f"{quote(one.question)}: {where}"
                )
                self.found.add(one.question, message, "column-twice")
        for one in self.all:
            of = users.get(one.column.unit_column or "")
            if of is not None:
                message = (
                    f"column {quote(one.column.unit_column)} is for the answers to {quote(of)}, "
                    f"so it cannot have the units of {quote(one.question)}"
                )
                self.found.add(one.question, message, "column-twice")

    def columns(self, common: Words) -> dict[str, Column]:
        """Question id to its column, with what is said of all of them."""
        entries = {entry.question: entry.column for entry in self.all}
        built = {}
        for name, question in self.protocol.questions.items():
            column = entries.get(Text(name, 0)) or Column(name)
            words = more_words(_common(common, question), column.words, question)
            if name in entries or words:
                built[name] = replace(column, words=MappingProxyType(words))
        return built


def _common(words: Words, question: Question) -> Words:
    """The words for every question that can be said of this one."""
    yes_no = question.answer.kind == "yes-no"
    return {word: answer for word, answer in words.items() if yes_no or answer is None}
