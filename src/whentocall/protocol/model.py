"""What a rule file says, as frozen dataclasses: one class per kind of file or part.

Field names are the keys of the files, so a clinician's file and a developer's object read the same.
Every part knows the `line` it starts on; that is the only field that is not content.
"""

from __future__ import annotations

from dataclasses import field, fields
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from whentocall.protocol.kinds import AnswerType
from whentocall.protocol.parts import FromFile, Identified, Part, nothing, part
from whentocall.protocol.values import Items
from whentocall.protocol.wording import Voice, Wording

if TYPE_CHECKING:  # `checking` looks these up where a file is read
    from whentocall.protocol.phrases import NAME, QUESTION_ID
    from whentocall.protocol.schema import (
        SENTENCE_ID,
        ChoiceId,
        Day,
        Entry,
        Frozen,
        Kind,
        Name,
        NotInALayer,
        Prose,
        SentenceIds,
        Some,
        Usual,
        VoiceKey,
        When,
        YesNo,
        whole,
        with_ids,
    )


@part
class Question(Identified):
    """One question, its kind of answer, and the words around it."""

    what: ClassVar[str] = "question"

    you: Prose
    they: Prose
    short: Wording
    answer: Kind
    options: Annotated[dict[ChoiceId, Wording], Frozen] = field(default_factory=nothing)
    help: Wording | None = None
    only_if: When | None = None
    not_reassuring_if: When | None = None
    usual: Usual = None
    watch: Wording | None = None
    settle: Wording | None = None
    when_hidden: Wording | None = None
    context: YesNo = False
    sentences: tuple[str, ...] = ()

    @property
    def usual_number(self) -> float | None:
        """The usual value of a number, in the question's own unit, if it has one."""
        return None if self.usual is None else float(self.usual)

    def wording(self, voice: Voice) -> str:
        """The question as asked in this voice."""
        return self.you if voice == "you" else self.they


@part
class Rule(Identified):
    """A condition on answers, and the level that it reaches."""

    what: ClassVar[str] = "rule"

    when: When
    level: str
    because: Wording
    sentences: SentenceIds
    interpretation: Prose | None = None


@part
class SelfCare(Part):
    """Something the person can do, shown where the card has a rule that holds and the level allows."""

    what: ClassVar[str] = "self-care line"

    text: Wording
    when: When | None = None
    unless: When | None = None
    always: YesNo = False
    sentences: SentenceIds


@part
class Differs(Part):
    """What other current guidance says on this subject; shown in review, never merged."""

    what: ClassVar[str] = "'differs' line"

    publisher: Prose
    says: Prose
    seen: Day


@part
class Waiver(Part):
    """A finding that is known and accepted, with the reason. Bound to its kind and what it is about."""

    what: ClassVar[str] = "waiver"

    finding: Name
    about: str
    because: Prose


@part
class Expect(Part):
    """What a case must give. `rules` are all that hold; an id alone is a rule of the same card.

    `levels_of` also fixes the level of some of them, for a rule that never sets the level alone.
    """

    what: ClassVar[str] = "case's 'expect'"

    level: str
    rules: tuple[str, ...] = ()
    levels_of: Annotated[dict[str, str], Frozen] = field(default_factory=nothing)
    at_least: str | None = None
    could_be: str | None = None
    settle: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    watch_first: str | None = None


@part
class Case(Part):
    """A named example with the advice it must give."""

    what: ClassVar[str] = "case"

    name: Prose
    given: Annotated[dict[str, Any], Frozen] | None = None
    given_only: Annotated[dict[str, Any], Frozen] | None = None
    expect: Expect


@part
class CardSource(Part):
    """The document, and the section in it, that a card is about."""

    what: ClassVar[str] = "source"

    document: str
    section: Prose


@part
class Card(Part):
    """One file of a protocol, about one symptom."""

    what: ClassVar[str] = "card"

    title: Prose
    source: CardSource
    ask: Annotated[dict[str, Question], with_ids(QUESTION_ID, "question"), Frozen] = field(
        default_factory=nothing
    )
    rules: Annotated[dict[str, Rule], with_ids(NAME, "rule"), Frozen] = field(default_factory=nothing)
    self_care: tuple[SelfCare, ...] = ()
    differs: tuple[Differs, ...] = ()
    waive: tuple[Waiver, ...] = ()
    cases: tuple[Case, ...] = ()


@part
class Level(Identified):
    """How urgent: whom to contact, how soon, and the words shown."""

    what: ClassVar[str] = "level"

    word: Prose
    who: tuple[str, ...] = ()
    headline: Wording
    how_soon: Wording
    first: tuple[Wording, ...] = ()
    watch: Wording | None = None
    colour: str
    self_care: YesNo = False


