"""What is typed is understood or asked for again; nothing typed is never an answer."""

import pytest

from whentocall.interview import texts

ALL = "all-targeted-drugs"
HOW = "to go back."


@pytest.fixture
def at_temperature(terminal):
    """The menus, at the question about the temperature."""
    run = terminal("ask", ALL, "--me")
    run.wait_menu("First, the signs of an emergency.")
    run.choose(texts.NONE_OF_THESE)
    run.wait_prompt("What is your temperature now?", HOW)
    return run


@pytest.mark.one_in(2)
@pytest.mark.smoke
@pytest.mark.parametrize(
    ("typed", "said"), [("38,6", "38.6 °C"), ("101.5 F", "101.5 °F"), ("?", texts.DONT_KNOW)]
)
def test_a_temperature_is_understood_and_read_back(at_temperature, typed, said):
    at_temperature.type(typed)
    at_temperature.wait(f"> {typed}", f"You said: {said}")


def test_an_implausible_temperature_is_refused_and_asked_again(at_temperature):
    """386 is never clipped to 45 or read as 38.6; 101.5 is not guessed to be °F; Enter is no answer."""
    run = at_temperature
    run.type("386")
    run.wait_prompt("> 386", "386 °C is not between 30 and 45 °C.", "type it again.")
    run.type("101.5")
    run.wait_prompt("> 101.5", "101.5 °C is not between 30 and 45 °C.", "type 101.5 F.")
    run.type("")
    run.wait_prompt("> Nothing was typed.", HOW)
    run.type("hot")
    run.wait_prompt("> hot", "'hot' is not a number.", HOW)
    run.type("36.9")
    run.wait("> 36.9", "You said: 36.9 °C")


def test_an_implausible_temperature_is_refused_in_plain_lines_too(pipe):
    shown = pipe("ask", ALL, "--me", typed="0\n386\n101.5\n\n38,6\n").stdout.decode()
    assert "386 °C is not between 30 and 45 °C. Please check it and type it again." in shown
    assert "If 101.5 is in °F, type 101.5 F." in " ".join(shown.split())
    assert 1 == shown.count(texts.EMPTY)
    assert "You said: 38.6 °C\n" in shown
    assert 1 == shown.count("What is your temperature now?")


@pytest.mark.parametrize("line", ["", "   ", "\t"])
def test_an_empty_line_is_never_an_answer(pipe, person, line):
    """On a checklist, at a choice, at the summary: asked again, and nothing taken for it."""
    somebody = person(ALL).typed()
    with_gaps = "".join(f"{line}\n{one}\n" for one in somebody.splitlines())
    shown = pipe("ask", ALL, "--me", typed=f"{with_gaps}{line}\n1\n1\n")
    assert 0 == shown.returncode
    assert len(somebody.splitlines()) + 1 == shown.stdout.decode().count(texts.EMPTY)


def test_going_on_without_a_tick_is_no_answer(terminal):
    run = terminal("ask", ALL, "--me")
    run.wait_menu("First, the signs of an emergency.")
    run.point(texts.CONTINUE)
    run.send("\r\r \r")
    run.wait("First, the signs of an emergency.", texts.TICK_FIRST)
    assert "You said" not in run.text
    run.choose(texts.NONE_OF_THESE)
    run.wait_prompt("You said: None of these")


def test_keys_that_tick_everything_at_once_are_off(terminal):
    """One slip of a finger must not report every symptom, or none; nor do other letters tick."""
    run = terminal("ask", ALL, "--me")
    run.wait_menu("First, the signs of an emergency.")
    run.send("aiAIxyz12\x01\t")
    run.move("\x1b[B")  # seen once every key before it has been taken
    assert not [line for line in run.lines if "●" in line]
    run.tick("Gasping, choking, or too breathless to speak")
    run.send("ai")
    run.move("\x1b[B")
    assert 1 == len([line for line in run.lines if "●" in line])


@pytest.mark.parametrize("key", [" ", "\r"], ids=["space", "enter"])
def test_a_tick_can_be_taken_away_and_that_is_said(terminal, key):
    run = terminal("ask", ALL, "--me")
    run.wait_menu("First, the signs of an emergency.")
    run.tick("Chest pain")
    run.send(key)
    run.wait(texts.NOT_SURE, texts.UNTICKED.format(text="Chest pain"))
    assert not any("●" in line for line in run.lines)
    run.go_on()
    run.wait(texts.TICK_FIRST)


@pytest.mark.parametrize("key", [" ", "\r"], ids=["space", "enter"])
def test_space_and_enter_mean_the_row_that_they_stand_on(terminal, key):
    """So ticking with the one and going on with the other cannot lose a sign."""
    run = terminal("ask", ALL, "--me")
    run.wait_menu("First, the signs of an emergency.")
    run.tick("Chest pain")
    run.move("\x1b[B")
    run.send(key)
    run.until(lambda: 2 == sum("●" in line for line in run.lines), "a second tick")
    run.point(texts.CONTINUE)
    run.send(key)
    assert 0 == run.end()
    assert "EMERGENCY: Call 999 now" in run.text


@pytest.mark.parametrize("first", [True, False], ids=["none of these", "go back"])
def test_no_row_takes_ticks_away(terminal, first):
    run = terminal("ask", ALL, "--me")
    run.wait_menu("First, the signs of an emergency.")
    if first:
        run.tick("Chest pain")
        choice = texts.NONE_OF_THESE
    else:
        run.choose(texts.NOT_SURE)
        run.wait_menu(texts.WHICH_NOT_SURE)
        run.tick("Chest pain")
        choice = texts.GO_BACK
    run.choose(choice)
    run.wait(texts.UNTICK_FIRST.format(choice=choice))
    assert [line for line in run.lines if "● Chest pain" in line]
    assert "You said" not in run.text


def test_very_long_typing_is_refused_not_guessed(pipe):
    done = pipe("ask", ALL, "--me", typed="3" * 100_000 + "\n0\n" + "38 " * 2000 + "\n")
    assert 3 == done.returncode
    assert "EMERGENCY" not in done.stdout.decode()
    assert 2 == " ".join(done.stdout.decode().split()).count(texts.TOO_LONG)
