"""However an interview is cut short, the person gets advice so far, and files are written."""

import json
import signal
import termios

import pytest

from whentocall.interview import texts

ALL = "all-targeted-drugs"
FIRST = "First, the signs of an emergency."
UNFINISHED = 3


@pytest.mark.one_in(4)
@pytest.mark.smoke
@pytest.mark.parametrize("face", [(), ("--plain",)], ids=["menus", "plain"])
@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_stopping_at_a_typed_question_gives_the_advice_so_far(unsure_of_chest_pain, face, key):
    run = unsure_of_chest_pain(*face)
    run.send(key)
    assert UNFINISHED == run.end()
    assert texts.SO_FAR in run.text
    assert "TODAY: Call your hospital advice line today" in run.text
    assert "Do you have chest pain?" in run.text
    assert "Traceback" not in run.text


@pytest.mark.parametrize(
    ("face", "key"), [((), "\x04"), (("--plain",), "\x03")], ids=["Ctrl-D in menus", "Ctrl-C in lines"]
)
def test_stopping_at_the_first_list_says_that_nothing_can_wait(terminal, face, key):
    run = terminal("ask", ALL, "--me", *face)
    run.wait(FIRST, "»" if not face else "Type < to go back. >")
    run.send(key)
    assert UNFINISHED == run.end()
    assert texts.SO_FAR_NOTHING in run.text
    assert "TODAY: Call your hospital advice line today" in run.text


@pytest.mark.parametrize(
    ("face", "key"), [((), "\x04"), (("--plain",), "\x03")], ids=["Ctrl-D in menus", "Ctrl-C in lines"]
)
def test_stopping_before_the_first_list_says_that_nothing_can_wait(terminal, face, key):
    run = terminal("ask", *face)
    run.wait(texts.WHICH_PROTOCOL, "»" if not face else "Type a number. >")
    run.send(key)
    assert UNFINISHED == run.end()
    assert texts.SO_FAR_NOTHING in run.text
    assert texts.GOODBYE in run.text


def test_stopping_in_menus_leaves_the_terminal_as_it_was(terminal):
    run = terminal("ask", ALL, "--me")
    run.wait_menu(FIRST)
    run.send("\x03")
    run.wait(texts.SO_FAR_NOTHING, texts.NOT_A_DIAGNOSIS)
    local = termios.tcgetattr(run.child.child_fd)[3]
    assert termios.ECHO & local
    assert termios.ICANON & local
    assert not run.screen.cursor.hidden


@pytest.mark.smoke
def test_an_input_that_is_closed_gives_the_advice_so_far(pipe):
    done = pipe("ask", ALL, "--me", typed="")
    shown = " ".join(done.stdout.decode().split())
    assert UNFINISHED == done.returncode
    assert texts.SO_FAR_NOTHING in shown
    assert "TODAY: Call your hospital advice line today" in shown
    assert b"" == done.stderr


def test_an_input_that_ends_midway_gives_the_advice_so_far(pipe):
    done = pipe("ask", ALL, "--me", "--json", "a.json", typed="0\n38.6\n")
    shown = " ".join(done.stdout.decode().split())
    assert UNFINISHED == done.returncode
    assert texts.SO_FAR in shown
    assert "IMMEDIATELY: Call your hospital advice line now" in shown


def test_an_input_that_ends_inside_a_line_takes_no_answer_from_it(pipe, work):
    """`3` may be the start of `38.6`; cut off, it is nothing."""
    done = pipe("ask", ALL, "--me", "--save", "s", typed="0\n36")
    assert UNFINISHED == done.returncode
    saved = json.loads((work / "s.json").read_text(encoding="utf-8"))
    assert "temperature" not in saved["answers"]
    assert saved["finished"] is False


def test_stopping_with_a_fever_told_keeps_its_urgency(unsure_of_chest_pain):
    run = unsure_of_chest_pain()
    run.type("39")
    run.wait_menu("You said: 39 °C", texts.CONFIRM)
    run.send("\x03")
    assert UNFINISHED == run.end()
    assert texts.SO_FAR in run.text
    assert "IMMEDIATELY: Call your hospital advice line now" in run.text


@pytest.mark.parametrize("face", [(), ("--plain",)], ids=["menus", "plain"])
def test_a_request_to_end_gives_the_advice_so_far(unsure_of_chest_pain, work, face):
    run = unsure_of_chest_pain(*face, "--json", "a.json")
    run.signal(signal.SIGTERM)
    assert UNFINISHED == run.end()
    assert texts.SO_FAR in run.text
    assert "TODAY: Call your hospital advice line today" in run.text
    assert "Traceback" not in run.text
    assert json.loads((work / "a.json").read_text(encoding="utf-8"))["finished"] is False


def test_stopping_after_the_advice_is_no_stop(terminal, person, work):
    """The advice has been shown; leaving at 'do you want to go on?' takes nothing back."""
    run = terminal("ask", ALL, "--me", "--json", "a.json")
    person(ALL, {"temperature": 39}).through_menus(run)
    run.wait_menu(texts.CONFIRM)
    run.choose(texts.CONFIRM_YES)
    run.wait_menu(texts.MORE)
    run.send("\x03")
    assert 0 == run.end()
    assert texts.SO_FAR not in run.text
    assert json.loads((work / "a.json").read_text(encoding="utf-8"))["finished"] is True
