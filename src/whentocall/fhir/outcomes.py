"""What went wrong, as an OperationOutcome that names the item."""

from __future__ import annotations

from collections.abc import Mapping

from whentocall.errors import AnswersError, EngineUnavailable, UnknownProtocol
from whentocall.fhir.elements import items_in
from whentocall.fhir.names import Json, without_empty
from whentocall.fhir.refusals import is_object
from whentocall.protocol.phrases import QUESTION_ID

WENT_WRONG = "internal error: no advice was given. If in doubt, call the team"
_PARTS = ("questionnaire", "status", "resourceType", "item")


def issue(code: str, text: str, *, severity: str = "error", hint: str = "", expression: str = "") -> Json:
    """One issue of an OperationOutcome.

    Args:
        code: one of HL7's issue types.
        text: a sentence for a person.
        severity: "fatal", "error", "warning" or "information".
        hint: for a developer; empty for none.
        expression: where, as a FHIRPath; empty where nothing can be named.
    """
    place = [expression] if expression else []
    parts: Json = {"severity": severity, "code": code, "details": {"text": text}}
    return without_empty({**parts, "diagnostics": hint, "expression": place})


def outcome(code: str, text: str, *, severity: str = "error") -> Json:
    """An OperationOutcome of one issue, for what an endpoint refuses by itself, such as a large body."""
    return {"resourceType": "OperationOutcome", "issue": [issue(code, text, severity=severity)]}


def operation_outcome(error: Exception, *, response: object = None) -> Json:
    """An error as a FHIR R4 OperationOutcome. It repeats no answers but refused ones, and no internals.

    Args:
        error: an `AnswersError` has one issue for each refused answer; an unknown error says only that
            something went wrong.
        response: the QuestionnaireResponse that was refused, to name the exact place in it.
    """
    match error:
        case AnswersError():
            paths = _paths(response)
            issues = [
                issue("value", str(problem), expression=_where(problem.question, paths))
                for problem in error.problems
            ]
            return {"resourceType": "OperationOutcome", "issue": issues}
        case UnknownProtocol():
            return outcome("not-found", str(error))
        case EngineUnavailable():
            return outcome("exception", str(error), severity="fatal")
    return outcome("exception", WENT_WRONG, severity="fatal")


def _where(question: str, paths: Mapping[str, str]) -> str:
    if question in paths:
        return paths[question]
    if question in _PARTS:
        return f"QuestionnaireResponse.{question}"
    if QUESTION_ID.fullmatch(question):
        return f"QuestionnaireResponse.descendants().where(linkId = '{question}')"
    return "QuestionnaireResponse"


def _paths(response: object) -> dict[str, str]:
    """Each `linkId` and the place of its last item."""
    named = ((path, item.get("linkId")) for path, item in items_in(response) if is_object(item))
    return {link: path for path, link in named if isinstance(link, str)}
