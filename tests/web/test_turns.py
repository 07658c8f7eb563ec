"""Every turn that a visitor can take, by the forms and buttons that the pages have."""

import json
import shutil

import pytest

from whentocall import Interview, load
from whentocall.interview import texts
from whentocall.interview.narrative import read_back_screen
from whentocall.interview.walk import Walk
from whentocall.protocol.load import shipped_rules
from whentocall.web import texts as web

SIGNS = "First, the signs of an emergency. Do you have any of these right now?"
FIRST = SIGNS + " – How soon to call"
ALL, NEURO = "all-targeted-drugs", "neuroblastoma-targeted-therapy"


def none_of_the_signs(visitor, voice="you"):
    return visitor.begin(voice=voice).next(none="yes")


def at_the_check(visitor):
    return none_of_the_signs(visitor).next(typed="38,6")


# the first pages


def test_the_first_page_says_what_this_is_and_asks_which_treatment(visitor):
    assert 200 == visitor.sent.status
    assert "Which treatment is this about? – How soon to call" == visitor.page.title
    assert [ALL, NEURO] == visitor.page.offered["choice"]
    for text in (texts.INTRO[0], texts.INTRO[1], web.KEEP, web.WAY_BACK):
        assert text in visitor.page.text


def test_nothing_is_chosen_for_anybody(visitor):
    assert {} == visitor.page.fields
    assert {"protocol": ALL} == visitor.press("protocol", choice=ALL).page.fields


def test_a_treatment_has_to_be_chosen(visitor):
    visitor.press("protocol")
    assert 200 == visitor.sent.status
    assert web.CHOOSE_ONE in visitor.page.text
    assert "#choice-0" in visitor.page.links
    assert visitor.page.title.startswith("Problem: ")


def test_who_is_answering_is_asked_in_the_words_of_the_protocol(visitor):
    visitor.press("protocol", choice=NEURO)
    assert "Who is answering? – How soon to call" == visitor.page.title
    assert "I am a parent or carer" in visitor.page.text
    visitor.press("voice")
    assert web.CHOOSE_ONE in visitor.page.text


def test_with_one_protocol_nobody_is_asked_which(visit, protocols):
    visitor = visit({NEURO: protocols[NEURO]})
    assert ["you", "they"] == visitor.page.offered["choice"]
    assert texts.INTRO[0] in visitor.page.text
    assert "Do they have any of these" in visitor.press("voice", choice="they").page.title


def test_a_layer_cannot_be_asked_about(visit, protocols):
    visitor = visit({**protocols, "emergency": load("emergency")})
    assert [ALL, NEURO] == visitor.page.offered["choice"]


def test_the_voice_is_that_of_who_answers(visitor):
    assert FIRST == visitor.begin(voice="you").page.title
    assert "Do they have any of these" in visitor.begin(voice="they").page.title


def test_back_from_the_first_question_leads_to_who_is_answering_and_further(visitor):
    visitor.begin().press("back")
    assert "Who is answering? – How soon to call" == visitor.page.title
    assert "Which treatment" in visitor.press("start").page.title


# checklists


def test_a_list_with_nothing_ticked_is_not_read_as_no(visitor):
    visitor.begin().next()
    assert "Problem: " + FIRST == visitor.page.title
    assert web.TICK_FIRST in visitor.page.text
    assert {} == visitor.page.state["answers"]


def test_none_of_these_is_no_to_all(visitor):
    visitor.begin().next(none="yes")
    assert {False} == set(visitor.page.state["answers"].values())
    assert 14 == len(visitor.page.state["answers"])


def test_what_is_not_ticked_beside_something_ticked_is_no(visitor):
    none_of_the_signs(visitor).next(typed="36.8").next(choice="no").next(tick=["headache"])
    answers = visitor.page.state["answers"]
    assert answers["headache"] is True
    assert answers["muscle_aches"] is False


@pytest.mark.parametrize("other", [{"tick": ["seizure"]}, {"unsure": "yes"}])
def test_none_of_these_and_something_else_contradict_each_other(visitor, other):
    visitor.begin().next(none="yes", **other)
    assert texts.NOT_BOTH in visitor.page.text
    assert {} == visitor.page.state["answers"]
    assert other.get("tick") == visitor.page.fields.get("tick"), "what was ticked stays ticked"
    assert ["yes"] == visitor.page.fields["none"]


