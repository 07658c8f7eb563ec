"""Real servers and clients that send too much, too slowly, or without ever reading."""

import contextlib
import json
import os
import re
import select
import socket
import time

import pytest

from whentocall import advise, load
from whentocall.web import texts as web

from .conftest import ADVICE, JSON, until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a server in a process of its own, and signals")
needs_proc = pytest.mark.skipif(not os.path.isdir("/proc"), reason="reads there how large a process is")

BODY = json.dumps({"answers": {"temperature": 38.6}}).encode()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MB = 1024 * 1024


def head(path, length, kind=JSON["content-type"], method="POST"):
    lines = (f"{method} {path} HTTP/1.1", "Host: a", f"Content-Type: {kind}", f"Content-Length: {length}")
    return "\r\n".join((*lines, "", "")).encode()


ASKED = head(ADVICE, len(BODY)) + BODY


def connected(running):
    return socket.create_connection((running.host, running.port), timeout=20)


def until_closed(connection):
    received = b""
    with contextlib.suppress(ConnectionResetError):  # what is sent after the end of a connection may do that
        while part := connection.recv(65536):
            received += part
    return received


def replies(received):
    return re.findall(rb"(?<![^\n}])HTTP/1\.1 (\d{3})", received)


def memory(running):
    with open(f"/proc/{running.process.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def flood(running, request, *, most, seconds):
    """Send a request again and again, without reading; how many bytes were taken."""
    taken, end = 0, time.monotonic() + seconds
    with connected(running) as connection:
        connection.settimeout(0)
        while taken < most and time.monotonic() < end:
            if not select.select([], [connection], [], 0.3)[1]:
                return taken
            try:
                taken += connection.send(request * 500)
            except BlockingIOError:
                continue
            except OSError:  # it hung up
                return taken
    return taken


@needs_proc
@pytest.mark.parametrize(
    "request_", [ASKED, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"], ids=["advice", "health"]
)
def test_who_sends_on_and_on_without_reading_does_not_fill_the_memory(plain_server, request_):
    plain_server.ask("POST", ADVICE, BODY, JSON)
    before = memory(plain_server)
    flood(plain_server, request_, most=64 * MB, seconds=4)

    assert memory(plain_server) - before < 40 * MB
    assert 200 == plain_server.ask("POST", ADVICE, BODY, JSON).status


@pytest.mark.parametrize("count", [2, 65, 200])
def test_requests_sent_together_are_answered_in_their_order(plain_server, count):
    asked = [f"GET /nothing-{number} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for number in range(count - 1)]
    with connected(plain_server) as connection:
        connection.sendall(
            b"".join(asked) + head(ADVICE, len(BODY)).replace(b"Host", b"Connection: close\r\nHost") + BODY
        )
        received = until_closed(connection)

    assert [b"404"] * (count - 1) + [b"200"] == replies(received)
    assert received.endswith(advise(load("all-targeted-drugs"), {"temperature": 38.6}).to_json().encode())


def test_requests_that_come_after_each_other_are_all_answered(plain_server):
    with connected(plain_server) as connection, connection.makefile("rb") as given:
        for _ in range(3):
            connection.sendall(ASKED * 64)
            for _ in range(64):
                assert given.readline() == b"HTTP/1.1 200 OK\r\n"
                lengths = (line for line in given if line.lower().startswith(b"content-length: "))
                length = int(next(lengths)[16:])
                while given.readline() != b"\r\n":
                    pass
                given.read(length)


def test_who_reads_nothing_is_left_after_a_while(hasty):
    """The replies are more than the system itself holds; then nobody waits for ever."""
    with connected(hasty) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(5)
        hung_up = False
        asked = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 20
        end = time.monotonic() + 15
        while not hung_up and time.monotonic() < end:
            try:
                connection.sendall(asked)
            except OSError as error:
                hung_up = not isinstance(error, TimeoutError)

    assert hung_up


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("path", ["/nothing", "/health", "/v1/protocols"])
@pytest.mark.parametrize("rest", [b"", b"x", b"x" * 40_000])
def test_a_body_that_nobody_waits_for_gets_one_answer_and_no_second(hasty, method, path, rest):
    with connected(hasty) as connection:
        connection.sendall(head(path, 100_000, method=method) + b'{"ans')
        received = connection.recv(65536)
        connection.sendall(rest)
        received += until_closed(connection)

    assert [b"404" if path == "/nothing" else b"405"] == replies(received)


def test_the_rest_of_a_refused_body_that_is_not_http_gets_no_second_answer(plain_server):
    with connected(plain_server) as connection:
        connection.sendall(b"POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        received = connection.recv(65536)
        connection.sendall(b"not a length\r\n")
        received += until_closed(connection)

    assert [b"404"] == replies(received)


def test_after_a_body_that_nobody_waited_for_the_next_request_is_answered(plain_server):
    with connected(plain_server) as connection:
        connection.sendall(head("/nothing", 100_000))
        received = connection.recv(65536)
        connection.sendall(b"x" * 50_000)
        connection.sendall(b"x" * 50_000)
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        received += until_closed(connection)

    assert [b"404", b"200"] == replies(received)


def closing(received):
    assert b"\r\nconnection: close\r\n" in received.partition(b"\r\n\r\n")[0].lower() + b"\r\n"
    return received.decode()


def test_a_page_that_is_not_waited_for_says_that_it_closes(hasty):
    for sent, heading in (
        (head("/", 100_000_000, FORM["Content-Type"]), web.TOO_LARGE),
        (head("/", 100, FORM["Content-Type"]) + b"do=", web.TOO_SLOW),
        (head("/", 100, "text/plain"), web.CANNOT_READ),
    ):
        with connected(hasty) as connection:
            connection.sendall(sent)
            shown = closing(until_closed(connection))

        assert f"<h1>{heading}</h1>" in shown
        assert web.CALL_ANYWAY in shown
        assert web.WENT_WRONG not in shown


def test_a_connection_that_is_gone_is_forgotten(hasty):
    """Also one that went while replies waited to be read."""
    with connected(hasty) as connection:
        connection.sendall(ASKED * 20)
    until(lambda: connected(hasty).close() is None)
    with connected(hasty) as connection:
        connection.sendall(ASKED.replace(b"Host", b"Connection: close\r\nHost"))
        assert [b"200"] == replies(until_closed(connection))
