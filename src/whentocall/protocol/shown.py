"""How values of rule files stand in messages: short, on one line, nothing hidden in them."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 60


def printable(text: str) -> str:
    r"""The text with everything that cannot be printed written out, as in `\x1b` or `\udce9`."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def cut(value: object) -> str:
    """The value on one line of at most 60 characters, before what cannot be seen is written out."""
    line = " ".join(part.strip() for part in str(value).splitlines())
    return printable(line if len(line) <= LONGEST else line[: LONGEST - 1] + "…")


def quote(value: object) -> str:
    """The value, cut, in quotes."""
    return f"'{cut(value)}'"


def hint(name: str, known: Iterable[str]) -> str:
    """The end of a message: which of the known names may have been meant."""
    import difflib  # noqa: PLC0415  only a fault needs it

    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean '{near[0]}'?" if near else ""
