"""One person who gets a rule and one who just misses it, out of the cases that the cards have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from whentocall.authoring.cases import CaseRun, differences, full_id, run_cases
from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading, read
from whentocall.errors import Finding
from whentocall.protocol.conditions import Term, Test, Truth
from whentocall.protocol.model import Case
from whentocall.protocol.protocol import PlacedRule, Protocol
from whentocall.review_pack.parts import CaseRow, Example


@dataclass(frozen=True, slots=True)
class Ran:
    """A case that was run, with the truth of every comparison for its person."""

    run: CaseRun
    reading: Reading


def ran_cases(protocol: Protocol) -> tuple[list[Ran], list[Finding]]:
    """Every case of a protocol and its layers, and the findings about those that cannot be run."""
    runs = list(run_cases(protocol))
    ran = [
        Ran(run, read(protocol, check_answers(protocol, run.answers).values))
        for run in runs
        if isinstance(run, CaseRun)
    ]
    return ran, [run for run in runs if isinstance(run, Finding)]


def case_rows(
    protocol: Protocol, card: str, ran: Sequence[Ran], not_run: Sequence[Finding]
) -> Iterator[CaseRow]:
    """The cases of a card, with their results."""
    done = {id(one.run.case): one.run for one in ran}
    placed = next(one for one in protocol.cards if one.id == card)
    for case in placed.card.cases:
        run = done.get(id(case))
        refused = [one.message for one in not_run if (one.file, one.line) == (placed.file, case.line)]
        yield CaseRow(
            name=case.name,
            given=given_words(protocol, case),
            expected=case.expect.level,
            rules=tuple(full_id(placed, one) for one in case.expect.rules),
            got=run.advice.level if run else "",
            wrong=tuple(differences(protocol, run)) if run else tuple(refused or ["could not be run"]),
        )


def given_words(protocol: Protocol, case: Case) -> str:
    """What a case says about its person, as written in the card."""
    said = []
    for one, raw in _written(case).items():
        question = protocol.questions[one]
        option = question.options.get(str(raw))
        number = str(raw).replace(".", "").isdigit()
        unit = f" {question.answer.unit}" if number and question.answer.unit else ""
        said.append(f"{question.short.you}: {option.you if option else str(raw)}{unit}")
    listed = "; ".join(said)
    if case.given is None:
        return f"Only this is asked: {listed}" if listed else "Nothing is asked"
    return listed or "Nothing to report"


def _written(case: Case) -> Mapping[str, object]:
    return case.given if case.given is not None else case.given_only or {}


def who_gets(protocol: Protocol, placed: PlacedRule, ran: Sequence[Ran]) -> Example | None:
    """The first case whose person has the rule, one of the rule's own card if there is any."""
    having = [one for one in ran if placed.id in {reason.rule for reason in one.run.advice.reasons}]
    own = [one for one in having if one.run.card.id == placed.card.id]
    return _example(protocol, (own or having)[0]) if having else None


def who_just_misses(protocol: Protocol, placed: PlacedRule, ran: Sequence[Ran]) -> Example | None:
    """The case whose person comes nearest to the rule without having it."""
    near = [
        ((*found, protocol.ranks[one.run.advice.level], len(_written(one.run.case))), one)
        for one in ran
        if (found := _nearness(placed, one)) is not None
    ]
    return _example(protocol, min(near, key=lambda pair: pair[0])[1]) if near else None


def _nearness(placed: PlacedRule, ran: Ran) -> tuple[float, ...] | None:
    """How far a person is from a rule; None where they have it, or where that is not known.

    First how many comparisons are missing, then whether one of them was never asked, then whether the
    case stands in another card, then by how much a number misses its limit. (Of people who come equally
    near, the one with least to report is shown.)
    """
    reading = ran.reading
    if reading.condition(placed.rule.when) is not Truth.FALSE:
        return None
    elsewhere = float(ran.run.card.id != placed.card.id)
    found = []
    for term in placed.terms:
        missing = _missing(reading, term)
        if missing is not None:
            never = any(reading.values.get(test.question) is None for test in missing)
            gap = sum(_gap(reading, test) for test in missing)
            found.append((float(len(missing)), float(never), elsewhere, gap))
    return min(found, default=None)


def _missing(reading: Reading, term: Term) -> list[Test] | None:
    truths = {test: reading.test(test) for test in term}
    if Truth.UNSETTLED in truths.values():
        return None
    return [test for test, held in truths.items() if held is Truth.FALSE]


def _gap(reading: Reading, test: Test) -> float:
    """By how much a number misses its limit; 0 for an answer that is no number."""
    value = reading.values.get(test.question)
    if value is None or isinstance(value, bool | str) or isinstance(test.value, bool | str):
        return 0.0
    return abs(value - test.value)


def _example(protocol: Protocol, ran: Ran) -> Example:
    case = ran.run.case
    return Example(case.name, given_words(protocol, case), ran.run.advice.level)
