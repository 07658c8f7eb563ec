"""The commands about whole tables of answers: `batch`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from whentocall.cli.exits import Exit
from whentocall.cli.shared import common_options, missing_package, rules_folder, say, visible
from whentocall.errors import ConfigError, TableError

if TYPE_CHECKING:
    from whentocall.protocol.protocol import Protocol
    from whentocall.tables.batch import Job, Outcome
    from whentocall.tables.files.source import Reading
    from whentocall.tables.files.tally import Tally
    from whentocall.tables.mapping import Mapping

_PACKAGES = frozenset({"narwhals", "numpy", "polars", "pyarrow", "tqdm"})
_FORMATS = ("csv", "parquet", "arrow", "ndjson")
_MOST_ROWS = 10_000_000
_FIRST = 5  # refused cells that --strict names

_ABOUT = """\
Read a table of answers, one person per row, and write it with the advice for each.

IN is a CSV, Parquet, Arrow (Feather) or NDJSON file (one JSON object per line); - is standard input. OUT's
ending gives its format: .csv, .parquet, .arrow or .ndjson. If OUT ends with /, it is a folder with one file
per part. A column answers the question whose id is its name (see `whentocall questions PROTOCOL`), unless
--mapping says otherwise. An empty cell is "don't know"; a question without a column counts as not asked.

The output is the input plus six columns:
  level, at_least, could_be   ids of levels
  rules                       the rules that hold, most urgent first
  settle                      the questions to find an answer to, most urgent first
  bad_cells                   the columns whose cell is no answer, or "(whole row)"
The last three are lists; in a CSV, '|' separates their items.

A cell that is no answer is never guessed at. It counts as "don't know", which never lowers a level. It is
listed in OUT.bad-cells.csv, and the exit code is 4. The same goes for a CSV row with too few or too many
cells, and for a line that is no JSON object: all of its answers are "don't know". If no cell of a column can
be read, nothing is written; the lines that may be missing from a mapping file are printed.

IN may be larger than memory. Finished parts are kept in OUT.parts, which takes up to twice the room of OUT.
If the run is stopped in any way, the same command carries on. OUT appears only when it is complete. If IN
changes meanwhile, nothing is written. The list of bad cells is safe to open in a spreadsheet: an apostrophe
precedes whatever would be a formula.
"""


def add_to(commands: Any) -> None:
    """Add these commands to the parser's."""
    _add_batch(commands)


