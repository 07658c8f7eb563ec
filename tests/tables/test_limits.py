"""Limits in the other unit: a reading is on the same side as it is for one person's answer."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whentocall.engine.temperature import convert_temperature, other_unit
from whentocall.protocol.conditions import COMPARISONS, Op
from whentocall.tables.unit_limits import Span, span_of

LIMITS = {"°C": (35.5, 36, 37.5, 38, 38.6, 40.05), "°F": (95, 96.8, 99.5, 100.4, 101.3)}


def lies_in(reading, span):
    return (span.low is None or reading >= span.low) and (span.high is None or reading < span.high)


@pytest.mark.parametrize("own", ["°C", "°F"])
@pytest.mark.parametrize("op", list(Op))
@given(data=st.data())
def test_a_reading_passes_a_limit_exactly_as_one_persons_answer_does(own, op, data):
    limit = data.draw(st.sampled_from(LIMITS[own]))
    there = convert_temperature(limit, own, other_unit(own))
    near = st.integers(-5, 5).map(lambda steps: _stepped(there, steps))
    reading = data.draw(near | st.floats(-500, 500) | st.floats(-5000, 5000).map(lambda one: round(one, 1)))
    answer = convert_temperature(reading, other_unit(own), own)

    assert COMPARISONS[op](answer, limit) is lies_in(reading, span_of(op, limit, own))


def _stepped(value, steps):
    for _ in range(abs(steps)):
        value = math.nextafter(value, math.inf if steps > 0 else -math.inf)
    return value


def test_99_5_fahrenheit_is_not_above_37_5_and_the_next_reading_is():
    assert Span(math.nextafter(99.5, 100), None) == span_of(Op.ABOVE, 37.5, "°C")
    assert Span(99.5, None) == span_of(Op.AT_LEAST, 37.5, "°C")
    assert Span(None, 96.8) == span_of(Op.BELOW, 36, "°C")
