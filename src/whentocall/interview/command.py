"""`whentocall ask`: choose protocol and voice, run the interview, write the files asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from whentocall import _files
from whentocall.config import refuse_unknown_roles
from whentocall.engine.durable import c_functions
from whentocall.errors import ConfigError
from whentocall.interview import texts
from whentocall.interview.faces import Face, Stopped, choose
from whentocall.interview.render import Line, summary_lines
from whentocall.interview.session import Outcome, Session
from whentocall.interview.terminal import face as face_for_terminal
from whentocall.interview.terminal import ignore_when_closed, interrupt_when_closed
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import load
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES, Voice


class Ended(NamedTuple):
    """How `run_interview` ended."""

    finished: bool
    problems: bool
    saved: bool


def run_interview(
    *,
    rules: Path,
    protocol: str | None,
    voice: Voice | None,
    plain: bool,
    json_file: str | None,
    save_file: str | None,
    numbers: Mapping[str, str],
    numbers_now: tuple[str, ...] = (),
) -> Ended:
    """Run one interview on this terminal.

    `numbers` are all phone numbers by role; `numbers_now` the roles that were given for this run, and so
    must be roles of the protocol.

    Raises:
        WhentocallError: rule files, settings, or the engine cannot be used; before anything is asked.
    """
    c_functions()  # if the engine is missing, say so before the first question, not after the last
    files = [Path(file) for file in (json_file, save_file) if file is not None]
    files += [_beside(Path(save_file))] if save_file else []
    _refuse_unusable(files)
    known = _loaded(rules, protocol)
    refuse_unknown_roles(numbers_now, (role for one in known for role in one.words_for))
    face = face_for_terminal(plain=plain)
    interrupt_when_closed()
    try:
        face.show(_intro(face, known))
        chosen = known[0] if len(known) == 1 else _which_protocol(face, known)
        speaker: Voice = voice or _who_answers(face, chosen)
    except Stopped:
        _last_words(face)
        return Ended(finished=False, problems=False, saved=True)
    outcome = Session(face, chosen, speaker, numbers).run()
    ignore_when_closed()
    saved = _save_all(face, chosen, speaker, outcome, json_file, save_file)
    return Ended(finished=not outcome.stopped, problems=bool(outcome.advice.problems), saved=saved)


def _loaded(rules: Path, protocol: str | None) -> list[Protocol]:
    if protocol is not None:
        return [load(protocol, rules=rules)]
    found = [load(name, rules=rules) for name in protocol_names(rules)]
    known = [one for one in found if not one.head.layer]
    if not known:
        raise ConfigError(f"there is no protocol in '{rules}'")
    return known


def _intro(face: Face, known: list[Protocol]) -> list[Line]:
    numbers = " / ".join(dict.fromkeys(one.region.emergency_number for one in known))
    page = face.page
    lines = [line for text in texts.INTRO for line in page.text(text.format(numbers=numbers))]
    return [*lines, Line(), *page.text(texts.KEEP, style="faint")]


def _which_protocol(face: Face, known: list[Protocol]) -> Protocol:
    choices = [(one.id, one.title) for one in known]
    chosen = choose(face, texts.WHICH_PROTOCOL, choices)
    return next(one for one in known if one.id == chosen)


def _who_answers(face: Face, protocol: Protocol) -> Voice:
    words = protocol.head.answering or texts.ANSWERING
    choices = [(voice, words.get(voice, texts.ANSWERING[voice])) for voice in VOICES]
    chosen = choose(face, texts.WHO_ANSWERS, choices)
    return "they" if chosen == "they" else "you"


def _last_words(face: Face) -> None:
    try:
        face.show([Line(), *face.page.text(texts.SO_FAR_NOTHING), *face.page.text(texts.GOODBYE)])
    except Stopped:
        return


def _beside(save: Path) -> Path:
    return save.with_name(f"{save.name}.json")


def _refuse_unusable(files: list[Path]) -> None:
    """Each name is tried, and given up again, so that no interview ends with a summary that cannot be saved.

    Raises:
        ConfigError: a file could not be written under its name.
    """
    claimed: list[Path] = []
    try:
        for file in files:
            _claim(file, claimed)
            claimed.append(file)
    finally:
        for file in claimed:
            file.unlink(missing_ok=True)


def _claim(file: Path, others: list[Path]) -> None:
    if not file.name:
        raise ConfigError("a file to write has no name; give one, such as summary.txt")
    try:
        _files.claim(file)
    except FileExistsError:
        if any(_is_same(file, other) for other in others):
            raise ConfigError("two of the files to write have the same name; give each its own") from None
        raise ConfigError(f"{file} is there already; give the name of a new file") from None
    except OSError as error:
        if not file.parent.is_dir():
            raise ConfigError(f"{file}: there is no folder '{file.parent}'") from None
        raise ConfigError(f"{file} cannot be written ({error.strerror}); give another name") from None


def _is_same(file: Path, other: Path) -> bool:
    try:
        return file.samefile(other)
    except OSError:  # a link that leads nowhere
        return False


def _save_all(
    face: Face,
    protocol: Protocol,
    voice: Voice,
    outcome: Outcome,
    json_file: str | None,
    save_file: str | None,
) -> bool:
    """Write the files asked for. Returns whether all of them could be written."""
    written: dict[Path, str] = {}
    if json_file:
        written[Path(json_file)] = outcome.advice.to_json()
    if save_file:
        import json  # noqa: PLC0415  like all that is needed only after the last question
        from datetime import datetime  # noqa: PLC0415

        when = datetime.now().astimezone()
        advice, answers = outcome.advice, outcome.answers
        lines = summary_lines(protocol, advice, answers, voice, when=f"{when:%Y-%m-%d %H:%M %Z}")
        record: dict[str, Any] = {
            "made": when.isoformat(timespec="minutes"),
            "voice": voice,
            "finished": advice.finished,
            "answers": dict(answers),
            "advice": advice.model_dump(mode="json"),
        }
        written[Path(save_file)] = "".join(f"{line.text}\n" for line in lines)
        written[_beside(Path(save_file))] = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    failed = [f"{file}: {why}" for file, text in written.items() if (why := _write_private(file, text))]
    for one in failed:
        sys.stderr.write(f"whentocall: {one}\n")
    if written and not failed:
        try:
            face.show(face.page.text(texts.SAVED.format(files=", ".join(map(str, written)))))
        except Stopped:
            return True
    return not failed


def _write_private(file: Path, text: str) -> str:
    """Write a new file that only its owner can read. Returns what went wrong, or nothing."""
    try:
        _files.write_new(file, text.encode())
    except OSError as error:
        return f"could not be written ({error.strerror})"
    return ""
