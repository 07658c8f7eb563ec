"""Ids and dates as people read them."""

from __future__ import annotations

from datetime import date

# Not from the locale: the pack is the same on every machine.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def title_of(name: str) -> str:
    """An id as a title: `diarrhoea/many-loose-stools` is `Many loose stools`."""
    text = name.rpartition("/")[2].replace("-", " ").replace("_", " ")
    return text[:1].upper() + text[1:]


def day_words(day: date) -> str:
    """A date that reads the same in every country: `21 November 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
