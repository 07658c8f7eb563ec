"""The people that findings show: answers that can be run, and the same in words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from whentocall.engine.answers import check_answers
from whentocall.engine.phrasing import DONT_KNOW, answer_words
from whentocall.engine.reference import Reading
from whentocall.engine.spelling import Given
from whentocall.protocol.conditions import Truth
from whentocall.protocol.protocol import Protocol


def person_json(answers: Mapping[str, Given]) -> str:
    """The answers as one line of JSON, as `advise --answers` takes them."""
    return json.dumps(dict(answers), ensure_ascii=False)


def in_words(protocol: Protocol, answers: Mapping[str, Given], *, with_unknown: bool = False) -> str:
    """Somebody in a few words: what they report, and, if wanted, what applies to them and is not known."""
    said = []
    for one, given in answers.items():
        question = protocol.questions[one]
        if given is not False and not is_usual(protocol, one, given):
            said.append(f"{question.short.you}: {answer_words(question, given, 'you')}")
    if with_unknown:
        reading = Reading(protocol, check_answers(protocol, answers).values)
        said += [
            f"{question.short.you}: {DONT_KNOW}"
            for one, question in protocol.questions.items()
            if one not in answers and not question.context and reading.applies(one) is not Truth.FALSE
        ]
    return "; ".join(said) or "nothing to report"


def is_usual(protocol: Protocol, one: str, given: Given) -> bool:
    """Whether a number is what most people have."""
    usual = protocol.questions[one].usual_number
    return usual is not None and isinstance(given, int | float) and given == usual
