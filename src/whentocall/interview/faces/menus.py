"""Menus to move in with the arrow keys.

questionary has no way back and no third state on a checklist, so both are rows of the menu here.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Container, Sequence

from whentocall.interview import texts
from whentocall.interview.faces.base import WrittenFace
from whentocall.interview.faces.checklist import Action, Checklist
from whentocall.interview.faces.prompts import Accepted, Prompts, Row
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.narrative import Choice, ticked_words
from whentocall.interview.parse import Reply, tick_answers
from whentocall.interview.render import Page


class MenuFace(WrittenFace):
    """Asks with menus on the terminal that the program runs in."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__(sys.stdout, colour=colour)
        self._prompts = Prompts()

    def choose(self, text: str, choices: Sequence[Choice], *, help_: str, back: bool) -> str | Reply:
        """One of several choices."""
        replies: list[str | Reply] = [id_ for id_, _ in choices]
        words = [text_ for _, text_ in choices]
        if back:
            replies.append(Reply.BACK)
            words.append(texts.GO_BACK)
        rows = [self._fit(row) for row in words]
        message = self._message(text, help_, texts.HOW_TO_CHOOSE)
        place = self._prompts.menu(message, lambda: rows, Accepted)
        self._ask(text)  # for good: the menu that showed it is gone once it is answered
        if replies[place] is not Reply.BACK:
            self._you_said(words[place])
        return replies[place]

    def tick(self, ask: Ask, *, back: bool) -> dict[str, bool | None] | Reply:
        """A checklist; what somebody is not sure about is asked for after it."""
        actions = [Action.CONTINUE, Action.NONE, Action.NOT_SURE, *([Action.BACK] if back else [])]
        checklist = Checklist(ask.questions, actions)
        unsure: set[str] = set()
        while (action := self._checklist(ask.title, checklist)) is Action.NOT_SURE:
            unticked = [question for question in ask.questions if question.id not in checklist.ticked]
            doubts = Checklist(unticked, [Action.CONTINUE, Action.BACK])
            if self._checklist(texts.WHICH_NOT_SURE, doubts) is Action.CONTINUE:
                unsure = doubts.ticked
                break
        if action is Action.BACK:
            return Reply.BACK
        answers = tick_answers(ask, checklist.ticked, unsure)
        self._you_said(ticked_words(ask, answers))
        return answers

    def _line(self) -> str:
        return self._prompts.line()

    def _checklist(self, title: str, checklist: Checklist) -> Action:
        """Show a checklist until one of its actions is chosen."""

        def act(place: int) -> Accepted[Action] | str:
            result = checklist.act(place)
            return Accepted(result) if isinstance(result, Action) else self._wrapped(result, "\n")

        def rows() -> list[Row]:
            ticks = [self._row(question, checklist.ticked) for question in checklist.questions]
            return [*ticks, *(action.value for action in checklist.actions)]

        action = self._prompts.menu(self._message(title, "", texts.HOW_TO_TICK), rows, act)
        self._ask(title)
        return action

    def _row(self, question: AskedQuestion, ticked: Container[str]) -> Row:
        mark = ("class:selected", "● ") if question.id in ticked else ("class:text", "○ ")
        row = [mark, ("class:text", self._fit(question.short))]
        if question.help:
            row.append(("class:instruction", f"\n     {self._fit(question.help)}"))
        return row

    def _message(self, *parts: str) -> str:
        """The question above a menu. It belongs to the menu, so that a low screen keeps it in sight."""
        return "\n ".join(self._wrapped(part, "\n ") for part in parts if part)

    def _wrapped(self, text: str, end: str) -> str:
        lines = Page(self.page.width - 2).text(text) if text else []
        return end.join(line.text for line in lines)

    def _fit(self, text: str) -> str:
        """A row, broken where the terminal is narrow."""
        return "\n     ".join(textwrap.wrap(text, max(20, self.page.width - 8)))
