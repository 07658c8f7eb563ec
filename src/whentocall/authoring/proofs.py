"""Claims about a rule set, proved for every person, or refuted by one.

Each function takes what a protocol means as formulas, and yields a finding with the smallest person that
it can show. No person, no finding: then the claim is proved. Where the solver gives up, that is a finding
too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from whentocall.authoring.bands import critical_values
from whentocall.authoring.coverage import all_conditions
from whentocall.authoring.formulas import (
    Formula,
    Meaning,
    Person,
    Solver,
    Undecided,
    all_of,
    implies,
    none_of,
)
from whentocall.authoring.people import in_words, person_json
from whentocall.engine.spelling import Given
from whentocall.errors import Finding
from whentocall.protocol.conditions import Op, Value, tests
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import PlacedCard, PlacedRule, Protocol

Proof = Callable[["Claims"], Iterator[Finding]]


@dataclass(frozen=True)
class Claims:
    """A protocol's meaning, and a solver that knows what people without contradictions are like."""

    meaning: Meaning
    complete: Solver
    anybody: Solver

    @classmethod
    def of(cls, protocol: Protocol) -> Claims:
        """Prepare the proofs about a protocol."""
        meaning = Meaning(protocol, Person())
        facts = meaning.consistent()
        return cls(meaning, Solver([*facts, *meaning.complete()]), Solver(facts))

    @property
    def protocol(self) -> Protocol:
        """The protocol that the claims are about."""
        return self.meaning.protocol


def proof_findings(protocol: Protocol) -> Iterator[Finding]:
    """Every finding of every proof."""
    claims = Claims.of(protocol)
    proofs: tuple[Proof, ...] = (
        every_rule_can_fire,
        no_rule_is_swallowed,
        every_question_can_be_asked,
        a_symptom_never_lowers,
        a_worse_number_never_lowers,
        not_knowing_never_lowers,
        an_early_stop_is_safe,
    )
    for proof in proofs:
        try:
            yield from proof(claims)
        except Undecided as error:
            message = f"'{proof.__name__.replace('_', ' ')}' could be neither proved nor refuted ({error})"
            yield Finding(str(protocol.folder), 0, message, "not-proved")


def every_rule_can_fire(claims: Claims) -> Iterator[Finding]:
    """For each rule there is somebody whom it holds for."""
    for rule in claims.protocol.rules:
        if claims.complete.find(claims.meaning.rules[rule.id].surely) is None:
            message = f"'{rule.rule.id}' can never hold: nobody can give these answers together"
            yield _about_rule(
                rule, message, "never-fires", "look for a limit or a follow-up that rules it out"
            )


def no_rule_is_swallowed(claims: Claims) -> Iterator[Finding]:
    """For each rule there is somebody whom no other rule puts at its level or higher."""
    surely = {one: truths.surely for one, truths in claims.meaning.rules.items()}
    for rule in claims.protocol.rules:
        others = [one for one in claims.protocol.rules if one is not rule and one.rank >= rule.rank]
        alone = [surely[rule.id], none_of(surely[one.id] for one in others)]
        if claims.complete.find(*alone) is not None:
            continue
        person = claims.complete.smallest(claims.meaning, surely[rule.id])
        if person is None:
            continue  # it never holds at all, which is another finding
        by = _swallowing(claims, rule, others)
        message = f"'{rule.rule.id}' changes nobody's level: {by} always hold as well, at its level or higher"
        suggestion = "remove it, or waive this with the reason why it is kept"
        yield _about_rule(rule, message, "swallowed", suggestion, person)


def _swallowing(claims: Claims, rule: PlacedRule, others: list[PlacedRule]) -> str:
    """The fewest rules found that together hold whenever `rule` does."""
    needed = list(others)
    surely = {one: truths.surely for one, truths in claims.meaning.rules.items()}
    for other in others:
        fewer = [one for one in needed if one is not other]
        if claims.complete.find(surely[rule.id], none_of(surely[one.id] for one in fewer)) is None:
            needed = fewer
    names = [f"'{one.card.id.split('/')[-1]}/{one.rule.id}'" for one in needed]
    return names[0] if len(names) == 1 else "one or more of " + ", ".join(names)


def every_question_can_be_asked(claims: Claims) -> Iterator[Finding]:
    """For each follow-up there is somebody who is asked it."""
    for card, question in _questions(claims.protocol):
        applies = claims.meaning.applies(question).surely
        if question.only_if is not None and claims.anybody.find(applies) is None:
            message = f"'{question.id}' is never asked: its 'only_if' can never hold"
            yield Finding(card.file, question.line, message, "never-asked", about=question.id)


def a_symptom_never_lowers(claims: Claims) -> Iterator[Finding]:
    """Turning a "no" into a "yes" never lowers the level shown, whatever the follow-ups then say."""
    for card, question in _questions(claims.protocol):
        if question.answer.kind != "yes-no" or question.context:
            continue
        if _only_worsens(claims.protocol, question):
            continue
        pair = _Pair.of(claims, question)
        before = [pair.one.person.known(question), none_of([pair.one.person.value(question)])]
        after = [pair.other.person.known(question), pair.other.person.value(question)]
        yield from pair.lowered(claims, card, question, [*before, *after], "a 'yes'")


