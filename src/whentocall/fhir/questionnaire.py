"""A protocol as an R4 Questionnaire."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from whentocall.fhir import names
from whentocall.fhir.enabling import Enabling, Level, enabling
from whentocall.fhir.names import BASE_URL, Json, without_empty
from whentocall.fhir.narrative import xhtml
from whentocall.interview import texts
from whentocall.protocol.conditions import questions
from whentocall.protocol.model import Question, Screen
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice, Wording

_MAX_ID = 64  # FHIR allows no longer one, and `url` has it too
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
        voice: who the questions speak to: "you", or "they" for somebody who answers for the person.
        base_url: where the canonical address starts, without a `/` at its end.
    """
    name = names.questionnaire_id(protocol.id, voice)
    return without_empty(
        {
            "resourceType": "Questionnaire",
            "id": name if len(name) <= _MAX_ID else None,
            "meta": {"versionId": protocol.sha256},
            "language": "en",
            "text": _narrative(protocol, voice),
            "url": names.canonical(protocol, voice, base_url),
            "identifier": [{"system": f"{base_url}/protocol-sha256", "value": protocol.sha256}],
            "version": protocol.version,
            "name": _computer_name(name),
            "title": protocol.title,
            "status": "active" if protocol.signed_off else "draft",
            "subjectType": ["Patient"],
            **_dates(protocol),
            "description": _description(protocol, voice),
            "jurisdiction": [{"text": protocol.region.name}],
            "item": [_introduction(protocol), *_Items(protocol, voice, base_url).groups()],
        }
    )


def _computer_name(questionnaire_id: str) -> str:
    words = questionnaire_id.replace(names.THEY, "-they").split("-")
    name = "".join(word.capitalize() for word in words)
    return name if name[:1].isalpha() else f"Protocol{name}"


def _dates(protocol: Protocol) -> Json:
    """When it was written and when its review is due; approved only if everybody needed has signed."""
    written, due = str(protocol.head.written), str(protocol.head.review_due)
    signed = None
    if protocol.signed_off:
        parts = (None, *protocol.card_sha256)
        signed = str(max(signature.date for part in parts for signature in protocol.signers(part)))
    return {
        "date": written,
        "approvalDate": signed,
        "lastReviewDate": signed,
        "effectivePeriod": {"start": written, "end": due},
    }


def _description(protocol: Protocol, voice: Voice) -> str:
    sources = (protocol.sources[document] for document in protocol.head.documents)
    origin = "; ".join(f"{source.title} ({source.publisher})" for source in sources)
    unsigned = [] if protocol.signed_off else [texts.NOT_SIGNED]
    return " ".join([protocol.head.who_for.to(voice), *texts.INTRO[:2], f"From: {origin}.", *unsigned])


def _narrative(protocol: Protocol, voice: Voice) -> Json:
    title, about = html.escape(protocol.title), html.escape(_description(protocol, voice))
    return xhtml(f"<p><b>{title}</b></p><p>{about}</p>")


def _introduction(protocol: Protocol) -> Json:
    lines = [line.format(numbers=protocol.region.emergency_number) for line in texts.INTRO]
    return {"linkId": "intro", "text": " ".join(lines), "type": "display"}


def screens_in_order(protocol: Protocol) -> tuple[Screen, ...]:
    """The screens, with each follow-up right after the last question that it waits for.

    Everything is on one page here, so a follow-up at the end of its list would be overlooked. Every question
    is in one of them.
    """
    on_screens = {question for screen in protocol.screens for question in screen.questions}
    waiting = [question for question in protocol.questions if question not in on_screens]
    asked: list[str] = []
    ordered = []
    for screen in protocol.screens:
        start = len(asked)
        for question in screen.questions:
            coming = [question]
            while coming:
                asked += coming
                waiting = [other for other in waiting if other not in coming]
                coming = [
                    other
                    for other in waiting
                    if set(asked).issuperset(questions(protocol.questions[other].only_if))
                ]
        ordered.append(Screen(screen.title, tuple(asked[start:])))
    return (*ordered, *([Screen(None, tuple(waiting))] if waiting else []))


