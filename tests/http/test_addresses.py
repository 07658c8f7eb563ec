"""The server's own address in what it answers: as it was told, or as a trusted proxy says, and never else."""

import json
import re

import pytest

from whentocall.cli import main
from whentocall.cli.exits import Exit
from whentocall.errors import ConfigError
from whentocall.fhir import BASE_URL
from whentocall.http import Settings

from .conftest import ALL

PUBLIC = "https://portal.example/triage"
FORM = "/fhir/Questionnaire/all-targeted-drugs"
TEMPERATURE = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "item": [{"linkId": "temperature", "answer": [{"valueQuantity": {"value": 38.6, "unit": "°C"}}]}],
}
FORWARDED = {
    "X-Forwarded-Host": "portal.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/triage",
}
PROXY = "127.0.0.1"  # whom the tests' client is


def low(headers):
    return {name.lower(): value for name, value in headers.items()}


def named_in(client, headers=None, **more):
    """Each address of its own that the server names, by where it does."""

    def get(path):
        return client.ask("GET", path, headers=low(headers or {}), **more).json()

    advice = client.ask("POST", f"{FORM}/$advise", TEMPERATURE, low(headers or {}), **more).json()
    bundle = get("/fhir/Questionnaire")
    return {
        "implementation": get("/fhir/metadata")["implementation"]["url"],
        "operation": get("/fhir/OperationDefinition/advise")["url"],
        "entry": bundle["entry"][0]["fullUrl"],
        "canonical in the bundle": bundle["entry"][0]["resource"]["url"],
        "canonical": get(FORM)["url"],
        "module": advice["moduleCanonical"].partition("|")[0],
        "servers": get("/openapi.json")["servers"][0]["url"],
    }


def all_at(address, servers=None):
    fhir = f"{address}/fhir" if address else BASE_URL
    form = f"{fhir}/Questionnaire/all-targeted-drugs"
    return {
        "implementation": fhir,
        "operation": f"{fhir}/OperationDefinition/advise",
        "entry": form,
        "canonical in the bundle": form,
        "canonical": form,
        "module": form,
        "servers": servers or address or "/",
    }


@pytest.fixture
def behind_proxy(client_with):
    return client_with(trusted_proxies=(PROXY,))


def test_without_being_told_it_names_no_address(client):
    assert all_at("") == named_in(client)


def test_everything_names_the_public_address(client_with):
    assert all_at(PUBLIC) == named_in(client_with(public_url=f"{PUBLIC}/"))


def test_the_public_address_goes_before_what_any_proxy_says(client_with):
    client = client_with(public_url=PUBLIC, trusted_proxies=(PROXY,))

    assert all_at(PUBLIC) == named_in(client, {"X-Forwarded-Host": "other.example"})


def test_everything_names_what_a_trusted_proxy_says(behind_proxy):
    assert all_at(PUBLIC) == named_in(behind_proxy, FORWARDED)


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ({"X-Forwarded-Host": "portal.example"}, "http://portal.example"),
        ({"X-Forwarded-Host": "portal.example:8443"}, "http://portal.example:8443"),
        ({"X-Forwarded-Host": "[2001:db8::1]:80"}, "http://[2001:db8::1]:80"),
        ({"X-Forwarded-Host": "my_service"}, "http://my_service"),
        ({"X-Forwarded-Host": "p.example", "X-Forwarded-Proto": "HTTPS"}, "https://p.example"),
        ({"X-Forwarded-Host": "p.example", "X-Forwarded-Prefix": "/a/b/"}, "http://p.example/a/b"),
        ({"X-Forwarded-Host": "p.example", "X-Forwarded-Prefix": "/"}, "http://p.example"),
    ],
)
def test_what_a_proxy_does_not_say_is_taken_from_the_request(forwarded, address, behind_proxy):
    assert all_at(address) == named_in(behind_proxy, forwarded)


def test_one_request_says_nothing_of_the_next(behind_proxy):
    assert all_at(PUBLIC) == named_in(behind_proxy, FORWARDED)
    assert all_at("") == named_in(behind_proxy)
    assert all_at("http://other.example") == named_in(behind_proxy, {"X-Forwarded-Host": "other.example"})


