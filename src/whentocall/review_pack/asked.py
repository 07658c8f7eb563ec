"""The questions in the order in which they are asked, with both wordings."""

from __future__ import annotations

from collections.abc import Iterator

from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.protocol.conditions import Condition, questions
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import PlacedCard, Protocol
from whentocall.protocol.wording import Wording
from whentocall.review_pack.parts import QuestionRow, ScreenPart, Voiced
from whentocall.review_pack.words_of_rules import rule_words


def screens(protocol: Protocol) -> tuple[ScreenPart, ...]:
    """Every list of questions, each followed by the follow-ups that it makes possible."""
    cards = {one: placed for placed in protocol.cards for one in placed.card.ask}
    return tuple(
        ScreenPart(title, tuple(_row(protocol, protocol.questions[one], cards[one]) for one in ids))
        for title, ids in _in_order(protocol)
    )


def _in_order(protocol: Protocol) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Titles and question ids: as the interview asks them, follow-ups of one list together."""
    asked: set[str] = set()
    listed = {one for screen in protocol.screens for one in screen.questions}
    waiting = [one for one in protocol.questions if one not in listed]
    for screen in protocol.screens:
        asked.update(screen.questions)
        title = screen.title.you if screen.title else protocol.questions[screen.questions[0]].short.you
        yield title, screen.questions
        followers: list[str] = []
        while ready := [
            one for one in waiting if asked.issuperset(questions(protocol.questions[one].only_if))
        ]:
            followers += ready
            asked.update(ready)
            waiting = [one for one in waiting if one not in asked]
        if followers:
            yield f"Follow-ups to “{title}”", tuple(followers)


def voiced(text: Wording) -> Voiced:
    """A wording as it stands in the file."""
    return Voiced(text.you, text.they)


def _row(protocol: Protocol, question: Question, placed: PlacedCard) -> QuestionRow:
    def words(condition: Condition | None) -> str:
        return "" if condition is None else rule_words(protocol, condition)

    return QuestionRow(
        id=question.id,
        short=question.short.you,
        asked=Voiced(question.you, question.they),
        help=voiced(question.help) if question.help else None,
        answer=_answer(question),
        options=tuple(option.you for option in question.options.values()),
        only_if=words(question.only_if),
        not_reassuring_if=words(question.not_reassuring_if),
        usual=_usual(question),
        changes_no_advice=question.context,
        card=placed.id,
        card_title=placed.card.title,
        sentences=question.sentences,
    )


def _answer(question: Question) -> str:
    """What may be answered, in words; a temperature in both units."""
    answer = question.answer
    if answer.kind != "temperature":
        return str(answer).capitalize() if answer.kind != "one-of" else "One of a list"
    other = other_unit(answer.unit)
    low, high = (convert_temperature(end, answer.unit, other) for end in (answer.low, answer.high))
    return f"Temperature, {answer.low:g} to {answer.high:g} {answer.unit} ({low:g} to {high:g} {other})"


def _usual(question: Question) -> str:
    if question.usual is None:
        return ""
    return f"{question.usual} {question.answer.unit}".strip() if question.answer.unit else question.usual
