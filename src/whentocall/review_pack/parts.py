"""What a review pack holds: plain frozen values, in the order in which they are shown.

No layout here and no markup: the page and the workbook show the same values. Levels are named by their
id; `Pack.level` has the words and the colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

PassageState = Literal["found", "changed", "no text held", "not compared"]
"""Whether the sentence stands in the document as it is now: by its length and hash."""


@dataclass(frozen=True, slots=True)
class Voiced:
    """A text for the person themselves and for their carer."""

    you: str
    they: str

    @property
    def is_same(self) -> bool:
        """Whether both read the same words."""
        return self.you == self.they


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level in this protocol's words. `colour` is the name that its file gives."""

    id: str
    word: str
    colour: str
    is_first_of_colour: bool
    headline: Voiced
    how_soon: Voiced
    first: tuple[Voiced, ...]
    whom: tuple[str, ...]
    shows_self_care: bool
    rules: int


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One value at or beside a limit: does the rule hold, and what is somebody told."""

    place: str  # just below, at the limit, just above
    value: str
    other_unit: str
    holds: bool
    level: str


@dataclass(frozen=True, slots=True)
class LimitTable:
    """A limit of a rule, tried out on somebody who reports nothing but `also`."""

    about: str
    also: str
    rows: tuple[LimitRow, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A case, with the advice that it actually gets."""

    name: str
    person: str
    level: str


@dataclass(frozen=True, slots=True)
class Read:
    """A question that a rule reads; `asked_in` is another card's title, or empty."""

    question: str
    short: str
    asked_in: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule, with all that is needed to agree or to object."""

    id: str
    name: str
    title: str
    level: str
    words: str
    short_words: str
    reads: tuple[Read, ...]
    because: Voiced
    sentences: tuple[str, ...]
    changed_sentences: tuple[str, ...]
    interpretation: str | None
    limits: tuple[LimitTable, ...]
    gets: Example | None
    just_misses: Example | None


@dataclass(frozen=True, slots=True)
class CareRow:
    """Something to do oneself, and when it is shown or left out."""

    text: Voiced
    when: str
    unless: str
    always: bool
    sentences: tuple[str, ...]
    changed_sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiffersRow:
    """What other guidance says."""

    publisher: str
    says: str
    seen: date


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case: who, what they must be told, what they are told."""

    name: str
    given: str
    expected: str
    rules: tuple[str, ...]
    got: str
    wrong: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the advice is the one that the case asks for."""
        return not self.wrong


@dataclass(frozen=True, slots=True)
class CardPart:
    """One card."""

    id: str
    title: str
    layer: str  # the layer's title; empty for the protocol's own cards
    document: str
    section: str
    rules: tuple[RuleRow, ...]
    self_care: tuple[CareRow, ...]
    differs: tuple[DiffersRow, ...]
    cases: tuple[CaseRow, ...]
    questions: int


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question as people are asked it, and when."""

    id: str
    short: str
    asked: Voiced
    help: Voiced | None
    answer: str
    options: tuple[str, ...]
    only_if: str
    not_reassuring_if: str
    usual: str
    changes_no_advice: bool
    card: str
    card_title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScreenPart:
    """Questions that are asked together, or one after another as follow-ups of those before."""

    title: str
    questions: tuple[QuestionRow, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """What cites a sentence: a rule, a self-care line or a question."""

    kind: Literal["rule", "self-care", "question", "escalation"]
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """A sentence of a source and what became of it.

    `text` is the passage itself, where the document is at hand; else our words for it, or empty.
    """

    id: str
    section: str
    state: PassageState
    text: str
    text_is_ours: bool
    contact: str | None
    reached: str | None
    uses: tuple[Use, ...]
    set_aside: str


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A source document and each of its sentences. `state` is that of the document as a whole."""

    id: str
    title: str
    publisher: str
    about: str
    last_reviewed: date | None
    review_due: date | None
    seen: date
    state: PassageState
    sentences: tuple[SentenceRow, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Something that the checks found. `accepted` is the reason where a card accepts it."""

    place: str
    message: str
    kind: str
    person: str
    suggestion: str
    accepted: str


@dataclass(frozen=True, slots=True)
class CheckPart:
    """What was checked, and with which result."""

    rules: int
    cases: int
    proved: bool
    findings: tuple[FindingRow, ...]
    notes: tuple[FindingRow, ...]
    waived: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class GatePart:
    """How many small mistakes were tried out on the rules, and which of them no case noticed."""

    tried: int
    noticed: int
    missed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """People whose level changes against the version before."""

    lowered: bool
    old: str
    new: str
    person: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextChangeRow:
    """A text that has changed."""

    where: str
    old: str
    new: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class ChangePart:
    """Everything that changes against the version before."""

    levels: tuple[ChangeRow, ...]
    texts: tuple[TextChangeRow, ...]


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """A level reached because several cards reach theirs."""

    id: str
    title: str
    words: str
    level: str
    because: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignRow:
    """A line to sign: a card, or (`card` empty) what stands around the cards."""

    card: str
    title: str
    rules: int
    to_confirm: int
    signed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole protocol, ready to be reviewed. `levels` stand most urgent first."""

    id: str
    title: str
    who_for: Voiced
    region: str
    emergency_number: str
    emergency_place: str
    version: str
    written: date
    review_due: date
    sha256: str
    signed_off: bool
    when_unsettled: str
    levels: tuple[LevelRow, ...]
    cards: tuple[CardPart, ...]
    escalations: tuple[EscalationRow, ...]
    screens: tuple[ScreenPart, ...]
    documents: tuple[DocumentPart, ...]
    checked: CheckPart | None
    gate: GatePart | None
    changes: ChangePart | None
    sign_off: tuple[SignRow, ...]
    signatures_needed: int
    with_passages: bool

    @property
    def rules(self) -> tuple[RuleRow, ...]:
        """Every rule, in the order of the cards."""
        return tuple(rule for card in self.cards for rule in card.rules)

    @property
    def cases(self) -> tuple[CaseRow, ...]:
        """Every case, in the order of the cards."""
        return tuple(case for card in self.cards for case in card.cases)

    @property
    def questions(self) -> tuple[QuestionRow, ...]:
        """Every question, in the order asked."""
        return tuple(question for screen in self.screens for question in screen.questions)

    @property
    def sentences(self) -> tuple[SentenceRow, ...]:
        """Every sentence of every source."""
        return tuple(sentence for document in self.documents for sentence in document.sentences)

    @property
    def to_confirm(self) -> tuple[tuple[CardPart, RuleRow], ...]:
        """The rules with a decision of ours that a clinician must confirm."""
        return tuple((card, rule) for card in self.cards for rule in card.rules if rule.interpretation)

    @property
    def outdated(self) -> tuple[RuleRow, ...]:
        """The rules that cite a sentence which is no longer in its document."""
        return tuple(rule for rule in self.rules if rule.changed_sentences)

    def level(self, level: str) -> LevelRow:
        """A level by its id."""
        return next(one for one in self.levels if one.id == level)
