"""Characters that look like others or are invisible: their names, and the lines of YAML that they break.

Copied text, word processors and phone keyboards put a no-break space, a curly quote or an en dash where a
plain character belongs. YAML then reads something other than what the file seems to say. The message has to
name the character, because nobody can see it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

_BLANK = "\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
_OPEN = "“”„‟‘’‚‛«»‹›"
_DASH = "‐‑‒–—―−﹣－"
_COLON = "：﹕ː∶꞉"
_OTHER = "º˚∘℃℉„‚´`′″•●▪◦‣·" + _COLON
# Where a value, an item or a key may start.
_START = r"(?:^ *(?:- +)*|: +|[\[{,] *)"
_KEY = r"[^\s:#'\"\[\]{},]+(?: [^\s:#'\"\[\]{},]+)*"


_Misprint = tuple[re.Pattern[str], Callable[[str], str]]
"""A pattern whose group `odd` is the character, and a function that gives the message about it."""


def named(character: str) -> str:
    r"""A character's name and number.

    >>> named("\u2013")
    'an en dash, U+2013'
    """
    number = f"U+{ord(character):04X}"
    name = "tab" if character == "\t" else unicodedata.name(character, "").lower()
    if not name:
        return f"the character {number}"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}, {number}"


def odd_character(text: str) -> str:
    r"""The first character of a text that is easily taken for another; empty where there is none.

    >>> odd_character("at\xa0least 4")
    '\xa0'
    """
    if text.isascii():
        return ""
    return next((character for character in text if _is_odd(character)), "") or _other_script(text)


def _is_odd(character: str) -> bool:
    if character.isascii():
        return False
    kind = unicodedata.category(character)
    compatible = unicodedata.normalize("NFKC", character)
    return (
        kind in ("Zs", "Zl", "Zp", "Cf", "Pd", "Pi", "Pf")
        or character in _DASH + _OTHER
        or (len(compatible) == 1 and compatible.isascii())
    )


def _other_script(text: str) -> str:
    """A Greek or Cyrillic letter inside a word of Latin ones."""
    mixed = [word[0] for word in re.finditer(r"\w+", text) if re.search("[A-Za-z]", word[0])]
    letters = (letter for word in mixed for letter in word if not letter.isascii())
    return next(
        (letter for letter in letters if unicodedata.name(letter, "").startswith(("CYRILLIC", "GREEK"))), ""
    )


def merge_conflict(text: str) -> tuple[int, str] | None:
    """The line (1-based) of the first conflict mark in a file, and what to do about it."""
    marker = re.search(r"^(?:<{7}|\|{7}|>{7})(?= |$)|^={7}$", text, re.MULTILINE)
    if marker is None:
        return None
    message = (
        f"this is an open merge conflict ('{marker[0]}'): keep one of the two versions, and remove the lines "
        "that start with '<<<<<<<', '=======' and '>>>>>>>'"
    )
    return text.count("\n", 0, marker.start()) + 1, message


def misprint(line: str) -> str:
    """Why YAML does not read a line as it was meant, and what to do; empty if unknown."""
    return _message(_IN_LINE, line)


def misprinted_text(text: str, *, starts_line: bool) -> str:
    """The same for a text without quotes that YAML can read, but not as it was meant.

    Args:
        text: as YAML read it.
        starts_line: whether only spaces and hyphens come before it, so that it may have been meant as a key
            or an item.
    """
    return "" if text.isascii() else _message(_AT_START if starts_line else _IN_TEXT, text)


def _message(misprints: Iterable[_Misprint], written: str) -> str:
    for pattern, message_about in misprints:
        if match := pattern.search(written):
            return message_about(match["odd"])
    return ""


def wrong_end(line: str) -> str:
    """The same for a text that a straight quote opens and a curly one closes; empty if there is none."""
    for quote, pattern in _WRONG_ENDS.items():
        if opened := pattern.search(line):
            return f"the text that {quote} opens here ends in {named(opened['end'])}: close it with {quote}"
    return ""


# Not closed in this line, and with no pair of curly quotes inside that the last one may belong to.
_WRONG_ENDS = {
    quote: re.compile(rf"{_START}{quote}[^{quote}{opens}]*(?P<end>[{closes}])[ ,\]}}｝］]*$")
    for quote, opens, closes in (('"', "“„‟", "“”„‟″＂"), ("'", "‘‚‛", "‘’‚‛′＇"))
}


def _tab(_: str) -> str:
    return "there is a tab before the text of this line: use spaces, as YAML does not count tabs"


def _indent(odd: str) -> str:
    return f"{named(odd)}, is before the text of this line: use plain spaces"


def _blank(odd: str) -> str:
    return f"{named(odd)}, is where a plain space belongs: write the space again"


def _bullet(odd: str) -> str:
    return f"this line begins with {named(odd)}: an item of a list begins with '- ', a hyphen and a space"


def _sign(odd: str) -> str:
    plain = ":" if odd in _COLON else unicodedata.normalize("NFKC", odd)
    return f"{named(odd)}, is where '{plain}' belongs: write '{plain}'"


def _quote(odd: str) -> str:
    return (
        f'{named(odd)}, is no quote in YAML: use " or no quotes (where it belongs to the text, put straight '
        "quotes around all of it)"
    )


def _quotes_and_brackets(start: str) -> tuple[_Misprint, ...]:
    return (
        (re.compile(rf"{start}(?P<odd>[{_OPEN}])"), _quote),
        (re.compile(rf"{start}(?P<odd>[［｛＂＇])"), _sign),
    )


def _blanks_and_colons(start: str) -> tuple[_Misprint, ...]:
    return (
        (re.compile(rf"{start}{_KEY}:(?P<odd>[{_BLANK}])"), _blank),
        (re.compile(rf"{start}{_KEY}(?P<odd>[{_BLANK}]):"), _blank),
        (re.compile(rf"{start}{_KEY}(?P<odd>[{_COLON}])(?: |$)"), _sign),
    )


_BULLET = re.compile(rf"^ *(?:- +)*(?P<odd>[{_DASH}•●▪◦‣·*])(?:[\s{_BLANK}]|$)")
_IN_LINE: tuple[_Misprint, ...] = (
    (re.compile(r"^ *(?:- *)*(?P<odd>\t)"), _tab),
    (re.compile(rf"^ *(?:- +)*(?P<odd>[{_BLANK}])"), _indent),
    (re.compile(rf"^ *-(?P<odd>[{_BLANK}])"), _blank),
    (_BULLET, _bullet),
    *_blanks_and_colons(_START),
    *_quotes_and_brackets(_START),
    (re.compile(rf"^ *(?:- +)*{_KEY}(?P<odd>[{_COLON}])"), _sign),
)
_IN_TEXT = _quotes_and_brackets("^")
_AT_START: tuple[_Misprint, ...] = (
    (re.compile(rf"^-(?P<odd>[{_BLANK}])"), _blank),
    (_BULLET, _bullet),
    *_blanks_and_colons("^"),
    *_IN_TEXT,
)