def test_what_is_not_sure_is_asked_for_and_is_not_known(visitor):
    visitor.begin().next(unsure="yes")
    assert texts.WHICH_NOT_SURE in visitor.page.title
    assert 14 == len(visitor.page.offered["tick"])
    visitor.next(tick=["chest_pain", "seizure"])
    answers = visitor.page.state["answers"]
    assert answers["chest_pain"] is answers["seizure"] is None
    assert answers["confused"] is False


def test_all_of_these_may_be_not_sure(visitor):
    visitor.begin().next(unsure="yes").next(all="yes")
    assert {None} == set(visitor.page.state["answers"].values())


def test_which_ones_are_not_sure_has_to_be_said(visitor):
    visitor.begin().next(unsure="yes").next()
    assert web.TICK_UNSURE in visitor.page.text
    assert texts.WHICH_NOT_SURE in visitor.page.title
    assert {} == visitor.page.state["answers"]


def test_only_what_is_not_ticked_can_be_not_sure(visitor):
    none_of_the_signs(visitor).next(typed="36.8").next(choice="no").next(tick=["headache"], unsure="yes")
    assert "headache" not in visitor.page.offered["tick"]
    visitor.next(tick=["muscle_aches"])
    answers = visitor.page.state["answers"]
    assert (True, None, False) == tuple(answers[id_] for id_ in ("headache", "muscle_aches", "shivery"))


def test_not_sure_beside_everything_ticked_is_everything_ticked(visitor):
    none_of_the_signs(visitor).next(typed="36.8").next(choice="no")
    ids = list(visitor.page.asked)
    visitor.next(tick=ids, unsure="yes")
    assert all(visitor.page.state["answers"][id_] is True for id_ in ids)


def test_back_from_what_is_not_sure_leads_to_the_list_as_it_was_ticked(visitor):
    none_of_the_signs(visitor).next(typed="36.8").next(choice="no").next(tick=["headache"], unsure="yes")
    visitor.press("back")
    assert ["headache"] == visitor.page.fields["tick"]
    assert ["yes"] == visitor.page.fields["unsure"]
    assert visitor.page.state["ticked"] is None


# one question


def test_yes_no_and_not_knowing(visitor):
    none_of_the_signs(visitor).next(typed="36.8")
    for choice, answer in {"yes": True, "no": False, "dont know": None}.items():
        assert answer is visitor.next(choice=choice).page.state["answers"]["took_fever_medicine"]
        visitor.press("back")


def test_a_question_left_open_is_asked_again(visitor):
    none_of_the_signs(visitor).next(typed="36.8").next()
    assert web.CHOOSE_ONE in visitor.page.text
    assert "took_fever_medicine" not in visitor.page.state["answers"]


@pytest.mark.parametrize(
    ("typed", "unit", "answer"),
    [
        ("38,6", "°C", 38.6),
        (" 38.6 ", "°C", 38.6),
        ("37", "°C", 37),
        ("101.5", "°F", {"value": 101.5, "unit": "°F"}),
        ("101,5 °", "°F", {"value": 101.5, "unit": "°F"}),
        ("101.5 degrees", "°F", {"value": 101.5, "unit": "°F"}),
        ("101.5 F", "°C", {"value": 101.5, "unit": "°F"}),
        ("101.5 f", "°F", {"value": 101.5, "unit": "°F"}),
        ("38.6 C", "°C", 38.6),
        ("?", "°C", None),
        ("I don’t know", "°F", None),
    ],
)
def test_a_temperature_is_read_as_it_is_typed(visitor, typed, unit, answer):
    none_of_the_signs(visitor).next(typed=typed, unit=unit)
    assert answer == visitor.page.state["answers"]["temperature"]


