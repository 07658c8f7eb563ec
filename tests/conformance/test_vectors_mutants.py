"""Proof of coverage: whatever is a little wrong in the rules, some vector notices.

Each protocol here is made wrong in one place, in every place, and held against the vectors of the right one
by a small evaluation of this file's own, made of the reference's parts, so that hundreds of wrong protocols
can be tried.
"""

import itertools
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import pytest

from support.effort import some
from whentocall import load
from whentocall.conformance.vectors import check_vectors, vectors
from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test, Truth

PUMP_LINE = Path(__file__).parents[1] / "traffic_lights" / "rules" / "pump-line"
INTRICATE = "intricate"
NAMES = ("all-targeted-drugs", "neuroblastoma-targeted-therapy", PUMP_LINE, INTRICATE)
FLIPPED = {
    Op.ABOVE: Op.AT_LEAST,
    Op.AT_LEAST: Op.ABOVE,
    Op.BELOW: Op.AT_MOST,
    Op.AT_MOST: Op.BELOW,
}


# what a condition can be mistaken for


def wrong_tests(protocol, test):
    """A comparison, wrong by one step, by its limit itself, or by its answer."""
    question = protocol.questions[test.question]
    if isinstance(test.value, bool):
        yield replace(test, value=not test.value)
    elif isinstance(test.value, str):
        yield from (replace(test, value=one) for one in question.options if one != test.value)
    else:
        for step in (-question.answer.step, question.answer.step):
            yield replace(test, value=round(test.value + step, 6))
        if test.op in FLIPPED:
            yield replace(test, op=FLIPPED[test.op])


def wrong_conditions(protocol, condition):
    """A condition with one mistake in it, wherever it can be made."""
    if isinstance(condition, Test):
        yield from wrong_tests(protocol, condition)
        return
    parts = condition.parts
    for place, part in enumerate(parts):
        for wrong in wrong_conditions(protocol, part):
            yield replace(condition, parts=(*parts[:place], wrong, *parts[place + 1 :]))
        left = (*parts[:place], *parts[place + 1 :])
        if left and not (isinstance(condition, AtLeast) and condition.count > len(left)):
            yield replace(condition, parts=left)
    if isinstance(condition, AtLeast):
        for count in (condition.count - 1, condition.count + 1):
            if 1 <= count <= len(parts):
                yield replace(condition, count=count)
    elif len(parts) > 1:
        yield {AllOf: AnyOf, AnyOf: AllOf}[type(condition)](parts)


# what a protocol can be mistaken for


def with_rule(protocol, place, changed):
    rules = protocol.rules
    return replace(
        protocol, rules=(*rules[:place], *([changed] if changed else []), *rules[place + 1 :]), _memo={}
    )


def wrong_rules(protocol):
    for place, placed in enumerate(protocol.rules):
        yield f"{placed.id} dropped", with_rule(protocol, place, None)
        for wrong in wrong_conditions(protocol, placed.when):
            yield f"{placed.id}: {wrong}", with_rule(protocol, place, replace(placed, when=wrong))


def wrong_levels(protocol):
    for place, placed in enumerate(protocol.rules):
        for rank in (placed.rank - 1, placed.rank + 1):
            if 0 <= rank < len(protocol.levels):
                changed = replace(placed, level=protocol.levels[rank].id, rank=rank)
                yield f"{placed.id} at {changed.level}", with_rule(protocol, place, changed)


def with_question(protocol, one, **changes):
    changed = replace(protocol.questions[one], **changes)
    return replace(protocol, questions=MappingProxyType({**protocol.questions, one: changed}), _memo={})


def wrong_questions(protocol):
    """Masks and follow-ups: dropped, or their condition wrong."""
    for one, question in protocol.questions.items():
        for part in ("only_if", "not_reassuring_if"):
            condition = getattr(question, part)
            if condition is None:
                continue
            for wrong in (None, *wrong_conditions(protocol, condition)):
                yield f"{one} {part}: {wrong}", with_question(protocol, one, **{part: wrong})


