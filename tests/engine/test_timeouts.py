"""Other people's exceptions: a timeout that comes up inside our code reaches the caller, and harms nothing.

Task queues raise theirs from a signal handler, between any two steps of Python code.
"""

import importlib
import os
import random
import signal
import subprocess
import sys
from concurrent.futures import TimeoutError as FutureTimeoutError

import pytest

from whentocall import advise
from whentocall.engine.advice import Problem
from whentocall.engine.durable import DurableEngine, EngineFault
from whentocall.errors import EngineUnavailable
from whentocall.foreign import is_foreign

advise_module = importlib.import_module("whentocall.engine.advise")

# 10,000 take some seven seconds: WHENTOCALL_TIMEOUTS=10000 pytest tests/engine/test_timeouts.py
COUNT = int(os.environ.get("WHENTOCALL_TIMEOUTS", "1500"))


class Late(Exception):
    """As a task queue would raise it: no subclass of anything."""


class LateLookup(LookupError):
    """One that is also something which our own code could raise."""


@pytest.mark.parametrize(
    "error",
    [Late(), LateLookup(), TimeoutError(), FutureTimeoutError(), InterruptedError(), Exception("late")],
    ids=lambda error: type(error).__name__,
)
def test_a_foreign_exception_reaches_the_caller(all_targeted, monkeypatch, error):
    def late(*_args):
        raise error

    for part in ("watch_for", "settle", "_reasons", "_self_care", "wrong"):
        with monkeypatch.context() as patch:
            patch.setattr(advise_module, part, late)
            with pytest.raises(type(error)):
                advise(all_targeted, {"shivery": True})
    assert () == advise(all_targeted, {"shivery": True}).problems


@pytest.mark.parametrize(
    "error",
    [RuntimeError(), KeyError(), TypeError(), MemoryError(), OSError(), EngineFault(), EngineUnavailable()],
)
def test_a_fault_of_ours_is_none(error):
    assert not is_foreign(error)


def test_every_class_of_ours_is_ours():
    """The C module's own exception, pydantic's and json's included."""
    from json import JSONDecodeError  # noqa: PLC0415

    import durable_rules_engine  # noqa: PLC0415
    from pydantic import ValidationError  # noqa: PLC0415

    with pytest.raises(ValidationError) as refused:
        Problem(kind=1, text="")
    for error in (durable_rules_engine.error(), JSONDecodeError("x", "", 0), refused.value):
        assert not is_foreign(error)


# at every line


def test_an_interruption_at_any_line_is_cleared_up(all_targeted):
    """Every 13th line that `advise` runs raises; what it held of durable-rules is given back."""
    answers = {"temperature": 38.2, "diarrhoea": True}
    right = advise(all_targeted, answers)
    made = Counting(all_targeted)
    lines = lines_run(lambda: advise(all_targeted, answers))
    for line in range(0, lines, 13):
        with pytest.raises(Late):
            lines_run(lambda: advise(all_targeted, answers), raise_at=line)
        assert made.live <= 1, line
    assert right == advise(all_targeted, answers)
    assert 0 == all_targeted.once(DurableEngine).record.failed


class Counting:
    """Counts the rulesets of a protocol's engine that have been made and not freed."""

    def __init__(self, protocol):
        engine = protocol.once(DurableEngine)
        self.real = engine._c
        self.live = len(engine._idle)
        engine._c = self

    def create_ruleset(self, *args):
        handle = self.real.create_ruleset(*args)
        self.live += 1
        return handle

    def delete_ruleset(self, handle):
        self.live -= 1
        return self.real.delete_ruleset(handle)

    def __getattr__(self, name):
        return getattr(self.real, name)


def lines_run(call, raise_at=None):
    """How many lines of the engine's Python code a call runs; an exception is raised at one of them."""
    count = 0

    def trace(frame, event, _argument):
        nonlocal count
        if "whentocall" not in frame.f_code.co_filename or "tests" in frame.f_code.co_filename:
            return None
        if event == "line":
            count += 1
            if count - 1 == raise_at:
                sys.settrace(None)
                raise Late
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


# from a timer


@pytest.fixture
def timer():
    """Raises `Late` after so many seconds, wherever the program is then."""

    def late(*_args):
        raise Late

    before = signal.signal(signal.SIGALRM, late)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # one may come inside a tool's own hook
def test_timeouts_at_random_places(all_targeted, timer):
    people = [{"shivery": True}, {"temperature": 38.2, "dizzy": True}, {"chest_pain": True}, {}]
    right = [advise(all_targeted, answers) for answers in people]
    random.seed(11)
    late = 0
    while late < COUNT:
        which = random.randrange(len(people))
        try:
            timer(random.random() ** 2 * 0.0016 + 1e-6)
            try:
                advice = advise(all_targeted, people[which])
            finally:
                timer(0)
        except Late:
            late += 1
            if late % 7 == 0:
                assert right[0] == advise(all_targeted, people[0])
            continue
        assert right[which] == advice

    engine = all_targeted.once(DurableEngine)
    assert 0 == engine.record.failed
    assert not engine.record.resting
    assert len(engine._idle) <= 1


MEMORY = """
import random
import signal
import whentocall

class Late(Exception):
    pass

def late(*_):
    raise Late

def used():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4

signal.signal(signal.SIGALRM, late)
protocol = whentocall.load("all-targeted-drugs")
whentocall.advise(protocol, {"shivery": True})  # imports the rest
count = 0
while count < 800:
    if count == 200:
        before = used()
    try:
        signal.setitimer(signal.ITIMER_REAL, random.random() * 0.0012 + 1e-6)
        whentocall.advise(protocol, {"shivery": True}, watch=False)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Late:
        count += 1
print(used() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_interrupted_calls_leave_no_memory_behind():
    """In a process of its own, most of them while a ruleset is made; once, 300 left 87 MB."""
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)

    assert int(done.stdout) < 6_000  # kB
