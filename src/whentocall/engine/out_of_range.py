"""Numbers beyond the plausible range of a question: refused, but never met with silence.

46 °C cannot be right. It is refused and asked again; and since a rule calls that side of the range urgent,
whoever typed it is told what the advice would be if it were true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from whentocall.protocol.conditions import Value, tests
from whentocall.protocol.model import Level, Question
from whentocall.protocol.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Beyond:
    """The levels that rules give to a number below and above its range; None where no rule does."""

    below: Level | None = None
    above: Level | None = None


def beyond(protocol: Protocol) -> Mapping[str, Beyond]:
    """For each question with a number, what lies beyond its range."""
    return {
        question.id: Beyond(
            _level(protocol, question, question.answer.low - question.answer.step),
            _level(protocol, question, question.answer.high + question.answer.step),
        )
        for question in protocol.questions.values()
        if question.answer.is_number
    }


def _level(protocol: Protocol, question: Question, value: Value) -> Level | None:
    """The highest level of a rule that such a number bears on; together with other answers is enough."""
    rank = max(
        (
            rule.rank
            for rule in protocol.rules
            for test in tests(rule.when)
            if test.question == question.id and test.holds(value)
        ),
        default=0,
    )
    return protocol.levels[rank] if rank else None
