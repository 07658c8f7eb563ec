"""Every address that is served, and what answers there. One list, for the server and for its description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from whentocall.http import resources
from whentocall.http.pages import FORM, first_page, next_page
from whentocall.http.problems import Reply
from whentocall.http.service import Service
from whentocall.protocol.wording import VOICES, Voice

JSON = ("application/json",)


@dataclass(frozen=True, slots=True)
class Call:
    """A request, as an answer needs it.

    Attributes:
        name: the part of the path in braces; empty where there is none.
        voice: from the query; "you" if it is not there.
        body: all of it; empty for a GET.
        cross_site: whether a browser says that another site's page sent it.
        address: where the whole server is found from outside, without `/` at its end; empty if not known.
        root: the path that the application is mounted at; empty for its own server.
    """

    name: str = ""
    voice: Voice = "you"
    body: bytes = b""
    cross_site: bool = False
    address: str = ""
    root: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method at one address.

    Attributes:
        id: its name in the description.
        method: of HTTP; a GET is also answered without its body, as a HEAD.
        path: with a name in braces where a protocol, or the like, is named.
        summary: what it does, in a line.
        description: what should be known of it; Markdown.
        gives: what it gives, by media type; each a schema of the description, or empty for plain text.
        answer: what it does.
        takes: the media types of its body; none for a GET.
        body: the schema of its body.
        query: the parameters that it understands, each with its values. A page takes no notice of any.
        is_open: whether it is answered without the API key.
        is_fresh: whether a GET is worked out anew each time; the others are the same until the end.
        room: how many times the usual size its body may have.
        speaks: in which form a problem is told: problem+json, a page for people, or an OperationOutcome.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    answer: Callable[[Service, Call], Reply]
    gives: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    takes: tuple[str, ...] = ()
    body: str = ""
    query: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    is_open: bool = False
    is_fresh: bool = False
    room: int = 1
    speaks: Literal["json", "pages", "fhir"] = "json"


_ONE = "/v1/protocols/{protocol}"
_VOICE: Mapping[str, tuple[str, ...]] = MappingProxyType({"voice": VOICES})

_ANSWERS = (
    "An answer is `true` or `false`, a number in the question's own unit, "
    '`{"value": 101.5, "unit": "°F"}` in another, a choice by its id, or `null` for "I don\'t know". '
    "A question that is left out has not been asked. Nothing is guessed: an answer out of its range, or to "
    "a question that is not there, is refused with status 422 and the question's id."
)
_STATELESS = (
    "Nothing is kept between two requests. Keep the answers yourself, add what was answered, and send all of "
    "them each time, until `done` is true. `everything` asks also what cannot change the advice any more."
)

_ABOUT = (
    Operation(
        id="health",
        method="GET",
        path="/health",
        summary="Whether right advice is given now",
        description="Every protocol is really asked, and its advice compared with that at the start. "
        "503 where one differs or fails; 200 with `degraded` where the engine has failed lately, and the "
        "advice was raised for it. Needs no API key.",
        gives={"application/json": "HealthView"},
        answer=lambda service, _: service.health(),
        is_open=True,
        is_fresh=True,
    ),
    Operation(
        id="list-protocols",
        method="GET",
        path="/v1/protocols",
        summary="The protocols served here",
        description="`sha256` changes with anything that the rules say; every advice has it too.",
        gives={"application/json": "ProtocolList"},
        answer=lambda service, _: service.protocol_list(),
    ),
    Operation(
        id="get-protocol",
        method="GET",
        path=_ONE,
        summary="All about one protocol but its questions",
        description="Whom it is for, its levels with their words (the most urgent first), the roles that a "
        "phone number can be given for, and the documents behind it with their dates.",
        gives={"application/json": "ProtocolView"},
        answer=lambda service, call: service.protocol(call.name, call.voice),
        query=_VOICE,
    ),
    Operation(
        id="list-questions",
        method="GET",
        path=f"{_ONE}/questions",
        summary="All questions of a protocol",
        description="In the order of its files. To ask them one by one, and no more than needed, use "
        "`next-question` or `next-screen`.",
        gives={"application/json": "QuestionsView"},
        answer=lambda service, call: service.questions(call.name, call.voice),
        query=_VOICE,
    ),
    Operation(
        id="get-answers-schema",
        method="GET",
        path=f"{_ONE}/answers-schema",
        summary="JSON Schema of a protocol's answers",
        description=_ANSWERS,
        gives={"application/schema+json": "JsonSchema"},
        answer=lambda service, call: service.answers_schema(call.name),
    ),
)

_ASKING = (
    Operation(
        id="next-question",
        method="POST",
        path=f"{_ONE}/next-question",
        summary="The next question, or that there is none",
        description=f"{_STATELESS} Each question says why it is asked and what its answer could bring.",
        gives={"application/json": "QuestionStep"},
        answer=lambda service, call: service.next_question(call.name, call.body),
        takes=JSON,
        body="StepRequest",
    ),
    Operation(
        id="next-screen",
        method="POST",
        path=f"{_ONE}/next-screen",
        summary="The next questions to show together",
        description=f"{_STATELESS} More than one question is a checklist of yes/no questions.",
        gives={"application/json": "ScreenStep"},
        answer=lambda service, call: service.next_screen(call.name, call.body),
        takes=JSON,
        body="StepRequest",
    ),
    Operation(
        id="advise",
        method="POST",
        path=f"{_ONE}/advice",
        summary="How soon to contact whom, and why",
        description=f"{_ANSWERS}\n\nWhat is not known never makes the advice less urgent. `headline`, `first`"
        " and `contact` are what to show first. `watch: false` leaves out `watch_for`, the costliest part. "
        "`problems` says if anything went wrong inside; the level has been raised for it.",
        gives={"application/json": "Advice"},
        answer=lambda service, call: service.advice(call.name, call.body),
        takes=JSON,
        body="AdviceRequest",
    ),
)

_PAGES = (
    Operation(
        id="first-page",
        method="GET",
        path="/",
        summary="The same questions as web pages, for people",
        description="Works without JavaScript, keeps nothing, sets no cookies.",
        gives={"text/html": ""},
        answer=lambda service, _: first_page(service),
        speaks="pages",
    ),
    Operation(
        id="next-page",
        method="POST",
        path="/",
        summary="The page after a filled-in one",
        description="Takes what the pages themselves send.",
        gives={"text/html": "", "application/json": "Advice"},
        answer=lambda service, call: next_page(service, call.body, cross_site=call.cross_site),
        takes=(FORM,),
        body="Form",
        speaks="pages",
    ),
)

_FORM = "/fhir/Questionnaire/{questionnaire}"

_FHIR = (
    Operation(
        id="fhir-metadata",
        method="GET",
        path="/fhir/metadata",
        summary="FHIR R4: CapabilityStatement",
        description="What the FHIR side of this server can do.",
        gives={resources.MEDIA_TYPE: "Resource"},
        answer=lambda _, call: resources.metadata(call.address),
        query=resources.QUERY,
        speaks="fhir",
    ),
    Operation(
        id="fhir-operation",
        method="GET",
        path="/fhir/OperationDefinition/advise",
        summary="FHIR R4: OperationDefinition of $advise",
        description="What goes into `$advise` and what comes out.",
        gives={resources.MEDIA_TYPE: "Resource"},
        answer=lambda _, call: resources.definition(call.address),
        query=resources.QUERY,
        speaks="fhir",
    ),
    Operation(
        id="fhir-questionnaires",
        method="GET",
        path="/fhir/Questionnaire",
        summary="FHIR R4: every protocol as a Questionnaire",
        description="A Bundle. Each protocol is there twice: in the words for the person, and, with an id "
        "that ends in `.they`, in those for somebody who answers for them.",
        gives={resources.MEDIA_TYPE: "Resource"},
        answer=lambda service, call: resources.questionnaires(service, call.address),
        query=resources.QUERY,
        speaks="fhir",
    ),
    Operation(
        id="fhir-questionnaire",
        method="GET",
        path=_FORM,
        summary="FHIR R4: one protocol as a Questionnaire",
        description="To be shown by any renderer of FHIR forms.",
        gives={resources.MEDIA_TYPE: "Resource"},
        answer=lambda service, call: resources.questionnaire(service, call.name, call.address),
        query=resources.QUERY,
        speaks="fhir",
    ),
    Operation(
        id="fhir-advise",
        method="POST",
        path=f"{_FORM}/$advise",
        summary="FHIR R4: QuestionnaireResponse in, GuidanceResponse out",
        description="The body is a QuestionnaireResponse, or Parameters with one named `response`. What is "
        "declined or missing is not known, never a no. The advice has the same JSON as `advise` in it.",
        gives={resources.MEDIA_TYPE: "Resource"},
        answer=lambda service, call: resources.advice(service, call.name, call.body, call.address),
        takes=resources.TAKES,
        body="Resource",
        room=resources.ROOM,
        query=resources.QUERY,
        speaks="fhir",
    ),
)

OPERATIONS: tuple[Operation, ...] = (*_ABOUT, *_ASKING, *_FHIR, *_PAGES)
