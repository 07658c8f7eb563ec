"""From answers to advice on the shipped rules: levels at their limits, and every part of the result."""

import copy
import json
import pickle

import pytest
from pydantic import ValidationError

from whentocall import Advice, ConfigError, Interview, advise
from whentocall.engine.advise import why_not


@pytest.fixture
def reported(all_targeted, nothing_else):
    """Advice for somebody with nothing to report but this."""

    def advised(**given):
        advice = advise(all_targeted, nothing_else(all_targeted, **given))
        assert advice.problems == ()
        return advice

    return advised


def rules(advice):
    return {reason.rule.removeprefix("all-targeted-drugs/") for reason in advice.reasons}


DIARRHOEA = {"diarrhoea": True, "loose_stools": 1, "diarrhoea_days": 1, "cannot_replace_fluid": False}


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ({"temperature": 37.5}, "none"),
        ({"temperature": 37.6}, "immediately"),
        ({"temperature": 37.50000000000001}, "immediately"),
        ({"temperature": {"value": 99.5, "unit": "°F"}}, "none"),
        ({"temperature": {"value": 99.6, "unit": "°F"}}, "immediately"),
        ({"temperature": 36.0}, "none"),
        ({"temperature": 35.9}, "immediately"),
        ({"temperature": {"value": 96.8, "unit": "°F"}}, "none"),
        ({"temperature": {"value": 96.7, "unit": "°F"}}, "immediately"),
        ({**DIARRHOEA, "loose_stools": 3}, "tell"),
        ({**DIARRHOEA, "loose_stools": 4}, "contact"),
        ({**DIARRHOEA, "loose_stools": 0}, "tell"),
        ({**DIARRHOEA, "diarrhoea_days": 3}, "tell"),
        ({**DIARRHOEA, "diarrhoea_days": 4}, "contact"),
        ({**DIARRHOEA, "cannot_replace_fluid": True}, "contact"),
        ({"being_sick": True, "cannot_replace_fluid": True}, "contact"),
        ({"being_sick": True, "cannot_replace_fluid": False}, "tell"),
        ({"something_else": True}, "tell"),
        ({}, "none"),
        # the matrix of headache and flu-like illness
        ({"headache": True}, "tell"),
        ({"muscle_aches": True}, "urgently"),
        ({"shivery": True}, "immediately"),
        ({"headache": True, "shivery": True}, "immediately"),
        ({"headache": True, "muscle_aches": True}, "urgently"),
        ({"feels_hot_or_cold": True, "temperature": None}, "immediately"),
        ({"headache": True, "muscle_aches": True, "shivery": True, "temperature": 38.0}, "immediately"),
        ({"generally_unwell": True}, "immediately"),
        ({"generally_unwell": True, "headache": True}, "immediately"),
        ({"generally_unwell": True, "tummy_pain": True, "dizzy": True}, "immediately"),
        ({"temperature": 37.0, "took_fever_medicine": True}, "contact"),
        ({"temperature": None}, "contact"),
        ({"thinks_infection": True}, "immediately"),
        ({"temperature": 38.0, "chest_pain": True}, "emergency"),
    ],
    ids=str,
)
def test_the_level_of_a_person_with_nothing_else(reported, given, level):
    assert level == reported(**given).level


@pytest.mark.parametrize(
    ("temperature", "rule"),
    [
        (37.5, "infection/high-temperature"),
        ({"value": 99.5, "unit": "°F"}, "infection/high-temperature"),
        (36.0, "infection/low-temperature"),
        ({"value": 96.8, "unit": "°F"}, "infection/low-temperature"),
    ],
)
def test_right_at_a_limit_the_limit_is_the_first_thing_to_watch(reported, temperature, rule):
    first = reported(temperature=temperature).watch_for[0]

    assert ("all-targeted-drugs/" + rule, "immediately", True) == (first.rule, first.level, first.near)
    assert f"your temperature goes {'above 37.5' if 'high' in rule else 'below 36'} °C" == first.text


