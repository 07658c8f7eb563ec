"""The faces that ask. One interview, the same questions, the same answers.

`choose`, `tick` and `number` ask with a face and check its reply. They raise `Stopped` if the person stops,
and `NotAReply` if the face returns anything that does not answer what it was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol as Interface

from whentocall.engine.spelling import Given
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.narrative import Choice
from whentocall.interview.parse import Reply
from whentocall.interview.render import Line, Page


class Stopped(Exception):
    """The person stopped: Ctrl-C, Ctrl-D, the end of the input, or a closed terminal."""


class NotAReply(Exception):
    """A face returned something that is not a reply: a fault of the face, never read as an answer."""


class Face(Interface):
    """What every face can do. Each method that asks raises `Stopped` if the person stops."""

    @property
    def page(self) -> Page:
        """The width to lay text out in, as it is now."""

    def show(self, lines: Iterable[Line]) -> None:
        """Print lines."""

    def choose(self, text: str, choices: Sequence[Choice], *, help_: str, back: bool) -> str | Reply:
        """One of several choices, by its id."""

    def tick(self, ask: Ask, *, back: bool) -> dict[str, bool | None] | Reply:
        """A checklist: for each of its questions yes, no, or not known."""

    def number(self, question: AskedQuestion, *, back: bool) -> Given | Reply:
        """A number, asked again until it is understood and plausible."""


def choose(
    face: Face, text: str, choices: Sequence[Choice], *, help_: str = "", back: bool = False
) -> str | Reply:
    """One of several choices, by its id, or back if that was offered."""
    reply: object = face.choose(text, choices, help_=help_, back=back)
    ids = [id_ for id_, _ in choices]
    return ids[ids.index(reply)] if isinstance(reply, str) and reply in ids else _back(reply, back=back)


def tick(face: Face, ask: Ask, *, back: bool) -> dict[str, bool | None] | Reply:
    """Yes, no, or not known for each question of a checklist, and for no other."""
    reply: object = face.tick(ask, back=back)
    if not isinstance(reply, dict):
        return _back(reply, back=back)
    asked = {question.id for question in ask.questions}
    ticks: list[object] = list(reply.values())
    if reply.keys() == asked and all(tick is None or isinstance(tick, bool) for tick in ticks):
        return reply
    raise NotAReply("a face returned other questions or answers than its checklist has")


def number(face: Face, question: AskedQuestion, *, back: bool) -> Given | Reply:
    """A number, alone or with its unit; None for "don't know". Whether it is in range is checked later."""
    reply: object = face.number(question, back=back)
    if reply is None or (isinstance(reply, int | float | dict) and not isinstance(reply, bool)):
        return reply
    return _back(reply, back=back)


def _back(reply: object, *, back: bool) -> Reply:
    if back and reply is Reply.BACK:
        return Reply.BACK
    raise NotAReply(f"a face returned {type(reply).__name__}, which does not answer the question")
