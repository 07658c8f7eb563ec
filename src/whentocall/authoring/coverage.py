"""What the cases show: both sides of every limit; for each rule who has it, and who just misses it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from whentocall.authoring.cases import CaseRun
from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading, read
from whentocall.errors import Finding
from whentocall.protocol.conditions import Condition, Op, Test, Truth, tests
from whentocall.protocol.loading import HEAD
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import PlacedRule, Protocol


def coverage_findings(protocol: Protocol, runs: Sequence[CaseRun]) -> Iterator[Finding]:
    """What no case shows."""
    readings = [read(protocol, check_answers(protocol, run.answers).values) for run in runs]
    held = {reason.rule for run in runs for reason in run.advice.reasons}
    for rule in protocol.rules:
        if rule.id not in held:
            message = f"no case shows the rule '{rule.rule.id}' holding"
            yield _finding(rule, message, "no-case", "add a case of somebody whom it holds for")
        if not any(_just_misses(rule, reading) for reading in readings):
            message = f"no case shows somebody who just misses the rule '{rule.rule.id}'"
            yield _finding(rule, message, "no-near-miss", "add a case that lacks one of its conditions only")
        yield from _untested_limits(protocol, rule, readings)
    for escalation in protocol.escalations:
        if escalation.id not in held:
            message = f"no case shows the escalation '{escalation.line.name}'"
            suggestion = "add a case of somebody whom it is for, and one who just misses it"
            file = str(protocol.folder / HEAD)
            line = escalation.line
            yield Finding(file, line.line, message, "no-case", line.name, "", suggestion)
    yield from _dead_options(protocol)


def _just_misses(rule: PlacedRule, reading: Reading) -> bool:
    """The rule does not hold, and for one of its smallest terms a single comparison is false."""
    if reading.condition(rule.rule.when) is not Truth.FALSE:
        return False
    return any(
        sum(reading.test(test) is Truth.FALSE for test in term) == 1
        and all(reading.test(test) is not Truth.UNSETTLED for test in term)
        for term in rule.terms
    )


def _untested_limits(protocol: Protocol, rule: PlacedRule, readings: Sequence[Reading]) -> Iterator[Finding]:
    for test in dict.fromkeys(tests(rule.rule.when)):
        question = protocol.questions[test.question]
        if not question.answer.is_number:
            continue
        seen = {reading.values.get(test.question) for reading in readings}
        for value in sides(question, test):
            if value not in seen:
                shown = f"{value:g} {question.answer.unit}".strip()
                message = (
                    f"no case stands at {shown} for '{test.question}', right at a limit of '{rule.rule.id}'"
                )
                yield _finding(rule, message, "limit-without-case", f"add a case with {shown}")


def sides(question: Question, test: Test) -> tuple[float, ...]:
    """The values on the two sides of a limit (three for `exactly`), at the question's resolution."""
    assert not isinstance(test.value, str)
    step, limit = Fraction(str(question.answer.step)), Fraction(str(test.value))
    beside = {
        Op.ABOVE: (limit, limit + step),
        Op.AT_LEAST: (limit - step, limit),
        Op.BELOW: (limit - step, limit),
        Op.AT_MOST: (limit, limit + step),
        Op.IS: (limit - step, limit, limit + step),
    }[test.op]
    return tuple(float(one) for one in beside if question.answer.low <= one <= question.answer.high)


def all_conditions(protocol: Protocol) -> Iterator[Condition]:
    """Every condition that bears on advice or on what is asked."""
    for rule in protocol.rules:
        yield rule.rule.when
    for question in protocol.questions.values():
        yield from (one for one in (question.only_if, question.not_reassuring_if) if one is not None)
    for card in protocol.cards:
        for line in card.card.self_care:
            yield from (one for one in (line.when, line.unless) if one is not None)
    yield from (one.line.only_if for one in protocol.escalations if one.line.only_if is not None)


def _dead_options(protocol: Protocol) -> Iterator[Finding]:
    """Choices that no condition can tell apart. One that none reads is the rest; two are one too many."""
    read_ = {
        (test.question, test.value) for condition in all_conditions(protocol) for test in tests(condition)
    }
    for card in protocol.cards:
        for question in card.card.ask.values():
            unread = [one for one in question.options if (question.id, one) not in read_]
            if len(unread) > 1 and not question.context:
                message = f"no rule tells these choices of '{question.id}' apart: {', '.join(unread)}"
                suggestion = "join them, use them in a rule, or mark the question 'context: yes'"
                yield Finding(card.file, question.line, message, "dead-option", question.id, "", suggestion)


def _finding(rule: PlacedRule, message: str, code: str, suggestion: str) -> Finding:
    return Finding(rule.card.file, rule.rule.line, message, code, rule.rule.id, "", suggestion)
