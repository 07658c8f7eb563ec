"""The kinds of answer, and numbers as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["yes-no", "whole-number", "temperature", "days", "one-of"]


@dataclass(frozen=True, slots=True)
class AnswerType:
    """What an answer to a question may be.

    Attributes:
        kind: yes/no, whole number, temperature, days (whole), or one of a list.
        low, high: the plausible range, both ends included, in `unit`; both 0 where there is none.
        unit: the question's own unit: `°C` or `°F` for a temperature, else empty.
        step: the smallest difference that counts: 1, or 0.1 for a temperature.
    """

    kind: Kind
    low: float = 0
    high: float = 0
    unit: str = ""
    step: float = 0

    @property
    def is_number(self) -> bool:
        """Whether answers are compared by size."""
        return self.kind in ("whole-number", "temperature", "days")

    def __str__(self) -> str:
        match self.kind:
            case "yes-no":
                return "yes or no"
            case "one-of":
                return "one of"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.kind.replace('-', ' ')}, {in_digits(self.low)} to {in_digits(self.high)}{unit}"


def number(text: str) -> int | float:
    """An exact number as written; a whole one as `int`."""
    from decimal import Decimal  # noqa: PLC0415  a start without a file to read needs no numbers

    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


def in_digits(value: float) -> str:
    """A number as it would be written, with every digit that a rule file may have."""
    return f"{value:.15f}".rstrip("0").rstrip(".") if abs(value) < 1e-4 else f"{value:.15g}"


def between_steps(value: float, answer: AnswerType) -> bool:
    """Whether nobody can give this number, because answers go by larger steps."""
    from fractions import Fraction  # noqa: PLC0415  as above

    return bool(Fraction(str(value)) % Fraction(str(answer.step)))
