"""A response to answers: everything that is said arrives, and silence is never "no"."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.effort import examples, some
from whentocall import AnswersError, advise, fhir
from whentocall.conformance.plan import plan
from whentocall.engine.answers import check_answers

ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
UCUM = "http://unitsofmeasure.org"
REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def response(*items, status="in-progress", **more):
    return {"resourceType": "QuestionnaireResponse", "status": status, "item": list(items), **more}


def item(link, **value):
    return {"linkId": link, "answer": [value]}


def coded(link, system, code):
    return item(link, valueCoding={"system": system, "code": code})


def degrees(value, **unit):
    return item("temperature", valueQuantity={"value": value, **unit})


def reason(code):
    return {"extension": [{"url": REASON, "valueCode": code}]}


def known(question):
    """A known answer in JSON form, exact at every digit."""
    answer = question.answer
    match answer.kind:
        case "yes-no":
            return st.booleans()
        case "one-of":
            return st.sampled_from(list(question.options))
        case "temperature":
            celsius = st.decimals(answer.low, answer.high, places=2).map(float)
            fahrenheit = st.decimals(86, 113, places=1).map(float)
            return celsius | fahrenheit.map(lambda value: {"value": value, "unit": "°F"})
    return st.integers(int(answer.low), int(answer.high))


def answers_of(protocol):
    """Answers of one person: a question is known, not known, or not asked."""
    each = {one.id: st.none() | known(one) for one in protocol.questions.values()}
    return st.fixed_dictionaries({}, optional=each)


@given(data=st.data())
@examples(60)
def test_answers_come_back_as_they_were_with_the_same_advice(protocol, data):
    answers = data.draw(answers_of(protocol))
    voice = data.draw(st.sampled_from(["you", "they"]))
    sent = json.dumps(fhir.questionnaire_response(protocol, answers, voice=voice))
    back = fhir.answers_from_response(protocol, json.loads(sent))

    given_ = dict(check_answers(protocol, answers).given)
    assert given_ == back
    assert advise(protocol, answers).to_json() == advise(protocol, back).to_json()
    assert voice == fhir.voice_of_response(json.loads(sent))


@pytest.mark.one_in(2)
def test_every_vector_has_the_same_answers_and_so_the_same_advice(protocol):
    """The same bytes, from a response as from the answers themselves."""
    for vector in some(plan(protocol), 4):
        try:
            checked = check_answers(protocol, vector.answers)
        except AnswersError:
            with pytest.raises(AnswersError):
                fhir.questionnaire_response(protocol, vector.answers)
            continue
        back = fhir.answers_from_response(protocol, fhir.questionnaire_response(protocol, vector.answers))
        assert dict(checked.given) == back
        assert advise(protocol, vector.answers).to_json() == advise(protocol, back).to_json()


def test_a_response_is_complete_once_everything_that_surely_applies_is_answered(all_targeted):
    unknown = {one.id: None for one in all_targeted.questions.values() if one.only_if is None}
    for answers, status in (
        (unknown, "completed"),
        ({**unknown, "diarrhoea": False}, "completed"),
        ({**unknown, "diarrhoea": True}, "in-progress"),
        ({}, "in-progress"),
    ):
        sent = fhir.questionnaire_response(all_targeted, answers)
        assert status == sent["status"]
        assert answers == fhir.answers_from_response(all_targeted, sent)


def test_every_question_can_be_answered_and_not_known(protocol):
    for one in protocol.questions.values():
        values = {"yes-no": [True, False], "one-of": list(one.options)}
        ends = [one.answer.low, one.answer.high]
        for value in (*values.get(one.answer.kind, ends), None):
            sent = fhir.questionnaire_response(protocol, {one.id: value})
            assert {one.id: value} == fhir.answers_from_response(protocol, sent)


def test_every_choice_of_the_form_means_what_it_says(protocol):
    """Each `answerOption` of the Questionnaire, sent back as it stands there, means what it says."""
    for found in every_choice(fhir.questionnaire(protocol, base_url="https://hospital.example/r4")):
        for option in found["answerOption"]:
            code = option["valueCoding"]["code"]
            one = found["linkId"].removesuffix("-unknown")
            expected = {"Y": True, "N": False, "asked-unknown": None}.get(code, code)
            sent = response(item(found["linkId"], **option))
            assert {one: expected} == fhir.answers_from_response(protocol, sent)


def every_choice(element):
    for one in element["item"]:
        if one["type"] == "choice":
            yield one
        if one["type"] == "group":
            yield from every_choice(one)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ({"system": UCUM, "code": "Cel"}, 38.6),
        ({"system": UCUM, "code": "Cel", "unit": "°C"}, 38.6),
        ({"system": UCUM, "code": "Cel", "unit": "Grad"}, 38.6),
        ({"unit": "°C"}, 38.6),
        ({"unit": " C "}, 38.6),
        ({"code": "Cel"}, 38.6),
    ],
)
def test_celsius_is_known_by_its_code_or_where_there_is_no_doubt(all_targeted, unit, expected):
    sent = response(degrees(38.6, **unit))
    assert {"temperature": expected} == fhir.answers_from_response(all_targeted, sent)


@pytest.mark.parametrize("unit", [{"system": UCUM, "code": "[degF]", "unit": "°F"}, {"unit": "F"}])
def test_fahrenheit_is_passed_on_as_it_was_given(all_targeted, unit):
    """99.5 °F is exactly 37.5 °C, which is not above it; one step more is."""
    for value, level in ((99.5, "contact"), (99.6, "immediately")):
        answers = fhir.answers_from_response(all_targeted, response(degrees(value, **unit)))
        assert {"temperature": {"value": value, "unit": "°F"}} == answers
        assert level == advise(all_targeted, answers).level


@pytest.mark.parametrize(
    "unit",
    [
        {},
        {"unit": "K"},
        {"system": UCUM, "code": "K"},
        {"system": UCUM, "code": "C"},  # coulomb
        {"system": UCUM, "code": "F"},  # farad
        {"system": UCUM, "code": "cel"},
        {"system": UCUM, "code": 1},
        {"system": UCUM, "code": ["Cel"]},
        {"system": UCUM, "unit": "°C"},
        {"system": UCUM, "code": "Cel", "unit": "°F"},
        {"code": "[degF]", "unit": "°C"},
        {"system": "http://snomed.info/sct", "code": "Cel", "unit": "°C"},
        {"unit": "°C", "comparator": ">"},
        {"unit": "°C", "comparator": "<="},
    ],
)
def test_a_temperature_in_doubt_is_refused(all_targeted, unit):
    with pytest.raises(AnswersError) as error:
        fhir.answers_from_response(all_targeted, response(degrees(38.6, **unit)))
    assert ["temperature"] == [one.question for one in error.value.problems]


def test_a_question_in_fahrenheit_has_plain_numbers_in_fahrenheit(write_protocol):
    protocol = write_protocol({"a": "answer: 'temperature, 86 to 113 °F'"}, "{a: above 99.5 °F}")
    for value, code, expected in ((99.5, "[degF]", 99.5), (37.5, "Cel", {"value": 37.5, "unit": "°C"})):
        quantity = {"value": value, "system": UCUM, "code": code}
        answers = fhir.answers_from_response(protocol, response(item("a", valueQuantity=quantity)))
        assert {"a": expected} == answers
        assert "green" == advise(protocol, answers).level
        assert answers == fhir.answers_from_response(protocol, fhir.questionnaire_response(protocol, answers))


# silence

SILENT = [
    {"linkId": "headache"},
    {"linkId": "headache", "answer": []},
    {"linkId": "headache", "answer": [{}]},
    {"linkId": "headache", "answer": [{"valueCoding": None}]},
    {"linkId": "headache", "answer": [{"valueCoding": {}}]},
    {"linkId": "headache", "answer": [reason("unknown")]},
    {"linkId": "headache", "answer": [{"valueCoding": reason("asked-declined")}]},
    {"linkId": "headache", "answer": [{"_valueCoding": reason("masked")}]},
    {"linkId": "headache", **reason("not-applicable")},
    coded("headache", ABSENT, "asked-declined"),
    coded("headache", ABSENT, "unknown"),
    {"linkId": "temperature"},
    {"linkId": "temperature", "answer": [{"valueQuantity": reason("asked-unknown")}]},
    {"linkId": "temperature", "answer": [{"valueQuantity": {"unit": "°C", "system": UCUM, "code": "Cel"}}]},
    {"linkId": "temperature", "answer": [{"valueQuantity": {"_value": reason("unknown"), "unit": "°C"}}]},
    {"linkId": "temperature-unknown", "answer": [reason("unknown")]},
    coded("temperature-unknown", ABSENT, "asked-unknown"),
    {"linkId": "loose_stools", "answer": [{"_valueInteger": reason("asked-unknown")}]},
    {"linkId": "drug", "answer": []},
]


@pytest.mark.parametrize("status", ["in-progress", "completed", "amended", "stopped"])
@pytest.mark.parametrize("silent", SILENT, ids=[json.dumps(one)[:60] for one in SILENT])
def test_what_is_shown_and_empty_or_declined_is_not_known(all_targeted, silent, status):
    one = silent["linkId"].removesuffix("-unknown")
    answers = fhir.answers_from_response(all_targeted, response(silent, status=status))
    assert answers[one] is None
    assert set(answers.values()) == {None}
    assert {one} == set(answers) or status in ("completed", "amended")


@pytest.mark.parametrize(
    "silent",
    [
        {"linkId": "headache", **reason("not-asked")},
        {"linkId": "headache", "answer": [reason("not-asked")]},
        coded("headache", ABSENT, "not-asked"),
        coded("temperature-unknown", ABSENT, "not-asked"),
        {"linkId": "temperature-unknown"},
        {"linkId": "temperature-unknown", "answer": [reason("not-asked")]},
    ],
)
def test_what_was_not_asked_stays_so(all_targeted, silent):
    assert {} == fhir.answers_from_response(all_targeted, response(silent))
    answers = fhir.answers_from_response(all_targeted, response(silent, status="completed"))
    if silent != {"linkId": "temperature-unknown"}:  # an empty box says nothing
        assert silent["linkId"] not in answers


def test_a_ticked_box_is_dont_know_whatever_silence_stands_beside_it(all_targeted):
    box = coded("temperature-unknown", ABSENT, "asked-unknown")
    for silent in ({}, {"answer": []}, {"answer": [reason("not-asked")]}, {"answer": [reason("unknown")]}):
        sent = response({"linkId": "temperature", **silent}, box)
        assert {"temperature": None} == fhir.answers_from_response(all_targeted, sent)


def test_what_is_missing_in_a_complete_response_is_not_known(all_targeted):
    sent = response(coded("diarrhoea", YES_NO, "Y"), status="completed")
    answers = fhir.answers_from_response(all_targeted, sent)
    assert answers["diarrhoea"] is True
    assert answers["loose_stools"] is None  # it applies, and was left empty
    assert "constipation_days" not in answers  # nobody knows whether it applies
    assert {"loose_stools", "diarrhoea_days", "cannot_replace_fluid"} <= set(answers)
    assert list(answers) == [one for one in all_targeted.questions if one in answers]


def test_what_does_not_apply_is_not_asked(all_targeted):
    sent = response(coded("diarrhoea", YES_NO, "N"), status="completed")
    assert "loose_stools" not in fhir.answers_from_response(all_targeted, sent)


@pytest.mark.parametrize("status", ["in-progress", "stopped"])
def test_what_is_missing_in_a_response_under_way_is_not_asked(all_targeted, status):
    assert {} == fhir.answers_from_response(all_targeted, response(status=status))


@pytest.mark.parametrize("status", ["in-progress", "completed"])
def test_a_response_without_items_never_says_that_it_can_wait(protocol, status):
    sent = {"resourceType": "QuestionnaireResponse", "status": status}
    advice = advise(protocol, fhir.answers_from_response(protocol, sent))
    assert ("contact", "emergency") == (advice.level, advice.could_be)


@given(data=st.data())
@examples(40)
def test_leaving_answers_out_never_lowers(protocol, data):
    """Whatever is dropped on the way from a full response, and whatever its status."""
    full = {one.id: data.draw(known(one)) for one in protocol.questions.values()}
    kept = data.draw(st.sets(st.sampled_from(list(full))))
    sent = fhir.questionnaire_response(protocol, {one: full[one] for one in full if one in kept})
    sent["status"] = data.draw(st.sampled_from(["completed", "amended", "in-progress", "stopped"]))
    answers = fhir.answers_from_response(protocol, sent)

    assert {one: full[one] for one in kept} == {one: answers[one] for one in kept}
    assert {None} >= {answers[one] for one in answers if one not in kept}


# where items stand, and what is beside the answers


def test_where_an_item_stands_does_not_matter(all_targeted):
    deep = {"linkId": "screen-1", "item": [{"linkId": "screen-2", "item": [coded("headache", YES_NO, "Y")]}]}
    under = {**coded("diarrhoea", YES_NO, "Y")}
    under["answer"][0]["item"] = [item("loose_stools", valueInteger=5)]
    sent = response(deep, under)
    expected = {"headache": True, "diarrhoea": True, "loose_stools": 5}
    assert expected == fhir.answers_from_response(all_targeted, sent)


def test_an_answer_to_what_does_not_apply_still_counts(all_targeted):
    sent = response(coded("diarrhoea", YES_NO, "N"), item("loose_stools", valueInteger=5), status="completed")
    answers = fhir.answers_from_response(all_targeted, sent)
    assert 5 == answers["loose_stools"]
    assert ["loose_stools"] == [one.question for one in advise(all_targeted, answers).contradictions]


@pytest.mark.parametrize(
    "named",
    [
        "https://whentocall.example/fhir/Questionnaire/all-targeted-drugs",
        "https://whentocall.example/fhir/Questionnaire/all-targeted-drugs|1.0",
        "https://hospital.example/Questionnaire/all-targeted-drugs.they|1.0",
        "Questionnaire/all-targeted-drugs",
    ],
)
def test_the_form_may_be_named_in_either_voice_and_at_any_server(all_targeted, named):
    sent = response(coded("headache", YES_NO, "Y"), questionnaire=named)
    assert {"headache": True} == fhir.answers_from_response(all_targeted, sent)
    assert ("they" if ".they" in named else "you") == fhir.voice_of_response(sent)


@pytest.mark.parametrize("sent", [{}, [], None, {"questionnaire": 3}])
def test_a_response_that_names_no_form_has_no_voice(sent):
    assert fhir.voice_of_response(sent) is None
