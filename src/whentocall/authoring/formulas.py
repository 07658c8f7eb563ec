"""A protocol as formulas: exactly what the reference evaluation says, for every person at once.

The only module that imports Z3 (the extra `review`). A person has a value for each question, or "not known".
From these follow the three-valued truth of each condition, as two formulas (surely, possibly), and the rank
of each level, as an integer. What Z3 proves is true of every person; what it finds is one person, given back
as answers for `advise`.

Why a solver: 44 questions have more than 10 million million combinations of yes and no alone. Nobody can try
them all, and a sample proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import z3

from whentocall.engine.critical import exact, plain
from whentocall.engine.spelling import Given
from whentocall.protocol.conditions import COMPARISONS, AllOf, AnyOf, AtLeast, Condition, Test, Value
from whentocall.protocol.model import Escalation, Question
from whentocall.protocol.protocol import Protocol

Formula = Any
"""A Z3 expression; Z3 has no types of its own that mypy could read."""


@dataclass(frozen=True)
class Truths:
    """A three-valued truth as two formulas: `surely` true, and `possibly` true."""

    surely: Formula
    possibly: Formula


@dataclass
class Person:
    """The answers of one unknown person: for each question whether it is known, and its value.

    Attributes:
        name: keeps the variables of two people apart.
        halves: whether a temperature may lie between two steps, as one in °F can.
    """

    name: str = "p"
    halves: bool = False
    asked: dict[str, Question] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)

    def known(self, question: Question) -> Formula:
        """Whether the question is answered with a value."""
        return z3.Bool(f"{self._variable(question)}:known")

    def value(self, question: Question) -> Formula:
        """The value: a Bool, a number of steps, or the place of a choice in `choices`."""
        name = self._variable(question)
        return z3.Bool(name) if question.answer.kind == "yes-no" else z3.Int(name)

    def _variable(self, question: Question) -> str:
        """The same variable for two protocols that ask the same; another kind of answer gets another one."""
        name = f"{self.name}:{question.id}:{question.answer.kind}{question.answer.unit}"
        self.asked[name] = question
        return name

    def _choice(self, question: Question, option: str) -> int:
        known = self.choices.setdefault(question.id, [])
        if option not in known:
            known.append(option)
        return known.index(option)

    def was_asked(self, question: Question) -> Formula:
        """Whether the question has been asked; needed only to bound an early stop."""
        return z3.Bool(f"{self.name}:{question.id}:asked")

    def usual(self, question: Question) -> int | None:
        """The usual value of a number in steps, if it has one."""
        usual = question.usual_number
        return None if usual is None else self.steps(question, usual)

    def passes(self, question: Question, test: Test) -> Formula:
        """Whether the value passes a comparison."""
        value = self.value(question)
        if isinstance(test.value, bool):
            return value if test.value else z3.Not(value)
        if isinstance(test.value, str):
            return value == self._choice(question, test.value)
        return COMPARISONS[test.op](value, self.steps(question, test.value))

    def constant(self, question: Question, value: Value) -> Formula:
        """An answer as the value of its variable."""
        if isinstance(value, bool):
            return z3.BoolVal(val=value)
        if isinstance(value, str):
            return z3.IntVal(self._choice(question, value))
        return z3.IntVal(self.steps(question, value))

    def steps(self, question: Question, value: float) -> int:
        """A value as a number of steps from zero. The loader ensures that limits lie on whole steps."""
        return int(exact(value) / self._step(question))

    def _step(self, question: Question) -> Fraction:
        step = exact(question.answer.step)
        return step / 2 if self.halves and question.answer.kind == "temperature" else step

    def plausible(self, question: Question) -> Formula:
        """The value lies in the question's range, or is one of its choices."""
        value = self.value(question)
        if question.answer.is_number:
            low, high = (self.steps(question, end) for end in (question.answer.low, question.answer.high))
            return z3.And(value >= low, value <= high)
        if question.options:
            return z3.Or([value == self._choice(question, option) for option in question.options])
        return z3.BoolVal(val=True)

    def on_whole_steps(self) -> list[Formula]:
        """No value lies between two steps; tried first, as such a person is easier to picture."""
        if not self.halves:
            return []
        temperatures = [question for question in self.asked.values() if question.answer.kind == "temperature"]
        return [self.value(question) % 2 == 0 for question in temperatures]

    def read(self, model: Any) -> dict[str, Given]:
        """The answers of the person in a model, in JSON form, without those that are not known."""
        answers: dict[str, Given] = {}
        for question in list(self.asked.values()):
            if z3.is_true(model.eval(self.known(question), model_completion=True)):
                value = model.eval(self.value(question), model_completion=True)
                answers[question.id] = self._given(question, value)
        return answers

    def _given(self, question: Question, value: Any) -> Given:
        if question.answer.kind == "yes-no":
            return bool(z3.is_true(value))
        if question.options:
            place: int = value.as_long()
            return self.choices[question.id][place]
        return plain(value.as_long() * self._step(question))


