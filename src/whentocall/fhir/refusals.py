"""Refusing parts of a response: every problem is collected under the name of its question, up to a limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeGuard

from whentocall.errors import AnswerProblem, AnswersError

MAX_PROBLEMS = 20
"""How many problems one error tells; a response that is nothing but problems is read no further."""

_MAX_SHOWN = 60


class Refused(ValueError):
    """Something in a response that cannot be taken; its text is the message of an `AnswerProblem`."""


class Refusals:
    """The problems found so far in one response."""

    def __init__(self) -> None:
        self._problems: list[AnswerProblem] = []

    @property
    def full(self) -> bool:
        """Whether there is room for no more."""
        return len(self._problems) >= MAX_PROBLEMS

    def add(self, question: str, message: str) -> None:
        """One problem with a question, or with a part of the resource."""
        name = question if question.isprintable() else repr(question)
        self.add_all([AnswerProblem(name[:_MAX_SHOWN], message)])

    def add_all(self, problems: Iterable[AnswerProblem]) -> None:
        """Problems that are told already."""
        self._problems += [one for one in problems if not self.full]

    @contextmanager
    def about(self, question: str) -> Iterator[None]:
        """What is refused inside is a problem with this question."""
        try:
            yield
        except Refused as refused:
            self.add(question, str(refused))

    def raise_any(self) -> None:
        """Raise what has been found, if anything.

        Raises:
            AnswersError: there were problems.
        """
        if self._problems:
            raise AnswersError(list(dict.fromkeys(self._problems)))


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, Mapping)


def shown(value: object) -> str:
    """A value for a message: short, and on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value) if len(value) <= _MAX_SHOWN else f"{repr(value[:_MAX_SHOWN])[:-1]}...'"
        case int() | float():
            return _digits(value)
        case list():
            return "a list"
    return "an object"


def _digits(value: float) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer too long to be printed
        return "a number of thousands of digits"
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
