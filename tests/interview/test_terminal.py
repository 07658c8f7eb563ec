"""What ends an interview ends it safely, however the program was started."""

import signal
import subprocess
import sys

CODE = """
import os, signal
from whentocall.interview.terminal import interrupt_when_closed
signal.signal(signal.SIGINT, signal.SIG_IGN)
interrupt_when_closed()
try:
    os.kill(os.getpid(), signal.{name})
    signal.pause()
except KeyboardInterrupt:
    print("stopped")
"""


def test_every_way_to_stop_is_like_ctrl_c_and_ctrl_c_itself_is_never_ignored():
    """A shell leaves Ctrl-C ignored in what it starts in the background."""
    for name in ("SIGINT", "SIGHUP", "SIGTERM", "SIGQUIT"):
        assert hasattr(signal, name)
        done = subprocess.run(
            [sys.executable, "-c", CODE.format(name=name)],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert ("stopped\n", "") == (done.stdout, done.stderr), name
