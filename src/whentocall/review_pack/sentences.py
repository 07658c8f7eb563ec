"""The map of the sources: each sentence, what it became, and whether it still stands there."""

from __future__ import annotations

from collections.abc import Mapping

from whentocall.protocol.model import Sentence
from whentocall.protocol.protocol import Protocol
from whentocall.review_pack.names import title_of
from whentocall.review_pack.parts import DocumentPart, SentenceRow, Use
from whentocall.review_pack.passages import Passages


def documents(protocol: Protocol, found: Passages) -> tuple[DocumentPart, ...]:
    """Every source document, in the order of the protocol's files."""
    uses = _uses(protocol)
    return tuple(
        DocumentPart(
            id=document,
            title=source.title,
            publisher=source.publisher,
            about=source.about or "",
            last_reviewed=source.last_reviewed,
            review_due=source.review_due,
            seen=source.seen,
            state=found.documents[document],
            sentences=tuple(_row(protocol, one, found, uses) for one in source.sentences.values()),
        )
        for document, source in protocol.sources.items()
    )


def _row(
    protocol: Protocol, sentence: Sentence, found: Passages, uses: Mapping[str, list[Use]]
) -> SentenceRow:
    passage = found.sentences[sentence.id]
    ranks = [rule.rank for rule in protocol.rules if sentence.id in rule.rule.sentences]
    return SentenceRow(
        id=sentence.id,
        section=sentence.section,
        state=passage.state,
        text=passage.text or sentence.point or "",
        text_is_ours=not passage.text and sentence.point is not None,
        contact=sentence.contact,
        reached=protocol.levels[max(ranks)].id if ranks else None,
        uses=tuple(uses.get(sentence.id, ())),
        set_aside=sentence.set_aside or "",
    )


def _uses(protocol: Protocol) -> dict[str, list[Use]]:
    """Sentence id to everything that cites it, rules first."""
    found: dict[str, list[Use]] = {}
    for rule in protocol.rules:
        for one in rule.rule.sentences:
            found.setdefault(one, []).append(Use("rule", rule.id, title_of(rule.id)))
    for escalation in protocol.escalations:
        for one in escalation.line.sentences:
            found.setdefault(one, []).append(Use("escalation", escalation.id, title_of(escalation.id)))
    for placed in protocol.cards:
        for line in placed.card.self_care:
            for one in line.sentences:
                found.setdefault(one, []).append(Use("self-care", placed.id, placed.card.title))
        for question in placed.card.ask.values():
            for one in question.sentences:
                found.setdefault(one, []).append(Use("question", question.id, question.short.you))
    return {one: list(dict.fromkeys(uses)) for one, uses in found.items()}
