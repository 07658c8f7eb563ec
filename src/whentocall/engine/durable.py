"""The border to durable-rules: which rules fire for these answers. The only module that imports it.

durable-rules is fast, and unmaintained since 2020. Used as its own pages show it crashes, hangs, or
loses results, so it is used here in the one way that has been found sound in millions of evaluations:

* through the C functions that its own `durable.engine` calls, not through `Host`, whose two daemon
  threads take results away from the caller;
* a pool of private rulesets, each used by one evaluation at a time, because a ruleset shared by threads
  crashes;
* one wide fact per evaluation, holding only what is known and could make a rule fire; true comparisons on
  it, and no rule that joins facts, negates, counts, waits or acts;
* only values checked before: durable-rules compares a text with a number, and True with 1, as if nothing
  were wrong. Names are short aliases of ours, because two names may share its 32-bit hash;
* a canary rule that fires on every fact: where it is missing, the engine has failed. (It also keeps
  `delete_state` from freeing memory that was never set.)
* rules split over rulesets, because one fact that matches 65 rules, or 512 different comparisons in a
  ruleset, is an error at best. What a condition's `any` and `at least N of` mean is written out as rules
  of their own, one per smallest set of comparisons, as `$or` fires once per branch. A ruleset to which
  nothing is said is left alone, but for the first, whose canary shows the engine at work;
* a bound on what is read back; and after any surprise the ruleset is dropped and never used again;
* an interruption (Ctrl+C, a task queue's timeout) is no surprise: Python lets it in between two C calls,
  never inside one. What it leaves behind is freed. A ruleset comes into being, and changes hands, within one
  C call (`extend` of a `map`), so that no interruption can come between making it and holding it.
"""

from __future__ import annotations

import json
import math
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType
from typing import Any

from whentocall.engine.health import Record
from whentocall.errors import EngineUnavailable
from whentocall.foreign import is_foreign
from whentocall.protocol.conditions import Op, Term, Test, Value
from whentocall.protocol.protocol import Protocol

# Far enough from the measured limits (64 matches of one fact; 512 comparisons; 252 fields of a fact, each
# of which has at least one comparison) to forget them. A single term stays below by MAX_TOGETHER.
MAX_TERMS = 56
MAX_COMPARISONS = 200

_CANARY = "all"  # as long as the names of all rules: r00 to r55
_AROUND = len('{"all":{"m":}}')
_FACT = '{"id":1,"c":true'
_TAKEN_BACK = '{"id":1}'
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


Said = Sequence[tuple[str, str]]
"""Question id, and what stands in a fact for its answer: `,"q3":true`."""

Question = tuple[str, Value | None]
"""What has a field of its own in a fact: a question and one of its choices, or a number (None)."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One ruleset's worth of rules.

    Attributes:
        definition: JSON for `create_ruleset`.
        rules: for each rule name in the definition, the index of the protocol's rule.
        questions: the ids of the questions that it reads.
    """

    definition: str
    rules: Mapping[str, int]
    questions: frozenset[str]


class _Speech:
    """What is said to the rulesets of somebody's answers: what could make a rule fire, and nothing else."""

    def __init__(self, fields: Mapping[Question, str], compared: Iterable[Test]) -> None:
        self._choices = {pair: f',"{name}":true' for pair, name in fields.items() if pair[1] is not None}
        self._yes = {question: text for (question, value), text in self._choices.items() if value is True}
        by_question: dict[str, list[Test]] = {}
        for test in compared:
            by_question.setdefault(test.question, []).append(test)
        self._numbers = {
            question: (*_between(by_question[question]), f',"{name}":')
            for (question, value), name in fields.items()
            if value is None
        }
        no = {question: text for (question, value), text in self._choices.items() if value is False}
        zero = {question: f"{n[2]}0" for question, n in self._numbers.items() if not n[0] < 0 < n[1]}
        self._falsy = no | zero  # where a rule wants a "no", or 0 is not between

    def __call__(self, values: Mapping[str, Value | None]) -> Said:
        """For checked answers. On every call's way, so written to be fast."""
        said, yes, numbers, choices = [], self._yes, self._numbers, self._choices
        for question, value in values.items():
            if value:
                if value is True:
                    if question in yes:
                        said.append((question, yes[question]))
                elif question in numbers:
                    low, high, start = numbers[question]
                    if not low < value < high:  # type: ignore[operator]
                        said.append((question, start + _digits(value)))
                elif (question, value) in choices:
                    said.append((question, choices[question, value]))
        for question, text in self._falsy.items():
            value = values.get(question)
            if value is not None and not value:
                said.append((question, text))
        return said


