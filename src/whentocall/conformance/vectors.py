"""Conformance vectors for ports and embeddings in any language.

A vector is one person's answers, with the advice that `advise` itself gives. Give the answers to your
embedding, and compare its result with `expect`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from whentocall.conformance.check import Difference, Vector, check_vectors, expected_of
from whentocall.conformance.plan import Planned, key, plan
from whentocall.engine.advise import advise
from whentocall.errors import AnswersError
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol

__all__ = ["Difference", "Vector", "check_vectors", "expected_of", "header", "vectors", "vectors_json"]

FORMAT = "whentocall-vectors"
FORMAT_VERSION = 1

HOW_TO_USE = (
    "Give the answers of each vector to your embedding and compare what comes out with 'expect'.",
    "An answer is true or false, a number in the question's own unit, a number with its unit, the id of a "
    "choice, or null for 'don't know'. A question that is absent has not been asked.",
    "'expect' has 'refused', sorted: the ids whose answers must be refused, and then there is no advice. "
    "Or it has the level shown, the lowest and the highest it could be, all rules that hold (sorted), what "
    "to settle and the contradictions (both in the order of the advice), and whether the questions are at "
    "their end.",
    "The id of a vector depends on its answers alone. 'levels' go from the least to the most urgent; "
    "'rules' has the level of each rule.",
    "Compare 'protocol' first: with other rules, other advice is right.",
)


def vectors(protocol: Protocol) -> tuple[Vector, ...]:
    """Every vector of a protocol, in the same order every time.

    Raises:
        EngineUnavailable: durable-rules is not installed, or cannot be imported.
    """
    return tuple(_vector(protocol, planned) for planned in plan(protocol))


def vectors_json(protocol: Protocol, planned: Sequence[Planned] | None = None) -> Iterator[str]:
    """The vectors as JSON text, line by line as they are computed; the same bytes every time.

    Args:
        protocol: whose.
        planned: from `plan`, if you have it already.

    Raises:
        EngineUnavailable: as for `vectors`.
    """
    chosen = plan(protocol) if planned is None else planned
    head = json.dumps(header(protocol, len(chosen)), ensure_ascii=False, indent=2)
    yield head.removesuffix("\n}") + ',\n  "vectors": [\n'
    for place, answers in enumerate(chosen, 1):
        text = json.dumps(asdict(_vector(protocol, answers)), ensure_ascii=False)
        yield f"    {text}{',' if place < len(chosen) else ''}\n"
    yield "  ]\n}\n"


def header(protocol: Protocol, count: int) -> dict[str, Any]:
    """The head of the file: which protocol, how to use the vectors, the levels, questions and rules."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "how_to_use": list(HOW_TO_USE),
        "protocol": {"id": protocol.id, "version": protocol.version, "sha256": protocol.sha256},
        "levels": [level.id for level in protocol.levels],
        "when_unsettled": protocol.head.when_unsettled,
        "questions": [_described(question) for question in protocol.questions.values()],
        "rules": {
            **{rule.id: rule.level for rule in protocol.rules},
            **{line.id: line.to for line in protocol.escalations},
        },
        "count": count,
    }


def _vector(protocol: Protocol, planned: Planned) -> Vector:
    try:
        advice = advise(protocol, planned.answers, watch=False)
    except AnswersError as error:
        expect: dict[str, Any] = {"refused": sorted({problem.question for problem in error.problems})}
    else:
        if advice.problems:  # such advice is safe, but nobody should have to reproduce it
            raise RuntimeError(f"{planned.name} {advice.problems[0].kind}")
        expect = expected_of(advice)
    digest = hashlib.sha256(key(planned.answers).encode()).hexdigest()[:12]
    return Vector(digest, planned.kind, planned.name, dict(planned.answers), expect)


def _described(question: Question) -> dict[str, Any]:
    answer = question.answer
    described: dict[str, Any] = {"id": question.id, "kind": answer.kind}
    if answer.is_number:
        described |= {"low": answer.low, "high": answer.high, "unit": answer.unit or None}
    if question.options:
        described["options"] = list(question.options)
    return described


def by_kind(chosen: Iterable[Planned]) -> dict[str, int]:
    """How many there are of each kind."""
    return dict(Counter(planned.kind for planned in chosen))
