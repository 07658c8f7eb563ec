"""For the authoring commands: example people as files, and differences as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from whentocall import _files
from whentocall.authoring.check import Checked
from whentocall.authoring.findings import in_words
from whentocall.authoring.revision import folder_of, protocols_in
from whentocall.protocol.protocol import Protocol

if TYPE_CHECKING:
    from whentocall.authoring.diff import Change, Difference


def people_files(checked: Checked, folder: Path) -> list[Path]:
    """Write the answers of each finding's person to a file that `advise --answers` takes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for place, finding in enumerate((finding for finding in checked.findings if finding.person), 1):
        path = folder / f"{place:02}-{finding.code}-{finding.about or 'protocol'}.json"
        _files.replace(path, f"{finding.person}\n".encode())
        written.append(path)
    return written


Compared = dict[str, tuple[Protocol | None, Protocol | None, "Difference | None"]]
"""Protocol id to the protocol before, the protocol after, and how they differ if there are both."""


def compare(old: str, new: str) -> Compared:
    """Each protocol's change from one folder (or `REVISION:folder`) to another."""
    from whentocall.authoring.diff import diff  # noqa: PLC0415  needs an extra, and `check` without proofs does not

    with folder_of(old) as before_folder, folder_of(new) as after_folder:
        before, after = protocols_in(before_folder), protocols_in(after_folder)
        if len(before) == len(after) == 1:  # one protocol, perhaps renamed
            ((was, is_now),) = zip(before.values(), after.values(), strict=True)
            return {is_now.id: (was, is_now, diff(was, is_now))}
        both_sides = {name: (before.get(name), after.get(name)) for name in (*before, *after)}
        return {
            name: (was, is_now, diff(was, is_now) if was and is_now else None)
            for name, (was, is_now) in both_sides.items()
        }


def diff_text(name: str, new: Protocol, difference: Difference) -> Iterator[str]:
    """A difference as lines of text."""
    if difference.is_empty:
        yield f"{name}: nothing changes for anyone"
        return
    for bin_, changes in (("LOWERED", difference.lowered), ("RAISED", difference.raised)):
        for change in changes:
            yield from _change_text(name, new, bin_, change)
    for bin_, texts in (("ASKED DIFFERENTLY", difference.asked), ("WORDING", difference.wording)):
        for text in texts:
            yield f"{name}: {bin_}: {text.where}"
            yield f"    was: {text.old if text.old is not None else '(none)'}"
            yield f"    is:  {text.new if text.new is not None else '(none)'}"


def _change_text(name: str, new: Protocol, bin_: str, change: Change) -> Iterator[str]:
    known = {name: given for name, given in change.person.items() if name in new.questions}
    gone = [name for name in change.person if name not in new.questions]
    yield f"{name}: {bin_} from '{change.old}' to '{change.new}'"
    yield f"    for example: {in_words(new, known, with_unknown=not change.complete)}"
    if gone:
        yield f"    who also answered questions that are no longer asked: {', '.join(gone)}"
    yield f"    because of: {', '.join(change.rules) or 'follow-ups, masking, escalation or levels'}"


def diff_json(compared: Compared) -> str:
    """All differences as JSON."""
    as_json = {
        name: {
            "old": was and was.sha256,
            "new": is_now and is_now.sha256,
            "lowered": difference and [_without_direction(change) for change in difference.lowered],
            "raised": difference and [_without_direction(change) for change in difference.raised],
            "asked": difference and [asdict(change) for change in difference.asked],
            "wording": difference and [asdict(change) for change in difference.wording],
        }
        for name, (was, is_now, difference) in compared.items()
    }
    return json.dumps(as_json, ensure_ascii=False, indent=2)


def _without_direction(change: Change) -> dict[str, object]:
    return {key: value for key, value in asdict(change).items() if key != "direction"}
