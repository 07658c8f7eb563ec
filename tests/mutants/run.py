"""Plants small faults in the code that decides, one at a time, and counts how many the tests notice.

`make mutants` takes a sample of them. `ARGS="--all"`: every one; `ARGS="--file engine/combine.py"`: those of
one file or folder. A fault that no test notices is a test that is missing, unless it changes nothing: those
are in `EQUIVALENT`, with the reason.

The tools for this that exist change the sources in place, one at a time, or wrap every function. The tests
here that time or interrupt code would not survive the wrapping.
"""

from __future__ import annotations

import argparse
import compileall
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from faults import Mutant, mutants  # beside this file

HERE = Path(__file__).resolve().parents[2]
PACKAGE = Path("src/whentocall")

# A fault that goes on for ever should not take the machine with it: 6 GB at most.
LITTLE_MEMORY = ("sh", "-c", 'ulimit -v 6291456; exec "$@"', "sh")

ENGINE = (
    "tests/engine/test_combine.py",
    "tests/engine/test_meaning.py",
    "tests/engine/test_program.py",
    "tests/engine/test_advise.py",
    "tests/engine/test_regressions.py",
    "tests/engine/test_watch.py",
    "tests/engine/test_planted_values.py",
    "tests/interview/test_flow.py",
    "tests/properties/test_second_look.py",
    "tests/properties/test_random_protocols.py",
    "tests/properties/test_promises.py",
    "tests/engine/test_faults.py",
)
ANSWERS = (
    "tests/engine/test_answers.py",
    "tests/properties/test_doors.py",
    "tests/engine/test_out_of_range.py",
    "tests/engine/test_regressions.py",
    "tests/engine/test_advise.py",
)
TABLE = (
    "tests/tables/test_mapping.py",
    "tests/tables/test_table_api.py",
    "tests/tables/test_doors_of_tables.py",
    "tests/tables/test_agreement.py",
)
TESTS = {
    **{
        f"engine/{name}.py": ENGINE
        for name in (
            "advise",
            "combine",
            "confirm",
            "crosscheck",
            "explain",
            "meaning",
            "program",
            "reference",
            "second_look",
            "situation",
            "watch",
        )
    },
    "engine/durable.py": (
        "tests/engine/test_durable_hazards.py",
        "tests/engine/test_health.py",
        "tests/engine/test_timeouts.py",
        "tests/engine/test_threads.py",
        "tests/engine/test_faults.py",
    ),
    "engine/health.py": ("tests/engine/test_health.py",),
    "foreign.py": ("tests/engine/test_timeouts.py",),
    "interview/flow.py": ("tests/interview/test_flow.py", "tests/interview", *ENGINE[7:10]),
    "engine/answers.py": ANSWERS,
    "engine/answers_model.py": ANSWERS,
    "engine/out_of_range.py": ANSWERS,
    "engine/natives.py": ANSWERS,
    "engine/reader.py": (*ANSWERS, "tests/interview/test_parse.py"),
    "engine/temperature.py": ANSWERS,
    "engine/spelling.py": (*ANSWERS, "tests/interview/test_parse.py", *TABLE),
    "interview/parse.py": ("tests/interview/test_parse.py", "tests/interview"),
    "fhir/values.py": (
        "tests/fhir/test_answers.py",
        "tests/fhir/test_not_understood.py",
        "tests/fhir/test_empty_shapes.py",
        "tests/fhir/test_hostile.py",
        "tests/properties/test_doors.py",
    ),
    "tables/read_cells.py": TABLE,
    "tables/mapping_words.py": TABLE,
    "tables/spelled.py": TABLE,
    "tables/column_words.py": TABLE,
}


