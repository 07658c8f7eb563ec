"""What a form holds, treated as hostile: read field by field, and refused rather than guessed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

Form = Mapping[str, str | Sequence[str]]
"""The fields of a posted form: name to value, or to all values if there are several."""

MAX_BODY = 64_000  # bytes; the longest interview that is shipped needs about 4,000
MAX_FIELDS = 200
TICKED = "yes"  # what a box of ours sends that is a field of its own


class Unusable(Exception):
    """What was sent cannot come from one of our pages."""

    status = 400


class TooLarge(Unusable):
    """What was sent is longer than any of our forms."""

    status = 413


class Outdated(Unusable):
    """The answers were given to another version of the questions."""

    status = 409


@dataclass(frozen=True, slots=True)
class Fields:
    """A form, read with care."""

    form: Form

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in order.

        Raises:
            Unusable: one is not text.
        """
        sent = self.form.get(name, ())
        values = (sent,) if isinstance(sent, str) else tuple(sent)
        if not all(isinstance(value, str) for value in values):
            raise Unusable
        return values

    def value(self, name: str) -> str:
        """The value of a field that is sent once at most; empty if it is missing.

        Raises:
            Unusable: it is sent twice, so that it is unclear which is meant.
            TooLarge: it is longer than a whole form may be.
        """
        values = self.values(name)
        if len(values) > 1:
            raise Unusable
        value = values[0] if values else ""
        if len(value) > MAX_BODY:
            raise TooLarge
        return value

    def is_ticked(self, name: str) -> bool:
        """Whether a box that is a field of its own is ticked. Left alone, it sends nothing.

        Raises:
            Unusable: it says anything else, such as "no", and so is not one of our boxes.
        """
        value = self.value(name)
        if value not in ("", TICKED):
            raise Unusable
        return value == TICKED


def read_body(body: bytes) -> Form:
    """The fields of an urlencoded body.

    Raises:
        TooLarge: it has more than `MAX_BODY` bytes.
        Unusable: it is not UTF-8, or has more than `MAX_FIELDS` fields.
    """
    if len(body) > MAX_BODY:
        raise TooLarge
    try:
        # bytes that are not ASCII should have been written as %XX
        return parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise Unusable from None
