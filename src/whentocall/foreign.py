"""Whose exception it is: a fault of this program, or an interruption that belongs to the caller.

A task queue ends a task that takes too long with an exception of its own, raised by a signal handler or set
from another thread. It can surface anywhere in our code, and is often a plain `Exception`. It is not our
fault and belongs to the caller; carrying on as if nothing had happened would be wrong.

Our code and the packages it calls raise only their own classes and those of Python itself. So an exception
of any other class is foreign, and so are `TimeoutError`, `InterruptedError` and a bare `Exception`, which
nothing here raises. What cannot be told apart, such as a handler that raises `RuntimeError`, counts as a
fault: the advice is then escalated, and says so.
"""

from __future__ import annotations

_OURS = frozenset(
    (
        "builtins",
        "whentocall",
        "durable_rules_engine",
        "pydantic",
        "pydantic_core",
        "json",
        "decimal",
        "pickle",
        "_pickle",
    )
)


def is_foreign(error: Exception) -> bool:
    """Whether an exception belongs to the caller, rather than being a fault of ours."""
    kind = type(error)
    if kind is Exception or isinstance(error, TimeoutError | InterruptedError):
        return True
    return kind.__module__.partition(".")[0] not in _OURS
