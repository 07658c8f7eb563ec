"""What it does to the levels that a table does not ask some of the questions.

A question that no column answers counts as not asked. Not knowing never lowers: nobody can then be told that
they are below a certain level. And a level that only its answer could bring, nobody is told at all.

The levels that people can get are found by evaluating people, all of them at once, as the rows of a table.
Few people stand for everybody, because a condition has no "not": what may hold only grows with the
comparisons that an answer passes. So somebody who gets the lowest level gets it too with answers that pass as
few of them as can be, and without answers to questions that do not apply.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations, product
from types import MappingProxyType

from whentocall._text import quote
from whentocall.engine.critical import between_steps
from whentocall.engine.meaning import Cells, either
from whentocall.engine.people import People
from whentocall.protocol.conditions import Term, Test, TooManyTerms, Value, questions, terms
from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns, asked, column_of
from whentocall.tables.logic import advise_bits
from whentocall.tables.mapping_names import likeliest

MOST_PEOPLE = 1 << 16
"""How many people are evaluated at once, at the most, to see whether one of them gets a level."""

MOST_WAYS = 2000
"""How many ways to a level are tried, at the most."""

_SHOWN = 12

Choices = Mapping[str, Sequence[Value | None]]
"""Question id to the answers that people may give to it; None for none."""


@dataclass(frozen=True, slots=True)
class Absence:
    """What a table does not ask, and what follows.

    Attributes:
        questions: the ids of the questions that no column answers, in the protocol's order.
        floor: the id of the level that nobody can be below.
        unreachable: the ids of levels that nobody can get, though somebody could if everything were asked.
            Only what is certain: of a protocol too large to try everything, some may be missing.
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
    found = asked(protocol, columns, frozenset(names))
    missing = tuple(one for one in protocol.questions if one not in found)
    everybody = protocol.once(_everybody)
    here = _reached(protocol.once(People.of), found.keys()) if missing else everybody
    used = {name for one in found.values() for name in (one.name, one.unit_column)}
    also = {one: (one, column_of(columns, one).name) for one in missing}
    misspelled = likeliest(also, [name for name in names if name not in used])
    return Absence(
        questions=missing,
        floor=protocol.levels[here.floor].id,
        unreachable=tuple(protocol.levels[rank].id for rank in sorted(here.never - everybody.never)),
        misspelled=MappingProxyType(misspelled),
        text=tuple(_text(protocol, columns, missing, everybody, here, misspelled)),
    )


# in words


def _text(
    protocol: Protocol,
    columns: Columns,
    missing: Sequence[str],
    everybody: _Reached,
    here: _Reached,
    misspelled: Mapping[str, str],
) -> Iterator[str]:
    if missing:
        count = f"{len(missing)} of {len(protocol.questions)} questions"
        yield f"No column answers {count}, so they count as not asked: {_some(missing)}."
    if here.floor > everybody.floor:
        yield f"Nobody's level can be below {quote(protocol.levels[here.floor].id)} without them."
    lost = [protocol.levels[rank].id for rank in sorted(here.never - everybody.never) if rank > here.floor]
    if lost:
        yield f"Nobody's level can be {' or '.join(map(quote, lost))} without them, whatever is answered."
    unread = [one for one in missing if not protocol.once(People.of).compared[one]]
    if missing and len(unread) == len(missing):
        yield "This changes no level: no rule reads them."
    elif unread:
        yield f"No rule reads some of them, so that these are not missed: {_some(unread)}."
    if hidden := _hidden(protocol, missing):
        level = quote(protocol.levels[hidden].id)
        yield f"What they ask about can be as urgent as {level}, and is not found out."
    for one in missing:
        if one in columns and columns[one].name != one:
            yield f"There is no column {quote(columns[one].name)}, in which {quote(one)} should be answered."
    for name, one in misspelled.items():
        yield f"Column {quote(name)} answers no question; is it meant for {quote(one)}?"


