"""Answers as they come in: nothing is clipped, rounded or guessed; what is refused is named."""

import json
import math
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction

import numpy as np
import pytest

from whentocall import AnswersError, advise
from whentocall.engine.answers import answers_from_json, answers_schema, check_answers
from whentocall.engine.temperature import convert_temperature


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


class Plain(Enum):
    YES = True


NEVER = [
    "maybe",
    "",
    " ",
    "\u200b",
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
    {"value": 38, "unit": "°"},
    {"value": 38, "unit": "days"},
    {"value": 38, "unit": ""},
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
    date(2026, 11, 27),
    timedelta(days=3),
    Fraction(38),
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("-Infinity"),
    Decimal("1e999999999"),
    np.float64("nan"),
    np.float32("inf"),
    np.datetime64("2026-11-27"),
    np.array([38.6]),
    np.array(38.6),
    Plain.YES,
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


@pytest.mark.engines
@pytest.mark.parametrize("question", ["shivery", "loose_stools", "temperature", "drug", "constipation_days"])
def test_what_pandas_has_for_nothing_is_no_answer(refused, question):
    import pandas as pd  # noqa: PLC0415  large, and not there for every test

    assert [question] == list(refused({question: pd.NA, "dizzy": False}))


@pytest.mark.parametrize("value", [0, 1, 1.0, "1", "0", Decimal(1), np.int64(1), np.float64(0)])
def test_a_number_is_not_yes_or_no(refused, value):
    assert ["shivery"] == list(refused({"shivery": value}))


@pytest.mark.parametrize("value", [True, False, 3.5, "3.5", "1,000", np.bool_(1), Decimal("4.1")])
def test_yes_or_a_half_is_not_a_whole_number(refused, value):
    assert "a whole number from 0 to 60" in refused({"loose_stools": value})["loose_stools"]


@pytest.mark.parametrize("value", [True, False, 101.5, "101.5", 3.75, 375, np.bool_(0), Decimal("101.5")])
def test_yes_or_a_reading_in_another_unit_is_not_a_temperature(refused, value):
    message = refused({"temperature": value})["temperature"]

    assert "from 30 to 45 °C" in message
    assert "from 86 to 113" in message


@pytest.mark.parametrize("value", ["imatini", "imatinib or another", "", 0, True])
def test_what_is_no_choice_is_refused_with_the_choices(refused, value):
    assert "imatinib, dasatinib" in refused({"drug": value})["drug"]


# other types and texts

KINDS = ("yes-no", "one-of", "temperature", "whole-number", "days")


@pytest.mark.parametrize("kind", KINDS)
def test_every_spelling_means_what_the_list_says_and_is_echoed_as_such(all_targeted, spellings, kind):
    question = spellings.QUESTIONS[kind]
    for text, answer in spellings.SPELLINGS[kind]:
        given = check_answers(all_targeted, {question: text}).given[question]
        assert (
            (answer, type(answer)) == (dict(given), dict) if isinstance(given, dict) else (given, type(given))
        )


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_the_same_answer_as_what_it_says(all_targeted, spellings, kind):
    question = spellings.QUESTIONS[kind]
    for text, answer in spellings.SPELLINGS[kind]:
        assert check_answers(all_targeted, {question: answer}) == check_answers(
            all_targeted, {question: text}
        )
        (value,) = check_answers(all_targeted, {question: text}).values.values()
        (typed,) = check_answers(all_targeted, {question: answer}).values.values()
        assert type(typed) is type(value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_is_no_answer_is_refused_by_name(refused, spellings, kind):
    question = spellings.QUESTIONS[kind]
    for text in (*spellings.REFUSED[kind], *spellings.BLANK, "yes" + " " * 200):
        assert [question] == list(refused({question: text}))


@pytest.mark.parametrize("unit", ["℃", "c", "C", "º C", "˚c", "Celsius", "degrees C", "Cel", " °C\u200b"])
def test_a_unit_may_be_spelled_in_any_usual_way(values, unit):
    assert {"temperature": 37.6} == values(temperature={"value": 37.6, "unit": unit})


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (Decimal("38.6"), 38.6),
        (Decimal("38.60"), 38.6),
        (Decimal("3.86e1"), 38.6),
        (np.float64(38.6), 38.6),
        (np.float32(38.6), 38.6),
        (np.int64(38), 38),
        (np.uint8(38), 38),
        (np.str_("38,6 ˚C"), 38.6),
        ({"value": Decimal("101.48"), "unit": np.str_("ºF")}, 38.6),
        ({"value": np.float32(101.48), "unit": "F"}, 38.6),
    ],
    ids=repr,
)
def test_a_number_of_another_type_is_the_number_that_it_prints(values, value, number):
    found = values(temperature=value)

    assert {"temperature": number} == found
    assert float is type(found["temperature"])


@pytest.mark.parametrize(
    "value", [Decimal(4), Decimal("4.000"), np.int8(4), np.float32(4), IntEnum("N", "A B C D").D]
)
def test_a_whole_number_of_another_type_is_a_whole_number(values, value):
    found = values(loose_stools=value)

    assert {"loose_stools": 4} == found
    assert int is type(found["loose_stools"])


@pytest.mark.parametrize("value", [True, False])
def test_yes_and_no_of_numpy_are_yes_and_no(values, value):
    assert values(shivery=np.bool_(value))["shivery"] is value


@pytest.mark.parametrize(
    "text",
    ["37.500000000000000001", "37.500000000000001", "3.7500000000000000001e1", "37.499999999999999999"],
)
def test_what_a_float_would_round_onto_a_limit_is_refused_in_every_form(refused, text):
    number = answers_from_json(f'{{"temperature": {text}}}')["temperature"]
    forms = [Decimal(text), number, {"value": Decimal(text), "unit": "°C"}, {"value": number, "unit": "°C"}]
    forms += [] if "e" in text or len(text) > 18 else [text, f"{text} °C"]
    for form in forms:
        message = refused({"temperature": form, "shivery": "maybe"})
        assert ["shivery", "temperature"] == sorted(message)
        assert "more digits than can be kept" in message["temperature"]


@pytest.mark.parametrize("digits", ["37.5", "38.600000000000000000", "3.86E+1", "1e400", "38.60000000000001"])
def test_what_a_float_holds_is_read_from_json_as_ever(digits):
    number = answers_from_json(f'{{"temperature": {digits}}}')["temperature"]

    assert json.loads(digits) == number


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
        with pytest.raises(AnswersError, match="appears twice"):
            check_answers(all_targeted, answers)


def test_a_question_may_be_named_by_an_enum(all_targeted):
    class Ask(StrEnum):
        TEMPERATURE = "temperature"

    assert {"temperature": 38.6} == check_answers(all_targeted, {Ask.TEMPERATURE: 38.6}).values


@pytest.mark.parametrize("key", [None, 1, ("a",), b"headache"])
def test_what_is_no_text_is_no_question(all_targeted, key):
    with pytest.raises(AnswersError, match="no such question"):
        check_answers(all_targeted, {key: True, "headache": True})
