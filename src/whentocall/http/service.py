"""What each address answers: bytes in, a reply out. Knows no web framework, and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from whentocall._text import quote
from whentocall.config import numbers_for, refuse_unknown_roles
from whentocall.engine.advise import advise
from whentocall.engine.answers import answers_schema
from whentocall.engine.durable import DurableEngine
from whentocall.engine.record import Record
from whentocall.errors import (
    AnswersError,
    ConfigError,
    EngineUnavailable,
    Finding,
    RulesError,
)
from whentocall.http.bodies import (
    advice_request,
    few_unknown,
    refused_answers,
    step_request,
)
from whentocall.http.problems import CALL, Kind, Refused, Reply
from whentocall.http.settings import Settings
from whentocall.http.views import (
    EngineView,
    HealthView,
    ProtocolList,
    protocol_line,
    protocol_view,
    questions_view,
)
from whentocall.interview.flow import Interview, step_json
from whentocall.protocol.folders import protocol_names
from whentocall.protocol.load import load, shipped_rules
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import Voice
from whentocall.version import own_version


def load_protocols(settings: Settings) -> Mapping[str, Protocol]:
    """The protocols to serve, by name.

    Raises:
        RulesError: rule files cannot be used; with the findings of all of them.
        UnknownProtocol: one that was named is not there.
        ConfigError: there is none.
    """
    rules = settings.rules if settings.rules is not None else shipped_rules()
    findings: list[Finding] = []
    found: dict[str, Protocol] = {}
    for name in settings.protocols or protocol_names(rules):
        try:
            protocol = load(name, rules=rules)
        except RulesError as error:
            findings += error.findings
            continue
        if settings.protocols or not protocol.head.layer:
            found[protocol.id] = protocol
    if findings:
        raise RulesError(findings)
    if all(one.head.layer for one in found.values()):
        raise ConfigError(f"there is no protocol to ask about in '{rules}': a layer alone is not one")
    return MappingProxyType(found)


class Service:
    """Every answer that the server gives. Immutable; holds rules and settings, nothing about people.

    Raises:
        WhentocallError: as for `load_protocols`; ConfigError for a number that no protocol would show;
            EngineUnavailable where durable-rules cannot be imported.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.protocols = load_protocols(settings)
        roles = {role for one in self.protocols.values() for role in one.words_for}
        refuse_unknown_roles(settings.numbers, roles)
        # Also builds what is built once, so that the first person does not wait for it.
        self._right = {name: _probe(one) for name, one in self.protocols.items()}

    def health(self) -> Reply:
        """Ask every protocol, and compare with what it said at the start."""
        failing = tuple(name for name, one in self.protocols.items() if not self._is_right(name, one))
        records = {name: _record(protocol) for name, protocol in self.protocols.items()}
        degraded = any(record.degraded for record in records.values())
        view = HealthView(
            status="failing" if failing else "degraded" if degraded else "ok",
            whentocall=own_version(),
            protocols=tuple(protocol_line(one) for one in self.protocols.values()),
            failing=failing,
            engines=tuple(
                EngineView(protocol=name, worked=record.worked, failed=record.failed, resting=record.resting)
                for name, record in records.items()
            ),
        )
        return Reply(_json(view).body, 503 if failing else 200)

    def _is_right(self, name: str, protocol: Protocol) -> bool:
        try:
            return _probe(protocol) == self._right[name]
        except Exception:  # noqa: BLE001  whatever it is, the protocol is not fit to be asked
            return False

    def protocol_list(self) -> Reply:
        """The protocols served here."""
        lines = tuple(protocol_line(one) for one in self.protocols.values())
        return _json(ProtocolList(protocols=lines))

    def protocol(self, name: str, voice: Voice = "you") -> Reply:
        """All about one protocol but its questions."""
        return _json(protocol_view(self.named(name), voice))

    def questions(self, name: str, voice: Voice = "you") -> Reply:
        """All questions of a protocol."""
        return _json(questions_view(self.named(name), voice))

    def answers_schema(self, name: str) -> Reply:
        """JSON Schema of a protocol's answers."""
        text = answers_schema(self.named(name)) + "\n"
        return Reply(text.encode(), media_type="application/schema+json")

    def next_question(self, name: str, body: bytes) -> Reply:
        """The next question, or that there is none: the bytes of `step_json`."""
        return self._next(name, body, screen=False)

    def next_screen(self, name: str, body: bytes) -> Reply:
        """The next questions to show together, likewise."""
        return self._next(name, body, screen=True)

    def _next(self, name: str, body: bytes, *, screen: bool) -> Reply:
        protocol = self.named(name)
        request = step_request(body)
        interview = Interview(protocol, voice=request.voice)
        ask = interview.next_screen if screen else interview.next_question
        try:
            step = ask(few_unknown(request.answers, protocol), everything=request.everything)
        except AnswersError as error:
            raise refused_answers(error) from None
        return Reply(step_json(step).encode())

    def advice(self, name: str, body: bytes) -> Reply:
        """The advice: the bytes of `Advice.to_json`."""
        protocol = self.named(name)
        request = advice_request(body, protocol)
        try:
            advice = advise(
                protocol,
                few_unknown(request.answers, protocol),
                voice=request.voice,
                numbers={**self.numbers_for(protocol), **request.numbers},
                watch=request.watch,
            )
        except AnswersError as error:
            raise refused_answers(error) from None
        except EngineUnavailable:
            raise Refused(Kind.ENGINE, CALL) from None
        return Reply(advice.to_json().encode())

    def numbers_for(self, protocol: Protocol) -> dict[str, str]:
        """The phone numbers of a protocol's roles, from the settings."""
        return numbers_for(self.settings.numbers, protocol.words_for)

    def named(self, name: str) -> Protocol:
        """One of the protocols.

        Raises:
            Refused: it is not served here.
        """
        try:
            return self.protocols[name]
        except KeyError:
            message = f"there is no protocol {quote(name)} here; there are: {', '.join(self.protocols)}"
            raise Refused(Kind.NO_SUCH_PROTOCOL, message) from None


def _record(protocol: Protocol) -> Record:
    try:
        return protocol.once(DurableEngine).record
    except Exception:  # noqa: BLE001  it cannot even be made, and its protocol is failing
        return Record()


def _probe(protocol: Protocol) -> str:
    """A real evaluation: of one "yes", all else not asked."""
    yes = next((one.id for one in protocol.questions.values() if one.answer.kind == "yes-no"), None)
    return advise(protocol, {yes: True} if yes else {}).to_json()


def _json(view: BaseModel) -> Reply:
    return Reply(view.model_dump_json(indent=2).encode() + b"\n")
