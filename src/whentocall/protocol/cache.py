"""The shipped protocols as they stood when the package was built, so that a start need not read them anew.

`cache_build` writes one file per protocol into the package; `restore` uses it for the shipped rules folder
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
from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from whentocall.foreign import is_foreign
from whentocall.protocol import conditions, model, protocol
from whentocall.protocol.protocol import Protocol

HEAD = b"whentocall compiled protocol 1\n"
COMPILED = Path(__file__).resolve().parents[1] / "compiled"
"""Where the files are: in the package. One for each protocol, `<name>.pickle`."""

_SUMS = 2 * sha256().digest_size
_ENDINGS = (".py", ".yaml", ".yml")
_MAX_BYTES = 1024 * 1024  # of one file; larger ones are not looked at here
_KNOWN = {
    (kind.__module__, kind.__qualname__): kind
    for kind in (*vars(model).values(), *vars(conditions).values(), *vars(protocol).values())
    if is_dataclass(kind) or kind in (conditions.Op, model.frozen)
} | {("datetime", "date"): date}


def restore(name: str, root: Path) -> Protocol | None:
    """The protocol `name` of the shipped rules folder; None where its files have to be read."""
    try:
        text = (COMPILED / f"{name}.pickle").read_bytes()
        start = len(HEAD) + _SUMS
        if text[:start] != HEAD + state(root) + sha256(text[start:]).digest():
            return None
        restored = _Restoring(BytesIO(text[start:]), root).load()
    except Exception as error:
        if is_foreign(error):
            raise
        return None  # whatever is wrong with it, there are the rule files
    return restored if isinstance(restored, Protocol) and restored.id == name else None


def state(root: Path) -> bytes:
    """SHA-256 over the names and bytes of all rule files, and of the code that reads them.

    Raises:
        OSError: they cannot be read, or something is there that is not read in passing.
    """
    hashed = sha256()
    for folder in (Path(__file__).parent, root):
        for name, path in sorted(_files(folder, deep=True)):
            with open(path, "rb", buffering=0) as file:
                text = file.read()
            hashed.update(f"{name}\0{len(text)}\0".encode(errors="surrogateescape") + text)
    return hashed.digest()


def _files(folder: Path | str, *, deep: bool) -> Iterator[tuple[str, str]]:
    """Name and path of the files in a folder and, if `deep`, in the folders in it."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.lower().endswith(_ENDINGS):
                if not entry.is_file() or entry.stat().st_size > _MAX_BYTES:
                    raise OSError(f"'{entry.name}' is no ordinary file")  # reading a pipe may never end
                yield entry.name, entry.path
            elif deep and entry.is_dir():
                yield from ((f"{entry.name}/{name}", path) for name, path in _files(entry.path, deep=False))


class _Restoring(Unpickler):
    """Takes nothing but the parts of a protocol; the rules folder is the one that lies here."""

    def __init__(self, file: BytesIO, root: Path) -> None:
        super().__init__(file)
        self._root = root

    def find_class(self, module: str, name: str) -> Any:
        """One of the known classes; anything else is an error."""
        return _KNOWN[module, name]

    def persistent_load(self, _: Any) -> Path:
        """The one thing that depends on where the package is put."""
        return self._root
