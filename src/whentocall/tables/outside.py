"""The border to Polars, Arrow, narwhals, DuckDB and Spark: nothing that they raise leaves `tables/`.

Tables are written in these packages, so that there is no one module that calls them. Each way into
`tables/` goes through this border instead, and the calls that can name a file or a column do so again.
Code in Rust may panic. That is raised as a `BaseException`, which `except Exception` lets pass.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whentocall.errors import TableError, WhentocallError

_PACKAGES = frozenset({"polars", "pyarrow", "narwhals", "duckdb", "_duckdb", "pyspark", "py4j"})
_PANIC = "PanicException"  # each package that is written in Rust has a class of its own of this name
_LONGEST = 200


class NotWritten(WhentocallError):
    """A file could not be written: no room, no permission."""


@contextmanager
def outside(what: str) -> Iterator[None]:
    """Whatever an outside package raises in here, panics included, becomes one sentence of ours.

    Everything else passes: our own errors, Ctrl+C, an exception that somebody's signal handler raises.

    Args:
        what: begins the sentence, such as "in.parquet: cannot be read".

    Raises:
        TableError: a package raised something, which stands behind `what` in brackets.
    """
    try:
        yield
    except BaseException as error:
        if not _foreign(error):
            raise
        raise TableError(f"{what} ({reason(error)})") from None


@contextmanager
def reading_file(path: Path, what: str = "cannot be read") -> Iterator[None]:
    """Whatever a package or the system refuses while a file is read is said of that file.

    Raises:
        TableError: something was refused.
    """
    try:
        with outside(f"{path}: {what}"):
            yield
    except OSError as error:
        raise TableError(f"{path}: {what} ({reason(error)})") from None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Whatever a package or the system refuses while a file is written is said of that file.

    Raises:
        NotWritten: the system refused something.
        TableError: a package did.
    """
    try:
        with outside(f"{path}: this table cannot be written"):
            yield
    except OSError as error:
        raise NotWritten(f"{path}: could not be written ({reason(error)})") from None


def reason(error: BaseException) -> str:
    """The first line of a foreign error, without its full stop."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return first.partition(" (os error ")[0].rstrip(".")[:_LONGEST]  # as Polars ends what the system says


def _foreign(error: BaseException) -> bool:
    """Whether an outside package raised this, as an exception or as a panic."""
    kinds = [(kind.__module__.partition(".")[0], kind.__name__) for kind in type(error).__mro__]
    return any(package in _PACKAGES or name == _PANIC for package, name in kinds)
