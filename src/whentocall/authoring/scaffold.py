"""New cards and new protocols: files that load and hold together, for a clinician to write the words in.

A new card draws its words from its title, asks one yes/no question, and cites the sentence on "any side
effect", if there is one. What is guessed is said in the rule's `interpretation`, which every reader of the
advice sees, and in comments.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from whentocall.authoring.claims import TO_DECIDE
from whentocall.authoring.fmt import format_text, with_more, write
from whentocall.authoring.sources import yaml_text
from whentocall.errors import Finding, RulesError, WhentocallError
from whentocall.protocol.loading import HEAD, LEVELS, SIGN_OFF, SOURCES, load_folder, protocol_names
from whentocall.protocol.phrases import NAME
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.sources import normalised
from whentocall.protocol.yaml_file import Block, line_of, read

EMERGENCY = "emergency"  # the layer that a new protocol includes where there is one
FIRST_CARD = "side-effects"

_LONGEST_NAME = 50  # its question's id may have at most 60 characters
_CARD = """\
# A new card. Its words come from its title: change them to what people say. Delete these comments as you go.
title: {title}
# The section of the document that this card is about.
source: {{document: {document}, section: {section}}}

ask:
  # What is asked. A person answers for themselves ("you") or for somebody else ("they").
  {question}:
    you: {you}
    they: {they}
    # Its line in a list.
    short: {title}
    # Or: whole number, 0 to 60 / days, 0 to 365 / temperature, 30 to 45 °C / one of (with options).
    answer: yes or no
    # Ends "Call … if": what to look out for.
    watch:
      you: {watch_you}
      they: {watch_they}

rules:
  # What an answer means. Each rule has a name of its own.
  any-{name}:
    when: {{{question}: yes}}
    # How urgent. One of: {levels}.
    level: {level}
    # What the person reads under "Why".
    because:
      you: {because_you}
      they: {because_they}
    # The sentences that say so: their numbers are in {sources}.
    sentences: [{sentence}]
    # Keep this only where you decide more than the sentences say; then write what, and why.
    interpretation: >
      {to_decide}: whether {sentence} is the sentence that says so, and how urgent this is. Until then it has
      the level for what is not known.

