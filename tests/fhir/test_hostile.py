"""Responses that cannot be taken: each is refused by the name of its question, and nothing is guessed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.effort import examples
from whentocall import AnswersError, fhir
from whentocall.fhir.refusals import MAX_PROBLEMS

YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
UCUM = "http://unitsofmeasure.org"
REASON = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]}
YES = {"valueCoding": {"system": YES_NO, "code": "Y"}}
YES_ANSWER = {"answer": [YES]}
CELSIUS = {"system": UCUM, "code": "Cel"}


def response(*items, **more):
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items), **more}


def item(link, **value):
    return {"linkId": link, "answer": [value]}


def problems(protocol, sent):
    with pytest.raises(AnswersError) as error:
        fhir.answers_from_response(protocol, sent)
    for one in error.value.problems:
        assert one.message[0].islower() or one.message[0] in "'{-0123456789", one.message
        assert "\n" not in str(one)
        assert len(str(one)) < 300
    return [one.question for one in error.value.problems]


@pytest.mark.parametrize(
    ("part", "sent"),
    [
        ("resourceType", None),
        ("resourceType", []),
        ("resourceType", "x"),
        ("resourceType", {}),
        ("resourceType", {"resourceType": "Questionnaire", "status": "completed"}),
        ("status", response(status="entered-in-error")),
        ("status", response(status="done")),
        ("status", response(status=None)),
        ("status", response(status=["completed"])),
        ("status", {"resourceType": "QuestionnaireResponse"}),
        ("questionnaire", response(questionnaire="")),
        ("questionnaire", response(questionnaire=3)),
        ("questionnaire", response(questionnaire="Questionnaire/neuroblastoma-targeted-therapy")),
        ("questionnaire", response(questionnaire="Questionnaire/all-targeted-drugs.them")),
        ("questionnaire", response(questionnaire="https://x.example/all-targeted-drugs")),
        ("questionnaire", response(questionnaire="https://x.example/OldQuestionnaire/all-targeted-drugs")),
        ("questionnaire", response(questionnaire="https://x.example/Questionnaire/all-targeted-drugs|0.9")),
        ("QuestionnaireResponse", response(modifierExtension=[{"url": "http://x", "valueBoolean": True}])),
        ("QuestionnaireResponse", response(implicitRules="http://x")),
        ("item", response(item={"linkId": "headache"})),
        ("item", response(item="headache")),
        ("item", response(3)),
        ("item", response(["headache"])),
        ("item", response({"linkId": 3})),
        ("item", response({"linkId": None, **YES_ANSWER})),
        ("item", response({"linkId": "", **YES_ANSWER})),
        ("item", response(YES_ANSWER)),
        ("item", response({"text": "Headache", "valueString": "bad"})),
        ("item", response({"linkId": "screen-1", "item": {"linkId": "headache"}})),
    ],
)
def test_a_response_of_another_shape_is_refused(all_targeted, part, sent):
    assert [part] == problems(all_targeted, sent)


@pytest.mark.parametrize(
    "wrong",
    [
        item("headache", valueBoolean=True),
        item("headache", valueString="yes"),
        item("headache", valueCoding="Y"),
        item("headache", valueCoding=True),
        item("headache", valueCoding=[YES["valueCoding"]]),
        item("headache", valueCoding={"code": "Y"}),
        item("headache", valueCoding={"display": "Yes"}),
        item("headache", valueCoding={"system": YES_NO}),
        item("headache", valueCoding={"system": YES_NO, "code": "y"}),
        item("headache", valueCoding={"system": YES_NO, "code": ["Y"]}),
        item("headache", valueCoding={"system": "http://snomed.info/sct", "code": "Y"}),
        item("headache", valueCoding={"system": ABSENT, "code": "none"}),
        item("headache", **YES, valueString="no"),
        item("headache", **YES, valueBoolean=None),
        item("headache", **YES, **REASON),
        item("headache", **YES, _valueCoding=REASON),
        item("headache", valueCoding={**YES["valueCoding"], **REASON}),
        item("headache", **YES, modifierExtension=[{"url": "http://x"}]),
        {**item("headache", **YES), **REASON},
        {**item("headache", **YES), "modifierExtension": [{"url": "http://x"}]},
        {"linkId": "headache", "answer": [YES, YES]},
        {"linkId": "headache", "answer": YES},
        {"linkId": "headache", "answer": "yes"},
        {"linkId": "headache", "answer": ["yes"]},
        {"linkId": "headache", "answer": [YES, {}]},
        {"linkId": "headache", "answer": [YES, None]},
        item("drug", valueCoding={"system": "https://x.example/CodeSystem/other.drug", "code": "other"}),
        item("drug", valueCoding={"code": "other"}),
        item("drug", valueCoding={"system": "https://x/CodeSystem/all-targeted-drugs.drug", "code": "soap"}),
        item("drug", valueCoding={"system": YES_NO, "code": "Y"}),
        item("loose_stools", valueInteger=61),
        item("loose_stools", valueInteger=-1),
        item("loose_stools", valueInteger=3.5),
        item("loose_stools", valueInteger=True),
        item("loose_stools", valueInteger="4"),
        item("loose_stools", valueInteger=[4]),
        item("loose_stools", valueInteger={"value": 4}),
        item("loose_stools", valueInteger=10**400),
        item("loose_stools", valueInteger=10**5000),
        item("loose_stools", valueInteger=math.nan),
        item("loose_stools", valueInteger=math.inf),
        item("loose_stools", valueDecimal=4),
        item("loose_stools", valueCoding={"system": ABSENT, "code": "asked-unknown"}),
        item("temperature", valueDecimal=38.6),
        item("temperature", valueQuantity=38.6),
        item("temperature", valueQuantity={**CELSIUS, "value": "38.6"}),
        item("temperature", valueQuantity={**CELSIUS, "value": True}),
        item("temperature", valueQuantity={**CELSIUS, "value": {"value": 99.5, "unit": "°F"}}),
        item("temperature", valueQuantity={**CELSIUS, "value": 45.1}),
        item("temperature", valueQuantity={**CELSIUS, "value": 29.9}),
        item("temperature", valueQuantity={**CELSIUS, "value": 99.5}),
        item("temperature", valueQuantity={"system": UCUM, "code": "[degF]", "value": 38.6}),
        item("temperature", valueQuantity={**CELSIUS, "value": math.nan}),
        item("temperature", valueQuantity={**CELSIUS, "value": 10**400}),
        item("temperature", valueQuantity={**CELSIUS, "comparator": "<"}),
        item("temperature", valueQuantity={**CELSIUS, "value": 38, "comparator": "<"}),
        item("temperature", valueQuantity={**CELSIUS, "value": 38, "_value": REASON}),
    ],
    ids=lambda one: one["linkId"],  # not the value: one of them is too long to be printed
)
def test_a_wrong_answer_is_refused_by_the_name_of_its_question(all_targeted, wrong):
    assert [wrong["linkId"]] == problems(all_targeted, response(wrong))


def test_a_link_that_is_not_in_the_form_is_refused(all_targeted):
    links = ["fever", "Headache", "headache ", "headache-unknown", "temperature-unknown-unknown"]
    assert links == problems(all_targeted, response(*(item(one, **YES) for one in links)))


def test_a_link_that_stands_there_twice_is_refused_wherever_it_stands(all_targeted):
    twice = item("headache", **YES)
    no = item("headache", valueCoding={"system": YES_NO, "code": "N"})
    assert ["headache"] == problems(all_targeted, response(twice, no))
    assert ["headache"] == problems(all_targeted, response(twice, {"linkId": "screen-1", "item": [twice]}))
    inside = item("diarrhoea", **YES, item=[twice])
    assert ["headache"] == problems(all_targeted, response(twice, inside))
    assert ["headache"] == problems(all_targeted, response(twice, {"linkId": "headache"}))


def test_what_is_no_question_has_no_answer(all_targeted):
    for link in ("screen-1", "intro", "rash-help"):
        assert [link] == problems(all_targeted, response({"linkId": link, "answer": "yes"}))
        assert [link] == problems(all_targeted, response(item(link, **YES)))


def test_a_number_that_is_also_marked_as_not_known_is_refused(all_targeted):
    number = item("loose_stools", valueInteger=5)
    box = item("loose_stools-unknown", valueCoding={"system": ABSENT, "code": "asked-unknown"})
    assert ["loose_stools"] == problems(all_targeted, response(number, box))
    assert ["loose_stools"] == problems(all_targeted, response(item("loose_stools-unknown", **YES)))


def test_every_problem_is_told_at_once(all_targeted):
    sent = response(
        item("headache", valueBoolean=True),
        item("rash", valueString="yes"),
        item("loose_stools", valueInteger=99),
    )
    assert ["headache", "loose_stools", "rash"] == sorted(problems(all_targeted, sent))


def test_a_response_that_is_nothing_but_problems_is_read_no_further(all_targeted):
    sent = response(*(item(f"q{one}", **YES) for one in range(100_000)))
    assert MAX_PROBLEMS == len(problems(all_targeted, sent))


def test_a_response_of_any_depth_is_read(all_targeted):
    """Deeper than Python calls itself."""
    deep = item("headache", **YES)
    for _ in range(20_000):
        deep = {"linkId": "screen-1", "item": [deep]}
    assert fhir.answers_from_response(all_targeted, response(deep))["headache"] is True
    answered = item("headache", **YES)
    for _ in range(20_000):
        answered = item("headache", **YES, item=[answered])
    found = set(problems(all_targeted, response(answered)))
    assert {"headache"} == found


def test_names_of_questions_cannot_break_a_line(all_targeted):
    found = problems(all_targeted, response(item("a\nb\x00\u202e", **YES), item("x" * 100_000, **YES)))
    assert all(one.isprintable() and len(one) <= 60 for one in found)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["headache", "Y"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["linkId", "item", "answer", "valueCoding", "valueInteger", "extension", "code", "system"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(junk=st.lists(JSON, max_size=4), key=st.sampled_from(["item", "status", "questionnaire", "subject"]))
@examples(300)
def test_whatever_is_sent_is_read_or_refused(all_targeted, junk, key):
    sent = response(**{key: junk})
    try:
        answers = fhir.answers_from_response(all_targeted, sent)
    except AnswersError as error:
        fhir.operation_outcome(error, response=sent)
    else:
        assert False not in answers.values()


@given(
    junk=JSON,
    link=st.sampled_from(["headache", "temperature", "loose_stools", "drug", "temperature-unknown"]),
)
@examples(300)
def test_whatever_an_answer_is_it_is_read_or_refused(all_targeted, junk, link):
    sent = response({"linkId": link, "answer": [junk] if not isinstance(junk, list) else junk})
    try:
        answers = fhir.answers_from_response(all_targeted, sent)
    except AnswersError:
        return
    assert {None} >= set(answers.values()) or isinstance(junk, dict)
