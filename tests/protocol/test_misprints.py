"""A character that only looks like another never changes what a file says, unless a finding names it."""

import re

import pytest
import yaml

from whentocall import RulesError, load
from whentocall._misprints import merge_conflict, misprint, named, odd_character
from whentocall._text import quote
from whentocall.protocol.yaml_file import read

LOOKALIKES = {
    " ": "\t\u00a0\u2007\u202f\u3000\u200b",
    "-": "‐‑–—−\u00ad",
    ":": "：∶ː",
    '"': "“”„＂",
    "'": "‘’′＇",
    "{": "｛",
    "}": "｝",
    "[": "［",
    "]": "］",
    ",": "，",
    "e": "еｅ",  # Cyrillic, full width
    "a": "а\u200ba",
    "\n": "\u200b\n",
}

CARD = """\
title: "Being sick"
source: {document: leaflet, section: 'Being sick'}
ask:
  sick:
    you: Have you been sick?
    they: Have they been sick?
    answer: yes or no
rules:
  sick-at-all:
    when: {sick: yes}
    level: tell
    because: Your team needs to know.
    sentences: [L-01, L-02]
self_care:
  - text: Sip water.
    sentences: [L-01]
  - text: 'Rest.'
    sentences:
      - L-02
"""

FREE = {"you", "they", "because", "text", "section", "title"}
"""Keys whose value is words for people."""


def swaps():
    for place, plain in enumerate(CARD):
        for odd in LOOKALIKES.get(plain, ""):
            yield place, odd


def shape(value, key=""):
    """What a file says, but for the words of a text for people."""
    if isinstance(value, dict):
        return {str(name): shape(inside, name) for name, inside in value.items()}
    if isinstance(value, list):
        return [shape(inside, key) for inside in value]
    return "words" if key in FREE else str(value)


def texts(value):
    """All that a file says, in one text."""
    if isinstance(value, dict):
        return "".join(name + texts(inside) for name, inside in value.items())
    return "".join(map(texts, value)) if isinstance(value, list) else str(value)


def names_it(message, odd):
    return f"U+{ord(odd):04X}" in message or (odd == "\t" and "tab" in message)


@pytest.mark.parametrize("parser", ["libyaml", "pure Python"])
def test_a_lookalike_of_any_sign_is_named_or_changes_nothing(parser, tmp_path, monkeypatch):
    """At every place of a card, with every lookalike: the file says the same, or a message names the sign."""
    if parser == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    path = tmp_path / "card.yaml"
    path.write_text(CARD, "utf-8")
    meant = shape(read(path, "card.yaml")[0])
    silent = []
    for place, odd in swaps():
        path.write_text(f"{CARD[:place]}{odd}{CARD[place + 1 :]}", "utf-8")
        block, findings = read(path, "card.yaml")
        if block is None:
            told = names_it(findings[0].message, odd)
        else:
            told = not findings and (shape(block) == meant or odd in texts(block))
        if not told:
            silent.append((CARD[:place].count("\n") + 1, named(odd), [str(each) for each in findings]))

    assert [] == silent


def test_a_lookalike_in_a_value_that_is_refused_is_named(rules):
    """Each word of a rule that is no text for people, with a character that nobody can see."""
    card = rules / "mini/diarrhoea.yaml"
    sound = card.read_text("utf-8")
    for value in ("contact", "at least 4", "yes or no", "whole number, 0 to 60", "L-01", "leaflet"):
        for odd in "\u00a0\u200b\u2011":
            card.write_text(sound.replace(value, f"{value[:1]}{odd}{value[1:]}", 1), "utf-8")
            with pytest.raises(RulesError) as caught:
                load(rules / "mini")
            assert f"U+{ord(odd):04X}" in str(caught.value), value


@pytest.mark.parametrize(
    "text",
    [
        "Don’t wait: it’s urgent.",
        "37.5\u00a0°C – or more",
        "Say “help” to us",
        "\u00a0Ring us.\u00a0",
        "“Ring us,” they say: do",
        "– and ring us",
    ],
)
def test_words_for_people_may_have_any_of_them_in_quotes_or_blocks(text, tmp_path):
    path = tmp_path / "card.yaml"
    for written in (f'because: "{text}"', f"because: |-\n  {text}"):
        path.write_text(written + "\n", "utf-8")
        assert ({"because": text}, []) == read(path, "card.yaml")


@pytest.mark.parametrize("text", ["Don’t wait, it’s urgent.", "37.5\u00a0°C – or more", "Say “help” to us"])
def test_words_for_people_may_have_them_inside_without_quotes(text, tmp_path):
    path = tmp_path / "card.yaml"
    path.write_text(f"because: {text}\nitems:\n  - {text}\n", "utf-8")

    assert ({"because": text, "items": [text]}, []) == read(path, "card.yaml")


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", "||||||| base", "=======", ">>>>>>> branch", "<<<<<<<"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_each_marker_of_a_merge_conflict_is_told(marker, newline, tmp_path):
    path = tmp_path / "card.yaml"
    path.write_bytes(newline.join(["a: 1", "b: 2", marker, "c: 3", ""]).encode())
    block, [finding] = read(path, "card.yaml")

    assert (None, 3, "merge-conflict") == (block, finding.line, finding.code)


@pytest.mark.parametrize("text", ["a: <<<<<<<", "  =======", "========", "a: '======='", "<<<<<<<<"])
def test_what_is_no_marker_of_git_is_no_merge_conflict(text):
    assert merge_conflict(text) is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("a: 1\n".encode("utf-16"), "this file is UTF-16 text: save it as UTF-8"),
        ("a: 1\n".encode("utf-16-le"), "this file is UTF-16 text"),
        ("a: 1\n".encode("utf-16-be"), "this file is UTF-16 text"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xd2\x00", "this file is not text"),
        ("a: é\n".encode("latin-1"), "this line is not UTF-8 text: save the file as UTF-8"),
    ],
)
def test_a_file_that_is_not_utf_8_is_told_for_what_it_is(data, says, tmp_path):
    path = tmp_path / "card.yaml"
    path.write_bytes(data)
    _, [finding] = read(path, "card.yaml")

    assert says in finding.message
    assert "not-utf-8" == finding.code


def test_a_misprint_is_looked_for_where_the_parser_was_lost_and_not_elsewhere(tmp_path):
    """An innocent en dash far above is not blamed for a missing bracket."""
    path = tmp_path / "card.yaml"
    path.write_text("a: |\n  – Rest.\nb: 1\nc: 2\nd: 3\ne: [1\nf: 2\n", "utf-8")
    _, [finding] = read(path, "card.yaml")

    assert "U+2013" not in finding.message


@pytest.mark.parametrize("text", ["", "plain", "37.5 °C", "Kälte", "температура", "ελ", "3 × 2", "…"])
def test_what_nobody_takes_for_another_sign_is_not_odd(text):
    assert "" == odd_character(text)
    assert f"'{text}'" == quote(text)


def test_no_plain_line_is_a_misprint(good):
    for path in good.rglob("*.yaml"):
        for line in path.read_text("utf-8").splitlines():
            assert "" == misprint(line)
            assert not re.search("[^\x00-\x7f]", line) or "" == odd_character(line)
