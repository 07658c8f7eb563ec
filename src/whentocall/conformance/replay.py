"""Re-runs a saved result: the same bytes again, or what has changed since, in sentences.

A result holds everything it depends on except the rules: the answers, and the options it was asked for
with. It is re-run with the rules as they are now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from whentocall._text import hint, quote
from whentocall.config import EMERGENCY, numbers_for
from whentocall.conformance.changes import changes_of, same
from whentocall.engine.advice import Advice
from whentocall.engine.advise import advise
from whentocall.errors import UnknownProtocol, WhentocallError
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import load, shipped_rules
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES, Voice
from whentocall.strict_json import BadJson, read_object

MAX_RESULT = 10_000_000
"""The most bytes of JSON text that a result may have; the shipped protocols give about 10,000."""

MAX_DEPTH = 40

_NEEDED = (
    ("protocol.id", str, "the name of a protocol"),
    ("protocol.version", str, "text"),
    ("protocol.sha256", str, "text"),
    ("protocol.signed_off", bool, "true or false"),
    ("request.answers", dict, "the answers that it rests on"),
    ("request.voice", str, "'you' or 'they'"),
    ("request.watch", bool, "true or false"),
    ("level", str, "the name of a level"),
    ("contact", dict, "who to contact"),
)


class NotAResult(WhentocallError):
    """What was to be replayed is not a result of `advise` or `ask`, or lacks what a replay needs."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A result, and the same answers re-run.

    Attributes:
        same: nothing has changed: `now` has the same bytes, apart from layout.
        before: the result as it was.
        now: the advice that the same answers get now.
        changes: what has changed, one sentence each; empty where nothing has.
        fault: the rules are exactly the same, but the result is not. Either it was edited, or another
            release of whentocall made it, or one of the two has a bug.
    """

    same: bool
    before: Mapping[str, Any]
    now: Advice
    changes: tuple[str, ...]
    fault: bool = False


def replay(result: str | bytes | Mapping[str, Any], *, rules: str | Path | None = None) -> Replay:
    """Re-run a saved result, and say what has changed.

    Args:
        result: what `advise --json` or `ask --json` wrote, or the record (`FILE.json`) of `ask --save`; as
            JSON text of at most 10,000,000 bytes, or as an object.
        rules: the rules folder to look for the result's protocol in; the shipped one by default.

    Raises:
        NotAResult: it is not such a result.
        UnknownProtocol: its protocol is not in the rules folder.
        RulesError: the rule files cannot be used.
        AnswersError: the rules, as they are now, refuse an answer that the result rests on.
        EngineUnavailable: durable-rules is not installed, or cannot be imported.
    """
    saved = _parsed(result if isinstance(result, str | bytes) else _as_text(result))
    before = _advice_in(saved)
    protocol = _protocol(before["protocol"]["id"], Path(rules) if rules is not None else shipped_rules())
    request = before["request"]
    voice: Voice = "they" if request["voice"] == "they" else "you"
    numbers = numbers_for(_numbers(before["contact"]), protocol.words_for)
    now = advise(protocol, request["answers"], voice=voice, watch=request["watch"], numbers=numbers)
    changes, fault = changes_of(before, json.loads(now.to_json()), protocol)
    edited = _edited(saved, before) if saved is not before else ()
    return Replay(
        same=not (changes or edited),
        before=MappingProxyType(before),
        now=now,
        changes=(*changes, *edited),
        fault=fault or bool(edited),
    )


# reading input that may be anything


def _as_text(result: object) -> str:
    """An object as JSON text, so that it passes the same checks."""
    if not isinstance(result, Mapping):
        raise NotAResult("expected a result as JSON text or as an object")
    try:
        return json.dumps(dict(result))
    except (TypeError, ValueError, RecursionError):
        raise NotAResult("the result contains something that JSON cannot represent") from None


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        return read_object(text, most=MAX_RESULT, deepest=MAX_DEPTH, example="'advise --json' writes")
    except BadJson as bad:
        raise NotAResult(f"not a result: {bad}") from None


# what a replay needs of it


def _advice_in(saved: dict[str, Any]) -> dict[str, Any]:
    """The advice: the object itself, or the one in the record of `ask --save`; with all that is needed."""
    inside = saved.get("advice")
    advice = saved if "protocol" in saved or not isinstance(inside, dict) else inside
    for key, kind, wanted in _NEEDED:
        value: Any = advice
        for name in key.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if not isinstance(value, kind) or (key == "request.voice" and value not in VOICES):
            raise NotAResult(f"not a result that can be replayed: '{key}' should be {wanted}")
    return advice


def _numbers(contact: Mapping[str, Any]) -> dict[str, str]:
    """The phone numbers that were shown, by role: they came from somebody's settings."""
    shown = [(contact.get(role), contact.get(number)) for role, number in _SHOWN]
    return {
        role: number
        for role, number in shown
        if isinstance(role, str) and isinstance(number, str) and role != EMERGENCY
    }


_SHOWN = (("who", "number"), ("also", "also_number"))


def _protocol(name: str, rules: Path) -> Protocol:
    """The protocol as it is now. Only a name is looked for: a file from elsewhere cannot name a path."""
    names = protocol_names(rules)
    if name not in names:
        known = hint(name, names) or (f"; there are: {', '.join(names)}" if names else "")
        raise UnknownProtocol(f"the result is of the protocol {quote(name)}, which no longer exists{known}")
    return load(name, rules=rules)


def _edited(record: Mapping[str, Any], advice: Mapping[str, Any]) -> tuple[str, ...]:
    """What a record of `ask --save` says beside the advice, and the advice does not."""
    request = advice["request"]
    told = {"answers": request["answers"], "voice": request["voice"], "finished": advice.get("finished")}
    return tuple(
        f"'{name}' in the record differs from the advice: the record was edited; the replay uses the advice"
        for name, value in told.items()
        if name not in record or not same(record[name], value)
    )
