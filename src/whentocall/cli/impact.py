"""`impact`: what a change of rules would have meant on real answers."""

from __future__ import annotations

import argparse
import json
import sys
from collections import abc
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whentocall import _files
from whentocall.cli.exits import Exit
from whentocall.cli.shared import common_options, missing_package, rules_folder, say, visible
from whentocall.cli.tables import reading_of, reading_options
from whentocall.errors import ConfigError, UnknownProtocol

if TYPE_CHECKING:
    from whentocall.protocol.protocol import Protocol
    from whentocall.tables.columns import Columns
    from whentocall.tables.impact.result import Impact
    from whentocall.tables.mapping import Mapping

_PACKAGES = frozenset({"jinja2", "narwhals", "numpy", "polars", "pyarrow", "tqdm"})
_MOST_EXAMPLES = 1000

_ABOUT = f"""\
Run the old and the new rules over a table of answers, and count the rows whose level changes.

OLD and NEW are a rules folder, a protocol's folder, REVISION:folder of a git repository, or a protocol's
name. TABLE is a CSV, Parquet, Arrow (Feather) or NDJSON file. It is read as `whentocall batch` reads it, and
may be larger than memory.

The report has the rows by old and new level, the rules that changed, and some rows of each change. These
examples are patients' answers; --examples 0 leaves them out. Written files are readable by whoever can read
TABLE.

A cell that is no answer counts as "don't know" and is counted; the exit code is then {Exit.ANSWERS_REFUSED},
unless --fail-on makes it {Exit.FINDINGS}.
"""


