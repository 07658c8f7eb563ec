"""Judging one person's answers: the truth of every rule, the verdict, and what went wrong on the way.

durable-rules and the reference evaluation check each other here. Whatever fails, there is a verdict, and
it is never lower for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from whentocall.engine.advice import Problem
from whentocall.engine.answers import Answers
from whentocall.engine.combine import Verdict, combine, shown_rank
from whentocall.engine.durable import DurableEngine
from whentocall.engine.reference import Reading, Unread, read
from whentocall.engine.situation import Situation
from whentocall.errors import EngineUnavailable
from whentocall.protocol.conditions import Truth
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

T = TypeVar("T")

WENT_WRONG = "Something went wrong inside this program. To be safe, the advice is at least: {headline}."


class Attempts:
    """Works out one part after the other; where one fails, its default stands and that is a problem."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def get(self, what: str, build: Callable[[], T]) -> T | None:
        """What `build` gives, or None.

        Raises:
            EngineUnavailable: durable-rules is not installed; no advice should be given without it.
        """
        try:
            return build()
        except EngineUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the person still gets advice
            self.note(f"{what}: {type(error).__name__}")
            return None

    def items(self, what: str, build: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
        """A list of the result, or an empty one."""
        return self.get(what, build) or ()

    def note(self, kind: str) -> None:
        """A problem. Its kind tells a developer where to look; neither has anybody's answers."""
        self.problems.append(Problem(kind=kind, text=WENT_WRONG))


def judge(protocol: Protocol, answers: Answers, voice: Voice, attempts: Attempts) -> Situation:
    """The verdict on checked answers, and what it rests on."""
    values = answers.values
    reading = attempts.get("reference", lambda: read(protocol, values)) or Unread(protocol, values)
    truths = _truths(protocol, answers, reading, attempts)
    verdict = attempts.get("combining", lambda: combine(protocol, truths, reading.condition))
    return Situation(protocol, answers, reading, truths, verdict or _by_rules(protocol, truths), voice)


def _by_rules(protocol: Protocol, truths: Sequence[Truth]) -> Verdict:
    """The verdict by the rules alone, anything else taken for possible."""
    held = (rule.rank for rule, truth in zip(protocol.rules, truths, strict=True) if truth is Truth.TRUE)
    at_least, top = max(held, default=0), len(protocol.levels) - 1
    return Verdict(at_least, top, shown_rank(at_least, top, protocol.unsettled_rank))


def _truths(protocol: Protocol, answers: Answers, reading: Reading, attempts: Attempts) -> Sequence[Truth]:
    """The truth of every rule, from the engine and the reference, each a check on the other.

    Where they differ, a rule holds if either says so. Where the reference fails, what the engine has not
    fired is not known; where both fail, nothing is.
    """
    truths = attempts.get("reference", reading.rules)
    fired = attempts.get("engine", lambda: protocol.once(DurableEngine).fired(answers.values))
    if truths is None:
        known = fired or frozenset()
        return [Truth.TRUE if one in known else Truth.UNSETTLED for one in range(len(protocol.rules))]
    held = frozenset(index for index, truth in enumerate(truths) if truth is Truth.TRUE)
    if fired is None or fired == held:
        return truths
    attempts.note("disagreement")
    return [Truth.TRUE if index in fired else truth for index, truth in enumerate(truths)]
