"""How the values in rule files are written: kinds of text, lists, mappings, and what a part may have in it.

The names that stand in the annotations of `models` are those of this module. They are looked up only when
a file is read, so that nothing else has to import pydantic. A fault that leaves a part readable is noted
among the findings, and reading goes on; any other is raised as a `Fault`, and `explain` turns it into a
finding.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainValidator,
    ValidationInfo,
    WrapValidator,
)

from whentocall._text import quote
from whentocall.errors import Finding
from whentocall.protocol.conditions import Condition
from whentocall.protocol.kinds import AnswerType
from whentocall.protocol.parts import Part
from whentocall.protocol.phrases import (
    CHOICE_ID,
    NAME,
    QUESTION_ID,
    RESERVED,
    Fault,
    parse_answer_type,
    parse_condition,
    parse_usual,
)
from whentocall.protocol.values import Block, Text, line_of

SENTENCE_ID = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"[0-9]{1,9}")


# faults that leave a part readable


def note(info: ValidationInfo, line: int, message: str, code: str) -> None:
    """Add a finding to those of the file being read; without a file, it is raised."""
    context = info.context or {}
    if "findings" not in context:
        raise Fault(message, line, code)
    context["findings"].append(Finding(context["shown"], line, message, code))


def known_keys(value: Block, keys: Sequence[str], what: str, info: ValidationInfo) -> dict[str, object]:
    """What stands under the known keys; each other key is noted at its line."""
    for name in value:
        if name in keys:
            continue
        near = difflib.get_close_matches(name, keys, 1)
        told = f"did you mean '{near[0]}'?" if near else f"its keys are {', '.join(keys)}"
        if name == "id" and isinstance(value, Named):
            told = f"its id is {quote(value.id)}"
        message = f"{_article(what)} {what} has no key {quote(name)}: {told}"
        note(info, line_of(name, value.line), message, "unknown-key")
    return {name: value[name] for name in keys if name in value}


def _article(what: str) -> str:
    return "an" if what[0] in "aeiou" else "a"


# kinds of text


def _yes_no(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("yes", "no"):
        return value == "yes"
    said = f"{quote(value)} " if isinstance(value, str) else ""
    raise Fault(f"{said}should be 'yes' or 'no'")


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    said = f"{quote(value)} " if isinstance(value, str) else ""
    raise Fault(f"{said}should be a date, such as 2026-11-21")


def whole(low: int, high: int) -> BeforeValidator:
    """A whole number in digits, from `low` to `high`."""

    def read(value: object) -> object:
        number = int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
        if isinstance(number, int) and low <= number <= high:
            return number
        said = f"{quote(value)} " if isinstance(value, str) else ""
        raise Fault(f"{said}should be a whole number from {low} to {high}")

    return BeforeValidator(read)


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise Fault(f"{quote(value)} is not a name: small letters and digits, words joined by '-'")
    return value


def _choice_id(value: str) -> str:
    if not CHOICE_ID.fullmatch(value):
        message = f"{quote(value)} is not the id of a choice: small letters, digits and _ only"
        raise Fault(message, line_of(value), "bad-id")
    return value


def _voice(value: str) -> str:
    if value not in ("you", "they"):
        message = f"{quote(value)} is nobody who answers: the keys are 'you' and 'they'"
        raise Fault(message, line_of(value), "unknown-key")
    return value


def can_be_seen(text: str) -> bool:
    """Whether anything of the text shows: white space and characters without width do not."""
    return any(one.isprintable() and not one.isspace() for one in text)


def _text(value: str) -> str:
    if not can_be_seen(value):
        raise Fault("this text is empty")
    return value.strip()


def _with_its_line(value: object, check: Callable[[object], str]) -> object:
    """The checked text with the line it stands on, which pydantic would drop."""
    checked = check(value)
    return Text(checked, value.line) if isinstance(value, Text) else checked


YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[str, AfterValidator(_name)]
Prose = Annotated[str, AfterValidator(_text)]
Entry = Annotated[str, WrapValidator(_with_its_line)]
"""A text that knows its line, for what is looked up in other files."""
ChoiceId = Annotated[Entry, AfterValidator(_choice_id)]
VoiceKey = Annotated[Entry, AfterValidator(_voice)]
When = Annotated[Condition, PlainValidator(parse_condition)]
Kind = Annotated[AnswerType, PlainValidator(parse_answer_type)]


def _usual(value: str | None, info: ValidationInfo) -> str | None:
    answer = info.data.get("answer")  # not there if it could not be read
    return value if value is None or answer is None else parse_usual(answer, value)


Usual = Annotated[str | None, AfterValidator(_usual)]
"""The usual answer to a question whose `answer` stands before it."""


# lists and mappings


def _frozen(value: Mapping[str, Any]) -> MappingProxyType[str, Any]:
    return MappingProxyType(dict(value))


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise Fault("this list is empty: name at least one")
    return value


def _not_in_a_layer(value: object, info: ValidationInfo) -> object:
    if info.data.get("layer"):  # only the protocol's own lines are read: these would be lost
        raise Fault("a layer cannot have 'escalate': write it in each protocol that includes the layer")
    return value


Frozen = AfterValidator(_frozen)
Some = AfterValidator(_some)
NotInALayer = BeforeValidator(_not_in_a_layer)
SentenceIds = Annotated[tuple[str, ...], Some]


class Named(Block):
    """A mapping that stands under its id."""

    id: str = ""


def with_ids(pattern: re.Pattern[str], what: str) -> BeforeValidator:
    """A validator that gives each entry of a mapping its key as `id`, and the key's line."""

    def give(value: object, info: ValidationInfo) -> object:
        if isinstance(value, Mapping) and not isinstance(value, Block):
            return value  # built in Python, not read from a file
        if not isinstance(value, Block):
            raise Fault(f"here should stand a list of named {what}s", line_of(value), "not-a-mapping")
        for key in value:
            if message := _bad_id(key, pattern, what):
                note(info, line_of(key), message, "bad-id")
        return {key: _named(body, key) for key, body in value.items()}

    return BeforeValidator(give)


