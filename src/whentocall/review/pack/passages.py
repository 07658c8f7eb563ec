"""The passages behind sentence ids, found again in a document by their length and hash.

The project keeps no text of its sources. Where a reader has a document at hand, each sentence is looked
for in it; one that is no longer there has changed, and so may the rules that cite it have to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from whentocall.protocol.models import Sentence, Source
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.sources import normalised
from whentocall.review.pack.parts import PassageState


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence's state, and its text where that was found."""

    state: PassageState
    text: str = ""


@dataclass(frozen=True, slots=True)
class Passages:
    """What was found in the documents at hand.

    Attributes:
        sentences: for each sentence id, what was found.
        documents: for each document id, whether it is the one that was read when its rules were written.
    """

    sentences: Mapping[str, Passage]
    documents: Mapping[str, PassageState]

    @property
    def changed(self) -> frozenset[str]:
        """The sentences that are no longer in their document."""
        return frozenset(one for one, passage in self.sentences.items() if passage.state == "changed")


def passages(protocol: Protocol, sources_dir: Path | None) -> Passages:
    """Look for every sentence of every source in the folder of documents, if there is one."""
    sentences: dict[str, Passage] = {}
    documents: dict[str, PassageState] = {}
    for document, source in protocol.sources.items():
        raw = _read(source, sources_dir)
        documents[document] = _document_state(source, raw)
        text = None if raw is None else normalised(raw.decode("utf-8", "replace"))
        starts = _word_starts(text or "")
        for sentence in source.sentences.values():
            sentences[sentence.id] = _passage(sentence, text, starts)
    return Passages(sentences, documents)


def _read(source: Source, sources_dir: Path | None) -> bytes | None:
    if sources_dir is None or source.file is None:
        return None
    path = sources_dir / Path(source.file).name  # never outside the folder
    return path.read_bytes() if path.is_file() else None


def _document_state(source: Source, raw: bytes | None) -> PassageState:
    if source.file is None:
        return "no text held"
    if raw is None or source.sha256 is None:
        return "not compared"
    return "found" if hashlib.sha256(raw).hexdigest() == source.sha256 else "changed"


def _word_starts(text: str) -> list[int]:
    return [place for place in range(len(text)) if place == 0 or text[place - 1] == " "]


def _passage(sentence: Sentence, text: str | None, starts: list[int]) -> Passage:
    if sentence.sha256 is None or sentence.characters is None:
        return Passage("no text held")
    if text is None:
        return Passage("not compared")
    for start in starts:
        piece = text[start : start + sentence.characters]
        if hashlib.sha256(piece.encode()).hexdigest() == sentence.sha256:
            return Passage("found", piece)
    return Passage("changed")
