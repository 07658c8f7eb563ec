"""Which version of whentocall this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def own_version(*, unknown: str = "unknown") -> str:
    """The version that is installed; `unknown` where the package is used without being installed."""
    try:
        return version("whentocall")
    except PackageNotFoundError:
        return unknown
