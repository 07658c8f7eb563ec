"""The meaning, on plain yes and no: "not known", masks, follow-ups and contradictions, each by itself."""

from itertools import product

import pytest

from whentocall.engine.meaning import Cells, Meaning, at_least_of, both, compared, either, holds, opposite
from whentocall.engine.reference import Reading
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test

BOTH = [False, True]


@pytest.mark.parametrize("count", range(4))
def test_and_or_not_and_counting(count):
    for parts in product(BOTH, repeat=3):
        assert all(parts) is both(*parts)
        assert any(parts) is either(*parts)
        assert (sum(parts) >= count) is at_least_of(count, parts)
        assert [not part for part in parts] == [opposite(part) for part in parts]


def test_a_constant_never_meets_a_bit():
    """What is so for everybody costs nothing: the bits of others are given back as they are."""
    bit, yes, no = object(), True, False

    assert both(yes, bit) is bit is either(no, bit)
    assert both(no, bit) is no
    assert either(yes, bit) is yes


def test_a_condition_holds_by_its_comparisons():
    a, b, c = (Test(one, Op.IS, value=True) for one in "abc")
    for values in product(BOTH, repeat=3):
        by = dict(zip((a, b, c), values, strict=True)).__getitem__
        assert all(values) is holds(AllOf((a, b, c)), by)
        assert any(values) is holds(AnyOf((a, b, c)), by)
        assert (sum(values) >= 2) is holds(AtLeast(2, (a, b, c)), by)
        assert (by(a) and (by(b) or by(c))) is holds(AllOf((a, AnyOf((b, c)))), by)


# of one person


@pytest.fixture
def meaning(write_protocol, yes_no, rule_line):
    """What `n`, a number of which 4 or more is red, means beside its opener `a` and its mask `m`."""
    asked = "you: How many?, they: How many?, short: How many, answer: 'whole number, 0 to 9'"
    count = f"  n: {{only_if: {{a: yes}}, not_reassuring_if: {{m: yes}}, {asked}}}\n"
    card = f"ask:\n{yes_no('a', 'm')}{count}rules:\n{rule_line('many', '{n: at least 4}')}"
    protocol = write_protocol(card)

    def of(answers, best=(), worst=()):
        cells = {
            one: Cells(
                known=answers.get(one) is not None,
                reports=bool(answers.get(one)),
                passed={
                    test: answers.get(one) is not None and test.holds(answers[one])
                    for test in compared(protocol)[one]
                },
                best=one in best,
                worst=one in worst,
            )
            for one in protocol.questions
        }
        return Meaning(protocol, cells)

    return of


@pytest.mark.parametrize(
    ("answers", "sure", "possible"),
    [
        ({"a": True, "n": 4, "m": False}, True, True),
        ({"a": True, "n": 3, "m": False}, False, False),
        ({"a": True, "n": 3, "m": True}, False, True),  # masked
        ({"a": True, "n": 3}, False, True),  # perhaps masked
        ({"a": True, "n": 4, "m": True}, True, True),
        ({"a": True}, False, True),  # not known
        ({"a": False}, False, False),  # does not apply
        ({}, False, True),  # perhaps applies
        ({"a": False, "n": 4, "m": False}, True, True),  # contradictory, and counts
        ({"a": False, "n": 3, "m": False}, False, False),
    ],
)
def test_a_rule_surely_or_possibly_holds(meaning, answers, sure, possible):
    said = meaning(answers)

    assert ([sure], [possible]) == (said.sure, said.possible)
    assert (answers.get("a") is False and "n" in answers) is said.contradictory["n"]


def test_what_a_contradiction_speaks_against_is_in_doubt(meaning):
    """Five of them, and yet "no": perhaps the "no" is wrong. None of them does not speak against it."""
    assert meaning({"a": False, "n": 5}).unread["a"] is True
    assert meaning({"a": False, "n": 0}).unread["a"] is False
    assert meaning({"a": True, "n": 5}).unread["a"] is False


@pytest.mark.parametrize(
    ("answers", "levels"),
    [
        ({"a": True, "n": 4, "m": False}, ([True, True],) * 3),
        ({"a": True, "m": False}, ([False, False], [True, True], [True, False])),  # amber, as it could be red
        ({"a": False}, ([False, False],) * 3),
    ],
)
def test_levels(meaning, answers, levels):
    said = meaning(answers)

    assert levels == (said.at_least, said.could_be, said.level)


@pytest.mark.parametrize(
    ("answers", "settle"),
    [
        ({"a": True, "m": False}, ["n"]),
        ({"a": True, "n": 3}, ["m", "n"]),  # the mask, and to count again
        ({}, ["a"]),  # what opens it comes first
        ({"a": False}, []),
        ({"a": True, "n": 4}, []),
    ],
)
def test_what_to_settle(meaning, answers, settle):
    assert settle == [one for one, _, held in meaning(answers).settle() if held]


def test_the_best_and_the_worst_that_asking_could_bring(meaning):
    worst = meaning({"a": True}, worst={"n", "m"})
    best = meaning({"a": True}, best={"n", "m"})

    assert ([True], [True]) == (worst.sure, worst.possible)
    assert ([False], [False]) == (best.sure, best.possible)
    # What was asked and is not known stays open, and so does what depends on it.
    assert [True] == meaning({}, best={"n", "m"}).possible
    assert [False] == meaning({}, worst={"n", "m"}).sure


def test_what_an_escalation_waits_for_is_to_be_settled(write_protocol, yes_no, rule_line):
    """Enough cards are amber; whether it is for this person is all that is not known."""
    cards = [
        f"ask:\n{yes_no(one, *more)}rules:\n{rule_line(f'r-{one}', f'{{{one}: yes}}', 'amber')}"
        for one, *more in ("ac", "b")
    ]
    head = (
        "when_unsettled: amber\n"
        "escalate:\n"
        "  - {name: both, when: at least 2 cards at amber, only_if: {c: yes}, to: red, "
        "because: It is so., sentences: [T-1]}"
    )
    protocol = write_protocol(*cards, head=head)

    assert [("c", 2)] == Reading(protocol, {"a": True, "b": True}).settle()
    assert [] == Reading(protocol, {"a": True, "b": True, "c": True}).settle()
    assert [] == Reading(protocol, {"a": True, "b": False}).settle()
