"""What is sent by mistake, or to do harm: always a clear 4xx, never a 500, never a lower level."""

import json

import pytest

from whentocall.http.bodies import DEEPEST, MOST_TOLD
from whentocall.http.problems import Kind

from .conftest import ADVICE, ALL, JSON

STEPS = [f"{ALL}/next-question", f"{ALL}/next-screen"]
PROBLEM = ["detail", "errors", "status", "title", "type"]


def nested(depth, open_="[", close="]"):
    return f'{{"answers": {{"temperature": {open_ * depth}{close * depth}}}}}'.encode()


NOT_JSON = {
    "nothing": b"",
    "blank": b" \n\t ",
    "a word": b"temperature",
    "half an object": b'{"answers": {"temperature": 38.6}',
    "two objects": b'{"answers": {}} {"answers": {}}',
    "a comma too many": b'{"answers": {"temperature": 38.6,}}',
    "single quotes": b"{'answers': {}}",
    "a comment": b'{"answers": {} /* none */}',
    "a list": b"[]",
    "a text": b'"answers"',
    "a number": b"38.6",
    "null": b"null",
    "true": b"true",
    "NaN": b'{"answers": {"temperature": NaN}}',
    "Infinity": b'{"answers": {"temperature": Infinity}}',
    "minus Infinity": b'{"answers": {"temperature": -Infinity}}',
    "a decimal comma": b'{"answers": {"temperature": 38,6}}',
    "a question twice": b'{"answers": {"temperature": 38.6, "temperature": 36.8}}',
    "answers twice": b'{"answers": {"temperature": 38.6}, "answers": {}}',
    "a question twice, once escaped": b'{"answers": {"temperature": 38.6, "tempe\\u0072ature": 36.8}}',
    "a number of 5,000 digits": b'{"answers": {"loose_stools": ' + b"9" * 5_000 + b"}}",
    "a null byte in the text": b'{"answers": {"head\x00ache": true}}',
    "a null byte behind it": b'{"answers": {}}\x00',
    "bytes that are no UTF-8": b'{"answers": {"headache\xff": true}}',
    "Latin-1": '{"answers": {"température": 38.6}}'.encode("latin-1"),
    "UTF-16": '{"answers": {}}'.encode("utf-16"),
    "UTF-32": '{"answers": {}}'.encode("utf-32"),
    "half a surrogate pair": b'{"answers": {"headache\\ud83d": true}}',
    "half a surrogate pair as an answer": b'{"answers": {"headache": "\\udc00"}}',
    "a surrogate in raw bytes": b'{"answers": {"\xed\xa0\x80": true}}',
    "50,000 lists in each other": nested(25_000),
    "10,000 objects in each other": nested(10_000, '{"a":', "}").replace(b":}", b":1}"),
    "lists in each other": nested(DEEPEST),
    "pickled": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
}

REFUSED_BODIES = {
    "no answers": ({}, ["/answers"]),
    "answers in the wrong place": ({"temperature": 38.6}, ["/temperature", "/answers"]),
    "answers that are null": ({"answers": None}, ["/answers"]),
    "answers that are a list": ({"answers": [{"temperature": 38.6}]}, ["/answers"]),
    "answers that are a text": ({"answers": '{"temperature": 38.6}'}, ["/answers"]),
    "an unknown key": ({"answers": {}, "Voice": "they"}, ["/Voice"]),
    "a prototype": ({"answers": {}, "__proto__": {}}, ["/__proto__"]),
    "an unknown voice": ({"answers": {}, "voice": "she"}, ["/voice"]),
    "no voice": ({"answers": {}, "voice": None}, ["/voice"]),
    "a voice that is a list": ({"answers": {}, "voice": ["you"]}, ["/voice"]),
    "a key with a slash": ({"answers": {}, "a/b~c": 1}, ["/a~1b~0c"]),
}

REFUSED_FOR_ADVICE = {
    "watch as a number": ({"answers": {}, "watch": 1}, ["/watch"]),
    "watch as a text": ({"answers": {}, "watch": "false"}, ["/watch"]),
    "numbers as a list": ({"answers": {}, "numbers": ["111"]}, ["/numbers"]),
    "a number for nobody": ({"answers": {}, "numbers": {"vet": "111"}}, ["/numbers/vet"]),
    "a number that is a number": ({"answers": {}, "numbers": {"advice-line": 111}}, ["/numbers/advice-line"]),
    "a number with a line in it": (
        {"answers": {}, "numbers": {"advice-line": "1\n2"}},
        ["/numbers/advice-line"],
    ),
    "a number without digits": (
        {"answers": {}, "numbers": {"advice-line": "none"}},
        ["/numbers/advice-line"],
    ),
}

