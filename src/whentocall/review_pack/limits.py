"""Each limit of a rule, tried out: just below it, at it, and just above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from whentocall.authoring.bands import critical_values
from whentocall.authoring.cases import nothing_to_report
from whentocall.authoring.coverage import sides
from whentocall.engine.advise import advise
from whentocall.engine.answers import check_answers
from whentocall.engine.reference import read
from whentocall.engine.spelling import Given
from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.protocol.conditions import Test, Truth, questions, tests
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import PlacedRule, Protocol
from whentocall.review_pack.parts import LimitRow, LimitTable
from whentocall.review_pack.words_of_rules import rule_words

_PLACES = (("just below", -1), ("at the limit", 0), ("just above", 1))


def limit_tables(protocol: Protocol, placed: PlacedRule) -> tuple[LimitTable, ...]:
    """A table for each comparison with a number in the rule."""
    numeric = [
        test
        for test in dict.fromkeys(tests(placed.rule.when))
        if protocol.questions[test.question].answer.is_number
    ]
    return tuple(_table(protocol, placed, test) for test in numeric)


def _table(protocol: Protocol, placed: PlacedRule, test: Test) -> LimitTable:
    question = protocol.questions[test.question]
    # The person also has whatever else the rule needs before this limit can matter.
    term = next((term for term in placed.terms if test in term), frozenset([test]))
    others = sorted((one for one in term if one.question != test.question), key=lambda one: one.question)
    also = {one.question: _passing(protocol, one) for one in others}
    return LimitTable(
        about=rule_words(protocol, test),
        also="; ".join(rule_words(protocol, one) for one in others),
        rows=tuple(_rows(protocol, placed, question, test, also)),
    )


def _rows(
    protocol: Protocol, placed: PlacedRule, question: Question, test: Test, also: Mapping[str, Given]
) -> Iterator[LimitRow]:
    step, limit = Fraction(str(question.answer.step)), Fraction(str(test.value))
    for place, steps in _PLACES:
        value = limit + steps * step
        if not question.answer.low <= value <= question.answer.high:
            continue
        exact = int(value) if value.denominator == 1 else float(value)
        person = person_with(protocol, {**also, question.id: exact})
        reading = read(protocol, check_answers(protocol, person).values)
        yield LimitRow(
            place=place,
            value=f"{exact:g} {question.answer.unit}".strip(),
            other_unit=_in_other_unit(question, exact),
            holds=reading.condition(placed.rule.when) is Truth.TRUE,
            level=advise(protocol, person, watch=False).level,
        )


def _in_other_unit(question: Question, value: float) -> str:
    if question.answer.kind != "temperature":
        return ""
    other = other_unit(question.answer.unit)
    return f"{round(convert_temperature(value, question.answer.unit, other), 2):g} {other}"


def person_with(protocol: Protocol, reported: Mapping[str, Given]) -> dict[str, Given]:
    """Somebody who gives these answers, and has nothing to report wherever else they are asked.

    What leads to a question is answered so that it is asked; a number that nobody has as a matter of
    course gets a value that no rule is about.
    """
    answers = dict(reported)
    for one in reported:
        _open(protocol, one, answers)
    waiting = [one for one in protocol.questions.values() if one.id not in answers and not one.context]
    while waiting:
        reading = read(protocol, check_answers(protocol, answers).values)
        now = [one for one in waiting if reading.applies(one.id) is Truth.TRUE]
        if not now:
            break
        answers.update({one.id: _unremarkable(protocol, one) for one in now})
        waiting = [one for one in waiting if one not in now]
    return answers


def _open(protocol: Protocol, one: str, answers: dict[str, Given]) -> None:
    """Answer what leads to a question, the first of several ways there."""
    only_if = protocol.questions[one].only_if
    if only_if is None:
        return
    reading = read(protocol, check_answers(protocol, answers).values)
    if reading.condition(only_if) is Truth.TRUE:
        return
    for test in tests(only_if):
        if test.question not in answers:
            answers[test.question] = _passing(protocol, test)
            _open(protocol, test.question, answers)
        if read(protocol, check_answers(protocol, answers).values).condition(only_if) is Truth.TRUE:
            return


def _passing(protocol: Protocol, test: Test) -> Given:
    """The answer nearest to the limit that passes a comparison."""
    question = protocol.questions[test.question]
    if not question.answer.is_number:
        return test.value
    values = [value for value in sides(question, test) if test.holds(value)]
    return values[0] if values else test.value


def _unremarkable(protocol: Protocol, question: Question) -> Given:
    if question.usual is not None or question.answer.kind == "yes-no":
        return nothing_to_report(question)
    about = [
        test
        for rule in protocol.rules
        if question.id in questions(rule.rule.when)
        for test in tests(rule.rule.when)
        if test.question == question.id
    ]
    values = critical_values(protocol, question) if question.answer.is_number else tuple(question.options)
    return next((one for one in values if not any(test.holds(one) for test in about)), values[0])
