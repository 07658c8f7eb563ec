"""What a start loads. How long it takes is for `tests/benchmarks/startup.py`; nothing is timed here."""

import argparse
import gc
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import whentocall.cli
from whentocall.cli import COMMANDS, main
from whentocall.protocol.cache_build import compile_rules
from whentocall.protocol.load import shipped_rules

pytestmark = pytest.mark.smoke

PACKAGES = ("pydantic", "pydantic_core", "yaml", "questionary", "prompt_toolkit", "platformdirs", "tomllib")
SLOW = (
    *PACKAGES,
    "durable_rules_engine",
    "importlib.metadata",
    "asyncio",
    "difflib",
    "z3",
    "jinja2",
    "ruamel",
)

ASKING = """
import json, os, sys
from pathlib import Path
from whentocall.protocol import cache as compiled
compiled.COMPILED = Path({folder!r})
from whentocall.interview import terminal
from whentocall.interview.faces import {face}

def first_question(*_):
    print(json.dumps(sorted(sys.modules)), file=sys.stderr, flush=True)
    os._exit(0)

{face}.{cls}.{waits} = first_question
terminal.needs_plain = lambda: {plain}
from whentocall.cli import main
main(["ask", "all-targeted-drugs", "--me"])
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The shipped rules, compiled. In a checkout they may not be, or no longer be, what the files say."""
    folder = tmp_path_factory.mktemp("compiled")
    compile_rules(shipped_rules(), folder)
    return str(folder)


def python(code, *, stream="stderr"):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert 0 == done.returncode, done.stderr
    return getattr(done, stream)


def loaded(code):
    """The modules that are there after some code has run."""
    return set(json.loads(python(f"{code}\nimport sys, json; json.dump(sorted(sys.modules), sys.stderr)")))


def test_importing_the_library_does_nearly_nothing():
    assert {"whentocall"} == loaded("import json, whentocall") - loaded("import json")


def test_only_what_is_used_is_loaded():
    errors = loaded("import json; from whentocall import RulesError")

    assert "whentocall.errors" in errors
    assert not errors & {"whentocall.protocol", "whentocall.engine", "pydantic"}


@pytest.mark.parametrize("options", [["--help"], ["advise", "--help"], ["ask", "--help"]])
def test_help_loads_neither_rules_nor_engine_nor_any_package(options):
    code = f"from whentocall.cli import main\ntry: main({options!r})\nexcept SystemExit: pass"
    modules = loaded(code)

    assert "argparse" in modules
    assert set() == modules & {*SLOW, "whentocall.protocol", "whentocall.engine"}


@pytest.mark.parametrize("module", COMMANDS)
def test_each_command_is_known_by_the_module_that_adds_it(module):
    """The list is kept so that a start need not import the others to find out."""
    commands = argparse.ArgumentParser().add_subparsers()
    importlib.import_module(f"whentocall.cli.{module}").add_to(commands)

    assert COMMANDS[module] == tuple(commands.choices)


def test_every_module_with_commands_is_listed():
    package = Path(whentocall.cli.__file__).parent
    adding = {path.stem for path in package.glob("*.py") if "\ndef add_to(" in path.read_text("utf-8")}

    assert adding == set(COMMANDS)


def test_a_command_loads_no_other_commands():
    modules = loaded("from whentocall.cli import main; main(['protocols'])")

    assert "whentocall.cli.asking" in modules
    assert "whentocall.cli.authoring" not in modules


def test_only_a_process_of_its_own_is_told_how_to_look_for_rubbish(capsys):
    """Called from Python, the commands change nothing for the rest of the program."""
    before = gc.get_threshold(), gc.get_freeze_count()

    assert 0 == main(["protocols"])
    assert capsys.readouterr().out
    assert before == (gc.get_threshold(), gc.get_freeze_count())


def test_the_version_is_looked_up_only_if_it_is_asked_for():
    code = "from whentocall.cli import main\ntry: main(['--version'])\nexcept SystemExit: pass"

    assert python(code, stream="stdout").startswith("whentocall ")


@pytest.mark.parametrize(
    ("face", "waits", "needed"),
    [("plain.PlainFace", "_line", set()), ("prompts.Prompts", "menu", {"questionary", "prompt_toolkit"})],
    ids=["plain", "menus"],
)
def test_the_first_question_waits_for_no_package_that_it_does_not_show_itself_with(face, waits, needed, made):
    """pydantic checks the first answer, PyYAML reads rule files that are not as they were compiled."""
    module, cls = face.split(".")
    code = ASKING.format(folder=made, face=module, cls=cls, waits=waits, plain=module == "plain")
    modules = set(json.loads(python(code).splitlines()[-1]))

    assert needed <= modules
    assert set() == modules & set(PACKAGES) - needed - {"platformdirs"}  # the settings are looked for first


def test_a_protocol_is_loaded_without_pydantic_and_yaml(made):
    code = (
        "from pathlib import Path; import json, whentocall; from whentocall.protocol import cache;"
        f"cache.COMPILED = Path({made!r}); whentocall.load('all-targeted-drugs')"
    )

    assert set() == loaded(code) & set(PACKAGES)


def test_advice_is_given_without_yaml_and_without_a_terminal(made, tmp_path):
    (tmp_path / "answers.json").write_text('{"temperature": 38.6}', "utf-8")
    code = (
        "from pathlib import Path; from whentocall.protocol import cache;"
        f"cache.COMPILED = Path({made!r}); from whentocall.cli import main;"
        f"main(['advise', 'all-targeted-drugs', '--answers', {str(tmp_path / 'answers.json')!r}])"
    )
    modules = loaded(code)

    assert {"pydantic", "durable_rules_engine"} <= modules
    assert set() == modules & {"yaml", "questionary", "prompt_toolkit", "whentocall.protocol.files"}
