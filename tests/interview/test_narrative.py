"""What both faces say: choices and what they stand for, and answers read back."""

import pytest

from whentocall import Interview, load
from whentocall.interview import texts
from whentocall.interview.narrative import choices, chosen_answer, read_back, read_back_screen
from whentocall.interview.walk import Walk

ALL = load("all-targeted-drugs")
TO_CHOOSE = [question for question in ALL.questions.values() if question.answer.kind in ("yes-no", "one-of")]


@pytest.mark.parametrize("question", TO_CHOOSE, ids=lambda question: question.id)
def test_every_choice_stands_for_another_answer_and_one_of_them_for_not_knowing(question):
    asked = Interview(ALL).question(question.id)
    meanings = {words: chosen_answer(asked, choice) for choice, words in choices(asked)}

    expected = [True, False] if asked.kind == "yes-no" else [option.id for option in asked.options]
    assert [*expected, None] == list(meanings.values())
    assert meanings[texts.DONT_KNOW] is None


def test_what_is_not_a_choice_of_a_yes_or_no_is_never_no():
    with pytest.raises(KeyError):
        chosen_answer(Interview(ALL).question("chest_pain"), "perhaps")


def test_only_what_was_answered_no_is_among_the_nos():
    back = read_back(ALL, {"chest_pain": False, "rash": True, "headache": None}, "you")

    assert ("Rash: yes", "Headache: not known") == back.answers
    assert "No to: Chest pain" == back.no


@pytest.mark.parametrize(
    ("answers", "lines", "no"),
    [
        ({"rash": True, "dry_skin": False}, ("Rash",), "No to: Dry skin"),
        ({"rash": None, "dry_skin": False}, ("Rash: not known",), "No to: Dry skin"),
        ({"rash": False, "dry_skin": False}, (texts.NONE_OF_THESE,), "No to: Rash; Dry skin"),
    ],
)
def test_a_checklist_is_read_back_by_what_is_ticked_and_not_known(answers, lines, no):
    walk = Walk(Interview(ALL)).answer(answers)

    assert (lines, no) == read_back_screen(walk, walk.interview.screen(walk.trail[0]))
