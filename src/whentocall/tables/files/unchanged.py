"""A file that is read by parts must be the same from the first part to the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from whentocall.errors import TableError


@contextmanager
def unchanged(path: Path) -> Iterator[Callable[[], None]]:
    """Notice that a file changes while it is read: its rows may then be of two tables.

    What is raised while it is read may have come of that, and is then told so.

    Args:
        path: the file.

    Yields:
        What to call when all of it is read, before anything gets its name.

    Raises:
        TableError: the file is not what it was: another one, of another size, or written to.
    """
    before = _state(path)

    def check() -> None:
        if _state(path) != before:
            raise TableError(
                f"{path}: changed while it was read, so nothing was written; wait until it is whole, "
                "then run the same command again"
            )

    try:
        yield check
    except TableError:
        check()
        raise


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
