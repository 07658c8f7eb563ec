"""What the commands of the clinician's bench have in common: people and comparisons."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from whentocall import _files
from whentocall.authoring.check import Checked
from whentocall.authoring.people import in_words
from whentocall.authoring.revision import folder_of, protocols_in
from whentocall.protocol.protocol import Protocol

if TYPE_CHECKING:
    from whentocall.authoring.diff import Change, Difference, TextChange


def people_files(checked: Checked, folder: Path) -> list[Path]:
    """Write the answers of each finding's person to a file that `advise --answers` takes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for place, finding in enumerate((one for one in checked.findings if one.person), 1):
        path = folder / f"{place:02}-{finding.code}-{finding.about or 'protocol'}.json"
        _files.replace(path, f"{finding.person}\n".encode())
        written.append(path)
    return written


def compare(old: str, new: str) -> dict[str, tuple[Protocol | None, Protocol | None, Difference | None]]:
    """Each protocol's change from one folder (or `REVISION:folder`) to another.

    A protocol that is only on one side has no difference, but is there.
    """
    from whentocall.authoring.diff import diff  # noqa: PLC0415  needs an extra, and `check` without proofs does not

    with folder_of(old) as before_folder, folder_of(new) as after_folder:
        before, after = protocols_in(before_folder), protocols_in(after_folder)
        if len(before) == len(after) == 1:  # one protocol, perhaps renamed
            pairs = [(next(iter(before.values())), next(iter(after.values())))]
            return {pairs[0][1].id: (*pairs[0], diff(*pairs[0]))}
        found = {}
        for one in dict.fromkeys([*before, *after]):
            was, is_ = before.get(one), after.get(one)
            found[one] = (was, is_, diff(was, is_) if was and is_ else None)
        return found


def diff_text(name: str, new: Protocol, difference: Difference) -> Iterator[str]:
    """A difference as lines of text."""
    if difference.is_empty:
        yield f"{name}: nothing changes for anybody"
        return
    for bin_, changes in (("LOWERED", difference.lowered), ("RAISED", difference.raised)):
        for change in changes:
            yield from _change_text(name, new, bin_, change)
    for bin_, texts in (("ASKED DIFFERENTLY", difference.asked), ("WORDING", difference.wording)):
        for text in texts:
            yield f"{name}: {bin_}: {text.where}"
            yield f"    was: {text.old if text.old is not None else '(not there)'}"
            yield f"    is:  {text.new if text.new is not None else '(not there)'}"


def _change_text(name: str, new: Protocol, bin_: str, change: Change) -> Iterator[str]:
    known = {one: given for one, given in change.person.items() if one in new.questions}
    gone = [one for one in change.person if one not in new.questions]
    yield f"{name}: {bin_} from '{change.old}' to '{change.new}'"
    yield f"    for example: {in_words(new, known, with_unknown=not change.complete)}"
    if gone:
        yield f"    who also answered what is no longer asked: {', '.join(gone)}"
    yield f"    because of: {', '.join(change.rules) or 'follow-ups, masking, escalation or levels'}"


def diff_json(
    compared: dict[str, tuple[Protocol | None, Protocol | None, Difference | None]],
) -> str:
    """All differences as JSON."""
    said = {
        name: {
            "old": was and was.sha256,
            "new": is_ and is_.sha256,
            "lowered": [_change_json(one) for one in difference.lowered] if difference else None,
            "raised": [_change_json(one) for one in difference.raised] if difference else None,
            "asked": [_text_json(one) for one in difference.asked] if difference else None,
            "wording": [_text_json(one) for one in difference.wording] if difference else None,
        }
        for name, (was, is_, difference) in compared.items()
    }
    return json.dumps(said, ensure_ascii=False, indent=2)


def _change_json(change: Change) -> dict[str, object]:
    return {
        "old": change.old,
        "new": change.new,
        "person": dict(change.person),
        "rules": list(change.rules),
        "complete": change.complete,
    }


def _text_json(text: TextChange) -> dict[str, object]:
    return asdict(text)
