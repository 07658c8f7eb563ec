"""The command line: a thin face over the library, each command an ordinary function."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence

from whentocall.cli import asking, bench
from whentocall.cli.exits import EXIT_CODES, Exit, exit_of
from whentocall.errors import WhentocallError
from whentocall.interview.texts import GOODBYE, SO_FAR_NOTHING

__all__ = ["EXIT_CODES", "Exit", "main"]

_SAFE = (
    "Something went wrong in this program. It cannot say that a call can wait.\n"
    "Call your cancer team now. In an emergency, call your emergency number (999 or 911)."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the value is the exit code. No traceback ever reaches the person."""
    for stream, errors in (
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
        (sys.stdin, "replace"),
    ):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)
    arguments = _parser().parse_args(_with_command(sys.argv[1:] if argv is None else argv))
    command: Callable[[argparse.Namespace], Exit] = arguments.command
    try:
        return _with_output_left(command, arguments)
    except KeyboardInterrupt:  # between two parts of a command; in the questions it is met there
        if command is asking.ask:
            print(f"\n{SO_FAR_NOTHING}\n{GOODBYE}", file=sys.stderr)
        return Exit.UNFINISHED
    except WhentocallError as error:
        print(f"whentocall: {error}", file=sys.stderr)
        if command is asking.ask:
            print(_SAFE, file=sys.stderr)
        return exit_of(error)
    except ModuleNotFoundError as error:
        print(f"whentocall: this needs '{error.name}': pip install 'whentocall[review]'", file=sys.stderr)
        return Exit.USAGE
    except Exception as error:
        print(_SAFE, file=sys.stderr)
        print(f"whentocall: internal fault ({type(error).__name__})", file=sys.stderr)
        if os.environ.get("WHENTOCALL_DEBUG"):
            raise
        return Exit.INTERNAL


def _with_output_left(command: Callable[[argparse.Namespace], Exit], arguments: argparse.Namespace) -> Exit:
    """Run a command. Where the output has been closed (`| head`, a closed terminal), that is no fault."""
    code = Exit.DONE
    try:
        code = command(arguments)
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EIO, errno.EBADF):
            raise
        # Nothing more can be said there; without this, Python would try once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _with_command(argv: Sequence[str]) -> Sequence[str]:
    """Without a command, the interview: `whentocall --plain` is `whentocall ask --plain`."""
    if not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version")):
        return ["ask", *argv]
    return argv


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="whentocall",
        description="How soon to contact your cancer team, whom, and why. Without a command: the questions.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"whentocall {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    asking.add_to(commands)
    bench.add_to(commands)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("whentocall")
    except PackageNotFoundError:
        return "(not installed)"