def _between(compared: Iterable[Test]) -> tuple[float, float]:
    """The two numbers between which none of a question's comparisons holds.

    At a limit itself, and beyond, the engine decides.
    """
    low, high = -math.inf, math.inf
    for test in compared:
        assert isinstance(test.value, int | float)
        if test.op in (Op.BELOW, Op.AT_MOST, Op.IS):
            low = max(low, test.value)
        if test.op in (Op.ABOVE, Op.AT_LEAST, Op.IS):
            high = min(high, test.value)
    return low, high


def _digits(value: Value) -> str:
    """A number in digits; an exponent would be misread."""
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


class DurableEngine:
    """Which rules of a protocol fire. Safe in threads and after `fork`; holds nothing about people."""

    def __init__(self, protocol: Protocol, c: Any = None) -> None:
        self._c = c if c is not None else c_functions()
        terms = [rule.terms for rule in protocol.rules]
        fields: dict[Question, str] = {}
        self._parts = tuple(_parts(terms, fields))
        self._speech = _Speech(fields, {test for way in terms for term in way for test in term})
        self._idle: deque[_Session] = deque()
        self.record = Record()
        # Idle rulesets are freed with the protocol; never at exit, when the process frees all at once.
        weakref.finalize(self, _free, self._c, self._idle).atexit = False

    def fired(self, values: Mapping[str, Value | None]) -> Set[int]:
        """The indexes of the rules that fire for these checked answers.

        Raises:
            EngineFault: the engine failed; its rulesets have been dropped.
            Exception: one that is not ours (see `foreign.py`); its rulesets have been freed.
        """
        if not self.record.may_try():
            raise EngineFault(f"it has failed too often, at last with: {self.record.last}")
        taken: list[_Session] = []
        try:
            found = self._evaluated(values, taken)
        except Exception as error:
            if is_foreign(error):
                raise
            taken.clear()  # dropped: after a surprise not even freeing is safe
            why = str(error) if isinstance(error, EngineFault) else f"{type(error).__name__}: {error}"
            self.record.note_failure(why)
            raise EngineFault(why) from error
        finally:
            _free(self._c, taken)
        self.record.note_success()
        return found

    def _evaluated(self, values: Mapping[str, Value | None], taken: list[_Session]) -> set[int]:
        """The rules that fire. The rulesets in use are in `taken`, and nowhere else."""
        try:
            taken.extend(map(deque.pop, (self._idle,)))
        except IndexError:
            taken.append(self._new_session())
        session = taken[0]
        said = self._speech(values)
        found = session.first(said)
        for evaluate in session.more:
            found |= evaluate(said)
        self._idle.extend(map(list.pop, (taken,)))
        return found

    def _new_session(self) -> _Session:
        handles: list[int] = []
        first, *more = (
            _evaluation(self._c, f"part{place}", part, handles, always=place == 0)
            for place, part in enumerate(self._parts)
        )
        return _Session(handles, first, tuple(more))


@dataclass(frozen=True, slots=True)
class _Session:
    """A private set of rulesets, for one evaluation at a time.

    Attributes:
        handles: of the rulesets made so far; each is made when it is first needed.
        first: evaluates the first part, always, so that the canary is seen.
        more: evaluate the others, where anything is said to them.
    """

    handles: list[int]
    first: Callable[[Said], set[int]]
    more: tuple[Callable[[Said], set[int]], ...]


