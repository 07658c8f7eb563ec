"""The answers that the vectors try: at each limit, on both sides, in every form; and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from whentocall.engine.critical import exact, number_in, plain
from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.protocol.conditions import Test
from whentocall.protocol.model import Question


def other_forms(question: Question, compared: Sequence[Test]) -> tuple[object, ...]:
    """The same answers said in another way: 4.0 for 4, or a temperature with its unit, own or other.

    In the other unit: every limit, both ends and the usual value exactly, where that can be written, and
    the tenths and hundredths of a degree on both sides. Those beyond an end are refused.
    """
    answer = question.answer
    if not answer.is_number:
        return ()
    points = {answer.low, answer.high, *(number_in(test.value) for test in compared)}
    if question.usual_number is not None:
        points.add(question.usual_number)
    ordered = sorted(map(exact, points))
    floats = [float(point) for point in ordered if point.denominator == 1]
    if answer.kind != "temperature":
        return tuple(floats)
    own, other = answer.unit, other_unit(answer.unit)
    converted = (exact(convert_temperature(plain(point), own, other)) for point in ordered)
    near = sorted({value for point in converted for value in _beside(point)})
    return (
        *floats,
        *({"value": plain(value), "unit": unit} for value in ordered for unit in (own, own[1:])),
        *({"value": plain(value), "unit": unit} for value in near for unit in (other, other[1:])),
    )


def _beside(value: Fraction) -> Iterator[Fraction]:
    """The value, if it has at most six decimals, and tenths and hundredths on both sides."""
    if (value * 10**6).denominator == 1:
        yield value
    for size in (Fraction(1, 10), Fraction(1, 100)):
        down = value // size * size
        yield down - size if down == value else down
        yield down + size


def refused(question: Question, compared: Iterable[Test]) -> tuple[object, ...]:
    """Answers that must never be taken: out of range, of the wrong type, in an unknown unit, not a choice.

    Of whole numbers also those that a careless cast makes one: 3.9999999999 would become 4, or 3. Of texts
    only those that no spelling explains, as answers may be written as text.
    """
    common: tuple[object, ...] = ("", [], {}, [None], {"value": None})
    match question.answer.kind:
        case "yes-no":
            return (1, 0, 1.0, "1", "0", "y", "null", {"value": True}, [True], *common)
        case "one-of":
            first = str(next(iter(question.options)))
            strange = [text for text in (f"{first}_or_not", f"{first}?") if text not in question.options]
            return (*strange, True, 0, [first], {"value": first}, *common)
        case "temperature":
            return (*_out_of_range(question), *_not_a_temperature(question), *common)
    low = question.answer.low
    limits = sorted({number_in(test.value) for test in compared} | {low + 1})
    between = [plain(exact(limit) + Fraction(by)) for limit in limits for by in ("-1e-10", "-0.5", "1e-7")]
    without_unit = {"value": plain(exact(low)), "unit": ""}
    return (*_out_of_range(question), *between, "1,000", "yes", True, [low], without_unit, *common)


def _out_of_range(question: Question) -> tuple[object, ...]:
    low, high, step = map(exact, (question.answer.low, question.answer.high, question.answer.step))
    return (plain(low - step), plain(high + step), -(10**20), 10**20, 1e300)


def _not_a_temperature(question: Question) -> tuple[object, ...]:
    low, high, unit = exact(question.answer.low), exact(question.answer.high), question.answer.unit
    hair = Fraction(1, 1_000_000)
    below, above, value = plain(low - hair), plain(high + hair), plain(low)
    return (
        *(below, above),
        *({"value": below, "unit": unit}, {"value": above, "unit": unit}),
        *(f"{value} K", f"{value} {unit} {unit}", f"{value}.5.1"),
        *(True, [value], {"value": value}, {"unit": unit}),
        *({"value": value, "unit": wrong} for wrong in ("K", "°", None)),
        {"value": f"{value}", "unit": unit},
        {"value": True, "unit": unit},
        {"value": value, "unit": unit, "scale": unit},
    )
