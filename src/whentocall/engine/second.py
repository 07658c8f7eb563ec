"""The rules worked out a second time, to check the first.

`reference.py` keeps sets of comparisons as bits. Here every comparison, question and rule has its own
three-valued truth, by Kleene's strong logic. The two share no code but the comparisons of numbers, so a
mistake in one shows as a difference. durable-rules, the third, knows only which rules are true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

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
    tests,
)
from whentocall.protocol.model import Escalation, Question
from whentocall.protocol.protocol import Protocol

Values = Mapping[str, Value | None]
Worth = Callable[[Sequence[Truth]], Truth]
"""A condition as a function: from the truth of every comparison to its own."""


class Second(NamedTuple):
    """What a second look at the answers gives.

    Attributes:
        truths: of every rule, in the protocol's order.
        at_least, could_be, shown: ranks, as in `Verdict`.
        escalated: the escalations that are true.
        contradictory: the questions that were answered although they do not apply.
        open: whether a question that some condition reads has not been asked, and applies or might.
    """

    truths: list[Truth]
    at_least: int
    could_be: int
    shown: int
    escalated: tuple[Escalation, ...]
    contradictory: frozenset[str]
    open: bool


def second_look(protocol: Protocol, values: Values) -> Second:
    """Everything about these checked answers that the level rests on."""
    return _look(protocol, values, None)


def surely_finished(protocol: Protocol, values: Values, look: Second | None = None) -> bool:
    """Whether nothing that could still be asked would change the level. `look`: if it is known already."""
    look = look or second_look(protocol, values)
    if not look.open or look.at_least == protocol.once(_plan).highest:
        return True
    at_worst = _look(protocol, values, TRUE).shown
    # At best, what is true already stays true.
    return at_worst == look.at_least or at_worst == _look(protocol, values, FALSE).shown


_OPPOSITE = {None: None, FALSE: TRUE, TRUE: FALSE}


def _look(protocol: Protocol, values: Values, unasked: Truth | None) -> Second:
    """`unasked`: what every comparison is worth that asking could still settle; None: nobody will ask."""
    plan = protocol.once(_plan)
    contrary: list[_Asked] = []
    if answered := [one for one in plan.follow_ups if values.get(one.id) is not None]:
        # What makes a contradiction of an answer is the opposite of what helps a rule.
        plain, _ = _comparisons(plan, values, _OPPOSITE[unasked], frozenset())
        contrary = [one for one in answered if one.applies and not one.applies(plain)]
    doubted = frozenset([opener for one in contrary if values[one.id] for opener in one.openers])
    held, is_open = _comparisons(plan, values, unasked, doubted)
    truths = [worth(held) for worth in plan.rules]
    at_least = could_be = 0
    for rank, truth in zip(plan.ranks, truths, strict=True):
        if truth:
            could_be = max(could_be, rank)
            at_least = max(at_least, rank) if truth is TRUE else at_least
    escalated = []
    for escalation, allowed in plan.escalations:
        worth = min(allowed(held) if allowed else TRUE, _counted(protocol, truths, escalation))
        if worth is TRUE:
            escalated.append(escalation)
            at_least = max(at_least, escalation.rank)
        could_be = max(could_be, escalation.rank) if worth else could_be
    return Second(
        truths,
        at_least,
        could_be,
        max(at_least, min(could_be, protocol.unsettled_rank)),
        tuple(escalated),
        frozenset([one.id for one in contrary]),
        is_open,
    )


def _counted(protocol: Protocol, truths: Sequence[Truth], escalation: Escalation) -> Truth:
    """Whether enough cards reach the rank that the escalation counts."""
    cards: dict[str, Truth] = {}
    for rule, held in zip(protocol.rules, truths, strict=True):
        if rule.rank >= escalation.at_rank:
            cards[rule.card.id] = max(held, cards.get(rule.card.id, FALSE))
    best = sorted(cards.values(), reverse=True)
    return best[escalation.count - 1] if len(best) >= escalation.count else FALSE


def _comparisons(
    plan: _Plan, values: Values, unasked: Truth | None, doubted: frozenset[str]
) -> tuple[Sequence[Truth], bool]:
    """The truth of every comparison, and whether asking on could settle any."""
    worst = _comparisons(plan, values, TRUE, doubted)[0] if unasked is FALSE else None
    held, is_open = [FALSE] * plan.count, False
    for asked in plan.asked:
        value, applies = values.get(asked.id), asked.applies
        if value is not None:
            hidden = asked.id in doubted or (asked.hidden is not None and asked.hidden(held))
            rest = UNSETTLED if hidden else FALSE
            for place, compare, constant in asked.compared:
                held[place] = TRUE if compare(value, constant) else rest
        elif applies is None or applies(held):
            rest = UNSETTLED
            if asked.id not in values:
                is_open = True
                if unasked is not None and (applies is None or applies(worst or held) is TRUE):
                    rest = unasked
            for place, _, _ in asked.compared:
                held[place] = rest
    return held, is_open


# what of this depends on the protocol alone


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, whether it applies, whether its answer hides something, and what is compared with it.

    Attributes:
        id: its id.
        compared: for each comparison its place among all of them, the way of comparing, and the constant.
        applies: the worth of its `only_if`, if it has one.
        hidden: the worth of its `not_reassuring_if`, if it has one.
        openers: the questions that its `only_if` reads.
    """

    id: str
    compared: tuple[tuple[int, Callable[[Any, Any], Any], Value], ...]
    applies: Worth | None
    hidden: Worth | None
    openers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is asked and read.

    Attributes:
        asked: the questions that some condition reads, each after those that its own conditions read.
        follow_ups: the questions that apply to some people only.
        count: of all comparisons.
        rules, ranks: of every rule, in the protocol's order.
        escalations: each with the worth of its `only_if`, if it has one.
        highest: the highest rank that anybody can reach.
    """

    asked: tuple[_Asked, ...]
    follow_ups: tuple[_Asked, ...]
    count: int
    rules: tuple[Worth, ...]
    ranks: tuple[int, ...]
    escalations: tuple[tuple[Escalation, Worth | None], ...]
    highest: int


def _plan(protocol: Protocol) -> _Plan:
    conditions = [rule.when for rule in protocol.rules]
    conditions += [line.only_if for line in protocol.escalations if line.only_if]
    for question in protocol.questions.values():
        conditions += [one for one in (question.only_if, question.not_reassuring_if) if one]
    every = dict.fromkeys(test for condition in conditions for test in tests(condition))
    places = {test: place for place, test in enumerate(every)}
    asked = tuple(_asked(question, places) for question in _in_order(protocol))
    ranks = tuple(rule.rank for rule in protocol.rules)
    return _Plan(
        tuple(one for one in asked if one.compared),
        tuple(one for one in asked if one.openers),
        len(places),
        tuple(_worth(rule.when, places) for rule in protocol.rules),
        ranks,
        tuple(
            (line, _worth(line.only_if, places) if line.only_if else None) for line in protocol.escalations
        ),
        max((*ranks, *(line.rank for line in protocol.escalations)), default=0),
    )


def _in_order(protocol: Protocol) -> list[Question]:
    """The questions, each after those that its own conditions read. The loader refuses a circle."""
    waiting, ordered = list(protocol.questions.values()), dict[str, Question]()
    while waiting:
        question = waiting.pop(0)
        read = (*questions(question.only_if), *questions(question.not_reassuring_if))
        if all(other in ordered for other in read):
            ordered[question.id] = question
        else:
            waiting.append(question)
    return list(ordered.values())


def _asked(question: Question, places: Mapping[Test, int]) -> _Asked:
    return _Asked(
        question.id,
        tuple(
            (place, COMPARISONS[test.op], test.value)
            for test, place in places.items()
            if test.question == question.id
        ),
        _worth(question.only_if, places) if question.only_if else None,
        _worth(question.not_reassuring_if, places) if question.not_reassuring_if else None,
        questions(question.only_if),
    )


def _worth(condition: Condition, places: Mapping[Test, int]) -> Worth:
    """A condition as a function."""
    if isinstance(condition, Test):
        return itemgetter(places[condition])
    parts = [_worth(part, places) for part in condition.parts]
    match condition:
        case AllOf():
            return lambda held: min([part(held) for part in parts])
        case AnyOf():
            return lambda held: max([part(held) for part in parts])
        case AtLeast(count):
            return lambda held: sorted([part(held) for part in parts])[-count]
