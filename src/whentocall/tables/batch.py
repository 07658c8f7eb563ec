"""A file of answers: read by parts, advised, written with the advice; a stopped run carries on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from whentocall import _files
from whentocall.errors import TableError
from whentocall.protocol.protocol import Protocol
from whentocall.tables import spot_check
from whentocall.tables.absent_columns import absence
from whentocall.tables.bad_cells import WHOLE_ROW
from whentocall.tables.columns import RESULTS, Columns, answered, asked, every_name, used_names
from whentocall.tables.files import open_table
from whentocall.tables.files.fitting import refuse_types
from whentocall.tables.files.progress import Progress
from whentocall.tables.files.resume import Work, working
from whentocall.tables.files.source import Part, Reading, Source
from whentocall.tables.files.tally import Tally, listing, tally_of
from whentocall.tables.files.unchanged import unchanged
from whentocall.tables.files.writing import (
    BETWEEN,
    Target,
    put_together,
    work_target,
    write_part,
)
from whentocall.tables.in_memory import Results
from whentocall.tables.outside import outside, reading_file, writing
from whentocall.tables.unreadable import Unreadable
from whentocall.version import own_version

MOST_LISTED = 10_000
_ENDS = 1024 * 1024  # bytes at each end of the input that are looked at to know it again
_ENDING = {"csv": ".csv", "ndjson": ".ndjson", "parquet": ".parquet", "arrow": ".arrow"}


def _nothing(_: str) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Job:
    """What to read, and what to write.

    Attributes:
        protocol: from `load`.
        path: the input.
        out: the output: a file, or a folder that gets one file per part.
        reading: how to read the input.
        to: the format of `out`.
        columns: which columns answer which questions.
        mapping: hash of the mapping file; empty if there is none.
        prefix: of the added columns' names.
        folder: whether `out` is a folder.
        strict: refuse a table with a cell or row that cannot be read.
        allow_unreadable: go on if no cell of a column can be read.
        overwrite: replace files that exist.
        restart: discard what a stopped run has done.
        bad_file: where cells that cannot be read are listed; beside `out` if not given.
        most_listed: at most so many of them.
        lasting: whether another run could read the input again, unlike standard input.
    """

    protocol: Protocol
    path: Path
    out: Path
    reading: Reading
    to: str
    columns: Columns = field(default_factory=dict)
    mapping: str = ""
    prefix: str = ""
    folder: bool = False
    strict: bool = False
    allow_unreadable: bool = False
    overwrite: bool = False
    restart: bool = False
    bad_file: Path | None = None
    most_listed: int = MOST_LISTED
    lasting: bool = True

    @property
    def parts(self) -> Path:
        """The working folder."""
        return self.out.with_name(f"{self.out.name}.parts")

    @property
    def listing(self) -> Path:
        """Where cells that cannot be read are listed."""
        return self.bad_file or self.out.with_name(f"{self.out.name}.bad-cells.csv")


@dataclass(frozen=True)
class Outcome:
    """The result of a run.

    Attributes:
        tally: what was counted; of the parts up to the refused one if `refused`.
        resumed: how many rows an earlier run had done.
        listed: the list of what could not be read, if there is anything.
        refused: nothing was written, as some cell or row cannot be read and the job is `strict`, or no cell
            of some column can be read.
        unreadable: those columns.
    """

    tally: Tally
    resumed: int = 0
    listed: Path | None = None
    refused: bool = False
    unreadable: Sequence[Unreadable] = ()


def run_batch(
    job: Job,
    *,
    say: Callable[[str], None] = _nothing,
    quiet: bool = True,
    step: Callable[[str], None] = _nothing,
) -> Outcome:
    """Advise every row of a file, and write it with the advice.

    OUT gets its name only when it is whole, and the file was the same from the first part to the last.

    Args:
        job: what to read, and what to write.
        say: is called with each line of a warning.
        quiet: no progress on standard error.
        step: is called with a word at each step, where tests end the run.

    Raises:
        TableError: the table, or how it was said to be read, cannot be used; or something is in the way.
        Disagreement: a row's advice is not what it is for the same answers on their own.
        NotWritten: a file could not be written.
    """
    about = f"{job.path}: the advice cannot be worked out"
    # What is read says so itself if the system refuses it: whatever else it refuses is about what is written.
    with writing(job.out), outside(about), unchanged(job.path) as check:
        return _run(job, say, quiet=quiet, step=step, check=check)


def _run(
    job: Job,
    say: Callable[[str], None],
    *,
    quiet: bool,
    step: Callable[[str], None],
    check: Callable[[], None],
) -> Outcome:
    _refuse_place(job)
    source = open_table(job.path, job.reading, to=job.to)
    target = _target(job, source)
    _refuse_names(job, source.names)
    known = source.schema is not None
    if known:
        _about_questions(job, source.names, say)
    identity = _identity(job)
    with working(job.parts, job.out, step) as work:
        before = work.finished(identity)
        if before is not None:
            work.remove()
            return Outcome(before, before.rows, job.listing if before.bad else None)
        tally = _begin(job, work, identity)
        resumed = tally.rows
        with Progress(source.total, what=" rows" if source.in_rows else "B", quiet=quiet) as progress:
            _parts(job, source, target, work, tally, progress)
        if job.strict and tally.bad:
            work.forget()
            return Outcome(tally, refused=True)
        try:
            check()
            if not known:
                _refuse_names(job, tally.names)
                _about_questions(job, tally.names, say)
        except TableError:
            work.forget()  # the same command could only come to this again
            raise
        if unreadable := [] if job.allow_unreadable else _unreadable(job, tally):
            work.forget()
            return Outcome(tally, refused=True, unreadable=unreadable)
        return Outcome(tally, resumed, _finish(job, target, work, tally, identity))


def _begin(job: Job, work: Work, identity: dict[str, Any]) -> Tally:
    """Take up what a stopped run has done, or begin. The value counts what is done."""
    carry_on = not job.restart and job.lasting and work.there
    _refuse_files(job, carry_on=carry_on)
    work.begin(identity, restart=not carry_on)
    tally = Tally()
    for part in work.done:
        tally.add(part.tally)
    return tally


def _parts(job: Job, source: Source, target: Target, work: Work, tally: Tally, progress: Progress) -> None:
    """Do the parts that are not done yet; `tally` counts them."""
    names = source.names if source.schema is not None else every_name(job.protocol, job.columns)
    needed = frozenset(used_names(job.protocol, job.columns, names))
    begin = work.end or source.begin
    if work.end:
        progress.resume(begin.position, begin.row)
    written = target if job.folder else work_target(target)
    readers: dict[tuple[tuple[str, pl.DataType], ...], Results] = {}  # one for all parts of the same types
    for part in source.parts(begin, needed):
        if not part.rows and work.done:
            continue
        types = tuple(part.asked.schema.items())
        if types not in readers:
            readers[types] = Results(job.protocol, part.asked.schema, job.columns)
        advised = readers[types].counted(part.asked)
        spot_check.check(job.protocol, part.asked, advised.results, job.columns, part.begin.row)
        results = _with_bad_rows(part, advised.results)
        room = job.most_listed - len(tally.listed)
        counted = tally_of(readers[types], part, results, advised.counts, room)
        tally.add(counted)
        if job.strict and tally.bad:
            return
        new = work.next_part(_ENDING[written.format])
        renamed = results.rename({name: job.prefix + name for name in RESULTS})
        write_part(new, part, renamed, written, first=not work.done)
        work.add(new, part.end, counted)
        progress.at(part.end.position, part.end.row)


def _with_bad_rows(part: Part, results: pl.DataFrame) -> pl.DataFrame:
    """The advice for each row of a part. A row that could not be read says so among its bad cells."""
    if part.line_of is None:  # a file of columns, in which no row is bad
        return results
    columns = results.schema["bad_cells"]
    assert isinstance(columns, pl.List)
    assert isinstance(columns.inner, pl.Enum)
    names = dict.fromkeys([*columns.inner.categories, WHOLE_ROW])
    dtype = pl.List(pl.Enum(list(names)))
    bad = results["bad_cells"].cast(dtype)
    if part.bad_rows:
        places = pl.Series([row.place for row in part.bad_rows])
        whole = pl.int_range(part.rows, eager=True).is_in(places.implode())
        bad = pl.select(pl.when(whole).then(pl.lit([WHOLE_ROW], dtype=dtype)).otherwise(bad)).to_series()
    return results.with_columns(bad.alias("bad_cells"))


def _unreadable(job: Job, tally: Tally) -> list[Unreadable]:
    """The columns without one cell that can be read. Only the whole table shows them: a part may be odd."""
    columns = asked(job.protocol, job.columns, frozenset(tally.names))
    return [
        Unreadable(
            job.protocol.questions[question],
            column,
            tally.bad[column.name],
            [value for value, _ in tally.values[column.name].most_common()],
        )
        for question, column in columns.items()
        if tally.bad[column.name] and not tally.known[column.name]
    ]


def _finish(job: Job, target: Target, work: Work, tally: Tally, identity: dict[str, Any]) -> Path | None:
    """Put the parts together, list what could not be read, and give both their names."""
    whole = work.folder / ("whole" if job.folder else f"whole{_ENDING[target.format]}")
    mode = job.path.stat().st_mode & 0o777 if job.lasting else 0o600
    with writing(whole):
        if job.folder:
            whole.mkdir(exist_ok=True)
            for path in work.paths:
                path.chmod(mode)
                path.rename(whole / f"part-{path.name}")
            _files.keep(whole)
        else:
            put_together(work.paths, whole, target)
            # Who may read the answers may read the advice, and nobody else.
            whole.chmod(mode)
    work.step("whole")
    listed = _list(job, tally, mode)
    work.step("listed")
    work.finish(whole, tally, identity, overwrite=job.overwrite)
    return listed


def _list(job: Job, tally: Tally, mode: int) -> Path | None:
    """List what could not be read. The list of a run that is overwritten would be taken for this one's."""
    with writing(job.listing):
        if tally.bad:
            _files.replace(job.listing, listing(tally.listed), mode=mode)
            return job.listing
        if job.overwrite and job.bad_file is None:
            job.listing.unlink(missing_ok=True)
    return None