@part
class LevelsFile(Part):
    """`levels.yaml`: the levels, most urgent first, and whom they name."""

    what: ClassVar[str] = "levels file"

    who: Annotated[dict[Entry, Wording], Frozen]
    levels: Annotated[dict[str, Level], with_ids(NAME, "level"), Frozen]


@part
class Region(Part):
    """Where the protocol is used, and so whom to call in an emergency."""

    what: ClassVar[str] = "region"

    name: Prose
    emergency_number: Prose
    emergency_place: Prose


@part
class ScreenLine(Part):
    """Questions that are asked together."""

    what: ClassVar[str] = "screen"

    title: Wording
    questions: Annotated[tuple[str, ...], Some]


@part
class Escalation(Part):
    """A level reached because several cards reach theirs: `at least 2 cards at amber`."""

    what: ClassVar[str] = "escalation"

    name: Name
    when: Prose
    only_if: When | None = None
    to: str
    because: Wording
    sentences: SentenceIds


@part
class ProtocolFile(Part):
    """`protocol.yaml`: what the protocol is, for whom, and how its cards are put together."""

    what: ClassVar[str] = "protocol"

    title: Prose
    who_for: Wording
    version: Prose
    layer: YesNo = False
    region: Region | None = None
    documents: Annotated[tuple[Entry, ...], Some]
    include: tuple[Entry, ...] = ()
    when_unsettled: Entry = "contact"
    answering: Annotated[dict[VoiceKey, Prose], Frozen] | None = None
    who: Annotated[dict[Entry, Wording], Frozen] = field(default_factory=nothing)
    contacts: Annotated[dict[Entry, tuple[Entry, ...]], Frozen] = field(default_factory=nothing)
    cards: Annotated[tuple[Entry, ...], Some]
    screens: tuple[ScreenLine, ...] = ()
    escalate: Annotated[tuple[Escalation, ...], NotInALayer] = ()
    signatures: Annotated[int, whole(1, 9)] = 1
    written: Day
    review_due: Day


@part
class Sentence(Identified):
    """One sentence of a source: where it stands and a hash of its normalised text, never the text.

    `point` stands instead of the hash where the document's text is not held: what it says, in our words.
    """

    what: ClassVar[str] = "sentence"

    section: Prose
    sha256: str | None = None
    characters: Annotated[int, whole(0, 999_999_999)] | None = None
    point: Prose | None = None
    contact: str | None = None
    set_aside: Prose | None = None


@part
class Source(Part):
    """`sources/<document>.yaml`: a document, and every sentence of it."""

    what: ClassVar[str] = "source file"

    title: Prose
    publisher: Prose
    about: Prose | None = None
    file: str | None = None
    sha256: str | None = None
    last_reviewed: Day | None = None
    review_due: Day | None = None
    seen: Day
    sentences: Annotated[dict[str, Sentence], with_ids(SENTENCE_ID, "sentence"), Frozen]


@part
class SignOff(Part):
    """One clinician's signature, bound to the content of what was signed.

    `cards` has, for each card signed (by full id, layers included), the hash of what it said; `frame` is
    the hash of the levels, roles and order of asking around them, where those were signed too.
    """

    what: ClassVar[str] = "signature"

    name: Prose
    role: Prose
    date: Day
    note: Prose | None = None
    frame: str | None = None
    cards: Annotated[dict[str, str], Frozen]


@part
class SignOffFile(Part):
    """`sign-off.yaml`: who has signed which state of the protocol."""

    what: ClassVar[str] = "sign-off file"

    signed: tuple[SignOff, ...]


def content(value: object) -> object:
    """What a part says, as JSON values: without lines, and alike however the file is laid out."""
    if isinstance(value, FromFile):
        return {
            one.name: content(getattr(value, one.name))
            for one in fields(value)
            if one.name != "line" and getattr(value, one.name) != one.default
        }
    if isinstance(value, MappingProxyType | dict):
        return {str(key): content(item) for key, item in value.items()}
    if isinstance(value, tuple | list | Items):
        return [content(item) for item in value]
    if isinstance(value, str | bool | int | float) or value is None:
        return str(value) if isinstance(value, str) else value
    return _plain_content(value)


def _plain_content(value: object) -> object:
    """Conditions and kinds of answer (dataclasses), and dates."""
    if isinstance(value, AnswerType | date):
        return str(value)
    names = [one.name for one in fields(value) if one.name != "line"]  # type: ignore[arg-type]  # one of these
    return {type(value).__name__: {name: content(getattr(value, name)) for name in names}}
