"""Where somebody is in the interview, as it travels in the hidden field of every page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from whentocall.engine.answers import answers_from_json, check_answers
from whentocall.engine.spelling import Given
from whentocall.errors import AnswersError
from whentocall.interview.flow import Ask, AskedQuestion, Interview
from whentocall.interview.parse import tick_answers
from whentocall.interview.walk import Walk
from whentocall.protocol.protocol import Protocol
from whentocall.web.fields import Outdated, Unusable


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the next page depends on, besides what is filled in on this one.

    Attributes:
        walk: the answers so far and the way back.
        changing: the place on the trail of the screen that is being answered anew, if one is.
        ticked: what was ticked on a checklist, while the page asks what the person is unsure about.
    """

    walk: Walk
    changing: int | None = None
    ticked: tuple[str, ...] | None = None

    def to_json(self) -> str:
        """The state as text. `read_state` reads it back."""
        fields = {
            "protocol": self.walk.protocol.id,
            "sha256": self.walk.protocol.sha256,
            "voice": self.walk.voice,
            "answers": dict(self.walk.answers),
            "trail": self.walk.trail,
            "everything": self.walk.everything,
            "changing": self.changing,
            "ticked": self.ticked,
        }
        return json.dumps(fields, separators=(",", ":"))

    def asked(self) -> Ask | None:
        """The questions that a page with this state asks; None if it asks none.

        Raises:
            Unusable: the state has ticks, but the page is no checklist, or does not have those lines.
        """
        step = self.walk.step() if self.changing is None else self.screen(self.changing)
        ask = step if isinstance(step, Ask) else None
        if self.ticked is not None:
            ids = {question.id for question in ask.questions} if ask else set()
            if len(ids) < 2 or not ids.issuperset(self.ticked) or _has_doubles(self.ticked):
                raise Unusable
        return ask

    def screen(self, place: int) -> Ask:
        """A screen that was answered before."""
        return self.walk.interview.screen(self.walk.trail[place])

    def answer(self, answers: Mapping[str, Given]) -> Walk:
        """The walk with the answers of this page. A screen that is changed keeps its place on the trail."""
        return self.walk.answer(answers) if self.changing is None else self.walk.change(answers)

    def rest_unsure(self, ask: Ask) -> dict[str, bool | None]:
        """The answers to a checklist on which everything that is not ticked is not known."""
        return tick_answers(ask, self.ticked or (), [question.id for question in self.unticked(ask)])

    def unticked(self, ask: Ask) -> tuple[AskedQuestion, ...]:
        """The lines of a checklist that are not ticked yet."""
        return tuple(question for question in ask.questions if question.id not in (self.ticked or ()))


def read_state(text: str, protocols: Mapping[str, Protocol]) -> State:
    """The state that a page held, every part of it checked.

    Raises:
        Unusable: it is not a state that one of our pages could have held.
        Outdated: the protocol has changed since.
    """
    try:
        match answers_from_json(text):
            case {
                "protocol": str(name),
                "sha256": sha256,
                "voice": "you" | "they" as voice,
                "answers": dict(answers),
                "trail": list(trail),
                "everything": bool(everything),
                "changing": changing,
                "ticked": ticked,
                **others,
            } if name in protocols and not others:
                protocol = protocols[name]
            case _:
                raise Unusable
        if sha256 != protocol.sha256:
            raise Outdated
        given = check_answers(protocol, answers).given
    except AnswersError:
        raise Unusable from None
    interview = Interview(protocol, voice="they" if voice == "they" else "you")
    walk = Walk(interview, MappingProxyType(dict(given)), _trail(protocol, trail, given), everything)
    return State(walk, _place(changing, walk), None if ticked is None else _ids(ticked))


def _trail(
    protocol: Protocol, trail: Sequence[object], answers: Mapping[str, Given]
) -> tuple[tuple[str, ...], ...]:
    """The trail, if each answer was given on exactly one screen, and only yes-no questions share one."""
    screens = tuple(map(_ids, trail))
    ids = list(chain.from_iterable(screens))
    if _has_doubles(ids) or set(ids) != set(answers) or not all(screens):
        raise Unusable
    together = chain.from_iterable(screen for screen in screens if len(screen) > 1)
    if any(protocol.questions[question_id].answer.kind != "yes-no" for question_id in together):
        raise Unusable
    return screens


def _ids(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(question_id, str) for question_id in value):
        raise Unusable
    return tuple(value)


def _has_doubles(ids: Sequence[str]) -> bool:
    return len(set(ids)) < len(ids)


def _place(value: object, walk: Walk) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < len(walk.trail):
        raise Unusable
    return value
