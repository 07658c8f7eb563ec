"""What stands around a value: an answer is never read as "no" past something that says otherwise."""

import json

import pytest

from whentocall import AnswersError, advise, fhir

YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
UCUM = "http://unitsofmeasure.org"
URL = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
NO = {"system": YES_NO, "code": "N"}
WARM = {"value": 36.8, "unit": "°C", "system": UCUM, "code": "Cel"}
OTHER = [{"url": "https://hospital.example/shown-in", "valueString": "blue"}]
MODIFIER = [{"url": "https://hospital.example/negated", "valueBoolean": True}]


def reason(code, url=URL):
    return {"extension": [{"url": url, "valueCode": code}]}


DECLINED = reason("asked-declined")


def full(protocol, **items):
    """A complete response: every question that always applies is answered, and nothing is wrong."""
    plain = {"yes-no": False, "temperature": 36.8}
    always = [one for one in protocol.questions.values() if one.only_if is None]
    answers = {one.id: plain[one.answer.kind] for one in always if one.answer.kind in plain}
    sent = json.loads(json.dumps(fhir.questionnaire_response(protocol, answers)))
    sent["status"] = "completed"
    waiting = [sent]
    while waiting:
        for one in waiting.pop().get("item", []):
            one.update(items.get(one["linkId"], {}))
            waiting.append(one)
    return sent


def answer(**value):
    return {"answer": [value]}


def read(protocol, sent):
    return fhir.answers_from_response(protocol, sent)


def refused(protocol, sent):
    with pytest.raises(AnswersError) as error:
        read(protocol, sent)
    (problem,) = error.value.problems
    return problem


def test_a_full_response_without_complaints_says_that_nothing_is_needed(all_targeted):
    """So that every test below would see a silence read as "no"."""
    assert "none" == advise(all_targeted, read(all_targeted, full(all_targeted))).level


@pytest.mark.parametrize(
    ("link", "value"),
    [
        ("chest_pain", {"valueCoding": {"system": YES_NO, "_code": DECLINED}}),
        ("chest_pain", {"valueCoding": {"_code": DECLINED, "display": "No"}}),
        ("chest_pain", {"valueCoding": {"_system": DECLINED}}),
        ("chest_pain", {"_valueCoding": reason("asked-declined", f"{URL}|4.0.1")}),
        ("chest_pain", reason("ASKU", "http://hl7.org/fhir/StructureDefinition/iso21090-nullFlavor")),
        ("temperature", {"valueQuantity": {"unit": "°C", "_code": DECLINED}}),
        ("temperature", {"valueQuantity": {"unit": "°C", "_value": DECLINED}}),
        ("temperature", {"_valueQuantity": DECLINED}),
    ],
)
def test_a_reason_anywhere_in_an_answer_without_its_value_is_not_known(all_targeted, link, value):
    answers = read(all_targeted, full(all_targeted, **{link: answer(**value)}))
    assert answers[link] is None
    assert "none" != advise(all_targeted, answers).level


def test_a_reason_for_silence_wins_over_not_asked(all_targeted):
    sent = full(all_targeted, chest_pain={**answer(**DECLINED), **reason("not-asked")})
    assert read(all_targeted, sent)["chest_pain"] is None


AROUND = [
    ("chest_pain", {"valueCoding": {**NO, "_code": DECLINED}}),
    ("chest_pain", {"valueCoding": {**NO, "_system": DECLINED}}),
    ("chest_pain", {"valueCoding": {**NO, "_display": DECLINED}}),
    ("chest_pain", {"valueCoding": {**NO, **reason("unknown", URL.replace("http:", "https:"))}}),
    ("chest_pain", {"valueCoding": {**NO, **reason("unknown", f"{URL}|4.0.1")}}),
    ("chest_pain", {"valueCoding": NO, "_valueCoding": DECLINED}),
    ("chest_pain", {"valueCoding": {**NO, "extension": DECLINED["extension"][0]}}),
    ("chest_pain", {"valueCoding": NO, "extension": DECLINED["extension"][0]}),
    ("chest_pain", {"valueCoding": NO, "extension": "asked-declined"}),
    ("chest_pain", {"valueCoding": NO, "extension": None}),
    ("chest_pain", {"valueCoding": NO, "extension": [DECLINED["extension"]]}),
    ("chest_pain", {"valueCoding": NO, "extension": [{"valueCode": "asked-declined"}]}),
    ("chest_pain", {"valueCoding": NO, "_valueCoding": [DECLINED]}),
    ("chest_pain", {"valueCoding": {**NO, "_code": {"extension": DECLINED["extension"][0]}}}),
    ("chest_pain", {"valueCoding": {**NO, "_code": "asked-declined"}}),
    ("chest_pain", {"valueCoding": {**NO, "_code": {"value": "Y"}}}),
    ("chest_pain", {"valueCoding": {**NO, "modifierExtension": MODIFIER}}),
    ("chest_pain", {"valueCoding": {**NO, "_code": {"modifierExtension": MODIFIER}}}),
    ("chest_pain", {"valueCoding": NO, "_valueCoding": {"modifierExtension": MODIFIER}}),
    ("chest_pain", {"valueCoding": {**NO, "negated": True}}),
    ("chest_pain", {"valueCoding": {**NO, "version": ["2"]}}),
    ("chest_pain", {"valueCoding": {**NO, "display": {"en": "Yes"}}}),
    ("chest_pain", {"valueCoding": NO, "declined": True}),
    ("chest_pain", {"valueCoding": NO, "_item": DECLINED}),
    ("temperature", {"valueQuantity": {**WARM, "_code": DECLINED}}),
    ("temperature", {"valueQuantity": {**WARM, "_unit": DECLINED}}),
    ("temperature", {"valueQuantity": {**WARM, "_value": DECLINED}}),
    ("temperature", {"valueQuantity": {**WARM, "_comparator": DECLINED}}),
    ("temperature", {"valueQuantity": {**WARM, "modifierExtension": MODIFIER}}),
    ("temperature", {"valueQuantity": {**WARM, "extension": DECLINED["extension"][0]}}),
    ("temperature", {"valueQuantity": {**WARM, "unit": 5}}),
    ("temperature", {"valueQuantity": {**WARM, "plus": 2}}),
]


