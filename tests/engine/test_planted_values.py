"""A wrong value, planted in each value that `advise` works out: never a lower level, and never in silence.

An exception is easy to notice; a value that is merely wrong is not. Each test here replaces one value, one
at a time, by every other that it could have.
"""

import importlib

import pytest

from whentocall import Advice, advise
from whentocall.engine.advise import _spoken, why_not
from whentocall.engine.combine import Verdict
from whentocall.engine.durable import DurableEngine
from whentocall.engine.program import Program, Results
from whentocall.engine.reference import AS_THEY_ARE, AT_BEST, AT_WORST, Reading
from whentocall.engine.second_look import Second
from whentocall.interview.flow import Done, Interview
from whentocall.protocol.conditions import Truth

advise_module = importlib.import_module("whentocall.engine.advise")
confirm_module = importlib.import_module("whentocall.engine.confirm")
flow_module = importlib.import_module("whentocall.interview.flow")
judge_module = importlib.import_module("whentocall.engine.crosscheck")

UNCHECKED = {"watch_for", "self_care", "settle"}  # not worked out twice: see `safe`

PEOPLE = {
    "nothing to report": ("no", {}),
    "a little": ("no", {"something_else": True}),
    "an emergency": ("no", {"chest_pain": True}),
    "an emergency, alone": ("nothing", {"chest_pain": True}),
    "fever": ("no", {"temperature": 38.2, "dizzy": True}),
    "fever hidden by medicine": ("no", {"temperature": 36.9, "took_fever_medicine": True}),
    "temperature not known": ("no", {"temperature": None}),
    "contradictory": ("no", {"diarrhoea": False, "loose_stools": 5, "headache": True}),
    "not asked": ("nothing", {}),
    "begun": ("nothing", {"headache": True, "temperature": 37.4}),
}


@pytest.fixture(params=list(PEOPLE))
def person(request, all_targeted, nothing_else):
    base, given = PEOPLE[request.param]
    answers = nothing_else(all_targeted, **given) if base == "no" else given
    clean = advise(all_targeted, answers)
    assert () == clean.problems
    return answers, clean


@pytest.fixture
def hold(all_targeted, person, monkeypatch, safe):
    """Plants by `patch`, asks for advice, and holds what must be true of it."""
    answers, clean = person

    def held(patch, *, same_is_fine=True):
        with monkeypatch.context() as planting:
            patch(planting)
            advice = advise(all_targeted, answers)
        safe(all_targeted, clean, advice)
        if not same_is_fine:
            assert advice.problems
        return advice

    return held


def after(build, change):
    """`build`, with its result changed."""

    def changed(*args, **kwargs):
        return change(build(*args, **kwargs))

    return changed


def other_truths(truths):
    """The truths with one of them changed, in every way."""
    for place, held in enumerate(truths):
        for other in Truth:
            if other is not held:
                yield [*truths[:place], other, *truths[place + 1 :]]


def other_verdicts(verdict, protocol):
    for field in ("at_least", "could_be", "shown"):
        for rank in range(len(protocol.levels)):
            if rank != getattr(verdict, field):
                yield verdict._replace(**{field: rank})


def give(value):
    return lambda *_args, **_kwargs: value


def seen(function, call):
    """What a function of a module gives while something is called."""
    module, name = function
    given = []
    with pytest.MonkeyPatch.context() as watching:
        watching.setattr(module, name, after(getattr(module, name), lambda made: given.append(made) or made))
        call()
    return given[0]


# what the level rests on


def test_no_truth_of_the_reference(all_targeted, person, hold):
    truths = seen((Reading, "rules"), lambda: advise(all_targeted, person[0]))
    for planted in other_truths(list(truths)):
        hold(lambda patch, planted=planted: patch.setattr(Reading, "rules", give(planted)))


def test_no_truth_after_durable_rules_was_compared(all_targeted, person, hold):
    truths = list(seen((judge_module, "_truths"), lambda: advise(all_targeted, person[0])))
    for planted in other_truths(truths):
        hold(
            lambda patch, planted=planted: patch.setattr(judge_module, "_truths", give(planted)),
            same_is_fine=False,
        )


@pytest.mark.parametrize("truth", Truth)
def test_no_truths_all_alike(hold, truth):
    def alike(patch):
        patch.setattr(judge_module, "_truths", lambda protocol, *_: [truth] * len(protocol.rules))

    hold(alike)


