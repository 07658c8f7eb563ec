"""What a rule file says, as frozen models: one class per kind of file or part.

Field names are the keys of the files, so a clinician's file and a developer's object read the same.
Every part knows the `line` it starts on; that is the only field that is not content.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    model_validator,
)

from whentocall.errors import Finding
from whentocall.protocol.conditions import Condition
from whentocall.protocol.phrases import (
    NAME,
    QUESTION_ID,
    AnswerType,
    Fault,
    parse_answer_type,
    parse_condition,
)
from whentocall.protocol.wording import Voice, Wording
from whentocall.protocol.yaml_file import Block, Items, line_of


def _yes_no(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("yes", "no"):
        return value == "yes"
    raise Fault(f"'{value}' should be 'yes' or 'no'", line_of(value))


def _day(value: object) -> object:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Fault(f"'{value}' should be a date, such as 2026-11-21", line_of(value)) from None


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise Fault(f"'{value}' is not a name: small letters and digits, words joined by '-'")
    return value


def _frozen(value: dict[str, Any]) -> MappingProxyType[str, Any]:
    return MappingProxyType(value)


def _nothing() -> Any:
    return MappingProxyType({})


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise Fault("this list is empty: name at least one")
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise Fault("this text is empty")
    return value.strip()


YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[str, AfterValidator(_name)]
Prose = Annotated[str, AfterValidator(_text)]
When = Annotated[Condition, PlainValidator(parse_condition)]
SentenceIds = Annotated[tuple[str, ...], AfterValidator(_some)]


class Part(BaseModel):
    """A mapping in a rule file. Unknown keys are findings, and reading goes on without them."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    what: ClassVar[str] = "part"

    line: int = 0

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, Block):
            if isinstance(value, dict):
                return value  # built in Python, not read from a file
            raise Fault(f"a {cls.what} is written as keys and values", line_of(value), "not-a-mapping")
        known = {name: value[name] for name in value if name in cls._keys()}
        for name in value:
            if name not in known and name != "line":
                _note(info, line_of(name), cls._unknown(name), "unknown-key")
        if "line" in value:
            _note(info, value.line, cls._unknown("line"), "unknown-key")
        return {**known, "line": value.line}

    @classmethod
    def _keys(cls) -> tuple[str, ...]:
        """The keys that may stand in the file."""
        names = ((field.alias or name) for name, field in cls.model_fields.items())
        return tuple(name for name in names if name not in ("line", "id"))

    @classmethod
    def _unknown(cls, name: str) -> str:
        keys = [key for key in cls._keys() if key != "id"]
        near = difflib.get_close_matches(name, keys, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"its keys are {', '.join(keys)}"
        return f"a {cls.what} has no key '{name}': {hint}"


def _note(info: ValidationInfo, line: int, message: str, code: str) -> None:
    context = info.context or {}
    if "findings" not in context:
        raise Fault(message, line, code)
    context["findings"].append(Finding(context["shown"], line, message, code))


def _with_ids(pattern: Any, what: str) -> Any:
    """A validator that gives each entry of a mapping its key as `id`."""

    def give(value: object, info: ValidationInfo) -> object:
        if not isinstance(value, Block):
            raise Fault(f"here should stand a list of named {what}s", line_of(value), "not-a-mapping")
        for key, body in value.items():
            if not pattern.fullmatch(key):
                joined = "_" if pattern is QUESTION_ID else "-"
                message = f"'{key}' is not a {what}'s id: small letters, digits and '{joined}'"
                _note(info, line_of(key), message, "bad-id")
            if isinstance(body, Block):
                if "id" in body:
                    _note(info, body.line, f"a {what} has no key 'id': its id is '{key}'", "unknown-key")
                value[key] = _named(body, key)
        return dict(value)

    return BeforeValidator(give)


def _named(block: Block, key: str) -> Block:
    """The block with its key as `id`, and standing on its key's line."""
    copy = Block({**block, "id": str(key)})
    copy.line = line_of(key, block.line)
    return copy


class Identified(Part):
    """A part whose id is the key that it stands under."""

    id: str = ""

    @classmethod
    def _keys(cls) -> tuple[str, ...]:
        return (*super()._keys(), "id")


class Question(Identified):
    """One question, its kind of answer, and the words around it."""

    what: ClassVar[str] = "question"

    you: Prose
    they: Prose
    short: Wording
    answer: Annotated[AnswerType, PlainValidator(parse_answer_type)]
    options: Annotated[dict[str, Wording], AfterValidator(_frozen)] = Field(default_factory=_nothing)
    help: Wording | None = None
    only_if: When | None = None
    not_reassuring_if: When | None = None
    usual: str | None = None
    watch: Wording | None = None
    settle: Wording | None = None
    when_hidden: Wording | None = None
    context: YesNo = False
    sentences: tuple[str, ...] = ()

    def wording(self, voice: Voice) -> str:
        """The question as asked in this voice."""
        return self.you if voice == "you" else self.they


class Rule(Identified):
    """A condition on answers, and the level that it reaches."""

    what: ClassVar[str] = "rule"

    when: When
    level: str
    because: Wording
    sentences: SentenceIds
    interpretation: Prose | None = None


class SelfCare(Part):
    """Something the person can do, shown where the card has a rule that holds and the level allows."""

    what: ClassVar[str] = "self-care line"

    text: Wording
    when: When | None = None
    unless: When | None = None
    always: YesNo = False
    sentences: SentenceIds


class Differs(Part):
    """What other current guidance says on this subject; shown in review, never merged."""

    what: ClassVar[str] = "'differs' line"

    publisher: Prose
    says: Prose
    seen: Day


class Waiver(Part):
    """A finding that is known and accepted, with the reason. Bound to its kind and what it is about."""

    what: ClassVar[str] = "waiver"

    finding: Name
    about: str
    because: Prose


class Expect(Part):
    """What a case must give. `rules` are all that hold; an id alone is a rule of the same card.

    `levels_of` also fixes the level of some of them, for a rule that never sets the level alone.
    """

    what: ClassVar[str] = "case's 'expect'"

    level: str
    rules: tuple[str, ...] = ()
    levels_of: Annotated[dict[str, str], AfterValidator(_frozen)] = Field(default_factory=_nothing)
    at_least: str | None = None
    could_be: str | None = None
    settle: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    watch_first: str | None = None


class Case(Part):
    """A named example with the advice it must give."""

    what: ClassVar[str] = "case"

    name: Prose
    given: Annotated[dict[str, Any], AfterValidator(_frozen)] | None = None
    given_only: Annotated[dict[str, Any], AfterValidator(_frozen)] | None = None
    expect: Expect

    @model_validator(mode="after")
    def _one_kind_of_given(self) -> Self:
        if (self.given is None) == (self.given_only is None):
            message = "a case has either 'given' (all else is no) or 'given_only' (all else is not asked)"
            raise Fault(message, self.line)
        return self


class CardSource(Part):
    """The document, and the section in it, that a card is about."""

    what: ClassVar[str] = "source"

    document: str
    section: Prose


class Card(Part):
    """One file of a protocol, about one symptom."""

    what: ClassVar[str] = "card"

    title: Prose
    source: CardSource
    ask: Annotated[dict[str, Question], _with_ids(QUESTION_ID, "question"), AfterValidator(_frozen)] = Field(
        default_factory=_nothing
    )
    rules: Annotated[dict[str, Rule], _with_ids(NAME, "rule"), AfterValidator(_frozen)] = Field(
        default_factory=_nothing
    )
    self_care: tuple[SelfCare, ...] = ()
    differs: tuple[Differs, ...] = ()
    waive: tuple[Waiver, ...] = ()
    cases: tuple[Case, ...] = ()


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


class LevelsFile(Part):
    """`levels.yaml`: the levels, most urgent first, and whom they name."""

    what: ClassVar[str] = "levels file"

    who: Annotated[dict[str, Wording], AfterValidator(_frozen)]
    levels: Annotated[dict[str, Level], _with_ids(NAME, "level"), AfterValidator(_frozen)]


class Region(Part):
    """Where the protocol is used, and so whom to call in an emergency."""

    what: ClassVar[str] = "region"

    name: Prose
    emergency_number: Prose
    emergency_place: Prose


class ScreenLine(Part):
    """Questions that are asked together."""

    what: ClassVar[str] = "screen"

    title: Wording
    questions: Annotated[tuple[str, ...], AfterValidator(_some)]


class Escalation(Part):
    """A level reached because several cards reach theirs: `at least 2 cards at amber`."""

    what: ClassVar[str] = "escalation"

    name: Name
    when: Prose
    only_if: When | None = None
    to: str
    because: Wording
    sentences: SentenceIds


class ProtocolFile(Part):
    """`protocol.yaml`: what the protocol is, for whom, and how its cards are put together."""

    what: ClassVar[str] = "protocol"

    title: Prose
    who_for: Wording
    version: Prose
    layer: YesNo = False
    region: Region | None = None
    documents: Annotated[tuple[str, ...], AfterValidator(_some)]
    include: tuple[str, ...] = ()
    when_unsettled: str = "contact"
    answering: Annotated[dict[str, Prose], AfterValidator(_frozen)] | None = None
    who: Annotated[dict[str, Wording], AfterValidator(_frozen)] = Field(default_factory=_nothing)
    contacts: Annotated[dict[str, tuple[str, ...]], AfterValidator(_frozen)] = Field(default_factory=_nothing)
    cards: Annotated[tuple[str, ...], AfterValidator(_some)]
    screens: tuple[ScreenLine, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    signatures: Annotated[int, Field(ge=1, le=9)] = 1
    written: Day
    review_due: Day


class Sentence(Identified):
    """One sentence of a source: where it stands and a hash of its normalised text, never the text.

    `point` stands instead of the hash where the document's text is not held: what it says, in our words.
    """

    what: ClassVar[str] = "sentence"

    section: Prose
    sha256: str | None = None
    characters: int | None = None
    point: Prose | None = None
    contact: str | None = None
    set_aside: Prose | None = None


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
    sentences: Annotated[dict[str, Sentence], AfterValidator(_frozen)]

    @model_validator(mode="before")
    @classmethod
    def _sentences_have_ids(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(raw := value.get("sentences"), Block):
            for key, body in raw.items():
                if isinstance(body, Block):
                    raw[key] = _named(body, key)
        return value


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
    cards: Annotated[dict[str, str], AfterValidator(_frozen)]


class SignOffFile(Part):
    """`sign-off.yaml`: who has signed which state of the protocol."""

    what: ClassVar[str] = "sign-off file"

    signed: tuple[SignOff, ...]


def content(value: object) -> object:
    """What a part says, as JSON values: without lines, and alike however the file is laid out."""
    if isinstance(value, BaseModel):
        return {
            name: content(getattr(value, name))
            for name in type(value).model_fields
            if name != "line" and getattr(value, name) != type(value).model_fields[name].default
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
    fields: Iterable[str] = getattr(value, "__dataclass_fields__", {})
    shown = {name: content(getattr(value, name)) for name in fields if name != "line"}
    return {type(value).__name__: shown}