def test_mounted_behind_a_proxy_the_place_of_mounting_is_part_of_the_address(behind_proxy):
    assert all_at(f"{PUBLIC}/here") == named_in(behind_proxy, FORWARDED, root="/here")
    assert all_at("", servers="/here") == named_in(behind_proxy, root="/here")


@pytest.mark.parametrize("trusted", [(), ("10.0.0.0/8",), ("127.0.0.2",), ("::1",)])
def test_nobody_else_is_believed(trusted, client_with):
    assert all_at("") == named_in(client_with(trusted_proxies=trusted), FORWARDED)


def test_what_the_request_itself_is_addressed_to_is_never_believed(client_with, behind_proxy):
    """Anybody may write anything into `Host`, `Forwarded` and the like."""
    headers = {"Host": "evil.example", "Forwarded": "host=evil.example", "X-Original-Host": "evil.example"}

    assert all_at("") == named_in(client_with(), headers)
    assert all_at("") == named_in(behind_proxy, headers)


@pytest.mark.parametrize("network", ["127.0.0.1", "127.0.0.0/8", " 127.0.0.1 "])
def test_a_proxy_is_known_by_its_address_or_network(network, client_with):
    assert all_at(PUBLIC) == named_in(client_with(trusted_proxies=("192.0.2.1", network)), FORWARDED)


HOSTILE_HOSTS = [
    "",
    "portal.example, evil.example",
    "evil.example\r\nSet-Cookie: a=b",
    "evil.example\nX: y",
    'evil.example"',
    "evil.example'",
    "evil.example/path",
    "evil.example?query",
    "evil.example#fragment",
    "user:word@evil.example",
    "javascript:alert(1)",
    "<script>",
    "https://evil.example",
    "evil example",
    "evil.example:99999",
    "evil.example:80:80",
    "-evil.example",
    "evil..example",
    "[::1",
    "[:::]",
    "[1.2.3.4]",
    "evil.example\\",
    "evil.exampl\u00e9",
    "%65vil.example",
    "a" * 64 + ".example",
    ".".join(["evil"] * 60),
]
HOSTILE = [
    *({"X-Forwarded-Host": host} for host in HOSTILE_HOSTS),
    *(
        {"X-Forwarded-Host": "portal.example", "X-Forwarded-Proto": proto}
        for proto in ("javascript", "ftp", "data", "https, http", "https\r\nX: y", "ws", '"', "h")
    ),
    *(
        {"X-Forwarded-Host": "portal.example", "X-Forwarded-Prefix": prefix}
        for prefix in (
            "evil",
            "//evil.example",
            "/a//b",
            "/../a",
            "/a/..",
            "/./a",
            "/a?b",
            "/a#b",
            '/a"b',
            "/<a>",
            "/a, /b",
            "/a\r\nX: y",
            "/a b",
            "/%2e%2e",
            "/\u00e9",
            "/" + "a" * 300,
            "@evil.example",
            ":80",
        )
    ),
]


@pytest.mark.parametrize("headers", HOSTILE, ids=lambda headers: repr([*headers.values()])[:60])
def test_what_a_proxy_hands_on_is_never_repeated_if_it_is_no_address(headers, behind_proxy):
    """Nor is the request refused: advice matters more than a link."""
    given = behind_proxy.ask("POST", f"{FORM}/$advise", TEMPERATURE, low(headers))

    assert 200 == given.status
    assert f"{BASE_URL}/Questionnaire/all-targeted-drugs" in given.json()["moduleCanonical"]
    assert all_at("") == named_in(behind_proxy, headers)


@pytest.mark.parametrize("name", [*FORWARDED])
def test_a_header_that_comes_twice_is_not_believed(name, behind_proxy):
    """A client may have sent the first, and the proxy only added its own."""
    twice = behind_proxy.ask("GET", "/openapi.json", headers=low(FORWARDED), repeated=(name.lower(), "evil"))

    assert "/" == twice.json()["servers"][0]["url"]