def _bad_id(key: str, pattern: re.Pattern[str], what: str) -> str | None:
    if pattern is QUESTION_ID and key in RESERVED:
        return f"'{key}' has a meaning of its own in conditions: give this question another id"
    if pattern.fullmatch(key):
        return None
    if pattern is SENTENCE_ID:
        return f"{quote(key)} is not a {what}'s id: letters and digits, joined by '-'"
    joined = "_" if pattern is QUESTION_ID else "-"
    return f"{quote(key)} is not a {what}'s id: small letters, digits and '{joined}'"


def _named(body: object, key: str) -> object:
    if not isinstance(body, Block):
        return body
    named = Named(body)
    named.id, named.line = str(key), line_of(key, body.line)
    return named


# parts


def keys_of_part(kind: type[Part], value: object, info: ValidationInfo) -> object:
    """What stands under the keys of a part, and its line; each key that it does not have is noted."""
    if not isinstance(value, Block):
        if isinstance(value, dict):
            return value  # built in Python, not read from a file
        message = f"{_article(kind.what)} {kind.what} is written as keys and values"
        raise Fault(message, line_of(value), "not-a-mapping")
    keys = [one.name for one in fields(kind) if one.name not in ("line", "id")]
    said = known_keys(value, keys, kind.what, info)
    if isinstance(value, Named):
        said["id"] = value.id
    return {**said, "line": value.line}


def keys_of_wording(value: object, info: ValidationInfo) -> object:
    """One text for both voices, or one for each."""
    if isinstance(value, Block):
        return known_keys(value, ("you", "they"), "wording", info)
    return {"you": value, "they": value} if isinstance(value, str) else value