@pytest.mark.parametrize(
    ("temperature", "near"),
    [
        (36.0, ["low"]),
        (36.1, []),
        (36.2, []),
        (36.8, []),
        (37.3, []),
        (37.4, []),
        (37.5, ["high"]),
        ({"value": 99.4, "unit": "°F"}, []),
    ],
)
def test_near_is_one_step_from_passing_a_limit_on_its_own_side(reported, temperature, near):
    watched = [one for one in reported(temperature=temperature).watch_for if one.near]

    assert [f"all-targeted-drugs/infection/{which}-temperature" for which in near] == [
        one.rule for one in watched
    ]


def test_constipation_is_told_for_two_reasons(reported):
    """Three days and four are both "tell", the fourth also by a rule of its own."""
    three = reported(constipation=True, constipation_days=3)
    four = reported(constipation=True, constipation_days=4)

    assert ("tell", {"constipation/any-constipation"}) == (three.level, rules(three))
    assert ("tell", {"constipation/any-constipation", "constipation/lasting-over-3-days"}) == (
        four.level,
        rules(four),
    )


# not knowing


def test_nothing_asked_is_not_nothing_wrong(shipped):
    advice = advise(shipped, {})

    assert ("contact", "none", "emergency") == (advice.level, advice.at_least, advice.could_be)
    assert advice.finished is False
    assert advice.settle
    assert "emergency" == advice.settle[0].could_reach


def test_everything_not_known_is_contact_and_finished(shipped):
    advice = advise(shipped, dict.fromkeys(shipped.questions))

    assert ("contact", "none", "emergency") == (advice.level, advice.at_least, advice.could_be)
    assert advice.finished is True


def test_a_temperature_that_is_not_known_is_settled_by_taking_it(reported):
    advice = reported(temperature=None)

    assert ("none", "immediately") == (advice.at_least, advice.could_be)
    [settle] = advice.settle
    assert ("temperature", "immediately") == (settle.question, settle.could_reach)
    assert "Take your temperature now" in settle.text


def test_a_reading_after_paracetamol_does_not_reassure(reported):
    hidden = reported(temperature=37.0, took_fever_medicine=True)
    unknown = reported(temperature=37.0, took_fever_medicine=None)

    assert ("contact", "none", "immediately") == (hidden.level, hidden.at_least, hidden.could_be)
    assert ["temperature"] == [one.question for one in hidden.settle]
    assert "hiding" in hidden.settle[0].text
    assert {"temperature", "took_fever_medicine"} == {one.question for one in unknown.settle}
    assert "immediately" == reported(temperature=37.6, took_fever_medicine=True).level
    assert "none" == reported(temperature=37.0, took_fever_medicine=False).level


def test_not_knowing_does_not_lower_what_is_sure(reported):
    advice = reported(muscle_aches=True, temperature=None)

    assert ("urgently", "urgently", "immediately") == (advice.level, advice.at_least, advice.could_be)


# contradictions


def test_a_contradiction_is_named_and_counts(reported):
    advice = reported(diarrhoea=False, loose_stools=5)

    assert "contact" == advice.level
    assert {"diarrhoea/many-loose-stools"} == rules(advice)
    assert ["loose_stools"] == [one.question for one in advice.contradictions]
    assert "still counts" in advice.contradictions[0].text


def test_a_contradiction_keeps_the_no_open(reported):
    """Two loose poos beside "no diarrhoea": the "no" is in doubt, so more is possible."""
    advice = reported(diarrhoea=False, loose_stools=2)

    assert "none" == advice.at_least
    assert "contact" == advice.could_be == advice.level
    assert "diarrhoea" in {one.question for one in advice.settle}


def test_none_at_all_beside_a_no_is_still_named_and_changes_nothing(reported):
    advice = reported(diarrhoea=False, loose_stools=0)

    assert "none" == advice.level
    assert ["loose_stools"] == [one.question for one in advice.contradictions]


# self-care


def words(advice):
    return " ".join(advice.self_care).lower()


def test_opposite_diets_are_never_given_together(reported):
    both = words(reported(**DIARRHOEA, constipation=True, constipation_days=1))

    assert "less fibre" in words(reported(**DIARRHOEA))
    assert "fresh fruit" in words(reported(constipation=True, constipation_days=1))
    assert "fibre" not in both
    assert "fresh fruit" not in both


def test_a_diet_is_not_given_while_its_opposite_is_not_known(reported):
    assert "fibre" not in words(reported(**DIARRHOEA, constipation=None))


