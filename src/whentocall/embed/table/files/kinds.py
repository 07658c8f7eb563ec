"""Which kind of file a table is in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from whentocall.errors import TableError

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
_UNREADABLE: tuple[tuple[bytes, str], ...] = (
    (
        b"\x1f\x8b",
        "is compressed (gzip): unpack it first, as a run that was stopped could not carry on in it",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "is compressed (zstd): unpack it first, as a run that was stopped could not carry on in it",
    ),
    (b"BZh", "is compressed (bzip2): unpack it first"),
    (b"\xfd7zXZ", "is compressed (xz): unpack it first"),
    (b"PK\x03\x04", "is a ZIP file or an Excel workbook: unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook: save the sheet as CSV"),
    (b"FEA1", "is a Feather file of version 1: save it again as version 2 (Arrow IPC)"),
)


def format_of(path: Path, said: str | None, *, option: str) -> str:
    """The format of a file: what was said, or what its ending says.

    Args:
        path: the file.
        said: the format that was said, if any.
        option: how it is said, for the message.

    Raises:
        TableError: nothing was said, and the ending is none of ours.
    """
    if said:
        return said
    for name, endings in FORMATS.items():
        if path.suffix.lower() in endings:
            return name
    known = ", ".join(ending for endings in FORMATS.values() for ending in endings)
    raise TableError(
        f"{path}: the ending of the name should be one of {known}, or {option} should say what it is"
    )


def refuse_other_content(path: Path, said: str) -> None:
    """Refuse a file that is plainly not what it is said to be, before it is read as that.

    Raises:
        TableError: it is packed, of another format, or cannot be read.
    """
    try:
        with path.open("rb") as opened:
            start = opened.read(8)
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror})") from None
    for magic, why in _UNREADABLE:
        if start.startswith(magic):
            raise TableError(f"{path}: this {why}")
    found = next((name for magic, name in _MAGIC if start.startswith(magic)), None)
    if (found or said) != said:
        raise TableError(f"{path}: this is {found}, and was to be read as {said}")
    if found is None and said in ("parquet", "arrow"):
        raise TableError(f"{path}: this is not {said}, as it does not begin as such a file does")
