"""Answers read back as soon as they are given."""

from __future__ import annotations

from collections.abc import Sequence

from whentocall.engine.spelling import Given
from whentocall.interview import texts
from whentocall.interview.flow import Ask, AskedQuestion


def ticked_words(ask: Ask, ticks: Sequence[bool | None]) -> str:
    """What was ticked on a checklist."""
    words = [
        question.short if tick else f"{question.short}: {texts.DONT_KNOW}"
        for question, tick in zip(ask.questions, ticks, strict=True)
        if tick is not False
    ]
    return "; ".join(words) or texts.NONE_OF_THESE


def number_words(question: AskedQuestion, given: Given) -> str:
    """The number, with its unit."""
    if given is None:
        return texts.DONT_KNOW
    if isinstance(given, dict):
        return f"{given['value']:g} {given['unit']}"
    return f"{given} {question.unit}".strip()
