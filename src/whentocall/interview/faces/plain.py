"""Plain lines: numbered, nothing redrawn. For screen readers, dumb terminals and pipes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO, TypeVar

from whentocall.engine.spelling import Given
from whentocall.interview import texts
from whentocall.interview.faces import Choice, Stopped
from whentocall.interview.faces.base import WrittenFace
from whentocall.interview.faces.said import number_words, ticked_words
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.parse import (
    Reply,
    Unclear,
    how_to_type,
    parse_choice,
    parse_number,
    parse_ticks,
)
from whentocall.interview.render import Line

T = TypeVar("T")


class PlainFace(WrittenFace):
    """Asks on one text stream and reads whole lines from another."""

    def __init__(self, read: TextIO, write: TextIO, *, colour: bool = False) -> None:
        super().__init__(write, colour=colour)
        self._read = read

    def choose(self, text: str, choices: Sequence[Choice], *, help_: str, back: bool) -> str | Reply:
        """One of several choices, by its number."""
        self._ask(text, help_)
        self._list([shown for _, shown in choices])
        self._say(texts.PLAIN_CHOOSE_BACK if back else texts.PLAIN_CHOOSE)
        place = self._until_clear(lambda typed: parse_choice(typed, choices), back=back)
        if isinstance(place, Reply):
            return place
        self._say(texts.PLAIN_YOU_SAID.format(answers=choices[place][1]))
        return choices[place][0]

    def tick(self, ask: Ask, *, back: bool) -> dict[str, bool | None] | Reply:
        """A checklist, by numbers."""
        self._ask(ask.title, "")
        for place, question in enumerate(ask.questions, 1):
            self.show(self.page.text(question.short, indent=f"{place:3}. "))
            if question.help:
                self.show(self.page.text(question.help, indent="     "))
        for line in texts.PLAIN_TICK:
            self._say(line)
        ticks = self._until_clear(lambda typed: parse_ticks(typed, len(ask.questions)), back=back)
        if isinstance(ticks, Reply):
            return ticks
        self._say(texts.PLAIN_YOU_SAID.format(answers=ticked_words(ask, ticks)))
        return {question.id: tick for question, tick in zip(ask.questions, ticks, strict=True)}

    def number(self, question: AskedQuestion, *, back: bool) -> Given | Reply:
        """A number."""
        self._ask(question.text, question.help)
        self._say(how_to_type(question))
        given = self._until_clear(lambda typed: parse_number(typed, question), back=back)
        if not isinstance(given, Reply):
            self._say(texts.PLAIN_YOU_SAID.format(answers=number_words(question, given)))
        return given

    def _ask(self, text: str, help_: str) -> None:
        self.show([Line(), *self.page.text(text, style="heading")])
        if help_:
            self._say(help_)

    def _list(self, items: Sequence[str]) -> None:
        for place, item in enumerate(items, 1):
            self.show(self.page.text(item, indent=f"{place:3}. "))

    def _until_clear(self, understand: Callable[[str], T | Reply], *, back: bool) -> T | Reply:
        while True:
            try:
                found = understand(self._line())
            except Unclear as unclear:
                self._say(str(unclear))
                continue
            if found is Reply.BACK and not back:
                self._say(texts.NO_WAY_BACK)
                continue
            return found

    def _line(self) -> str:
        try:
            self._write.write(texts.PLAIN_PROMPT)
            self._write.flush()
            line = self._read.readline()
        except KeyboardInterrupt:
            raise Stopped from None
        except UnicodeDecodeError:
            return ""
        except (OSError, ValueError):  # the terminal has gone
            raise Stopped from None
        # The end of the input. A last line that its end cuts short is not an answer either.
        if not line.endswith("\n"):
            raise Stopped
        return line
