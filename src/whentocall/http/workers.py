"""Several processes on one socket: forked after the rules are loaded, so that all give the same advice.

uvicorn's own workers each load the rules afresh, and would not agree if a file changed while they run.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from multiprocessing import connection, get_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess  # not there on Windows

_STOPS = (signal.SIGTERM, signal.SIGINT)
_DEATHS = 5  # within _SPAN seconds: then something is wrong that another start does not fix
_SPAN = 10.0
_PATIENCE = 15.0  # seconds from being told to stop to being killed: more than an orderly stop takes
_TICK = 1.0  # seconds between looks whether the patience is over

_log = logging.getLogger("whentocall.http")

Work = Callable[[Callable[[], None]], None]


def run_workers(count: int, work: Work, *, ready: Callable[[], None], stopping: Callable[[], None]) -> bool:
    """Run `work` in `count` processes until SIGTERM or SIGINT; start another where one dies.

    Call it from the main thread, with no other thread running.

    Args:
        count: how many.
        work: what each does; it should call its argument once it is at work, and end in order at SIGTERM.
        ready: called in the parent once all are at work.
        stopping: called in the parent once it is told to stop, to close what it holds open there.

    Returns:
        Whether it ended in order; if not, workers died again and again.
    """
    workers = _Workers(work, stopping)
    handlers = {stop: signal.signal(stop, workers.stop) for stop in _STOPS}
    try:
        return workers.run(count, ready)
    finally:
        for stop, handler in handlers.items():
            signal.signal(stop, handler)


class _Workers:
    """The processes under way. Only the parent has one."""

    def __init__(self, work: Work, stopping: Callable[[], None]) -> None:
        self._work = work
        self._stopping = stopping
        self._fork = get_context("fork")
        self._running: dict[int, ForkProcess] = {}  # by what can be read once it has ended
        self._deaths: deque[float] = deque(maxlen=_DEATHS)
        self._deadline: float | None = None  # for workers to end, once they are told to
        # Only the parent holds the end for writing: once it is gone, reading from the other end returns.
        self._alive, self._parent = os.pipe()
        self._at_work, self._says = self._fork.Pipe(duplex=False)  # a message from each worker at work

    def run(self, count: int, ready: Callable[[], None]) -> bool:
        for _ in range(count):
            self._start()
        missing = count
        while self._running:
            for source in connection.wait([self._at_work, *self._running], _TICK):
                if isinstance(source, int):
                    self._replace(self._running.pop(source))
                else:
                    self._at_work.recv_bytes()
                    missing -= 1
                    if missing == 0:
                        ready()
            if self._deadline is not None and time.monotonic() > self._deadline:
                for worker in self._running.values():
                    worker.kill()
        return not self._die_again_and_again()

    def stop(self, *_signal: object) -> None:
        """Tell every worker to end; the handler of signals."""
        if self._deadline is None:
            self._deadline = time.monotonic() + _PATIENCE
            self._stopping()
        for worker in self._running.values():
            worker.terminate()

    def _replace(self, worker: ForkProcess) -> None:
        worker.join()
        if self._deadline is not None:
            return
        _log.warning("whentocall: worker %d ended by itself; starting another", worker.pid)
        self._deaths.append(time.monotonic())
        if self._die_again_and_again():
            _log.error("whentocall: workers end again and again; stopping")
            self.stop()
        else:
            self._start()

    def _die_again_and_again(self) -> bool:
        return len(self._deaths) == _DEATHS and self._deaths[-1] - self._deaths[0] < _SPAN

    def _start(self) -> None:
        # No signal may come between the fork and the note of it: that worker would never be stopped.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        try:
            if self._deadline is None:
                worker = self._fork.Process(target=self._be_worker, daemon=True)
                worker.start()
                self._running[worker.sentinel] = worker
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)

    def _be_worker(self) -> None:
        """Work, in the child."""
        os.close(self._parent)
        for stop in _STOPS:
            signal.signal(stop, lambda *_: os._exit(0))  # told to stop before there is anything to stop
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        threading.Thread(target=self._stop_with_parent, daemon=True).start()
        try:
            self._work(lambda: self._says.send_bytes(b"at work"))
        except BaseException as error:  # noqa: BLE001  its text may quote answers; nobody above may show it
            _log.error("whentocall: fault in a worker (%s)", type(error).__name__)
            sys.exit(1)

    def _stop_with_parent(self) -> None:
        """End with the parent: a worker whose parent was killed would hold the port for ever."""
        os.read(self._alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)
