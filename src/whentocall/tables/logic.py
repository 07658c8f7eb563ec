"""The advice for a whole table: the meaning of rules, run on columns of bits.

A bit here is a yes or no for every row: packed bits in memory, or a column of another engine's query. What it
need know, and what the rules make of it, says `engine.meaning`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple

from whentocall.engine.meaning import B, Cells, Meaning
from whentocall.protocol.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Outcome(Generic[B]):
    """The advice for the whole table.

    Attributes:
        level: for each rank above the lowest, whether the level shown is at least that.
        at_least: likewise for the highest level among the rules that hold.
        could_be: likewise for the highest among those that hold or might.
        rules: the ids of rules and whether they hold, in the order of an advice's reasons.
        settle: the ids of questions and whether to find an answer to them, in the order of an advice's; an id
            stands there once for every level that it could reach, and holds at most once in a row.
    """

    level: Sequence[B | bool]
    at_least: Sequence[B | bool]
    could_be: Sequence[B | bool]
    rules: Sequence[tuple[str, B | bool]]
    settle: Sequence[tuple[str, B | bool]]


class Flags(NamedTuple):
    """A table with every row's level, and a yes or no for each rule and for each column's cell.

    Attributes:
        frame: the table's columns, then these.
        level: the name of the column with the level.
        rules: the ids of the rules that may hold, to the names of their columns.
        bad: the names of the table's columns that may have bad cells, to those of theirs.
    """

    frame: Any
    level: str
    rules: Mapping[str, str]
    bad: Mapping[str, str]


def advise_bits(
    protocol: Protocol,
    cells: Mapping[str, Cells[B]],
    keep: Callable[[B], B | bool] = lambda bits: bits,
    *,
    settle: bool = True,
) -> Outcome[B]:
    """The advice for every row.

    Args:
        protocol: from `load`.
        cells: the cells of each question that the table answers.
        keep: is given what will be used several times, and may give back something cheaper that is the same.
        settle: whether to find out what to find out.
    """
    meaning = Meaning(protocol, cells, keep)
    fired = [(rule.rank, rule.id, held) for rule, held in zip(protocol.rules, meaning.sure, strict=True)]
    fired += [
        (line.rank, line.id, held) for line, held in zip(protocol.escalations, meaning.escalated, strict=True)
    ]
    fired.sort(key=lambda ranked: -ranked[0])
    return Outcome(
        level=meaning.level,
        at_least=meaning.at_least,
        could_be=meaning.could_be,
        rules=[(rule, held) for _, rule, held in fired],
        settle=[(question, held) for question, _, held in meaning.settle()] if settle else [],
    )
