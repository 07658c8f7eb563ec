"""The cases of the cards with their results: for each rule one person who gets it and one who just misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whentocall.authoring.cases import CaseRun, differences, run_cases, written
from whentocall.engine.reference import Reading
from whentocall.protocol.conditions import Term, Test, Truth
from whentocall.protocol.model import Card, Case, Rule
from whentocall.protocol.protocol import Protocol


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case, and what came of it.

    Attributes:
        card, case: the case and its card.
        level: the level that its person is shown; empty if the case could not be run.
        wrong: how that differs from what the case expects, or why it could not be run.
        rules: the ids of the rules that hold.
        reading: the truth of every comparison; None if the case could not be run.
    """

    card: Card
    case: Case
    level: str
    wrong: tuple[str, ...]
    rules: frozenset[str] = frozenset()
    reading: Reading | None = None

    @property
    def passed(self) -> bool:
        """Whether the advice is the one that the case asks for."""
        return not self.wrong


def case_results(protocol: Protocol) -> tuple[CaseResult, ...]:
    """Every case of a protocol and its layers, in the order of the cards."""
    cases = [(card, case) for card in protocol.cards for case in card.cases]
    return tuple(
        CaseResult(
            card,
            case,
            run.advice.level,
            tuple(differences(protocol, run)),
            frozenset(reason.rule for reason in run.advice.reasons),
            run.reading(protocol),
        )
        if isinstance(run, CaseRun)
        else CaseResult(card, case, "", (run.message,))
        for (card, case), run in zip(cases, run_cases(protocol), strict=True)
    )


def who_gets(rule: Rule, results: Sequence[CaseResult]) -> CaseResult | None:
    """The first case whose person has the rule, one of the rule's own card if there is any."""
    having = [result for result in results if rule.id in result.rules]
    own = [result for result in having if result.card.id == rule.card.id]
    return next(iter(own or having), None)


def who_just_misses(protocol: Protocol, rule: Rule, results: Sequence[CaseResult]) -> CaseResult | None:
    """The case whose person comes nearest to the rule without having it."""
    near = [
        ((*distance, protocol.ranks[result.level], len(written(result.case))), result)
        for result in results
        if (distance := _distance(rule, result)) is not None
    ]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _distance(rule: Rule, result: CaseResult) -> tuple[float, ...] | None:
    """How far a person is from a rule; None if they have it, or if that is not known.

    First how many comparisons are missing, then whether one of them was never asked, then whether the case
    is in another card, then by how much a number misses its limit. (Of people who come equally near, the
    one with least to report is shown.)
    """
    reading = result.reading
    if reading is None or reading.condition(rule.when) is not Truth.FALSE:
        return None
    elsewhere = float(result.card.id != rule.card.id)
    distances = []
    for term in rule.terms:
        missing = _missing(reading, term)
        if missing is not None:
            never = any(reading.values.get(test.question) is None for test in missing)
            gap = sum(_gap(reading, test) for test in missing)
            distances.append((float(len(missing)), float(never), elsewhere, gap))
    return min(distances, default=None)


def _missing(reading: Reading, term: Term) -> list[Test] | None:
    truths = {test: reading.test(test) for test in term}
    if Truth.UNSETTLED in truths.values():
        return None
    return [test for test, truth in truths.items() if truth is Truth.FALSE]


def _gap(reading: Reading, test: Test) -> float:
    """By how much a number misses its limit; 0 for an answer that is not a number."""
    value = reading.values.get(test.question)
    if value is None or isinstance(value, bool | str) or isinstance(test.value, bool | str):
        return 0.0
    return abs(value - test.value)
