"""Whatever breaks inside, a person gets advice: never less urgent than without the fault, and it says so."""

import importlib
import json

import pytest

from whentocall import Advice, advise
from whentocall.engine import durable
from whentocall.engine.durable import DurableEngine
from whentocall.engine.program import Program
from whentocall.engine.reference import Reading
from whentocall.protocol.conditions import Test as Comparison
from whentocall.protocol.conditions import Truth

advise_module = importlib.import_module("whentocall.engine.advise")  # the name itself is the function

PEOPLE = {
    "none": {},
    "tell": {"something_else": True},
    "contact": {"diarrhoea": True, "loose_stools": 5, "cannot_replace_fluid": False, "diarrhoea_days": 1},
    "urgently": {"muscle_aches": True},
    "immediately": {"temperature": 38.2, "dizzy": True},
    "emergency": {"chest_pain": True, "headache": True},
}


@pytest.fixture(params=list(PEOPLE))
def person(request, nothing_else, all_targeted):
    """The answers of one person of each level, and the advice that they get without any fault."""
    answers = nothing_else(all_targeted, **PEOPLE[request.param])
    advice = advise(all_targeted, answers)
    assert (request.param, ()) == (advice.level, advice.problems)
    return answers, advice


@pytest.fixture
def check(all_targeted, person):
    """Advice with the engine on these C functions; what must hold of it whatever the fault."""
    answers, sound = person

    def advised(c=None):
        if c is not None:
            all_targeted._memo[DurableEngine] = DurableEngine(all_targeted, c)
        advice = advise(all_targeted, answers)
        safe(all_targeted, sound, advice)
        return advice

    return advised


def safe(protocol, sound, advice):
    assert isinstance(advice, Advice)
    floor = max(protocol.ranks[sound.level], protocol.ranks["contact"])
    assert floor <= protocol.ranks[advice.level]
    assert advice.problems
    for problem in advice.problems:
        assert advice.headline in problem.text
        assert "wrong" in problem.text
        assert "{" not in problem.text
        assert "Error" not in problem.text
    assert advice.contact.who is not None
    json.loads(advice.to_json())


class Broken:
    """The real C functions, with some replaced. `calls` has what was asked of them."""

    def __init__(self, **replaced):
        self.real = durable.c_functions()
        self.replaced = replaced
        self.calls = []

    def __getattr__(self, name):
        def call(*args):
            self.calls.append((name, args))
            real = getattr(self.real, name)
            return self.replaced[name](real, *args) if name in self.replaced else real(*args)

        return call


def raising(error):
    def call(_real, *_args):
        raise error

    return call


def answering(value):
    """The real call, and then another answer: skipping a call could crash the real engine."""

    def call(real, *args):
        real(*args)
        return value

    return call


CALLS = (
    "create_ruleset",
    "assert_fact",
    "start_action_for_state",
    "complete_and_start_action",
    "retract_fact",
)
ERRORS = (
    RuntimeError("x"),
    MemoryError(),
    KeyError("k"),
    RecursionError(),
    SystemError("s"),
    OSError(5, "io"),
)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_exception_from_the_engine(check, call, error):
    advice = check(Broken(**{call: raising(error)}))

    assert {"engine: EngineFault"} == {one.kind for one in advice.problems}


WRONG = {
    "assert_fact": [(303, 0), (1, 0), None, (), "no", 7],
    "retract_fact": [(1, 0), None, 0, (0, 2), ()],
    "start_action_for_state": [
        None,
        (0, None),
        (0, "{}"),
        (0, ""),
        (0, "{"),
        (0, "7"),
        (0, "[[]]"),
        (0, "null"),
    ],
    "complete_and_start_action": ["{", "", "7", "[1]", "[[]]", b"\xff", 5, '{"r9999": {}}', '{"x": {}}'],
    "create_ruleset": [None, -1, "one", 2**40],
}


@pytest.mark.parametrize(
    ("call", "value"),
    [(call, value) for call, values in WRONG.items() for value in values if call != "create_ruleset"],
)
def test_a_wrong_answer_from_the_engine(check, call, value):
    check(Broken(**{call: answering(value)}))


@pytest.mark.parametrize("value", WRONG["create_ruleset"])
def test_a_handle_that_is_none(check, value):
    """The handle goes to no real function here: a wrong one could crash."""
    refused = {name: raising(RuntimeError("no such ruleset")) for name in CALLS[1:]}
    check(Broken(**{"create_ruleset": lambda *_: value, **refused}))


def without(message, name):
    fired = json.loads(message)
    fired.pop(name, None)
    return json.dumps(fired)


def test_the_canary_is_lost(check):
    def start(real, *args):
        state, message, *more = real(*args)
        return (state, without(message, "all"), *more)

    def complete(real, *args):
        message = real(*args)
        return message and without(message, "all")

    check(Broken(start_action_for_state=start, complete_and_start_action=complete))


def test_nothing_comes_back(check):
    check(Broken(start_action_for_state=answering(None)))


def test_results_without_end(check):
    """The canary fires again and again: reading stops, and says so."""
    broken = Broken(complete_and_start_action=lambda *_: '{"all": {}}')
    check(broken)

    assert len(broken.calls) < 500


