"""Real servers, in processes of their own: starting, limits that only a socket shows, and ending."""

import concurrent.futures
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from whentocall import ConfigError, advise, load
from whentocall.cli import Exit, main
from whentocall.http.server import listen

from .conftest import ADVICE, JSON, ask_on, until

KEY = "a-key-of-the-portal-0001"
WARM = {"answers": {"temperature": 38.6}}
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and fork")
needs_proc = pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for the workers there")


def raw(server, *pieces, seconds=20):
    """What comes back for these bytes, until the server closes."""
    with socket.create_connection((server.host, server.port), timeout=seconds) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


@pytest.mark.smoke
def test_a_server_says_where_it_is_answers_and_ends_in_order(server):
    running = server()
    given = running.ask("POST", ADVICE, WARM)
    ended = running.stop()

    assert "127.0.0.1" == running.host
    assert 200 == given.status
    assert advise(load("all-targeted-drugs"), WARM["answers"]).to_json().encode() == given.body
    assert (0, "") == (ended.code, ended.error)
    assert "/docs" in ended.out
    assert "not signed off by a clinician" in ended.out


def test_control_c_ends_it_in_order_too(server):
    running = server()

    assert (0, "") == ((ended := running.stop(signal.SIGINT)).code, ended.error)


def test_requests_under_way_are_answered_when_it_is_told_to_stop(server):
    """One body is half sent when the signal comes; the rest arrives after it."""
    running = server()
    body = json.dumps(WARM).encode()
    head = f"POST {ADVICE} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    with socket.create_connection((running.host, running.port), timeout=20) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
        until(lambda: running.ask("GET", "/health").status == 200)
        running.process.send_signal(signal.SIGTERM)
        until(lambda: not can_connect(running))
        connection.sendall(body[10:])
        received = b""
        while part := connection.recv(65536):
            received += part

    assert received.startswith(b"HTTP/1.1 200 OK")
    assert b"connection: close" in received
    assert received.endswith(advise(load("all-targeted-drugs"), WARM["answers"]).to_json().encode())
    assert 0 == running.ended().code


def can_connect(running):
    try:
        with socket.create_connection((running.host, running.port), timeout=5):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("workers", ["1", "2"])
def test_nothing_that_was_sent_is_lost_when_it_is_told_to_stop(server, workers):
    """Clients that ask again and again on open connections: each request sent gets its answer."""
    running = server("--workers", workers)
    lost, answered, started = [], [], threading.Barrier(5)

    def ask_until_it_stops():
        with contextlib.closing(running.connect()) as connection:
            ask_on_and_on(connection)

    def ask_on_and_on(connection):
        first = True
        while True:
            try:
                given = ask_on(connection, "POST", ADVICE, {**WARM, "watch": False})
            except ConnectionRefusedError:
                return
            except OSError as error:  # a connection that was open broke
                lost.append(error)
                return
            answered.append(given.status)
            if first:
                started.wait(20)
                first = False
            if given.headers.get("connection") == "close":
                connection.close()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask_until_it_stops) for _ in range(4)]
        started.wait(20)
        until(lambda: len(answered) > 40)
        ended = running.stop()
        for each in asking:
            each.result()

    assert (0, "") == (ended.code, ended.error)
    assert [] == lost
    assert {200} == set(answered)


def test_who_asks_at_once_is_answered_though_it_is_told_to_stop_at_once(server):
    """As soon as it says where it listens, its workers are at work and stop in order."""
    running = server("--workers", "2")
    body = json.dumps(WARM).encode()
    head = f"POST {ADVICE} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    sent = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with contextlib.ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection((running.host, running.port), timeout=20))
            for _ in range(16)
        ]
        for connection in connections:
            connection.sendall(sent)
        running.process.send_signal(signal.SIGTERM)
        answers = [connection.recv(65536) for connection in connections]

    assert {b"HTTP/1.1 200 OK"} == {answer[:15] for answer in answers}
    assert 0 == running.ended().code


def test_no_copy_of_a_listening_socket_blocks():
    """A worker that blocks in `accept` lets those wait for ever whom it has taken before."""
    with listen("127.0.0.1", 0) as listening, listening.dup() as copy:
        assert [False, False, False] == [
            os.get_blocking(each.fileno()) for each in (listening, copy, listening)
        ]


