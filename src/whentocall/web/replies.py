"""What was filled in on a page, read as answers; asked again where it is not clear, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whentocall.engine.spelling import Given, plain
from whentocall.interview import texts
from whentocall.interview.flow import AskedQuestion
from whentocall.interview.parse import Reply, Unclear, how_to_type, is_dont_know, parse_number
from whentocall.web import texts as web
from whentocall.web.fields import Fields, Unusable

YES, NO, DONT_KNOW = "yes", "no", "dont know"  # ids of choices have no space, so the last is nobody's
NONE, UNSURE, ALL = "none", "unsure", "all"  # values of fields of their own, so that they meet no id
UNITS = ("°C", "°F")


class Again(Exception):
    """The page has to be filled in again.

    Attributes:
        field: the id of the control to go to.
        message: what is wrong, and what would be right.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


@dataclass(frozen=True, slots=True)
class Ticks:
    """A checklist that was filled in: what was ticked, and whether something is not sure."""

    ticked: tuple[str, ...]
    unsure: bool


def read_choice(fields: Fields, known: Sequence[str]) -> str:
    """Which of the known values was chosen.

    Raises:
        Again: none was.
        Unusable: it is not one of them.
    """
    chosen = fields.one("choice")
    if not chosen:
        raise Again("choice-0", web.CHOOSE_ONE)
    if chosen not in known:
        raise Unusable
    return chosen


def read_answer(fields: Fields, question: AskedQuestion) -> Given | Reply:
    """The answer to one question; `Reply.BACK` where "back" was typed instead.

    Raises:
        Again: nothing was answered, or it is not clear what.
        Unusable: no page of ours offers that answer.
    """
    if question.kind == "yes-no":
        meanings: dict[str, Given] = {YES: True, NO: False, DONT_KNOW: None}
        return meanings[read_choice(fields, tuple(meanings))]
    if question.kind == "one-of":
        chosen = read_choice(fields, (*(one.id for one in question.options), DONT_KNOW))
        return None if chosen == DONT_KNOW else chosen
    return _number(fields, question)


def _number(fields: Fields, question: AskedQuestion) -> Given | Reply:
    typed, unit = fields.one("typed"), fields.one("unit")
    if unit and (unit not in UNITS or question.kind != "temperature"):
        raise Unusable
    if fields.is_ticked("unknown"):
        if plain(typed) and not is_dont_know(typed):
            raise Again("typed", web.NOT_BOTH_NUMBER)
        return None
    if not plain(typed):  # nothing, or nothing that can be seen
        raise Again("typed", web.TYPE_FIRST)
    try:
        return _in_unit(typed, unit, question)
    except Unclear as unclear:
        how = how_to(question)
        raise Again("typed", str(unclear).replace(how_to_type(question), how)) from None


def _in_unit(typed: str, unit: str, question: AskedQuestion) -> Given | Reply:
    """A number, in the unit that was chosen beside it where none was typed.

    A unit that was typed counts, as the choice beside it may not have been touched. Where both are there
    and differ, it is not known which is meant.
    """
    given = parse_number(typed, question, unit=unit)
    if unit not in ("", question.unit) and isinstance(given, int | float):  # so its own unit was typed
        raise Again("typed", web.TWO_UNITS)
    return given


def how_to(question: AskedQuestion) -> str:
    """How to type a number on a page, where "don't know" and going back have their own places."""
    example = "3" if question.kind != "temperature" else "37.2" if question.unit == "°C" else "99.0"
    return web.HOW_TO_TYPE.format(example=example)


def read_ticks(fields: Fields, questions: Sequence[AskedQuestion]) -> Ticks:
    """A checklist. An empty one is no answer: "none" has to be said.

    Raises:
        Again: nothing was ticked, or what was ticked contradicts itself.
        Unusable: something was ticked that is not on it.
    """
    ticked = _ticked(fields, [one.id for one in questions])
    none, unsure = fields.is_ticked(NONE), fields.is_ticked(UNSURE)
    if none and (ticked or unsure):
        raise Again("tick-0", texts.NOT_BOTH)
    if not (ticked or none or unsure):
        raise Again("tick-0", web.TICK_FIRST)
    return Ticks(ticked, unsure)


def read_unsure(fields: Fields, open_: Sequence[AskedQuestion]) -> tuple[str, ...]:
    """What somebody is not sure about, among the lines that they have not ticked.

    Raises:
        Again: nothing was ticked.
        Unusable: something was ticked that is not there.
    """
    ids = tuple(one.id for one in open_)
    unsure = _ticked(fields, ids)
    if fields.is_ticked(ALL):
        return ids
    if not unsure:
        raise Again("tick-0", web.TICK_UNSURE)
    return unsure


def read_so_far(fields: Fields, questions: Sequence[AskedQuestion]) -> dict[str, Given]:
    """What is filled in on a page that is left before its end. Nothing is made of what is not.

    Raises:
        Again: something is filled in, but it is not clear what.
        Unusable: as for the whole page.
    """
    if len(questions) == 1:
        if not (fields.one("choice") or plain(fields.one("typed")) or fields.is_ticked("unknown")):
            return {}
        given = read_answer(fields, questions[0])
        return {} if isinstance(given, Reply) else {questions[0].id: given}
    ids = [one.id for one in questions]
    ticked = _ticked(fields, ids)
    none, unsure = fields.is_ticked(NONE), fields.is_ticked(UNSURE)
    said: dict[str, Given] = {}
    if unsure:
        said = dict.fromkeys(ids)
    elif none and not ticked:
        said = dict.fromkeys(ids, False)
    return said | dict.fromkeys(ticked, True)


def _ticked(fields: Fields, ids: Sequence[str]) -> tuple[str, ...]:
    ticked = fields.all("tick")
    if not set(ticked) <= set(ids):
        raise Unusable
    return tuple(one for one in ids if one in ticked)
