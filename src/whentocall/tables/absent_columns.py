"""What it does to the levels that a table does not ask some of the questions.

A question that no column answers counts as not asked. Not knowing never lowers: no row can then be below a
certain level, the floor. And a level that only its answer could bring, no row gets at all.

The floor is found by evaluating the quietest people, as the rows of a table. A condition has no "not", so
that what may hold only grows with the comparisons that an answer passes: whoever gets the lowest level gets
it too with answers that pass as few of them as can be, and without answers to questions that do not apply.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

import polars as pl

from whentocall._text import nearest, quote
from whentocall.engine.critical import between_steps
from whentocall.engine.people import People
from whentocall.protocol.conditions import FALSE, TRUE, Condition, Test, Value, questions, truth
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns, asked, column_of
from whentocall.tables.in_memory import advise_polars

MOST_PEOPLE = 1 << 12
"""How many people are evaluated to find the floor. Where more would be needed, no floor is claimed."""

_SHOWN = 12
_ALIKE = 0.8  # how much of two names must be the same, from 0 to 1
_LONGEST_NAME = 60
_MOST_NAMES = 400  # compared with each other: a table with more columns has other troubles


@dataclass(frozen=True, slots=True)
class Absence:
    """What a table does not ask, and what follows.

    Attributes:
        questions: the ids of the questions that no column answers, in the protocol's order.
        floor: the id of the level that no row can be below. It is exact, unless more than `MOST_PEOPLE` quiet
            people would have to be tried; then it is the lowest level.
        unreachable: the ids of levels that no row can get: those below the floor, and above what is shown for
            anything unsettled those that no rule can bring any more. Others may be out of reach too.
        misspelled: the names of columns that answer no question, to the id of one of `questions` that they
            look like. They are not used; whoever knows the table should say.
        text: all of this for the user, in short lines; none where every question is asked.
    """

    questions: tuple[str, ...]
    floor: str
    unreachable: tuple[str, ...]
    misspelled: Mapping[str, str]
    text: tuple[str, ...]


def absence(protocol: Protocol, columns: Columns, names: Iterable[str]) -> Absence:
    """What it means that the table has columns of these names, and no others.

    Args:
        protocol: whose questions the table answers.
        columns: where the answers stand, if not under the questions' ids.
        names: of the table's columns.
    """
    names = list(names)
    answered = asked(protocol, columns, frozenset(names))
    missing = tuple(question for question in protocol.questions if question not in answered)
    floor = _floor(protocol, answered.keys()) if missing else protocol.once(_floor_of_all)
    lost = _lost(protocol, answered.keys(), floor)
    used = {name for column in answered.values() for name in (column.name, column.unit_column)}
    misspelled = _misspelled(missing, columns, [name for name in names if name not in used])
    return Absence(
        questions=missing,
        floor=protocol.levels[floor].id,
        unreachable=tuple(protocol.levels[rank].id for rank in lost),
        misspelled=MappingProxyType(misspelled),
        text=tuple(_text(protocol, columns, missing, floor, lost, misspelled)),
    )


def _misspelled(missing: Sequence[str], columns: Columns, names: Sequence[str]) -> dict[str, str]:
    """The names that look like that of a missing question, or of its column; to the question."""
    owners = {
        _letters(name): question
        for question in missing
        for name in (question, column_of(columns, question).name)
    }
    near = {name: nearest(_letters(name), owners, _ALIKE) for name in names[:_MOST_NAMES] if _letters(name)}
    return {name: owners[like] for name, like in near.items() if like is not None}


def _letters(name: str) -> str:
    """The name without what people write in different ways: capitals, spaces, underscores, signs."""
    return "".join(letter for letter in name[:_LONGEST_NAME].casefold() if letter.isalnum())


# in words


def _text(
    protocol: Protocol,
    columns: Columns,
    missing: Sequence[str],
    floor: int,
    lost: Sequence[int],
    misspelled: Mapping[str, str],
) -> Iterator[str]:
    if missing:
        count = f"{len(missing)} of {len(protocol.questions)} questions"
        yield f"No column answers {count}, so they count as not asked: {_some(missing)}."
    if floor > protocol.once(_floor_of_all):
        yield f"Without these questions every row is at least {quote(protocol.levels[floor].id)}."
    if higher := [quote(protocol.levels[rank].id) for rank in lost if rank > floor]:
        yield f"Without these questions no row can be {' or '.join(higher)}, whatever is answered."
    unread = [question for question in missing if not protocol.once(People.of).compared[question]]
    if missing and len(unread) == len(missing):
        yield "This changes no level: no rule reads them."
    elif unread:
        yield f"No rule reads some of them, so these are not missed: {_some(unread)}."
    if hidden := _hidden(protocol, missing):
        level = quote(protocol.levels[hidden].id)
        yield f"What they ask about can be as urgent as {level}, and goes unnoticed."
    for question in missing:
        column = column_of(columns, question).name
        if column != question:
            yield f"Column {quote(column)}, which should answer {quote(question)}, is missing."
    for name, question in misspelled.items():
        yield f"Column {quote(name)} answers no question; did you mean {quote(question)}?"


def _hidden(protocol: Protocol, missing: Sequence[str]) -> int:
    """The highest rank of what the answers to these questions help to bring, by themselves or by others'."""
    matters = set(missing)
    more = matters
    while more:
        more = {
            question.id
            for question in protocol.questions.values()
            if matters & {*questions(question.only_if), *questions(question.not_reassuring_if)}
        } - matters
        matters |= more
    reached = [rule.rank for rule in protocol.rules if matters & {*questions(rule.when)}]
    for escalation in protocol.escalations:
        counted = any(rank >= escalation.at_rank for rank in reached)
        if counted or matters & {*questions(escalation.only_if)}:
            reached.append(escalation.rank)
    return max(reached, default=0)


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


