"""The mutation gate: every small error in a shipped rule breaks some case."""

import pytest

from whentocall import load
from whentocall.authoring.mutants import mutants, mutation_gate

SHIPPED = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")


@pytest.mark.parametrize("name", SHIPPED)
def test_no_mutant_of_the_shipped_protocols_survives(name):
    gate = mutation_gate(load(name))

    assert () == gate.survivors
    assert gate.noticed == gate.tried > 70


def test_every_rule_is_dropped_and_lowered_and_every_limit_moved_and_flipped():
    made = {(mutant.rule.name, mutant.how) for mutant in mutants(load("all-targeted-drugs"))}

    assert {
        ("many-loose-stools", "dropped"),
        ("many-loose-stools", "level lowered to 'tell'"),
        ("many-loose-stools", "'at least 4' moved to 5"),
        ("many-loose-stools", "'at least 4' moved to 3"),
        ("many-loose-stools", "'at least 4' changed to 'above 4'"),
        ("high-temperature", "'above 37.5' moved to 37.6"),
        ("low-temperature", "'below 36' changed to 'at most 36'"),
    } <= made


def test_a_rule_without_cases_has_survivors(protocol, lines):
    gate = mutation_gate(protocol(([lines.number("n")], [lines.rule("many", "{n: at least 4}")])))

    assert gate.tried == len(gate.survivors)
    assert 0 == gate.noticed
