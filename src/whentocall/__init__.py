"""How soon to contact your cancer team, whom, and why.

`load` a protocol, `advise` on answers, or ask for them with an `Interview`. Nothing here keeps state,
logs answers, or reads anything but rule files. Importing it does next to nothing: each name is fetched
from its module when it is first used.
"""

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
    "TableError",
    "UnknownProtocol",
    "WhentocallError",
    "advise",
    "load",
]

TYPE_CHECKING = False  # what `typing` has for type checkers; importing it would cost more than all else here
if TYPE_CHECKING:
    from whentocall.engine.advice import Advice
    from whentocall.engine.advise import advise
    from whentocall.errors import (
        AnswerProblem,
        AnswersError,
        ConfigError,
        EngineUnavailable,
        Finding,
        RulesError,
        TableError,
        UnknownProtocol,
        WhentocallError,
    )
    from whentocall.interview.flow import Interview
    from whentocall.protocol.load import load
    from whentocall.protocol.protocol import Protocol
else:
    _HOMES = {
        "Advice": "engine.advice",
        "Interview": "interview.flow",
        "Protocol": "protocol.protocol",
        "advise": "engine.advise",
        "load": "protocol.load",
    }

    def __getattr__(name: str) -> object:
        """The public names, each from its own module; all that are not listed are errors and their parts."""
        if name not in __all__:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        from importlib import import_module  # noqa: PLC0415  as everything here, only when it is used

        found = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        """What there is to be had, used before or not."""
        return sorted({*globals(), *__all__} - {"TYPE_CHECKING"})
