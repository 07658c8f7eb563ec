"""The shipped protocols as they stood when the package was built, so that a start need not read them anew.

`compiling` writes one file per protocol into the package; `restore` uses it for the shipped rules folder
alone, and only if the names and bytes of every rule file there, and of this package's code for reading
them, are those that it was made from (a SHA-256 over all of them stands in it). Whatever else is the case
(a changed file, another version, nothing there, a file cut short), the rule files are read as ever: the
result is the same, later. `check`, `sign`, `fmt`, `diff` and the review always read the rule files.

The form is a pickle. It lies inside the package beside the code, so that whoever could put another in its
place could change the code itself, or the rules; nothing outside the package is ever read this way. All
the same it can name no class but the parts of a protocol, and call nothing else.
"""

from __future__ import annotations

import os
from _pickle import Unpickler  # without the half of `pickle` that is written in Python, and slow to import
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from whentocall._text import printable
from whentocall.foreign import is_foreign
from whentocall.protocol import conditions, kinds, protocol, values, wording
from whentocall.protocol import model as models
from whentocall.protocol.conditions import Term
from whentocall.protocol.protocol import PlacedCard, PlacedRule, Protocol

HEAD = b"whentocall compiled protocol 1\n"
COMPILED = Path(__file__).resolve().parents[1] / "compiled"
"""Where the files are: in the package. One for each protocol, `<name>.pickle`."""

_DIGEST = 32
_MAX_BYTES = 1024 * 1024  # of one rule file; larger ones are not looked at here
_MAX_FILES = 1000


class Compiled(Exception):
    """The compiled form cannot be used."""


def restore(name: str, rules: Path) -> Protocol | None:
    """The protocol `name` of the shipped rules folder; None where its files have to be read."""
    try:
        text = (COMPILED / f"{name}.pickle").read_bytes()
        start = len(HEAD) + 2 * _DIGEST
        sums = text[len(HEAD) : start]
        if not text.startswith(HEAD) or sums != state(rules) + sha256(text[start:]).digest():
            return None
        found = _Restoring(BytesIO(text[start:]), rules).load()
    except Exception as error:
        if is_foreign(error):
            raise
        return None  # whatever is wrong with it, there are the rule files
    return found if isinstance(found, Protocol) and found.id == name else None


def state(rules: Path) -> bytes:
    """SHA-256 over the names and bytes of all rule files, and of the code that reads them.

    Raises:
        OSError, Compiled: they cannot be read, or something is there that is not read in passing.
    """
    hashed = sha256()
    for folder, endings, deep in ((Path(__file__).parent, (".py",), False), (rules, (".yaml", ".yml"), True)):
        for name, path in sorted(_files(folder, endings, deep=deep)):
            with open(path, "rb", buffering=0) as file:
                text = file.read()
            hashed.update(f"{name}\0{len(text)}\0".encode(errors="surrogateescape") + text)
    return hashed.digest()


def _files(folder: Path | str, endings: tuple[str, ...], *, deep: bool) -> list[tuple[str, str]]:
    """Name and path of the files with such an ending in a folder and, if `deep`, in the folders in it."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.lower().endswith(endings):
                if not entry.is_file() or entry.stat().st_size > _MAX_BYTES:
                    raise Compiled(f"'{entry.name}' is no ordinary file")  # reading a pipe may never end
                found.append((entry.name, entry.path))
            elif deep and entry.is_dir():
                inner = _files(entry.path, endings, deep=False)
                found += [(f"{entry.name}/{name}", path) for name, path in inner]
    if len(found) > _MAX_FILES:
        raise Compiled("there are too many files")
    return found


def frozen_mapping(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A mapping that cannot be written to."""
    return MappingProxyType(items)


def placed_rule(
    id_: str, rule: models.Rule, card: PlacedCard, rank: int, terms: tuple[tuple[conditions.Test, ...], ...]
) -> PlacedRule:
    """A rule in its place; its terms are written as tuples, which have an order."""
    found: tuple[Term, ...] = tuple(map(frozenset, terms))
    return PlacedRule(id_, rule, card, rank, found)


_KNOWN = {
    (module.__name__, name): getattr(module, name)
    for module, names in (
        (conditions, "AllOf AnyOf AtLeast Op Test"),
        (kinds, "AnswerType"),
        (
            models,
            "Card CardSource Case Differs Escalation Expect Level ProtocolFile Question Region Rule "
            "ScreenLine SelfCare Sentence SignOff Source Waiver",
        ),
        (protocol, "PlacedCard PlacedEscalation PlacedRule Protocol Screen"),
        (values, "Block Items Text"),
        (wording, "Wording"),
    )
    for name in names.split()
}
_KNOWN["datetime", "date"] = date
_KNOWN[__name__, "frozen_mapping"] = frozen_mapping
_KNOWN[__name__, "placed_rule"] = placed_rule


class _Restoring(Unpickler):
    """Takes nothing but the parts of a protocol; paths are those of the rules folder as it lies here."""

    def __init__(self, file: BytesIO, rules: Path) -> None:
        super().__init__(file)
        self._rules = rules

    def find_class(self, module: str, name: str) -> Any:
        """One of the known classes; anything else is an error."""
        return _KNOWN[module, name]

    def persistent_load(self, told: Any) -> Any:
        """What has a path in it: the folder of a protocol, or a file as findings show it."""
        kind, *steps = told
        path = self._rules.joinpath(*steps)
        return path if kind == "folder" else printable(str(path))
