"""Words for people: one text, or two where "you" and "they" need different ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from whentocall._text import quote
from whentocall.errors import ConfigError

Voice = Literal["you", "they"]
"""Who is answering: the person on treatment ("you"), or somebody for them ("they")."""

VOICES: tuple[Voice, ...] = ("you", "they")


def check_voice(voice: object) -> None:
    """Refuse what is no voice: it would pass for the other one.

    Raises:
        ConfigError: it is neither.
    """
    if voice not in VOICES:
        raise ConfigError(f"{quote(str(voice))} is no voice: write 'you' (the person) or 'they' (a carer)")


_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Wording:
    """A text to be shown, for the person themselves (`you`) and for their carer (`they`)."""

    you: str
    they: str

    def to(self, voice: Voice) -> str:
        """The text for this voice."""
        return self.you if voice == "you" else self.they


def place_fault(text: str, allowed: Collection[str]) -> str | None:
    """What is wrong with the places in a text, such as `{who}`; None where nothing is.

    Only a plain name in braces is a place. What else `str.format` knows ({who!r}, {who:9}, {who.x})
    would fail, or show something else, in front of the person.
    """
    known = "use " + ", ".join(sorted("{" + name + "}" for name in allowed)) if allowed else "write it out"
    for name in _PLACE.findall(text):
        if name not in allowed:
            return f"{quote('{' + name + '}')} is not known: {known}"
    if "{" in (rest := _PLACE.sub("", text)) or "}" in rest:
        return f"in {quote(text)} a brace has no partner: {known}"
    return None


def fill_places(text: str, values: Mapping[str, str]) -> str:
    """The text with each place filled. One that is not known stays as it is, so that this cannot fail."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)
