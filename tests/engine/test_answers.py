"""Answers as they come in: nothing is clipped, rounded or guessed; what is refused is named."""

import json
import math
from enum import StrEnum
from fractions import Fraction

import pytest

from whentocall import AnswersError, advise
from whentocall.engine.answers import (
    answers_from_json,
    answers_schema,
    check_answers,
    convert_temperature,
)


@pytest.fixture
def values(all_targeted):
    """The typed values of these answers."""

    def check(**answers):
        return dict(check_answers(all_targeted, answers).values)

    return check


@pytest.fixture
def refused(all_targeted):
    """The messages, by question, with which these answers are refused."""

    def check(answers):
        with pytest.raises(AnswersError) as caught:
            check_answers(all_targeted, answers)
        return {one.question: one.message for one in caught.value.problems}

    return check


# what is taken


def test_each_kind_of_answer_keeps_its_type(values):
    found = values(shivery=True, loose_stools=4, temperature=37, drug="imatinib", dizzy=None)

    assert {
        "shivery": True,
        "loose_stools": 4,
        "temperature": 37.0,
        "drug": "imatinib",
        "dizzy": None,
    } == found
    assert [bool, int, float, str] == [
        type(found[one]) for one in ("shivery", "loose_stools", "temperature", "drug")
    ]


def test_not_asked_and_not_known_are_two_things(values):
    assert {} == values()
    assert {"shivery": None} == values(shivery=None)


def test_a_whole_number_with_a_point_is_a_whole_number(values):
    found = values(loose_stools=4.0)

    assert {"loose_stools": 4} == found
    assert int is type(found["loose_stools"])


@pytest.mark.parametrize(
    ("question", "low", "high"),
    [("loose_stools", 0, 60), ("diarrhoea_days", 0, 365), ("temperature", 30, 45)],
)
def test_both_ends_of_a_range_are_in_it_and_nothing_beyond(values, refused, question, low, high):
    assert {question: low} == values(**{question: low})
    assert {question: high} == values(**{question: high})
    for beyond in (low - 1, high + 1, low - 0.1, high + 0.1, math.nextafter(high, math.inf)):
        assert [question] == list(refused({question: beyond}))


def test_answers_stand_in_the_order_of_the_protocol_whatever_order_they_came_in(all_targeted):
    one = check_answers(all_targeted, {"dizzy": True, "shivery": True, "chest_pain": False})
    other = check_answers(all_targeted, {"chest_pain": False, "shivery": True, "dizzy": True})

    assert ["chest_pain", "shivery", "dizzy"] == list(one.values) == list(other.values)


def test_checked_answers_cannot_be_changed(all_targeted):
    given = {"shivery": True}
    checked = check_answers(all_targeted, given)
    given["shivery"] = False

    assert checked.values["shivery"] is True
    with pytest.raises(TypeError):
        checked.values["shivery"] = False


# what is refused

NEVER = [
    "yes",
    "",
    "\0",
    "\ud800",
    b"4",
    [],
    [True],
    [[[[]]]],
    {},
    {"value": True},
    {"value": 4},
    {"value": 38, "unit": "K"},
    {"value": 38, "unit": "°c"},
    {"value": 38, "unit": None},
    {"value": "38", "unit": "°C"},
    {"value": True, "unit": "°C"},
    {"value": None, "unit": "°C"},
    {"value": math.nan, "unit": "°C"},
    {"value": math.inf, "unit": "°F"},
    {"value": 38.0, "unit": "°C", "more": 1},
    {"unit": "°C"},
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    -(10**5000),
    2**63,
    1e308,
    -1,
    -0.5,
    object(),
    (38,),
    {38},
    38j,
]


@pytest.mark.parametrize("value", NEVER, ids=range(len(NEVER)))
@pytest.mark.parametrize("question", ["shivery", "loose_stools", "temperature", "drug", "constipation_days"])
def test_what_is_no_answer_to_any_question_is_refused_by_name(refused, question, value):
    messages = refused({question: value, "dizzy": False})

    assert [question] == list(messages)
    assert "null (don't know)" in messages[question]
    assert len(messages[question]) < 300


@pytest.mark.parametrize("value", [0, 1, 1.0, "true", "no"])
def test_a_number_or_a_word_is_not_yes_or_no(refused, value):
    assert ["shivery"] == list(refused({"shivery": value}))


