"""Everything in a protocol that cites sentences of its sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from whentocall._text import title_of
from whentocall.protocol.folders import HEAD
from whentocall.protocol.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Citation:
    """A part of a rule file and the sentences it cites.

    Attributes:
        kind: what kind of part.
        id: its full id; for a self-care line, that of its card.
        title: what to call it on a page.
        name: how messages name it.
        file, line: where it starts.
        sentences: the ids of the sentences.
        rank: that of the level it leads to; 0 if it leads to none.
    """

    kind: Literal["rule", "escalation", "self-care", "question"]
    id: str
    title: str
    name: str
    file: str
    line: int
    sentences: tuple[str, ...]
    rank: int = 0


def citations(protocol: Protocol) -> Iterator[Citation]:
    """Rules first, then escalations, then card by card self-care lines and questions."""
    for rule in protocol.rules:
        name, file = f"the rule '{rule.name}'", rule.card.file
        yield Citation("rule", rule.id, title_of(rule.id), name, file, rule.line, rule.sentences, rule.rank)
    for escalation in protocol.escalations:
        file = str(protocol.folder / HEAD)
        name, title = f"the escalation '{escalation.name}'", title_of(escalation.id)
        yield Citation(
            "escalation",
            escalation.id,
            title,
            name,
            file,
            escalation.line,
            escalation.sentences,
            escalation.rank,
        )
    for card in protocol.cards:
        for care in card.self_care:
            name = "a self-care line"
            yield Citation("self-care", card.id, card.title, name, card.file, care.line, care.sentences)
        for question in card.ask.values():
            name, title = f"the question '{question.id}'", question.short.you
            yield Citation("question", question.id, title, name, card.file, question.line, question.sentences)
