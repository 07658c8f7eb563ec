"""From the files of a protocol, read and checked, to a `Protocol`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from whentocall.errors import RulesError
from whentocall.protocol import model, schema
from whentocall.protocol.answer_types import AnswerType
from whentocall.protocol.files import Files
from whentocall.protocol.lint import findings
from whentocall.protocol.phrases import parse_card_count
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Wording

_NO_REGION = model.Region(
    name="not given",
    emergency_number="your local emergency number",
    emergency_place="the nearest emergency department",
)


def read_protocol(root: Path, name: str) -> Protocol:
    """The protocol `name` of a rules folder.

    Raises:
        RulesError: with every finding of every file read.
    """
    files = Files(root, name)
    if every := [*files.findings, *findings(files)]:
        raise RulesError(every)
    levels = tuple(map(_made, reversed(files.levels.levels.values())))
    ranks = {level.id: rank for rank, level in enumerate(levels)}
    cards = tuple(_card(files, id_, ranks) for id_ in files.cards)
    questions = {question.id: question for card in cards for question in card.ask.values()}
    sources = _made(files.sources)
    escalations = tuple(_escalation(name, line, ranks) for line in files.head.escalate)
    head = _made(files.head, escalate=escalations)
    screens = (*_screens(files, questions),)
    words_for = model.frozen({**_made(files.levels.who), **head.who})
    asked = [[content(screen.title), list(screen.questions)] for screen in screens]
    frame = _sha256([content(head), content(levels), content(words_for), asked, content(sources)])
    card_sha256 = {card.id: _sha256(content(card)) for card in cards}
    return Protocol(
        id=name,
        root=root,
        head=head,
        levels=levels,
        words_for=words_for,
        region=head.region or _NO_REGION,
        cards=cards,
        questions=model.frozen(questions),
        rules=tuple(rule for card in cards for rule in card.rules.values()),
        screens=screens,
        escalations=escalations,
        sources=sources,
        sha256=_sha256([frame, card_sha256]),
        frame_sha256=frame,
        card_sha256=model.frozen(card_sha256),
        signatures=_made(files.signatures),
    )


def _made(value: Any, **derived: Any) -> Any:
    """What was read, as a protocol holds it: parts as those of `model`, texts without their lines.

    `derived` are the fields that its file does not have, or not in this form.
    """
    if isinstance(value, schema.Part):
        values = {name: _made(read) for name, read in value if name not in derived}
        return getattr(model, type(value).__name__)(**values, **derived)
    if isinstance(value, Mapping):
        return model.frozen({str(key): _made(item) for key, item in value.items()})
    if isinstance(value, tuple):
        return tuple(map(_made, value))
    if isinstance(value, list):
        return list(map(_made, value))
    return str(value) if isinstance(value, str) else value


def _card(files: Files, id_: str, ranks: Mapping[str, int]) -> model.Card:
    """A card and its rules, which know each other."""
    rules: dict[str, model.Rule] = {}
    read, layer = files.cards[id_], files.heads[id_.split("/", maxsplit=1)[0]].layer
    card: model.Card = _made(read, id=id_, root=files.root, is_layer=layer, rules=model.frozen(rules))
    for name, rule in read.rules.items():
        rules[name] = _made(rule, id=f"{id_}/{name}", card=card, rank=ranks[rule.level])
    return card


def _escalation(protocol: str, line: schema.Escalation, ranks: Mapping[str, int]) -> model.Escalation:
    counted = parse_card_count(line.when)
    assert counted is not None  # it has been looked at
    at_rank, rank = ranks[counted[1]], ranks[line.to]
    made: model.Escalation = _made(
        line, id=f"{protocol}/escalate/{line.name}", count=counted[0], at_rank=at_rank, rank=rank
    )
    return made


def _screens(files: Files, questions: Mapping[str, model.Question]) -> Iterator[model.Screen]:
    """The screens of the layers and of the protocol; every other opening question has one of its own."""
    placed: set[str] = set()
    for head in files.heads.values():
        for screen in head.screens:
            placed.update(screen.questions)
            yield _made(screen)
    for question in questions.values():
        if question.id not in placed and question.only_if is None:
            yield model.Screen(None, (question.id,))


def content(value: Any) -> Any:
    """What a part of a protocol says, as JSON values: without lines, and alike however its file is laid out.

    It has the keys of its file, in the order of the schema, without those that have their default.
    """
    if isinstance(value, Mapping):
        return {str(key): content(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [content(item) for item in value]
    if isinstance(value, AnswerType | date | str):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    kind = getattr(schema, type(value).__name__, None)
    if isinstance(value, Wording) or kind is None:  # a condition is told from another by its name
        parts = {
            part.name: content(getattr(value, part.name)) for part in fields(value) if part.name != "line"
        }
        return parts if isinstance(value, Wording) else {type(value).__name__: parts}
    return {
        key: content(getattr(value, "name" if key == "id" and kind is schema.Rule else key))
        for key, info in kind.model_fields.items()
        if key != "line" and getattr(value, key) != info.default
    }


def _sha256(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
