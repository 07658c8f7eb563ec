"""Refusing parts of a response: every problem is collected under the id of its question, up to a limit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeGuard

from whentocall._text import LONGEST, cut, printable, quote
from whentocall.errors import AnswerProblem, AnswersError

MAX_PROBLEMS = 20
"""The most problems that one error has; a response that is nothing but problems is read no further."""


class Refused(ValueError):
    """A part of a response that is refused; its text is the message of an `AnswerProblem`."""


class Refusals:
    """The problems of one response so far."""

    def __init__(self) -> None:
        self._problems: list[AnswerProblem] = []

    @property
    def full(self) -> bool:
        """Whether there is no room for more."""
        return len(self._problems) >= MAX_PROBLEMS

    @contextmanager
    def about(self, question: str) -> Iterator[None]:
        """Collect what is refused inside, under the id of a question or the name of a part."""
        try:
            yield
        except Refused as refused:
            self._problems.append(AnswerProblem(printable(question)[:LONGEST], str(refused)))
        except AnswersError as error:  # which names its questions itself
            self._problems += error.problems

    def raise_any(self) -> None:
        """Raise the problems, if there are any.

        Raises:
            AnswersError: there were problems.
        """
        if self._problems:
            raise AnswersError(list(dict.fromkeys(self._problems))[:MAX_PROBLEMS])


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, Mapping)


def shown(value: object) -> str:
    """A value for a message: short, and on one line."""
    if isinstance(value, str):
        return quote(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        try:
            return cut(value)
        except ValueError:  # an integer too long to be printed
            return "a number of thousands of digits"
    return "a list" if isinstance(value, list) else "an object"
