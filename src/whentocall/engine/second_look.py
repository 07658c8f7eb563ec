"""The rules worked out a second time, to check the first.

Nothing of `meaning.py` or its program is used here. Every comparison, question and rule has its own
three-valued truth, by Kleene's strong logic and plain recursion, so that a mistake in one of the two shows as
a difference. durable-rules, the third, knows only which rules are true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import NamedTuple

from whentocall.engine.combine import Verdict, combine
from whentocall.protocol.conditions import (
    COMPARISONS,
    FALSE,
    TRUE,
    UNSETTLED,
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Test,
    Truth,
    Value,
    questions,
)
from whentocall.protocol.protocol import Protocol

Values = Mapping[str, Value | None]


class Second(NamedTuple):
    """What a second look at the answers gives.

    Attributes:
        truths: of every rule, in the protocol's order.
        verdict: the levels, and the escalations that are true.
        contradictory: the questions that were answered although they do not apply.
        open: whether a question that was looked at has not been asked, and applies or might.
    """

    truths: list[Truth]
    verdict: Verdict
    contradictory: frozenset[str]
    open: bool


def second_look(protocol: Protocol, values: Values) -> Second:
    """Everything about these checked answers that the level rests on."""
    return _second(protocol, values, None)


def surely_finished(protocol: Protocol, values: Values, look: Second | None = None) -> bool:
    """Whether nothing that could still be asked would change the level. `look`: if it is known already."""
    look = look or second_look(protocol, values)
    if not look.open or look.verdict.at_least == protocol.once(_plan).highest:
        return True
    at_worst = _second(protocol, values, TRUE).verdict.shown
    # At best, what is true already stays true.
    return at_worst == look.verdict.at_least or at_worst == _second(protocol, values, FALSE).verdict.shown


_OPPOSITE = {None: None, FALSE: TRUE, TRUE: FALSE}


def _second(protocol: Protocol, values: Values, unasked: Truth | None) -> Second:
    """`unasked`: what every comparison is worth that asking could still settle; None: nobody will ask."""
    plan = protocol.once(_plan)
    contrary: list[str] = []
    if answered := [name for name in plan.applies if values.get(name) is not None]:
        # What makes a contradiction of an answer is the opposite of what helps a rule.
        without_doubt = _Look(plan, values, _OPPOSITE[unasked])
        contrary = [name for name in answered if not without_doubt.applies(name)]
    doubted = frozenset(opener for name in contrary if values[name] for opener in plan.openers[name])
    look = _Look(plan, values, unasked, doubted)
    truths = [worth(look) for worth in plan.rules]
    verdict = combine(protocol, truths, lambda condition: plan.allowed[condition](look))
    return Second(truths, verdict, frozenset(contrary), look.open)


class _Look(dict[str, Truth]):
    """Question id to the truth of "yes", or of any comparison that a number or choice does not pass.

    What depends on other answers is worked out when it is needed.

    `doubted`: questions whose answer another one contradicts. `open`: as in `Second`.
    """

    __slots__ = ("_doubted", "_plan", "_unasked", "_worst", "answers", "open")

    def __init__(
        self, plan: _Plan, values: Values, unasked: Truth | None, doubted: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(plan.always if unasked is None else dict.fromkeys(plan.always, unasked))
        for name, value in values.items():
            if value is True and name in self:
                self[name] = TRUE
            elif name in self:
                self[name] = UNSETTLED if value is None or name in doubted else FALSE
        self.answers = values
        self.open = not values.keys() >= plan.always.keys()
        self._plan = plan
        self._unasked = unasked
        self._doubted = doubted
        self._worst = _Look(plan, values, TRUE) if unasked is FALSE else self

    def __missing__(self, name: str) -> Truth:
        truth = self[name] = TRUE if self.answers.get(name) is True else self.rest(name)
        return truth

    def rest(self, name: str) -> Truth:
        """The truth of a comparison that the answer does not pass."""
        if self.answers.get(name) is not None:
            hides = self._plan.hides.get(name)
            return UNSETTLED if name in self._doubted or (hides and hides(self)) else FALSE
        applies = self.applies(name)
        if not applies or name in self.answers:
            return UNSETTLED if applies else FALSE
        self.open = True
        if self._unasked is not None and self._worst.applies(name) is TRUE:
            return self._unasked
        return UNSETTLED

    def applies(self, name: str) -> Truth:
        """Whether a question applies."""
        only_if = self._plan.applies.get(name)
        return only_if(self) if only_if else TRUE


Worth = Callable[[_Look], Truth]
"""A condition as a function: from the truth of comparisons to its own."""


class _Plan(NamedTuple):
    """What is asked and read, made once for a protocol.

    Attributes:
        rules: the worth of every rule, in the protocol's order.
        always: the questions that always apply and whose answer nothing hides; not known, they are unsettled.
        applies, openers: of each follow-up, the worth of its `only_if` and the questions that this reads.
        hides: the worth of each `not_reassuring_if`.
        allowed: the worth of each escalation's `only_if`.
        highest: the highest rank that anybody can reach.
    """

    rules: tuple[Worth, ...]
    always: Mapping[str, Truth]
    applies: Mapping[str, Worth]
    openers: Mapping[str, tuple[str, ...]]
    hides: Mapping[str, Worth]
    allowed: Mapping[Condition, Worth]
    highest: int


def _plan(protocol: Protocol) -> _Plan:
    ask = protocol.questions.values()
    ranks = [rule.rank for rule in protocol.rules] + [line.rank for line in protocol.escalations]
    return _Plan(
        rules=tuple(_worth(rule.when) for rule in protocol.rules),
        always={name.id: UNSETTLED for name in ask if not name.only_if and not name.not_reassuring_if},
        applies={question.id: _worth(question.only_if) for question in ask if question.only_if},
        openers={question.id: questions(question.only_if) for question in ask},
        hides={
            question.id: _worth(question.not_reassuring_if) for question in ask if question.not_reassuring_if
        },
        allowed={line.only_if: _worth(line.only_if) for line in protocol.escalations if line.only_if},
        highest=max(ranks, default=0),
    )


def _worth(condition: Condition) -> Worth:
    if isinstance(condition, Test):
        return _compared(condition)
    parts = [_worth(part) for part in condition.parts]
    match condition:
        case AllOf():
            return lambda look: min([part(look) for part in parts])
        case AnyOf():
            return lambda look: max([part(look) for part in parts])
        case AtLeast(count):
            return lambda look: sorted([part(look) for part in parts])[-count]


def _compared(test: Test) -> Worth:
    question, compare, constant = test.question, COMPARISONS[test.op], test.value
    if constant is True:
        return itemgetter(question)

    def worth(look: _Look) -> Truth:
        value = look.answers.get(question)
        if value is not None and compare(value, constant):
            return TRUE
        return look.rest(question) if value is True else look[question]

    return worth
