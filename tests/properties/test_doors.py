"""Every door that takes one person's answers reads a spelling alike: as the same answer, or as none.

What is typed at a terminal, a text in JSON by the library and by HTTP, a field of a form, a FHIR quantity.
"""

import json
import re
from io import StringIO
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.effort import examples
from whentocall import AnswersError, Interview, fhir, load
from whentocall.engine.answers import answers_from_json, check_answers
from whentocall.engine.spelling import DONT_KNOW, UNITS, UNNAMED_UNITS, YES_NO, plain
from whentocall.http import Settings
from whentocall.http.problems import Refused
from whentocall.http.service import Service
from whentocall.interview.faces import Stopped
from whentocall.interview.faces.plain import PlainFace
from whentocall.interview.parse import Reply
from whentocall.interview.session import Session
from whentocall.web.fields import Fields, read_body
from whentocall.web.replies import Again, read_answer

KINDS = ("yes-no", "one-of", "temperature", "whole-number", "days")
NO_ANSWER = "no answer"


@pytest.fixture(scope="session")
def service():
    return Service(Settings())


@pytest.fixture(scope="session")
def doors(spellings, service):
    """For a kind of question, each door by its name: a function from a text to the answer, as JSON."""
    protocol = load(spellings.PROTOCOL)

    def doors_for(kind):
        question = Interview(protocol).question(spellings.QUESTIONS[kind])

        def library(text):
            return check_answers(protocol, {question.id: text}).given[question.id]

        def json_text(text):
            return check_answers(protocol, answers_from_json(json.dumps({question.id: text}))).given[
                question.id
            ]

        def http(text):
            body = json.dumps({"answers": {question.id: text}, "watch": False}).encode()
            return json.loads(service.advice(protocol.id, body).body)["request"]["answers"][question.id]

        def typed(text):
            face = PlainFace(StringIO(text + "\n", newline="\n"), StringIO())
            reply = Session(face, protocol, "you")._ask_one(question, back=True)
            return NO_ANSWER if isinstance(reply, Reply) else reply[question.id]

        def form(text):
            body = urlencode({"typed": text, "unit": question.unit}).encode()
            reply = read_answer(Fields(read_body(body)), question)
            return NO_ANSWER if isinstance(reply, Reply) else reply

        found = {"library": library, "json": json_text, "http": http, "typed": typed}
        return {**found, "form": form} if kind in ("temperature", "whole-number", "days") else found

    return doors_for


def said(door, text):
    """What a text is at a door, as JSON; `NO_ANSWER` where it is refused or asked again."""
    try:
        answer = door(text)
    except (AnswersError, Again, Refused, Stopped):
        return NO_ANSWER
    return answer if answer == NO_ANSWER else json.dumps(answer)


def at_each(doors, text):
    """What a text is at each door. A terminal numbers its choices, so a number is a place there."""
    is_place = "form" not in doors and re.fullmatch(r"[0-9]{1,3}\.?", plain(text))
    return {name: said(door, text) for name, door in doors.items() if not (is_place and name == "typed")}


@pytest.mark.parametrize("kind", KINDS)
def test_every_listed_spelling_is_its_answer_at_every_door(doors, spellings, kind):
    known = [*spellings.SPELLINGS[kind], *((text, None) for text in spellings.DONT_KNOW)]
    wrong = {
        text: heard
        for text, answer in known
        if set((heard := at_each(doors(kind), text)).values()) != {json.dumps(answer)}
    }
    assert {} == wrong


@pytest.mark.parametrize("kind", KINDS)
def test_every_listed_refusal_is_refused_at_every_door(doors, spellings, kind):
    digits = spellings.DIGITS if kind in ("yes-no", "one-of") else ()
    wrong = {
        text: heard
        for text in (*spellings.REFUSED[kind], *spellings.BLANK, *digits, "4" + " " * 200)
        if set((heard := at_each(doors(kind), text)).values()) != {NO_ANSWER}
    }
    assert {} == wrong


