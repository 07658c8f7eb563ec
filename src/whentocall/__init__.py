"""How soon to call your cancer team, who to call, and why.

`load` a protocol, then `advise` on answers, or ask for them with an `Interview`. Nothing here keeps state,
logs answers, or reads anything but rule files. Importing the package loads none of its modules: each name is
fetched from its module when it is first used.
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

TYPE_CHECKING = False  # as in `typing`, whose import would cost more than everything else here
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
        """A public name, from its own module; those that `_HOMES` does not list are in `errors`."""
        if name not in __all__:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        from importlib import import_module  # noqa: PLC0415  only when it is used

        value = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """The public names, fetched already or not."""
        return sorted({*globals(), *__all__} - {"TYPE_CHECKING"})
