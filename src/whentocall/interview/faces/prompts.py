"""One prompt on the terminal that the program runs in. The only module that imports questionary.

questionary draws; what a key does is decided here and nowhere else. Some keys of prompt_toolkit end a prompt
without any of our checks (Alt+Enter, Ctrl+O), and some of questionary's tick everything at once. So one
handler gets every key before they can, and a prompt returns an answer only if that handler accepted it.
Whatever else ends a prompt is `Stopped`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import questionary
from prompt_toolkit.application import Application
from prompt_toolkit.filters import Condition
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import ConditionalContainer, FormattedTextControl, HSplit, Window
from prompt_toolkit.output import Output, create_output
from questionary.prompts.common import InquirerControl

from whentocall.engine.reader import MAX_LENGTH
from whentocall.interview.faces import Stopped

T = TypeVar("T")

ENTER = (Keys.ControlM, Keys.ControlJ)  # the second is what some terminals send for Enter
ACT = (*ENTER, " ")
STOP = (Keys.ControlC, Keys.ControlD, Keys.SIGINT)

Row = str | list[tuple[str, str]]
"""A line of a menu: text, or pieces of text with their style before them."""


@dataclass(frozen=True, slots=True)
class Accepted(Generic[T]):
    """What ends a prompt as its answer."""

    value: T


class Prompts:
    """The prompts of one terminal. Each raises `Stopped` if the person stops or the terminal is gone."""

    def __init__(self) -> None:
        self._output: Output = create_output(stdout=sys.stdout)
        # Some terminals do not answer when asked where their cursor is, and a warning about that does not
        # help the person.
        if hasattr(self._output, "enable_cpr"):
            self._output.enable_cpr = False

    def menu(
        self, message: str, rows: Callable[[], Sequence[Row]], act: Callable[[int], Accepted[T] | str]
    ) -> T:
        """A list of rows to move in. Space and Enter do the same: they act on the row pointed at.

        Args:
            message: what to show above the rows.
            rows: the rows as they are now; always the same number.
            act: acts on the row at that place, from 0. Returns the answer, or what to say below the rows.
        """
        choices = [questionary.Choice(row, value=place) for place, row in enumerate(rows())]
        question = questionary.select(
            message, choices, instruction=" ", qmark="", erase_when_done=True, output=self._output
        )
        layout = question.application.layout
        control = next(part for part in layout.find_all_controls() if isinstance(part, InquirerControl))
        complaint = _complaint(question.application)

        def press(key: KeyPress) -> Accepted[T] | None:
            if key.key == Keys.Up:
                control.select_previous()
            elif key.key == Keys.Down:
                control.select_next()
            elif key.key in ACT:
                result = act(control.pointed_at)
                if isinstance(result, Accepted):
                    return result
                complaint[:] = [result] if result else []
                for choice, row in zip(control.choices, rows(), strict=True):
                    choice.title = row
            return None

        return _run(question, press)

    def line(self) -> str:
        """A line to type on. The end of a line in pasted text is only a blank: it answers nothing."""
        question = questionary.text("", qmark=">", output=self._output)
        typed = question.application.current_buffer
        edit: dict[Keys | str, Callable[[], object]] = {
            Keys.Backspace: typed.delete_before_cursor,
            Keys.Delete: typed.delete,
            Keys.Left: typed.cursor_left,
            Keys.Right: typed.cursor_right,
            Keys.Home: lambda: setattr(typed, "cursor_position", 0),
            Keys.End: lambda: setattr(typed, "cursor_position", len(typed.text)),
        }

        def press(key: KeyPress) -> Accepted[str] | None:
            if key.key in ENTER:
                return Accepted(typed.text)
            if key.key in edit:
                edit[key.key]()
            elif key.key == Keys.BracketedPaste or not isinstance(key.key, Keys):
                # One character more than is ever understood, so that what is cut off is refused.
                room = max(0, MAX_LENGTH + 1 - len(typed.text))
                visible = "".join(char if char.isprintable() else " " for char in key.data[:room])
                typed.insert_text(visible)
            return None

        return _run(question, press)


def _run(question: questionary.Question, press: Callable[[KeyPress], Accepted[T] | None]) -> T:
    """Run one prompt. Every key goes to `press`, which returns the answer once there is one."""
    application: Application[Any] = question.application
    accepted: list[Accepted[T]] = []
    keys = KeyBindings()

    @keys.add(Keys.Any, eager=True)
    def _every_key(event: KeyPressEvent) -> None:
        (key,) = event.key_sequence
        if key.key in STOP:
            event.app.exit(exception=EOFError)
            return
        try:
            answer = press(key)
        except Exception as fault:  # noqa: BLE001  it would be shown to the person, with a traceback
            event.app.exit(exception=fault)
            return
        if answer is not None:
            accepted.append(answer)
            event.app.exit(result=answer)

    application.key_bindings = keys
    _forget_keys_pressed_before(application)
    try:
        with _no_loop_log():
            ended: object = question.unsafe_ask()
    except (KeyboardInterrupt, EOFError, OSError, ValueError):
        raise Stopped from None
    if not accepted or ended is not accepted[0]:
        raise Stopped
    return accepted[0].value


def _forget_keys_pressed_before(application: Application[Any]) -> None:
    """Nobody has answered a question that was not on the screen yet. Only a stop counts at any time."""
    if any(key.key in STOP for key in get_typeahead(application.input)):
        raise Stopped


@contextmanager
def _no_loop_log() -> Iterator[None]:
    """Keep asyncio from logging a traceback, with parts of answers, if a terminal closes during a menu."""
    logger = logging.getLogger("asyncio")
    was, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = was


def _complaint(application: Application[Any]) -> list[str]:
    """A line under the menu that says what is missing; empty while there is nothing to say.

    questionary's own is not wrapped, and some terminals do not show it.
    """
    complaint: list[str] = []
    text = FormattedTextControl(lambda: [("class:validation-toolbar", line) for line in complaint])
    window = Window(text, dont_extend_height=True)
    below = ConditionalContainer(window, filter=Condition(lambda: bool(complaint)))
    application.layout.container = HSplit([application.layout.container, below])
    return complaint
