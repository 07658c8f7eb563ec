"""The files of a protocol and of its layers, each read once, and what was wrong in single ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from whentocall._text import cut, printable, quote
from whentocall.errors import Finding, RulesError
from whentocall.protocol.folders import HEAD, LEVELS, SIGN_OFF, SOURCES
from whentocall.protocol.phrases import NAME
from whentocall.protocol.schema import (
    Card,
    LevelsFile,
    Part,
    ProtocolFile,
    Question,
    SignOff,
    SignOffFile,
    Source,
    read_part,
)
from whentocall.protocol.yaml_file import Block, line_of, read

P = TypeVar("P", bound=Part)


class Files:
    """What stands in the files of one protocol, each part sound in itself.

    Attributes:
        root: the rules folder.
        name: the protocol's.
        heads: the layers' `protocol.yaml` by name, then its own.
        head: its own.
        levels: and `levels_file`, its path, as findings show it.
        lowest: the level of somebody with nothing to report.
        cards: by id (`protocol/card`); layers' first.
        questions: by id; of two with the same id the first.
        sources: by document.
        findings: what was wrong in single files.
        lost_questions: questions of cards that have findings themselves; others may speak of them.
        all_cards: whether no card or layer is missing, so that every other question is known.
        all_sources: whether no source is missing, so that every sentence is known.

    Raises:
        RulesError: the head or the levels cannot be used; nothing can be said of the rest.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name
        self.findings: list[Finding] = []
        self.lost_questions: set[str] = set()
        self.all_cards = True
        self._parts: dict[Path, Part | None] = {}
        self.heads = self._heads()
        levels_path = root / name / LEVELS
        if not os.path.lexists(levels_path):  # one that cannot be read must not give way to the other
            levels_path = root / LEVELS
        levels = self._file(levels_path, LevelsFile)
        self.cards = {id_: card for layer in self.heads for id_, card in self._cards(layer)}
        sources = self._sources()
        self.signatures = self._signatures()
        if levels is None or name not in self.heads:
            raise RulesError(self.findings)
        self.head, self.levels = self.heads[name], levels
        self.levels_file = printable(str(levels_path))
        self.lowest = next(reversed(levels.levels), None)
        self.sources = {document: source for document, source in sources.items() if source}
        self.all_sources = self.all_cards and all(sources.values())
        self.questions: dict[str, Question] = {}
        for card in self.cards.values():
            for question in card.ask.values():
                self.questions.setdefault(question.id, question)

    def head_file(self, name: str) -> str:
        """The path of a head, as findings show it."""
        return printable(str(self.root / name / HEAD))

    def card_file(self, card: str) -> str:
        """The path of a card, as findings show it."""
        return printable(str(self.root / f"{card}.yaml"))

    def source_file(self, document: str) -> str:
        """The path of a source, as findings show it."""
        return printable(str(self.root / SOURCES / f"{document}.yaml"))

    def _note(self, path: Path, line: int, message: str, code: str) -> None:
        self.findings.append(Finding(printable(str(path)), line, message, code))

    def _heads(self) -> dict[str, ProtocolFile]:
        """The heads of the layers, then its own, each once; without recursion, however deep."""
        head = self._file(self.root / self.name / HEAD, ProtocolFile)
        if head is None:
            return {}
        heads: dict[str, ProtocolFile] = {}
        path = {self.name: head}
        waiting = {self.name: iter(head.include)}
        while path:
            at, head = next(reversed(path.items()))
            layer = next(waiting[at], None)
            if layer is None:
                heads[at] = path.pop(at)
            elif layer not in heads and (inner := self._layer(at, head, layer, tuple(path))):
                path[layer], waiting[layer] = inner, iter(inner.include)
        return heads

    def _layer(self, at: str, head: ProtocolFile, layer: str, path: tuple[str, ...]) -> ProtocolFile | None:
        """The head of a layer that `at` includes."""
        file, line = self.root / at / HEAD, line_of(layer, head.line)
        if layer in path:
            circle = " -> ".join([*path[path.index(layer) :], layer])
            message = f"'include' goes round in a circle ({circle}): remove one of them"
            self._note(file, line, message, "include-cycle")
            return None
        if not NAME.fullmatch(layer) or not os.path.isfile(self.root / layer / HEAD):
            message = (
                f"'include' names {quote(layer)}, but there is no {cut(layer)}/{HEAD} beside this folder"
            )
            self._note(file, line, message, "unknown-layer")
            self.all_cards = False
            return None
        inner = self._file(self.root / layer / HEAD, ProtocolFile)
        if inner is None:
            self.all_cards = False
        elif not inner.layer:
            message = f"{quote(layer)} is no layer: it needs 'layer: yes' to be included"
            self._note(file, line, message, "not-a-layer")
        return inner

    def _cards(self, name: str) -> Iterator[tuple[str, Card]]:
        folder, head = self.root / name, self.heads[name]
        seen: set[str] = set()
        for card_name in head.cards:
            path, line = folder / f"{card_name}.yaml", line_of(card_name, head.line)
            if card_name in seen:
                message = f"{quote(card_name)} appears twice under 'cards'; keep one"
                self._note(folder / HEAD, line, message, "duplicate-card")
            elif not NAME.fullmatch(card_name) or not os.path.isfile(path):
                message = f"'cards' names {quote(card_name)}, but there is no file {cut(card_name)}.yaml"
                self._note(folder / HEAD, line, message, "unknown-card")
                self.all_cards = False
            elif card := self._file(path, Card):
                yield f"{name}/{card_name}", card
            seen.add(card_name)
        self._note_unlisted(folder, {f"{card}.yaml" for card in head.cards} | {HEAD, LEVELS, SIGN_OFF})

    def _note_unlisted(self, folder: Path, listed: set[str]) -> None:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            return  # its head was read: it may be entered, if not looked at
        for name in names:
            if name not in listed and name.lower().endswith((".yaml", ".yml")):
                message = f"this card is not listed under 'cards' in {HEAD}, so nobody is ever asked about it"
                self._note(folder / name, 0, message, "unlisted-card")

    def _sources(self) -> dict[str, Source | None]:
        """Each document's source; None where it is missing or has findings."""
        sources: dict[str, Source | None] = {}
        for name, head in self.heads.items():
            for document in head.documents:
                path = self.root / SOURCES / f"{document}.yaml"
                if document in sources:
                    continue
                if NAME.fullmatch(document) and os.path.isfile(path):
                    sources[document] = self._file(path, Source)
                    continue
                sources[document] = None
                message = f"there is no source file for the document {quote(document)}"
                self._note(self.root / name / HEAD, line_of(document, head.line), message, "unknown-document")
        return sources

    def _signatures(self) -> tuple[SignOff, ...]:
        path = self.root / self.name / SIGN_OFF
        signed = self._file(path, SignOffFile) if os.path.lexists(path) else None
        return signed.signed if signed else ()

    def _file(self, path: Path, kind: type[P]) -> P | None:
        """The part that a file says; None where it has findings that leave nothing to use."""
        if path not in self._parts:
            shown = printable(str(path))
            raw, faults = read(path, shown)
            self.findings.extend(faults)
            self._parts[path] = read_part(kind, raw, self.findings, shown) if raw is not None else None
            if self._parts[path] is None and kind is Card:
                self._lose_card(raw)
        part = self._parts[path]
        assert part is None or isinstance(part, kind)
        return part

    def _lose_card(self, raw: Block | None) -> None:
        """Remember what the card asks, so that what other cards say of it is not called unknown."""
        asked = raw.get("ask", Block()) if raw is not None else None
        if isinstance(asked, Block):
            self.lost_questions.update(asked)
        else:
            self.all_cards = False
