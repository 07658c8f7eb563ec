"""How soon to contact your cancer team, whom, and why.

`load` a protocol, `advise` on answers, or ask for them with an `Interview`. Nothing here keeps state,
logs answers, or reads anything but rule files.
"""

from whentocall.engine.advice import Advice
from whentocall.engine.advise import advise
from whentocall.errors import (
    AnswerProblem,
    AnswersError,
    ConfigError,
    EngineUnavailable,
    Finding,
    RulesError,
    UnknownProtocol,
    WhentocallError,
)
from whentocall.interview.flow import Interview
from whentocall.protocol.places import load
from whentocall.protocol.protocol import Protocol

__all__ = [
    "Advice",
    "AnswerProblem",
    "AnswersError",
    "ConfigError",
    "EngineUnavailable",
    "Finding",
    "Interview",
    "Protocol",
    "RulesError",
    "UnknownProtocol",
    "WhentocallError",
    "advise",
    "load",
]
