"""What a vector expects, and where an embedding differs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from whentocall.engine.advice import Advice
from whentocall.errors import AnswersError

Result = Advice | Mapping[str, Any] | str | bytes
"""What an embedding returns: an advice, its JSON (parsed or not), or `{"refused": [question ids]}`."""


@dataclass(frozen=True, slots=True)
class Vector:
    """Answers, and the advice they must get.

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
    """Where an embedding differs from what a vector expects."""

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
        "settle": [line.question for line in advice.settle],
        "contradictions": [line.question for line in advice.contradictions],
        "finished": advice.finished,
    }


def check_vectors(
    vectors: Iterable[Vector], answer: Callable[[dict[str, object]], Result]
) -> list[Difference]:
    """Run an embedding on every vector. Returns all differences: none if it is right.

    Args:
        vectors: from `vectors`.
        answer: returns the embedding's result for one person's answers: the advice, its JSON, or a mapping
            like a vector's `expect`. To refuse, it raises `AnswersError` or returns `{"refused": [question
            ids]}`. Any other exception is a difference.
    """
    differences: list[Difference] = []
    for vector in vectors:
        try:
            got = _seen(answer(dict(vector.answers)))
        except AnswersError as error:
            got = {"refused": sorted({problem.question for problem in error.problems})}
        except Exception as error:  # noqa: BLE001  a failure is reported, and the other vectors still tried
            got = {"raised": f"{type(error).__name__}: {error}"}
        differences += [
            Difference(vector, part, vector.expect.get(part), got.get(part))
            for part in dict.fromkeys((*vector.expect, *got))
            if _text(vector.expect.get(part)) != _text(got.get(part))
        ]
    return differences


def _seen(result: Result) -> dict[str, Any]:
    """The result, in the form of a vector's `expect`."""
    if isinstance(result, Advice):
        return expected_of(result) | _problems(result.problems)
    parts = json.loads(result) if isinstance(result, str | bytes) else result
    if "refused" in parts:
        return {"refused": sorted(parts["refused"])}
    rules = parts["rules"] if "rules" in parts else [reason["rule"] for reason in parts["reasons"]]
    return {
        **{part: parts[part] for part in ("level", "at_least", "could_be", "finished")},
        "rules": sorted(rules),
        **{part: [_question(line) for line in parts[part]] for part in ("settle", "contradictions")},
        **_problems(parts.get("problems")),
    }


def _problems(problems: object) -> dict[str, str]:
    return {"problems": "internal error"} if problems else {}


def _question(line: Any) -> object:
    return line["question"] if isinstance(line, Mapping) else line


def _text(value: object) -> str:
    """As JSON, in which 1 and true differ."""
    return json.dumps(value, ensure_ascii=False, default=repr)