def test_no_rule_that_durable_rules_fires(all_targeted, person, hold):
    fired = set(all_targeted.once(DurableEngine).fired(person[1].request.answers))
    for place in range(len(all_targeted.rules)):
        planted = fired ^ {place}
        hold(
            lambda patch, planted=planted: patch.setattr(judge_module, "_fired", give(planted)),
            same_is_fine=False,
        )


def test_no_field_of_the_verdict(all_targeted, person, hold):
    verdict = seen((judge_module, "_verdict"), lambda: advise(all_targeted, person[0]))
    assert {"at_least", "could_be", "shown", "escalated"} == set(Verdict._fields)
    for planted in other_verdicts(verdict, all_targeted):
        hold(
            lambda patch, planted=planted: patch.setattr(judge_module, "_verdict", give(planted)),
            same_is_fine=False,
        )


def test_no_field_of_the_situation(all_targeted, person, hold):
    """Planted after the second look has confirmed it: the check of the result is the last to see it."""
    confirm = confirm_module.confirm
    situation = seen((advise_module, "confirm"), lambda: advise(all_targeted, person[0]))[0]
    planted = [situation._replace(truths=truths) for truths in other_truths(list(situation.truths))]
    planted += [
        situation._replace(verdict=verdict) for verdict in other_verdicts(situation.verdict, all_targeted)
    ]
    for other in planted:
        changed = after(confirm, lambda pair, other=other: (other, pair[1]))
        hold(lambda patch, changed=changed: patch.setattr(advise_module, "confirm", changed))


def test_no_field_of_the_second_look(all_targeted, person, hold):
    second = seen((confirm_module, "second_look"), lambda: advise(all_targeted, person[0]))
    planted = [second._replace(truths=truths) for truths in other_truths(second.truths)]
    planted += [second._replace(verdict=verdict) for verdict in other_verdicts(second.verdict, all_targeted)]
    planted += [second._replace(contradictory=frozenset(["headache"])), second._replace(open=not second.open)]
    assert {"truths", "verdict", "contradictory", "open"} == set(Second._fields)
    for other in planted:
        hold(lambda patch, other=other: patch.setattr(confirm_module, "second_look", give(other)))


# what a reading of the answers knows


@pytest.mark.parametrize("name", ["test", "condition", "applies"])
@pytest.mark.parametrize("truth", Truth)
def test_no_comparison_or_condition_of_the_reading(hold, name, truth):
    hold(lambda patch: patch.setattr(Reading, name, give(truth)))


def test_no_attribute_of_the_reading(hold):
    real = judge_module.Reading
    wrong = {"contradictory": [(), ("headache",)], "finished": [False, True]}
    for name, values in wrong.items():
        for value in values:

            def planted(*args, name=name, value=value):
                reading = real(*args)
                setattr(reading, name, value)
                return reading

            hold(lambda patch, planted=planted: patch.setattr(judge_module, "Reading", planted))


@pytest.mark.parametrize("group", Results._fields)
def test_no_result_of_the_program(all_targeted, person, hold, group):
    """Each bit that the program gives, turned round for the person, and for what could still come."""
    results = seen((Program, "run"), lambda: advise(all_targeted, person[0]))
    bits = getattr(results, group)
    for place, bit in enumerate(bits):
        for rows in (AS_THEY_ARE, AT_BEST, AT_WORST):
            planted = results._replace(**{group: [*bits[:place], bit ^ rows, *bits[place + 1 :]]})
            hold(lambda patch, planted=planted: patch.setattr(Program, "run", give(planted)))


# what the result is put together from


def test_no_level(all_targeted, person, hold):
    for level in all_targeted.levels:
        hold(
            lambda patch, level=level: patch.setattr(advise_module, "_level", give(level)),
            same_is_fine=level.id == person[1].level,
        )


def test_no_words_of_another_level(all_targeted, hold):
    spoken = all_targeted.once(_spoken)
    for by in range(1, len(all_targeted.levels)):
        turned = {voice: (*words[by:], *words[:by]) for voice, words in spoken.items()}
        hold(
            lambda patch, turned=turned: patch.setitem(all_targeted._memo, _spoken, turned),
            same_is_fine=False,
        )