class Worker:
    """A copy of the project in which one fault after the other is planted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (
            "src",
            "rules",
            "tests",
            "pyproject.toml",
            "README.md",
            "CHANGELOG.md",
            "docs",
            "examples",
        ):
            copied = shutil.copytree if (HERE / name).is_dir() else shutil.copy2
            copied(HERE / name, folder / name)
        compileall.compile_dir(folder / "src", quiet=2)

    def noticed(self, mutant: Mutant | None, tests: tuple[str, ...], seconds: float) -> str:
        """What was noticed: the first test that failed, "too slow", or nothing."""
        path = self.folder / PACKAGE / mutant.file if mutant else None
        if path:
            before = path.read_bytes()
            for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
                compiled.unlink()
            path.write_text(mutant.planted(before.decode()), "utf-8")
        try:
            return self._first_failure(tests, seconds)
        finally:
            if path:
                path.write_bytes(before)

    def _first_failure(self, tests: tuple[str, ...], seconds: float) -> str:
        options = ["-x", "-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=no"]
        running = subprocess.Popen(
            [*LITTLE_MEMORY, sys.executable, "-m", "pytest", *options, *tests],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            told, _ = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
            return "too slow"
        failed = [line for line in told.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return "" if running.returncode == 0 else next(iter(failed), f"exit {running.returncode}")


def chosen(arguments: argparse.Namespace) -> list[Mutant]:
    """The faults to plant: of the files that were named, a sample that is the same every time."""
    files = [file for file in TESTS if file.startswith(tuple(arguments.file or [""]))]
    every = [mutant for file in files for mutant in mutants(file, (HERE / PACKAGE / file).read_text("utf-8"))]
    every = [mutant for mutant in every if (mutant.file, mutant.change) not in EQUIVALENT]
    if arguments.all or arguments.count >= len(every):
        return every
    return sorted(random.Random(arguments.seed).sample(every, arguments.count), key=every.index)


def tell(text: str) -> None:
    """On standard output, at once: a run takes long."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def parser() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    options = argparse.ArgumentParser(prog="make mutants", description=__doc__.splitlines()[0])
    options.add_argument("--file", action="append", metavar="FILE", help="or folder, below src/whentocall")
    options.add_argument("--all", action="store_true", help="every fault, not a sample")
    options.add_argument("--count", type=int, default=160)
    options.add_argument("--seed", type=int, default=10)
    options.add_argument("--processes", type=int, default=2)
    return options


class Crew:
    """Some workers, for whoever needs one."""

    def __init__(self, folder: Path, count: int) -> None:
        self._free: queue.Queue[Worker] = queue.Queue()
        self._limits: dict[tuple[str, ...], float] = {}
        for number in range(count):
            (folder / str(number)).mkdir()
            self._free.put(Worker(folder / str(number)))

    def noticed(self, mutant: Mutant) -> str:
        """As of a worker, within three times what the tests take without a fault."""
        tests = TESTS[mutant.file]
        return self._noticed(mutant, tests, self._limits[tests])

    def without_fault(self, tests: tuple[str, ...]) -> str:
        """What fails although nothing is planted; it should be nothing."""
        start = time.monotonic()
        failed = self._noticed(None, tests, 1800)
        self._limits[tests] = 30 + 3 * (time.monotonic() - start)
        return failed

    def _noticed(self, mutant: Mutant | None, tests: tuple[str, ...], seconds: float) -> str:
        worker = self._free.get()
        try:
            return worker.noticed(mutant, tests, seconds)
        finally:
            self._free.put(worker)


def main() -> int:
    """Plant, count and tell. 1 where less than 95 % were noticed, 2 where the tests fail by themselves."""
    arguments = parser().parse_args()
    planted = chosen(arguments)
    survivors = []
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(arguments.processes) as pool,
    ):
        crew = Crew(Path(folder), arguments.processes)
        if failed := list(filter(None, pool.map(crew.without_fault, {TESTS[one.file] for one in planted}))):
            tell(f"without any fault: {failed[0]}")
            return 2
        for mutant, failure in zip(planted, pool.map(crew.noticed, planted), strict=True):
            tell(f"{mutant}\n    {failure or 'NOT NOTICED'}")
            survivors += [] if failure else [mutant]
    score = 1 - len(survivors) / max(1, len(planted))
    tell(f"\n{len(planted) - len(survivors)} of {len(planted)} noticed ({score:.1%})")
    tell("\n".join(["not noticed:", *map(str, survivors)]) if survivors else "")
    return 0 if score >= 0.95 else 1


EQUIVALENT: dict[tuple[str, str], str] = {
    (
        "engine/reader.py",
        "super().__init__(why.value): left out",
    ): "nobody shows this text: each door has its own",
    ("engine/reference.py", "raise LookupError('the answers could not be read'): left out"): (
        "the cross-check takes None as it takes the error, and the reading that failed was noted before"
    ),
    (
        "interview/parse.py",
        "value > high: Gt to GtE",
    ): "only a value out of range comes here, so never the limit",
}
"""File and change to the reason why no test can notice it."""

if __name__ == "__main__":
    sys.exit(main())