def _identity(job: Job) -> dict[str, Any]:
    """What must be the same for a run to carry on where another was stopped."""
    digest = hashlib.sha256()
    with reading_file(job.path), job.path.open("rb") as opened:
        state = job.path.stat()
        digest.update(opened.read(_ENDS))
        opened.seek(max(state.st_size - _ENDS, 0))
        digest.update(opened.read(_ENDS))
    reading = job.reading
    return {
        "the input": [state.st_size, state.st_mtime_ns, digest.hexdigest()],
        "the protocol": [job.protocol.id, job.protocol.sha256],
        "the mapping file": job.mapping,
        "how the input is read": [reading.format, reading.separator, reading.encoding],
        "the output's format": [job.to, job.folder],
        "--prefix": job.prefix,
        "--strict": job.strict,
        "--most-bad": job.most_listed,
        "the version of whentocall": own_version(),
    }


def _target(job: Job, source: Source) -> Target:
    """How the results are written.

    Raises:
        TableError: a column cannot be written so.
    """
    from_csv = job.reading.format == "csv"
    if source.schema is not None:
        refuse_types(job.path, source.schema, job.to)
    return Target(
        job.to,
        separator=source.separator if from_csv else ",",
        marked=from_csv and source.marked,
        headed=job.folder,
        plain=True,
    )


