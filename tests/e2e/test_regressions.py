"""Faults found by trying; each test asserts what is right."""

import json

import pytest

from whentocall.interview import texts

ALL = "all-targeted-drugs"
NEURO = "neuroblastoma-targeted-therapy"
FIRST = "First, the signs of an emergency."


@pytest.mark.parametrize("face", [(), ("--plain",)], ids=["menus", "plain"])
def test_a_closed_terminal_ends_the_program_quietly_and_the_files_are_written(
    unsure_of_chest_pain, work, tmp_path, face
):
    """Exit code 3, as documented; 120 is Python's own, for a stream that cannot be flushed any more."""
    errors = tmp_path / "stderr.txt"
    run = unsure_of_chest_pain(*face, "--json", "a.json", "--save", "s", stderr=errors)
    exit_code = run.hang_up()
    assert json.loads((work / "a.json").read_text(encoding="utf-8"))["finished"] is False
    saved = json.loads((work / "s.json").read_text(encoding="utf-8"))
    assert saved["answers"]["chest_pain"] is None
    assert "chest_pain" in saved["answers"]
    assert "" == errors.read_text()
    assert 3 == exit_code


@pytest.mark.parametrize("columns", [80, 40])
def test_what_to_do_about_a_missing_tick_can_be_read_in_full(terminal, columns):
    """The whole sentence; not cut off at the edge of the screen."""
    run = terminal("ask", ALL, "--me", columns=columns)
    run.wait_menu(FIRST)
    run.go_on()
    run.wait("Nothing is ticked.")
    assert texts.TICK_FIRST in run.text


def test_that_none_of_these_contradicts_a_tick_can_be_read_in_full(terminal):
    run = terminal("ask", ALL, "--me", columns=40)
    run.wait_menu(FIRST)
    run.tick("Chest pain")
    run.choose(texts.NONE_OF_THESE)
    run.wait("would lose what you ticked.")
    assert texts.UNTICK_FIRST.format(choice=texts.NONE_OF_THESE) in run.text


def test_what_was_missing_is_not_said_any_more_once_something_is_ticked(terminal):
    run = terminal("ask", ALL, "--me")
    run.wait_menu(FIRST)
    run.go_on()
    run.wait(texts.TICK_FIRST)
    run.tick("Chest pain")
    run.move("\x1b[B")
    assert texts.TICK_FIRST not in run.text


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("protocol", "columns"), [(ALL, 40), (NEURO, 80)])
def test_the_help_of_a_checklist_line_can_be_read_in_full(terminal, person, protocol, columns):
    run = terminal("ask", protocol, "--me", columns=columns)
    cut = []
    somebody = person(protocol)
    for step, given in somebody.screens():
        (first, *rest) = step.questions
        if not rest:
            if first.kind == "yes-no":
                run.wait_menu(first.text)
                run.choose(texts.NO)
            else:
                run.wait_prompt(first.text, "to go back.")
                run.type(str(given[first.id]))
            run.wait(first.text, "You said:")
            continue
        run.wait_list(step.title)
        for one in step.questions:
            cut += [one.help] if one.help and one.help not in run.text else []
            run.move("\x1b[B")
        run.point(texts.NONE_OF_THESE)
        run.send("\r")
        run.until(lambda: texts.NONE_OF_THESE != run.pointed, "the next question")
    assert [] == cut


def test_the_help_of_a_line_is_not_introduced_by_a_word_of_the_program(terminal):
    """'Description:' is questionary's word; no text of ours has it."""
    run = terminal("ask", ALL, "--me")
    run.wait_menu(FIRST)
    run.point("Chest pain")
    run.wait("It may feel tight, heavy or like squeezing.")
    assert "Description:" not in run.text


def test_how_to_use_a_checklist_is_not_broken_inside_a_word(terminal):
    run = terminal("ask", ALL, "--me", columns=40)
    run.wait_list(FIRST)
    assert texts.HOW_TO_TICK in run.text


