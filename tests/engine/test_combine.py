"""From the truth of rules to a level, with abstract rules: true, unsettled or false, by level."""

from itertools import product
from types import SimpleNamespace

import pytest

from whentocall.engine.combine import combine, shown_rank
from whentocall.protocol.conditions import Op, Test, Truth

F, U, T = Truth.FALSE, Truth.UNSETTLED, Truth.TRUE


def protocol(*ranks, unsettled=2, escalations=()):
    """Rules of these ranks, each in a card of its own."""
    rules = tuple(
        SimpleNamespace(rank=rank, card=SimpleNamespace(id=f"card{number}"))
        for number, rank in enumerate(ranks)
    )
    return SimpleNamespace(rules=rules, escalations=escalations, unsettled_rank=unsettled)


def escalation(count, at_rank, rank, *, only_if=None):
    return SimpleNamespace(count=count, at_rank=at_rank, rank=rank, only_if=only_if)


def never(_condition):
    raise AssertionError("there is no condition to ask about")


def ranks_of(ranks, truths, **more):
    verdict = combine(protocol(*ranks, **more), truths, more.pop("condition", never))
    return verdict.at_least, verdict.could_be, verdict.shown


@pytest.mark.parametrize(
    ("at_least", "could_be", "when_unsettled", "shown"),
    [
        (0, 0, 2, 0),  # settled: as it is
        (1, 1, 2, 1),
        (5, 5, 2, 5),
        (0, 1, 2, 1),  # could_be between: could_be
        (0, 2, 2, 2),
        (0, 5, 2, 2),  # could_be above: raised to when_unsettled
        (1, 5, 2, 2),
        (2, 5, 2, 2),
        (3, 5, 2, 3),  # at_least is above when_unsettled already
        (3, 3, 2, 3),
        (0, 5, 5, 5),
        (0, 5, 0, 0),
    ],
)
def test_the_level_shown(at_least, could_be, when_unsettled, shown):
    assert shown == shown_rank(at_least, could_be, when_unsettled)


def test_the_level_shown_lies_between_what_is_sure_and_what_is_possible():
    for at_least, could_be, when_unsettled in product(range(6), repeat=3):
        if at_least <= could_be:
            shown = shown_rank(at_least, could_be, when_unsettled)
            assert at_least <= shown <= could_be
            assert min(could_be, when_unsettled) <= shown


def test_no_rules_at_all():
    assert (0, 0, 0) == ranks_of((), ())


@pytest.mark.parametrize(
    ("truths", "expected"),
    [
        ((F, F, F), (0, 0, 0)),
        ((T, F, F), (1, 1, 1)),
        ((T, T, F), (3, 3, 3)),
        ((F, F, T), (5, 5, 5)),
        ((U, F, F), (0, 1, 1)),
        ((F, U, F), (0, 3, 2)),
        ((T, F, U), (1, 5, 2)),
        ((F, T, U), (3, 5, 3)),
        ((U, U, T), (5, 5, 5)),
        ((U, U, U), (0, 5, 2)),
    ],
)
def test_highest_wins_and_unsettled_raises(truths, expected):
    """Rules at ranks 1, 3 and 5; unsettled is shown as 2 at least."""
    assert expected == ranks_of((1, 3, 5), truths)


def test_the_order_of_rules_does_not_matter():
    for truths in product((F, U, T), repeat=3):
        forward = ranks_of((1, 3, 5), truths)
        assert forward == ranks_of((5, 3, 1), truths[::-1])
        assert forward == ranks_of((3, 1, 5), (truths[1], truths[0], truths[2]))


def test_a_rule_that_becomes_truer_never_lowers_anything():
    for truths in product((F, U, T), repeat=3):
        for index in range(3):
            if truths[index] is T:
                continue
            truer = (*truths[:index], Truth(truths[index] + 1), *truths[index + 1 :])
            before, after = ranks_of((1, 3, 5), truths), ranks_of((1, 3, 5), truer)
            if truths[index] is U:  # from "not known" to "holds"
                assert before[0] <= after[0]
                assert before[2] <= after[2]
            assert before[1] <= after[1]
            assert before[0] <= after[0]
            assert before[2] <= after[2]


def test_rules_and_truths_go_one_to_one():
    with pytest.raises(ValueError, match=r"shorter|longer"):
        combine(protocol(1, 2), (T,), never)


# escalation: two cards at rank 1 or above make a 4


@pytest.mark.parametrize(
    ("truths", "expected"),
    [
        ((F, F, F), (0, 0, 0)),
        ((T, F, F), (1, 1, 1)),
        ((T, T, F), (4, 4, 4)),
        ((T, F, T), (4, 4, 4)),  # the third is above rank 1 and counts too
        ((T, U, F), (1, 4, 2)),
        ((U, U, F), (0, 4, 2)),
        ((U, F, F), (0, 1, 1)),
    ],
)
def test_two_cards_make_a_higher_level(truths, expected):
    assert expected == ranks_of((1, 1, 2), truths, escalations=(escalation(2, 1, 4),))


def test_two_rules_of_one_card_are_one_card():
    two_in_one = protocol(1, 1, escalations=(escalation(2, 1, 4),))
    two_in_one.rules[1].card.id = two_in_one.rules[0].card.id

    assert 1 == combine(two_in_one, (T, T), never).at_least


def test_a_card_below_the_rank_does_not_count():
    assert (3, 3, 3) == ranks_of((1, 3), (T, T), escalations=(escalation(2, 2, 4),))


def test_the_level_that_is_reached_is_never_below_that_of_the_rules():
    assert (5, 5, 5) == ranks_of((5, 5), (T, T), escalations=(escalation(2, 1, 4),))


@pytest.mark.parametrize(
    ("held", "expected"), [(T, (4, 4, 4)), (U, (1, 4, 2)), (F, (1, 1, 1))], ids=["true", "unsettled", "false"]
)
def test_an_escalation_has_a_condition_of_its_own(held, expected):
    only_if = Test("child", Op.IS, value=True)
    own = protocol(1, 1, escalations=(escalation(2, 1, 4, only_if=only_if),))
    verdict = combine(own, (T, T), {only_if: held}.__getitem__)

    assert expected == (verdict.at_least, verdict.could_be, verdict.shown)
    assert (held is T) == bool(verdict.escalated)