@needs_proc
def test_two_workers_answer_and_another_takes_the_place_of_one_that_dies(server):
    running = server("--workers", "2")
    children = children_of(running)

    assert 2 == len(children)
    os.kill(children[0], signal.SIGKILL)
    until(lambda: len(set(children_of(running)) - set(children)) == 1)
    assert 200 == running.ask("POST", ADVICE, WARM).status
    ended = running.stop()
    assert 0 == ended.code
    assert "ended by itself; starting another" in ended.error


@needs_proc
def test_workers_end_when_their_parent_is_killed(server):
    running = server("--workers", "2")
    children = children_of(running)
    running.process.kill()

    until(lambda: not any(is_running(child) for child in children))
    assert not can_connect(running)


def children_of(running):
    def children():
        with open(f"/proc/{running.process.pid}/task/{running.process.pid}/children") as file:
            return [int(child) for child in file.read().split()]

    until(lambda: len(children()) == 2)
    return children()


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_key_from_the_environment(server):
    running = server("--host", "0.0.0.0", WHENTOCALL_API_KEY=KEY)
    assert 200 == running.ask("GET", "/health").status
    assert 401 == running.ask("POST", ADVICE, WARM).status
    assert 200 == running.ask("POST", ADVICE, WARM, {"X-API-Key": KEY}).status
    ended = running.stop()

    assert (0, "") == (ended.code, ended.error)  # no warning: not everybody can use it
    assert KEY not in ended.out


