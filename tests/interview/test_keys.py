"""Every key in every menu: the prompt goes on, stops, or answers with exactly what is on the screen."""

import pytest
from prompt_toolkit.keys import Keys

from support import keyboard
from whentocall.interview import texts
from whentocall.interview.faces.checklist import Checklist
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.parse import Reply, parse_number

UP, DOWN = "\x1b[A", "\x1b[B"
KEYS = keyboard.presses()
ENTER = (Keys.ControlM, Keys.ControlJ)
SIGNS = Ask("Signs", tuple(AskedQuestion(name, f"{name}?", name, "", "yes-no") for name in ("A", "B", "C")))


def _rows(screen):
    """The rows of a menu, and the one that is pointed at."""
    rows = [line[3:].strip() for line in screen if line[:3] in ("   ", " » ") and line.strip()]
    return rows, next(line[3:].strip() for line in screen if line.startswith(" » "))


@pytest.fixture
def press_all(monkeypatch):
    """`press_all(ask, setup)` gives key, screen and reply for each key that ended the prompt with a reply."""

    def press_all_(ask, setup=(), *, types=True):
        keys = [key for key in KEYS if types or all(isinstance(press.key, Keys) for press in key)]
        return list(keyboard.press_all(monkeypatch, ask, keys, setup))

    return press_all_


CHOICES = [("one", "The first"), ("two", "The second")]
MEANT = {"The first": "one", "The second": "two", texts.GO_BACK: Reply.BACK}


@pytest.mark.one_in(4)
@pytest.mark.parametrize(("back", "down"), [(False, 0), (True, 1), (True, 2)])
def test_no_key_chooses_anything_but_the_row_pointed_at(press_all, back, down):
    replies = press_all(lambda face: face.choose("Which?", CHOICES, help_="Help.", back=back), [DOWN] * down)
    assert {*ENTER, " "} == {key[-1].key for key, _, _ in replies}
    for key, screen, reply in replies:
        assert MEANT[_rows(screen)[1]] == reply, key
        assert key[-1].key in (*ENTER, " "), key


@pytest.mark.one_in(6)
@pytest.mark.parametrize(
    ("setup", "ends"),
    [
        (["\r"], False),
        ([" ", UP, UP, UP, UP], True),
        ([DOWN, DOWN, "\r", UP, " ", *[UP] * 4], False),
        ([UP, UP, UP], True),
        ([" ", UP], False),
        ([UP], True),
    ],
    ids=["a sign", "continue", "none with ticks", "none", "back with a tick", "back"],
)
def test_no_key_ends_a_checklist_but_with_the_ticks_that_are_shown(press_all, setup, ends):
    replies = press_all(lambda face: face.tick(SIGNS, back=True), setup)
    assert bool(replies) is ends
    for key, screen, reply in replies:
        rows, pointed = _rows(screen)
        ticked = {sign: f"● {sign}" in rows for sign in "ABC"}
        assert key[-1].key in (*ENTER, " "), key
        assert pointed == (texts.CONTINUE if any(ticked.values()) else pointed), key
        assert reply == (Reply.BACK if pointed == texts.GO_BACK else ticked), key


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("more", "ends"), [([], False), ([DOWN, DOWN], True)], ids=["a sign", "continue"])
def test_no_key_says_not_sure_of_anything_but_what_is_ticked_as_that(press_all, more, ends):
    """A is ticked; of the others, B is what somebody is not sure of."""
    replies = press_all(lambda face: face.tick(SIGNS, back=False), [" ", UP, "\r", "\r", *more])
    assert bool(replies) is ends
    for key, screen, reply in replies:
        rows, pointed = _rows(screen)
        assert {"A": True} | {sign: None if f"● {sign}" in rows else False for sign in "BC"} == reply, key
        assert pointed == texts.CONTINUE, key


@pytest.mark.one_in(3)
@pytest.mark.parametrize("typed", ["38.6", "", "?", "386"])
def test_no_key_answers_with_a_number_but_the_one_that_is_typed(press_all, temperature, typed):
    """All keys after a number; after anything else those that type nothing, as the others are the same."""
    replies = press_all(lambda face: face.number(temperature, back=True), list(typed), types=typed == "38.6")
    assert bool(replies) is (typed in ("38.6", "?"))
    for key, screen, reply in replies:
        assert {typed} == {line for line in screen if line.strip()}
        assert parse_number(typed, temperature) == reply, key
        assert key[-1].key in ENTER, key


def test_no_key_takes_a_tick_away_but_on_its_own_row(press_all, monkeypatch):
    """Whatever is pressed anywhere, a sign that was ticked stays ticked, unless it is the row pointed at."""
    lost = []
    act = Checklist.act

    def watched(listed, place):
        before = set(listed.ticked)
        done = act(listed, place)
        lost.extend(
            before - listed.ticked - {question.id for question in listed.questions[place : place + 1]}
        )
        return done

    monkeypatch.setattr(Checklist, "act", watched)
    press_all(lambda face: face.tick(SIGNS, back=True), [" ", DOWN, " ", DOWN])
    assert [] == lost


def test_what_is_pasted_answers_nothing_and_its_lines_are_one(monkeypatch, temperature):
    """Several lines must not answer several questions."""
    paste, enter = (keyboard.parsed(sequence) for sequence in (keyboard.PASTES[0], "\r"))
    pressed = keyboard.press_all(
        monkeypatch, lambda face: face.number(temperature, back=True), [paste + enter]
    )
    assert [] == list(pressed)  # "38.6 37 " is no number


@pytest.mark.parametrize("more", ["37\r", "\x03", "\x1b[B \r"])
def test_what_was_pressed_before_a_question_is_shown_does_not_answer_it(monkeypatch, temperature, more):
    """So an old terminal pastes: all lines at once. The first answers, and only a stop counts of the rest."""
    answers = []

    def two_questions(face):
        answers.append(face.number(temperature, back=True))
        answers.append(face.choose("Which?", CHOICES, help_="", back=False))

    assert [] == list(keyboard.press_all(monkeypatch, two_questions, [keyboard.parsed(f"38.6\r{more}")]))
    assert [38.6] == answers
