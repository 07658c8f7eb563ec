"""The cases that stand in the cards, run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from whentocall.engine.advice import Advice
from whentocall.engine.advise import advise
from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading
from whentocall.engine.spelling import Given
from whentocall.errors import AnswersError, Finding
from whentocall.protocol.conditions import Truth
from whentocall.protocol.model import Case, Question
from whentocall.protocol.phrases import number
from whentocall.protocol.protocol import PlacedCard, Protocol
from whentocall.protocol.yaml_file import line_of

_NUMBER = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,6})?)(?:\s*(°[CF]))?")
_NOT_ASKED = object()


class BadCase(ValueError):
    """A case that cannot be run; the message says why."""


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A case with the answers it stands for and the advice they get."""

    card: PlacedCard
    case: Case
    answers: Mapping[str, Given]
    advice: Advice


def run_cases(protocol: Protocol) -> Iterator[CaseRun | Finding]:
    """Run every case of a protocol and its layers; one that cannot be run is a finding."""
    for card in protocol.cards:
        for case in card.card.cases:
            try:
                answers = case_answers(protocol, case)
                yield CaseRun(card, case, answers, advise(protocol, answers))
            except (BadCase, AnswersError) as error:
                yield Finding(card.file, case.line, f"case '{case.name}': {error}", "bad-case")


def differences(protocol: Protocol, run: CaseRun) -> Iterator[str]:
    """How the advice differs from what the case expects."""
    expect, advice = run.case.expect, run.advice
    levels = {"level": expect.level, "at_least": expect.at_least, "could_be": expect.could_be}
    for name, wanted in levels.items():
        got = getattr(advice, name)
        if wanted is not None and got != wanted:
            yield f"{name} is '{got}', expected '{wanted}'"
    wanted_rules = {full_id(run.card, one) for one in expect.rules}
    held = {reason.rule for reason in advice.reasons}
    for rule in sorted(wanted_rules - held):
        known = any(rule in (one.id for one in group) for group in (protocol.rules, protocol.escalations))
        yield f"'{rule}' does not hold" if known else f"there is no rule '{rule}'"
    for rule in sorted(held - wanted_rules):
        yield f"'{rule}' holds too"
    reached = {reason.rule: reason.level for reason in advice.reasons}
    for rule, level in expect.levels_of.items():
        if (got := reached.get(full_id(run.card, rule))) != level:
            yield f"'{rule}' is at '{got}', expected '{level}'"
    for one in sorted(set(expect.settle) - {settle.question for settle in advice.settle}):
        yield f"'{one}' is not among what would settle it"
    for one in sorted(set(expect.contradictions) ^ {found.question for found in advice.contradictions}):
        yield f"'{one}': contradictions are not those expected"
    first = advice.watch_for[0].rule if advice.watch_for else None
    if expect.watch_first is not None and first != full_id(run.card, expect.watch_first):
        yield f"the first thing to watch for is of '{first}'"


def full_id(card: PlacedCard, rule: str) -> str:
    """`rule`, `card/rule` or `protocol/card/rule` in full, seen from a card."""
    match rule.count("/"):
        case 0:
            return f"{card.id}/{rule}"
        case 1:
            return f"{card.protocol}/{rule}"
    return rule


def case_answers(protocol: Protocol, case: Case) -> dict[str, Given]:
    """The answers that a case stands for.

    With `given`, everybody else's question is answered: "no", or its `usual` value. With `given_only`,
    nothing else is asked.

    Raises:
        BadCase: a value is not understood, or a number without `usual` is needed and not given.
    """
    written = case.given if case.given is not None else case.given_only or {}
    said = {one: parse_given(protocol.questions[one], raw) for one, raw in written.items()}
    answers = {one: value for one, value in said.items() if value is not _NOT_ASKED}
    if case.given_only is not None:
        return answers  # type: ignore[return-value]
    return _with_nothing_else(protocol, said, answers)  # type: ignore[arg-type]


def _with_nothing_else(
    protocol: Protocol, said: Mapping[str, object], answers: dict[str, Given]
) -> dict[str, Given]:
    waiting = [one for one in protocol.questions.values() if one.id not in said and not one.context]
    while waiting:
        reading = Reading(protocol, check_answers(protocol, answers).values)
        now = [one for one in waiting if reading.applies(one.id) is Truth.TRUE]
        if not now:
            return answers
        answers.update({one.id: nothing_to_report(one) for one in now})
        waiting = [one for one in waiting if one not in now]
    return answers


def nothing_to_report(question: Question) -> Given:
    """The answer of somebody with nothing to report.

    Raises:
        BadCase: the question has none, because only a "yes" leads to it.
    """
    if question.usual is not None:
        given = parse_given(question, question.usual)
        assert given is not _NOT_ASKED
        return given  # type: ignore[return-value]
    if question.answer.kind == "yes-no":
        return False
    raise BadCase(f"give '{question.id}': it applies here and has no usual value")


def parse_given(question: Question, raw: object) -> object:
    """A value as a case writes it, in JSON form."""
    text = str(raw)
    if text == "don't know":
        return None
    if text == "not asked":
        return _NOT_ASKED
    if question.answer.kind == "yes-no" and text in ("yes", "no"):
        return text == "yes"
    if question.answer.kind == "one-of" and text in question.options:
        return text
    found = _NUMBER.fullmatch(text)
    if not found or not question.answer.is_number or line_of(raw, -1) == 0:
        wanted = "'yes', 'no'" if question.answer.kind == "yes-no" else str(question.answer)
        raise BadCase(f"'{text}' for '{question.id}' should be {wanted}, \"don't know\" or 'not asked'")
    value = number(found[1])
    return value if found[2] is None else {"value": value, "unit": found[2]}
