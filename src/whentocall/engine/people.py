"""People to try rules on: somebody for whom a condition just holds, and who has nothing else to report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from whentocall.engine.critical import around, ranked_conditions, values
from whentocall.engine.meaning import openers_first
from whentocall.engine.reference import Reading
from whentocall.protocol.conditions import Condition, Test, Truth, Value, order_of, questions, terms, tests
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

Said = Mapping[str, Value | None]
"""What somebody says, in the questions' own units; None is "don't know"."""


def nothing_else(
    protocol: Protocol,
    said: Said,
    quiet: Callable[[Question], Value | None],
    *,
    left_out: Collection[str] = (),
) -> dict[str, Value | None]:
    """What is said, and a quiet answer to every other question that then applies.

    Args:
        protocol: whose questions.
        said: answers in the questions' own units.
        quiet: gives the answer of somebody with nothing to report.
        left_out: questions that have not been asked, though they may apply.

    Returns:
        The answers in the protocol's order.
    """
    answers = dict(said)
    for name in openers_first(protocol):
        question = protocol.questions[name]
        if name in answers or name in left_out:
            continue
        if question.only_if is None or Reading(protocol, answers).applies(name) is Truth.TRUE:
            answers[name] = quiet(question)
    return {name: answers[name] for name in protocol.questions if name in answers}


@dataclass(frozen=True, slots=True)
class People:
    """What a protocol's people can say, worked out once.

    Attributes:
        protocol: the rules they are for.
        compared: question id to every comparison with its answer, anywhere.
        values: question id to every answer that can matter.
        rest: question id to the answer of somebody who has nothing to report.
        worst: question id to the answer that reaches the highest level.
    """

    protocol: Protocol
    compared: Mapping[str, tuple[Test, ...]]
    values: Mapping[str, tuple[Value, ...]]
    rest: Mapping[str, Value]
    worst: Mapping[str, Value]

    @classmethod
    def of(cls, protocol: Protocol) -> People:
        """Those of a protocol."""
        ranked: dict[str, dict[Test, int]] = {question_id: {} for question_id in protocol.questions}
        for condition, rank in ranked_conditions(protocol):
            for test in tests(condition):
                ranked[test.question][test] = max(rank, ranked[test.question].get(test, 0))
        possible = {
            question.id: values(question, ranked[question.id]) for question in protocol.questions.values()
        }
        rest, worst = {}, {}
        for question_id, question in protocol.questions.items():

            def reached(value: Value, ranks: Mapping[Test, int] = ranked[question_id]) -> tuple[int, int]:
                passed = [rank for test, rank in ranks.items() if test.holds(value)]
                return max(passed, default=-1), len(passed)

            usual = _usual(question)
            rest[question_id] = usual if usual is not None else min(possible[question_id], key=reached)
            worst[question_id] = max(reversed(possible[question_id]), key=reached)
        compared = {question_id: tuple(found) for question_id, found in ranked.items()}
        return cls(protocol, compared, possible, rest, worst)

    def meets(self, wanted: Iterable[Test], said: Said | None = None) -> dict[str, Value | None] | None:
        """What to say, added to `said`, so that all these comparisons hold; None where nobody can."""
        found = dict(said or {})
        by_question: dict[str, list[Test]] = {}
        for test in sorted(wanted, key=order_of):
            by_question.setdefault(test.question, []).append(test)
        for question_id, asked in by_question.items():
            candidates = (
                (found[question_id],) if question_id in found else self._nearest(question_id, asked[0])
            )
            passing = (value for value in candidates if value is not None)
            value = next((value for value in passing if all(test.holds(value) for test in asked)), None)
            if value is None:
                return None
            found[question_id] = value
        return found

    def around(self, test: Test) -> tuple[Value, ...]:
        """The answers at a comparison and next to it."""
        return around(self.protocol.questions[test.question], test)

    def _nearest(self, question_id: str, test: Test) -> tuple[Value, ...]:
        """Every answer that can matter, those next to the limit first."""
        near = sorted(self.around(test), key=lambda value: value != test.value)
        return (*near, *(value for value in self.values[question_id] if value not in near))

    def nothing_else(
        self,
        said: Said,
        *,
        left_out: Collection[str] = (),
        closed: Collection[str] = (),
        against: Condition | None = None,
    ) -> Said:
        """The person who says this, and has nothing else to report.

        Args:
            said: answers; the questions that lead to them are answered so that they apply.
            left_out: questions that have not been asked, though they apply.
            closed: questions that need not apply.
            against: where it can be, nothing but `said` makes this condition hold.
        """
        found = dict(said)
        for question_id in (*said, *left_out):
            if question_id not in closed:
                self._open(question_id, found)
        rest = self._rest(against)
        return nothing_else(self.protocol, found, lambda question: rest[question.id], left_out=left_out)

    def _open(self, question_id: str, found: dict[str, Value | None]) -> None:
        """Add what makes a question apply, if that does not speak against what is said."""
        only_if = self.protocol.questions[question_id].only_if
        if only_if is None or Reading(self.protocol, found).applies(question_id) is Truth.TRUE:
            return
        for term in terms(only_if):
            more = self.meets(term, found)
            if more is not None:
                found.update(more)
                for opener in questions(only_if):
                    if opener in more:
                        self._open(opener, found)
                return

    def _rest(self, against: Condition | None) -> Mapping[str, Value]:
        if against is None:
            return self.rest
        rest = dict(self.rest)
        for question_id in questions(against):
            asked = [test for test in tests(against) if test.question == question_id]
            best = (self.rest[question_id], *self.values[question_id])
            rest[question_id] = min(best, key=lambda value: sum(test.holds(value) for test in asked))
        return rest


def _usual(question: Question) -> Value | None:
    usual = question.usual_number
    return int(usual) if usual is not None and usual.is_integer() else usual
