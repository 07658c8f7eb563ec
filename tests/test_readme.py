"""The README's code runs and prints what it says, and the page stays short."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def readme():
    return README.read_text("utf-8")


@pytest.mark.smoke
def test_the_python_runs_and_prints_what_its_comments_say(readme):
    code = re.search(r"```python\n(.*?)```", readme, re.DOTALL)[1]
    comments = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})

    assert comments
    assert comments == out.getvalue().splitlines()


@pytest.mark.parametrize(
    "way", ["You want to know how soon to call", "You are building something", "You are a clinician"]
)
def test_each_way_in_begins_with_its_first_command(way, readme):
    section = readme.partition(f"### {way}\n")[2]

    assert section.startswith("\n```sh\n")


def test_the_readme_can_be_read_in_one_sitting(readme):
    assert len(readme.splitlines()) <= 150
