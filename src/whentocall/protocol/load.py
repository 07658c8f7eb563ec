"""Where rule folders are, and loading one by name or path."""

from __future__ import annotations

from pathlib import Path

from whentocall.protocol.cache import restore
from whentocall.protocol.folders import HEAD
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
        return _load(path.parent if path.name == HEAD else path)
    return _load((Path(rules) if rules is not None else shipped_rules()) / name_or_path)


def _load(folder: Path) -> Protocol:
    """The shipped ones from their compiled form, where that is still what the files say."""
    if folder.parent == shipped_rules() and (protocol := restore(folder.name, folder.parent)):
        return protocol
    from whentocall.protocol.loading import load_folder  # noqa: PLC0415  imports pydantic and PyYAML

    return load_folder(folder)
