"""What each address answers to somebody who asks as they should."""

import asyncio
import json

import pytest

from whentocall import Interview, advise, fhir, load
from whentocall.conformance.plan import plan
from whentocall.engine.answers import answers_schema
from whentocall.engine.durable import DurableEngine
from whentocall.engine.health import MAX_FAILURES
from whentocall.errors import AnswersError
from whentocall.interview.flow import step_json

from .conftest import ADVICE, ALL

PROTOCOLS = ["all-targeted-drugs", "neuroblastoma-targeted-therapy"]


@pytest.mark.smoke
def test_advice_over_http_is_the_advice_of_the_library(client):
    answers = {"temperature": {"value": 101.5, "unit": "°F"}, "headache": None}
    given = client.post(ADVICE, {"answers": answers})

    assert 200 == given.status
    assert "application/json" == given.headers["content-type"]
    assert advise(load("all-targeted-drugs"), answers).to_json().encode() == given.body


def of_library(protocol, answers, watch):
    try:
        return 200, advise(protocol, answers, watch=watch).to_json().encode()
    except AnswersError as error:
        return 422, [problem.question for problem in error.problems]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_vector_gives_the_same_bytes_or_the_same_refusal(client, name):
    protocol = load(name)
    statuses = []
    for place, vector in enumerate(plan(protocol)):
        watch = place % 20 == 0
        given = client.post(f"/v1/protocols/{name}/advice", {"answers": vector.answers, "watch": watch})
        status, right = of_library(protocol, vector.answers, watch)
        assert (status, right) == (
            given.status,
            given.body if given.status == 200 else [wrong["question"] for wrong in given.json()["errors"]],
        ), vector.name
        statuses.append(status)
    assert statuses.count(200) > 500
    assert statuses.count(422) > 50


def test_voice_numbers_and_watch_are_those_of_the_library(client):
    protocol = load("all-targeted-drugs")
    numbers = {"advice-line": "020 7946 0000"}
    body = {"answers": {"temperature": 38.6}, "voice": "they", "watch": False, "numbers": numbers}
    right = advise(protocol, body["answers"], voice="they", watch=False, numbers=numbers)

    assert right.to_json().encode() == client.post(ADVICE, body).body
    assert "020 7946 0000" == right.contact.number


def test_a_number_of_the_request_comes_before_that_of_the_server(client_with):
    client = client_with(numbers={"advice-line": "111"})
    body = {"answers": {"temperature": 38.6}, "watch": False}

    assert "111" == client.post(ADVICE, body).json()["contact"]["number"]
    body["numbers"] = {"advice-line": "222"}
    assert "222" == client.post(ADVICE, body).json()["contact"]["number"]


def test_an_advice_can_be_asked_for_again_by_its_own_request(client):
    first = client.post(ADVICE, {"answers": {"temperature": 38.6}, "voice": "they"})

    assert first.body == client.post(ADVICE, first.json()["request"]).body


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("voice", ["you", "they"])
@pytest.mark.parametrize("everything", [False, True])
def test_an_interview_over_http_asks_what_the_library_asks(client, name, voice, everything):
    """To its end, each time with the first option or yes, and the highest number."""
    interview = Interview(load(name), voice=voice)
    answers = {}
    for _ in range(200):
        body = {"answers": answers, "voice": voice, "everything": everything}
        question = client.post(f"/v1/protocols/{name}/next-question", body)
        screen = client.post(f"/v1/protocols/{name}/next-screen", body)
        step = interview.next_screen(answers, everything=everything)

        assert step_json(step).encode() == screen.body
        assert step_json(interview.next_question(answers, everything=everything)).encode() == question.body
        if screen.json()["done"]:
            break
        for asked in screen.json()["questions"]:
            first = asked["options"][0]["id"] if asked["options"] else asked["low"]
            answers[asked["id"]] = False if asked["kind"] == "yes-no" else first
    assert question.json()["done"]