@pytest.mark.parametrize("cannot", [True, None])
def test_nobody_is_told_to_drink_who_cannot_or_may_not_be_able_to(reported, cannot):
    assert "drink plenty" in words(reported(**DIARRHOEA))
    assert "drink" not in words(reported(**{**DIARRHOEA, "cannot_replace_fluid": cannot}))


@pytest.mark.parametrize("more", [{"muscle_aches": True}, {"temperature": 38.0}, {"chest_pain": True}])
def test_no_self_care_from_urgently_on(reported, more):
    assert reported(**DIARRHOEA).self_care
    assert () == reported(**DIARRHOEA, **more).self_care


@pytest.mark.parametrize("more", [{}, {"muscle_aches": True}, {"temperature": 38.0}, {"chest_pain": True}])
def test_do_not_drive_is_said_to_everybody_who_is_dizzy(reported, more):
    assert "drive" in words(reported(dizzy=True, **more))
    assert "drive" not in words(reported(dizzy=False, headache=True))


def test_no_self_care_from_cards_without_a_reason(reported):
    assert () == reported(headache=True).self_care


# words


def test_reasons_stand_the_most_urgent_first_with_what_was_answered(reported, all_targeted):
    advice = reported(temperature=38.4, headache=True, **DIARRHOEA)
    ranks = [all_targeted.ranks[one.level] for one in advice.reasons]
    by_rule = {one.rule.split("/", 1)[1]: one for one in advice.reasons}

    assert sorted(ranks, reverse=True) == ranks
    assert {"temperature": 38.4} == by_rule["infection/high-temperature"].answers
    assert {"headache": True, "temperature": 38.4} == by_rule["flu-like/two-flu-like-symptoms"].answers
    assert ("A-08",) == by_rule["infection/high-temperature"].source.sentences
    assert "cruk-all-targeted-2021" == by_rule["headache/any-headache"].source.document


def test_both_voices(all_targeted):
    answers = {"temperature": None, "dizzy": True}
    you, they = (advise(all_targeted, answers, voice=voice) for voice in ("you", "they"))

    assert you.level == they.level
    assert "your hospital advice line" in you.headline
    assert "their hospital advice line" in they.headline
    assert {one.rule: one.level for one in you.watch_for} == {one.rule: one.level for one in they.watch_for}
    assert not any(" your " in f" {one.text} " for one in they.watch_for)


def test_the_number_of_whom_to_contact_is_shown(reported, all_targeted, nothing_else):
    numbers = {"advice-line": "020 7946 0000", "doctor-or-nurse": "1"}
    answers = nothing_else(all_targeted, shivery=True)

    assert "020 7946 0000" == advise(all_targeted, answers, numbers=numbers).contact.number
    assert reported(shivery=True).contact.number is None
    assert ("advice-line", "doctor-or-nurse") == (
        reported(shivery=True).contact.who,
        reported(shivery=True).contact.also,
    )


def test_in_an_emergency_the_number_is_the_regions_and_no_other_can_be_given(shipped, nothing_else):
    answers = nothing_else(shipped, chest_pain=True)
    advice = advise(shipped, answers, numbers={"doctor-or-nurse": "2"})

    assert shipped.region.emergency_number == advice.contact.number
    assert advice.contact.number in advice.headline
    with pytest.raises(ConfigError, match="emergency-service: its number is that of the region"):
        advise(shipped, answers, numbers={"emergency-service": "1"})


def test_a_number_for_a_role_that_is_not_there_is_refused_with_the_one_that_was_meant(all_targeted):
    with pytest.raises(ConfigError, match=r"'advise-line' is not one of .*; did you mean 'advice-line'"):
        advise(all_targeted, {}, numbers={"advise-line": "020 7946 0000"})


def test_the_rank_is_the_place_of_the_level(shipped, nothing_else):
    ranks = [advise(shipped, answers).rank for answers in (nothing_else(shipped), {"chest_pain": True})]

    assert [0, len(shipped.levels) - 1] == ranks


def test_the_number_of_who_else_can_be_called_is_given(all_targeted, nothing_else):
    numbers = {"advice-line": "020 7946 0000", "doctor-or-nurse": "020 7946 0001"}
    contact = advise(all_targeted, nothing_else(all_targeted, shivery=True), numbers=numbers).contact

    assert ("doctor-or-nurse", "020 7946 0001") == (contact.also, contact.also_number)


