"""What a narrow, a low, a dumb terminal and a screen reader get to see."""

import pytest

from whentocall import load
from whentocall.interview import texts

ALL = "all-targeted-drugs"
NEURO = "neuroblastoma-targeted-therapy"
FIRST = "First, the signs of an emergency."
NARROW = 40


def _lists(protocol):
    found = load(protocol)
    return [
        [found.questions[one] for one in screen.questions]
        for screen in found.screens
        if len(screen.questions) > 1
    ]


@pytest.mark.parametrize("protocol", [ALL, NEURO])
def test_plain_lines_fit_in_40_columns(terminal, person, protocol):
    run = terminal("ask", protocol, "--plain", "--me", columns=NARROW)
    run.wait_prompt(FIRST, "go back.")
    for line in person(protocol, {"diarrhoea": True, "side_effect": True}).typed().splitlines():
        run.type_and_wait(line)
    run.wait_prompt(texts.CONFIRM, "go back.")
    run.type_and_wait("1")
    run.wait_prompt(texts.NOT_A_DIAGNOSIS, texts.MORE)
    assert [] == [line for line in run.output.splitlines() if len(line) > NARROW]
    shown = " ".join(run.output.split())
    for questions in _lists(protocol):
        assert [] == [one.short.you for one in questions if one.short.you not in shown]
        assert [] == [one.help.you for one in questions if one.help and one.help.you not in shown]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("protocol", [ALL, NEURO])
def test_every_line_of_a_checklist_can_be_read_in_40_columns(terminal, person, protocol):
    run = terminal("ask", protocol, "--me", columns=NARROW)
    somebody = person(protocol)
    for step, given in somebody.screens():
        if len(step.questions) == 1:
            one = step.questions[0]
            if "yes-no" == one.kind:
                run.wait_menu(one.text)
                run.choose(texts.NO)
                run.wait(one.text, "You said:")
            else:
                run.wait_prompt(one.text, "to go back.")
                run.type(str(given[one.id]))
            continue
        run.wait_list(step.title)
        assert [] == [one.short for one in step.questions if one.short not in run.text]
        run.point(texts.NONE_OF_THESE)
        run.send("\r")
        run.until(lambda: texts.NONE_OF_THESE != run.pointed, "the next question")
    run.wait_menu(texts.SUMMARY_TITLE, texts.CONFIRM)
    run.choose(texts.CONFIRM_YES)
    run.wait(texts.CONFIRM, "NOTHING TO REPORT:", texts.NOT_A_DIAGNOSIS)


@pytest.mark.smoke
@pytest.mark.parametrize("columns", [80, NARROW])
def test_the_line_pointed_at_is_always_on_a_screen_of_24_rows(terminal, columns):
    """Fourteen signs and their three other rows, up and down again."""
    run = terminal("ask", ALL, "--me", rows=24, columns=columns)
    run.until(lambda: bool(run.pointed), "the list")
    seen = [run.pointed, *(run.move("\x1b[B") for _ in range(16))]
    assert 17 == len(set(seen))
    back = [run.move("\x1b[A") for _ in range(16)]
    assert [*reversed(seen[:-1])] == back


def test_a_list_on_24_rows_keeps_its_question_in_sight(terminal):
    run = terminal("ask", ALL, "--me", rows=24)
    run.wait_menu(FIRST)
    for _ in range(16):
        run.move("\x1b[B")
        assert FIRST in run.text


@pytest.mark.smoke
@pytest.mark.parametrize("more", [{"TERM": "dumb"}, {"TERM": ""}])
def test_a_terminal_that_cannot_move_gets_plain_lines_without_escapes(terminal, escapes, more):
    run = terminal("ask", ALL, "--me", **more)
    run.wait_prompt(FIRST, "Type < to go back.")
    run.type("3")
    assert 0 == run.end()
    assert "EMERGENCY: Call 999 now" in run.text
    assert [] == escapes(run.raw.replace(b"\r\n", b"\n"))


@pytest.mark.parametrize("more", [{}, {"FORCE_COLOR": "1"}])
def test_a_pipe_never_carries_escapes(pipe, person, escapes, more):
    done = pipe("ask", ALL, "--me", typed=person(ALL, {"temperature": 39}).typed_to_the_end(), **more)
    assert 0 == done.returncode
    assert [] == escapes(done.stdout + done.stderr)
    advised = pipe("advise", ALL, "--answers", "-", typed='{"temperature": 39}', **more)
    assert [] == escapes(advised.stdout + advised.stderr)


def test_without_colour_the_advice_in_a_terminal_carries_no_escapes(terminal, escapes, work):
    (work / "a.json").write_text('{"temperature": 39}', encoding="utf-8")
    run = terminal("advise", ALL, "--answers", "a.json", NO_COLOR="1")
    assert 0 == run.end()
    assert "IMMEDIATELY: Call your hospital advice line now" in run.text
    assert [] == escapes(run.raw.replace(b"\r\n", b"\n"))


def test_with_colour_the_words_are_the_same(terminal, work):
    (work / "a.json").write_text('{"temperature": 39}', encoding="utf-8")
    plain = terminal("advise", ALL, "--answers", "a.json", NO_COLOR="1")
    painted = terminal("advise", ALL, "--answers", "a.json")
    assert (0, 0) == (plain.end(), painted.end())
    assert b"\x1b[" in painted.raw
    assert plain.lines == painted.lines


def test_without_colour_menus_and_advice_show_no_colour(terminal):
    """Menus need the cursor; NO_COLOR takes away their colours."""
    run = terminal("ask", ALL, "--me", NO_COLOR="1")
    run.wait_menu(FIRST)
    run.tick("Chest pain")
    run.go_on()
    assert 0 == run.end()
    coloured = {
        (cell.fg, cell.bg)
        for row in run.screen.buffer.values()
        for cell in row.values()
        if (cell.fg, cell.bg) != ("default", "default")
    }
    assert set() == coloured


def test_every_choice_of_a_menu_can_be_read_in_40_columns(terminal):
    """Long choices, such as the names of the protocols."""
    run = terminal("ask", columns=NARROW)
    run.wait_menu(texts.WHICH_PROTOCOL)
    assert [] == [one for one in (ALL, NEURO) if load(one).title not in run.text]
