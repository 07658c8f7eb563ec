"""A client that talks to the application itself, and servers of their own process to talk to."""

import asyncio
import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from whentocall.http import Settings, create_app
from whentocall.http.asgi import app_of
from whentocall.http.service import Service

ALL = "/v1/protocols/all-targeted-drugs"
ADVICE = f"{ALL}/advice"
JSON = {"content-type": "application/json"}


class Client:
    """One ASGI application, asked from an ordinary test."""

    def __init__(self, app, runner):
        self.app, self.runner = app, runner

    def ask(self, method, path, body=b"", headers=None, **more):
        """The response to one request; `parts` are the pieces in which its body arrives."""
        return self.runner.run(self.asked(method, path, body, headers, **more))

    async def asked(self, method, path, body=b"", headers=None, *, parts=None, root="", repeated=None):
        if not isinstance(body, bytes):
            body, headers = json.dumps(body).encode(), {**JSON, **(headers or {})}
        path, _, query = path.partition("?")
        sent_headers = [*(headers or {}).items(), *([repeated] if repeated else [])]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": root + path,
            "raw_path": (root + path).encode(),
            "query_string": query.encode(),
            "root_path": root,
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent_headers],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
        }
        waiting = [body] if parts is None else list(parts)
        sent = []

        async def receive():
            if not waiting:
                await asyncio.sleep(3600)  # the rest never comes
            part = waiting.pop(0)
            if part is None:
                return {"type": "http.disconnect"}
            more = parts is not None and (bool(waiting) or parts[-1] is not part)
            return {"type": "http.request", "body": part, "more_body": more}

        async def send(message):
            sent.append(message)

        await self.app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return SimpleNamespace(
            status=sent[0]["status"], headers=headers, body=body, json=lambda: json.loads(body)
        )

    def get(self, path, **headers):
        return self.ask("GET", path, headers={name.replace("_", "-"): headers[name] for name in headers})

    def post(self, path, body, headers=None):
        return self.ask("POST", path, body, headers)


@pytest.fixture(scope="session")
def runner():
    with asyncio.Runner() as asyncio_runner:
        yield asyncio_runner


@pytest.fixture(scope="session")
def app():
    return create_app()


@pytest.fixture(scope="session")
def client(app, runner):
    """The application as it is without any settings."""
    return Client(app, runner)


@pytest.fixture(scope="session")
def client_with(runner):
    """The application with other settings; the same one for the same settings."""
    made = {}

    def client(**settings):
        key = repr(settings)
        if key not in made:
            made[key] = Client(create_app(Settings(**settings)), runner)
        return made[key]

    return client


@pytest.fixture
def service():
    """A service of its own, so that a test may break it."""
    return Service(Settings())


@pytest.fixture
def client_of(runner):
    return lambda service: Client(app_of(service), runner)


SERVE = [sys.executable, "-m", "whentocall", "serve", "--port", "0"]


def clean_environment(**more):
    """Without the settings of whoever runs the tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("WHENTOCALL")}
    return {**own, "XDG_CONFIG_HOME": str(Path(__file__).parent), **more}


class Server:
    """`whentocall serve` in a process of its own, on a port that is free."""

    def __init__(self, *options, **environment):
        self.process = subprocess.Popen(
            [*SERVE, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(**environment),
        )
        self.output = ""
        while "Ctrl+C" not in self.output:
            line = self.process.stdout.readline()
            assert line, self.process.communicate()
            self.output += line
        address = re.search(r"http://(.*):(\d+)", self.output)
        self.host, self.port = address[1].strip("[]"), int(address[2])

    def connect(self):
        return http.client.HTTPConnection(self.host, self.port, timeout=20)

    def ask(self, method, path, body=None, headers=None):
        with contextlib.closing(self.connect()) as connection:
            return ask_on(connection, method, path, body, headers)

    def stop(self, how=signal.SIGTERM):
        """Stop it in order; the exit code, and what it said on its way to the end."""
        self.process.send_signal(how)
        return self.ended()

    def ended(self):
        rest, error = self.process.communicate(timeout=30)
        return SimpleNamespace(code=self.process.returncode, out=self.output + rest, error=error)


def ask_on(connection, method, path, body=None, headers=None):
    if isinstance(body, dict):
        body, headers = json.dumps(body), {**JSON, **(headers or {})}
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    return SimpleNamespace(status=response.status, headers=response.headers, body=response.read())


@pytest.fixture(scope="module")
def plain_server():
    """One server for all tests that leave it as it was."""
    running = Server()
    yield running
    ended = running.stop()
    assert (0, "") == (ended.code, ended.error)


@pytest.fixture(scope="module")
def hasty():
    """A server whose limits of time are short."""
    code = (
        "import whentocall.http.server as server, whentocall.http.settings as settings\n"
        "server.HEAD_SECONDS = server.STALL_SECONDS = 0.3\n"
        "from whentocall.http.asgi import app_of\n"
        "from whentocall.http.service import Service\n"
        "with server.listen('127.0.0.1', 0) as listening:\n"
        "    print(listening.getsockname()[1], flush=True)\n"
        "    server.serve(app_of(Service(settings.Settings(body_seconds=0.3))), listening)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    at = {"host": "127.0.0.1", "port": int(process.stdout.readline()), "process": process}
    try:
        yield type("At", (), at)
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert 0 == process.returncode


@pytest.fixture
def server():
    """Starts servers, and ends those that a test leaves behind."""
    started = []

    def start(*options, **environment):
        started.append(Server(*options, **environment))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
        running.process.communicate()


def until(is_so, seconds=20):
    """Wait for something that happens by itself, no longer than needed."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it has not happened"
        time.sleep(0.01)
