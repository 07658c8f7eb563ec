"""What the README shows is true: its session, its Python, its commands and exit codes."""

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from whentocall.cli import EXIT_CODES, Exit

README = Path(__file__).parents[1] / "README.md"
SESSION = re.compile(r"<!-- session: (?P<arguments>.*?) -->\n```text\n(?P<text>.*?)```", re.DOTALL)
PROMPT = "> "


@pytest.fixture(scope="module")
def readme():
    return README.read_text("utf-8")


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


def test_the_session_is_a_real_one(readme, tmp_path):
    session = SESSION.search(readme)
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


def test_every_exit_code_is_told(readme):
    table = dict(re.findall(r"^\| (\d+) \| (.*) \|$", readme, re.MULTILINE))

    assert {str(int(code)) for code in Exit} == set(table)
    for code, meaning in table.items():
        assert f"{int(code):<3} {meaning.replace('`', '')}" in EXIT_CODES


def test_every_command_is_told(readme):
    help_text = subprocess.run(
        [sys.executable, "-m", "whentocall", "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    commands = re.findall(r"^    ([a-z-]+) +\S", help_text, re.MULTILINE)

    assert commands
    assert all(f"`whentocall {command}" in readme for command in commands)


def test_every_path_named_is_there(readme):
    for path in re.findall(r"^\| `([\w/]+/)` \|", readme, re.MULTILINE):
        assert (README.parent / path).is_dir(), path
