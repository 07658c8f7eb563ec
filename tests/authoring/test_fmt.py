"""One layout for rule files: a second run changes nothing, and what a file says never changes."""

import random
import shutil
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.effort import examples
from whentocall import RulesError, load
from whentocall.authoring import fmt_order
from whentocall.authoring.fmt import WIDTH, format_path, format_text, with_more
from whentocall.authoring.fmt_order import layout
from whentocall.authoring.fmt_tree import tree_of
from whentocall.protocol.load import shipped_rules
from whentocall.protocol.yaml_file import read

FILES = sorted(shipped_rules().rglob("*.yaml"))
SHORT = [path for path in FILES if path.stat().st_size < 3000]
ODD = """\
---
# about this file

cases:
- # bare dash
  name:   "It's #1"   # beside
  expect: { rules: [ a ,b ],level: tell }
  given: {
    x: no,  # why no
    y: 1.10 }


# about the rules
rules:

    high:
        # about the level
        level: tell
        # about when
        when:
        - x: 37.0
          y: no
        because: >-
            Folded text that goes on and on and on and on and on and on and on and on and on and on, and
            ends here.

              indented

            # no comment
        interpretation: |
            literal
             text
        # still about high
      # odd
    # about low
    low: {when: {x: "one of [a, b]"}}
  # at the end of the rules
title: 'Don''t
  know'
source: {document: d,
   section: Some section}
# the end
"""
TIDY = """\
# about this file

title: 'Don''t
  know'
source: {document: d, section: Some section}

# about the rules
rules:
  high:
    # about when
    when:
      - x: 37.0
        y: no
    # about the level
    level: tell
    because: >-
      Folded text that goes on and on and on and on and on and on and on and on and on and on, and
      ends here.

        indented

      # no comment
    interpretation: |
      literal
       text
    # still about high
    # odd

  # about low
  low: {when: {x: "one of [a, b]"}}
  # at the end of the rules

cases:
  # bare dash
  - name: "It's #1"  # beside
    given:
      x: no  # why no
      y: 1.10
    expect: {level: tell, rules: [a, b]}
# the end
"""


def same_meaning(before, after, tmp_path):
    """Equal for the loader, whatever the layout."""
    values = []
    for text in (before, after):
        path = tmp_path / "one.yaml"
        path.write_text(text, "utf-8")
        value, findings = read(path, "one.yaml")
        assert [] == findings
        values.append(value)
    return values[0] == values[1]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(shipped_rules())))
def test_formatting_twice_is_formatting_once_and_keeps_what_is_said(path, tmp_path):
    text = path.read_text("utf-8")
    once = format_text(text)

    assert once == format_text(once)
    assert same_meaning(text, once, tmp_path)


def test_formatting_leaves_the_hash_of_every_protocol_as_it_is(rules):
    names = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
    before = [load(name).sha256 for name in names]
    for path in rules.folder.rglob("*.yaml"):
        path.write_text(shaken(path.read_text("utf-8"), 7), "utf-8")
    format_path(rules.folder, check_only=False)

    assert before == [load(name, rules=rules.folder).sha256 for name in names]


def deeper_by(line, factor):
    """The line with `factor` times its indentation; what stands after a dash moves along."""
    inner = line.lstrip(" ")
    outer = " " * ((len(line) - len(inner)) * factor)
    return f"{outer}-{' ' * (2 * factor - 1)}{inner[2:]}" if inner.startswith("- ") else outer + inner


def shaken(text, seed):
    """The same file as another hand might lay it out."""
    dice = random.Random(seed)
    factor = dice.choice((1, 2, 4))
    lines = []
    deeper = None
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if deeper is not None and line.strip() and indent <= deeper:
            deeper = None
        roll = dice.random()
        if deeper is None and roll < 0.1:
            lines.append("")
        elif deeper is None and roll < 0.2:
            lines.append(" " * dice.randrange(9) + f"# note {dice.randrange(99)}: it's {{odd}}")
        tail = dice.choice(("  # aside", " ", "")) if deeper is None and line.strip() and roll > 0.9 else ""
        if line.rstrip().endswith(("{", "[")) or line.lstrip().startswith("#"):
            tail = ""
        lines.append(deeper_by(line, factor) + tail)
        if line.endswith((">", "|")):
            deeper = indent
    return "\n".join(lines)


