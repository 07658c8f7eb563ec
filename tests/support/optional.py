"""Packages that only some tests need, and `make test` does not install."""

import importlib


class _Absent:
    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        raise ModuleNotFoundError(f"{self._name} is not installed: mark this test with `engines`")


def optional(name):
    """A module; where it is not installed, something that says so to the test that uses it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return _Absent(name)
