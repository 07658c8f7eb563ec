"""Answers given back in a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn


class Echo(dict[str, Any]):
    """A `dict` that nobody can change. It can be compared, hashed, copied and pickled."""

    def _fixed(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a result cannot be changed; dict(…) makes a copy that can")

    __setitem__ = __delitem__ = __ior__ = _fixed
    clear = pop = popitem = setdefault = update = _fixed

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none, because it can be changed
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[Echo], tuple[dict[str, Any]]]:
        return Echo, (dict(self),)


def echoed(answers: Mapping[str, Any]) -> Echo:
    """Answers in JSON form as an `Echo`, quantities included."""
    if isinstance(answers, Echo):
        return answers
    return Echo(
        {question: Echo(given) if isinstance(given, dict) else given for question, given in answers.items()}
    )
