"""The benchmarks' engines all do the same work. Nothing is timed here."""

import statistics
from importlib import import_module
from pathlib import Path

import pytest


@pytest.fixture
def module(monkeypatch):
    """A module of this folder, which is no package: its files are run as programs."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return import_module


def test_the_sessions_are_those_that_the_tables_speak_of(module):
    workload = module("workload").seventeen()
    temperatures = {one["temperature"] for one in workload.sessions}

    assert 1040 == len(workload.sessions)
    assert 1.8 == round(statistics.mean(len(workload.floor(one)[0]) for one in workload.sessions), 1)
    assert {37.5, 36.0} <= temperatures
    assert {0, 1, 2, 3, 4} == {workload.floor(one)[1] for one in workload.sessions}


def test_the_if_chain_by_hand_and_the_generated_one_agree(module):
    work = module("workload")
    workload = work.seventeen()
    generated = work.generated_chain(workload.rules)

    assert [workload.floor(one) for one in workload.sessions] == [generated(one) for one in workload.sessions]


@pytest.mark.parametrize("count", [17, 32])
def test_every_engine_at_hand_fires_what_the_if_chain_fires(module, count):
    work, peers = module("workload"), module("peers")
    workload = work.seventeen(60) if count == 17 else work.scaled(count, 20)
    entries = peers.entries(workload)

    for ways in entries.values():
        for way in ways:
            peers.check(way, workload)
    assert 4 <= len(entries)


def test_an_engine_that_fires_something_else_is_not_timed(module):
    work, peers = module("workload"), module("peers")
    workload = work.seventeen(60)
    deaf = module("entries").Way("deaf", lambda _: ([], 0), workload.sessions)

    with pytest.raises(peers.Wrong):
        peers.check(deaf, workload)
