"""Faults that were there once, each as a plain statement of what is right."""

import importlib
import math
import sys
import warnings
from decimal import Decimal
from fractions import Fraction

import pytest

from whentocall import AnswersError, EngineUnavailable, RulesError, advise
from whentocall.engine.answers import answers_from_json, check_answers
from whentocall.engine.durable import DurableEngine, c_functions
from whentocall.engine.temperature import convert_temperature
from whentocall.protocol.conditions import AllOf, Op, Test
from whentocall.protocol.conditions import Test as Comparison

advise_module = importlib.import_module("whentocall.engine.advise")
judge_module = importlib.import_module("whentocall.engine.crosscheck")


def yes(question):
    return Test(question, Op.IS, value=True)


@pytest.mark.parametrize("value", [3.9999999999, 3.9999999999999996, 4.0000000001])
def test_a_number_that_is_not_whole_is_refused_and_never_cut_down(all_targeted, value):
    """3.9999999999 loose poos became 3, below the limit of 4."""
    with pytest.raises(AnswersError):
        check_answers(all_targeted, {"loose_stools": value})


@pytest.mark.parametrize("value", [1.7e308, -1.7e308])
def test_a_temperature_too_large_to_be_converted_is_infinite(value):
    """In a protocol in °F it was an arithmetic error, which nobody caught."""
    assert math.copysign(math.inf, value) == convert_temperature(value, "°C", "°F")


RESERVED = (
    "model_fields_set",
    "model_dump",
    "model_config",
    "model_fields",
    "copy",
    "json",
    "schema",
    "dict",
)


@pytest.mark.parametrize("name", RESERVED)
def test_a_question_may_have_any_id_that_the_loader_takes(write_protocol, yes_no, rule_line, name):
    """`model_fields_set: yes` was read as not answered: amber where it is red. Others fail or warn."""
    try:
        protocol = write_protocol(f"ask:\n{yes_no(name)}rules:\n{rule_line('r', f'{{{name}: yes}}')}")
    except RulesError:
        return  # refused with a finding: as good
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "red" == advise(protocol, {name: True}).level


def test_a_question_that_cannot_be_printed_is_refused_like_any_other(all_targeted):
    """IndexError from inside, for text that any client can send."""
    with pytest.raises(AnswersError):
        advise(all_targeted, answers_from_json(r'{"\ud800": true}'))


def test_questions_that_open_and_hide_each_other_do_not_go_round_for_ever(write_protocol, rule_line):
    """Only `only_if` and `not_reassuring_if` by themselves are checked for circles, not both together."""
    card = (
        "ask:\n"
        "  warm: {you: a?, they: a?, short: a, answer: 'temperature, 30 to 45 °C', "
        "not_reassuring_if: {medicine: yes}}\n"
        "  medicine: {you: b?, they: b?, short: b, answer: yes or no, only_if: {warm: at most 37.5 °C}}\n"
        f"rules:\n{rule_line('high', '{warm: above 37.5 °C}')}{rule_line('low', '{warm: below 36 °C}')}"
    )
    try:
        protocol = write_protocol(card)
    except RulesError:
        return  # refused with a finding: as good
    advice = advise(protocol, {"warm": 38.0})

    assert ("red", ()) == (advice.level, advice.problems)


def test_a_place_that_nobody_can_fill_is_found_when_loading(write_protocol, yes_no, rule_line):
    """`{nobody}` under `who` is a KeyError in front of a patient."""
    levels = (
        "who: {nurse: 'the {nobody}'}\n"
        "levels:\n"
        "  red: {word: Red, who: [nurse], headline: 'Call {who}', how_soon: Now., colour: red}\n"
        "  green: {word: Green, headline: Nothing, how_soon: Never., colour: green}\n"
    )
    with pytest.raises(RulesError):
        write_protocol(
            f"ask:\n{yes_no('a')}rules:\n{rule_line('r', '{a: yes}')}",
            head="when_unsettled: red",
            levels=levels,
        )


@pytest.mark.parametrize("name", ["Reading", "_verdict"])
def test_no_fault_of_our_own_code_leaves_advise(all_targeted, monkeypatch, name):
    """The reading was made outside every guard: a fault in it was a traceback, not advice."""

    def broken(*_args, **_kwargs):
        raise RuntimeError("x")

    monkeypatch.setattr(judge_module, name, broken)
    advice = advise(all_targeted, {"shivery": True})

    assert all_targeted.ranks[advice.level] >= all_targeted.ranks["contact"]
    assert advice.problems


def test_a_fault_in_one_comparison_does_not_leave_advise(all_targeted, monkeypatch):
    def broken(*_args):
        raise RuntimeError("x")

    monkeypatch.setattr(Comparison, "holds", broken)
    advice = advise(all_targeted, {"shivery": True})

    assert "immediately" == advice.level
    assert advice.problems