def _add_batch(commands: Any) -> None:
    batching = commands.add_parser(
        "batch",
        help="add the advice to a table of answers",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    batching.add_argument("protocol", metavar="PROTOCOL")
    batching.add_argument("input", metavar="IN", help="the table; - for standard input")
    batching.add_argument("output", metavar="OUT", help="the output; a folder if it ends with /")
    reading_options(batching)
    batching.add_argument("--to", choices=_FORMATS, help="OUT's format, if its ending does not give it")
    batching.add_argument("--prefix", default="", metavar="TEXT", help="prefix of the added columns' names")
    batching.add_argument(
        "--strict", action="store_true", help="write nothing if any cell or row cannot be read"
    )
    batching.add_argument(
        "--allow-unreadable-columns",
        action="store_true",
        help="go on if no cell of a column can be read; all count as don't know",
    )
    batching.add_argument("--bad-cells", metavar="FILE", help="list of what cannot be read, as CSV")
    batching.add_argument(
        "--most-bad",
        type=_count,
        default=10_000,
        metavar="N",
        help="list at most N of them (default 10000); all are counted",
    )
    batching.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    batching.add_argument(
        "--restart", action="store_true", help="discard what a stopped run has done, and begin anew"
    )
    batching.add_argument("--quiet", action="store_true", help="no progress, and no summary")
    batching.add_argument(
        "--threads",
        type=_positive,
        metavar="N",
        help="number of threads; one per processor by default",
    )
    batching.add_argument(
        "--part-rows",
        type=_positive,
        metavar="N",
        help="rows in memory at once (default 250000)",
    )
    common_options(batching).set_defaults(command=batch)


def reading_options(parser: argparse.ArgumentParser) -> None:
    """The options that say how a table is read."""
    parser.add_argument("--mapping", metavar="FILE", help="file that maps columns to questions")
    parser.add_argument("--format", choices=_FORMATS, help="IN's format, if its ending does not give it")
    parser.add_argument(
        "--separator",
        metavar="CHAR",
        help="separator of a CSV, such as ';' or tab; ',' by default",
    )
    parser.add_argument(
        "--encoding",
        metavar="NAME",
        help="encoding of a CSV, such as cp1252; UTF-8 (or UTF-16 with its mark) by default",
    )


def reading_of(arguments: argparse.Namespace, path: Path, mapping: Mapping | None) -> Reading:
    """How to read a table, by these options and the mapping file."""
    from whentocall.tables.files.formats import format_of
    from whentocall.tables.files.source import Reading

    return Reading(
        format_of(path, arguments.format, option="--format"),
        separator=arguments.separator or (mapping.separator if mapping else None),
        encoding=arguments.encoding or (mapping.encoding if mapping else None),
        rename=mapping.rename if mapping else {},
    )


def batch(arguments: argparse.Namespace) -> Exit:
    """A table of answers in, the same table with the advice out."""
    _use_threads(arguments.threads)
    try:
        from whentocall.protocol.load import load
        from whentocall.tables.batch import run_batch
        from whentocall.tables.outside import NotWritten
        from whentocall.tables.spot_check import Disagreement
    except ModuleNotFoundError as error:
        raise missing_package(error, "batch", "batch", _PACKAGES) from None
    protocol = load(arguments.protocol, rules=rules_folder(arguments))
    try:
        with _input(arguments) as path:
            job = _job(arguments, protocol, path)
            try:
                outcome = run_batch(job, say=say, quiet=arguments.quiet)
            except KeyboardInterrupt:
                return _stopped(job)
    except NotWritten as error:
        say(str(error))
        return Exit.NOT_SAVED
    except Disagreement as error:
        say(f"{error}\nNothing was written.")
        return Exit.PROBLEM
    if outcome.unreadable:
        _say_unreadable(job, outcome)
    elif outcome.refused:
        _say_refused(outcome)
    elif not arguments.quiet:
        _say_summary(job, outcome)
    return Exit.ANSWERS_REFUSED if outcome.tally.bad else Exit.DONE


def _use_threads(count: int | None) -> None:
    """Polars and Arrow take as many threads as there are processors, and decide so when they are loaded."""
    if count is not None:
        for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS"):
            os.environ[name] = str(count)


@contextmanager
def _input(arguments: argparse.Namespace) -> Iterator[Path]:
    """The table as a file: standard input is kept in one for as long as the run takes, beside OUT."""
    if arguments.input != "-":
        yield Path(arguments.input)
        return
    from whentocall.tables.outside import writing

    if not arguments.format:
        raise ConfigError("standard input has no file name; use --format")
    out = Path(arguments.output)
    with ExitStack() as stack:
        with writing(out):
            kept = stack.enter_context(NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.in."))
            shutil.copyfileobj(sys.stdin.buffer, kept)
            kept.flush()
        yield Path(kept.name)


def _job(arguments: argparse.Namespace, protocol: Protocol, path: Path) -> Job:
    """What the options say.

    Raises:
        TableError: a format is not said, or the mapping file cannot be used.
    """
    from whentocall.tables.batch import Job
    from whentocall.tables.files.formats import format_of
    from whentocall.tables.mapping import read_mapping

    mapping = read_mapping(Path(arguments.mapping), protocol) if arguments.mapping else None
    folder = arguments.output.endswith(("/", os.sep)) or Path(arguments.output).is_dir()
    out = Path(arguments.output)
    if folder and not arguments.to:
        raise TableError(f"{arguments.output}: a folder's name does not give a format; use --to")
    reading = reading_of(arguments, path, mapping)
    return Job(
        protocol=protocol,
        path=path,
        out=out,
        reading=replace(reading, most_rows=arguments.part_rows) if arguments.part_rows else reading,
        to=format_of(out, arguments.to, option="--to"),
        columns=mapping.columns if mapping else {},
        mapping=mapping.sha256 if mapping else "",
        prefix=arguments.prefix,
        folder=folder,
        strict=arguments.strict,
        allow_unreadable=arguments.allow_unreadable_columns,
        overwrite=arguments.overwrite,
        restart=arguments.restart,
        bad_file=Path(arguments.bad_cells) if arguments.bad_cells else None,
        most_listed=arguments.most_bad,
        lasting=arguments.input != "-",
    )


def _stopped(job: Job) -> Exit:
    """What to do after Ctrl+C."""
    print(file=sys.stderr)
    if job.parts.exists() and job.lasting:
        say(f"stopped; finished parts are kept in {job.parts}, and the same command carries on")
    else:
        say("stopped; nothing was written")
    return Exit.UNFINISHED


def _also(line: str) -> None:
    print(visible(line), file=sys.stderr)


def _say_refused(outcome: Outcome) -> None:
    """The first cells that --strict refuses."""
    say("nothing was written; --strict refuses cells and rows that cannot be read:")
    for cell in outcome.tally.listed[:_FIRST]:
        _also(f"  {cell}")


def _say_unreadable(job: Job, outcome: Outcome) -> None:
    """The columns that cannot be read, and the lines of a mapping file that say how they are written."""
    from whentocall.tables.unreadable import mapping_lines

    for unreadable in outcome.unreadable:
        say(f"{job.path}: {unreadable}")
    say(
        "nothing was written; put these lines in the mapping file (--mapping) if they are right, or use "
        "--allow-unreadable-columns"
    )
    for line in mapping_lines(outcome.unreadable):
        _also(line)


def _say_summary(job: Job, outcome: Outcome) -> None:
    """How many rows got which level, and what could not be read."""
    tally = outcome.tally
    before = f", {outcome.resumed:,} of them before this run" if outcome.resumed else ""
    _also(f"{tally.rows:,} rows{before}: {job.out}")
    for level in reversed(job.protocol.levels):
        count = tally.levels[level.id]
        share = 100 * count / tally.rows if tally.rows else 0
        _also(f"  {level.id:<24}{count:>15,}{share:>8.1f} %")
    if tally.bad:
        _say_bad(job, tally, outcome.listed)


def _say_bad(job: Job, tally: Tally, listed: Path | None) -> None:
    from whentocall.tables.bad_cells import WHOLE_ROW

    cells = sum(count for column, count in tally.bad.items() if column != WHOLE_ROW)
    rows = tally.bad[WHOLE_ROW]
    counts = ((cells, "cell"), (rows, "whole row"))
    what = [f"{count:,} {name}{'s' * (count > 1)}" for count, name in counts if count]
    _also(f'{" and ".join(what)} could not be read, and count as "don\'t know":')
    for column, count in tally.bad.most_common():
        such = ", ".join(f"{value!r} ({many:,})" for value, many in _commonest(tally, column))
        _also(f"  {column}: {count:,}{f', such as {such}' if such else ''}")
    first = f"the first {job.most_listed:,} are" if cells + rows > job.most_listed else "they are"
    _also(f"{first} listed in {listed}")


def _commonest(tally: Tally, column: str) -> list[tuple[str, int]]:
    return tally.values[column].most_common(3) if column in tally.values else []


def _count(text: str) -> int:
    return _whole(text, 0)


def _positive(text: str) -> int:
    return _whole(text, 1)


def _whole(text: str, low: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= _MOST_ROWS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {_MOST_ROWS}")
    return int(text)