@dataclass
class Meaning:
    """What a protocol says about a person.

    `not_asked` says how to treat questions that have not been asked, as in `engine.reference.NotAsked`:
    "open" like "don't know"; "best" and "worst" bound what asking could still bring.
    """

    protocol: Protocol
    person: Person
    not_asked: Literal["open", "best", "worst"] = "open"
    _done: dict[tuple[str, str], Truths] = field(default_factory=dict)

    def test(self, test: Test) -> Truths:
        """The truth of one comparison, as `Reading.test` gives it for people without contradictions."""
        question = self.protocol.questions[test.question]
        known, passes = self.person.known(question), self.person.passes(question, test)
        applies = self.applies(question)
        mask = question.not_reassuring_if
        masked = self.condition(mask).possibly if mask is not None else z3.BoolVal(val=False)
        open_ = self._not_known(question, applies)
        return Truths(
            surely=z3.If(known, passes, open_.surely),
            possibly=z3.If(known, z3.Or(passes, masked), open_.possibly),
        )

    def _not_known(self, question: Question, applies: Truths) -> Truths:
        """The truth of any comparison with an answer that is not known."""
        no = z3.BoolVal(val=False)
        if self.not_asked == "open":
            return Truths(no, applies.possibly)
        can_apply = applies if self.not_asked == "worst" else self._worst.applies(question)
        may_be_asked = z3.And(z3.Not(self.person.was_asked(question)), can_apply.surely)
        if self.not_asked == "worst":
            return Truths(may_be_asked, applies.possibly)
        return Truths(no, z3.And(applies.possibly, z3.Not(may_be_asked)))

    @cached_property
    def _worst(self) -> Meaning:
        """The same person, if everything not asked yet gets the worst answer."""
        return Meaning(self.protocol, self.person, "worst")

    def applies(self, question: Question) -> Truths:
        """Whether a question applies."""
        if question.only_if is None:
            return Truths(z3.BoolVal(val=True), z3.BoolVal(val=True))
        key = ("applies", question.id)
        if key not in self._done:
            self._done[key] = self.condition(question.only_if)
        return self._done[key]

    def condition(self, condition: Condition) -> Truths:
        """The truth of a condition."""
        match condition:
            case Test():
                return self.test(condition)
            case AllOf(parts):
                return _both(z3.And, [self.condition(part) for part in parts])
            case AnyOf(parts):
                return _both(z3.Or, [self.condition(part) for part in parts])
            case AtLeast(count, parts):
                return _both(lambda each: z3.AtLeast(*each, count), [self.condition(part) for part in parts])

    @cached_property
    def rules(self) -> Mapping[str, Truths]:
        """The truth of each rule, by its full id."""
        return {rule.id: self.condition(rule.when) for rule in self.protocol.rules}

    @cached_property
    def escalations(self) -> Mapping[str, Truths]:
        """The truth of each escalation, by its full id."""
        return {line.id: self._escalation(line) for line in self.protocol.escalations}

    def _escalation(self, line: Escalation) -> Truths:
        cards: dict[str, list[Truths]] = {}
        for rule in self.protocol.rules:
            if rule.rank >= line.at_rank:
                cards.setdefault(rule.card.id, []).append(self.rules[rule.id])
        if len(cards) < line.count:
            return Truths(z3.BoolVal(val=False), z3.BoolVal(val=False))
        per_card = [_both(z3.Or, truths) for truths in cards.values()]
        enough = _both(lambda each: z3.AtLeast(*each, line.count), per_card)
        only_if = line.only_if
        return enough if only_if is None else _both(z3.And, [enough, self.condition(only_if)])

    def reaches(self, rank: int, *, possibly: bool = False) -> Formula:
        """Whether a rule or escalation that surely (or possibly) fires has this rank or a higher one."""
        truths = [self.rules[rule.id] for rule in self.protocol.rules if rule.rank >= rank]
        truths += [self.escalations[line.id] for line in self.protocol.escalations if line.rank >= rank]
        return z3.Or([truth.possibly if possibly else truth.surely for truth in truths])

    @cached_property
    def at_least(self) -> Formula:
        """The rank surely reached."""
        return self._rank(self.reaches)

    @cached_property
    def could_be(self) -> Formula:
        """The highest rank possibly reached."""
        return self._rank(lambda rank: self.reaches(rank, possibly=True))

    @cached_property
    def shown(self) -> Formula:
        """The rank shown."""
        raised = z3.If(
            self.could_be < self.protocol.unsettled_rank, self.could_be, self.protocol.unsettled_rank
        )
        return z3.If(self.at_least > raised, self.at_least, raised)

    def supposing(self, formula: Formula, question: Question, value: Value) -> Formula:
        """A formula about the person, if they had given this answer."""
        return z3.substitute(
            formula,
            (self.person.known(question), z3.BoolVal(val=True)),
            (self.person.value(question), self.person.constant(question, value)),
        )

    def _rank(self, reaches: Callable[[int], Formula]) -> Formula:
        highest: Formula = z3.IntVal(0)
        for rank in range(1, len(self.protocol.levels)):
            highest = z3.If(reaches(rank), rank, highest)
        return highest

    def consistent(self) -> list[Formula]:
        """Values are plausible, and no question that does not apply is answered."""
        followed = [
            z3.Implies(self.person.known(question), self.applies(question).possibly)
            for question in self.protocol.questions.values()
            if question.only_if is not None
        ]
        every = self.protocol.questions.values()
        return [*followed, *(self.person.plausible(question) for question in every)]

    def complete(self) -> list[Formula]:
        """Everything that applies is known, except context, which no rule uses."""
        return [
            z3.Implies(self.applies(question).possibly, self.person.known(question))
            for question in self.protocol.questions.values()
            if not question.context
        ]


