"""The way through an interview, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whentocall import AnswersError, Interview, load
from whentocall.interview.flow import Ask
from whentocall.interview.walk import Walk

ALL = load("all-targeted-drugs")
YES, NO = True, False


def _start():
    return Walk(Interview(ALL))


def _no_to(step, **answers):
    values = {"yes-no": False, "temperature": 36.8, "whole-number": 0, "days": 0, "one-of": None}
    return {question.id: answers.get(question.id, values[question.kind]) for question in step.questions}


def _to_the_end(walk, **answers):
    while isinstance(step := walk.step(), Ask):
        walk = walk.answer(_no_to(step, **answers))
    return walk


def _with_diarrhoea():
    return _to_the_end(_start(), diarrhoea=True, loose_stools=3)


def test_there_is_no_way_back_from_the_start():
    walk = _start()
    assert not walk.can_go_back
    assert walk.back() is walk


def test_going_back_undoes_the_last_screen_alone():
    start = _start()
    first = start.answer(_no_to(start.step()))
    second = first.answer({"temperature": 37.2})
    assert first == second.back()
    assert start == second.back().back()


def test_each_step_gives_a_new_walk():
    walk = _start()
    walk.answer(_no_to(walk.step()))
    assert {} == walk.answers
    with pytest.raises(TypeError):
        walk.answers["chest_pain"] = False


@given(st.lists(st.sampled_from([True, False, None]), min_size=6, max_size=6))
def test_the_way_back_is_the_way_there(ticks):
    walk, seen = _start(), []
    for tick in ticks:
        step = walk.step()
        if not isinstance(step, Ask):
            break
        seen.append(walk)
        last = step.questions[-1]
        walk = walk.answer(_no_to(step, **({last.id: tick} if last.kind == "yes-no" else {})))
    for before in reversed(seen):
        walk = walk.back()
        assert before.answers == walk.answers
        assert before.step() == walk.step()


def test_a_changed_answer_drops_its_follow_ups():
    walk = _with_diarrhoea()
    assert {"loose_stools", "diarrhoea_days", "cannot_replace_fluid"} <= walk.answers.keys()
    changed = walk.change({"diarrhoea": NO})
    assert changed.answers["diarrhoea"] is False
    assert not {"loose_stools", "diarrhoea_days", "cannot_replace_fluid"} & changed.answers.keys()


def test_an_answer_changed_to_dont_know_keeps_its_follow_ups():
    """They may apply; dropping them could only lower what is known."""
    changed = _with_diarrhoea().change({"diarrhoea": None})
    assert 3 == changed.answers["loose_stools"]


def test_a_follow_up_with_another_reason_stays():
    """Being sick asks for it as much as diarrhoea does."""
    walk = _to_the_end(_start(), diarrhoea=True, being_sick=True)
    changed = walk.change({"diarrhoea": NO})
    assert "cannot_replace_fluid" in changed.answers
    assert "loose_stools" not in changed.answers


def test_a_changed_answer_opens_its_follow_ups():
    walk = _to_the_end(_start()).change({"diarrhoea": YES})
    assert ["loose_stools"] == [question.id for question in walk.step().questions]


def test_after_a_change_there_are_no_empty_steps_back():
    walk = _with_diarrhoea()
    changed = walk.change({"diarrhoea": NO})
    assert len(changed.trail) < len(walk.trail)
    assert changed.back().answers != changed.answers


def test_other_answers_outlive_a_change():
    walk = _with_diarrhoea()
    kept = {id_: given for id_, given in walk.answers.items() if id_ not in ("temperature",)}
    changed = walk.change({"temperature": 37})
    assert {**kept, "temperature": 37} == dict(changed.answers)


def test_going_back_over_a_list_drops_its_follow_ups_too():
    walk = _start()
    while "diarrhoea" not in walk.answers:
        walk = walk.answer(_no_to(walk.step(), diarrhoea=True))
    assert ["loose_stools"] == [question.id for question in walk.step().questions]
    assert "diarrhoea" not in walk.back().answers
    further = walk.answer({"loose_stools": 5}).back().back()
    assert not {"diarrhoea", "loose_stools"} & further.answers.keys()


@pytest.mark.parametrize("refused", [{"temperature": 386}, {"temperature": "warm"}, {"nothing": 1}])
def test_a_refused_answer_leaves_the_walk_as_it_was(refused):
    walk = _start()
    with pytest.raises(AnswersError):
        walk.answer(refused)
    with pytest.raises(AnswersError):
        walk.change(refused)
    assert {} == walk.answers


def test_going_on_asks_what_is_left():
    walk = _to_the_end(_start(), temperature=39)
    assert "settled" == walk.step().why
    assert isinstance(walk.go_on().step(), Ask)
    assert "all" == _to_the_end(walk.go_on()).step().why
