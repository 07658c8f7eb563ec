"""What the terminal can do, and the face that fits it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from types import FrameType
from typing import NoReturn, TextIO

from whentocall.interview.faces import Face
from whentocall.interview.render import WIDEST, Page


def interrupt_when_closed() -> None:
    """From now on a closed terminal, SIGTERM and Ctrl-Backslash are like Ctrl-C: they end safely."""
    for ending in _endings():
        signal.signal(ending, _interrupt)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell may have started us like that
        signal.signal(signal.SIGINT, signal.default_int_handler)


def ignore_when_closed() -> None:
    """From now on none of these ends the program, so that the files asked for are still written."""
    for ending in _endings():
        signal.signal(ending, signal.SIG_IGN)


def _endings() -> list[signal.Signals]:
    names = ("SIGHUP", "SIGTERM", "SIGQUIT")  # the last would also dump core, with the answers in it
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    ignore_when_closed()  # one is enough
    raise KeyboardInterrupt


def colour_wanted(stream: TextIO) -> bool:
    """Colour only on a terminal that can show it, and never against NO_COLOR."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in (None, "dumb")


def page(stream: TextIO) -> Page:
    """As wide as the terminal; 80 columns in a file or pipe."""
    return Page(shutil.get_terminal_size().columns if stream.isatty() else WIDEST)


def needs_plain() -> bool:
    """Whether menus cannot work here: a pipe, a file, or a terminal that cannot move its cursor."""
    on_a_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return not on_a_terminal or os.environ.get("TERM", "dumb") in ("", "dumb", "unknown")


def face(*, plain: bool) -> Face:
    """The face to ask with."""
    if plain or needs_plain():
        from whentocall.interview.faces.plain import PlainFace  # noqa: PLC0415

        return PlainFace(sys.stdin, sys.stdout)
    from whentocall.interview.faces.menus import MenuFace  # noqa: PLC0415  costs much of a cold start

    return MenuFace(colour=colour_wanted(sys.stdout))
