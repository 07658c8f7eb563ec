"""Protocols for what the shipped ones lack: written ones, and others at random."""

from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from support import random_protocols
from support.small_protocols import FIVE_LEVELS, card, question, rule, write_protocol
from whentocall.protocol.answer_types import AnswerType
from whentocall.protocol.model import Escalation

TESTS = Path(__file__).parents[1]
PUMP_LINE = TESTS / "traffic_lights" / "rules" / "pump-line"


def _escalations(*lines):
    """The YAML of escalations: the cards that must come together, for whom, and the level reached."""
    text = "escalate:\n"
    for place, (when, only_if, to) in enumerate(lines):
        whom = f"    only_if: {only_if}\n" if only_if else ""
        text += f"  - name: line{place}\n    when: {when}\n{whom}    to: {to}\n"
        text += "    because: Together.\n    sentences: [T-1]\n"
    return text


def _nested():
    """At least so many of, all and any in each other, and every way to compare."""
    asked = [question(one, "yes or no") for one in ("a", "b", "c", "d")]
    asked += [
        question("n", "whole number, 0 to 9"),
        question("m", "whole number, -5 to 5"),
        question("t", "days, 0 to 30"),
    ]
    more = "{all: [{n: at least 2}, {any: [{a: yes}, {b: no}]}]}"
    rules = [
        rule("two-of", "{at least 2 of: [{a: yes}, {b: yes}, {all: [{c: yes}, {d: no}]}]}", "red"),
        rule(
            "three-of",
            f"{{at least 3 of: [{{a: yes}}, {{n: fewer than 3}}, {{t: at most 2}}, {more}]}}",
            "amber",
        ),
        rule("exactly", "{n: exactly 4}", "yellow"),
        rule("nothing", "{n: exactly 0}", "yellow"),
        rule("below-nothing", "{any: [{m: below -2}, {all: [{m: exactly 0}, {d: yes}]}]}", "amber"),
        rule("no", "{all: [{a: no}, {b: no}, {c: no}]}", "yellow"),
        rule("long", "{t: more than 7}", "black"),
    ]
    return [card(asked, rules)], "when_unsettled: yellow"


def _chained():
    """Follow-ups of follow-ups, what hides an answer hidden itself, answers that contradict each other."""
    asked = [
        question("sore", "yes or no"),
        question(
            "where", "one of", ", only_if: {sore: yes}, options: {arm: Arm, leg: Leg, all_over: All over}"
        ),
        question("days", "days, 0 to 20", ", only_if: {where: 'one of [leg, all_over]'}"),
        question("worse", "yes or no", ", only_if: {all: [{days: at least 2}, {sore: yes}]}"),
        question("pill", "yes or no", ", only_if: {sore: yes}"),
        question("strong", "yes or no", ", not_reassuring_if: {pill: yes}"),
        question(
            "heat", "temperature, 30 to 45 °C", ", not_reassuring_if: {any: [{strong: yes}, {pill: yes}]}"
        ),
        question(
            "count", "whole number, 0 to 12", ", only_if: {sore: yes}, not_reassuring_if: {heat: above 39 °C}"
        ),
        question("calm", "yes or no"),
        question("loud", "yes or no", ", only_if: {calm: no}"),
    ]
    rules = [
        rule("hot", "{heat: at least 38 °C}", "red"),
        rule("cold", "{heat: below 35 °C}", "black"),
        rule("all-over", "{all: [{where: is all_over}, {worse: yes}]}", "black"),
        rule("somewhere", "{where: 'one of [arm, leg]'}", "yellow"),
        rule("days", "{days: more than 3}", "amber"),
        rule("many", "{any: [{count: at least 6}, {all: [{count: exactly 3}, {worse: yes}]}]}", "amber"),
        rule("loud", "{loud: yes}", "red"),
        rule("not-sore", "{all: [{sore: no}, {strong: yes}]}", "yellow"),
        rule("strong", "{all: [{strong: no}, {calm: no}]}", "amber"),
    ]
    return [card(asked, rules)], "when_unsettled: amber"