def test_options_choose_key_numbers_protocols_and_origins(server, tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    running = server(
        *("--api-key-file", str(tmp_path / "key")),
        *("--number", "advice-line=020 7946 0000"),
        *("--protocol", "all-targeted-drugs"),
        *("--cors", "https://portal.example"),
    )
    keyed = {"Authorization": f"Bearer {KEY}"}
    given = running.ask("POST", ADVICE, WARM, {**keyed, "Origin": "https://portal.example"})

    assert 401 == running.ask("POST", ADVICE, WARM).status
    assert "020 7946 0000" == json.loads(given.body)["contact"]["number"]
    assert "https://portal.example" == given.headers["access-control-allow-origin"]
    assert 1 == len(json.loads(running.ask("GET", "/v1/protocols", headers=keyed).body)["protocols"])


def test_it_warns_where_everybody_can_reach_it(server):
    assert "it has no API key" in server("--host", "0.0.0.0").stop().error


@pytest.mark.parametrize(
    ("code", "words", "options"),
    [
        (Exit.RULES_UNUSABLE, "there is no protocol 'nothing'", ["--protocol", "nothing"]),
        (Exit.RULES_UNUSABLE, "there is no folder", ["--rules", "/nowhere"]),
        (Exit.USAGE, "vet", ["--number", "vet=1"]),
        (Exit.USAGE, "exact origin", ["--cors", "*"]),
        (Exit.USAGE, "cannot read the API key", ["--api-key-file", "/nowhere"]),
        (Exit.USAGE, "cannot listen on nowhere.invalid port 0", ["--host", "nowhere.invalid"]),
        (Exit.USAGE, "cannot listen on 192.0.2.1 port 0", ["--host", "192.0.2.1"]),
    ],
)
@pytest.mark.usefixtures("own_settings")
def test_what_cannot_be_used_is_told_and_nothing_is_started(capsys, code, words, options):
    assert code == main(["serve", "--port", "0", *options])

    out, error = capsys.readouterr()
    assert "" == out
    assert words in error


@pytest.mark.parametrize(("option", "value"), [("--workers", "0"), ("--workers", "2.5"), ("--port", "99999")])
@pytest.mark.usefixtures("own_settings")
def test_a_number_out_of_range_is_told(capsys, option, value):
    with pytest.raises(SystemExit) as stopped:
        main(["serve", option, value])

    assert 2 == stopped.value.code
    assert f"invalid number {value!r}; use one from" in capsys.readouterr().err


@pytest.mark.usefixtures("own_settings")
def test_a_key_that_is_too_short_is_told_without_being_shown(capsys, monkeypatch):
    monkeypatch.setenv("WHENTOCALL_API_KEY", "secret")

    assert Exit.USAGE == main(["serve", "--port", "0"])
    assert "secret" not in (error := capsys.readouterr().err)
    assert "API key must be at least 16" in error


@pytest.mark.usefixtures("own_settings")
def test_rules_that_cannot_be_used_are_told_with_their_line(capsys, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "protocol.yaml").write_text("title: [\n")

    assert Exit.RULES_UNUSABLE == main(["serve", "--port", "0", "--rules", str(tmp_path)])
    assert "protocol.yaml:" in capsys.readouterr().err


@pytest.fixture
def own_settings(monkeypatch, tmp_path):
    """Without the settings of whoever runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("WHENTOCALL_RULES", "WHENTOCALL_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_a_port_that_is_taken_is_told():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(
            ConfigError, match=f"cannot listen on 127.0.0.1 port {port}: address already in use"
        ):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("missing", ["uvicorn", "starlette", "jinja2"])
def test_without_the_extra_it_says_what_to_install(missing):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from whentocall.cli import main\n"
        "sys.exit(main(['serve', '--port', '0']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert (Exit.USAGE, "") == (done.returncode, done.stdout)
    assert f"whentocall: serve needs '{missing}': pip install 'whentocall[serve]'\n" == done.stderr


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"POST /health HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /health HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nA\x00: b\r\n\r\n",
    ],
)
def test_what_is_not_http_is_a_problem_too(plain_server, sent):
    received = raw(plain_server, sent)

    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in received
    assert b"urn:whentocall:problem:http" in received


@pytest.mark.parametrize("address", ["http://portal.example/health", "HTTPS://a:1/health?", "/health"])
def test_a_request_may_name_the_whole_address_as_to_a_proxy(plain_server, address):
    head = f"GET {address} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    assert raw(plain_server, head.encode()).startswith(b"HTTP/1.1 200 ")


def test_a_head_without_end_is_cut_off(plain_server):
    received = raw(
        plain_server, b"GET /health HTTP/1.1\r\nHost: a\r\n", *[b"X-More: " + b"x" * 8_000 + b"\r\n"] * 4
    )

    assert received.startswith(b"HTTP/1.1 431 ")


def test_an_address_without_end_is_cut_off(plain_server):
    assert raw(plain_server, b"GET /", *[b"x" * 8_000] * 4).startswith(b"HTTP/1.1 431 ")


def test_a_chunked_body_is_measured_as_it_comes(plain_server):
    head = f"POST {ADVICE} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    chunk = b"2000\r\n" + b" " * 0x2000 + b"\r\n"
    start = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
    received = raw(plain_server, start, *[chunk] * 9, b"0\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in received


def test_ten_megabytes_are_refused_and_the_client_hears_why(plain_server):
    given = plain_server.ask("POST", ADVICE, b" " * 10_000_000, JSON)

    assert 413 == given.status
    assert 200 == plain_server.ask("POST", ADVICE, WARM).status


def test_many_connections_at_once_are_answered(plain_server):
    """More than there are threads for, all open at the same time."""
    right = plain_server.ask("POST", ADVICE, WARM).body
    with contextlib.ExitStack() as stack:
        open_ = [stack.enter_context(contextlib.closing(plain_server.connect())) for _ in range(200)]
        for connection in open_:
            connection.request("POST", ADVICE, json.dumps(WARM), JSON)
        assert {right} == {connection.getresponse().read() for connection in open_}


def test_slow_heads_and_bodies_are_not_waited_for(hasty):
    head = f"POST {ADVICE} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n".encode()
    start = time.monotonic()
    for pieces in (
        [b""],
        [b"GET /health HT"],
        [head],
        [head, b"Content-Length: 100\r\n\r\n", b'{"ans'],
        [head, b"Transfer-Encoding: chunked\r\n\r\n5\r\n", b'{"ans'],
    ):
        received = raw(hasty, *pieces)
        assert received.startswith(b"HTTP/1.1 408 "), pieces
        assert b"urn:whentocall:problem:too-slow" in received
    assert time.monotonic() - start < 15
