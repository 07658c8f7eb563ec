"""What the server says about itself and its protocols: the shapes, which are also their JSON Schema."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from whentocall.interview.flow import Interview, Option
from whentocall.protocol.answer_types import Kind
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProtocolLine(_View):
    """One protocol: in which state it is served, and whether a clinician has signed that state.

    `sha256` changes with anything that the rule files say.
    """

    id: str
    title: str
    version: str
    sha256: str
    signed_off: bool


class ProtocolList(_View):
    """The protocols served here."""

    protocols: tuple[ProtocolLine, ...]


class LevelView(_View):
    """One level: how urgent, in words, whom to contact (roles, first choice first) and how soon."""

    id: str
    word: str
    headline: str
    how_soon: str
    who: tuple[str, ...]
    colour: str


class SourceView(_View):
    """A document that the rules come from, and its own dates."""

    id: str
    title: str
    publisher: str
    last_reviewed: date | None
    review_due: date | None
    seen: date


class ProtocolView(ProtocolLine):
    """A protocol: whom it is for, its levels (the most urgent first), its roles, and its sources.

    `roles` are the names that a phone number can be given for, with their words.
    """

    who_for: str
    region: str
    emergency_number: str
    levels: tuple[LevelView, ...]
    roles: dict[str, str]
    written: date
    review_due: date
    sources: tuple[SourceView, ...]


class QuestionView(_View):
    """One question. A number has its range (both ends included) and unit; a choice has its options."""

    id: str
    text: str
    short: str
    help: str
    kind: Kind
    low: float
    high: float
    unit: str
    options: tuple[Option, ...]


class QuestionsView(_View):
    """All questions of a protocol, in the order of its files, in one voice."""

    protocol: ProtocolLine
    voice: Voice
    questions: tuple[QuestionView, ...]


class EngineView(_View):
    """How durable-rules has done for a protocol in this process.

    `failed` counts the evaluations that the reference had to answer alone, with the advice raised for it.
    `resting`: it has failed too often, and is tried again later.
    """

    protocol: str
    worked: int
    failed: int
    resting: bool


class HealthView(_View):
    """Whether right advice is given now: each protocol was just asked, and answered as at the start.

    `status` is "ok", "degraded" where an engine has failed lately, or "failing".
    """

    status: str
    whentocall: str
    protocols: tuple[ProtocolLine, ...]
    failing: tuple[str, ...]
    engines: tuple[EngineView, ...]


def protocol_line(protocol: Protocol) -> ProtocolLine:
    """A protocol in a list."""
    return ProtocolLine(
        id=protocol.id,
        title=protocol.title,
        version=protocol.version,
        sha256=protocol.sha256,
        signed_off=protocol.signed_off,
    )


def protocol_view(protocol: Protocol, voice: Voice) -> ProtocolView:
    """All about one protocol but its questions."""
    return ProtocolView(
        **protocol_line(protocol).model_dump(),
        who_for=protocol.fill(protocol.head.who_for.to(voice)),
        region=protocol.region.name,
        emergency_number=protocol.region.emergency_number,
        levels=tuple(
            LevelView(
                id=level.id,
                word=level.word,
                headline=protocol.headline(level, voice),
                how_soon=protocol.how_soon(level, voice),
                who=protocol.contact_roles(level),
                colour=level.colour,
            )
            for level in reversed(protocol.levels)
        ),
        roles={role: protocol.who(role, voice) for role in protocol.words_for},
        written=protocol.head.written,
        review_due=protocol.head.review_due,
        sources=tuple(
            SourceView(
                id=one,
                title=source.title,
                publisher=source.publisher,
                last_reviewed=source.last_reviewed,
                review_due=source.review_due,
                seen=source.seen,
            )
            for one, source in protocol.sources.items()
        ),
    )


def questions_view(protocol: Protocol, voice: Voice) -> QuestionsView:
    """All questions of a protocol."""
    interview = Interview(protocol, voice=voice)
    asked = (interview.question(one) for one in protocol.questions)
    return QuestionsView(
        protocol=protocol_line(protocol),
        voice=voice,
        questions=tuple(
            QuestionView(**{name: getattr(one, name) for name in QuestionView.model_fields}) for one in asked
        ),
    )
