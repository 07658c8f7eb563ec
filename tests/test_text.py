"""Titles and sentences are made from names and texts in one way."""

import pytest

from whentocall._text import capital, lower_first, title_of


@pytest.mark.parametrize(
    ("text", "expected"), [("", ""), ("a rash", "A rash"), ("éclat", "Éclat"), ("MRI", "MRI")]
)
def test_a_sentence_starts_with_a_capital_and_keeps_the_rest(text, expected):
    assert expected == capital(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Sore mouth", "sore mouth"),
        ("A rash", "a rash"),
        ("MRI scan", "MRI scan"),
        ("X-ray", "X-ray"),
    ],
)
def test_inside_a_sentence_only_abbreviations_keep_their_capitals(text, expected):
    assert expected == lower_first(text)


@pytest.mark.parametrize("name", ["many-loose-stools", "diarrhoea/many-loose-stools", "many_loose_stools"])
def test_an_id_reads_as_a_title(name):
    assert "Many loose stools" == title_of(name)
