"""For developers who embed the engine: `vectors` tests an embedding, `replay` checks a result."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from whentocall import _files
from whentocall.cli.exits import Exit
from whentocall.cli.shared import common_options, read_bytes, rules_folder
from whentocall.errors import AnswersError


def add_to(commands: Any) -> None:
    """Add these commands to the parser's."""
    making = commands.add_parser("vectors", help="conformance vectors for ports in any language")
    making.add_argument("protocol", metavar="PROTOCOL")
    making.add_argument("-o", "--output", metavar="FILE", help="write to this file; default: standard output")
    common_options(making).set_defaults(command=vectors)

    replaying = commands.add_parser(
        "replay",
        help="re-run a saved result, and say what has changed",
        description="Re-run a saved result with the current rules. The new result goes to standard output. "
        "If it differs, standard error says what has changed, and the exit code is "
        f"{Exit.FINDINGS}.",
    )
    replaying.add_argument(
        "result", metavar="RESULT.json", help="written by --json or --save; - for standard input"
    )
    common_options(replaying).set_defaults(command=replay)


def vectors(arguments: argparse.Namespace) -> Exit:
    """The conformance vectors of one protocol."""
    from whentocall.conformance.plan import plan
    from whentocall.conformance.vectors import by_kind, vectors_json
    from whentocall.protocol.load import load

    protocol = load(arguments.protocol, rules=rules_folder(arguments))
    planned = plan(protocol)
    lines = vectors_json(protocol, planned)
    if arguments.output is None:
        for line in lines:
            _write(line)
    else:
        try:
            _files.replace(Path(arguments.output), "".join(lines).encode())
        except OSError as error:
            print(f"whentocall: {arguments.output}: could not be written ({error.strerror})", file=sys.stderr)
            return Exit.NOT_SAVED
    kinds = ", ".join(f"{kind} {count}" for kind, count in by_kind(planned).items())
    print(f"{len(planned)} vectors of {protocol.id}: {kinds}", file=sys.stderr)
    return Exit.DONE


def replay(arguments: argparse.Namespace) -> Exit:
    """A saved result, re-run."""
    from whentocall.conformance.replay import MAX_RESULT
    from whentocall.conformance.replay import replay as run_again

    text = read_bytes(arguments.result, MAX_RESULT + 1)
    try:
        replayed = run_again(text, rules=rules_folder(arguments))
    except AnswersError:
        print("whentocall: cannot replay the result; the rules refuse one of its answers:", file=sys.stderr)
        raise
    _write(replayed.now.to_json())
    for change in replayed.changes:
        print(f"whentocall: {change}", file=sys.stderr)
    if replayed.now.problems:
        return Exit.PROBLEM
    return Exit.DONE if replayed.same else Exit.FINDINGS


def _write(text: str) -> None:
    """Write UTF-8 to standard output, whatever the terminal's encoding: these are files, not screens."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
