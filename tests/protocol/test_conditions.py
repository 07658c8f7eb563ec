"""Conditions: their three-valued truth, and the smallest sets of comparisons that make them true."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whentocall.protocol.conditions import (
    MAX_TERMS,
    MAX_TOGETHER,
    AllOf,
    AnyOf,
    AtLeast,
    Op,
    Test,
    TooManyTerms,
    Truth,
    questions,
    terms,
    truth,
)
from whentocall.protocol.conditions import (
    tests as comparisons,
)

FALSE, UNSETTLED, TRUE = Truth.FALSE, Truth.UNSETTLED, Truth.TRUE
A, B, C, D = (Test(name, Op.IS, value=True) for name in "abcd")


def sets(condition):
    """The terms as lists of question ids."""
    return [sorted(test.question for test in term) for term in terms(condition)]


def worth(condition, **values):
    return truth(condition, lambda test: values[test.question])


# one comparison


@pytest.mark.parametrize(
    ("op", "below", "equal", "above"),
    [
        (Op.ABOVE, False, False, True),
        (Op.AT_LEAST, False, True, True),
        (Op.BELOW, True, False, False),
        (Op.AT_MOST, True, True, False),
        (Op.IS, False, True, False),
    ],
)
def test_a_limit_belongs_to_the_side_that_its_words_say(op, below, equal, above):
    """`above 37.5` leaves 37.5 out; `at least 4` has 4 in."""
    test = Test("temperature", op, 37.5, "°C")

    assert (below, equal, above) == tuple(test.holds(value) for value in (37.4, 37.5, 37.6))


@pytest.mark.parametrize(
    ("wanted", "answer", "holds"), [(True, True, True), (True, False, False), (False, False, True)]
)
def test_yes_and_no_are_compared_by_being_the_same(wanted, answer, holds):
    assert holds is Test("q", Op.IS, wanted).holds(answer)


def test_a_choice_is_compared_by_its_id():
    assert Test("drug", Op.IS, "imatinib").holds("imatinib")
    assert not Test("drug", Op.IS, "imatinib").holds("blinatumomab")


def test_where_a_comparison_stands_is_no_part_of_what_it_says():
    assert Test("q", Op.IS, value=True, line=3) == Test("q", Op.IS, value=True, line=9)


# three-valued truth


@pytest.mark.parametrize("value", list(Truth))
def test_one_comparison_is_worth_what_it_is_worth(value):
    assert value is worth(A, a=value)


@pytest.mark.parametrize(("a", "b"), list(product(Truth, repeat=2)))
def test_all_is_the_least_and_any_the_most(a, b):
    """Kleene: false and anything is false, true or anything is true, and else what is open stays open."""
    assert min(a, b) is worth(AllOf((A, B)), a=a, b=b)
    assert max(a, b) is worth(AnyOf((A, B)), a=a, b=b)


@pytest.mark.parametrize(
    ("values", "two_of_three"),
    [
        ((TRUE, TRUE, FALSE), TRUE),
        ((TRUE, TRUE, UNSETTLED), TRUE),
        ((TRUE, UNSETTLED, FALSE), UNSETTLED),
        ((TRUE, UNSETTLED, UNSETTLED), UNSETTLED),
        ((UNSETTLED, UNSETTLED, UNSETTLED), UNSETTLED),
        ((UNSETTLED, UNSETTLED, FALSE), UNSETTLED),
        ((TRUE, FALSE, FALSE), FALSE),
        ((UNSETTLED, FALSE, FALSE), FALSE),
        ((FALSE, FALSE, FALSE), FALSE),
    ],
)
def test_at_least_two_of_three(values, two_of_three):
    a, b, c = values

    assert two_of_three is worth(AtLeast(2, (A, B, C)), a=a, b=b, c=c)
    assert two_of_three is worth(AtLeast(2, (A, B, C)), a=c, b=a, c=b)


@pytest.mark.parametrize("values", list(product(Truth, repeat=3)))
def test_at_least_one_of_is_any_and_at_least_all_of_is_all(values):
    known = dict(zip("abc", values, strict=True))

    assert worth(AnyOf((A, B, C)), **known) is worth(AtLeast(1, (A, B, C)), **known)
    assert worth(AllOf((A, B, C)), **known) is worth(AtLeast(3, (A, B, C)), **known)


def test_the_same_part_counts_as_often_as_it_stands_there():
    assert TRUE is worth(AtLeast(2, (A, A, B)), a=TRUE, b=FALSE)


# what a condition reads


def test_tests_and_questions_come_in_the_order_written_and_questions_once():
    condition = AllOf((B, AnyOf((A, AtLeast(1, (C, B))))))

    assert [B, A, C, B] == list(comparisons(condition))
    assert ("b", "a", "c") == questions(condition)
    assert () == questions(None)


# the smallest terms


@pytest.mark.parametrize(
    ("condition", "smallest"),
    [
        pytest.param(A, [["a"]], id="one"),
        pytest.param(AllOf((A, B)), [["a", "b"]], id="all"),
        pytest.param(AnyOf((A, B)), [["a"], ["b"]], id="any"),
        pytest.param(AtLeast(2, (A, B, C)), [["a", "b"], ["a", "c"], ["b", "c"]], id="two of three"),
        pytest.param(AllOf((A, A)), [["a"]], id="twice is once"),
        pytest.param(AnyOf((A, AllOf((A, B)))), [["a"]], id="swallowed"),
        pytest.param(AllOf((A, AnyOf((A, B)))), [["a"]], id="absorbed"),
        pytest.param(AllOf((AnyOf((A, B)), AnyOf((A, C)))), [["a"], ["b", "c"]], id="spread out"),
        pytest.param(AtLeast(2, (A, A, B)), [["a"]], id="counted twice"),
        pytest.param(
            AtLeast(2, (A, AllOf((B, C)), D)), [["a", "d"], ["a", "b", "c"], ["b", "c", "d"]], id="nested"
        ),
    ],
)
def test_terms_are_the_smallest_sets_that_make_it_true(condition, smallest):
    assert smallest == sets(condition)


def test_terms_do_not_depend_on_the_order_written():
    assert terms(AnyOf((AllOf((A, B)), C))) == terms(AnyOf((C, AllOf((B, A)))))


def test_comparisons_of_one_question_are_terms_of_their_own():
    low, high = Test("t", Op.BELOW, 36, "°C"), Test("t", Op.ABOVE, 37.5, "°C")

    assert {frozenset([low]), frozenset([high])} == set(terms(AnyOf((low, high))))


def some(count, *, start=0):
    return tuple(Test(f"q{number}", Op.IS, value=True) for number in range(start, start + count))


def test_as_many_ways_as_allowed_are_counted_and_one_more_is_refused():
    assert MAX_TERMS == len(terms(AnyOf(some(MAX_TERMS))))
    with pytest.raises(TooManyTerms, match="can come true in more than 400 ways"):
        terms(AnyOf(some(MAX_TERMS + 1)))


def test_as_many_together_as_allowed_are_taken_and_one_more_is_refused():
    assert [MAX_TOGETHER] == [len(term) for term in terms(AllOf(some(MAX_TOGETHER)))]
    with pytest.raises(TooManyTerms, match="needs more than 60 answers at once"):
        terms(AllOf(some(MAX_TOGETHER + 1)))


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param(AtLeast(10, some(20)), id="10 of 20"),
        pytest.param(AtLeast(999, some(2000)), id="999 of 2000"),
        pytest.param(
            AllOf(tuple(AnyOf(some(2, start=2 * number)) for number in range(40))), id="2 to the 40th"
        ),
        pytest.param(AllOf((AnyOf(some(21)), AnyOf(some(21, start=21)))), id="21 by 21"),
        pytest.param(AnyOf((AtLeast(10, some(20)), A)), id="inside any"),
    ],
)
def test_a_condition_with_too_many_ways_is_refused_before_they_are_made(condition):
    with pytest.raises(TooManyTerms, match="split it into several rules"):
        terms(condition)


# terms and truth say the same


def conditions(leaves):
    return st.recursive(
        leaves,
        lambda parts: st.lists(parts, min_size=1, max_size=3).flatmap(
            lambda some: st.one_of(
                st.just(AllOf(tuple(some))),
                st.just(AnyOf(tuple(some))),
                st.integers(1, len(some)).map(lambda count: AtLeast(count, tuple(some))),
            )
        ),
        max_leaves=7,
    )


SMALL = conditions(st.sampled_from([A, B, C, D]))


def worth_of_terms(found, values):
    return max(min(values[test.question] for test in term) for term in found)


@given(SMALL)
def test_terms_agree_with_truth_whatever_the_answers(condition):
    """Over all 81 ways in which four comparisons can be false, open or true."""
    found = terms(condition)
    for values in product(Truth, repeat=4):
        known = dict(zip("abcd", values, strict=True))
        assert worth(condition, **known) is worth_of_terms(found, known)


@given(SMALL)
def test_no_term_holds_another(condition):
    found = terms(condition)

    assert not [(one, two) for one in found for two in found if one < two]
    assert len(set(found)) == len(found)


@given(SMALL, st.lists(st.sampled_from(list(Truth)), min_size=4, max_size=4), st.integers(0, 3))
def test_more_truth_in_a_part_is_never_less_in_the_whole(condition, values, raised):
    """There is no "not": a condition can only rise with its comparisons."""
    more = [*values[:raised], TRUE, *values[raised + 1 :]]
    before = worth(condition, **dict(zip("abcd", values, strict=True)))
    after = worth(condition, **dict(zip("abcd", more, strict=True)))

    assert before <= after


@given(SMALL, st.lists(st.sampled_from(list(Truth)), min_size=4, max_size=4))
def test_what_is_open_is_open_because_both_could_be(condition, values):
    """Unsettled lies between the worth with every open part false and with every open part true."""
    settled_low = [FALSE if value is UNSETTLED else value for value in values]
    settled_high = [TRUE if value is UNSETTLED else value for value in values]
    low, now, high = (
        worth(condition, **dict(zip("abcd", each, strict=True)))
        for each in (settled_low, values, settled_high)
    )

    assert now is (low if low is high else UNSETTLED)