@pytest.mark.parametrize(
    ("filled", "message"),
    [
        ({"typed": ""}, web.TYPE_FIRST),
        ({"typed": "\u200b \u00ad"}, web.TYPE_FIRST),
        ({"typed": "warm"}, "'warm' is not a number. Type a number, such as 37.2."),
        ({"typed": "99"}, "99 °C is not between 30 and 45 °C. Please check it and type it again."),
        ({"typed": "101.5"}, "If 101.5 is in °F, type 101.5 F."),
        ({"typed": "38.6", "unit": "°F"}, "38.6 °F is not between 86 and 113 °F."),
        ({"typed": "38.6 C", "unit": "°F"}, web.TWO_UNITS),
        ({"typed": "38.6", "unknown": "yes"}, web.NOT_BOTH_NUMBER),
        ({"typed": "3" * 300}, texts.TOO_LONG),
    ],
)
def test_a_temperature_that_is_not_clear_is_asked_for_again(visitor, filled, message):
    none_of_the_signs(visitor).next(**filled)
    assert 200 == visitor.sent.status
    assert message in visitor.page.text
    assert "#typed" in visitor.page.links
    assert "temperature" not in visitor.page.state["answers"]


def test_what_was_typed_stays_to_be_put_right(visitor):
    none_of_the_signs(visitor).next(typed="48,6", unit="°F", unknown="yes")
    assert "48,6" == visitor.page.fields["typed"]
    assert ["°F"] == visitor.page.fields["unit"]
    assert ["yes"] == visitor.page.fields["unknown"]


def test_not_knowing_a_number_is_a_box_of_its_own(visitor):
    none_of_the_signs(visitor).next(unknown="yes")
    assert None is visitor.page.state["answers"]["temperature"]
    none_of_the_signs(visitor).next(unknown="yes", typed="don't know")
    assert None is visitor.page.state["answers"]["temperature"]


def test_back_may_be_typed(visitor):
    none_of_the_signs(visitor).next(typed="<")
    assert FIRST == visitor.page.title


def test_the_usual_unit_is_chosen_but_no_number_is(visitor):
    none_of_the_signs(visitor)
    assert ["°C"] == visitor.page.fields["unit"]
    assert "" == visitor.page.fields["typed"]


def test_days_and_whole_numbers(visitor):
    none_of_the_signs(visitor).next(typed="36.8").next(choice="no").next(none="yes").next(none="yes")
    visitor.next(tick=["diarrhoea"])
    assert "How many loose, watery poos" in visitor.page.title
    assert "unit" not in visitor.page.offered
    assert "'2,5' is not a whole number. Type a number, such as 3." in visitor.next(typed="2,5").page.text
    visitor.next(typed="2")
    assert "For how many days" in visitor.page.title
    visitor.next(typed="1 day")
    assert (2, 1) == tuple(visitor.page.state["answers"][id_] for id_ in ("loose_stools", "diarrhoea_days"))


def test_one_of_a_list(visit, protocols):
    visitor = visit({NEURO: protocols[NEURO]}).press("voice", choice="you")
    answers = dict.fromkeys(protocols[NEURO].questions, False) | {"side_effect": True}
    while visitor.page.asked:
        visitor.answer(answers)
    visitor.press("advice").press("more").answer(answers)
    assert ["during", "soon_after", "later", "dont know"] == visitor.page.offered["choice"]
    assert "soon_after" == visitor.next(choice="soon_after").page.state["answers"]["when_started"]


# what every page of the interview says


def test_it_says_how_many_questions_are_left_at_most(visitor):
    first = visitor.begin().page.text
    assert "At most 43 questions left" in first
    assert "At most 29 questions left" in visitor.next(none="yes").page.text


def test_it_says_why_each_is_asked(visitor):
    assert "Chest pain: Chest pain is an emergency." in visitor.begin().page.text
    visitor.next(none="yes")
    assert f"{web.WHY_WE_ASK} A temperature above 37.5 °C can be a sign of infection." in visitor.page.text


def test_the_help_of_a_question_and_of_a_line_is_shown(visitor):
    assert "It may feel tight, heavy or like squeezing." in visitor.begin().page.text
    assert "Take it now with a thermometer if you can." in visitor.next(none="yes").page.text


