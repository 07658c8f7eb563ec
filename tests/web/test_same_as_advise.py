"""The web face gives the JSON of `advise`: over the conformance vectors, and asked question by question."""

import json
from itertools import product
from pathlib import Path

import pytest

from support.effort import some
from whentocall import advise, load
from whentocall.conformance.vectors import vectors
from whentocall.interview.flow import Ask, Interview
from whentocall.interview.walk import Walk
from whentocall.web import respond

NUMBERS = {"advice-line": "020 7946 0000"}
PROTOCOLS = {name: load(name) for name in ("all-targeted-drugs", "neuroblastoma-targeted-therapy")}
EVERY = 30  # one vector in so many is asked question by question


@pytest.fixture(scope="module", params=list(PROTOCOLS))
def protocol(request):
    return PROTOCOLS[request.param]


@pytest.fixture(scope="module")
def all_vectors(protocol):
    return vectors(protocol)


def saved(protocol, answers):
    state = {
        "protocol": protocol.id,
        "sha256": protocol.sha256,
        "voice": "they",
        "answers": answers,
        "trail": [[id_] for id_ in answers],
        "everything": False,
        "changing": None,
        "ticked": None,
    }
    return respond(PROTOCOLS, {"state": json.dumps(state), "do": "save"}, numbers=NUMBERS)


def test_every_vector_gives_the_bytes_of_advise(protocol, all_vectors):
    compared = 0
    for vector in some(all_vectors, 4):
        if "refused" not in vector.expect:
            expected = advise(protocol, vector.answers, voice="they", numbers=NUMBERS).to_json()
            assert expected == saved(protocol, dict(vector.answers)).body, vector
            compared += 1
    assert compared > 120


def test_every_vector_that_must_be_refused_is_refused(protocol, all_vectors):
    refused = [vector for vector in all_vectors if "refused" in vector.expect]
    assert len(refused) > 50
    for vector in refused:
        assert 400 == saved(protocol, dict(vector.answers)).status, vector


def people(protocol, all_vectors):
    """Somebody for every so many vectors: what the vector leaves out is "no", usual, or the first choice."""
    usual = {
        question.id: question.usual_number
        if question.usual_number is not None
        else next(iter(question.options), False)
        for question in protocol.questions.values()
    }
    usual |= {id_: 1 for id_ in usual if protocol.questions[id_].answer.kind in ("days", "whole-number")}
    for vector in [other for other in all_vectors if "refused" not in other.expect][::EVERY]:
        yield usual | dict(vector.answers)


def asked_by_the_library(protocol, person, voice, *, everything):
    """The same person, asked by the library alone."""
    walk = Walk(Interview(protocol, voice=voice), everything=everything)
    while isinstance(step := walk.step(), Ask):
        answers = {question.id: person[question.id] for question in step.questions}
        if is_emergency(walk.answer(answers)):
            # who is not sure about some signs is not kept from the advice by being asked about which
            unsure = None in answers.values()
            return walk.answer(
                {id_: given or (None if unsure else False) for id_, given in answers.items()}
            ).answers
        walk = walk.answer(answers)
    return walk.answers


def is_emergency(walk):
    protocol = walk.interview.protocol
    return advise(protocol, walk.answers, watch=False).at_least == protocol.levels[-1].id


@pytest.mark.one_in(4)
@pytest.mark.parametrize("voice", ["you", "they"])
def test_who_is_asked_page_by_page_gets_the_bytes_of_advise(visitor, protocol, all_vectors, voice):
    levels = set()
    for person in people(protocol, all_vectors):
        visitor.begin(protocol.id, voice)
        while visitor.page.asked:
            visitor.answer(person)
        if not visitor.page.title.startswith("Emergency"):
            visitor.press("advice")
        answers = asked_by_the_library(protocol, person, voice, everything=False)
        expected = advise(protocol, answers, voice=voice, numbers=NUMBERS)
        assert expected.headline in visitor.page.title
        assert expected.to_json() == visitor.press("save").sent.body
        levels.add(expected.level)
    assert {"emergency", "immediately", "contact", "tell"} <= levels


@pytest.mark.one_in(2)
def test_who_answers_everything_gets_the_bytes_of_advise(visitor, protocol, all_vectors):
    went_on = 0
    for person in people(protocol, all_vectors):
        visitor.begin(protocol.id)
        while visitor.page.asked:
            visitor.answer(person)
        if visitor.page.title.startswith("Emergency"):
            continue
        visitor.press("advice")
        if ("do", "more") not in visitor.page.buttons:
            continue
        visitor.press("more")
        while visitor.page.asked:
            visitor.answer(person)
        visitor.press("advice")
        answers = asked_by_the_library(protocol, person, "you", everything=True)
        expected = advise(protocol, answers, numbers=NUMBERS)
        assert expected.to_json() == visitor.press("save").sent.body
        went_on += 1
    assert went_on > 10


def test_another_scheme_of_levels_gives_the_bytes_of_advise(visit):
    """Green, amber and red, from rule files alone; nobody to call but by their own roles."""
    pump = load("pump-line", rules=Path(__file__).parents[1] / "traffic_lights" / "rules")
    visitor = visit({pump.id: pump}, {"pump-team": "0000 000"})
    kinds = product(
        (0, 2, 4), ("none", "painful", None), (36.8, 38.1, None), (False, None), ("plain", "both")
    )
    levels = set()
    for person in (dict(zip(WHAT_PUMPS_ASK, kind, strict=True)) for kind in kinds):
        visitor.send().press("voice", choice="you")
        while visitor.page.asked:
            visitor.answer(person)
        if ("do", "advice") in visitor.page.buttons:
            visitor.press("advice")
        answers = asked_by_the_library(pump, person, "you", everything=False)
        expected = advise(pump, answers, numbers={"pump-team": "0000 000"})
        assert expected.headline in visitor.page.title
        assert expected.to_json() == visitor.press("save").sent.body
        levels.add(expected.level)
    assert {"red", "amber", "green"} == levels


WHAT_PUMPS_ASK = ("extra_poos", "mouth", "temperature", "took_fever_medicine", "medicine")
