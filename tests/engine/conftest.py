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
