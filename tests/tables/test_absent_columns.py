"""What it does to the levels that a table leaves questions out: all of the truth, and nothing but."""

import itertools
import math
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from support import written_protocols
from support.effort import examples
from support.small_protocols import FIVE_LEVELS, card, question, rule, write_protocol, yes_no
from whentocall import advise, load
from whentocall.engine.meaning import openers_first
from whentocall.engine.people import People
from whentocall.engine.reference import Reading
from whentocall.engine.second_look import second_look
from whentocall.protocol import conditions
from whentocall.tables import absent_columns as module
from whentocall.tables import in_memory
from whentocall.tables.absent_columns import Absence, absence
from whentocall.tables.columns import Column

SHIPPED = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")
MOST = 400  # people tried one by one

loaded = cache(load)


@pytest.fixture(scope="module", params=SHIPPED)
def protocol(request):
    return loaded(request.param)


def without(protocol, *left_out):
    """The absence of these questions."""
    return absence(protocol, {}, [one for one in protocol.questions if one not in left_out])


# everybody, one by one


def every_kind(protocol, one):
    """An answer for each set of comparisons that one can pass, reporting nothing or not; and no answer."""
    question = protocol.questions[one]
    every = [rule.when for rule in protocol.rules]
    every += [line.only_if for line in protocol.escalations]
    every += [one.only_if for one in protocol.questions.values()]
    every += [one.not_reassuring_if for one in protocol.questions.values()]
    compared = {test for some in every if some for test in conditions.tests(some) if test.question == one}
    answer = question.answer
    possible = [False, True] if answer.kind == "yes-no" else list(question.options)
    if answer.is_number:
        limits = {answer.low, answer.high, *(test.value for test in compared)}
        hair = 0.001 if answer.kind == "temperature" else 1
        near = (limit + by for limit in limits for by in (-hair, 0, hair))
        possible = [value for value in near if answer.low <= value <= answer.high]
    kinds = {(frozenset(test for test in compared if test.holds(one)), bool(one)): one for one in possible}
    return [*kinds.values(), None]


def everybody(protocol, there):
    """The ranks of the levels that people get who are asked these questions; None where they are too many."""
    kinds = {one: every_kind(protocol, one) for one in protocol.questions if one in there}
    if math.prod(map(len, kinds.values())) > MOST:
        return None
    shown = set()
    for answers in itertools.product(*kinds.values()):
        shown.add(second_look(protocol, dict(zip(kinds, answers, strict=True))).verdict.shown)
    return shown


@st.composite
def protocol_and_there(draw):
    """A protocol at random with few enough people to try them all, and which of its questions are asked."""
    protocol = draw(written_protocols.at_random())
    assume(everybody(protocol, protocol.questions) is not None)
    return protocol, draw(st.sets(st.sampled_from(list(protocol.questions))))


@given(protocol_and_there())
@examples(60)
def test_the_floor_is_what_trying_everybody_finds_and_no_level_is_lost_that_somebody_gets(drawn):
    protocol, there = drawn
    found, shown = absence(protocol, {}, there), everybody(protocol, there)

    assert protocol.levels[min(shown)].id == found.floor
    assert not {protocol.levels[rank].id for rank in shown} & set(found.unreachable)


def test_a_hidden_answer_to_what_does_not_apply_is_better_not_given(tmp_path):
    """The lowest level is then for those who leave it out."""
    more = ", only_if: {sore: yes}, not_reassuring_if: {count: below 3}"
    asked = [yes_no("sore"), question("count", "whole number, 0 to 9")]
    rules = [rule("loud", "{loud: yes}", "red"), rule("many", "{count: at least 3}", "red")]
    text = card([*asked, yes_no("loud", more=more)], rules)
    protocol = write_protocol(tmp_path / "rules", text, levels=FIVE_LEVELS)

    assert 0 == min(everybody(protocol, protocol.questions))
    assert "green" == absence(protocol, {}, protocol.questions).floor


@pytest.mark.parametrize("most", [0, 1, 3])
@given(protocol_and_there())
@examples(15)
def test_what_is_said_of_too_many_people_is_true_of_all_of_them(most, drawn):
    """Where not everybody quiet can be tried, less may be said, but nothing that is wrong."""
    protocol, there = drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_PEOPLE", most)
        found = absence(replace(protocol, _memo={}), {}, there)
    shown = everybody(protocol, there)

    assert protocol.ranks[found.floor] <= min(shown)
    assert not {protocol.levels[rank].id for rank in shown} & set(found.unreachable)


# the shipped protocols


def quiet(protocol, there):
    """The answers, to what is asked and may apply, of somebody who has nothing to report."""
    people, said = People.of(protocol), {}
    for one in openers_first(people.protocol):
        if one in there and Reading(protocol, said).applies(one) is not conditions.FALSE:
            said[one] = people.rest[one]
    return said


def test_everything_asked_is_nothing_to_tell_of(protocol):
    assert Absence((), "none", (), {}, ()) == absence(protocol, {}, protocol.questions)


