"""A copy of the shipped rules to break, and small protocols to prove things about."""

from types import SimpleNamespace

import pytest

from whentocall import load

SOURCE = """
title: A document for tests
publisher: Nobody
seen: 2026-11-21
sentences:
  T-1: {section: All of it, point: Everything that the tests need.}
"""
HEAD = """
title: A protocol for tests
who_for: Nobody.
version: "1"
region: {name: Nowhere, emergency_number: "000", emergency_place: the tent}
documents: [tests]
when_unsettled: amber
written: 2026-11-21
review_due: 2027-11-21
"""
LEVELS = """
who: {nurse: the nurse}
levels:
  red: {word: Red, who: [nurse], headline: "Call {who} now", how_soon: Now., colour: red}
  amber: {word: Amber, who: [nurse], headline: "Call {who} today", how_soon: Today., colour: orange}
  green: {word: Green, headline: Nothing to report, how_soon: Never., colour: green, self_care: yes}
"""


def yes_no(name, more=""):
    return f"  {name}: {{you: Is it?, they: Is it?, short: {name}, answer: yes or no{more}}}\n"


def number(name, range_="whole number, 0 to 20", more=""):
    return f"  {name}: {{you: How many?, they: How many?, short: {name}, answer: '{range_}'{more}}}\n"


def choice(name, options, more=""):
    listed = ", ".join(f"{one}: {one.upper()}" for one in options)
    asked = f"you: Which?, they: Which?, short: {name}, answer: one of, options: {{{listed}}}"
    return f"  {name}: {{{asked}{more}}}\n"


def rule(name, when, level="red"):
    return f"  {name}: {{when: {when}, level: {level}, because: It is so., sentences: [T-1]}}\n"


@pytest.fixture
def protocol(tmp_path):
    """Writes a protocol of one card per pair of questions and rules, and loads it."""
    made = []

    def write(*cards, head="", levels=LEVELS):
        made.append(1)
        folder = tmp_path / f"rules{len(made)}" / "small"
        folder.mkdir(parents=True)
        (folder.parent / "sources").mkdir()
        (folder.parent / "sources" / "tests.yaml").write_text(SOURCE, "utf-8")
        (folder.parent / "levels.yaml").write_text(levels, "utf-8")
        names = [f"card{place}" for place in range(len(cards))]
        for name, (ask, rules) in zip(names, cards, strict=True):
            start = f"title: {name}\nsource: {{document: tests, section: All of it}}\n"
            asked = f"ask:\n{''.join(ask)}" if ask else ""
            (folder / f"{name}.yaml").write_text(f"{start}{asked}rules:\n{''.join(rules)}", "utf-8")
        (folder / "protocol.yaml").write_text(f"{HEAD}cards: [{', '.join(names)}]\n{head}\n", "utf-8")
        return load(folder)

    return write


@pytest.fixture
def lines():
    """The lines that rule files of these tests are made of."""
    return SimpleNamespace(yes_no=yes_no, number=number, choice=choice, rule=rule)
