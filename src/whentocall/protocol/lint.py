"""Checks between the files of a protocol: every name leads somewhere, every phrase fits its question."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from whentocall._text import hint, quote
from whentocall.errors import Finding
from whentocall.protocol.answer_types import between_steps, in_digits
from whentocall.protocol.conditions import Condition, Op, Test, TooManyTerms, questions, terms, tests
from whentocall.protocol.files import Files
from whentocall.protocol.phrases import parse_card_count
from whentocall.protocol.schema import Card, Case, Escalation, Level, Question, Rule
from whentocall.protocol.wording import Wording, place_fault
from whentocall.protocol.yaml_file import line_of

_REGION = frozenset(("emergency_number", "emergency_place"))
_PLACES = _REGION | {"who", "or_who"}


def findings(files: Files) -> list[Finding]:
    """Everything that does not fit together, in no particular order."""
    checks = _Checks(files)
    checks.check_frame()
    checks.check_sources()
    checks.check_screens()
    for card in files.cards:
        checks.check_card(card)
    checks.check_question_ids()
    for line in files.head.escalate:
        checks.check_escalation(line)
    return checks.findings


class _Checks:
    def __init__(self, files: Files) -> None:
        self.files = files
        self.questions = files.questions
        self.findings: list[Finding] = []
        self._head_file = files.head_file(files.name)
        self._sentences = {sentence for source in files.sources.values() for sentence in source.sentences}

    def _note(self, file: str, line: int, message: str, code: str) -> None:
        self.findings.append(Finding(file, line, message, code))

    # names that lead somewhere

    def _check_level(self, file: str, line: int, level: str) -> bool:
        """Whether there is such a level."""
        levels = self.files.levels.levels
        if level not in levels:
            self._note(file, line, f"{quote(level)} is not a level{hint(level, levels)}", "unknown-level")
        return level in levels

    def _check_sentences(self, file: str, line: int, ids: Iterable[str]) -> None:
        for sentence in ids:
            if sentence not in self._sentences and self.files.all_sources:
                documents = ", ".join(self.files.sources)
                near = hint(sentence, self._sentences)
                message = f"{quote(sentence)} is not a sentence of {documents}{near}"
                self._note(file, line, message, "unknown-sentence")

    def _check_question_id(self, file: str, line: int, question: str) -> None:
        """Report an unknown question, unless a file that could not be read may be the one that asks it."""
        if (
            question not in self.questions
            and question not in self.files.lost_questions
            and self.files.all_cards
        ):
            near = hint(question, self.questions)
            message = f"there is no question {quote(question)} in this protocol{near}"
            self._note(file, line, message, "unknown-question")

    def _check_roles(self, file: str, line: int, used: Collection[str]) -> None:
        roles = {*self.files.levels.who, *self.files.head.who}
        for role in used:
            if role not in roles:
                message = f"{quote(role)} is not one of those under 'who': {', '.join(sorted(roles))}"
                self._note(file, line, message, "unknown-role")

    def _check_words(self, file: str, line: int, words: Wording, places: Collection[str] = ()) -> None:
        """Only what has places, such as `{who}`, may have braces: elsewhere they would be shown."""
        for text in dict.fromkeys((words.you, words.they)):
            if fault := place_fault(text, places):
                self._note(file, line, fault, "bad-placeholder")

    # around the cards

    def check_frame(self) -> None:
        """Levels, whom they name, the region, and the level for what is not known."""
        files, file, head = self.files, self._head_file, self.files.head
        if len(files.levels.levels) < 2:
            message = "there must be at least two levels, the last one for 'nothing to report'"
            self._note(files.levels_file, files.levels.line, message, "too-few-levels")
        for level in files.levels.levels.values():
            self._check_level_words(level)
        self._check_contacts()
        for who_file, who in ((files.levels_file, files.levels.who), (file, head.who)):
            for role, words in who.items():
                self._check_words(who_file, line_of(role), words, _REGION)
        line = line_of(head.when_unsettled, head.line)
        if self._check_level(file, line, head.when_unsettled) and head.when_unsettled == files.lowest:
            message = (
                f"'when_unsettled' is '{files.lowest}', so that not knowing would look like nothing to report"
            )
            self._note(file, line, message, "unsettled-too-low")
        if not head.layer and head.region is None:
            message = "'region' is missing: it names the place and its emergency number"
            self._note(file, head.line, message, "missing-key")

    def _check_level_words(self, level: Level) -> None:
        file = self.files.levels_file
        if level.id not in self.files.head.contacts:
            if level.id != self.files.lowest and not level.who:
                self._note(file, level.line, f"'{level.id}' says nobody to contact", "no-contact")
            self._check_roles(file, level.line, level.who)
        for words in (level.headline, level.how_soon, *level.first, level.watch):
            if words:
                self._check_words(file, level.line, words, _PLACES)

    def _check_contacts(self) -> None:
        """Whom the protocol itself names for its levels."""
        file, head = self._head_file, self.files.head
        for level, roles in head.contacts.items():
            line = line_of(level, head.line)
            if self._check_level(file, line, level) and level != self.files.lowest and not roles:
                self._note(file, line, f"'{level}' says nobody to contact", "no-contact")
            for role in roles:
                self._check_roles(file, line_of(role, line), (role,))

    def check_sources(self) -> None:
        """Sentences: ids of their own, something said of each."""
        seen: dict[str, str] = {}
        for document, source in self.files.sources.items():
            file = self.files.source_file(document)
            for sentence in source.sentences.values():
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

    def check_screens(self) -> None:
        """What is asked together, by layers too."""
        seen: set[str] = set()
        for name, head in self.files.heads.items():
            file = self.files.head_file(name)
            for screen in head.screens:
                for question in screen.questions:
                    self._check_question_id(file, screen.line, question)
                    asked = self.questions.get(question)
                    if asked and len(screen.questions) > 1 and asked.answer.kind != "yes-no":
                        message = f"'{question}' is not a yes/no question, so it needs a screen of its own"
                        self._note(file, screen.line, message, "mixed-screen")
                    if question in seen:
                        message = f"{quote(question)} is on two screens; keep one"
                        self._note(file, screen.line, message, "duplicate-question")
                    seen.add(question)

    def check_escalation(self, line: Escalation) -> None:
        """That it can be reached, and raises something."""
        file, files = self._head_file, self.files
        self._check_words(file, line.line, line.because)
        self._check_condition(file, line.only_if)
        self._check_sentences(file, line.line, line.sentences)
        if next(other for other in files.head.escalate if other.name == line.name) is not line:
            message = f"two escalations are named '{line.name}': give one a new name"
            self._note(file, line.line, message, "duplicate-escalation")
        ranks = list(reversed(files.levels.levels))
        count, level = parse_card_count(line.when) or (0, "")
        fault = None
        if level not in ranks or line.to not in ranks:
            known = ", ".join(reversed(ranks))
            fault = (
                f"to {quote(line.to)} is not understood: "
                f"write 'at least 2 cards at LEVEL' and a level of {known}"
            )
        elif count < 1 or level == files.lowest:
            fault = "would always hold: count from 1, at a level above the lowest"
        elif count > len(files.cards) and files.all_cards and not files.lost_questions:
            fault = f"would never hold: there are {len(files.cards)} cards"
        elif ranks.index(line.to) <= ranks.index(level):
            fault = f"raises nothing: {quote(line.to)} is not above {quote(level)}"
        if fault:
            self._note(file, line.line, f"{quote(line.when)} {fault}", "bad-escalation")

    # cards

    def check_card(self, id_: str) -> None:
        """Everything in one card."""
        card, file = self.files.cards[id_], self.files.card_file(id_)
        document, sources = card.source.document, self.files.sources
        if document not in sources and self.files.all_sources:
            message = f"{quote(document)} is not among the protocol's documents{hint(document, sources)}"
            self._note(file, card.source.line, message, "unknown-document")
        if not card.rules and not card.ask:
            self._note(file, card.line, "this card asks nothing and has no rules", "empty-card")
        for question in card.ask.values():
            self._check_question(file, question)
        for rule in card.rules.values():
            self._check_rule(file, rule)
        for line in card.self_care:
            self._check_words(file, line.line, line.text)
            self._check_condition(file, line.when)
            self._check_condition(file, line.unless)
            self._check_sentences(file, line.line, line.sentences)
        self._check_cases(file, card)

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
        if circle := self._circle(question.id):
            message = f"'only_if' and 'not_reassuring_if' go round in a circle: {' -> '.join(circle)}"
            self._note(file, question.line, message, "circle")

    def _circle(self, start: str) -> list[str]:
        """The way from a question back to itself, if what it depends on depends on it."""
        waiting, seen = [[start]], set[str]()
        while waiting:
            path = waiting.pop()
            question = self.questions.get(path[-1])
            conditions = (question.only_if, question.not_reassuring_if) if question else ()
            for nearer in (id_ for condition in conditions for id_ in questions(condition)):
                if nearer == start:
                    return [*path, start]
                if nearer not in seen:
                    seen.add(nearer)
                    waiting.append([*path, nearer])
        return []

    def check_question_ids(self) -> None:
        """No two cards ask the same."""
        owner: dict[str, str] = {}
        for id_, card in self.files.cards.items():
            file = self.files.card_file(id_)
            for question in card.ask.values():
                if owner.setdefault(question.id, file) != file:
                    first = owner[question.id]
                    message = f"the question '{question.id}' is asked in {first} already: give one a new id"
                    self._note(file, question.line, message, "duplicate-question")

    def _check_rule(self, file: str, rule: Rule) -> None:
        self._check_level(file, rule.line, rule.level)
        self._check_words(file, rule.line, rule.because)
        if rule.level == self.files.lowest:
            message = f"'{rule.level}' means nothing to report: a rule must reach a level above it"
            self._note(file, rule.line, message, "rule-at-lowest")
        self._check_condition(file, rule.when)
        self._check_sentences(file, rule.line, rule.sentences)
        try:
            terms(rule.when)
        except TooManyTerms as error:
            self._note(file, rule.line, str(error), "too-many-ways")

    def _check_cases(self, file: str, card: Card) -> None:
        seen: set[str] = set()
        for case in card.cases:
            self._check_case(file, case)
            if case.name in seen:
                message = (
                    f"two cases are named {quote(case.name)}: a case's name says what is particular to it"
                )
                self._note(file, case.line, message, "duplicate-case")
            seen.add(case.name)

    def _check_case(self, file: str, case: Case) -> None:
        given, expect = case.given if case.given is not None else case.given_only or {}, case.expect
        for question in (*given, *expect.settle, *expect.contradictions):
            self._check_question_id(file, case.line, question)
        for level in (expect.level, expect.at_least, expect.could_be, *expect.levels_of.values()):
            if level is not None:
                self._check_level(file, expect.line, level)

    # conditions

    def _check_condition(self, file: str, condition: Condition | None) -> None:
        for test in tests(condition) if condition else ():
            question = self.questions.get(test.question)
            if question is None:
                self._check_question_id(file, test.line, test.question)
                continue
            for message, code in _test_faults(test, question):
                self._note(file, test.line, message, code)


def _test_faults(test: Test, question: Question) -> Iterator[tuple[str, str]]:
    """How a comparison does not fit the answers to its question, and the code for that."""
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
        yield from _number_faults(test, question)


def _number_faults(test: Test, question: Question) -> Iterator[tuple[str, str]]:
    answer, value = question.answer, test.value
    assert isinstance(value, int | float)
    allowed = {answer.unit} if answer.unit else {None, "days"} if answer.kind == "days" else {None}
    if test.unit not in allowed:
        right = " or ".join(f"'{unit}'" if unit else "no unit" for unit in sorted(allowed, key=str))
        stands = quote(test.unit or "no unit")
        yield f"'{test.question}' has {right}, not {stands}", "wrong-unit"
        return  # in another unit it would be another number
    if between_steps(value, answer):
        shown = in_digits(value)
        message = f"{shown} lies between two steps of '{test.question}', which goes by {answer.step:g}"
        yield message, "limit-between-steps"
    if test.op is Op.IS:
        outcomes = {True, False} if answer.low <= value <= answer.high else {False}
    else:
        outcomes = {test.holds(answer.low), test.holds(answer.high)}
    if len(outcomes) == 1:
        outcome = "always" if outcomes == {True} else "never"
        span = f"goes from {in_digits(answer.low)} to {in_digits(answer.high)}"
        yield f"this would {outcome} hold: '{test.question}' {span}", "limit-out-of-range"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
