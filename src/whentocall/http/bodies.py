"""Reading what was sent: JSON that says each thing once, and nothing that is not asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from whentocall._text import quote
from whentocall.config import checked_number
from whentocall.errors import AnswersError, ConfigError
from whentocall.http.problems import Kind, Refused, Wrong, wrong_body
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES, Voice
from whentocall.strict_json import BadJson, read_object

# {"answers": {"temperature": {"value": 38.6, "unit": "°C"}}} is 3 deep.
DEEPEST = 16
# Enough to mend a body by; telling of thousands would take seconds.
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class AdviceRequest:
    """The body of a request for advice, checked but for the answers, which the engine checks."""

    answers: Mapping[str, object]
    voice: Voice
    watch: bool
    numbers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StepRequest:
    """The body of a request for the next question, likewise."""

    answers: Mapping[str, object]
    voice: Voice
    everything: bool


def read_json(body: bytes, *, deepest: int = DEEPEST) -> dict[str, Any]:
    """A body as a JSON object.

    Raises:
        Refused: it is not JSON in UTF-8, not an object, says something twice, is nested too deeply, or
            holds half a character.
    """
    if not body.strip():
        raise _not_json("the body is empty: send an object of JSON")
    try:
        text = body.decode("utf-8-sig")  # some clients send a byte order mark
    except UnicodeDecodeError:
        raise _not_json("the body is not UTF-8") from None
    try:
        return read_object(text, most=len(text), deepest=deepest, example='{"answers": {"headache": true}}')
    except BadJson as bad:
        raise _not_json(str(bad)) from None


def _not_json(message: str) -> Refused:
    return Refused(Kind.NOT_JSON, message)


def advice_request(body: bytes, protocol: Protocol) -> AdviceRequest:
    """The body of a request for advice.

    Raises:
        Refused: with everything that is wrong with it.
    """
    found, wrong = _envelope(body, ("answers", "voice", "watch", "numbers"))
    _flag(found, "watch", wrong)
    numbers = _numbers(found.get("numbers", {}), protocol, wrong)
    if wrong:
        raise wrong_body(Kind.BODY, wrong)
    return AdviceRequest(found["answers"], found.get("voice", "you"), found.get("watch", True), numbers)


def step_request(body: bytes) -> StepRequest:
    """The body of a request for the next question or screen.

    Raises:
        Refused: with everything that is wrong with it.
    """
    found, wrong = _envelope(body, ("answers", "voice", "everything"))
    _flag(found, "everything", wrong)
    if wrong:
        raise wrong_body(Kind.BODY, wrong)
    return StepRequest(found["answers"], found.get("voice", "you"), found.get("everything", False))


def _envelope(body: bytes, keys: Collection[str]) -> tuple[dict[str, Any], list[Wrong]]:
    """The body's members, and what is wrong with those that every request has."""
    found = read_json(body)
    wrong = [
        Wrong(f"{quote(one)} is not understood here; there are: {', '.join(keys)}", _pointer(one))
        for one in found
        if one not in keys
    ][:MOST_TOLD]
    if "answers" not in found:
        wrong.append(Wrong("'answers' is missing: send {} if nothing has been answered yet", "/answers"))
    elif not isinstance(found["answers"], dict):
        wrong.append(Wrong("'answers' should be an object of question ids and answers", "/answers"))
    if found.get("voice", "you") not in VOICES:
        wrong.append(Wrong('\'voice\' should be "you" (the person) or "they" (somebody for them)', "/voice"))
    return found, wrong


def _flag(found: Mapping[str, Any], key: str, wrong: list[Wrong]) -> None:
    if not isinstance(found.get(key, False), bool):
        wrong.append(Wrong(f"'{key}' should be true or false", f"/{key}"))


def _numbers(given: object, protocol: Protocol, wrong: list[Wrong]) -> Mapping[str, str]:
    """Role to phone number. One for a role that is not there would never be shown, and nobody would know."""
    if not isinstance(given, dict):
        wrong.append(Wrong("'numbers' should be an object of roles and phone numbers", "/numbers"))
        return {}
    numbers = {}
    for role, number in list(given.items())[:MOST_TOLD]:
        where = f"/numbers{_pointer(role)}"
        if role not in protocol.words_for:
            wrong.append(Wrong(f"{quote(role)} is not one of {', '.join(protocol.words_for)}", where))
            continue
        try:
            numbers[role] = checked_number(number, role)
        except ConfigError as error:
            wrong.append(Wrong(str(error), where))
    return numbers


def _pointer(key: str) -> str:
    return "/" + key[:60].replace("~", "~0").replace("/", "~1")


def few_unknown(answers: Mapping[str, object], protocol: Protocol) -> Mapping[str, object]:
    """The answers, without most of those to questions that are not there: a few are enough to be refused."""
    unknown = [one for one in answers if one not in protocol.questions]
    left_out = frozenset(unknown[MOST_TOLD:])
    return {one: answers[one] for one in answers if one not in left_out} if left_out else answers


def refused_answers(error: AnswersError) -> Refused:
    """The engine's refusal of answers, as ours."""
    return wrong_body(
        Kind.ANSWERS,
        [Wrong(one.message, f"/answers{_pointer(one.question)}", one.question) for one in error.problems],
    )
