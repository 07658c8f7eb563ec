"""What the server says about itself and its protocols: models, which are also the JSON Schema."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from whentocall.interview.flow import Interview, Option
from whentocall.protocol.answer_types import Kind
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class ProtocolLine(_View):
    """One protocol: the version served, and whether a clinician has signed it.

    `sha256` changes whenever the rules change.
    """

    id: str
    title: str
    version: str
    sha256: str
    signed_off: bool


class ProtocolList(_View):
    """The protocols served."""

    protocols: tuple[ProtocolLine, ...]


class LevelView(_View):
    """One level: how urgent, in words; who to contact (roles, first choice first) and how soon."""

    id: str
    word: str
    headline: str
    how_soon: str
    who: tuple[str, ...]
    colour: str


class SourceView(_View):
    """A source document of the rules, with its dates."""

    id: str
    title: str
    publisher: str
    last_reviewed: date | None
    review_due: date | None
    seen: date


class ProtocolView(ProtocolLine):
    """A protocol: who it is for, its levels (the most urgent first), its roles, and its sources.

    `roles` are the ids that a phone number can be given for, with their words.
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
    """All questions of a protocol in one voice, in the order of its files."""

    protocol: ProtocolLine
    voice: Voice
    questions: tuple[QuestionView, ...]


class EngineView(_View):
    """How durable-rules has worked for a protocol in this process.

    `failed` counts evaluations that the reference answered alone, with the advice escalated for it.
    `resting`: it failed too often and will be tried again later.
    """

    protocol: str
    worked: int
    failed: int
    resting: bool


class HealthView(_View):
    """Whether advice is correct now: each protocol was just asked, and `failing` ones differ from the start.

    `status` is "ok", "degraded" if an engine has failed lately, or "failing".
    """

    status: str
    whentocall: str
    protocols: tuple[ProtocolLine, ...]
    failing: tuple[str, ...]
    engines: tuple[EngineView, ...]


def protocol_view(protocol: Protocol, voice: Voice) -> ProtocolView:
    """All about one protocol but its questions."""
    return ProtocolView(
        **ProtocolLine.model_validate(protocol).model_dump(),
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
                id=name,
                title=source.title,
                publisher=source.publisher,
                last_reviewed=source.last_reviewed,
                review_due=source.review_due,
                seen=source.seen,
            )
            for name, source in protocol.sources.items()
        ),
    )


def questions_view(protocol: Protocol, voice: Voice) -> QuestionsView:
    """All questions of a protocol."""
    interview = Interview(protocol, voice=voice)
    return QuestionsView(
        protocol=ProtocolLine.model_validate(protocol),
        voice=voice,
        questions=tuple(QuestionView.model_validate(interview.question(id_)) for id_ in protocol.questions),
    )