def _hidden(protocol: Protocol, missing: Sequence[str]) -> int:
    """The highest rank of what the answers to these questions help to bring, by themselves or by others'."""
    matters = set(missing)
    more = matters
    while more:
        more = {
            one.id
            for one in protocol.questions.values()
            if matters & {*questions(one.only_if), *questions(one.not_reassuring_if)}
        } - matters
        matters |= more
    reached = [rule.rank for rule in protocol.rules if matters & {*questions(rule.when)}]
    for one in protocol.escalations:
        if matters & {*questions(one.only_if)} or any(rank >= one.at_rank for rank in reached):
            reached.append(one.rank)
    return max(reached, default=0)


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


# which levels people can get


@dataclass(frozen=True, slots=True)
class _Reached:
    """Ranks of levels: the lowest that anybody gets, and those that certainly nobody does."""

    floor: int
    never: frozenset[int]


def _everybody(protocol: Protocol) -> _Reached:
    """The levels that people can get where everything is asked."""
    return _reached(protocol.once(People.of), protocol.questions.keys())


def _reached(people: People, there: Set[str]) -> _Reached:
    """The levels that people can get if only these questions are there to be answered."""
    ranks = range(len(people.protocol.levels))
    floor = _floor(people, there)
    missed = (one for one in ranks if one != floor and (one < floor or not _reaches(people, there, one)))
    return _Reached(floor, frozenset(missed))


def _floor(people: People, there: Set[str]) -> int:
    """The lowest rank that anybody gets.

    It is what is shown for anything unsettled, which somebody gets who says nothing; or it is less, where no
    rule above it may hold. What may hold grows with the comparisons that an answer passes. So somebody for
    whom nothing more may hold is found among those whose answers pass no more than they must. An answer to
    what does not apply could only pass more, or contradict another; without one, nothing of it may hold.
    """
    protocol = people.protocol
    quiet = {one: _quietest(people, one) for one in protocol.questions if one in there}
    shown = _shown(people, quiet)
    if shown is None:  # too many: as if each answer passed only what all of the quietest pass
        shown = _ranks(protocol, {one: _in_common(people, one, said) for one, said in quiet.items()}, 1)
    return min(*shown, *_ranks(protocol, {}, 1))


def _in_common(people: People, one: str, values: Iterable[Value | None]) -> Cells[int]:
    """An answer that passes what all of these pass, and nothing else."""
    held = frozenset.intersection(*(_passed(people, one, value) for value in values))
    return Cells(known=True, reports=False, passed=dict.fromkeys(held, True))


def _reaches(people: People, there: Set[str], rank: int) -> bool:
    """Whether somebody gets just this level; True as well where that is not certain.

    Whoever does, does so by some way in which its rules come true, or may. The answers that have no part in
    that way may again be the quietest; above what is shown for anything unsettled, they may be left out.
    """
    protocol = people.protocol
    if rank in _ranks(protocol, {}, 1):
        return True
    certain = rank > protocol.unsettled_rank
    try:
        for count, way in enumerate(_ways(protocol, rank, there if certain else protocol.questions.keys())):
            choices = _certainly(people, way) if certain else _possibly(people, there, way)
            shown = _shown(people, choices)
            if count >= MOST_WAYS or shown is None or rank in shown:
                return True
    except TooManyTerms:
        return True
    return False


def _ways(protocol: Protocol, rank: int, there: Set[str]) -> Iterator[Term]:
    """The sets of comparisons that bring this level, all of them of the questions that are there."""

    def fit(found: Iterable[Term]) -> list[Term]:
        return [term for term in found if all(test.question in there for test in term)]

    for placed in protocol.rules:
        if placed.rank == rank:
            yield from fit(placed.terms)
    for one in protocol.escalations:
        cards: dict[str, list[Term]] = {}
        for placed in protocol.rules:
            if one.rank == rank and placed.rank >= one.at_rank:
                cards.setdefault(placed.card.id, []).extend(fit(placed.terms))
        only_if = one.only_if
        whom = fit(terms(only_if)) if only_if is not None else [frozenset[Test]()]
        for some in combinations(cards.values(), one.count):
            for parts in product(*some, whom):
                yield frozenset[Test]().union(*parts)


