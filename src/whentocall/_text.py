"""Text for messages and titles: values on one line with nothing hidden in them, capitals, and near names."""

from __future__ import annotations

from collections.abc import Iterable

from whentocall._misprints import named, odd_character

LONGEST = 60


def printable(text: str) -> str:
    r"""The text with every character that cannot be printed written out, as in `\x1b` or `\udce9`."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def shorten(text: str, most: int = LONGEST) -> str:
    """The text, or as much of it as fits, with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def cut(value: object) -> str:
    """The value on one line of at most 60 characters, before what cannot be seen is written out."""
    return printable(shorten(" ".join(part.strip() for part in str(value).splitlines())))


def quote(value: object) -> str:
    r"""The value, cut and in quotes. A character in it that is easily taken for another is named.

    >>> quote("at\xa0least 4")
    "'at\\xa0least 4' (with a no-break space, U+00A0, in it)"
    """
    text = cut(value)
    odd = odd_character(str(value))
    return f"'{text}' (with {named(odd)}, in it)" if odd else f"'{text}'"


def capital(text: str) -> str:
    """The text with its first letter as a capital, and the rest unchanged."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """The text as it reads inside a sentence. Abbreviations and words such as "X-ray" keep their capitals."""
    return text if text[1:2].isupper() or text[1:2] == "-" else text[:1].lower() + text[1:]


def title_of(name: str) -> str:
    """An id as a title: `diarrhoea/many-loose-stools` is `Many loose stools`."""
    return capital(name.rpartition("/")[2].replace("-", " ").replace("_", " "))


def nearest(name: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The known name that is most like this one, if any is alike enough (from 0 to 1)."""
    import difflib  # noqa: PLC0415  only a fault needs it

    return next(iter(difflib.get_close_matches(name, list(known), 1, alike)), None)


def hint(name: str, known: Iterable[str]) -> str:
    """The end of a message: which of the known names may have been meant."""
    near = nearest(name, known)
    return f"; did you mean '{near}'?" if near else ""
