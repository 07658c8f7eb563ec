"""Checks between the files of a protocol: every name leads somewhere, every phrase fits its question."""

from __future__ import annotations

import difflib
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from whentocall.errors import Finding
from whentocall.protocol.conditions import (
    Condition,
    Op,
    Term,
    Test,
    TooManyTerms,
    questions,
    terms,
    tests,
)
from whentocall.protocol.models import Case, LevelsFile, ProtocolFile, Question, Rule, Source
from whentocall.protocol.protocol import PlacedCard
from whentocall.protocol.wording import Wording

_REGION = frozenset(("emergency_number", "emergency_place"))
_PLACES = _REGION | {"who", "or_who"}


class CrossChecks:
    """One protocol's files, read; `findings` says what does not fit together.

    `questions` (id to question) and `terms` (by `id` of the rule object) are there once `findings` ran.
    """

    def __init__(
        self,
        *,
        file: str,
        head: ProtocolFile,
        levels_file: str,
        levels: LevelsFile,
        cards: Sequence[PlacedCard],
        sources: Mapping[str, Source],
        unread_sources: Sequence[str],
    ) -> None:
        self.file = file
        self.head = head
        self.levels_file = levels_file
        self.levels = levels
        self.cards = cards
        self.sources = sources
        self.unread_sources = unread_sources
        self.questions: dict[str, Question] = {}
        self.terms: dict[int, tuple[Term, ...]] = {}
        self._found: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Every finding, in no particular order."""
        self._collect_questions()
        self._check_levels()
        self._check_sources()
        for card in self.cards:
            self._check_card(card)
        self._check_circles()
        self._check_screens()
        for line in self.head.escalate:
            self._check_condition(self.file, line.only_if)
            self._check_sentences(self.file, line.line, line.sentences)
        return self._found

    def _note(self, file: str, line: int, message: str, code: str) -> None:
        self._found.append(Finding(file, line, message, code))

    def _collect_questions(self) -> None:
        owner: dict[str, PlacedCard] = {}
        for card in self.cards:
            for question in card.card.ask.values():
                if question.id in owner:
                    first = owner[question.id].file
                    message = f"the question '{question.id}' is asked in {first} already: give one a new id"
                    self._note(card.file, question.line, message, "duplicate-question")
                else:
                    owner[question.id] = card
                    self.questions[question.id] = question

    # levels and words

    def _check_levels(self) -> None:
        levels = list(self.levels.levels.values())
        if len(levels) < 2:
            message = "there must be at least two levels, the last one for 'nothing to report'"
            self._note(self.levels_file, self.levels.line, message, "too-few-levels")
        roles = {*self.levels.who, *self.head.who}
        for level in levels:
            used = self.head.contacts.get(level.id, level.who)
            if level is not levels[-1] and not used:
                self._note(self.levels_file, level.line, f"'{level.id}' says nobody to contact", "no-contact")
            for role in used:
                if role not in roles:
                    message = f"'{role}' is not one of those under 'who': {', '.join(sorted(roles))}"
                    self._note(self.levels_file, level.line, message, "unknown-role")
            words = [level.headline, level.how_soon, *level.first, *([level.watch] if level.watch else [])]
            for wording in words:
                self._check_places(self.levels_file, level.line, wording, _PLACES)
        self._check_roles()
        self._check_level(self.file, self.head.line, self.head.when_unsettled)
        for level_id in self.head.contacts:
            self._check_level(self.file, self.head.line, level_id)
        if not self.head.layer and self.head.region is None:
            message = "'region' is missing: it names the place and its emergency number"
            self._note(self.file, self.head.line, message, "missing-key")

    def _check_roles(self) -> None:
        for file, line, named in (
            (self.levels_file, self.levels.line, self.levels.who),
            (self.file, self.head.line, self.head.who),
        ):
            for wording in named.values():
                self._check_places(file, line, wording, _REGION)

    def _check_places(self, file: str, line: int, wording: Wording, allowed: frozenset[str]) -> None:
        for text in dict.fromkeys((wording.you, wording.they)):
            try:
                names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            except ValueError:
                names = {text}
            if wrong := names - allowed:
                known = ", ".join(sorted("{" + place + "}" for place in allowed))
                message = f"'{{{min(wrong)}}}' is not known: use {known}"
                self._note(file, line, message, "bad-placeholder")

    def _check_level(self, file: str, line: int, level: str) -> None:
        if level not in self.levels.levels:
            message = f"'{level}' is not a level{_hint(level, self.levels.levels)}"
            self._note(file, line, message, "unknown-level")

    # sources

    def _check_sources(self) -> None:
        seen: dict[str, str] = {}
        for document, source in self.sources.items():
            for sentence in source.sentences.values():
                file = f"sources/{document}.yaml"
                if sentence.id in seen:
                    message = f"the id '{sentence.id}' is used in {seen[sentence.id]} too: ids are unique"
                    self._note(file, sentence.line, message, "duplicate-sentence")
                seen[sentence.id] = document
                if (sentence.sha256 is None) == (sentence.point is None):
                    message = (
                        f"'{sentence.id}' needs either 'sha256' (of its normalised text) or, where the "
                        "text is not held, 'point' (what it says, in our words)"
                    )
                    self._note(file, sentence.line, message, "sentence-without-text")
                if sentence.contact is not None:
                    self._check_level(file, sentence.line, sentence.contact)

    def _check_sentences(self, file: str, line: int, ids: Iterable[str]) -> None:
        if self.unread_sources:
            return
        known = [one for source in self.sources.values() for one in source.sentences]
        for one in ids:
            if one not in known:
                message = f"'{one}' is not a sentence of {', '.join(self.sources)}{_hint(one, known)}"
                self._note(file, line, message, "unknown-sentence")

    # cards

    def _check_card(self, card: PlacedCard) -> None:
        document = card.card.source.document
        if document not in self.sources and document not in self.unread_sources:
            message = f"'{document}' is not among the protocol's documents{_hint(document, self.sources)}"
            self._note(card.file, card.card.source.line, message, "unknown-document")
        if not card.card.rules and not card.card.ask:
            self._note(card.file, card.card.line, "this card asks nothing and has no rules", "empty-card")
        for question in card.card.ask.values():
            self._check_question(card.file, question)
        for rule in card.card.rules.values():
            self._check_rule(card.file, rule)
        for line in card.card.self_care:
            self._check_condition(card.file, line.when)
            self._check_condition(card.file, line.unless)
            self._check_sentences(card.file, line.line, line.sentences)
        for case in card.card.cases:
            self._check_case(card, case)
        self._check_case_names(card)

    def _check_question(self, file: str, question: Question) -> None:
        self._check_condition(file, question.only_if)
        self._check_condition(file, question.not_reassuring_if)
        self._check_sentences(file, question.line, question.sentences)
        if question.answer.kind == "one-of" and len(question.options) < 2:
            message = f"'{question.id}' is 'one of', so it needs 'options' with at least two choices"
            self._note(file, question.line, message, "no-options")
        if question.answer.kind != "one-of" and question.options:
            message = f"'{question.id}' has 'options', so its answer should be 'one of'"
            self._note(file, question.line, message, "stray-options")

    def _check_rule(self, file: str, rule: Rule) -> None:
        self._check_level(file, rule.line, rule.level)
        lowest = next(reversed(self.levels.levels), None)
        if rule.level == lowest:
            message = f"'{rule.level}' means nothing to report: a rule must reach a level above it"
            self._note(file, rule.line, message, "rule-at-lowest")
        self._check_condition(file, rule.when)
        self._check_sentences(file, rule.line, rule.sentences)
        try:
            self.terms[id(rule)] = terms(rule.when)
        except TooManyTerms as error:
            self._note(file, rule.line, str(error), "too-many-ways")

    def _check_condition(self, file: str, condition: Condition | None) -> None:
        for test in tests(condition) if condition else ():
            for message, code in self._test_faults(test):
                self._note(file, test.line, message, code)

    def _test_faults(self, test: Test) -> Iterator[tuple[str, str]]:
        question = self.questions.get(test.question)
        if question is None:
            hint = _hint(test.question, self.questions)
            yield f"there is no question '{test.question}' in this protocol{hint}", "unknown-question"
            return
        kind = question.answer.kind
        wrong = {
            "yes-no": None if isinstance(test.value, bool) else "'yes' or 'no'",
            "one-of": None if isinstance(test.value, str) else "'is CHOICE' or 'one of [A, B]'",
        }.get(kind, None if _is_number(test.value) else "a comparison such as 'at least 4'")
        if wrong:
            yield f"'{test.question}' is answered by {question.answer}: write {wrong}", "phrase-does-not-fit"
        elif kind == "one-of" and test.value not in question.options:
            hint = _hint(str(test.value), question.options)
            yield f"'{test.value}' is not a choice of '{test.question}'{hint}", "unknown-choice"
        elif question.answer.is_number:
            yield from self._number_faults(test, question)

    def _number_faults(self, test: Test, question: Question) -> Iterator[tuple[str, str]]:
        answer, value = question.answer, test.value
        assert isinstance(value, int | float)
        allowed = {answer.unit} if answer.unit else {None, "days"} if answer.kind == "days" else {None}
        if test.unit not in allowed:
            right = f"'{answer.unit}'" if answer.unit else "no unit"
            yield f"'{test.question}' has {right}, here stands '{test.unit or 'no unit'}'", "wrong-unit"
        if Fraction(str(value)) % Fraction(str(answer.step)):
            message = f"{value:g} lies between two steps of '{test.question}', which goes by {answer.step:g}"
            yield message, "limit-between-steps"
        decided = {test.holds(answer.low), test.holds(answer.high)}
        if test.op is Op.IS:
            decided = {answer.low <= value <= answer.high, True}
        if decided == {False} or (decided == {True} and test.op is not Op.IS):
            outcome = "always" if decided == {True} else "never"
            message = (
                f"this would {outcome} hold: '{test.question}' goes from {answer.low:g} to {answer.high:g}"
            )
            yield message, "limit-out-of-range"
        elif test.op is Op.IS and decided == {False, True}:
            message = f"this would never hold: '{test.question}' goes from {answer.low:g} to {answer.high:g}"
            yield message, "limit-out-of-range"

    def _check_case(self, card: PlacedCard, case: Case) -> None:
        given = case.given if case.given is not None else case.given_only or {}
        named = [*given, *case.expect.settle, *case.expect.contradictions]
        for one in named:
            if one not in self.questions:
                message = f"there is no question '{one}' in this protocol{_hint(one, self.questions)}"
                self._note(card.file, case.line, message, "unknown-question")
        levels = (case.expect.level, case.expect.at_least, case.expect.could_be)
        for level in (*levels, *case.expect.levels_of.values()):
            if level is not None:
                self._check_level(card.file, case.expect.line, level)

    def _check_case_names(self, card: PlacedCard) -> None:
        seen: set[str] = set()
        for case in card.card.cases:
            if case.name in seen:
                message = f"two cases are named '{case.name}': a case's name says what is particular to it"
                self._note(card.file, case.line, message, "duplicate-case")
            seen.add(case.name)

    # the order of asking

    def _check_circles(self) -> None:
        for card in self.cards:
            for question in card.card.ask.values():
                if path := self._circle(question.id):
                    message = f"'only_if' and 'not_reassuring_if' go round in a circle: {' -> '.join(path)}"
                    self._note(card.file, question.line, message, "circle")

    def _circle(self, start: str) -> list[str]:
        waiting, seen = [[start]], set[str]()
        while waiting:
            path = waiting.pop()
            question = self.questions.get(path[-1])
            conditions = (question.only_if, question.not_reassuring_if) if question else ()
            for nearer in (one for condition in conditions for one in questions(condition)):
                if nearer == start:
                    return [*path, start]
                if nearer not in seen:
                    seen.add(nearer)
                    waiting.append([*path, nearer])
        return []

    def _check_screens(self) -> None:
        seen: set[str] = set()
        for screen in self.head.screens:
            for one in screen.questions:
                if one not in self.questions:
                    message = f"there is no question '{one}' in this protocol{_hint(one, self.questions)}"
                    self._note(self.file, screen.line, message, "unknown-question")
                elif len(screen.questions) > 1 and self.questions[one].answer.kind != "yes-no":
                    message = f"'{one}' is not a yes/no question, so it needs a screen of its own"
                    self._note(self.file, screen.line, message, "mixed-screen")
                if one in seen:
                    message = f"'{one}' stands on two screens: keep one of them"
                    self._note(self.file, screen.line, message, "duplicate-question")
                seen.add(one)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean '{near[0]}'?" if near else ""
