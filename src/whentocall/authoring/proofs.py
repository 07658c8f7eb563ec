"""Claims about a protocol, each proved for every possible person or refuted by an example.

Each function takes the protocol's meaning as formulas. If a claim is false, it yields a finding with the
simplest person who shows that; if it yields nothing, the claim is proved. A solver that gives up is a finding
too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from whentocall.authoring.findings import about_question, about_rule, asked_in, in_words, person_json
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
from whentocall.engine.critical import all_conditions
from whentocall.engine.people import People
from whentocall.engine.spelling import Given
from whentocall.errors import Finding
from whentocall.protocol.conditions import Op, tests
from whentocall.protocol.model import Card, Question, Rule
from whentocall.protocol.protocol import Protocol

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
    """Every rule fires for at least one person."""
    for rule in claims.protocol.rules:
        if claims.complete.find(claims.meaning.rules[rule.id].surely) is None:
            message = f"'{rule.name}' can never fire: nobody can give these answers together"
            suggestion = "look for a limit or a follow-up that rules it out"
            yield about_rule(rule, message, "never-fires", suggestion)


def no_rule_is_swallowed(claims: Claims) -> Iterator[Finding]:
    """Every rule decides the level of at least one person, whom no other rule puts as high."""
    surely = {name: truths.surely for name, truths in claims.meaning.rules.items()}
    for rule in claims.protocol.rules:
        others = [other for other in claims.protocol.rules if other is not rule and other.rank >= rule.rank]
        alone = [surely[rule.id], none_of(surely[other.id] for other in others)]
        if claims.complete.find(*alone) is not None:
            continue
        person = claims.complete.smallest(claims.meaning, surely[rule.id])
        if person is None:
            continue  # it never fires at all, which is another finding
        by = _swallowing(claims, rule, others)
        message = f"'{rule.name}' changes nobody's level: {by} always fires as well, at its level or higher"
        suggestion = "remove it, or accept this finding under 'waive', with the reason to keep the rule"
        yield about_rule(rule, message, "swallowed", suggestion, person)


def _swallowing(claims: Claims, rule: Rule, others: list[Rule]) -> str:
    """As few rules as possible, of which at least one always fires when `rule` does."""
    needed = list(others)
    surely = {name: truths.surely for name, truths in claims.meaning.rules.items()}
    for other in others:
        fewer = [kept for kept in needed if kept is not other]
        if claims.complete.find(surely[rule.id], none_of(surely[kept.id] for kept in fewer)) is None:
            needed = fewer
    names = [f"'{kept.card.id.split('/')[-1]}/{kept.name}'" for kept in needed]
    return names[0] if len(names) == 1 else "at least one of " + ", ".join(names)


def every_question_can_be_asked(claims: Claims) -> Iterator[Finding]:
    """Every follow-up is asked of at least one person."""
    for card, question in asked_in(claims.protocol):
        applies = claims.meaning.applies(question).surely
        if question.only_if is not None and claims.anybody.find(applies) is None:
            message = f"'{question.id}' is never asked: its 'only_if' is never true"
            yield about_question(card, question, message, "never-asked")


def a_symptom_never_lowers(claims: Claims) -> Iterator[Finding]:
    """Turning a "no" into a "yes" never lowers the level shown, whatever the follow-ups then say."""
    for card, question in asked_in(claims.protocol):
        if question.answer.kind != "yes-no" or question.context:
            continue
        if _only_worsens(claims.protocol, question):
            continue
        pair = _Pair.of(claims, question)
        before, after = pair.before.person, pair.after.person
        facts = [
            *(before.known(question), none_of([before.value(question)])),
            *(after.known(question), after.value(question)),
        ]
        yield from pair.lowered(claims, card, question, facts, "a 'yes'")


def a_worse_number_never_lowers(claims: Claims) -> Iterator[Finding]:
    """A number further from its usual value never lowers the level; without one, a higher number."""
    for card, question in asked_in(claims.protocol):
        if not question.answer.is_number or question.context:
            continue
        if question.usual is None and _only_worsens(claims.protocol, question):
            continue
        pair = _Pair.of(claims, question)
        before, after = pair.before.person, pair.after.person
        first, then, usual = before.value(question), after.value(question), before.usual(question)
        higher = [then > first] if usual is None else [then > first, first >= usual]
        directions = [("a higher number", higher)]
        if usual is not None:
            directions.append(("a lower number", [then < first, first <= usual]))
        known = [before.known(question), after.known(question)]
        for words, facts in directions:
            yield from pair.lowered(claims, card, question, [*known, *facts], words)


def _only_worsens(protocol: Protocol, question: Question) -> bool:
    """Whether a worse answer can only make comparisons true, never false.

    That alone proves the claim: without "not", a condition then only comes true, never false. The solver
    is for the others ("no", "at most", choices).
    """
    every = (test for condition in all_conditions(protocol) for test in tests(condition))
    return all(
        test.value is True or test.op in (Op.ABOVE, Op.AT_LEAST)
        for test in every
        if test.question == question.id
    )


def not_knowing_never_lowers(claims: Claims) -> Iterator[Finding]:
    """An answer of "don't know" never shows a lower level than every possible answer would.

    It could: if every value of a question meets some urgent rule, "don't know" still meets none of them.
    """
    meaning, people = claims.meaning, claims.protocol.once(People.of)
    for card, question in asked_in(claims.protocol):
        if question.context:
            continue
        higher = [
            meaning.supposing(meaning.shown, question, value) > meaning.shown
            for value in people.values[question.id]
        ]
        unknown = none_of([meaning.person.known(question)])
        asked = meaning.applies(question).surely
        person = claims.anybody.smallest(meaning, unknown, asked, all_of(higher))
        if person is not None:
            message = (
                f"every answer to '{question.id}' is more urgent than \"don't know\" for "
                f"{_who(claims, person)}"
            )
            suggestion = "add a rule at that level that does not need this answer"
            yield about_question(card, question, message, "not-knowing-lowers", suggestion, person)


def an_early_stop_is_safe(claims: Claims) -> Iterator[Finding]:
    """Where the interview stops early, no further answer could change the level."""
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


def same(question: Question, first: Person, second: Person) -> Formula:
    """Two people give the same answer to a question, or neither knows it."""
    alike = implies(first.known(question), first.value(question) == second.value(question))
    return all_of([first.known(question) == second.known(question), alike])


@dataclass(frozen=True)
class _Pair:
    """Two people alike but for one question, and for follow-ups that only the second is asked."""

    before: Meaning
    after: Meaning
    solver: Solver

    @classmethod
    def of(cls, claims: Claims, question: Question) -> _Pair:
        before, after = claims.meaning, Meaning(claims.protocol, Person("other"))
        solver = Solver([*before.consistent(), *after.consistent()])
        for other in claims.protocol.questions.values():
            if other is not question:
                both_asked = all_of([before.applies(other).possibly, after.applies(other).possibly])
                solver.add(implies(both_asked, same(other, before.person, after.person)))
        return cls(before, after, solver)

    def lowered(
        self,
        claims: Claims,
        card: Card,
        question: Question,
        facts: Iterable[Formula],
        words: str,
    ) -> Iterator[Finding]:
        """A finding if, under `facts`, the second person is shown less than the first."""
        wanted = [*facts, self.after.shown < self.before.shown]
        person = self.solver.smallest(self.before, *wanted)
        if person is not None:
            message = f"{words} to '{question.id}' lowers the level for {_who(claims, person)}"
            yield about_question(card, question, message, "worse-lowers", person=person)


def _who(claims: Claims, person: Mapping[str, Given]) -> str:
    return f"somebody with: {in_words(claims.protocol, person)}"
