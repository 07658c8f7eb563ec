"""One test per measured hazard of durable-rules that our use could meet, at our own border."""

import gc
import random
import resource
import subprocess
import sys

import pytest

from whentocall import EngineUnavailable, advise
from whentocall.engine import durable
from whentocall.engine.durable import DurableEngine, EngineFault
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test


def yes(question):
    return Test(question, Op.IS, value=True)


def no(question):
    return Test(question, Op.IS, value=False)


def above(question, value):
    return Test(question, Op.ABOVE, value)


@pytest.fixture
def fired(rule_set):
    """The indexes that fire of these conditions for these answers, in a new engine."""

    def evaluate(conditions, values):
        return set(DurableEngine(rule_set(*conditions)).fired(values))

    return evaluate


# how many


def test_more_than_64_rules_fire_at_once(fired):
    """One fact that matches 65 rules is error 303 in one ruleset."""
    conditions = [yes(f"a{number}") for number in range(200)]

    assert set(range(200)) == fired(conditions, {f"a{number}": True for number in range(200)})


def test_200_limits_of_one_number_fire_at_once(fired):
    conditions = [above("n", number) for number in range(200)]

    assert set(range(200)) == fired(conditions, {"n": 500})
    assert set(range(10)) == fired(conditions, {"n": 10})


def test_more_than_512_distinct_comparisons(fired):
    """512 distinct tests in a ruleset are error 303, 513 hang."""
    conditions = [above("n", number) for number in range(1200)]

    assert set(range(7)) == fired(conditions, {"n": 7})
    assert set(range(1200)) == fired(conditions, {"n": 5000})


def test_more_than_512_distinct_comparisons_in_few_rules(fired):
    conditions = [AllOf(tuple(above("n", rule * 55 + number) for number in range(55))) for rule in range(30)]

    assert set(range(30)) == fired(conditions, {"n": 5000})
    assert {0} == fired(conditions, {"n": 100})


def test_more_than_256_rules_with_the_same_condition(fired):
    """256 rules with one condition crash; 257 are refused."""
    conditions = [yes("a")] * 600

    assert set(range(600)) == fired(conditions, {"a": True})
    assert set() == fired(conditions, {"a": False})


def test_60_answers_that_must_hold_together(fired):
    conditions = [AllOf(tuple(yes(f"a{number}") for number in range(60)))]
    all_yes = {f"a{number}": True for number in range(60)}

    assert {0} == fired(conditions, all_yes)
    assert set() == fired(conditions, {**all_yes, "a59": False})


def test_1000_rules_of_which_one_fires(fired):
    conditions = [yes(f"a{number}") for number in range(1000)]

    assert {777} == fired(conditions, {"a777": True})


# conditions


def test_at_least_n_of(fired):
    condition = AtLeast(2, (yes("a"), yes("b"), yes("c"), above("n", 3)))

    assert set() == fired([condition], {"a": True})
    assert {0} == fired([condition], {"a": True, "n": 4})
    assert {0} == fired([condition], {"a": True, "b": True, "c": True, "n": 9})


def test_any_and_all_nested(fired):
    condition = AnyOf((AllOf((yes("a"), AnyOf((yes("b"), AllOf((yes("c"), yes("d"))))))), yes("e")))

    assert {0} == fired([condition], {"a": True, "c": True, "d": True})
    assert set() == fired([condition], {"a": True, "c": True, "d": False})
    assert set() == fired([condition], {"b": True, "c": True, "d": True})
    assert {0} == fired([condition], {"e": True})


def test_16_levels_of_nesting(fired):
    condition = yes("q0")
    for depth in range(1, 17):
        condition = (AllOf if depth % 2 else AnyOf)((condition, yes(f"q{depth}")))

    assert {0} == fired([condition], {"q0": True, **{f"q{depth}": True for depth in range(1, 17, 2)}})
    assert {0} == fired([condition], {"q16": True})
    assert set() == fired([condition], {"q0": True})


def test_a_rule_with_100_alternatives_all_true_is_reported_once(fired):
    """`$or` fires once per branch and refuses about 64 branches."""
    condition = AnyOf(tuple(yes(f"a{number}") for number in range(100)))

    assert {0} == fired([condition], {f"a{number}": True for number in range(100)})
    assert {0} == fired([condition], {"a99": True})


