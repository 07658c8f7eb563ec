"""A box counts only as our own pages send it: whatever else it says is no answer, and never a "no"."""

import json

import pytest

from whentocall.web import did_not_arrive, respond
from whentocall.web import texts as web

OTHERS = ("no", "false", "0", "off", "on", "true", "1", "Yes", "YES", " yes", "yes ", " ", "\u200b", "ｙes")


def question_page(visitor, *, temperature=False):
    """A visitor on the first checklist, or on the question for the temperature."""
    visitor.begin()
    while temperature and visitor.page.asked != "typed":
        visitor.next(none="yes")
    return visitor


def unsure_page(visitor):
    visitor.begin()
    return visitor.press("next", unsure="yes")


def as_sent(visitor, **fields):
    """What follows the page that is there with these fields, which it need not have."""
    return respond(visitor.protocols, {"state": visitor.page.fields["state"], **fields})


@pytest.mark.parametrize("value", OTHERS)
@pytest.mark.parametrize("do", ["next", "advice"])
@pytest.mark.parametrize("name", ["none", "unsure"])
def test_a_box_of_a_list_that_says_anything_but_yes_is_refused(visitor, name, do, value):
    page = as_sent(question_page(visitor), do=do, **{name: value})

    assert (400, True) == (page.status, web.CANNOT_READ in page.body)


@pytest.mark.parametrize("value", OTHERS)
@pytest.mark.parametrize("name", ["none", "unsure"])
def test_it_is_refused_beside_something_ticked_too(visitor, name, value):
    question_page(visitor)
    first = visitor.page.offered["tick"][0]

    assert 400 == as_sent(visitor, do="next", tick=first, **{name: value}).status


@pytest.mark.parametrize("value", OTHERS)
def test_all_of_these_is_refused_likewise(visitor, value):
    assert 400 == as_sent(unsure_page(visitor), do="next", all=value).status


@pytest.mark.parametrize("value", OTHERS)
@pytest.mark.parametrize("do", ["next", "advice"])
def test_not_knowing_a_number_is_refused_likewise(visitor, do, value):
    question_page(visitor, temperature=True)

    assert 400 == as_sent(visitor, do=do, unknown=value).status
    assert 400 == as_sent(visitor, do=do, unknown=value, typed="39").status


@pytest.mark.parametrize("unit", ["K", "C", "°c", " °C", "no", "0"])
@pytest.mark.parametrize("others", [{"typed": "39"}, {"unknown": "yes"}, {"typed": "39", "unknown": "yes"}])
def test_a_unit_that_is_not_offered_is_refused(visitor, unit, others):
    assert 400 == as_sent(question_page(visitor, temperature=True), do="next", unit=unit, **others).status


@pytest.mark.parametrize("value", ["No", "NO", "false", "0", "off", "none", " no", "no ", " "])
@pytest.mark.parametrize("do", ["next", "advice"])
def test_a_choice_that_is_not_offered_is_refused(visitor, protocols, do, value):
    visitor.begin().next(tick="seizure")
    state = {**visitor.page.state, "trail": [["seizure"]], "answers": {"seizure": True}, "changing": 0}

    assert 400 == respond(protocols, {"state": json.dumps(state), "do": do, "choice": value}).status


def test_an_empty_box_is_a_box_left_alone(visitor):
    question_page(visitor)

    assert web.TICK_FIRST.replace("'", "&#39;") in as_sent(visitor, do="next", none="", unsure="").body
    visitor.send(state=visitor.page.fields["state"], do="next", none="yes", unsure="")
    assert {False} == set(visitor.page.state["answers"].values())


@pytest.mark.parametrize(
    ("status", "heading", "why"),
    [
        (408, web.TOO_SLOW, web.TOO_SLOW_WHY),
        (413, web.TOO_LARGE, web.TOO_LARGE_WHY),
        (415, web.CANNOT_READ, web.OTHER_WAY_WHY),
    ],
)
def test_a_form_that_did_not_arrive_has_a_page_that_says_why(protocols, page_of, status, heading, why):
    page = did_not_arrive(protocols, status)
    shown = page_of(page.body)

    assert status == page.status
    assert heading in shown.headings
    assert why in shown.text
    assert web.CALL_ANYWAY in shown.text
    assert web.WENT_WRONG not in shown.text
    assert ("do", "start") in shown.buttons
