"""What somebody reads whose Python or compiler is not what is needed. Nothing is installed here."""

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED = SpecifierSet(PROJECT["requires-python"])


class Aborted(Exception):
    """The build was stopped with a message."""


def abort(message):
    raise Aborted(message)


@pytest.fixture
def hook(tmp_path, monkeypatch):
    """The build hook for a wheel, in a folder without rules."""
    monkeypatch.delenv("PIP_BUILD_TRACKER", raising=False)
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / "src/build_hook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    metadata = SimpleNamespace(core=SimpleNamespace(python_constraint=NEEDED))
    app = SimpleNamespace(abort=abort)
    return module.CompileRules(str(tmp_path), {}, None, metadata, str(tmp_path), "wheel", app)


@pytest.fixture
def python(monkeypatch):
    def is_now(version):
        monkeypatch.setattr("platform.python_version", lambda: version)

    return is_now


@pytest.mark.parametrize("version", ["3.8.18", "3.10.13", "3.14.0", "3.14.0rc1", "4.0.0"])
def test_on_another_python_pip_is_left_to_say_which_one_is_needed(version, hook, python, monkeypatch):
    """It does so as soon as it has the metadata, which it builds with this hook first."""
    monkeypatch.setenv("PIP_BUILD_TRACKER", "somewhere")
    python(version)
    build_data = {"force_include": {}}
    hook.initialize("standard", build_data)

    assert {"force_include": {}} == build_data


@pytest.mark.parametrize("version", ["3.8.18", "3.10.13", "3.14.0"])
def test_on_another_python_any_other_build_is_stopped_with_a_message(version, hook, python):
    python(version)

    with pytest.raises(
        Aborted, match=rf"^whentocall needs Python .*>=3\.11.*, and this is Python {version}$"
    ):
        hook.initialize("standard", {"force_include": {}})


@pytest.mark.parametrize("version", ["3.11.0", "3.12.9", "3.13.0rc2"])
def test_a_python_that_is_right_is_taken(version, hook, python):
    python(version)

    assert hook._is_python_right()


def make(tmp_path, *settings):
    """What `make` says before it installs anything."""
    command = ["make", "--no-print-directory", f"VENV={tmp_path / 'venv'}", *settings]
    done = subprocess.run(
        [*command, str(tmp_path / "venv/build.stamp")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert 2 == done.returncode
    assert not (tmp_path / "venv").exists()
    return done.stderr.splitlines()[0]


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@needs_make
def test_make_without_a_compiler_says_what_to_install(tmp_path):
    said = make(tmp_path, "CC=no-such-compiler", f"PYTHON={sys.executable}")

    assert "A C compiler (no-such-compiler) is needed to install durable-rules" in said
    assert "apt install build-essential python3-dev (or xcode-select --install on a Mac)" in said


@needs_make
def test_make_with_a_compiler_that_refuses_says_what_to_install(tmp_path):
    """One without Python's headers, or which only offers to install itself."""
    said = make(tmp_path, "CC=false", f"PYTHON={sys.executable}")

    assert said.startswith("false cannot compile for ")
    assert "apt install build-essential python3-dev" in said


@needs_make
@pytest.mark.parametrize("version", ["3.10.13", "3.14.0"])
def test_make_with_another_python_says_which_one_is_needed(version, tmp_path):
    other = tmp_path / "python"
    other.write_text(f'#!/bin/sh\n[ "$1" = -V ] && echo Python {version}\nexit 1\n', "utf-8")
    other.chmod(0o755)

    assert f"Python 3.11, 3.12 or 3.13 is needed, and {other} is Python {version}" == make(
        tmp_path, f"PYTHON={other}"
    )


@needs_make
def test_make_without_any_python_says_which_one_is_needed(tmp_path):
    assert "Python 3.11, 3.12 or 3.13 is needed, and none is on the path" in make(tmp_path, "PYTHON=")


EXTRAS = [Requirement(line) for lines in PROJECT["optional-dependencies"].values() for line in lines]


@pytest.mark.parametrize("wanted", [*map(Requirement, PROJECT["dependencies"]), *EXTRAS], ids=str)
def test_what_is_installed_here_is_what_the_project_asks_for(wanted):
    """Otherwise the tests would say nothing about what people install."""
    if wanted.marker is None or wanted.marker.evaluate():
        assert wanted.specifier.contains(importlib.metadata.version(wanted.name))


@pytest.mark.parametrize(
    ("name", "too_old"),
    [("jinja2", "3.1.5"), ("starlette", "0.49.0"), ("pyyaml", "5.4"), ("uvicorn", "0.53.0")],
)
def test_a_version_with_a_known_fault_is_never_asked_for(name, too_old):
    asked = [
        wanted for wanted in [*map(Requirement, PROJECT["dependencies"]), *EXTRAS] if wanted.name == name
    ]

    assert asked
    assert not any(wanted.specifier.contains(too_old) for wanted in asked)


def test_uvicorn_is_pinned_while_its_insides_are_overridden():
    """`http/server.py` overrides what uvicorn does not promise to keep: each minor version is tried."""
    (wanted,) = (extra for extra in EXTRAS if extra.name == "uvicorn")
    major, minor, *_ = importlib.metadata.version("uvicorn").split(".")

    assert "from uvicorn.protocols" in (ROOT / "src/whentocall/http/server.py").read_text("utf-8")
    assert not wanted.specifier.contains(f"{major}.{int(minor) + 1}.0")
    assert not wanted.specifier.contains(f"{major}.{int(minor) - 1}.0")
