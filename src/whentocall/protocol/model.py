"""What a loaded protocol is made of: frozen, flat, and without a trace of how its files are laid out.

Field names are the keys of the files, so a clinician's file and a developer's object read the same. What
the file does not say itself (full ids, ranks, counts) has been worked out. `schema` checks what a file
may say; `assemble` makes these of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from whentocall._text import printable
from whentocall.protocol.answer_types import AnswerType
from whentocall.protocol.conditions import Condition, Term, terms
from whentocall.protocol.wording import Voice, Wording


def frozen(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A mapping that cannot be written to."""
    return MappingProxyType(items)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What stands in a file as keys and values; `line` is where it starts."""

    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Question(Part):
    """One question, its kind of answer, and the words around it."""

    id: str
    you: str
    they: str
    short: Wording
    answer: AnswerType
    options: Mapping[str, Wording]
    help: Wording | None = None
    only_if: Condition | None = None
    not_reassuring_if: Condition | None = None
    usual: str | None = None
    watch: Wording | None = None
    settle: Wording | None = None
    when_hidden: Wording | None = None
    context: bool = False
    sentences: tuple[str, ...] = ()

    @property
    def usual_number(self) -> float | None:
        """The usual value of a number, in the question's own unit, if it has one."""
        return None if self.usual is None else float(self.usual)

    def wording(self, voice: Voice) -> str:
        """The question as asked in this voice."""
        return self.you if voice == "you" else self.they


@dataclass(frozen=True, kw_only=True)
class SelfCare(Part):
    """Something the person can do, shown where the card has a rule that holds and the level allows."""

    text: Wording
    when: Condition | None = None
    unless: Condition | None = None
    always: bool = False
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Differs(Part):
    """What other current guidance says on this subject; shown in review, never merged."""

    publisher: str
    says: str
    seen: dt.date


@dataclass(frozen=True, kw_only=True)
class Waiver(Part):
    """A finding that is known and accepted, with the reason. Bound to its kind and what it is about."""

    finding: str
    about: str
    because: str


@dataclass(frozen=True, kw_only=True)
class Expect(Part):
    """What a case must give. `rules` are all that hold; an id alone is a rule of the same card.

    `levels_of` also fixes the level of some of them, for a rule that never sets the level alone.
    """

    level: str
    rules: tuple[str, ...] = ()
    levels_of: Mapping[str, str]
    at_least: str | None = None
    could_be: str | None = None
    settle: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    watch_first: str | None = None


@dataclass(frozen=True, kw_only=True)
class Case(Part):
    """A named example with the advice it must give; answers as they are written, one of the two kinds."""

    name: str
    given: Mapping[str, Any] | None = None
    given_only: Mapping[str, Any] | None = None
    expect: Expect


@dataclass(frozen=True, kw_only=True)
class CardSource(Part):
    """The document, and the section in it, that a card is about."""

    document: str
    section: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Card(Part):
    """One file of a protocol, about one symptom.

    Attributes:
        id: `protocol/card`.
        root: the rules folder that its file stands in.
        is_layer: whether it came with a layer.
    """

    id: str
    root: Path
    is_layer: bool
    title: str
    source: CardSource
    ask: Mapping[str, Question]
    rules: Mapping[str, Rule] = field(repr=False)
    self_care: tuple[SelfCare, ...] = ()
    differs: tuple[Differs, ...] = ()
    waive: tuple[Waiver, ...] = ()
    cases: tuple[Case, ...] = ()

    @property
    def protocol(self) -> str:
        """The id of the protocol or layer that it belongs to."""
        return self.id.split("/")[0]

    @property
    def file(self) -> str:
        """The path of its file, as findings show it."""
        return printable(str(self.root / f"{self.id}.yaml"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule(Part):
    """A condition on answers, and the level that it reaches.

    Attributes:
        id: in full, `protocol/card/rule`.
        rank: of its level; 0 is the least urgent.
    """

    id: str
    card: Card
    rank: int
    when: Condition
    level: str
    because: Wording
    sentences: tuple[str, ...]
    interpretation: str | None = None

    @property
    def name(self) -> str:
        """Its key in the card."""
        return self.id.rpartition("/")[2]

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The smallest sets of comparisons that make it hold."""
        return terms(self.when)


@dataclass(frozen=True, kw_only=True)
class Level(Part):
    """How urgent: whom to contact, how soon, and the words shown."""

    id: str
    word: str
    who: tuple[str, ...] = ()
    headline: Wording
    how_soon: Wording
    first: tuple[Wording, ...] = ()
    watch: Wording | None = None
    colour: str
    self_care: bool = False


@dataclass(frozen=True, kw_only=True)
class Region(Part):
    """Where the protocol is used, and so whom to call in an emergency."""

    name: str
    emergency_number: str
    emergency_place: str


@dataclass(frozen=True)
class Screen(Part):
    """Questions asked together. More than one means a checklist of yes/no questions."""

    title: Wording | None
    questions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Escalation(Part):
    """A level reached because several cards reach theirs: `at least 2 cards at amber`.

    Attributes:
        id: in full, `protocol/escalate/name`.
        count, at_rank: how many cards, and the rank that each must reach.
        rank: of the level that they reach together.
    """

    id: str
    count: int
    at_rank: int
    rank: int
    name: str
    when: str
    only_if: Condition | None = None
    to: str
    because: Wording
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ProtocolFile(Part):
    """`protocol.yaml`: what the protocol is, for whom, and how its cards are put together."""

    title: str
    who_for: Wording
    version: str
    layer: bool
    region: Region | None
    documents: tuple[str, ...]
    include: tuple[str, ...]
    when_unsettled: str
    answering: Mapping[str, str] | None
    who: Mapping[str, Wording]
    contacts: Mapping[str, tuple[str, ...]]
    cards: tuple[str, ...]
    screens: tuple[Screen, ...]
    escalate: tuple[Escalation, ...]
    signatures: int
    written: dt.date
    review_due: dt.date


@dataclass(frozen=True, kw_only=True)
class Sentence(Part):
    """One sentence of a source: where it stands and a hash of its normalised text, never the text.

    `point` stands instead of the hash where the document's text is not held: what it says, in our words.
    """

    id: str
    section: str
    sha256: str | None = None
    characters: int | None = None
    point: str | None = None
    contact: str | None = None
    set_aside: str | None = None


@dataclass(frozen=True, kw_only=True)
class Source(Part):
    """`sources/<document>.yaml`: a document, and every sentence of it."""

    title: str
    publisher: str
    about: str | None = None
    file: str | None = None
    sha256: str | None = None
    last_reviewed: dt.date | None = None
    review_due: dt.date | None = None
    seen: dt.date
    sentences: Mapping[str, Sentence]


@dataclass(frozen=True, kw_only=True)
class SignOff(Part):
    """One clinician's signature, bound to the content of what was signed.

    `cards` has, for each card signed (by full id, layers included), the hash of what it said; `frame` is
    the hash of the levels, roles and order of asking around them, where those were signed too.
    """

    name: str
    role: str
    date: dt.date
    note: str | None = None
    frame: str | None = None
    cards: Mapping[str, str]
