"""An interview under way: the answers so far and the way back. Immutable; each step gives a new walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading
from whentocall.engine.spelling import Given
from whentocall.interview.flow import Ask, Done, Interview
from whentocall.protocol.conditions import Truth


@dataclass(frozen=True, slots=True)
class Walk:
    """Where somebody is in an interview.

    Attributes:
        interview: what is asked.
        answers: what has been answered, in JSON form.
        trail: the ids asked together, oldest first: the way back.
        everything: whether to go on after the level is settled.
    """

    interview: Interview
    answers: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    trail: tuple[tuple[str, ...], ...] = ()
    everything: bool = False

    def step(self) -> Ask | Done:
        """What comes next."""
        return self.interview.next_screen(self.answers, everything=self.everything)

    def answer(self, answers: Mapping[str, Given]) -> Walk:
        """Answer the questions of a screen.

        Raises:
            AnswersError: an answer was refused; the walk is as it was.
        """
        checked = check_answers(self.interview.protocol, {**self.answers, **answers})
        trail = (*self.trail, tuple(answers))
        return _without_stale(replace(self, answers=checked.given, trail=trail))

    def change(self, question: str, answer: Given) -> Walk:
        """Change one answer, and drop those that no longer apply.

        Raises:
            AnswersError: the answer was refused; the walk is as it was.
        """
        return self.change_together({question: answer})

    def change_together(self, answers: Mapping[str, Given]) -> Walk:
        """Change several answers, all before it is looked at what no longer applies.

        One of them may open what another shuts.

        Raises:
            AnswersError: one was refused; the walk is as it was.
        """
        checked = check_answers(self.interview.protocol, {**self.answers, **answers})
        return _without_stale(replace(self, answers=checked.given))

    @property
    def can_go_back(self) -> bool:
        """Whether there is a screen before this one."""
        return bool(self.trail)

    def back(self) -> Walk:
        """Take back the last screen, so that it is asked again."""
        if not self.trail:
            return self
        taken = self.trail[-1]
        left = {one: given for one, given in self.answers.items() if one not in taken}
        return _without_stale(replace(self, answers=MappingProxyType(left), trail=self.trail[:-1]))

    def go_on(self) -> Walk:
        """Ask also what could not change the level any more."""
        return replace(self, everything=True)


def _without_stale(walk: Walk) -> Walk:
    """Without the answers to questions that no longer apply, and without empty steps back."""
    protocol = walk.interview.protocol
    answers = dict(walk.answers)
    while True:
        reading = Reading(protocol, check_answers(protocol, answers).values)
        stale = [one for one in answers if reading.applies(one) is Truth.FALSE]
        if not stale:
            break
        for one in stale:
            del answers[one]
    trail = tuple(step for step in walk.trail if any(one in answers for one in step))
    return replace(walk, answers=MappingProxyType(answers), trail=trail)
