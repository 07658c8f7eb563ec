"""Answers as a QuestionnaireResponse: to prefill a form, and to prove that reading one is exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from whentocall.engine.answers import check_answers
from whentocall.engine.reference import Reading
from whentocall.engine.spelling import Given
from whentocall.fhir import names
from whentocall.fhir.names import BASE_URL, Json, without_empty
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
    unanswered = (name for name in protocol.questions if name not in checked.values)
    open_ended = any(reading.applies(name) is Truth.TRUE for name in unanswered)
    values: dict[str, Json] = {}
    for name, given in checked.given.items():
        question = protocol.questions[name]
        beside = names.UNKNOWN if given is None and question.answer.is_number else ""
        values[name + beside] = _value(protocol, question, given, voice, base_url)
    return without_empty(
        {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": f"{form['url']}|{form['version']}",
            "status": "in-progress" if open_ended else "completed",
            "item": list(_answered(form["item"], values)),
        }
    )


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


def _answered(form: list[Json], values: Mapping[str, Json]) -> Iterator[Json]:
    """The items that were answered, in the groups that hold them."""
    for item in form:
        link, text = item["linkId"], item.get("text")
        if link in values:
            yield {"linkId": link, "text": text, "answer": [values[link]]}
        elif item["type"] == "group" and (inside := list(_answered(item["item"], values))):
            yield without_empty({"linkId": link, "text": text, "item": inside})