def _certainly(people: People, way: Term) -> Choices:
    """The answers of people for whom these comparisons hold, and who have said nothing else."""
    return {one: _quietest(people, one, wanted) for one, wanted in _by_question(way).items()}


def _possibly(people: People, there: Set[str], way: Term) -> Choices:
    """The answers of people for whom these comparisons may hold: any where it matters, else the quietest."""
    protocol = people.protocol
    related: dict[str, None] = {}
    waiting = list(_by_question(way))
    while waiting:
        one = waiting.pop()
        if one not in related:
            related[one] = None
            question = protocol.questions[one]
            waiting += [*questions(question.only_if), *questions(question.not_reassuring_if)]
    return {
        one: (*_kinds(people, one).values(), None) if one in related else _quietest(people, one)
        for one in protocol.questions
        if one in there
    }


def _by_question(way: Term) -> dict[str, frozenset[Test]]:
    found: dict[str, frozenset[Test]] = {}
    for test in way:
        found[test.question] = found.get(test.question, frozenset()) | {test}
    return found


# people


def _passed(people: People, one: str, value: Value | None) -> frozenset[Test]:
    """The comparisons that an answer passes."""
    return frozenset(test for test in people.compared[one] if value is not None and test.holds(value))


def _kinds(people: People, one: str) -> dict[frozenset[Test], Value]:
    """One answer for each set of comparisons that one can pass, rather one that reports nothing."""
    question = people.protocol.questions[one]
    between = between_steps(question, people.compared[one])
    found: dict[frozenset[Test], Value] = {}
    for value in sorted((*people.values[one], *between), key=bool):
        found.setdefault(_passed(people, one, value), value)
    return found


def _quietest(people: People, one: str, wanted: frozenset[Test] = frozenset()) -> tuple[Value | None, ...]:
    """Answers that pass these comparisons, and else as few as can be; none where no answer does.

    For a question that may not apply, no answer at all is among them, unless one is surely as quiet as that.
    """
    kinds = [kind for kind in _kinds(people, one).items() if kind[0] >= wanted]
    least = [(passed, value) for passed, value in kinds if not any(other < passed for other, _ in kinds)]
    values = tuple(value for _, value in least)
    silent = any(not passed and not value for passed, value in least)
    question = people.protocol.questions[one]
    if question.only_if is None or wanted or (silent and question.not_reassuring_if is None):
        return values
    return (*values, None)


def _shown(people: People, choices: Choices) -> frozenset[int] | None:
    """The ranks shown to people with these answers, in every combination; None for too many of them."""
    count = math.prod(map(len, choices.values()))
    if count > MOST_PEOPLE:
        return None
    cells, width = dict[str, Cells[int]](), 1  # how many people in a row give the same answer
    for one, values in choices.items():
        again = ((1 << count) - 1) // ((1 << width * len(values)) - 1) if count else 0
        rows = [(((1 << width) - 1) << place * width) * again for place in range(len(values))]
        given = [(value, row) for value, row in zip(values, rows, strict=True) if value is not None]
        cells[one] = Cells(
            known=either(*(row for _, row in given)),
            reports=either(*(row for value, row in given if value)),
            passed={
                test: either(*(row for value, row in given if test.holds(value)))
                for test in people.compared[one]
            },
        )
        width *= len(values)
    return _ranks(people.protocol, cells, count)


def _ranks(protocol: Protocol, cells: Mapping[str, Cells[int]], count: int) -> frozenset[int]:
    """The ranks shown to so many people, each a bit in every cell."""
    every = (1 << count) - 1

    def keep(bits: int) -> int | bool:
        bits &= every
        return bits if 0 < bits < every else bool(bits)

    reached = [
        every * bits if isinstance(bits, bool) else bits & every
        for bits in advise_bits(protocol, cells, keep).level
    ]
    ends = zip((every, *reached), (*reached, 0), strict=True)
    return frozenset(rank for rank, (this, higher) in enumerate(ends) if this & ~higher)
