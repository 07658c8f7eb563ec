"""The work that every engine is given: 17 rules over 17 answers, and the same in blocks of 16 and more.

The rules stand here once, as data, and everything else is made from them: our rule files, each peer's own
language, and the floor. The floor of the 17 rules is written by hand; that of more rules is generated.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from pathlib import Path

SEED = 1040
SESSIONS = 1040
OFTEN = 0.108  # how often a yes/no is "yes", chosen so that 1.8 rules fire on average
CALM = {"temperature": 36.8}  # the answer of somebody with nothing to report, where it is neither no nor 0

NUMBERS = ("temperature", "loose_stools_24h", "diarrhoea_days", "constipation_days")
YES_NO = (
    "cannot_replace_fluid",
    "generally_unwell",
    "shivery",
    "muscle_aches",
    "headache",
    "tummy_pain",
    "breathless",
    "pale",
    "bruising_or_bleeding",
    "rash",
    "nausea",
    "tired",
    "dizzy",
)

Answers = dict[str, float | int | bool]
Result = tuple[frozenset[int], int]


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison; `value` is True for "yes"."""

    question: str
    op: str
    value: float | int | bool


@dataclass(frozen=True, slots=True)
class Join:
    """All or any of several conditions."""

    op: str  # "all" or "any"
    of: tuple[Test | Join, ...]


Condition = Test | Join


@dataclass(frozen=True, slots=True)
class Rule:
    """When it fires, and the level (1 to 4) that it brings."""

    id: str
    level: int
    when: Condition


@dataclass(frozen=True, slots=True)
class Workload:
    """Rules, and the answers of many people, every question answered.

    Attributes:
        rules: in the order of the rule files; a rule is known by its place.
        questions: the questions, in blocks; a block of questions and its rules make one card.
        sessions: one dict of answers per person.
        floor: the if-chain as a function: answers to the places of the rules that fire, and their
            highest level (0: none fires).
    """

    rules: tuple[Rule, ...]
    questions: tuple[tuple[str, ...], ...]
    sessions: tuple[Answers, ...]
    floor: object

    @property
    def levels(self) -> list[int]:
        """The level of each rule, by its place."""
        return [rule.level for rule in self.rules]


def yes(question: str) -> Test:
    return Test(question, "yes", value=True)


def block(suffix: str = "") -> tuple[Rule, ...]:
    """The 17 rules, their questions named with a suffix."""

    def named(question: str) -> str:
        return question + suffix

    hot = Test(named("temperature"), ">", 37.5)
    unwell = (named("shivery"), named("muscle_aches"), named("headache"))
    shivery, aches, headache = (yes(one) for one in unwell)
    loose = Test(named("loose_stools_24h"), ">=", 4)
    long = Test(named("diarrhoea_days"), ">", 3)
    told = YES_NO[2:4] + YES_NO[6:]  # each of these alone is worth telling
    return (
        Rule("hot", 4, hot),
        Rule("cold", 4, Test(named("temperature"), "<", 36)),
        Rule("unwell", 4, yes(named("generally_unwell"))),
        Rule("flu-like", 3, Join("all", (headache, aches, Join("any", (shivery, hot))))),
        Rule("diarrhoea", 2, Join("any", (loose, yes(named("cannot_replace_fluid")), long))),
        Rule("constipation", 1, Test(named("constipation_days"), ">", 3)),
        Rule("tummy", 1, yes(named("tummy_pain"))),
        Rule("head", 1, headache),
        *(Rule(one.replace("_", "-"), 1, yes(named(one))) for one in told),
    )


def seventeen(count: int = SESSIONS) -> Workload:
    """17 rules over 17 answers, and as many random people."""
    pick = random.Random(SEED)
    sessions = tuple(_person(pick) for _ in range(count))
    return Workload(block(), (NUMBERS + YES_NO,), sessions, if_chain)


