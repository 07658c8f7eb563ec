"""Which kind of file a table is in, and what to do about the kinds that are not read here."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from whentocall.errors import TableError
from whentocall.tables.files.other_kinds import (
    LONGEST_START,
    is_binary,
    is_json,
    kind_of_ending,
    kind_of_start,
)
from whentocall.tables.outside import reading_file

FORMATS: Mapping[str, tuple[str, ...]] = {
    "csv": (".csv", ".tsv"),
    "parquet": (".parquet", ".pq"),
    "arrow": (".arrow", ".feather", ".ipc"),
    "ndjson": (".ndjson", ".jsonl"),
}
"""Each format to the endings of its files, the usual one first."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),  # a stream
)


def format_of(path: Path, said: str | None, *, option: str) -> str:
    """The format of a file: what was said, or what its ending says.

    Args:
        path: the file.
        said: the format that was said, if any.
        option: how it is said, for the message: "--format" of a file that is read, "--to" of one written.

    Raises:
        TableError: nothing was said, and the ending is none of ours.
    """
    if said:
        return said
    ending = path.suffix.lower()
    for name, endings in FORMATS.items():
        if ending in endings:
            return name
    if (other := kind_of_ending(ending)) is not None:
        done, rather = ("read", other.to_read) if option == "--format" else ("written", other.to_write)
        raise TableError(
            f"{path}: the name says that this is {other.name}, which is not {done} here: {rather}"
        )
    known = ", ".join(ending for endings in FORMATS.values() for ending in endings)
    raise TableError(f"{path}: unknown ending; use one of {known}, or {option}")


def refuse_other_content(path: Path, said: str) -> None:
    """Refuse a file that is plainly not what it is said to be, before it is read as that.

    Raises:
        TableError: it is packed, of another format, or cannot be read; or it is no file.
    """
    with reading_file(path):
        if not stat.S_ISREG(path.stat().st_mode):
            raise TableError(
                f"{path}: this is not a file, and is read more than once; use a file, or - for standard input"
            )
        with path.open("rb") as opened:
            start = opened.read(LONGEST_START)
    other = kind_of_start(start)
    if other is not None:
        raise TableError(f"{path}: this is {other.name}: {other.to_read}")
    binary = is_binary(start)
    actual = next((name for magic, name in _MAGIC if binary and start.startswith(magic)), None)
    if (actual or said) != said:
        raise TableError(f"{path}: this is {actual}, not {said}")
    if said == "csv" and is_json(start):
        raise TableError(f"{path}: this is JSON; write one object in each line, and use --format ndjson")
    if actual is None and said in ("parquet", "arrow"):
        raise TableError(f"{path}: this is not {said}: it does not begin like one")