def _evaluation(  # noqa: C901  as what it makes
    c: Any, name: str, part: _Part, handles: list[int], *, always: bool
) -> Callable[[Said], set[int]]:
    """A function from what is said to the rules of one part that fire.

    It asserts one fact, reads the names of the rules that fired, and retracts the fact. What it needs is
    bound here, because it is called for every evaluation.
    """
    questions, rules = part.questions, {**part.rules, _CANARY: -1}
    most = range(len(rules) + 1)
    assert_fact, retract_fact = c.assert_fact, c.retract_fact
    start, go_on = c.start_action_for_state, c.complete_and_start_action
    handle = None

    def fired(said: Said) -> set[int]:  # noqa: C901  split, it would cost a third more
        nonlocal handle
        fact = _FACT
        for question, text in said:
            if question in questions:
                fact += text
        if fact is _FACT and not always:
            return set()
        if handle is None:
            handles.extend(map(c.create_ruleset, (name,), (part.definition,)))
            handle = handles[-1]
        fact += "}"
        code, state = assert_fact(handle, fact)
        if code != 0:
            raise EngineFault(f"a fact was not taken (code {code})")
        found = set()
        usual = len(fact) + _AROUND  # of a message: {"r00":{"m":…}}
        started = start(handle, state)
        message = started[1] if started else None
        for _ in most:
            if message is None:
                break
            if len(message) == usual:
                found.add(rules[message[2:5]])
            else:
                found.update(rules[place] for place in json.loads(message))
            message = go_on(handle, state)
        else:
            raise EngineFault("more rules fired than there are")
        if retract_fact(handle, _TAKEN_BACK) != _DONE:
            raise EngineFault("a fact was not taken back")
        if -1 not in found:
            raise EngineFault("the rule that always fires did not")
        found.remove(-1)
        return found

    return fired


def _free(c: Any, sessions: deque[_Session] | list[_Session]) -> None:
    """Give back the memory of rulesets, wherever an evaluation was left.

    `delete_state` is only safe once an action of the state has been started. The canary of one more fact is
    such an action; where the last evaluation was cut short, its own was.
    """
    while sessions:
        handles = sessions.pop().handles
        while handles:
            handle = handles.pop()
            try:
                c.assert_fact(handle, _FACT + "}")
                c.start_action(handle)
            except Exception as error:
                if is_foreign(error):
                    raise
                continue  # then even freeing it may not be safe
            c.delete_state(handle, "0")
            c.delete_ruleset(handle)


def _parts(rules: Sequence[Sequence[Term]], fields: dict[Question, str]) -> Iterator[_Part]:
    """Split all terms into rulesets that stay within the limits; `fields` is filled on the way."""
    batch: list[tuple[int, Term]] = []
    comparisons: set[Test] = set()
    for index, terms in enumerate(rules):
        for term in terms:
            if batch and (len(batch) == MAX_TERMS or len(comparisons | term) > MAX_COMPARISONS):
                yield _part(batch, fields)
                batch, comparisons = [], set()
            batch.append((index, term))
            comparisons |= term
    yield _part(batch, fields)


def _part(batch: Sequence[tuple[int, Term]], fields: dict[Question, str]) -> _Part:
    definition: dict[str, object] = {_CANARY: {"all": [{"m": {"c": True}}]}}
    rules: dict[str, int] = {}
    for index, term in batch:
        name = f"r{len(rules):02}"
        rules[name] = index
        tests = sorted(term, key=lambda test: (test.question, test.op, repr(test.value)))
        definition[name] = {"all": [{"m": _conjunction([_comparison(test, fields) for test in tests])}]}
    read = frozenset(test.question for _, term in batch for test in term)
    return _Part(json.dumps(definition), rules, read)


def _conjunction(comparisons: Sequence[object]) -> object:
    return comparisons[0] if len(comparisons) == 1 else {"$and": comparisons}


def _comparison(test: Test, fields: dict[Question, str]) -> object:
    """One comparison, one key: of several keys in an object, durable-rules reads only the first."""
    is_flag = isinstance(test.value, bool | str)
    key = (test.question, test.value if is_flag else None)
    alias = fields.setdefault(key, f"q{len(fields)}")
    if is_flag:
        return {alias: True}
    if test.op is Op.IS:
        return {alias: test.value}
    return {_OPERATORS[test.op]: {alias: test.value}}