def test_the_protocol_is_named(visitor):
    assert load(ALL).title in visitor.begin().page.text


# going back, and changing an answer


def test_back_asks_the_last_page_again_as_it_was_filled_in(visitor):
    none_of_the_signs(visitor).next(typed="101.5", unit="°F").press("back")
    assert "temperature" not in visitor.page.state["answers"]
    assert ("101.5", ["°F"]) == (visitor.page.fields["typed"], visitor.page.fields["unit"])
    visitor.press("back")
    assert ["yes"] == visitor.page.fields["none"]
    assert {} == visitor.page.state["answers"]


def test_the_answers_are_shown_before_the_advice(visitor):
    at_the_check(visitor)
    assert texts.SUMMARY_TITLE + " – How soon to call" == visitor.page.title
    assert "Temperature 38.6 °C" in visitor.page.text
    assert "No to: Passed out, or very hard to wake; Gasping" in visitor.page.text
    assert "Immediately: Call your hospital" in visitor.press("advice").page.title


def test_back_from_the_check_takes_the_last_answer_back(visitor):
    at_the_check(visitor).press("back")
    assert "temperature" not in visitor.page.state["answers"]
    assert "38.6" == visitor.page.fields["typed"]


def test_an_answer_can_be_changed(visitor):
    at_the_check(visitor).press("1", name="change")
    assert "38.6" == visitor.page.fields["typed"]
    visitor.next(typed="38,7")
    assert "Temperature 38.7 °C" in visitor.page.text
    assert [14, 1] == [len(group) for group in visitor.page.state["trail"]]


def test_a_list_can_be_changed_as_a_whole(visitor):
    at_the_check(visitor).press("0", name="change")
    assert ["yes"] == visitor.page.fields["none"]
    visitor.press("next", none="yes")
    assert texts.SUMMARY_TITLE in visitor.page.title
    assert {False} == set(list(visitor.page.state["answers"].values())[:14])


def test_an_unsure_line_is_not_sure_when_it_is_changed(visitor):
    visitor.begin().next(unsure="yes").next(tick=["seizure"]).next(typed="38.6")
    visitor.press("0", name="change")
    assert (["yes"], None) == (visitor.page.fields["unsure"], visitor.page.fields.get("none"))


def test_changing_nothing_is_possible(visitor):
    before = at_the_check(visitor).page.state
    assert before == visitor.press("1", name="change").press("back").page.state


def test_a_changed_answer_that_is_not_clear_is_asked_again(visitor):
    at_the_check(visitor).press("1", name="change").next(typed="hot")
    assert "'hot' is not a number." in visitor.page.text
    assert 38.6 == visitor.page.state["answers"]["temperature"]
    assert "Temperature 39 °C" in visitor.next(typed="39").page.text


def test_a_change_that_opens_questions_asks_them(visitor):
    at_the_check(visitor).press("1", name="change").next(typed="36.8")
    assert "paracetamol" in visitor.page.title


def test_a_change_drops_what_no_longer_applies(visitor):
    none_of_the_signs(visitor).next(typed="36.8").next(choice="no").next(none="yes").next(none="yes")
    visitor.next(tick=["diarrhoea"]).next(typed="9")
    assert 9 == visitor.page.state["answers"]["loose_stools"]
    place = next(i for i, ids in enumerate(visitor.page.state["trail"]) if "diarrhoea" in ids)
    visitor.press(str(place), name="change").next(tick=["dizzy"])
    assert "loose_stools" not in visitor.page.state["answers"]
    assert all("loose_stools" not in group for group in visitor.page.state["trail"])


def test_a_change_keeps_what_another_answer_of_the_same_list_still_opens(visit, tmp_path):
    rules = shutil.copytree(shipped_rules(), tmp_path / "rules")
    head = rules / NEURO / "protocol.yaml"
    two = "[side_effect]\n  - title: Not sure\n    questions: [side_effect_unsure]"
    changed = head.read_text("utf-8").replace(two, "[side_effect, side_effect_unsure]")
    head.write_text(changed, "utf-8")
    visitor = visit({NEURO: load(NEURO, rules=rules)}).press("voice", choice="you")
    answers = dict.fromkeys(visitor.protocols[NEURO].questions, False)
    answers |= {"side_effect": True, "when_started": "later"}
    while visitor.page.asked:
        visitor.answer(answers)
    visitor.press("advice").press("more").answer(answers)
    place = visitor.page.state["trail"].index(["side_effect", "side_effect_unsure"])
    visitor.press(str(place), name="change").next(tick=["side_effect_unsure"])
    assert texts.SUMMARY_TITLE in visitor.page.title, "nothing is asked again"
    assert "later" == visitor.page.state["answers"]["when_started"]