def _person(pick: random.Random) -> Answers:
    """One random person. A third have a temperature taken from the edges of the rules, or near them."""
    edges = (35.9, 36.0, 36.1, 37.4, 37.5, 37.6, 38.4)
    temperature = pick.choice(edges) if pick.random() < 1 / 3 else round(pick.uniform(36.1, 37.4), 1)
    return {
        "temperature": temperature,
        "loose_stools_24h": pick.choice((0, 0, 0, 0, 0, 1, 2, 3, 3, 4)),
        "diarrhoea_days": pick.choice((0, 0, 0, 0, 0, 1, 2, 3, 3, 4)),
        "constipation_days": pick.choice((0, 0, 0, 0, 0, 1, 2, 3, 3, 4)),
        **{one: pick.random() < OFTEN for one in YES_NO},
    }


def scaled(count: int, sessions: int = 130) -> Workload:
    """`count` rules: blocks of 16 rules and 16 answers (those above without `dizzy`), everything answered.

    Each person reports something in one block, as in the 17 rules; in all others nothing. So as many rules
    fire as there, however many there are.
    """
    if count % 16:
        raise ValueError(f"{count} rules are no whole number of blocks of 16")
    suffixes = [f"_{place}" for place in range(count // 16)]
    rules = tuple(
        Rule(f"{rule.id}{suffix.replace('_', '-')}", rule.level, rule.when)
        for suffix in suffixes
        for rule in block(suffix)[:-1]
    )
    asked = (NUMBERS + YES_NO)[:-1]
    questions = tuple(tuple(one + suffix for one in asked) for suffix in suffixes)
    calm = {one + suffix: _calm(one) for suffix in suffixes for one in asked}
    pick = random.Random(SEED + count)
    people = []
    for _ in range(sessions):
        suffix, person = pick.choice(suffixes), _person(pick)
        people.append(calm | {one + suffix: person[one] for one in asked})
    return Workload(rules, questions, tuple(people), generated_chain(rules))


def _calm(question: str) -> float | int | bool:
    return False if question in YES_NO else CALM.get(question, 0)


def if_chain(answers: Answers) -> tuple[list[int], int]:  # noqa: C901, PLR0912  being an if-chain is its purpose
    """The floor: the 17 rules as somebody would write them by hand."""
    fired = []
    level = 0
    temperature = answers["temperature"]
    headache = answers["headache"]
    aches = answers["muscle_aches"]
    shivery = answers["shivery"]
    if temperature > 37.5:
        fired.append(0)
        level = 4
    if temperature < 36:
        fired.append(1)
        level = 4
    if answers["generally_unwell"]:
        fired.append(2)
        level = 4
    if headache and aches and (shivery or temperature > 37.5):
        fired.append(3)
        level = max(level, 3)
    if answers["loose_stools_24h"] >= 4 or answers["cannot_replace_fluid"] or answers["diarrhoea_days"] > 3:
        fired.append(4)
        level = max(level, 2)
    if answers["constipation_days"] > 3:
        fired.append(5)
    if answers["tummy_pain"]:
        fired.append(6)
    if headache:
        fired.append(7)
    if shivery:
        fired.append(8)
    if aches:
        fired.append(9)
    if answers["breathless"]:
        fired.append(10)
    if answers["pale"]:
        fired.append(11)
    if answers["bruising_or_bleeding"]:
        fired.append(12)
    if answers["rash"]:
        fired.append(13)
    if answers["nausea"]:
        fired.append(14)
    if answers["tired"]:
        fired.append(15)
    if answers["dizzy"]:
        fired.append(16)
    return fired, level or (1 if fired else 0)


def generated_chain(rules: tuple[Rule, ...]) -> object:
    """The floor for any rules: a function with one `if` per rule."""
    lines = ["def chain(a):", "    fired = []", "    level = 0"]
    for place, rule in enumerate(rules):
        condition = infix(rule.when, field='a["{}"]', both=" and ", either=" or ")
        lines += [f"    if {condition}:", f"        fired.append({place})"]
        lines += [f"        if level < {rule.level}: level = {rule.level}"]
    names: dict[str, object] = {}
    exec("\n".join([*lines, "    return fired, level"]), names)
    return names["chain"]


def infix(condition: Condition, *, field: str, both: str, either: str, number=None) -> str:
    """A condition in a language with infix operators.

    Args:
        condition: what to write.
        field: the pattern of reading an answer.
        both: the operator "and", with its spaces.
        either: the operator "or".
        number: writes the number of a comparison; as in Python, if it is not given.
    """
    if isinstance(condition, Join):
        parts = [infix(one, field=field, both=both, either=either, number=number) for one in condition.of]
        return f"({(both if condition.op == 'all' else either).join(parts)})"
    read = field.format(condition.question)
    return read if condition.op == "yes" else f"{read} {condition.op} {(number or _number)(condition)}"


def _number(test: Test) -> str:
    return repr(test.value)


def terms(condition: Condition) -> list[list[Test]]:
    """The condition as alternatives, each a list of comparisons that must all hold."""
    if isinstance(condition, Test):
        return [[condition]]
    parts = [terms(one) for one in condition.of]
    if condition.op == "any":
        return [term for part in parts for term in part]
    return [[test for term in chosen for test in term] for chosen in itertools.product(*parts)]


HEAD = """
title: The work of the benchmarks
who_for: Nobody.
version: "1"
region: {name: Nowhere, emergency_number: "000", emergency_place: the tent}
documents: [benchmarks]
written: 2026-11-21
review_due: 2027-11-21
when_unsettled: three
"""

LEVELS = """
who:
  nurse: the nurse
levels:
  four: {word: Four, who: [nurse], headline: "Call {who} now", how_soon: Now., colour: red}
  three: {word: Three, who: [nurse], headline: "Call {who} soon", how_soon: Soon., colour: orange}
  two: {word: Two, who: [nurse], headline: "Call {who} today", how_soon: Today., colour: yellow}
  one: {word: One, who: [nurse], headline: "Tell {who}", how_soon: Tomorrow., colour: blue}
  none: {word: None, headline: Nothing to report, how_soon: Never., colour: green, self_care: yes}
"""

LEVEL_IDS = ("none", "one", "two", "three", "four")

SOURCE = """
title: A document for benchmarks
publisher: Nobody
seen: 2026-11-21
sentences:
  B-1: {section: All of it, point: Everything that the benchmarks need.}
"""

RANGES = {
    "temperature": "temperature, 30 to 45 °C",
    "loose_stools_24h": "whole number, 0 to 60",
    "diarrhoea_days": "days, 0 to 90",
    "constipation_days": "days, 0 to 90",
}

COMPARED = {">": "above", ">=": "at least", "<": "below"}


def write_protocol(workload: Workload, folder: Path) -> Path:
    """The workload as rule files: a card per block of questions. Gives what `whentocall.load` takes."""
    rules = folder / "rules" / "benchmarks"
    rules.mkdir(parents=True)
    (rules.parent / "sources").mkdir()
    (rules.parent / "sources" / "benchmarks.yaml").write_text(SOURCE, "utf-8")
    (rules.parent / "levels.yaml").write_text(LEVELS, "utf-8")
    size = len(workload.rules) // len(workload.questions)
    names = [f"card{place}" for place in range(len(workload.questions))]
    for place, (name, questions) in enumerate(zip(names, workload.questions, strict=True)):
        card = _card(questions, workload.rules[place * size : (place + 1) * size])
        (rules / f"{name}.yaml").write_text(card, "utf-8")
    (rules / "protocol.yaml").write_text(f"{HEAD}cards: [{', '.join(names)}]\n", "utf-8")
    return rules


def _card(questions: tuple[str, ...], rules: tuple[Rule, ...]) -> str:
    lines = ["title: A block", "source: {document: benchmarks, section: All of it}", "ask:"]
    for one in questions:
        kind = next((text for start, text in RANGES.items() if one.startswith(start)), "yes or no")
        lines.append(f"  {one}: {{you: Is it so?, they: Is it so?, short: It, answer: '{kind}'}}")
    lines.append("rules:")
    for rule in rules:
        more = f"level: {LEVEL_IDS[rule.level]}, because: It is so., sentences: [B-1]"
        lines.append(f"  {rule.id}: {{when: {_when(rule.when)}, {more}}}")
    return "\n".join([*lines, ""])


def _when(condition: Condition) -> str:
    if isinstance(condition, Join):
        return f"{{{condition.op}: [{', '.join(_when(one) for one in condition.of)}]}}"
    if condition.op == "yes":
        return f"{{{condition.question}: yes}}"
    unit = " °C" if condition.question.startswith("temperature") else ""
    return f"{{{condition.question}: '{COMPARED[condition.op]} {condition.value}{unit}'}}"