REFUSED_ANSWERS = {
    "a question that is not there": ("hedache", True),
    "a question of another case": ("Temperature", 38.6),
    "a question with a blank": (" temperature", 38.6),
    "a question in wide letters": ("ｔemperature", 38.6),
    "a question with a mark that joins": ("te\u0301mperature", 38.6),
    "a question with nothing between its letters": ("temp\u200berature", 38.6),
    "a question written backwards": ("\u202eerutarepmet", 38.6),
    "an empty question": ("", True),
    "a null byte": ("temperature\x00", 38.6),
    "a prototype": ("__proto__", True),
    "Python's own": ("__class__", True),
    "our own name of a field": ("answer_0", True),
    "a question of 20,000 letters": ("a" * 20_000, True),
    "a temperature that nobody has": ("temperature", 386),
    "one just above": ("temperature", 45.000001),
    "a temperature in words": ("temperature", "hot"),
    "a temperature as true": ("temperature", True),
    "a temperature as a list": ("temperature", [38.6]),
    "more than a float can hold": ("temperature", 10**400),
    "an unknown unit": ("temperature", {"value": 310, "unit": "K"}),
    "a temperature without its value": ("temperature", {"unit": "°C"}),
    "a temperature with more": ("temperature", {"value": 38.6, "unit": "°C", "when": "now"}),
    "a number as a text": ("headache", "1"),
    "yes as one": ("headache", 1),
    "no as zero": ("headache", 0),
    "no as an empty text": ("headache", ""),
    "no as an object": ("headache", {}),
    "half a count": ("loose_stools", 2.5),
    "a count as true": ("loose_stools", True),
    "a count below nothing": ("loose_stools", -1),
    "a count of a thousand digits": ("loose_stools", 10**1000),
}


def assert_problem(given, kind):
    assert (kind.status, "application/problem+json") == (given.status, given.headers["content-type"])
    problem = given.json()
    assert PROBLEM == sorted(problem)
    assert (kind.uri, kind.title, kind.status) == (problem["type"], problem["title"], problem["status"])
    assert len(problem["detail"]) < 600
    return problem


@pytest.mark.parametrize("path", [ADVICE, *STEPS])
@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json_is_refused(client, path, body):
    assert_problem(client.post(path, body, JSON), Kind.NOT_JSON)


@pytest.mark.parametrize("path", [ADVICE, *STEPS])
@pytest.mark.parametrize(("body", "pointers"), REFUSED_BODIES.values(), ids=REFUSED_BODIES)
def test_a_body_is_refused_with_a_pointer_to_what_is_wrong(client, path, body, pointers):
    problem = assert_problem(client.post(path, body), Kind.BODY)

    assert pointers == [error["pointer"] for error in problem["errors"]]


@pytest.mark.parametrize(("body", "pointers"), REFUSED_FOR_ADVICE.values(), ids=REFUSED_FOR_ADVICE)
def test_a_request_for_advice_is_refused_likewise(client, body, pointers):
    problem = assert_problem(client.post(ADVICE, body), Kind.BODY)

    assert pointers == [error["pointer"] for error in problem["errors"]]


@pytest.mark.parametrize("path", [ADVICE, *STEPS])
@pytest.mark.parametrize(("question", "answer"), REFUSED_ANSWERS.values(), ids=REFUSED_ANSWERS)
def test_an_answer_is_refused_with_its_question(client, path, question, answer):
    problem = assert_problem(client.post(path, {"answers": {question: answer}}), Kind.ANSWERS)

    shown = question if question.isprintable() else repr(question)
    assert [shown[:60]] == [error["question"] for error in problem["errors"]]
    assert problem["errors"][0]["message"] in problem["detail"]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e-999", "-0.0", "0e0"])
def test_a_number_at_the_ends_of_a_float_is_out_of_range(client, number):
    body = f'{{"answers": {{"temperature": {number}}}}}'.encode()

    assert_problem(client.post(ADVICE, body, JSON), Kind.ANSWERS)


