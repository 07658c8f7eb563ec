"""Protocols, responses and the packages from npm, for the tests of FHIR."""

import hashlib
import os
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from support import small_protocols
from support.shipped import NAMES, loaded
from support.small_protocols import card, rule

NPM = Path(__file__).parent / "lhcforms"
HEAD = "title: A protocol <for> tests\nwho_for: Nobody & co.\nwhen_unsettled: red\n"
MORE = "they: Is it so for them?, short: It"


@pytest.fixture(scope="session", params=NAMES)
def protocol(request):
    """Each shipped protocol."""
    return loaded(request.param)


@pytest.fixture(scope="session")
def write_protocol(tmp_path_factory):
    """Writes a protocol with these questions (id to the rest of its line) and one rule, and loads it."""

    def write(questions, when="{a: yes}", head="", name="tests"):
        asked = [
            f"  {question}: {{you: 'Is {question} so?', {MORE} {question}, {rest}}}\n"
            for question, rest in questions.items()
        ]
        text = card(asked, [rule("it-is", when)])
        return small_protocols.write_protocol(
            tmp_path_factory.mktemp("rules"), text, head=HEAD + textwrap.dedent(head), name=name
        )

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