def test_nothing_to_report_names_nobody(reported):
    advice = reported()

    assert ("none", (), (), ()) == (advice.level, advice.reasons, advice.settle, advice.self_care)
    assert advice.contact.who is None
    assert advice.watch_for


def test_why_not_says_what_is_missing(all_targeted, nothing_else):
    answers = nothing_else(all_targeted, temperature=37.4)
    found = {one.rule: one.text for one in why_not(all_targeted, answers)}

    assert "37.4 °C is not above 37.5 °C" == found["all-targeted-drugs/infection/high-temperature"]
    assert "37.4 °C is not below 36 °C" == found["all-targeted-drugs/infection/low-temperature"]


def test_why_not_tells_not_known_from_not_asked_and_hidden(all_targeted):
    rule = "all-targeted-drugs/infection/high-temperature"

    def text(answers):
        return {one.rule: one.text for one in why_not(all_targeted, answers)}[rule]

    assert "is not known" in text({"temperature": None})
    assert "has not been asked" in text({})
    assert "does not settle it" in text({"temperature": 37.0, "took_fever_medicine": True})


def test_why_not_reads_a_no_back_as_a_no(all_targeted, nothing_else):
    """And a rule that wants a "no" would say that the answer was yes."""
    found = {one.rule: one.text for one in why_not(all_targeted, nothing_else(all_targeted))}

    assert "the answer to 'Headache' is no" in found["all-targeted-drugs/flu-like/two-flu-like-symptoms"]
    assert not [text for text in found.values() if text.endswith("is yes")]


def test_why_not_is_silent_at_the_top(all_targeted):
    assert () == why_not(all_targeted, {"chest_pain": True})


# bytes


def test_the_order_of_the_json_is_that_of_the_design(all_targeted):
    keys = list(json.loads(advise(all_targeted, {}).to_json()))
    order = ["protocol", "level", "at_least", "could_be", "contact", "headline", "reasons", "self_care"]
    order += ["watch_for", "settle", "contradictions", "problems"]

    assert order == [key for key in keys if key in order]


def test_the_json_is_plain_text_with_one_newline_at_its_end(all_targeted):
    text = advise(all_targeted, {"temperature": {"value": 99.6, "unit": "°F"}}).to_json()

    assert text.endswith("}\n")
    assert not text.endswith("\n\n")
    assert "°F" in text
    assert {"value": 99.6, "unit": "°F"} == json.loads(text)["reasons"][0]["answers"]["temperature"]


def test_38_and_38_0_are_the_same_bytes(all_targeted):
    assert (
        advise(all_targeted, {"temperature": 38}).to_json()
        == advise(all_targeted, {"temperature": 38.0}).to_json()
    )


def test_watch_for_can_be_left_out_and_nothing_else_changes(all_targeted):
    full, short = (advise(all_targeted, {"headache": True}, watch=watch) for watch in (True, False))

    assert () == short.watch_for
    assert full.model_copy(update={"watch_for": (), "request": short.request}) == short


def test_the_answers_given_are_left_as_they_were(all_targeted):
    given = {"temperature": {"value": 99.6, "unit": "°F"}, "dizzy": None}
    before = json.dumps(given)
    advise(all_targeted, given)

    assert before == json.dumps(given)


# escalation, in a protocol with levels of its own


@pytest.fixture
def ambers(write_protocol, yes_no, rule_line):
    """Three cards with an amber each; two ambers make a red."""
    cards = [f"ask:\n{yes_no(one)}rules:\n{rule_line('r', f'{{{one}: yes}}', 'amber')}" for one in "abc"]
    head = """
        when_unsettled: amber
        escalate:
          - {name: two, when: at least 2 cards at amber, to: red, because: Two at once., sentences: [T-1]}
    """
    return write_protocol(*cards, head=head)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((False, False, False), ("green", "green", "green")),
        ((True, False, False), ("amber", "amber", "amber")),
        ((True, True, False), ("red", "red", "red")),
        ((True, True, True), ("red", "red", "red")),
        ((True, None, False), ("amber", "amber", "red")),
        ((None, None, False), ("amber", "green", "red")),
        ((None, False, False), ("amber", "green", "amber")),
    ],
)
def test_two_ambers_make_a_red(ambers, answers, expected):
    advice = advise(ambers, dict(zip("abc", answers, strict=True)))

    assert expected == (advice.level, advice.at_least, advice.could_be)


