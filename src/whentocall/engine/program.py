"""The meaning of a protocol as a program: traced once with symbols, and run on whoever answers.

A program is a list of "and", "or" and "not" over comparisons, in which no operation stands twice. It is
written out as one Python function over `&`, `|` and `^`, which does not care what a bit is: of one person and
a few like them, the bits of small integers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from whentocall.engine.meaning import Cells, Meaning, compared
from whentocall.protocol.protocol import Protocol

Bit = Any
"""Of a program that runs: an integer, or anything else that knows `&`, `|` and `^`."""

Operation = tuple[Any, ...]
"""`("in", question, what)`, `("&", place, place)`, `("|", place, place)` or `("~", place)`."""

LONGEST = 200
"""Characters of an expression; a parser does not take any number of parentheses."""


class Symbol:
    """A bit of nobody yet: the place of its operation in a trace."""

    __slots__ = ("place", "trace")

    def __init__(self, trace: Trace, place: int) -> None:
        self.trace = trace
        self.place = place

    def __and__(self, other: Symbol) -> Symbol:
        return self.trace.joined("&", self.place, other.place)

    def __or__(self, other: Symbol) -> Symbol:
        return self.trace.joined("|", self.place, other.place)

    def __invert__(self) -> Symbol:
        return self.trace.inverted(self.place)


class Trace:
    """The operations done on symbols, in order; the same one is noted once."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._places: dict[Operation, int] = {}

    def input(self, question: str, what: object) -> Symbol:
        """A bit that comes from outside."""
        return self._noted(("in", question, what))

    def joined(self, sign: str, left: int, right: int) -> Symbol:
        """Both or either of two."""
        low, high = sorted((left, right))
        joint, *parts = self.operations[high]
        if low == high or (joint == sign and low in parts):  # a & a; a & (a & b)
            return Symbol(self, high)
        if joint in ("&", "|") and low in parts:  # a & (a | b); a | (a & b)
            return Symbol(self, low)
        return self._noted((sign, low, high))

    def inverted(self, place: int) -> Symbol:
        """The opposite of one."""
        sign, *parts = self.operations[place]
        return Symbol(self, parts[0]) if sign == "~" else self._noted(("~", place))

    def _noted(self, operation: Operation) -> Symbol:
        place = self._places.setdefault(operation, len(self.operations))
        if place == len(self.operations):
            self.operations.append(operation)
        return Symbol(self, place)

    def needed(self, results: Iterable[Symbol | bool]) -> list[int]:
        """The places of the operations that these results rest on, in order."""
        waiting = [result.place for result in results if isinstance(result, Symbol)]
        needed: set[int] = set()
        while waiting:
            place = waiting.pop()
            if place not in needed:
                needed.add(place)
                waiting += _parts(self.operations[place])
        return sorted(needed)


def _parts(operation: Operation) -> Sequence[int]:
    return () if operation[0] == "in" else operation[1:]


class Results(NamedTuple):
    """What a program gives: bits, in groups.

    Attributes:
        level, at_least, could_be: for each rank above the lowest, whether it is reached.
        sure, possible: of every rule, in the protocol's order.
        escalated, could_escalate: of every escalation, likewise.
        applies, might_apply, contradictory: of each of `Program.followers`.
        unread: of every question.
        settle: of each of `Program.settle`.
    """

    level: Sequence[Bit]
    at_least: Sequence[Bit]
    could_be: Sequence[Bit]
    sure: Sequence[Bit]
    possible: Sequence[Bit]
    escalated: Sequence[Bit]
    could_escalate: Sequence[Bit]
    applies: Sequence[Bit]
    might_apply: Sequence[Bit]
    contradictory: Sequence[Bit]
    unread: Sequence[Bit]
    settle: Sequence[Bit]


Inputs = Mapping[str, Sequence[object]]
"""What a program is told: for each question, in order, the names of `Cells`, or a comparison."""


