"""What both faces do alike: write lines, as wide as the terminal is, and ask for a number."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TextIO, TypeVar

from whentocall.engine.spelling import Given
from whentocall.interview import texts
from whentocall.interview.faces import Stopped
from whentocall.interview.flow import AskedQuestion
from whentocall.interview.narrative import number_words
from whentocall.interview.parse import Reply, Unclear, how_to_type, parse_number
from whentocall.interview.render import Line, Page, paint

T = TypeVar("T")


class WrittenFace(ABC):
    """Writes lines on one text stream. The faces that ask build on it."""

    def __init__(self, write: TextIO, *, colour: bool) -> None:
        self._write, self._colour = write, colour

    @property
    def page(self) -> Page:
        """As wide as the terminal is now, or 80 columns."""
        return Page(shutil.get_terminal_size((80, 24)).columns)

    def show(self, lines: Iterable[Line]) -> None:
        """Print lines. Raises `Stopped` if nobody can read them any more."""
        try:
            for line in lines:
                self._write.write(paint(line, colour=self._colour) + "\n")
            self._write.flush()
        except (OSError, ValueError):  # the terminal, or the other end, has gone
            raise Stopped from None

    def number(self, question: AskedQuestion, *, back: bool) -> Given | Reply:
        """A number, asked again until it is understood and plausible."""
        self._ask(question.text, question.help)
        self._say(how_to_type(question))
        given = self._until_clear(lambda typed: parse_number(typed, question), back=back)
        if not isinstance(given, Reply):
            self._you_said(number_words(question, given))
        return given

    @abstractmethod
    def _line(self) -> str:
        """A line that somebody types. Raises `Stopped` if they stop instead."""

    def _until_clear(self, parse: Callable[[str], T | Reply], *, back: bool) -> T | Reply:
        while True:
            typed = self._line()
            try:
                reply = parse(typed)
            except Unclear as unclear:
                self._say(str(unclear))
                continue
            if reply is Reply.BACK and not back:
                self._say(texts.NO_WAY_BACK)
                continue
            return reply

    def _ask(self, text: str, help_: str = "") -> None:
        self.show([Line(), *self.page.text(text, style="heading")])
        if help_:
            self._say(help_)

    def _say(self, text: str) -> None:
        self.show(self.page.text(text))

    def _you_said(self, words: str) -> None:
        self._say(texts.PLAIN_YOU_SAID.format(answers=words))
