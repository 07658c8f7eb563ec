"""What a rule file may say: one pydantic model for each kind of file, and for each part in one.

Imported only where a file is read. Field names are the keys of the files, in the order in which they are
hashed. What each part means stands at the class of the same name in `model`.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from whentocall.errors import Finding
from whentocall.protocol.answer_types import AnswerType
from whentocall.protocol.fields import (
    SENTENCE_ID,
    ChoiceId,
    Day,
    Entry,
    Name,
    Named,
    NotInALayer,
    Prose,
    SentenceIds,
    Some,
    Usual,
    VoiceKey,
    When,
    Words,
    YesNo,
    article,
    known_keys,
    whole,
    with_ids,
)
from whentocall.protocol.phrases import NAME, QUESTION_ID, Fault, parse_answer_type
from whentocall.protocol.pydantic_faults import explain
from whentocall.protocol.yaml_file import Block, line_of

P = TypeVar("P", bound="Part")


def read_part(kind: type[P], raw: Block, findings: list[Finding], shown: str) -> P | None:
    """The part that `raw`, as `yaml_file.read` gave it, says; None where it cannot be understood.

    Faults are added to `findings`; `shown` is how the file is named in them.
    """
    try:
        return kind.model_validate(raw, context={"findings": findings, "shown": shown})
    except ValidationError as error:
        findings.extend(explain(shown, raw, error.errors(include_url=False)))
        return None


class Part(BaseModel):
    """A mapping in a rule file. Unknown keys are findings, and reading goes on without them."""

    model_config = ConfigDict(str_strip_whitespace=True)
    what: ClassVar[str]

    line: int = 0

    def __init_subclass__(cls, what: str = "", **options: Any) -> None:
        """`what` messages call such a part, where it is not the name of the class."""
        super().__init_subclass__(**options)
        cls.what = what or cls.__name__.lower()

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, value: object, info: ValidationInfo) -> object:
        """What stands under the keys of the part, with its line and its id."""
        if not isinstance(value, Block):
            message = f"{article(cls.what)} {cls.what} is written as keys and values"
            raise Fault(message, line_of(value), "not-a-mapping")
        own = {"id": value.id} if isinstance(value, Named) else {}
        return {**known_keys(value, cls.keys(), cls.what, info), **own, "line": value.line}

    @classmethod
    def keys(cls) -> list[str]:
        """The keys that the part may have in a file."""
        return [name for name in cls.model_fields if name not in ("line", "id")]


class Question(Part):
    id: str
    you: Prose
    they: Prose
    short: Words
    answer: Annotated[AnswerType, PlainValidator(parse_answer_type)]
    options: dict[ChoiceId, Words] = Field(default_factory=dict)
    help: Words | None = None
    only_if: When | None = None
    not_reassuring_if: When | None = None
    usual: Usual = None
    watch: Words | None = None
    settle: Words | None = None
    when_hidden: Words | None = None
    context: YesNo = False
    sentences: tuple[str, ...] = ()


class Rule(Part):
    id: str
    when: When
    level: str
    because: Words
    sentences: SentenceIds
    interpretation: Prose | None = None


class SelfCare(Part, what="self-care line"):
    text: Words
    when: When | None = None
    unless: When | None = None
    always: YesNo = False
    sentences: SentenceIds


class Differs(Part, what="'differs' line"):
    publisher: Prose
    says: Prose
    seen: Day


class Waiver(Part):
    finding: Name
    about: str
    because: Prose


class Expect(Part, what="case's 'expect'"):
    level: str
    rules: tuple[str, ...] = ()
    levels_of: dict[str, str] = Field(default_factory=dict)
    at_least: str | None = None
    could_be: str | None = None
    settle: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    watch_first: str | None = None


class Case(Part):
    name: Prose
    given: dict[str, Any] | None = None
    given_only: dict[str, Any] | None = None
    expect: Expect

    @model_validator(mode="after")
    def _one_kind_of_given(self) -> Case:
        if (self.given is None) == (self.given_only is None):
            message = "a case has either 'given' (all else is no) or 'given_only' (all else is not asked)"
            raise Fault(message, self.line)
        return self


class CardSource(Part, what="source"):
    document: str
    section: Prose


class Card(Part):
    title: Prose
    source: CardSource
    ask: Annotated[dict[str, Question], with_ids(QUESTION_ID, "question")] = Field(default_factory=dict)
    rules: Annotated[dict[str, Rule], with_ids(NAME, "rule")] = Field(default_factory=dict)
    self_care: tuple[SelfCare, ...] = ()
    differs: tuple[Differs, ...] = ()
    waive: tuple[Waiver, ...] = ()
    cases: tuple[Case, ...] = ()


class Level(Part):
    id: str
    word: Prose
    who: tuple[str, ...] = ()
    headline: Words
    how_soon: Words
    first: tuple[Words, ...] = ()
    watch: Words | None = None
    colour: str
    self_care: YesNo = False


class LevelsFile(Part, what="levels file"):
    """`levels.yaml`: the levels, most urgent first, and whom they name."""

    who: dict[Entry, Words]
    levels: Annotated[dict[str, Level], with_ids(NAME, "level")]


class Region(Part):
    name: Prose
    emergency_number: Prose
    emergency_place: Prose


class Screen(Part):
    title: Words
    questions: SentenceIds


class Escalation(Part):
    name: Name
    when: Prose
    only_if: When | None = None
    to: str
    because: Words
    sentences: SentenceIds


class ProtocolFile(Part, what="protocol"):
    """`protocol.yaml`: what the protocol is, for whom, and how its cards are put together."""

    title: Prose
    who_for: Words
    version: Prose
    layer: YesNo = False
    region: Region | None = None
    documents: Annotated[tuple[Entry, ...], Some]
    include: tuple[Entry, ...] = ()
    when_unsettled: Entry = "contact"
    answering: dict[VoiceKey, Prose] | None = None
    who: dict[Entry, Words] = Field(default_factory=dict)
    contacts: dict[Entry, tuple[Entry, ...]] = Field(default_factory=dict)
    cards: Annotated[tuple[Entry, ...], Some]
    screens: tuple[Screen, ...] = ()
    escalate: Annotated[tuple[Escalation, ...], NotInALayer] = ()
    signatures: Annotated[int, whole(1, 9)] = 1
    written: Day
    review_due: Day


class Sentence(Part):
    id: str
    section: Prose
    sha256: str | None = None
    characters: Annotated[int, whole(0, 999_999_999)] | None = None
    point: Prose | None = None
    contact: str | None = None
    set_aside: Prose | None = None


class Source(Part, what="source file"):
    """`sources/<document>.yaml`: a document, and every sentence of it."""

    title: Prose
    publisher: Prose
    about: Prose | None = None
    file: str | None = None
    sha256: str | None = None
    last_reviewed: Day | None = None
    review_due: Day | None = None
    seen: Day
    sentences: Annotated[dict[str, Sentence], with_ids(SENTENCE_ID, "sentence")]


class SignOff(Part, what="signature"):
    name: Prose
    role: Prose
    date: Day
    note: Prose | None = None
    frame: str | None = None
    cards: dict[str, str]


class SignOffFile(Part, what="sign-off file"):
    """`sign-off.yaml`: who has signed which state of the protocol."""

    signed: tuple[SignOff, ...]