def test_an_engine_that_cannot_be_built_does_not_leave_advise(all_targeted, monkeypatch):
    """Only EngineFault is caught; what `DurableEngine(...)` itself raises is not."""

    def broken(*_args):
        raise RuntimeError("x")

    monkeypatch.setattr("whentocall.engine.durable._parts", broken)
    advice = advise(all_targeted, {"shivery": True})

    assert "immediately" == advice.level
    assert advice.problems


def test_do_not_drive_stays_when_something_went_wrong(all_targeted, nothing_else, monkeypatch):
    """The line is marked `always`; after any problem at a level without self-care it was dropped."""
    answers = nothing_else(all_targeted, dizzy=True, muscle_aches=True)
    sound = advise(all_targeted, answers)
    assert "urgently" == sound.level
    assert any("drive" in line for line in sound.self_care)

    def broken(*_args):
        raise RuntimeError("x")

    monkeypatch.setattr(advise_module, "watch_for", broken)
    advice = advise(all_targeted, answers)

    assert advice.problems
    assert any("drive" in line for line in advice.self_care)


def test_a_person_with_more_than_253_answers_that_fire(rule_set):
    """durable-rules takes at most 253 fields in a fact (error 302); up to 400 stand in one ruleset."""
    conditions = [AllOf(tuple(yes(f"q{r}_{n}") for n in range(57))) for r in range(7)]
    all_yes = {f"q{r}_{n}": True for r in range(7) for n in range(57)}

    assert set(range(7)) == DurableEngine(rule_set(*conditions)).fired(all_yes)


@pytest.mark.parametrize("limit", ["0.00001", "0.05", "-0.25"])
def test_a_limit_between_two_steps_is_refused(write_protocol, rule_line, limit):
    """0.00001 stood in the ruleset as 1e-05, which is error 204 at every evaluation."""
    card = (
        "ask:\n"
        "  cold: {you: a?, they: a?, short: a, answer: 'temperature, -5 to 45 °C'}\n"
        f"rules:\n{rule_line('above', f'{{cold: above {limit} °C}}')}"
    )
    with pytest.raises(RulesError, match="between two steps"):
        write_protocol(card)


# open ends


def amber_cards(yes_no, rule_line, names="abc"):
    return [f"ask:\n{yes_no(n)}rules:\n{rule_line('r' + n, f'{{{n}: yes}}', 'amber')}" for n in names]


def escalate(count, more=""):
    return (
        "when_unsettled: amber\n"
        f"escalate: [{{name: many, when: at least {count} cards at amber, {more}to: red, because: Many., "
        "sentences: [T-1]}]"
    )


def test_settle_names_what_could_escalate_together(write_protocol, yes_no, rule_line):
    """One amber, two not known, three make a red: red is possible, and nothing was said to settle it."""
    protocol = write_protocol(*amber_cards(yes_no, rule_line), head=escalate(3))
    advice = advise(protocol, {"a": True, "b": None, "c": None})

    assert "red" == advice.could_be
    assert {"b", "c"} == {one.question for one in advice.settle}


def test_settle_and_watch_for_respect_the_condition_of_an_escalation(write_protocol, yes_no, rule_line):
    """Two ambers make a red only for those with `d`; for the others they do not, so nothing may say so."""
    cards = [*amber_cards(yes_no, rule_line), f"ask:\n{yes_no('d')}"]
    protocol = write_protocol(*cards, head=escalate(2, "only_if: {d: yes}, "))
    advice = advise(protocol, {"a": True, "b": None, "c": False, "d": False})

    assert ("amber", "amber", "amber") == (advice.level, advice.at_least, advice.could_be)
    assert () == advice.settle
    assert () == advice.watch_for


@pytest.mark.parametrize(
    ("answers", "settle"),
    [
        ({"a": True, "b": True, "c": False, "d": None}, {"d"}),  # two ambers, and perhaps the condition
        ({"a": True, "b": False, "c": False, "d": None}, set()),  # too few for it to matter
        ({"a": True, "b": None, "c": False, "d": None}, {"b", "d"}),
        ({"a": True, "b": True, "c": False, "d": False}, set()),
        ({"a": True, "b": True, "c": False, "d": True}, set()),  # a red already
    ],
)
def test_settle_names_the_condition_of_an_escalation_where_it_decides(
    write_protocol, yes_no, rule_line, answers, settle
):
    cards = [*amber_cards(yes_no, rule_line), f"ask:\n{yes_no('d')}"]
    protocol = write_protocol(*cards, head=escalate(2, "only_if: {d: yes}, "))
    advice = advise(protocol, answers)

    assert settle == {one.question for one in advice.settle}
    assert {"red"} >= {one.could_reach for one in advice.settle}


@pytest.mark.parametrize(
    ("count", "answers", "watched"),
    [
        (2, {"a": True, "b": False, "c": False}, 2),  # either of the others makes a red
        (3, {"a": True, "b": False, "c": False}, 0),  # neither does alone
        (3, {"a": True, "b": True, "c": False}, 1),
        (3, {"a": True, "b": None, "c": False}, 0),  # what may be is not counted
    ],
)
def test_watch_for_reaches_as_far_as_what_holds(write_protocol, yes_no, rule_line, count, answers, watched):
    protocol = write_protocol(*amber_cards(yes_no, rule_line), head=escalate(count))

    assert ["red"] * watched == [one.level for one in advise(protocol, answers).watch_for]


