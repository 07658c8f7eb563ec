"""Which question comes next depends on the answers so far, and on nothing else."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whentocall import AnswersError, Interview, advise, load
from whentocall.interview import texts
from whentocall.interview.flow import Ask, AskedQuestion, Done, Progress, step_json

ALL = load("all-targeted-drugs")
NEURO = load("neuroblastoma-targeted-therapy")
PROTOCOLS = pytest.mark.parametrize("protocol", [ALL, NEURO], ids=lambda protocol: protocol.id)


def _no_to_all(step, **answers):
    values = {"yes-no": False, "temperature": 36.8, "whole-number": 0, "days": 0, "one-of": None}
    return {question.id: answers.get(question.id, values[question.kind]) for question in step.questions}


def _walk(protocol, *, everything=False, voice="you", **answers):
    """Every screen asked on the way, and the end."""
    interview, given_, screens = Interview(protocol, voice=voice), {}, []
    while isinstance(step := interview.next_screen(given_, everything=everything), Ask):
        screens.append([question.id for question in step.questions])
        given_ |= _no_to_all(step, **answers)
    return screens, step, given_


@PROTOCOLS
def test_the_signs_of_an_emergency_are_asked_first_and_together(protocol):
    step = Interview(protocol).next_screen({})
    signs = {id_ for card in protocol.cards if card.protocol == "emergency" for id_ in card.ask}
    assert signs == {question.id for question in step.questions}
    assert "emergency" in step.title


@PROTOCOLS
def test_an_emergency_ends_the_questions(protocol):
    assert Done("settled", more=True) == Interview(protocol).next_screen({"chest_pain": True})


@given(st.dictionaries(st.sampled_from(sorted(ALL.questions)), st.none(), max_size=12))
def test_the_same_answers_lead_to_the_same_question(answers):
    """No state: asked twice, by another interview, with the answers in another order."""
    backwards = dict(reversed(answers.items()))
    first = Interview(ALL)
    assert first.next_screen(answers) == first.next_screen(answers)
    assert first.next_screen(answers) == Interview(ALL).next_screen(backwards)


@given(st.dictionaries(st.sampled_from(sorted(ALL.questions)), st.none(), max_size=12))
def test_what_was_answered_is_never_asked_again(answers):
    step = Interview(ALL).next_screen(answers, everything=True)
    assert isinstance(step, Done) or not {question.id for question in step.questions} & answers.keys()


def test_the_answers_are_left_as_they_are():
    answers = {"diarrhoea": True}
    Interview(ALL).next_screen(answers)
    assert {"diarrhoea": True} == answers


@PROTOCOLS
@pytest.mark.parametrize("everything", [False, True])
def test_one_question_at_a_time_is_the_first_of_the_screen(protocol, everything):
    interview = Interview(protocol)
    question = interview.next_question({}, everything=everything)
    assert isinstance(question, AskedQuestion)
    assert interview.next_screen({}, everything=everything).questions[0] == question


@PROTOCOLS
@pytest.mark.parametrize("ask", ["next_question", "next_screen"])
def test_by_default_nothing_is_asked_that_could_not_change_the_level(protocol, ask):
    """At the top nothing could; somebody with chest pain is not asked about their skin first."""
    ask_next = getattr(Interview(protocol), ask)
    sign = Interview(protocol).next_question({}).id

    assert "settled" == ask_next({sign: True}).why
    assert not isinstance(ask_next({sign: True}, everything=True), Done)


@pytest.mark.parametrize(
    ("opener", "followers"),
    [
        ("diarrhoea", {"loose_stools", "diarrhoea_days", "cannot_replace_fluid"}),
        ("being_sick", {"cannot_replace_fluid"}),
        ("constipation", {"constipation_days"}),
    ],
)
def test_follow_ups_are_asked_after_a_yes_alone(opener, followers):
    all_followers = {"loose_stools", "diarrhoea_days", "cannot_replace_fluid", "constipation_days"}
    for answer, expected in [(True, followers), (False, set()), (None, set())]:
        screens, _, _ = _walk(ALL, everything=True, **{opener: answer})
        assert expected == {id_ for screen in screens for id_ in screen} & all_followers


def test_follow_ups_come_directly_after_their_list():
    screens, _, _ = _walk(ALL, everything=True, diarrhoea=True, constipation=True)
    place = next(place for place, screen in enumerate(screens) if "diarrhoea" in screen)
    follow_ups = [["loose_stools"], ["diarrhoea_days"], ["cannot_replace_fluid"], ["constipation_days"]]
    assert follow_ups == screens[place + 1 : place + 5]


@PROTOCOLS
@pytest.mark.parametrize("answer", [True, False, None])
def test_everything_asks_each_question_that_applies_once(protocol, answer):
    """Also context questions, and also after the level is settled."""
    interview, answers, asked = Interview(protocol), {}, []
    while isinstance(step := interview.next_screen(answers, everything=True), Ask):
        asked += [question.id for question in step.questions]
        answers |= _no_to_all(
            step, **{question.id: answer for question in step.questions if question.kind == "yes-no"}
        )
    expected = {
        question.id for question in protocol.questions.values() if answer is True or question.only_if is None
    }
    assert Done("all", more=False) == step
    assert len(asked) == len(set(asked))
    assert expected == set(asked)


@PROTOCOLS
def test_a_context_question_is_not_asked_before_it_is_wanted(protocol):
    screens, end, _ = _walk(protocol)
    context = {question.id for question in protocol.questions.values() if question.context}
    assert not context & {id_ for screen in screens for id_ in screen}
    assert "settled" == end.why or not context


def test_settled_means_that_something_could_still_be_asked():
    _, end, answers = _walk(ALL, temperature=39)
    assert Done("settled", more=True) == end
    assert "diarrhoea" not in answers


def test_nothing_is_settled_while_a_more_urgent_level_is_possible():
    """A fever is 'immediately'; the emergency signs must have been asked before that is the end."""
    step = Interview(ALL).next_screen({"temperature": 39})
    assert isinstance(step, Ask)
    assert "chest_pain" in {question.id for question in step.questions}


@pytest.mark.parametrize(
    "answers", [{"temperature": 386}, {"no_such_question": True}, {"chest_pain": "maybe"}, {"drug": "water"}]
)
def test_refused_answers_are_refused_here_too(answers):
    with pytest.raises(AnswersError):
        Interview(ALL).next_screen(answers)


@PROTOCOLS
def test_each_question_is_shown_in_the_voice_of_the_interview(protocol):
    for voice in ("you", "they"):
        interview = Interview(protocol, voice=voice)
        for question in protocol.questions.values():
            asked = interview.question(question.id)
            assert question.wording(voice) == asked.text
            assert question.short.to(voice) == asked.short
            assert tuple(question.options) == tuple(option.id for option in asked.options)


@PROTOCOLS
def test_a_screen_of_several_is_made_of_yes_no_questions(protocol):
    """A checklist has no other kind of line."""
    screens, _, _ = _walk(protocol, everything=True)
    several = [id_ for screen in screens if len(screen) > 1 for id_ in screen]
    assert {"yes-no"} == {protocol.questions[id_].answer.kind for id_ in several}


def _drawn(data, step):
    """Any answer to each question of a screen, don't know included."""
    choices = {
        "yes-no": [True, False, None],
        "temperature": [35.9, 36, 36.8, 37.5, 37.6, 40, None],
        "whole-number": [0, 3, 4, 9, None],
        "days": [0, 1, 3, 4, 9, None],
    }
    return {
        question.id: data.draw(
            st.sampled_from(choices.get(question.kind) or [*(o.id for o in question.options), None])
        )
        for question in step.questions
    }


