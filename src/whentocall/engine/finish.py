"""Whether asking on could change the level."""

from __future__ import annotations

from whentocall.engine.answers import Answers
from whentocall.engine.combine import combine
from whentocall.engine.reference import NotAsked, Reading, read
from whentocall.protocol.protocol import Protocol


def is_finished(protocol: Protocol, answers: Answers, reading: Reading | None = None) -> bool:
    """Whether the level shown is the same whatever is answered to what has not been asked yet.

    `reading`: of the answers as they are, if it is there already.
    """
    if not (reading or read(protocol, answers.values)).open:
        return True
    worst = read(protocol, answers.values, NotAsked.WORST)
    best = read(protocol, answers.values, NotAsked.BEST, worst)
    return _shown(best) == _shown(worst)


def _shown(reading: Reading) -> int:
    return combine(reading.protocol, reading.rules(), reading.condition).shown
