"""A whole table of answers: our table part beside the memory floor, a numba loop, NumPy, Polars and DuckDB.

    python tests/benchmarks/table.py [--quick] [--only WORD,WORD] [--files] [-o FILE]

Every entry has processes of its own, with 1 and with 2 threads. Every result is compared before anything is
timed: with what `advise` says of the first rows, and with each other on all rows. What is not installed is
left out, and named.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import machine
import workload as work_of
from table_entries import ENTRIES, Entry, columns_of, copying, missing
from table_files import FORMATS, File, files_table, measure_files
from table_peers import Way, numpy_blocks
from table_work import SHIPPED, Work, prepare

PACKAGES = ("narwhals", "numba", "numpy", "polars", "duckdb", "pyarrow")
THREAD_NAMES = ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")
COLUMNS = ("level", "at_least", "could_be", "rules", "settle")
SECONDS = 0.8  # for the rounds of an entry that is quick; one that is slow has at least `ROUNDS`
ROUNDS, MOST_ROUNDS, SLOW = 3, 15, 3.0
TOO_LONG = 30  # seconds for one call
LAYOUT = {
    "whole": [("17", (100_000, 1_000_000, 10_000_000)), (SHIPPED, (1_000_000, 10_000_000))],
    "quick": [("17", (100_000,)), (SHIPPED, (100_000,))],
}
SCALED = [("160", (100_000,)), ("1600", (100_000,))]


class Wrong(Exception):
    """An entry gave another result than `advise`, or than another entry."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one entry.

    Attributes:
        kind: how many rules, or the shipped protocol.
        rows: of the table.
        threads: how many there may be.
        entry: its name.
        way: the way measured.
        whole: whether the result was all our columns, or masks.
        seconds: for the whole table, the median.
        processor: times copying the bytes of the layout `bytes` into memory that is there, processor time.
        there: the same on the wall.
        new: times copying them into new memory.
        own: times copying the bytes that it reads and writes itself, into memory that is there.
        bytes_in: what it reads, bytes per row.
        bytes_out: what it writes.
        peak: megabytes of the process at most, during the first call.
        before: megabytes before that call, the answers among them.
        rounds: how often it was run.
    """

    kind: str
    rows: int
    threads: int
    entry: str
    way: str
    whole: bool
    seconds: float
    processor: float
    there: float
    new: float
    own: float | None
    bytes_in: float
    bytes_out: float
    peak: float
    before: float
    rounds: int


def settle_right(work: Work) -> None:
    """Write what every entry must give on all rows: NumPy's result, once it agrees with `advise` on some."""
    import numpy as np  # noqa: PLC0415

    (way,) = numpy_blocks(work)
    level, words = way.call()
    protocol = work.protocol()
    for place, row in enumerate(work.sample()):
        fired = {
            protocol.rules[64 * number + bit].id
            for number, word in enumerate(words)
            for bit in range(64)
            if int(word[place]) >> bit & 1
        }
        if (protocol.levels[level[place]].id, fired) != (row["level"], set(row["rules"])):
            raise Wrong(
                f"the plan says {protocol.levels[level[place]].id}, {fired} in row {place + 1}: {row}"
            )
    np.savez(work.folder / "right.npz", level=level, **{f"word{n}": word for n, word in enumerate(words)})


def check(name: str, way: Way, work: Work, found: Any) -> None:
    """Compare a result with `advise` on the first rows, and with the others on all.

    Raises:
        Wrong: they differ.
    """
    level, words = way.masks(found)
    right_level, right_words = work.right()
    rows = round(work.rows * way.share)
    if len(level) != rows or len(words) != len(right_words):
        raise Wrong(f"{name}, {way.name}: {len(level)} rows and {len(words)} masks")
    pairs = [(level, right_level), *zip(words, right_words, strict=True)]
    for number, (own, right) in enumerate(pairs):
        if (own != right[:rows]).any():
            place = int((own != right[:rows]).argmax())
            what = "level" if number == 0 else f"mask {number}"
            raise Wrong(f"{name}, {way.name}: {what} {own[place]}, not {right[place]}, in row {place + 1}")
    if way.whole is not None:
        sample = work.sample()[:rows]
        told = way.whole(found).head(len(sample)).select(COLUMNS).rows(named=True)
        for place, (own, right) in enumerate(zip(told, sample, strict=True)):
            if own != right:
                raise Wrong(f"{name}, {way.name}: {own}, not {right}, in row {place + 1}")


