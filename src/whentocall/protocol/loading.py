"""From a folder of rule files to a `Protocol`, with every fault found on the way in one report."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from whentocall._text import hint, printable, quote
from whentocall.errors import RulesError, UnknownProtocol
from whentocall.protocol.folders import HEAD, LEVELS, SIGN_OFF, SOURCES, protocol_names
from whentocall.protocol.frame_checks import frame_findings
from whentocall.protocol.lint import CrossChecks
from whentocall.protocol.model import Level, ProtocolFile, Question, Region
from whentocall.protocol.protocol import PlacedEscalation, PlacedRule, Protocol, Screen
from whentocall.protocol.reading import Reader, ReadFiles

__all__ = ["HEAD", "LEVELS", "SIGN_OFF", "SOURCES", "load_folder", "protocol_names"]

_NO_REGION = Region(
    name="not given",
    emergency_number="your local emergency number",
    emergency_place="the nearest emergency department",
)


def load_folder(folder: Path) -> Protocol:
    """Load the protocol in `folder`; its layers, levels and sources stand beside it.

    Raises:
        UnknownProtocol: the folder has no `protocol.yaml`.
        RulesError: with every finding of every file read.
    """
    if not os.path.isfile(folder / HEAD):
        raise UnknownProtocol(_no_such(folder))
    if folder.name in ("", ".."):  # "." and "../": the name is an id, so it must be the folder's own
        folder = Path(os.path.realpath(folder))
    reader = Reader(folder.parent)
    files = reader.read(folder.name)
    if files is None:
        raise RulesError(reader.findings)
    checks = CrossChecks(files)
    findings = [*reader.findings, *checks.findings(), *frame_findings(files, checks.questions)]
    if findings:
        raise RulesError(findings)
    return _assemble(folder, files, checks)


def _no_such(folder: Path) -> str:
    names = protocol_names(folder.parent) if os.path.isdir(folder.parent) else ()
    told = hint(folder.name, names) or (f"; there are: {', '.join(names)}" if names else "")
    return f"there is no protocol {quote(folder.name)} in '{printable(str(folder.parent))}'{printable(told)}"


def _assemble(folder: Path, files: ReadFiles, checks: CrossChecks) -> Protocol:
    head, name = files.head, files.name
    order: tuple[Level, ...] = tuple(reversed(files.levels.levels.values()))
    ranks = {level.id: rank for rank, level in enumerate(order)}
    return Protocol(
        id=name,
        folder=folder,
        head=head,
        levels=order,
        words_for=MappingProxyType({**files.levels.who, **head.who}),
        region=head.region or _NO_REGION,
        cards=files.cards,
        questions=MappingProxyType(checks.questions),
        rules=tuple(
            PlacedRule(f"{card.id}/{rule.id}", rule, card, ranks[rule.level], checks.terms[id(rule)])
            for card in files.cards
            for rule in card.card.rules.values()
        ),
        screens=_screens(files.heads, checks.questions),
        escalations=tuple(
            PlacedEscalation(f"{name}/escalate/{line.name}", line, count, ranks[level], ranks[line.to])
            for line, count, level in checks.escalations
        ),
        sources=MappingProxyType(dict(files.sources)),
        signatures=files.signatures,
    )


def _screens(heads: Mapping[str, ProtocolFile], questions: Mapping[str, Question]) -> tuple[Screen, ...]:
    declared = [line for head in heads.values() for line in head.screens]
    screens = [Screen(line.title, line.questions) for line in declared]
    placed = {one for screen in screens for one in screen.questions}
    alone = [one for one in questions.values() if one.id not in placed and one.only_if is None]
    return (*screens, *(Screen(None, (one.id,)) for one in alone))
