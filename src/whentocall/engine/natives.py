"""Answers in Python's own types, for those in the types of numpy, pandas and other libraries.

No library is imported for it: their numbers say what they are by Python's own abstract classes.
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from whentocall.engine.reader import Unreadable, exact
from whentocall.errors import AnswerProblem, AnswersError

JSON_TYPES: frozenset[type] = frozenset((bool, int, float, str, dict, type(None)))
"""The types that an answer has in JSON."""


def native_answers(answers: Mapping[Any, Any]) -> dict[Any, Any]:
    """The answers under plain texts, in quantities too. A key that only looks like another would be skipped.

    Raises:
        AnswersError: two keys are the same text.
    """
    native: dict[Any, Any] = {}
    for key, value in answers.items():
        name = str.__str__(key) if isinstance(key, str) else key
        if name in native:
            raise AnswersError([AnswerProblem(str(name)[:60], "appears twice: keep one of them")])
        native[name] = _native_quantity(value) if isinstance(value, dict) else native_value(value)
    return native


def _native_quantity(quantity: dict[Any, Any]) -> dict[Any, Any]:
    deep = any(isinstance(value, dict) for value in quantity.values())
    return dict(quantity) if deep else native_answers(quantity)


def native_value(value: object) -> object:
    """The same value in a type that JSON has; itself where there is none, or where a float would round it."""
    if type(value) in JSON_TYPES:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, Decimal | numbers.Real) and not isinstance(value, Fraction):
        try:
            return exact(str(value))  # of a float32 the digits that it prints, as it was meant
        except Unreadable:
            return value
    # numpy's own bool is not a number of Python's
    is_bool = type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_")
    return bool(value) if is_bool else value
