"""The passages behind sentence ids, if their documents are at hand.

The project keeps no text of its sources. Where a reader has a document, each sentence is looked for in it.
One that is gone has changed, and the rules that cite it may have to change too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whentocall.authoring.sources import find_passages
from whentocall.protocol.model import Sentence, Source
from whentocall.protocol.protocol import Protocol

PassageState = Literal["found", "changed", "no text held", "not compared"]
"""Whether a sentence, or a document as a whole, is as it was when the rules were written."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence's state, and its text if that was found."""

    state: PassageState
    text: str = ""


@dataclass(frozen=True, slots=True)
class Passages:
    """What was found in the documents at hand: a passage by sentence id, a state by document id."""

    sentences: Mapping[str, Passage]
    documents: Mapping[str, PassageState]


def passages(protocol: Protocol, sources_dir: Path | None) -> Passages:
    """Look for every sentence of every source in the folder of documents, if there is one."""
    sentences: dict[str, Passage] = {}
    documents: dict[str, PassageState] = {}
    for document, source in protocol.sources.items():
        raw = _read(source, sources_dir)
        documents[document] = _document_state(source, raw)
        texts = None if raw is None else find_passages(raw.decode("utf-8", "replace"), source)
        sentences |= {name: _passage(sentence, texts) for name, sentence in source.sentences.items()}
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


def _passage(sentence: Sentence, texts: Mapping[str, str | None] | None) -> Passage:
    if sentence.sha256 is None or sentence.characters is None:
        return Passage("no text held")
    if texts is None:
        return Passage("not compared")
    text = texts[sentence.id]
    return Passage("changed") if text is None else Passage("found", text)