def test_protocols_are_listed_without_layers(client):
    assert PROTOCOLS == [protocol["id"] for protocol in client.get("/v1/protocols").json()["protocols"]]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_says_its_state_levels_and_sources(client, name):
    protocol = load(name)
    given = client.get(f"/v1/protocols/{name}").json()

    assert (protocol.version, protocol.sha256) == (given["version"], given["sha256"])
    assert given["signed_off"] is False
    assert [level.id for level in reversed(protocol.levels)] == [level["id"] for level in given["levels"]]
    assert protocol.region.emergency_number == given["emergency_number"]
    assert f"Call {given['emergency_number']} now" == given["levels"][0]["headline"]
    assert list(protocol.sources) == [source["id"] for source in given["sources"]]
    assert all(source["seen"] for source in given["sources"])
    assert "your hospital advice line" == given["roles"]["advice-line"]


def test_words_for_a_carer_can_be_asked_for(client):
    own = client.get(f"{ALL}/questions").json()
    other = client.get(f"{ALL}/questions?voice=they").json()

    assert ("you", "they") == (own["voice"], other["voice"])
    assert "Have they" in str(other) or "Are they" in str(other)
    assert client.get(ALL).json()["who_for"] != client.get(f"{ALL}?voice=they").json()["who_for"]


def test_all_questions_are_listed_in_their_order(client):
    protocol = load("all-targeted-drugs")
    given = client.get(f"{ALL}/questions").json()["questions"]
    by_id = {question["id"]: question for question in given}

    assert list(protocol.questions) == list(by_id)
    assert {"kind": "temperature", "low": 30, "high": 45, "unit": "°C"}.items() <= by_id[
        "temperature"
    ].items()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_schema_of_answers_is_that_of_the_library(client, name):
    given = client.get(f"/v1/protocols/{name}/answers-schema")

    assert "application/schema+json" == given.headers["content-type"]
    assert json.loads(answers_schema(load(name))) == given.json()


def test_health_asks_every_protocol(client):
    given = client.get("/health")

    assert 200 == given.status
    assert "ok" == given.json()["status"]
    assert PROTOCOLS == [protocol["id"] for protocol in given.json()["protocols"]]
    assert all(len(protocol["sha256"]) == 64 for protocol in given.json()["protocols"])


def test_health_notices_a_protocol_that_advises_otherwise(service, client_of, monkeypatch):
    monkeypatch.setitem(service._right, "all-targeted-drugs", "something else")
    given = client_of(service).get("/health")

    assert 503 == given.status
    assert ["all-targeted-drugs"] == given.json()["failing"]


def test_a_head_is_a_get_without_its_body(client):
    assert 200 == client.ask("HEAD", "/health").status


def test_only_the_protocols_that_were_named_are_served(client_with):
    client = client_with(protocols=("neuroblastoma-targeted-therapy",))

    assert 1 == len(client.get("/v1/protocols").json()["protocols"])
    assert 404 == client.post(ADVICE, {"answers": {}}).status


def test_fhir_in_and_out_carries_the_same_advice(client):
    protocol = load("all-targeted-drugs")
    answers = {"temperature": 38.6, "headache": None}
    form = "/fhir/Questionnaire/all-targeted-drugs"
    response = fhir.questionnaire_response(protocol, answers)
    for body in (
        response,
        {"resourceType": "Parameters", "parameter": [{"name": "response", "resource": response}]},
    ):
        given = client.post(f"{form}/$advise", body, {"content-type": "application/fhir+json"})

        assert (200, "application/fhir+json") == (given.status, given.headers["content-type"])
        right = fhir.guidance_response(protocol, advise(protocol, answers), response=response)
        assert right == given.json()


def test_fhir_speaks_to_a_carer_where_the_form_does(client):
    protocol = load("all-targeted-drugs")
    response = fhir.questionnaire_response(protocol, {"temperature": 38.6}, voice="they")
    given = client.post("/fhir/Questionnaire/all-targeted-drugs.they/$advise", response)

    right = fhir.guidance_response(
        protocol, advise(protocol, {"temperature": 38.6}, voice="they"), response=response
    )
    assert right == given.json()


