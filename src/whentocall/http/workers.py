"""Several processes on one socket: forked after the rules are loaded, so that all say the same.

Ours rather than uvicorn's, whose workers each load the rules afresh (and would not agree if a file is
changed while they run) and whose interface changes from release to release.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from types import FrameType

_STOPS = (signal.SIGTERM, signal.SIGINT)
_DEATHS = 5  # within _SPAN seconds: then something is wrong that another start does not mend
_SPAN = 10.0
_STARTING = 10.0  # seconds in which a worker is at work
_PATIENCE = 15  # seconds from being told to stop to being killed: more than an orderly stop takes

_log = logging.getLogger("whentocall.http")


def run_workers(
    count: int,
    work: Callable[[Callable[[], None]], None],
    *,
    ready: Callable[[], None],
    stopping: Callable[[], None],
) -> bool:
    """Run `work` in `count` processes until SIGTERM or SIGINT; start another where one dies.

    Call it from the main thread, with no other thread running.

    Args:
        count: how many.
        work: what each does; it should call what it is given once it is at work, and end in order at SIGTERM.
        ready: called in the parent once all are at work.
        stopping: called in the parent once it is told to stop; what it holds open there, it should close.

    Returns:
        Whether it came to its end in order; if not, workers died again and again.
    """
    return _Workers(work, stopping).run(count, ready)


class _Workers:
    """The processes under way. Only the parent has one."""

    def __init__(self, work: Callable[[Callable[[], None]], None], told: Callable[[], None]) -> None:
        self._work = work
        self._told = told
        self._pids: set[int] = set()
        self._deaths: deque[float] = deque(maxlen=_DEATHS)
        self._stopping = False
        # Only the parent holds the end for writing: where it is gone, reading from the other end says so.
        self._alive, self._parent = os.pipe()
        self._at_work, self._says = os.pipe()  # a byte from each worker that is at work

    def run(self, count: int, ready: Callable[[], None]) -> bool:
        before = {one: signal.signal(one, self._stop) for one in _STOPS}
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._kill)
        try:
            for _ in range(count):
                self._start()
            self._wait_for(count)
            ready()
            return self._watch()
        finally:
            signal.alarm(0)
            for one, handler in before.items():
                signal.signal(one, handler)
            for end in (self._alive, self._parent, self._at_work, self._says):
                os.close(end)

    def _wait_for(self, count: int) -> None:
        """Until so many workers are at work; not for ever, as one may die before it is."""
        deadline = time.monotonic() + _STARTING
        while count > 0 and not self._stopping and (left := deadline - time.monotonic()) > 0:
            if select.select([self._at_work], [], [], left)[0]:
                count -= len(os.read(self._at_work, count))

    def _watch(self) -> bool:
        given_up = False
        while self._pids:
            try:
                pid, _ = os.wait()
            except ChildProcessError:
                break
            self._pids.discard(pid)
            if self._stopping:
                continue
            _log.warning("whentocall: worker %d ended by itself; starting another", pid)
            self._deaths.append(time.monotonic())
            if len(self._deaths) == _DEATHS and self._deaths[-1] - self._deaths[0] < _SPAN:
                _log.error("whentocall: workers end again and again; stopping")
                given_up = True
                self._stop(signal.SIGTERM, None)
            else:
                self._start()
        return not given_up

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._stopping:
            signal.alarm(_PATIENCE)
            self._told()
        self._stopping = True
        self._tell(signal.SIGTERM)

    def _kill(self, _signal: int, _frame: FrameType | None) -> None:
        """End workers that do not stop: they hang."""
        self._tell(signal.SIGKILL)

    def _tell(self, what: signal.Signals) -> None:
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, what)

    def _start(self) -> None:
        # No signal may come between the fork and the note of it: that worker would never be stopped.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        try:
            if self._stopping:
                return
            pid = os.fork()
            if pid == 0:
                self._be_worker()
            self._pids.add(pid)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)

    def _be_worker(self) -> None:
        """Work, in the child. Never returns: what stands above belongs to the parent."""
        code = 1
        try:
            os.close(self._parent)
            for one in _STOPS:
                signal.signal(one, lambda *_: os._exit(0))  # told to stop before there is anything to stop
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
            threading.Thread(target=self._stop_with_parent, daemon=True).start()
            self._work(self._say_at_work)
            code = 0
        except BaseException as error:  # noqa: BLE001  its text may quote answers; nobody above may catch it
            _log.error("whentocall: fault in a worker (%s)", type(error).__name__)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _say_at_work(self) -> None:
        os.write(self._says, b".")

    def _stop_with_parent(self) -> None:
        """A worker whose parent was killed would hold the port for ever."""
        os.read(self._alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)
