"""Many at once: threads, processes, tasks; and memory that stays flat."""

import asyncio
import gc
import multiprocessing
import resource
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from whentocall import advise
from whentocall.engine.answers import check_answers
from whentocall.engine.durable import DurableEngine
from whentocall.engine.reference import Reading
from whentocall.protocol.conditions import Truth

THREADS = 8
CALLS = 10_000


def people(protocol):
    """Twenty or so people, each with the rules that hold for them by the reference alone."""
    found = []
    symptoms = [one.id for one in protocol.questions.values() if one.answer.kind == "yes-no"]
    for start in range(20):
        answers = {one: index % (start + 2) == 0 for index, one in enumerate(symptoms)}
        if "temperature" in protocol.questions:
            answers["temperature"] = 35.5 + start / 8
        values = check_answers(protocol, answers).values
        truths = Reading(protocol, values).rules()
        found.append((values, frozenset(i for i, truth in enumerate(truths) if truth is Truth.TRUE)))
    return found


def in_threads(work):
    """Run `work(number)` in all threads at once; the wrong results that it found."""
    start = threading.Barrier(THREADS)

    def run(number):
        start.wait()
        return work(number)

    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            return [wrong for found in pool.map(run, range(THREADS)) for wrong in found]
    finally:
        sys.setswitchinterval(switch)


@pytest.mark.one_in(2)
def test_threads_on_one_protocol(shipped):
    engine, cases = shipped.once(DurableEngine), people(shipped)
    assert len({held for _, held in cases}) > 10

    def work(number):
        wrong = []
        for call in range(CALLS):
            values, held = cases[(call + number * 7) % len(cases)]
            if engine.fired(values) != held:
                wrong.append(call)
        return wrong

    assert [] == in_threads(work)


def test_threads_on_several_protocols(shipped, all_targeted, write_protocol, yes_no, rule_line):
    small = write_protocol(f"ask:\n{yes_no('a', 'b')}rules:\n{rule_line('r', '{a: yes, b: yes}')}")
    protocols = [shipped, all_targeted, small]
    cases = [people(one) for one in protocols]

    def work(number):
        wrong = []
        for call in range(CALLS // 5):
            which = (call + number) % len(protocols)
            values, held = cases[which][(call * 3 + number) % len(cases[which])]
            if protocols[which].once(DurableEngine).fired(values) != held:
                wrong.append((which, call))
        return wrong

    assert [] == in_threads(work)


def test_threads_give_the_same_advice_as_one(all_targeted):
    answers = [{"temperature": 35.5 + step / 8, "dizzy": step % 2 == 0} for step in range(20)]
    right = [advise(all_targeted, one).to_json() for one in answers]

    def work(number):
        order = [(call + number) % len(answers) for call in range(40)]
        return [call for call in order if advise(all_targeted, answers[call]).to_json() != right[call]]

    assert [] == in_threads(work)


def test_threads_that_all_ask_first_build_one_engine(all_targeted):
    """The first evaluation of a protocol, by all threads at the same time."""
    engines = []

    def work(_number):
        engines.append(all_targeted.once(DurableEngine))
        return [] if advise(all_targeted, {"shivery": True}).level == "immediately" else ["wrong"]

    assert [] == in_threads(work)
    assert 1 == len(set(map(id, engines)))


def _in_child(protocol, cases, answers):
    engine = protocol.once(DurableEngine)
    right = all(engine.fired(values) == held for _ in range(50) for values, held in cases)
    with answers:
        answers.send((right, advise(protocol, {"temperature": 38.0}).to_json()))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork_children_and_parent_are_right(all_targeted):
    cases = people(all_targeted)
    engine = all_targeted.once(DurableEngine)
    for values, held in cases:
        assert held == engine.fired(values)
    right = advise(all_targeted, {"temperature": 38.0}).to_json()

    context = multiprocessing.get_context("fork")
    children = []
    for _ in range(4):
        here, there = context.Pipe(duplex=False)
        child = context.Process(target=_in_child, args=(all_targeted, cases, there))
        child.start()
        there.close()
        children.append((child, here))
    for _ in range(50):
        for values, held in cases:
            assert held == engine.fired(values)
    for child, here in children:
        with here:
            assert (True, right) == here.recv()
        child.join(20)
        assert 0 == child.exitcode
        child.close()
    assert right == advise(all_targeted, {"temperature": 38.0}).to_json()


def test_a_thousand_tasks_at_once(all_targeted):
    temperatures = [35 + (step % 60) / 10 for step in range(1000)]

    async def everybody():
        calls = (
            asyncio.to_thread(advise, all_targeted, {"temperature": one}, watch=False) for one in temperatures
        )
        return await asyncio.gather(*calls)

    found = asyncio.run(everybody())

    assert [{"temperature": one} for one in temperatures if not 36 <= one <= 37.5] == [
        dict(advice.reasons[0].answers) for advice in found if advice.reasons
    ]
    assert all(advice.problems == () for advice in found)


def test_memory_stays_flat_over_many_evaluations(all_targeted):
    """tests/benchmarks/memory.py does the same a million times."""
    engine, cases = all_targeted.once(DurableEngine), people(all_targeted)

    def evaluate(count):
        for call in range(count):
            engine.fired(cases[call % len(cases)][0])
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = evaluate(10_000)

    assert evaluate(60_000) - before < 3_000  # kB: 50 bytes a call