@pytest.mark.parametrize("value", [True, False, 3.5, "4", "4.0"])
def test_yes_a_half_or_a_text_is_not_a_whole_number(refused, value):
    assert "a whole number from 0 to 60" in refused({"loose_stools": value})["loose_stools"]


@pytest.mark.parametrize("value", [True, False, "38.5", "38,5", 101.5, 3.75, 375])
def test_yes_a_text_or_a_reading_in_another_unit_is_not_a_temperature(refused, value):
    message = refused({"temperature": value})["temperature"]

    assert "from 30 to 45 °C" in message
    assert "from 86 to 113" in message


@pytest.mark.parametrize("value", ["Imatinib", "imatinib ", "", 0, True])
def test_a_choice_is_its_id_and_nothing_else(refused, value):
    assert "imatinib, dasatinib" in refused({"drug": value})["drug"]


def test_an_unknown_question_is_refused_with_what_was_meant(refused):
    messages = refused({"temprature": 38, "qqqqqqqq": 1})

    assert "did you mean 'temperature'?" in messages["temprature"]
    assert "no such question" in messages["qqqqqqqq"]
    assert "did you mean" not in messages["qqqqqqqq"]


def test_every_refused_answer_is_named_at_once(refused):
    assert {"shivery", "temperature", "loose_stools"} == set(
        refused({"shivery": 1, "temperature": 99, "loose_stools": -1, "dizzy": True})
    )


@pytest.mark.parametrize("key", [1, None, True, ("a",), "", "\0", "a" * 10_000])
def test_a_key_that_is_no_question_is_refused(refused, key):
    [(question, message)] = refused({key: True}).items()

    assert len(question) <= 60
    assert "no such question" in message


@pytest.mark.parametrize("answers", [None, [], "shivery", 3, [("shivery", True)]])
def test_answers_that_are_no_mapping_are_refused(refused, answers):
    assert ["answers"] == list(refused(answers))


def test_a_refusal_gives_no_advice_at_all(all_targeted):
    with pytest.raises(AnswersError):
        advise(all_targeted, {"shivery": True, "temperature": 99})


# temperatures


def exact(value, unit):
    """Degrees Celsius, exactly."""
    return (Fraction(str(value)) - 32) * 5 / 9 if unit == "°F" else Fraction(str(value))


TENTHS_F = [tenth / 10 for tenth in range(860, 1131)]


def test_every_tenth_of_a_degree_fahrenheit_is_on_its_exact_side_of_both_limits(values):
    for reading in TENTHS_F:
        own = values(temperature={"value": reading, "unit": "°F"})["temperature"]
        right = exact(reading, "°F")
        assert float(right) == own
        for limit in (Fraction(375, 10), Fraction(36)):
            assert [right > limit, right < limit] == [own > float(limit), own < float(limit)], reading


def test_every_tenth_of_a_degree_celsius_goes_to_fahrenheit_on_its_exact_side():
    for tenth in range(300, 451):
        right = Fraction(tenth, 10) * 9 / 5 + 32
        own = convert_temperature(tenth / 10, "°C", "°F")
        for limit in (Fraction(995, 10), Fraction(968, 10)):
            assert [right > limit, right < limit] == [own > float(limit), own < float(limit)], tenth


@pytest.mark.parametrize("unit", ["°F", "F"])
def test_99_5_fahrenheit_is_exactly_37_5(values, unit):
    assert {"temperature": 37.5} == values(temperature={"value": 99.5, "unit": unit})
    assert {"temperature": 36.0} == values(temperature={"value": 96.8, "unit": unit})


@pytest.mark.parametrize("limit", [99.5, 96.8])
def test_the_next_float_in_fahrenheit_is_on_the_other_side(values, limit):
    celsius = {99.5: 37.5, 96.8: 36}[limit]
    up, down = math.nextafter(limit, math.inf), math.nextafter(limit, -math.inf)

    assert celsius < values(temperature={"value": up, "unit": "°F"})["temperature"]
    assert celsius > values(temperature={"value": down, "unit": "°F"})["temperature"]


@pytest.mark.parametrize("unit", ["°C", "C"])
def test_its_own_unit_may_be_named(values, unit):
    assert {"temperature": 37.6} == values(temperature={"value": 37.6, "unit": unit})


