"""The server's own description: true, complete, and a source of random requests that must not break it."""

import json
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from support.effort import examples
from whentocall.http.operations import ANSWERS, OPERATIONS
from whentocall.http.problems import Kind
from whentocall.protocol.wording import VOICES

from .conftest import ADVICE, ALL


@pytest.fixture(scope="module")
def random(app):
    """Schemathesis: strategies of requests to an operation, and the checks of what is answered."""
    import schemathesis  # noqa: PLC0415  a second that only these tests should take
    from schemathesis.checks import not_a_server_error  # noqa: PLC0415
    from schemathesis.specs.openapi import checks as conform  # noqa: PLC0415

    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    return SimpleNamespace(
        right=schemathesis.GenerationMode.POSITIVE,
        wrong=schemathesis.GenerationMode.NEGATIVE,
        checks=(
            not_a_server_error,
            status_of_a_problem,
            conform.status_code_conformance,
            conform.content_type_conformance,
            conform.response_schema_conformance,
        ),
        refusing=conform.negative_data_rejection,  # nothing that the description does not allow is taken
        of=lambda operation: schema[operation.path][operation.method],
    )


def status_of_a_problem(_context, response, _case):
    """The description leaves most of them to `default`."""
    assert response.status_code in {200, 409, *(kind.status for kind in Kind)}


@pytest.fixture(scope="module")
def described(client):
    return client.get("/openapi.json").json()


def resolved(described, value):
    """What a reference into the description stands for."""
    if "$ref" not in value:
        return value
    for name in value["$ref"].split("/")[1:]:
        described = described[name]
    return described


def test_every_operation_of_the_contract_is_answered_and_no_other():
    assert {*ANSWERS, "openapi", "docs"} == {operation.id for operation in OPERATIONS}


def test_no_reference_leads_nowhere(described):
    def references(value):
        if isinstance(value, dict):
            yield from [value] if isinstance(value.get("$ref"), str) else []
            value = list(value.values())
        for part in value if isinstance(value, list) else ():
            yield from references(part)

    found = list(references(described))
    assert len(found) > 50
    assert all(resolved(described, reference) for reference in found)


def test_the_description_names_the_voices_problems_and_protocols_there_are(described):
    components = described["components"]
    problem = components["schemas"]["ProblemDetails"]["properties"]["type"]

    assert list(VOICES) == components["parameters"]["Voice"]["schema"]["enum"]
    assert list(VOICES) == components["schemas"]["AdviceRequest"]["properties"]["voice"]["enum"]
    assert [kind.uri for kind in Kind] == problem["enum"]
    assert all(kind.title in problem["description"] for kind in Kind)
    assert 2 == len(components["parameters"]["Protocol"]["schema"]["enum"])
    assert 4 == len(components["parameters"]["Questionnaire"]["schema"]["enum"])


def test_the_examples_are_what_the_server_answers(described, client):
    """Each example that is sent, sent again, gives the example that is shown."""
    seen = 0
    for path, methods in described["paths"].items():
        operation = methods.get("post", {})
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            for name, example in content.get("examples", {}).items():
                named = path.replace("{protocol}", name.partition(".")[0])
                named = named.replace("{questionnaire}", name.partition(".")[0])
                body = json.dumps(example["value"]).encode()
                answered = client.post(named, body, {"content-type": media})
                shown = resolved(described, operation["responses"][str(answered.status)])["content"]
                assert answered.json() == shown[answered.headers["content-type"]]["examples"][name]["value"]
                seen += 1
    assert seen >= 14


def test_there_is_an_example_of_a_warm_person_and_one_refused(described):
    responses = described["paths"]["/v1/protocols/{protocol}/advice"]["post"]["responses"]
    warm = responses["200"]["content"]["application/json"]["examples"]["all-targeted-drugs.one-answer"]
    refused = resolved(described, responses["422"])["content"]["application/problem+json"]["examples"][
        "all-targeted-drugs.refused"
    ]

    assert {"temperature": 38.6} == warm["value"]["request"]["answers"]
    assert "immediately" == warm["value"]["level"]
    assert ["temperature"] == [error["question"] for error in refused["value"]["errors"]]


def test_answers_are_described_question_by_question(described):
    answers = described["components"]["schemas"]["all-targeted-drugs.answers"]

    assert answers["additionalProperties"] is False
    assert {"maximum": 45, "minimum": 30, "type": "number"} in answers["properties"]["temperature"]["anyOf"]
    assert "$defs" not in json.dumps(described)


def test_a_problem_within_advice_is_not_described_as_a_refused_request(described):
    schemas = described["components"]["schemas"]

    assert {"$ref": "#/components/schemas/Problem"} == schemas["Advice"]["properties"]["problems"]["items"]
    assert {"kind", "text"} == set(schemas["Problem"]["properties"])


def test_the_description_is_the_same_each_time(client):
    assert client.get("/openapi.json").body == client.get("/openapi.json").body


def test_a_key_is_described_where_it_is_needed(client, client_with):
    described = client_with(api_key="a-key-of-the-portal-0001").ask(
        "GET", "/openapi.json", b"", {"x-api-key": "a-key-of-the-portal-0001"}
    )

    assert [{"ApiKey": []}, {"Bearer": []}] == described.json()["security"]
    assert [] == described.json()["paths"]["/health"]["get"]["security"]
    assert {"ApiKey", "Bearer"} == set(described.json()["components"]["securitySchemes"])
    assert "security" not in client.get("/openapi.json").json()


def test_the_page_for_people_shows_every_operation(client):
    page = client.get("/docs").body.decode()

    for operation in OPERATIONS:
        assert f'id="{operation.id}"' in page
    assert f"curl &#34;$WHENTOCALL&#34;{ADVICE}" in page
    assert f"curl &#34;$WHENTOCALL&#34;{ALL}" in page


@pytest.mark.one_in(3)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_random_requests_from_the_description_are_answered_as_it_says(random, operation):
    """Right ones and wrong ones; whatever comes, the reply is one that is described, and never a 500."""
    has_parts = "{" in operation.path or operation.query or operation.takes
    modes = (random.right, random.wrong) if has_parts else (random.right,)
    strategies = [random.of(operation).as_strategy(mode) for mode in modes]
    # A page for people is not to be refused for what somebody's browser adds.
    checks = random.checks if operation.speaks == "pages" else (*random.checks, random.refusing)
    check_all(checks, st.one_of(strategies))


@pytest.mark.parametrize("name", ["next-question", "next-screen", "advise"])
def test_random_bodies_that_the_description_does_not_allow_are_refused(random, name):
    operation = random.of(next(operation for operation in OPERATIONS if operation.id == name))
    at = {"protocol": "all-targeted-drugs"}
    check_all((*random.checks, random.refusing), operation.as_strategy(random.wrong, path_parameters=at))


def check_all(checks, requests):
    @examples(15, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(request=requests)
    def ask(request):
        request.call_and_validate(checks=checks)

    ask()
