"""Cases stand on a person with nothing else to report."""

import pytest

from whentocall import load
from whentocall.authoring.cases import case_answers, full_id, nothing_to_report
from whentocall.protocol.model import Case, Expect
from whentocall.protocol.yaml_file import Text


@pytest.fixture(scope="module")
def protocol():
    return load("all-targeted-drugs")


def case(**given):
    written = {one: Text(value, 1) for one, value in given.items()}
    return Case(name="one", given=written, expect=Expect(level="none", levels_of={}))


def only(**given):
    written = {one: Text(value, 1) for one, value in given.items()}
    return Case(name="one", given_only=written, expect=Expect(level="none", levels_of={}))


def test_what_is_left_out_is_no_and_a_number_has_its_usual_value(protocol):
    answers = case_answers(protocol, case())

    assert 36.8 == answers["temperature"]
    assert {False} == {value for one, value in answers.items() if one != "temperature"}


def test_follow_ups_of_a_no_and_context_are_not_answered(protocol):
    answers = case_answers(protocol, case())

    assert not {"loose_stools", "diarrhoea_days", "constipation_days", "drug"} & set(answers)


def test_a_follow_up_of_a_yes_that_is_left_out_is_no(protocol):
    given = case(diarrhoea="yes", loose_stools="1", diarrhoea_days="1")

    assert case_answers(protocol, given)["cannot_replace_fluid"] is False


def test_given_only_asks_nothing_else(protocol):
    assert {"temperature": None} == case_answers(protocol, only(temperature="don't know"))


def test_not_asked_is_absent_and_dont_know_is_null(protocol):
    answers = case_answers(protocol, case(temperature="not asked", headache="don't know"))

    assert "temperature" not in answers
    assert answers["headache"] is None


def test_values_are_read_with_their_units(protocol):
    given = only(temperature="99.6 °F")

    assert {"temperature": {"value": 99.6, "unit": "°F"}} == case_answers(protocol, given)


def test_somebody_with_nothing_to_report_says_no(protocol):
    assert nothing_to_report(protocol.questions["headache"]) is False


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("any-headache", "all-targeted-drugs/headache/any-headache"),
        ("infection/shivering", "all-targeted-drugs/infection/shivering"),
        ("emergency/signs/seizure", "emergency/signs/seizure"),
    ],
)
def test_a_rule_is_named_from_where_the_case_stands(protocol, written, full):
    card = next(one for one in protocol.cards if one.id == "all-targeted-drugs/headache")

    assert full == full_id(card, written)