def test_a_temperature_is_echoed_as_it_was_given(all_targeted):
    reading = {"value": 99.6, "unit": "°F"}
    own = {"value": 37.6, "unit": "°C"}

    assert {"temperature": reading} == check_answers(all_targeted, {"temperature": reading}).given
    assert {"temperature": 37.6} == check_answers(all_targeted, {"temperature": own}).given
    assert "38" == json.dumps(check_answers(all_targeted, {"temperature": 38.0}).given["temperature"])


@pytest.mark.parametrize("value", [85.9, 113.1, 37.5])
def test_a_reading_out_of_range_in_fahrenheit_is_refused(refused, value):
    assert "from 86 to 113" in refused({"temperature": {"value": value, "unit": "°F"}})["temperature"]


# JSON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "line 1, column"),
        ("[]", "object"),
        ("null", "object"),
        ('"shivery"', "object"),
        ('{"shivery": true, "shivery": false}', "twice"),
        ('{"temperature": {"value": 38, "value": 36.6}}', "twice"),
        ('{"temperature": NaN}', "NaN"),
        ('{"temperature": -Infinity}', "Infinity"),
        ("[" * 100_000, "deep"),
        ('{"a": ' * 50_000, "deep"),
        ('{"loose_stools": ' + "9" * 5000 + "}", "JSON"),
        (b"\xff\xfe{}", "JSON"),
        (b'{"a": "\xff"}', "UTF-8"),
        (" " * 1_000_001, "bytes"),
    ],
    ids=range(15),
)
def test_text_that_is_no_set_of_answers_is_refused(text, words):
    with pytest.raises(AnswersError) as caught:
        answers_from_json(text)

    assert words in str(caught.value)


def test_json_is_read_as_it_stands():
    text = '{"shivery": true, "temperature": {"value": 99.5, "unit": "°F"}, "dizzy": null, "loose_stools": 4}'

    expected = {
        "shivery": True,
        "temperature": {"value": 99.5, "unit": "°F"},
        "dizzy": None,
        "loose_stools": 4,
    }
    assert expected == answers_from_json(text) == answers_from_json(text.encode())


def test_the_schema_names_every_question_and_no_other(shipped):
    schema = json.loads(answers_schema(shipped))

    assert list(shipped.questions) == list(schema["properties"])
    assert schema["additionalProperties"] is False


def test_an_answer_nested_without_end_is_refused(refused):
    deep = []
    for _ in range(5_000):
        deep = [deep]

    assert "nested so deeply" in refused({"temperature": deep})["temperature"]


def test_thousands_of_unknown_questions_are_refused_in_no_time(all_targeted):
    """A hint for each would take minutes; the first few get one."""
    with pytest.raises(AnswersError) as caught:
        check_answers(all_targeted, {f"temperatur{place}": True for place in range(20_000)})

    hinted = [one for one in caught.value.problems if "did you mean 'temperature'?" in one.message]
    assert 20_000 == len(caught.value.problems)
    assert 20 == len(hinted)


class Alike(str):
    """A text that is equal to another, and yet not found beside it."""

    def __hash__(self):
        return 5

    __eq__ = str.__eq__


def test_a_key_that_only_looks_like_another_is_not_skipped(all_targeted, nothing_else):
    calm = nothing_else(all_targeted)

    assert "emergency" == advise(all_targeted, {Alike("chest_pain"): True}).level
    for answers in (
        {**calm, Alike("chest_pain"): True},
        {"temperature": {"value": 97.0, Alike("value"): 103.0, "unit": "°F"}},
    ):
        with pytest.raises(AnswersError, match="stands there twice"):
            check_answers(all_targeted, answers)


def test_a_question_may_be_named_by_an_enum(all_targeted):
    class Ask(StrEnum):
        TEMPERATURE = "temperature"

    assert {"temperature": 38.6} == check_answers(all_targeted, {Ask.TEMPERATURE: 38.6}).values


@pytest.mark.parametrize("key", [None, 1, ("a",), b"headache"])
def test_what_is_no_text_is_no_question(all_targeted, key):
    with pytest.raises(AnswersError, match="no such question"):
        check_answers(all_targeted, {key: True, "headache": True})
