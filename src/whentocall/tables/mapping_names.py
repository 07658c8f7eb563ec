"""Names of columns that look like the name of a question. They are only ever shown, never acted upon."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

ALIKE = 0.8
"""How much of two names must be the same, from 0 to 1."""

_LONGEST = 60
_SHORTEST = 4
_MOST = 400  # names compared with each other: a table with more columns has other troubles


def plain(name: str) -> str:
    """The name without what people write in different ways: capitals, spaces, underscores, signs."""
    return "".join(one for one in name[:_LONGEST].casefold() if one.isalnum())


def alike(wanted: Iterable[str], names: Iterable[str], *, most: int = 3) -> list[str]:
    """The names that look like one of those wanted, the nearest first; also `Temp °F` for `temperature`."""
    asked = [one for one in map(plain, wanted) if one]
    scores: dict[str, float] = {}
    for name in list(names)[:_MOST]:
        ratios = (difflib.SequenceMatcher(None, plain(name), one, autojunk=False).ratio() for one in asked)
        score = max(ratios, default=0) if plain(name) else 0
        if score >= ALIKE or any(one.startswith(_first_word(name)) for one in asked):
            scores[name] = score
    return sorted(scores, key=lambda name: -scores[name])[:most]


def _first_word(name: str) -> str:
    """The first word, if it is long enough to say something; else what no name begins with."""
    words = re.findall(r"[^\W_]+", name[:_LONGEST].casefold())
    return words[0] if words and len(words[0]) >= _SHORTEST else " "


def likeliest(wanted: Mapping[str, Iterable[str]], names: Iterable[str]) -> dict[str, str]:
    """Each of the names that looks like something wanted, to what it looks like most.

    Args:
        wanted: what it may be, to the names by which it may go.
        names: of columns.
    """
    owners = {plain(name): one for one, also in wanted.items() for name in also}
    found = {}
    for name in list(names)[:_MOST]:
        near = difflib.get_close_matches(plain(name), owners, 1, ALIKE) if plain(name) else []
        if near:
            found[name] = owners[near[0]]
    return found
