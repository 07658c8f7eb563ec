"""The command line: a thin face over the library, each command an ordinary function."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from whentocall.errors import (
    AnswersError,
    ConfigError,
    EngineUnavailable,
    RulesError,
    UnknownProtocol,
    WhentocallError,
)

if TYPE_CHECKING:
    from whentocall.protocol.wording import Voice


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    UNFINISHED = 3
    ANSWERS_REFUSED = 4
    RULES_UNUSABLE = 5
    ENGINE_UNAVAILABLE = 6
    NOT_SAVED = 7
    PROBLEM = 8
    INTERNAL = 70


EXIT_CODES = f"""\
exit codes:
  {Exit.DONE:<3} done
  {Exit.FINDINGS:<3} check has findings
  {Exit.USAGE:<3} the command was not understood, or the settings cannot be used
  {Exit.UNFINISHED:<3} the interview was stopped before its end
  {Exit.ANSWERS_REFUSED:<3} an answer was refused
  {Exit.RULES_UNUSABLE:<3} rule files are missing or cannot be used
  {Exit.ENGINE_UNAVAILABLE:<3} durable-rules cannot be imported
  {Exit.NOT_SAVED:<3} a file could not be written
  {Exit.PROBLEM:<3} advice was given, but something went wrong inside
  {Exit.INTERNAL:<3} a fault in this program
