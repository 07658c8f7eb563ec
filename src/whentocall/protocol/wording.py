"""Words for people: one text, or two where "you" and "they" need different ones."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

Voice = Literal["you", "they"]
"""Who is answering: the person on treatment ("you"), or somebody for them ("they")."""


class Wording(BaseModel):
    """A text to be shown, for the person themselves (`you`) and for their carer (`they`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    you: str
    they: str

    @model_validator(mode="before")
    @classmethod
    def _one_text_for_both(cls, value: object) -> object:
        return {"you": value, "they": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _not_empty(self) -> Wording:
        if not self.you.strip() or not self.they.strip():
            raise ValueError("the text is empty: write what the person will read")
        return self

    def to(self, voice: Voice) -> str:
        """The text for this voice."""
        return self.you if voice == "you" else self.they
