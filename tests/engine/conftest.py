"""Protocols for the tests of the engine: the shipped ones, and small ones written for one test."""

import textwrap
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import pytest

from whentocall import load
from whentocall.engine.answers import answers_model
from whentocall.protocol.conditions import terms

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
written: 2026-11-21
review_due: 2027-11-21
"""

LEVELS = """
who:
  nurse: the nurse
levels:
  red: {word: Red, who: [nurse], headline: "Call {who} now", how_soon: Now., colour: red}
  amber: {word: Amber, who: [nurse], headline: "Call {who} today", how_soon: Today., colour: orange}
  green: {word: Green, headline: Nothing to report, how_soon: Never., colour: green, self_care: yes}
"""


@pytest.fixture
def write_protocol(tmp_path):
    """Writes a protocol `tests` of one card per text, with levels red, amber and green, and loads it."""

    def write(*cards, head="when_unsettled: amber", levels=LEVELS):
        folder = tmp_path / "rules" / "tests"
        (folder.parent / "sources").mkdir(parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        (folder.parent / "sources" / "tests.yaml").write_text(SOURCE, "utf-8")
        (folder.parent / "levels.yaml").write_text(levels, "utf-8")
        names = []
        for number, card in enumerate(cards):
            names.append(f"card{number}")
            start = f"title: Card {number}\nsource: {{document: tests, section: All of it}}\n"
            (folder / f"card{number}.yaml").write_text(start + textwrap.dedent(card), "utf-8")
        own = f"{HEAD}cards: [{', '.join(names)}]\n{textwrap.dedent(head)}\n"
        (folder / "protocol.yaml").write_text(own, "utf-8")
        return load(folder)

    return write


@pytest.fixture
def yes_no():
    """The YAML of yes/no questions: one line each, for the `ask` of a card."""

    def lines(*names, more=""):
        asked = "you: Is it so?, they: Is it so?, short: It"
        return "".join(f"  {one}: {{{asked}, answer: yes or no{more}}}\n" for one in names)

    return lines


@pytest.fixture
def rule_line():
    """The YAML of a rule: one line."""

    def line(name, when, level="red"):
        return f"  {name}: {{when: {when}, level: {level}, because: It is so., sentences: [T-1]}}\n"

    return line


@pytest.fixture
def rule_set():
    """A stand-in for a protocol that has nothing but conditions: all that the engine reads of one."""

    def build(*conditions):
        return SimpleNamespace(rules=tuple(SimpleNamespace(terms=terms(one)) for one in conditions))

    return build


@cache
def loaded(name):
    """A shipped protocol, its answers model made; without an engine."""
    protocol = load(name)
    protocol.once(answers_model)
    return protocol


def fresh(name):
    """A copy with an engine of its own, so that a test may break it."""
    protocol = loaded(name)
    return replace(protocol, _memo=dict(protocol._memo))


@pytest.fixture
def all_targeted():
    return fresh("all-targeted-drugs")


@pytest.fixture(params=["all-targeted-drugs", "neuroblastoma-targeted-therapy"])
def shipped(request):
    """Each shipped protocol."""
    return fresh(request.param)


@pytest.fixture
def nothing_else():
    """The answers of a person who reports nothing but what is given; a temperature is 36.8."""

    def answers(protocol, **given):
        found = {}
        for one in protocol.questions.values():
            if one.only_if is None:
                found[one.id] = {"yes-no": False, "temperature": 36.8, "one-of": "other"}[one.answer.kind]
        return {**found, **given}

    return answers


# Not worked out twice, as the level does not rest on it. (Of `settle`, what it could reach at most is.)
UNCHECKED = {"watch_for", "self_care", "settle"}


@pytest.fixture
def safe():
    """Holds that a result with a fault is safe, beside the one without."""
    return _safe


def _safe(protocol, clean, advice, least="contact"):
    """Never below the result without a fault; whole in itself; and either told, or no different."""
    ranks, level = protocol.ranks, protocol.levels[protocol.ranks[advice.level]]
    assert ranks[clean.level] <= ranks[advice.level]
    assert ranks[advice.at_least] <= ranks[advice.level] <= ranks[advice.could_be]
    assert max((ranks[one.level] for one in advice.reasons), default=0) <= ranks[advice.level]
    voice = advice.request.voice
    assert protocol.headline(level, voice) == advice.headline
    assert protocol.first_steps(level, voice) == advice.first
    assert protocol.how_soon(level, voice) == advice.contact.how_soon
    assert next(iter(protocol.contact_roles(level)), None) == advice.contact.who
    assert getattr(advice, "rank", ranks[level.id]) == ranks[level.id]
    assert clean.finished or not advice.finished or advice.problems
    assert ranks[clean.at_least] <= ranks[advice.at_least]
    assert ranks[clean.could_be] <= ranks[advice.could_be]
    if advice.problems:
        assert ranks[least] <= ranks[advice.level]
        assert all(advice.headline in one.text for one in advice.problems)
    else:
        assert _told(clean) == _told(advice)


def _told(advice):
    """What of a result is checked."""
    reasons = sorted((reason.rule, reason.level) for reason in advice.reasons)
    reach = advice.settle[0].could_reach if advice.settle else None
    # That nothing is finished may always be said: more is asked.
    return advice.model_dump(exclude={*UNCHECKED, "reasons", "finished"}), reasons, reach
