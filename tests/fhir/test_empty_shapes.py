"""What says nothing: no empty shape, on whatever item, lowers a level or hides the 38.6 beside it.

FHIR has no empty members, but renderers send them: on displays, groups and texts that nobody answers, on
items of their own, and on questions that were left open.
"""

import copy
import json

import pytest

from whentocall import AnswersError, advise, fhir
from whentocall.fhir.elements import stripped

YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
YES = {"valueCoding": {"system": YES_NO, "code": "Y"}}

EMPTY_ANSWERS = [
    None,
    "",
    " ",
    "\u200b",
    {},
    [],
    [None],
    [""],
    [{}],
    [[]],
    [{}, {}],
    [{"valueString": ""}],
    [{"valueString": None}],
    [{"valueCoding": {}}],
    [{"valueCoding": {"code": ""}}],
    [{"valueCoding": {"code": "", "display": " ", "system": None}}],
    [{"valueQuantity": {"value": None}}],
    [{"valueInteger": None}],
    [{"id": "", "extension": []}],
    [{"extension": [{}], "item": []}],
    [{"item": [{}]}],
    [{"item": [{"text": ""}]}],
]
EMPTY_PARTS = [
    {"text": ""},
    {"text": None},
    {"_text": None},
    {"_text": {}},
    {"definition": ""},
    {"extension": None},
    {"extension": []},
    {"extension": [{}]},
    {"modifierExtension": []},
    {"item": None},
    {"item": ""},
    {"item": []},
    {"item": {}},
    {"item": [None]},
    {"item": [{}]},
    {"item": [[]]},
    {"item": [{"linkId": ""}]},
    {"item": [{"text": "Only words."}]},
    {"item": [{"linkId": "put-in-by-a-renderer", "text": "Only words."}]},
    {"item": [{"item": [{"item": [{}]}]}]},
    {"prefix": ""},
    {"valueString": None},
]
SHAPES = [*({"answer": empty} for empty in EMPTY_ANSWERS), *EMPTY_PARTS]
ITEMS_OF_NOBODY = [
    None,
    {},
    [],
    "",
    {"linkId": ""},
    {"linkId": None},
    {"text": "Only words."},
    {"linkId": "put-in-by-a-renderer"},
    {"linkId": "put-in-by-a-renderer", "text": "Only words.", "item": []},
    {"linkId": "put-in-by-a-renderer", "extension": [{"url": "https://x.example/shown", "valueCode": "a"}]},
]


def walk(items):
    for item in items:
        yield item
        yield from walk(item.get("item", ()))


@pytest.fixture(scope="module")
def whole(protocol):
    """A full response with every item of the form in its place: no to all, and a temperature of 38.6 °C."""
    plain = {"yes-no": False, "temperature": 38.6}
    always = [question for question in protocol.questions.values() if question.only_if is None]
    answers = {each.id: plain[each.answer.kind] for each in always if each.answer.kind in plain}
    given = {item["linkId"]: item for item in walk(fhir.questionnaire_response(protocol, answers)["item"])}

    def filled(items):
        for item in items:
            said = {"linkId": item["linkId"], "text": item.get("text", "-")}
            if "answer" in given.get(item["linkId"], {}):
                said["answer"] = given[item["linkId"]]["answer"]
            yield said | ({"item": [*filled(item["item"])]} if "item" in item else {})

    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [*filled(fhir.questionnaire(protocol)["item"])],
    }


@pytest.fixture(scope="module")
def read(protocol):
    return lambda response: fhir.answers_from_response(protocol, json.loads(json.dumps(response)))


@pytest.fixture(scope="module")
def answers(whole, read):
    return read(whole)


def with_shape(whole, links, shape):
    """The response with the shape on these items; the questions in a group are still there."""
    response = copy.deepcopy(whole)
    for item in [item for item in walk(response["item"]) if item["linkId"] in links]:
        inside = item.get("item", [])
        item.update(copy.deepcopy(shape))
        if inside and "item" in shape:
            item["item"] = [*shape["item"], *inside] if isinstance(shape["item"], list) else inside
    return response


def test_every_kind_of_item_is_tried(protocol, whole):
    types = {item["type"] for item in walk(fhir.questionnaire(protocol)["item"])}

    assert {"display", "group", "choice", "integer"} <= types
    assert len([*walk(whole["item"])]) == len([*walk(fhir.questionnaire(protocol)["item"])])


def test_an_empty_shape_on_what_is_no_question_changes_nothing(protocol, whole, read, answers):
    beside = {item["linkId"] for item in walk(whole["item"])} - set(protocol.questions)
    for shape in SHAPES:
        assert answers == read(with_shape(whole, beside, shape)), shape


@pytest.mark.parametrize("name", ["extension", "modifierExtension", "implicitRules"])
def test_an_empty_shape_around_all_items_changes_nothing(name, whole, read, answers):
    for empty in (None, "", [], {}, [None], [{}], [[]]):
        assert answers == read({**whole, name: empty})


def test_an_item_of_nobody_changes_nothing_wherever_it_stands(whole, read, answers):
    for nothing in ITEMS_OF_NOBODY:
        for place in (0, len(whole["item"])):
            response = copy.deepcopy(whole)
            response["item"].insert(place, nothing)
            assert answers == read(response)
        for group in [item for item in whole["item"] if "item" in item]:
            response = copy.deepcopy(whole)
            next(item for item in response["item"] if item == group)["item"].append(nothing)
            assert answers == read(response)


