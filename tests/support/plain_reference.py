"""The reference evaluation once more, straight from its meaning: slow, without sets and without an order.

What `whentocall.engine.meaning` says with bits, this works out comparison by comparison, by recursion. The
two must agree (see test_random_protocols.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from whentocall.engine.combine import cards_at, combine
from whentocall.protocol.conditions import Condition, Op, Test, Truth, Value, questions, tests, truth
from whentocall.protocol.model import Rule
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


# what to settle, and what to watch for


def plain_settle(protocol: Protocol, reading: PlainReading) -> list[tuple[str, int]]:
    """The questions to find an answer to, each with the highest rank that it could help to reach."""
    truths = reading.rules()
    at_least = combine(protocol, truths, reading.condition).at_least
    could: dict[str, int] = {}
    for condition, rank in _unsettled(protocol, reading, truths):
        for test in tests(condition) if rank > at_least else ():
            for one in _to_ask(reading, test):
                could[one] = max(could.get(one, 0), rank)
    return sorted(could.items(), key=lambda pair: (-pair[1], list(protocol.questions).index(pair[0])))


def _unsettled(
    protocol: Protocol, reading: PlainReading, truths: Sequence[Truth]
) -> Iterator[tuple[Condition, int]]:
    """The conditions that are unsettled, each with what it could help to reach."""
    open_rules = [rule for rule, held in zip(protocol.rules, truths, strict=True) if held is Truth.UNSETTLED]
    yield from ((rule.when, rule.rank) for rule in open_rules)
    for line in protocol.escalations:
        allowed = Truth.TRUE if line.only_if is None else reading.condition(line.only_if)
        if len(cards_at(protocol, truths, line, Truth.UNSETTLED)) < line.count or allowed is Truth.FALSE:
            continue
        if allowed is Truth.UNSETTLED:
            yield line.only_if, line.rank
        yield from ((rule.when, line.rank) for rule in open_rules if rule.rank >= line.at_rank)


def _to_ask(reading: PlainReading, test: Test) -> Iterator[str]:
    """The questions to ask so that an unsettled comparison is settled."""
    if reading.test(test) is not Truth.UNSETTLED:
        return
    question = reading.protocol.questions[test.question]
    if reading.values.get(test.question) is not None:
        yield test.question  # known, but hidden or in doubt
        read = question.not_reassuring_if
    elif reading.applies(test.question) is Truth.UNSETTLED:
        read = question.only_if
    else:
        yield test.question
        return
    for other in tests(read) if read is not None else ():
        yield from _to_ask(reading, other)


def plain_watch(protocol: Protocol, reading: PlainReading) -> set[tuple[str, int, frozenset[Test]]]:
    """Each rule with the rank that it would reach and the fewest comparisons that it still needs.

    Without those that somebody cannot have together, and without those that need more than others do.
    """
    truths = reading.rules()
    shown = combine(protocol, truths, reading.condition).shown
    changes = []
    for rule, held in zip(protocol.rules, truths, strict=True):
        rank = _reach(protocol, reading, truths, rule)
        for term in rule.terms if held is not Truth.TRUE and rank > shown else ():
            needed = frozenset(test for test in term if reading.test(test) is not Truth.TRUE)
            if all(_can_change(reading, test) for test in needed) and _somebody(reading, term):
                changes.append((rule.id, rank, needed))
    return {
        (rule, rank, needed)
        for place, (rule, rank, needed) in enumerate(changes)
        if not any(
            (other[2] < needed and other[1] >= rank)
            or (other[2] == needed and (other[1] > rank or (other[1] == rank and earlier < place)))
            for earlier, other in enumerate(changes)
        )
    }


def _reach(protocol: Protocol, reading: PlainReading, truths: Sequence[Truth], rule: Rule) -> int:
    reached = [rule.rank]
    for line in protocol.escalations:
        cards = cards_at(protocol, truths, line, Truth.TRUE) | {rule.card.id}
        allowed = line.only_if is None or reading.condition(line.only_if) is Truth.TRUE
        if rule.rank >= line.at_rank and len(cards) >= line.count and allowed:
            reached.append(line.rank)
    return max(reached)


def _can_change(reading: PlainReading, test: Test) -> bool:
    """A known choice stays, and a "yes" does not turn into a "no"."""
    return (
        reading.values.get(test.question) is None
        or test.value is True
        or not isinstance(test.value, bool | str)
    )


def _somebody(reading: PlainReading, term: Iterable[Test]) -> bool:
    """Whether one answer to each question passes everything: the known one, or one at or next to a limit."""
    by_question: dict[str, list[Test]] = {}
    for test in term:
        by_question.setdefault(test.question, []).append(test)
    for one, own in by_question.items():
        step = reading.protocol.questions[one].answer.step
        beyond = {Op.ABOVE: step, Op.BELOW: -step}
        tried = [
            test.value if isinstance(test.value, bool | str) else test.value + beyond.get(test.op, 0)
            for test in own
        ]
        if reading.values.get(one) is not None:
            tried.append(reading.values[one])
        if not any(all(test.holds(value) for test in own) for value in tried):
            return False
    return True
