"""Runs the cases of the cards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from whentocall.engine.advice import Advice
from whentocall.engine.advise import advise
from whentocall.engine.answers import check_answers
from whentocall.engine.people import nothing_else
from whentocall.engine.reference import Reading
from whentocall.engine.spelling import Given
from whentocall.errors import AnswersError, Finding
from whentocall.protocol.answer_types import number
from whentocall.protocol.conditions import Value
from whentocall.protocol.model import Card, Case, Question
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.yaml_file import line_of

_NUMBER = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,6})?)(?:\s*(°[CF]))?")
NOT_ASKED = object()


class BadCase(ValueError):
    """A case that cannot be run; the message says why."""


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A case with the answers it stands for and the advice they get."""

    card: Card
    case: Case
    answers: Mapping[str, Given]
    advice: Advice

    def reading(self, protocol: Protocol) -> Reading:
        """The truth of every comparison for the case's person."""
        return Reading(protocol, check_answers(protocol, self.answers).values)


def run_cases(protocol: Protocol) -> Iterator[CaseRun | Finding]:
    """Run every case of a protocol and its layers; one that cannot be run is a finding."""
    for card in protocol.cards:
        for case in card.cases:
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
    wanted_rules = {full_id(run.card, rule) for rule in expect.rules}
    held = {reason.rule for reason in advice.reasons}
    known_rules = {rule.id for rule in protocol.rules} | {line.id for line in protocol.escalations}
    for rule in sorted(wanted_rules - held):
        known = rule in known_rules
        yield f"'{rule}' does not fire" if known else f"there is no rule '{rule}'"
    for rule in sorted(held - wanted_rules):
        yield f"'{rule}' fires too"
    reached = {reason.rule: reason.level for reason in advice.reasons}
    for rule, level in expect.levels_of.items():
        if (got := reached.get(full_id(run.card, rule))) != level:
            yield f"'{rule}' is at '{got}', expected '{level}'"
    for question in sorted(set(expect.settle) - {line.question for line in advice.settle}):
        yield f"'{question}' is not among the questions that would settle it"
    for question in sorted(set(expect.contradictions) ^ {line.question for line in advice.contradictions}):
        yield f"'{question}': contradictions differ from those expected"
    first = advice.watch_for[0].rule if advice.watch_for else None
    if expect.watch_first is not None and first != full_id(run.card, expect.watch_first):
        yield f"the first thing to watch for belongs to '{first}'"


def full_id(card: Card, rule: str) -> str:
    """`rule`, `card/rule` or `protocol/card/rule` in full, seen from a card."""
    match rule.count("/"):
        case 0:
            return f"{card.id}/{rule}"
        case 1:
            return f"{card.protocol}/{rule}"
    return rule


def case_answers(protocol: Protocol, case: Case) -> dict[str, Given]:
    """The answers that a case stands for.

    With `given`, every other question is answered: "no", or its `usual` value. With `given_only`,
    nothing else is asked.

    Raises:
        BadCase: a value is not understood, or a number without `usual` is needed and not given.
    """
    given = {name: parse_given(protocol.questions[name], raw) for name, raw in written(case).items()}
    answers: dict[str, Given] = {name: value for name, value in given.items() if value is not NOT_ASKED}  # type: ignore[misc]
    if case.given_only is not None:
        return answers
    context = [question.id for question in protocol.questions.values() if question.context]
    values = check_answers(protocol, answers).values
    whole = nothing_else(protocol, values, nothing_to_report, left_out={*given, *context})
    return {**whole, **answers}


def written(case: Case) -> Mapping[str, object]:
    """The answers as written in the card."""
    return case.given if case.given is not None else case.given_only or {}


def nothing_to_report(question: Question) -> Value:
    """The answer of somebody with nothing to report.

    Raises:
        BadCase: the question has none, because only a "yes" leads to it.
    """
    if question.usual is not None:
        usual: Value = parse_given(question, question.usual)  # type: ignore[assignment]
        return usual
    if question.answer.kind == "yes-no":
        return False
    raise BadCase(f"'{question.id}' needs an answer: it applies here and has no usual value")


def parse_given(question: Question, raw: object) -> object:
    """A value as a case writes it, in JSON form."""
    text = str(raw)
    if text == "don't know":
        return None
    if text == "not asked":
        return NOT_ASKED
    if question.answer.kind == "yes-no" and text in ("yes", "no"):
        return text == "yes"
    if question.answer.kind == "one-of" and text in question.options:
        return text
    parts = _NUMBER.fullmatch(text)
    if not parts or not question.answer.is_number or line_of(raw, -1) == 0:
        wanted = "'yes', 'no'" if question.answer.kind == "yes-no" else str(question.answer)
        raise BadCase(f"'{text}' for '{question.id}' should be {wanted}, \"don't know\" or 'not asked'")
    value = number(parts[1])
    return value if parts[2] is None else {"value": value, "unit": parts[2]}
