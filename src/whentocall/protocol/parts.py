"""What all parts of rule files have in common. How they are read is for `written` and `checking`."""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn, TypeVar, dataclass_transform

C = TypeVar("C")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def part(kind: type[C]) -> type[C]:
    """A frozen dataclass whose arguments are named, with the methods of `FromFile`.

    `dataclass` would write and compile six methods for each of two dozen classes. That took 15 ms of
    every start; these take 2.
    """
    return dataclass(init=False, repr=False, eq=False, kw_only=True)(kind)


@part
class FromFile:
    """What stands in a rule file as keys and values. Nothing is checked but that no field is missing."""

    def __init__(self, **values: Any) -> None:
        known: dict[str, Any] = {}
        for one in fields(self):
            if one.name in values:
                known[one.name] = values.pop(one.name)
            elif one.default is not MISSING:
                known[one.name] = one.default
            elif one.default_factory is not MISSING:
                known[one.name] = one.default_factory()
            else:
                raise TypeError(f"{type(self).__name__} needs '{one.name}'")
        if values:
            raise TypeError(f"{type(self).__name__} has no '{next(iter(values))}'")
        self.__dict__.update(known)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field '{name}'")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field '{name}'")

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self.__dict__.items()))

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({said})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: Any) -> Any:
        from whentocall.protocol.checking import schema_of_part  # noqa: PLC0415  imports pydantic

        return schema_of_part(cls, handler)


@part
class Part(FromFile):
    """A mapping in a rule file. Unknown keys are findings, and reading goes on without them."""

    what: ClassVar[str] = "part"

    line: int = 0


@part
class Identified(Part):
    """A part whose id is the key that it stands under."""

    id: str = ""


def nothing() -> Any:
    """An empty mapping that nobody can add to."""
    return MappingProxyType({})
