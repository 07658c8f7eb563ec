"""Requests per second over HTTP, beside a bare FastAPI application that echoes the same bodies.

    python tests/benchmarks/http_load.py [--minutes 10] [--json FILE]

Both run on the same server code with the same settings, in processes of their own; the client is this
process. Blocks of requests to the echo alternate with blocks to whentocall. Then the server is told to stop
in the middle of the load, again and again, and requests sent are compared with requests answered.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import re
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import http_client as client
import machine

from whentocall import Interview, advise, load
from whentocall.interview.flow import Done, step_json
from whentocall.protocol.model import Question

PROTOCOL = "all-targeted-drugs"
PEOPLE = 250
CONNECTIONS = 32
BLOCK_SECONDS = 0.5
STOPS = 10
SEED = 200


def echo(workers: int) -> None:
    """Serve the echo until told to stop, on the server code of whentocall; prints its address first."""
    from fastapi import FastAPI  # noqa: PLC0415  the client does not need the servers' packages

    from whentocall.http.server import listen, serve  # noqa: PLC0415
    from whentocall.http.workers import run_workers  # noqa: PLC0415

    app = FastAPI()

    @app.post("/echo")
    async def reply(body: dict) -> dict:
        return body

    with listen("127.0.0.1", 0) as listening:
        address = f"echo listens on http://127.0.0.1:{listening.getsockname()[1]}\n"

        def ready():
            sys.stdout.write(address)
            sys.stdout.flush()

        if workers == 1:
            serve(app, listening, ready)
        else:
            run_workers(workers, partial(serve, app, listening), ready=ready, stopping=listening.close)


@contextlib.contextmanager
def server(what: str, workers: int) -> Iterator[tuple[int, subprocess.Popen]]:
    """A server in a process of its own: its port, and the process."""
    command = [sys.executable, __file__, "--echo", "--workers", str(workers)]
    if what == "whentocall":
        program = str(Path(sys.executable).with_name("whentocall"))
        command = [program, "serve", "--port", "0", "--workers", str(workers), "--protocol", PROTOCOL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())[1]), process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def bodies() -> dict[str, list[tuple[bytes, bytes]]]:
    """Body and right reply of each request, for random people; by what is asked."""
    protocol = load(PROTOCOL)
    interview, pick = Interview(protocol), random.Random(SEED)
    found = {"advice": [], "advice, watch false": [], "next question": []}
    for _ in range(PEOPLE):
        person = {one.id: _answer(pick, one) for one in protocol.questions.values()}
        told = {one: person[one] for one, question in protocol.questions.items() if question.only_if is None}
        for name, more in (("advice", {}), ("advice, watch false", {"watch": False})):
            text = advise(protocol, told, **more).to_json()
            found[name].append((_json({"answers": told, **more}), text.encode()))
        so_far: dict[str, object] = {}
        for _ in range(pick.randrange(20)):
            step = interview.next_question(so_far)
            if isinstance(step, Done):
                break
            so_far[step.id] = person[step.id]
        text = step_json(interview.next_question(so_far))
        found["next question"].append((_json({"answers": so_far}), text.encode()))
    return found


def _answer(pick: random.Random, question: Question) -> object:
    kind = question.answer.kind
    if kind == "yes-no":
        return pick.random() < 0.05
    if kind == "temperature":
        return round(pick.uniform(36.0, 37.7), 1)
    if kind == "one-of":
        return pick.choice(list(question.options))
    return pick.randrange(4)


def _json(found: object) -> bytes:
    return json.dumps(found).encode()


def measure(workers: int, seconds: float) -> list[dict[str, object]]:
    """Every kind of request beside the echo of the same bodies, in alternating blocks."""
    asked = bodies()
    rows = []
    with server("echo", workers) as echo_server, server("whentocall", workers) as own_server:
        for name, pairs in asked.items():
            end = "next-question" if name == "next question" else "advice"
            own = [client.post(f"/v1/protocols/{PROTOCOL}/{end}", body) for body, _ in pairs]
            echo = [client.post("/echo", body) for body, _ in pairs]
            for request, (_, wanted) in zip(own, pairs, strict=True):
                if client.once(own_server[0], request).body != wanted:
                    raise client.Unexpected(f"another reply than the library's to {request!r}")
            found = _blocks(Side(*own_server, own), Side(*echo_server, echo), seconds / len(asked))
            rows.append({"workers": workers, "name": name, **found})
    return rows


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two servers, and what is asked of it."""

    port: int
    process: subprocess.Popen
    requests: list[bytes]

    def block(self, count: int) -> tuple[float, float]:
        """Requests per second, on the wall and of the server's processor time."""
        pid = self.process.pid
        pids = [pid, *machine.children(pid)]
        before = sum(map(machine.processor_time, pids))
        taken = client.load(self.port, self.requests, count, CONNECTIONS)
        return count / taken, count / (sum(map(machine.processor_time, pids)) - before)