def test_every_key_of_a_condition_counts(fired):
    """Of several keys in one object durable-rules reads only the first."""
    condition = AllOf((yes("a"), yes("b"), above("n", 2)))

    assert set() == fired([condition], {"a": True})
    assert set() == fired([condition], {"b": True, "n": 3})
    assert {0} == fired([condition], {"a": True, "b": True, "n": 3})


def test_two_answers_to_one_question_never_join(fired):
    """`all` of two may need two facts, or one twice; ours is a plain "and" on one fact."""
    assert {0} == fired([AllOf((above("n", 2), Test("n", Op.BELOW, 5)))], {"n": 3})
    assert set() == fired([AllOf((above("n", 2), Test("n", Op.BELOW, 5)))], {"n": 5})


def test_a_no_is_compared_only_where_it_was_answered(fired):
    conditions = [no("a"), yes("a")]

    assert {0} == fired(conditions, {"a": False})
    assert {1} == fired(conditions, {"a": True})
    assert set() == fired(conditions, {"a": None})
    assert set() == fired(conditions, {})


def test_choices(fired):
    conditions = [Test("drug", Op.IS, "a"), AnyOf((Test("drug", Op.IS, "b"), Test("drug", Op.IS, "c")))]

    assert {0} == fired(conditions, {"drug": "a"})
    assert {1} == fired(conditions, {"drug": "c"})
    assert set() == fired(conditions, {"drug": "other"})


def test_names_that_mean_something_to_durable_rules_are_only_names(fired):
    """A fact's own `id`, `sid` and `$s` are taken for something else."""
    names = ("id", "sid", "c", "q0", "q1", "r0", "all", "any", "run", "pri", "count", "state")

    for index, name in enumerate(names):
        assert {index} == fired([yes(one) for one in names], {name: True})


# numbers


@pytest.mark.parametrize("limit", [3, 37.5, 36, -5, 0, 0.5, 0.0001, 999_999_999])
def test_numbers_at_their_limits(fired, limit):
    conditions = [Test("n", op, limit) for op in (Op.ABOVE, Op.AT_LEAST, Op.IS, Op.AT_MOST, Op.BELOW)]
    step = 1 if isinstance(limit, int) else 0.0001

    assert {1, 2, 3} == fired(conditions, {"n": limit})
    assert {1, 2, 3} == fired(conditions, {"n": float(limit)})
    assert {0, 1} == fired(conditions, {"n": limit + step})
    assert {3, 4} == fired(conditions, {"n": limit - step})


def test_the_last_bit_of_a_number_counts(fired):
    assert set() == fired([above("n", 37.5)], {"n": 37.5})
    assert {0} == fired([above("n", 37.5)], {"n": 37.50000000000001})
    assert {0} == fired([Test("n", Op.BELOW, 36)], {"n": 35.99999999999999})
    assert set() == fired([Test("n", Op.BELOW, 36)], {"n": 36.0})


@pytest.mark.parametrize("value", [1e-05, 1.5e-07, 5e-324, 1e-300])
def test_a_tiny_value_is_written_without_an_exponent(fired, value):
    """`1e-05` in a fact is error 204."""
    assert {0} == fired([above("n", 0), above("n", 0.001)], {"n": value})


@pytest.mark.parametrize("value", [1e16, 123456789012345680.0])
def test_a_large_value_is_written_without_an_exponent(fired, value):
    assert {0} == fired([above("n", 999_999_999), Test("n", Op.BELOW, 5)], {"n": value})


def test_minus_zero_is_zero(fired):
    assert {1, 2} == fired([above("n", 0), Test("n", Op.AT_LEAST, 0), Test("n", Op.IS, 0)], {"n": -0.0})


def test_random_numbers_compare_as_in_python(rule_set):
    random.seed(5)
    limits = [36, 37.5, 38.3, 40]
    conditions = [Test("n", op, limit) for limit in limits for op in Op]
    engine = DurableEngine(rule_set(*conditions))
    for _ in range(3000):
        near = random.choice(limits)
        value = random.choice([near, random.uniform(30, 45), near + random.uniform(-1, 1) * 1e-13])
        value = random.choice([value, round(value, 1), round(value, 3)])
        right = {index for index, test in enumerate(conditions) if test.holds(value)}
        assert right == engine.fired({"n": value})


