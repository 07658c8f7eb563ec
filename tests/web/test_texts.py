"""The sentences of the web face."""

import re
import string
from importlib.resources import files

import pytest

from whentocall.interview import texts
from whentocall.web import texts as web

NAMES = sorted(name for name in vars(web) if name.isupper())
WRITTEN = "".join(
    file.read_text("utf-8")
    for file in files("whentocall.web").iterdir()
    if file.name.endswith((".py", ".jinja"))
)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_shown_somewhere_and_is_in_the_list_that_is_checked(name):
    assert re.search(rf"\bweb\.{name}\b", WRITTEN)
    assert getattr(web, name) in web.every_text()


@pytest.mark.parametrize("text", web.every_text())
def test_a_text_is_plain_and_has_no_word_of_the_trade(text):
    assert text.strip()
    assert text.isprintable()
    assert "  " not in text
    found = re.findall(r"(?i)\b(triage|protocol|rule|symptom|JSON|questionnaire|invalid|error)\b", text)
    assert [] == found
    assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(text))


def test_no_text_of_the_other_faces_is_written_twice():
    assert set() == set(web.every_text()) & set(texts.every_text())


def test_no_template_has_words_of_its_own():
    """Every word that a person reads stands in a list that is checked."""
    for file in files("whentocall.web").iterdir():
        if file.name.endswith(".jinja"):
            shown = re.sub(r"(?s)\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>", " ", file.read_text("utf-8"))
            assert [] == re.findall(r"[A-Za-z]+", shown), file.name


def test_hints_name_the_lines_that_are_there():
    assert texts.NONE_OF_THESE in web.TICK_FIRST
    assert texts.DONT_KNOW in web.TYPE_FIRST
    assert texts.DONT_KNOW in web.NOT_BOTH_NUMBER
