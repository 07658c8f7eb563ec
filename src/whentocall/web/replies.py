"""What was filled in on a page, read as answers; asked again if it is not clear, never guessed.

What reads raises `Again` if it is not clear what is meant, and `Unusable` for what no page of ours offers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from whentocall.engine.spelling import Given, plain
from whentocall.engine.temperature import other_unit
from whentocall.interview import texts
from whentocall.interview.flow import Ask, AskedQuestion
from whentocall.interview.narrative import DONT_KNOW, NO, YES, choices, chosen_answer
from whentocall.interview.parse import Reply, Unclear, example, is_dont_know, parse_number, tick_answers
from whentocall.web import texts as web
from whentocall.web.fields import TICKED, Fields, Unusable

NONE, UNSURE, ALL, UNKNOWN = "none", "unsure", "all", "unknown"  # boxes that are fields of their own


class Again(Exception):
    """The page has to be filled in again.

    Attributes:
        field: the id of the control to go to.
        message: what is wrong, and what would be right.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def read_choice(fields: Fields, known: Sequence[str]) -> str:
    """Which of the known values was chosen."""
    chosen = fields.value("choice")
    if not chosen:
        raise Again("choice-0", web.CHOOSE_ONE)
    if chosen not in known:
        raise Unusable
    return chosen


def read_answer(fields: Fields, question: AskedQuestion) -> Given | Reply:
    """The answer to one question; `Reply.BACK` if "back" was typed instead."""
    if question.kind in ("yes-no", "one-of"):
        return chosen_answer(question, read_choice(fields, [choice for choice, _ in choices(question)]))
    return _number(fields, question)


def _number(fields: Fields, question: AskedQuestion) -> Given | Reply:
    """A number, in the unit that was chosen beside it if it was typed without one.

    A unit that was typed counts, as the choice beside it may not have been touched. If both are given and
    differ, it is not clear which is meant.
    """
    typed, unit = fields.value("typed"), fields.value("unit")
    if unit and unit not in units(question):
        raise Unusable
    if fields.is_ticked(UNKNOWN):
        if plain(typed) and not is_dont_know(typed):
            raise Again("typed", web.NOT_BOTH_NUMBER)
        return None
    if not plain(typed):  # nothing, or nothing that can be seen
        raise Again("typed", web.TYPE_FIRST)
    try:
        given = parse_number(typed, question, unit=unit, how=how_to_type(question))
    except Unclear as unclear:
        raise Again("typed", str(unclear)) from None
    if unit not in ("", question.unit) and isinstance(given, int | float):  # so its own unit was typed
        raise Again("typed", web.TWO_UNITS)
    return given


def units(question: AskedQuestion) -> tuple[str, ...]:
    """The units of a temperature to choose from, the question's own first."""
    return (question.unit, other_unit(question.unit)) if question.kind == "temperature" else ()


def how_to_type(question: AskedQuestion) -> str:
    """How to type a number on a page, where "don't know" and going back have their own places."""
    return web.HOW_TO_TYPE.format(example=example(question))


def read_ticks(fields: Fields, ask: Ask) -> tuple[tuple[str, ...], bool]:
    """What was ticked on a checklist, and whether somebody is unsure about other lines of it.

    An empty one is no answer: "none" has to be ticked.
    """
    ticked = _ticked(fields, ask.questions)
    none, unsure = fields.is_ticked(NONE), fields.is_ticked(UNSURE)
    if none and (ticked or unsure):
        raise Again("tick-0", texts.NOT_BOTH)
    if not (ticked or none or unsure):
        raise Again("tick-0", web.TICK_FIRST)
    return ticked, unsure


def read_unsure(fields: Fields, unticked: Sequence[AskedQuestion]) -> tuple[str, ...]:
    """What somebody is not sure about, among the lines that they have not ticked."""
    unsure = _ticked(fields, unticked)
    if fields.is_ticked(ALL):
        return tuple(question.id for question in unticked)
    if not unsure:
        raise Again("tick-0", web.TICK_UNSURE)
    return unsure


def read_so_far(fields: Fields, ask: Ask) -> Mapping[str, Given]:
    """What is filled in on a page that is left before its end. What is not filled in is no answer."""
    if len(ask.questions) == 1:
        if not (fields.value("choice") or plain(fields.value("typed")) or fields.is_ticked(UNKNOWN)):
            return {}
        given = read_answer(fields, ask.questions[0])
        return {} if isinstance(given, Reply) else {ask.questions[0].id: given}
    ticked = _ticked(fields, ask.questions)
    none, unsure = fields.is_ticked(NONE), fields.is_ticked(UNSURE)
    if unsure or (none and not ticked):
        return tick_answers(ask, ticked, [question.id for question in ask.questions] if unsure else ())
    return dict.fromkeys(ticked, True)


def _ticked(fields: Fields, questions: Sequence[AskedQuestion]) -> tuple[str, ...]:
    ticked, ids = fields.values("tick"), [question.id for question in questions]
    if not set(ticked) <= set(ids):
        raise Unusable
    return tuple(question_id for question_id in ids if question_id in ticked)


def filled_in(ask: Ask, answers: Mapping[str, Given]) -> Fields:
    """A page as it was filled in before, by its answers. Empty if one has no answer yet."""
    given = [answers[question.id] for question in ask.questions if question.id in answers]
    if len(given) < len(ask.questions):
        return Fields({})
    if len(given) == 1:
        return Fields(_filled_in(given[0]))
    ticked = [question.id for question in ask.questions if answers[question.id]]
    form: dict[str, str | list[str]] = {"tick": ticked}
    if None in given:
        form[UNSURE] = TICKED
    elif not ticked:
        form[NONE] = TICKED
    return Fields(form)


def _filled_in(given: Given) -> Mapping[str, str]:
    match given:
        case None:
            return {"choice": DONT_KNOW, UNKNOWN: TICKED}
        case bool():
            return {"choice": YES if given else NO}
        case dict():
            return {"typed": str(given["value"]), "unit": str(given["unit"])}
    return {"choice": str(given), "typed": str(given)}