class Program:
    """A protocol's program. Holds nothing about people.

    Attributes:
        inputs: what it is told of each question.
        followers: the questions that do not always apply, in the protocol's order.
        settle: each question to find out, with a rank that it could help to reach, the highest first.
        source: the function's text.
    """

    def __init__(self, protocol: Protocol) -> None:
        trace = Trace()
        meaning = Meaning(protocol, _cells(trace, protocol))
        settle = meaning.settle()
        self.followers = tuple(name for name in protocol.questions if name in meaning.applies)
        self.settle = tuple((name, rank) for name, rank, _ in settle)
        results = Results(
            level=meaning.level,
            at_least=meaning.at_least,
            could_be=meaning.could_be,
            sure=meaning.sure,
            possible=meaning.possible,
            escalated=meaning.escalated,
            could_escalate=meaning.could_escalate,
            applies=[meaning.applies[name][0] for name in self.followers],
            might_apply=[meaning.applies[name][1] for name in self.followers],
            contradictory=[meaning.contradictory[name] for name in self.followers],
            unread=[meaning.unread[name] for name in protocol.questions],
            settle=[held for _, _, held in settle],
        )
        self.inputs, self.source = written(trace, results)
        space: dict[str, Any] = {}
        exec(self.source, space)  # noqa: S102  it was written here, of operations and places alone
        self._run: Callable[[Sequence[Sequence[Bit]], Bit], Sequence[Sequence[Bit]]] = space["run"]

    def run(self, inputs: Sequence[Sequence[Bit]], ones: Bit) -> Results:
        """The results for these inputs, in the order of `self.inputs`; `ones` has the bit of every row."""
        return Results._make(self._run(inputs, ones))


def _cells(trace: Trace, protocol: Protocol) -> Mapping[str, Cells[Symbol]]:
    return {
        name: Cells(
            known=trace.input(name, "known"),
            reports=trace.input(name, "reports"),
            passed={test: trace.input(name, test) for test in tests},
            best=trace.input(name, "best"),
            worst=trace.input(name, "worst"),
        )
        for name, tests in compared(protocol).items()
    }


def written(trace: Trace, groups: Sequence[Sequence[Any]]) -> tuple[Inputs, str]:
    """What the function is told, and its text. What is used once stands where it is used, within reason."""
    results = [result for group in groups for result in group]
    needed = trace.needed(results)
    uses = Counter(part for place in needed for part in _parts(trace.operations[place]))
    uses.update(result.place for result in results if isinstance(result, Symbol))
    inputs: dict[str, list[int]] = {}
    text: dict[int, str] = {}
    lines = []
    for place in needed:
        sign, *parts = trace.operations[place]
        if sign == "in":
            inputs.setdefault(parts[0], []).append(place)
            text[place] = f"x{place}"
            continue
        terms = [text[part] for part in parts]
        made = f"({terms[0]} {sign} {terms[1]})" if len(terms) == 2 else f"(ones ^ {terms[0]})"
        if uses[place] > 1 or len(made) > LONGEST:
            lines.append(f"x{place} = {made}")
            made = f"x{place}"
        text[place] = made
    taken = [_listed(f"x{place}" for place in places) for places in inputs.values()]
    given = [_listed(_result(result, text) for result in group) for group in groups]
    body = [f"{_listed(taken)} = inputs", *lines, f"return {_listed(given)}"]
    source = "\n    ".join(["def run(inputs, ones):", *body])
    told = {name: [trace.operations[place][2] for place in places] for name, places in inputs.items()}
    return told, f"{source}\n"


def _listed(items: Iterable[str]) -> str:
    """A list in Python."""
    return f"[{', '.join(items)}]"


def _result(result: Symbol | bool, text: Mapping[int, str]) -> str:  # noqa: FBT001  a bit may be a constant
    if isinstance(result, Symbol):
        return text[result.place]
    return "ones" if result else "0"