def test_changing_a_list_with_something_not_sure(visitor):
    at_the_check(visitor).press("0", name="change").next(none=(), unsure="yes")
    assert texts.WHICH_NOT_SURE in visitor.page.title
    visitor.next(tick=["seizure"])
    assert None is visitor.page.state["answers"]["seizure"]
    assert [14, 1] == [len(group) for group in visitor.page.state["trail"]]


def test_back_from_what_is_not_sure_in_a_change_leads_to_that_list(visitor):
    at_the_check(visitor).press("0", name="change").next(none=(), unsure="yes").press("back")
    assert SIGNS in visitor.page.title
    assert 0 == visitor.page.state["changing"]


# emergencies


def test_nothing_stands_between_an_emergency_and_its_advice(visitor):
    visitor.begin().next(tick=["chest_pain"])
    assert "Emergency: Call 999 now – How soon to call" == visitor.page.title


def test_not_being_sure_of_the_rest_does_not_either(visitor):
    visitor.begin().next(tick=["chest_pain"], unsure="yes")
    assert visitor.page.title.startswith("Emergency: ")
    assert None is visitor.page.state["answers"]["seizure"]


def test_an_emergency_found_by_changing_an_answer_is_told_at_once(visitor):
    at_the_check(visitor).press("0", name="change").next(tick=["seizure"], none=())
    assert visitor.page.title.startswith("Emergency: ")


def test_in_an_emergency_nobody_is_asked_for_more(visitor):
    visitor.begin().next(tick=["chest_pain"])
    assert ("do", "more") not in visitor.page.buttons
    assert texts.MORE not in visitor.page.text


def test_a_slip_of_the_finger_can_be_put_right_after_an_emergency(visitor):
    visitor.begin().next(tick=["chest_pain"]).press("check")
    assert texts.SUMMARY_TITLE in visitor.page.title
    visitor.press("0", name="change").next(tick=(), none="yes")
    assert "What is your temperature now?" in visitor.page.title


# stopping early


def test_who_stops_sees_the_advice_so_far(visitor):
    none_of_the_signs(visitor).press("advice")
    assert "Today: Call your hospital advice line today" in visitor.page.title
    assert texts.SO_FAR in visitor.page.text
    assert texts.NOT_FINISHED in visitor.page.text
    assert "What is your temperature now?" in visitor.press("check").page.title


def test_who_stops_at_once_is_told_that_it_cannot_wait_for_sure(visitor):
    visitor.begin().press("advice")
    assert texts.SO_FAR_NOTHING in visitor.page.text
    assert "Today: " in visitor.page.title


def test_what_is_filled_in_counts_when_somebody_stops(visitor):
    assert visitor.begin().press("advice", tick=["chest_pain"]).page.title.startswith("Emergency: ")
    assert {"chest_pain": True} == visitor.page.state["answers"]
    assert none_of_the_signs(visitor).press("advice", typed="39").page.title.startswith("Immediately: ")
    none_of_the_signs(visitor).next(typed="36.8").press("advice", choice="yes")
    assert True is visitor.page.state["answers"]["took_fever_medicine"]


def test_a_list_that_was_left_early_is_not_no_to_the_rest(visitor):
    none_of_the_signs(visitor).next(typed="36.8").next(choice="no").press("advice", tick=["headache"])
    assert "shivery" not in visitor.page.state["answers"]
    visitor.press("check")
    assert "headache" not in visitor.page.offered["tick"]
    assert "shivery" in visitor.page.offered["tick"]