def wrong_ranges(protocol):
    for one, question in protocol.questions.items():
        answer = question.answer
        if not answer.is_number:
            continue
        for end, step in itertools.product(("low", "high"), (-answer.step, answer.step)):
            moved = round(getattr(answer, end) + step, 6)
            changed = replace(answer, **{end: moved if answer.step < 1 else int(moved)})
            yield f"{one} {end} {moved}", with_question(protocol, one, answer=changed)


def wrong_frames(protocol):
    """What is shown where something is not known, and the lines of escalation."""
    for rank, level in enumerate(protocol.levels):
        if abs(rank - protocol.unsettled_rank) == 1:
            head = replace(protocol.head, when_unsettled=level.id)
            yield f"unsettled is {level.id}", replace(protocol, head=head, _memo={})
    lines = protocol.escalations
    for place, line in enumerate(lines):
        wrong = [replace(line, count=line.count - 1), replace(line, count=line.count + 1)]
        # No rule is at rank 0, so counting from there is counting from 1.
        wrong += [replace(line, at_rank=line.at_rank + by) for by in (-1, 1) if line.at_rank + by]
        wrong += [replace(line, rank=line.rank - 1)]
        only_if = line.only_if
        if only_if is not None:
            for condition in (None, *wrong_conditions(protocol, only_if)):
                wrong.append(replace(line, only_if=condition))
        for changed in (None, *wrong):
            kept = (*lines[:place], *([changed] if changed else []), *lines[place + 1 :])
            yield f"{line.id}: {changed}", replace(protocol, escalations=kept, _memo={})


# noticing


# A protocol of everything that conditions can be, made for this file.

FRAME = {
    "sources/tests.yaml": """
title: A document for tests
publisher: Nobody
seen: 2026-11-21
sentences:
  T-1: {section: All of it, point: Everything that the tests need.}
""",
    "levels.yaml": """
who:
  nurse: the nurse
levels:
  red: {word: Red, who: [nurse], headline: "Call {who} now", how_soon: Now., colour: red}
  amber: {word: Amber, who: [nurse], headline: "Call {who} today", how_soon: Today., colour: orange}
  blue: {word: Blue, who: [nurse], headline: "Tell {who}", how_soon: Soon., colour: blue}
  green: {word: Green, headline: Nothing to report, how_soon: Never., colour: green, self_care: yes}
""",
    "intricate/protocol.yaml": """
title: A protocol for tests
who_for: Nobody.
version: "1"
region: {name: Nowhere, emergency_number: "000", emergency_place: the tent}
documents: [tests]
when_unsettled: amber
cards: [first, second, third, fourth]
escalate:
  - name: three-blues
    when: at least 3 cards at blue
    only_if: {all: [{days: at least 10}, {any: [{kind: is x}, {hours: fewer than 12}]}]}
    to: red
    because: It is so.
    sentences: [T-1]
written: 2026-11-21
review_due: 2027-11-21
""",
}
ASKED = {
    "first": {
        "a": "yes or no",
        "b": "yes or no",
        "c": "yes or no, only_if: {a: yes}",
        "d": "yes or no, only_if: {c: yes, b: yes}",
    },
    "second": {
        "n": '"whole number, 0 to 9", only_if: {any: [{a: yes}, {b: yes}]}',
        "days": '"days, 0 to 20"',
    },
    "third": {
        "warm": '"temperature, 90 to 110 °F", usual: 98.2, not_reassuring_if: {m: yes, hours: fewer than 6}',
        "m": "yes or no",
        "hours": '"whole number, 0 to 48", only_if: {m: yes}',
    },
    "fourth": {"kind": "one of, options: {x: X, y: Y, z: Z}"},
}
RULES = {
    "first": {
        "mixed": "{a: yes, any: [{n: at least 3}, {b: yes}]}, level: blue",
        "deep": "{d: yes}, level: amber",
    },
    "second": {
        "two-of": "{at least 2 of: [{d: yes}, {n: more than 5}, {kind: is y}, {warm: above 100.4 °F}]}"
        ", level: red",
        "day-three": "{days: exactly 3}, level: blue",
        "few": "{n: at most 1, kind: is y}, level: blue",
    },
    "third": {
        "cold": "{warm: below 95 °F}, level: amber",
        "between": "{all: [{warm: at least 99 °F}, {warm: below 103 °F}, {kind: 'one of [y, z]'}]}"
        ", level: blue",
    },
    "fourth": {"no-b": "{b: no, kind: is z}, level: blue"},
}