@pytest.mark.one_in(2)
def test_without_any_question_the_floor_is_that_of_every_one(protocol):
    """And whoever reports nothing gets just that: nobody is told to be below who is not, or above."""
    for one in protocol.questions:
        there = protocol.questions.keys() - {one}
        level = advise(protocol, quiet(protocol, there), watch=False).level

        assert level == without(protocol, one).floor, one


@given(st.data())
@examples(30)
def test_nobody_gets_a_level_that_nobody_can_get(data):
    protocol = loaded(data.draw(st.sampled_from(SHIPPED)))
    people = People.of(protocol)
    left_out = data.draw(st.sets(st.sampled_from(list(protocol.questions)), min_size=1, max_size=25))
    found = without(protocol, *left_out)
    there = [one for one in protocol.questions if one not in left_out]
    said = {one: data.draw(st.sampled_from((*people.values[one], people.rest[one], None))) for one in there}
    loud = data.draw(st.sets(st.sampled_from(there), max_size=3))
    for answers in (said, quiet(protocol, there) | {one: said[one] for one in loud}):
        level = advise(protocol, answers, watch=False).level

        assert protocol.ranks[found.floor] <= protocol.ranks[level]
        assert level not in found.unreachable


@given(st.data())
@examples(30)
def test_the_floor_is_what_somebody_with_nothing_to_report_gets(data):
    protocol = loaded(data.draw(st.sampled_from(SHIPPED)))
    left_out = data.draw(st.sets(st.sampled_from(list(protocol.questions)), max_size=25))
    there = protocol.questions.keys() - left_out

    assert advise(protocol, quiet(protocol, there), watch=False).level == without(protocol, *left_out).floor


def test_without_the_medicines_that_hide_a_temperature_nobody_is_reassured(protocol):
    found = without(protocol, "took_fever_medicine")

    assert ("contact", ("none", "tell")) == (found.floor, found.unreachable)
    assert (
        "Without these questions every row is at least 'contact'.",
        "What they ask about can be as urgent as 'immediately', and goes unnoticed.",
    ) == found.text[1:]


def test_without_the_signs_of_an_emergency_nobody_is_sent_there(protocol):
    signs = [one for card in protocol.cards if card.protocol == "emergency" for one in card.ask]
    found = without(protocol, *signs)

    assert ("none", "tell", "emergency") == found.unreachable
    assert "Without these questions no row can be 'emergency', whatever is answered." in found.text
    assert "What they ask about can be as urgent as 'emergency', and goes unnoticed." in found.text


def test_a_question_that_no_rule_reads_is_not_missed():
    found = without(loaded("all-targeted-drugs"), "drug")

    assert (("drug",), "none", ()) == (found.questions, found.floor, found.unreachable)
    assert (
        "No column answers 1 of 44 questions, so they count as not asked: drug.",
        "This changes no level: no rule reads them.",
    ) == found.text


def test_a_follow_up_that_is_missing_leaves_those_alone_whom_it_is_not_for():
    found = without(loaded("all-targeted-drugs"), "loose_stools")

    assert ("none", ()) == (found.floor, found.unreachable)
    assert "What they ask about can be as urgent as 'contact', and goes unnoticed." == found.text[-1]


def test_a_table_of_nothing_leaves_one_level(protocol):
    found = absence(protocol, {}, ["id"])

    assert tuple(protocol.questions) == found.questions
    assert (
        {level.id for level in protocol.levels} - {"contact"}
        >= set(found.unreachable)
        >= {"none", "emergency"}
    )


def test_it_is_quick_enough_to_be_told_before_every_table(protocol):
    """Few people are tried, however many questions are missing."""
    tried = []

    def counting(asked_of, rows, *more):
        tried.append(rows.height)
        return in_memory.advise_polars(asked_of, rows, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "advise_polars", counting)
        absence(replace(protocol, _memo={}), {}, list(protocol.questions)[::2])

    assert 2 == len(tried)
    assert max(tried) <= 10


# columns


def test_a_column_that_looks_like_a_missing_question_is_named():
    names = ["Loose Stools", "head-ache", "shivry", "id", "temperature"]
    found = absence(loaded("all-targeted-drugs"), {}, names)

    assert {"Loose Stools": "loose_stools", "head-ache": "headache", "shivry": "shivery"} == found.misspelled
    assert "Column 'shivry' answers no question; did you mean 'shivery'?" in found.text


def test_a_column_that_is_used_is_not_misspelled():
    columns = {"headache": Column("shivry"), "temperature": Column("T", unit_column="drugs")}
    found = absence(loaded("all-targeted-drugs"), columns, ["shivry", "T", "drugs"])

    assert {} == found.misspelled


def test_a_column_that_the_mapping_names_and_the_table_lacks_is_told():
    protocol = loaded("all-targeted-drugs")
    columns = {"temperature": Column("Temp C")}
    found = absence(protocol, columns, [*(protocol.questions.keys() - {"temperature"}), "Temp (C)"])

    assert ("temperature",) == found.questions
    assert {"Temp (C)": "temperature"} == found.misspelled
    assert "Column 'Temp C', which should answer 'temperature', is missing." in found.text


def test_names_of_signs_alone_and_of_any_length_look_like_nothing():
    found = absence(loaded("all-targeted-drugs"), {}, ["", "°", "_", "h" * 100_000, *map(str, range(2000))])

    assert {} == found.misspelled
