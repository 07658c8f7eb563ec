"""The standard streams of the process: whatever happens to them, a command does the same.

The reader may stop after one line (`| head -1`), the disk behind a redirection may be full, a stream may have
been closed before the start (`>&-`). If that raised an error in the middle of a command, a table might not be
written because nobody reads the warnings about it, and the exit code would be wrong.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any

GONE = frozenset({errno.EPIPE, errno.EIO, errno.EBADF})
"""What the system reports when nobody reads a stream any more."""


class Lasting(io.RawIOBase):
    """A stream that can always be written to. What cannot be written any more is dropped.

    Attributes:
        lost: why something was dropped; None if nothing was.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self.lost: OSError | None = None

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """The file descriptor."""
        return self._number

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._number)

    def write(self, data: Any) -> int | None:
        """Write what can be written; None if it would block."""
        if self.lost is None:
            try:
                return os.write(self._number, data)
            except BlockingIOError:
                return None
            except OSError as error:
                self.lost = error
        return len(data)


def open_closed() -> None:
    """Replace each standard stream that was closed before the start by an empty file.

    Otherwise the next file that is opened gets its file descriptor, and what is printed ends up in that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            empty = os.open(os.devnull, os.O_RDWR)  # it gets the lowest free number
            os.set_inheritable(empty, True)  # noqa: FBT003  Python's own signature
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def lasting(stream: Any) -> Any:
    """A text stream that writes to the same place, and lasts."""
    return io.TextIOWrapper(
        io.BufferedWriter(Lasting(stream.fileno())),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def flushed(stream: Any) -> OSError | None:
    """Flush a stream. Returns why that failed, unless it was only that nobody reads it any more."""
    try:
        stream.flush()
    except OSError as error:
        # Nothing more can be written there; without this, Python would try again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        lost: OSError | None = error
    else:
        lost = getattr(getattr(getattr(stream, "buffer", None), "raw", None), "lost", None)
    return None if lost is None or lost.errno in GONE else lost
