"""The faces that ask. One interview, the same questions, the same answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol as Interface

from whentocall.engine.answers import Given
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.render import Line, Page
from whentocall.interview.typed import Reply

Choice = tuple[str, str]
"""Id and text of one choice."""


class Stopped(Exception):
    """The person stopped: Ctrl-C, Ctrl-D, the end of the input, or a closed terminal."""


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
