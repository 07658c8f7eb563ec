"""From a folder of rule files to a `Protocol`, with every fault found on the way in one report."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from pydantic import ValidationError

from whentocall.errors import Finding, RulesError, UnknownProtocol
from whentocall.protocol.cross_checks import CrossChecks
from whentocall.protocol.models import (
    Card,
    Level,
    LevelsFile,
    Part,
    ProtocolFile,
    Question,
    Region,
    SignOff,
    SignOffFile,
    Source,
)
from whentocall.protocol.phrases import NAME
from whentocall.protocol.protocol import (
    PlacedCard,
    PlacedEscalation,
    PlacedRule,
    Protocol,
    Screen,
)
from whentocall.protocol.yaml_file import Block, Items, line_of, read

P = TypeVar("P", bound=Part)

HEAD = "protocol.yaml"
LEVELS = "levels.yaml"
SIGN_OFF = "sign-off.yaml"
SOURCES = "sources"

_NO_REGION = Region(
    name="not given",
    emergency_number="your local emergency number",
    emergency_place="the nearest emergency department",
)
_ESCALATION = re.compile(r"at least (\d{1,3}) cards? at ([a-z][a-z0-9-]*)")


def protocol_names(rules: Path) -> tuple[str, ...]:
    """The names of the protocol folders in a rules folder, layers included, sorted."""
    if not rules.is_dir():
        raise UnknownProtocol(f"there is no folder '{rules}'")
    return tuple(sorted(path.parent.name for path in rules.glob(f"*/{HEAD}")))


def load_folder(folder: Path) -> Protocol:
    """Load the protocol in `folder`; its layers, levels and sources stand beside it.

    Raises:
        UnknownProtocol: the folder has no `protocol.yaml`.
        RulesError: with every finding of every file read.
    """
    if not (folder / HEAD).is_file():
        raise UnknownProtocol(_no_such(folder))
    loader = _Loader(folder.parent)
    protocol = loader.protocol(folder.name)
    if protocol is None or loader.findings:
        raise RulesError(loader.findings)
    return protocol


def _no_such(folder: Path) -> str:
    names = protocol_names(folder.parent) if folder.parent.is_dir() else ()
    near = difflib.get_close_matches(folder.name, names, 1)
    hint = f"; did you mean '{near[0]}'?" if near else f"; there are: {', '.join(names)}" if names else ""
    return f"there is no protocol '{folder.name}' in '{folder.parent}'{hint}"


class _Loader:
    """Reads files and collects findings; one per call of `load_folder`."""

    def __init__(self, rules: Path) -> None:
        self.rules = rules
        self.findings: list[Finding] = []

    def note(self, file: Path | str, line: int, message: str, code: str) -> None:
        self.findings.append(Finding(str(file), line, message, code))

    def protocol(self, name: str) -> Protocol | None:
        folder = self.rules / name
        heads = self._with_layers(name, ())
        levels_path = folder / LEVELS
        if not levels_path.is_file():
            levels_path = self.rules / LEVELS
        levels = self._file(levels_path, LevelsFile)
        cards = [card for one in heads for card in self._cards(one, heads[one])]
        documents = dict.fromkeys(document for head in heads.values() for document in head.documents)
        sources = {one: self._source(one) for one in documents}
        if name not in heads or levels is None:
            return None
        head = heads[name]
        checks = CrossChecks(
            file=str(folder / HEAD),
            head=head,
            levels_file=str(levels_path),
            levels=levels,
            cards=cards,
            sources={one: source for one, source in sources.items() if source},
            unread_sources=[one for one, source in sources.items() if not source],
        )
        self.findings.extend(checks.findings())
        if self.findings:
            return None
        return self._assemble(name, heads, levels, cards, checks)

    def _assemble(
        self,
        name: str,
        heads: Mapping[str, ProtocolFile],
        levels: LevelsFile,
        cards: list[PlacedCard],
        checks: CrossChecks,
    ) -> Protocol | None:
        head = heads[name]
        order: tuple[Level, ...] = tuple(reversed(levels.levels.values()))
        ranks = {level.id: rank for rank, level in enumerate(order)}
        protocol = Protocol(
            id=name,
            folder=self.rules / name,
            head=head,
            levels=order,
            words_for=MappingProxyType({**levels.who, **head.who}),
            region=head.region or _NO_REGION,
            cards=tuple(cards),
            questions=MappingProxyType(checks.questions),
            rules=tuple(
                PlacedRule(f"{card.id}/{rule.id}", rule, card, ranks[rule.level], checks.terms[id(rule)])
                for card in cards
                for rule in card.card.rules.values()
            ),
            screens=self._screens(heads, checks.questions),
            escalations=tuple(self._escalations(name, head, ranks)),
            sources=MappingProxyType(checks.sources),
            signatures=self._signatures(name),
        )
        return None if self.findings else protocol

    def _with_layers(self, name: str, path: tuple[str, ...]) -> dict[str, ProtocolFile]:
        """The heads of the layers of `name`, then its own, each once."""
        folder = self.rules / name
        head = self._file(folder / HEAD, ProtocolFile)
        if head is None:
            return {}
        found: dict[str, ProtocolFile] = {}
        for layer in head.include:
            if layer in (*path, name):
                round_ = " -> ".join([*path, name, layer])
                message = f"'include' goes round in a circle ({round_}): remove one of them"
                self.note(folder / HEAD, head.line, message, "include-cycle")
            elif not (self.rules / layer / HEAD).is_file():
                message = f"'include' names '{layer}', but there is no {layer}/{HEAD} beside this folder"
                self.note(folder / HEAD, head.line, message, "unknown-layer")
            else:
                found |= self._with_layers(layer, (*path, name))
        return {**found, name: head}

    def _cards(self, name: str, head: ProtocolFile) -> Iterable[PlacedCard]:
        folder = self.rules / name
        for card_name in head.cards:
            path = folder / f"{card_name}.yaml"
            if not NAME.fullmatch(card_name) or not path.is_file():
                message = f"'cards' names '{card_name}', but there is no file {card_name}.yaml"
                self.note(folder / HEAD, head.line, message, "unknown-card")
            elif card := self._file(path, Card):
                yield PlacedCard(f"{name}/{card_name}", name, head.layer, str(path), card)
        listed = {f"{card}.yaml" for card in head.cards} | {HEAD, LEVELS, SIGN_OFF}
        for path in sorted(folder.glob("*.y*ml")):
            if path.name not in listed:
                message = f"this card is not listed under 'cards' in {HEAD}, so nobody is ever asked about it"
                self.note(path, 0, message, "unlisted-card")

    def _source(self, document: str) -> Source | None:
        path = self.rules / SOURCES / f"{document}.yaml"
        if NAME.fullmatch(document) and path.is_file():
            return self._file(path, Source)
        self.note(path, 0, f"there is no source file for the document '{document}'", "unknown-document")
        return None

    def _signatures(self, name: str) -> tuple[SignOff, ...]:
        path = self.rules / name / SIGN_OFF
        signed = self._file(path, SignOffFile) if path.is_file() else None
        return signed.signed if signed else ()

    def _file(self, path: Path, model: type[P]) -> P | None:
        raw, found = read(path, str(path))
        self.findings.extend(found)
        if raw is None:
            return None
        context = {"findings": self.findings, "shown": str(path)}
        try:
            return model.model_validate(raw, context=context)
        except ValidationError as error:
            self.findings.extend(_finding(str(path), raw, one) for one in error.errors())
            return None

    def _screens(
        self, heads: Mapping[str, ProtocolFile], questions: Mapping[str, Question]
    ) -> tuple[Screen, ...]:
        declared = [line for head in heads.values() for line in head.screens]
        screens = [Screen(line.title, line.questions) for line in declared]
        placed = {one for screen in screens for one in screen.questions}
        alone = [one for one in questions.values() if one.id not in placed and one.only_if is None]
        screens += [Screen(None, (one.id,)) for one in alone]
        return tuple(screens)

    def _escalations(
        self, name: str, head: ProtocolFile, ranks: Mapping[str, int]
    ) -> Iterable[PlacedEscalation]:
        for line in head.escalate:
            found = _ESCALATION.fullmatch(line.when)
            if not found or found[2] not in ranks or line.to not in ranks:
                message = (
                    f"'{line.when}' to '{line.to}' is not understood: write 'at least 2 cards at LEVEL' "
                    f"and a level of {', '.join(reversed(list(ranks)))}"
                )
                self.note(self.rules / name / HEAD, line.line, message, "bad-escalation")
                continue
            count = int(found[1])
            yield PlacedEscalation(
                f"{name}/escalate/{line.name}", line, count, ranks[found[2]], ranks[line.to]
            )


_MISSING = {
    "sentences": "names the source sentences that it comes from",
    "you": "is the question as the person themselves is asked",
    "they": "is the question as a carer is asked",
    "when": "says what answers it is about",
    "level": "says how urgent that is",
    "because": "tells the person why",
    "source": "says which document and section the card is about",
    "expect": "says what advice the case must give",
}


def _finding(shown: str, raw: Block, error: Mapping[str, object]) -> Finding:
    """One pydantic error as a finding in our words, at the line it is about."""
    loc = error["loc"]
    assert isinstance(loc, tuple)
    line, last = _place(raw, loc)
    context = error.get("ctx")
    cause = context.get("error") if isinstance(context, dict) else None
    message, code = str(error["msg"]), "invalid"
    if isinstance(cause, ValueError):
        message = str(cause)
        line = getattr(cause, "line", 0) or line
        code = getattr(cause, "code", code)
    elif error["type"] == "missing":
        key = str(loc[-1])
        why = f", which {_MISSING[key]}" if key in _MISSING else ""
        message, code = f"'{key}' is missing here{why}", "missing-key"
    elif error["type"] in ("string_type", "tuple_type", "dict_type", "model_type", "is_instance_of"):
        message, code = _wrong_type(str(loc[-1]), str(error["type"])), "wrong-type"
    return Finding(shown, line, f"{last}{message}" if code == "invalid" and last else message, code)


def _wrong_type(key: str, kind: str) -> str:
    wanted = {
        "string_type": "a text",
        "tuple_type": "a list: [one, two], or one per line after '- '",
        "dict_type": "keys and values",
    }
    return f"'{key}' should be {wanted.get(kind, 'keys and values')}"


def _place(raw: object, loc: tuple[object, ...]) -> tuple[int, str]:
    """The line of the deepest part of `loc` that stands in the file, and the key it is about."""
    line, here, named = line_of(raw, 1), raw, ""
    for step in loc:
        if isinstance(here, Block) and isinstance(step, str):
            key = next((known for known in here if known == step), None)
            if key is None:
                break
            line, here, named = line_of(key), here[key], f"'{step}': "
        elif isinstance(here, Items) and isinstance(step, int) and step < len(here):
            here = here[step]
            line = line_of(here, line)
        else:
            break
    return line, named
