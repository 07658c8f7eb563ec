"""What a server answers besides advice: what went wrong, and what it can do."""

import doctest

import pytest

from whentocall import AnswersError, EngineUnavailable, UnknownProtocol, fhir

YES = {"valueCoding": {"system": "http://terminology.hl7.org/CodeSystem/v2-0136", "code": "Y"}}


def refused(protocol, response):
    with pytest.raises(AnswersError) as error:
        fhir.answers_from_response(protocol, response)
    return error.value


def test_each_refused_answer_is_an_issue_that_names_its_item(all_targeted):
    items = [
        {"linkId": "screen-1", "item": [{"linkId": "chest_pain", "answer": [{"valueBoolean": True}]}]},
        {
            "linkId": "diarrhoea",
            "answer": [{**YES, "item": [{"linkId": "loose_stools", "answer": [{"valueInteger": 99}]}]}],
        },
    ]
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}
    error = refused(all_targeted, response)
    found = {
        one["expression"][0]: one["details"]["text"]
        for one in fhir.operation_outcome(error, response=response)["issue"]
    }
    assert found["QuestionnaireResponse.item[0].item[0]"].startswith("chest_pain: ")
    text = found["QuestionnaireResponse.item[1].answer[0].item[0]"]
    assert text.startswith("loose_stools: 99 is not a whole number from 0 to 60, or null (don't know); if it")
    without = fhir.operation_outcome(error)["issue"]
    assert {
        "QuestionnaireResponse.descendants().where(linkId = 'chest_pain')",
        "QuestionnaireResponse.descendants().where(linkId = 'loose_stools')",
    } == {one["expression"][0] for one in without}
    assert {("error", "value")} == {(one["severity"], one["code"]) for one in without}


def test_a_part_of_the_response_is_named_too(all_targeted):
    response = {"resourceType": "QuestionnaireResponse", "status": "entered-in-error"}
    (issue,) = fhir.operation_outcome(refused(all_targeted, response))["issue"]
    assert ["QuestionnaireResponse.status"] == issue["expression"]


def test_a_hostile_name_is_no_path(all_targeted):
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [{"linkId": "x') or ('", "answer": [{"valueBoolean": True}]}],
    }
    error = refused(all_targeted, response)
    (issue,) = fhir.operation_outcome(error)["issue"]
    assert ["QuestionnaireResponse"] == issue["expression"]
    (issue,) = fhir.operation_outcome(error, response=response)["issue"]
    assert ["QuestionnaireResponse.item[0]"] == issue["expression"]


def test_a_deep_response_does_not_make_endless_paths(all_targeted):
    deep = {"linkId": "x", "answer": [{"valueBoolean": True}]}
    for _ in range(20_000):
        deep = {"linkId": "screen-1", "item": [deep]}
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [deep]}
    outcome = fhir.operation_outcome(refused(all_targeted, response), response=response)
    assert all(len(one["expression"][0]) < 500 for one in outcome["issue"])


@pytest.mark.parametrize(
    ("error", "code", "severity", "said"),
    [
        (UnknownProtocol("there is no protocol 'x'"), "not-found", "error", "there is no protocol 'x'"),
        (EngineUnavailable("install it"), "exception", "fatal", "install it"),
        (ValueError("secret"), "exception", "fatal", "no advice was given"),
    ],
)
def test_other_errors_have_their_own_codes_and_tell_no_internals(error, code, severity, said):
    (issue,) = fhir.operation_outcome(error)["issue"]
    assert (code, severity) == (issue["code"], issue["severity"])
    assert said in issue["details"]["text"]
    assert "secret" not in str(issue)


def test_an_endpoint_can_refuse_by_itself():
    outcome = fhir.outcome("too-long", "there are 2,000,000 bytes; there may be 1,000,000")
    assert ("error", "too-long") == (outcome["issue"][0]["severity"], outcome["issue"][0]["code"])


def test_the_capabilities_name_the_operation_that_is_defined():
    base = "https://hospital.example/r4"
    statement, operation = (
        make(base_url=base) for make in (fhir.capability_statement, fhir.operation_definition)
    )
    (resource,) = statement["rest"][0]["resource"]
    assert [{"name": operation["code"], "definition": operation["url"]}] == resource["operation"]
    assert (fhir.FHIR_VERSION, base) == (statement["fhirVersion"], statement["implementation"]["url"])


def test_the_capabilities_claim_no_search_that_is_refused():
    (resource,) = fhir.capability_statement()["rest"][0]["resource"]
    (search,) = (one for one in resource["interaction"] if one["code"] == "search-type")
    assert "no search parameters" in search["documentation"]
    assert "searchParam" not in resource


def test_the_bundle_has_every_form(protocol, all_targeted):
    bundle = fhir.questionnaire_bundle([protocol, all_targeted], voices=("you", "they"))
    assert 4 == bundle["total"] == len(bundle["entry"])
    assert [one["fullUrl"] for one in bundle["entry"]] == [one["resource"]["url"] for one in bundle["entry"]]
    assert "entry" not in fhir.questionnaire_bundle([])


def test_the_example_of_the_package_runs():
    assert (0, 8) == tuple(doctest.testmod(fhir))