def holds(model: Any, formula: Formula) -> bool:
    """Whether a formula is true of the person in a model."""
    return bool(z3.is_true(model.eval(formula, model_completion=True)))


def any_of(formulas: Iterable[Formula]) -> Formula:
    """Any of them."""
    return z3.Or(list(formulas))


def all_of(formulas: Iterable[Formula]) -> Formula:
    """All of them."""
    return z3.And(list(formulas))


def none_of(formulas: Iterable[Formula]) -> Formula:
    """None of them."""
    return z3.Not(z3.Or(list(formulas)))


def implies(condition: Formula, consequence: Formula) -> Formula:
    """If the condition is true, so is the consequence."""
    return z3.Implies(condition, consequence)


def _both(join: Callable[[Sequence[Formula]], Formula], truths: Sequence[Truths]) -> Truths:
    return Truths(join([truth.surely for truth in truths]), join([truth.possibly for truth in truths]))


class Undecided(Exception):
    """The solver gave up: a claim is neither proved nor refuted."""


class Solver:
    """Finds people. Facts added with `add` apply to every later search."""

    def __init__(self, facts: Iterable[Formula] = (), *, seconds: int = 60) -> None:
        self._solver = z3.Solver()
        self._solver.set("timeout", seconds * 1000)
        self._solver.set("random_seed", 1)
        self._solver.add(*facts)

    def add(self, *facts: Formula) -> None:
        """Facts that are true of everybody from now on."""
        self._solver.add(*facts)

    def find(self, *wanted: Formula) -> Any | None:
        """A model of what is wanted, or None: then there is none, and that is proved.

        Raises:
            Undecided: the solver gave up.
        """
        self._solver.push()
        try:
            self._solver.add(*wanted)
            result = self._solver.check()
            if result == z3.unknown:
                raise Undecided(self._solver.reason_unknown())
            return self._solver.model() if result == z3.sat else None
        finally:
            self._solver.pop()

    def smallest(self, meaning: Meaning, *wanted: Formula) -> dict[str, Given] | None:
        """The answers of a person with as little to report as possible, or None.

        "Little" is counted: a "yes", a number, a choice, or something not known is 1 each.

        Raises:
            Undecided: the solver gave up.
        """
        model = self.smallest_model(meaning, *wanted)
        return None if model is None else meaning.person.read(model)

    def smallest_model(self, meaning: Meaning, *wanted: Formula) -> Any | None:
        """As `smallest`, but the model, which can also tell what else is true of that person."""
        model = self.find(*wanted, *meaning.person.on_whole_steps()) or self.find(*wanted)
        if model is None:
            return None
        report = [_reports(meaning, question) for question in meaning.protocol.questions.values()]
        most = sum(holds(model, reported) for reported in report)
        while most > 0:
            fewer = [*wanted, z3.AtMost(*report, most - 1)]
            better = self.find(*fewer, *meaning.person.on_whole_steps()) or self.find(*fewer)
            if better is None:
                break
            model = better
            most = sum(holds(model, reported) for reported in report)
        return model


def _reports(meaning: Meaning, question: Question) -> Formula:
    """Whether an answer is something to report, rather than "no", the usual value, or not applying."""
    person = meaning.person
    known, value = person.known(question), person.value(question)
    if question.context:
        return known
    open_ = z3.And(z3.Not(known), meaning.applies(question).possibly)
    if question.answer.kind == "yes-no":
        return z3.Or(open_, z3.And(known, value))
    usual = person.usual(question)
    if question.answer.is_number and usual is not None:
        return z3.Or(open_, z3.And(known, value != usual))
    return z3.Or(open_, known)
