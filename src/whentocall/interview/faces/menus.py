"""Menus to move in with the arrow keys.

questionary has no way back and no third state on a checklist, so both are rows of the menu here.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Container, Sequence

from whentocall.engine.spelling import Given
from whentocall.interview import texts
from whentocall.interview.faces import Choice
from whentocall.interview.faces.base import WrittenFace
from whentocall.interview.faces.checklist import Action, Checklist
from whentocall.interview.faces.prompts import Accepted, Prompts, Row
from whentocall.interview.faces.said import number_words, ticked_words
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.parse import Reply, Unclear, how_to_type, parse_number
from whentocall.interview.render import Line, Page


class MenuFace(WrittenFace):
    """Asks with menus on the terminal that the program runs in."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__(sys.stdout, colour=colour)
        self._prompts = Prompts()

    def choose(self, text: str, choices: Sequence[Choice], *, help_: str, back: bool) -> str | Reply:
        """One of several choices."""
        replies: list[str | Reply] = [id_ for id_, _ in choices]
        words = [shown for _, shown in choices]
        if back:
            replies.append(Reply.BACK)
            words.append(texts.GO_BACK)
        rows = [self._fit(shown) for shown in words]
        message = self._message(text, help_, texts.HOW_TO_CHOOSE)
        place = self._prompts.menu(message, lambda: rows, Accepted)
        self._asked(text)
        if replies[place] is not Reply.BACK:
            self._say(texts.PLAIN_YOU_SAID.format(answers=words[place]))
        return replies[place]

    def tick(self, ask: Ask, *, back: bool) -> dict[str, bool | None] | Reply:
        """A checklist; what somebody is not sure about is asked for after it."""
        actions = [Action.CONTINUE, Action.NONE, Action.NOT_SURE, *([Action.BACK] if back else [])]
        listed = Checklist(ask.questions, actions)
        unsure: set[str] = set()
        while (action := self._checklist(ask.title, listed)) is Action.NOT_SURE:
            open_ = [question for question in ask.questions if question.id not in listed.ticked]
            doubts = Checklist(open_, [Action.CONTINUE, Action.BACK])
            if self._checklist(texts.WHICH_NOT_SURE, doubts) is Action.CONTINUE:
                unsure = doubts.ticked
                break
        if action is Action.BACK:
            return Reply.BACK
        marks = {
            question.id: True if question.id in listed.ticked else None if question.id in unsure else False
            for question in ask.questions
        }
        self._say(texts.PLAIN_YOU_SAID.format(answers=ticked_words(ask, list(marks.values()))))
        return marks

    def number(self, question: AskedQuestion, *, back: bool) -> Given | Reply:
        """A number."""
        self._asked(question.text)
        for line in (question.help, how_to_type(question)):
            self.show(self.page.text(line) if line else [])
        while True:
            typed = self._prompts.line()
            try:
                given = parse_number(typed, question)
            except Unclear as unclear:
                self._say(str(unclear))
                continue
            if given is Reply.BACK and not back:
                self._say(texts.NO_WAY_BACK)
                continue
            if not isinstance(given, Reply):
                self._say(texts.PLAIN_YOU_SAID.format(answers=number_words(question, given)))
            return given

    def _checklist(self, title: str, listed: Checklist) -> Action:
        """Show a checklist until one of its actions is chosen."""

        def act(place: int) -> Accepted[Action] | str:
            done = listed.act(place)
            return Accepted(done) if isinstance(done, Action) else self._wrapped(done)

        def rows() -> list[Row]:
            ticks = [self._row(question, listed.ticked) for question in listed.questions]
            return [*ticks, *(action.value for action in listed.actions)]

        action = self._prompts.menu(self._message(title, "", texts.HOW_TO_TICK), rows, act)
        self._asked(title)
        return action

    def _row(self, question: AskedQuestion, ticked: Container[str]) -> Row:
        mark = ("class:selected", "● ") if question.id in ticked else ("class:text", "○ ")
        row = [mark, ("class:text", self._fit(question.short))]
        if question.help:
            row.append(("class:instruction", f"\n     {self._fit(question.help)}"))
        return row

    def _asked(self, text: str) -> None:
        """The question, for good: the menu that showed it is taken away once it is answered."""
        self.show([Line(), *self.page.text(text, style="heading")])

    def _message(self, text: str, help_: str, how: str) -> str:
        """The question above a menu. It belongs to the menu, so that a low screen keeps it in sight."""
        lines = [line.text for part in (text, help_, how) if part for line in self._narrow().text(part)]
        return "\n ".join(lines)

    def _wrapped(self, text: str) -> str:
        return "\n".join(line.text for line in self._narrow().text(text)) if text else ""

    def _narrow(self) -> Page:
        return Page(self.page.width - 2)

    def _fit(self, text: str) -> str:
        """A row, broken where the terminal is narrow."""
        return "\n     ".join(textwrap.wrap(text, max(20, self.page.width - 8)))
