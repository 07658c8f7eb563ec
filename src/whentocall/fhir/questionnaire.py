"""A protocol as an R4 Questionnaire."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from whentocall.fhir import names
from whentocall.fhir.enabling import Enabling, Level, enabling
from whentocall.fhir.names import BASE_URL, Json
from whentocall.fhir.narrative import xhtml
from whentocall.interview import texts
from whentocall.protocol.conditions import questions
from whentocall.protocol.model import Question, Screen
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice

_MAX_ID = 64
_MORE_OFTEN = (
    "Shown at least whenever it should be. FHIR's enableWhen cannot say exactly when, and asking more "
    "than needed is the safe side."
)


def questionnaire(protocol: Protocol, *, voice: Voice = "you", base_url: str = BASE_URL) -> Json:
    """A protocol as a FHIR R4 Questionnaire, as plain JSON values.

    The same protocol gives the same bytes. `url` is stable, `version` is the protocol's own, and
    `meta.versionId` is the hash of everything that the protocol says.

    Args:
        protocol: from `load`.
        voice: whom the questions speak to: "you", or "they" for somebody who answers for the person.
        base_url: where the canonical address starts, without a `/` at its end.
    """
    return {
        "resourceType": "Questionnaire",
        **_id(names.questionnaire_id(protocol.id, voice)),
        "meta": {"versionId": protocol.sha256},
        "language": "en",
        "text": _narrative(protocol, voice),
        "url": names.canonical(protocol, voice, base_url),
        "identifier": [{"system": f"{base_url}/protocol-sha256", "value": protocol.sha256}],
        "version": protocol.version,
        "name": _computer_name(protocol, voice),
        "title": protocol.title,
        "status": "active" if protocol.signed_off else "draft",
        "subjectType": ["Patient"],
        **_dates(protocol),
        "description": _description(protocol, voice),
        "jurisdiction": [{"text": protocol.region.name}],
        "item": [*_introduction(protocol), *_Items(protocol, voice, base_url).groups()],
    }


def _id(one: str) -> Json:
    return {"id": one} if len(one) <= _MAX_ID else {}  # FHIR allows no longer one, and `url` names it too


def _computer_name(protocol: Protocol, voice: Voice) -> str:
    words = [*protocol.id.split("-"), *(["they"] if voice == "they" else [])]
    name = "".join(word.capitalize() for word in words)
    return name if name[:1].isalpha() else f"Protocol{name}"


def _dates(protocol: Protocol) -> Json:
    """When it was written and until when it stands; approved only where all that is needed has signed."""
    found: Json = {"date": str(protocol.head.written)}
    if protocol.signed_off:
        holding = (one for part in (None, *protocol.card_sha256) for one in protocol.signers(part))
        signed = max(one.date for one in holding)
        found |= {"approvalDate": str(signed), "lastReviewDate": str(signed)}
    period = {"start": str(protocol.head.written), "end": str(protocol.head.review_due)}
    return {**found, "effectivePeriod": period}


def _description(protocol: Protocol, voice: Voice) -> str:
    about = [protocol.head.who_for.to(voice), *texts.INTRO[:2]]
    sources = [protocol.sources[one] for one in protocol.head.documents]
    about.append("From: " + "; ".join(f"{one.title} ({one.publisher})" for one in sources) + ".")
    about += [] if protocol.signed_off else [texts.NOT_SIGNED]
    return " ".join(about)


def _narrative(protocol: Protocol, voice: Voice) -> Json:
    title, about = html.escape(protocol.title), html.escape(_description(protocol, voice))
    return xhtml(f"<p><b>{title}</b></p><p>{about}</p>")


def _introduction(protocol: Protocol) -> list[Json]:
    numbers = protocol.region.emergency_number
    said = [line.format(numbers=numbers) for line in texts.INTRO]
    return [{"linkId": "intro", "text": " ".join(said), "type": "display"}]


def screens_in_order(protocol: Protocol) -> tuple[Screen, ...]:
    """The screens, with each follow-up right after the last question that it waits for.

    Everything is on one page here, so a follow-up at the end of its list would be overlooked. Every question
    is in one of them.
    """
    on_screens = {one for screen in protocol.screens for one in screen.questions}
    waiting = [one for one in protocol.questions if one not in on_screens]
    asked: set[str] = set()
    ordered = []
    for screen in protocol.screens:
        ids: list[str] = []
        for one in screen.questions:
            coming = [one]
            while coming:
                ids += coming
                asked.update(coming)
                waiting = [other for other in waiting if other not in asked]
                coming = [
                    other
                    for other in waiting
                    if asked.issuperset(questions(protocol.questions[other].only_if))
                ]
        ordered.append(Screen(screen.title, tuple(ids)))
    return (*ordered, *([Screen(None, tuple(waiting))] if waiting else []))


@dataclass(frozen=True, slots=True)
class _Items:
    """Makes the items of one Questionnaire."""

    protocol: Protocol
    voice: Voice
    base_url: str

    def groups(self) -> list[Json]:
        found = []
        for place, screen in enumerate(screens_in_order(self.protocol), 1):
            items = [item for one in screen.questions for item in self._question(one)]
            title = {"text": screen.title.to(self.voice)} if screen.title else {}
            found.append({"linkId": f"screen-{place}", **title, "type": "group", "item": items})
        return found

    def _question(self, one: str) -> list[Json]:
        """A question's item, with "I don't know" beside it for a number, in the groups that show them."""
        question = self.protocol.questions[one]
        when = enabling(self.protocol, question, self.base_url)
        *around, own = when.levels or (None,)
        items = [self._item(question, when)]
        if question.answer.is_number:
            empty = {"question": one, "operator": "exists", "answerBoolean": False}
            if own and own.behavior == "any" and len(own.when) > 1:
                around, own = [*around, own], None
            beside = Level("all", (*(own.when if own else ()), empty))
            items.append(_shown(self._unknown(question), beside))
        items[0] = _shown(items[0], own)
        return _inside(one, [level for level in around if level], items)

    def _item(self, question: Question, when: Enabling) -> Json:
        extensions = [{"url": names.SHORT_TEXT, "valueString": question.short.to(self.voice)}]
        extensions += self._range(question)
        if not when.exact:
            extensions.append({"url": names.DESIGN_NOTE, "valueMarkdown": _MORE_OFTEN})
        item: Json = {"extension": extensions, "linkId": question.id, "text": question.wording(self.voice)}
        item |= self._answer(question)
        if question.help:
            item["item"] = [self._help(question.id, question.help.to(self.voice))]
        return item

    def _answer(self, question: Question) -> Json:
        unknown = names.dont_know()
        match question.answer.kind:
            case "yes-no":
                codings = [names.yes_no(yes=True), names.yes_no(yes=False), unknown]
            case "one-of":
                codings = [*(self._choice(question, option) for option in question.options), unknown]
            case "temperature":
                return {"type": "quantity"}
            case _:
                return {"type": "integer"}
        return {"type": "choice", "answerOption": [{"valueCoding": coding} for coding in codings]}

    def _choice(self, question: Question, option: str) -> Json:
        return names.choice(self.protocol, question, option, self.voice, self.base_url)

    def _range(self, question: Question) -> list[Json]:
        """How a choice looks; a number's plausible range; a temperature's units, its own first."""
        answer = question.answer
        match answer.kind:
            case "yes-no":
                return [
                    names.control("radio-button"),
                    {"url": names.CHOICE_ORIENTATION, "valueCode": "horizontal"},
                ]
            case "one-of":
                return [names.control("radio-button")]
            case "temperature":
                units = sorted(names.UCUM_OF, key=lambda unit: unit != answer.unit)
                return [
                    {"url": names.MIN_QUANTITY, "valueQuantity": names.quantity(answer.low, answer.unit)},
                    {"url": names.MAX_QUANTITY, "valueQuantity": names.quantity(answer.high, answer.unit)},
                    *({"url": names.UNIT_OPTION, "valueCoding": names.unit_coding(unit)} for unit in units),
                ]
        return [
            {"url": names.MIN_VALUE, "valueInteger": int(answer.low)},
            {"url": names.MAX_VALUE, "valueInteger": int(answer.high)},
        ]

    def _unknown(self, question: Question) -> Json:
        """The item beside a number that says "I don't know"; a number cannot say that itself."""
        return {
            "extension": [names.control("radio-button")],
            "linkId": question.id + names.UNKNOWN,
            "text": question.short.to(self.voice),
            "type": "choice",
            "answerOption": [{"valueCoding": names.dont_know()}],
        }

    def _help(self, one: str, text: str) -> Json:
        control = [names.control("help")]
        return {"extension": control, "linkId": one + names.HELP, "text": text, "type": "display"}


def _shown(item: Json, level: Level | None) -> Json:
    """The item, shown only where this level holds."""
    if level is None:
        return item
    both = {"enableBehavior": level.behavior} if len(level.when) > 1 else {}
    return {**item, "enableWhen": list(level.when), **both}


def _inside(one: str, levels: Sequence[Level], items: Iterable[Json]) -> list[Json]:
    """The items inside one group for each level."""
    found = list(items)
    for place, level in reversed(list(enumerate(levels, 1))):
        group = {"linkId": f"{one}-when-{place}", "type": "group", "item": found}
        found = [_shown(group, level)]
    return found