def intricate(rules):
    """The protocol of `ASKED` and `RULES`, written into a folder and loaded."""
    texts = dict(FRAME)
    for card, asked in ASKED.items():
        lines = [f"title: {card}", "source: {document: tests, section: All of it}", "ask:"]
        words = "you: Is it so?, they: Is it so?, short: It, answer:"
        lines += [f"  {one}: {{{words} {answer}}}" for one, answer in asked.items()]
        lines += ["rules:"]
        more = "because: It is so., sentences: [T-1]"
        lines += [f"  {name}: {{when: {when}, {more}}}" for name, when in RULES[card].items()]
        texts[f"{INTRICATE}/{card}.yaml"] = "\n".join(lines)
    for name, text in texts.items():
        (rules / name).parent.mkdir(parents=True, exist_ok=True)
        (rules / name).write_text(text, "utf-8")
    return load(INTRICATE, rules=rules)


@cache
def loaded(name):
    if name != INTRICATE:
        return load(name)
    with TemporaryDirectory() as folder:
        return intricate(Path(folder))


@cache
def vectors_of(name):
    """All but the people of all sorts: the families alone must do, nothing may be left to chance."""
    return tuple(one for one in vectors(loaded(name)) if one.kind != "mixed")


def evaluate(protocol, answers):
    """What the vectors see of an advice, by the reference alone."""
    checked = check_answers(protocol, answers)
    reading = Reading(protocol, checked.values)
    verdict = reading.verdict
    held = [rule.id for rule, one in zip(protocol.rules, reading.rules(), strict=True) if one is Truth.TRUE]
    level = [protocol.levels[one].id for one in (verdict.shown, verdict.at_least, verdict.could_be)]
    return {
        **dict(zip(("level", "at_least", "could_be"), level, strict=True)),
        "rules": [*held, *(line.id for line in verdict.escalated)],
        "settle": [one for one, _ in reading.settle()],
        "contradictions": list(reading.contradictory),
        "finished": reading.finished,
    }


def unnoticed(name, mutants):
    """How many mutants there are, and those that no vector notices."""
    every, left = list(mutants(loaded(name))), []
    for told, wrong in some(every, 3):
        subject = f"'{told.partition(' ')[0].rstrip(':')}'"
        likely_first = sorted(vectors_of(name), key=lambda one: subject not in one.name)
        if not any(check_vectors([one], partial(evaluate, wrong)) for one in likely_first):
            left.append(told)
    return len(every), left


# the proof

every_protocol = pytest.mark.parametrize("name", NAMES, ids=lambda name: Path(name).name)


@every_protocol
def test_the_evaluation_of_this_file_is_right_about_the_right_protocol(name):
    assert [] == check_vectors(vectors_of(name), partial(evaluate, loaded(name)))


@pytest.mark.one_in(3)
@every_protocol
def test_a_rule_dropped_or_wrong_in_one_comparison_is_noticed(name):
    """Each limit by a step either way, `above` for `at least`, a part left out, `any` for `all`, a count."""
    tried, left = unnoticed(name, wrong_rules)
    assert (True, []) == (tried >= 2 * len(loaded(name).rules), left)


@pytest.mark.one_in(2)
@every_protocol
def test_a_level_one_too_low_or_too_high_is_noticed(name):
    tried, left = unnoticed(name, wrong_levels)
    assert (True, []) == (tried >= len(loaded(name).rules), left)


@every_protocol
def test_a_mask_or_a_follow_up_dropped_or_wrong_is_noticed(name):
    tried, left = unnoticed(name, wrong_questions)
    assert (True, []) == (tried >= 2, left)


@every_protocol
def test_a_range_one_step_too_wide_or_too_narrow_is_noticed(name):
    tried, left = unnoticed(name, wrong_ranges)
    assert (True, []) == (tried >= 4, left)


@every_protocol
def test_escalation_and_the_level_for_what_is_not_known_are_noticed(name):
    tried, left = unnoticed(name, wrong_frames)
    assert (True, []) == (tried >= 2, left)
