"""Menus to move in with the arrow keys. The only module that imports questionary.

questionary has no way back and no third state on a checklist, so both are lines of the menu here. On a
checklist, Enter on such a line chooses it; Enter anywhere else without a tick is not an answer. Keys
with which questionary ticks or unticks everything at once are switched off: one slip would report
every symptom, or none.
"""

from __future__ import annotations

import logging
import sys
import textwrap
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any

import questionary
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import ConditionalContainer, FormattedTextControl, HSplit, Window
from prompt_toolkit.output import create_output
from questionary.prompts.common import InquirerControl

from whentocall.engine.answers import Given
from whentocall.interview import texts
from whentocall.interview.faces import Choice, Stopped
from whentocall.interview.faces.said import number_words, ticked_words
from whentocall.interview.faces.written import WrittenFace
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.render import Line, Page
from whentocall.interview.typed import Reply, Unclear, how_to_type, parse_number


class _Special(Enum):
    """Lines of a checklist that are not questions."""

    NONE = texts.NONE_OF_THESE
    NOT_SURE = texts.NOT_SURE
    BACK = texts.GO_BACK


class MenuFace(WrittenFace):
    """Asks with questionary on the terminal that the program runs in."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__(sys.stdout, colour=colour)
        self._output = create_output(stdout=sys.stdout)
        # Not every terminal answers when asked where its cursor is, and the warning about that is no use
        # to the person.
        if hasattr(self._output, "enable_cpr"):
            self._output.enable_cpr = False

    def choose(self, text: str, choices: Sequence[Choice], *, help_: str, back: bool) -> str | Reply:
        """One of several choices."""
        lines = [questionary.Choice(self._fit(shown), value=one) for one, shown in choices]
        lines += [questionary.Choice(texts.GO_BACK, value=_Special.BACK)] if back else []
        menu = questionary.select(
            self._message(text, help_, texts.HOW_TO_CHOOSE), lines, use_jk_keys=False, **self._menu_options()
        )
        chosen = self._run(menu)
        self._asked(text)
        if chosen is _Special.BACK:
            return Reply.BACK
        self._say(texts.PLAIN_YOU_SAID.format(answers=dict(choices)[chosen]))
        return str(chosen)

    def tick(self, ask: Ask, *, back: bool) -> dict[str, bool | None] | Reply:
        """A checklist; what somebody is not sure about is asked for after it."""
        ids = [question.id for question in ask.questions]
        ticked: list[Any] = []
        while True:
            special = [_Special.NONE, _Special.NOT_SURE, *([_Special.BACK] if back else [])]
            ticked = self._checklist(ask.title, ask.questions, special, ticked)
            if _Special.BACK in ticked:
                return Reply.BACK
            if _Special.NOT_SURE not in ticked:
                unsure: list[Any] = []
                break
            open_ = [question for question in ask.questions if question.id not in ticked]
            unsure = self._checklist(texts.WHICH_NOT_SURE, open_, [_Special.BACK], [])
            if _Special.BACK not in unsure:
                break
        ticks = [True if one in ticked else None if one in unsure else False for one in ids]
        self._say(texts.PLAIN_YOU_SAID.format(answers=ticked_words(ask, ticks)))
        return dict(zip(ids, ticks, strict=True))

    def number(self, question: AskedQuestion, *, back: bool) -> Given | Reply:
        """A number."""
        self._asked(question.text)
        for line in (question.help, how_to_type(question)):
            self.show(self.page.text(line) if line else [])
        while True:
            typed = self._run(questionary.text("", qmark=">", output=self._output))
            try:
                given = parse_number(str(typed), question)
            except Unclear as unclear:
                self._say(str(unclear))
                continue
            if given is Reply.BACK and not back:
                self._say(texts.NO_WAY_BACK)
                continue
            if not isinstance(given, Reply):
                self._say(texts.PLAIN_YOU_SAID.format(answers=number_words(question, given)))
            return given

    def _asked(self, text: str) -> None:
        """The question, for good: the menu that showed it is taken away once it is answered."""
        self.show([Line(), *self.page.text(text, style="heading")])

    def _message(self, text: str, help_: str, how: str) -> str:
        """The question above a menu. It belongs to the menu, so that a low screen keeps it in sight."""
        lines = [one.text for part in (text, help_, how) if part for one in self._narrow().text(part)]
        return "\n ".join(lines)

    def _narrow(self) -> Page:
        return Page(self.page.width - 2)

    def _menu_options(self) -> dict[str, Any]:
        return {"instruction": " ", "qmark": "", "erase_when_done": True, "output": self._output}

    def _fit(self, text: str) -> str:
        """A menu line, broken where the terminal is narrow."""
        return "\n     ".join(textwrap.wrap(text, max(20, self.page.width - 8)))

    def _line(self, question: AskedQuestion, ticked: Container[Any]) -> questionary.Choice:
        title = [("class:text", self._fit(question.short))]
        if question.help:
            title.append(("class:instruction", f"\n     {self._fit(question.help)}"))
        return questionary.Choice(title, value=question.id, checked=question.id in ticked)

    def _checklist(
        self,
        title: str,
        questions: Sequence[AskedQuestion],
        special: Sequence[_Special],
        ticked: Sequence[Any],
    ) -> list[Any]:
        """What is ticked when Enter is pressed, with the line it was pressed on if that is a special one."""
        lines = [self._line(one, ticked) for one in questions]
        lines += [questionary.Choice(one.value, value=one) for one in special]
        menu = questionary.checkbox(
            self._message(title, "", texts.HOW_TO_TICK), lines, use_jk_keys=False, **self._menu_options()
        )
        menu.application.key_bindings = merge_key_bindings(
            [menu.application.key_bindings or KeyBindings(), _checklist_keys(menu, self._narrow())]
        )
        found = list(self._run(menu))
        self._asked(title)
        return found

    def _run(self, menu: questionary.Question) -> Any:
        """Run one prompt. Whatever ends it without an answer is `Stopped`."""
        menu.application.key_bindings = merge_key_bindings(
            [menu.application.key_bindings or KeyBindings(), _stop_keys()]
        )
        try:
            with _no_loop_log():
                return menu.unsafe_ask()
        except (KeyboardInterrupt, EOFError, OSError, ValueError):
            raise Stopped from None


@contextmanager
def _no_loop_log() -> Iterator[None]:
    """Keep asyncio from writing a traceback, with parts of answers, when a terminal closes in a menu."""
    logger = logging.getLogger("asyncio")
    was, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = was


def _is_an_answer(ticked: list[Any]) -> bool | str:
    """Whether Enter may be taken: something is ticked, and it does not contradict itself."""
    if not ticked:
        return texts.TICK_FIRST
    if _Special.NONE in ticked and any(one not in (_Special.NONE, _Special.BACK) for one in ticked):
        return texts.NOT_BOTH
    return True


def _complaint(menu: questionary.Question) -> list[str]:
    """A line under the menu that says what is missing; empty while there is nothing to say.

    questionary's own is not shown on terminals that do not tell where their cursor is, nor wrapped.
    """
    said: list[str] = []
    text = FormattedTextControl(lambda: [("class:validation-toolbar", one) for one in said])
    window = Window(text, dont_extend_height=True)
    shown = ConditionalContainer(window, filter=Condition(lambda: bool(said)))
    layout = menu.application.layout
    layout.container = HSplit([layout.container, shown])
    return said


def _checklist_keys(menu: questionary.Question, page: Page) -> KeyBindings:
    control = next(
        one for one in menu.application.layout.find_all_controls() if isinstance(one, InquirerControl)
    )
    said = _complaint(menu)
    keys = KeyBindings()

    @keys.add("a", eager=True)
    @keys.add("i", eager=True)
    def _nothing(_event: KeyPressEvent) -> None:
        """Neither tick all nor turn all round."""

    @keys.add(" ", eager=True)
    def _tick(_event: KeyPressEvent) -> None:
        pointed = control.get_pointed_at().value
        if pointed in control.selected_options:
            control.selected_options.remove(pointed)
        else:
            control.selected_options.append(pointed)
        said.clear()

    @keys.add(Keys.ControlM, eager=True)
    def _enter(event: KeyPressEvent) -> None:
        pointed = control.get_pointed_at().value
        ticked = [one.value for one in control.get_selected_values()]
        if pointed is _Special.BACK:
            ticked = [pointed]
        elif isinstance(pointed, _Special) and pointed not in ticked:
            ticked = [*ticked, pointed]
        verdict = _is_an_answer(ticked)
        if verdict is True:
            control.is_answered = True
            event.app.exit(result=ticked)
        else:
            said[:] = ["\n".join(line.text for line in page.text(str(verdict)))]

    return keys


def _stop_keys() -> KeyBindings:
    """Ctrl-D stops everywhere; in questionary's menus it would do nothing."""
    keys = KeyBindings()

    @keys.add(Keys.ControlD, eager=True)
    def _stop(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError)

    return keys
