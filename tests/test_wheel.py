"""What an installed whentocall is: its face, its rules, and what importing it costs. Run on the wheel too."""

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import whentocall
from whentocall.protocol.cache import restore
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import shipped_rules

pytestmark = pytest.mark.smoke


def run_python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_all_is_what_the_module_shows():
    shown = {name for name in dir(whentocall) if not name.startswith("_")}
    modules = {
        name for name in shown if f"whentocall.{name}" in sys.modules and name not in whentocall.__all__
    }

    assert set(whentocall.__all__) == shown - modules
    assert sorted(whentocall.__all__) == whentocall.__all__
    assert whentocall.__all__ == [getattr(whentocall, name).__name__ for name in whentocall.__all__]
    with pytest.raises(AttributeError, match="has no attribute 'lod'"):
        whentocall.lod  # noqa: B018


def test_the_module_shows_its_names_before_they_are_used():
    code = "import whentocall; print(*[one for one in dir(whentocall) if one[0] != '_'])"

    assert whentocall.__all__ == run_python(code).split()


def test_names_lead_where_type_checkers_think():
    """They are fetched when first used; a checker reads imports that never run."""
    tree = ast.parse(Path(whentocall.__file__).read_text("utf-8"))
    imports = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.module != "importlib"]
    said = {name.name: importlib.import_module(one.module) for one in imports for name in one.names}

    assert set(whentocall.__all__) == set(said)
    for name, module in said.items():
        assert getattr(module, name) is getattr(whentocall, name)


def test_the_rules_are_inside_or_beside_the_package():
    assert (shipped_rules() / "levels.yaml").is_file()
    assert {"all-targeted-drugs", "neuroblastoma-targeted-therapy"} <= {
        path.name for path in shipped_rules().iterdir()
    }


def test_a_wheel_brings_its_rules_compiled():
    rules = shipped_rules()
    if rules.parent != Path(whentocall.__file__).parent:
        pytest.skip("a checkout compiles its rules for itself, if it does")

    for name in protocol_names(rules):
        assert restore(name, rules) is not None, name


def test_templates_are_part_of_the_package():
    authoring = Path(whentocall.__file__).parent / "authoring"

    assert {"card", "protocol", "source"} == {
        path.name.removesuffix(".yaml.template") for path in (authoring / "templates").iterdir()
    }


def test_a_developer_embeds_it_in_three_lines():
    protocol = whentocall.load("all-targeted-drugs")
    advice = whentocall.advise(protocol, {"temperature": 38.6})

    assert "immediately" == advice.level
    assert "immediately" == json.loads(advice.to_json())["level"]


def test_importing_the_library_loads_no_terminal_no_command_line_and_no_engine():
    """`import whentocall` is for developers too, who have no terminal."""
    code = "import sys, whentocall; print([m for m in %r if m in sys.modules])"
    heavy = ["questionary", "prompt_toolkit", "argparse", "durable_rules_engine", "durable", "platformdirs"]

    assert "[]" == run_python(code % heavy).strip()


def test_the_package_says_that_it_is_typed():
    assert (Path(whentocall.__file__).parent / "py.typed").is_file()


def test_the_bench_needs_no_solver_before_it_proves():
    """So `check --no-proofs` runs without any extra."""
    assert (
        "False" == run_python("import sys, whentocall.authoring.command; print('z3' in sys.modules)").strip()
    )
