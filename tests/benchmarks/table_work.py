"""The tables: random answers of many people, in two layouts, and the results that every entry must give.

`bytes` has one array per question, of a byte for a yes/no and for small numbers, with -1 (NaN for a
temperature) for "don't know": the layout of the project's notes, 24 bytes a row for the 17 questions. `arrow`
is the same as a Polars frame, with a bit for a yes/no and one more for whether there is an answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import workload as work
from table_plan import plan

from whentocall import advise, load
from whentocall.protocol.conditions import Value
from whentocall.protocol.conditions import questions as opening
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

SEED = 20261121
SHIPPED = "all-targeted-drugs"
UNKNOWN = 0.03  # of the answers to the 17 questions
SHIPPED_YES, SHIPPED_UNKNOWN = 0.05, 0.01
CONTRARY = 0.001  # of the follow-ups that are answered although they do not apply
SAMPLE = 1000

Arrays = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """A table on disk, written once and read by every process.

    Attributes:
        kind: how many rules, or the id of the shipped protocol.
        rows: how many.
        folder: where its files are.
    """

    kind: str
    rows: int
    folder: Path

    def protocol(self) -> Protocol:
        """The rules of this table."""
        return load(SHIPPED if self.kind == SHIPPED else self.folder / "rules" / "benchmarks")

    @property
    def protocol_argument(self) -> str:
        """The same, for a command line."""
        return SHIPPED if self.kind == SHIPPED else str(self.folder / "rules" / "benchmarks")

    def arrays(self) -> Arrays:
        """The answers, in the layout `bytes`."""
        import numpy as np  # noqa: PLC0415

        with np.load(self.folder / "bytes.npz") as found:
            return {one: found[one] for one in found.files}

    def frame(self) -> Any:
        """The answers, in the layout `arrow`."""
        import polars as pl  # noqa: PLC0415

        return copied(pl.read_ipc(self.folder / "table.arrow"))

    def right(self) -> tuple[Any, list[Any]]:
        """The rank of each row's level, and the numbers that have a bit for each rule that fires."""
        import numpy as np  # noqa: PLC0415

        with np.load(self.folder / "right.npz") as found:
            return found["level"], [found[f"word{place}"] for place in range(len(found.files) - 1)]

    def sizes(self, what: str) -> list[int]:
        """The bytes of each column: of the answers in `bytes` or `arrow`, or of `masks`."""
        return json.loads((self.folder / "sizes.json").read_text("utf-8"))[what]

    def sample(self) -> list[dict[str, Any]]:
        """What `advise` says of the first rows."""
        return json.loads((self.folder / "sample.json").read_text("utf-8"))


def copied(frame: Any) -> Any:
    """A frame in memory of its own, as Polars itself copies."""
    import polars as pl  # noqa: PLC0415

    half = frame.height // 2
    return pl.concat([frame.head(half), frame.slice(half)], rechunk=True)


def questions_of(protocol: Protocol) -> dict[str, Question]:
    """The questions, those that open others before them."""
    asked = protocol.questions
    return {one: asked[one] for one in sorted(asked, key=lambda one: asked[one].only_if is not None)}


