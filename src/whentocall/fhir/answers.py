"""A QuestionnaireResponse as answers: what it says, and never more than it says.

What is not said is "don't know" or "not asked"; neither ever becomes "no":

* **don't know** (None): the answer is coded as not known or declined, or has a data-absent-reason; or the
  question stands there without an answer; or the response is complete (`completed`, `amended`) and has
  nothing on a question that applies to what was answered, so that it was shown and left empty.
* **not asked** (left out): the response is not complete (`in-progress`, `stopped`) and has nothing on the
  question; or the question does not apply, or may not; or its data-absent-reason is `not-asked`.

What is not a question of the form, and answers nothing, is passed over, as is what is empty: renderers send
displays, groups and texts of their own. One with an answer is refused.

An answer beside anything that says otherwise, or that is not understood, is refused: a reason why it is
absent, a member or a modifier that is not known here, the name of another answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading
from whentocall.errors import AnswersError
from whentocall.fhir import names
from whentocall.fhir.elements import (
    check_element,
    check_extensions,
    check_modifiers,
    own_reasons,
    stripped,
)
from whentocall.fhir.names import Json
from whentocall.fhir.questionnaire import questionnaire
from whentocall.fhir.refusals import Refusals, Refused, is_object, shown
from whentocall.fhir.values import NOT_ASKED, read_answer
from whentocall.protocol.conditions import Truth
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

COMPLETE = ("completed", "amended")
PARTIAL = ("in-progress", "stopped")
_ITEM = ("linkId", "definition", "text")
_AROUND_ITEMS = ("extension", "modifierExtension", "implicitRules", "item")


def answers_from_response(protocol: Protocol, response: Mapping[str, object]) -> dict[str, object]:
    """The answers in a QuestionnaireResponse, as `advise` takes them, in the protocol's order.

    Where the items stand does not matter, as each `linkId` is there once at most; texts, subject and author
    are not looked at.

    Args:
        protocol: from `load`; the form that the response names, if any, must be of it and of its version.
        response: the resource as `json.loads` gives it.

    Raises:
        AnswersError: something cannot be understood, is out of range, stands there twice, or belongs to
            another form. Nothing is guessed.
    """
    refusals = Refusals()
    _check_head(protocol, response, refusals)
    refusals.raise_any()
    items = _items(protocol, response, refusals)
    answers: dict[str, object] = {}
    for question in protocol.questions.values():
        with refusals.about(question.id):
            item, box = items.get(question.id), items.get(question.id + names.UNKNOWN)
            answer = read_answer(protocol, question, item, box)
            if answer is not NOT_ASKED:
                answers[question.id] = answer
    empty = _left_empty(protocol, answers, refusals)
    refusals.raise_any()
    if response["status"] in COMPLETE:
        answers |= {one: None for one in empty if one not in items}
    return {one: answers[one] for one in protocol.questions if one in answers}


def _left_empty(protocol: Protocol, answers: Mapping[str, object], refusals: Refusals) -> tuple[str, ...]:
    """The questions without an answer that apply to these ones, once they are checked."""
    try:
        reading = Reading(protocol, check_answers(protocol, answers).values)
    except AnswersError as error:
        refusals.add_all(error.problems)
        return ()
    return tuple(
        one for one in protocol.questions if one not in answers and reading.applies(one) is Truth.TRUE
    )


def voice_of_response(response: Mapping[str, object]) -> Voice | None:
    """The voice of the Questionnaire that a response names; None where it names none."""
    named = response.get("questionnaire") if is_object(response) else None
    if not isinstance(named, str):
        return None
    return names.protocol_and_voice(named.partition("|")[0])[1]


def _check_head(protocol: Protocol, response: object, refusals: Refusals) -> None:
    if not is_object(response) or response.get("resourceType") != "QuestionnaireResponse":
        refusals.add("resourceType", "here should stand one resource of the type 'QuestionnaireResponse'")
        return
    status = response.get("status")
    if status == "entered-in-error":
        refusals.add("status", "this response was entered in error: its answers are not to be used")
    elif status not in (*COMPLETE, *PARTIAL):
        known = ", ".join((*COMPLETE, *PARTIAL))
        refusals.add(
            "status", f"{shown(status)} is not the status of a response: it should be one of {known}"
        )
    with refusals.about("questionnaire"):
        _check_questionnaire(protocol, response.get("questionnaire"))
    with refusals.about("QuestionnaireResponse"):
        around = stripped({name: response[name] for name in _AROUND_ITEMS if name in response}) or {}
        check_modifiers(around)
        check_extensions(around)
        _check_held(around)


def _check_questionnaire(protocol: Protocol, named: object) -> None:
    """Refuse a response to another form. One that names no form is read by its questions alone."""
    if named is None:
        return
    url, _, version = named.partition("|") if isinstance(named, str) else ("", "", "")
    tail = url.rpartition("Questionnaire/")
    if names.protocol_and_voice(tail[2])[0] != protocol.id or not (tail[0] == "" or tail[0].endswith("/")):
        raise Refused(f"{shown(named)} is not the form of '{protocol.id}'")
    if version and version != protocol.version:
        message = f"this was filled in for version {shown(version)}, and the questions are now of version"
        raise Refused(f"{message} '{protocol.version}': ask them again")


def _items(protocol: Protocol, response: Mapping[str, object], refusals: Refusals) -> dict[str, Json]:
    """Every item at any depth, by its linkId. Without recursion, so that no depth is too much."""
    found: dict[str, Json] = {}
    waiting: list[object] = [response.get("item")]
    while waiting and not refusals.full:
        items = waiting.pop()
        if not isinstance(items, list) and stripped(items) is not None:
            refusals.add("item", f"{shown(items)} should be a list of items")
        for item in items if isinstance(items, list) else ():
            link = item.get("linkId") if is_object(item) else None
            with refusals.about(link if isinstance(link, str) and link else "item"):
                checked = _checked(protocol, item, found)
                waiting += _inside(checked)
                if "linkId" in checked:
                    found[checked["linkId"]] = checked
            if refusals.full:
                break
    return found


def _checked(protocol: Protocol, item: object, found: Mapping[str, Json]) -> Json:
    """An item that is understood; without what says nothing, unless it answers a question.

    What stands around an answer is never left out: it may be what was meant to be said.
    """
    left = stripped(item)
    if left is None:
        return {}
    if not is_object(item) or not isinstance(left.get("linkId", ""), str):
        raise Refused("this is not an item: it should be an object with a 'linkId'")
    link = left.get("linkId")
    known = protocol.once(_link_ids)
    if link not in known or link.removesuffix(names.UNKNOWN) not in protocol.questions:
        return _beside_the_questions(protocol, dict(left))
    if link in found:
        raise Refused("this stands there twice: send it once")
    checked = item if "answer" in left else left
    check_element(checked, _ITEM, ("answer", "item"))
    return dict(checked)


def _beside_the_questions(protocol: Protocol, item: Json) -> Json:
    """A group, a text, or what a renderer has put in: it may be there, and twice, but it answers nothing."""
    answers = item.get("answer", [])
    if not isinstance(answers, list) or any(
        not is_object(answer) or set(answer) - {"id", "item"} for answer in answers
    ):
        if "linkId" not in item:
            raise Refused("there is an answer, and no 'linkId' that says to which question")
        if item["linkId"] not in protocol.once(_link_ids):
            raise Refused(f"'{protocol.id}' has no such question")
        raise Refused("this is not a question, so it has no answer")
    check_element(item, _ITEM, ("answer", "item"))
    _check_held(item)
    return item


def _check_held(element: Mapping[str, object]) -> None:
    """Refuse a whole that is marked as absent and is there: which of the two is meant of its answers?"""
    reasons = own_reasons(element)
    if reasons and element.get("item"):
        raise Refused(f"there are items in this, and a reason why it is absent ({shown(reasons[0])})")


def _inside(item: Json) -> Iterator[object]:
    """Lists of items inside an item, or inside its answers."""
    yield item.get("item")
    answers = item.get("answer")
    for answer in answers if isinstance(answers, list) else ():
        if is_object(answer):
            yield answer.get("item")


def _link_ids(protocol: Protocol) -> frozenset[str]:
    """Every linkId of the protocol's Questionnaire; the same in each voice."""
    found, waiting = set(), list(questionnaire(protocol)["item"])
    while waiting:
        item = waiting.pop()
        found.add(item["linkId"])
        waiting += item.get("item", ())
    return frozenset(found)
