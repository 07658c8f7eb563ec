"""`check`: load, run the cases, and hold the rule set to its claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whentocall.engine.advise import advise
from whentocall.engine.answers import Given
from whentocall.errors import Finding, RulesError
from whentocall.protocol.conditions import questions
from whentocall.protocol.loading import HEAD, SOURCES, load_folder, protocol_names
from whentocall.protocol.models import Question
from whentocall.protocol.protocol import Protocol
from whentocall.review.cases import CaseRun, differences, nothing_to_report, run_cases


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked, and what was found."""

    protocols: tuple[str, ...]
    rules: int
    cases: int
    findings: tuple[Finding, ...]


def check(path: Path) -> Checked:
    """Check a rules folder, or one protocol folder in it.

    Layers are checked inside each protocol that includes them, and alone if none does.

    Raises:
        UnknownProtocol: there is no such folder.
    """
    alone = (path / HEAD).is_file()
    folders = [path] if alone else [path / name for name in protocol_names(path)]
    findings: set[Finding] = set()
    loaded: list[Protocol] = []
    for folder in folders:
        try:
            loaded.append(load_folder(folder))
        except RulesError as error:
            findings.update(error.findings)
    if not folders:
        findings.add(Finding(str(path), 0, f"there is no folder with a {HEAD} here", "no-protocols"))
    included = {card.protocol for one in loaded for card in one.cards if card.protocol != one.id}
    shown = [one for one in loaded if one.id not in included]
    cases = 0
    for protocol in shown:
        runs = list(run_cases(protocol))
        cases += len(runs)
        findings.update(_case_findings(protocol, runs))
        findings.update(_claims(protocol, runs))
    if len(folders) > 1:
        findings.update(_unused_sources(path, loaded))
    names = tuple(one.id for one in shown)
    rules = len({rule.id for one in shown for rule in one.rules})
    return Checked(names, rules, cases, tuple(sorted(findings)))


def _case_findings(protocol: Protocol, runs: list[CaseRun | Finding]) -> Iterator[Finding]:
    for run in runs:
        if isinstance(run, Finding):
            yield run
            continue
        for difference in differences(protocol, run):
            message = f"case '{run.case.name}' in {protocol.id}: {difference}"
            yield Finding(run.card.file, run.case.expect.line, message, "case-fails")


def _claims(protocol: Protocol, runs: list[CaseRun | Finding]) -> Iterator[Finding]:
    yield from _sentences(protocol)
    yield from _unread_questions(protocol)
    yield from _reported_is_never_nothing(protocol)
    held = {reason.rule for run in runs if isinstance(run, CaseRun) for reason in run.advice.reasons}
    for rule in protocol.rules:
        if rule.id not in held:
            message = f"no case shows the rule '{rule.rule.id}' holding: add one, and one that just misses it"
            yield Finding(rule.card.file, rule.rule.line, message, "no-case")


def _sentences(protocol: Protocol) -> Iterator[Finding]:
    """Every sentence is used or set aside; every contact sentence is reached at its level or higher."""
    used = _used_sentences(protocol)
    for document, source in protocol.sources.items():
        file = str(protocol.folder.parent / SOURCES / f"{document}.yaml")
        for sentence in source.sentences.values():
            if sentence.id not in used and sentence.set_aside is None:
                message = (
                    f"nothing uses '{sentence.id}': cite it in a card of {protocol.id}, or give the reason "
                    "under 'set_aside'"
                )
                yield Finding(file, sentence.line, message, "sentence-unaccounted")
            if sentence.id in used and sentence.set_aside is not None:
                message = f"'{sentence.id}' is set aside here, but a card uses it: remove one of the two"
                yield Finding(file, sentence.line, message, "sentence-used-and-aside")
            wanted = protocol.ranks.get(sentence.contact or "", 0)
            ranks = [rule.rank for rule in protocol.rules if sentence.id in rule.rule.sentences]
            if wanted > max(ranks, default=0):
                message = (
                    f"'{sentence.id}' asks people to contact somebody ('{sentence.contact}'), but no rule "
                    "that cites it reaches that level"
                )
                yield Finding(file, sentence.line, message, "contact-not-reached")


def _used_sentences(protocol: Protocol) -> frozenset[str]:
    used: set[str] = set()
    for card in (placed.card for placed in protocol.cards):
        for sentences in (
            *(question.sentences for question in card.ask.values()),
            *(rule.sentences for rule in card.rules.values()),
            *(line.sentences for line in card.self_care),
        ):
            used.update(sentences)
    for escalation in protocol.escalations:
        used.update(escalation.line.sentences)
    return frozenset(used)


def _unread_questions(protocol: Protocol) -> Iterator[Finding]:
    read: set[str] = set()
    for rule in protocol.rules:
        read.update(questions(rule.rule.when))
    for question in protocol.questions.values():
        read.update(questions(question.only_if), questions(question.not_reassuring_if))
    for card in protocol.cards:
        for question in card.card.ask.values():
            if question.id not in read and not question.context:
                message = f"no rule reads '{question.id}': use it in one, or mark it 'context: yes'"
                yield Finding(card.file, question.line, message, "unread-question")


def _reported_is_never_nothing(protocol: Protocol) -> Iterator[Finding]:
    """A "yes" to any opening question gives more than "nothing to report"."""
    opening = [one for one in protocol.questions.values() if one.only_if is None and not one.context]
    nothing: dict[str, Given] = {
        one.id: None if _needs_usual(one) else nothing_to_report(one) for one in opening
    }
    for card in protocol.cards:
        for question in card.card.ask.values():
            if question not in opening or question.answer.kind != "yes-no":
                continue
            if advise(protocol, {**nothing, question.id: True}, watch=False).level == protocol.levels[0].id:
                message = (
                    f"in {protocol.id}, a 'yes' to '{question.id}' alone gives '{protocol.levels[0].id}'"
                )
                yield Finding(card.file, question.line, message, "reported-but-nothing")


def _needs_usual(question: Question) -> bool:
    return question.usual is None and question.answer.kind != "yes-no"


def _unused_sources(path: Path, loaded: list[Protocol]) -> Iterator[Finding]:
    used = {document for protocol in loaded for document in protocol.sources}
    for file in sorted((path / SOURCES).glob("*.yaml")):
        if loaded and file.stem not in used:
            message = "no protocol names this document: list it under 'documents', or remove it"
            yield Finding(str(file), 0, message, "unused-source")
