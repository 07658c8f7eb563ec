"""The command that serves: `serve`."""

from __future__ import annotations

import argparse
import ipaddress
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whentocall.cli.exits import Exit
from whentocall.cli.shared import common_options, missing_package, phone_numbers, rules_folder
from whentocall.errors import ConfigError

if TYPE_CHECKING:
    import socket

    from whentocall.http.service import Service

_PACKAGES = frozenset({"anyio", "h11", "jinja2", "starlette", "uvicorn"})
_KEY = "WHENTOCALL_API_KEY"
_PUBLIC_URL = "WHENTOCALL_PUBLIC_URL"
MOST_WORKERS = 64


def add_to(commands: Any) -> None:
    """Add this command to the parser's."""
    serving = commands.add_parser("serve", help="serve web pages, JSON and FHIR over HTTP")
    serving.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this computer only)"
    )
    serving.add_argument(
        "--port", type=_port, default=8000, help="port to listen on; 0 takes a free one (default: 8000)"
    )
    serving.add_argument(
        "--workers", type=_workers, default=1, metavar="N", help="number of processes (default: 1)"
    )
    serving.add_argument(
        "--api-key-file", metavar="FILE", help=f"file with the key that callers must send (or {_KEY})"
    )
    serving.add_argument(
        "--cors",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="origin whose pages may call from a browser, such as https://portal.example; repeatable",
    )
    serving.add_argument(
        "--public-url",
        metavar="URL",
        help=f"address that people use, such as https://portal.example/whentocall (or {_PUBLIC_URL})",
    )
    serving.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="IP",
        help="address or network of a proxy that may give it in X-Forwarded-Host, -Proto and -Prefix; "
        "repeatable (default: none)",
    )
    serving.add_argument(
        "--protocol", action="append", default=[], metavar="NAME", help="serve only this protocol; repeatable"
    )
    common_options(serving, numbers=True).set_defaults(command=serve)


def serve(arguments: argparse.Namespace) -> Exit:
    """Answer over HTTP until told to stop."""
    try:
        from whentocall.http import Settings
        from whentocall.http.asgi import app_of
        from whentocall.http.server import listen
        from whentocall.http.server import serve as serve_on
        from whentocall.http.service import Service
        from whentocall.http.workers import run_workers
    except ModuleNotFoundError as error:
        raise missing_package(error, "serve", "serve", _PACKAGES) from None

    settings = Settings(
        rules=rules_folder(arguments),
        protocols=tuple(arguments.protocol),
        numbers=phone_numbers(arguments),
        api_key=_api_key(arguments.api_key_file),
        cors=tuple(arguments.cors),
        public_url=_public_url(arguments.public_url),
        trusted_proxies=tuple(arguments.trusted_proxy),
    )
    service = Service(settings)  # before the port is taken: nobody can reach a server that cannot answer
    with listen(arguments.host, arguments.port) as listening:
        app, ready = app_of(service), partial(_announce, service, listening, arguments.workers)
        if arguments.workers == 1:
            serve_on(app, listening, ready)
            return Exit.DONE
        work = partial(serve_on, app, listening)
        orderly = run_workers(arguments.workers, work, ready=ready, stopping=listening.close)
        return Exit.DONE if orderly else Exit.INTERNAL


def _announce(service: Service, listening: socket.socket, workers: int) -> None:
    """Print where the server can be reached, and a warning if everybody can."""
    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    count = f" with {workers} workers" if workers > 1 else ""
    print(f"whentocall is listening on {address}{count}")
    for protocol in service.protocols.values():
        signed = "signed off" if protocol.signed_off else "not signed off by a clinician"
        print(f"  {protocol.id} {protocol.version}, {signed}")
    address = service.settings.public_url or address
    print(f"  for people: {address}/")
    print(f"  for developers: {address}/docs")
    print("  Press Ctrl+C to stop.", flush=True)
    if not service.settings.api_key and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        print(
            f"whentocall: warning: anybody who can reach {host} can use this server: it has no API key and "
            "no encryption; set a key, and put a proxy with TLS in front",
            file=sys.stderr,
            flush=True,
        )


def _api_key(file: str | None) -> str | None:
    """The key from a file, or from the environment. Never an option itself, which others could see.

    Raises:
        ConfigError: the file cannot be read.
    """
    if file is None:
        return os.environ.get(_KEY)
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"{file}: cannot read the API key ({why})") from None


def _public_url(option: str | None) -> str | None:
    """From the option, or the environment, where an empty one counts as not set."""
    return option if option is not None else os.environ.get(_PUBLIC_URL) or None


def _port(text: str) -> int:
    return _whole(text, 0, 65535)


def _workers(text: str) -> int:
    return _whole(text, 1, MOST_WORKERS)


def _whole(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
        raise argparse.ArgumentTypeError(f"invalid number {text!r}; use one from {low} to {high}")
    return int(text)
