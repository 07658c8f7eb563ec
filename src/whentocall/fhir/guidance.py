"""Advice as an R4 GuidanceResponse. It holds the whole advice, byte for byte, beside FHIR's own words."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime

from whentocall.engine.advice import Advice, Reason, Settle
from whentocall.fhir import names
from whentocall.fhir.names import BASE_URL, Json
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

    `status` is `success`, or `data-requested` where an answer that is missing could change the advice. It is
    never `data-required`: there is advice in every case, and nobody should wait for a better one.

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
        raise ValueError("'occurred' should have a time zone")
    open_ended = bool(advice.settle) or not advice.finished
    messages = _messages(advice)
    return {
        "resourceType": "GuidanceResponse",
        "language": "en",
        "text": narrative(protocol, advice),
        "contained": [_parameters(advice), *messages],
        "moduleCanonical": (
            f"{names.canonical(protocol, advice.request.voice, base_url)}|{advice.protocol.version}"
        ),
        "status": "data-requested" if open_ended else "success",
        **_subject(response),
        **({"occurrenceDateTime": occurred.isoformat(timespec="seconds")} if occurred else {}),
        **_some("reasonCode", [_reason(one, base_url) for one in advice.reasons]),
        "note": [{"text": line} for line in _notes(protocol, advice)],
        **_some("evaluationMessage", [{"reference": f"#{one['id']}"} for one in messages]),
        "outputParameters": {"reference": "#advice"},
        **_some("dataRequirement", [_requirement(one, base_url) for one in advice.settle]),
    }


def _some(key: str, items: list[Json]) -> Json:
    """The key with its list; nothing where that is empty, as FHIR has no empty lists."""
    return {key: items} if items else {}


def _parameters(advice: Advice) -> Json:
    """What a program needs, one by one; `advice` is the JSON of `Advice`, byte for byte, in base64."""
    data = base64.b64encode(advice.to_json().encode()).decode()
    contact = advice.contact
    texts = {"headline": advice.headline, "how-soon": contact.how_soon}
    texts |= {"number": contact.number} if contact.number else {}
    texts |= {"also-number": contact.also_number} if contact.also_number else {}
    codes = {"level": advice.level, "at-least": advice.at_least, "could-be": advice.could_be}
    codes |= {"who": contact.who} if contact.who else {}
    codes |= {"also": contact.also} if contact.also else {}
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
    issues = [issue("exception", one.text, severity="warning", hint=one.kind) for one in advice.problems]
    issues += [issue("business-rule", one.text, severity="warning") for one in advice.contradictions]
    return [{"resourceType": "OperationOutcome", "id": "messages", "issue": issues}] if issues else []


def _subject(response: Mapping[str, object] | None) -> Json:
    """The subject of the response, where that is a plain reference; what is contained there is not here."""
    subject = (response or {}).get("subject")
    reference = subject.get("reference") if is_object(subject) else None
    if isinstance(reference, str) and _REFERENCE.fullmatch(reference):
        return {"subject": {"reference": reference}}
    return {}


def _reason(reason: Reason, base_url: str) -> Json:
    coding = {"system": f"{base_url}/CodeSystem/rule", "code": reason.rule}
    return {"coding": [coding], "text": reason.because}


def _notes(protocol: Protocol, advice: Advice) -> list[str]:
    lead = [headline(protocol, advice), advice.contact.how_soon]
    return [*lead, *advice.first, *advice.self_care, *closing(protocol, advice)]


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
