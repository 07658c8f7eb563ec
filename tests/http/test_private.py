"""What a server must not do: log or keep answers, trust anybody with a wrong key, talk to other sites."""

import base64
import gc
import logging

import pytest

from whentocall import ConfigError
from whentocall.errors import EngineUnavailable
from whentocall.http import Settings, create_app
from whentocall.http.asgi import place_of
from whentocall.http.operations import ANSWERS, OPERATIONS
from whentocall.http.problems import CALL, Kind
from whentocall.http.settings import SHORTEST_KEY
from whentocall.web import texts as web

from .conftest import ADVICE, ALL

KEY = "a-key-of-the-portal-0001"
MARKER = "MARKER-OF-A-PERSON"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def everything_said(client):
    """A reply of each kind: right, refused, and not there."""
    body = {"answers": {"temperature": 38.6}}
    return [
        client.get("/health"),
        client.get("/v1/protocols"),
        client.get(ALL),
        client.get("/openapi.json"),
        client.get("/docs"),
        client.get("/"),
        client.post("/", b"", FORM),
        client.post(ADVICE, body),
        client.post(f"{ALL}/next-question", body),
        client.post(ADVICE, {"answers": {"temperature": 386}}),
        client.post(ADVICE, b"{"),
        client.get("/nothing"),
        client.get(ADVICE),
        client.get("/fhir/metadata"),
    ]


def test_every_reply_says_that_nobody_may_keep_it(client):
    for given in everything_said(client):
        assert "no-store" == given.headers["cache-control"]
        assert "nosniff" == given.headers["x-content-type-options"]
        assert "no-referrer" == given.headers["referrer-policy"]
        assert "default-src 'none'" in given.headers["content-security-policy"]
        assert "set-cookie" not in given.headers
        assert "access-control-allow-origin" not in given.headers
        assert given.headers["content-length"] == str(len(given.body))


def test_the_page_for_developers_loads_nothing(client):
    text = client.get("/docs").body.decode()

    assert "<script" not in text
    assert "src=" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert ["data:,"] == [part.split('"')[0] for part in text.split('<link rel="icon" href="')[1:]]


def test_answers_never_come_into_a_log(client, service, client_of, caplog, capfd, monkeypatch):
    caplog.set_level(logging.DEBUG)
    for path in (ADVICE, f"{ALL}/next-question", f"{ALL}/next-screen"):
        client.post(path, {"answers": {MARKER: True}})
        client.post(path, {"answers": {"headache": MARKER}})
        client.post(path, {"answers": {}, MARKER: MARKER})
        client.post(path, {"answers": {}, "voice": MARKER})
        client.post(path, f'{{"answers": {{"{MARKER}'.encode())
        client.ask("POST", f"{path}?{MARKER}={MARKER}", {"answers": {}})
    client.post("/", f"state={MARKER}".encode(), FORM)
    client.get(f"/{MARKER}")

    def fault(*_arguments, **_others):
        raise RuntimeError(MARKER)

    broken = client_of(service)
    monkeypatch.setattr("whentocall.http.service.advise", fault)
    given = broken.post(ADVICE, {"answers": {"headache": True}})

    assert 500 == given.status
    assert [("whentocall.http", logging.ERROR)] == [
        (record.name, record.levelno) for record in caplog.records
    ]
    assert "fault in advise: RuntimeError at http/service.py:" in caplog.text
    assert MARKER not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)
    assert ("", "") == capfd.readouterr()
    assert MARKER not in given.body.decode()


def test_nothing_of_a_request_is_kept(client):
    marked = f"{MARKER}-{id(client)}"
    client.post(ADVICE, {"answers": {"headache": True}, "numbers": {"advice-line": f"1 {marked}"}})
    gc.collect()

    def holds(value):
        parts = value.values() if isinstance(value, dict) else value
        if not isinstance(value, dict | list | tuple | set):
            return False
        return any(isinstance(part, str) and marked in part and part != marked for part in parts)

    assert [] == [value for value in gc.get_objects() if holds(value)]


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS if operation.speaks == "json" and operation.id in ANSWERS],
    ids=lambda operation: operation.id,
)
def test_a_fault_says_to_call_and_never_how_urgent(service, client_of, monkeypatch, operation, caplog):
    def fault(*_arguments, **_others):
        raise RuntimeError(MARKER)

    client = client_of(service)
    for name in ("advise", "Interview", "answers_schema", "questions_view", "protocol_view", "_json"):
        monkeypatch.setattr(f"whentocall.http.service.{name}", fault)
    path = operation.path.replace("{protocol}", "all-targeted-drugs")
    given = client.ask(operation.method, path, {"answers": {}} if operation.takes else b"")

    assert (500, "application/problem+json") == (given.status, given.headers["content-type"])
    assert (Kind.FAULT.title, CALL) == (given.json()["title"], given.json()["detail"])
    assert "Call the cancer team now" in CALL
    assert "none" not in given.body.decode()
    assert MARKER not in caplog.text


