"""What no case tests: a side of a limit, a rule that never fires, a rule that nobody just misses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from whentocall.authoring.cases import CaseRun
from whentocall.authoring.findings import about_question, about_rule, asked_in, with_unit
from whentocall.engine.critical import all_conditions, sides
from whentocall.engine.reference import Reading
from whentocall.errors import Finding
from whentocall.protocol.conditions import Truth, tests
from whentocall.protocol.folders import HEAD
from whentocall.protocol.model import Rule
from whentocall.protocol.protocol import Protocol


def coverage_findings(protocol: Protocol, runs: Sequence[CaseRun]) -> Iterator[Finding]:
    """What the cases leave out."""
    readings = [run.reading(protocol) for run in runs]
    held = {reason.rule for run in runs for reason in run.advice.reasons}
    for rule in protocol.rules:
        if rule.id not in held:
            message = f"no case makes the rule '{rule.name}' fire"
            yield about_rule(rule, message, "no-case", "add a case that just meets its conditions")
        if not any(_just_misses(rule, reading) for reading in readings):
            message = f"no case just misses the rule '{rule.name}'"
            suggestion = "add a case that meets all of its conditions but one"
            yield about_rule(rule, message, "no-near-miss", suggestion)
        yield from _untested_limits(protocol, rule, readings)
    for escalation in protocol.escalations:
        if escalation.id not in held:
            message = f"no case makes the escalation '{escalation.name}' happen"
            suggestion = "add a case that just meets it, and one that just misses it"
            file = str(protocol.folder / HEAD)
            yield Finding(file, escalation.line, message, "no-case", escalation.name, "", suggestion)
    yield from _dead_options(protocol)


def _just_misses(rule: Rule, reading: Reading) -> bool:
    """The rule does not fire, and a single comparison of one of its smallest terms is false."""
    if reading.condition(rule.when) is not Truth.FALSE:
        return False
    return any(
        sum(reading.test(test) is Truth.FALSE for test in term) == 1
        and all(reading.test(test) is not Truth.UNSETTLED for test in term)
        for term in rule.terms
    )


def _untested_limits(protocol: Protocol, rule: Rule, readings: Sequence[Reading]) -> Iterator[Finding]:
    for test in dict.fromkeys(tests(rule.when)):
        question = protocol.questions[test.question]
        if not question.answer.is_number:
            continue
        seen = {reading.values.get(test.question) for reading in readings}
        for value in sides(question, test):
            if value not in seen:
                shown = with_unit(question, f"{value:g}")
                message = f"no case has {shown} for '{test.question}', right at a limit of '{rule.name}'"
                yield about_rule(rule, message, "limit-without-case", f"add a case with {shown}")


def _dead_options(protocol: Protocol) -> Iterator[Finding]:
    """Choices that no condition tells apart. One unread choice means "anything else"; two are a fault."""
    compared = {
        (test.question, test.value) for condition in all_conditions(protocol) for test in tests(condition)
    }
    for card, question in asked_in(protocol):
        unread = [option for option in question.options if (question.id, option) not in compared]
        if len(unread) > 1 and not question.context:
            message = f"no rule tells these choices of '{question.id}' apart: {', '.join(unread)}"
            suggestion = "merge them, use them in a rule, or mark the question 'context: yes'"
            yield about_question(card, question, message, "dead-option", suggestion)
