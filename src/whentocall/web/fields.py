"""What a form holds, taken for hostile: read field by field, and refused rather than guessed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

Form = Mapping[str, str | Sequence[str]]
"""The fields of a posted form: name to value, or to all values where there are several."""

MAX_BODY = 64_000  # bytes; the longest interview that is shipped needs about 4,000
MAX_FIELDS = 200
TICKED = "yes"  # what a box of ours sends that is a field of its own


class Unusable(Exception):
    """What was sent cannot come from one of our pages."""


class TooLarge(Unusable):
    """What was sent is longer than any of our forms."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A form, read with care."""

    form: Form

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in order.

        Raises:
            Unusable: it is there, but is not text.
        """
        found = self.form.get(name, ())
        values = (found,) if isinstance(found, str) else tuple(found)
        if not all(isinstance(one, str) for one in values):
            raise Unusable
        return values

    def one(self, name: str) -> str:
        """The value of a field that stands there once at most; empty if it is not there.

        Raises:
            Unusable: it stands there twice, so that it is not known which is meant.
            TooLarge: it is longer than a whole form may be.
        """
        values = self.all(name)
        if len(values) > 1:
            raise Unusable
        value = values[0] if values else ""
        if len(value) > MAX_BODY:
            raise TooLarge
        return value

    def is_ticked(self, name: str) -> bool:
        """Whether a box that is a field of its own is ticked. Left alone, it sends nothing.

        Raises:
            Unusable: it says anything else, such as "no", and so is no box of ours.
        """
        value = self.one(name)
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
