"""Writes what `compiled` restores: `python -m whentocall.protocol.cache_build`."""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from whentocall.protocol.cache import COMPILED, HEAD, frozen_mapping, placed_rule, state
from whentocall.protocol.conditions import AllOf, AnyOf, AtLeast, Op, Test
from whentocall.protocol.kinds import AnswerType
from whentocall.protocol.load import shipped_rules
from whentocall.protocol.loading import load_folder, protocol_names
from whentocall.protocol.protocol import PlacedRule, Protocol
from whentocall.protocol.values import Text

_BY_FIELDS = (AllOf, AnyOf, AtLeast, AnswerType, Test)
_READY = (
    "sha256",
    "frame_sha256",
    "card_sha256",
    "signed_off",
    "ranks",
    "unsettled_rank",
    "sentence_documents",
    "followers",
)


def compile_rules(rules: Path, into: Path) -> tuple[Path, ...]:
    """Write the compiled form of every protocol in a rules folder, layers too. Returns the files written.

    Raises:
        OSError: a file cannot be read or written.
        RulesError: the rule files cannot be used.
    """
    made_from = state(rules)
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for name in protocol_names(rules):
        text = compiled(load_folder(rules / name))
        file = into / f"{name}.pickle"
        whole = into / f"{name}.new"
        whole.write_bytes(HEAD + made_from + sha256(text).digest() + text)
        whole.replace(file)  # at once: another process may be reading
        written.append(file)
    return tuple(written)


def compiled(protocol: Protocol) -> bytes:
    """One protocol, with what is derived from it on every start. The same protocol gives the same bytes."""
    whole = replace(protocol, _memo={})
    for name in _READY:
        getattr(whole, name)
    out = BytesIO()
    _Compiling(out, whole).dump(whole)
    return out.getvalue()


class _Compiling(pickle.Pickler):
    def __init__(self, out: BytesIO, protocol: Protocol) -> None:
        super().__init__(out, protocol=5)
        self._folder = protocol.folder
        self._files = {card.file: f"{card.id}.yaml".split("/") for card in protocol.cards}

    def persistent_id(self, one: Any) -> Any:
        """Paths depend on where the package is put, so they are told from the rules folder on."""
        if one is self._folder:
            return "folder", one.name
        if isinstance(one, str) and one in self._files:
            return "file", *self._files[one]
        return None

    def reducer_override(self, one: Any) -> Any:
        """What pickle cannot write, or writes so that it is slow to restore or in no fixed order."""
        kind = type(one)
        if kind is MappingProxyType:
            return frozen_mapping, (dict(one),)
        if kind is PlacedRule:
            terms = tuple(tuple(sorted(term, key=repr)) for term in one.terms)
            return placed_rule, (one.id, one.rule, one.card, one.rank, terms)
        if kind in _BY_FIELDS:
            return kind, tuple(getattr(one, field.name) for field in fields(one))
        if kind is Text:
            return kind, (str(one), one.line)
        return (Op, (one.value,)) if kind is Op else NotImplemented


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
