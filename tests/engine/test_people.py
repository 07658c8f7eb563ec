"""The answers that rules are tried on: both sides of every limit, on somebody with nothing else to report."""

import pytest

from whentocall.engine.critical import all_conditions, sides
from whentocall.engine.people import People, nothing_else
from whentocall.protocol.conditions import Op, Test, questions


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (Op.ABOVE, (37.5, 37.6)),
        (Op.AT_LEAST, (37.4, 37.5)),
        (Op.BELOW, (37.4, 37.5)),
        (Op.AT_MOST, (37.5, 37.6)),
        (Op.IS, (37.4, 37.5, 37.6)),
    ],
)
def test_both_sides_of_a_limit_differ_in_whether_it_is_passed(protocol, op, expected):
    test = Test("temperature", op, 37.5)
    values = sides(protocol.questions["temperature"], test)

    assert expected == values
    assert {True, False} == {test.holds(value) for value in values}


def test_a_side_beyond_the_range_is_left_out(protocol):
    assert (0,) == sides(protocol.questions["loose_stools"], Test("loose_stools", Op.AT_LEAST, 0))


def test_every_question_that_is_read_is_in_some_condition(protocol):
    read = {name for condition in all_conditions(protocol) for name in questions(condition)}

    assert {name for name, question in protocol.questions.items() if not question.context} <= read


def test_a_follow_up_is_answered_only_where_it_applies(protocol):
    people = People.of(protocol)

    def answers(**said):
        return nothing_else(protocol, said, lambda question: people.rest[question.id])

    assert "loose_stools" not in answers()
    assert 0 == answers(diarrhoea=True)["loose_stools"]
    assert 7 == answers(diarrhoea=True, loose_stools=7)["loose_stools"]
    assert "loose_stools" not in answers(diarrhoea=None)


def test_what_is_left_out_stays_out(protocol):
    answers = nothing_else(protocol, {}, lambda _: False, left_out=["headache"])

    assert "headache" not in answers
    assert list(answers) == [name for name in protocol.questions if name in answers]
