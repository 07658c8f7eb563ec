"""Advice as a GuidanceResponse: nothing is lost, nothing is added, and it can be read by itself."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.effort import examples
from whentocall import advise, fhir
from whentocall.engine.advice import Problem
from whentocall.interview import texts

XHTML = "{http://www.w3.org/1999/xhtml}"


def parameters(guidance):
    (found,) = (one for one in guidance["contained"] if one["id"] == "advice")
    return {
        one["name"]: next(value for key, value in one.items() if key != "name") for one in found["parameter"]
    }


def advice_json(guidance):
    return base64.b64decode(parameters(guidance)["advice"]["data"]).decode()


def nothing(protocol):
    return {
        one.id: {"yes-no": False, "temperature": 36.8}.get(one.answer.kind)
        for one in protocol.questions.values()
        if one.only_if is None
    }


def words(guidance):
    return "".join(ET.fromstring(guidance["text"]["div"]).itertext())


@given(data=st.data(), voice=st.sampled_from(["you", "they"]))
@examples(30)
def test_it_holds_the_advice_byte_for_byte(protocol, data, voice):
    yes_no = [one.id for one in protocol.questions.values() if one.answer.kind == "yes-no"]
    answers = data.draw(st.dictionaries(st.sampled_from(yes_no), st.sampled_from([True, False, None])))
    numbers = {"advice-line": "020 7946 0000 <&>"}
    advice = advise(protocol, answers, voice=voice, numbers=numbers)
    guidance = json.loads(json.dumps(fhir.guidance_response(protocol, advice)))

    assert advice.to_json() == advice_json(guidance)
    parts = parameters(guidance)
    assert (advice.level, advice.headline, advice.finished) == (
        parts["level"],
        parts["headline"],
        parts["finished"],
    )


def test_the_same_advice_gives_the_same_bytes(all_targeted):
    first, second = (
        json.dumps(fhir.guidance_response(all_targeted, advise(all_targeted, {"headache": True})))
        for _ in range(2)
    )
    assert first == second


def test_more_data_are_requested_and_never_required(protocol):
    """There is advice in every case: nobody should wait for a better one."""
    quiet = {one: given for one, given in nothing(protocol).items() if given is not None}
    for answers, status in (({}, "data-requested"), (quiet, "success"), (nothing(protocol), "success")):
        advice = advise(protocol, answers)
        guidance = fhir.guidance_response(protocol, advice)
        assert status == guidance["status"]
        assert ("dataRequirement" in guidance) == bool(advice.settle)


@pytest.mark.parametrize(("finished", "settled"), [(False, True), (True, False), (False, False)])
def test_either_an_open_question_or_an_unasked_one_requests_data(all_targeted, finished, settled):
    open_ended = advise(all_targeted, {})
    advice = open_ended.model_copy(
        update={"finished": finished, "settle": () if settled else open_ended.settle}
    )
    assert open_ended.settle
    assert "data-requested" == fhir.guidance_response(all_targeted, advice)["status"]


def test_an_emergency_waits_for_nothing(protocol):
    advice = advise(protocol, {"chest_pain": True})
    assert ("emergency", True) == (advice.level, advice.finished)
    guidance = fhir.guidance_response(protocol, advice)
    assert "EMERGENCY: Call" in guidance["note"][0]["text"]
    assert ("data-requested" if advice.settle else "success") == guidance["status"]


def test_each_thing_to_find_out_is_a_data_requirement_that_names_the_item(all_targeted):
    advice = advise(all_targeted, {**nothing(all_targeted), "temperature": None})
    guidance = fhir.guidance_response(all_targeted, advice)
    links = {
        one["linkId"] for group in fhir.questionnaire(all_targeted)["item"] for one in group.get("item", ())
    }
    found = []
    for one in guidance["dataRequirement"]:
        (extension,) = one["extension"]
        parts = {part["url"]: part for part in extension["extension"]}
        assert parts["linkId"]["valueString"] in links
        found.append(
            (parts["linkId"]["valueString"], parts["text"]["valueString"], parts["could-reach"]["valueCode"])
        )
    assert [(one.question, one.text, one.could_reach) for one in advice.settle] == found
    assert "temperature" == found[0][0]


def test_each_reason_has_its_rule_and_its_words(protocol):
    advice = advise(protocol, dict.fromkeys(nothing(protocol), None) | {"chest_pain": True})
    reasons = fhir.guidance_response(protocol, advice)["reasonCode"]
    assert [(one.rule, one.because) for one in advice.reasons] == [
        (one["coding"][0]["code"], one["text"]) for one in reasons
    ]
    quiet = fhir.guidance_response(protocol, advise(protocol, nothing(protocol)))
    assert "reasonCode" not in quiet


@pytest.mark.parametrize("voice", ["you", "they"])
def test_the_narrative_says_all_that_a_person_must_read(protocol, voice):
    answers = {**dict.fromkeys(nothing(protocol)), "being_sick": True}
    answers = {one: given for one, given in answers.items() if one in protocol.questions}
    advice = advise(protocol, answers, voice=voice)
    said = words(fhir.guidance_response(protocol, advice))
    wanted = [advice.headline, advice.contact.how_soon, *advice.first, *advice.self_care]
    wanted += [one.because for one in advice.reasons] + [one.text for one in advice.settle]
    wanted += [one.text for one in advice.watch_for]
    wanted += [texts.NOT_SIGNED, texts.NOT_A_DIAGNOSIS, texts.NUMBER_NOT_SET]
    assert [] == [one for one in wanted if one not in said]
    assert "{" not in said
    assert said.index(advice.headline) < 20


def test_the_narrative_has_only_what_fhir_allows(protocol):
    advice = advise(protocol, {"chest_pain": True}, numbers={"advice-line": "<script>alert(1)</script>"})
    for one in (advice, advise(protocol, {}, numbers={"advice-line": "<script>alert(1)</script>"})):
        guidance = fhir.guidance_response(protocol, one)
        root = ET.fromstring(guidance["text"]["div"])
        used = {element.tag.removeprefix(XHTML) for element in root.iter()}
        assert used <= {"div", "p", "b", "ul", "ol", "li"}
        assert not any(element.attrib for element in root.iter() if element is not root)


def test_an_unfinished_interview_says_so(all_targeted):
    unfinished = fhir.guidance_response(all_targeted, advise(all_targeted, {"headache": True}))
    finished = fhir.guidance_response(all_targeted, advise(all_targeted, nothing(all_targeted)))
    assert texts.NOT_FINISHED in words(unfinished)
    assert texts.NOT_FINISHED in [one["text"] for one in unfinished["note"]]
    assert texts.NOT_FINISHED not in words(finished)


def test_what_went_wrong_inside_is_a_message(all_targeted):
    problem = Problem(kind="engine: ValueError", text="Something went wrong. To be safe, call.")
    broken = advise(all_targeted, nothing(all_targeted)).model_copy(update={"problems": (problem,)})
    guidance = fhir.guidance_response(all_targeted, broken)
    (messages,) = (one for one in guidance["contained"] if one["resourceType"] == "OperationOutcome")
    assert [{"reference": f"#{messages['id']}"}] == guidance["evaluationMessage"]
    (issue,) = messages["issue"]
    assert ("warning", "exception", problem.kind) == (issue["severity"], issue["code"], issue["diagnostics"])
    assert problem.text == issue["details"]["text"]
    assert problem.text in words(guidance)


def test_answers_that_do_not_fit_together_are_a_message(all_targeted):
    advice = advise(all_targeted, {"diarrhoea": False, "loose_stools": 5})
    guidance = fhir.guidance_response(all_targeted, advice)
    (issue,) = guidance["contained"][1]["issue"]
    assert advice.contradictions[0].text == issue["details"]["text"]
    quiet = fhir.guidance_response(all_targeted, advise(all_targeted, {}))
    assert "evaluationMessage" not in quiet
    assert 1 == len(quiet["contained"])


def test_it_names_the_form_and_its_version(all_targeted):
    for voice, end in (("you", "all-targeted-drugs|1.0"), ("they", "all-targeted-drugs.they|1.0")):
        advice = advise(all_targeted, {}, voice=voice)
        guidance = fhir.guidance_response(all_targeted, advice, base_url="https://hospital.example/r4")
        assert f"https://hospital.example/r4/Questionnaire/{end}" == guidance["moduleCanonical"]
        form = fhir.questionnaire(all_targeted, voice=voice, base_url="https://hospital.example/r4")
        assert f"{form['url']}|{form['version']}" == guidance["moduleCanonical"]


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/123",
        "https://hospital.example/r4/Patient/a.b-c",
        "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
    ],
)
def test_the_subject_of_the_response_is_named(all_targeted, reference):
    response = {"subject": {"reference": reference, "display": "Somebody"}}
    guidance = fhir.guidance_response(all_targeted, advise(all_targeted, {}), response=response)
    assert {"reference": reference} == guidance["subject"]


@pytest.mark.parametrize(
    "subject",
    [
        None,
        "Patient/1",
        [],
        {},
        {"reference": 3},
        {"reference": "#me"},
        {"reference": "javascript:alert(1)"},
        {"reference": "Patient/1\n"},
        {"reference": "Patient/" + "1" * 65},
        {"display": "Somebody"},
    ],
)
def test_any_other_subject_is_left_out(all_targeted, subject):
    advice = advise(all_targeted, {})
    guidance = fhir.guidance_response(all_targeted, advice, response={"subject": subject})
    assert fhir.guidance_response(all_targeted, advice) == guidance


def test_the_time_is_said_only_if_it_is_given(all_targeted):
    advice = advise(all_targeted, {})
    moment = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
    guidance = fhir.guidance_response(all_targeted, advice, occurred=moment)
    assert "2026-11-22T03:04:05+00:00" == guidance["occurrenceDateTime"]
    with pytest.raises(ValueError, match="time zone"):
        fhir.guidance_response(all_targeted, advice, occurred=moment.replace(tzinfo=None))


def test_signed_advice_names_who_has_signed(all_targeted):
    signed = replace(all_targeted, _memo={})
    advice = advise(signed, {})
    ref = advice.protocol.model_copy(update={"signed_off": True})
    said = words(fhir.guidance_response(signed, advice.model_copy(update={"protocol": ref})))
    assert texts.NOT_SIGNED not in said