# one evaluation after another


def test_the_same_answers_again_and_again(rule_set):
    """The same fact again in one state is dropped as already observed, unless it was taken back."""
    engine = DurableEngine(rule_set(yes("a"), above("n", 3)))

    for _ in range(2000):
        assert {0, 1} == engine.fired({"a": True, "n": 4})


def test_an_answer_of_another_type_after_the_first(rule_set):
    """`1`, then `True`, then `1.0`: hashes alike, so durable-rules could take one for the other."""
    engine = DurableEngine(rule_set(above("n", 0), yes("a")))

    assert {0} == engine.fired({"n": 1})
    assert {1} == engine.fired({"a": True})
    assert {0} == engine.fired({"n": 1.0})
    assert set() == engine.fired({"n": 0})


def test_nothing_is_remembered_of_the_answers_before(rule_set):
    engine = DurableEngine(rule_set(yes("a"), yes("b"), AllOf((yes("a"), yes("b")))))

    assert {0} == engine.fired({"a": True})
    assert {1} == engine.fired({"b": True})
    assert {0, 1, 2} == engine.fired({"a": True, "b": True})
    assert set() == engine.fired({})


def test_nothing_known_is_an_answer_like_any_other(fired):
    """A fact that no rule matches is an exception in durable-rules; the canary matches every fact."""
    assert set() == fired([yes("a")], {})
    assert set() == fired([yes("a")], {"a": None})


def test_no_rules_at_all(fired):
    assert set() == fired([], {"a": True})


def test_a_protocol_from_files_with_more_than_64_rules_that_fire(write_protocol, yes_no, rule_line):
    names = [f"a{number}" for number in range(80)]
    rules = "".join(rule_line(f"rule{number}", f"{{a{number}: yes}}") for number in range(80))
    protocol = write_protocol(f"ask:\n{yes_no(*names)}rules:\n{rules}")

    advice = advise(protocol, dict.fromkeys(names, True))

    assert ("red", 80, ()) == (advice.level, len(advice.reasons), advice.problems)


# names


def fnv(name, *, xor_first):
    found = 2166136261
    for byte in name.encode():
        found = ((found ^ byte) * 16777619 if xor_first else found * 16777619 ^ byte) % 2**32
    return found


@pytest.mark.parametrize("xor_first", [False, True], ids=["FNV-1", "FNV-1a"])
def test_no_two_of_our_names_share_a_hash(xor_first):
    """Two field names with one 32-bit hash are read as each other."""
    names = [*(f"q{number}" for number in range(20_000)), "id", "sid", "$s", "c"]

    assert len(names) == len({fnv(name, xor_first=xor_first) for name in names})


def test_the_hash_above_does_find_a_collision():
    """The known pair `costarring`, `liquid`, so that the test above can fail."""
    assert fnv("costarring", xor_first=True) == fnv("liquid", xor_first=True)


def test_questions_whose_names_share_a_hash_are_not_mixed_up(fired):
    assert {0} == fired([yes("costarring"), yes("liquid")], {"costarring": True})
    assert {1} == fired([yes("costarring"), yes("liquid")], {"liquid": True})


# surprises


class Counting:
    """The real C functions, counted, with one call made to fail."""

    def __init__(self):
        self.real = durable.c_functions()
        self.made = []
        self.used = []
        self.fail = None

    def create_ruleset(self, *args):
        handle = self.real.create_ruleset(*args)
        self.made.append(handle)
        return handle

    def assert_fact(self, handle, fact):
        self.used.append(handle)
        if self.fail:
            raise self.fail
        return self.real.assert_fact(handle, fact)

    def __getattr__(self, name):
        return getattr(self.real, name)


def test_the_canary_stands_in_every_ruleset_and_every_fact(rule_set):
    seen = []

    class Watching(Counting):
        def create_ruleset(self, name, definition):
            seen.append(("ruleset", definition))
            return super().create_ruleset(name, definition)

        def assert_fact(self, handle, fact):
            seen.append(("fact", fact))
            return super().assert_fact(handle, fact)

    questions = [f"a{number}" for number in range(120)]
    engine = DurableEngine(rule_set(*map(yes, questions)), Watching())

    assert len(questions) == len(engine.fired(dict.fromkeys(questions, True)))
    assert [("ruleset", True), ("fact", True)] * 3 == [(what, '"c"' in text) for what, text in seen]


