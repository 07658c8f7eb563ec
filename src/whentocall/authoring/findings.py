"""Findings about rules and questions, and the people they show: as answers that can be run, and in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from whentocall.engine.answers import check_answers
from whentocall.engine.phrasing import DONT_KNOW, answer_words
from whentocall.engine.reference import Reading
from whentocall.engine.spelling import Given
from whentocall.errors import Finding
from whentocall.protocol.conditions import Truth
from whentocall.protocol.model import Card, Question, Rule
from whentocall.protocol.protocol import Protocol

Person = Mapping[str, Given]


def about_rule(
    rule: Rule, message: str, code: str, suggestion: str = "", person: Person | None = None
) -> Finding:
    """A finding at the line of a rule."""
    line, name = rule.line, rule.name
    return Finding(rule.card.file, line, message, code, name, person_json(person), suggestion)


def about_question(
    card: Card,
    question: Question,
    message: str,
    code: str,
    suggestion: str = "",
    person: Person | None = None,
) -> Finding:
    """A finding at the line of a question."""
    return Finding(card.file, question.line, message, code, question.id, person_json(person), suggestion)


def note(file: Path | str, line: int, message: str, code: str, about: str) -> Finding:
    """Something that is not a fault, but worth knowing."""
    return Finding(str(file), line, message, code, about, severity="note")


def with_unit(question: Question, number: str) -> str:
    """A number as text, with the unit of its question if it has one."""
    return f"{number} {question.answer.unit}".strip()


def asked_in(protocol: Protocol) -> Iterator[tuple[Card, Question]]:
    """Every question with its card."""
    for card in protocol.cards:
        for question in card.ask.values():
            yield card, question


def person_json(answers: Person | None) -> str:
    """The answers as one line of JSON, as `advise --answers` takes them; empty if there are none."""
    return "" if answers is None else json.dumps(dict(answers), ensure_ascii=False)


def in_words(protocol: Protocol, answers: Person, *, with_unknown: bool = False) -> str:
    """What somebody reports, in a few words; if wanted, also what applies to them and is not known."""
    words = []
    for name, given in answers.items():
        question = protocol.questions[name]
        if given is not False and not _is_usual(question, given):
            words.append(f"{question.short.you}: {answer_words(question, given, 'you')}")
    if with_unknown:
        reading = Reading(protocol, check_answers(protocol, answers).values)
        words += [
            f"{question.short.you}: {DONT_KNOW}"
            for name, question in protocol.questions.items()
            if name not in answers and not question.context and reading.applies(name) is not Truth.FALSE
        ]
    return "; ".join(words) or "nothing to report"


def _is_usual(question: Question, given: Given) -> bool:
    usual = question.usual_number
    return usual is not None and isinstance(given, int | float) and given == usual