def _about_questions(job: Job, names: tuple[str, ...], say: Callable[[str], None]) -> None:
    """Say which questions nothing answers.

    Raises:
        TableError: that is all of them.
    """
    try:
        found = answered(job.protocol, job.columns, names)
    except TableError as error:
        raise TableError(f"{job.path}: {error}") from None
    strange = [column.name for column in found.values() if BETWEEN in column.name]
    if strange and job.to == "csv":
        raise TableError(
            f"{job.path}: column '{strange[0]}' has a '{BETWEEN}' in its name, which separates names in a "
            "CSV's list of bad cells; rename it, or write another format"
        )
    for line in absence(job.protocol, job.columns, names).text:
        say(line)


def _refuse_names(job: Job, names: tuple[str, ...]) -> None:
    taken = [job.prefix + name for name in RESULTS if job.prefix + name in names]
    if taken:
        raise TableError(
            f"{job.path}: there already is a column '{taken[0]}'; use --prefix for the columns that are added"
        )


def _refuse_place(job: Job) -> None:
    """Refuse to write where the input is, or where nothing can be written."""
    if job.out.exists() and job.path.exists() and job.out.samefile(job.path):
        raise TableError(f"{job.out}: this is the input; choose another name for the output")
    if job.out.is_dir() and not job.folder:
        raise TableError(f"{job.out}: this is a folder")
    if not job.out.parent.is_dir():
        raise TableError(f"{job.out}: no such folder: '{job.out.parent}'")


def _refuse_files(job: Job, *, carry_on: bool) -> None:
    """Refuse to replace what was not said to be replaced. A run that carries on may replace its own list."""
    if job.folder and job.out.is_dir():
        if any(job.out.iterdir()):
            raise TableError(f"{job.out}: this folder is not empty; empty it, or choose another")
    elif job.out.exists() and not job.overwrite:
        raise TableError(f"{job.out}: already exists; use --overwrite, or choose another name")
    if job.listing.exists() and not (job.overwrite or carry_on):
        raise TableError(f"{job.listing}: already exists; use --overwrite, or --bad-cells with another name")


__all__ = ["Job", "Outcome", "run_batch"]
