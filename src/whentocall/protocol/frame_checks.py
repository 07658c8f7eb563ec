"""Checks of what stands around the cards: levels, roles, words with places in them, sources, screens."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from whentocall._text import hint, quote
from whentocall.errors import Finding
from whentocall.protocol.model import Level, Question
from whentocall.protocol.reading import ReadFiles
from whentocall.protocol.values import line_of
from whentocall.protocol.wording import Wording, place_fault

_REGION = frozenset(("emergency_number", "emergency_place"))
_PLACES = _REGION | {"who", "or_who"}


def frame_findings(files: ReadFiles, questions: Mapping[str, Question]) -> Iterator[Finding]:
    """Every finding around the cards, in no particular order."""
    yield from _levels(files)
    yield from _contacts(files)
    yield from _roles(files)
    yield from _unsettled(files)
    if not files.head.layer and files.head.region is None:
        message = "'region' is missing: it names the place and its emergency number"
        yield Finding(files.head_file(files.name), files.head.line, message, "missing-key")
    yield from _escalations(files)
    yield from _sources(files)
    yield from _screens(files, questions)


def level_fault(level: str, files: ReadFiles) -> str | None:
    """What is wrong with the name of a level; None where nothing is."""
    if level in files.levels.levels:
        return None
    return f"{quote(level)} is not a level{hint(level, files.levels.levels)}"


def place_findings(file: str, line: int, words: Wording, allowed: Collection[str]) -> Iterator[Finding]:
    """What is wrong with the places, such as `{who}`, in a text."""
    for text in dict.fromkeys((words.you, words.they)):
        if fault := place_fault(text, allowed):
            yield Finding(file, line, fault, "bad-placeholder")


def _levels(files: ReadFiles) -> Iterator[Finding]:
    file, levels = files.levels_file, files.levels.levels
    if len(levels) < 2:
        message = "there must be at least two levels, the last one for 'nothing to report'"
        yield Finding(file, files.levels.line, message, "too-few-levels")
    for level in levels.values():
        if level.id not in files.head.contacts:
            if level.id != files.lowest and not level.who:
                yield Finding(file, level.line, f"'{level.id}' says nobody to contact", "no-contact")
            yield from _unknown_roles(files, file, level.line, level.who)
        for words in _words(level):
            yield from place_findings(file, level.line, words, _PLACES)


def _words(level: Level) -> Iterator[Wording]:
    yield level.headline
    yield level.how_soon
    yield from level.first
    if level.watch:
        yield level.watch


def _contacts(files: ReadFiles) -> Iterator[Finding]:
    """Whom the protocol itself names for its levels."""
    file, head = files.head_file(files.name), files.head
    for level, roles in head.contacts.items():
        line = line_of(level, head.line)
        if fault := level_fault(level, files):
            yield Finding(file, line, fault, "unknown-level")
        elif level != files.lowest and not roles:
            yield Finding(file, line, f"'{level}' says nobody to contact", "no-contact")
        for role in roles:
            yield from _unknown_roles(files, file, line_of(role, line), (role,))


def _unknown_roles(files: ReadFiles, file: str, line: int, used: Collection[str]) -> Iterator[Finding]:
    roles = {*files.levels.who, *files.head.who}
    for role in used:
        if role not in roles:
            message = f"{quote(role)} is not one of those under 'who': {', '.join(sorted(roles))}"
            yield Finding(file, line, message, "unknown-role")


def _roles(files: ReadFiles) -> Iterator[Finding]:
    head_file = files.head_file(files.name)
    for file, who in ((files.levels_file, files.levels.who), (head_file, files.head.who)):
        for role, words in who.items():
            yield from place_findings(file, line_of(role), words, _REGION)


def _unsettled(files: ReadFiles) -> Iterator[Finding]:
    level = files.head.when_unsettled
    file, line = files.head_file(files.name), line_of(level, files.head.line)
    if fault := level_fault(level, files):
        yield Finding(file, line, fault, "unknown-level")
    elif level == files.lowest:
        message = f"'when_unsettled' is '{level}', so that not knowing would look like nothing to report"
        yield Finding(file, line, message, "unsettled-too-low")


def _escalations(files: ReadFiles) -> Iterator[Finding]:
    """Their words and names; whether they can be reached is for `CrossChecks`."""
    file, seen = files.head_file(files.name), set[str]()
    for line in files.head.escalate:
        yield from place_findings(file, line.line, line.because, ())
        if line.name in seen:
            message = f"two escalations are named '{line.name}': give one a new name"
            yield Finding(file, line.line, message, "duplicate-escalation")
        seen.add(line.name)


def _sources(files: ReadFiles) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for document, source in files.sources.items():
        file = files.source_file(document)
        for sentence in source.sentences.values():
            line = sentence.line
            if sentence.id in seen:
                message = f"the id '{sentence.id}' is used in {seen[sentence.id]} too: ids are unique"
                yield Finding(file, line, message, "duplicate-sentence")
            seen[sentence.id] = document
            if (sentence.sha256 is None) == (sentence.point is None):
                message = (
                    f"'{sentence.id}' needs either 'sha256' (of its normalised text) or, where the "
                    "text is not held, 'point' (what it says, in our words)"
                )
                yield Finding(file, line, message, "sentence-without-text")
            if sentence.contact is not None and (fault := level_fault(sentence.contact, files)):
                yield Finding(file, line, fault, "unknown-level")


def _screens(files: ReadFiles, questions: Mapping[str, Question]) -> Iterator[Finding]:
    """What is asked together, by layers too."""
    seen: set[str] = set()
    for name, head in files.heads.items():
        file = files.head_file(name)
        for screen in head.screens:
            for one in screen.questions:
                if one in questions:
                    if len(screen.questions) > 1 and questions[one].answer.kind != "yes-no":
                        message = f"'{one}' is not a yes/no question, so it needs a screen of its own"
                        yield Finding(file, screen.line, message, "mixed-screen")
                elif files.all_cards and one not in files.lost_questions:
                    message = f"there is no question {quote(one)} in this protocol{hint(one, questions)}"
                    yield Finding(file, screen.line, message, "unknown-question")
                if one in seen:
                    message = f"{quote(one)} stands on two screens: keep one of them"
                    yield Finding(file, screen.line, message, "duplicate-question")
                seen.add(one)
