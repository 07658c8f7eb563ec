"""What goes into `$advise`: Parameters with one QuestionnaireResponse."""

from __future__ import annotations

from collections.abc import Mapping

from whentocall.fhir.elements import absent_reasons, check_element
from whentocall.fhir.refusals import Refused, is_object, shown

RESPONSE = "response"
"""The name of the one parameter."""

_MEMBERS = ("resourceType", "meta", "language", "parameter")


def response_in(parameters: Mapping[str, object]) -> Mapping[str, object]:
    """The QuestionnaireResponse in Parameters, not checked itself.

    Raises:
        Refused: there is not exactly one, or there is something beside it, which would be ignored.
    """
    check_element(parameters, (), _MEMBERS)
    entries = parameters.get("parameter")
    responses: list[Mapping[str, object]] = []
    for entry in entries if isinstance(entries, list) else ():
        if not is_object(entry) or entry.get("name") != RESPONSE:
            name = shown(entry.get("name") if is_object(entry) else entry)
            raise Refused(f"unknown parameter {name}; the only one is '{RESPONSE}'")
        check_element(entry, (), ("name", "resource"))
        resource = entry.get("resource")
        if not is_object(resource) or absent_reasons(entry):
            raise Refused(f"the parameter '{RESPONSE}' needs a QuestionnaireResponse as its 'resource'")
        responses.append(resource)
    if len(responses) != 1:
        raise Refused(
            f"expected one parameter '{RESPONSE}' with a QuestionnaireResponse, got {len(responses)}"
        )
    return responses[0]
