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

A question that it does not name stands in the column of its own name. It is read as rule files are: every
scalar is the text that stands there, so `yes`, `1` and `TRUE` are no truth values, nor numbers.
"""

from __future__ import annotations

import hashlib
import re
from collections import abc
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError
from pydantic import ValidationInfo as Info

from whentocall._text import hint, quote
from whentocall.engine.spelling import unit_of
from whentocall.errors import Finding, TableError
from whentocall.protocol.fields import Entry, Named, note
from whentocall.protocol.phrases import Fault
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.pydantic_faults import explain
from whentocall.protocol.schema import Part
from whentocall.protocol.yaml_file import MAX_BYTES, MAX_DEPTH, Block, Text, line_of, read
from whentocall.tables.columns import Column, Columns, shared_columns, unit_fault
from whentocall.tables.files.csv_text import encoding_name, separator_sign
from whentocall.tables.mapping_words import Words, common_words, more_words, own_words, protocol_of

_PLACE = re.compile("[1-9][0-9]{0,5}")
_HERE = {  # what `yaml_file` says of a rule file, said of this one
    "too-large": f"this file is too large: a mapping file may have at most {MAX_BYTES:,} bytes",
    "not-a-mapping": "this file should have keys and values, such as 'columns: {loose_stools: stools}'",
    "too-deep": f"nested more than {MAX_DEPTH} deep: nothing in a mapping file needs that",
    "anchor": "'&' and '*' shortcuts are not used in mapping files: write the text out, or put it in quotes",
    "tag": "'!' marks a YAML tag, and a mapping file is plain text: remove it, or put the text in quotes",
}


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a mapping file says.

    Attributes:
        columns: the questions that are not simply in the column of their own name, and how they are written.
        separator: of a CSV's cells; None if not given.
        encoding: of a CSV, by Python's name for it; None if not given.
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
        protocol: whose questions it answers.

    Raises:
        TableError: the file cannot be read or used; one line for each finding, with its place.
    """
    shown = str(path)
    raw, findings = read(path, shown)
    findings = [replace(finding, message=_HERE.get(finding.code, finding.message)) for finding in findings]
    file = None if raw is None else _file(raw, findings, shown, protocol)
    if findings or file is None:
        raise TableError("\n".join(map(str, sorted(set(findings)))))
    try:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:  # it was there a moment ago
        raise TableError(f"{path}: cannot be read: {error.strerror}") from None
    return Mapping(
        columns=MappingProxyType(_columns(file, protocol)),
        separator=file.separator,
        encoding=file.encoding,
        rename=MappingProxyType({int(place): str(name) for place, name in file.rename.items()}),
        sha256=sha256,
    )


def _file(raw: Block, findings: list[Finding], shown: str, protocol: Protocol) -> MappingFile | None:
    """What the file says; everything that is wrong with it goes into `findings`."""
    try:
        return MappingFile.model_validate(
            raw, context={"findings": findings, "shown": shown, "protocol": protocol}
        )
    except ValidationError as error:
        findings += explain(shown, raw, error.errors(include_url=False))
        return None


def _columns(file: MappingFile, protocol: Protocol) -> dict[str, Column]:
    """Question id to its column, with the words for every question."""
    columns = {}
    for name, question in protocol.questions.items():
        column = file.columns[name].column_for(name) if name in file.columns else Column(name)
        words = more_words(file.words, column.words, question)
        if name in file.columns or words:
            columns[name] = replace(column, words=MappingProxyType(words))
    return columns


# the parts of the file


def _filled(text: str) -> str:
    if not text:
        raise Fault("nothing stands here; write the text, or remove the line")
    return text


def _separator(text: str) -> str:
    sign = separator_sign(text)
    if sign is None:
        raise Fault(f"invalid separator {quote(text)}; use one of , ; | or tab", code="bad-separator")
    return sign


def _encoding(text: str) -> str:
    name = encoding_name(text)
    if name is None:
        message = f"unknown or unsupported encoding {quote(text)}; use one such as utf-8, cp1252 or utf-16"
        raise Fault(message, code="bad-encoding")
    return name


def _keys_and_values(value: object) -> object:
    """An empty value is a mapping without keys."""
    return Block() if value == "" else value


def _places(renamed: dict[str, str], info: Info) -> dict[str, str]:
    taken = set()
    for place, name in renamed.items():
        if not _PLACE.fullmatch(place):
            message = f"{quote(place)} is not the place of a column; count from 1, from the left"
            note(info, line_of(place), message, "bad-place")
        elif name in taken:
            note(info, line_of(name), f"two columns cannot both be renamed {quote(name)}", "renamed-alike")
        taken.add(name)
    return renamed


Filled = Annotated[Entry, AfterValidator(_filled)]


class ColumnPart(Part, what="column"):
    """What is said of one question's column."""

    model_config = ConfigDict(str_strip_whitespace=False)  # a column's name may have blanks around it

    id: str
    column: Filled | None = None
    unit: Filled | None = None
    unit_column: Filled | None = Field(None, alias="unit column")
    words: Annotated[Words, PlainValidator(own_words)] = Field(default_factory=dict)

    @classmethod
    def keys(cls) -> list[str]:
        """As they stand in a file."""
        return ["column", "unit", "unit column", "words"]

    def column_for(self, question: str) -> Column:
        """The column of a question."""
        return Column(
            str(self.column or question),
            unit=self.unit and unit_of(self.unit),
            unit_column=None if self.unit_column is None else str(self.unit_column),
            words=self.words,
        )


def _by_question(value: object, info: Info) -> object:
    """The columns of known questions, each with the question's id."""
    if not isinstance(value, Block):
        return _keys_and_values(value)
    protocol = protocol_of(info)
    for key in value.keys() - protocol.questions.keys():
        message = f"'{protocol.id}' has no question {quote(key)}{hint(key, protocol.questions)}"
        note(info, line_of(key), message, "unknown-question")
    return {key: _named(key, body) for key, body in value.items() if key in protocol.questions}


def _named(key: str, body: object) -> object:
    if isinstance(body, Text):  # only another name
        body = Block({Text("column", body.line): body})
    if not isinstance(body, Block):
        return body
    named = Named(body)
    named.id, named.line = str(key), line_of(key)
    return named


def _go_together(columns: dict[str, ColumnPart], info: Info) -> dict[str, ColumnPart]:
    """Units are of temperatures, and a column answers one question."""
    protocol = protocol_of(info)
    as_columns = {name: part.column_for(name) for name, part in columns.items()}
    for name, part in columns.items():
        column = replace(as_columns[name], unit=part.unit)
        if fault := unit_fault(protocol.questions[name], column):
            note(info, line_of(part.unit or part.unit_column, part.line), fault, "unit")
    for name, fault in shared_columns(as_columns, protocol.questions):
        note(info, columns[name].line, fault, "column-twice")
    return columns


class MappingFile(Part, what="mapping file"):
    """The whole file."""

    model_config = ConfigDict(str_strip_whitespace=False)  # a separator may be a tab

    separator: Annotated[Filled, AfterValidator(_separator)] | None = None
    encoding: Annotated[Filled, AfterValidator(_encoding)] | None = None
    rename: Annotated[dict[Entry, Filled], BeforeValidator(_keys_and_values), AfterValidator(_places)] = (
        Field(default_factory=dict)
    )
    words: Annotated[Words, PlainValidator(common_words)] = Field(default_factory=dict)
    columns: Annotated[
        dict[Entry, ColumnPart], BeforeValidator(_by_question), AfterValidator(_go_together)
    ] = Field(default_factory=dict)
