"""A protocol and all that is known about it, for a committee to review.

The templates and the workbook read the protocol itself. What they would have to work out is here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from whentocall.authoring.check import Checked
from whentocall.authoring.citations import Citation, citations
from whentocall.authoring.diff import Difference
from whentocall.authoring.findings import in_words
from whentocall.authoring.mutants import Gate
from whentocall.engine.spelling import Given
from whentocall.errors import Finding
from whentocall.protocol.colours import known_colour
from whentocall.protocol.conditions import Condition, questions
from whentocall.protocol.model import Card, Escalation, Level, Question, Rule, Sentence
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice, Wording
from whentocall.review_pack.cases import CaseResult, case_results, who_gets, who_just_misses
from whentocall.review_pack.limits import LimitTable, limit_tables
from whentocall.review_pack.passages import Passages, passages
from whentocall.review_pack.words import count_words, rule_words

Kind = Literal["to be fixed", "accepted", "note"]


@dataclass(frozen=True)
class Pack:
    """A protocol, ready to be reviewed.

    Attributes:
        protocol: with its layers.
        checked, gate, difference: what the checks, the mutation gate and the comparison with the version
            before found, as far as they were run.
        passages: what was found in the documents at hand.
        with_passages: whether there were any.
        cases: the results of all cases, in the order of the cards.
    """

    protocol: Protocol
    checked: Checked | None
    gate: Gate | None
    difference: Difference | None
    passages: Passages
    with_passages: bool
    cases: tuple[CaseResult, ...]

    # levels

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels, most urgent first."""
        return tuple(reversed(self.protocol.levels))

    def level(self, name: str) -> Level:
        """A level by its id."""
        return self.protocol.levels[self.protocol.ranks[name]]

    def colour(self, level: Level) -> str:
        """The style of a level's badge. Of two red levels, the more urgent one is the stronger."""
        colour = known_colour(level.colour)
        is_first = level is next(other for other in self.levels if other.colour == level.colour)
        return f"{colour} strong" if colour == "red" and is_first else colour

    def both(self, words: Callable[[Level, Voice], str], level: Level) -> Wording:
        """What a method of the protocol says about a level, in both voices."""
        return Wording(you=words(level, "you"), they=words(level, "they"))

    def first_steps(self, level: Level) -> list[Wording]:
        """What to do first at a level."""
        you, they = (self.protocol.first_steps(level, voice) for voice in ("you", "they"))
        return [Wording(you=mine, they=theirs) for mine, theirs in zip(you, they, strict=True)]

    # rules

    def rules_of(self, card: Card) -> list[Rule]:
        """A card's rules, in its order."""
        return [rule for rule in self.protocol.rules if rule.card is card]

    @cached_property
    def to_confirm(self) -> tuple[Rule, ...]:
        """The rules with a decision of ours that a clinician must confirm."""
        return tuple(rule for rule in self.protocol.rules if rule.interpretation)

    @cached_property
    def outdated(self) -> tuple[Rule, ...]:
        """The rules that cite a sentence which is no longer in its document."""
        return tuple(rule for rule in self.protocol.rules if self.changed(rule.sentences))

    def words(self, condition: Condition | None) -> str:
        """A condition as a sentence without a full stop; empty if there is none."""
        return "" if condition is None else rule_words(self.protocol, condition)

    def limits(self, rule: Rule) -> tuple[LimitTable, ...]:
        """The limits of a rule, tried out."""
        return limit_tables(self.protocol, rule)

    def gets(self, rule: Rule) -> CaseResult | None:
        """A case whose person has the rule."""
        return who_gets(rule, self.cases)

    def just_misses(self, rule: Rule) -> CaseResult | None:
        """The case whose person comes nearest to the rule without having it."""
        return who_just_misses(self.protocol, rule, self.cases)

    def escalation_words(self, escalation: Escalation) -> str:
        """When several cards together reach a higher level."""
        at = self.protocol.levels[escalation.at_rank].word
        words = f"At least {count_words(escalation.count)} cards have a rule at “{at}” or more urgent"
        only_if = escalation.only_if
        return words if only_if is None else f"{words}, and also: {self.words(only_if)}"

    # questions

    @cached_property
    def card_of(self) -> Mapping[str, Card]:
        """Question id to the card that asks it."""
        return {name: card for card in self.protocol.cards for name in card.ask}

    @cached_property
    def screens(self) -> list[tuple[str, list[Question]]]:
        """Titles and questions as the interview asks them, the follow-ups of one list together."""
        protocol = self.protocol
        listed = {name for screen in protocol.screens for name in screen.questions}
        waiting = [name for name in protocol.questions if name not in listed]
        asked: set[str] = set()
        screens: list[tuple[str, list[Question]]] = []
        for screen in protocol.screens:
            own = [protocol.questions[name] for name in screen.questions]
            title = (screen.title or own[0].short).you
            screens.append((title, own))
            asked.update(screen.questions)
            followers: list[Question] = []
            while ready := [
                name for name in waiting if asked.issuperset(questions(protocol.questions[name].only_if))
            ]:
                followers += (protocol.questions[name] for name in ready)
                asked.update(ready)
                waiting = [name for name in waiting if name not in asked]
            if followers:
                screens.append((f"Follow-ups to “{title}”", followers))
        return screens

    # sentences

    def changed(self, sentences: Iterable[str]) -> list[str]:
        """Those of the sentences that are no longer in their document."""
        return [name for name in sentences if self.passages.sentences[name].state == "changed"]

    def text_of(self, sentence: Sentence) -> str:
        """The passage itself, if its document is at hand; else our words for it, or nothing."""
        return self.passages.sentences[sentence.id].text or sentence.point or ""

    def is_ours(self, sentence: Sentence) -> bool:
        """Whether `text_of` is in our words."""
        return sentence.point is not None and not self.passages.sentences[sentence.id].text

    @cached_property
    def sentences(self) -> Mapping[str, Sentence]:
        """Every sentence of every source, by id."""
        return {
            name: each for source in self.protocol.sources.values() for name, each in source.sentences.items()
        }

    @cached_property
    def uses(self) -> Mapping[str, list[Citation]]:
        """Sentence id to what cites it, each part once."""
        uses: dict[str, dict[tuple[str, str], Citation]] = {name: {} for name in self.sentences}
        for citation in citations(self.protocol):
            for name in citation.sentences:
                uses[name].setdefault((citation.kind, citation.id), citation)
        return {name: list(citing.values()) for name, citing in uses.items()}

    def reached(self, sentence: Sentence) -> Level | None:
        """The most urgent level of the rules that cite a sentence."""
        ranks = [citation.rank for citation in self.uses[sentence.id] if citation.kind == "rule"]
        return self.protocol.levels[max(ranks)] if ranks else None

    # findings and people

    def findings(self, kind: Kind) -> list[tuple[Finding, str]]:
        """Findings of one kind, each with the reason for accepting it, if it is accepted."""
        if self.checked is None or kind == "accepted":
            return list(self.checked.accepted) if self.checked else []
        every = self.checked.notes if kind == "note" else self.checked.findings
        return [(finding, "") for finding in every]

    def place(self, finding: Finding) -> str:
        """Where a finding is, from the rules folder, so that the pack is the same on every machine."""
        rules, file = self.protocol.folder.parent, Path(finding.file)
        shown = file.relative_to(rules).as_posix() if file.is_relative_to(rules) else file.name
        return f"{shown}, line {finding.line}" if finding.line else shown

    def person_of(self, finding: Finding) -> str:
        """The person whom a finding shows, in words; empty if it shows none."""
        answers = json.loads(finding.person) if finding.person else {}
        return self.person(answers) if answers else ""

    def person(self, answers: Mapping[str, Given]) -> str:
        """Somebody in words; of answers to what this protocol does not ask, just the names."""
        asked = self.protocol.questions
        words = in_words(self.protocol, {name: given for name, given in answers.items() if name in asked})
        others = [name for name in answers if name not in asked]
        return f"{words}; and answers to: {', '.join(others)}" if others else words


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
        checked: from `check`.
        gate: from `mutation_gate`.
        sources_dir: a folder with the source documents, under the file names in the source files. Their
            passages are then shown, and what has changed in them is marked.
        difference: what changes against the version before.
    """
    return Pack(
        protocol,
        checked,
        gate,
        difference,
        passages(protocol, sources_dir),
        sources_dir is not None,
        case_results(protocol),
    )
