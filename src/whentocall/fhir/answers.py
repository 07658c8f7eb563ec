"""A QuestionnaireResponse as answers: what it says, and never more than it says.

What is not said is "don't know" or "not asked"; neither ever becomes "no":

* **don't know** (None): the answer is coded as not known or declined, or has a data-absent-reason; or the
  question is there without an answer; or the response is complete (`completed`, `amended`) and has nothing on
  a question that applies to what was answered, so that it was shown and left empty.
* **not asked** (left out): the response is not complete (`in-progress`, `stopped`) and has nothing on the
  question; or the question does not apply, or may not; or its data-absent-reason is `not-asked`.

Items that are not questions of the form are ignored where they have no answer, and so is what is empty:
renderers send displays, groups and texts of their own. Those with an answer are refused.

An answer is refused if anything beside it says otherwise or is not understood: a reason why it is absent, an
unknown member or modifier, the name of another answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading
from whentocall.fhir import names
from whentocall.fhir.elements import (
    check_element,
    check_extensions,
    check_modifiers,
    items_in,
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

    Where the items are does not matter, as each `linkId` appears once at most; texts, subject and author are
    not read.

    Args:
        protocol: from `load`; the form that the response names, if any, must be of it and of its version.
        response: the resource as `json.loads` gives it.

    Raises:
        AnswersError: something cannot be understood, is out of range, appears twice, or belongs to another
            form. Nothing is guessed.
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
    with refusals.about("answers"):
        reading = Reading(protocol, check_answers(protocol, answers).values)
    refusals.raise_any()
    for name in protocol.questions if response["status"] in COMPLETE else ():
        if name not in answers and name not in items and reading.applies(name) is Truth.TRUE:
            answers[name] = None
    return {name: answers[name] for name in protocol.questions if name in answers}


def voice_of_response(response: Mapping[str, object]) -> Voice | None:
    """The voice of the Questionnaire that a response names; None where it names none."""
    named = response.get("questionnaire") if is_object(response) else None
    return names.protocol_and_voice(named.partition("|")[0])[1] if isinstance(named, str) else None


def _check_head(protocol: Protocol, response: object, refusals: Refusals) -> None:
    if not is_object(response) or response.get("resourceType") != "QuestionnaireResponse":
        with refusals.about("resourceType"):
            raise Refused("expected a resource of type 'QuestionnaireResponse'")
        return
    with refusals.about("status"):
        _check_status(response.get("status"))
    with refusals.about("questionnaire"):
        _check_questionnaire(protocol, response.get("questionnaire"))
    with refusals.about("QuestionnaireResponse"):
        around = stripped({name: response[name] for name in _AROUND_ITEMS if name in response}) or {}
        check_modifiers(around)
        check_extensions(around)
        _check_present(around)


def _check_status(status: object) -> None:
    if status == "entered-in-error":
        raise Refused("this response was entered in error; its answers must not be used")
    if status not in (*COMPLETE, *PARTIAL):
        raise Refused(f"{shown(status)} is not supported; use one of {', '.join((*COMPLETE, *PARTIAL))}")


def _check_questionnaire(protocol: Protocol, named: object) -> None:
    """Refuse a response to another form. One that names no form is read by its questions alone."""
    if named is None:
        return
    url, _, version = named.partition("|") if isinstance(named, str) else ("", "", "")
    base, _, name = url.rpartition("Questionnaire/")
    if names.protocol_and_voice(name)[0] != protocol.id or not (base == "" or base.endswith("/")):
        raise Refused(f"{shown(named)} is not the Questionnaire of '{protocol.id}'")
    if version and version != protocol.version:
        raise Refused(f"filled in for version {shown(version)}, but this is '{protocol.version}'; ask again")


def _items(protocol: Protocol, response: Mapping[str, object], refusals: Refusals) -> dict[str, Json]:
    """Every item at any depth, by its linkId."""
    by_link: dict[str, Json] = {}
    for _, item in items_in(response):
        link = item.get("linkId") if is_object(item) else None
        with refusals.about(link if isinstance(link, str) and link else "item"):
            checked = _checked(protocol, item, by_link)
            if "linkId" in checked:
                by_link[checked["linkId"]] = checked
        if refusals.full:
            break
    return by_link


def _checked(protocol: Protocol, item: object, by_link: Mapping[str, Json]) -> Json:
    """An item that is understood; without what says nothing, unless it answers a question.

    Nothing around an answer is left out: it may be what was meant to be said.
    """
    left = stripped(item)
    if left is None:
        return {}
    if not is_object(item) or not isinstance(left.get("linkId", ""), str):
        raise Refused("expected a list of items, each an object with a 'linkId'")
    link = left.get("linkId")
    if link not in protocol.once(_link_ids) or link.removesuffix(names.UNKNOWN) not in protocol.questions:
        return _beside_the_questions(protocol, dict(left))
    if link in by_link:
        raise Refused("appears twice; send it once")
    checked = item if "answer" in left else left
    check_element(checked, _ITEM, ("answer", "item"))
    return dict(checked)


def _beside_the_questions(protocol: Protocol, item: Json) -> Json:
    """A group, a text, or what a renderer has added: it may be there, even twice, but has no answer."""
    answers = item.get("answer", [])
    if not isinstance(answers, list) or any(
        not is_object(answer) or set(answer) - {"id", "item"} for answer in answers
    ):
        if "linkId" not in item:
            raise Refused("this answer has no 'linkId' to say which question it is for")
        if item["linkId"] not in protocol.once(_link_ids):
            raise Refused(f"'{protocol.id}' has no such question")
        raise Refused("this is not a question, so it cannot have an answer")
    check_element(item, _ITEM, ("answer", "item"))
    _check_present(item)
    return item


def _check_present(element: Mapping[str, object]) -> None:
    """Refuse what has items and is marked as absent: nobody knows which of the two is meant."""
    reasons = own_reasons(element)
    if reasons and element.get("item"):
        raise Refused(
            f"this has items, and a reason why it is absent ({shown(reasons[0])}); send one of them"
        )


def _link_ids(protocol: Protocol) -> frozenset[str]:
    """Every linkId of the protocol's Questionnaire; the same in each voice."""

    def links(items: Iterable[Json]) -> Iterator[str]:
        for item in items:
            yield item["linkId"]
            yield from links(item.get("item", ()))

    return frozenset(links(questionnaire(protocol)["item"]))
