"""One person's answers, read and judged: what reasons, open questions and warnings are worked out from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from whentocall.engine.answers import Answers
from whentocall.engine.combine import Verdict, cards_at
from whentocall.engine.reference import Reading
from whentocall.protocol.conditions import FALSE, TRUE, UNSETTLED, Truth
from whentocall.protocol.model import Escalation, Rule
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice


class Situation(NamedTuple):
    """The answers, what they make of the rules, and the verdict; in whose voice to speak of it."""

    protocol: Protocol
    answers: Answers
    reading: Reading
    truths: Sequence[Truth]
    verdict: Verdict
    voice: Voice

    def reach(self, rule: Rule) -> int:
        """The rank reached if `rule` came true: its own, or that of an escalation it completes."""
        reached = [rule.rank]
        for escalation in self.protocol.escalations:
            held = cards_at(self.protocol, self.truths, escalation, TRUE)
            completes = rule.rank >= escalation.at_rank and len(held | {rule.card.id}) >= escalation.count
            if completes and self.allowed(escalation) is TRUE:
                reached.append(escalation.rank)
        return max(reached)

    def could_reach(self, rule: Rule) -> int:
        """The rank that `rule` could help to reach, together with whatever else is not known."""
        reached = [rule.rank]
        for escalation in self.protocol.escalations:
            possible = cards_at(self.protocol, self.truths, escalation, UNSETTLED)
            helps = rule.rank >= escalation.at_rank and len(possible) >= escalation.count
            if helps and self.allowed(escalation) is not FALSE:
                reached.append(escalation.rank)
        return max(reached)

    def allowed(self, escalation: Escalation) -> Truth:
        """Whether an escalation is for this person."""
        only_if = escalation.only_if
        return TRUE if only_if is None else self.reading.condition(only_if)