def resident(line: str) -> float:
    """Megabytes of this process: `VmRSS` now, `VmHWM` at most."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(one.split()[1]) for one in lines if one.startswith(line)) / 1024


Spent = tuple[float, float]
"""Seconds on the wall, and of processor time of all threads."""


def spent(call: Callable[[], Any]) -> Spent:
    """What one call takes, its result thrown away."""
    start, worked = perf_counter(), process_time()
    found = call()
    seconds = perf_counter() - start, process_time() - worked
    del found
    return seconds


@dataclass(frozen=True, slots=True)
class Tried:
    """A way that has been called, and whose result is right: seconds, megabytes, bytes of each column out."""

    way: Way
    seconds: Spent
    peak: float
    before: float
    outward: list[int]


def tried(name: str, way: Way, work: Work) -> Tried:
    """Call it, and look at the result. The first call warms up, unless it is slow enough to count."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # sets VmHWM back to what there is now
    kept: list[Any] = []
    before = resident("VmRSS")
    seconds = spent(lambda: kept.append(way.call()))
    peak, found = resident("VmHWM"), kept.pop()
    check(name, way, work, found)
    outward = work.sizes("masks")
    if way.whole is not None and way.share == 1:
        outward = columns_of(way.whole(found).drop(work.protocol().questions, strict=False))
    del found
    if seconds[0] < SLOW:
        seconds = spent(way.call)
    return Tried(way, seconds, peak, before, outward)


def measure(work: Work, name: str) -> Measured:
    """One entry in this process, side by side with the floors."""
    entry = next(one for one in ENTRIES if one.name == name)
    chosen = min((tried(name, way, work) for way in entry.build(work)), key=lambda one: one.seconds[0])
    way, inward, outward = chosen.way, work.sizes(entry.layout), chosen.outward
    common = work.sizes("bytes") + work.sizes("masks")
    floors = [
        copying(common, new=False),
        copying(common, new=True),
        copying(inward + outward, new=False),
    ]
    rounds = in_turns(way.call, floors, chosen.seconds)
    there, new, own = (
        statistics.median(one[0][0] / one[place][0] for one in rounds) / way.share for place in (1, 2, 3)
    )
    return Measured(
        kind=work.kind,
        rows=work.rows,
        threads=int(os.environ[THREAD_NAMES[0]]),
        entry=name,
        way=way.name,
        whole=entry.whole,
        seconds=statistics.median(one[0][0] for one in rounds) / way.share,
        processor=statistics.median(one[0][1] / one[1][1] for one in rounds) / way.share,
        there=there,
        new=new,
        own=own if way.share == 1 else None,
        bytes_in=sum(inward) / work.rows,
        bytes_out=sum(outward) / work.rows,
        peak=chosen.peak,
        before=chosen.before,
        rounds=len(rounds),
    )


def in_turns(call: Callable[[], Any], floors: list[Callable[[], Any]], tried: Spent) -> list[list[Spent]]:
    """Seconds of the entry and of each floor, round by round, in an order drawn anew for each round.

    What takes many seconds is not called again: the `tried` ones count in every round.
    """
    calls = [call if tried[0] <= SLOW else lambda: None, *floors]
    order, shuffle = list(range(len(calls))), random.Random(work_of.SEED).shuffle
    rounds: list[list[Spent]] = []
    start = perf_counter()
    while len(rounds) < MOST_ROUNDS and (perf_counter() - start < SECONDS or len(rounds) < ROUNDS):
        shuffle(order)
        seconds = {place: spent(calls[place]) for place in order}
        if tried[0] > SLOW:
            seconds[0] = tried
        rounds.append([seconds[place] for place in range(len(calls))])
    return rounds


def with_threads(count: int, call: Callable[..., Any], *given: Any) -> Any:
    """A call in a fresh process that has so many threads."""
    os.environ |= dict.fromkeys(THREAD_NAMES, str(count))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(call, *given).result()


def wanted(words: str) -> Iterator[Entry]:
    """The entries with one of these words in their name, as far as they are installed."""
    for entry in ENTRIES:
        lacks = missing(entry)
        if not any(word in entry.name for word in words.split(",")):
            continue
        if lacks:
            say(f"left out: {entry.name}, without {lacks}")
        else:
            yield entry


