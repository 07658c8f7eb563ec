"""What a vector expects, and holding an embedding against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from whentocall.engine.advice import Advice
from whentocall.errors import AnswersError

Result = Advice | Mapping[str, Any] | str | bytes
"""What an embedding gives: an advice, its JSON (parsed or not), or `{"refused": [question ids]}`."""


@dataclass(frozen=True, slots=True)
class Vector:
    """Answers, and what must come of them.

    Attributes:
        id: depends on the answers alone.
        kind: the family that it belongs to, such as "rule" or "refused".
        name: what it is for, in a sentence.
        answers: question id to answer in JSON form.
        expect: `refused`, or what `expected_of` takes from the advice.
    """

    id: str
    kind: str
    name: str
    answers: Mapping[str, object]
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an embedding gives something else than a vector expects."""

    vector: Vector
    part: str
    expected: object
    got: object

    def __str__(self) -> str:
        return (
            f"{self.vector.id} ({self.vector.name}) {self.part}: "
            f"expected {_text(self.expected)}, got {_text(self.got)}"
        )


def expected_of(advice: Advice) -> dict[str, Any]:
    """What a vector expects of an advice."""
    return {
        "level": advice.level,
        "at_least": advice.at_least,
        "could_be": advice.could_be,
        "rules": sorted(reason.rule for reason in advice.reasons),
        "settle": [one.question for one in advice.settle],
        "contradictions": [one.question for one in advice.contradictions],
        "finished": advice.finished,
    }


def check_vectors(
    vectors: Iterable[Vector], answer: Callable[[dict[str, object]], Result]
) -> list[Difference]:
    """Ask an embedding for every vector. Returns all differences; an empty list proves it right.

    Args:
        vectors: from `vectors`.
        answer: gives the embedding's result for one person's answers: the advice, its JSON, or that in
            the form of a vector's `expect`. It refuses by raising `AnswersError`, or by `{"refused":
            [question ids]}`. Whatever else it raises is a difference.
    """
    found: list[Difference] = []
    for vector in vectors:
        try:
            got = _seen(answer(dict(vector.answers)))
        except AnswersError as error:
            got = {"refused": sorted({one.question for one in error.problems})}
        except Exception as error:  # noqa: BLE001  one that fails is reported, and the others still tried
            got = {"raised": f"{type(error).__name__}: {error}"}
        found += [
            Difference(vector, part, vector.expect.get(part), got.get(part))
            for part in dict.fromkeys((*vector.expect, *got))
            if _text(vector.expect.get(part)) != _text(got.get(part))
        ]
    return found


def _seen(result: Result) -> dict[str, Any]:
    """The result, in the form of a vector's `expect`."""
    if isinstance(result, Advice):
        seen = expected_of(result)
        problems: object = result.problems
    else:
        said = json.loads(result) if isinstance(result, str | bytes) else result
        if "refused" in said:
            return {"refused": sorted(said["refused"])}
        rules = said["rules"] if "rules" in said else [reason["rule"] for reason in said["reasons"]]
        seen = {part: said[part] for part in ("level", "at_least", "could_be", "finished")}
        seen |= {"rules": sorted(rules)}
        seen |= {part: [_question(one) for one in said[part]] for part in ("settle", "contradictions")}
        problems = said.get("problems")
    return {**seen, "problems": "something went wrong inside"} if problems else seen


def _question(one: Any) -> object:
    return one["question"] if isinstance(one, Mapping) else one


def _text(value: object) -> str:
    """As JSON, in which 1 and true are two things."""
    return json.dumps(value, ensure_ascii=False, default=repr)