@examples(40)
@given(path=st.sampled_from(SHORT), seed=st.integers(0, 10**9))
def test_whatever_the_layout_was_a_second_run_changes_nothing(path, seed):
    text = shaken(path.read_text("utf-8"), seed)
    once = format_text(text)

    assert once == format_text(once)
    assert sorted(tree_of(text).comments) == sorted(tree_of(once).comments)


@examples(20)
@given(path=st.sampled_from(SHORT), factor=st.sampled_from((2, 3)), windows=st.booleans())
def test_indentation_and_line_ends_leave_no_trace(path, factor, windows):
    text = path.read_text("utf-8")
    other = "\n".join(deeper_by(line, factor) for line in text.split("\n"))

    assert format_text(text) == format_text(other.replace("\n", "\r\n") if windows else other)


def test_the_whole_of_an_odd_file():
    assert TIDY == format_text(ODD)


def test_an_odd_file_says_what_it_said(tmp_path):
    assert same_meaning(ODD, format_text(ODD), tmp_path)
    assert format_text(ODD) == format_text(format_text(ODD))


@pytest.mark.parametrize(
    "value",
    [
        "no",
        "yes",
        "1.10",
        "37.0",
        "2026-11-21",
        "0x10",
        "1e3",
        "~",
        "null",
        "don't know",
        '"no"',
        "'1.0'",
        "007",
    ],
)
def test_a_value_stays_the_text_it_is(value):
    assert f"title: {value}\n" == format_text(f"title:    {value}   \n")
    assert f"case: {{a: {value}}}\n" == format_text(f"case: {{ a:   {value} }}\n")


def test_keys_stand_in_the_order_of_the_models():
    text = "rules:\n  a:\n    sentences: [A-1]\n    level: tell\n    # why\n    when: {x: yes}\ntitle: T\n"

    expected = (
        "title: T\n\nrules:\n  a:\n    # why\n    when: {x: yes}\n    level: tell\n    sentences: [A-1]\n"
    )
    assert expected == format_text(text)


def test_the_head_of_a_file_stays_above_whatever_comes_first():
    text = "# about this file\nrules: {}\n# about the title\ntitle: T\n"

    assert "# about this file\n# about the title\ntitle: T\n\nrules: {}\n" == format_text(text)


def test_what_is_asked_and_the_rules_are_set_apart_by_one_blank_line():
    text = "ask:\n\n  a:\n    you: A\n  # about b\n  b:\n    you: B\n\n\n\n  c:\n    you: C\n"

    expected = "ask:\n  a:\n    you: A\n\n  # about b\n  b:\n    you: B\n\n  c:\n    you: C\n"
    assert expected == format_text(text)


def test_a_list_over_several_lines_is_joined_where_it_fits_and_else_has_a_line_for_each():
    assert "cards: [a, b]\n" == format_text("cards: [a,\n   b]\n")
    names = [f"a-rather-long-name-{number}" for number in range(9)]
    spread = "cards: [" + ",\n ".join(names) + "]\n"

    assert "cards:\n" + "".join(f"  - {name}\n" for name in names) == format_text(spread)


def test_what_stands_on_one_line_stays_there_however_long():
    for text in (f"title: {'word ' * 40}end\n", f"cards: [{'name, ' * 40}end]\n"):
        assert text == format_text(text)


def test_a_folded_text_with_a_line_too_long_is_filled_anew():
    text = f"about: >\n  {'word ' * 40}end\n  more\n\n  {'short'}\n  lines\n"
    lines = format_text(text).split("\n")

    assert max(map(len, lines)) <= WIDTH
    assert ["", "  short", "  lines", ""] == lines[-4:]


