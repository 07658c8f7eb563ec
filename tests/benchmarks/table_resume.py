"""A table larger than memory through `whentocall batch`, killed on the way, carried on, and compared row by
row.

    python tests/benchmarks/table_resume.py --rows 50000000 --limit-mb 2000

The limit is RLIMIT_DATA: the private memory that the process may write to. RLIMIT_AS would also count address
space that allocators only reserve, and files that are mapped; a memory cgroup would be exact, but needs
root. The peaks of RSS, and of its private part, are read from /proc. The rows of OUT are compared with a
direct computation: their count, their ids in order, and a hash of each with its results.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

import whentocall
from whentocall.tables.columns import RESULTS
from whentocall.tables.in_memory import advise_polars

PROTOCOL = "all-targeted-drugs"
BATCH = 250_000


def people(protocol, first, count):
    """Rows by number: the same numbers, the same rows."""
    rng = np.random.default_rng(first)
    columns = {"id": pa.array(np.arange(first, first + count))}
    for one in protocol.questions.values():
        kind = one.answer.kind
        if kind == "yes-no":
            values = rng.random(count) < 0.02
        elif kind == "temperature":
            values = np.round(rng.normal(36.9, 0.5, count), 1)
        elif kind == "one-of":
            values = np.array(list(one.options))[rng.integers(0, len(one.options), count)]
        else:
            values = rng.integers(0, 6, count)
        columns[one.id] = pa.array(values, mask=rng.random(count) < 0.02)
    return pa.table(columns)


def make(protocol, path, rows):
    """Write so many people."""
    schema = people(protocol, 0, 1).schema
    writer = arrow_csv.CSVWriter if path.suffix == ".csv" else parquet.ParquetWriter
    with writer(path, schema) as opened:
        for first in range(0, rows, BATCH):
            opened.write_table(people(protocol, first, min(BATCH, rows - first)))


def start(args, limit):
    """Start `whentocall batch` with so many bytes of memory to write to."""

    def limited():
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

    run = "import sys; from whentocall.cli import main; sys.argv[0] = 'whentocall'; sys.exit(main())"
    return subprocess.Popen([sys.executable, "-c", run, *args], preexec_fn=limited)  # noqa: PLW1509  no threads


def watch(process, parts, *, until):
    """Follow a run, and kill it once so many parts are done. Gives the peaks in bytes, and its exit code."""
    peaks = {"rss": 0, "private": 0}
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
        except OSError:
            break
        found = {name: value for name, _, value in (line.partition(":") for line in lines)}
        for key, name in (("rss", "VmHWM"), ("private", "RssAnon")):
            peaks[key] = max(peaks[key], int(found.get(name, "0 kB").split()[0]) * 1024)
        if until and len(list(parts.glob("[0-9]*.json"))) >= until:
            os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.02)
    return peaks, process.wait()


def differences(protocol, path, rows):
    """How many rows of OUT are not what a direct computation gives, at their place."""
    wrong = at = 0
    for part in read(path):
        expected = people(protocol, at, 0)
        while expected.num_rows < part.height:  # batches of BATCH rows, cut where OUT's are
            first = (at + expected.num_rows) // BATCH * BATCH
            whole = people(protocol, first, min(BATCH, rows - first))
            expected = pa.concat_tables([expected, whole.slice(at + expected.num_rows - first)])
        frame = pl.from_arrow(expected.slice(0, part.height))
        hashes = [said(one) for one in (frame.hstack(advise_polars(protocol, frame, {})), part)]
        wrong += int((hashes[0] != hashes[1]).sum())
        at += part.height
    return wrong, at


def said(frame):
    """A hash of each row: its id, temperature and results."""
    lists = pl.col("rules", "settle", "bad_cells").cast(pl.List(pl.String)).list.join("|")
    columns = frame.select("id", "temperature", *(one for one in RESULTS[:3])).cast(pl.String)
    return columns.hstack(frame.select(lists)).hash_rows(seed=0)


def read(path):
    """OUT by parts."""
    if path.suffix == ".parquet":
        for batch in parquet.ParquetFile(path).iter_batches(BATCH):
            yield pl.from_arrow(batch)
        return
    types = {"id": pl.Int64, "temperature": pl.Float64}
    frame = pl.scan_csv(path, infer_schema=False)
    for batch in frame.collect_batches(chunk_size=BATCH, maintain_order=True):
        lists = pl.col("rules", "settle", "bad_cells").fill_null("").str.split("|")
        yield batch.cast(types).with_columns(lists)


def main():
    """Make the table, run, kill, carry on, compare; the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--limit-mb", type=int, default=2000)
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    parser.add_argument("--folder", type=Path, default=Path("build/table-resume"))
    parser.add_argument("--part-rows", type=int, default=BATCH)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    protocol = whentocall.load(PROTOCOL)
    table = options.folder / f"people-{options.rows}.{options.format}"
    out = options.folder / f"out-{options.rows}.{options.format}"
    if not table.exists():
        make(protocol, table, options.rows)
    parts, limit = out.with_name(f"{out.name}.parts"), options.limit_mb * 10**6
    args = ["batch", PROTOCOL, str(table), str(out), "--part-rows", str(options.part_rows), "--overwrite"]
    half = max(1, options.rows // options.part_rows // 2)
    began = time.monotonic()
    killed, code = watch(start(args, limit), parts, until=half)
    middle = time.monotonic()
    carried, again = watch(start(args, limit), parts, until=0)
    ended = time.monotonic()
    wrong, found = differences(protocol, out, options.rows)
    figures = {
        "rows": found,
        "rows that are not as computed directly": wrong,
        "exit codes": [code, again],
        "seconds": [round(middle - began, 1), round(ended - middle, 1)],
        "peak RSS in MB": [round(one["rss"] / 1e6) for one in (killed, carried)],
        "peak private RSS in MB": [round(one["private"] / 1e6) for one in (killed, carried)],
        "bytes in, out": [table.stat().st_size, out.stat().st_size],
        "folder left": parts.exists(),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    good = (found, wrong, code, again) == (options.rows, 0, -signal.SIGKILL, 0) and not parts.exists()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