def test_a_narrow_and_low_screen_keeps_the_question_in_sight(terminal):
    """40 columns, 24 rows: somebody must know what is being ticked, and how."""
    run = terminal("ask", ALL, "--me", rows=24, columns=40)
    run.until(lambda: bool(run.pointed), "the list")
    assert "signs of an emergency" in run.text


def test_a_terminal_that_does_not_report_its_cursor_gets_no_warning(terminal):
    """prompt_toolkit's warning about CPR is nothing a patient can use, and it moves the list."""
    run = terminal("ask", ALL, "--me")
    run.screen.write_process_input = lambda _data: None
    run.wait_menu(FIRST)
    with pytest.raises(AssertionError):
        run.until(lambda: "WARNING" in run.text, "a warning", patience=3)


def test_going_back_from_what_one_is_not_sure_of_keeps_the_ticks(terminal):
    """A ticked sign must not get lost on the way back and forth."""
    run = terminal("ask", ALL, "--me")
    run.wait_menu(FIRST)
    run.tick("Chest pain")
    run.choose(texts.NOT_SURE)
    run.wait_menu(texts.WHICH_NOT_SURE)
    run.choose(texts.GO_BACK)
    run.wait_list(texts.WHICH_NOT_SURE, FIRST)
    assert [line for line in run.lines if "● Chest pain" in line]


def test_what_was_typed_is_shown_without_its_control_characters(pipe, escapes):
    """On a checklist, for a number."""
    done = pipe("ask", ALL, "--me", typed="\x1b[31mred\n0\n\x1b]0;title\x07\n\x1b[31m38.6\n")
    assert [] == escapes(done.stdout)


def test_control_characters_at_a_choice_are_not_shown(pipe, escapes):
    assert [] == escapes(pipe("ask", typed="\x1b[31mred\n").stdout)


@pytest.mark.parametrize("option", [("--json", "s.json", "--save", "s"), ("--json", "s", "--save", "s")])
def test_two_files_of_one_name_are_refused_before_the_first_question(pipe, option):
    done = pipe("ask", ALL, "--me", *option, typed="3\n")
    assert 2 == done.returncode
    assert b"" == done.stdout


@pytest.mark.parametrize("option", ["--json", "--save"])
def test_a_file_without_a_name_is_refused_before_the_first_question(pipe, option):
    """An unset shell variable must not lose the summary without a word."""
    done = pipe("ask", ALL, "--me", option, "", typed="3\n")
    assert 2 == done.returncode
    assert b"" == done.stdout


def test_a_number_for_a_role_that_is_not_there_is_refused(pipe):
    """`advice_line=…` would never be shown, and nobody would know."""
    done = pipe("advise", ALL, "--answers", "-", "--number", "advice_line=020 7946 0000", typed="{}")
    assert 2 == done.returncode
    assert "advice-line" in done.stderr.decode()


def test_bytes_that_are_not_text_cost_one_line_only(pipe):
    """The lines after them are still read."""
    done = pipe("ask", ALL, "--me", typed=b"\xff\xfe\n3\n", PYTHONIOENCODING="utf-8:strict")
    assert 0 == done.returncode
    assert b"EMERGENCY: Call 999 now" in done.stdout


@pytest.mark.parametrize(("typed", "said"), [("?", texts.DONT_KNOW), ("yes", texts.YES), ("No", texts.NO)])
def test_a_choice_may_be_typed_as_it_is_written(pipe, typed, said):
    """`?` is taught on every other screen; 'yes' is what people type to a question."""
    done = pipe("ask", ALL, "--me", typed=f"0\n36.8\n{typed}\n")
    assert f"You said: {said}\n" in done.stdout.decode()


def test_nothing_that_was_asked_for_is_left_out_of_the_help(pipe):
    """`whentocall` alone takes the interview's options too, as `whentocall ask` does."""
    done = pipe("--plain", "--me", typed="1\n3\n")
    assert 0 == done.returncode
    assert b"EMERGENCY: Call 999 now" in done.stdout
