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
        Refused: it is not there once, or there is anything beside it, which would not be heard.
    """
    check_element(parameters, (), _MEMBERS)
    given = parameters.get("parameter")
    found: list[Mapping[str, object]] = []
    for one in given if isinstance(given, list) else ():
        if not is_object(one) or one.get("name") != RESPONSE:
            name = shown(one.get("name") if is_object(one) else one)
            raise Refused(f"{name} is not a parameter here: there is one, '{RESPONSE}'")
        check_element(one, (), ("name", "resource"))
        resource = one.get("resource")
        if not is_object(resource) or absent_reasons(one):
            raise Refused(f"the parameter '{RESPONSE}' should have a QuestionnaireResponse as its 'resource'")
        found.append(resource)
    if len(found) != 1:
        wanted = f"the Parameters should have one named '{RESPONSE}' with a QuestionnaireResponse"
        raise Refused(f"{wanted}, and have {len(found)}")
    return found[0]
