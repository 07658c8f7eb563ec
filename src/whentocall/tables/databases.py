"""What differs between the engines that tables live on: names, and lists.

Columns are numbered while the query is built, because each engine reads something else into a name: a dot, a
star, capitals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from whentocall.engine.spelling import LOOKALIKES
from whentocall.tables.columns import number_of
from whentocall.tables.spelled import BLANK_RUN, LETTERS

_SINGLE = "".join(letter for letter, plain in LETTERS.items() if len(plain) == 1)
_SINGLE_PLAIN = "".join(LETTERS[letter] for letter in _SINGLE)
_LONGER = {letter: plain for letter, plain in LETTERS.items() if len(plain) > 1}
_PLAIN = re.compile("[A-Za-z0-9 _/.-]*")


class Engine(Protocol):
    """An engine that runs queries of its own.

    Attributes:
        capitals: whether names that differ in capitals alone are two.
    """

    capitals: bool

    def names(self, frame: Any) -> Sequence[str]:
        """The columns' names."""

    def numbered(self, frame: Any) -> Any:
        """The same table with the columns c0, c1 and so on; a column of nothing but nulls holds text."""

    def with_plain(self, frame: Any, texts: Mapping[str, str]) -> Any:
        """The same table and the plain form (see `spelling.plain`) of some texts in it.

        Args:
            frame: the numbered table.
            texts: each column, or part of one (`c3.unit`), with the name of its plain form.
        """

    def named(self, frame: Any, names: Sequence[str]) -> Any:
        """The same table with these names."""

    def select(self, frame: Any, expressions: Sequence[str]) -> Any:
        """A table of these expressions, in SQL."""

    def text(self, text: str) -> str:
        """A text, as SQL."""

    def listed(self, items: Sequence[tuple[str, str]]) -> str:
        """For every row the list of those names whose expression holds, as SQL."""


def engine_of(frame: Any) -> Engine | None:
    """The engine of a table, if it is one that we know."""
    package = type(frame).__module__.partition(".")[0]
    if package in ("duckdb", "_duckdb") and hasattr(frame, "project"):
        return _DuckDB()
    if package == "pyspark" and hasattr(frame, "toDF"):
        return _Spark()
    return None


class _DuckDB:
    capitals = False

    def names(self, frame: Any) -> Sequence[str]:
        return list(frame.columns)

    def numbered(self, frame: Any) -> Any:
        parts = [
            f"CAST(#{place + 1} AS VARCHAR) AS {number_of(place)}"
            if str(kind) == '"NULL"'
            else f"#{place + 1} AS {number_of(place)}"
            for place, kind in enumerate(frame.types)
        ]
        return frame.project(", ".join(parts))

    def with_plain(self, frame: Any, texts: Mapping[str, str]) -> Any:
        parts = [f"{_plain(f'CAST({source} AS VARCHAR)')} AS {name}" for source, name in texts.items()]
        return frame.project(", ".join(["*", *parts]))

    def named(self, frame: Any, names: Sequence[str]) -> Any:
        return frame.project(", ".join(f"#{place} AS {_quoted(name)}" for place, name in enumerate(names, 1)))

    def select(self, frame: Any, expressions: Sequence[str]) -> Any:
        return frame.project(", ".join(expressions))

    def text(self, text: str) -> str:
        return _text(text)

    def listed(self, items: Sequence[tuple[str, str]]) -> str:
        return f"list_filter([{_cases(items, self.text)}]::VARCHAR[], lambda item: item IS NOT NULL)"


def _cases(items: Sequence[tuple[str, str]], text: Callable[[str], str]) -> str:
    return ", ".join(f"CASE WHEN {held} THEN {text(name)} END" for name, held in items)


def _plain(text: str) -> str:
    """The plain form of a text, as SQL.

    DuckDB takes long to translate letters, and seldom has to: most texts are plain, or of ASCII.
    """
    ascii_, other = f"lower({text})", f"translate({text}, {_text(_SINGLE)}, {_text(_SINGLE_PLAIN)})"
    for letter in (letter for letter in LOOKALIKES if letter.isascii()):
        ascii_ = f"replace({ascii_}, {_text(letter)}, {_text(LOOKALIKES[letter])})"
    for letter, plain in _LONGER.items():
        other = f"replace({other}, {_text(letter)}, {_text(plain)})"
    return (
        f"CASE WHEN regexp_full_match({text}, '[a-z0-9.]*') THEN {text} "
        f"WHEN regexp_full_match({text}, '[ -~]*') THEN {_single_blanks(ascii_)} "
        f"ELSE {_single_blanks(other)} END"
    )


def _single_blanks(text: str) -> str:
    return f"trim(regexp_replace({text}, {_text(BLANK_RUN)}, ' ', 'g'), ' ')"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class _Spark:
    capitals = False

    def names(self, frame: Any) -> Sequence[str]:
        return list(frame.columns)

    def numbered(self, frame: Any) -> Any:
        from pyspark.sql import functions, types  # noqa: PLC0415  whoever has such a table has it; nobody else needs it

        kinds = enumerate(frame.schema)
        untyped = [number_of(place) for place, field in kinds if isinstance(field.dataType, types.NullType)]
        numbered = frame.toDF(*[number_of(place) for place in range(len(frame.columns))])
        texts = {name: functions.col(name).cast("string") for name in untyped}
        return numbered.withColumns(texts) if texts else numbered

    def with_plain(self, frame: Any, texts: Mapping[str, str]) -> Any:
        from pyspark.sql import functions  # noqa: PLC0415  as above

        added = {}
        for source, name in texts.items():
            text = functions.translate(functions.col(source).cast("string"), _SINGLE, _SINGLE_PLAIN)
            for letter, plain in _LONGER.items():
                text = functions.replace(text, functions.lit(letter), functions.lit(plain))
            added[name] = functions.trim(functions.regexp_replace(text, BLANK_RUN, " "))
        return frame.withColumns(added) if added else frame

    def named(self, frame: Any, names: Sequence[str]) -> Any:
        return frame.toDF(*names)

    def select(self, frame: Any, expressions: Sequence[str]) -> Any:
        return frame.selectExpr(*expressions)

    def text(self, text: str) -> str:
        """By its bytes where it is not plain, as what a quote or a backslash means there is a setting."""
        return f"'{text}'" if _PLAIN.fullmatch(text) else f"decode(X'{text.encode().hex()}', 'UTF-8')"

    def listed(self, items: Sequence[tuple[str, str]]) -> str:
        if not items:
            return "CAST(array() AS array<string>)"
        return f"array_compact(array({_cases(items, self.text)}))"
