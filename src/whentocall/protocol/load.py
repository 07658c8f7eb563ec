"""Where rule folders are, and loading a protocol by name or path."""

from __future__ import annotations

import os
from pathlib import Path

from whentocall._text import hint, printable, quote
from whentocall.errors import UnknownProtocol
from whentocall.protocol.cache import restore
from whentocall.protocol.folders import HEAD, protocol_names
from whentocall.protocol.protocol import Protocol


def shipped_rules() -> Path:
    """The rules folder inside an installed wheel; in a checkout (an editable install) the checkout's."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "rules"
    return inside if inside.is_dir() else package.parents[1] / "rules"


def load(name_or_path: str | Path, *, rules: str | Path | None = None) -> Protocol:
    """Load a protocol, with its layers, levels and sources.

    Args:
        name_or_path: a protocol's name, such as "all-targeted-drugs", or the path of its folder (a
            `Path`, or a text with a `/` in it).
        rules: the rules folder to look for names in; the shipped one if none is given.

    Raises:
        UnknownProtocol: there is none of that name.
        RulesError: its files cannot be used; `findings` has everything wrong with them.

    >>> import whentocall
    >>> protocol = whentocall.load("all-targeted-drugs")
    >>> [level.id for level in protocol.levels]
    ['none', 'tell', 'contact', 'urgently', 'immediately', 'emergency']
    >>> protocol.questions["temperature"].wording("they")
    'What is their temperature now?'
    """
    if isinstance(name_or_path, Path) or "/" in name_or_path or "\\" in name_or_path:
        path = Path(name_or_path)
        folder = path.parent if path.name == HEAD else path
    else:
        folder = (Path(rules) if rules is not None else shipped_rules()) / name_or_path
    shipped = restore(folder.name, folder.parent) if folder.parent == shipped_rules() else None
    return shipped or load_folder(folder)


def load_folder(folder: Path) -> Protocol:
    """Read the files of the protocol in `folder`; its layers, levels and sources stand beside it.

    Raises:
        UnknownProtocol: the folder has no `protocol.yaml`.
        RulesError: with every finding of every file read.
    """
    if not os.path.isfile(folder / HEAD):
        raise UnknownProtocol(_no_such(folder))
    if folder.name in ("", ".."):  # "." and "../": the name is an id, so it must be the folder's own
        folder = Path(os.path.realpath(folder))
    from whentocall.protocol.assemble import read_protocol  # noqa: PLC0415  imports pydantic and PyYAML

    return read_protocol(folder.parent, folder.name)


def _no_such(folder: Path) -> str:
    names = protocol_names(folder.parent) if os.path.isdir(folder.parent) else ()
    told = hint(folder.name, names) or (f"; there are: {', '.join(names)}" if names else "")
    return f"there is no protocol {quote(folder.name)} in '{printable(str(folder.parent))}'{printable(told)}"