def run(
    work: Work, threads: list[int], entries: list[Entry], before: list[Measured], failed: list[str]
) -> list[Measured]:
    """All entries over one table, each in processes of its own.

    Left out is what would take too long, as a smaller table `before` has shown; `failed` gets what failed.
    """
    with_threads(max(threads), prepare, work.kind, work.rows, work.folder)
    with_threads(max(threads), settle_right, work)
    found = []
    for count in threads:
        rows = []
        for entry in entries:
            seconds = expected(work, count, entry, before)
            if seconds > TOO_LONG:
                say(f"left out below: {entry.name}, as it would take about {seconds:.0f} s\n")
                continue
            try:
                rows.append(with_threads(count, measure, work, entry.name))
            except Exception as error:  # noqa: BLE001  told at once and at the end; the others are still measured
                failed.append(f"{entry.name}, {work.kind}, {work.rows:,} rows: {error!r}")
                say(f"failed: {failed[-1]}\n")
        if rows:
            say(table(rows))
        found += rows
    return found


def expected(work: Work, threads: int, entry: Entry, before: list[Measured]) -> float:
    """Seconds that one call will take, going by a smaller table; 0 if that is not known."""
    mine = (work.kind, threads, entry.name)
    slow = [one for one in before if (one.kind, one.threads, one.entry) == mine and one.own is not None]
    return slow[-1].seconds / slow[-1].rows * work.rows if slow else 0.0


def say(text: str) -> None:
    """A line at once, whoever reads."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def table(rows: list[Measured]) -> str:
    """The figures as a Markdown table."""
    first = rows[0]
    rules = "44 questions of all-targeted-drugs" if first.kind == SHIPPED else f"{int(first.kind):,} rules"
    s = "" if first.threads == 1 else "s"
    lines = [
        f"**{rules}, {first.rows:,} rows, {first.threads} thread{s}**",
        "",
        "| entry | gives | million rows/s | bytes in + out "
        "| × copy | by processor | × new copy | × own | MB | before |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        own = "" if row.own is None else f"{row.own:.2f}"
        speed = row.rows / row.seconds / 1e6
        figures = [
            f"{speed:.4f}" if speed < 0.1 else f"{speed:.1f}",
            f"{row.bytes_in:.1f} + {row.bytes_out:.1f}",
            f"{row.there:,.2f}",
            f"{row.processor:,.2f}",
            f"{row.new:,.2f}",
            own,
            f"{row.peak:,.0f}",
            f"{row.before:,.0f}",
        ]
        gives = "whole" if row.whole else "masks"
        lines.append(f"| {row.entry} ({row.way}) | {gives} | {' | '.join(figures)} |")
    return "\n".join([*lines, ""])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100,000 rows only")
    parser.add_argument("--rows", default="", help="tables of so many rows only, such as 1000000,10000000")
    parser.add_argument("--kinds", default="", help=f"these tables only, such as 17,160,1600,{SHIPPED}")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--only", default="", help="only the entries with one of these words in their name")
    parser.add_argument("--files", action="store_true", help="only whentocall batch, from file to file")
    parser.add_argument("--folder", type=Path, help="where to put the tables; some gigabytes")
    parser.add_argument("-o", "--json", type=Path, help="write all figures into this file")
    return parser.parse_args()


def tables(asked: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """The tables to measure: how many rules, how many rows."""
    layout = LAYOUT["quick"] if asked.quick else LAYOUT["whole"] + ([] if asked.files else SCALED)
    for kind, counts in layout:
        if not asked.kinds or kind in asked.kinds.split(","):
            yield from (
                (kind, count) for count in counts if not asked.rows or str(count) in asked.rows.split(",")
            )


def main() -> int:
    asked = arguments()
    about = machine.about(PACKAGES)
    say(machine.text(about) + "\n")
    threads = [int(one) for one in asked.threads.split(",")]
    entries = [] if asked.files else list(wanted(asked.only))
    found: list[Measured] = []
    files: list[File] = []
    failed: list[str] = []
    for kind, rows in tables(asked):
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            work = Work(kind, rows, Path(folder))
            if asked.files:
                with_threads(max(threads), prepare, kind, rows, work.folder)
                files += [with_threads(n, measure_files, work, one) for n in threads for one in FORMATS]
            else:
                several = threads if rows >= 1_000_000 else threads[-1:]  # small ones show how it scales
                found += run(work, several, entries, found, failed)
    if files:
        say(files_table(files))
    for one in failed:
        say(f"failed: {one}")
    if asked.json:
        told = {"machine": about, "memory": [asdict(one) for one in found]}
        told |= {"files": [asdict(one) for one in files], "failed": failed}
        asked.json.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
