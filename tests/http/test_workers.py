"""Several processes: each of these runs in a process of its own, because it forks and takes signals."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and fork")

START = """
import logging, os, signal, sys, time
import whentocall.http.workers as workers
logging.basicConfig(format="%(message)s", stream=sys.stdout)
workers._PATIENCE = 0.5

def run(work, ready=lambda: print("ready", flush=True)):
    ended = workers.run_workers(2, work, ready=ready, stopping=lambda: print("stopping", flush=True))
    print("in order" if ended else "not in order")

"""


def printed(code):
    done = subprocess.run(
        [sys.executable, "-c", START + code], capture_output=True, text=True, timeout=30, check=True
    )
    assert "" == done.stderr
    return done.stdout.splitlines()


def test_workers_that_die_again_and_again_are_not_started_for_ever():
    lines = printed("run(lambda at_work: at_work())")

    assert ["whentocall: workers end again and again; stopping", "stopping"] == lines[-3:-1]
    assert "not in order" == lines[-1]


def test_a_fault_in_a_worker_is_told_without_its_text():
    lines = printed("def fault(at_work):\n    raise ValueError('MARKER')\nrun(fault)")

    assert "whentocall: fault in a worker (ValueError)" in lines
    assert "MARKER" not in str(lines)
    assert "ready" not in lines
    assert "not in order" == lines[-1]


def test_a_worker_that_hangs_is_killed():
    code = (
        "def hang(at_work):\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    at_work()\n"
        "    time.sleep(60)\n"
        "run(hang, ready=lambda: os.kill(os.getpid(), signal.SIGTERM))"
    )
    assert ["stopping", "in order"] == printed(code)