# which levels rows can get


def _lost(protocol: Protocol, there: Set[str], floor: int) -> list[int]:
    """The ranks that no row can get where only these questions are asked; see `Absence.unreachable`."""
    everybody = protocol.questions.keys()
    return [
        rank
        for rank in range(protocol.once(_floor_of_all), len(protocol.levels))
        if rank < floor
        or (
            rank > max(floor, protocol.unsettled_rank)
            and _can_bring(protocol, everybody, rank)
            and not _can_bring(protocol, there, rank)
        )
    ]


def _can_bring(protocol: Protocol, there: Set[str], rank: int) -> bool:
    """Whether the answers to these questions can make a rule or an escalation of this level hold."""

    def can_hold(condition: Condition | None) -> bool:
        if condition is None:
            return True
        return truth(condition, lambda test: TRUE if test.question in there else FALSE) is TRUE

    rules = [rule for rule in protocol.rules if can_hold(rule.when)]
    return any(rule.rank == rank for rule in rules) or any(
        escalation.rank == rank
        and can_hold(escalation.only_if)
        and len({rule.card.id for rule in rules if rule.rank >= escalation.at_rank}) >= escalation.count
        for escalation in protocol.escalations
    )


def _floor_of_all(protocol: Protocol) -> int:
    """The floor where everything is asked."""
    return _floor(protocol, protocol.questions.keys())


def _floor(protocol: Protocol, there: Set[str]) -> int:
    """The lowest rank that anybody gets who is asked these questions; 0 if that takes too many people."""
    people = protocol.once(People.of)
    quiet = [_quietest(people, question) if question in there else (None,) for question in protocol.questions]
    if math.prod(map(len, quiet)) > MOST_PEOPLE:
        return 0
    silent = [None] * len(quiet)  # whoever says nothing, gets what is shown for anything unsettled
    schema = {question.id: _dtype(question) for question in protocol.questions.values()}
    rows = pl.DataFrame([*product(*quiet), silent], schema=schema, orient="row")
    level = advise_polars(protocol, rows, {}, ("level",))["level"].to_physical().min()
    assert isinstance(level, int)
    return level


def _dtype(question: Question) -> pl.DataType:
    kind = question.answer.kind
    return pl.Boolean() if kind == "yes-no" else pl.String() if kind == "one-of" else pl.Float64()


def _quietest(people: People, question: str) -> tuple[Value | None, ...]:
    """Answers that pass as few comparisons as can be.

    For a question that may not apply, no answer at all is among them, unless one is surely as quiet as that.
    """
    asks, compared = people.protocol.questions[question], people.compared[question]
    kinds: dict[frozenset[Test], Value] = {}
    for value in sorted((*people.values[question], *between_steps(asks, compared)), key=bool):
        kinds.setdefault(frozenset(test for test in compared if test.holds(value)), value)
    least = {passed: value for passed, value in kinds.items() if not any(other < passed for other in kinds)}
    silent = any(not passed and not value for passed, value in least.items())
    if asks.only_if is None or (silent and asks.not_reassuring_if is None):
        return tuple(least.values())
    return (*least.values(), None)