def test_an_answer_that_is_refused_beside_a_grave_one_gives_no_advice(client):
    """Nothing is left out of the answers to save the rest: that could only be less urgent."""
    problem = assert_problem(
        client.post(ADVICE, {"answers": {"seizure": True, "headache": "maybe"}}), Kind.ANSWERS
    )

    assert ["headache"] == [error["question"] for error in problem["errors"]]
    assert "level" not in problem


def test_everything_that_is_wrong_is_told_at_once(client):
    answers = {"temperature": 386, "headache": "maybe", "hedache": True}
    problem = assert_problem(client.post(ADVICE, {"answers": answers}), Kind.ANSWERS)

    assert sorted(answers) == sorted(error["question"] for error in problem["errors"])
    assert "did you mean 'headache'?" in str(problem["errors"])
    assert "(and 2 more, see 'errors')" in problem["detail"]


def test_thousands_of_unknown_questions_are_refused_by_the_first_few(client):
    answers = {f"temperatur{number}": True for number in range(2_500)}
    problem = assert_problem(client.post(ADVICE, {"answers": answers}), Kind.ANSWERS)
    other = assert_problem(client.post(ADVICE, {**answers, "answers": {}}), Kind.BODY)

    assert MOST_TOLD == len(problem["errors"]) == len(other["errors"])


def test_unknown_questions_beside_known_ones_are_refused_however_many(client):
    answers = {**{f"x{number}": True for number in range(MOST_TOLD)}, "seizure": True, "y": True}

    assert_problem(client.post(ADVICE, {"answers": answers}), Kind.ANSWERS)


def test_a_byte_order_mark_is_no_harm(client):
    assert 200 == client.post(ADVICE, b"\xef\xbb\xbf" + b'{"answers": {}}', JSON).status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/jsonp"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json; version=1; charset=latin-1"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "content-encoding": "br"},
    ],
)
def test_a_body_of_another_type_is_refused(client, headers):
    problem = assert_problem(client.post(ADVICE, b'{"answers": {}}', headers), Kind.CONTENT_TYPE)

    assert any(word in problem["detail"] for word in ("application/json", "UTF-8", "compress"))


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json; version=1; charset=utf-8",
    ],
)
def test_json_may_be_written_in_its_usual_ways(client, kind):
    assert 200 == client.post(ADVICE, b'{"answers": {}}', {"content-type": kind}).status


@pytest.mark.parametrize("length", ["", "10", "70000", "99999999999999999999", "-1", "x", "²"])
def test_a_body_is_measured_as_it_comes_whatever_its_length_is_said_to_be(client, length):
    headers = {**JSON, **({"content-length": length} if length else {})}
    parts = [b'{"answers": {', *[b" " * 10_000] * 7, b"}}"]

    assert_problem(client.ask("POST", ADVICE, headers=headers, parts=parts), Kind.TOO_LARGE)


def test_a_body_of_ten_megabytes_is_refused_without_being_kept(client):
    body = b'{"answers": {"headache": "' + b"x" * 10_000_000 + b'"}}'
    problem = assert_problem(client.post(ADVICE, body, JSON), Kind.TOO_LARGE)

    assert "65,536" in problem["detail"]


def test_a_body_at_the_limit_is_read(client_with):
    client = client_with(max_body=40)
    body = b'{"answers": {"headache": null}}'

    assert 200 == client.post(ADVICE, body + b" " * (40 - len(body)), JSON).status
    assert 413 == client.post(ADVICE, body + b" " * (41 - len(body)), JSON).status


def test_a_body_that_does_not_end_is_not_waited_for(client_with):
    client = client_with(body_seconds=0.05)
    given = client.ask("POST", ADVICE, headers=JSON, parts=[b'{"answers": ', b""])

    assert 200 == client.post(ADVICE, {"answers": {}}).status
    assert_problem(given, Kind.NOT_JSON)
    assert "close" == assert_slow(client).headers["connection"]


def assert_slow(client):
    """The first part of a body, and then nothing more."""
    given = client.ask("POST", ADVICE, headers=JSON, parts=Endless([b'{"answers": ']))
    assert_problem(given, Kind.TOO_SLOW)
    return given