def _escalating():
    """Escalations: with a condition and without, from several cards, over each other, of every size."""
    limits = "at least 5", "at least 3"
    cards = []
    for one, (high, low) in zip("pqrs", (limits, limits, ("at least 9", "at least 1"), limits), strict=True):
        rules = [rule("high", f"{{{one}: {high}}}", "red"), rule("low", f"{{{one}: {low}}}", "yellow")]
        cards.append(
            card(
                [question(one, "whole number, 0 to 10")],
                [*rules, rule("nine", f"{{{one}: exactly 9}}", "amber")],
            )
        )
    whom = [
        question("age", "whole number, 0 to 120"),
        question("alone", "yes or no"),
        question(
            "home", "one of", ", options: {house: House, flat: Flat, none: None}, only_if: {alone: yes}"
        ),
    ]
    cards.append(card(whom, [rule("none", "{home: is none}", "yellow")]))
    head = "when_unsettled: amber\n" + _escalations(
        ("at least 2 cards at amber", "", "red"),
        ("at least 1 card at yellow", "{age: at least 80}", "amber"),
        (
            "at least 2 cards at yellow",
            "{any: [{age: below 5}, {all: [{alone: yes}, {home: is flat}]}]}",
            "red",
        ),
        (
            "at least 3 cards at yellow",
            "{at least 2 of: [{alone: yes}, {age: exactly 50}, {home: is house}]}",
            "black",
        ),
        ("at least 2 cards at red", "", "black"),
    )
    return cards, head


def _fahrenheit():
    """A temperature asked in °F beside one in °C, hidden by it, and a high `when_unsettled`."""
    asked = [
        question("mouth", "temperature, 86 to 113 °F", ", usual: 98.2"),
        question("ear", "temperature, 30.5 to 44.5 °C", ", not_reassuring_if: {mouth: above 100 °F}"),
        question("how", "one of", ", options: {a: A, b: B, c: C, d: D}"),
    ]
    rules = [
        rule("hot", "{mouth: above 100.4 °F}", "black"),
        rule("warm", "{mouth: at least 99.5 °F}", "red"),
        rule("ear", "{any: [{ear: above 38 °C}, {all: [{ear: at most 36 °C}, {how: is c}]}]}", "amber"),
        rule("exactly", "{ear: exactly 37 °C}", "yellow"),
        rule("how", "{how: 'one of [a, d]'}", "yellow"),
    ]
    return [card(asked, rules)], "when_unsettled: red"


def _wide():
    """Many questions of each kind, so that few tables can have each in every kind of column.

    Every rule is one comparison, and no question depends on another.
    """
    ranges = ("temperature, 30 to 45 °C", "temperature, 86 to 113 °F")
    temperatures = {f"t{place}": ranges[place % 2] for place in range(24)}
    numbers = {f"n{place}": ("whole number, -5 to 60", "days, 0 to 365")[place % 2] for place in range(16)}
    asked = [question(one, answer) for one, answer in (temperatures | numbers).items()]
    asked += [question(f"y{place}", "yes or no") for place in range(8)]
    asked += [question(f"c{place}", "one of", ", options: {a: A, b: B, c: C}") for place in range(8)]
    rules = []
    for one, answer in temperatures.items():
        high, low = ("99.5 °F", "96.8 °F") if answer.endswith("°F") else ("37.5 °C", "36 °C")
        rules.append(rule(f"{one}-high", f"{{{one}: above {high}}}", "red"))
        rules.append(rule(f"{one}-low", f"{{{one}: at most {low}}}", "amber"))
    rules += [rule(f"{one}-some", f"{{{one}: at least 4}}", "amber") for one in numbers]
    rules += [
        rule(f"y{place}-{said}", f"{{y{place}: {said}}}", "yellow")
        for place in range(8)
        for said in ("yes", "no")
    ]
    rules += [
        rule(f"c{place}-{said}", f"{{c{place}: is {said}}}", "yellow") for place in range(8) for said in "ab"
    ]
    return [card(asked, rules)], "when_unsettled: amber"


