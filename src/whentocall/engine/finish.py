"""Whether asking on could change the level."""

from __future__ import annotations

from whentocall.engine.answers import Answers
from whentocall.engine.combine import combine
from whentocall.engine.reference import NotAsked, read
from whentocall.protocol.protocol import Protocol


def is_finished(protocol: Protocol, answers: Answers) -> bool:
    """Whether the level shown is the same whatever is answered to what has not been asked yet."""
    if len(answers.values) == len(protocol.questions):
        return True
    return _bound(protocol, answers, NotAsked.BEST) == _bound(protocol, answers, NotAsked.WORST)


def _bound(protocol: Protocol, answers: Answers, not_asked: NotAsked) -> int:
    reading = read(protocol, answers.values, not_asked)
    return combine(protocol, reading.rules(), reading.condition).shown
