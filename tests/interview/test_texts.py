"""The sentences of the interface."""

import re
import string

import pytest

from whentocall.interview import texts

NAMED = {
    name: value if isinstance(value, str) else " ".join(getattr(value, "values", lambda v=value: v)())
    for name, value in vars(texts).items()
    if name.isupper()
}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_text_is_in_the_list_that_is_checked(name):
    listed = " ".join(texts.every_text())
    value = getattr(texts, name)
    parts = [value] if isinstance(value, str) else value.values() if isinstance(value, dict) else value
    assert all(part in listed for part in parts)
    assert all(part.strip() for part in parts)


@pytest.mark.parametrize("text", texts.every_text())
def test_no_word_of_the_trade_is_shown(text):
    found = re.findall(r"(?i)\b(triage|protocol|rule|symptom|JSON|questionnaire|invalid|error)\b", text)
    assert [] == found


@pytest.mark.parametrize("text", texts.every_text())
def test_a_text_is_plain_printable_text(text):
    assert text.isprintable()
    assert "  " not in text


@pytest.mark.parametrize("text", texts.every_text())
def test_places_to_fill_in_are_named(text):
    names = [field for _, field, _, _ in string.Formatter().parse(text) if field is not None]
    assert all(name.isidentifier() for name in names)


def test_lines_of_a_checklist_cannot_be_mistaken_for_each_other():
    lines = [texts.NONE_OF_THESE, texts.NOT_SURE, texts.GO_BACK, texts.YES, texts.NO, texts.DONT_KNOW]
    assert len(lines) == len(set(lines))


def test_the_hint_about_missing_ticks_names_the_line_that_is_there():
    assert texts.NONE_OF_THESE in texts.TICK_FIRST
    assert texts.NONE_OF_THESE in texts.NOT_BOTH
