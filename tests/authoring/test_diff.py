"""What a change changes: exactly who, and nothing else."""

import itertools
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.effort import examples
from whentocall import advise, load
from whentocall.authoring.diff import diff
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test

ALL = "all-targeted-drugs"


def changed(rules, file, before, after):
    rules.change(file, before, after)
    return diff(load(ALL), load(rules.folder / ALL))


def test_nothing_changes_where_nothing_changed(rules):
    assert diff(load(ALL), load(rules.folder / ALL)).is_empty


def test_an_equivalent_rewriting_shows_nothing(rules):
    difference = changed(
        rules, f"{ALL}/diarrhoea.yaml", "{loose_stools: at least 4}", "{loose_stools: more than 3}"
    )

    assert difference.is_empty


def test_four_made_three_shows_exactly_those_with_three(rules):
    difference = changed(
        rules, f"{ALL}/diarrhoea.yaml", "{loose_stools: at least 4}", "{loose_stools: at least 3}"
    )

    assert () == difference.lowered
    assert {("tell", "contact", 3)} == {
        (change.old, change.new, change.person["loose_stools"]) for change in difference.raised
    }
    assert {(f"{ALL}/diarrhoea/many-loose-stools",)} == {change.rules for change in difference.raised}


def test_a_limit_moved_by_a_tenth_shows_exactly_who(rules):
    difference = changed(
        rules, f"{ALL}/infection.yaml", "{temperature: above 37.5 °C}", "{temperature: above 37.6 °C}"
    )

    assert () == difference.raised
    assert {37.6} == {change.person["temperature"] for change in difference.lowered}
    assert {"none", "tell", "contact", "urgently"} == {
        change.new for change in difference.lowered if change.complete
    }


def test_readings_between_two_steps_are_people_too(rules):
    """`above 37.5` and `at least 37.6` are the same on a thermometer in °C, and differ at 99.6 °F."""
    difference = changed(
        rules, f"{ALL}/infection.yaml", "{temperature: above 37.5 °C}", "{temperature: at least 37.6 °C}"
    )

    assert {37.55} == {change.person["temperature"] for change in difference.lowered}


def test_a_lowered_level_is_lowered(rules):
    difference = changed(rules, f"{ALL}/tummy-pain.yaml", "level: tell", "level: contact")
    back = diff(load(rules.folder / ALL), load(ALL))

    assert [] == list(difference.lowered)
    assert difference.raised
    assert [] == list(back.raised)
    assert len(difference.raised) == len(back.lowered)


def test_a_dropped_card_lowers_and_its_questions_are_no_longer_asked(rules):
    rules.change(f"{ALL}/protocol.yaml", "  - tummy-pain\n", "")
    rules.change(f"{ALL}/protocol.yaml", "      - tummy_pain\n", "")
    (rules.folder / ALL / "tummy-pain.yaml").unlink()
    difference = diff(load(ALL), load(rules.folder / ALL))

    assert {("tell", "none")} == {
        (change.old, change.new) for change in difference.lowered if change.complete
    }
    assert any("tummy_pain" in change.where for change in difference.asked)


def test_words_are_words_and_change_nobody(rules):
    difference = changed(rules, f"{ALL}/headache.yaml", "Do you have a headache?", "Does your head hurt?")

    assert ((), (), ()) == (difference.lowered, difference.raised, difference.asked)
    assert [f"{ALL} / headache / ask / headache / you"] == [change.where for change in difference.wording]


def test_a_question_asked_only_of_some_is_asked_differently(rules):
    difference = changed(
        rules,
        f"{ALL}/headache.yaml",
        "  headache:\n",
        "  headache:\n    only_if: {generally_unwell: yes}\n",
    )

    assert any("only_if" in change.where for change in difference.asked)
    assert difference.lowered


def test_the_level_for_what_is_not_known_changes_those_who_do_not_know(rules):
    difference = changed(rules, f"{ALL}/protocol.yaml", "when_unsettled: contact", "when_unsettled: tell")

    assert difference.lowered
    assert not any(
        change.complete for change in difference.lowered if "took_fever_medicine" not in change.person
    )