def test_none_and_not_sure_count_when_somebody_stops(visitor):
    assert {False} == set(visitor.begin().press("advice", none="yes").page.state["answers"].values())
    assert {None} == set(visitor.begin().press("advice", unsure="yes").page.state["answers"].values())
    answers = visitor.begin().press("advice", none="yes", tick=["seizure"]).page.state["answers"]
    assert {"seizure": True} == answers, "what was ticked counts, what contradicts it does not"


def test_who_stops_while_not_sure_is_not_sure_about_all_that_is_open(visitor):
    visitor.begin().next(unsure="yes").press("advice", tick=["seizure"])
    assert {None} == set(visitor.page.state["answers"].values())


def test_what_is_not_clear_is_asked_for_again_even_when_somebody_stops(visitor):
    none_of_the_signs(visitor).press("advice", typed="hot")
    assert "'hot' is not a number." in visitor.page.text


def test_stopping_with_back_typed_is_stopping(visitor):
    assert "Today: " in none_of_the_signs(visitor).press("advice", typed="<").page.title


# after the advice


def test_who_has_been_told_enough_may_answer_the_rest(visitor):
    at_the_check(visitor).press("advice")
    assert texts.MORE in visitor.page.text
    visitor.press("more")
    assert "paracetamol" in visitor.page.title
    assert visitor.page.state["everything"] is True


def test_the_advice_after_all_questions_asks_for_no_more(visitor, protocols):
    answers = dict.fromkeys(protocols[ALL].questions, False) | {"temperature": 38.6, "drug": "imatinib"}
    at_the_check(visitor).press("advice").press("more")
    while visitor.page.asked:
        visitor.answer(answers)
    visitor.press("advice")
    assert visitor.page.title.startswith("Immediately: ")
    assert ("do", "more") not in visitor.page.buttons
    assert "Treatment: Imatinib (Glivec)" in visitor.page.text


def test_nothing_more_is_asked_of_somebody_with_nothing_to_report(visitor, protocols):
    answers = dict.fromkeys(protocols[ALL].questions, False) | {"temperature": 36.8, "drug": "imatinib"}
    visitor.begin()
    while visitor.page.asked:
        visitor.answer(answers)
    visitor.press("advice")
    assert visitor.page.title.startswith("Nothing to report: ")
    assert ("do", "more") not in visitor.page.buttons


def test_an_answer_can_be_changed_after_the_advice(visitor):
    at_the_check(visitor).press("advice").press("check").press("1", name="change").next(typed="36.8")
    assert "paracetamol" in visitor.page.title


def test_the_result_can_be_saved(visitor):
    at_the_check(visitor).press("advice").press("save")
    assert 200 == visitor.sent.status
    assert "application/json; charset=utf-8" == visitor.sent.headers["Content-Type"]
    assert 'attachment; filename="how-soon-to-call.json"' == visitor.sent.headers["Content-Disposition"]
    said = json.loads(visitor.sent.body)
    assert "immediately" == said["level"]
    assert 38.6 == said["request"]["answers"]["temperature"]


@pytest.mark.parametrize("where", ["begin", "none", "check", "advice"])
def test_it_can_be_started_again_from_everywhere(visitor, where):
    if where == "begin":
        visitor.begin()
    elif where == "none":
        none_of_the_signs(visitor)
    else:
        at_the_check(visitor)
    if where == "advice":
        visitor.press("advice")
    assert "Which treatment is this about? – How soon to call" == visitor.press("start").page.title
    assert {} == visitor.page.fields


def test_the_same_turn_gives_the_same_page(visitor):
    first = at_the_check(visitor).press("advice").sent
    assert first == at_the_check(visitor).press("advice").sent


@pytest.mark.parametrize(("given", "read_back"), [(True, "Yes"), (False, "No"), (None, "Not known")])
def test_the_check_page_reads_a_yes_or_no_back_as_it_was_given(protocols, given, read_back):
    """Of a question on a page of its own."""
    walk = Walk(Interview(protocols[ALL])).answer({"took_fever_medicine": given})
    screen = walk.interview.screen(walk.trail[0])

    assert (read_back,) == read_back_screen(walk, screen).answers