@pytest.mark.parametrize(
    "text",
    [
        "a: >\nb: c\n",
        "a: |\n  spaces at the end  \nb: c\n",
        "a: |+\n  x\n\n\nb: c\n",
        "a: |+\n  x\n\n",
        "a: |2\n    x\n   y\n",
        "a: >-  # beside\n  # no comment\n# below\nb: c\n",
    ],
)
def test_a_block_text_keeps_its_spaces_and_blank_lines(text):
    assert text == format_text(text)


def test_one_comment_for_each_key_of_a_list_in_brackets_is_kept_where_it_belongs():
    text = "when: {a: yes,  # first\n  # second\n  b: no}  # last\n"

    assert "when:\n  a: yes  # first\n  # second\n  b: no  # last\n" == format_text(text)


def models(model):
    """A model and those of its parts, at any depth."""
    return {model}.union(*(models(part) for part, _ in layout(model).values() if part))


def keys_of(model):
    return model.keys() if hasattr(model, "keys") else [item.name for item in fields(model)]


def test_the_order_names_every_key_of_every_model():
    every = set().union(*map(models, fmt_order.FILES))

    assert {"Question", "Expect", "CardSource", "Wording", "Escalation", "Sentence", "SignOff"} <= {
        model.__name__ for model in every
    }
    for model in every:
        assert set(keys_of(model)) == set(layout(model))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: [1\n", "not-yaml"),
        ("- a\n", "not-a-mapping"),
        ("", "not-a-mapping"),
        ("a: &x 1\n", "anchor"),
        ("a: 1\na: 2\n", "duplicate-key"),
        ("a: b\u2028c\n", "not-yaml"),
    ],
)
def test_what_cannot_be_read_is_refused(text, code):
    with pytest.raises(RulesError) as refused:
        format_text(text, shown="card.yaml")
    assert {code} == {finding.code for finding in refused.value.findings}
    assert "card.yaml" == refused.value.findings[0].file


def test_nothing_is_written_when_only_checking_or_when_one_file_cannot_be_read(rules):
    layer = rules.folder / "childhood-when-to-call"
    card = layer / "other-signs.yaml"
    text = card.read_text("utf-8").replace("title: ", "title:   ")
    card.write_text(text, "utf-8")

    assert card in format_path(layer, check_only=True)
    rules.append("childhood-when-to-call/tummy-and-drinking.yaml", "  bad: [\n")
    with pytest.raises(RulesError, match="tummy-and-drinking"):
        format_path(layer, check_only=False)
    assert text == card.read_text("utf-8")


def test_a_single_file_is_written_in_its_layout(tmp_path):
    card = tmp_path / "card.yaml"
    shutil.copy(shipped_rules() / "all-targeted-drugs/skin.yaml", card)
    tidy = format_text(card.read_text("utf-8"))
    card.write_bytes(b"\xef\xbb\xbf" + tidy.replace("level: ", "level:    ").encode())

    assert [card] == format_path(card, check_only=False)
    assert tidy.encode() == card.read_bytes()
    assert [card] == list(tmp_path.iterdir())


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RulesError, match="no such file"):
        format_path(tmp_path / "nowhere", check_only=True)


def test_more_is_added_to_lists_and_comments_stay():
    text = "cards:\n  - a  # first\n\n# below\nscreens: [s]\nwritten: 2026-11-21\n"
    added = with_more(text, "cards: [b]\nscreens:\n  - {title: T}\nescalate: [x]\n")

    expected = (
        "cards:\n  - a  # first\n  - b\n\n# below\nscreens: [s, {title: T}]\nescalate: [x]\n"
        "written: 2026-11-21\n"
    )
    assert expected == added


def test_more_keeps_its_own_comments():
    assert "cards:\n  - a\n  # why\n  - b  # beside\n" == with_more(
        "cards: [a]\n", "cards:\n  # why\n  - b  # beside\n"
    )


def test_more_is_refused_where_there_is_no_list():
    with pytest.raises(RulesError, match="'cards' should be a list"):
        with_more("cards: none\n", "cards: [b]\n")
