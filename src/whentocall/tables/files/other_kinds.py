"""The kinds of file that people have tables in and that are not read here, and what to do about each."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_START = 512
"""Bytes at the beginning of a file that are looked at."""


class OtherKind(NamedTuple):
    """A kind of file that is neither read nor written here.

    Attributes:
        name: what it is, after "this is".
        endings: of its names, in small letters.
        starts: what such a file begins with. Of a ZIP file, what stands behind its first 30 bytes.
        to_read: what to do to have it read.
        to_write: what to do to have one written.
    """

    name: str
    endings: tuple[str, ...]
    starts: tuple[bytes, ...]
    to_read: str
    to_write: str


_UNPACK = ("unpack it first", "write .csv or .parquet, and pack that")
_CARRY_ON = ("unpack it first, as a stopped run could not carry on in it", _UNPACK[1])
_SHEET = ("save the sheet as CSV", "write .csv, which it can open")
_EXPORT = ("export the table as CSV or Parquet", "write .csv or .parquet, and convert that")
_ZIP = b"PK\x03\x04"

_KINDS: tuple[tuple[str, str, tuple[bytes, ...], tuple[str, str]], ...] = (
    ("compressed (gzip)", ".gz .gzip .tgz", (b"\x1f\x8b",), _CARRY_ON),
    ("compressed (zstd)", ".zst .zstd", (b"\x28\xb5\x2f\xfd",), _CARRY_ON),
    ("compressed (bzip2)", ".bz2", (b"BZh",), _CARRY_ON),
    ("compressed (xz)", ".xz", (b"\xfd7zXZ",), _CARRY_ON),
    ("compressed (lz4)", ".lz4", (b"\x04\x22\x4d\x18",), _CARRY_ON),
    ("compressed", ".br .sz .z .lzma", (b"\x1f\x9d",), _CARRY_ON),
    ("an archive", ".7z .rar .tar", (b"7z\xbc\xaf", b"Rar!", b"ustar"), _UNPACK),
    (
        "an Excel workbook",
        ".xlsx .xlsm .xlsb .xltx",
        (_ZIP + b"[Content_Types].xml", _ZIP + b"xl/", _ZIP + b"_rels/", _ZIP + b"docProps/"),
        _SHEET,
    ),
    ("an old Excel workbook", ".xls .xlt", (b"\xd0\xcf\x11\xe0", b"\x09\x08\x10\x00"), _SHEET),
    ("an OpenDocument sheet", ".ods .fods", (_ZIP + b"mimetypeapplication/vnd.oasis.opendocument",), _SHEET),
    ("a Numbers sheet", ".numbers", (_ZIP + b"Index/",), _SHEET),
    (
        "a ZIP file or an Excel workbook",
        ".zip",
        (_ZIP, b"PK\x05\x06"),
        ("unpack it, or save the sheet as CSV", _UNPACK[1]),
    ),
    ("an SPSS file", ".sav .zsav .por", (b"$FL2", b"$FL3", b"ASCII SPSS PORT FILE"), _EXPORT),
    ("a Stata file", ".dta", (b"<stata_dta>", b"\x71\x02\x01", b"\x72\x02\x01", b"\x73\x02\x01"), _EXPORT),
    ("a SAS file", ".sas7bdat .xpt", (b"\x00" * 12 + b"\xc2\xea\x81\x60", b"HEADER RECORD*******"), _EXPORT),
    ("an R file", ".rds .rda .rdata", (b"RDX2", b"RDX3", b"RDA2", b"RDA3", b"X\n\x00\x00"), _EXPORT),
    (
        "a database",
        ".sqlite .sqlite3 .db .duckdb .mdb .accdb",
        (b"SQLite format 3\x00", b"\x00\x01\x00\x00Standard "),
        _EXPORT,
    ),
    (
        "a Feather file of version 1",
        "",
        (b"FEA1",),
        ("save it again as version 2 (Arrow IPC)", _EXPORT[1]),
    ),
    ("an ORC file", ".orc", (b"ORC",), _EXPORT),
    ("an Avro file", ".avro", (b"Obj\x01",), _EXPORT),
    ("an HDF5 or MATLAB file", ".h5 .hdf5 .mat", (b"\x89HDF", b"MATLAB 5.0"), _EXPORT),
    (
        "a file of Python objects",
        ".pkl .pickle .npy .npz",
        (b"\x93NUMPY", b"\x80\x04\x95", b"\x80\x05\x95"),
        _EXPORT,
    ),
    ("a PDF file", ".pdf", (b"%PDF",), _EXPORT),
    ("a document", ".doc .docx .rtf .odt", (b"{\\rtf",), _EXPORT),
    (
        "XML or a web page",
        ".xml .html .htm",
        (b"<?xml", b"<!DOCTYPE", b"<!doctype", b"<html", b"<HTML"),
        _EXPORT,
    ),
    (
        "JSON",
        ".json",
        (),
        (
            "write one object in each line, and use --format ndjson",
            "write .ndjson, which has one JSON object in each line",
        ),
    ),
    (
        "a text file",
        ".txt .tab .dat .text",
        (),
        ("use --format csv, and --separator for its separator", "write .csv or .tsv"),
    ),
)

OTHER_KINDS: tuple[OtherKind, ...] = tuple(
    OtherKind(name, tuple(endings.split()), starts, *to_do) for name, endings, starts, to_do in _KINDS
)
"""Of two that a start fits, the narrower comes first."""

_TEXTS = (b"<", b"{\\rtf", b"%PDF", b"HEADER RECORD", b"ASCII SPSS")  # kinds that are text, or begin so
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_JSON = re.compile(rb'(\[\s*)?\{\s*"')


def kind_of_ending(ending: str) -> OtherKind | None:
    """The kind of file that has this ending, in small letters, if it is none of ours."""
    return next((kind for kind in OTHER_KINDS if ending in kind.endings), None)


def kind_of_start(start: bytes) -> OtherKind | None:
    """The kind of file that begins with these bytes, if it is none of ours."""
    if start.startswith(_ZIP):
        start = _ZIP + start[30:]  # the name of the first file in it, and what that begins with
    elif start[257:262] == b"ustar":
        start = start[257:]
    binary, text = is_binary(start), start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for kind in OTHER_KINDS:
        for begins in kind.starts:
            if text.startswith(begins) if begins.startswith(_TEXTS) else binary and start.startswith(begins):
                return kind
    return None


def is_binary(start: bytes) -> bool:
    """Whether these bytes are no text of one byte for each plain letter: `ORCID,…` is no ORC file."""
    return _NO_TEXT.search(start) is not None


def is_json(start: bytes) -> bool:
    """Whether a text begins as JSON does that holds objects, which no header of a CSV does."""
    return _JSON.match(start.removeprefix(b"\xef\xbb\xbf").lstrip()) is not None
