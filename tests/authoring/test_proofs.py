"""Each proof finds its seeded error, with a right example person, and nothing where there is none."""

import json

import pytest

from whentocall import advise, load
from whentocall.authoring.proofs import proof_findings

LEVELS = """
who: {nurse: the nurse}
levels:
  red: {word: Red, who: [nurse], headline: "Call {who} now", how_soon: Now., colour: red}
  amber: {word: Amber, who: [nurse], headline: "Call {who} today", how_soon: Today., colour: orange}
  green: {word: Green, headline: Nothing to report, how_soon: Never., colour: green, self_care: yes}
"""
SHIPPED = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")


def findings_of(protocol, code=None):
    findings = list(proof_findings(protocol))
    return [finding for finding in findings if code in (None, finding.code)]


def level(protocol, person):
    return protocol.ranks[advise(protocol, person, watch=False).level]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_protocols_have_nothing_but_what_they_waive(name):
    protocol = load(name)
    waived = {(waiver.finding, waiver.about) for card in protocol.cards for waiver in card.waive}

    assert waived == {(finding.code, finding.about) for finding in findings_of(protocol)}


def test_a_sound_protocol_has_no_findings(protocol, lines):
    sound = protocol(
        (
            [lines.yes_no("a"), lines.number("n", more=", only_if: {a: yes}")],
            [
                lines.rule("any", "{a: yes}", "amber"),
                lines.rule("many", "{n: at least 4}"),
            ],
        )
    )

    assert [] == findings_of(sound)


def test_a_rule_that_can_never_fire_is_found(protocol, lines):
    broken = protocol(([lines.number("n")], [lines.rule("both", "{all: [{n: at least 9}, {n: at most 3}]}")]))

    assert ["both"] == [finding.about for finding in findings_of(broken, "never-fires")]


def test_a_rule_on_a_follow_up_that_is_never_open_can_never_fire(protocol, lines):
    broken = protocol(
        (
            [
                lines.yes_no("a"),
                lines.yes_no("b", ", only_if: {a: yes}"),
                lines.yes_no("c", ", only_if: {all: [{a: no}, {b: yes}]}"),
            ],
            [lines.rule("a", "{a: yes}", "amber"), lines.rule("c", "{c: yes}")],
        )
    )

    assert ["c"] == [finding.about for finding in findings_of(broken, "never-fires")]
    assert ["c"] == [finding.about for finding in findings_of(broken, "never-asked")]


def test_a_swallowed_rule_is_found_with_a_person_and_what_swallows_it(protocol, lines):
    broken = protocol(
        (
            [lines.number("n"), lines.yes_no("a")],
            [
                lines.rule("many", "{n: at least 4}"),
                lines.rule("very-many", "{n: at least 8}"),
                lines.rule("other", "{a: yes}", "amber"),
            ],
        )
    )
    (finding,) = findings_of(broken, "swallowed")

    assert "very-many" == finding.about
    assert "'card0/many'" in finding.message
    assert "other" not in finding.message
    person = json.loads(finding.person)
    assert {"small/card0/many", "small/card0/very-many"} == {
        reason.rule for reason in advise(broken, person).reasons
    }


def test_a_rule_at_a_higher_level_is_not_swallowed(protocol, lines):
    sound = protocol(
        (
            [lines.number("n")],
            [lines.rule("some", "{n: at least 4}", "amber"), lines.rule("many", "{n: at least 8}", "red")],
        )
    )

    assert [] == findings_of(sound, "swallowed")


def test_a_no_that_raises_is_found_as_a_yes_that_lowers(protocol, lines):
    broken = protocol(([lines.yes_no("a")], [lines.rule("not-a", "{a: no}")]))
    (finding,) = findings_of(broken, "worse-lowers")
    person = json.loads(finding.person)

    assert "a 'yes' to 'a'" in finding.message
    assert level(broken, {**person, "a": True}) < level(broken, person)


def test_a_gap_between_bands_is_found_as_a_higher_number_that_lowers(protocol, lines):
    broken = protocol(
        (
            [lines.number("n")],
            [
                lines.rule("some", "{all: [{n: at least 7}, {n: at most 9}]}"),
                lines.rule("many", "{n: more than 10}"),
            ],
        )
    )
    (finding,) = findings_of(broken, "worse-lowers")
    person = json.loads(finding.person)

    assert "a higher number" in finding.message
    assert level(broken, {**person, "n": 10}) < level(broken, person)


def test_both_directions_away_from_the_usual_value_are_worse(protocol, lines):
    warm = "temperature, 30 to 45 °C"
    sound = protocol(
        (
            [lines.number("t", warm, ", usual: 36.8")],
            [lines.rule("high", "{t: above 37.5 °C}"), lines.rule("low", "{t: below 36 °C}")],
        )
    )

    assert [] == findings_of(sound, "worse-lowers")


def test_a_question_whose_every_answer_is_urgent_is_found(protocol, lines):
    """Red whatever the number is, but amber where it is not known: no single rule is sure."""
    broken = protocol(
        (
            [lines.number("n")],
            [lines.rule("high", "{n: more than 5}"), lines.rule("low", "{n: at most 5}")],
        )
    )
    (finding,) = findings_of(broken, "not-knowing-lowers")
    person = json.loads(finding.person)

    assert "n" == finding.about
    assert "amber" == advise(broken, person).level
    assert {"red"} == {advise(broken, {**person, "n": value}).level for value in range(21)}


def test_an_unsafe_stop_would_be_found(protocol, lines, monkeypatch):
    """With bounds that forget what is not asked, the proof must fail: it is not one that always passes."""
    from whentocall.authoring import proofs  # noqa: PLC0415

    sound = protocol(([lines.yes_no("a"), lines.yes_no("b")], [lines.rule("both", "{a: yes}")]))
    assert [] == findings_of(sound, "unsafe-stop")

    real = proofs.Meaning

    def forgetful(protocol, person, not_asked="open"):
        return real(protocol, person, "best" if not_asked == "worst" else not_asked)

    monkeypatch.setattr(proofs, "Meaning", forgetful)
    (finding,) = findings_of(sound, "unsafe-stop")
    assert "too early" in finding.message


def test_the_stop_that_the_proof_once_found_stays_mended(protocol, lines):
    """A follow-up of two openers, one not known and one not asked yet: a "no" may still settle it."""
    blue = "  blue: {word: Blue, who: [nurse], headline: Tell them, how_soon: Soon., colour: blue}\n"
    small = protocol(
        (
            [
                lines.yes_no("a"),
                lines.yes_no("b"),
                lines.yes_no("f", ", only_if: {any: [{a: yes}, {b: yes}]}"),
            ],
            [
                lines.rule("f", "{f: yes}", "amber"),
                lines.rule("a", "{a: yes}", "blue"),
                lines.rule("b", "{b: yes}", "blue"),
            ],
        ),
        levels=LEVELS.replace("  green:", f"{blue}  green:"),
    )

    assert [] == findings_of(small, "unsafe-stop")
    assert not advise(small, {"a": None}).finished
    assert "blue" == advise(small, {"a": None, "b": True, "f": False}).level


def test_what_the_solver_gives_up_on_is_said(protocol, lines, monkeypatch):
    from whentocall.authoring import proofs  # noqa: PLC0415

    def tired(*_args):
        raise proofs.Undecided("timeout")

    monkeypatch.setattr(proofs.Solver, "find", tired)
    small = protocol(([lines.yes_no("a")], [lines.rule("a", "{a: yes}")]))

    assert {"not-proved"} == {finding.code for finding in findings_of(small)}
