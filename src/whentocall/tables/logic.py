"""What rules make of a whole table, told with "and", "or" and "not" alone.

A bit here is a yes or no for every row: packed bits in memory, or a column of another engine's query. All it
need know is `&`, `|` and `~`. `True` and `False` stand for what is the same in every row.

It says what `engine.reference`, `engine.combine` and `engine.open_ends` say of one person. A condition has no
"not", so that its three values are two bits: it surely holds, and it possibly holds.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from whentocall.engine.meaning import openers_first
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Condition, Test, questions, tests
from whentocall.protocol.model import Escalation, Rule
from whentocall.protocol.protocol import Protocol


class Bits(typing.Protocol):
    """A yes or no for every row."""

    def __and__(self, other: Any, /) -> Any: ...
    def __or__(self, other: Any, /) -> Any: ...
    def __invert__(self) -> Any: ...


B = TypeVar("B", bound=Bits)


@dataclass(frozen=True, slots=True)
class Cells(Generic[B]):
    """One question's answers in the whole table.

    Attributes:
        known: the answer is known.
        reports: it is known, and neither "no" nor 0.
        passed: comparison to whether the answer is known and passes it.
    """

    known: B | bool
    reports: B | bool
    passed: Mapping[Test, B | bool]


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
    return _Table(protocol, cells, keep).outcome(settle=settle)


def both(*parts: Any) -> Any:
    """Whether all hold."""
    found: Any = True
    for part in parts:
        if part is False:
            return False
        if part is not True:
            found = part if found is True else found & part
    return found


def either(*parts: Any) -> Any:
    """Whether some hold."""
    found: Any = False
    for part in parts:
        if part is True:
            return True
        if part is not False:
            found = part if found is False else found | part
    return found


def opposite(part: Any) -> Any:
    """Whether it does not hold."""
    return not part if isinstance(part, bool) else ~part


def at_least_of(count: int, parts: Iterable[Any]) -> Any:
    """Whether so many of them hold."""
    reached: list[Any] = [True] + [False] * count
    for part in parts:
        for place in range(count, 0, -1):
            reached[place] = either(reached[place], both(reached[place - 1], part))
    return reached[count]


class _Table(Generic[B]):
    def __init__(
        self, protocol: Protocol, cells: Mapping[str, Cells[B]], keep: Callable[[B], B | bool]
    ) -> None:
        self.protocol = protocol
        missing: Cells[B] = Cells(known=False, reports=False, passed={})
        self.cells = {one: cells.get(one, missing) for one in protocol.questions}
        self._keep = keep
        self.possibly: dict[Test, Any] = {}
        self.opened: dict[Test, dict[str, Any]] = {}

    def keep(self, bits: Any) -> Any:
        return bits if isinstance(bits, bool) else self._keep(bits)

    # reading the answers

    def surely(self, test: Test) -> Any:
        """Whether the answer is known and passes."""
        return self.cells[test.question].passed.get(test, False)

    def might(self, test: Test) -> Any:
        """Whether it passes, or might if more were known."""
        return self.possibly[test]

    def read(self) -> None:
        """What is possible; then once more, with those answers in doubt that a follow-up contradicts."""
        order, by_question = openers_first(self.protocol), compared(self.protocol)
        doubted: dict[str, Any] = {}
        for one in order:
            only_if = self.protocol.questions[one].only_if
            self.read_question(one, by_question[one], doubted=False)
            if only_if is None:
                continue
            applies, cells = self.condition(only_if, self.might), self.cells[one]
            contradicts = self.keep(both(cells.reports, opposite(applies)))
            for opener in questions(only_if) if contradicts is not False else ():
                doubted[opener] = either(doubted.get(opener, False), contradicts)
        changed: set[str] = set()
        for one in order if doubted else ():
            question = self.protocol.questions[one]
            reads = {*questions(question.only_if), *questions(question.not_reassuring_if)}
            if one in doubted or reads & changed:
                changed.add(one)
                self.read_question(one, by_question[one], doubted=doubted.get(one, False))

    def read_question(self, one: str, compared: Sequence[Test], doubted: Any) -> None:
        """What its answer could pass, from what those could that open or mask the question."""
        question, cells = self.protocol.questions[one], self.cells[one]
        masks, only_if = question.not_reassuring_if, question.only_if
        masked = self.condition(masks, self.might) if masks is not None else False
        applies = self.condition(only_if, self.might) if only_if is not None else True
        hidden = both(cells.known, either(doubted, masked))
        unread = self.keep(either(hidden, both(opposite(cells.known), applies)))
        for test in compared:
            self.possibly[test] = self.keep(either(self.surely(test), unread))

    def condition(self, condition: Condition, held: Callable[[Test], Any]) -> Any:
        """Whether a condition holds, by the comparisons that do."""
        match condition:
            case Test():
                return held(condition)
            case AllOf(parts):
                return both(*(self.condition(part, held) for part in parts))
            case AnyOf(parts):
                return either(*(self.condition(part, held) for part in parts))
            case AtLeast(count, parts):
                return at_least_of(count, (self.condition(part, held) for part in parts))

    # from comparisons to levels

    def outcome(self, *, settle: bool) -> Outcome[B]:
        protocol = self.protocol
        self.read()
        holds = [self.keep(self.condition(placed.when, self.surely)) for placed in protocol.rules]
        might = [self.keep(self.condition(placed.when, self.might)) for placed in protocol.rules]
        raised = [self.escalation(one, holds, self.surely) for one in protocol.escalations]
        could = [self.escalation(one, might, self.might) for one in protocol.escalations]
        at_least = self.ranks(holds, raised)
        could_be = self.ranks(might, could)
        unsettled = protocol.unsettled_rank
        shown = [
            either(sure, possible) if rank <= unsettled else sure
            for rank, (sure, possible) in enumerate(zip(at_least, could_be, strict=True), 1)
        ]
        fired = [(rule.rank, rule.id, held) for rule, held in zip(protocol.rules, holds, strict=True)]
        fired += [(one.rank, one.id, held) for one, held in zip(protocol.escalations, raised, strict=True)]
        fired.sort(key=lambda one: -one[0])
        return Outcome(
            level=shown,
            at_least=at_least,
            could_be=could_be,
            rules=[(one, held) for _, one, held in fired],
            settle=self.settle(holds, might, could, at_least) if settle else [],
        )

    def escalation(self, one: Escalation, rules: Sequence[Any], held: Callable[[Test], Any]) -> Any:
        """Whether enough cards have a rule that holds, and the escalation is for this person."""
        only_if = one.only_if
        allowed = True if only_if is None else self.condition(only_if, held)
        return self.keep(both(self.enough(one, rules), allowed))

    def enough(self, one: Escalation, rules: Sequence[Any]) -> Any:
        """Whether enough cards have a rule that holds."""
        cards: dict[str, Any] = {}
        for placed, held in zip(self.protocol.rules, rules, strict=True):
            if placed.rank >= one.at_rank:
                cards[placed.card.id] = either(cards.get(placed.card.id, False), held)
        return self.keep(at_least_of(one.count, cards.values()))

    def ranks(self, rules: Sequence[Any], raised: Sequence[Any]) -> list[Any]:
        """For each rank above the lowest, whether it is reached."""
        every: list[tuple[Rule | Escalation, Any]] = [
            *zip(self.protocol.rules, rules, strict=True),
            *zip(self.protocol.escalations, raised, strict=True),
        ]
        ranks = range(1, len(self.protocol.levels))
        own = [self.keep(either(*(held for one, held in every if one.rank == rank))) for rank in ranks]
        return [self.keep(either(*own[rank - 1 :])) for rank in ranks]

    # what to find out

    def settle(
        self, holds: Sequence[Any], might: Sequence[Any], could: Sequence[Any], at_least: Sequence[Any]
    ) -> list[tuple[str, Any]]:
        """The questions to find an answer to, with every rank that they could help to reach."""
        pairs: dict[tuple[int, str], Any] = {}

        def note(condition: Condition, unsettled: Any, rank: int) -> None:
            wanted = both(unsettled, opposite(at_least[rank - 1])) if rank else False
            for test in tests(condition) if wanted is not False else ():
                for one, unread in self.open_questions(test).items():
                    pairs[rank, one] = either(pairs.get((rank, one), False), both(wanted, unread))

        for placed, sure, possible in zip(self.protocol.rules, holds, might, strict=True):
            unsettled = self.keep(both(possible, opposite(sure)))
            note(placed.when, unsettled, placed.rank)
            for one, enough in zip(self.protocol.escalations, could, strict=True):
                if placed.rank >= one.at_rank and one.rank > placed.rank:
                    note(placed.when, both(unsettled, enough), one.rank)
        for one, reached in zip(self.protocol.escalations, could, strict=True):
            only_if = one.only_if
            if only_if is not None:
                unknown = opposite(self.condition(only_if, self.surely))
                note(only_if, both(reached, unknown), one.rank)
        return self.highest_once(pairs)

    def highest_once(self, pairs: Mapping[tuple[int, str], Any]) -> list[tuple[str, Any]]:
        """Each question at the highest rank it could reach and at no other, the highest rank first."""
        order = {one: place for place, one in enumerate(self.protocol.questions)}
        already: dict[str, Any] = {}
        found = []
        for rank, one in sorted(pairs, key=lambda pair: (-pair[0], order[pair[1]])):
            here = self.keep(pairs[rank, one])
            found.append((one, both(here, opposite(already.get(one, False)))))
            already[one] = either(already.get(one, False), here)
        return [(one, held) for one, held in found if held is not False]

    def open_questions(self, test: Test) -> dict[str, Any]:
        """The questions to ask so that an unsettled comparison is settled."""
        if test not in self.opened:
            self.opened[test] = {one: self.keep(bits) for one, bits in self._open_questions(test)}
        return self.opened[test]

    def _open_questions(self, test: Test) -> Iterator[tuple[str, Any]]:
        question, known = self.protocol.questions[test.question], self.cells[test.question].known
        unsettled = self.keep(both(self.might(test), opposite(self.surely(test))))
        if unsettled is False:
            return
        only_if, found = question.only_if, dict[str, Any]()

        def add(one: str, bits: Any) -> None:
            found[one] = either(found.get(one, False), bits)

        hidden = both(unsettled, known)
        missing = both(unsettled, opposite(known))
        add(test.question, hidden)
        if only_if is None:
            add(test.question, missing)
        else:
            applies = self.keep(self.condition(only_if, self.surely))
            add(test.question, both(missing, applies))
            for opener in tests(only_if):
                for one, unread in self.open_questions(opener).items():
                    add(one, both(missing, opposite(applies), unread))
        for mask in tests(question.not_reassuring_if) if question.not_reassuring_if is not None else ():
            for one, unread in self.open_questions(mask).items():
                add(one, both(hidden, unread))
        yield from ((one, bits) for one, bits in found.items() if bits is not False)


def compared(protocol: Protocol) -> dict[str, list[Test]]:
    """Question id to the comparisons with its answer, wherever they stand."""
    by_question: dict[str, dict[Test, None]] = {one: {} for one in protocol.questions}
    for test in every_test(protocol):
        by_question[test.question][test] = None
    return {one: list(found) for one, found in by_question.items()}


def every_test(protocol: Protocol) -> Iterator[Test]:
    """Every comparison of the protocol: of its rules, questions and escalations."""
    for placed in protocol.rules:
        yield from tests(placed.when)
    for question in protocol.questions.values():
        for condition in (question.only_if, question.not_reassuring_if):
            if condition is not None:
                yield from tests(condition)
    for escalation in protocol.escalations:
        if escalation.only_if is not None:
            yield from tests(escalation.only_if)
