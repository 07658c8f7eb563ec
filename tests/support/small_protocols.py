"""Small protocols written to files for one test, and the lines of YAML that they are made of."""

import textwrap

from whentocall import load

SOURCE = """
title: A document for tests
publisher: Nobody
seen: 2026-11-21
sentences:
  T-1: {section: All of it, point: Everything that the tests need.}
"""
TITLE = """
title: A protocol for tests
who_for: Nobody.
"""
HEAD = """
version: "1"
region: {name: Nowhere, emergency_number: "000", emergency_place: the tent}
documents: [tests]
written: 2026-11-21
review_due: 2027-11-21
"""
LEVELS = """
who: {nurse: the nurse}
levels:
  red: {word: Red, who: [nurse], headline: "Call {who} now", how_soon: Now., colour: red}
  amber: {word: Amber, who: [nurse], headline: "Call {who} today", how_soon: Today., colour: orange}
  green: {word: Green, headline: Nothing to report, how_soon: Never., colour: green, self_care: yes}
"""
FIVE_LEVELS = """
who: {nurse: the nurse}
levels:
  black: {word: Black, who: [nurse], headline: "Call {who} at once", how_soon: Now., colour: red}
  red: {word: Red, who: [nurse], headline: "Call {who} now", how_soon: Now., colour: red}
  amber: {word: Amber, who: [nurse], headline: "Call {who} today", how_soon: Today., colour: orange}
  yellow: {word: Yellow, who: [nurse], headline: "Call {who} soon", how_soon: Soon., colour: orange}
  green: {word: Green, headline: Nothing to report, how_soon: Never., colour: green, self_care: yes}
"""


def write_protocol(rules, *cards, head="when_unsettled: amber", levels=LEVELS, name="tests"):
    """Write a protocol of one card per text (`ask:` and `rules:`) into the folder `rules`, and load it."""
    folder = rules / name
    (rules / "sources").mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True)
    (rules / "sources" / "tests.yaml").write_text(SOURCE, "utf-8")
    (rules / "levels.yaml").write_text(levels, "utf-8")
    names = [f"card{place}" for place in range(len(cards))]
    for card, text in zip(names, cards, strict=True):
        start = f"title: {card.capitalize()}\nsource: {{document: tests, section: All of it}}\n"
        (folder / f"{card}.yaml").write_text(start + textwrap.dedent(text), "utf-8")
    title = "" if "title:" in head else TITLE
    own = f"{title}{HEAD}cards: [{', '.join(names)}]\n{textwrap.dedent(head)}\n"
    (folder / "protocol.yaml").write_text(own, "utf-8")
    return load(folder)


def card(asked, rules):
    """The YAML of a card, from the lines below."""
    ask = f"ask:\n{''.join(asked)}" if asked else ""
    return f"{ask}rules:\n{''.join(rules)}"


def question(name, answer, more=""):
    """The line of a question; `answer` and `more` as in a rule file, `more` with its comma in front."""
    watch = "" if answer == "yes or no" else "watch: 'it is {limit}', "
    return f"  {name}: {{you: Is it?, they: Is it?, short: {name}, {watch}answer: '{answer}'{more}}}\n"


def yes_no(*names, more=""):
    """The lines of yes/no questions."""
    return "".join(question(name, "yes or no", more) for name in names)


def choice(name, options, more=""):
    """The line of a choice."""
    listed = ", ".join(f"{option}: {option.upper()}" for option in options)
    return question(name, "one of", f", options: {{{listed}}}{more}")


def rule(name, when, level="red"):
    """The line of a rule."""
    return f"  {name}: {{when: {when}, level: {level}, because: It is so., sentences: [T-1]}}\n"
