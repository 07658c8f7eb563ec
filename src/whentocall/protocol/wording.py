"""Words for people: one text, or two where "you" and "they" need different ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator

from whentocall.protocol.parts import can_be_seen, known_keys
from whentocall.protocol.shown import quote
from whentocall.protocol.yaml_file import Block

Voice = Literal["you", "they"]
"""Who is answering: the person on treatment ("you"), or somebody for them ("they")."""

_PLACE = re.compile(r"\{([^{}]*)\}")


class Wording(BaseModel):
    """A text to be shown, for the person themselves (`you`) and for their carer (`they`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    you: str
    they: str

    @model_validator(mode="before")
    @classmethod
    def _one_text_for_both(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, Block):
            return known_keys(value, ("you", "they"), "wording", info)
        return {"you": value, "they": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _not_empty(self) -> Wording:
        if not can_be_seen(self.you) or not can_be_seen(self.they):
            raise ValueError("the text is empty: write what the person will read")
        return self

    def to(self, voice: Voice) -> str:
        """The text for this voice."""
        return self.you if voice == "you" else self.they


def place_fault(text: str, allowed: Collection[str]) -> str | None:
    """What is wrong with the places in a text, such as `{who}`; None where nothing is.

    Only a plain name in braces is a place. What else `str.format` knows ({who!r}, {who:9}, {who.x})
    would fail, or show something else, in front of the person.
    """
    known = "use " + ", ".join(sorted("{" + one + "}" for one in allowed)) if allowed else "write it out"
    for name in _PLACE.findall(text):
        if name not in allowed:
            return f"{quote('{' + name + '}')} is not known: {known}"
    if "{" in (rest := _PLACE.sub("", text)) or "}" in rest:
        return f"in {quote(text)} a brace has no partner: {known}"
    return None


def fill_places(text: str, values: Mapping[str, str]) -> str:
    """The text with each place filled. One that is not known stays as it is, so that this cannot fail."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)
