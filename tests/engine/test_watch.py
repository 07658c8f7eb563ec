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
