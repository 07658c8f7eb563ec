"""Where somebody is in the interview, as it travels in the hidden field of every page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from whentocall.engine.answers import answers_from_json, check_answers
from whentocall.engine.spelling import Given
from whentocall.errors import AnswersError
from whentocall.interview.flow import Ask, AskedQuestion, Interview
from whentocall.interview.progress import Walk
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES
from whentocall.web.fields import Unusable

_KEYS = {"protocol", "sha256", "voice", "answers", "trail", "everything", "changing", "ticked"}


class Outdated(Exception):
    """The answers were given to another version of the questions."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the next page depends on, besides what is filled in on this one.

    Attributes:
        walk: the answers so far and the way back.
        changing: the place on the trail of the screen that is being answered anew, if one is.
        ticked: what was ticked on a checklist that is being asked what is not sure.
    """

    walk: Walk
    changing: int | None = None
    ticked: tuple[str, ...] | None = None

    @property
    def protocol(self) -> Protocol:
        """The protocol that is asked about."""
        return self.walk.interview.protocol

    def to_json(self) -> str:
        """The state as text. `read_state` gives it back."""
        walk = self.walk
        said = {
            "protocol": self.protocol.id,
            "sha256": self.protocol.sha256,
            "voice": walk.interview.voice,
            "answers": dict(walk.answers),
            "trail": screens_answered(walk),
            "everything": walk.everything,
            "changing": self.changing,
            "ticked": self.ticked,
        }
        return json.dumps(said, separators=(",", ":"))


def screens_answered(walk: Walk) -> tuple[tuple[str, ...], ...]:
    """The ids answered together, oldest first, without those whose answer no longer applied."""
    groups = (tuple(one for one in step if one in walk.answers) for step in walk.trail)
    return tuple(group for group in groups if group)


def read_state(text: str, protocols: Mapping[str, Protocol]) -> State:
    """The state that a page held, every part of it checked.

    Raises:
        Unusable: it is not a state that one of our pages could have held.
        Outdated: the protocol has changed since.
    """
    try:
        said = answers_from_json(text)
        if set(said) != _KEYS:
            raise Unusable
        protocol = _protocol(said["protocol"], protocols)
        if said["sha256"] != protocol.sha256:
            raise Outdated
        walk = _walk(protocol, said)
    except AnswersError:
        raise Unusable from None
    ticked = None if said["ticked"] is None else _ids(said["ticked"])
    return State(walk, _place(said["changing"], walk), ticked)


def _protocol(name: object, protocols: Mapping[str, Protocol]) -> Protocol:
    if not isinstance(name, str) or name not in protocols:
        raise Unusable
    return protocols[name]


def _walk(protocol: Protocol, said: Mapping[str, object]) -> Walk:
    voice, everything = said["voice"], said["everything"]
    if voice not in VOICES or not isinstance(everything, bool):
        raise Unusable
    answers = _answers(protocol, said["answers"])
    trail = said["trail"]
    if not isinstance(trail, list):
        raise Unusable
    groups = tuple(_ids(group) for group in trail)
    _check_trail(protocol, groups, answers)
    interview = Interview(protocol, voice="they" if voice == "they" else "you")
    return Walk(interview, answers, groups, everything)


def _answers(protocol: Protocol, answers: object) -> Mapping[str, Given]:
    if not isinstance(answers, dict):
        raise Unusable
    return MappingProxyType(dict(check_answers(protocol, answers).given))


def _place(value: object, walk: Walk) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < len(walk.trail):
        raise Unusable
    return value


def _ids(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Unusable
    return tuple(value)


def _check_trail(
    protocol: Protocol, trail: tuple[tuple[str, ...], ...], answers: Mapping[str, Given]
) -> None:
    """Each answer was given on exactly one screen, and only yes-no questions share one."""
    ids = list(chain.from_iterable(trail))
    if len(ids) != len(set(ids)) or set(ids) != set(answers) or not all(trail):
        raise Unusable
    shared = (one for group in trail if len(group) > 1 for one in group)
    if any(protocol.questions[one].answer.kind != "yes-no" for one in shared):
        raise Unusable


def asked_now(state: State) -> Ask | None:
    """The questions that a page with this state asks; None where it asks none.

    Raises:
        Unusable: the state speaks of ticks on a page that is no checklist, or that are not on it.
    """
    ask = _changed_screen(state.walk, state.changing) if state.changing is not None else _next(state.walk)
    if state.ticked is not None:
        on_it = {one.id for one in ask.questions} if ask else set()
        if len(on_it) < 2 or not on_it.issuperset(state.ticked) or len(set(state.ticked)) < len(state.ticked):
            raise Unusable
    return ask


def _next(walk: Walk) -> Ask | None:
    step = walk.step()
    return step if isinstance(step, Ask) else None


def _changed_screen(walk: Walk, place: int) -> Ask:
    """A screen that was answered before, to be answered anew."""
    ids = walk.trail[place]
    return Ask(screen_title(walk, ids), tuple(walk.interview.question(one) for one in ids))


def screen_title(walk: Walk, ids: tuple[str, ...]) -> str:
    """What a screen that was answered before is called."""
    first: AskedQuestion = walk.interview.question(ids[0])
    if len(ids) == 1:
        return first.short
    voice = walk.interview.voice
    titles = (
        one.title.to(voice)
        for one in walk.interview.protocol.screens
        if one.title and first.id in one.questions
    )
    return next(titles, first.short)
