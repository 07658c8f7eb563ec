"""What to watch for is what can still happen."""

from pathlib import Path

import pytest

from whentocall import advise, load

RULES = Path(__file__).parents[1] / "traffic_lights" / "rules"


@pytest.fixture(scope="module")
def pump():
    return load("pump-line", rules=RULES)


def watched(protocol, answers):
    return {watch.rule for watch in advise(protocol, answers).watch_for}


def test_a_choice_is_watched_for_until_it_is_known(pump):
    """A choice is how somebody is, and is asked again another day; only "no" and numbers are watched."""
    sore = "pump-line/sore-mouth/too-sore-to-eat"

    assert sore in watched(pump, {})
    assert sore not in watched(pump, {"mouth": "none"})


def test_more_than_is_needed_is_not_watched_for(write_protocol, yes_no, rule_line):
    """Whichever rule comes first; of two that need the same, the first is told."""
    rules = [
        rule_line("three", "{a: yes, b: yes, c: yes}"),
        rule_line("two", "{a: yes, b: yes}"),
        rule_line("one", "{c: yes}", "amber"),
    ]
    protocol = write_protocol(f"ask:\n{yes_no('a', 'b', 'c')}rules:\n{''.join(rules)}")
    no = dict.fromkeys("abc", False)

    assert {"tests/card0/two", "tests/card0/one"} == watched(protocol, no)
    assert {"tests/card0/three"} == watched(protocol, {**no, "c": True, "a": True})
