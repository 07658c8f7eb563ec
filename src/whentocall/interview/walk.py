"""An interview under way: the answers so far and the way back. Immutable; each step gives a new walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from whentocall.config import numbers_for
from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading
from whentocall.engine.spelling import Given
from whentocall.interview.flow import Ask, Done, Interview
from whentocall.protocol.conditions import Truth
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

if TYPE_CHECKING:
    from whentocall.engine.advice import Advice


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

    @property
    def protocol(self) -> Protocol:
        """The protocol that is asked about."""
        return self.interview.protocol

    @property
    def voice(self) -> Voice:
        """Who is answering."""
        return self.interview.voice

    def step(self) -> Ask | Done:
        """What comes next."""
        return self.interview.next_screen(self.answers, everything=self.everything)

    def answer(self, answers: Mapping[str, Given]) -> Walk:
        """Answer the questions of a screen.

        Raises:
            AnswersError: an answer was refused; the walk is as it was.
        """
        return replace(self, trail=(*self.trail, tuple(answers))).change(answers)

    def change(self, answers: Mapping[str, Given]) -> Walk:
        """Change answers, all at once as one may open what another shuts; drop those that no longer apply.

        Raises:
            AnswersError: an answer was refused; the walk is as it was.
        """
        checked = check_answers(self.protocol, {**self.answers, **answers})
        return _without_stale(replace(self, answers=checked.given))

    @property
    def can_go_back(self) -> bool:
        """Whether there is a screen before this one."""
        return bool(self.trail)

    def back(self) -> Walk:
        """Take back the last screen, so that it is asked again."""
        if not self.trail:
            return self
        *trail, taken = self.trail
        kept = {question_id: given for question_id, given in self.answers.items() if question_id not in taken}
        return _without_stale(replace(self, answers=MappingProxyType(kept), trail=tuple(trail)))

    def go_on(self) -> Walk:
        """Also ask what can no longer change the level."""
        return replace(self, everything=True)

    def advise(self, numbers: Mapping[str, str], *, watch: bool = True) -> Advice:
        """The advice on the answers so far. Phone numbers for roles of other protocols are left out."""
        from whentocall.engine.advise import advise  # noqa: PLC0415  the first question need not wait for it

        known = numbers_for(numbers, self.protocol.words_for)
        return advise(self.protocol, self.answers, voice=self.voice, numbers=known, watch=watch)

    def is_emergency(self) -> bool:
        """Whether the most urgent level is reached: nothing may stand between it and the person."""
        return self.advise({}, watch=False).at_least == self.protocol.levels[-1].id

    def may_go_on(self, advice: Advice) -> bool:
        """Whether to offer the rest after the level is settled: not in an emergency, nor for nothing."""
        end = self.step()
        ends = (self.protocol.levels[0].id, self.protocol.levels[-1].id)
        return isinstance(end, Done) and end.more and advice.level not in ends


def _without_stale(walk: Walk) -> Walk:
    """Without the answers to questions that no longer apply, and without empty steps back."""
    answers = dict(walk.answers)
    while True:
        reading = Reading(walk.protocol, check_answers(walk.protocol, answers).values)
        stale = [question_id for question_id in answers if reading.applies(question_id) is Truth.FALSE]
        if not stale:
            break
        for question_id in stale:
            del answers[question_id]
    kept = (tuple(question_id for question_id in ids if question_id in answers) for ids in walk.trail)
    return replace(walk, answers=MappingProxyType(answers), trail=tuple(ids for ids in kept if ids))
