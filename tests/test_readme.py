"""What the README and docs/ show is true: the session, the Python, the commands, exit codes and links."""

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from whentocall.cli import EXIT_CODES, Exit

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
SESSION = re.compile(r"<!-- session: (?P<arguments>.*?) -->\n```text\n(?P<text>.*?)```", re.DOTALL)
PROMPT = "> "


@pytest.fixture(scope="module")
def readme():
    return README.read_text("utf-8")


@pytest.fixture(scope="module")
def commands():
    return (DOCS / "commands.md").read_text("utf-8")


def played(arguments, typed, home):
    """The whole session as a person sees it: what is printed, with what was typed after each prompt."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "whentocall", *arguments.split()],
        input="".join(f"{line}\n" for line in typed),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
        cwd=home,
    )
    shown, *rest = done.stdout.split(PROMPT)
    for line, after in zip([*typed, ""], rest, strict=False):
        shown += f"{PROMPT}{line}\n{after}"
    return shown


def test_the_session_is_a_real_one(tmp_path):
    session = SESSION.search((DOCS / "interview.md").read_text("utf-8"))
    typed = [line.removeprefix(PROMPT) for line in session["text"].splitlines() if line.startswith(PROMPT)]

    assert typed
    assert session["text"] == played(session["arguments"], typed, tmp_path)


@pytest.mark.smoke
def test_the_python_runs_and_prints_what_its_comments_say(readme):
    code = re.search(r"```python\n(.*?)```", readme, re.DOTALL)[1]
    said = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})

    assert said
    assert said == out.getvalue().splitlines()[: len(said)]


def test_every_exit_code_is_told(commands):
    table = dict(re.findall(r"^\| (\d+) \| (.*) \|$", commands, re.MULTILINE))

    assert {str(int(code)) for code in Exit} == set(table)
    for code, meaning in table.items():
        assert f"{int(code):<3} {meaning.replace('`', '')}" in EXIT_CODES


def test_every_command_is_told(commands):
    help_text = subprocess.run(
        [sys.executable, "-m", "whentocall", "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    names = re.findall(r"^    ([a-z-]+) +\S", help_text, re.MULTILINE)

    assert names
    assert all(f"`whentocall {name}" in commands for name in names)


def test_every_link_leads_somewhere():
    for page in (README, ROOT / "CONTRIBUTING.md", ROOT / "rules" / "README.md", *DOCS.rglob("*.md")):
        for link in re.findall(r"\]\(([^)#]+)|src=\"([^\"]+)", page.read_text("utf-8")):
            target = "".join(link)
            assert target.startswith("https://") or (page.parent / target).exists(), (page, target)


def test_the_python_of_every_page_compiles():
    for page in DOCS.glob("*.md"):
        for code in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            compile(code, str(page), "exec")


def test_the_readme_can_be_read_in_one_sitting(readme):
    assert len(readme.splitlines()) <= 150
