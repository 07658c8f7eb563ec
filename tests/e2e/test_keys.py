"""Every key a terminal can send, in a real terminal: it does nothing, or what is said of it, or it stops.

`interview/test_keys.py` presses each of them alone; here many come at once, as a start takes long.
"""

import re
import time

import pytest
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.keys import Keys

from support import keyboard
from whentocall.interview import texts
from whentocall.interview.faces.prompts import ACT, ENTER, STOP
from whentocall.interview.flow import AskedQuestion
from whentocall.interview.parse import Unclear, parse_choice, parse_number, parse_ticks

ALL = "all-targeted-drugs"
FIRST = "First, the signs of an emergency."
HOW = "to go back."
UP, DOWN = "\x1b[A", "\x1b[B"
TOGETHER = 30
MOVES = (Keys.Up, Keys.Down, *ACT, *STOP)
EDITS = (Keys.Backspace, Keys.Delete, Keys.Left, Keys.Right, Keys.Home, Keys.End, *ENTER, *STOP)


def _whole(sequence):
    """Whether a terminal's reader need not wait for more of it."""
    keys = []
    Vt100Parser(keys.append).feed(sequence)
    return len(keys) == len(keyboard.parsed(sequence)) > 0


def _together(sequences):
    return ["".join(sequences[start : start + TOGETHER]) for start in range(0, len(sequences), TOGETHER)]


def _without(effective, *, types=True):
    """Sequences of keys that do nothing in a prompt, some together."""
    whole = [sequence for sequence in keyboard.sequences() if _whole(sequence)]
    keys = {sequence: [press.key for press in keyboard.parsed(sequence)] for sequence in whole}
    idle = [
        sequence
        for sequence in whole
        if not set(keys[sequence]) & set(effective)
        and (types or all(isinstance(key, Keys) and key != Keys.BracketedPaste for key in keys[sequence]))
    ]
    assert len(idle) > 200
    return _together(idle)


def _acting():
    """Sequences that end with Enter or Space: alone, after Esc, after Ctrl-X, with Shift or Ctrl."""
    return [
        sequence
        for sequence in keyboard.sequences()
        if _whole(sequence) and [press.key for press in keyboard.parsed(sequence)][-1] in ACT
    ]


@pytest.fixture
def at_the_signs(terminal):
    """The first list, with chest pain ticked and pointed at."""
    run = terminal("ask", ALL, "--me")
    run.wait_list(FIRST)
    run.tick("Chest pain")
    return run


def _unmoved(run):
    """Whatever was pressed has been taken once the pointer has moved and come back."""
    run.move(DOWN)
    run.move(UP)
    return run.lines


def test_no_other_key_does_anything_in_a_list(at_the_signs):
    run = at_the_signs
    shown = _unmoved(run)
    for keys in _without(MOVES):
        run.send(keys)
        assert shown == _unmoved(run), keys
    run.go_on()
    assert 0 == run.end()
    assert "EMERGENCY: Call 999 now" in run.text


def test_every_way_to_press_enter_or_space_ticks_or_unticks_and_never_goes_on(at_the_signs):
    run = at_the_signs
    for keys in _acting():
        run.send(keys)
        run.wait(texts.UNTICKED.format(text="Chest pain"))
        run.send(keys)
        run.until(lambda: "● Chest pain" in run.text, f"a tick by {keys!r}")
    run.go_on()
    assert 0 == run.end()
    assert "EMERGENCY: Call 999 now" in run.text


def test_esc_and_after_a_while_enter_does_not_end_a_list(at_the_signs):
    """A terminal's reader waits half a second for what may follow Esc."""
    run = at_the_signs
    run.send("\x1b")
    time.sleep(0.6)
    run.send("\r")
    run.wait(texts.UNTICKED.format(text="Chest pain"))
    assert "You said" not in run.text


def test_no_other_key_does_anything_in_a_choice(terminal):
    run = terminal("ask")
    run.wait_menu(texts.WHICH_PROTOCOL)
    shown = _unmoved(run)
    for keys in _without(MOVES):
        run.send(keys)
        assert shown == _unmoved(run), keys
    pointed = run.pointed
    run.send("\x1b\r")
    run.wait_menu(f"You said: {pointed}", texts.WHO_ANSWERS)


