"""Plain lines: numbered, nothing redrawn. For screen readers, dumb terminals and pipes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from whentocall.interview import texts
from whentocall.interview.faces import Stopped
from whentocall.interview.faces.base import WrittenFace
from whentocall.interview.flow import Ask
from whentocall.interview.narrative import Choice, ticked_words
from whentocall.interview.parse import Reply, parse_choice, parse_ticks


class PlainFace(WrittenFace):
    """Asks on one text stream and reads whole lines from another."""

    def __init__(self, read: TextIO, write: TextIO, *, colour: bool = False) -> None:
        super().__init__(write, colour=colour)
        self._read = read

    def choose(self, text: str, choices: Sequence[Choice], *, help_: str, back: bool) -> str | Reply:
        """One of several choices, by its number."""
        self._ask(text, help_)
        for number, (_, words) in enumerate(choices, 1):
            self._numbered(number, words)
        self._say(texts.PLAIN_CHOOSE_BACK if back else texts.PLAIN_CHOOSE)
        place = self._until_clear(lambda typed: parse_choice(typed, choices), back=back)
        if isinstance(place, Reply):
            return place
        chosen, words = choices[place]
        self._you_said(words)
        return chosen

    def tick(self, ask: Ask, *, back: bool) -> dict[str, bool | None] | Reply:
        """A checklist, by numbers."""
        self._ask(ask.title)
        for number, question in enumerate(ask.questions, 1):
            self._numbered(number, question.short)
            if question.help:
                self.show(self.page.text(question.help, indent="     "))
        for line in texts.PLAIN_TICK:
            self._say(line)
        ticks = self._until_clear(lambda typed: parse_ticks(typed, len(ask.questions)), back=back)
        if isinstance(ticks, Reply):
            return ticks
        answers = {question.id: tick for question, tick in zip(ask.questions, ticks, strict=True)}
        self._you_said(ticked_words(ask, answers))
        return answers

    def _numbered(self, number: int, text: str) -> None:
        self.show(self.page.text(text, indent=f"{number:3}. "))

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