def test_watch_for_does_not_count_on_a_condition_that_is_not_known(write_protocol, yes_no, rule_line):
    cards = [*amber_cards(yes_no, rule_line), f"ask:\n{yes_no('d')}"]
    protocol = write_protocol(*cards, head=escalate(2, "only_if: {d: yes}, "))

    def watched(answer):
        advice = advise(protocol, {"a": True, "b": False, "c": False, "d": answer})
        return [one.level for one in advice.watch_for]

    assert ["red", "red"] == watched(answer=True)
    assert [] == watched(answer=None)


def test_what_to_watch_for_is_in_words_where_the_question_has_none(write_protocol, yes_no, rule_line):
    """It said: the answer changes to 'exactly 1'."""
    protocol = write_protocol(f"ask:\n{yes_no('a')}rules:\n{rule_line('r', '{a: yes}')}")
    [item] = advise(protocol, {"a": False}).watch_for

    assert "exactly 1" not in item.text
    assert "'yes'" in item.text


def test_watch_for_never_names_two_things_that_exclude_each_other(write_protocol, yes_no, rule_line):
    """Two of three, of which two are choices of one question: nobody can have both."""
    card = (
        "ask:\n"
        f"{yes_no('b')}"
        "  a: {you: a?, they: a?, short: a, answer: one of, options: {x: X, y: Y, z: Z}}\n"
        "rules:\n"
        f"{rule_line('r', '{at least 2 of: [{a: is x}, {a: is y}, {b: yes}]}')}"
    )
    protocol = write_protocol(card)
    for item in advise(protocol, {"b": False}).watch_for:
        assert not ("X" in item.text and "Y" in item.text)


def test_finished_is_sound_beside_a_contradiction(write_protocol, yes_no, rule_line):
    """A "no" that comes later can turn an earlier answer into a contradiction, and so raise the level."""
    card = (
        "ask:\n"
        f"{yes_no('a', 'b')}"
        "  f: {you: f?, they: f?, short: f, answer: yes or no, only_if: {any: [{a: yes}, {b: yes}]}}\n"
        f"rules:\n{rule_line('r', '{a: yes}')}"
    )
    protocol = write_protocol(card)
    before = advise(protocol, {"a": False, "f": True})
    after = advise(protocol, {"a": False, "b": False, "f": True})

    assert ("amber", "red") == (after.level, after.could_be)
    assert not before.finished or before.level == after.level


def test_a_follow_up_that_asking_may_yet_open_is_not_finished(write_protocol, yes_no, rule_line):
    """`a` is not known; a "yes" to `b` would have `f` asked, and a "no" to `f` lower the level."""
    card = (
        "ask:\n"
        f"{yes_no('a', 'b')}"
        "  f: {you: f?, they: f?, short: f, answer: yes or no, only_if: {any: [{a: yes}, {b: yes}]}}\n"
        f"rules:\n{rule_line('r', '{f: yes}', 'amber')}"
    )
    protocol = write_protocol(card)
    advice = advise(protocol, {"a": None})

    assert ("amber", False, ()) == (advice.level, advice.finished, advice.problems)
    assert "green" == advise(protocol, {"a": None, "b": True, "f": False}).level


def test_an_engine_that_always_fails_does_not_eat_memory(rule_set):
    """Each failed evaluation drops its rulesets without freeing them: some 200 kB a call, without end."""
    made = []

    class Failing:
        def __init__(self):
            self.real = c_functions()

        def create_ruleset(self, *args):
            made.append(args)
            return self.real.create_ruleset(*args)

        def __getattr__(self, name):
            return getattr(self.real, name)

        def assert_fact(self, *_args):
            raise RuntimeError("x")

    engine = DurableEngine(rule_set(yes("a")), Failing())
    for _ in range(300):
        with pytest.raises(Exception, match="x"):
            engine.fired({"a": True})

    assert len(made) < 100


@pytest.mark.parametrize("value", [Decimal("37.50000000000000000001"), Fraction(751, 20)])
def test_only_the_numbers_of_json_are_numbers(all_targeted, value):
    """Anything finer would be rounded, perhaps onto a limit."""
    with pytest.raises(AnswersError):
        check_answers(all_targeted, {"temperature": value})


def test_an_engine_that_breaks_as_it_is_imported_gives_the_command_that_mends_it(monkeypatch):
    """A build for another Python can raise more than ImportError."""

    class Broken:
        def find_spec(self, name, *_args):
            if name == "durable_rules_engine":
                raise SystemError("initialization failed")

    monkeypatch.delitem(sys.modules, "durable_rules_engine", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(EngineUnavailable, match="CPPFLAGS="):
        c_functions()