PARTS = {
    "reasons": lambda made: [(), made[:-1], made[1:], (*made, *made[:1]), *others(made, "level", "rule")],
    "settle": lambda made: [(), made[1:], *others(made[:1], "could_reach")],
    "contradictions": lambda made: [(), *others(made, "question")],
    "watch_for": lambda made: [(), made[1:], *others(made, "level")],
    "self_care": lambda _made: [(), ("Do nothing.",)],
    "level": lambda _made: LEVELS,
    "at_least": lambda _made: LEVELS,
    "could_be": lambda _made: LEVELS,
    "finished": lambda made: [] if made else [True],
    "headline": lambda _made: ["Nothing to report", ""],
    "first": lambda _made: [(), ("Wait.",)],
    "contact": lambda made: [
        made.model_copy(update=wrong) for wrong in ({"who": None}, {"how_soon": "Never."})
    ],
}
LEVELS = ["none", "tell", "contact", "urgently", "immediately", "emergency", "no such level"]


def others(made, *fields):
    """A part of the result with one of its entries changed in one field."""
    for place, entry in enumerate(made):
        for field in fields:
            for other in LEVELS[:-1] if field in ("level", "could_reach") else ["something/else"]:
                yield (*made[:place], entry.model_copy(update={field: other}), *made[place + 1 :])


@pytest.mark.parametrize("field", PARTS)
def test_no_field_of_the_result(person, hold, field):
    clean = person[1]
    for value in PARTS[field](getattr(clean, field)):
        if value == getattr(clean, field):
            continue
        planted = after(Advice, lambda made, value=value: made.model_copy(update={field: value}))
        if field == "level" and value not in LEVELS[:-1]:
            continue
        hold(
            lambda patch, planted=planted: patch.setattr(advise_module, "Advice", planted),
            same_is_fine=field in UNCHECKED,
        )


def test_every_field_of_the_result_is_planted():
    """But for what only names the protocol and the question, and the problems themselves."""
    assert {"protocol", "request", "problems", "rank"} >= set(Advice.model_fields) - set(PARTS)


# where there are escalations


def test_no_escalation_that_is_lost(write_protocol, yes_no, rule_line, monkeypatch):
    cards = [
        f"ask:\n{yes_no(one)}rules:\n{rule_line(f'r-{one}', f'{{{one}: yes}}', 'amber')}" for one in "ab"
    ]
    head = (
        "when_unsettled: amber\n"
        "escalate:\n"
        "  - {name: both, when: at least 2 cards at amber, only_if: {a: yes}, to: red, "
        "because: It is so., sentences: [T-1]}"
    )
    protocol = write_protocol(*cards, head=head)
    answers = {"a": True, "b": True}
    clean = advise(protocol, answers)
    assert ("red", ()) == (clean.level, clean.problems)
    for planted in (Verdict(1, 1, 1), clean_verdict(protocol, answers)._replace(escalated=())):
        with monkeypatch.context() as patch:
            patch.setattr(judge_module, "_verdict", give(planted))
            advice = advise(protocol, answers)
            assert "red" == advice.level
            assert advice.problems
    with monkeypatch.context() as patch:
        patch.setattr("whentocall.engine.combine.cards_at", give(frozenset()))
        assert "red" == advise(protocol, answers).level


def clean_verdict(protocol, answers):
    return Reading(protocol, answers).verdict


# the other faces of the engine


def test_why_not_says_nothing_of_a_rule_that_holds(all_targeted, monkeypatch):
    """With every truth planted as false, what holds would be explained away."""
    monkeypatch.setattr(judge_module, "_truths", lambda protocol, *_: [Truth.FALSE] * len(protocol.rules))

    assert () == why_not(all_targeted, {"chest_pain": True})


def test_an_interview_does_not_end_for_one_wrong_opinion(all_targeted, monkeypatch):
    interview = Interview(all_targeted)
    with monkeypatch.context() as patch:
        patch.setattr(flow_module, "surely_finished", give(value=True))
        assert not isinstance(interview.next_question({}), Done)
    real = flow_module.Reading

    def finished(*args):
        reading = real(*args)
        reading.finished = True
        return reading

    monkeypatch.setattr(flow_module, "Reading", finished)
    assert not isinstance(interview.next_question({}), Done)
