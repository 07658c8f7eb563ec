"""What FHIR clients put around a response and behind an address: heard, or refused."""

import pytest

from whentocall import fhir, load

ADVISE = "/fhir/Questionnaire/all-targeted-drugs/$advise"
MODIFIER = [{"url": "https://hospital.example/negated", "valueBoolean": True}]
DECLINED = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]


def full(temperature=36.8):
    """Every yes/no question that always applies is answered with no."""
    protocol = load("all-targeted-drugs")
    always = [question for question in protocol.questions.values() if question.only_if is None]
    answers = {question.id: False for question in always if question.answer.kind == "yes-no"}
    return fhir.questionnaire_response(protocol, {**answers, "temperature": temperature})


def response(**more):
    return {"name": "response", "resource": full(), **more}


def parameters(*given, **more):
    return {"resourceType": "Parameters", "parameter": list(given), **more}


def test_one_response_in_parameters_is_answered_as_it_is_without_them(client):
    alone = client.post(ADVISE, full())
    for sent in (parameters(response()), parameters(response(id="a"), id="b", meta={}, language="en")):
        given = client.post(ADVISE, sent)
        assert (200, alone.body) == (given.status, given.body)


@pytest.mark.parametrize(
    "sent",
    [
        parameters(response(), response(resource=full(39.5))),
        parameters(response(resource=full(39.5)), response()),
        parameters(response(), response(resource=None)),
        parameters(response(), {"name": "response"}),
        parameters(),
        {"resourceType": "Parameters"},
        {"resourceType": "Parameters", "parameter": response()},
        parameters(response(), {"name": "temperature", "valueDecimal": 39.5}),
        parameters(response(), {}),
        parameters(response(), None),
        parameters(response(name="Response")),
        parameters(response(), implicitRules="https://hospital.example/rules"),
        parameters(response(), _implicitRules={"extension": MODIFIER}),
        parameters(response(), modifierExtension=MODIFIER),
        parameters(response(), item=[]),
        parameters(response(modifierExtension=MODIFIER)),
        parameters(response(part=[response(resource=full(39.5))])),
        parameters(response(valueString="39.5")),
        parameters(response(extension=DECLINED)),
        parameters(response(extension=DECLINED[0])),
        parameters(response(resource=[full()])),
    ],
)
def test_parameters_with_more_or_less_than_one_plain_response_are_refused(client, sent):
    given = client.post(ADVISE, sent)
    assert (422, "OperationOutcome") == (given.status, given.json()["resourceType"])
    (issue,) = given.json()["issue"]
    assert ("error", "structure") == (issue["severity"], issue["code"])


def test_the_message_says_how_many_responses_there_are(client):
    for given in ([], [response(), response()]):
        text = client.post(ADVISE, parameters(*given)).json()["issue"][0]["details"]["text"]
        assert text.endswith(f"got {len(given)}")


@pytest.mark.parametrize("plus", ["+", "%2B", "%20"])
def test_a_format_is_known_with_its_plus_as_clients_send_it(client, plus):
    plain = client.get("/fhir/metadata")
    given = client.get(f"/fhir/metadata?_format=application/fhir{plus}json")
    assert (200, plain.body) == (given.status, given.body)
    assert 400 == client.get(f"/fhir/metadata?_format=application/fhir{plus}xml").status


def test_the_message_about_a_format_names_each_as_it_is_written(client):
    text = client.get("/fhir/metadata?_format=xml").json()["issue"][0]["details"]["text"]
    assert "json, application/json, application/fhir+json" in text