def test_an_answer_to_the_same_form_is_read_whatever_address_the_form_came_from(client_with):
    """A response that was begun under one address is still read under another."""
    with_public = client_with(public_url=PUBLIC)
    canonical = with_public.get(FORM).json()["url"]
    choice = next(
        option["valueCoding"]
        for group in with_public.get(FORM).json()["item"]
        for item in group.get("item", ())
        if item["linkId"] == "drug"
        for option in item["answerOption"]
    )
    response = {
        **TEMPERATURE,
        "questionnaire": canonical,
        "item": [*TEMPERATURE["item"], {"linkId": "drug", "answer": [{"valueCoding": choice}]}],
    }

    assert choice["system"].startswith(PUBLIC)
    for client in (with_public, client_with()):
        assert 200 == client.post(f"{FORM}/$advise", response).status


def test_pages_and_advice_are_the_same_whatever_the_address(client, client_with):
    with_public = client_with(public_url=PUBLIC)
    advice = {"answers": {"temperature": 38.6}}

    assert client.get("/").body == with_public.get("/").body
    assert client.post(f"{ALL}/advice", advice).body == with_public.post(f"{ALL}/advice", advice).body


def test_a_page_names_no_absolute_address_and_sends_to_itself(client_with):
    """So its links hold under any prefix."""
    text = client_with(public_url=PUBLIC).get("/").body.decode()

    assert {"?"} == set(re.findall(r'action="([^"]*)"', text))
    assert all(
        link.startswith(("#", "tel:", "data:")) for link in re.findall(r'(?:href|src)="([^"]*)"', text)
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "portal.example",
        "/triage",
        "//portal.example",
        "ftp://portal.example",
        "javascript:alert(1)",
        "https://",
        "https://user:word@portal.example",
        "https://portal.example/?a=b",
        "https://portal.example/#a",
        "https://portal.example/a b",
        "https://portal.example/a\r\nX: y",
        'https://portal.example/"',
        "https://portal.example/../a",
        "https://portal.example//a",
        "https://portal.example:99999",
        "https://a, https://b",
        "https://" + "a" * 400,
        "https://portal.example/" + "a" * 400,
    ],
)
def test_a_public_address_that_is_none_is_refused_before_anything_is_served(address):
    with pytest.raises(
        ConfigError, match=r"invalid public address .*: give one such as https://portal"
    ) as told:
        Settings(public_url=address)

    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://portal.example", "https://portal.example"),
        ("https://portal.example/", "https://portal.example"),
        ("http://10.0.0.1:8000/a/b/", "http://10.0.0.1:8000/a/b"),
        (" https://[2001:db8::1]/x ", "https://[2001:db8::1]/x"),
    ],
)
def test_a_public_address_is_kept_without_what_is_too_much(given, kept):
    assert kept == Settings(public_url=given).public_url


@pytest.mark.parametrize(
    "proxy", ["", "*", "0.0.0.0/0", "::/0", "proxy.example", "10.0.0.1/8", "10.0.0.0/33", "1"]
)
def test_a_trusted_proxy_that_is_none_or_everybody_is_refused(proxy):
    with pytest.raises(ConfigError, match=r"invalid trusted proxy .*: give its IP address, or a network"):
        Settings(trusted_proxies=(proxy,))


@pytest.mark.parametrize(
    ("options", "environment", "words"),
    [
        (("--public-url", "portal"), "", "invalid public address 'portal'"),
        (("--public-url", ""), PUBLIC, "invalid public address ''"),
        ((), "portal", "invalid public address 'portal'"),
        (("--trusted-proxy", "*"), "", "invalid trusted proxy '*'"),
    ],
)
def test_a_bad_address_is_told_at_the_start(options, environment, words, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("WHENTOCALL_PUBLIC_URL", environment)

    assert Exit.USAGE == main(["serve", "--port", "0", *options])
    assert words in capsys.readouterr().err


def test_the_server_itself_takes_both_ways(server):
    told = server("--public-url", PUBLIC)
    environment = server(WHENTOCALL_PUBLIC_URL=PUBLIC)
    proxy = server("--trusted-proxy", "127.0.0.1")

    for started, headers in ((told, {}), (environment, {}), (proxy, FORWARDED)):
        given = started.ask("GET", "/fhir/metadata", headers=headers)
        assert f"{PUBLIC}/fhir" == json.loads(given.body)["implementation"]["url"]
    assert f"for people: {PUBLIC}/" in told.output
