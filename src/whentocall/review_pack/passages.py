"""The passages behind sentence ids, where their document is at hand.

The project keeps no text of its sources. Where a reader has a document at hand, each sentence is looked
for in it; one that is no longer there has changed, and so may the rules that cite it have to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from whentocall.authoring.sources import find_passages
from whentocall.protocol.model import Sentence, Source
from whentocall.protocol.protocol import Protocol
from whentocall.review_pack.parts import PassageState


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
        found = None if raw is None else find_passages(raw.decode("utf-8", "replace"), source)
        sentences |= {one.id: _passage(one, found) for one in source.sentences.values()}
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


def _passage(sentence: Sentence, found: Mapping[str, str | None] | None) -> Passage:
    if sentence.sha256 is None or sentence.characters is None:
        return Passage("no text held")
    if found is None:
        return Passage("not compared")
    text = found[sentence.id]
    return Passage("changed") if text is None else Passage("found", text)
