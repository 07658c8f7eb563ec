"""What is counted on the way through a table, and what is made of the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from whentocall.protocol.model import Rule
from whentocall.protocol.protocol import Protocol
from whentocall.tables.impact.result import (
    DIRECTIONS,
    Cell,
    Change,
    Example,
    Impact,
    RuleChange,
    Side,
    Unreadable,
    direction,
)

Where = Literal["old", "new", "both"]
"""With which rules something holds."""

Pair = tuple[str, str]
"""A row's level with the old rules, and with the new."""


@dataclass
class Tally:
    """The counts of some rows.

    Attributes:
        pairs: how many rows have these levels.
        rules: levels, rule and where it holds, to how many rows.
        bad: column and with which rules its cell is no answer, to how many rows.
        apart: rows in which the two find different cells to be no answer.
        bad_rows: rows that could not be read at all.
        examples: levels that differ to some of their rows.
    """

    pairs: Counter[Pair] = field(default_factory=Counter)
    rules: Counter[tuple[Pair, str, Where]] = field(default_factory=Counter)
    bad: Counter[tuple[str, Where]] = field(default_factory=Counter)
    apart: int = 0
    bad_rows: int = 0
    examples: dict[Pair, list[Example]] = field(default_factory=dict)

    def add(self, other: Tally, most: int) -> None:
        """Count the rows of another, which follow these; `most` examples of each change are kept."""
        self.pairs.update(other.pairs)
        self.rules.update(other.rules)
        self.bad.update(other.bad)
        self.apart += other.apart
        self.bad_rows += other.bad_rows
        for pair, examples in other.examples.items():
            kept = self.examples.setdefault(pair, [])
            kept += examples[: most - len(kept)]


def impact_from(tally: Tally, old: Protocol, new: Protocol, sides: tuple[Side, Side]) -> Impact:
    """What the counts of all rows say."""
    before, after = sides
    known = _Rules(old, new)
    changes = [
        Change(
            *pair,
            direction=direction(before.levels, after.levels, *pair),
            rows=rows,
            rules=known.changed({of[1:]: count for of, count in tally.rules.items() if of[0] == pair}),
            examples=tuple(tally.examples.get(pair, ())),
        )
        for pair, rows in tally.pairs.items()
        if rows and pair[0] != pair[1]
    ]
    places = {level: place for place, level in enumerate((*before.levels, *after.levels))}
    changes.sort(
        key=lambda change: (
            DIRECTIONS.index(change.direction),
            -change.rows,
            places[change.old],
            places[change.new],
        )
    )
    of_all: Counter[tuple[str, Where]] = Counter()
    for (_, rule, where), count in tally.rules.items():
        of_all[rule, where] += count
    return Impact(
        old=before,
        new=after,
        rows=tally.pairs.total(),
        counts={pair: rows for pair, rows in tally.pairs.items() if rows},
        changes=tuple(changes),
        rules=known.changed(of_all),
        unreadable=tuple(
            Unreadable(column, tally.bad[column, "old"], tally.bad[column, "new"], tally.bad[column, "both"])
            for column in sorted({column for (column, _), count in tally.bad.items() if count})
        ),
        unreadable_apart=tally.apart,
        bad_rows=tally.bad_rows,
    )


class _Rules:
    """The rules of both protocols, in the order of the new and then of the old."""

    def __init__(self, old: Protocol, new: Protocol) -> None:
        self.old = {rule.id: rule for rule in old.rules}
        self.new = {rule.id: rule for rule in new.rules}
        self.levels = {
            rule: (_level(self.old, rule), _level(self.new, rule))
            for rule in dict.fromkeys((*self.new, *self.old))
        }
        self.because = {placed.id: of.fill(placed.because.they) for of in (old, new) for placed in of.rules}

    def changed(self, counts: Mapping[tuple[str, Where], int]) -> tuple[RuleChange, ...]:
        """The rules that do something else in the rows that are counted, the commonest first."""
        changes = []
        for rule, (before, after) in self.levels.items():
            stops, starts = counts.get((rule, "old"), 0), counts.get((rule, "new"), 0)
            stays = counts.get((rule, "both"), 0)
            if stops or starts or (stays and before != after):
                changes.append(RuleChange(rule, self.because[rule], before, after, stops, starts, stays))
        return tuple(sorted(changes, key=lambda change: -(change.stops + change.starts) or -change.stays))


def _level(rules: Mapping[str, Rule], rule: str) -> str | None:
    return rules[rule].level if rule in rules else None


def plain_cell(value: object) -> Cell:
    """What stands in a cell, as JSON can have it."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        # no number; JSON has no word for it
        return value if value - value == 0 else str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return " ".join(str(plain_cell(part)) for part in value.values())
    return str(value)
