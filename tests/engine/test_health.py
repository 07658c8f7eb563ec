"""An engine that fails is counted against what works, rests, and comes back."""

import pytest

from whentocall.engine.durable import DurableEngine, EngineFault, c_functions
from whentocall.engine.health import LONGEST_REST, MAKE_UP, MAX_FAILURES, SHORTEST_REST, Record
from whentocall.protocol.conditions import Op, Test


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def record(clock):
    return Record(clock)


def fail(record, count=MAX_FAILURES):
    for _ in range(count):
        record.note_failure("x")


def test_a_fresh_record_has_nothing_against_the_engine(record):
    assert record.may_try()
    assert (0, 0, False, False) == (record.worked, record.failed, record.resting, record.degraded)


def test_failures_below_the_most_leave_it_working(record):
    fail(record, MAX_FAILURES - 1)

    assert record.may_try()
    assert record.degraded
    assert not record.resting
    assert MAX_FAILURES - 1 == record.failed


def test_too_many_failures_make_it_rest(record, clock):
    fail(record)

    assert record.resting
    assert not record.may_try()
    clock.now = SHORTEST_REST - 0.1
    assert not record.may_try()


def test_after_a_rest_one_may_try_and_the_others_wait_for_it(record, clock):
    fail(record)
    clock.now = SHORTEST_REST

    assert [True, False, False] == [record.may_try() for _ in range(3)]


def test_one_that_works_after_a_rest_ends_it(record, clock):
    fail(record)
    clock.now = SHORTEST_REST
    record.may_try()
    record.note_success()

    assert record.may_try()
    assert not record.resting
    assert record.degraded
    fail(record, MAX_FAILURES // 2 - 1)
    assert not record.resting


def test_each_rest_is_twice_as_long_up_to_the_longest(record, clock):
    fail(record)
    rests = []
    for _ in range(9):
        start = clock.now
        while not record.may_try():
            clock.now += 30
        rests.append(clock.now - start)
        start = clock.now

    assert [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600] == rests
    assert LONGEST_REST == rests[-1]


def test_successes_make_up_for_failures(record):
    """A rare failure never adds up to a rest, whatever the age of the process."""
    for _ in range(3 * MAX_FAILURES):
        record.note_failure("x")
        for _ in range(MAKE_UP + 1):
            record.note_success()

    assert not record.resting
    assert not record.degraded
    assert 3 * MAX_FAILURES == record.failed


def test_fewer_successes_do_not(record):
    failures = 0
    while not record.resting:
        record.note_failure("x")
        failures += 1
        for _ in range(0 if record.resting else MAKE_UP // 2):
            record.note_success()

    assert abs(2 * MAX_FAILURES - failures) <= 1  # a half each, added up in floats


def test_when_all_is_made_up_for_the_next_rest_is_short_again(record, clock):
    fail(record)
    clock.now = SHORTEST_REST
    assert record.may_try()
    for _ in range(MAX_FAILURES * MAKE_UP):
        record.note_success()
        if not record.degraded:
            break
    fail(record)

    clock.now += SHORTEST_REST
    assert record.may_try()


def test_an_engine_that_rested_works_again(rule_set, clock):
    class Failing:
        broken = True

        def __getattr__(self, name):
            return getattr(c_functions(), name)

        def assert_fact(self, *args):
            if self.broken:
                raise RuntimeError("no memory")
            return c_functions().assert_fact(*args)

    c = Failing()
    engine = DurableEngine(rule_set(Test("a", Op.IS, value=True)), c)
    engine.record = Record(clock)
    for _ in range(MAX_FAILURES + 20):
        with pytest.raises(EngineFault, match="no memory"):
            engine.fired({"a": True})
    assert MAX_FAILURES == engine.record.failed

    c.broken = False
    with pytest.raises(EngineFault, match="failed too often"):
        engine.fired({"a": True})
    clock.now = SHORTEST_REST
    for _ in range(3):
        assert {0} == engine.fired({"a": True})
    assert 3 == engine.record.worked
