"""Writes what `cache` restores: `python -m whentocall.protocol.cache_build`."""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from whentocall.protocol.cache import COMPILED, HEAD, state
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import load_folder, shipped_rules
from whentocall.protocol.model import frozen
from whentocall.protocol.protocol import Protocol


def compile_rules(root: Path, into: Path) -> tuple[Path, ...]:
    """Write the compiled form of every protocol in a rules folder, layers too. Returns the files written.

    Raises:
        OSError: a file cannot be read or written.
        RulesError: the rule files cannot be used.
    """
    made_from = state(root)
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for name in protocol_names(root):
        text = compiled(load_folder(root / name))
        file = into / f"{name}.pickle"
        whole = into / f"{name}.new"
        whole.write_bytes(HEAD + made_from + sha256(text).digest() + text)
        whole.replace(file)  # at once: another process may be reading
        written.append(file)
    return tuple(written)


def compiled(protocol: Protocol) -> bytes:
    """One protocol, just read. The same protocol gives the same bytes."""
    out = BytesIO()
    _Compiling(out, protocol=5).dump(protocol)
    return out.getvalue()


class _Compiling(pickle.Pickler):
    def persistent_id(self, value: Any) -> str | None:
        """The rules folder is where the package is put; `cache` knows it."""
        return "root" if isinstance(value, Path) else None

    def reducer_override(self, value: Any) -> Any:
        """What pickle cannot write."""
        return (frozen, (dict(value),)) if isinstance(value, MappingProxyType) else NotImplemented


def main(argv: Sequence[str] | None = None) -> int:
    """Compile the shipped rules into this package; the value is the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m whentocall.protocol.cache_build",
        description="Compile the shipped rules, so that every start is quicker.",
    )
    parser.parse_args(argv)
    for file in compile_rules(shipped_rules(), COMPILED):
        print(file)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
