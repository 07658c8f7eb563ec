"""`check`: load, run the cases, hold the rule set to its claims, and prove what can be proved."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from whentocall.authoring.bands import band_findings
from whentocall.authoring.cases import CaseRun, differences, run_cases
from whentocall.authoring.claims import claim_findings, state_notes
from whentocall.authoring.coverage import coverage_findings
from whentocall.authoring.mutants import Gate, mutation_gate
from whentocall.errors import Finding, RulesError
from whentocall.protocol.loading import HEAD, SOURCES, load_folder, protocol_names
from whentocall.protocol.model import Waiver
from whentocall.protocol.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked, and what was found.

    Attributes:
        protocols: the ids of the protocols checked, with their layers.
        rules, cases: how many of them.
        mutants: how many small errors were put into the rules to see whether a case notices.
        findings: what must be mended.
        notes: what is no fault but should be known.
        waived: findings that a card accepts, each with its reason.
        proved: whether the proofs were run; they need the extra `review`.
    """

    protocols: tuple[str, ...]
    rules: int
    cases: int
    mutants: int
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    waived: tuple[tuple[Finding, str], ...]
    proved: bool


def can_prove() -> bool:
    """Whether the solver that the proofs need is installed."""
    return importlib.util.find_spec("z3") is not None


def check(path: Path, *, prove: bool = True, today: date | None = None) -> Checked:
    """Check a rules folder, or one protocol folder in it.

    Layers are checked inside each protocol that includes them, and alone if none does.

    Args:
        path: the folder.
        prove: also run the proofs, if the extra `review` is installed.
        today: the day to hold review dates against.

    Raises:
        UnknownProtocol: there is no such folder.
    """
    alone = (path / HEAD).is_file()
    folders = [path] if alone else [path / name for name in protocol_names(path)]
    found: set[Finding] = set()
    loaded: list[Protocol] = []
    for folder in folders:
        try:
            loaded.append(load_folder(folder))
        except RulesError as error:
            found.update(error.findings)
    if not folders:
        found.add(Finding(str(path), 0, f"there is no folder with a {HEAD} here", "no-protocols"))
    included = {card.protocol for one in loaded for card in one.cards if card.protocol != one.id}
    shown = [one for one in loaded if one.id not in included]
    cases = mutants = 0
    prove = prove and can_prove()
    for protocol in shown:
        runs = list(run_cases(protocol))
        cases += len(runs)
        found.update(_findings(protocol, runs, prove=prove))
        gate = mutation_gate(protocol)
        mutants += gate.tried
        found.update(_survivors(gate))
        found.update(state_notes(protocol, today or date.today()))  # noqa: DTZ011  the reader's own day
    if not alone:
        found.update(_unused_sources(path, loaded))
    waived, rest = _waive(shown, found, proved=prove)
    return Checked(
        protocols=tuple(one.id for one in shown),
        rules=len({rule.id for one in shown for rule in one.rules}),
        cases=cases,
        mutants=mutants,
        findings=tuple(sorted(one for one in rest if one.severity == "error")),
        notes=tuple(sorted(one for one in rest if one.severity == "note")),
        waived=tuple(sorted(waived)),
        proved=prove,
    )


def _findings(protocol: Protocol, runs: list[CaseRun | Finding], *, prove: bool) -> Iterator[Finding]:
    yield from (run for run in runs if isinstance(run, Finding))
    done = [run for run in runs if isinstance(run, CaseRun)]
    for run in done:
        for difference in differences(protocol, run):
            message = f"case '{run.case.name}' in {protocol.id}: {difference}"
            yield Finding(run.card.file, run.case.expect.line, message, "case-fails")
    yield from claim_findings(protocol)
    yield from coverage_findings(protocol, done)
    yield from band_findings(protocol)
    if prove:
        from whentocall.authoring.proofs import proof_findings  # noqa: PLC0415  needs an extra

        yield from proof_findings(protocol)


def _survivors(gate: Gate) -> Iterator[Finding]:
    for one in gate.survivors:
        rule = one.rule
        message = f"no case would notice if '{rule.rule.id}' were {one.how}"
        suggestion = "add a case right there, or fix its level with 'levels_of'"
        yield Finding(
            rule.card.file, rule.rule.line, message, "mutant-survives", rule.rule.id, "", suggestion
        )


# Findings that only the proofs make, so that a waiver for one is not stale where they were not run.
PROVED = frozenset(
    ("never-fires", "swallowed", "never-asked", "worse-lowers", "not-knowing-lowers", "unsafe-stop")
)


def _waive(
    protocols: Iterable[Protocol], found: Iterable[Finding], *, proved: bool
) -> tuple[list[tuple[Finding, str]], list[Finding]]:
    """Set apart what a card accepts; a waiver that nothing needs any more is a finding itself."""
    waivers: dict[tuple[str, str, str], Waiver] = {
        (card.file, waiver.finding, waiver.about): waiver
        for protocol in protocols
        for card in protocol.cards
        for waiver in card.card.waive
    }
    waived: list[tuple[Finding, str]] = []
    rest: list[Finding] = []
    used: set[tuple[str, str, str]] = set()
    for finding in found:
        key = (finding.file, finding.code, finding.about)
        if key in waivers:
            used.add(key)
            waived.append((finding, waivers[key].because))
        else:
            rest.append(finding)
    for key, waiver in waivers.items():
        if key not in used and (proved or waiver.finding not in PROVED):
            message = f"nothing is found any more of '{waiver.finding}' about '{waiver.about}': remove this"
            rest.append(Finding(key[0], waiver.line, message, "stale-waiver", waiver.about))
    return waived, rest


def _unused_sources(path: Path, loaded: list[Protocol]) -> Iterator[Finding]:
    used = {document for protocol in loaded for document in protocol.sources}
    for file in sorted((path / SOURCES).glob("*.yaml")):
        if loaded and file.stem not in used:
            message = "no protocol names this document: list it under 'documents', or remove it"
            yield Finding(str(file), 0, message, "unused-source")