def test_no_other_key_does_anything_where_a_number_is_typed(terminal):
    run = terminal("ask", ALL, "--me")
    run.wait_list(FIRST)
    run.choose(texts.NONE_OF_THESE)
    run.wait_prompt("What is your temperature now?", HOW)
    run.send("38.")
    for keys in _without(EDITS, types=False):
        run.send(f"{keys}7")
        run.wait(HOW, "> 38.7")
        run.send("\x7f")
        run.until(lambda: "38.7" not in run.text, "the 7 is gone")
    run.send("6\x1b\r")
    run.wait("You said: 38.6 °C")


def test_lines_that_are_pasted_are_one_line_and_answer_one_question_at_most(terminal):
    run = terminal("ask", ALL, "--me")
    run.wait_list(FIRST)
    run.choose(texts.NONE_OF_THESE)
    run.wait_prompt("What is your temperature now?", HOW)
    run.send("\x1b[200~36.6\r2\r\x1b[201~")
    run.wait(HOW, "> 36.6 2")
    run.send("\r")
    run.wait_prompt("'36.6 2' is not a number.", HOW)
    run.send("36.6\r\r\r")  # as a terminal pastes that does not say what is pasted
    run.wait_menu("You said: 36.6 °C", "in the last 24 hours?")
    run.move(DOWN)
    assert 2 == run.text.count("You said:")


TEMPERATURE = AskedQuestion("temperature", "", "", "", "temperature", 30, 45, "°C")
SPECIAL = (
    "\x00\x03\x04\r\n\x11\x12\x13\x15\x16\x17\x1a\x1c\x7f"  # the terminal itself does something with them
)


def _refused(understand):
    """Sequences that are no answer when they are a line, by what reads lines."""
    for sequence in keyboard.sequences():
        if set(SPECIAL) & set(sequence) or not sequence:
            continue
        try:
            understand(sequence)
        except Unclear:
            yield sequence


CHOICES = [("yes", texts.YES), ("no", texts.NO), ("dont know", texts.DONT_KNOW)]


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("understand", "before", "answer", "said"),
    [
        (lambda text: parse_ticks(text, 14), (), "3", "EMERGENCY: Call 999 now"),
        (lambda text: parse_number(text, TEMPERATURE), ("0",), "38.6", "You said: 38.6 °C"),
        (
            lambda text: parse_choice(text, CHOICES),
            ("0", "36.8"),
            "2",
            "You said: No",
        ),
    ],
    ids=["list", "number", "choice"],
)
def test_a_line_of_any_key_is_asked_again_in_plain_lines(terminal, understand, before, answer, said):
    run = terminal("ask", ALL, "--me", "--plain")
    run.wait_prompt(FIRST, HOW)
    for line in before:
        run.type_and_wait(line)
    start, count = len(run.raw), run.raw.count(b"\n> ")
    refused = list(_refused(understand))
    assert len(refused) > 300
    for lines in _together([f"{line}\r" for line in refused]):
        run.send(lines)
        count += lines.count("\r")
        run.until(lambda: run.raw.count(b"\n> ") >= count, "every line is asked again")  # noqa: B023
    assert b"You said" not in run.raw[start:]
    assert [] == re.findall(rb"Traceback|fault", run.raw)
    run.type(answer)
    run.wait(said)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("keys", ["\x13\x11", "\x1a", "\x12", "\x16\x03\x15", "5\x15", "5\x7f", "5\x17"])
def test_keys_of_the_terminal_itself_lose_no_answer_in_plain_lines(terminal, keys):
    """To hold, to suspend, to show again, to quote, to rub out."""
    run = terminal("ask", ALL, "--me", "--plain")
    run.wait_prompt(FIRST, HOW)
    run.send(keys)
    run.type("3")
    assert 0 == run.end()
    assert "You said: Chest pain" in run.text
    assert "EMERGENCY: Call 999 now" in run.text


def test_quitting_by_the_terminal_gives_the_advice_so_far_in_plain_lines(unsure_of_chest_pain):
    """Ctrl-Backslash would end the program without a word, and may leave the answers in a core dump."""
    run = unsure_of_chest_pain("--plain")
    run.send("\x1c")
    assert 3 == run.end()
    assert texts.SO_FAR in run.text
    assert "TODAY: Call your hospital advice line today" in run.text
