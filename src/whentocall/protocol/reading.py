"""Reads the files of a protocol and of its layers, each once, and keeps what was found wrong on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from whentocall._text import cut, printable, quote
from whentocall.errors import Finding
from whentocall.protocol.checking import read_part
from whentocall.protocol.folders import HEAD, LEVELS, SIGN_OFF, SOURCES
from whentocall.protocol.model import Card, LevelsFile, ProtocolFile, SignOff, SignOffFile, Source
from whentocall.protocol.parts import Part
from whentocall.protocol.phrases import NAME
from whentocall.protocol.protocol import PlacedCard
from whentocall.protocol.values import Block, line_of
from whentocall.protocol.yaml_file import read

P = TypeVar("P", bound=Part)


@dataclass(frozen=True)
class ReadFiles:
    """What stands in the files of one protocol, each sound in itself.

    Attributes:
        rules: the folder that the protocol's folder stands in.
        name: the protocol's.
        heads: the layers' `protocol.yaml` by name, then its own.
        levels_file: the path of `levels`, as findings show it.
        lost_questions: questions of cards that have findings themselves; others may speak of them.
        all_cards: whether no card or layer is missing, so that every other question is known.
        all_sources: whether no source is missing, so that every sentence is known.
    """

    rules: Path
    name: str
    heads: Mapping[str, ProtocolFile]
    levels_file: str
    levels: LevelsFile
    cards: tuple[PlacedCard, ...]
    sources: Mapping[str, Source]
    signatures: tuple[SignOff, ...]
    lost_questions: frozenset[str]
    all_cards: bool
    all_sources: bool

    @property
    def head(self) -> ProtocolFile:
        """The protocol's own."""
        return self.heads[self.name]

    @property
    def lowest(self) -> str | None:
        """The level of somebody with nothing to report."""
        return next(reversed(self.levels.levels), None)

    def head_file(self, name: str) -> str:
        """The path of a head, as findings show it."""
        return printable(str(self.rules / name / HEAD))

    def source_file(self, document: str) -> str:
        """The path of a source, as findings show it."""
        return printable(str(self.rules / SOURCES / f"{document}.yaml"))