def test_fhir_describes_itself(client):
    assert "CapabilityStatement" == client.get("/fhir/metadata").json()["resourceType"]
    assert "OperationDefinition" == client.get("/fhir/OperationDefinition/advise").json()["resourceType"]
    assert 4 == client.get("/fhir/Questionnaire").json()["total"]
    for name in ("all-targeted-drugs", "all-targeted-drugs.they"):
        assert name == client.get(f"/fhir/Questionnaire/{name}").json()["id"]


def test_a_refusal_in_fhir_is_an_operation_outcome(client):
    form = "/fhir/Questionnaire/all-targeted-drugs"
    wrong = {"linkId": "temperature", "answer": [{"valueQuantity": {"value": 386, "code": "Cel"}}]}
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [wrong]}
    for status, given in (
        (422, client.post(f"{form}/$advise", response)),
        (400, client.post(f"{form}/$advise", b"{", {"content-type": "application/fhir+json"})),
        (415, client.post(f"{form}/$advise", b"{}", {"content-type": "text/plain"})),
        (422, client.post(f"{form}/$advise", {"resourceType": "Parameters", "parameter": []})),
        (404, client.get("/fhir/Questionnaire/nothing")),
    ):
        assert (status, "application/fhir+json") == (given.status, given.headers["content-type"])
        assert "OperationOutcome" == given.json()["resourceType"]


def test_the_web_face_is_at_the_root(client):
    first = client.get("/")
    form = {"content-type": "application/x-www-form-urlencoded"}

    assert (200, "text/html; charset=utf-8") == (first.status, first.headers["content-type"])
    assert "style-src" in first.headers["content-security-policy"]
    assert 200 == client.post("/", b"", form).status
    assert 400 == client.post("/", b"\xff", form).status


def test_what_another_site_posts_is_taken_for_a_first_visit(client):
    form = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site"}

    assert client.get("/").body == client.post("/", b"state=%7B%22a%22", form).body


def test_a_thousand_at_once_get_what_each_would_get_alone(client, runner):
    temperatures = [35 + (step % 60) / 10 for step in range(1000)]
    protocol = load("all-targeted-drugs")

    async def everybody():
        asked = ({"answers": {"temperature": temperature}, "watch": False} for temperature in temperatures)
        return await asyncio.gather(*(client.asked("POST", ADVICE, body) for body in asked))

    replies = runner.run(everybody())

    right = {
        temperature: advise(protocol, {"temperature": temperature}, watch=False).to_json().encode()
        for temperature in set(temperatures)
    }
    assert [right[temperature] for temperature in temperatures] == [reply.body for reply in replies]


def test_health_tells_of_an_engine_that_has_failed(service, client_of):
    """The advice was raised for it; each face of the protocol still answers."""
    record = service.protocols["all-targeted-drugs"].once(DurableEngine).record
    client = client_of(service)
    before = client.get("/health").json()
    record.note_failure("a test")
    given = client.get("/health")

    assert ("ok", "degraded", 200) == (before["status"], given.json()["status"], given.status)
    [engine] = [engine for engine in given.json()["engines"] if engine["protocol"] == "all-targeted-drugs"]
    assert (1, False) == (engine["failed"], engine["resting"])
    assert engine["worked"] > 0


def test_health_is_failing_while_an_engine_rests(service, client_of):
    record = service.protocols["all-targeted-drugs"].once(DurableEngine).record
    for _ in range(MAX_FAILURES):
        record.note_failure("a test")
    given = client_of(service).get("/health")

    assert (503, "failing") == (given.status, given.json()["status"])
    assert ["all-targeted-drugs"] == given.json()["failing"]
    assert [True] == [engine["resting"] for engine in given.json()["engines"] if engine["failed"]]


def test_health_is_failing_where_an_engine_cannot_be_made(service, client_of, monkeypatch):
    def broken(*_arguments):
        raise RuntimeError("x")

    monkeypatch.setattr("whentocall.engine.durable._parts", broken)
    for protocol in service.protocols.values():
        protocol._memo.pop(DurableEngine)
    given = client_of(service).get("/health")

    assert (503, PROTOCOLS) == (given.status, given.json()["failing"])
