"""Answers as a QuestionnaireResponse: for prefilling a form, and for proving that reading one is exact."""

from __future__ import annotations

from collections.abc import Mapping

from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading
from whentocall.engine.spelling import Given
from whentocall.fhir import names
from whentocall.fhir.names import BASE_URL, Json
from whentocall.fhir.questionnaire import questionnaire
from whentocall.protocol.conditions import Truth
from whentocall.protocol.model import Question
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice


def questionnaire_response(
    protocol: Protocol, answers: Mapping[str, object], *, voice: Voice = "you", base_url: str = BASE_URL
) -> Json:
    """Answers as a FHIR R4 QuestionnaireResponse to `questionnaire(protocol)`.

    It is `completed` where every question that applies has an answer or a "don't know", and `in-progress`
    otherwise, so that `answers_from_response` gives the same answers back.

    Args:
        protocol: from `load`.
        answers: as `advise` takes them.
        voice: of the Questionnaire that is answered.
        base_url: of that Questionnaire.

    Raises:
        AnswersError: as for `advise`.
    """
    checked = check_answers(protocol, answers)
    form = questionnaire(protocol, voice=voice, base_url=base_url)
    reading = Reading(protocol, checked.values)
    complete = all(
        one in checked.values or reading.applies(one) is not Truth.TRUE for one in protocol.questions
    )
    said: dict[str, Json] = {}
    for one, given in checked.given.items():
        question = protocol.questions[one]
        beside = names.UNKNOWN if given is None and question.answer.is_number else ""
        said[one + beside] = _value(protocol, question, given, voice, base_url)
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{form['url']}|{form['version']}",
        "status": "completed" if complete else "in-progress",
        **_items(form["item"], said),
    }


def _value(protocol: Protocol, question: Question, given: Given, voice: Voice, base_url: str) -> Json:
    """One answer as the `value[x]` of an item."""
    match given:
        case None:
            return {"valueCoding": names.dont_know()}
        case bool():
            return {"valueCoding": names.yes_no(yes=given)}
        case str():
            return {"valueCoding": names.choice(protocol, question, given, voice, base_url)}
        case dict():
            return {"valueQuantity": names.quantity(given["value"], given["unit"])}
    if question.answer.kind == "temperature":
        return {"valueQuantity": names.quantity(given, question.answer.unit)}
    return {"valueInteger": int(given)}


def _items(form: list[Json], said: Mapping[str, Json]) -> Json:
    """The items that were answered, in the groups that hold them; nothing where there are none."""
    found = []
    for item in form:
        link = item["linkId"]
        if link in said:
            found.append({"linkId": link, "text": item["text"], "answer": [said[link]]})
        elif item["type"] == "group" and (inside := _items(item["item"], said)):
            text = {"text": item["text"]} if "text" in item else {}
            found.append({"linkId": link, **text, **inside})
    return {"item": found} if found else {}
