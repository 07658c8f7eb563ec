"""`check`: loads rule files, runs their cases, mutation-tests the rules, and proves claims."""

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
from whentocall.authoring.findings import about_rule
from whentocall.authoring.mutants import Gate, mutation_gate
from whentocall.authoring.revision import protocol_folders
from whentocall.errors import Finding, RulesError
from whentocall.protocol.folders import HEAD, SOURCES
from whentocall.protocol.load import load_folder
from whentocall.protocol.model import Waiver
from whentocall.protocol.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of `check`.

    Attributes:
        protocols: the ids of the protocols checked, with their layers.
        rules, cases: how many of them.
        mutants: how many small changes to the rules were tried against the cases.
        findings: what must be fixed.
        notes: what is not a fault, but worth knowing.
        accepted: findings that a card accepts (under `waive`), each with its reason.
        proved: whether the proofs were run; they need the extra `review`.
    """

    protocols: tuple[str, ...]
    rules: int
    cases: int
    mutants: int
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, str], ...]
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
        today: the day to compare review dates with.

    Raises:
        UnknownProtocol: there is no such folder.
    """
    folders = protocol_folders(path)
    loaded, findings = _loaded(folders)
    if not folders:
        findings.add(Finding(str(path), 0, f"no protocol here: no folder has a {HEAD}", "no-protocols"))
    if folders != [path]:
        findings.update(_unused_sources(path, loaded))
    included = {
        card.protocol for protocol in loaded for card in protocol.cards if card.protocol != protocol.id
    }
    shown = [protocol for protocol in loaded if protocol.id not in included]
    cases = mutants = 0
    prove = prove and can_prove()
    for protocol in shown:
        runs = list(run_cases(protocol))
        gate = mutation_gate(protocol)
        cases, mutants = cases + len(runs), mutants + gate.tried
        findings.update(_findings(protocol, runs, prove=prove), _survivors(gate))
        findings.update(state_notes(protocol, today or date.today()))  # noqa: DTZ011  the reader's own day
    accepted, rest = _accept(shown, findings, proved=prove)
    return Checked(
        protocols=tuple(protocol.id for protocol in shown),
        rules=len({rule.id for protocol in shown for rule in protocol.rules}),
        cases=cases,
        mutants=mutants,
        findings=tuple(sorted(finding for finding in rest if finding.severity == "error")),
        notes=tuple(sorted(finding for finding in rest if finding.severity == "note")),
        accepted=tuple(sorted(accepted)),
        proved=prove,
    )


def _loaded(folders: Iterable[Path]) -> tuple[list[Protocol], set[Finding]]:
    """The protocols that load, and the findings about the others."""
    loaded: list[Protocol] = []
    findings: set[Finding] = set()
    for folder in folders:
        try:
            loaded.append(load_folder(folder))
        except RulesError as error:
            findings.update(error.findings)
    return loaded, findings


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
    for mutant in gate.survivors:
        message = f"no case notices this change to the rule '{mutant.rule.name}': {mutant.how}"
        suggestion = "add a case that this change would break; 'levels_of' in a case pins a rule's level"
        yield about_rule(mutant.rule, message, "mutant-survives", suggestion)


# Findings that only the proofs make: without them, accepting one is not stale.
PROVED = frozenset(
    ("never-fires", "swallowed", "never-asked", "worse-lowers", "not-knowing-lowers", "unsafe-stop")
)


def _accept(
    protocols: Iterable[Protocol], findings: Iterable[Finding], *, proved: bool
) -> tuple[list[tuple[Finding, str]], list[Finding]]:
    """The findings that a card accepts, and the rest; accepting one that is gone is a finding itself."""
    waivers: dict[tuple[str, str, str], Waiver] = {
        (card.file, waiver.finding, waiver.about): waiver
        for protocol in protocols
        for card in protocol.cards
        for waiver in card.waive
    }
    accepted: list[tuple[Finding, str]] = []
    rest: list[Finding] = []
    used: set[tuple[str, str, str]] = set()
    for finding in findings:
        key = (finding.file, finding.code, finding.about)
        if key in waivers:
            used.add(key)
            accepted.append((finding, waivers[key].because))
        else:
            rest.append(finding)
    for key, waiver in waivers.items():
        if key not in used and (proved or waiver.finding not in PROVED):
            message = f"'{waiver.finding}' is no longer found about '{waiver.about}': remove this entry"
            rest.append(Finding(key[0], waiver.line, message, "stale-waiver", waiver.about))
    return accepted, rest


def _unused_sources(path: Path, loaded: list[Protocol]) -> Iterator[Finding]:
    used = {document for protocol in loaded for document in protocol.sources}
    for file in sorted((path / SOURCES).glob("*.yaml")):
        if loaded and file.stem not in used:
            message = "no protocol uses this document: list it under 'documents', or remove the file"
            yield Finding(str(file), 0, message, "unused-source")
