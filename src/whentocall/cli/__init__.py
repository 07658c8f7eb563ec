"""The command line: a thin face over the library, each command an ordinary function."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import NoReturn

from whentocall.cli import streams
from whentocall.cli.exits import EXIT_CODES, Exit, exit_of

__all__ = ["COMMANDS", "EXIT_CODES", "Exit", "main"]

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "asking": ("ask", "advise", "protocols", "questions"),
    "authoring": ("check", "diff", "sign", "review", "sources", "fmt", "new-card", "new-protocol"),
    "serving": ("serve",),
    "conformance": ("vectors", "replay"),
    "tables": ("batch",),
    "impact": ("impact",),
}
"""Module of this package to the commands that it adds, so that a start loads none but the one it needs."""

_SAFE = (
    "Something went wrong in this program. It cannot say that a call can wait.\n"
    "Call your cancer team now. In an emergency, call your emergency number (999 or 911)."
)


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the value is the exit code. No traceback ever reaches the person."""
    if argv is not None:
        return _run(_with_command(argv))
    # The process is ours. A start makes much that stays, and its end gives all of it back at once: to look
    # through that for what could go takes longer than many a command.
    gc.set_threshold(100_000)
    try:
        return _process(_with_command(sys.argv[1:]))
    finally:
        gc.freeze()


def _process(argv: Sequence[str]) -> int:
    """Run one command as a process, with its standard streams."""
    streams.open_closed()
    sys.stderr = streams.lasting(sys.stderr)
    if argv[0] != "ask":  # nobody is asked on where the terminal has gone
        sys.stdout = streams.lasting(sys.stdout)
    try:
        code = _run(argv)
    except SystemExit as end:  # how argparse ends, with --help too
        code = end.code if isinstance(end.code, int) else Exit.DONE
    lost = streams.flushed(sys.stdout)
    if lost is not None and code == Exit.DONE:
        print(f"whentocall: standard output could not be written ({lost.strerror})", file=sys.stderr)
        code = Exit.NOT_SAVED
    streams.flushed(sys.stderr)
    return code


def _run(argv: Sequence[str]) -> int:
    asked = argv[0] == "ask"
    for stream, errors in (
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
        (sys.stdin, "replace"),
    ):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)
    arguments = _parser(argv[0]).parse_args(argv)
    command: Callable[[argparse.Namespace], Exit] = arguments.command
    try:
        return command(arguments)
    except KeyboardInterrupt:  # between two parts of a command; in the questions it is met there
        if asked:
            from whentocall.interview.texts import GOODBYE, SO_FAR_NOTHING

            print(f"\n{SO_FAR_NOTHING}\n{GOODBYE}", file=sys.stderr)
        return Exit.UNFINISHED
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # code in Rust panics with one that is no `Exception`
        code = _told(error, asked=asked)
        if code is Exit.INTERNAL and os.environ.get("WHENTOCALL_DEBUG"):
            raise
        return code


def _told(error: BaseException, *, asked: bool) -> Exit:
    """Say what went wrong. `asked`: in the questions, where somebody must hear that a call cannot wait."""
    from whentocall.cli.shared import say
    from whentocall.errors import WhentocallError

    if isinstance(error, BrokenPipeError) or (
        asked and isinstance(error, OSError) and error.errno in streams.GONE
    ):
        return Exit.UNFINISHED  # nobody is there to be told
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        say(f"{error.filename or 'a file'}: could not be written ({error.strerror})")
        if asked:
            print(_SAFE, file=sys.stderr)
        return Exit.NOT_SAVED
    if isinstance(error, WhentocallError):
        say(str(error))
        if asked:
            print(_SAFE, file=sys.stderr)
        return exit_of(error)
    if isinstance(error, ModuleNotFoundError):
        print(f"whentocall: this needs '{error.name}': pip install 'whentocall[review]'", file=sys.stderr)
        if asked:
            print(_SAFE, file=sys.stderr)
        return Exit.USAGE
    print(_SAFE, file=sys.stderr)
    print(f"whentocall: internal fault ({type(error).__name__})", file=sys.stderr)
    return Exit.INTERNAL


def _with_command(argv: Sequence[str]) -> Sequence[str]:
    """Without a command, the interview: `whentocall --plain` is `whentocall ask --plain`."""
    if not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version")):
        return ["ask", *argv]
    return argv


def _parser(command: str) -> argparse.ArgumentParser:
    """The parser of one command; of all of them where it is none that is known."""
    parser = argparse.ArgumentParser(
        prog="whentocall",
        description="How soon to contact your cancer team, whom, and why. Without a command: the questions.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_ShowVersion, help="show program's version number and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in [one for one, names in COMMANDS.items() if command in names] or COMMANDS:
        import_module(f"{__name__}.{module}").add_to(commands)
    return parser


class _ShowVersion(argparse.Action):
    """`--version`, which looks it up only if it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, *, help: str) -> None:  # noqa: A002  argparse's name
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from whentocall.version import own_version

        print(f"whentocall {own_version(unknown='(not installed)')}")
        parser.exit()
