"""The clinician's bench: `check`, `diff`, `sign`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from whentocall.cli.exits import Exit
from whentocall.cli.shared import common_options, rules_folder


def add_to(commands: Any) -> None:
    """Add these commands to the parser's."""
    checking = commands.add_parser("check", help="load rule files, run their cases, prove their claims")
    checking.add_argument("path", nargs="?", metavar="PATH", help="a rules folder or one protocol in it")
    checking.add_argument("--format", choices=("text", "json", "github"), default="text")
    checking.add_argument("--no-proofs", action="store_true", help="leave out what needs a solver")
    checking.add_argument("--people", metavar="DIR", help="write the person of each finding there, to be run")
    common_options(checking).set_defaults(command=check)

    comparing = commands.add_parser("diff", help="what changes for whom between two states of rule files")
    comparing.add_argument("old", metavar="OLD", help="a folder, or REVISION:folder of a git repository")
    comparing.add_argument("new", metavar="NEW", help="the same")
    comparing.add_argument("--format", choices=("text", "json"), default="text")
    comparing.add_argument(
        "--fail-on", choices=("lowered", "raised", "any"), help="exit code 1 where anybody's level is"
    )
    common_options(comparing).set_defaults(command=diff)

    signing = commands.add_parser("sign", help="sign a protocol as it is now")
    signing.add_argument("path", metavar="PATH", help="the protocol's folder")
    signing.add_argument("--name", required=True, help="who signs, such as 'Dr A. Example'")
    signing.add_argument("--role", required=True, help="such as 'consultant haematologist'")
    signing.add_argument("--card", action="append", default=[], help="sign this card only; may be repeated")
    signing.add_argument("--note", default="", help="anything to add")
    signing.add_argument("--date", type=date.fromisoformat, help="day of signing; today if not given")
    common_options(signing).set_defaults(command=sign)


def check(arguments: argparse.Namespace) -> Exit:
    """Load, lint, run the cases, prove."""
    from whentocall.review.check import check as run_check
    from whentocall.review.command import people_files
    from whentocall.review.report import report

    path = Path(arguments.path) if arguments.path else rules_folder(arguments)
    checked = run_check(path, prove=not arguments.no_proofs)
    print(report(checked, path, arguments.format))
    if arguments.people:
        people_files(checked, Path(arguments.people))
    return Exit.FINDINGS if checked.findings else Exit.DONE


def diff(arguments: argparse.Namespace) -> Exit:
    """What changes, and for whom."""
    from whentocall.review.command import compare, diff_json, diff_text

    compared = compare(arguments.old, arguments.new)
    if arguments.format == "json":
        print(diff_json(compared))
    lowered = raised = False
    for name, (_, new, difference) in compared.items():
        if difference is None or new is None:
            lowered = lowered or new is None
            if arguments.format == "text":
                print(f"{name}: {'is new' if new is not None else 'is no longer there'}")
            continue
        lowered, raised = lowered or bool(difference.lowered), raised or bool(difference.raised)
        if arguments.format == "text":
            print("\n".join(diff_text(name, new, difference)))
    failed = {"lowered": lowered, "raised": raised, "any": lowered or raised, None: False}
    return Exit.FINDINGS if failed[arguments.fail_on] else Exit.DONE


def sign(arguments: argparse.Namespace) -> Exit:
    """Sign a protocol as it is now."""
    from whentocall.protocol.loading import load_folder
    from whentocall.review.sign import Signature
    from whentocall.review.sign import sign as add_signature

    folder = Path(arguments.path)
    day = arguments.date or date.today()  # noqa: DTZ011  the signer's own day
    signature = Signature(arguments.name, arguments.role, day, arguments.note, tuple(arguments.card))
    path = add_signature(folder, signature)
    protocol = load_folder(folder)
    missing = [
        card for card in protocol.card_sha256 if len(protocol.signers(card)) < protocol.head.signatures
    ]
    print(f"signed by {signature.name}, {signature.role}, on {day}; written to {path}")
    if protocol.signed_off:
        print(f"{protocol.id} is now signed off as a whole; any change to what it says voids that")
    else:
        left = ", ".join(missing) or "the levels and the order of asking"
        print(f"{protocol.id} is not signed off yet; still to be signed: {left}")
    return Exit.DONE