def test_a_fault_behind_a_page_or_fhir_is_told_in_its_own_way(service, client_of, monkeypatch, caplog):
    def fault(*_arguments, **_others):
        raise RuntimeError(MARKER)

    client = client_of(service)
    monkeypatch.setattr("whentocall.http.pages.respond", fault)
    monkeypatch.setattr("whentocall.http.resources.advise", fault)
    page = client.get("/")
    response = {"resourceType": "QuestionnaireResponse", "status": "completed"}
    outcome = client.post("/fhir/Questionnaire/all-targeted-drugs/$advise", response)

    assert (500, "text/html; charset=utf-8") == (page.status, page.headers["content-type"])
    assert "999" in page.body.decode()
    assert (500, "OperationOutcome") == (outcome.status, outcome.json()["resourceType"])
    assert "fatal" == outcome.json()["issue"][0]["severity"]
    assert MARKER not in caplog.text


def test_a_fault_in_the_page_for_faults_is_still_told(service, client_of, monkeypatch):
    def fault(*_arguments, **_others):
        raise RuntimeError(MARKER)

    monkeypatch.setattr("whentocall.http.pages.respond", fault)
    monkeypatch.setattr("whentocall.http.pages.went_wrong", fault)
    given = client_of(service).get("/")

    assert (500, CALL) == (given.status, given.json()["detail"])


def test_an_engine_that_is_gone_gives_no_advice(service, client_of, monkeypatch):
    def gone(*_arguments, **_others):
        raise EngineUnavailable("it is gone")

    client = client_of(service)
    monkeypatch.setattr("whentocall.http.service.advise", gone)
    given = client.post(ADVICE, {"answers": {}})

    assert (503, CALL) == (given.status, given.json()["detail"])
    assert 503 == client.get("/health").status


def test_an_engine_that_cannot_be_imported_is_told_before_anything_is_served(monkeypatch):
    def gone():
        raise EngineUnavailable("it is gone")

    monkeypatch.setattr("whentocall.engine.durable.c_functions", gone)

    with pytest.raises(EngineUnavailable):
        create_app()


def test_the_place_of_a_fault_has_no_text_of_it():
    def raised(make):
        try:
            make()
        except Exception as error:  # noqa: BLE001
            return place_of(error)

    assert "ConfigError at http/settings.py:" in raised(lambda: Settings(api_key=MARKER[:3]))
    assert "ZeroDivisionError at no line of ours" == raised(lambda: 1 / 0)


def basic(password):
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": KEY},
        {"x-api-key": f" {KEY} "},
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"Bearer  {KEY} "},
        {"authorization": f"bearer {KEY}"},
        {"authorization": basic(KEY)},
    ],
)
def test_the_key_may_come_in_three_ways(client_with, headers):
    assert 200 == client_with(api_key=KEY).ask("POST", ADVICE, {"answers": {}}, headers).status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": ""},
        {"x-api-key": KEY[:-1]},
        {"x-api-key": "  "},
        {"x-api-key": f"{KEY[:-1]} "},
        {"x-api-key": KEY.upper()},
        {"x-api-key": "é" * 24},
        {"authorization": KEY},
        {"authorization": "Bearer"},
        {"authorization": "Basic !"},
        {"authorization": basic("")},
        {"authorization": f"Digest {KEY}"},
        {"cookie": f"key={KEY}"},
    ],
)
def test_without_the_right_key_there_is_health_and_nothing_else(client_with, headers):
    client = client_with(api_key=KEY)

    assert 200 == client.ask("GET", "/health", b"", headers).status
    for operation in OPERATIONS:
        if not operation.is_open:
            given = client.ask(operation.method, operation.path, b"", headers)
            assert 401 == given.status, operation.id
            assert 'Bearer realm="whentocall"' == given.headers["www-authenticate"]
    assert 401 == client.get("/openapi.json").status == client.get("/docs").status


def test_a_browser_is_asked_for_the_key_as_a_password(client_with):
    given = client_with(api_key=KEY).get("/", accept="text/html,application/xhtml+xml")

    assert (401, 'Basic realm="whentocall"') == (given.status, given.headers["www-authenticate"])


def test_the_key_is_not_shown_where_settings_are():
    assert KEY not in repr(Settings(api_key=KEY))


