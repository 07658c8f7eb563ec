"""Which type of column holds every JSON value of a file, without changing one of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

_EXACT = 2**53  # beyond it, not every whole number is a float


class Kinds:
    """The keys of many objects, and the kinds of values that each has had."""

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The keys, in the order in which they came."""
        return tuple(self._seen)

    def see(self, objects: Iterable[dict[str, Any]]) -> None:
        """Take note of more objects."""
        seen = self._seen
        for values in objects:
            for name, value in values.items():
                kinds = seen.setdefault(name, set())
                if value is not None:
                    kinds.add(_kind(value))

    def schema(self) -> pa.Schema:
        """Each key with its type: text of the JSON where values are of several kinds."""
        return pa.schema([(name, _type(kinds)) for name, kinds in self._seen.items()])


def _kind(value: Any) -> str:
    kind = type(value)
    if kind is int:
        return "whole" if abs(value) <= _EXACT else "long" if -(2**63) <= value < 2**63 else "other"
    return {bool: "bool", float: "float", str: "text"}.get(kind, "other")


_JSON_TEXT = pa.large_string()  # told from texts, which are `string`, by its type


def _type(kinds: set[str]) -> pa.DataType:
    if kinds == {"bool"}:
        return pa.bool_()
    if kinds and kinds <= {"whole", "long"}:
        return pa.int64()
    if kinds and kinds <= {"whole", "float"}:
        return pa.float64()
    return pa.string() if kinds <= {"text"} else _JSON_TEXT


def column_of_kind(values: Iterable[Any], kind: pa.DataType) -> pa.Array:
    """One column in the type that was found for it."""
    if kind == _JSON_TEXT:
        return pa.array([None if value is None else json_text(value) for value in values], kind)
    return pa.array(list(values), kind)


def json_text(value: Any) -> str:
    """A value as JSON, on one line."""
    return json.dumps(value, ensure_ascii=False)
