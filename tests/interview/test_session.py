"""One interview with any face; here with one that reads its replies from a list."""

import pytest

from whentocall import advise
from whentocall.interview import texts
from whentocall.interview.faces import Stopped
from whentocall.interview.parse import Reply
from whentocall.interview.session import Session

BACK = Reply.BACK
NOTHING = ({}, 36.8, "no", {}, {}, {})
"""Replies of somebody without side effects, up to the summary."""


@pytest.fixture
def run(all_drugs, scripted):
    """`run(*replies)` gives the face and the outcome."""

    def run_(*replies, voice="you", **more):
        face = scripted(*replies)
        return face, Session(face, all_drugs, voice, **more).run()

    return run_


def test_nothing_reported(run, all_drugs):
    face, outcome = run(*NOTHING, "yes")
    assert not outcome.stopped
    assert "none" == outcome.advice.level
    assert outcome.advice == advise(all_drugs, outcome.answers)
    assert [] == face.replies


def test_the_answers_are_confirmed_before_the_advice(run):
    face, _ = run(*NOTHING, "yes")
    assert face.text.index(texts.SUMMARY_TITLE) < face.text.index("NOTHING TO REPORT")
    assert texts.CONFIRM == face.asked[-1][0]


def test_an_emergency_needs_no_confirmation_and_no_more_answers(run):
    face, outcome = run({"seizure": True})
    assert "emergency" == outcome.advice.level
    assert not outcome.stopped
    assert 1 == len(face.asked)
    assert texts.SUMMARY_TITLE not in face.text
    assert "EMERGENCY: Call 999 now" in face.text


def test_an_emergency_by_a_changed_answer_is_shown_at_once(run):
    face, outcome = run(*NOTHING, "change", "seizure", "yes")
    assert "emergency" == outcome.advice.level
    assert [] == face.replies


def test_the_first_screen_has_no_way_back_and_all_others_have(run):
    face, _ = run(*NOTHING, "yes", "no")
    assert [False] + 6 * [True] == [back for _, back in face.asked[:7]]


def test_back_asks_the_screen_before_again(run):
    face, outcome = run({}, 38.6, BACK, 36.8, "no", {}, {}, {}, BACK, {"dizzy": True}, "yes", "no")
    assert 36.8 == outcome.answers["temperature"]
    assert "tell" == outcome.advice.level
    assert [] == face.replies


@pytest.mark.parametrize("leave", [BACK, "nothing to change"])
def test_nothing_need_be_changed(run, leave):
    _, outcome = run(*NOTHING, "change", leave, "yes", "no")
    assert "none" == outcome.advice.level


def test_a_change_can_be_left_by_going_back(run):
    _, outcome = run(*NOTHING, "change", "temperature", BACK, "yes", "no")
    assert 36.8 == outcome.answers["temperature"]


def test_a_changed_answer_is_shown_for_confirmation_again(run):
    face, outcome = run(*NOTHING, "change", "temperature", 38.6, "yes", "no")
    assert 38.6 == outcome.answers["temperature"]
    assert "immediately" == outcome.advice.level
    assert 2 == face.text.count(texts.SUMMARY_TITLE)


def test_follow_ups_of_a_changed_answer_are_asked(run):
    face, outcome = run(*NOTHING, "change", "diarrhoea", "yes", 5, "yes", "no")
    assert 5 == outcome.answers["loose_stools"]
    assert "contact" == outcome.advice.level
    assert [] == face.replies


def test_dont_know_is_an_answer_and_never_no(run):
    _, outcome = run({"chest_pain": None}, 36.8, "dont know", {"headache": None}, "yes", "no")
    assert outcome.answers["chest_pain"] is None
    assert outcome.answers["headache"] is None
    assert outcome.answers["took_fever_medicine"] is None
    assert "contact" == outcome.advice.level


def test_a_person_may_stop_anywhere_and_gets_advice_so_far(run, all_drugs):
    """Wherever the replies end, what was told is not lost and nothing is called settled."""
    replies = ({}, 38.6, "yes")
    for count in range(len(replies)):
        face, outcome = run(*replies[:count])
        assert outcome.stopped
        assert outcome.advice == advise(all_drugs, outcome.answers)
        assert ("immediately" if count > 1 else "contact") == outcome.advice.level
        assert (texts.SO_FAR if count else texts.SO_FAR_NOTHING) in face.text


@pytest.mark.parametrize("count", range(7))
def test_stopping_before_the_confirmation_is_a_stop(run, count):
    _, outcome = run(*NOTHING[:count])
    assert outcome.stopped
    assert outcome.advice.finished is (count == 6)


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), Stopped()])
def test_every_kind_of_stop_is_met(run, stop):
    _, outcome = run({}, stop)
    assert outcome.stopped


def test_stopping_while_lines_are_shown_gives_the_advice_so_far(all_drugs, scripted):
    face = scripted({}, 39, "yes")
    show = face.show

    def interrupted(_lines):
        face.show = show
        raise KeyboardInterrupt

    face.show = interrupted
    outcome = Session(face, all_drugs, "you").run()
    assert outcome.stopped
    assert "immediately" == outcome.advice.level
    assert "IMMEDIATELY" in face.text


def test_a_face_that_cannot_show_any_more_does_not_lose_the_outcome(all_drugs, scripted):
    face = scripted({"seizure": True})

    def gone(_lines):
        raise Stopped

    face.show = gone
    outcome = Session(face, all_drugs, "you").run()
    assert "emergency" == outcome.advice.level


def test_more_is_asked_on_request_and_then_shown_again(run):
    face, outcome = run({}, 39, "yes", "yes", "no", {"headache": True}, {}, {}, "rituximab", "yes")
    assert [] == face.replies
    assert not outcome.stopped
    assert "rituximab" == outcome.answers["drug"]
    assert 2 == face.text.count("How soon: Straight away")


def test_stopping_where_more_is_offered_is_no_stop(run):
    _, outcome = run({}, 39, "yes", Stopped())
    assert not outcome.stopped
    assert "immediately" == outcome.advice.level


def test_stopping_amid_more_is_a_stop_with_the_answers_up_to_there(run):
    _, outcome = run({}, 39, "yes", "yes", "no")
    assert outcome.stopped
    assert outcome.answers["took_fever_medicine"] is False
    assert "immediately" == outcome.advice.level


def test_more_answers_never_make_the_advice_less_urgent(run):
    _, before = run({}, 39, "yes", "no")
    _, after = run({}, 39, "yes", "yes", "no", {}, {}, {}, "dont know", "yes")
    assert before.advice.level == after.advice.level


def test_the_carers_words(run):
    face, _ = run({"seizure": True}, voice="they")
    assert "Do they have any of these" in face.asked[0][0]
    assert "Stay with them." in face.text


def test_numbers_are_shown(run):
    face, _ = run({}, 39, "yes", "no", numbers={"advice-line": "020 7946 0000"})
    assert "Number: 020 7946 0000" in face.text


def test_numbers_for_other_protocols_take_the_place_of_nothing(run):
    face, _ = run({"seizure": True}, numbers={"vet": "0", "advice-line": "1"})
    assert "Number: 999" in face.text