"""

_SAFE = (
    "Something went wrong in this program. It cannot say that a call can wait.\n"
    "Call your cancer team now. In an emergency, call your emergency number (999 or 911)."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the value is the exit code. No traceback ever reaches the person."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(_with_command(sys.argv[1:] if argv is None else argv))
    command: Callable[[argparse.Namespace], Exit] = arguments.command
    try:
        return command(arguments)
    except BrokenPipeError:
        # What we write to has been closed, as by `| head`. Nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except KeyboardInterrupt:
        return Exit.UNFINISHED
    except WhentocallError as error:
        print(f"whentocall: {error}", file=sys.stderr)
        if arguments.command is ask:
            print(_SAFE, file=sys.stderr)
        return _exit_of(error)
    except Exception as error:
        print(_SAFE, file=sys.stderr)
        print(f"whentocall: internal fault ({type(error).__name__})", file=sys.stderr)
        if os.environ.get("WHENTOCALL_DEBUG"):
            raise
        return Exit.INTERNAL


def _exit_of(error: WhentocallError) -> Exit:
    codes: Mapping[type[WhentocallError], Exit] = {
        AnswersError: Exit.ANSWERS_REFUSED,
        ConfigError: Exit.USAGE,
        EngineUnavailable: Exit.ENGINE_UNAVAILABLE,
        RulesError: Exit.RULES_UNUSABLE,
        UnknownProtocol: Exit.RULES_UNUSABLE,
    }
    return codes.get(type(error), Exit.INTERNAL)


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

    asking = commands.add_parser("ask", help="ask the questions, then say how soon to call")
    _ask_options(asking).set_defaults(command=ask)

    advising = commands.add_parser("advise", help="answers from a file in, advice out")
    advising.add_argument("protocol", metavar="PROTOCOL")
    advising.add_argument("--answers", required=True, metavar="FILE", help="JSON; - reads standard input")
    advising.add_argument("--json", action="store_true", help="the result as JSON")
    advising.add_argument("--why-not", action="store_true", help="also why nothing more urgent holds")
    advising.add_argument("--carer", action="store_true", help="words for somebody who answers for another")
    _common(advising, numbers=True).set_defaults(command=advise_)

    listing = commands.add_parser("protocols", help="list the protocols")
    _common(listing).set_defaults(command=protocols)

    questioning = commands.add_parser("questions", help="list what a protocol asks")
    questioning.add_argument("protocol", metavar="PROTOCOL")
    questioning.add_argument("--schema", action="store_true", help="JSON Schema of the answers")
    _common(questioning).set_defaults(command=questions)

    checking = commands.add_parser("check", help="load rule files, run their cases, check their claims")
    checking.add_argument("path", nargs="?", metavar="PATH", help="a rules folder or one protocol in it")
    checking.add_argument("--format", choices=("text", "json", "github"), default="text")
    checking.add_argument("--no-proofs", action="store_true", help="leave out what needs a solver")
    _common(checking).set_defaults(command=check)
    return parser


def _ask_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("protocol", nargs="?", metavar="PROTOCOL")
    parser.add_argument("--plain", action="store_true", help="numbered lines, nothing redrawn")
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--carer", action="store_true", help="you answer for somebody else")
    who.add_argument("--me", action="store_true", help="you are the one having treatment")
    parser.add_argument("--json", metavar="FILE", help="write the result there, as JSON")
    parser.add_argument("--save", metavar="FILE", help="write a summary for your team there, and FILE.json")
    return _common(parser, numbers=True)


def _common(parser: argparse.ArgumentParser, *, numbers: bool = False) -> argparse.ArgumentParser:
    parser.add_argument("--rules", metavar="DIR", help="rules folder (or WHENTOCALL_RULES)")
    if numbers:
        parser.add_argument(
            "--number",
            action="append",
            default=[],
            metavar="WHO=NUMBER",
            help="phone number to show, such as advice-line='020 7946 0000'",
        )
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("whentocall")
    except PackageNotFoundError:
        return "(not installed)"


def _rules(arguments: argparse.Namespace) -> Path:
    from whentocall.protocol.places import shipped_rules

    given = arguments.rules or os.environ.get("WHENTOCALL_RULES")
    return Path(given) if given else shipped_rules()


def _numbers(arguments: argparse.Namespace) -> dict[str, str]:
    from whentocall.config import config_path, numbers_from_file, numbers_from_options

    return {**numbers_from_file(config_path()), **numbers_from_options(arguments.number)}


def ask(arguments: argparse.Namespace) -> Exit:
    """The interview."""
    from whentocall.interview.command import run_interview

    for name in ("SIGHUP", "SIGTERM"):  # a closed terminal ends like Ctrl-C: safely, with what is known
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    finished, problems, saved = run_interview(
        rules=_rules(arguments),
        protocol=arguments.protocol,
        voice="they" if arguments.carer else "you" if arguments.me else None,
        plain=arguments.plain,
        json_file=arguments.json,
        save_file=arguments.save,
        numbers=_numbers(arguments),
    )
    if not saved:
        return Exit.NOT_SAVED
    if problems:
        return Exit.PROBLEM
    return Exit.DONE if finished else Exit.UNFINISHED


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def advise_(arguments: argparse.Namespace) -> Exit:
    """Answers in, advice out."""
    from whentocall.engine.advise import advise, why_not
    from whentocall.engine.answers import answers_from_json
    from whentocall.interview.render import advice_lines, paint
    from whentocall.interview.terminal import colour_wanted, page
    from whentocall.protocol.places import load

    protocol = load(arguments.protocol, rules=_rules(arguments))
    answers = answers_from_json(_read(arguments.answers))
    voice: Voice = "they" if arguments.carer else "you"
    advice = advise(protocol, answers, voice=voice, numbers=_numbers(arguments))
    why = why_not(protocol, answers, voice=voice) if arguments.why_not else ()
    if arguments.json:
        sys.stdout.write(advice.to_json())
    else:
        lines = advice_lines(protocol, advice, voice, page(sys.stdout))
        print("\n".join(paint(line, colour=colour_wanted(sys.stdout)) for line in lines))
    for one in why:
        print(f"not {one.level}: {one.rule}: {one.text}", file=sys.stderr if arguments.json else sys.stdout)
    return Exit.PROBLEM if advice.problems else Exit.DONE


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from None


def protocols(arguments: argparse.Namespace) -> Exit:
    """List the protocols."""
    from whentocall.protocol.loading import protocol_names
    from whentocall.protocol.places import load

    rules = _rules(arguments)
    for name in protocol_names(rules):
        protocol = load(name, rules=rules)
        kind = "layer" if protocol.head.layer else f"version {protocol.version}, {protocol.region.name}"
        signed = "signed off" if protocol.signed_off else "not signed off by a clinician"
        print(f"{name}\n  {protocol.title}\n  {kind}; {signed}; {protocol.sha256[:12]}")
        for document, source in protocol.sources.items():
            dates = [f"last reviewed {source.last_reviewed}" if source.last_reviewed else "no review date"]
            dates += [f"review due {source.review_due}"] if source.review_due else []
            print(f"  from {document}: {source.publisher} ({', '.join(dates)})")
    return Exit.DONE


def questions(arguments: argparse.Namespace) -> Exit:
    """List what a protocol asks."""
    from whentocall.engine.answers import answers_schema
    from whentocall.protocol.places import load

    protocol = load(arguments.protocol, rules=_rules(arguments))
    if arguments.schema:
        print(answers_schema(protocol))
        return Exit.DONE
    for question in protocol.questions.values():
        kind = str(question.answer)
        if question.options:
            kind = f"one of {', '.join(question.options)}"
        print(f"{question.id}\n  {question.you}\n  {kind}")
    return Exit.DONE


def check(arguments: argparse.Namespace) -> Exit:
    """Load, lint, run the cases, prove."""
    from whentocall.review.check import check as run_check
    from whentocall.review.report import report

    path = Path(arguments.path) if arguments.path else _rules(arguments)
    checked = run_check(path, prove=not arguments.no_proofs)
    print(report(checked, path, arguments.format))
    return Exit.FINDINGS if checked.findings else Exit.DONE


if __name__ == "__main__":
    sys.exit(main())
