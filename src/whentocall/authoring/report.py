"""The report of `check`: text for people, JSON for programs, or annotations for GitHub."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from whentocall.authoring.check import Checked
from whentocall.errors import Finding

Format = Literal["text", "json", "github"]


def report(checked: Checked, path: Path, form: Format) -> str:
    """The whole report."""
    if form == "json":
        return _json(checked)
    if form == "github":
        return "\n".join([*_github(checked), _total(checked, path)])
    return "\n".join([*_text(checked), _total(checked, path)])


def _text(checked: Checked) -> Iterator[str]:
    for finding in checked.findings:
        yield str(finding)
        if finding.person:
            yield textwrap.fill(finding.person, 100, initial_indent="    answers: ", subsequent_indent="    ")
        if finding.suggestion:
            yield f"    try: {finding.suggestion}"
    for finding, because in checked.accepted:
        yield f"accepted: {finding}"
        yield textwrap.fill(because, 100, initial_indent="    because: ", subsequent_indent="    ")
    for finding in checked.notes:
        yield f"note: {finding}"
    if not checked.proved:
        yield "note: proofs not run; install whentocall[review], and leave out --no-proofs"


def _total(checked: Checked, path: Path) -> str:
    count = len(checked.findings)
    findings = "no findings" if not count else "1 finding" if count == 1 else f"{count} findings"
    done = "proved" if checked.proved else "not proved"
    names = ", ".join(checked.protocols) or path
    counts = f"{checked.rules} rules, {checked.cases} cases, {checked.mutants} mutants"
    return f"{names}: {counts}, {done}: {findings}"


def _json(checked: Checked) -> str:
    as_json = {
        "protocols": checked.protocols,
        "rules": checked.rules,
        "cases": checked.cases,
        "mutants": checked.mutants,
        "proved": checked.proved,
        "findings": [_as_json(finding) for finding in checked.findings],
        "notes": [_as_json(note) for note in checked.notes],
        # The key keeps the word of the rule files, for the programs that read it.
        "waived": [{**_as_json(finding), "because": because} for finding, because in checked.accepted],
    }
    return json.dumps(as_json, ensure_ascii=False, indent=2)


def _as_json(finding: Finding) -> dict[str, object]:
    return {**asdict(finding), "person": json.loads(finding.person) if finding.person else None}


def _github(checked: Checked) -> Iterator[str]:
    """Workflow commands; see GitHub's documentation of `::error file=…`."""
    for kind, findings in (("error", checked.findings), ("notice", checked.notes)):
        for finding in findings:
            message = f"{finding.message} [{finding.code}]".replace("%", "%25").replace("\n", "%0A")
            yield f"::{kind} file={finding.file},line={max(finding.line, 1)}::{message}"