def random_answers(kind: str, protocol: Protocol, rows: int) -> Arrays:
    """Random answers in the layout `bytes`, the same in every run."""
    import numpy as np  # noqa: PLC0415

    pick = np.random.default_rng(SEED + rows)
    if kind == SHIPPED:
        return _shipped(pick, protocol, rows)
    if int(kind) == 17:
        return _people(pick, work.NUMBERS + work.YES_NO, rows)
    return _in_blocks(pick, int(kind) // 16, rows)


def _people(pick, asked: Iterable[str], rows: int) -> Arrays:
    """The people of `workload.py`, but that some answers are not known."""
    import numpy as np  # noqa: PLC0415

    found: Arrays = {}
    for one in asked:
        if one == "temperature":
            edges = np.array([35.9, 36.0, 36.1, 37.4, 37.5, 37.6, 38.4])
            usual = pick.integers(361, 375, rows) / 10
            found[one] = np.where(pick.random(rows) < 1 / 3, pick.choice(edges, rows), usual)
        elif one in work.NUMBERS:
            found[one] = pick.choice(np.array([0, 0, 0, 0, 0, 1, 2, 3, 3, 4], np.int8), rows)
        else:
            found[one] = (pick.random(rows, np.float32) < work.OFTEN).astype(np.int8)
        found[one][pick.random(rows, np.float32) < UNKNOWN] = np.nan if one == "temperature" else -1
    return found


def _in_blocks(pick, blocks: int, rows: int) -> Arrays:
    """Everybody reports something in one block of questions, and nothing in all others."""
    import numpy as np  # noqa: PLC0415

    asked = (work.NUMBERS + work.YES_NO)[:-1]
    told, mine = _people(pick, asked, rows), pick.integers(0, blocks, rows)
    return {
        f"{one}_{place}": np.where(mine == place, told[one], told[one].dtype.type(work.CALM.get(one, 0)))
        for place in range(blocks)
        for one in asked
    }


def _shipped(pick, protocol: Protocol, rows: int) -> Arrays:
    """Few report anything; temperatures around 37 °C; follow-ups are asked of those whom they concern."""
    import numpy as np  # noqa: PLC0415

    found: Arrays = {}
    for one, question in questions_of(protocol).items():
        answer = question.answer
        if one == "temperature":
            found[one] = np.clip(np.round(pick.normal(37, 0.7, rows), 1), 30, 45)
        elif answer.is_number:
            found[one] = pick.integers(0, 8, rows).astype(np.int8 if answer.high < 128 else np.int16)
        elif answer.kind == "one-of":
            found[one] = pick.integers(0, len(question.options), rows).astype(np.int8)
        else:
            found[one] = (pick.random(rows, np.float32) < SHIPPED_YES).astype(np.int8)
        unknown = pick.random(rows, np.float32) < SHIPPED_UNKNOWN
        if question.only_if is not None:
            calm = np.all([found[opener] == 0 for opener in opening(question.only_if)], axis=0)
            unknown |= calm & (pick.random(rows, np.float32) >= CONTRARY)
        found[one][unknown] = np.nan if one == "temperature" else -1
    return {one: found[one] for one in protocol.questions}


def framed(protocol: Protocol, arrays: Arrays) -> Any:
    """The same answers as a Polars frame."""
    import polars as pl  # noqa: PLC0415

    def column(one: str) -> Any:
        answer, read = protocol.questions[one].answer, pl.col(one)
        if arrays[one].dtype.kind == "f":
            return pl.when(read.is_not_nan()).then(read).alias(one)
        known = pl.when(read >= 0)
        if answer.is_number:
            return known.then(read).alias(one)
        if answer.kind == "one-of":
            named = pl.Enum(list(protocol.questions[one].options))
            return known.then(read).cast(pl.UInt8).cat.to(named).alias(one)
        return known.then(read == 1).alias(one)

    return pl.DataFrame(arrays).select([column(one) for one in arrays])


def answers_of(rows: Iterable[Mapping[str, Value | None]]) -> list[dict[str, Value | None]]:
    """Rows as `advise` takes them."""
    return [dict(row) for row in rows]


def told(protocol: Protocol, answers: Mapping[str, Value | None]) -> dict[str, Any]:
    """What `advise` says of a row, as the columns of the table part."""
    advice = advise(protocol, answers, watch=False)
    if advice.problems:
        raise AssertionError(advice.problems)
    return {
        "level": advice.level,
        "at_least": advice.at_least,
        "could_be": advice.could_be,
        "rules": [one.rule for one in advice.reasons],
        "settle": [one.question for one in advice.settle],
    }


def prepare(kind: str, rows: int, folder: Path) -> Work:
    """Write a table's files, but `right.npz`: rules, both layouts, what `advise` says of the first rows."""
    import numpy as np  # noqa: PLC0415

    if kind != SHIPPED:
        built = work.seventeen(1) if int(kind) == 17 else work.scaled(int(kind), 1)
        work.write_protocol(built, folder)
    table = Work(kind, rows, folder)
    protocol = table.protocol()
    plan_of = plan(protocol)
    arrays = random_answers(kind, protocol, rows)
    np.savez(folder / "bytes.npz", **arrays)
    frame = framed(protocol, arrays)
    frame.write_ipc(folder / "table.arrow", compression="uncompressed")
    masks = [rows] + [rows * plan_of.word_bytes] * len(plan_of.words())
    sizes = {
        "bytes": [one.nbytes for one in arrays.values()],
        "arrow": [one.estimated_size() for one in frame.iter_columns()],
        "masks": masks,
    }
    (folder / "sizes.json").write_text(json.dumps(sizes), "utf-8")
    few = SAMPLE if len(protocol.rules) < 1000 else SAMPLE // 10
    sample = [told(protocol, row) for row in answers_of(frame.head(few).rows(named=True))]
    (folder / "sample.json").write_text(json.dumps(sample), "utf-8")
    return table