def test_even_somebody_with_nothing_to_report_is_evaluated(rule_set):
    """Rulesets to which nothing is said are left alone, but for one: its canary shows the engine at work."""
    counting = Counting()
    engine = DurableEngine(rule_set(*(yes(f"a{number}") for number in range(120))), counting)

    assert set() == engine.fired({f"a{number}": False for number in range(120)})
    assert 1 == len(counting.used)


@pytest.mark.parametrize("phrase", [Op.ABOVE, Op.AT_LEAST, Op.BELOW, Op.AT_MOST, Op.IS])
def test_every_number_reaches_the_engine_that_a_comparison_lets_pass(rule_set, phrase):
    """What lies between the limits is not said; nothing that passes a comparison lies there."""
    limits = (-2, 0, 3)
    rules = [Test("n", phrase, limit) for limit in limits]
    engine = DurableEngine(rule_set(*rules))
    for step in range(-60, 61):
        value = step / 10
        held = {place for place, test in enumerate(rules) if test.holds(value)}
        assert held == engine.fired({"n": value}), value
        if value.is_integer():
            assert held == engine.fired({"n": int(value)}), value


def test_a_no_that_a_rule_wants_reaches_the_engine(rule_set):
    engine = DurableEngine(rule_set(Test("a", Op.IS, value=False), yes("b")))

    assert {0} == engine.fired({"a": False, "b": False})
    assert {1} == engine.fired({"a": None, "b": True})
    assert set() == engine.fired({})


def test_a_ruleset_is_dropped_after_a_surprise_and_never_used_again(rule_set):
    c = Counting()
    engine = DurableEngine(rule_set(yes("a")), c)
    assert {0} == engine.fired({"a": True})
    [first] = c.made

    c.fail = RuntimeError("surprise")
    with pytest.raises(EngineFault):
        engine.fired({"a": True})
    c.fail, c.used = None, []

    for _ in range(5):
        assert {0} == engine.fired({"a": True})
    assert first not in c.used
    assert 2 == len(c.made)


def test_without_surprises_one_ruleset_does_for_all(rule_set):
    c = Counting()
    engine = DurableEngine(rule_set(yes("a")), c)

    for _ in range(50):
        engine.fired({"a": True})

    assert 1 == len(c.made)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, RecursionError, SystemError, KeyError, OSError])
def test_nothing_but_an_engine_fault_leaves_the_border(rule_set, error):
    c = Counting()
    c.fail = error("inside")

    with pytest.raises(EngineFault):
        DurableEngine(rule_set(yes("a")), c).fired({"a": True})


def test_an_import_that_fails_says_how_to_mend_it(all_targeted, monkeypatch):
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)

    with pytest.raises(EngineUnavailable) as caught:
        advise(all_targeted, {})

    assert "CPPFLAGS=" in str(caught.value)
    assert "pip install" in str(caught.value)
    assert "durable-rules==2.0.28" in str(caught.value)


def test_loading_alone_does_not_need_the_engine():
    code = (
        "import sys; sys.modules['durable_rules_engine'] = None\n"
        "import whentocall; print(len(whentocall.load('all-targeted-drugs').rules) > 1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "True\n" == done.stdout


def test_a_program_that_never_evaluates_or_drops_its_engine_at_once_ends_well():
    """`delete_state` where no rule ever fired is a crash."""
    code = (
        "import whentocall\n"
        "from whentocall.engine.durable import DurableEngine\n"
        "p = whentocall.load('all-targeted-drugs')\n"
        "DurableEngine(p)\n"
        "engine = DurableEngine(p); engine.fired({}); del engine\n"
        "engine = DurableEngine(p); engine.fired({'shivery': True})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)


# memory


def test_the_memory_of_an_abandoned_engine_is_given_back(all_targeted):
    """160 to 280 kB each would never be freed if their states were not deleted first."""

    def make_and_drop(count):
        for _ in range(count):
            DurableEngine(all_targeted).fired({"shivery": True})
        gc.collect()

    make_and_drop(30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    make_and_drop(200)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 40  # kB