class Reader:
    """Reads one protocol; `findings` has what was wrong in single files."""

    def __init__(self, rules: Path) -> None:
        self.findings: list[Finding] = []
        self._rules = rules
        self._parts: dict[Path, Part | None] = {}
        self._lost_questions: set[str] = set()
        self._all_cards = True

    def read(self, name: str) -> ReadFiles | None:
        """Everything that the protocol needs; None without its head or its levels."""
        heads = self._heads(name)
        levels_path = self._rules / name / LEVELS
        if not os.path.lexists(levels_path):  # one that cannot be read must not give way to the other
            levels_path = self._rules / LEVELS
        levels = self._file(levels_path, LevelsFile)
        cards = tuple(card for one, head in heads.items() for card in self._cards(one, head))
        sources = self._sources(heads)
        signatures = self._signatures(name)
        if name not in heads or levels is None:
            return None
        return ReadFiles(
            rules=self._rules,
            name=name,
            heads=heads,
            levels_file=printable(str(levels_path)),
            levels=levels,
            cards=cards,
            sources={one: source for one, source in sources.items() if source},
            signatures=signatures,
            lost_questions=frozenset(self._lost_questions),
            all_cards=self._all_cards,
            all_sources=self._all_cards and all(sources.values()),
        )

    def _note(self, path: Path, line: int, message: str, code: str) -> None:
        self.findings.append(Finding(printable(str(path)), line, message, code))

    def _heads(self, name: str) -> dict[str, ProtocolFile]:
        """The heads of the layers of `name`, then its own, each once; without recursion, however deep."""
        head = self._file(self._rules / name / HEAD, ProtocolFile)
        if head is None:
            return {}
        found: dict[str, ProtocolFile] = {}
        path = {name: head}
        waiting = {name: iter(head.include)}
        while path:
            at, head = next(reversed(path.items()))
            layer = next(waiting[at], None)
            if layer is None:
                found[at] = path.pop(at)
            elif layer not in found and (inner := self._layer(at, head, layer, tuple(path))):
                path[layer], waiting[layer] = inner, iter(inner.include)
        return found

    def _layer(self, at: str, head: ProtocolFile, layer: str, path: tuple[str, ...]) -> ProtocolFile | None:
        """The head of a layer that `at` includes."""
        file, line = self._rules / at / HEAD, line_of(layer, head.line)
        if layer in path:
            round_ = " -> ".join([*path[path.index(layer) :], layer])
            message = f"'include' goes round in a circle ({round_}): remove one of them"
            self._note(file, line, message, "include-cycle")
            return None
        if not NAME.fullmatch(layer) or not os.path.isfile(self._rules / layer / HEAD):
            message = (
                f"'include' names {quote(layer)}, but there is no {cut(layer)}/{HEAD} beside this folder"
            )
            self._note(file, line, message, "unknown-layer")
            self._all_cards = False
            return None
        inner = self._file(self._rules / layer / HEAD, ProtocolFile)
        if inner is None:
            self._all_cards = False
        elif not inner.layer:
            message = f"{quote(layer)} is no layer: it needs 'layer: yes' to be included"
            self._note(file, line, message, "not-a-layer")
        return inner

    def _cards(self, name: str, head: ProtocolFile) -> Iterator[PlacedCard]:
        folder = self._rules / name
        seen: set[str] = set()
        for card_name in head.cards:
            path, line = folder / f"{card_name}.yaml", line_of(card_name, head.line)
            if card_name in seen:
                message = f"{quote(card_name)} stands under 'cards' twice: keep one of them"
                self._note(folder / HEAD, line, message, "duplicate-card")
            elif not NAME.fullmatch(card_name) or not os.path.isfile(path):
                message = f"'cards' names {quote(card_name)}, but there is no file {cut(card_name)}.yaml"
                self._note(folder / HEAD, line, message, "unknown-card")
                self._all_cards = False
            elif card := self._file(path, Card):
                yield PlacedCard(f"{name}/{card_name}", name, head.layer, printable(str(path)), card)
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

    def _sources(self, heads: Mapping[str, ProtocolFile]) -> dict[str, Source | None]:
        found: dict[str, Source | None] = {}
        for name, head in heads.items():
            for document in head.documents:
                if document in found:
                    continue
                path = self._rules / SOURCES / f"{document}.yaml"
                if NAME.fullmatch(document) and os.path.isfile(path):
                    found[document] = self._file(path, Source)
                    continue
                found[document] = None
                message = f"there is no source file for the document {quote(document)}"
                line = line_of(document, head.line)
                self._note(self._rules / name / HEAD, line, message, "unknown-document")
        return found

    def _signatures(self, name: str) -> tuple[SignOff, ...]:
        path = self._rules / name / SIGN_OFF
        signed = self._file(path, SignOffFile) if os.path.lexists(path) else None
        return signed.signed if signed else ()

    def _file(self, path: Path, model: type[P]) -> P | None:
        if path not in self._parts:
            self._parts[path] = self._read(path, model)
        part = self._parts[path]
        assert part is None or isinstance(part, model)
        return part

    def _read(self, path: Path, model: type[P]) -> P | None:
        shown = printable(str(path))
        raw, found = read(path, shown)
        self.findings.extend(found)
        part = read_part(model, raw, self.findings, shown) if raw is not None else None
        if part is None and model is Card:
            self._lose_card(raw)
        return part

    def _lose_card(self, raw: Block | None) -> None:
        """Remember what the card asks, so that what other cards say of it is not called unknown."""
        asked = raw.get("ask", Block()) if raw is not None else None
        if isinstance(asked, Block):
            self._lost_questions.update(asked)
        else:
            self._all_cards = False
