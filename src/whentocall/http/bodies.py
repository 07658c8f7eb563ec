"""Reading bodies: JSON with each key once, and no unknown key."""

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
# Enough to fix a body by; thousands of messages would take seconds.
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class AdviceRequest:
    """The body of a request for advice, checked except for the answers, which the engine checks."""

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
        Refused: it is not JSON in UTF-8, not an object, has a key twice, is nested too deeply, or holds half
            a character.
    """
    if not body.strip():
        raise _not_json("empty body: send a JSON object")
    try:
        text = body.decode("utf-8-sig")  # some clients send a byte order mark
    except UnicodeDecodeError:
        raise _not_json("the body is not in UTF-8") from None
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
    members, wrong = _envelope(body, protocol, ("answers", "voice", "watch", "numbers"))
    wrong += _not_boolean(members, "watch")
    numbers = _numbers(members.get("numbers", {}), protocol, wrong)
    if wrong:
        raise wrong_body(Kind.BODY, wrong)
    return AdviceRequest(members["answers"], members.get("voice", "you"), members.get("watch", True), numbers)


def step_request(body: bytes, protocol: Protocol) -> StepRequest:
    """The body of a request for the next question or screen.

    Raises:
        Refused: with everything that is wrong with it.
    """
    members, wrong = _envelope(body, protocol, ("answers", "voice", "everything"))
    wrong += _not_boolean(members, "everything")
    if wrong:
        raise wrong_body(Kind.BODY, wrong)
    return StepRequest(members["answers"], members.get("voice", "you"), members.get("everything", False))


def _envelope(body: bytes, protocol: Protocol, keys: Collection[str]) -> tuple[dict[str, Any], list[Wrong]]:
    """The body's members, and what is wrong with those that every request has."""
    members = read_json(body)
    unknown = [key for key in members if key not in keys][:MOST_TOLD]
    wrong = [
        Wrong(f"unknown key {quote(key)}; known are: {', '.join(keys)}", _pointer(key)) for key in unknown
    ]
    if "answers" not in members:
        wrong.append(Wrong("'answers' is missing: send {} if nothing has been answered yet", "/answers"))
    elif not isinstance(members["answers"], dict):
        wrong.append(Wrong("'answers' must be an object of question ids and answers", "/answers"))
    else:
        members["answers"] = _few_unknown(members["answers"], protocol)
    if members.get("voice", "you") not in VOICES:
        wrong.append(Wrong('\'voice\' must be "you" (the person) or "they" (somebody for them)', "/voice"))
    return members, wrong


def _not_boolean(members: Mapping[str, Any], key: str) -> list[Wrong]:
    if isinstance(members.get(key, False), bool):
        return []
    return [Wrong(f"'{key}' must be true or false", f"/{key}")]


def _numbers(given: object, protocol: Protocol, wrong: list[Wrong]) -> Mapping[str, str]:
    """Role to phone number. A number for an unknown role is refused: it would silently never be shown."""
    if not isinstance(given, dict):
        wrong.append(Wrong("'numbers' must be an object of roles and phone numbers", "/numbers"))
        return {}
    numbers = {}
    for role, number in list(given.items())[:MOST_TOLD]:
        where = f"/numbers{_pointer(role)}"
        if role not in protocol.words_for:
            known = ", ".join(protocol.words_for)
            wrong.append(Wrong(f"unknown role {quote(role)}; known are: {known}", where))
            continue
        try:
            numbers[role] = checked_number(number, role)
        except ConfigError as error:
            wrong.append(Wrong(str(error), where))
    return numbers


def _pointer(key: str) -> str:
    return "/" + key[:60].replace("~", "~0").replace("/", "~1")


def _few_unknown(answers: Mapping[str, object], protocol: Protocol) -> Mapping[str, object]:
    """The answers with only a few of those to unknown questions, which are enough to be refused."""
    unknown = [question for question in answers if question not in protocol.questions]
    left_out = frozenset(unknown[MOST_TOLD:])
    return {question: answer for question, answer in answers.items() if question not in left_out}


def refused_answers(error: AnswersError) -> Refused:
    """The engine's refusal of answers, as a problem."""
    wrong = [
        Wrong(problem.message, f"/answers{_pointer(problem.question)}", problem.question)
        for problem in error.problems
    ]
    return wrong_body(Kind.ANSWERS, wrong)