def test_the_list_has_every_word_and_unit_of_the_table(spellings):
    """A spelling that is added to the table alone is not held at any door."""
    listed = {plain(text) for texts in spellings.SPELLINGS.values() for text, _ in texts}
    units = {re.sub(r"^[-+0-9.,]+ ?", "", text).rstrip(".") for text in listed}
    assert set(YES_NO) <= listed
    assert set(UNNAMED_UNITS) <= units
    assert set(UNITS.values()) == {UNITS[unit] for unit in units if unit in UNITS}
    assert {plain(text) for text in spellings.DONT_KNOW} == DONT_KNOW


NASTY = (
    "0123456789.,+-'’−–°º˚℃℉cCfF ?<eé٣８．，٫[]{}\"\\½²yesnotrudayfalimb"
    "\u00a0\u200b\ufeff\u00ad\x00\t\r\x85\u202e"
)


@st.composite
def near_spellings(draw, listed):
    """A text of the list with a character more, less or changed; or any text of a nasty alphabet."""
    if draw(st.booleans()):
        return draw(st.text(alphabet=NASTY, max_size=12))
    text = draw(st.sampled_from(listed))[:40]
    place, length = draw(st.integers(0, len(text))), draw(st.integers(0, 2))
    return text[:place] + draw(st.text(alphabet=NASTY, max_size=2)) + text[place + length :]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@examples(75)
def test_any_text_is_the_same_answer_or_none_at_every_door(doors, spellings, kind, data):
    listed = [text for text, _ in spellings.SPELLINGS[kind]]
    text = data.draw(near_spellings([*listed, *spellings.REFUSED[kind], *spellings.DONT_KNOW]))
    heard = at_each(doors(kind), text)
    assert 1 == len(set(heard.values())), heard


# quantities: a number, and its unit as text


@pytest.fixture(scope="session")
def quantities(spellings):
    """Each door that takes a number and its unit apart."""
    protocol = load(spellings.PROTOCOL)
    question = spellings.QUESTIONS["temperature"]

    def library(value, unit):
        return check_answers(protocol, {question: {"value": value, "unit": unit}}).given[question]

    def by_fhir(value, unit, key="unit"):
        item = {"linkId": question, "answer": [{"valueQuantity": {"value": value, key: unit}}]}
        response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [item]}
        return dict(check_answers(protocol, fhir.answers_from_response(protocol, response)).given)[question]

    def by_fhir_code(value, unit):
        return by_fhir(value, unit, "code")

    def one_text(value, unit):
        return check_answers(protocol, {question: f"{value} {unit}"}).given[question]

    return {"library": library, "fhir": by_fhir, "fhir code": by_fhir_code, "text": one_text}


def quantity_at_each(quantities, value, unit):
    """What it is at each door. Degrees without a letter are no unit where a unit has to be named."""
    named = plain(unit).rstrip(".") not in ("", *UNNAMED_UNITS)
    heard = {}
    for name, door in quantities.items():
        if named or name != "text":
            heard[name] = said(lambda text, door=door: door(value, text), unit)
    return heard


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    "write", [str, str.upper, "\u00a0{}\u200b".format, lambda unit: unit.replace("°", "˚")]
)
def test_every_unit_of_the_table_is_known_at_every_door(quantities, unit, write):
    value = {"°C": 38.6, "°F": 101.5}[UNITS[unit]]
    own = json.dumps(38.6 if UNITS[unit] == "°C" else {"value": 101.5, "unit": "°F"})
    assert {own} == set(quantity_at_each(quantities, value, write(unit)).values())


@given(
    unit=st.text(alphabet="°º˚℃℉ CcFfKk.degrsinhtal\u00a0\u200b[]\x000?", max_size=9)
    | st.sampled_from(sorted(UNITS))
)
@example("")
@example("deg")
@example(".")
@example("C..")
@example("c?")
def test_any_unit_is_the_same_or_none_at_every_door(quantities, unit):
    for value in (38.6, 101.5):
        heard = quantity_at_each(quantities, value, unit)
        assert 1 == len(set(heard.values())), heard
