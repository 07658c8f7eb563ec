"""How long a command takes to start, beside an import line that every such program would need.

    python tests/benchmarks/startup.py [--runs 30] [--json FILE]

Each run of a command follows a run of `python -c 'import pydantic, questionary'`, and their times are
divided. The questions are asked in a real (pseudo-)terminal; the clock stops when the text of the first one
has come out of it. Processor time is given beside time on the wall, as other programs do not disturb it.
pyperf would time one command after the other, not side by side.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import machine

from whentocall import Interview, load
from whentocall.interview.flow import Ask

IMPORTS = [sys.executable, "-c", "import pydantic, questionary"]
PROTOCOL = "all-targeted-drugs"
PATIENCE = 30.0  # seconds
ROWS, COLUMNS = 60, 200
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>78]")
_WHERE_IS_THE_CURSOR = b"\x1b[6n"


class Silent(Exception):
    """A command failed, or did not say what it should."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds that a command took, on the wall and of processor time."""

    wall: float
    processor: float


def whole(command: list[str], env: Mapping[str, str]) -> Taken:
    """From the start of a command to its end.

    Raises:
        Silent: it failed.
    """
    start = perf_counter()
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    taken = perf_counter() - start
    if child.returncode:
        raise Silent(f"{command} ended with {child.returncode}")
    return Taken(taken, usage.ru_utime + usage.ru_stime)


def until(text: str, command: list[str], env: Mapping[str, str]) -> Taken:
    """From the start of a command in a terminal until a text stands on its screen.

    Raises:
        Silent: the text did not come.
    """
    wanted = b"".join(text.encode().split())
    inside, outside = _terminal()
    start = perf_counter()
    with subprocess.Popen(
        command, env=env, stdin=outside, stdout=outside, stderr=outside, start_new_session=True
    ) as child:
        os.close(outside)
        try:
            seen = b""
            while select.select([inside], [], [], PATIENCE)[0]:
                seen += (chunk := _read(inside))
                if _WHERE_IS_THE_CURSOR in chunk:
                    os.write(inside, b"\x1b[1;1R")  # as every terminal answers
                if wanted in b"".join(_CONTROL.sub(b"", seen).split()):
                    return Taken(perf_counter() - start, machine.processor_time(child.pid))
                if not chunk:
                    break
            raise Silent(f"{text!r} did not come from {command}: {seen!r}")
        finally:
            child.kill()
            os.close(inside)


def _terminal() -> tuple[int, int]:
    inside, outside = pty.openpty()
    fcntl.ioctl(outside, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    return inside, outside


def _read(inside: int) -> bytes:
    try:
        return os.read(inside, 65536)
    except OSError:  # the other end is closed
        return b""


def commands(folder: Path) -> dict[str, Callable[[], Taken]]:
    """What is timed: name to a function that runs it once."""
    program = str(Path(sys.executable).with_name("whentocall"))
    env = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "TERM": "xterm-256color"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # everybody's second start is what counts
    answers = folder / "answers.json"
    answers.write_text('{"temperature": 38.6, "headache": true, "diarrhoea": false}', "utf-8")
    first = Interview(load(PROTOCOL)).next_screen({})
    assert isinstance(first, Ask)
    text = first.title or first.questions[0].text
    ask = [program, "ask", PROTOCOL, "--me"]
    advise = [program, "advise", PROTOCOL, "--answers", str(answers), "--json"]
    return {
        "import pydantic, questionary": lambda: whole(IMPORTS, env),
        "python -c pass": lambda: whole([sys.executable, "-c", "pass"], env),
        "python -c 'import whentocall'": lambda: whole([sys.executable, "-c", "import whentocall"], env),
        "whentocall --help": lambda: whole([program, "--help"], env),
        f"whentocall advise {PROTOCOL}": lambda: whole(advise, env),
        f"first question, ask {PROTOCOL} --plain": lambda: until(text, [*ask, "--plain"], env),
        f"first question, ask {PROTOCOL} (menus)": lambda: until(text, ask, env),
    }


def measure(timed: Mapping[str, Callable[[], Taken]], runs: int) -> list[dict[str, object]]:
    """Every command after a run of the import line, `runs` times round."""
    low_name, *names = timed
    for one in timed.values():
        one()  # compiled, and in the cache of files
    pairs: dict[str, list[tuple[Taken, Taken]]] = {name: [] for name in names}
    for _ in range(runs):
        for name in names:
            low = timed[low_name]()
            pairs[name].append((timed[name](), low))
    return [{"name": name, **_figures(found)} for name, found in pairs.items()]


def _figures(found: list[tuple[Taken, Taken]]) -> dict[str, float]:
    median, low = statistics.median, min(line.processor for _, line in found)
    return {
        "processor_ratio": median(one.processor / line.processor for one, line in found),
        "processor_minima": min(one.processor for one, _ in found) / low,
        "wall_ratio": median(one.wall / line.wall for one, line in found),
        "wall_minima": min(one.wall for one, _ in found) / min(line.wall for _, line in found),
        "wall_milliseconds": median(one.wall for one, _ in found) * 1e3,
        "import_line_milliseconds": median(line.wall for _, line in found) * 1e3,
        "import_line_processor_milliseconds": median(line.processor for _, line in found) * 1e3,
    }


def table(rows: list[dict[str, object]]) -> str:
    """The rows as a Markdown table."""
    wall, processor = (
        statistics.median(row[f"import_line_{one}milliseconds"] for row in rows) for one in ("", "processor_")
    )
    lines = [
        f"the import line takes {wall:.0f} ms, {processor:.0f} ms of them processor time",
        "",
        "| what | × import line, processor time: median | minimum / minimum | on the wall: median "
        "| minimum / minimum | ms |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        names = ("processor_ratio", "processor_minima", "wall_ratio", "wall_minima")
        ratios = " | ".join(f"{row[one]:.2f}" for one in names)
        lines.append(f"| {row['name']} | {ratios} | {row['wall_milliseconds']:.0f} |")
    return "\n".join([*lines, ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--json", type=Path, help="write all figures into this file")
    asked = parser.parse_args()
    about = machine.about()
    sys.stdout.write(machine.text(about) + f"\n{asked.runs} runs of each\n\n")
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(commands(Path(folder)), asked.runs)
    sys.stdout.write(table(rows))
    if asked.json:
        found = {"machine": about, "rows": rows}
        asked.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
