"""The command line: a thin layer over the library, in which each command is an ordinary function."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from whentocall.cli import streams
from whentocall.cli.exits import EXIT_CODES, Exit, exit_of

__all__ = ["COMMANDS", "EXIT_CODES", "SUMMARIES", "Exit", "main"]

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "asking": ("ask", "advise", "protocols", "questions"),
    "authoring": ("check", "diff", "sign", "review", "sources", "fmt", "new-card", "new-protocol"),
    "serving": ("serve",),
    "conformance": ("vectors", "replay"),
    "tables": ("batch",),
    "impact": ("impact",),
}
"""Module of this package to the commands it adds, so that a start loads only the module it needs."""

SUMMARIES: Mapping[str, Mapping[str, str]] = {
    "find out how soon to call": {
        "ask": "ask the questions, then say how soon to call",
        "protocols": "list the protocols, with their versions and sources",
    },
    "build something": {
        "advise": "give advice on the answers in a file",
        "questions": "list the questions of a protocol, or their JSON Schema",
        "serve": "serve web pages, JSON and FHIR over HTTP",
        "batch": "add the advice to a table of answers",
        "vectors": "write conformance vectors for ports in any language",
        "replay": "re-run a saved result",
    },
    "review and change the rules": {
        "review": "write a page, or a workbook, to read and discuss",
        "check": "run the cases of rule files, and prove their claims",
        "diff": "show what a change of rules changes, and for whom",
        "impact": "show what a change would mean for a table of answers",
        "sign": "sign a protocol as it is now",
        "sources": "compare the sentence lists with the documents",
        "fmt": "format rule files",
        "new-card": "start a card in a protocol",
        "new-protocol": "start a protocol",
    },
}
"""Each command in a line, under what somebody wants to do with it: what `--help` lists."""

_EXAMPLES = """\
examples:
  whentocall                                             answer the questions
  whentocall advise all-targeted-drugs --answers a.json  get advice on answers
  whentocall review all-targeted-drugs -o review.html    make a page to review
"""

_SAFE = (
    "Something went wrong in this program. It cannot say that a call can wait.\n"
    "Call your cancer team now. In an emergency, call your emergency number (999 or 911)."
)


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code. No traceback ever reaches the person."""
    if argv is not None:
        return _run(_with_command(argv))
    # The process is ours. Most of what a start makes stays until the end, which frees all of it at once:
    # looking through it for garbage would take longer than many a command.
    gc.set_threshold(100_000)
    try:
        return _process(_with_command(sys.argv[1:]))
    finally:
        gc.freeze()


def _process(argv: Sequence[str]) -> int:
    """Run one command as a process, with its standard streams."""
    streams.open_closed()
    sys.stderr = streams.lasting(sys.stderr)
    if argv[0] != "ask":  # if the terminal is gone, the questions have to end
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
    except KeyboardInterrupt:  # between two parts of a command; the interview handles its own
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
    """Say what went wrong. `asked`: during the questions, where the person must be told to call."""
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
    """The arguments with `ask` put first if no command is named: `whentocall --plain` asks in plain lines."""
    if not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version")):
        return ["ask", *argv]
    return argv


def _parser(command: str) -> argparse.ArgumentParser:
    """The parser of one command; for `--help` and `--version` no command is needed."""
    parser = argparse.ArgumentParser(
        prog="whentocall",
        usage="whentocall [COMMAND] [options]",
        description=_overview(),
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_ShowVersion, help="show the version and exit")
    commands = _Commands(parser)
    module = next((module for module, names in COMMANDS.items() if command in names), None)
    if module is not None:
        import_module(f"{__name__}.{module}").add_to(commands)
    elif not command.startswith("-"):
        from whentocall._text import hint, quote

        names = [name for names in COMMANDS.values() for name in names]
        parser.error(f"there is no command {quote(command)}{hint(command, names)}")
    return parser


def _overview() -> str:
    """What stands above the options in `whentocall --help`: at most 80 characters a line."""
    groups = (
        "\n".join([f"{purpose}:", *(f"  {name:<14}{summary}" for name, summary in commands.items())])
        for purpose, commands in SUMMARIES.items()
    )
    return "\n\n".join(
        [
            "How soon to call your cancer team, who to call, and why.",
            _EXAMPLES.rstrip(),
            *groups,
            "`whentocall COMMAND --help` explains each.",
        ]
    )


class _Commands:
    """What a module adds its commands to.

    argparse would list all of them at once; here the overview lists them, in groups. A command's own help
    opens with its description; without one, with what its module gives as `help`, or else with its summary.
    """

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parsers = parser.add_subparsers(
            prog=parser.prog, metavar="COMMAND", required=True, help=argparse.SUPPRESS
        )

    def add_parser(self, name: str, *, help: str = "", **options: Any) -> argparse.ArgumentParser:  # noqa: A002
        """A command's own parser, as `argparse` adds it."""
        about = help or next(commands[name] for commands in SUMMARIES.values() if name in commands)
        options.setdefault("description", f"{about[:1].upper()}{about[1:]}.")
        return self._parsers.add_parser(name, **options)


class _ShowVersion(argparse.Action):
    """`--version`, which looks the version up only when asked."""

    def __init__(self, option_strings: Sequence[str], dest: str, *, help: str) -> None:  # noqa: A002  argparse's name
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from whentocall.version import own_version

        print(f"whentocall {own_version(unknown='(not installed)')}")
        parser.exit()
