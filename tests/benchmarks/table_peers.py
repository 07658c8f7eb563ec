"""The peers of the table benchmark: the same rules over the same columns, in each peer's own language.

What each gives is one number for the level's rank and one with a bit for each rule that fires: masks. Only
the builders import the peers, so that those not installed are left out.
"""

# ruff: noqa: PLC0415  a peer is imported by its own builder, so that one not installed is left out

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from table_plan import Expr, Held, Null, Passes, Plan, fold, plan, read
from table_work import Work

from whentocall.protocol.conditions import Op, Test
from whentocall.protocol.protocol import Protocol

BLOCK = 1 << 16  # rows of NumPy's blocks: what one of them works on stays in the processor's cache
SIGNS = {Op.ABOVE: ">", Op.AT_LEAST: ">=", Op.BELOW: "<", Op.AT_MOST: "<="}

Masks = tuple[Any, list[Any]]
"""The rank of each row's level, and the numbers with a bit for each rule that fires."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of using a package.

    Attributes:
        name: which way it is.
        call: what is timed; it leaves its result in memory.
        masks: what `call` gave, as masks; not timed.
        whole: what `call` gave, as a Polars frame with our columns; for those that give them.
        share: of the table's rows, how many it works on; below 1 for what would take hours.
    """

    name: str
    call: Callable[[], Any]
    masks: Callable[[Any], Masks]
    whole: Callable[[Any], Any] | None = None
    share: float = 1


def threads() -> int:
    """How many threads this process may use."""
    return int(os.environ.get("POLARS_MAX_THREADS", "1"))


# one source for numba and NumPy: what is "and" for one row is "and" for many


@dataclass(frozen=True, slots=True)
class Source:
    """Some of the rules, as lines of Python over the values `v0`, `v1`, ... in the layout `bytes`.

    Attributes:
        asked: the question of each value.
        lines: they set `f0`, `f1`, ...: whether each rule fires, and what `reach` needs.
        reach: for each rank from 1 on, whether the level is that or higher.
    """

    asked: tuple[str, ...]
    lines: tuple[str, ...]
    reach: tuple[str, ...]


class Writer:
    """Writes some of the rules as `Source`."""

    def __init__(self, protocol: Protocol, plan: Plan, rules: range) -> None:
        """`rules` are the places of those to write."""
        self.protocol, self.plan, self.rules = protocol, plan, rules
        opened = tuple(dict.fromkeys(one for place in rules for one in read(plan.rules[place])))
        asked = dict.fromkeys([*opened, *(one for question in opened for one in read(plan.opens[question]))])
        self.values = {one: f"v{place}" for place, one in enumerate(asked)}
        self.opens = {one: f"o{place}" for place, one in enumerate(opened)}

    def source(self) -> Source:
        """The lines, each after those that it needs."""
        plan, opens = self.plan, self.opens
        lines = [f"{name} = {self.text(plan.opens[one], self.sure)}" for one, name in opens.items()]
        for bit, place in enumerate(self.rules):
            lines.append(f"f{bit} = {self.text(plan.rules[place], self.sure)}")
        reach: list[str] = []
        for rank in range(plan.top, 0, -1):
            terms = [*self.newly(rank), *reach[-1:]]
            if terms:
                lines.append(f"r{rank} = {' | '.join(terms)}")
                reach.append(f"r{rank}")
        return Source(tuple(self.values), tuple(lines), tuple(reversed(reach)))

    def newly(self, rank: int) -> list[str]:
        """What reaches a rank, beside what reaches the next higher one."""
        plan, rules = self.plan, self.rules
        here = [place for place in rules if plan.ranks[place] == rank]
        terms = [f"f{place - rules.start}" for place in here]
        if rank == plan.unsettled:  # from here down, what is not known counts
            here = [place for place in rules if plan.ranks[place] >= rank]
        if rank <= plan.unsettled:
            terms += [
                self.opens[one] if isinstance(one, str) else self.text(one, self.possible)
                for one in plan.openings(here)
            ]
        return terms

    def text(self, expr: Expr, leaf: Callable[[Expr], str]) -> str:
        """An expression, its leaves written by `leaf`; "not" so that it works on arrays as well."""

        def joined(every: bool, of: list[str]) -> str:  # noqa: FBT001
            return f"({(' & ' if every else ' | ').join(of)})"

        return fold(expr, leaf, joined, lambda one: f"({one} ^ True)")

    def sure(self, one: Expr) -> str:
        """A leaf; of three values, whether it is true."""
        if isinstance(one, Held | Passes):
            return self.held(one.test)
        value = self.values[one.question]
        if isinstance(one, Null):
            temperature = self.protocol.questions[one.question].answer.kind == "temperature"
            return f"({value} != {value})" if temperature else f"({value} < 0)"
        return f"({value} > 0)"

    def possible(self, one: Expr) -> str:
        """A leaf; of three values, whether it is not false."""
        held = self.sure(one)
        return f"({held} | {self.opens[one.test.question]})" if isinstance(one, Passes) else held

    def held(self, test: Test) -> str:
        """Whether an answer is known and passes: one that is not known is -1 or NaN."""
        value, question = self.values[test.question], self.protocol.questions[test.question]
        if test.op is Op.IS:
            code = list(question.options).index(test.value) if question.options else int(test.value)
            return f"({value} == {code})"
        passes = f"({value} {SIGNS[test.op]} {test.value})"
        return f"({passes} & ({value} >= 0))" if test.op in (Op.BELOW, Op.AT_MOST) else passes


