"""The reference evaluation once more, straight from its meaning: slow, without sets and without an order.

What `whentocall.engine.meaning` says with bits, this works out comparison by comparison, by recursion. The
two must agree (see test_random_protocols.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from whentocall.protocol.conditions import Condition, Test, Truth, Value, questions, truth
from whentocall.protocol.protocol import Protocol

Values = Mapping[str, Value | None]


class NotAsked(Enum):
    """What to take a comparison for whose question has not been asked.

    OPEN is the meaning of an answer; BEST and WORST bound what asking could still bring.
    """

    OPEN = Truth.UNSETTLED
    BEST = Truth.FALSE
    WORST = Truth.TRUE


@dataclass(frozen=True, slots=True)
class PlainReading:
    """The truth of comparisons and conditions for one person's answers.

    `doubted` are questions whose answer another one contradicts: a "no" to diarrhoea beside five loose
    poos. What such an answer fails stays open, so a contradiction can only raise.
    """

    protocol: Protocol
    values: Values
    not_asked: NotAsked = NotAsked.OPEN
    doubted: frozenset[str] = frozenset()

    def condition(self, condition: Condition) -> Truth:
        """The truth of a condition."""
        return truth(condition, self.test)

    def test(self, test: Test) -> Truth:
        """The truth of one comparison.

        A known answer decides, except that a failed comparison stays open while the answer is not
        reassuring (masking) or in doubt. An unknown one is open, unless its question does not apply.
        """
        value = self.values.get(test.question)
        if value is not None:
            if test.holds(value):
                return Truth.TRUE
            return Truth.UNSETTLED if self._not_reassuring(test.question) else Truth.FALSE
        if self.applies(test.question) is Truth.FALSE:
            return Truth.FALSE
        settled = self.not_asked is NotAsked.OPEN or not self._may_be_asked(test.question)
        return Truth.UNSETTLED if settled else self.not_asked.value

    def applies(self, question: str) -> Truth:
        """Whether a question applies: its `only_if`, or always."""
        only_if = self.protocol.questions[question].only_if
        return Truth.TRUE if only_if is None else self.condition(only_if)

    def rules(self) -> tuple[Truth, ...]:
        """The truth of every rule, in the protocol's order."""
        return tuple(self.condition(rule.when) for rule in self.protocol.rules)

    def _may_be_asked(self, question: str) -> bool:
        """Whether the question is still to be asked, or can come to apply by what is."""
        if question in self.values:
            return False
        return replace(self, not_asked=NotAsked.WORST).applies(question) is Truth.TRUE

    def _not_reassuring(self, question: str) -> bool:
        mask = self.protocol.questions[question].not_reassuring_if
        masked = mask is not None and self.condition(mask) is not Truth.FALSE
        return masked or question in self.doubted


def plain_contradictions(
    protocol: Protocol, values: Values, not_asked: NotAsked = NotAsked.OPEN
) -> tuple[str, ...]:
    """The questions that were answered although they do not apply, in the protocol's order."""
    reading = PlainReading(protocol, values, not_asked)
    return tuple(
        one
        for one, question in protocol.questions.items()
        if question.only_if is not None
        and values.get(one) is not None
        and reading.applies(one) is Truth.FALSE
    )


def plain_read(protocol: Protocol, values: Values, not_asked: NotAsked = NotAsked.OPEN) -> PlainReading:
    """The reading of these answers, with those in doubt that a contradiction speaks against.

    At worst, what is still to be asked makes a contradiction of an answer (by "no"); at best it takes
    one away (by "yes").
    """
    by = {NotAsked.WORST: NotAsked.BEST, NotAsked.BEST: NotAsked.WORST}.get(not_asked, not_asked)
    doubted = frozenset(
        opener
        for one in plain_contradictions(protocol, values, by)
        if values[one]  # "no" and 0 report nothing
        for opener in questions(protocol.questions[one].only_if)
    )
    return PlainReading(protocol, values, not_asked, doubted)
