"""Mutation testing: would a case fail if a rule were slightly wrong?

Each limit moves by one step either way, each comparison includes or excludes its limit, each level is lowered
by one, and each rule is removed. Every such mutant must make some case fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from whentocall.authoring.cases import CaseRun, full_id, run_cases
from whentocall.engine.critical import exact, plain
from whentocall.engine.second_look import Values, second_look
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Condition, Op, Test, Truth, tests
from whentocall.protocol.model import Rule
from whentocall.protocol.protocol import Protocol

_FLIPPED = {
    Op.ABOVE: Op.AT_LEAST,
    Op.AT_LEAST: Op.ABOVE,
    Op.BELOW: Op.AT_MOST,
    Op.AT_MOST: Op.BELOW,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule changed, and in words how."""

    rule: Rule
    how: str
    changed: Rule | None  # None: the rule is dropped


@dataclass(frozen=True, slots=True)
class Gate:
    """How many mutants were tried, and those that no case noticed."""

    tried: int
    survivors: tuple[Mutant, ...]

    @property
    def noticed(self) -> int:
        """How many of them a case noticed."""
        return self.tried - len(self.survivors)


def mutation_gate(protocol: Protocol) -> Gate:
    """Try every mutant of every rule of a protocol and its layers on all of its cases."""
    shown = [_Shown.of(protocol, run) for run in run_cases(protocol) if isinstance(run, CaseRun)]
    tried = 0
    survivors = []
    for mutant in mutants(protocol):
        tried += 1
        mutated = _mutated(protocol, mutant)
        if not any(case.breaks(mutated) for case in shown):
            survivors.append(mutant)
    return Gate(tried, tuple(survivors))


def mutants(protocol: Protocol) -> Iterator[Mutant]:
    """Every mutant of every rule."""
    for rule in protocol.rules:
        yield Mutant(rule, "dropped", None)
        if rule.rank > 1:
            lower = protocol.levels[rule.rank - 1].id
            yield Mutant(rule, f"level lowered to '{lower}'", replace(rule, level=lower, rank=rule.rank - 1))
        for test in dict.fromkeys(tests(rule.when)):
            for other, how in _neighbours(protocol, test):
                when = _with(rule.when, test, other)
                yield Mutant(rule, how, replace(rule, when=when))


def _neighbours(protocol: Protocol, test: Test) -> Iterator[tuple[Test, str]]:
    if isinstance(test.value, bool | str):
        return
    step = exact(protocol.questions[test.question].answer.step)
    for moved in (exact(test.value) + step, exact(test.value) - step):
        value = plain(moved)
        yield replace(test, value=value), f"'{test.op} {test.value:g}' moved to {value:g}"
    if flipped := _FLIPPED.get(test.op):
        yield replace(test, op=flipped), f"'{test.op} {test.value:g}' changed to '{flipped} {test.value:g}'"


def _with(condition: Condition, old: Test, new: Test) -> Condition:
    """The condition with one comparison in place of another."""
    match condition:
        case Test():
            return new if condition == old else condition
        case AllOf(parts):
            return AllOf(tuple(_with(part, old, new) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_with(part, old, new) for part in parts))
        case AtLeast(count, parts):
            return AtLeast(count, tuple(_with(part, old, new) for part in parts))


def _mutated(protocol: Protocol, mutant: Mutant) -> Protocol:
    rules = (mutant.changed if rule is mutant.rule else rule for rule in protocol.rules)
    return replace(protocol, rules=tuple(rule for rule in rules if rule is not None), _memo={})


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a case expects of the advice: levels, and the rules that fire."""

    values: Values
    levels: Mapping[str, int]
    rules: frozenset[str]
    ranks: Mapping[str, int]

    @classmethod
    def of(cls, protocol: Protocol, run: CaseRun) -> _Shown:
        expect = run.case.expect
        named = {"shown": expect.level, "at_least": expect.at_least, "could_be": expect.could_be}
        levels = {name: protocol.ranks[level] for name, level in named.items() if level is not None}
        held = frozenset(reason.rule for reason in run.advice.reasons)
        ranks = {full_id(run.card, rule): protocol.ranks[level] for rule, level in expect.levels_of.items()}
        return cls(run.reading(protocol).values, levels, held, ranks)

    def breaks(self, mutated: Protocol) -> bool:
        """Whether the case notices the mutant."""
        look = second_look(mutated, self.values)
        pairs = zip(mutated.rules, look.truths, strict=True)
        held = {rule.id for rule, truth in pairs if truth is Truth.TRUE}
        held |= {escalation.id for escalation in look.verdict.escalated}
        ranks = {rule.id: rule.rank for rule in mutated.rules}
        if held != self.rules or any(ranks.get(rule) != rank for rule, rank in self.ranks.items()):
            return True
        return any(getattr(look.verdict, name) != rank for name, rank in self.levels.items())
