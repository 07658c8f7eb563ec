"""From the truth of the rules to a level. Knows nothing of answers, texts or the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from whentocall.protocol.conditions import FALSE, TRUE, UNSETTLED, Condition, Truth
from whentocall.protocol.model import Escalation
from whentocall.protocol.protocol import Protocol


class Verdict(NamedTuple):
    """Ranks of levels (0 is the least urgent).

    Attributes:
        at_least: the highest rank among rules that are true.
        could_be: the highest rank among rules that are not false.
        shown: `at_least`, raised for what is not known.
        escalated: the escalations that are true.
    """

    at_least: int
    could_be: int
    shown: int
    escalated: tuple[Escalation, ...] = ()


def shown_rank(at_least: int, could_be: int, when_unsettled: int) -> int:
    """The rank to show: not knowing never lowers it.

    `at_least`; but where more is possible, as far up as `could_be`, up to `when_unsettled`.
    """
    return max(at_least, min(could_be, when_unsettled))


def combine(protocol: Protocol, rules: Sequence[Truth], condition: Callable[[Condition], Truth]) -> Verdict:
    """The verdict for the truth of each rule, in the protocol's order.

    `condition` gives the truth of an escalation's own `only_if`.
    """
    possible = [(rule.rank, held) for rule, held in zip(protocol.rules, rules, strict=True) if held]
    could_be = max([rank for rank, _ in possible], default=0)
    at_least = max([rank for rank, held in possible if held is TRUE], default=0)
    escalated = []
    for escalation in protocol.escalations:
        surely = len(cards_at(protocol, rules, escalation, TRUE))
        possibly = len(cards_at(protocol, rules, escalation, UNSETTLED))
        allowed = TRUE if escalation.only_if is None else condition(escalation.only_if)
        if surely >= escalation.count and allowed is TRUE:
            escalated.append(escalation)
            at_least = max(at_least, escalation.rank)
        if possibly >= escalation.count and allowed is not FALSE:
            could_be = max(could_be, escalation.rank)
    shown = shown_rank(at_least, could_be, protocol.unsettled_rank)
    return Verdict(at_least, could_be, shown, tuple(escalated))


def cards_at(
    protocol: Protocol, rules: Sequence[Truth], escalation: Escalation, least: Truth
) -> frozenset[str]:
    """The cards with a rule of at least `least` truth at the escalation's rank or above."""
    return frozenset(
        rule.card.id
        for rule, held in zip(protocol.rules, rules, strict=True)
        if held >= least and rule.rank >= escalation.at_rank
    )
