"""What a change of rules changes, and for whom: exactly, with the simplest person of each kind.

Both protocols are applied to the same unknown person. The solver looks for somebody whose level differs,
until there is nobody left. Each change names the rules that treat this person differently; the search then
goes on among people whom the first of those rules treats alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from whentocall.authoring.formulas import (
    Formula,
    Meaning,
    Person,
    Solver,
    Truths,
    all_of,
    any_of,
    holds,
    none_of,
)
from whentocall.engine.spelling import Given
from whentocall.protocol.assemble import content
from whentocall.protocol.model import Level
from whentocall.protocol.protocol import Protocol

Direction = Literal["lowered", "raised"]


@dataclass(frozen=True, slots=True)
class Change:
    """People whose level changes.

    Attributes:
        direction: whether their level is lowered or raised.
        old, new: the levels shown before and after.
        person: the simplest of them, as answers.
        rules: the rules, by full id, that treat this person differently; empty where only other parts do (a
            follow-up, masking, escalation, or the level for what is not known).
        complete: whether the person knows every answer.
    """

    direction: Direction
    old: str
    new: str
    person: Mapping[str, Given]
    rules: tuple[str, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text or another part that changes nobody's level: where, before, after (None: not there)."""

    where: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that changes, in four bins."""

    lowered: tuple[Change, ...]
    raised: tuple[Change, ...]
    asked: tuple[TextChange, ...]
    wording: tuple[TextChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes at all."""
        return not (self.lowered or self.raised or self.asked or self.wording)


def diff(old: Protocol, new: Protocol) -> Difference:
    """What changes from one protocol to another.

    Raises:
        Undecided: the solver gave up; then nothing is claimed.
    """
    changes = list(_Comparison(old, new).changes())
    asked, wording = _texts(old, new)
    return Difference(
        lowered=tuple(change for change in changes if change.direction == "lowered"),
        raised=tuple(change for change in changes if change.direction == "raised"),
        asked=tuple(asked),
        wording=tuple(wording),
    )


class _Comparison:
    """Two protocols' meanings for one person."""

    def __init__(self, old: Protocol, new: Protocol) -> None:
        person = Person(halves=True)
        self.old, self.new = Meaning(old, person), Meaning(new, person)
        self.solver = Solver([*self.old.consistent(), *self.new.consistent()])
        self.everything = all_of([*self.old.complete(), *self.new.complete()])
        self.apart = self._rules_apart()

    def changes(self) -> Iterator[Change]:
        """Every change of level: first for people who know all answers, then for the others."""
        for complete in (True, False):
            scope = self.everything if complete else none_of([self.everything])
            for before, after in product(self.old.protocol.levels, self.new.protocol.levels):
                if before.id != after.id:
                    yield from self._from_to(before, after, scope, complete=complete)

    def _from_to(self, before: Level, after: Level, scope: Formula, *, complete: bool) -> Iterator[Change]:
        old, new = self.old.protocol, self.new.protocol
        wanted = [
            scope,
            self.old.shown == old.ranks[before.id],
            self.new.shown == new.ranks[after.id],
        ]
        direction = _direction(old, new, before.id, after.id)
        while (model := self.solver.smallest_model(self.new, *wanted)) is not None:
            person = self.new.person.read(model)
            reads = [rule for rule, apart in self.apart.items() if holds(model, apart)]
            yield Change(direction, before.id, after.id, person, tuple(reads), complete)
            if not reads:
                return
            wanted.append(none_of([self.apart[reads[0]]]))

    def _rules_apart(self) -> dict[str, Formula]:
        """For each rule that may read somebody differently, when it does."""
        old_level, new_level = (
            {rule.id: rule.level for rule in side.protocol.rules} for side in (self.old, self.new)
        )
        apart: dict[str, Formula] = {}
        for name in dict.fromkeys([*old_level, *new_level]):
            before, after = self.old.rules.get(name), self.new.rules.get(name)
            if before and after:
                other_level = [after.possibly] if old_level[name] != new_level[name] else []
                apart[name] = any_of([*_differ(before, after), *other_level])
            elif only := before or after:
                apart[name] = only.possibly
        return apart


def _differ(before: Truths, after: Truths) -> list[Formula]:
    return [before.surely != after.surely, before.possibly != after.possibly]


def _direction(old: Protocol, new: Protocol, before: str, after: str) -> Direction:
    """Lowered or raised; the worse of the two where the levels themselves do not tell."""
    for ranks in (new.ranks, old.ranks):
        if before in ranks and after in ranks:
            return "lowered" if ranks[after] < ranks[before] else "raised"
    return "lowered"


# texts

_ASKED = frozenset(("answer", "options", "only_if", "not_reassuring_if", "usual", "context", "screens"))
# What bears on levels is compared exactly, by the people it changes; not as text.
_MEANING = frozenset(("when", "level", "cases", "waive"))


def _texts(old: Protocol, new: Protocol) -> tuple[list[TextChange], list[TextChange]]:
    """Changes of what is asked, and of everything else that is written."""
    before, after = dict(_written(old)), dict(_written(new))
    asked: list[TextChange] = []
    wording: list[TextChange] = []
    for path in dict.fromkeys([*before, *after]):
        was, is_now = before.get(path), after.get(path)
        if was == is_now or _MEANING.intersection(path):
            continue
        change = TextChange(" / ".join(path), was, is_now)
        whole_question = "ask" in path and None in (was, is_now)
        (asked if whole_question or _ASKED.intersection(path) else wording).append(change)
    return asked, wording


def _written(protocol: Protocol) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from _leaves(("protocol",), content(protocol.head))
    yield from _leaves(("levels",), {level.id: content(level) for level in protocol.levels})
    yield from _leaves(("who",), content(protocol.words_for))
    for card in protocol.cards:
        yield from _leaves(tuple(card.id.split("/")), content(card))
    yield ("levels", "order"), ", ".join(level.id for level in protocol.levels)


def _leaves(path: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves((*path, str(key)), item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for place, item in enumerate(value, 1):
            yield from _leaves((*path, str(place)), item)
    elif value is not None:
        yield path, str(value)
