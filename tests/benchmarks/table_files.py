"""`whentocall batch` from file to file, beside reading and writing the same columns.

The command is a process of its own, its start included, as somebody would run it. The floor reads the same
file and writes the same columns, which are there already, by the same reader and writer (pyarrow).
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from table_work import Work

FORMATS = ("arrow", "parquet")
ROUNDS, SLOW = 3, 15.0  # what takes longer is run once
LOOK = 0.005  # seconds between two looks at the memory of the command


@dataclass(frozen=True, slots=True)
class File:
    """The figures of one format.

    Attributes:
        kind: how many rules, or the shipped protocol.
        rows: of the table.
        threads: how many there may be.
        format: of both files.
        seconds: the median.
        floor: times reading and writing the same.
        floor_seconds: of that, the median.
        read: bytes of the file that is read, per row.
        written: bytes of the file that is written, per row.
        peak: megabytes of the command at most.
        rounds: how often it was run.
    """

    kind: str
    rows: int
    threads: int
    format: str
    seconds: float
    floor: float
    floor_seconds: float
    read: float
    written: float
    peak: float
    rounds: int


def save(table: Any, path: Path) -> None:
    """Write a table as the command does."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    if path.suffix == ".parquet":
        parquet.write_table(table, path, compression="zstd")
        return
    with pa.OSFile(str(path), "wb") as opened, pa.ipc.new_file(opened, table.schema) as writer:
        writer.write_table(table)


def saved(path: Path) -> Any:
    """A table, read as a whole into memory."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    if path.suffix == ".parquet":
        return parquet.read_table(path)
    with pa.OSFile(str(path), "rb") as opened:
        return pa.ipc.open_file(opened).read_all()


def batch(work: Work, source: Path, out: Path) -> tuple[float, float]:
    """Run the command: its seconds, and its megabytes at most.

    Raises:
        RuntimeError: it failed.
    """
    out.unlink(missing_ok=True)
    options = ["--quiet", "--threads", os.environ["POLARS_MAX_THREADS"]]
    files = [work.protocol_argument, str(source), str(out)]
    command = [sys.executable, "-m", "whentocall", "batch", *files, *options]
    start, peak = perf_counter(), 0.0
    with (work.folder / "said").open("w+", encoding="utf-8") as said:
        running = subprocess.Popen(command, stdout=said, stderr=said)
        while running.poll() is None:
            peak = max(peak, _peak(running.pid))
            time.sleep(LOOK)
        seconds = perf_counter() - start
        said.seek(0)
        if running.returncode:
            raise RuntimeError(f"{' '.join(command)}: exit code {running.returncode}: {said.read()}")
    return seconds, peak


def _peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def seconds_of(call: Callable[[], Any]) -> float:
    """Seconds on the wall of one call, its result thrown away."""
    start = perf_counter()
    found = call()
    seconds = perf_counter() - start
    del found
    gc.collect()
    return seconds


def check(work: Work, told: Any) -> None:
    """Compare what was written with what `advise` says of the first rows.

    Raises:
        AssertionError: they differ, or a row is missing.
    """
    sample = work.sample()
    columns = list(sample[0])
    first = told.slice(0, len(sample)).select(columns).to_pylist()
    for place, (own, right) in enumerate(zip(first, sample, strict=True)):
        if own != right:
            raise AssertionError(f"whentocall batch: {own}, not {right}, in row {place + 1}")
    if told.num_rows != work.rows:
        raise AssertionError(f"whentocall batch: {told.num_rows} rows, not {work.rows}")


def measure_files(work: Work, kind: str) -> File:
    """The command and its floor, in turns."""
    import pyarrow as pa  # noqa: PLC0415

    threads = int(os.environ["POLARS_MAX_THREADS"])
    pa.set_cpu_count(threads)
    source, out, copy = (work.folder / f"{name}.{kind}" for name in ("answers", "advised", "copied"))
    save(work.frame().to_arrow(), source)
    first, peak = batch(work, source, out)
    told = saved(out)
    check(work, told)

    def floor() -> None:
        save_from(saved(source), told, copy)

    rounds = []
    for turn in range(ROUNDS if first < SLOW else 1):
        copy.unlink(missing_ok=True)
        low = seconds_of(floor)
        own = first if turn == 0 else batch(work, source, out)[0]
        rounds.append((own, low))
    found = File(
        kind=work.kind,
        rows=work.rows,
        threads=threads,
        format=kind,
        seconds=statistics.median(own for own, _ in rounds),
        floor=statistics.median(own / low for own, low in rounds),
        floor_seconds=statistics.median(low for _, low in rounds),
        read=source.stat().st_size / work.rows,
        written=out.stat().st_size / work.rows,
        peak=peak,
        rounds=len(rounds),
    )
    for path in (source, out, copy):
        path.unlink()
    return found


def save_from(read: Any, told: Any, copy: Path) -> None:
    """Write the columns that were read, and beside them those that are there already."""
    new = [name for name in told.column_names if name not in read.column_names]
    for name in new:
        read = read.append_column(told.field(name), told.column(name))
    save(read, copy)


def files_table(rows: list[File]) -> str:
    """The figures as a Markdown table."""
    head = (
        "| questions | rows | threads | format | million rows/s | × floor | s | bytes read + written | MB |"
    )
    lines = [head, "|---|---:|---:|---|---:|---:|---:|---:|---:|"]
    for row in rows:
        figures = [
            f"{row.rows / row.seconds / 1e6:.2f}",
            f"{row.floor:.1f}",
            f"{row.seconds:.1f}",
            f"{row.read:.1f} + {row.written:.1f}",
            f"{row.peak:,.0f}",
        ]
        lines.append(f"| {row.kind} | {row.rows:,} | {row.threads} | {row.format} | {' | '.join(figures)} |")
    return "\n".join([*lines, ""])
