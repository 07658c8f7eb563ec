"""What a rules folder holds, by name."""

from __future__ import annotations

import os
from pathlib import Path

from whentocall._text import printable
from whentocall.errors import UnknownProtocol

HEAD = "protocol.yaml"
LEVELS = "levels.yaml"
SIGN_OFF = "sign-off.yaml"
SOURCES = "sources"


def protocol_names(rules: Path) -> tuple[str, ...]:
    """The names of the protocol folders in a rules folder, layers included, sorted."""
    if not os.path.isdir(rules):
        raise UnknownProtocol(f"there is no folder '{printable(str(rules))}'")
    return tuple(sorted(path.parent.name for path in rules.glob(f"*/{HEAD}") if os.path.isfile(path)))
