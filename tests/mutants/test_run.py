"""The script that plants faults knows files and tests that are there, and plants what differs."""

import ast
import sys
from importlib import import_module
from pathlib import Path

import pytest

SOURCE = """
def top(ranks, least):
    if not ranks and least > 0:
        return max(ranks, least)
    raise E
"""


@pytest.fixture
def script(monkeypatch):
    """`run.py`, which expects its own folder on the path as a script does."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    yield import_module("run")
    for name in ("run", "faults"):
        sys.modules.pop(name)


def test_every_file_and_every_test_is_there(script):
    for file, tests in script.TESTS.items():
        assert (script.HERE / script.PACKAGE / file).is_file(), file
        for test in tests:
            assert (script.HERE / test).exists(), test


def test_each_fault_changes_the_program_and_only_once(script):
    planted = [mutant.planted(SOURCE) for mutant in script.mutants("x.py", SOURCE)]

    assert len(planted) == len(set(planted))
    assert ast.unparse(ast.parse(SOURCE)) not in planted
    for text in (
        "if not ranks or least > 0:",
        "if ranks and least > 0:",
        "if not ranks and least >= 0:",
        "if not ranks and least > 1:",
        "if True:",
        "if False:",
        "return min(ranks, least)",
        "return max(least, ranks)",
        "return None",
        "pass",
    ):
        assert any(text in one for one in planted), text


def test_the_sample_is_the_same_every_time(script):
    def sample():
        return list(
            map(str, script.chosen(script.parser().parse_args(["--file", "engine/", "--count", "9"])))
        )

    assert 9 == len(sample())
    assert sample() == sample()