@pytest.mark.parametrize(
    "key",
    ["", "short", "k" * (SHORTEST_KEY - 1), "two\nlines of a key", "é" * 20, f"{KEY} ", f" {KEY}", " " * 20],
)
def test_a_key_that_is_no_key_is_refused(key):
    with pytest.raises(ConfigError, match="API key"):
        Settings(api_key=key)


def test_pages_of_the_origins_named_may_call_and_no_others(client_with):
    client = client_with(cors=("https://portal.example",), api_key=KEY)

    def preflight(origin):
        headers = {
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,x-api-key",
        }
        return client.ask("OPTIONS", ADVICE, b"", headers)

    allowed, other = preflight("https://portal.example"), preflight("https://portal.example.evil.example")

    assert (200, "https://portal.example") == (
        allowed.status,
        allowed.headers["access-control-allow-origin"],
    )
    assert "access-control-allow-credentials" not in allowed.headers
    assert 400 == other.status
    assert "access-control-allow-origin" not in other.headers
    given = client.ask("POST", ADVICE, {"answers": {}}, {"origin": "https://portal.example"})
    assert (401, "https://portal.example") == (given.status, given.headers["access-control-allow-origin"])


@pytest.mark.parametrize(
    "origin", ["*", "portal.example", "https://portal.example/", "https://*.example", "null"]
)
def test_an_origin_that_is_not_exact_is_refused(origin):
    with pytest.raises(ConfigError, match="exact origin"):
        Settings(cors=(origin,))


def test_a_number_for_nobody_is_refused_at_the_start(client_with):
    with pytest.raises(ConfigError, match="vet"):
        client_with(numbers={"vet": "111"})


def test_a_layer_alone_is_nothing_to_serve(client_with):
    with pytest.raises(ConfigError, match="layer"):
        client_with(protocols=("emergency",))


def test_rules_that_cannot_be_used_are_told_before_anything_is_served(client_with, tmp_path):
    with pytest.raises(ConfigError, match="no protocol"):
        client_with(rules=tmp_path)


def test_it_can_be_mounted_in_another_application(client):
    given = client.ask("GET", "/openapi.json", root="/whentocall")

    assert [{"url": "/whentocall"}] == given.json()["servers"]
    assert 200 == client.ask("POST", ADVICE, {"answers": {}}, root="/whentocall").status


def test_the_page_for_developers_is_true_wherever_it_is_served(client):
    """It names no address, port or path of its own: behind a proxy it could not know them."""
    page = client.get("/docs").body

    assert page == client.ask("GET", "/docs", headers={"host": "a.example:1"}, root="/mounted").body
    assert b'href="openapi.json"' in page
    assert b"without <code>/docs</code>" in page
    assert b"127.0.0.1" not in page
    assert b":8000" not in page


def directives(response):
    policy = response.headers["content-security-policy"]
    return {name: values for name, *values in (directive.split() for directive in policy.split(";"))}


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/health", "/fhir/metadata", "/nowhere"])
def test_nothing_else_may_do_more_than_the_pages_for_people(path, client):
    """Each of their headers is there, and the content policy allows at most what theirs does."""
    people, other = client.get("/"), client.get(path)
    allowed, asked = directives(people), directives(other)

    assert set(people.headers) <= set(other.headers)
    assert {"form-action", "base-uri", "frame-ancestors", "default-src"} <= set(asked) <= set(allowed)
    assert ["'none'"] == asked["form-action"]
    for name, values in asked.items():
        own_style = name == "style-src" and len(values) == 1 and values[0].startswith("'sha256-")
        assert own_style or values == ["'none'"] or values == allowed[name]


@pytest.mark.parametrize(
    ("status", "heading", "why", "headers", "parts"),
    [
        (413, web.TOO_LARGE, web.TOO_LARGE_WHY, {"content-length": "100000000"}, None),
        (413, web.TOO_LARGE, web.TOO_LARGE_WHY, {}, [b"x" * 70_000]),
        (415, web.CANNOT_READ, web.OTHER_WAY_WHY, {"content-type": "text/plain"}, None),
        (415, web.CANNOT_READ, web.OTHER_WAY_WHY, {"content-encoding": "gzip"}, None),
    ],
)
def test_a_form_that_does_not_arrive_has_a_page_that_says_why_and_closes(
    client, status, heading, why, headers, parts
):
    given = client.ask("POST", "/", b"", {**FORM, **headers}, parts=parts)

    shown = given.body.decode()
    assert (status, "close") == (given.status, given.headers["connection"])
    assert f"<h1>{heading}</h1>" in shown
    assert why in shown
    assert web.WENT_WRONG not in shown
