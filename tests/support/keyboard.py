"""Every key there is, and a keyboard that presses them in prompts inside this process.

Every key: all that prompt_toolkit knows, each character, and every chord that one of its own bindings is for.
"""

import asyncio
from collections import deque
from contextlib import nullcontext
from functools import cache

from prompt_toolkit.application import application, create_app_session, get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import fragment_list_to_text, to_formatted_text
from prompt_toolkit.input import Input
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl
from prompt_toolkit.output import DummyOutput

from whentocall.interview.faces import Stopped, prompts
from whentocall.interview.faces.menus import MenuFace

ESC, CTRL_X, STOP = "\x1b", "\x18", "\x03"
ASCII = [chr(code) for code in range(128)]
OTHERS = ["é", "３", "“", "\u00a0", "\u3000", "\udcff"]
PASTES = [f"\x1b[200~{text}\x1b[201~" for text in ("38.6\r37\r", "\r", "\n\n", " ", "1", "\x03", "yes\r")]
REPORTS = ["\x1b[<0;5;5M", "\x1b[<0;5;5m", "\x1b[M !!", "\x1b[96;14;13M", "\x1b[5;5R", "\x1b[I", "\x1b[?1;2c"]

_default_keys = cache(application.load_key_bindings)  # collecting them for each prompt takes longest of all


def sequences():
    """What terminals send for every key, and for the common chords of two."""
    known = [sequence for sequence in ANSI_SEQUENCES if "\x1b[200~" != sequence]
    chords = [ESC + key for key in (*ASCII, "\x1b[A", "\x1b[B")] + [CTRL_X + key for key in ASCII]
    return [*dict.fromkeys([*ASCII, *known, *OTHERS[:-1], *PASTES, *REPORTS, *chords])]


def presses():
    """The same as prompt_toolkit's keys, each once; and every chord that it knows, whoever sends it."""
    chords = [binding.keys for binding in _default_keys().bindings]
    chords += [(key,) for key in Keys] + [(Keys.Escape, key) for key in Keys]
    chords += [(Keys.ControlX, key) for key in Keys if len(key.value) == 3 and key.value.startswith("c-")]
    made = [tuple(_press(key) for key in chord) for chord in chords]
    made += [parsed(text) for text in (*ASCII, *OTHERS, *PASTES, *REPORTS, *(ESC + key for key in ASCII))]
    return [*{tuple((key.key, key.data) for key in press): press for press in made}.values()]


def parsed(sequence):
    """What prompt_toolkit makes of what a terminal sends."""
    keys = []
    Vt100Parser(keys.append).feed_and_flush(sequence)
    return tuple(KeyPress(key.key, "" if _is_named(key) else key.data) for key in keys)


def _press(key):
    return KeyPress("x" if key is Keys.Any else key, None if isinstance(key, str) and len(key) == 1 else "")


def _is_named(key):
    return isinstance(key.key, Keys) and key.key is not Keys.BracketedPaste


class Keyboard(Input):
    """Presses `setup` in every prompt, then one key after another, each where the screen is as after `setup`.

    Attributes:
        left: the keys to press, each a tuple of `KeyPress`, as a chord is more than one.
        pressed: the last of them that was pressed; None while the prompt is being set up or left.
        before: the lines on the screen when it was pressed.
    """

    closed = False
    raw_mode = cooked_mode = detach = lambda _self: nullcontext()

    def __init__(self, keys, setup=()):
        self.left, self.setup = deque(keys), [parsed(sequence) for sequence in setup]
        self.open()

    def open(self):
        """Begin anew with the next prompt."""
        self._to_do, self._start, self._document = deque(self.setup), None, None
        self.pressed, self.before, self._keys = None, [], ()
        self._last, self._stopping = None, False

    def attach(self, input_ready_callback):
        """Take keys to a prompt, one after another."""
        app, self._ready = get_app(), input_ready_callback
        app.min_redraw_interval = 3600  # to draw takes most of the time; what would be drawn is enough
        self._shown = [_shown_by(control) for control in app.layout.find_all_controls()]
        asyncio.get_running_loop().call_soon(self._press_next, app)
        return nullcontext()

    def _press_next(self, app):
        while app.is_running and not app.is_done and not self._keys:
            self._keys = self._next()  # some sequences are no key at all
        if app.is_running and not app.is_done:
            self._ready()
            asyncio.get_running_loop().call_soon(self._press_next, app)

    def _next(self):
        if self._to_do:
            return self._to_do.popleft()
        if self.pressed is not None:
            self._take_back()
        lines = [line for shown in self._shown for line in shown().splitlines()]
        if self._start is None:
            self._start, self._document = lines, get_app().current_buffer.document
        if lines != self._start or not self.left:
            return self._stop()
        self.before, self.pressed = lines, self.left.popleft()
        return self.pressed

    def _take_back(self):
        """Where all that the key did was to type itself, go on from there: a new prompt takes long."""
        buffer, (document, data) = get_app().current_buffer, (self._document, self.pressed[-1].data)
        if data and document.text_before_cursor + data + document.text_after_cursor == buffer.text:
            buffer.document = document

    def _stop(self):
        if self._stopping:  # it was pressed, and nothing has come of it
            get_app().exit(exception=AssertionError(f"no way to stop after {self._last}"))
        self._last, self.pressed, self._stopping = self.pressed, None, True
        return parsed(STOP)

    def read_keys(self):
        """The key that is pressed, once."""
        keys, self._keys = self._keys, ()
        return list(keys)

    def fileno(self):
        """No file behind it."""
        raise NotImplementedError

    def typeahead_hash(self):
        """Keys that a prompt leaves are kept under this name."""
        return f"keyboard {id(self)}"


def _shown_by(control):
    """What a part of the screen shows, as it is when this is called."""
    if isinstance(control, BufferControl):
        return lambda: control.buffer.text
    text = getattr(control, "text", "")
    return lambda: fragment_list_to_text(to_formatted_text(text))


def _not_ours(*_args, **_more):
    raise SystemExit("a key of prompt_toolkit's own")


def press_all(monkeypatch, ask, keys, setup=()):
    """Press keys, each in a prompt that is as `setup` left it.

    Args:
        monkeypatch: pytest's.
        ask: asks once, with the face that it is given.
        keys: from `presses`.
        setup: what to press first in every prompt, as a terminal sends it.

    Yields:
        For each key that ended a prompt with a reply: the key, the lines on the screen before it, the reply.
    """
    monkeypatch.setattr(prompts, "create_output", lambda stdout: DummyOutput())  # noqa: ARG005
    monkeypatch.setattr(application, "load_key_bindings", _default_keys)
    # Where keys of its own came through, these would stop the tests themselves, or wait for an editor.
    monkeypatch.setattr(application.Application, "suspend_to_background", _not_ours)
    monkeypatch.setattr(Buffer, "open_in_editor", _not_ours)
    keyboard = Keyboard(keys, setup)
    with create_app_session(input=keyboard, output=DummyOutput()):
        face = MenuFace(colour=False)
        while keyboard.left:
            keyboard.open()
            left = len(keyboard.left)
            try:
                reply = ask(face)
            except Stopped:
                continue
            finally:
                assert len(keyboard.left) < left, f"the prompt is over after {setup}"
            yield keyboard.pressed, keyboard.before, reply
