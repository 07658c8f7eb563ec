"""Text for messages and titles: values on one line with nothing hidden in them, capitals, and near names."""

from __future__ import annotations

from collections.abc import Iterable

from whentocall._misprints import named, odd_character

LONGEST = 60


def printable(text: str) -> str:
    r"""The text with every character that cannot be printed written out, as in `\x1b` or `\udce9`."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def cut(value: object) -> str:
    """The value on one line, cut to 60 characters; what cannot be printed is then written out."""
    line = " ".join(part.strip() for part in str(value).splitlines())
    return printable(line if len(line) <= LONGEST else line[: LONGEST - 1] + "…")


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


def hint(name: str, known: Iterable[str]) -> str:
    """The end of a message, with the known name that may have been meant; empty if none is near."""
    import difflib  # noqa: PLC0415  only error messages need it

    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean '{near[0]}'?" if near else ""
