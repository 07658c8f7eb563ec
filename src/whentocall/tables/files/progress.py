"""How far a run is: a bar in a terminal, a line at every tenth elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, TextIO

from tqdm import tqdm

_LINES = 10


class Progress:
    """Says on a stream how far a run is.

    Args:
        total: what there is to do; None where it is not known.
        what: the unit: "B" for bytes, " rows".
        quiet: say nothing.
        stream: where; standard error if not given.
    """

    def __init__(self, total: int | None, *, what: str, quiet: bool, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._total, self._what, self._quiet = total, what, quiet
        self._bar: tqdm[Any] | None = None
        self._said = 0
        self._since = time.monotonic()

    def __enter__(self) -> Progress:
        if not self._quiet and self._stream.isatty():
            self._bar = tqdm(
                total=self._total, unit=self._what, unit_scale=True, file=self._stream, dynamic_ncols=True
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def resume(self, done: int, rows: int) -> None:
        """So much was done before."""
        if self._bar is not None:
            self._bar.initial = self._bar.n = done
            self._bar.set_postfix_str(f"{rows:,} rows", refresh=True)
        self._said = self._tenth(done)

    def at(self, done: int, rows: int) -> None:
        """So much is done now, of these rows."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"{rows:,} rows", refresh=False)
            self._bar.update(done - self._bar.n)
            return
        tenth = self._tenth(done)
        # A run that is done at once needs no word about how far it is.
        if self._quiet or tenth <= self._said or tenth == _LINES:
            return
        self._said = tenth
        seconds = time.monotonic() - self._since
        print(
            f"{tenth * 100 // _LINES} % after {seconds:.0f} s: {rows:,} rows", file=self._stream, flush=True
        )

    def _tenth(self, done: int) -> int:
        return done * _LINES // self._total if self._total else 0
