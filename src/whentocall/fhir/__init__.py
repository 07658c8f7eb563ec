"""FHIR R4, for a developer who knows FHIR. Plain functions over plain JSON values; nothing to install.

| here | there |
|---|---|
| a protocol, in one voice | `Questionnaire`; `url` ends in its id, and in `.they` for a carer's words |
| `protocol.version`, `protocol.sha256` | `version`; `meta.versionId` and `identifier` |
| a question | an item; its id is the `linkId` |
| yes / no / don't know | `choice` of v2-0136 `Y`, `N` and data-absent-reason `asked-unknown` |
| one of a list | `choice`, with a code system of our own, and `asked-unknown` |
| a whole number, days | `integer` with minValue and maxValue; `<id>-unknown` beside it |
| a temperature | `quantity` in `Cel` or `[degF]` (unitOption, minQuantity); `<id>-unknown` beside it |
| `only_if` | `enableWhen`, in nested groups where one list is not enough |
| answers | `QuestionnaireResponse` |
| advice | `GuidanceResponse`; `contained` Parameters `#advice` has its JSON byte for byte |
| what to find out | `dataRequirement`, one for each; its extension `to-settle` names the `linkId` |
| internal errors | `evaluationMessage` |
| `AnswersError` | `OperationOutcome`; `expression` names the item |

A yes/no question is not a `boolean`: that has no third value, and an empty box is not a "no". The three codes
are those of HL7's value set `yesnodontknow`. A number has no room for "don't know", so an item beside it says
that. `answers` says how silence is read.

    >>> import whentocall
    >>> from whentocall import fhir
    >>> protocol = whentocall.load("all-targeted-drugs")
    >>> form = fhir.questionnaire(protocol)
    >>> response = fhir.questionnaire_response(protocol, {"temperature": {"value": 101.5, "unit": "°F"}})
    >>> answers = fhir.answers_from_response(protocol, response)
    >>> answers
    {'temperature': {'value': 101.5, 'unit': '°F'}}
    >>> fhir.guidance_response(protocol, whentocall.advise(protocol, answers))["status"]
    'data-requested'
"""

from whentocall.fhir.answers import answers_from_response, voice_of_response
from whentocall.fhir.capabilities import capability_statement, operation_definition, questionnaire_bundle
from whentocall.fhir.guidance import guidance_response
from whentocall.fhir.names import BASE_URL, FHIR_VERSION, protocol_and_voice
from whentocall.fhir.outcomes import operation_outcome, outcome
from whentocall.fhir.questionnaire import questionnaire
from whentocall.fhir.response import questionnaire_response

__all__ = [
    "BASE_URL",
    "FHIR_VERSION",
    "answers_from_response",
    "capability_statement",
    "guidance_response",
    "operation_definition",
    "operation_outcome",
    "outcome",
    "protocol_and_voice",
    "questionnaire",
    "questionnaire_bundle",
    "questionnaire_response",
    "voice_of_response",
]