def test_what_is_no_question_may_stand_there_twice(whole, read, answers):
    """A renderer may repeat the title of a group on each of its pages."""
    response = copy.deepcopy(whole)
    response["item"] += [{"linkId": item["linkId"]} for item in whole["item"]]

    assert answers == read(response)


def test_an_empty_answer_to_a_question_is_not_known_and_hides_no_other(whole, read, answers):
    given = [question for question, answer in answers.items() if answer is not None]
    for empty in EMPTY_ANSWERS:
        for links in (given[::2], given[1::2]):
            assert answers | dict.fromkeys(links) == read(with_shape(whole, links, {"answer": empty})), empty


def test_an_empty_answer_to_a_question_never_lowers_the_level(protocol, whole, read, answers):
    def rank(response):
        return protocol.ranks[advise(protocol, read(response), watch=False).level]

    for link in set(answers) - {"temperature"}:
        assert rank(whole) <= rank(with_shape(whole, [link], {"answer": [{}]})), link
    assert 0 < rank(with_shape(whole, ["temperature", "chest_pain"], {"answer": [{}]}))


def test_items_inside_an_empty_item_are_still_read(whole, read, answers):
    for around in (
        lambda items: [{"item": items}],
        lambda items: [{"linkId": "", "item": items}],
        lambda items: [{"linkId": "put-in-by-a-renderer", "item": items}],
        lambda items: [{"linkId": "screen-1", "answer": [{"item": items}]}],
        lambda items: [{"answer": [{}, {"id": "a", "item": items}]}],
    ):
        assert answers == read({**whole, "item": around(whole["item"])})


CARRIES = [
    {"answer": [YES]},
    {"answer": [{"valueString": "it hurts"}]},
    {"answer": [{"valueBoolean": False}]},
    {"answer": [{"valueInteger": 0}]},
    {"answer": "yes"},
    {"answer": [{}, YES]},
    {"answer": [{"modifierExtension": [{"url": "https://x.example/not"}]}]},
    {"modifierExtension": [{"url": "https://x.example/not"}]},
    {"valueString": "it hurts"},
]


@pytest.mark.parametrize("said", CARRIES, ids=json.dumps)
@pytest.mark.parametrize("link", ["intro", "screen-1", "put-in-by-a-renderer", None])
def test_what_may_mean_something_is_never_passed_over(link, said, whole, read):
    item = {**({"linkId": link} if link else {"text": "Only words."}), **said}
    with pytest.raises(AnswersError):
        read({**whole, "item": [item, *whole["item"]]})


@pytest.mark.parametrize(
    "around", [{"extension": None}, {"extension": [{}]}, {"modifierExtension": [{}]}, {"_valueCoding": []}]
)
def test_what_stands_beside_an_answer_is_not_tidied_up(around, whole, read):
    """It may be what was meant to be said: the answer is refused with it, and not read without it."""
    with pytest.raises(AnswersError) as error:
        read(with_shape(whole, ["chest_pain"], {"answer": [{**YES, **around}]}))

    assert ["chest_pain"] == [problem.question for problem in error.value.problems]


@pytest.mark.parametrize("value", [0, False, 0.0, "0", [0], {"a": False}, {"a": {"b": [None, 0]}}, -1])
def test_zero_and_false_say_something(value):
    assert stripped(value) is not None


def test_what_is_too_deep_to_be_looked_at_is_taken_to_say_something():
    deep = {}
    for _ in range(100_000):
        deep = {"a": deep}

    assert stripped(deep) is not None


# systems of codes


@pytest.mark.parametrize(
    ("link", "coding", "says"),
    [
        ("chest_pain", {"system": "http://snomed.info/sct", "code": "373066001", "display": "Yes"}, "snomed"),
        ("chest_pain", {"system": "http://snomed.info/sct", "code": "373067005", "display": "No"}, "snomed"),
        ("chest_pain", {"system": "http://loinc.org", "code": "LA33-6", "display": "Yes"}, "loinc"),
        ("chest_pain", {"system": "http://hl7.org/fhir/v2/0136", "code": "Y"}, "fhir/v2/0136"),
        (
            "chest_pain",
            {"code": "Y", "display": "No"},
            "there is no 'system' with the code: send http://term",
        ),
        ("drug", {"system": "http://www.whocc.no/atc", "code": "L01EH01", "display": "lapatinib"}, "atc"),
        ("drug", {"system": YES_NO, "code": "Y", "display": "Yes"}, "v2-0136"),
        ("temperature-unknown", {"system": "http://snomed.info/sct", "code": "261665006"}, "snomed"),
    ],
)
def test_a_system_that_is_not_known_is_told_by_its_name(all_targeted, link, coding, says):
    """Not as "another answer": nobody here knows what its codes mean, or that it is right to send them."""
    item = {"linkId": link, "answer": [{"valueCoding": coding}]}
    with pytest.raises(AnswersError) as error:
        fhir.answers_from_response(
            all_targeted, {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [item]}
        )
    (problem,) = error.value.problems

    assert says in problem.message
    assert "another answer" not in problem.message
    assert "terminology.hl7.org" in problem.message
