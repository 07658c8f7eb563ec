"""Judging one person's answers: the truth of every rule, the verdict, and what went wrong on the way.

durable-rules and the reference evaluation check each other here. Whatever fails, there is a verdict, and
it is never lower for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import ParamSpec, TypeVar

from whentocall.engine.advice import Problem
from whentocall.engine.answers import Answers
from whentocall.engine.combine import Verdict, combine, shown_rank
from whentocall.engine.durable import DurableEngine
from whentocall.engine.reference import Reading, Unread
from whentocall.engine.situation import Situation
from whentocall.errors import EngineUnavailable
from whentocall.foreign import is_foreign
from whentocall.protocol.conditions import TRUE, UNSETTLED, Truth, tests
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

P = ParamSpec("P")
T = TypeVar("T")

WENT_WRONG = "Something went wrong inside this program. To be safe, the advice is at least: {headline}."


class Attempts:
    """Works out one part after the other; where one fails, its default stands and that is a problem."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def get(self, what: str, build: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What `build` gives for the arguments, or None.

        Raises:
            EngineUnavailable: durable-rules is not installed; no advice should be given without it.
            Exception: one that is not ours, such as a task queue's timeout (see `foreign.py`).
        """
        try:
            return build(*args, **kwargs)
        except EngineUnavailable:
            raise
        except Exception as error:
            if is_foreign(error):
                raise
            # Whatever it is, the person still gets advice.
            self.note(f"{what}: {type(error).__name__}")
            return None

    def note(self, kind: str) -> None:
        """A problem. Its kind tells a developer where to look; it has nobody's answers."""
        self.problems.append(kind)

    def told(self, headline: str) -> tuple[Problem, ...]:
        """The problems in words, beside what the person is told to do."""
        text = WENT_WRONG.format(headline=headline) if self.problems else ""
        return tuple([Problem(kind=kind, text=text) for kind in self.problems])


def judge(protocol: Protocol, answers: Answers, voice: Voice, attempts: Attempts) -> Situation:
    """The verdict on checked answers, and what it rests on."""
    values = answers.values
    reading = attempts.get("reference", Reading, protocol, values) or Unread(protocol, values)
    known = _truths(protocol, answers, reading, attempts)
    truths = known or [UNSETTLED] * len(protocol.rules)
    verdict = attempts.get("combining", _verdict, reading, truths, attempts)
    verdict = verdict or _by_rules(protocol, truths)
    if known is None:
        worst = attempts.get("the worst", _at_worst, protocol, answers)
        top = len(protocol.levels) - 1
        verdict = verdict._replace(shown=max(verdict.shown, top if worst is None else worst))
    return Situation(protocol, answers, reading, truths, verdict, voice)


def _verdict(reading: Reading, truths: Sequence[Truth], attempts: Attempts) -> Verdict:
    """The program's; after any problem, what the truths of the rules come to."""
    if attempts.problems:
        return combine(reading.protocol, truths, reading.condition)
    return reading.verdict


def _at_worst(protocol: Protocol, answers: Answers) -> int:
    """The highest rank of the rules of which any comparison holds, as if that were enough for them.

    For the case that both evaluations failed: somebody who has said that there is chest pain must not be
    told to call today.
    """
    values = answers.values
    return max(
        (
            rule.rank
            for rule in protocol.rules
            for test in tests(rule.when)
            if (value := values.get(test.question)) is not None and test.holds(value)
        ),
        default=0,
    )


def _fired(protocol: Protocol, answers: Answers) -> Set[int]:
    return protocol.once(DurableEngine).fired(answers.values)


def _by_rules(protocol: Protocol, truths: Sequence[Truth]) -> Verdict:
    """The verdict by the rules alone, anything else taken for possible."""
    held = (rule.rank for rule, truth in zip(protocol.rules, truths, strict=True) if truth is TRUE)
    at_least, top = max(held, default=0), len(protocol.levels) - 1
    return Verdict(at_least, top, shown_rank(at_least, top, protocol.unsettled_rank))


def _truths(
    protocol: Protocol, answers: Answers, reading: Reading, attempts: Attempts
) -> Sequence[Truth] | None:
    """The truth of every rule, from the engine and the reference, each a check on the other.

    Where they differ, a rule holds if either says so. Where the reference fails, what the engine has not
    fired is not known; where both fail, there is none to be had.
    """
    truths = attempts.get("reference", reading.rules)
    fired = attempts.get("engine", _fired, protocol, answers)
    if truths is None:
        every = range(len(protocol.rules))
        return None if fired is None else [TRUE if place in fired else UNSETTLED for place in every]
    held = {index for index, truth in enumerate(truths) if truth is TRUE}
    if fired is None or fired == held:
        return truths
    attempts.note("disagreement")
    return [TRUE if index in fired else truth for index, truth in enumerate(truths)]