@given(st.data(), st.sampled_from([ALL, NEURO]), st.booleans())
def test_at_most_as_many_questions_follow_as_was_said(data, protocol, everything):
    interview, answers, asked, bounds = Interview(protocol), {}, 0, []
    while isinstance(step := interview.next_screen(answers, everything=everything), Ask):
        assert len(answers) == step.progress.answered
        bounds.append(asked + step.progress.left)
        answers |= _drawn(data, step)
        asked += len(step.questions)
    assert Progress(len(answers), 0) == step.progress
    assert all(asked <= bound for bound in bounds)


@given(st.data(), st.sampled_from([ALL, NEURO]), st.integers(0, 12))
def test_no_answer_to_a_question_reaches_above_what_it_could_reach(data, protocol, screens):
    interview, answers = Interview(protocol), {}
    for _ in range(screens):
        step = interview.next_screen(answers, everything=True)
        if isinstance(step, Done):
            return
        before = protocol.ranks[advise(protocol, answers, watch=False).at_least]
        replies = _drawn(data, step)
        for question in step.questions:
            could = protocol.ranks[question.could_reach] if question.could_reach else before
            after = advise(protocol, {**answers, question.id: replies[question.id]}, watch=False).at_least
            assert max(before, could) >= protocol.ranks[after], question.id
        answers |= replies


@PROTOCOLS
def test_every_question_says_why_it_is_asked(protocol):
    interview, answers = Interview(protocol, voice="they"), {}
    while isinstance(step := interview.next_screen(answers, everything=True), Ask):
        assert all(question.why for question in step.questions)
        answers |= _no_to_all(step) | {
            question.id: True for question in step.questions if question.kind == "yes-no"
        }


def test_what_could_not_change_the_level_says_so():
    step = Interview(ALL).next_question({"unconscious": True}, everything=True)
    assert step.could_reach is None
    assert texts.WHY_ASKED == step.why


def test_a_step_as_json_has_the_names_of_its_fields():
    interview = Interview(NEURO)
    screen, question = interview.next_screen({}), interview.next_question({})
    end = interview.next_screen({"unconscious": True})
    said = json.loads(step_json(question))
    assert {"done": False, **asdict(question), "options": []} == said
    assert [question.id for question in screen.questions] == [
        question["id"] for question in json.loads(step_json(screen))["questions"]
    ]
    assert {
        "done": True,
        "why": "settled",
        "more": True,
        "progress": {"answered": 1, "left": 0},
    } == json.loads(step_json(end))
