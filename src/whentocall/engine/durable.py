"""The border to durable-rules: which rules fire for these answers. The only module that imports it.

durable-rules is fast, and unmaintained since 2020. Used as its own pages show it crashes, hangs, or
loses results, so it is used here in the one way that has been found sound in millions of evaluations:

* through the C functions that its own `durable.engine` calls, not through `Host`, whose two daemon
  threads take results away from the caller;
* a pool of private rulesets, each used by one evaluation at a time, because a ruleset shared by threads
  crashes;
* one wide fact per evaluation, holding only what is known, true comparisons on it, and no rule that
  joins facts, negates, counts, waits or acts;
* only values checked before: durable-rules compares a text with a number, and True with 1, as if nothing
  were wrong. Names are short aliases of ours, because two names may share its 32-bit hash;
* a canary rule that fires on every fact: where it is missing, the engine has failed. (It also keeps
  `delete_state` from freeing memory that was never set.)
* rules split over rulesets, because one fact that matches 65 rules, or 512 different comparisons in a
  ruleset, is an error at best. What a condition's `any` and `at least N of` mean is written out as rules
  of their own, one per smallest set of comparisons, as `$or` fires once per branch;
* a bound on what is read back; and after any surprise the ruleset is dropped and never used again.
"""

from __future__ import annotations

import json
import weakref
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import ModuleType
from typing import Any

from whentocall.errors import EngineUnavailable
from whentocall.protocol.conditions import Op, Term, Test, Value
from whentocall.protocol.protocol import Protocol

# Far enough from the measured limits (64 matches of one fact; 512 comparisons; 252 fields of a fact, each
# of which has at least one comparison) to forget them. A single term stays below by MAX_TOGETHER.
MAX_TERMS = 56
MAX_COMPARISONS = 200
# A failed evaluation leaves up to 0.4 MB behind that nobody can free. An engine that fails this often is
# not used any more: the reference goes on alone, and says so.
MAX_FAILURES = 50

_CANARY = "c"
_FACT_ID = 1
_DONE = (0, 1)
_OPERATORS = {Op.ABOVE: "$gt", Op.AT_LEAST: "$gte", Op.BELOW: "$lt", Op.AT_MOST: "$lte"}

_MEND = (
    "durable-rules cannot be used ({why}). It is compiled when it is installed and needs a C compiler. "
    "To mend it: CPPFLAGS='-O2 -DPyEval_CallObject=PyObject_CallObject' python -m pip install "
    "--force-reinstall --no-cache-dir --no-binary durable-rules durable-rules==2.0.28"
)


class EngineFault(Exception):
    """The engine did something that it should never do. Never leaves whentocall."""


def c_functions() -> ModuleType:
    """The C functions of durable-rules.

    Raises:
        EngineUnavailable: it is not installed, or was built so that it cannot be imported.
    """
    try:
        import durable_rules_engine  # noqa: PLC0415  imported late: only an evaluation needs it
    except Exception as error:  # noqa: BLE001  a build for another Python can raise more than ImportError
        raise EngineUnavailable(_MEND.format(why=error)) from None
    return durable_rules_engine  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Part:
    """One ruleset's worth of rules: its definition, and how answers become its fact.

    Attributes:
        definition: JSON for `create_ruleset`.
        rules: for each rule name in the definition, the index of the protocol's rule.
        numbers: question id to field name, for answers that are compared by size.
        flags: question id to the field that is true for each of its values.
    """

    definition: str
    rules: Mapping[str, int]
    numbers: Mapping[str, str]
    flags: Mapping[str, Mapping[Value, str]]

    def fact(self, values: Mapping[str, Value | None]) -> str:
        """The one fact of an evaluation: what is known, and nothing else."""
        known = [f'{{"id":{_FACT_ID},"{_CANARY}":true']
        for question, name in self.numbers.items():
            value = values.get(question)
            if value is not None:
                known.append(f'"{name}":{_digits(value)}')
        for question, names in self.flags.items():
            value = values.get(question)
            if value is not None and value in names:
                known.append(f'"{names[value]}":true')
        return ",".join(known) + "}"


def _digits(value: Value) -> str:
    """A number in digits; an exponent would be misread."""
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