def compiled(text: str, name: str, **names: Any) -> Any:
    """A function written as text."""
    exec(text, names)
    return names[name]


def numba_loop(work: Work) -> list[Way]:
    """A loop over the rows, compiled; the rows are shared out among the threads."""
    import numba
    import numpy as np

    numba.set_num_threads(threads())
    protocol, arrays = work.protocol(), work.arrays()
    rules = plan(protocol)
    wide = np.uint32 if rules.word_bytes == 4 else np.uint64
    made: dict[str, Any] = {}
    parts = []
    for places in rules.words():
        found = Writer(protocol, rules, places).source()
        text = _loop(found, len(places), wide.__name__)
        if text not in made:
            loop = compiled(text, "loop", prange=numba.prange, **{wide.__name__: wide, "uint8": np.uint8})
            made[text] = numba.njit(parallel=True)(loop)
        columns = [arrays[one] for one in found.asked]
        made[text](np.zeros(1, np.uint8), np.empty(1, wide), *[one[:1] for one in columns])  # compiles it
        parts.append((made[text], columns))

    def call() -> Masks:
        level, words = np.zeros(work.rows, np.uint8), [np.empty(work.rows, wide) for _ in parts]
        for (loop, columns), word in zip(parts, words, strict=True):
            loop(level, word, *columns)
        return level, words

    return [Way("a loop over the rows", call, lambda found: found)]


def _loop(found: Source, rules: int, wide: str) -> str:
    values = [f"v{place}" for place in range(len(found.asked))]
    reached = [f"uint8({one})" for one in found.reach]
    body = [f"{one} = a{one}[i]" for one in values] + list(found.lines)
    body += [f"level[i] = max(level[i], uint8({' + '.join(reached)}))"]
    bits = [f"({wide}({wide}(f{bit}) << {wide}({bit})))" for bit in range(rules)]
    body += [f"word[i] = {' | '.join(bits)}"]
    given = ", ".join(f"a{one}" for one in values)
    head = f"def loop(level, word, {given}):\n    for i in prange(level.size):\n"
    return head + "\n".join(f"        {line}" for line in body)


