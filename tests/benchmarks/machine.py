"""What the figures were taken on: machine, date, versions."""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from time import clock_gettime

OURS = ("whentocall", "durable-rules", "pydantic", "pydantic-core", "questionary")


def about(packages: Iterable[str] = ()) -> dict[str, object]:
    """Machine, date, command and the versions of what is installed."""
    versions = {}
    for name in dict.fromkeys((*OURS, *packages)):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "command": " ".join(["python", f"tests/benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
        "versions": versions,
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def text(found: dict[str, object]) -> str:
    """The same as lines to read."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    return (
        f"{found['command']}\n{found['date']}; {found['processor']}, {found['cores']} cores, "
        f"load {found['load']}; {found['system']}; {found['python']}\n{versions}"
    )


def processor_time(pid: int) -> float:
    """Processor time of another process so far, in seconds. NaN where the system does not tell."""
    try:
        return clock_gettime(~pid << 3 | 2)  # how Linux numbers the clocks of processes
    except OSError:
        return math.nan


def children(pid: int) -> list[int]:
    """The processes that a process has started and that are still there."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in path.read_text("ascii").split()] if path.exists() else []
