"""Files that are whole or not there.

A full disk, a lost power supply or Ctrl-C in the middle of writing must leave no half of a file, and nothing
under its name that stops the next attempt.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_PRIVATE, _USUAL = 0o600, 0o666  # the second is narrowed by the umask, as for any other file


def claim(file: Path) -> None:
    """Create an empty file that only its owner can read; the truest test of whether its name can be used.

    Raises:
        FileExistsError: something is there, be it a link that leads nowhere.
        OSError: it cannot be created: no such folder, no right to write there, the name is too long.
    """
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))


def write_new(file: Path, content: bytes) -> None:
    """Write a file that is not there yet and that only its owner can read, whole or not at all.

    Raises:
        FileExistsError: something is there by now; it is left as it is.
        OSError: it cannot be written.
    """
    with _beside(file, content, _PRIVATE) as whole:
        give_name(whole, file)


def give_name(whole: Path, file: Path) -> None:
    """Give a whole file its name, which nothing may have yet.

    Raises:
        FileExistsError: something is there by now; it is left as it is.
        OSError: it cannot get this name.
    """
    try:
        os.link(whole, file)  # unlike a rename, a link never replaces what is there
    except FileExistsError:
        raise
    except OSError:  # not every file system has links
        claim(file)
        try:
            whole.replace(file)
        except OSError:
            file.unlink()
            raise
    keep_name(file)


def replace(file: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file, whole or not at all, in place of the one that may be there.

    Args:
        file: where to write. A link is followed; a device, such as `/dev/stdout`, is written to.
        content: all of it.
        mode: who may do what with it; as before, or as usual for a new file, where it is not given.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    file = Path(os.path.realpath(file))
    if file.exists() and not file.is_file():
        file.write_bytes(content)
        return
    if mode is None and file.exists():
        mode = file.stat().st_mode & 0o7777
    with _beside(file, content, _USUAL if mode is None else _PRIVATE) as whole:
        if mode is not None:
            whole.chmod(mode)
        whole.replace(file)
        keep_name(file)


@contextmanager
def open_whole(file: Path) -> Iterator[BinaryIO]:
    """A file to write to, which only its owner can read. It gets its name when all of it is on the disk.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    with _new_beside(file, _PRIVATE) as (whole, out):
        yield out
        _finish(out)
        whole.replace(file)
        keep_name(file)


@contextmanager
def _beside(file: Path, content: bytes, mode: int) -> Iterator[Path]:
    """The content in a file of another name in the same folder, which is gone afterwards."""
    with _new_beside(file, mode) as (whole, out):
        out.write(content)
        _finish(out)
        yield whole


@contextmanager
def _new_beside(file: Path, mode: int) -> Iterator[tuple[Path, BinaryIO]]:
    whole = file.with_name(f".whentocall-{os.urandom(8).hex()}")  # short, however long the name is
    try:
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
            yield whole, out
    finally:
        whole.unlink(missing_ok=True)


def _finish(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def keep_name(file: Path) -> None:
    """Make the name as lasting as the content. Not every system lets a folder be written out like this."""
    with suppress(OSError):
        keep(file.parent)


def keep(path: Path) -> None:
    """Have a file, or what a folder lists, on the disk itself, so that it outlasts a power cut."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