def numpy_blocks(work: Work) -> list[Way]:
    """NumPy over blocks of rows that stay in the cache; the blocks are shared out among the threads."""
    import numpy as np

    protocol, arrays = work.protocol(), work.arrays()
    rules = plan(protocol)
    bytes_wide = rules.word_bytes
    parts = []
    for places in rules.words():
        found = Writer(protocol, rules, places).source()
        parts.append((_block(found, len(places)), [arrays[one] for one in found.asked]))

    def one_block(start: int, level: Any, words: list[Any]) -> None:
        rows = slice(start, min(start + BLOCK, work.rows))
        for (block, columns), word in zip(parts, words, strict=True):
            reached, fired = block(*[column[rows] for column in columns])
            ranks = reduce(np.add, [one.view(np.uint8) for one in reached])
            np.maximum(level[rows], ranks, out=level[rows])
            planes = word[rows].view(np.uint8).reshape(-1, bytes_wide)
            for plane in range(0, len(fired), 8):
                bits = fired[plane].view(np.uint8).copy()
                for bit, one in enumerate(fired[plane + 1 : plane + 8], 1):
                    bits |= one.view(np.uint8) << bit
                planes[:, plane // 8] = bits

    def call() -> Masks:
        wide = np.uint32 if bytes_wide == 4 else np.uint64
        level, words = np.zeros(work.rows, np.uint8), [np.zeros(work.rows, wide) for _ in parts]
        starts = range(0, work.rows, BLOCK)
        with ThreadPoolExecutor(threads()) as pool:
            list(pool.map(lambda start: one_block(start, level, words), starts))
        return level, words

    return [Way(f"blocks of {BLOCK:,} rows", call, lambda found: found)]


def _block(found: Source, rules: int) -> Callable[..., Any]:
    values = ", ".join(f"v{place}" for place in range(len(found.asked)))
    fired = ", ".join(f"f{bit}" for bit in range(rules))
    lines = [*found.lines, f"return ({', '.join(found.reach)},), ({fired},)"]
    return compiled(f"def block({values}):\n" + "\n".join(f"    {line}" for line in lines), "block")


# three values, as Polars and SQL have them: a comparison is null where it is open


def polars_expressions(work: Work) -> list[Way]:
    """Expressions as one would write them by hand: a column per rule, a level, bits."""
    import polars as pl

    protocol, frame = work.protocol(), work.frame()
    rules = plan(protocol)
    opens = {one: _polars(expr) for one, expr in rules.opens.items() if not isinstance(expr, Null)}

    def passes(one: Expr) -> Any:
        known = _compare(one.test)
        if one.test.question not in opens:
            return known  # null where there is no answer, which is what is meant
        held = pl.when(known).then(statement=True)
        return held.when(opens[one.test.question]).then(statement=None).otherwise(statement=False)

    firing = [_polars(expr, passes).alias(f"f{place}") for place, expr in enumerate(rules.rules)]
    wide = pl.UInt32 if rules.word_bytes == 4 else pl.UInt64
    reached: list[Any] = []
    for rank in range(1, rules.top + 1):
        of = [f"f{place}" for place, own in enumerate(rules.ranks) if own >= rank]
        reached.append(pl.any_horizontal(of).fill_null(value=rank <= rules.unsettled).cast(pl.UInt8))
    level = reduce(lambda one, other: one + other, reached).alias("level")
    words = [_bits(list(places), wide).alias(f"word{n}") for n, places in enumerate(rules.words())]
    query = frame.lazy().select(firing).select(level, *words)

    def masks(found: Any) -> Masks:
        return found["level"].to_numpy(), [found[f"word{n}"].to_numpy() for n in range(len(words))]

    return [
        Way("in memory", query.collect, masks),
        Way("streaming", lambda: query.collect(engine="streaming"), masks),
    ]


def _polars(expr: Expr, leaf: Callable[[Expr], Any] | None = None) -> Any:
    def plain(one: Expr) -> Any:
        import polars as pl

        if isinstance(one, Held):
            return _compare(one.test).fill_null(value=False)
        column = pl.col(one.question)
        return column.is_null() if isinstance(one, Null) else (column != 0).fill_null(value=False)

    return fold(expr, leaf or plain, lambda every, of: reduce(and_ if every else or_, of), lambda one: ~one)


def _compare(test: Test) -> Any:
    import polars as pl

    column = pl.col(test.question)
    if test.value is True:
        return column
    compare = {Op.ABOVE: column.gt, Op.AT_LEAST: column.ge, Op.BELOW: column.lt, Op.AT_MOST: column.le}
    return compare.get(test.op, column.eq)(test.value)


def _bits(places: list[int], wide: Any) -> Any:
    """A bit per rule. Of the ways of writing it that were tried, this is quicker by half."""
    import polars as pl

    bits = [
        pl.when(pl.col(f"f{place}")).then(pl.lit(1 << bit, dtype=wide)).otherwise(pl.lit(0, dtype=wide))
        for bit, place in enumerate(places)
    ]
    return reduce(or_, bits)


def duckdb_sql(work: Work) -> list[Way]:
    """SQL over a table of DuckDB's own; its result as an Arrow table, or in a table of its own."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads()}")
    connection.register("frame", work.frame().to_arrow())
    connection.execute("CREATE TABLE answers AS FROM frame")
    connection.unregister("frame")
    query = sql(work.protocol())

    def masks(found: Any) -> Masks:
        numbers = [column.to_numpy() for column in found.columns]
        return numbers[0], numbers[1:]

    def keep() -> Any:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE result AS {query}")

    return [
        Way("to an Arrow table", lambda: connection.sql(query).to_arrow_table(), masks),
        Way("to its own table", keep, lambda _: masks(connection.table("result").to_arrow_table())),
    ]


def sql(protocol: Protocol) -> str:
    """The query: a column per rule, then the level by CASE, and the bits."""
    rules = plan(protocol)
    opens = {one: _sql(expr) for one, expr in rules.opens.items() if not isinstance(expr, Null)}

    def passes(one: Expr) -> str:
        known = _sql_compare(one.test)
        if one.test.question not in opens:
            return known
        return f"CASE WHEN {known} THEN true WHEN {opens[one.test.question]} THEN NULL ELSE false END"

    firing = [f"{_sql(expr, passes)} AS f{place}" for place, expr in enumerate(rules.rules)]
    cases = []
    for rank in range(rules.top, 0, -1):
        of = " OR ".join(f"f{place}" for place, own in enumerate(rules.ranks) if own >= rank)
        cases.append(f"WHEN ({of}) {'IS NOT false' if rank <= rules.unsettled else 'IS true'} THEN {rank}")
    wide = "UINTEGER" if rules.word_bytes == 4 else "UBIGINT"
    words = []
    for number, places in enumerate(rules.words()):
        bits = [f"CASE WHEN f{place} THEN {1 << bit} ELSE 0 END::{wide}" for bit, place in enumerate(places)]
        words.append(f"{' | '.join(bits)} AS word{number}")
    level = f"(CASE {' '.join(cases)} ELSE 0 END)::UTINYINT AS level"
    return f"SELECT {level}, {', '.join(words)} FROM (SELECT {', '.join(firing)} FROM answers)"


def _sql(expr: Expr, leaf: Callable[[Expr], str] | None = None) -> str:
    def plain(one: Expr) -> str:
        if isinstance(one, Held):
            return f"coalesce({_sql_compare(one.test)}, false)"
        if isinstance(one, Null):
            return f"({one.question} IS NULL)"
        return f"coalesce({one.question}::INTEGER <> 0, false)"

    def joined(every: bool, of: list[str]) -> str:  # noqa: FBT001
        return f"({(' AND ' if every else ' OR ').join(of)})"

    return fold(expr, leaf or plain, joined, lambda one: f"(NOT {one})")


def _sql_compare(test: Test) -> str:
    if test.value is True:
        return test.question
    value = f"'{test.value}'" if isinstance(test.value, str) else str(test.value)
    return f"({test.question} {SIGNS.get(test.op, '=')} {value})"