@pytest.mark.parametrize(("link", "value"), AROUND, ids=[json.dumps(one)[:90] for one in AROUND])
def test_what_is_not_understood_around_a_value_is_refused(all_targeted, link, value):
    assert link == refused(all_targeted, full(all_targeted, **{link: answer(**value)})).question


@pytest.mark.parametrize(
    "around", [{"_answer": [DECLINED]}, {"extension": {}}, {"_text": 3}, {"prefix": "1"}]
)
def test_what_is_not_understood_around_an_answer_is_refused(all_targeted, around):
    assert "chest_pain" == refused(all_targeted, full(all_targeted, chest_pain=around)).question


def test_a_whole_that_is_absent_and_there_is_refused(all_targeted):
    assert "screen-1" == refused(all_targeted, full(all_targeted, **{"screen-1": DECLINED})).question
    for around in (DECLINED, {"extension": DECLINED["extension"][0]}):
        assert "QuestionnaireResponse" == refused(all_targeted, full(all_targeted) | around).question


def test_other_extensions_are_passed_over_wherever_they_stand(all_targeted):
    beside = {"id": "a", "extension": OTHER}
    sent = full(
        all_targeted,
        chest_pain={
            "answer": [{"valueCoding": {**NO, **beside, "_display": beside, "userSelected": True}, **beside}],
            "extension": OTHER,
            "_text": beside,
        },
        temperature=answer(valueQuantity={**WARM, "extension": OTHER, "_value": beside}),
    )
    assert read(all_targeted, full(all_targeted)) == read(all_targeted, sent | {"extension": OTHER})


# the name of an answer


@pytest.mark.parametrize(
    "display",
    [
        *("Yes", "yes", " YES. ", "Y", "\uff39\uff45\uff53", "I don't know", "i don\u2019t know"),
        *("unknown", "Asked But Declined", "asked-declined", "Not Asked"),
    ],
)
def test_a_no_that_is_called_another_answer_is_refused(all_targeted, display):
    sent = full(all_targeted, chest_pain=answer(valueCoding={**NO, "display": display}))
    problem = refused(all_targeted, sent)
    assert "chest_pain" == problem.question
    assert "which is another answer" in problem.message


@pytest.mark.parametrize(("system", "code"), [(YES_NO, "Y"), (ABSENT, "asked-unknown")])
def test_what_is_called_no_and_is_not_is_refused(all_targeted, system, code):
    coding = {"system": system, "code": code, "display": "No"}
    assert (
        "chest_pain"
        == refused(all_targeted, full(all_targeted, chest_pain=answer(valueCoding=coding))).question
    )


@pytest.mark.parametrize("display", ["No", "NO", "n", "Nein", "", "No, never", None])
def test_a_name_of_our_own_or_of_nobody_contradicts_nothing(all_targeted, display):
    sent = full(all_targeted, chest_pain=answer(valueCoding={**NO, "display": display}))
    assert read(all_targeted, sent)["chest_pain"] is False


def test_a_choice_may_be_called_by_its_own_name_in_either_voice_and_by_no_other(all_targeted):
    question = all_targeted.questions["drug"]
    one, other = list(question.options)[:2]
    coding = {"system": "https://x.example/CodeSystem/all-targeted-drugs.drug", "code": one}
    sent = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
    for voice in ("you", "they"):
        right, wrong = (
            {**coding, "display": question.options[code].to(voice).upper()} for code in (one, other)
        )
        named = {"linkId": "drug", **answer(valueCoding=right)}
        assert {"drug": one} == read(all_targeted, {**sent, "item": [named]})
        named = {"linkId": "drug", **answer(valueCoding=wrong)}
        assert "drug" == refused(all_targeted, {**sent, "item": [named]}).question
