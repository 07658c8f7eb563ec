"""Protocols for the tests of the engine: the shipped ones, and small ones written for one test."""

from functools import partial
from types import SimpleNamespace

import pytest

from support import small_protocols
from support.shipped import NAMES, fresh
from whentocall.protocol.conditions import terms


@pytest.fixture
def write_protocol(tmp_path):
    """Writes a protocol `tests` of one card per text, with levels red, amber and green, and loads it."""
    return partial(small_protocols.write_protocol, tmp_path / "rules")


@pytest.fixture
def yes_no():
    """The YAML of yes/no questions: one line each, for the `ask` of a card."""
    return small_protocols.yes_no


@pytest.fixture
def rule_line():
    """The YAML of a rule: one line."""
    return small_protocols.rule


@pytest.fixture
def rule_set():
    """A stand-in for a protocol that has nothing but conditions: all that the engine reads of one."""

    def build(*conditions):
        return SimpleNamespace(rules=tuple(SimpleNamespace(terms=terms(one)) for one in conditions))

    return build


@pytest.fixture
def all_targeted():
    return fresh("all-targeted-drugs")


@pytest.fixture(params=NAMES)
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