def add_to(commands: Any) -> None:
    """Add this command to the parser's."""
    comparing = commands.add_parser(
        "impact",
        help="compare two versions of the rules on a table of answers",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    comparing.add_argument("old", metavar="OLD", help="a folder, REVISION:folder, or a protocol's name")
    comparing.add_argument("new", metavar="NEW", help="the same")
    comparing.add_argument("table", metavar="TABLE", help="the answers")
    comparing.add_argument("--protocol", metavar="NAME", help="which protocol, if a folder has several")
    reading_options(comparing)
    comparing.add_argument(
        "--mapping-new", metavar="FILE", help="a mapping file of its own for the new rules"
    )
    comparing.add_argument(
        "--examples",
        type=_examples,
        default=3,
        metavar="N",
        help="rows to show of each change (default 3); patients' data, so 0 shows none",
    )
    comparing.add_argument("--json", metavar="FILE", help="write the report as JSON; - for standard output")
    comparing.add_argument("-o", "--output", metavar="FILE.html", help="write the report as a web page")
    comparing.add_argument(
        "--fail-on",
        choices=("lowered", "changed", "never"),
        default="never",
        help=f"exit code {Exit.FINDINGS} if any row's level is lowered, or changed; if the two schemes of "
        "levels do not say which is more urgent, that counts as lowered",
    )
    comparing.add_argument("--quiet", action="store_true", help="no progress")
    common_options(comparing).set_defaults(command=impact)


def impact(arguments: argparse.Namespace) -> Exit:
    """What a change of rules would have meant."""
    try:
        from whentocall.tables.impact.comparing import impact_of_file
        from whentocall.tables.outside import NotWritten
    except ModuleNotFoundError as error:
        raise missing_package(error, "impact", "batch", _PACKAGES) from None
    if arguments.output and not arguments.output.lower().endswith((".html", ".htm")):
        raise ConfigError(f"{arguments.output}: the report must be an .html file")
    old, new = _pair(arguments)
    mappings = _mappings(arguments, old, new)
    before, after = (mapping.columns if mapping else {} for mapping in mappings)
    result = impact_of_file(
        old,
        new,
        Path(arguments.table),
        reading_of(arguments, Path(arguments.table), mappings[0] or mappings[1]),
        columns=before,
        columns_new=after,
        examples=arguments.examples,
        quiet=arguments.quiet,
    )
    try:
        _write(arguments, result, (old, new), (before, after))
    except NotWritten as error:
        say(str(error))
        return Exit.NOT_SAVED
    changed = bool(result.changes)
    lowered = bool(result.lowered or result.unclear)
    if {"lowered": lowered, "changed": changed, "never": False}[arguments.fail_on]:
        return Exit.FINDINGS
    return Exit.ANSWERS_REFUSED if result.unreadable or result.bad_rows else Exit.DONE


def _pair(arguments: argparse.Namespace) -> tuple[Protocol, Protocol]:
    """The old and the new protocol.

    Raises:
        UnknownProtocol: there is none there, or several and it is not said which.
    """
    old, new = (_protocols(name, rules_folder(arguments)) for name in (arguments.old, arguments.new))
    if arguments.protocol:
        return _named(old, arguments.protocol, arguments.old), _named(new, arguments.protocol, arguments.new)
    if len(old) == len(new) == 1:  # one protocol, perhaps renamed
        return next(iter(old.values())), next(iter(new.values()))
    both = [name for name in new if name in old]
    if len(both) != 1:
        there = (
            ", ".join(both) or f"in the old {', '.join(old) or 'none'}; in the new {', '.join(new) or 'none'}"
        )
        raise UnknownProtocol(
            f"'{arguments.old}' and '{arguments.new}' should have one protocol in common, "
            f"or --protocol should say which; there are: {there}"
        )
    return old[both[0]], new[both[0]]


def _protocols(name: str, rules: Path) -> abc.Mapping[str, Protocol]:
    """The protocols in a folder or a revision, or the one of that name."""
    from whentocall.authoring.revision import folder_of, protocols_in

    if not Path(name).exists() and ":" not in name and (rules / name).is_dir():
        return protocols_in(rules / name)
    with folder_of(name) as folder:
        return protocols_in(folder)


def _named(protocols: abc.Mapping[str, Protocol], name: str, where: str) -> Protocol:
    if name not in protocols:
        raise UnknownProtocol(
            f"'{where}' has no protocol '{name}': there are {', '.join(protocols) or 'none'}"
        )
    return protocols[name]


def _mappings(
    arguments: argparse.Namespace, old: Protocol, new: Protocol
) -> tuple[Mapping | None, Mapping | None]:
    """What the mapping files say of the old and of the new.

    One for both may speak of a question that only one of them asks.
    """
    from whentocall.tables.mapping import read_mapping

    path, path_new = arguments.mapping, arguments.mapping_new
    if path_new:
        return (read_mapping(Path(path), old) if path else None), read_mapping(Path(path_new), new)
    if not path:
        return None, None
    of_each = []
    for protocol, other in ((old, new), (new, old)):
        both = replace(protocol, questions={**other.questions, **protocol.questions}, _memo={})
        mapping = read_mapping(Path(path), both)
        of_one = {name: column for name, column in mapping.columns.items() if name in protocol.questions}
        of_each.append(replace(mapping, columns=of_one))
    return of_each[0], of_each[1]


def _write(
    arguments: argparse.Namespace,
    result: Impact,
    protocols: tuple[Protocol, Protocol],
    columns: tuple[Columns, Columns],
) -> None:
    """Write the result where it is wanted.

    Raises:
        NotWritten: a file could not be written.
    """
    from functools import partial

    from whentocall.tables.impact.text import impact_text
    from whentocall.tables.impact.words import said

    in_words = partial(said, protocols, columns)
    table = Path(arguments.table)
    if arguments.json:
        text = json.dumps(result.as_json(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
        if arguments.json == "-":
            sys.stdout.flush()
            sys.stdout.buffer.write(_shown(text).encode())
        else:
            _keep(Path(arguments.json), text, table)
    if arguments.output:
        try:
            from whentocall.tables.impact.page import impact_html
        except ModuleNotFoundError as error:
            raise missing_package(error, "impact", "batch", _PACKAGES) from None
        made = date.today()  # noqa: DTZ011  the reader's own day
        _keep(Path(arguments.output), impact_html(result, in_words, table=table.name, made=made), table)
    if arguments.json != "-":
        print(visible("\n".join(impact_text(result, in_words))))


def _shown(text: str) -> str:
    """The same JSON, with what a terminal would obey instead of showing it as JSON's own escapes."""
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def _keep(path: Path, text: str, table: Path) -> None:
    """Write a file, whole or not at all. Who may read the answers may read the examples, and nobody else."""
    from whentocall.tables.outside import writing

    with writing(path):
        _files.replace(path, text.encode(), mode=table.stat().st_mode & 0o777)


def _examples(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= _MOST_EXAMPLES):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {_MOST_EXAMPLES}")
    return int(text)
