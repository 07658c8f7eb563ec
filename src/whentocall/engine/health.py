"""How an engine has done so far: its failures are counted against its successes, and it recovers."""

from __future__ import annotations

import time
from collections.abc import Callable

# A failed evaluation leaves up to 0.4 MB behind that nobody can free. An engine that fails this often rests:
# the reference goes on alone, and says so.
MAX_FAILURES = 50
# So many evaluations that work make up for one that has failed.
MAKE_UP = 10_000
# Seconds of rest, after which one evaluation is tried: twice as long each time, up to the longest.
SHORTEST_REST, LONGEST_REST = 60.0, 3600.0


class Record:
    """What has worked, what has failed, and whether the engine rests. Holds nothing about people.

    Attributes:
        worked, failed: evaluations so far. Of threads that count at the same moment, one may be missed.
        last: the last failure, for a developer.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.worked = self.failed = 0
        self.last = ""
        self._clock = clock
        self._against = 0.0  # failures that nothing has made up for
        self._rest = SHORTEST_REST
        self._until: float | None = None

    @property
    def resting(self) -> bool:
        """Whether it has failed too often, and has not worked since."""
        return self._until is not None

    @property
    def degraded(self) -> bool:
        """Whether any failure has not been made up for."""
        return self._against > 0

    def may_try(self) -> bool:
        """Whether to evaluate now. After a rest, only the first to come may, until it has worked."""
        if self._until is None:
            return True
        if self._clock() < self._until:
            return False
        self._start_rest()
        return True

    def note_success(self) -> None:
        """An evaluation has worked."""
        self.worked += 1
        if self._against:
            self._make_up()

    def note_failure(self, why: str) -> None:
        """An evaluation has failed."""
        self.failed += 1
        self.last = why
        self._against += 1
        if self._against >= MAX_FAILURES:
            self._start_rest()

    def _make_up(self) -> None:
        if self._until is not None:
            self._until = None
            self._against = MAX_FAILURES / 2
        self._against = max(0.0, self._against - 1 / MAKE_UP)
        if not self._against:
            self._rest = SHORTEST_REST

    def _start_rest(self) -> None:
        self._until = self._clock() + self._rest
        self._rest = min(2 * self._rest, LONGEST_REST)
