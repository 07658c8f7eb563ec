"""The JSON interface: bytes in, a reply out. Knows no web framework, and keeps nothing about people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from whentocall._text import quote
from whentocall.config import numbers_for, refuse_unknown_roles
from whentocall.engine.advise import advise
from whentocall.engine.answers import answers_schema
from whentocall.engine.durable import DurableEngine
from whentocall.engine.health import Record
from whentocall.errors import AnswersError, ConfigError, EngineUnavailable, Finding, RulesError
from whentocall.http.bodies import advice_request, refused_answers, step_request
from whentocall.http.problems import CALL, Kind, Refused, Reply
from whentocall.http.settings import Settings
from whentocall.http.views import (
    EngineView,
    HealthView,
    ProtocolLine,
    ProtocolList,
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
        UnknownProtocol: a name in the settings is unknown.
        ConfigError: there is none to ask about.
    """
    rules = settings.rules if settings.rules is not None else shipped_rules()
    findings: list[Finding] = []
    protocols: dict[str, Protocol] = {}
    for name in settings.protocols or protocol_names(rules):
        try:
            protocol = load(name, rules=rules)
        except RulesError as error:
            findings += error.findings
            continue
        if settings.protocols or not protocol.head.layer:
            protocols[protocol.id] = protocol
    if findings:
        raise RulesError(findings)
    if all(protocol.head.layer for protocol in protocols.values()):
        raise ConfigError(f"there is no protocol to ask about in '{rules}': a layer alone is not one")
    return MappingProxyType(protocols)


class Service:
    """The replies to every request. Immutable; holds rules and settings, nothing about people.

    Attributes:
        settings: how to serve.
        protocols: those served, by name.
        asked: those of them that people are asked about; the others are layers.

    Raises:
        WhentocallError: as for `load_protocols`; ConfigError for a number that no protocol would show;
            EngineUnavailable if durable-rules cannot be imported.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.protocols = load_protocols(settings)
        self.asked = tuple(protocol for protocol in self.protocols.values() if not protocol.head.layer)
        roles = {role for protocol in self.protocols.values() for role in protocol.words_for}
        refuse_unknown_roles(settings.numbers, roles)
        # Also builds what is built once, so that the first person does not wait for it.
        self._right = {name: _probe(protocol) for name, protocol in self.protocols.items()}

    def health(self) -> Reply:
        """Ask every protocol, and compare its advice with that at the start."""
        failing = tuple(name for name in self.protocols if not self._is_right(name))
        records = {name: _record(protocol) for name, protocol in self.protocols.items()}
        degraded = any(record.degraded for record in records.values())
        view = HealthView(
            status="failing" if failing else "degraded" if degraded else "ok",
            whentocall=own_version(),
            protocols=self._lines(),
            failing=failing,
            engines=tuple(
                EngineView(protocol=name, worked=record.worked, failed=record.failed, resting=record.resting)
                for name, record in records.items()
            ),
        )
        return Reply(_json(view).body, 503 if failing else 200)

    def _is_right(self, name: str) -> bool:
        try:
            return _probe(self.protocols[name]) == self._right[name]
        except Exception:  # noqa: BLE001  whatever it is, the protocol cannot be relied on
            return False

    def _lines(self) -> tuple[ProtocolLine, ...]:
        return tuple(map(ProtocolLine.model_validate, self.protocols.values()))

    def protocol_list(self) -> Reply:
        """The protocols served."""
        return _json(ProtocolList(protocols=self._lines()))

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

    def next_step(self, name: str, body: bytes, *, screen: bool) -> Reply:
        """The next question, or with `screen` those to show together, or the end: bytes of `step_json`."""
        protocol = self.named(name)
        request = step_request(body, protocol)
        interview = Interview(protocol, voice=request.voice)
        ask = interview.next_screen if screen else interview.next_question
        try:
            step = ask(request.answers, everything=request.everything)
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
                request.answers,
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
        """The phone numbers in the settings for the roles of a protocol."""
        return numbers_for(self.settings.numbers, protocol.words_for)

    def named(self, name: str) -> Protocol:
        """One of the protocols.

        Raises:
            Refused: it is not served.
        """
        try:
            return self.protocols[name]
        except KeyError:
            message = f"unknown protocol {quote(name)}; known are: {', '.join(self.protocols)}"
            raise Refused(Kind.NO_SUCH_PROTOCOL, message) from None


def _record(protocol: Protocol) -> Record:
    try:
        return protocol.once(DurableEngine).record
    except Exception:  # noqa: BLE001  it cannot be made at all, and its protocol is failing
        return Record()


def _probe(protocol: Protocol) -> str:
    """A real evaluation: one "yes", and nothing else asked."""
    yes_no = [question.id for question in protocol.questions.values() if question.answer.kind == "yes-no"]
    return advise(protocol, dict.fromkeys(yes_no[:1], True)).to_json()


def _json(view: BaseModel) -> Reply:
    return Reply(view.model_dump_json(indent=2).encode() + b"\n")
