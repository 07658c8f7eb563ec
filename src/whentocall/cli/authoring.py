"""For clinicians: `check`, `diff`, `review` and `sign`, and the tools for writing rule files."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from whentocall.cli.exits import Exit
from whentocall.cli.shared import common_options, rules_folder


def add_to(commands: Any) -> None:
    """Add these commands to the parser's."""
    checking = commands.add_parser("check")
    checking.add_argument("path", nargs="?", metavar="PATH", help="a rules folder, or one protocol in it")
    checking.add_argument("--format", choices=("text", "json", "github"), default="text")
    checking.add_argument("--no-proofs", action="store_true", help="skip the proofs")
    checking.add_argument("--people", metavar="DIR", help="write each finding's example person to DIR")
    common_options(checking).set_defaults(command=check)

    comparing = commands.add_parser("diff")
    comparing.add_argument("old", metavar="OLD", help="a folder, or REVISION:folder in git")
    comparing.add_argument("new", metavar="NEW", help="the same")
    comparing.add_argument("--format", choices=("text", "json"), default="text")
    comparing.add_argument(
        "--fail-on", choices=("lowered", "raised", "any"), help="exit with 1 if anyone's level is"
    )
    common_options(comparing).set_defaults(command=diff)

    signing = commands.add_parser("sign")
    signing.add_argument("path", metavar="PATH", help="the protocol's folder")
    signing.add_argument("--name", required=True, help="who signs, such as 'Dr A. Example'")
    signing.add_argument("--role", required=True, help="their role, such as 'consultant haematologist'")
    signing.add_argument("--card", action="append", default=[], help="sign this card only; may be repeated")
    signing.add_argument("--note", default="", help="a remark to keep with the signature")
    signing.add_argument("--date", type=date.fromisoformat, help="day of signing; today if not given")
    common_options(signing).set_defaults(command=sign)

    reviewing = commands.add_parser("review")
    reviewing.add_argument("path", metavar="PROTOCOL", help="a protocol's name or folder")
    reviewing.add_argument("-o", "--output", required=True, metavar="FILE", help="ends in .html or .xlsx")
    reviewing.add_argument("--format", choices=("html", "xlsx"), help="if the file's ending does not say")
    reviewing.add_argument("--sources", metavar="DIR", help="folder of the documents, to show passages")
    reviewing.add_argument(
        "--since", metavar="OLD", help="show what changed since this folder or REVISION:folder"
    )
    common_options(reviewing).set_defaults(command=review)
    _add_writing(commands)


def _add_writing(commands: Any) -> None:
    sources = commands.add_parser("sources")
    actions = sources.add_subparsers(title="actions", metavar="ACTION", required=True)
    checking = actions.add_parser("check", help="find changed sentences, and the rules that cite them")
    checking.add_argument("documents", metavar="DIR", help="folder of the documents")
    common_options(checking).set_defaults(command=sources_check)
    indexing = actions.add_parser("index", help="print the sentence list of a new document")
    indexing.add_argument("file", metavar="FILE", help="the document as UTF-8 text")
    for name, help_ in (
        ("prefix", "start of each sentence's id, such as A"),
        ("title", "title of the document"),
        ("publisher", "who published it"),
    ):
        indexing.add_argument(f"--{name}", required=True, help=help_)
    indexing.add_argument("--seen", type=date.fromisoformat, help="day it was read; today if not given")
    indexing.set_defaults(command=sources_index)

    formatting = commands.add_parser("fmt")
    formatting.add_argument("path", nargs="?", metavar="PATH", help="a file or folder")
    formatting.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if a file would change"
    )
    common_options(formatting).set_defaults(command=fmt)

    for name, command in (("new-card", new_card), ("new-protocol", new_protocol)):
        making = commands.add_parser(name)
        if command is new_card:
            making.add_argument("protocol", metavar="PROTOCOL")
        making.add_argument("name", metavar="NAME", help="small letters and digits, words joined by '-'")
        making.add_argument("--title", help="its title; made from the name if not given")
        common_options(making).set_defaults(command=command)


def check(arguments: argparse.Namespace) -> Exit:
    """Load rule files, run their cases, prove their claims."""
    from whentocall.authoring.check import check as run_check
    from whentocall.authoring.command import people_files
    from whentocall.authoring.report import report

    path = Path(arguments.path) if arguments.path else rules_folder(arguments)
    checked = run_check(path, prove=not arguments.no_proofs)
    print(report(checked, path, arguments.format))
    if arguments.people:
        people_files(checked, Path(arguments.people))
    return Exit.FINDINGS if checked.findings else Exit.DONE