def test_an_escalation_is_a_reason_of_its_own_and_stands_first(ambers):
    advice = advise(ambers, {"a": True, "b": True, "c": False})

    assert ["tests/escalate/two", "tests/card0/r", "tests/card1/r"] == [one.rule for one in advice.reasons]
    assert ("red", "Two at once.") == (advice.reasons[0].level, advice.reasons[0].because)


def test_one_amber_watches_for_the_second(ambers):
    advice = advise(ambers, {"a": True, "b": False, "c": False})

    assert {("tests/card1/r", "red"), ("tests/card2/r", "red")} == {
        (one.rule, one.level) for one in advice.watch_for
    }


def test_a_second_amber_that_is_not_known_could_be_red(ambers):
    advice = advise(ambers, {"a": True, "b": None, "c": False})

    assert [("b", "red")] == [(one.question, one.could_reach) for one in advice.settle]


def test_an_interview_does_not_stop_at_the_first_amber(ambers):
    assert "b" == Interview(ambers).next_question({"a": True}).id


def test_a_result_can_be_sent_to_another_process_and_copied(all_targeted):
    advice = advise(all_targeted, {"temperature": {"value": 101.5, "unit": "°F"}, "headache": True})

    for sent in (pickle.loads(pickle.dumps(advice)), copy.deepcopy(advice), advice.model_copy(deep=True)):
        assert advice == sent
        assert advice.to_json() == sent.to_json()
    assert advice == Advice.model_validate_json(advice.to_json())


def test_nothing_in_a_result_can_be_changed(all_targeted):
    advice = advise(all_targeted, {"headache": True})
    answers = advice.reasons[0].answers

    for change in (
        lambda: answers.update(headache=False),
        lambda: answers.pop("headache"),
        lambda: answers.__setitem__("headache", None),
        lambda: answers.__ior__({"headache": False}),
        answers.clear,
        lambda: advice.request.answers.setdefault("rash", True),
    ):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()
    with pytest.raises(ValidationError):
        advice.level = "none"
    assert {"headache": True} == answers == advice.request.answers


def test_a_result_names_what_was_asked(all_targeted):
    """In the protocol's order, as given but for spelling: 37.0 is 37, and a unit that is the own one goes."""
    answers = {"headache": None, "temperature": {"value": 37.0, "unit": "C"}, "unconscious": False}
    request = advise(all_targeted, answers, voice="they", watch=False).request

    assert ["unconscious", "temperature", "headache"] == list(request.answers)
    assert {"unconscious": False, "temperature": 37, "headache": None} == request.answers
    assert ("they", False) == (request.voice, request.watch)


@pytest.mark.parametrize("voice", ["she", "You", None, ["you"], 1])
def test_what_is_no_voice_is_refused(all_targeted, voice):
    """It would pass for the other one."""
    for call in (
        lambda: advise(all_targeted, {}, voice=voice),
        lambda: why_not(all_targeted, {}, voice=voice),
        lambda: Interview(all_targeted, voice=voice),
    ):
        with pytest.raises(ConfigError, match="is no voice"):
            call()


@pytest.mark.parametrize(
    "numbers",
    [{"advice-line": 5}, {"advice-line": "call us"}, ["advice-line"]],
)
def test_what_is_no_phone_number_is_refused(all_targeted, numbers):
    with pytest.raises(ConfigError, match="numbers: "):
        advise(all_targeted, {}, numbers=numbers)


def test_not_even_a_quantity_in_a_result_can_be_changed(all_targeted):
    advice = advise(all_targeted, {"temperature": {"value": 101.5, "unit": "°F"}})
    again = Advice.model_validate_json(advice.to_json())

    for result in (advice, again, pickle.loads(pickle.dumps(advice))):
        with pytest.raises(TypeError, match="cannot be changed"):
            result.request.answers["temperature"]["value"] = 97
        with pytest.raises(TypeError, match="cannot be changed"):
            result.reasons[0].answers.clear()
    assert hash(advice) == hash(again)
