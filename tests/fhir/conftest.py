"""Protocols, responses and the packages from npm, for the tests of FHIR."""

import hashlib
import os
import shutil
import subprocess
import textwrap
from functools import cache
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from whentocall import load
from whentocall.engine.answers import answers_model

NAMES = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
NPM = Path(__file__).parent / "lhcforms"
LEVELS = """
who: {nurse: the nurse}
levels:
  red: {word: Red, who: [nurse], headline: "Call {who} now", how_soon: Now., colour: red}
  green: {word: Green, headline: Nothing to report, how_soon: Never., colour: green}
"""
HEAD = """
title: A protocol <for> tests
who_for: Nobody & co.
version: "1"
region: {name: Nowhere, emergency_number: "000", emergency_place: the tent}
documents: [tests]
written: 2026-11-21
review_due: 2027-11-21
when_unsettled: red
cards: [card]
"""
SOURCE = """
title: A document for tests
publisher: Nobody
seen: 2026-11-21
sentences:
  T-1: {section: All of it, point: Everything that the tests need.}
"""
START = "title: Card\nsource: {document: tests, section: All of it}\n"
RULE = "rules:\n  it-is: {when: WHEN, level: red, because: It is so., sentences: [T-1]}\n"
MORE = "they: Is it so for them?, short: It"


@cache
def loaded(name):
    protocol = load(name)
    protocol.once(answers_model)
    return protocol


@pytest.fixture(scope="session", params=NAMES)
def protocol(request):
    """Each shipped protocol."""
    return loaded(request.param)


@pytest.fixture(scope="session")
def all_targeted():
    return loaded(NAMES[0])


@pytest.fixture(scope="session")
def neuroblastoma():
    return loaded(NAMES[1])


@pytest.fixture(scope="session")
def write_protocol(tmp_path_factory):
    """Writes a protocol with these questions (id to the rest of its line) and one rule, and loads it."""

    def write(questions, when="{a: yes}", head="", name="tests"):
        folder = tmp_path_factory.mktemp("rules") / name
        (folder.parent / "sources").mkdir()
        folder.mkdir()
        (folder.parent / "sources" / "tests.yaml").write_text(SOURCE, "utf-8")
        (folder.parent / "levels.yaml").write_text(LEVELS, "utf-8")
        lines = (
            f"  {one}: {{you: 'Is {one} so?', {MORE} {one}, {rest}}}\n" for one, rest in questions.items()
        )
        card = START + "ask:\n" + "".join(lines) + RULE.replace("WHEN", when)
        (folder / "card.yaml").write_text(card, "utf-8")
        (folder / "protocol.yaml").write_text(HEAD + textwrap.dedent(head), "utf-8")
        return load(folder)

    return write


@pytest.fixture(scope="session")
def npm():
    """The folder with what package-lock.json names; without npm these tests are skipped, but not on CI.

    It is kept between runs, outside the checkout, and changes its name with the lock file.
    """
    lock = (NPM / "package-lock.json").read_bytes() + (NPM / "package.json").read_bytes()
    kept = user_cache_path("whentocall-tests") / f"npm-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not kept.is_dir():
        if not (shutil.which("npm") and shutil.which("node")):
            reason = "npm and node are needed (Debian: apt-get install npm)"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
        kept.parent.mkdir(parents=True, exist_ok=True)
        _install(kept)
    return kept


def _install(kept):
    """Install beside it, and rename at once: another worker may be doing the same."""
    making = kept.with_name(f"{kept.name}-{os.getpid()}")
    making.mkdir()
    for one in ("package.json", "package-lock.json"):
        shutil.copy(NPM / one, making)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=making, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        shutil.rmtree(making)
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"npm ci failed: {done.stderr[-500:]}")
    try:
        making.rename(kept)
    except OSError:  # the other one was faster
        shutil.rmtree(making)
