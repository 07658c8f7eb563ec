"""A page that asks, ready for its template: its controls, what is filled in already, and what was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from whentocall.engine.spelling import Given
from whentocall.interview import texts
from whentocall.interview.flow import Ask, AskedQuestion, Progress
from whentocall.interview.parse import shown
from whentocall.web import texts as web
from whentocall.web.fields import TICKED, Fields
from whentocall.web.replies import ALL, DONT_KNOW, NO, NONE, UNITS, UNSURE, YES, Again, how_to
from whentocall.web.state import State


@dataclass(frozen=True, slots=True)
class Control:
    """A radio button or a box to tick."""

    name: str
    value: str
    text: str
    help: str = ""
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """What is filled in already: by somebody who has to look at it again, or from an earlier answer.

    Attributes:
        choice: the value of the radio button chosen.
        typed, unit, unknown: a number, the unit beside it, and whether "I don't know" is ticked.
        ticked: the ids ticked on a checklist.
        extra: the names of the other boxes ticked there, separated by spaces.
    """

    choice: str = ""
    typed: str = ""
    unit: str = ""
    unknown: bool = False
    ticked: frozenset[str] = frozenset()
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """A page that asks.

    Attributes:
        kind: radio buttons, boxes to tick, or a number.
        title: the question, or what the checklist is called.
        help: what helps to answer it.
        controls: its buttons or boxes; for a number its units.
        extras: the boxes that stand apart: "none of these", "I don't know".
        typed: what is in the field for a number.
        unit, decimal, how: what stands after that field, whether it takes decimals, and how to fill it in.
        whys: why each is asked, with what; one without a name where all have the same reason.
        left: how many questions are left, in words, and the share that is answered, of 100.
        problem: what was wrong, and where.
    """

    kind: Literal["choice", "ticks", "number"]
    title: str
    help: str = ""
    controls: tuple[Control, ...] = ()
    extras: tuple[Control, ...] = ()
    typed: str = ""
    unit: str = ""
    decimal: bool = False
    how: str = ""
    whys: tuple[tuple[str, str], ...] = ()
    left: str = ""
    share: int = 0
    problem: Again | None = None


def from_form(fields: Fields) -> Filled:
    """What was filled in, to be shown again. Only what is one of ours is ever compared with it."""
    extras = [name for name in (NONE, UNSURE, ALL) if fields.is_ticked(name)]
    return Filled(
        choice=fields.one("choice"),
        typed=shown(fields.one("typed")),
        unit=fields.one("unit"),
        unknown=fields.is_ticked("unknown"),
        ticked=frozenset(fields.all("tick")),
        extra=" ".join(extras),
    )


def from_answers(answers: Mapping[str, Given], questions: Sequence[AskedQuestion]) -> Filled:
    """What was answered before, for questions that are asked again. Empty where one has no answer yet."""
    if any(one.id not in answers for one in questions):
        return Filled()
    if len(questions) > 1:
        ticked = frozenset(one.id for one in questions if answers[one.id])
        unsure = any(answers[one.id] is None for one in questions)
        return Filled(ticked=ticked, extra=UNSURE if unsure else "" if ticked else NONE)
    given = answers[questions[0].id]
    if given is None:
        return Filled(choice=DONT_KNOW, unknown=True)
    if isinstance(given, bool):
        return Filled(choice=YES if given else NO)
    if isinstance(given, dict):
        return Filled(typed=str(given["value"]), unit=str(given["unit"]))
    return Filled(choice=str(given), typed=str(given))


def choice_screen(title: str, options: Sequence[tuple[str, str]], *, problem: Again | None) -> Screen:
    """A page with radio buttons, none of them chosen."""
    controls = tuple(Control("choice", value, text) for value, text in options)
    return Screen("choice", title, controls=controls, problem=problem)


def question_screen(state: State, ask: Ask, filled: Filled, problem: Again | None) -> Screen:
    """A page with a question or a checklist of the interview."""
    if len(ask.questions) == 1:
        return _one(ask.questions[0], ask.progress, filled, problem)
    lines = [one for one in ask.questions if one.id not in (state.ticked or ())]
    ticks = tuple(Control("tick", one.id, one.short, one.help, one.id in filled.ticked) for one in lines)
    extras = [(ALL, web.ALL_OF_THESE)]
    if state.ticked is None:
        extras = [(NONE, texts.NONE_OF_THESE), (UNSURE, texts.NOT_SURE)]
    return Screen(
        "ticks",
        ask.title if state.ticked is None else texts.WHICH_NOT_SURE,
        controls=ticks,
        extras=tuple(Control(name, TICKED, text, "", name in filled.extra.split()) for name, text in extras),
        whys=_whys(lines),
        left=_left(ask.progress),
        share=_share(ask.progress),
        problem=problem,
    )


def _one(question: AskedQuestion, progress: Progress, filled: Filled, problem: Again | None) -> Screen:
    number = question.kind not in ("yes-no", "one-of")
    warm = question.kind == "temperature"
    return Screen(
        "number" if number else "choice",
        question.text,
        question.help,
        controls=_units(question, filled) if number else _choices(question, filled),
        extras=(Control("unknown", TICKED, texts.DONT_KNOW, "", filled.unknown),) if number else (),
        typed=filled.typed,
        unit=web.UNIT_DAYS if question.kind == "days" else "",
        decimal=warm,
        how=how_to(question) if number else "",
        whys=_whys([question]),
        left=_left(progress),
        share=_share(progress),
        problem=problem,
    )


def _choices(question: AskedQuestion, filled: Filled) -> tuple[Control, ...]:
    options = [(one.id, one.text) for one in question.options]
    if question.kind == "yes-no":
        options = [(YES, texts.YES), (NO, texts.NO)]
    options.append((DONT_KNOW, texts.DONT_KNOW))
    return tuple(Control("choice", value, text, "", value == filled.choice) for value, text in options)


def _units(question: AskedQuestion, filled: Filled) -> tuple[Control, ...]:
    """The units of a temperature, the question's own first and chosen unless another was."""
    if question.kind != "temperature":
        return ()
    chosen = filled.unit if filled.unit in UNITS else question.unit
    ordered = sorted(UNITS, key=lambda unit: unit != question.unit)
    return tuple(Control("unit", unit, unit, "", unit == chosen) for unit in ordered)


def _whys(questions: Sequence[AskedQuestion]) -> tuple[tuple[str, str], ...]:
    whys = tuple((one.short, one.why) for one in questions if one.why)
    different = {why for _, why in whys}
    return (("", different.pop()),) if len(different) == 1 else whys


def _left(progress: Progress) -> str:
    if progress.left == 1:
        return web.LAST
    return web.LEFT.format(count=progress.left) if progress.left else ""


def _share(progress: Progress) -> int:
    everything = progress.answered + progress.left
    return round(100 * progress.answered / everything) if everything else 0