class Endless(list):
    """Parts of which none is the last."""

    def __getitem__(self, place):
        return None if place == -1 else super().__getitem__(place)


def test_somebody_who_leaves_in_the_middle_is_no_fault(client, caplog):
    client.ask("POST", ADVICE, headers=JSON, parts=[b'{"answers": ', None])

    assert [] == caplog.records


@pytest.mark.parametrize(
    "path",
    [
        "/v1/protocols/all",
        "/v1/protocols/All-Targeted-Drugs",
        "/v1/protocols/emergency",
        "/v1/protocols/..",
        "/v1/protocols/%2e%2e",
        "/v1/protocols/\x00",
        "/v1/protocols/all/questions",
        "/v1/protocols/all/answers-schema",
        f"/v1/protocols/{'a' * 5000}",
    ],
)
def test_a_protocol_that_is_not_there_is_told_with_those_that_are(client, path):
    problem = assert_problem(client.get(path), Kind.NO_SUCH_PROTOCOL)

    assert "all-targeted-drugs, neuroblastoma-targeted-therapy" in problem["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v2/protocols",
        "/health/",
        f"{ALL}/",
        f"{ALL}/advise",
        "//",
        "/etc/passwd",
        "/fhir",
        "/v1/protocols/a/b/c",
    ],
)
def test_an_address_that_is_not_there_is_told(client, path):
    assert_problem(client.get(path), Kind.NO_SUCH_ADDRESS)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", ADVICE, "POST"),
        ("PUT", ADVICE, "POST"),
        ("POST", "/health", "GET, HEAD"),
        ("OPTIONS", ADVICE, "POST"),
        ("TRACE", "/health", "GET, HEAD"),
        ("DELETE", "/", "GET, HEAD, POST"),
        ("X" * 200, "/health", "GET, HEAD"),
    ],
)
def test_another_method_is_refused_with_those_there_are(client, method, path, allowed):
    given = client.ask(method, path)
    assert_problem(given, Kind.METHOD)

    assert allowed == given.headers["allow"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{ADVICE}?temperature=39"),
        ("POST", f"{ADVICE}?voice=they"),
        ("GET", f"{ALL}?voice=she"),
        ("GET", f"{ALL}?voice=you&voice=they"),
        ("GET", f"{ALL}?Voice=they"),
        ("GET", f"{ALL}?voice=they&a=%ff"),
        ("GET", "/health?x"),
        ("GET", "/openapi.json?x=1"),
    ],
)
def test_nothing_may_stand_in_the_address_that_is_not_understood(client, method, path):
    given = client.ask(method, path, {"answers": {}} if method == "POST" else b"")

    assert_problem(given, Kind.ADDRESS)


def test_a_link_to_the_pages_that_has_grown_still_works(client):
    """Mail programs and the like add to links; whoever follows one needs the page."""
    assert client.get("/").body == client.get("/?utm_source=mail&x").body


def test_fhir_clients_may_name_their_format(client):
    plain = client.get("/fhir/metadata").body

    assert plain == client.get("/fhir/metadata?_format=application%2Ffhir%2Bjson&_pretty=true").body
    assert plain == client.get("/fhir/metadata?_format=application/fhir+json").body
    assert 400 == client.get("/fhir/metadata?_format=application/fhir-json").status
    assert 400 == client.get("/fhir/metadata?_format=xml").status
    assert 400 == client.get("/fhir/Questionnaire?url=x").status


def test_a_head_that_is_too_large_is_refused(client):
    assert_problem(client.get("/health", x_long="x" * 20_000), Kind.HEAD_TOO_LARGE)
    assert_problem(client.get(f"/{'x' * 20_000}"), Kind.HEAD_TOO_LARGE)


def test_what_hostile_bodies_are_told_is_itself_json(client):
    """Nothing of what was sent can break out of the reply."""
    for name in ('"}', "<script>", "\U0001f525", "\\", "%s{0}"):
        given = client.post(ADVICE, {"answers": {name: True}})

        assert name == json.loads(given.body)["errors"][0]["question"]
    for name in ("\u2028", "\x1b[2J", "\r\nSet-Cookie: a=b"):
        given = client.post(ADVICE, {"answers": {name: True}})

        assert repr(name) == json.loads(given.body)["errors"][0]["question"]
