"""What the product says today, as hashes, so that moving code cannot change it unnoticed.

    python tests/golden/record.py check            compare with golden.json
    python tests/golden/record.py make             write golden.json anew
    python tests/golden/record.py diff REVISION    show the first line that differs from another revision

It uses only what users see: commands, public names and pages over HTTP. It goes once the meaning of rules
has been rewritten, which it guards.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve()
CHECKOUT = HERE.parents[2]
GOLDEN = HERE.with_name("golden.json")
TRAFFIC_LIGHTS = "tests/traffic_lights/rules"
PROTOCOLS = {
    "all-targeted-drugs": "rules",
    "neuroblastoma-targeted-therapy": "rules",
    "pump-line": TRAFFIC_LIGHTS,
}
COMMANDS = (
    *("", "ask", "advise", "protocols", "questions", "check", "diff", "sign", "review", "sources"),
    *("sources check", "sources index", "fmt", "new-card", "new-protocol", "serve", "vectors", "replay"),
    *("batch", "impact"),
)
OTHER_RULES = {  # a change that raises, one that lowers, and one of words
    "all-targeted-drugs/diarrhoea.yaml": ("at least 4", "at least 5"),
    "all-targeted-drugs/headache.yaml": ("level: contact", "level: urgently"),
    "all-targeted-drugs/tiredness.yaml": ("title: ", "title: Very "),
}


def run(checkout: Path, *words: str, env: dict[str, str] | None = None) -> str:
    """What a command prints, with its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "whentocall", *words],
        cwd=checkout,
        env=environment(checkout) | (env or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.stdout}{done.stderr}exit {done.returncode}\n"


def environment(checkout: Path) -> dict[str, str]:
    """One width, no colour, and the checkout's own code."""
    wanted = {"PYTHONPATH": str(checkout / "src"), "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    return {**os.environ, **wanted}


def of_protocol(checkout: Path, name: str, rules: str, work: Path) -> Iterator[tuple[str, str]]:
    """Hashes, vectors, check and the review page of one protocol."""
    yield f"{name}/hashes", script(checkout, HASHES, name, rules)
    yield f"{name}/advice", script(checkout, ADVICE, name, rules)
    yield f"{name}/vectors", run(checkout, "vectors", name, "--rules", rules)
    yield f"{name}/questions", run(checkout, "questions", name, "--rules", rules)
    yield f"{name}/schema", run(checkout, "questions", name, "--schema", "--rules", rules)
    yield f"{name}/check", run(checkout, "check", f"{rules}/{name}")
    page = work / f"{name}.html"
    run(checkout, "review", name, "-o", str(page), "--rules", rules)
    yield f"{name}/review", page.read_text()


def script(checkout: Path, code: str, *words: str) -> str:
    """What a piece of Python prints."""
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=checkout,
        env=environment(checkout),
        capture_output=True,
        text=True,
        check=True,
    ).stdout


HASHES = """
import sys, pathlib, whentocall
protocol = whentocall.load(sys.argv[1], rules=pathlib.Path(sys.argv[2]))
print(protocol.sha256)
for card, sha256 in protocol.card_sha256.items():
    print(card, sha256)
"""
ADVICE = """
import json, subprocess, sys, pathlib, whentocall
name, rules = sys.argv[1:]
words = [sys.executable, "-m", "whentocall", "vectors", name, "--rules", rules]
vectors = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)["vectors"]
protocol = whentocall.load(name, rules=pathlib.Path(rules))
for vector in vectors:
    for voice in ("you", "they"):
        try:
            print(whentocall.advise(protocol, vector["answers"], voice=voice).to_json())
        except whentocall.AnswersError as error:
            print([(problem.question, problem.message) for problem in error.problems])
"""


@contextlib.contextmanager
def serving(checkout: Path) -> Iterator[str]:
    """The address of a server of this checkout."""
    words = [sys.executable, "-m", "whentocall", "serve", "--port", "0"]
    with subprocess.Popen(
        words,
        cwd=checkout,
        env=environment(checkout),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            for line in server.stdout or ():
                if "http://" in line:
                    yield "http://" + line.split("http://", 1)[1].split()[0].rstrip("/.,")
                    return
            raise SystemExit("the server did not start")
        finally:
            server.terminate()


def over_http(checkout: Path) -> Iterator[tuple[str, str]]:
    """OpenAPI, the pages and the FHIR Questionnaires."""
    names = [
        f"{name}{voice}" for name, rules in PROTOCOLS.items() if rules == "rules" for voice in ("", ".they")
    ]
    paths = [
        "/openapi.json",
        "/",
        "/docs",
        "/fhir/metadata",
        *(f"/fhir/Questionnaire/{name}" for name in names),
    ]
    with serving(checkout) as address:
        for path in paths:
            with urllib.request.urlopen(address + path, timeout=30) as answer:
                yield f"http{path}", answer.read().decode().replace(address, "")


def everything(checkout: Path) -> Iterator[tuple[str, str]]:
    """Every entry of the record, by name."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name, rules in PROTOCOLS.items():
            yield from of_protocol(checkout, name, rules, work)
        other = work / "rules"
        shutil.copytree(checkout / "rules", other)
        for file, (old, new) in OTHER_RULES.items():
            (other / file).write_text((other / file).read_text().replace(old, new))
        for form in ("text", "json"):
            yield (
                f"diff/{form}",
                run(checkout, "diff", "rules", str(other), "--format", form).replace(folder, ""),
            )
        yield "check/findings", run(checkout, "check", str(other)).replace(folder, "")
    for command in COMMANDS:
        yield f"help/{command or 'whentocall'}", run(checkout, *command.split(), "--help")
    yield from over_http(checkout)


def hashes(checkout: Path) -> dict[str, str]:
    """Entry to the hash of what it says."""
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in everything(checkout)}


def check() -> int:
    """How many entries differ from the golden ones; each is named."""
    golden, today = json.loads(GOLDEN.read_text()), hashes(CHECKOUT)
    differing = sorted(name for name in golden.keys() | today.keys() if golden.get(name) != today.get(name))
    for name in differing:
        print(f"differs: {name}")
    print(f"{len(golden)} entries, {len(differing)} differ")
    return len(differing)


def diff(revision: str) -> int:
    """Show the first line of each entry that differs from what another revision says."""
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "checkout"
        subprocess.run(
            ["git", "worktree", "add", "--detach", "-q", str(other), revision], cwd=CHECKOUT, check=True
        )
        try:
            before = dict(everything(other))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(other)], cwd=CHECKOUT, check=True)
    differing = 0
    for name, text in everything(CHECKOUT):
        old = before.pop(name, "")
        if text != old:
            differing += 1
            print(f"== {name}")
            print(first_difference(old.splitlines(), text.splitlines()))
    return differing + len(before)


def first_difference(old: list[str], new: list[str]) -> str:
    """The first line that is not the same, as it was and as it is."""
    for place in range(max(len(old), len(new))):
        was, now = (lines[place] if place < len(lines) else "(nothing)" for lines in (old, new))
        if was != now:
            return f"line {place + 1}\n- {was[:300]}\n+ {now[:300]}"
    return "only the last line's end"


def main(words: list[str]) -> int:
    """Run one of the three."""
    match words:
        case ["make"]:
            GOLDEN.write_text(json.dumps(hashes(CHECKOUT), indent=1) + "\n")
            return 0
        case ["check"]:
            return min(check(), 1)
        case ["diff", revision]:
            return min(diff(revision), 1)
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