# People, made up, with the advice that they must get: one who has it, one who does not, one who is not sure.
cases:
  - name: {with_it}
    given: {{{question}: yes}}
    expect: {{level: {level}, rules: [any-{name}]}}
  - name: {without_it}
    given: {{{question}: no}}
    expect: {{level: {lowest}, rules: []}}
  - name: {unsure}
    given: {{{question}: don't know}}
    expect: {{level: {unsettled}, at_least: {lowest}, could_be: {level}, rules: [], settle: [{question}]}}
"""
_HEAD = """\
# A new protocol: one document turned into rules. Delete these comments as you go.
title: {title}
# How people know that these questions are for them.
who_for:
  you: {for_you}
  they: {for_them}
version: "0.1"
# Where it is used, and whom to call in an emergency there.
region:
  name: not given
  emergency_number: your local emergency number
  emergency_place: the nearest emergency department
documents: [{document}]
{include}
# What is shown at least, when something is not known that could make it this urgent or more.
when_unsettled: {unsettled}

answering:
  you: I am the one having treatment
  they: I am answering for someone else

# The cards, in the order of asking. 'whentocall new-card' adds more.
cards: [{card}]

# What is asked together.
screens:
  - title: {card_title}
    questions: [{question}]

written: {today}
review_due: {due}
"""
_SOURCE = """\
# The document that these rules come from, sentence by sentence. 'whentocall sources index FILE' writes this
# file anew from the document's text.
title: {title}
# Who publishes it.
publisher: not given
# The day you read it.
seen: {today}

sentences:
  {sentence}:
    section: {card_title}
    contact: {level}
    # What it says, in your words.
    point: People tell their team about any side effect.
"""


def new_card(protocol_folder: Path, name: str, *, title: str | None = None) -> Path:
    """Write a card with one question, one rule and its cases, and list it in the protocol.

    `check` finds nothing in it; what a clinician has to decide stands in its comments and under
    `interpretation`.

    Args:
        protocol_folder: the protocol's folder.
        name: the card's name: small letters and digits, words joined by `-`.
        title: its title; made from the name if none is given.

    Raises:
        UnknownProtocol: there is no protocol in that folder.
        RulesError: the name cannot be used, or the protocol cannot be loaded or written.
    """
    protocol = load_folder(protocol_folder)
    path = protocol_folder / f"{name}.yaml"
    _refuse(path, name, reserved=(HEAD, LEVELS, SIGN_OFF))
    title = _title(name, title)
    card = _Card(name, title, _free_question(protocol, name))
    head = protocol_folder / HEAD
    before = head.read_text(encoding="utf-8-sig")
    more = f"cards: [{name}]\n"
    if protocol.head.screens:
        more += f"screens:\n  - title: {yaml_text(title)}\n    questions: [{card.question}]\n"
    after = with_more(before, more, shown=str(head))
    levels = [level.id for level in protocol.levels]
    write(path, _card_text(card, _cited(protocol), levels, protocol.unsettled_rank))
    try:
        write(head, after)
        load_folder(protocol_folder)
    except WhentocallError:
        path.unlink()
        write(head, before)
        raise
    return path


def new_protocol(
    rules_folder: Path, name: str, *, title: str | None = None, today: date | None = None
) -> Path:
    """Write a protocol folder with its head and a first card, and the file of its document.

    It uses the levels of the rules folder, and includes its emergency layer if it has one.

    Args:
        rules_folder: the folder that the protocols stand in, with its `levels.yaml`.
        name: the protocol's and the document's name: small letters and digits, words joined by `-`.
        title: its title; made from the name if none is given.
        today: the day that the files say they were written.

    Raises:
        RulesError: the name cannot be used, the folder has no levels, or it cannot be written.
    """
    folder, source = rules_folder / name, rules_folder / SOURCES / f"{name}.yaml"
    _refuse(folder, name, reserved=(SOURCES,))
    _refuse(source, name)
    levels = _levels(rules_folder / LEVELS)
    today = today or date.today()  # noqa: DTZ011  the writer's own day
    try:
        folder.mkdir()
        source.parent.mkdir(exist_ok=True)
    except OSError as error:
        message = f"cannot be made: {error.strerror}"
        raise RulesError([Finding(str(folder), 0, message, "unwritable")]) from None
    try:
        _write_protocol(folder, source, _title(name, title), levels, today)
        load_folder(folder)
    except WhentocallError:
        shutil.rmtree(folder)
        source.unlink(missing_ok=True)
        raise
    return folder


def _write_protocol(folder: Path, source: Path, title: str, levels: Sequence[str], today: date) -> None:
    """The files of a new protocol. `levels` go from least to most urgent."""
    layer = folder.parent / EMERGENCY / HEAD
    sentence = f"{_free_prefix(folder.parent, folder.name)}-01"
    unsettled = "contact" if "contact" in levels else levels[len(levels) // 2]
    question = FIRST_CARD.replace("-", "_")
    facts = {
        "title": yaml_text(title),
        "document": folder.name,
        "sentence": sentence,
        "level": levels[1],
        "today": today.isoformat(),
        "due": (today + timedelta(days=365)).isoformat(),
        "for_you": yaml_text(f"You are having this treatment: {title}."),
        "for_them": yaml_text(f"Someone you care for is having this treatment: {title}."),
        "include": f"include: [{EMERGENCY}]\n" if layer.is_file() else "",
        "unsettled": unsettled,
        "card": FIRST_CARD,
        "card_title": _title(FIRST_CARD, None),
        "question": question,
    }
    card = _Card(FIRST_CARD, _title(FIRST_CARD, None), question)
    cited = _Cited(folder.name, _title(FIRST_CARD, None), sentence)
    write(source, format_text(_SOURCE.format(**facts)))
    write(folder / HEAD, format_text(_HEAD.format(**facts)))
    write(folder / f"{FIRST_CARD}.yaml", _card_text(card, cited, levels, levels.index(unsettled)))


@dataclass(frozen=True, slots=True)
class _Card:
    """What a new card is called: its name, its title and its question's id."""

    name: str
    title: str
    question: str


@dataclass(frozen=True, slots=True)
class _Cited:
    """The sentence that a new card cites, its section and its document."""

    document: str
    section: str
    sentence: str


def _card_text(card: _Card, cited: _Cited, levels: Sequence[str], unsettled: int) -> str:
    """A card in its layout. `unsettled` is the rank of the level for what is not known."""
    thing = _in_a_sentence(card.title)
    level = levels[max(1, unsettled)]  # what nobody has decided yet is not known, and never lower for that
    words = {
        "title": card.title,
        "section": cited.section,
        "you": f"Do you have {thing}?",
        "they": f"Do they have {thing}?",
        "watch_you": f"you get {thing}",
        "watch_they": f"they get {thing}",
        "because_you": f"Your team want to know about {thing}.",
        "because_they": f"Their team want to know about {thing}.",
        "with_it": f"With {thing}",
        "without_it": f"Without {thing}",
        "unsure": f"Not sure about {thing}",
    }
    text = _CARD.format(
        **{key: yaml_text(text) for key, text in words.items()},
        name=card.name,
        question=card.question,
        document=cited.document,
        sentence=cited.sentence,
        sources=f"{SOURCES}/{cited.document}.yaml",
        levels=", ".join(reversed(levels[1:])),
        level=level,
        lowest=levels[0],
        unsettled=levels[unsettled],
        to_decide=TO_DECIDE,
    )
    return format_text(text, shown=f"{card.name}.yaml")


def _cited(protocol: Protocol) -> _Cited:
    """The protocol's sentence that fits a new card best: the last that asks people to tell their team.

    Without such a one, the last that is not set aside; at worst the last.
    """
    own = [one for name in protocol.head.documents for one in protocol.sources[name].sentences.values()]
    telling = [one for one in own if one.contact == protocol.levels[1].id]
    open_ = [one for one in own if one.set_aside is None]
    best = (telling or open_ or own)[-1]
    return _Cited(protocol.sentence_documents[best.id], best.section, best.id)


def _refuse(path: Path, name: str, *, reserved: Iterable[str] = ()) -> None:
    """Refuse a name that is none, or that is taken."""
    if not NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        message = (
            f"'{name}' is not a name: up to {_LONGEST_NAME} small letters and digits, words joined by '-', "
            "such as sore-mouth"
        )
        raise RulesError([Finding(str(path), 0, message, "bad-name")])
    if path.exists() or path.name in reserved:
        message = f"'{name}' is taken already: choose another name, or change what is there"
        raise RulesError([Finding(str(path), 0, message, "name-taken")])


def _title(name: str, title: str | None) -> str:
    title = normalised(name.replace("-", " ").capitalize() if title is None else title)
    if not title or set(title) & set("{}"):
        message = f"'{title}' is not a title: a few words, such as Sore mouth"
        raise RulesError([Finding(name, 0, message, "bad-title")])
    return title


def _in_a_sentence(title: str) -> str:
    """A title in the middle of a sentence: its first word small, if it is no abbreviation."""
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def _free_question(protocol: Protocol, name: str) -> str:
    """An id for the card's question that none has of those that are asked together with it."""
    taken = set(protocol.questions)
    for other in protocol_names(protocol.folder.parent):
        try:
            loaded = load_folder(protocol.folder.parent / other)
        except RulesError:
            continue  # broken before we came; the fault is not ours to report
        if any(card.protocol == protocol.folder.name for card in loaded.cards):
            taken |= set(loaded.questions)
    question = name.replace("-", "_")
    names = [question, *(f"{question}_{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in names if one not in taken)


def _levels(path: Path) -> list[str]:
    """The ids of a folder's levels, from least to most urgent."""
    if not path.is_file():
        message = "there are no levels in this folder: copy levels.yaml from the shipped rules first"
        raise RulesError([Finding(str(path), 0, message, "no-levels")])
    said, findings = read(path, str(path))
    levels = said.get("levels") if said else None
    if findings or not isinstance(levels, Block) or len(levels) < 2:
        message = "there must be at least two levels, the last one for 'nothing to report'"
        raise RulesError(findings or [Finding(str(path), line_of(said), message, "too-few-levels")])
    return [str(one) for one in reversed(levels)]


def _free_prefix(rules: Path, name: str) -> str:
    """The initials of a name, with a number where another document's sentences have them already."""
    taken: set[str] = set()
    for path in (rules / SOURCES).glob("*.yaml"):
        said, _ = read(path, str(path))
        sentences = said.get("sentences") if said else None
        if isinstance(sentences, Block):
            taken |= {one.rpartition("-")[0] for one in sentences}
    initials = "".join(word[0] for word in name.split("-"))[:6].upper()
    return next(one for one in (initials, *(f"{initials}{n}" for n in range(2, 1000))) if one not in taken)
