"""What was read from files and what a protocol is made of: two descriptions that must not drift apart."""

import dataclasses
from pathlib import Path

import pytest

from whentocall.protocol import model, schema, yaml_file
from whentocall.protocol.assemble import content
from whentocall.protocol.conditions import Op, Test, terms
from whentocall.protocol.load import load_folder, shipped_rules

FILES_ALONE = {"LevelsFile", "SignOffFile"}  # their entries become the protocol's own
WORKED_OUT = {
    "Card": {"id", "root", "is_layer"},
    "Rule": {"card", "rank"},
    "Escalation": {"id", "count", "at_rank", "rank"},
}
PARTS = [kind for kind in schema.Part.__subclasses__() if kind.__name__ not in FILES_ALONE]


@pytest.fixture(scope="module")
def protocol():
    return load_folder(shipped_rules() / "all-targeted-drugs")


def values(value):
    """Every value in a protocol; a rule's card has been met before it."""
    yield value
    if dataclasses.is_dataclass(value):
        parts = (getattr(value, one.name) for one in dataclasses.fields(value) if one.name != "card")
    elif hasattr(value, "items"):
        parts = (part for pair in value.items() for part in pair)
    else:
        parts = value if isinstance(value, tuple | list | frozenset) else ()
    for part in parts:
        yield from values(part)


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_a_part_of_a_protocol_holds_what_its_file_says_and_what_was_worked_out(kind):
    """A key that is read and then dropped would be checked, and never be in force."""
    own = {one.name for one in dataclasses.fields(getattr(model, kind.__name__))}

    assert set(kind.model_fields) | WORKED_OUT.get(kind.__name__, set()) == own


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_what_a_part_need_not_say_is_the_same_in_a_file_and_in_python(kind):
    """Else a hash would differ between the two."""
    own = {one.name: one for one in dataclasses.fields(getattr(model, kind.__name__))}

    for name, field in kind.model_fields.items():
        if own[name].default is not dataclasses.MISSING:
            assert field.default == own[name].default, name


def test_a_protocol_keeps_nothing_of_how_its_files_are_laid_out(protocol):
    """Texts that know their line belong to the files, and would make two equal protocols differ."""
    kinds = {type(value) for value in values(protocol)}

    assert {model.Rule, Test, str} <= kinds
    assert set() == {kind for kind in kinds if kind.__module__ in {yaml_file.__name__, schema.__name__}}


def test_a_rule_is_known_by_its_card_and_knows_it(protocol):
    assert protocol.rules
    for rule in protocol.rules:
        assert rule is rule.card.rules[rule.name]
        assert f"{rule.card.id}/{rule.name}" == rule.id
        assert protocol.ranks[rule.level] == rule.rank


def test_a_changed_rule_comes_true_as_its_new_condition_does(protocol):
    rule = protocol.rules[0]
    other = Test("headache", Op.IS, value=True)

    assert terms(rule.when) == rule.terms
    assert terms(other) == dataclasses.replace(rule, when=other).terms


def test_a_file_is_shown_by_its_path(protocol):
    assert [str(shipped_rules() / f"{card.id}.yaml") for card in protocol.cards] == [
        card.file for card in protocol.cards
    ]
    assert all(Path(card.file).is_file() for card in protocol.cards)


def test_the_content_of_a_card_has_the_keys_of_its_file_and_no_lines(protocol):
    said = content(next(card for card in protocol.cards if card.id.endswith("/diarrhoea")))

    assert set(said) <= set(schema.Card.keys())
    for rule, told in said["rules"].items():
        assert ["id", "when", "level", "because", "sentences"] == list(told)[:5]
        assert rule == told["id"]