def a_worse_number_never_lowers(claims: Claims) -> Iterator[Finding]:
    """A number further from its usual value never lowers the level; without one, a higher number."""
    for card, question in _questions(claims.protocol):
        if not question.answer.is_number or question.context:
            continue
        if question.usual is None and _only_worsens(claims.protocol, question):
            continue
        pair = _Pair.of(claims, question)
        first, then = pair.one.person.value(question), pair.other.person.value(question)
        usual = pair.one.person.usual(question)
        higher = [then > first] if usual is None else [then > first, first >= usual]
        directions = [("a higher number", higher)]
        if usual is not None:
            directions.append(("a lower number", [then < first, first <= usual]))
        known = [pair.one.person.known(question), pair.other.person.known(question)]
        for words, facts in directions:
            yield from pair.lowered(claims, card, question, [*known, *facts], words)


def _only_worsens(protocol: Protocol, question: Question) -> bool:
    """Whether every comparison with the question can only come true as its answer gets worse.

    That alone proves the claim: without "not", a condition then only comes true, never false. The solver
    is for the others ("no", "at most", choices).
    """
    asked = (test for one in all_conditions(protocol) for test in tests(one) if test.question == question.id)
    return all(test.value is True or test.op in (Op.ABOVE, Op.AT_LEAST) for test in asked)


def not_knowing_never_lowers(claims: Claims) -> Iterator[Finding]:
    """Nobody is shown less for not knowing an answer than every answer would show.

    Where each value of a question is urgent by some rule, "don't know" makes none of them hold.
    """
    meaning = claims.meaning
    for card, question in _questions(claims.protocol):
        if question.context:
            continue
        cells = [
            meaning.supposing(meaning.shown, question, cell) > meaning.shown
            for cell in _cells(claims.protocol, question)
        ]
        unknown = none_of([meaning.person.known(question)])
        asked = meaning.applies(question).surely
        person = claims.anybody.smallest(meaning, unknown, asked, all_of(cells))
        if person is not None:
            message = (
                f"whatever the answer to '{question.id}' is, it is more urgent than not knowing it, for "
            )
            finding = _about_question(
                card, question, message + _who(claims, person), "not-knowing-lowers", person
            )
            yield replace(finding, suggestion="add a rule that holds without this answer, at that level")


def _cells(protocol: Protocol, question: Question) -> Sequence[Value]:
    """Values that stand for every value: both, each choice, or the limits and their neighbours."""
    if question.answer.is_number:
        return critical_values(protocol, question)
    return list(question.options) if question.options else [True, False]


def an_early_stop_is_safe(claims: Claims) -> Iterator[Finding]:
    """Where the interview stops early, nothing that could still be answered shows another level."""
    protocol = claims.protocol
    best = Meaning(protocol, claims.meaning.person, not_asked="best")
    worst = Meaning(protocol, claims.meaning.person, not_asked="worst")
    then = Meaning(protocol, Person("then"))
    solver = Solver([*best.consistent(), *then.consistent()])
    for question in protocol.questions.values():
        asked = best.person.was_asked(question)
        solver.add(
            implies(best.person.known(question), asked),
            implies(asked, same(question, best.person, then.person)),
            # a follow-up is asked only where its opener says so, not where that is not known
            implies(all_of([none_of([asked]), then.person.known(question)]), then.applies(question).surely),
        )
    person = solver.smallest(best, best.shown == worst.shown, then.shown != best.shown)
    if person is not None:
        message = f"the interview would stop too early for {_who(claims, person)}"
        file = f"{protocol.folder}/protocol.yaml"
        yield Finding(file, protocol.head.line, message, "unsafe-stop", person=person_json(person))


def same(question: Question, one: Person, other: Person) -> Formula:
    """Two people give the same answer to a question, or both do not know."""
    alike = implies(one.known(question), one.value(question) == other.value(question))
    return all_of([one.known(question) == other.known(question), alike])


@dataclass(frozen=True)
class _Pair:
    """Two people alike but for one question, and for follow-ups that only the second is asked."""

    one: Meaning
    other: Meaning
    solver: Solver

    @classmethod
    def of(cls, claims: Claims, question: Question) -> _Pair:
        one, other = claims.meaning, Meaning(claims.protocol, Person("other"))
        solver = Solver([*one.consistent(), *other.consistent()])
        for each in claims.protocol.questions.values():
            if each is not question:
                applied = one.applies(each).possibly
                applies = other.applies(each).possibly
                solver.add(implies(all_of([applied, applies]), same(each, one.person, other.person)))
        return cls(one, other, solver)

    def lowered(
        self,
        claims: Claims,
        card: PlacedCard,
        question: Question,
        facts: Iterable[Formula],
        words: str,
    ) -> Iterator[Finding]:
        """A finding if, under `facts`, the second person is shown less than the first."""
        wanted = [*facts, self.other.shown < self.one.shown]
        person = self.solver.smallest(self.one, *wanted)
        if person is not None:
            message = f"{words} to '{question.id}' lowers the level of {_who(claims, person)}"
            yield _about_question(card, question, message, "worse-lowers", person)


def _questions(protocol: Protocol) -> Iterator[tuple[PlacedCard, Question]]:
    for card in protocol.cards:
        for question in card.card.ask.values():
            yield card, question


def _who(claims: Claims, person: Mapping[str, Given]) -> str:
    return f"somebody with: {in_words(claims.protocol, person)}"


def _about_rule(
    rule: PlacedRule,
    message: str,
    code: str,
    suggestion: str,
    person: Mapping[str, Given] | None = None,
) -> Finding:
    return Finding(
        rule.card.file,
        rule.rule.line,
        message,
        code,
        about=rule.rule.id,
        person=person_json(person) if person else "",
        suggestion=suggestion,
    )


def _about_question(
    card: PlacedCard, question: Question, message: str, code: str, person: Mapping[str, Given]
) -> Finding:
    return Finding(card.file, question.line, message, code, about=question.id, person=person_json(person))
