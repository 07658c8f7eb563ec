"""The result: how soon to contact whom, and why. Its field names are the keys of the JSON."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator

from whentocall.engine.echo import echoed
from whentocall.protocol.wording import Voice


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Answers = Annotated[dict[str, Any], PlainValidator(echoed, json_schema_input_type=dict[str, Any])]


class ProtocolRef(_Result):
    """Which protocol, in exactly which state, and whether a clinician has signed that state."""

    id: str
    version: str
    sha256: str
    signed_off: bool


class Request(_Result):
    """What was asked: enough, with the protocol, to get the same result again.

    `answers` are in the protocol's order, numbers in the question's own unit or with the unit given.
    """

    answers: _Answers
    voice: Voice
    watch: bool


class Contact(_Result):
    """Who to contact, as roles; a number is the user's own setting, or the region's emergency number.

    `also` is who else can be called, with `also_number`.
    """

    who: str | None
    also: str | None
    how_soon: str
    number: str | None
    also_number: str | None


class SourceRef(_Result):
    """The sentences behind a reason, by id; their text is never held."""

    document: str
    section: str
    sentences: tuple[str, ...]


class Reason(_Result):
    """A rule that holds, with the person's own answers that make it hold."""

    rule: str
    level: str
    answers: _Answers
    because: str
    source: SourceRef
    interpretation: str | None


class Watch(_Result):
    """The smallest change that would raise the level: `text` completes "call if …".

    `near`: one step of the question's own resolution would be enough.
    """

    text: str
    level: str
    rule: str
    near: bool


class Settle(_Result):
    """A question whose answer is not known and matters."""

    question: str
    text: str
    could_reach: str


class Contradiction(_Result):
    """An answer to a question that does not apply. It still counts."""

    question: str
    text: str


class Problem(_Result):
    """Something that went wrong inside. The level has been raised for it."""

    kind: str
    text: str


class WhyNot(_Result):
    """Why a more urgent rule does not hold."""

    rule: str
    level: str
    text: str


class Advice(_Result):
    """What `advise` gives. The same answers and the same rules give the same bytes.

    Attributes:
        protocol: which protocol, and whether it is signed off.
        request: the answers it rests on, and how it was asked for, so that it can be replayed.
        level: the level shown: `at_least`, raised for what is not known.
        rank: the level's place, 0 for the least urgent. Compare ranks: names sort by the alphabet.
        at_least: the highest level among the rules that hold.
        could_be: the highest level among the rules that hold or might.
        finished: nothing that has not been asked could change the level.
        contact: whom, how soon, and the number if it is set.
        headline: the level's call to action.
        first: what to do first.
        reasons: every rule that holds, the most urgent first.
        self_care: what the person can do; empty at levels that do not allow it.
        watch_for: what would raise the level, nearest first. Empty if it was not asked for.
        settle: what to find out, the most urgent first.
        contradictions: answers to questions that do not apply.
        problems: what went wrong inside, if anything.
    """

    protocol: ProtocolRef
    request: Request
    level: str
    rank: int
    at_least: str
    could_be: str
    finished: bool
    contact: Contact
    headline: str
    first: tuple[str, ...]
    reasons: tuple[Reason, ...]
    self_care: tuple[str, ...]
    watch_for: tuple[Watch, ...]
    settle: tuple[Settle, ...]
    contradictions: tuple[Contradiction, ...]
    problems: tuple[Problem, ...]

    def to_json(self) -> str:
        """The result as JSON text: UTF-8, two spaces, keys in the order of the fields, one newline.

        >>> import json, whentocall
        >>> advice = whentocall.advise(whentocall.load("all-targeted-drugs"), {"headache": True})
        >>> result = json.loads(advice.to_json())
        >>> result["level"], result["request"]["answers"]
        ('contact', {'headache': True})
        """
        return self.model_dump_json(indent=2) + "\n"
