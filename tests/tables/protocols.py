"""Protocols for what the shipped ones lack: written ones, and others at random.

They are written and drawn by what tests/engine and tests/properties have for that.
"""

import importlib.util
import inspect
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

from whentocall.protocol.answer_types import AnswerType
from whentocall.protocol.model import Escalation

TESTS = Path(__file__).parents[1]
PUMP_LINE = TESTS / "traffic_lights" / "rules" / "pump-line"


def _conftest(folder):
    """What the tests of another folder share."""
    profile = settings.get_current_profile_name()  # one of them loads its own
    spec = importlib.util.spec_from_file_location(f"conftest_of_{folder}", TESTS / folder / "conftest.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    settings.load_profile(profile)
    return found


_engine, _properties = _conftest("engine"), _conftest("properties")


FIVE_LEVELS = """
who:
  nurse: the nurse
levels:
  black: {word: Black, who: [nurse], headline: "Call {who} at once", how_soon: Now., colour: red}
  red: {word: Red, who: [nurse], headline: "Call {who} now", how_soon: Now., colour: red}
  amber: {word: Amber, who: [nurse], headline: "Call {who} today", how_soon: Today., colour: orange}
  yellow: {word: Yellow, who: [nurse], headline: "Call {who} soon", how_soon: Soon., colour: orange}
  green: {word: Green, headline: Nothing to report, how_soon: Never., colour: green, self_care: yes}
"""


def _asked(name, answer, more=""):
    """The YAML of one question."""
    said = "you: Is it so?, they: Is it so?, short: It, watch: 'it is {limit}'"
    return f"  {name}: {{{said}, answer: '{answer}'{more}}}\n"


def _rule(name, when, level):
    """The YAML of one rule."""
    return f"  {name}: {{when: {when}, level: {level}, because: It is so., sentences: [T-1]}}\n"


def _card(asked, rules):
    return "ask:\n" + "".join(asked) + "rules:\n" + "".join(rules)


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
    asked = [_asked(one, "yes or no") for one in ("a", "b", "c", "d")]
    asked += [
        _asked("n", "whole number, 0 to 9"),
        _asked("m", "whole number, -5 to 5"),
        _asked("t", "days, 0 to 30"),
    ]
    more = "{all: [{n: at least 2}, {any: [{a: yes}, {b: no}]}]}"
    rules = [
        _rule("two-of", "{at least 2 of: [{a: yes}, {b: yes}, {all: [{c: yes}, {d: no}]}]}", "red"),
        _rule(
            "three-of",
            f"{{at least 3 of: [{{a: yes}}, {{n: fewer than 3}}, {{t: at most 2}}, {more}]}}",
            "amber",
        ),
        _rule("exactly", "{n: exactly 4}", "yellow"),
        _rule("nothing", "{n: exactly 0}", "yellow"),
        _rule("below-nothing", "{any: [{m: below -2}, {all: [{m: exactly 0}, {d: yes}]}]}", "amber"),
        _rule("no", "{all: [{a: no}, {b: no}, {c: no}]}", "yellow"),
        _rule("long", "{t: more than 7}", "black"),
    ]
    return [_card(asked, rules)], "when_unsettled: yellow"


def _chained():
    """Follow-ups of follow-ups, what hides an answer hidden itself, answers that contradict each other."""
    asked = [
        _asked("sore", "yes or no"),
        _asked(
            "where", "one of", ", only_if: {sore: yes}, options: {arm: Arm, leg: Leg, all_over: All over}"
        ),
        _asked("days", "days, 0 to 20", ", only_if: {where: 'one of [leg, all_over]'}"),
        _asked("worse", "yes or no", ", only_if: {all: [{days: at least 2}, {sore: yes}]}"),
        _asked("pill", "yes or no", ", only_if: {sore: yes}"),
        _asked("strong", "yes or no", ", not_reassuring_if: {pill: yes}"),
        _asked(
            "heat", "temperature, 30 to 45 °C", ", not_reassuring_if: {any: [{strong: yes}, {pill: yes}]}"
        ),
        _asked(
            "count", "whole number, 0 to 12", ", only_if: {sore: yes}, not_reassuring_if: {heat: above 39 °C}"
        ),
        _asked("calm", "yes or no"),
        _asked("loud", "yes or no", ", only_if: {calm: no}"),
    ]
    rules = [
        _rule("hot", "{heat: at least 38 °C}", "red"),
        _rule("cold", "{heat: below 35 °C}", "black"),
        _rule("all-over", "{all: [{where: is all_over}, {worse: yes}]}", "black"),
        _rule("somewhere", "{where: 'one of [arm, leg]'}", "yellow"),
        _rule("days", "{days: more than 3}", "amber"),
        _rule("many", "{any: [{count: at least 6}, {all: [{count: exactly 3}, {worse: yes}]}]}", "amber"),
        _rule("loud", "{loud: yes}", "red"),
        _rule("not-sore", "{all: [{sore: no}, {strong: yes}]}", "yellow"),
        _rule("strong", "{all: [{strong: no}, {calm: no}]}", "amber"),
    ]
    return [_card(asked, rules)], "when_unsettled: amber"


def _escalating():
    """Escalations: with a condition and without, from several cards, over each other, of every size."""
    limits = "at least 5", "at least 3"
    cards = []
    for one, (high, low) in zip("pqrs", (limits, limits, ("at least 9", "at least 1"), limits), strict=True):
        rules = [_rule("high", f"{{{one}: {high}}}", "red"), _rule("low", f"{{{one}: {low}}}", "yellow")]
        cards.append(
            _card(
                [_asked(one, "whole number, 0 to 10")],
                [*rules, _rule("nine", f"{{{one}: exactly 9}}", "amber")],
            )
        )
    whom = [
        _asked("age", "whole number, 0 to 120"),
        _asked("alone", "yes or no"),
        _asked("home", "one of", ", options: {house: House, flat: Flat, none: None}, only_if: {alone: yes}"),
    ]
    cards.append(_card(whom, [_rule("none", "{home: is none}", "yellow")]))
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
        _asked("mouth", "temperature, 86 to 113 °F", ", usual: 98.2"),
        _asked("ear", "temperature, 30.5 to 44.5 °C", ", not_reassuring_if: {mouth: above 100 °F}"),
        _asked("how", "one of", ", options: {a: A, b: B, c: C, d: D}"),
    ]
    rules = [
        _rule("hot", "{mouth: above 100.4 °F}", "black"),
        _rule("warm", "{mouth: at least 99.5 °F}", "red"),
        _rule("ear", "{any: [{ear: above 38 °C}, {all: [{ear: at most 36 °C}, {how: is c}]}]}", "amber"),
        _rule("exactly", "{ear: exactly 37 °C}", "yellow"),
        _rule("how", "{how: 'one of [a, d]'}", "yellow"),
    ]
    return [_card(asked, rules)], "when_unsettled: red"


