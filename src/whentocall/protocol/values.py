"""Values of rule files as they were written: texts, mappings and lists that know their line."""

from __future__ import annotations


class Text(str):
    """A value as written, with the line it stands on."""

    __slots__ = ("line",)
    line: int

    def __new__(cls, value: str, line: int) -> Text:
        """A text from line `line` (1-based)."""
        self = super().__new__(cls, value)
        self.line = line
        return self

    def __getnewargs__(self) -> tuple[str, int]:  # type: ignore[override]  # our __new__ takes the line
        """So that a copy knows the line too."""
        return str(self), self.line


class Block(dict[str, object]):
    """A mapping, with the line it starts on. Keys are `Text`."""

    line: int = 0


class Items(list[object]):
    """A list, with the line it starts on."""

    line: int = 0


def line_of(value: object, default: int = 0) -> int:
    """The line of a value that `read` returned; `default` for anything else."""
    return getattr(value, "line", default)
