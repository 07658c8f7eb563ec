"""From a protocol, and what is known about it, to a review pack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from whentocall.authoring.check import Checked
from whentocall.authoring.diff import Change, Difference, TextChange
from whentocall.authoring.mutants import Gate
from whentocall.authoring.people import in_words
from whentocall.engine.spelling import Given
from whentocall.errors import Finding
from whentocall.protocol.conditions import questions
from whentocall.protocol.model import Level, SelfCare
from whentocall.protocol.protocol import PlacedCard, PlacedRule, Protocol
from whentocall.review_pack.asked import screens, voiced
from whentocall.review_pack.examples import Ran, case_rows, ran_cases, who_gets, who_just_misses
from whentocall.review_pack.limits import limit_tables
from whentocall.review_pack.names import title_of
from whentocall.review_pack.parts import (
    CardPart,
    CareRow,
    ChangePart,
    ChangeRow,
    CheckPart,
    DiffersRow,
    EscalationRow,
    FindingRow,
    GatePart,
    LevelRow,
    Pack,
    Read,
    RuleRow,
    SignRow,
    TextChangeRow,
    Voiced,
)
from whentocall.review_pack.passages import passages
from whentocall.review_pack.sentences import documents
from whentocall.review_pack.words_of_rules import count_words, rule_words, short_words


def build_pack(
    protocol: Protocol,
    *,
    checked: Checked | None = None,
    gate: Gate | None = None,
    sources_dir: Path | None = None,
    difference: Difference | None = None,
) -> Pack:
    """Everything that a reviewer needs to see of a protocol and its layers.

    Args:
        protocol: from `load`.
        checked: what `check` found.
        gate: what the mutation gate found.
        sources_dir: a folder with the source documents, under the file names that the source files give.
            Their passages are then shown, and what has changed in them is found.
        difference: what changes against the version before.
    """
    builder = _Builder(protocol, sources_dir)
    head = protocol.head
    return Pack(
        id=protocol.id,
        title=protocol.title,
        who_for=voiced(head.who_for),
        region=protocol.region.name,
        emergency_number=protocol.region.emergency_number,
        emergency_place=protocol.region.emergency_place,
        version=protocol.version,
        written=head.written,
        review_due=head.review_due,
        sha256=protocol.sha256,
        signed_off=protocol.signed_off,
        when_unsettled=head.when_unsettled,
        levels=tuple(_levels(protocol)),
        cards=tuple(builder.card(placed) for placed in protocol.cards),
        escalations=tuple(_escalations(protocol)),
        screens=screens(protocol),
        documents=documents(protocol, builder.found),
        checked=_checked(protocol, checked) if checked else None,
        gate=_gate(gate) if gate else None,
        changes=_changes(protocol, difference) if difference else None,
        sign_off=tuple(_sign_off(protocol)),
        signatures_needed=head.signatures,
        with_passages=sources_dir is not None,
    )


def _levels(protocol: Protocol) -> Iterator[LevelRow]:
    """The levels, most urgent first."""
    colours: set[str] = set()
    for rank, level in reversed(list(enumerate(protocol.levels))):
        yield LevelRow(
            id=level.id,
            word=level.word,
            colour=level.colour,
            is_first_of_colour=level.colour not in colours,
            headline=_both(protocol, level, "headline"),
            how_soon=_both(protocol, level, "how_soon"),
            first=tuple(
                Voiced(you, they)
                for you, they in zip(
                    protocol.first_steps(level, "you"), protocol.first_steps(level, "they"), strict=True
                )
            ),
            whom=tuple(protocol.who(role, "you") for role in protocol.contact_roles(level)),
            shows_self_care=level.self_care,
            rules=sum(rule.rank == rank for rule in protocol.rules),
        )
        colours.add(level.colour)


def _both(protocol: Protocol, level: Level, what: str) -> Voiced:
    words = getattr(protocol, what)
    return Voiced(words(level, "you"), words(level, "they"))


class _Builder:
    """Cards, with the cases run and the documents read once."""

    def __init__(self, protocol: Protocol, sources_dir: Path | None) -> None:
        self.protocol = protocol
        self.found = passages(protocol, sources_dir)
        self.ran: list[Ran]
        self.not_run: list[Finding]
        self.ran, self.not_run = ran_cases(protocol)
        self.asked_in = {one: placed for placed in protocol.cards for one in placed.card.ask}

    def card(self, placed: PlacedCard) -> CardPart:
        """One card."""
        card = placed.card
        source = self.protocol.sources[card.source.document]
        return CardPart(
            id=placed.id,
            title=card.title,
            layer=title_of(placed.protocol) if placed.protocol != self.protocol.id else "",
            document=f"{source.title} ({source.publisher})",
            section=card.source.section,
            rules=tuple(self._rule(rule) for rule in self.protocol.rules if rule.card is placed),
            self_care=tuple(self._care(line) for line in card.self_care),
            differs=tuple(DiffersRow(one.publisher, one.says, one.seen) for one in card.differs),
            cases=tuple(case_rows(self.protocol, placed.id, self.ran, self.not_run)),
            questions=len(card.ask),
        )

    def _rule(self, placed: PlacedRule) -> RuleRow:
        rule = placed.rule
        return RuleRow(
            id=placed.id,
            name=rule.id,
            title=title_of(rule.id),
            level=rule.level,
            words=rule_words(self.protocol, rule.when),
            short_words=short_words(self.protocol, rule.when),
            reads=tuple(self._read(placed.card, one) for one in questions(rule.when)),
            because=voiced(rule.because),
            sentences=rule.sentences,
            changed_sentences=self._changed(rule.sentences),
            interpretation=" ".join(rule.interpretation.split()) if rule.interpretation else None,
            limits=limit_tables(self.protocol, placed),
            gets=who_gets(self.protocol, placed, self.ran),
            just_misses=who_just_misses(self.protocol, placed, self.ran),
        )

    def _read(self, card: PlacedCard, one: str) -> Read:
        asked_in = self.asked_in[one]
        elsewhere = "" if asked_in is card else asked_in.card.title
        return Read(one, self.protocol.questions[one].short.you, elsewhere)

    def _care(self, line: SelfCare) -> CareRow:
        words = {
            name: rule_words(self.protocol, condition) if condition is not None else ""
            for name, condition in (("when", line.when), ("unless", line.unless))
        }
        return CareRow(
            text=voiced(line.text),
            when=words["when"],
            unless=words["unless"],
            always=line.always,
            sentences=line.sentences,
            changed_sentences=self._changed(line.sentences),
        )

    def _changed(self, sentences: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one for one in sentences if one in self.found.changed)


def _escalations(protocol: Protocol) -> Iterator[EscalationRow]:
    for one in protocol.escalations:
        at = protocol.levels[one.at_rank].word
        words = f"At least {count_words(one.count)} cards have a rule at “{at}” or more urgent"
        if one.line.only_if is not None:
            words += f", and also: {rule_words(protocol, one.line.only_if)}"
        because = protocol.fill(one.line.because.you)
        level = one.line.to
        yield EscalationRow(one.id, title_of(one.line.name), words, level, because, one.line.sentences)


def _checked(protocol: Protocol, checked: Checked) -> CheckPart:
    def row(finding: Finding, accepted: str = "") -> FindingRow:
        return _finding(protocol, finding, accepted)

    return CheckPart(
        rules=checked.rules,
        cases=checked.cases,
        proved=checked.proved,
        findings=tuple(row(one) for one in checked.findings),
        notes=tuple(row(one) for one in checked.notes),
        waived=tuple(row(one, because) for one, because in checked.waived),
    )


def _finding(protocol: Protocol, finding: Finding, accepted: str) -> FindingRow:
    rules = protocol.folder.parent
    file = Path(finding.file)
    # Beside the rules folder, so that the pack is the same on every machine.
    shown = file.relative_to(rules).as_posix() if file.is_relative_to(rules) else file.name
    person = json.loads(finding.person) if finding.person else {}
    return FindingRow(
        place=f"{shown}, line {finding.line}" if finding.line else shown,
        message=finding.message[:1].upper() + finding.message[1:],
        kind=finding.code.replace("-", " "),
        person=_person(protocol, person) if person else "",
        suggestion=finding.suggestion,
        accepted=" ".join(accepted.split()),
    )


def _person(protocol: Protocol, answers: Mapping[str, Given]) -> str:
    """Somebody in words; of answers to what this protocol does not ask, just the names."""
    known = {one: given for one, given in answers.items() if one in protocol.questions}
    others = [one for one in answers if one not in protocol.questions]
    said = in_words(protocol, known)
    return f"{said}; and answers to: {', '.join(others)}" if others else said


def _gate(gate: Gate) -> GatePart:
    missed = tuple((mutant.rule.id, mutant.how) for mutant in gate.survivors)
    return GatePart(gate.tried, gate.tried - len(gate.survivors), missed)


def _changes(protocol: Protocol, difference: Difference) -> ChangePart:
    def row(change: Change) -> ChangeRow:
        lowered = change.direction == "lowered"
        person = _person(protocol, change.person)
        return ChangeRow(lowered, change.old, change.new, person, change.rules)

    def text(change: TextChange, *, is_asked: bool) -> TextChangeRow:
        return TextChangeRow(change.where, change.old or "", change.new or "", is_asked)

    return ChangePart(
        levels=tuple(row(one) for one in (*difference.lowered, *difference.raised)),
        texts=(
            *(text(one, is_asked=True) for one in difference.asked),
            *(text(one, is_asked=False) for one in difference.wording),
        ),
    )


def _sign_off(protocol: Protocol) -> Iterator[SignRow]:
    """A line for what stands around the cards, then one for each card, with the signatures that hold."""

    def signed(card: str | None) -> tuple[str, ...]:
        return tuple(f"{one.name}, {one.role}, {one.date}" for one in protocol.signers(card))

    yield SignRow("", "Levels, roles and order of asking", 0, 0, signed(None))
    for placed in protocol.cards:
        rules = placed.card.rules.values()
        to_confirm = sum(rule.interpretation is not None for rule in rules)
        yield SignRow(placed.id, placed.card.title, len(rules), to_confirm, signed(placed.id))
