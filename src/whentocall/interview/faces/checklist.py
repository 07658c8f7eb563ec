"""A checklist in a menu: its ticks, and the rows below them that do something.

Space and Enter always act on the row pointed at. On a symptom they tick or untick it; a tick taken away is
mentioned. Nothing else takes a tick away: `NONE` and `BACK` are refused while something is ticked, and
`CONTINUE` and `NOT_SURE` go on with the ticks that are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from whentocall.interview import texts
from whentocall.interview.flow import AskedQuestion


class Action(Enum):
    """Rows of a checklist that are not questions."""

    CONTINUE = texts.CONTINUE
    NONE = texts.NONE_OF_THESE
    NOT_SURE = texts.NOT_SURE
    BACK = texts.GO_BACK


@dataclass(slots=True)
class Checklist:
    """Questions to tick, the rows below them, and the ids of the questions that are ticked."""

    questions: Sequence[AskedQuestion]
    actions: Sequence[Action]
    ticked: set[str] = field(default_factory=set)

    def act(self, place: int) -> Action | str:
        """Act on the row at that place, from 0. Returns what was chosen, or what to tell the person."""
        if place < len(self.questions):
            return self._turn(self.questions[place])
        action = self.actions[place - len(self.questions)]
        return self._refusal(action) or action

    def _turn(self, question: AskedQuestion) -> str:
        self.ticked ^= {question.id}
        return "" if question.id in self.ticked else texts.UNTICKED.format(text=question.short)

    def _refusal(self, action: Action) -> str:
        if action is Action.CONTINUE and not self.ticked:
            return texts.TICK_FIRST if Action.NONE in self.actions else texts.TICK_NOT_SURE_FIRST
        if action in (Action.NONE, Action.BACK) and self.ticked:
            return texts.UNTICK_FIRST.format(choice=action.value)
        if action is Action.NOT_SURE and len(self.ticked) == len(self.questions):
            return texts.ALL_TICKED
        return ""
