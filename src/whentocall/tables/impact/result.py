"""What a change of rules would have meant: counts, and the rows that show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, Literal

from whentocall.protocol.protocol import Protocol

Direction = Literal["lowered", "unclear", "raised", "same"]
"""What becomes of a row's level; `unclear` where the two schemes of levels do not say which way."""

DIRECTIONS: tuple[Direction, ...] = ("lowered", "unclear", "raised", "same")
"""The first must be looked at first."""

Cell = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two protocols, and how the table fits it.

    Attributes:
        id, title, version, sha256: of the protocol.
        levels: level id to its word, the most urgent first.
        absent: in words, what it means that the table does not ask some of its questions.
    """

    id: str
    title: str
    version: str
    sha256: str
    levels: Mapping[str, str]
    absent: tuple[str, ...]

    @classmethod
    def of(cls, protocol: Protocol, absent: Sequence[str]) -> Side:
        """What is to be known of a protocol."""
        words = {level.id: level.word for level in reversed(protocol.levels)}
        return cls(protocol.id, protocol.title, protocol.version, protocol.sha256, words, tuple(absent))


@dataclass(frozen=True, slots=True)
class Example:
    """A row whose level changes. These are somebody's answers.

    Attributes:
        row: its number in the table, from 1; None where the table has no order.
        answers: the columns that answer questions, with what stands in them.
        rules_old, rules_new: the ids of the rules that hold, the most urgent first.
        settle_old, settle_new: the ids of the questions to find an answer to.
        bad_old, bad_new: the columns whose cell is no answer, and counts as "don't know".
    """

    row: int | None
    answers: Mapping[str, Cell]
    rules_old: tuple[str, ...]
    rules_new: tuple[str, ...]
    settle_old: tuple[str, ...]
    settle_new: tuple[str, ...]
    bad_old: tuple[str, ...]
    bad_new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that holds in other rows, or at another level, than before.

    Attributes:
        rule: its full id.
        because: what it says.
        level_old, level_new: its level; None where there is no such rule.
        stops: in how many rows it no longer holds.
        starts: in how many rows it newly holds.
        stays: in how many rows it holds with both.
    """

    rule: str
    because: str
    level_old: str | None
    level_new: str | None
    stops: int
    starts: int
    stays: int


@dataclass(frozen=True, slots=True)
class Change:
    """The rows that go from one level to another.

    Attributes:
        old, new: the levels' ids.
        direction: whether that is lowered or raised.
        rows: how many there are.
        rules: the rules that changed for some of them, the commonest first; none where only follow-ups,
            masking, escalation or what is shown for anything not known did.
        examples: the first of them.
    """

    old: str
    new: str
    direction: Direction
    rows: int
    rules: tuple[RuleChange, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A column with cells that are no answer, which count as "don't know".

    Attributes:
        column: its name.
        old_only, new_only: how many of its cells are no answer with the old, the new rules alone.
        both: how many are no answer with both.
    """

    column: str
    old_only: int
    new_only: int
    both: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change of rules would have meant.

    Attributes:
        old, new: the two protocols.
        rows: how many there are in the table.
        counts: old level's id and new level's id, to how many rows have these; only where there are any.
        changes: the levels that rows change between: first the lowered, and of each kind the commonest.
        rules: the rules that hold in other rows or at another level, the commonest first.
        unreadable: the columns with cells that are no answer, by name.
        unreadable_apart: in how many rows the two find different cells to be no answer.
        bad_rows: how many rows could not be read at all.
    """

    old: Side
    new: Side
    rows: int
    counts: Mapping[tuple[str, str], int]
    changes: tuple[Change, ...]
    rules: tuple[RuleChange, ...]
    unreadable: tuple[Unreadable, ...]
    unreadable_apart: int
    bad_rows: int

    def count(self, direction: Direction) -> int:
        """How many rows' level is lowered, raised, the same, or changed without a saying which."""
        rows = sum(change.rows for change in self.changes if change.direction == direction)
        return self.rows - sum(change.rows for change in self.changes) if direction == "same" else rows

    @property
    def lowered(self) -> int:
        """How many rows' level is less urgent with the new rules."""
        return self.count("lowered")

    @property
    def raised(self) -> int:
        """How many rows' level is more urgent with the new rules."""
        return self.count("raised")

    @property
    def same(self) -> int:
        """How many rows' level is the same."""
        return self.count("same")

    @property
    def unclear(self) -> int:
        """How many rows' level is another, where the schemes of levels do not say which is more urgent."""
        return self.count("unclear")

    def as_json(self) -> dict[str, Any]:
        """All of it, for `json.dumps`."""
        return {
            "old": asdict(self.old),
            "new": asdict(self.new),
            "rows": self.rows,
            **{way: self.count(way) for way in DIRECTIONS},
            "counts": [
                {"old": old, "new": new, "rows": self.counts[old, new]}
                for old, new in product(self.old.levels, self.new.levels)
                if (old, new) in self.counts
            ],
            "changes": [asdict(change) for change in self.changes],
            "rules": [asdict(rule) for rule in self.rules],
            "unreadable": [asdict(column) for column in self.unreadable],
            "unreadable_apart": self.unreadable_apart,
            "bad_rows": self.bad_rows,
        }


def direction(old: Iterable[str], new: Iterable[str], before: str, after: str) -> Direction:
    """What it is to go from one level to another.

    Two schemes need not have the same levels. Lowered or raised is said only where both know both levels and
    order them alike.

    Args:
        old: the ids of the old rules' levels, the most urgent first.
        new: the same of the new rules'.
        before: the level with the old rules.
        after: the level with the new.
    """
    if before == after:
        return "same"
    lowered = set()
    for scheme in (list(old), list(new)):
        if before not in scheme or after not in scheme:
            return "unclear"
        lowered.add(scheme.index(after) > scheme.index(before))
    if len(lowered) > 1:
        return "unclear"
    return "lowered" if True in lowered else "raised"