def diff(arguments: argparse.Namespace) -> Exit:
    """Show what changes, and for whom."""
    from whentocall.authoring.command import compare, diff_json, diff_text

    compared = compare(arguments.old, arguments.new)
    if arguments.format == "json":
        print(diff_json(compared))
    lowered = raised = False
    for name, (_, new, difference) in compared.items():
        if difference is None or new is None:
            lowered = lowered or new is None
            if arguments.format == "text":
                print(f"{name}: {'added' if new is not None else 'removed'}")
            continue
        lowered, raised = lowered or bool(difference.lowered), raised or bool(difference.raised)
        if arguments.format == "text":
            print("\n".join(diff_text(name, new, difference)))
    failed = {"lowered": lowered, "raised": raised, "any": lowered or raised, None: False}
    return Exit.FINDINGS if failed[arguments.fail_on] else Exit.DONE


def sign(arguments: argparse.Namespace) -> Exit:
    """Sign a protocol as it is now."""
    from whentocall.authoring.sign import Signature
    from whentocall.authoring.sign import sign as add_signature
    from whentocall.protocol.load import load_folder

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


def _protocol_folder(arguments: argparse.Namespace, given: str) -> Path:
    """The folder that was given, or that of the protocol of that name."""
    folder = Path(given)
    return folder if folder.is_dir() else rules_folder(arguments) / given


def review(arguments: argparse.Namespace) -> Exit:
    """Write the review pack of one protocol, as a page or a workbook."""
    from whentocall.review_pack.write import write_review

    folder = _protocol_folder(arguments, arguments.path)
    output = Path(arguments.output)
    form = arguments.format or output.suffix.removeprefix(".")
    documents = Path(arguments.sources) if arguments.sources else None
    try:
        write_review(folder, output, form, sources_dir=documents, since=arguments.since)
    except OSError as error:
        print(f"whentocall: {output}: could not be written ({error.strerror})", file=sys.stderr)
        return Exit.NOT_SAVED
    print(f"written: {output}")
    return Exit.DONE


def sources_check(arguments: argparse.Namespace) -> Exit:
    """Find sentences that are no longer in the documents, and the rules that cite them."""
    from whentocall.authoring.sources import sources_check as find_changes

    findings = find_changes(rules_folder(arguments), Path(arguments.documents))
    for finding in findings:
        print(f"note: {finding}" if finding.severity == "note" else finding)
    changed = [finding for finding in findings if finding.severity == "error"]
    print("no sentence has changed" if not changed else f"{len(changed)} findings")
    return Exit.FINDINGS if changed else Exit.DONE


def sources_index(arguments: argparse.Namespace) -> Exit:
    """Print the sentence list of a new document."""
    from whentocall.authoring.sources import sources_index as index

    seen = arguments.seen or date.today()  # noqa: DTZ011  the reader's own day
    print(
        index(
            Path(arguments.file),
            prefix=arguments.prefix,
            title=arguments.title,
            publisher=arguments.publisher,
            seen=seen,
        ),
        end="",
    )
    return Exit.DONE


def fmt(arguments: argparse.Namespace) -> Exit:
    """Format rule files."""
    from whentocall.authoring.fmt import format_path

    path = Path(arguments.path) if arguments.path else rules_folder(arguments)
    changed = format_path(path, check_only=arguments.check)
    for file in changed:
        print(f"{'would change' if arguments.check else 'changed'}: {file}")
    return Exit.FINDINGS if arguments.check and changed else Exit.DONE


def new_card(arguments: argparse.Namespace) -> Exit:
    """Start a card."""
    from whentocall.authoring.scaffold import new_card as start_card

    folder = _protocol_folder(arguments, arguments.protocol)
    path = start_card(folder, arguments.name, title=arguments.title)
    print(f"written: {path}\nEdit it, then: whentocall check {folder}")
    return Exit.DONE


def new_protocol(arguments: argparse.Namespace) -> Exit:
    """Start a protocol."""
    from whentocall.authoring.scaffold import new_protocol as start_protocol

    path = start_protocol(rules_folder(arguments), arguments.name, title=arguments.title)
    print(f"written: {path}\nEdit it, then: whentocall check {path}")
    return Exit.DONE
