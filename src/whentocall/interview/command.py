"""`whentocall ask`: choose protocol and voice, run the interview, write the files asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from whentocall import _files
from whentocall.config import refuse_unknown_roles
from whentocall.engine.durable import c_functions
from whentocall.errors import ConfigError
from whentocall.interview import narrative, texts
from whentocall.interview.faces import Face, Stopped, choose
from whentocall.interview.render import Line, summary_lines
from whentocall.interview.session import Outcome, Session
from whentocall.interview.terminal import face as face_for_terminal
from whentocall.interview.terminal import ignore_when_closed, interrupt_when_closed
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import load
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice


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

    `numbers` has all phone numbers by role. `numbers_now` has the roles whose numbers were given for this
    run: each must be a role of the protocol.

    Raises:
        WhentocallError: rule files, settings, or the engine cannot be used; before anything is asked.
    """
    c_functions()  # if the engine is missing, say so before the first question, not after the last
    files = [Path(file) for file in (json_file, save_file) if file is not None]
    files += [_beside(Path(save_file))] if save_file else []
    _refuse_unusable(files)
    protocols = _loaded(rules, protocol)
    refuse_unknown_roles(numbers_now, (role for known in protocols for role in known.words_for))
    face = face_for_terminal(plain=plain)
    interrupt_when_closed()
    try:
        face.show(_intro(face, protocols))
        chosen = protocols[0] if len(protocols) == 1 else _which_protocol(face, protocols)
        session = Session(face, chosen, voice or _who_answers(face, chosen), numbers)
    except Stopped:
        _last_words(face)
        return Ended(finished=False, problems=False, saved=True)
    outcome = session.run()
    ignore_when_closed()
    saved = _save(face, _contents(session, outcome, json_file, save_file))
    return Ended(finished=not outcome.stopped, problems=bool(outcome.advice.problems), saved=saved)


def _loaded(rules: Path, name: str | None) -> list[Protocol]:
    if name is not None:
        return [load(name, rules=rules)]
    loaded = (load(name, rules=rules) for name in protocol_names(rules))
    protocols = [protocol for protocol in loaded if not protocol.head.layer]
    if not protocols:
        raise ConfigError(f"there is no protocol in '{rules}'")
    return protocols


def _intro(face: Face, protocols: list[Protocol]) -> list[Line]:
    numbers = " / ".join(dict.fromkeys(protocol.region.emergency_number for protocol in protocols))
    page = face.page
    lines = [line for text in texts.INTRO for line in page.text(text.format(numbers=numbers))]
    return [*lines, Line(), *page.text(texts.KEEP, style="faint")]


def _which_protocol(face: Face, protocols: list[Protocol]) -> Protocol:
    chosen = choose(face, texts.WHICH_PROTOCOL, [(protocol.id, protocol.title) for protocol in protocols])
    return next(protocol for protocol in protocols if protocol.id == chosen)


def _who_answers(face: Face, protocol: Protocol) -> Voice:
    chosen = choose(face, texts.WHO_ANSWERS, narrative.voices(protocol))
    return "they" if chosen == "they" else "you"


def _last_words(face: Face) -> None:
    with suppress(Stopped):
        face.show([Line(), *face.page.text(texts.SO_FAR_NOTHING), *face.page.text(texts.GOODBYE)])


def _beside(save: Path) -> Path:
    return save.with_name(f"{save.name}.json")


def _refuse_unusable(files: list[Path]) -> None:
    """Try each name and give it up again, so that no interview ends with a summary that cannot be saved.

    Raises:
        ConfigError: a file of that name could not be written.
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
        raise ConfigError("an output file has no name; give one, such as summary.txt")
    try:
        _files.claim(file)
    except FileExistsError:
        if file.exists() and any(map(file.samefile, others)):  # it is not there if it is a broken link
            raise ConfigError("two output files have the same name; give each its own") from None
        raise ConfigError(f"{file} already exists; give the name of a new file") from None
    except OSError as error:
        if not file.parent.is_dir():
            raise ConfigError(f"{file}: there is no folder '{file.parent}'") from None
        raise ConfigError(f"{file} cannot be written ({error.strerror}); give another name") from None


def _contents(
    session: Session, outcome: Outcome, json_file: str | None, save_file: str | None
) -> Mapping[Path, str]:
    """The files asked for, and what to write into them."""
    contents: dict[Path, str] = {}
    advice, answers = outcome.advice, outcome.answers
    if json_file:
        contents[Path(json_file)] = advice.to_json()
    if save_file:
        import json  # noqa: PLC0415  like everything that is needed only after the last question
        from datetime import datetime  # noqa: PLC0415

        now = datetime.now().astimezone()
        when = f"{now:%Y-%m-%d %H:%M %Z}"
        lines = summary_lines(session.protocol, advice, answers, session.voice, when=when)
        record: dict[str, Any] = {
            "made": now.isoformat(timespec="minutes"),
            "voice": session.voice,
            "finished": advice.finished,
            "answers": dict(answers),
            "advice": advice.model_dump(mode="json"),
        }
        contents[Path(save_file)] = "".join(f"{line.text}\n" for line in lines)
        contents[_beside(Path(save_file))] = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    return contents


def _save(face: Face, contents: Mapping[Path, str]) -> bool:
    """Write new files that only their owner can read, and say so. Returns whether all could be written."""
    saved = True
    for file, text in contents.items():
        try:
            _files.write_new(file, text.encode())
        except OSError as error:
            saved = False
            sys.stderr.write(f"whentocall: {file}: could not be written ({error.strerror})\n")
    if contents and saved:
        with suppress(Stopped):
            face.show(face.page.text(texts.SAVED.format(files=", ".join(map(str, contents)))))
    return saved
