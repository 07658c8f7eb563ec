"""Advice as an R4 GuidanceResponse. It holds the whole advice, byte for byte, beside FHIR's own words."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime

from whentocall.engine.advice import Advice, Reason, Settle
from whentocall.fhir import names
from whentocall.fhir.names import BASE_URL, Json, without_empty
from whentocall.fhir.narrative import closing, headline, narrative
from whentocall.fhir.outcomes import issue
from whentocall.fhir.refusals import is_object
from whentocall.protocol.protocol import Protocol

_REFERENCE = re.compile(
    r"(https?://[A-Za-z0-9./:_~-]{1,400}/)?[A-Z][A-Za-z]{1,39}/[A-Za-z0-9.-]{1,64}|urn:uuid:[0-9a-f-]{36}"
)


def guidance_response(
    protocol: Protocol,
    advice: Advice,
    *,
    response: Mapping[str, object] | None = None,
    base_url: str = BASE_URL,
    occurred: datetime | None = None,
) -> Json:
    """Advice as a FHIR R4 GuidanceResponse, as plain JSON values. The same input gives the same bytes.

    `status` is `success`, or `data-requested` where a missing answer could change the advice. It is never
    `data-required`: there is always advice, and nobody should wait for better.

    Args:
        protocol: from `load`; the one that gave the advice.
        advice: from `advise`.
        response: the QuestionnaireResponse that was answered, to name its subject; nothing else is taken.
        base_url: where canonical addresses start, as for `questionnaire`.
        occurred: when, with its time zone, if that is to be said; no clock is read.

    Raises:
        ValueError: `occurred` has no time zone.
    """
    if occurred is not None and occurred.utcoffset() is None:
        raise ValueError("'occurred' needs a time zone")
    canonical = names.canonical(protocol, advice.request.voice, base_url)
    messages = _messages(advice)
    notes = [headline(protocol, advice), advice.contact.how_soon, *advice.first, *advice.self_care]
    return without_empty(
        {
            "resourceType": "GuidanceResponse",
            "language": "en",
            "text": narrative(protocol, advice),
            "contained": [_parameters(advice), *messages],
            "moduleCanonical": f"{canonical}|{advice.protocol.version}",
            "status": "data-requested" if advice.settle or not advice.finished else "success",
            "subject": _subject(response),
            "occurrenceDateTime": occurred.isoformat(timespec="seconds") if occurred else None,
            "reasonCode": [_reason(reason, base_url) for reason in advice.reasons],
            "note": [{"text": line} for line in (*notes, *closing(protocol, advice))],
            "evaluationMessage": [{"reference": f"#{message['id']}"} for message in messages],
            "outputParameters": {"reference": "#advice"},
            "dataRequirement": [_requirement(settle, base_url) for settle in advice.settle],
        }
    )


def _parameters(advice: Advice) -> Json:
    """What a program needs, one by one; `advice` is the JSON of `Advice`, byte for byte, in base64."""
    contact = advice.contact
    codes = {"level": advice.level, "at-least": advice.at_least, "could-be": advice.could_be}
    codes |= without_empty({"who": contact.who, "also": contact.also})
    texts = {"headline": advice.headline, "how-soon": contact.how_soon}
    texts |= without_empty({"number": contact.number, "also-number": contact.also_number})
    data = base64.b64encode(advice.to_json().encode()).decode()
    return {
        "resourceType": "Parameters",
        "id": "advice",
        "parameter": [
            *({"name": name, "valueCode": code} for name, code in codes.items()),
            *({"name": name, "valueString": text} for name, text in texts.items()),
            {"name": "rank", "valueInteger": advice.rank},
            {"name": "finished", "valueBoolean": advice.finished},
            {"name": "signed-off", "valueBoolean": advice.protocol.signed_off},
            {"name": "sha256", "valueString": advice.protocol.sha256},
            {"name": "advice", "valueAttachment": {"contentType": "application/json", "data": data}},
        ],
    }


def _messages(advice: Advice) -> list[Json]:
    """What went wrong inside, and which answers do not fit together, as one contained OperationOutcome."""
    issues = [
        *(issue("exception", fault.text, severity="warning", hint=fault.kind) for fault in advice.problems),
        *(issue("business-rule", line.text, severity="warning") for line in advice.contradictions),
    ]
    return [{"resourceType": "OperationOutcome", "id": "messages", "issue": issues}] if issues else []


def _subject(response: Mapping[str, object] | None) -> Json:
    """The subject of the response, if it is a plain reference; what is contained there is not here."""
    subject = (response or {}).get("subject")
    reference = subject.get("reference") if is_object(subject) else None
    is_plain = isinstance(reference, str) and _REFERENCE.fullmatch(reference)
    return {"reference": reference} if is_plain else {}


def _reason(reason: Reason, base_url: str) -> Json:
    coding = {"system": f"{base_url}/CodeSystem/rule", "code": reason.rule}
    return {"coding": [coding], "text": reason.because}


def _requirement(settle: Settle, base_url: str) -> Json:
    """What to find out: an item of another QuestionnaireResponse, named by its linkId."""
    parts = [
        {"url": "linkId", "valueString": settle.question},
        {"url": "text", "valueString": settle.text},
        {"url": "could-reach", "valueCode": settle.could_reach},
    ]
    return {
        "extension": [{"url": f"{base_url}/StructureDefinition/to-settle", "extension": parts}],
        "type": "QuestionnaireResponse",
        "mustSupport": ["item"],
    }
