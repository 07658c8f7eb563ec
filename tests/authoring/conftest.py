"""Small protocols to prove things about."""

from itertools import count
from types import SimpleNamespace

import pytest

from support import small_protocols
from support.small_protocols import LEVELS, card, choice, question, rule, yes_no


@pytest.fixture
def protocol(tmp_path):
    """Writes a protocol of one card per pair of questions and rules, and loads it."""
    number = count(1)

    def write(*cards, head="", levels=LEVELS):
        folder = tmp_path / f"rules{next(number)}"
        texts = [card(asked, rules) for asked, rules in cards]
        head = f"when_unsettled: amber\n{head}"
        return small_protocols.write_protocol(folder, *texts, head=head, levels=levels, name="small")

    return write


def number(name, range_="whole number, 0 to 20", more=""):
    """The line of a question for a number."""
    return question(name, range_, more)


@pytest.fixture
def lines():
    """The lines that rule files of these tests are made of."""
    return SimpleNamespace(
        yes_no=lambda name, more="": yes_no(name, more=more), number=number, choice=choice, rule=rule
    )
