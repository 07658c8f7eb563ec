"""A clinician's signature on a protocol: bound to what it says, and void once that changes.

Signatures are kept in `sign-off.yaml` in the protocol's folder. Each has a hash of what every card said;
layout and comments do not count. A protocol with findings cannot be signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from whentocall import _files
from whentocall.authoring.check import check
from whentocall.errors import WhentocallError
from whentocall.protocol.folders import SIGN_OFF
from whentocall.protocol.load import load_folder
from whentocall.protocol.protocol import Protocol


class CannotSign(WhentocallError):
    """The protocol cannot be signed as it is; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, and what.

    Attributes:
        name, role: the person, such as "Dr A. Example" and "consultant haematologist".
        day: the day of signing.
        note: anything the person wants to add.
        cards: names of the cards signed (`diarrhoea`, or `emergency/signs` of a layer); all if empty.
    """

    name: str
    role: str
    day: date
    note: str = ""
    cards: Sequence[str] = ()


def sign(folder: Path, signature: Signature) -> Path:
    """Add a signature to a protocol. Returns the file that it was written to.

    Raises:
        CannotSign: `check` has findings, a card is not there, or a name or role is missing.
        UnknownProtocol, RulesError: the protocol cannot be loaded.
    """
    if not signature.name.strip() or not signature.role.strip():
        raise CannotSign("a signature needs a name and a role")
    if not all(text.isprintable() for text in (signature.name, signature.role, signature.note)):
        raise CannotSign("a name, a role and a note must each be on one line")
    protocol = load_folder(folder)
    findings = check(folder).findings
    if findings:
        first = "\n".join(str(finding) for finding in findings[:3])
        raise CannotSign(f"'check' has {len(findings)} findings; fix or accept them first:\n{first}")
    cards = _cards(protocol, signature.cards)
    path = folder / SIGN_OFF
    text = path.read_text("utf-8") if path.is_file() else _HEAD
    text += "\n".join(_lines(protocol, signature, cards)) + "\n"
    _files.replace(path, text.encode())
    return path


_HEAD = """\
# Who has signed what, and when. Written by 'whentocall sign'; a signature counts for a card only while the
# card still says what it said then.
signed:
"""


def _cards(protocol: Protocol, names: Sequence[str]) -> list[str]:
    if not names:
        return list(protocol.card_sha256)
    cards = [name if "/" in name else f"{protocol.id}/{name}" for name in names]
    for card in cards:
        if card not in protocol.card_sha256:
            known = ", ".join(protocol.card_sha256)
            raise CannotSign(f"no card '{card}'; the cards are: {known}")
    return cards


def _lines(protocol: Protocol, signature: Signature, cards: Sequence[str]) -> list[str]:
    lines = [
        f"  - name: {_quoted(signature.name)}",
        f"    role: {_quoted(signature.role)}",
        f"    date: {signature.day.isoformat()}",
    ]
    if signature.note.strip():
        lines.append(f"    note: {_quoted(signature.note)}")
    if not signature.cards:
        lines.append(f"    frame: {protocol.frame_sha256}")
    lines.append("    cards:")
    return lines + [f"      {card}: {protocol.card_sha256[card]}" for card in cards]


def _quoted(text: str) -> str:
    """A text in single quotes, as YAML reads it."""
    return "'" + text.strip().replace("'", "''") + "'"
