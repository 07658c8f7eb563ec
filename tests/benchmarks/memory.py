"""Memory: python tests/benchmarks/memory.py [--quick]. Exits 1 if a million evaluations make it grow.

Resident memory of a fresh process (PSS where the system tells it, so that shared pages count once) after
each step; and with protocols of 16, 160 and 1,600 rules, each in a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import workload as work

BLOCKS = 10
MOST_KB = 4_000  # more than this after the first of the blocks is growth
COUNTS = (16, 160, 1600)


def resident() -> int:
    """Kilobytes that this process has in memory now."""
    gc.collect()
    smaps = Path("/proc/self/smaps_rollup")
    if smaps.exists():
        lines = smaps.read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS tells only the peak, in bytes
    return peak // 1024 if sys.platform == "darwin" else peak


def shipped(calls: int, whole: int) -> list[tuple[str, int]]:
    """Memory after each step, with a protocol as shipped."""
    steps = [("python", resident())]
    from whentocall import advise, load  # noqa: PLC0415  its cost is what is measured

    steps.append(("import whentocall", resident()))
    from whentocall.engine.answers import check_answers  # noqa: PLC0415
    from whentocall.engine.durable import DurableEngine  # noqa: PLC0415

    protocol = load("all-targeted-drugs")
    steps.append(("load all-targeted-drugs", resident()))
    people = [
        {"temperature": 35 + step / 10, "dizzy": step % 2 == 0, "shivery": step % 3 == 0}
        for step in range(50)
    ]
    advise(protocol, people[0])
    steps.append(("the first advise", resident()))
    engine = protocol.once(DurableEngine)
    checked = [check_answers(protocol, one).values for one in people]
    for block in range(BLOCKS):
        for call in range(calls // BLOCKS):
            engine.fired(checked[call % len(checked)])
        if block in (0, BLOCKS - 1):
            steps.append((f"{calls // BLOCKS * (block + 1):,} evaluations", resident()))
    for block in range(2):
        for call in range(whole // 2):
            advise(protocol, people[call % len(people)])
        steps.append((f"{whole // 2 * (block + 1):,} calls of advise", resident()))
    return steps


def scaled(rules: Path, answers: Path) -> dict[str, float]:
    """With a protocol of many rules: seconds to load it, and what that and 100 calls of advise add."""
    from whentocall import advise, load  # noqa: PLC0415  it and what it imports are not counted here

    people = json.loads(answers.read_text("utf-8"))
    before, start = resident(), time.perf_counter()
    protocol = load(rules)
    seconds = time.perf_counter() - start
    loaded = resident()
    for one in people:
        advise(protocol, one, watch=False)
    return {"seconds": seconds, "load": loaded - before, "advise": resident() - loaded}


def write(count: int, folder: Path) -> tuple[Path, Path]:
    """A protocol of so many rules, and the answers of 100 people."""
    built, answers = work.scaled(count, 100), folder / "answers.json"
    answers.write_text(json.dumps(built.sessions), "utf-8")
    return work.write_protocol(built, folder), answers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the calls; 1,600 rules left out")
    quick = parser.parse_args().quick
    calls, whole = (100_000, 200) if quick else (1_000_000, 20_000)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as pool:
        steps = pool.submit(shipped, calls, whole).result()
        sys.stdout.write("| after | MB | more, kB |\n|---|---:|---:|\n")
        for (name, size), (_, before) in zip(steps, [steps[0], *steps], strict=False):
            sys.stdout.write(f"| {name} | {size / 1024:.1f} | {size - before:+,} |\n")
        sys.stdout.write(
            "\n| rules | s to load | kB for loading | kB for 100 × advise |\n|---:|---:|---:|---:|\n"
        )
        for count in COUNTS[: 2 if quick else 3]:
            with tempfile.TemporaryDirectory() as folder:
                found = pool.submit(scaled, *write(count, Path(folder))).result()
            sys.stdout.write(
                f"| {count:,} | {found['seconds']:.2f} | {found['load']:,} | {found['advise']:,} |\n"
            )
    sizes = [size for name, size in steps if name.endswith("evaluations")]
    return int(sizes[-1] - sizes[0] > MOST_KB)


if __name__ == "__main__":
    sys.exit(main())
