"""New cards and protocols: complete, valid files for a clinician to fill in.

A new card takes its words from its title, asks one yes/no question, and cites the sentence on "any side
effect", if there is one. What is guessed is marked in the rule's `interpretation`, which every reader of the
advice sees, and in comments. The files are made from `templates/`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from string import Template

from whentocall._text import lower_first, title_of
from whentocall.authoring.claims import TO_DECIDE
from whentocall.authoring.fmt import format_text, with_more, write
from whentocall.authoring.sources import normalised, yaml_text
from whentocall.errors import Finding, RulesError, WhentocallError
from whentocall.protocol.folders import HEAD, LEVELS, SIGN_OFF, SOURCES, protocol_names
from whentocall.protocol.load import load_folder
from whentocall.protocol.model import Sentence
from whentocall.protocol.phrases import NAME
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.yaml_file import Block, line_of, read

EMERGENCY = "emergency"  # the layer that a new protocol includes if it is there
FIRST_CARD = "side-effects"

_LONGEST_NAME = 50  # its question's id may have at most 60 characters
_QUOTED_VALUE = re.compile(r'(?<=: )"(?:[^"\\]|\\.)*"$', re.MULTILINE)


def new_card(protocol_folder: Path, name: str, *, title: str | None = None) -> Path:
    """Write a card with one question, one rule and its cases, and list it in the protocol.

    `check` has no findings about it; what a clinician has to decide is in its comments and under
    `interpretation`.

    Args:
        protocol_folder: the protocol's folder.
        name: the card's name: small letters and digits, words joined by `-`.
        title: its title; made from the name if none is given.

    Raises:
        UnknownProtocol: there is no protocol in that folder.
        RulesError: the name is invalid or taken, or the protocol cannot be loaded or written.
    """
    protocol = load_folder(protocol_folder)
    path, head = protocol_folder / f"{name}.yaml", protocol_folder / HEAD
    _refuse(path, name, reserved=(HEAD, LEVELS, SIGN_OFF))
    title, question, cited = _title(name, title), _free_question(protocol, name), _cited(protocol)
    facts = {
        "name": name,
        "title": title,
        "question": question,
        "sentence": cited.id,
        "document": protocol.sentence_documents[cited.id],
        "section": cited.section,
    }
    more = f"cards: [{name}]\n"
    if protocol.head.screens:
        more += f"screens:\n  - title: {yaml_text(title)}\n    questions: [{question}]\n"
    before = head.read_text(encoding="utf-8-sig")
    after = with_more(before, more, shown=str(head))
    levels = [level.id for level in protocol.levels]
    write(path, _card_text(facts, levels, protocol.head.when_unsettled))
    try:
        write(head, after)
        load_folder(protocol_folder)
    except WhentocallError:
        path.unlink()
        write(head, before)
        raise
    return path


def new_protocol(
    rules_folder: Path, name: str, *, title: str | None = None, today: date | None = None
) -> Path:
    """Write a protocol folder with its head and a first card, and the file of its document.

    It uses the levels of the rules folder, and includes its emergency layer if it has one.

    Args:
        rules_folder: the folder of the protocols, with its `levels.yaml`.
        name: the protocol's and the document's name: small letters and digits, words joined by `-`.
        title: its title; made from the name if none is given.
        today: the day that the files say they were written.

    Raises:
        RulesError: the name cannot be used, the folder has no levels, or it cannot be written.
    """
    folder, source = rules_folder / name, rules_folder / SOURCES / f"{name}.yaml"
    _refuse(folder, name, reserved=(SOURCES,))
    _refuse(source, name)
    levels = _levels(rules_folder / LEVELS)
    today = today or date.today()  # noqa: DTZ011  the writer's own day
    try:
        folder.mkdir()
        source.parent.mkdir(exist_ok=True)
    except OSError as error:
        message = f"cannot be created: {error.strerror}"
        raise RulesError([Finding(str(folder), 0, message, "unwritable")]) from None
    try:
        _write_protocol(folder, source, _title(name, title), levels, today)
        load_folder(folder)
    except WhentocallError:
        shutil.rmtree(folder)
        source.unlink(missing_ok=True)
        raise
    return folder


def _write_protocol(folder: Path, source: Path, title: str, levels: list[str], today: date) -> None:
    """The files of a new protocol. `levels` go from least to most urgent."""
    unsettled = "contact" if "contact" in levels else levels[len(levels) // 2]
    card = {
        "name": FIRST_CARD,
        "title": title_of(FIRST_CARD),
        "question": FIRST_CARD.replace("-", "_"),
        "document": folder.name,
        "section": title_of(FIRST_CARD),
        "sentence": f"{_free_prefix(folder.parent, folder.name)}-01",
    }
    facts = {
        **card,
        "title": title,
        "card": FIRST_CARD,
        "card_title": title_of(FIRST_CARD),
        "level": levels[1],
        "today": today.isoformat(),
        "due": (today + timedelta(days=365)).isoformat(),
        "include": f"include: [{EMERGENCY}]" if (folder.parent / EMERGENCY / HEAD).is_file() else "",
        "unsettled": unsettled,
    }
    write(source, _filled("source", facts))
    write(folder / HEAD, _filled("protocol", facts))
    write(folder / f"{FIRST_CARD}.yaml", _card_text(card, levels, unsettled))


def _card_text(facts: Mapping[str, str], levels: list[str], unsettled: str) -> str:
    """A card in its layout. `unsettled` is the level for what is not known."""
    # What nobody has decided yet is not known, so its level is no lower than that.
    level = levels[max(1, levels.index(unsettled))]
    return _filled(
        "card",
        {
            **facts,
            "thing": lower_first(facts["title"]),
            "levels": ", ".join(reversed(levels[1:])),
            "level": level,
            "lowest": levels[0],
            "unsettled": unsettled,
            "to_decide": TO_DECIDE,
        },
    )


def _filled(template: str, facts: Mapping[str, str]) -> str:
    """A template with its `$names` filled in, in its layout. Quotes stay only where a text needs them."""
    escaped = {name: json.dumps(fact, ensure_ascii=False)[1:-1] for name, fact in facts.items()}
    file = files(__package__) / "templates" / f"{template}.yaml.template"
    text = Template(file.read_text("utf-8")).substitute(escaped)
    text = _QUOTED_VALUE.sub(lambda quoted: yaml_text(json.loads(quoted[0])), text)
    return format_text(text, shown=f"{template}.yaml")


def _cited(protocol: Protocol) -> Sentence:
    """The protocol's sentence that fits a new card best: the last that asks people to tell their team.

    If there is none, the last that is not set aside; failing that, the last.
    """
    sources = [protocol.sources[document] for document in protocol.head.documents]
    own = [sentence for source in sources for sentence in source.sentences.values()]
    telling = [sentence for sentence in own if sentence.contact == protocol.levels[1].id]
    open_ = [sentence for sentence in own if sentence.set_aside is None]
    return (telling or open_ or own)[-1]


def _refuse(path: Path, name: str, *, reserved: Iterable[str] = ()) -> None:
    """Refuse a name that is not valid or is taken."""
    if not NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        message = (
            f"invalid name '{name}': use up to {_LONGEST_NAME} small letters and digits, words joined by "
            "'-', such as sore-mouth"
        )
        raise RulesError([Finding(str(path), 0, message, "bad-name")])
    if path.exists() or path.name in reserved:
        message = f"'{name}' already exists: choose another name, or change the file"
        raise RulesError([Finding(str(path), 0, message, "name-taken")])


def _title(name: str, title: str | None) -> str:
    title = normalised(title_of(name) if title is None else title)
    if not title or set(title) & set("{}"):
        message = f"invalid title '{title}': use a few words, such as Sore mouth"
        raise RulesError([Finding(name, 0, message, "bad-title")])
    return title


def _free_question(protocol: Protocol, name: str) -> str:
    """An id for the card's question that no question asked together with it has."""
    taken = set(protocol.questions)
    for other in protocol_names(protocol.folder.parent):
        try:
            loaded = load_folder(protocol.folder.parent / other)
        except RulesError:
            continue  # already broken; not ours to report
        if any(card.protocol == protocol.folder.name for card in loaded.cards):
            taken |= set(loaded.questions)
    question = name.replace("-", "_")
    names = [question, *(f"{question}_{number}" for number in range(2, len(taken) + 3))]
    return next(free for free in names if free not in taken)


def _levels(path: Path) -> list[str]:
    """The ids of a folder's levels, from least to most urgent."""
    if not path.is_file():
        message = "no levels in this folder: copy levels.yaml from the shipped rules first"
        raise RulesError([Finding(str(path), 0, message, "no-levels")])
    content, findings = read(path, str(path))
    levels = content.get("levels") if content else None
    if findings or not isinstance(levels, Block) or len(levels) < 2:
        message = "there must be at least two levels, the last one for 'nothing to report'"
        raise RulesError(findings or [Finding(str(path), line_of(content), message, "too-few-levels")])
    return [str(level) for level in reversed(levels)]


def _free_prefix(rules: Path, name: str) -> str:
    """The initials of a name, with a number if another document's sentences have them already."""
    taken: set[str] = set()
    for path in (rules / SOURCES).glob("*.yaml"):
        content, _ = read(path, str(path))
        sentences = content.get("sentences") if content else None
        if isinstance(sentences, Block):
            taken |= {sentence.rpartition("-")[0] for sentence in sentences}
    initials = "".join(word[0] for word in name.split("-"))[:6].upper()
    names = (initials, *(f"{initials}{number}" for number in range(2, 1000)))
    return next(free for free in names if free not in taken)