def test_a_rule_is_lost(check, person):
    """All that fired but the canary is dropped: the reference holds what is lost."""
    _, sound = person
    if not sound.reasons:
        pytest.skip("nothing fires for this person, so nothing can be lost")

    def complete(real, *args):
        message = real(*args)
        return message and "{}"

    def start(real, *args):
        state, _, *more = real(*args)
        return (state, '{"all": {}}', *more)

    advice = check(Broken(start_action_for_state=start, complete_and_start_action=complete))
    assert {"disagreement"} == {one.kind for one in advice.problems}
    assert sound.reasons == advice.reasons


def test_a_wrong_rule_fires(check, person, all_targeted):
    """A rule that only the engine says holds counts: the more urgent of the two."""
    _, sound = person
    engine = DurableEngine(all_targeted)
    top = max(range(len(all_targeted.rules)), key=lambda index: all_targeted.rules[index].rank)
    name = next(name for name, index in engine._parts[0].rules.items() if index == top)

    def start(real, *args):
        state, message, *more = real(*args)
        return (state, json.dumps({**json.loads(message), name: {}}), *more)

    if sound.level == "emergency" and all_targeted.rules[top].id in {one.rule for one in sound.reasons}:
        pytest.skip("the rule fires anyway")
    advice = check(Broken(start_action_for_state=start))
    assert "emergency" == advice.level


def test_after_a_passing_fault_all_is_well_again(all_targeted, person):
    answers, sound = person
    broken = Broken(assert_fact=raising(RuntimeError()))
    all_targeted._memo[DurableEngine] = DurableEngine(all_targeted, broken)
    assert advise(all_targeted, answers).problems

    broken.replaced.clear()

    assert sound == advise(all_targeted, answers)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interruption_goes_through_and_drops_the_ruleset(all_targeted, call, error):
    broken = Broken()
    engine = all_targeted._memo[DurableEngine] = DurableEngine(all_targeted, broken)
    advise(all_targeted, {"shivery": True})
    if call == "create_ruleset":
        engine._idle.clear()
    broken.replaced[call] = raising(error())

    with pytest.raises(error):
        advise(all_targeted, {"shivery": True})

    assert not engine._idle
    broken.replaced.clear()
    assert ("immediately", ()) == (
        advise(all_targeted, {"shivery": True}).level,
        advise(all_targeted, {"shivery": True}).problems,
    )


# faults of our own code


def test_the_reference_fails_alone(check, monkeypatch):
    """What the engine did not fire is then not known."""
    monkeypatch.setattr(Reading, "rules", raising(RuntimeError("x")))

    advice = check()
    assert "reference: RuntimeError" in {one.kind for one in advice.problems}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"something_else": True}, ("contact", "tell")),
        ({"chest_pain": True}, ("emergency", "emergency")),
        ({"temperature": 37.6}, ("immediately", "immediately")),
        ({"temperature": 36.8, "headache": True}, ("urgently", "tell")),  # half of a flu-like illness
        ({}, ("contact", "none")),
    ],
)
@pytest.mark.parametrize("broken", [(Reading, "rules"), (Program, "run")], ids=["rules", "run"])
@pytest.mark.parametrize("second", [True, False])
def test_the_reference_and_the_engine_fail(monkeypatch, all_targeted, answers, expected, broken, second):
    """Any comparison that an answer passes then counts as if it were enough, and "contact" is the least."""
    monkeypatch.setattr(*broken, raising(RuntimeError("x")))
    all_targeted._memo[DurableEngine] = DurableEngine(all_targeted, Broken(assert_fact=raising(OSError())))
    if not second:
        monkeypatch.setattr("whentocall.engine.confirm.second_look", raising(RuntimeError("x")))
    advice = advise(all_targeted, answers)

    level, at_least = expected
    assert (level, at_least if second else "none") == (advice.level, advice.at_least)
    assert "emergency" == advice.could_be
    kinds = {one.kind for one in advice.problems}
    assert "engine: EngineFault" in kinds
    assert {"reference: RuntimeError", "reference: LookupError"} & kinds


def test_everything_fails(monkeypatch, all_targeted):
    """Even the last resort: then the most urgent level."""
    monkeypatch.setattr(Program, "run", raising(RuntimeError("x")))
    monkeypatch.setattr(Comparison, "holds", raising(RuntimeError("x")))
    all_targeted._memo[DurableEngine] = DurableEngine(all_targeted, Broken(assert_fact=raising(OSError())))

    assert "emergency" == advise(all_targeted, {"headache": True}).level


def test_the_reference_says_too_little(check, person, monkeypatch):
    """A reference that finds every rule false does not lower what the engine fires."""
    _, sound = person
    monkeypatch.setattr(Reading, "rules", lambda self: tuple(Truth.FALSE for _ in self.protocol.rules))

    if sound.reasons:
        assert sound.reasons == check().reasons


@pytest.mark.parametrize("part", ["watch_for", "settle", "_reasons", "_self_care", "_contradictions"])
@pytest.mark.parametrize("error", [RuntimeError("x"), KeyError("k"), RecursionError(), MemoryError()])
def test_a_part_of_the_result_fails(check, monkeypatch, part, error):
    """The part is empty, the rest stands, and it is said."""
    monkeypatch.setattr(advise_module, part, raising_now(error))

    check()


def raising_now(error):
    def call(*_args, **_kwargs):
        raise error

    return call


def test_interruptions_of_our_own_code_go_through(all_targeted, monkeypatch):
    monkeypatch.setattr(advise_module, "_reasons", raising_now(KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt):
        advise(all_targeted, {"shivery": True})