class DurableEngine:
    """Which rules of a protocol fire. Safe in threads and after `fork`; holds nothing about people."""

    def __init__(self, protocol: Protocol, c: Any = None) -> None:
        self._c = c if c is not None else c_functions()
        self._parts = tuple(_parts([rule.terms for rule in protocol.rules]))
        self._idle: deque[_Session] = deque()
        self._failures: deque[str] = deque()
        # Idle rulesets are freed with the protocol; never at exit, when the process frees all at once.
        weakref.finalize(self, _free, self._c, self._idle).atexit = False

    def fired(self, values: Mapping[str, Value | None]) -> frozenset[int]:
        """The indexes of the rules that fire for these checked answers.

        Raises:
            EngineFault: the engine failed; its rulesets have been dropped.
        """
        if len(self._failures) >= MAX_FAILURES:
            raise EngineFault(f"it has failed too often, at last with: {self._failures[-1]}")
        try:
            session = self._idle.pop()
        except IndexError:
            session = _Session(self._c, self._parts)
        try:
            found = session.run(values)
        except EngineFault as fault:
            self._failures.append(str(fault))
            raise
        # Any exception, an interruption included, leaves the session out of the pool: dropped.
        self._idle.append(session)
        return found


@dataclass(slots=True)
class _Session:
    """A private set of rulesets, for one evaluation at a time."""

    c: Any
    parts: Sequence[_Part]
    handles: list[int] = field(default_factory=list)

    def run(self, values: Mapping[str, Value | None]) -> frozenset[int]:
        """Evaluate every part."""
        try:
            found: set[int] = set()
            for number, part in enumerate(self.parts):
                if number == len(self.handles):
                    self.handles.append(self.c.create_ruleset(f"part{number}", part.definition))
                found.update(part.rules[name] for name in self._names(self.handles[number], part, values))
            return frozenset(found)
        except EngineFault:
            raise
        except Exception as error:
            raise EngineFault(f"{type(error).__name__}: {error}") from error

    def _names(self, handle: int, part: _Part, values: Mapping[str, Value | None]) -> set[str]:
        """Assert the fact, read the names of the rules that fired, retract the fact."""
        code, state = self.c.assert_fact(handle, part.fact(values))
        if code != 0:
            raise EngineFault(f"a fact was not taken (code {code})")
        names = set(self._read(handle, state, most=len(part.rules) + 1))
        if self.c.retract_fact(handle, f'{{"id":{_FACT_ID}}}') != _DONE:
            raise EngineFault("a fact was not taken back")
        if _CANARY not in names:
            raise EngineFault("the rule that always fires did not")
        names.remove(_CANARY)
        return names

    def _read(self, handle: int, state: int, *, most: int) -> Iterator[str]:
        started = self.c.start_action_for_state(handle, state)
        message = started[1] if started else None
        for _ in range(most):
            if message is None:
                return
            yield from json.loads(message)
            message = self.c.complete_and_start_action(handle, state)
        if message is not None:
            raise EngineFault("more rules fired than there are")


def _free(c: Any, idle: deque[_Session]) -> None:
    while idle:
        for handle in idle.pop().handles:
            c.delete_state(handle, "0")
            c.delete_ruleset(handle)


def _parts(rules: Sequence[Sequence[Term]]) -> Iterator[_Part]:
    """Split all terms into rulesets that stay within the limits."""
    batch: list[tuple[int, Term]] = []
    comparisons: set[Test] = set()
    for index, terms in enumerate(rules):
        for term in terms:
            if batch and (len(batch) == MAX_TERMS or len(comparisons | term) > MAX_COMPARISONS):
                yield _part(batch)
                batch, comparisons = [], set()
            batch.append((index, term))
            comparisons |= term
    yield _part(batch)


def _part(batch: Sequence[tuple[int, Term]]) -> _Part:
    fields: dict[tuple[str, Value | None], str] = {}
    definition: dict[str, object] = {_CANARY: {"all": [{"m": {_CANARY: True}}]}}
    rules: dict[str, int] = {}
    for index, term in batch:
        name = f"r{len(rules)}"
        rules[name] = index
        tests = sorted(term, key=lambda test: (test.question, test.op, repr(test.value)))
        definition[name] = {"all": [{"m": _conjunction([_comparison(test, fields) for test in tests])}]}
    flags: dict[str, dict[Value, str]] = {}
    for (question, value), alias in fields.items():
        if value is not None:
            flags.setdefault(question, {})[value] = alias
    numbers = {question: alias for (question, value), alias in fields.items() if value is None}
    return _Part(json.dumps(definition), rules, numbers, flags)


def _conjunction(comparisons: Sequence[object]) -> object:
    return comparisons[0] if len(comparisons) == 1 else {"$and": comparisons}


def _comparison(test: Test, fields: dict[tuple[str, Value | None], str]) -> object:
    """One comparison, one key: of several keys in an object, durable-rules reads only the first."""
    is_flag = isinstance(test.value, bool | str)
    key = (test.question, test.value if is_flag else None)
    alias = fields.setdefault(key, f"q{len(fields)}")
    if is_flag:
        return {alias: True}
    if test.op is Op.IS:
        return {alias: test.value}
    return {_OPERATORS[test.op]: {alias: test.value}}