def _spelled():
    """A question of each kind, under the ids of `spellings.py`, with a rule for each of its answers."""
    drugs = "imatinib: Imatinib (Glivec), dasatinib: Dasatinib (Sprycel), car_t: CAR T-cell therapy"
    asked = [
        question("chest_pain", "yes or no"),
        question("drug", "one of", f", options: {{{drugs}}}"),
        question("temperature", "temperature, 30 to 45 °C"),
        question("loose_stools", "whole number, 0 to 60"),
        question("constipation_days", "days, 0 to 365"),
    ]
    means = {
        "chest_pain": ("yes", "no"),
        "drug": ("is imatinib", "is car_t"),
        "temperature": (
            "exactly 38.6 °C",
            "exactly 38 °C",
            "exactly 37.5 °C",
            "exactly 30 °C",
            "exactly 45 °C",
        ),
        "loose_stools": ("exactly 0", "exactly 4", "exactly 60"),
        "constipation_days": ("exactly 0", "exactly 1", "exactly 3"),
    }
    rules = [
        rule(f"{name.replace('_', '-')}-{place}", f"{{{name}: {answer}}}", "amber")
        for name, answers in means.items()
        for place, answer in enumerate(answers)
    ]
    for name, low, high in (("at-101.5-f", 38.6, 38.7), ("at-101-f", 38.3, 38.4)):
        band = f"{{all: [{{temperature: above {low} °C}}, {{temperature: below {high} °C}}]}}"
        rules.append(rule(f"temperature-{name.replace('.', '-')}", band, "amber"))
    rules.append(rule("temperature-above", "{temperature: above 37.5 °C}", "red"))
    return [card(asked, rules)], "when_unsettled: amber"


WRITTEN = {
    "spelled": _spelled,
    "nested": _nested,
    "chained": _chained,
    "escalating": _escalating,
    "fahrenheit": _fahrenheit,
    "wide": _wide,
}


def written(name, folder):
    """One of the protocols written here, its files in `folder`."""
    cards, head = WRITTEN[name]()
    return write_protocol(folder / "rules", *cards, head=head, levels=FIVE_LEVELS)


@st.composite
def at_random(draw):
    """A protocol at random, as tests/properties draws them, with escalations and temperatures in °F too."""
    base = draw(random_protocols.protocols())
    asked = list(base.questions.values())
    questions = {
        one.id: replace(one, answer=AnswerType("temperature", 35, 40, "°F", 0.1))
        if one.answer.kind == "temperature" and draw(st.booleans())
        else one
        for one in asked
    }
    first = base.sources[next(iter(base.sources))]
    lines = []
    for place in range(draw(st.integers(0, 2))):
        at, to = sorted(draw(st.lists(st.integers(1, 5), min_size=2, max_size=2)))
        only_if = draw(st.none() | random_protocols.conditions(asked, 1))
        count = draw(st.integers(1, min(3, len(base.rules))))
        line = Escalation(
            id=f"random/escalate/line{place}",
            count=count,
            at_rank=at,
            rank=to,
            name=f"line{place}",
            when="in words",
            only_if=only_if,
            to=base.levels[to].id,
            because=random_protocols.wording("Together."),
            sentences=(next(iter(first.sentences)),),
        )
        lines.append(line)
    unsettled = base.levels[draw(st.integers(1, 5))].id
    head = replace(base.head, when_unsettled=unsettled)
    return replace(base, head=head, questions=questions, escalations=tuple(lines), _memo={})


def people_at_random(protocol):
    """The answers of some people, in JSON form."""
    return st.lists(random_protocols.answers_of(protocol, quiet=False), min_size=1, max_size=12)
