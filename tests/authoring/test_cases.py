"""Cases stand on a person with nothing else to report."""

import pytest

from whentocall.authoring.cases import case_answers, full_id, nothing_to_report
from whentocall.protocol.model import Case, Expect
from whentocall.protocol.yaml_file import Text


def case(**given):
    written = {name: Text(value, 1) for name, value in given.items()}
    return Case(name="one", given=written, expect=Expect(level="none", levels_of={}))


def only(**given):
    written = {name: Text(value, 1) for name, value in given.items()}
    return Case(name="one", given_only=written, expect=Expect(level="none", levels_of={}))


def test_what_is_left_out_is_no_and_a_number_has_its_usual_value(all_targeted):
    answers = case_answers(all_targeted, case())

    assert 36.8 == answers["temperature"]
    assert {False} == {value for name, value in answers.items() if name != "temperature"}


def test_follow_ups_of_a_no_and_context_are_not_answered(all_targeted):
    answers = case_answers(all_targeted, case())

    assert not {"loose_stools", "diarrhoea_days", "constipation_days", "drug"} & set(answers)


def test_a_follow_up_of_a_yes_that_is_left_out_is_no(all_targeted):
    given = case(diarrhoea="yes", loose_stools="1", diarrhoea_days="1")

    assert case_answers(all_targeted, given)["cannot_replace_fluid"] is False


def test_given_only_asks_nothing_else(all_targeted):
    assert {"temperature": None} == case_answers(all_targeted, only(temperature="don't know"))


def test_not_asked_is_absent_and_dont_know_is_null(all_targeted):
    answers = case_answers(all_targeted, case(temperature="not asked", headache="don't know"))

    assert "temperature" not in answers
    assert answers["headache"] is None


def test_values_are_read_with_their_units(all_targeted):
    given = only(temperature="99.6 °F")

    assert {"temperature": {"value": 99.6, "unit": "°F"}} == case_answers(all_targeted, given)


def test_somebody_with_nothing_to_report_says_no(all_targeted):
    assert nothing_to_report(all_targeted.questions["headache"]) is False


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("any-headache", "all-targeted-drugs/headache/any-headache"),
        ("infection/shivering", "all-targeted-drugs/infection/shivering"),
        ("emergency/signs/seizure", "emergency/signs/seizure"),
    ],
)
def test_a_rule_is_named_from_where_the_case_stands(all_targeted, written, full):
    card = next(card for card in all_targeted.cards if card.id == "all-targeted-drugs/headache")

    assert full == full_id(card, written)
