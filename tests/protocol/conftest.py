"""A small sound protocol to break, and the findings that come out of it."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from whentocall import RulesError, load

GALLERY = Path(__file__).parents[1] / "broken_rules"
GOOD = GALLERY / "good"


@pytest.fixture
def good():
    """The folder of the small sound protocol `mini`, with its layer `signs`; not to be written to."""
    return GOOD


@pytest.fixture
def rules(tmp_path):
    """A copy of the small sound protocol, to be changed."""
    return Path(shutil.copytree(GOOD, tmp_path / "rules"))


@pytest.fixture
def mini(rules):
    """The copy, loaded."""
    return load(rules / "mini")


@pytest.fixture
def edit(rules):
    """Replaces a text that stands in a file of the copy."""

    def replace(file, old, new):
        text = (rules / file).read_text("utf-8")
        assert old in text, f"{old!r} is not in {file}"
        (rules / file).write_text(text.replace(old, new, 1), "utf-8")
        return rules / "mini"

    return replace


@pytest.fixture
def findings(rules):
    """What is found in the copy, as (file, line, message, code), the file from the rules folder on."""

    def found(name="mini"):
        with pytest.raises(RulesError) as caught:
            load(rules / name)
        return [
            (one.file.removeprefix(f"{rules}/"), one.line, one.message, one.code)
            for one in caught.value.findings
        ]

    return found


@pytest.fixture
def broken(rules, findings):
    """Lays a file of the gallery over the copy; gives what it expects and what was found."""

    def lay(path):
        expected = _header(path)
        shutil.copyfile(path, rules / expected.file)
        return expected, findings()

    return lay


def _header(path):
    """The comments at the top of a file of the gallery: `# file: mini/diarrhoea.yaml`, `# line: 14` ..."""
    lines = path.read_text("utf-8").splitlines()
    pairs = [line.removeprefix("# ").split(": ", 1) for line in lines[:6] if line.startswith("# ")]
    said = dict(pair for pair in pairs if len(pair) == 2)
    return SimpleNamespace(
        file=said["file"],
        found_in=said.get("found in", said["file"]),
        line=int(said["line"]),
        says=said["says"],
        says_not=said.get("says not"),
        code=said["code"],
    )
