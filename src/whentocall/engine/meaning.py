"""What rules mean, written once, with "and", "or" and "not" alone.

A bit here is a yes or no: of one person, of every row of a table, or a formula about anybody. All it need
know is `&`, `|` and `~`. `True` and `False` stand for what is so for everybody. The same lines therefore run
on symbols (`engine.program`), on columns and on a solver's formulas.

A condition has no "not". Its three values are two bits: it surely holds, and it possibly holds.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from whentocall.engine.critical import ranked_conditions
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Condition, Test, questions, tests
from whentocall.protocol.model import Escalation, Rule
from whentocall.protocol.protocol import Protocol


class Bits(typing.Protocol):
    """A yes or no, for as many as it stands for."""

    def __and__(self, other: Any, /) -> Any: ...
    def __or__(self, other: Any, /) -> Any: ...
    def __invert__(self) -> Any: ...


B = TypeVar("B", bound=Bits)


@dataclass(frozen=True, slots=True)
class Cells(Generic[B]):
    """The answers to one question.

    Attributes:
        known: the answer is known.
        reports: it is known, and neither "no" nor 0.
        passed: comparison to whether the answer is known and passes it.
        best, worst: it has not been asked, and the best (worst) that asking could bring is to be supposed.
    """

    known: B | bool
    reports: B | bool
    passed: Mapping[Test, B | bool]
    best: B | bool = False
    worst: B | bool = False


_NO_ANSWER: Cells[Any] = Cells(known=False, reports=False, passed={})


def both(*parts: Any) -> Any:
    """Whether all hold."""
    result: Any = True
    for part in parts:
        if part is False:
            return False
        if part is not True:
            result = part if result is True else result & part
    return result


def either(*parts: Any) -> Any:
    """Whether some hold."""
    result: Any = False
    for part in parts:
        if part is True:
            return True
        if part is not False:
            result = part if result is False else result | part
    return result


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


def holds(condition: Condition, by: Callable[[Test], Any]) -> Any:
    """Whether a condition holds, by the comparisons that do."""
    match condition:
        case Test():
            return by(condition)
        case AllOf(parts):
            return both(*(holds(part, by) for part in parts))
        case AnyOf(parts):
            return either(*(holds(part, by) for part in parts))
        case AtLeast(count, parts):
            return at_least_of(count, (holds(part, by) for part in parts))


class Meaning(Generic[B]):
    """What a protocol says of these answers.

    Not asking is not knowing. Only at `Cells.best` and `worst`, what would still be asked is taken for false
    or true in every comparison: the bounds of what asking on could bring.

    Attributes:
        applies: for each follow-up whether it surely and whether it possibly applies, without any doubt.
        contradictory: for each follow-up whether it is answered although it does not apply.
        unread: for each question whether what its answer does not pass is open all the same: the answer is
            not known, does not reassure, or is in doubt.
        sure, possible: of every rule, whether it holds, and whether it might.
        escalated, could_escalate: likewise of every escalation.
        at_least, could_be, level: for each rank above the lowest, whether it is reached by what holds, by
            what might, and by what is shown.
    """

    def __init__(
        self,
        protocol: Protocol,
        cells: Mapping[str, Cells[B]],
        keep: Callable[[B], B | bool] = lambda bits: bits,
    ) -> None:
        """`keep` gets what is used several times, and may give back something cheaper that is the same."""
        self.protocol = protocol
        self.cells = {name: cells.get(name, _NO_ANSWER) for name in protocol.questions}
        self._keep = keep
        self._tests = compared(protocol)
        self._passes: dict[Test, Any] = {}
        self._might: dict[Test, Any] = {}
        self._opened: dict[Test, dict[str, Any]] = {}
        self.applies: dict[str, tuple[Any, Any]] = {}
        self.contradictory: dict[str, Any] = {}
        self.unread: dict[str, Any] = {}
        self._hidden: dict[str, Any] = {}
        self._missing: dict[str, Any] = {}
        self._read()
        self._combine()

    def keep(self, bits: Any) -> Any:
        """The same, perhaps cheaper to use again."""
        return bits if isinstance(bits, bool) else self._keep(bits)

    def passes(self, test: Test) -> Any:
        """Whether a comparison surely holds."""
        return self._passes.get(test, False)

    def might(self, test: Test) -> Any:
        """Whether a comparison holds, or might if more were known."""
        return self._might[test]

    # from answers to comparisons

    def _read(self) -> None:
        """What holds and what might; then once more, doubting the answers that a follow-up contradicts.

        What helps a rule speaks against a contradiction: at worst, those count that there are at best.
        """
        order = openers_first(self.protocol)
        supposed = self._suppose(order)
        doubted: dict[str, Any] = {}
        for name in order:
            _, at_worst = supposed[name]
            self._read_question(name, at_worst, doubted=False)
            self._note_contradiction(name, doubted)
        changed: set[str] = set()
        for name in order:
            at_best, at_worst = supposed[name]
            question = self.protocol.questions[name]
            reads = {*questions(question.only_if), *questions(question.not_reassuring_if)}
            if name in doubted or at_best is not at_worst or reads & changed:
                changed.add(name)
                self._read_question(name, at_best, doubted=doubted.get(name, False))

    def _suppose(self, order: Iterable[str]) -> Mapping[str, tuple[Any, Any]]:
        """For each question whether it will still be asked at best, and at worst.

        That is if it applies should everything before it come true. At worst, its answer passes everything.
        """
        supposed: dict[str, tuple[Any, Any]] = {}
        passed: dict[Test, Any] = {}
        for name in order:
            only_if, cells = self.protocol.questions[name].only_if, self.cells[name]
            applies = True if only_if is None else holds(only_if, passed.__getitem__)
            at_best, at_worst = both(cells.best, applies), self.keep(both(cells.worst, applies))
            supposed[name] = at_best, at_worst
            for test in self._tests[name]:
                passes = cells.passed.get(test, False)
                self._passes[test] = self.keep(either(passes, at_worst))
                passed[test] = either(self._passes[test], at_best)
        return supposed

    def _read_question(self, name: str, refused: Any, doubted: Any) -> None:
        """Whether what its answer does not pass is open, from what is with those that open or mask it.

        `refused`: it will be asked, and is supposed to pass nothing.
        """
        question, cells = self.protocol.questions[name], self.cells[name]
        mask, only_if = question.not_reassuring_if, question.only_if
        masked = holds(mask, self.might) if mask is not None else False
        applies = holds(only_if, self.might) if only_if is not None else True
        self._hidden[name] = both(cells.known, either(doubted, masked))
        self._missing[name] = self.keep(both(opposite(either(cells.known, refused)), applies))
        self.unread[name] = self.keep(either(self._hidden[name], self._missing[name]))
        for test in self._tests[name]:
            self._might[test] = self.keep(either(cells.passed.get(test, False), self.unread[name]))

    def _note_contradiction(self, name: str, doubted: dict[str, Any]) -> None:
        """Whether it is answered although it does not apply; its openers are then in doubt.

        So a contradiction can only raise: five loose poos beside a "no" to diarrhoea.
        """
        only_if, cells = self.protocol.questions[name].only_if, self.cells[name]
        if only_if is None:
            return
        applies = self.keep(holds(only_if, self.might))
        self.applies[name] = holds(only_if, self.passes), applies
        self.contradictory[name] = both(cells.known, opposite(applies))
        speaks_against = self.keep(both(cells.reports, opposite(applies)))
        for opener in questions(only_if) if speaks_against is not False else ():
            doubted[opener] = either(doubted.get(opener, False), speaks_against)

    # from comparisons to levels

    def _combine(self) -> None:
        protocol = self.protocol
        self.sure = [self.keep(holds(rule.when, self.passes)) for rule in protocol.rules]
        self.possible = [self.keep(holds(rule.when, self.might)) for rule in protocol.rules]
        self.escalated = [self._escalation(name, self.sure, self.passes) for name in protocol.escalations]
        self.could_escalate = [
            self._escalation(name, self.possible, self.might) for name in protocol.escalations
        ]
        self.at_least = self._ranks(self.sure, self.escalated)
        self.could_be = self._ranks(self.possible, self.could_escalate)
        # Not knowing raises, at most to `when_unsettled`; it never lowers.
        self.level = [
            either(sure, possible) if rank <= protocol.unsettled_rank else sure
            for rank, (sure, possible) in enumerate(zip(self.at_least, self.could_be, strict=True), 1)
        ]

    def _escalation(self, escalation: Escalation, rules: Sequence[Any], by: Callable[[Test], Any]) -> Any:
        """Whether enough cards have a rule that holds, and the escalation is for this person."""
        cards: dict[str, Any] = {}
        for rule, held in zip(self.protocol.rules, rules, strict=True):
            if rule.rank >= escalation.at_rank:
                cards[rule.card.id] = either(cards.get(rule.card.id, False), held)
        enough = self.keep(at_least_of(escalation.count, cards.values()))
        only_if = escalation.only_if
        return self.keep(both(enough, True if only_if is None else holds(only_if, by)))

    def _ranks(self, rules: Sequence[Any], escalations: Sequence[Any]) -> list[Any]:
        """For each rank above the lowest, whether it is reached."""
        every: list[tuple[Rule | Escalation, Any]] = [
            *zip(self.protocol.rules, rules, strict=True),
            *zip(self.protocol.escalations, escalations, strict=True),
        ]
        reached: list[Any] = [False]
        for rank in range(len(self.protocol.levels) - 1, 0, -1):
            own = (held for raising, held in every if raising.rank == rank)
            reached.append(self.keep(either(reached[-1], self.keep(either(*own)))))
        return reached[:0:-1]

    # what to find out

    def settle(self) -> list[tuple[str, int, Any]]:
        """The questions to find an answer to, each with a rank that it could help to reach, highest first.

        A question stands there for every rank that it could ever reach, and holds for the highest at most.
        """
        pairs: dict[tuple[int, str], Any] = {}
        for condition, unsettled, rank in self._unsettled():
            wanted = both(unsettled, opposite(self.at_least[rank - 1])) if rank else False
            for test in tests(condition) if wanted is not False else ():
                for name, unread in self._to_ask(test).items():
                    pairs[rank, name] = either(pairs.get((rank, name), False), both(wanted, unread))
        order = {name: place for place, name in enumerate(self.protocol.questions)}
        higher: dict[str, Any] = {}
        each = []
        for rank, name in sorted(pairs, key=lambda pair: (-pair[0], order[pair[1]])):
            here = self.keep(pairs[rank, name])
            each.append((name, rank, both(here, opposite(higher.get(name, False)))))
            higher[name] = either(higher.get(name, False), here)
        return [(name, rank, held) for name, rank, held in each if held is not False]

    def _unsettled(self) -> Iterator[tuple[Condition, Any, int]]:
        """The conditions that might hold and do not, with each rank that they could help to reach."""
        escalations = list(zip(self.protocol.escalations, self.could_escalate, strict=True))
        for rule, sure, possible in zip(self.protocol.rules, self.sure, self.possible, strict=True):
            unsettled = self.keep(both(possible, opposite(sure)))
            yield rule.when, unsettled, rule.rank
            for escalation, reached in escalations:
                if rule.rank >= escalation.at_rank and escalation.rank > rule.rank:
                    yield rule.when, both(unsettled, reached), escalation.rank
        for escalation, reached in escalations:
            if (only_if := escalation.only_if) is not None:
                unsettled = both(reached, opposite(holds(only_if, self.passes)))
                yield only_if, unsettled, escalation.rank

    def _to_ask(self, test: Test) -> dict[str, Any]:
        """The questions to ask so that an unsettled comparison is settled."""
        if test not in self._opened:
            asked: dict[str, Any] = {}
            for name, bits in self._asked_for(test):
                asked[name] = either(asked.get(name, False), bits)
            self._opened[test] = {name: self.keep(bits) for name, bits in asked.items() if bits is not False}
        return self._opened[test]

    def _asked_for(self, test: Test) -> Iterator[tuple[str, Any]]:
        name = test.question
        only_if, mask = self.protocol.questions[name].only_if, self.protocol.questions[name].not_reassuring_if
        hidden = self.keep(both(self._hidden[name], opposite(self.passes(test))))
        missing = self._missing[name]
        yield name, hidden
        for masking in tests(mask) if mask is not None and hidden is not False else ():
            for other, unread in self._to_ask(masking).items():
                yield other, both(hidden, unread)
        applies = True if only_if is None else self.keep(holds(only_if, self.passes))
        yield name, both(missing, applies)
        for opener in tests(only_if) if only_if is not None and missing is not False else ():
            for other, unread in self._to_ask(opener).items():
                yield other, both(missing, opposite(applies), unread)


def openers_first(protocol: Protocol) -> list[str]:
    """The questions' ids, each after those that its `only_if` and `not_reassuring_if` read."""
    ordered: dict[str, None] = {}

    def add(name: str) -> None:
        question = protocol.questions[name]
        for other in (*questions(question.only_if), *questions(question.not_reassuring_if)):
            if other not in ordered:
                add(other)
        ordered[name] = None

    for name in protocol.questions:
        if name not in ordered:
            add(name)
    return list(ordered)


def compared(protocol: Protocol) -> dict[str, list[Test]]:
    """Question id to the comparisons that bear on a level, wherever they stand."""
    by_question: dict[str, dict[Test, None]] = {name: {} for name in protocol.questions}
    for condition, _ in ranked_conditions(protocol):
        for test in tests(condition):
            by_question[test.question][test] = None
    return {name: list(own) for name, own in by_question.items()}
