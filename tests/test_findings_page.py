"""docs/findings.md explains every code that a finding can have, and no other."""

import ast
import re
from pathlib import Path

import whentocall

PAGE = Path(__file__).parents[1] / "docs" / "findings.md"
PACKAGE = Path(whentocall.__file__).parent
NOT_CODES = {
    *("yes-no", "one-of", "whole-number", "utf-8", "utf-8-sig"),
    *("rev-parse", "all-targeted-drugs", "side-effects", "self-care"),
}


def texts():
    """Every text in the code that finds something."""
    for path in (*(PACKAGE / "protocol").glob("*.py"), *(PACKAGE / "authoring").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def told():
    """The codes in the first column of the page's tables."""
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return [code for row in rows for code in re.findall(r"`([a-z-]+)`", row)]


def test_every_code_is_explained_once_and_every_explanation_has_a_code():
    known = set(texts())
    with_hyphens = {text for text in known if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)} - NOT_CODES

    assert with_hyphens <= set(told())
    assert set(told()) <= known
    assert len(told()) == len(set(told()))
