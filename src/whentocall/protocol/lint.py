"""Checks between the files of a protocol: every name leads somewhere, every phrase fits its question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whentocall._text import hint, quote
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
from whentocall.protocol.frame_checks import level_fault, place_findings
from whentocall.protocol.model import Case, Escalation, Question, Rule
from whentocall.protocol.phrases import between_steps, in_digits, parse_card_count
from whentocall.protocol.protocol import PlacedCard
from whentocall.protocol.reading import ReadFiles
from whentocall.protocol.wording import Wording


class CrossChecks:
    """One protocol's files, read; `findings` says what in its cards does not fit together.

    `questions` (id to question), `terms` (by `id` of the rule object) and `escalations` (each with its
    number of cards and their level) are there once `findings` ran.
    """

    def __init__(self, files: ReadFiles) -> None:
        self.files = files
        self.questions: dict[str, Question] = {}
        self.terms: dict[int, tuple[Term, ...]] = {}
        self.escalations: list[tuple[Escalation, int, str]] = []
        self._sentences = {one for source in files.sources.values() for one in source.sentences}
        self._found: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Every finding, in no particular order."""
        self._collect_questions()
        for card in self.files.cards:
            self._check_card(card)
        self._check_circles()
        for line in self.files.head.escalate:
            self._check_escalation(self.files.head_file(self.files.name), line)
        return self._found

    def _note(self, file: str, line: int, message: str, code: str) -> None:
        self._found.append(Finding(file, line, message, code))

    # names that lead somewhere

    def _check_level(self, file: str, line: int, level: str) -> None:
        if fault := level_fault(level, self.files):
            self._note(file, line, fault, "unknown-level")

    def _check_sentences(self, file: str, line: int, ids: Iterable[str]) -> None:
        for one in ids:
            if one not in self._sentences and self.files.all_sources:
                documents = ", ".join(self.files.sources)
                message = f"{quote(one)} is not a sentence of {documents}{hint(one, self._sentences)}"
                self._note(file, line, message, "unknown-sentence")

    def _unknown_question(self, one: str) -> str | None:
        """What is wrong with the name of a question; nothing where a file that may ask it has findings."""
        if one in self.questions or one in self.files.lost_questions or not self.files.all_cards:
            return None
        return f"there is no question {quote(one)} in this protocol{hint(one, self.questions)}"

    def _check_words(self, file: str, line: int, words: Wording) -> None:
        """Words in cards have no places to fill: a brace would be shown as it stands."""
        self._found.extend(place_findings(file, line, words, ()))

    # escalations

    def _check_escalation(self, file: str, line: Escalation) -> None:
        self._check_condition(file, line.only_if)
        self._check_sentences(file, line.line, line.sentences)
        ranks = list(reversed(self.files.levels.levels))
        counted = parse_card_count(line.when)
        if not counted or counted[1] not in ranks or line.to not in ranks:
            known = ", ".join(reversed(ranks))
            message = (
                f"{quote(line.when)} to {quote(line.to)} is not understood: "
                f"write 'at least 2 cards at LEVEL' and a level of {known}"
            )
            self._note(file, line.line, message, "bad-escalation")
            return
        count, level = counted
        fault = None
        if count < 1 or level == self.files.lowest:
            fault = "would always hold: count from 1, at a level above the lowest"
        elif count > len(self.files.cards) and self.files.all_cards and not self.files.lost_questions:
            fault = f"would never hold: there are {len(self.files.cards)} cards"
        elif ranks.index(line.to) <= ranks.index(level):
            fault = f"raises nothing: {quote(line.to)} is not above {quote(level)}"
        if fault:
            self._note(file, line.line, f"{quote(line.when)} {fault}", "bad-escalation")
        self.escalations.append((line, count, level))

    # cards

    def _collect_questions(self) -> None:
        owner: dict[str, PlacedCard] = {}
        for card in self.files.cards:
            for question in card.card.ask.values():
                if question.id in owner:
                    first = owner[question.id].file
                    message = f"the question '{question.id}' is asked in {first} already: give one a new id"
                    self._note(card.file, question.line, message, "duplicate-question")
                else:
                    owner[question.id] = card
                    self.questions[question.id] = question

    def _check_card(self, card: PlacedCard) -> None:
        document = card.card.source.document
        if document not in self.files.sources and self.files.all_sources:
            known = self.files.sources
            message = f"{quote(document)} is not among the protocol's documents{hint(document, known)}"
            self._note(card.file, card.card.source.line, message, "unknown-document")
        if not card.card.rules and not card.card.ask:
            self._note(card.file, card.card.line, "this card asks nothing and has no rules", "empty-card")
        for question in card.card.ask.values():
            self._check_question(card.file, question)
        for rule in card.card.rules.values():
            self._check_rule(card.file, rule)
            self._check_words(card.file, rule.line, rule.because)
        for line in card.card.self_care:
            self._check_words(card.file, line.line, line.text)
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
        if rule.level == self.files.lowest:
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
            if fault := self._unknown_question(test.question):
                yield fault, "unknown-question"
            return
        kind = question.answer.kind
        wrong = {
            "yes-no": None if isinstance(test.value, bool) else "'yes' or 'no'",
            "one-of": None if isinstance(test.value, str) else "'is CHOICE' or 'one of [A, B]'",
        }.get(kind, None if _is_number(test.value) else "a comparison such as 'at least 4'")
        if wrong:
            yield f"'{test.question}' is answered by {question.answer}: write {wrong}", "phrase-does-not-fit"
        elif kind == "one-of" and test.value not in question.options:
            near = hint(str(test.value), question.options)
            yield f"{quote(test.value)} is not a choice of '{test.question}'{near}", "unknown-choice"
        elif question.answer.is_number:
            yield from self._number_faults(test, question)

    def _number_faults(self, test: Test, question: Question) -> Iterator[tuple[str, str]]:
        answer, value = question.answer, test.value
        assert isinstance(value, int | float)
        allowed = {answer.unit} if answer.unit else {None, "days"} if answer.kind == "days" else {None}
        if test.unit not in allowed:
            right = " or ".join(f"'{unit}'" if unit else "no unit" for unit in sorted(allowed, key=str))
            stands = quote(test.unit or "no unit")
            yield f"'{test.question}' has {right}, here stands {stands}", "wrong-unit"
            return  # in another unit it would be another number
        if between_steps(value, answer):
            shown = in_digits(value)
            message = f"{shown} lies between two steps of '{test.question}', which goes by {answer.step:g}"
            yield message, "limit-between-steps"
        span = f"goes from {in_digits(answer.low)} to {in_digits(answer.high)}"
        decided = {test.holds(answer.low), test.holds(answer.high)}
        if test.op is Op.IS:
            decided = {answer.low <= value <= answer.high, True}
        if decided == {False} or (decided == {True} and test.op is not Op.IS):
            outcome = "always" if decided == {True} else "never"
            yield f"this would {outcome} hold: '{test.question}' {span}", "limit-out-of-range"
        elif test.op is Op.IS and decided == {False, True}:
            yield f"this would never hold: '{test.question}' {span}", "limit-out-of-range"

    def _check_case(self, card: PlacedCard, case: Case) -> None:
        given = case.given if case.given is not None else case.given_only or {}
        named = [*given, *case.expect.settle, *case.expect.contradictions]
        for one in named:
            if fault := self._unknown_question(one):
                self._note(card.file, case.line, fault, "unknown-question")
        levels = (case.expect.level, case.expect.at_least, case.expect.could_be)
        for level in (*levels, *case.expect.levels_of.values()):
            if level is not None:
                self._check_level(card.file, case.expect.line, level)

    def _check_case_names(self, card: PlacedCard) -> None:
        seen: set[str] = set()
        for case in card.card.cases:
            if case.name in seen:
                message = (
                    f"two cases are named {quote(case.name)}: a case's name says what is particular to it"
                )
                self._note(card.file, case.line, message, "duplicate-case")
            seen.add(case.name)

    # the order of asking

    def _check_circles(self) -> None:
        for card in self.files.cards:
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


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