def _wide():
    """Many questions of each kind, so that few tables can have each in every kind of column.

    Every rule is one comparison, and no question depends on another.
    """
    ranges = ("temperature, 30 to 45 °C", "temperature, 86 to 113 °F")
    temperatures = {f"t{place}": ranges[place % 2] for place in range(24)}
    numbers = {f"n{place}": ("whole number, -5 to 60", "days, 0 to 365")[place % 2] for place in range(16)}
    asked = [_asked(one, answer) for one, answer in (temperatures | numbers).items()]
    asked += [_asked(f"y{place}", "yes or no") for place in range(8)]
    asked += [_asked(f"c{place}", "one of", ", options: {a: A, b: B, c: C}") for place in range(8)]
    rules = []
    for one, answer in temperatures.items():
        high, low = ("99.5 °F", "96.8 °F") if answer.endswith("°F") else ("37.5 °C", "36 °C")
        rules.append(_rule(f"{one}-high", f"{{{one}: above {high}}}", "red"))
        rules.append(_rule(f"{one}-low", f"{{{one}: at most {low}}}", "amber"))
    rules += [_rule(f"{one}-some", f"{{{one}: at least 4}}", "amber") for one in numbers]
    rules += [
        _rule(f"y{place}-{said}", f"{{y{place}: {said}}}", "yellow")
        for place in range(8)
        for said in ("yes", "no")
    ]
    rules += [
        _rule(f"c{place}-{said}", f"{{c{place}: is {said}}}", "yellow") for place in range(8) for said in "ab"
    ]
    return [_card(asked, rules)], "when_unsettled: amber"


def _spelled():
    """A question of each kind, under the ids of `tests/spellings.py`, with a rule for each of its answers."""
    drugs = "imatinib: Imatinib (Glivec), dasatinib: Dasatinib (Sprycel), car_t: CAR T-cell therapy"
    asked = [
        _asked("chest_pain", "yes or no"),
        _asked("drug", "one of", f", options: {{{drugs}}}"),
        _asked("temperature", "temperature, 30 to 45 °C"),
        _asked("loose_stools", "whole number, 0 to 60"),
        _asked("constipation_days", "days, 0 to 365"),
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
        _rule(f"{name.replace('_', '-')}-{place}", f"{{{name}: {answer}}}", "amber")
        for name, answers in means.items()
        for place, answer in enumerate(answers)
    ]
    for name, low, high in (("at-101.5-f", 38.6, 38.7), ("at-101-f", 38.3, 38.4)):
        band = f"{{all: [{{temperature: above {low} °C}}, {{temperature: below {high} °C}}]}}"
        rules.append(_rule(f"temperature-{name.replace('.', '-')}", band, "amber"))
    rules.append(_rule("temperature-above", "{temperature: above 37.5 °C}", "red"))
    return [_card(asked, rules)], "when_unsettled: amber"


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
    write = inspect.unwrap(_engine.write_protocol)(folder)
    return write(*cards, head=head, levels=FIVE_LEVELS)


@st.composite
def at_random(draw):
    """A protocol at random, as tests/properties draws them, with escalations and temperatures in °F too."""
    base = draw(_properties.protocols())
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
        only_if = draw(st.none() | _properties.conditions(asked, 1))
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
            because=_properties._wording("Together."),
            sentences=(next(iter(first.sentences)),),
        )
        lines.append(line)
    unsettled = base.levels[draw(st.integers(1, 5))].id
    head = replace(base.head, when_unsettled=unsettled)
    return replace(base, head=head, questions=questions, escalations=tuple(lines), _memo={})


def people_at_random(protocol):
    """The answers of some people, in JSON form."""
    return st.lists(_properties.answers_of(protocol, quiet=False), min_size=1, max_size=12)
