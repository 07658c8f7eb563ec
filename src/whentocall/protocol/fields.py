"""How values in rule files are written: texts, dates, numbers, lists, and mappings of named parts.

A fault that leaves a part readable is noted among the findings, and reading goes on; any other is raised as
a `Fault`, and `pydantic_faults` turns it into a finding.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainValidator, ValidationInfo, WrapValidator

from whentocall._text import quote
from whentocall.errors import Finding
from whentocall.protocol.conditions import Condition
from whentocall.protocol.phrases import (
    CHOICE_ID,
    NAME,
    QUESTION_ID,
    RESERVED,
    Fault,
    parse_condition,
    parse_usual,
)
from whentocall.protocol.wording import Wording
from whentocall.protocol.yaml_file import Block, Text, line_of

SENTENCE_ID = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"[0-9]{1,9}")


def note(info: ValidationInfo, line: int, message: str, code: str) -> None:
    """Add a finding to those of the file that is being read."""
    assert info.context is not None
    info.context["findings"].append(Finding(info.context["shown"], line, message, code))


def known_keys(value: Block, keys: Sequence[str], what: str, info: ValidationInfo) -> dict[str, object]:
    """What stands under the known keys; each other key is noted at its line."""
    for name in value.keys() - set(keys):
        near = difflib.get_close_matches(name, keys, 1)
        right = f"did you mean '{near[0]}'?" if near else f"its keys are {', '.join(keys)}"
        if name == "id" and isinstance(value, Named):
            right = f"its id is {quote(value.id)}"
        message = f"{article(what)} {what} has no key {quote(name)}: {right}"
        note(info, line_of(name, value.line), message, "unknown-key")
    return {name: value[name] for name in keys if name in value}


def article(what: str) -> str:
    """The one that stands before a word."""
    return "an" if what[0] in "aeiou" else "a"


# kinds of text


def _shown(value: object) -> str:
    """A text in quotes at the start of a message; nothing for what is no text."""
    return f"{quote(value)} " if isinstance(value, str) else ""


def _yes_no(value: object) -> bool:
    if value not in ("yes", "no"):
        raise Fault(f"{_shown(value)}should be 'yes' or 'no'")
    return value == "yes"


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Fault(f"{_shown(value)}should be a date, such as 2026-11-21")


def whole(low: int, high: int) -> BeforeValidator:
    """A whole number in digits, from `low` to `high`."""

    def read(value: object) -> int:
        if isinstance(value, str) and _WHOLE.fullmatch(value) and low <= int(value) <= high:
            return int(value)
        raise Fault(f"{_shown(value)}should be a whole number from {low} to {high}")

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


def _can_be_seen(text: str) -> bool:
    """Whether anything of the text shows: white space and characters without width do not."""
    return any(character.isprintable() and not character.isspace() for character in text)


def _text(value: str) -> str:
    if not _can_be_seen(value):
        raise Fault("this text is empty")
    return value.strip()


def _with_its_line(value: object, check: Callable[[object], str]) -> str:
    """The checked text with the line it stands on, which pydantic would drop."""
    return Text(check(value), line_of(value))


def _both_voices(value: object, info: ValidationInfo) -> object:
    """One text for both voices, or one for each."""
    if isinstance(value, Block):
        return known_keys(value, ("you", "they"), "wording", info)
    return {"you": value, "they": value} if isinstance(value, str) else value


def _something_to_read(words: Wording) -> Wording:
    if not _can_be_seen(words.you) or not _can_be_seen(words.they):
        raise ValueError("the text is empty: write what the person will read")
    return words


def _usual(value: str | None, info: ValidationInfo) -> str | None:
    answer = info.data.get("answer")  # not there if it could not be read
    return value if value is None or answer is None else parse_usual(answer, value)


YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[str, AfterValidator(_name)]
Prose = Annotated[str, AfterValidator(_text)]
Words = Annotated[Wording, BeforeValidator(_both_voices), AfterValidator(_something_to_read)]
Entry = Annotated[str, WrapValidator(_with_its_line)]
"""A text that knows its line, for what is looked up in other files."""
When = Annotated[Condition, PlainValidator(parse_condition)]
ChoiceId = Annotated[Entry, AfterValidator(_choice_id)]
VoiceKey = Annotated[Entry, AfterValidator(_voice)]
Usual = Annotated[str | None, AfterValidator(_usual)]
"""The usual answer to a question whose `answer` stands before it."""


# lists and mappings


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise Fault("this list is empty: name at least one")
    return value


def _not_in_a_layer(value: object, info: ValidationInfo) -> object:
    if info.data.get("layer"):  # only the protocol's own lines are read: these would be lost
        raise Fault("a layer cannot have 'escalate': write it in each protocol that includes the layer")
    return value


Some = AfterValidator(_some)
NotInALayer = BeforeValidator(_not_in_a_layer)
SentenceIds = Annotated[tuple[str, ...], Some]


class Named(Block):
    """A mapping that stands under its id."""

    id: str = ""


def with_ids(pattern: re.Pattern[str], what: str) -> BeforeValidator:
    """A validator that gives each entry of a mapping its key as `id`, and the key's line."""

    def give(value: object, info: ValidationInfo) -> object:
        if not isinstance(value, Block):
            raise Fault(f"expected a mapping of named {what}s", line_of(value), "not-a-mapping")
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