def _blocks(own: Side, echo: Side, seconds: float) -> dict[str, object]:
    counts = [int(one.block(500)[0] * BLOCK_SECONDS) for one in (own, echo)]
    pairs, end = [], perf_counter() + seconds
    busy, start = process_time(), perf_counter()
    while perf_counter() < end:
        low = echo.block(counts[1])
        pairs.append((own.block(counts[0]), low))
    median = statistics.median
    return {
        "ratio": median(one[0] / low[0] for one, low in pairs),
        "processor_ratio": median(one[1] / low[1] for one, low in pairs),
        "per_second": median(one[0] for one, _ in pairs),
        "echo_per_second": median(low[0] for _, low in pairs),
        "requests": len(pairs) * sum(counts),
        "client_busy": (process_time() - busy) / (perf_counter() - start),
    }


def stops(workers: int) -> dict[str, int]:
    """Requests sent and answered, over several orderly stops under load."""
    requests = [
        client.post(f"/v1/protocols/{PROTOCOL}/advice", body) for body, _ in bodies()["advice, watch false"]
    ]
    begun = answered = 0
    for stop in range(STOPS):
        with server("whentocall", workers) as (port, process):
            tell = partial(process.send_signal, signal.SIGTERM)
            found = client.until_closed(port, requests, CONNECTIONS, 0.5 + stop / 50, tell)
            if process.wait(30):
                raise client.Unexpected(f"the server ended with {process.returncode}")
        begun, answered = begun + found[0], answered + found[1]
    return {"workers": workers, "stops": STOPS, "begun": begun, "answered": answered}


def table(rows: list[dict[str, object]], stopped: list[dict[str, int]]) -> str:
    """Both tables in Markdown."""
    lines = [
        "| workers | request | × echo's requests per second | the same per second of processor time "
        "| requests per second | echo's | client busy | requests sent |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        ratios = f"{row['ratio']:.2f} | {row['processor_ratio']:.2f}"
        speeds = f"{row['per_second']:,.0f} | {row['echo_per_second']:,.0f}"
        more = f"{row['client_busy']:.0%} | {row['requests']:,}"
        lines.append(f"| {row['workers']} | {row['name']} | {ratios} | {speeds} | {more} |")
    lines += ["", "| workers | stops under load | requests begun | answered |", "|---:|---:|---:|---:|"]
    lines += [
        f"| {one['workers']} | {one['stops']} | {one['begun']:,} | {one['answered']:,} |" for one in stopped
    ]
    return "\n".join([*lines, ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="for the blocks; the stops take one more")
    parser.add_argument("--json", type=Path, help="write all figures into this file")
    parser.add_argument("--echo", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=1, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.echo:
        echo(asked.workers)
        return 0
    about = machine.about(("fastapi", "starlette", "uvicorn", "httptools", "uvloop"))
    about["connections"] = CONNECTIONS
    sys.stdout.write(machine.text(about) + f"\n{CONNECTIONS} connections\n\n")
    rows = [row for workers in (1, 2) for row in measure(workers, asked.minutes * 30)]
    stopped = [stops(workers) for workers in (1, 2)]
    sys.stdout.write(table(rows, stopped))
    if asked.json:
        found = {"machine": about, "rows": rows, "stops": stopped}
        asked.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return int(any(one["begun"] != one["answered"] for one in stopped))


if __name__ == "__main__":
    sys.exit(main())
