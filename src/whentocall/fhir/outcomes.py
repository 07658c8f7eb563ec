"""What went wrong, as an OperationOutcome that names the item."""

from __future__ import annotations

from collections.abc import Mapping

from whentocall.errors import AnswersError, EngineUnavailable, UnknownProtocol
from whentocall.fhir.names import Json
from whentocall.fhir.refusals import is_object
from whentocall.protocol.phrases import QUESTION_ID

WENT_WRONG = "something went wrong inside this program, and no advice was given: if in doubt, call the team"
_LONGEST = 400  # characters of a path: no form is that deep, and a hostile response may be
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
    found: Json = {"severity": severity, "code": code, "details": {"text": text}}
    found |= {"diagnostics": hint} if hint else {}
    return found | ({"expression": [expression]} if expression else {})


def outcome(code: str, text: str, *, severity: str = "error") -> Json:
    """An OperationOutcome of one issue, for what an endpoint refuses by itself, such as a large body."""
    return {"resourceType": "OperationOutcome", "issue": [issue(code, text, severity=severity)]}


def operation_outcome(error: Exception, *, response: object = None) -> Json:
    """An error as a FHIR R4 OperationOutcome. It tells no answers but refused ones, and no internals.

    Args:
        error: an `AnswersError` has one issue for each refused answer; an error that is not ours says only
            that something went wrong.
        response: the QuestionnaireResponse that was refused, to name the very place in it.
    """
    match error:
        case AnswersError():
            paths = _paths(response)
            issues = [
                issue("value", f"{one.question}: {one.message}", expression=_where(one.question, paths))
                for one in error.problems
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
    """Each `linkId` and the place of its last item, such as `QuestionnaireResponse.item[1].item[0]`."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, object]] = [("QuestionnaireResponse", response)]
    while waiting:
        path, element = waiting.pop()
        for key in ("item", "answer") if len(path) < _LONGEST else ():
            children = element.get(key) if is_object(element) else None
            for place, child in enumerate(children if isinstance(children, list) else ()):
                inside = f"{path}.{key}[{place}]"
                waiting.append((inside, child))
                if key == "item" and is_object(child) and isinstance(child.get("linkId"), str):
                    found[child["linkId"]] = inside
    return found