# against brute force, on random pairs of small protocols

QUESTIONS = ("a", "b", "n")
VALUES = {"a": (True, False, None), "b": (True, False, None), "n": (*range(5), None)}


def atoms():
    flag = st.sampled_from([Test(name, Op.IS, value=True) for name in ("a", "b")])
    limit = st.builds(Test, st.just("n"), st.sampled_from(list(Op)), st.integers(1, 3))
    return flag | limit


def conditions():
    def join(inner):
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        at_least = parts.flatmap(
            lambda some: st.integers(1, len(some)).map(lambda count: AtLeast(count, some))
        )
        return st.builds(AllOf, parts) | st.builds(AnyOf, parts) | at_least

    return st.recursive(atoms(), join, max_leaves=4)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A protocol of three questions and two rules, whose conditions and levels are put in by a test."""
    from whentocall.protocol.load import shipped_rules  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("pair") / "rules"
    (folder / "small").mkdir(parents=True)
    (folder / "sources").mkdir()
    shutil.copy(shipped_rules() / "levels.yaml", folder / "levels.yaml")
    (folder / "sources" / "tests.yaml").write_text(
        "title: t\npublisher: p\nseen: 2026-11-21\nsentences: {T-1: {section: s, point: p}}\n", "utf-8"
    )
    (folder / "small" / "protocol.yaml").write_text(
        'title: t\nwho_for: w\nversion: "1"\nregion: {name: r, emergency_number: "0", emergency_place: e}\n'
        "documents: [tests]\ncards: [one]\nwritten: 2026-11-21\nreview_due: 2027-11-21\n",
        "utf-8",
    )
    asked = "you: q?, they: q?, short: q"
    (folder / "small" / "one.yaml").write_text(
        "title: t\nsource: {document: tests, section: s}\nask:\n"
        f"  a: {{{asked}, answer: yes or no}}\n"
        f"  b: {{{asked}, answer: yes or no, only_if: {{a: yes}}}}\n"
        f"  n: {{{asked}, answer: 'whole number, 0 to 4', not_reassuring_if: {{a: yes}}}}\n"
        "rules:\n"
        "  r0: {when: {a: yes}, level: contact, because: b, sentences: [T-1]}\n"
        "  r1: {when: {a: yes}, level: contact, because: b, sentences: [T-1]}\n",
        "utf-8",
    )
    return load(folder / "small")


def with_rules(template, whens, levels):
    from dataclasses import replace  # noqa: PLC0415

    placed = []
    for rule, when, level in zip(template.rules, whens, levels, strict=True):
        placed.append(replace(rule, when=when, level=level, rank=template.ranks[level]))
    return replace(template, rules=tuple(placed), _memo={})


def everybody():
    """Everybody without a contradiction: `b` is answered only where `a` may be yes."""
    for values in itertools.product(*VALUES.values()):
        person = {name: value for name, value in zip(VALUES, values, strict=True) if value is not None}
        if not (person.get("a") is False and "b" in person):
            yield person


PAIRS = st.tuples(*[st.tuples(conditions(), conditions())] * 2)
LEVELS = st.tuples(*[st.tuples(*[st.sampled_from(["tell", "contact", "immediately"])] * 2)] * 2)


@examples(30)
@given(whens=PAIRS, levels=LEVELS)
def test_diff_agrees_with_brute_force(template, whens, levels):
    """Every reported person really differs, and every person who differs is reported by a like one."""
    old, new = (with_rules(template, when, level) for when, level in zip(whens, levels, strict=True))
    difference = diff(old, new)
    reported = {(change.old, change.new) for change in (*difference.lowered, *difference.raised)}

    for change in (*difference.lowered, *difference.raised):
        shown = [advise(protocol, change.person, watch=False).level for protocol in (old, new)]
        assert [change.old, change.new] == shown
        lowered = new.ranks[change.new] < old.ranks[change.old]
        assert ("lowered" if lowered else "raised") == change.direction
    for person in everybody():
        before, after = (advise(protocol, person, watch=False).level for protocol in (old, new))
        if before != after:
            assert (before, after) in reported
