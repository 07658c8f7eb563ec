"""Gaps and overlaps between bands of one number, at the question's own resolution."""

import json

from whentocall import load
from whentocall.authoring.bands import band_findings

WARM = "temperature, 30 to 45 °C"


def bands(protocol, lines, *conditions, range_="whole number, 0 to 20", more=""):
    rules = [lines.rule(f"r{place}", f"{{{condition}}}") for place, condition in enumerate(conditions)]
    return list(band_findings(protocol(([lines.number("n", range_, more)], rules))))


def test_37_5_left_out_between_two_bands_is_found(protocol, lines):
    (finding,) = bands(protocol, lines, "n: at most 37.4 °C", "n: above 37.5 °C", range_=WARM)

    assert "gap" == finding.code
    assert "'r0' and 'r1' leave out 37.5 °C of 'n' between them" == finding.message
    assert {"n": 37.5} == json.loads(finding.person)


def test_10_left_out_between_7_to_9_and_over_10_is_found(protocol, lines):
    (finding,) = bands(protocol, lines, "all: [{n: at least 7}, {n: at most 9}]", "n: more than 10")

    assert ("gap", {"n": 10}) == (finding.code, json.loads(finding.person))


def test_a_wide_gap_is_found_as_a_range(protocol, lines):
    (finding,) = bands(protocol, lines, "n: at most 3", "n: at least 9")

    assert "'r0' and 'r1' leave out 4 to 8 of 'n' between them" == finding.message


def test_37_5_in_two_bands_is_found(protocol, lines):
    (finding,) = bands(protocol, lines, "n: at most 37.5 °C", "n: at least 37.5 °C", range_=WARM)

    assert ("overlap", {"n": 37.5}) == (finding.code, json.loads(finding.person))


def test_bands_that_meet_are_fine(protocol, lines):
    assert [] == bands(protocol, lines, "n: at most 37.4 °C", "n: at least 37.5 °C", range_=WARM)
    assert [] == bands(protocol, lines, "n: at most 37.5 °C", "n: above 37.5 °C", range_=WARM)


def test_nested_limits_are_meant(protocol, lines):
    assert [] == bands(protocol, lines, "n: at least 4", "n: at least 7")


def test_where_most_people_are_is_no_gap(protocol, lines):
    """Between "below 36" and "above 37.5" lies the usual temperature."""
    findings = bands(protocol, lines, "n: below 36 °C", "n: above 37.5 °C", range_=WARM, more=", usual: 36.8")

    assert [] == findings


def test_the_shipped_protocols_have_none():
    for name in ("all-targeted-drugs", "neuroblastoma-targeted-therapy"):
        assert [] == list(band_findings(load(name)))
