"""Our engine and our whole call beside other engines, on the same rules and answers, in one run.

    python tests/benchmarks/peers.py [--rules 17,16,160,1600] [--quick] [--json FILE] [--only WORD,WORD]

Every result is compared with the floor's before anything is timed. What is not installed is left out.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import multiprocessing
import random
import statistics
import sys
from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import machine
import workload as work
from blocks import Contest, Measured, trial
from entries import PEERS, THREADED, Way, ours


class Wrong(Exception):
    """An engine fired other rules than the if-chain."""


def check(way: Way, workload: work.Workload) -> None:
    """Compare the result for every session with the floor's.

    Raises:
        Wrong: they differ.
    """
    for session, given in zip(workload.sessions, way.inputs, strict=True):
        found = way.call(given)
        if way.right is not None:
            right = way.right(session, found)
        else:
            fired, level = workload.floor(session)
            right = way.result(found) == (frozenset(fired), level)
        if not right:
            raise Wrong(f"{way.name}: {found!r} for {session}")


def entries(
    workload: work.Workload, names: Collection[str] = tuple(PEERS), *, own: bool = True
) -> dict[str, list[Way]]:
    """Our own entries, and those of these peers that are installed, each with its ways."""
    found = ours(workload) if own else {}
    for name, (_, build) in PEERS.items():
        if name in names:
            with contextlib.suppress(ImportError):
                found[name] = build(workload)
    return found


def quickest(ways: list[Way], workload: work.Workload) -> Way:
    """The quickest of several ways, all of them checked."""
    for way in ways:
        check(way, workload)
    return min(ways, key=lambda way: trial(way.call, way.inputs, least=0.05)) if len(ways) > 1 else ways[0]


def one_process(
    count: int, blocks: int, block: float, names: frozenset[str]
) -> dict[str, tuple[str, Measured]]:
    """These peers and our entries in this process: the way measured, and its figures."""
    workload = build(count)
    found = entries(workload, names, own=THREADED not in names)
    chosen = {name: quickest(ways, workload) for name, ways in found.items()}
    gc.collect()
    gc.freeze()  # what the set-up left is not to be walked through at everybody's expense
    contests = {
        name: Contest(way.call, way.inputs, workload.floor, workload.sessions, block=block)
        for name, way in chosen.items()
    }
    order, shuffle = list(contests.values()), random.Random(work.SEED).shuffle
    for _ in range(blocks):
        shuffle(order)  # nobody always comes after the same one
        for contest in order:
            contest.play()
    return {name: (chosen[name].name, contest.measured()) for name, contest in contests.items()}


def build(count: int) -> work.Workload:
    """The workload of so many rules; 17 is the one written by hand."""
    return work.seventeen() if count == 17 else work.scaled(count)


def run(count: int, processes: int, blocks: int, block: float, names: frozenset[str]) -> dict[str, object]:
    """All processes, one after the other, and the median of each entry over them."""
    spawn = multiprocessing.get_context("spawn")
    groups = [names - {THREADED}, *([names & {THREADED}] if THREADED in names else [])]
    found = []
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as pool:
        for _ in range(processes):
            parts = [pool.submit(one_process, count, blocks, block, group).result() for group in groups]
            found.append({name: figures for part in parts for name, figures in part.items()})
    rows = []
    for name in found[0]:
        figures = [process[name][1] for process in found]
        ratios = sorted(one.ratio for one in figures)
        rows.append(
            {
                "name": name,
                "way": statistics.mode(process[name][0] for process in found),
                "ratio": statistics.median(ratios),
                "lowest": ratios[0],
                "highest": ratios[-1],
                "microseconds": statistics.median(one.seconds for one in figures) * 1e6,
                "processes": [asdict(one) for one in figures],
            }
        )
    floor = statistics.median(one["floor_seconds"] for row in rows for one in row["processes"]) * 1e6
    return {"rules": count, "floor_microseconds": floor, "rows": sorted(rows, key=lambda row: row["ratio"])}


def table(found: dict[str, object]) -> str:
    """The rows as a Markdown table."""
    lines = [
        f"{found['rules']} rules; the if-chain takes {found['floor_microseconds']:.2f} µs",
        "",
        "| entry | way | × if-chain | lowest to highest process | µs |",
        "|---|---|---:|---:|---:|",
    ]
    for row in found["rows"]:
        spread = f"{row['lowest']:.1f} to {row['highest']:.1f}"
        name, way = row["name"], row["way"]
        lines.append(f"| {name} | {way} | {row['ratio']:.1f} | {spread} | {row['microseconds']:.1f} |")
    return "\n".join([*lines, ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rules", default="17", help="how many rules, such as 17,16,160,1600")
    parser.add_argument("--quick", action="store_true", help="one process, few blocks")
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--only", default="", help="only the peers with one of these words in their name")
    parser.add_argument("--json", type=Path, help="write all figures into this file")
    asked = parser.parse_args()
    processes, blocks, block = (1, 15, 0.005) if asked.quick else (asked.processes, 40, 0.01)
    words = asked.only.split(",")
    names = frozenset(name for name in PEERS if any(word in name for word in words))
    about = machine.about(package for package, _ in PEERS.values())
    sys.stdout.write(machine.text(about) + f"\n{processes} processes of {blocks} blocks\n\n")
    results = []
    for count in (int(one) for one in asked.rules.split(",")):
        results.append(run(count, processes, blocks, block, names))
        sys.stdout.write(table(results[-1]) + "\n")
        sys.stdout.flush()
    if asked.json:
        text = json.dumps({"machine": about, "results": results}, indent=2, ensure_ascii=False)
        asked.json.write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