@dataclass(frozen=True, slots=True)
class _Items:
    """Makes the items of one Questionnaire."""

    protocol: Protocol
    voice: Voice
    base_url: str

    def groups(self) -> list[Json]:
        return [
            without_empty(
                {
                    "linkId": f"screen-{place}",
                    "text": screen.title.to(self.voice) if screen.title else None,
                    "type": "group",
                    "item": [item for name in screen.questions for item in self._question(name)],
                }
            )
            for place, screen in enumerate(screens_in_order(self.protocol), 1)
        ]

    def _question(self, name: str) -> list[Json]:
        """A question's item, with "I don't know" beside it for a number, in the groups that show them."""
        question = self.protocol.questions[name]
        when = enabling(self.protocol, question, self.base_url)
        groups, own = list(when.levels[:-1]), when.levels[-1] if when.levels else None
        items = [self._item(question, when)]
        if question.answer.is_number:
            empty = {"question": name, "operator": "exists", "answerBoolean": False}
            if own and own.behavior == "any" and len(own.when) > 1:
                groups, own = [*groups, own], None
            beside = Level("all", (*(own.when if own else ()), empty))
            items.append(_shown(self._unknown(question), beside))
        items[0] = _shown(items[0], own)
        return _inside(name, groups, items)

    def _item(self, question: Question, when: Enabling) -> Json:
        look, answer = self._answer(question)
        extensions = [{"url": names.SHORT_TEXT, "valueString": question.short.to(self.voice)}, *look]
        if not when.exact:
            extensions.append({"url": names.DESIGN_NOTE, "valueMarkdown": _MORE_OFTEN})
        item = {
            "extension": extensions,
            "linkId": question.id,
            "text": question.wording(self.voice),
            **answer,
        }
        return item | ({"item": [self._help(question.id, question.help)]} if question.help else {})

    def _answer(self, question: Question) -> tuple[list[Json], Json]:
        """How an answer looks, or a number's plausible range and units, its own first; and its type."""
        answer, dont_know = question.answer, names.dont_know()
        match answer.kind:
            case "yes-no":
                across = {"url": names.CHOICE_ORIENTATION, "valueCode": "horizontal"}
                yes_no = (names.yes_no(yes=True), names.yes_no(yes=False))
                return [names.control("radio-button"), across], _choices(*yes_no, dont_know)
            case "one-of":
                options = [
                    names.choice(self.protocol, question, option, self.voice, self.base_url)
                    for option in question.options
                ]
                return [names.control("radio-button")], _choices(*options, dont_know)
            case "temperature":
                low, high = (names.quantity(end, answer.unit) for end in (answer.low, answer.high))
                units = sorted(names.UCUM_OF.items(), key=lambda unit: unit[0] != answer.unit)
                codings = [names.coding(names.UCUM, code, unit) for unit, code in units]
                return [
                    {"url": names.MIN_QUANTITY, "valueQuantity": low},
                    {"url": names.MAX_QUANTITY, "valueQuantity": high},
                    *({"url": names.UNIT_OPTION, "valueCoding": coding} for coding in codings),
                ], {"type": "quantity"}
        return [
            {"url": names.MIN_VALUE, "valueInteger": int(answer.low)},
            {"url": names.MAX_VALUE, "valueInteger": int(answer.high)},
        ], {"type": "integer"}

    def _unknown(self, question: Question) -> Json:
        """The item beside a number that says "I don't know"; a number cannot say that itself."""
        return {
            "extension": [names.control("radio-button")],
            "linkId": question.id + names.UNKNOWN,
            "text": question.short.to(self.voice),
            **_choices(names.dont_know()),
        }

    def _help(self, name: str, text: Wording) -> Json:
        control, link = [names.control("help")], name + names.HELP
        return {"extension": control, "linkId": link, "text": text.to(self.voice), "type": "display"}


def _choices(*codings: Json) -> Json:
    return {"type": "choice", "answerOption": [{"valueCoding": coding} for coding in codings]}


def _shown(item: Json, level: Level | None) -> Json:
    """The item, shown only where this level holds."""
    if level is None:
        return item
    behavior = level.behavior if len(level.when) > 1 else None
    return without_empty({**item, "enableWhen": list(level.when), "enableBehavior": behavior})


def _inside(name: str, levels: Sequence[Level], items: list[Json]) -> list[Json]:
    """The items inside one group for each level."""
    for place, level in reversed(list(enumerate(levels, 1))):
        items = [_shown({"linkId": f"{name}-when-{place}", "type": "group", "item": items}, level)]
    return items
