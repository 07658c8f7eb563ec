"""The picture of an impact: how many rows go from which level to which, less urgent downwards.

Rows whose level stays are told in words only: they are most, and would hide the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from whentocall.tables.impact.result import Change, Direction, Impact

WIDTH = 460
_LEFT, _RIGHT = 172, 322  # where the bands begin and end
_GAP = 20  # between two levels
_SLOT = 21  # the least room of a band, for its number
_THICKEST = 46
_THINNEST = 2.5
_LEAST = 54  # the least room of a level, for its words
_TOP = 30
_WORD = 13  # letters on a line of a level's words


@dataclass(frozen=True, slots=True)
class Band:
    """The rows that go from one level to another: a curved band with its number at both ends."""

    change: Change
    path: str
    left: float
    right: float

    @property
    def direction(self) -> Direction:
        """Whether these rows' level is lowered or raised."""
        return self.change.direction


@dataclass(frozen=True, slots=True)
class Place:
    """A level on one side: its word on short lines, how many rows stay, and from where to where it stands."""

    lines: tuple[str, ...]
    stay: int | None
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Figure:
    """All of it, in units of the picture's own. `aligned`: the same levels are at the same heights."""

    aligned: bool
    width: int
    height: float
    old: tuple[Place, ...]
    new: tuple[Place, ...]
    bands: tuple[Band, ...]


def figure_of(impact: Impact) -> Figure | None:
    """The picture; none where no row's level changes."""
    if not impact.changes:
        return None
    rows = {(change.old, change.new): change.rows for change in impact.changes}
    thick = {pair: max(_THINNEST, _THICKEST * count / max(rows.values())) for pair, count in rows.items()}
    old, new = list(impact.old.levels), list(impact.new.levels)
    room_old, room_new = _rooms(old, thick, 0), _rooms(new, thick, 1)
    if old == new:  # the same level stands at the same height
        room_old = room_new = {level: max(room_old[level], room_new[level]) for level in old}
    tops_old, tops_new = _tops(room_old), _tops(room_new)
    left = _slots(old, new, thick, tops_old, 0)
    right = _slots(old, new, thick, tops_new, 1)
    bands = []
    for change in reversed(impact.changes):  # the lowered are drawn last, on top
        pair = change.old, change.new
        path = _path(left[pair], right[pair], thick[pair] / 2)
        bands.append(Band(change, path, left[pair], right[pair]))
    ends = [*_ends(tops_old, room_old), *_ends(tops_new, room_new)]
    return Figure(
        old == new,
        WIDTH,
        max(ends) + 8,
        _places(impact.old.levels, impact, tops_old, room_old, stay=True),
        _places(impact.new.levels, impact, tops_new, room_new, stay=False),
        tuple(bands),
    )


def _rooms(levels: Sequence[str], thick: Mapping[tuple[str, str], float], side: int) -> dict[str, float]:
    return {
        level: max(_LEAST, sum(_slot(thickness) for pair, thickness in thick.items() if pair[side] == level))
        for level in levels
    }


def _slot(thickness: float) -> float:
    return max(_SLOT, thickness + 5)


def _tops(rooms: Mapping[str, float]) -> dict[str, float]:
    tops, at = {}, float(_TOP)
    for level, room in rooms.items():
        tops[level] = at
        at += room + _GAP
    return tops


def _ends(tops: Mapping[str, float], rooms: Mapping[str, float]) -> list[float]:
    return [tops[level] + rooms[level] for level in tops]


def _slots(
    old: Sequence[str],
    new: Sequence[str],
    thick: Mapping[tuple[str, str], float],
    tops: Mapping[str, float],
    side: int,
) -> dict[tuple[str, str], float]:
    """The height of the middle of each band's end. Bands leave in the order in which they arrive."""
    at, middles = dict(tops), {}
    for pair in sorted(thick, key=lambda levels: (old.index(levels[0]), new.index(levels[1]))):
        room = _slot(thick[pair])
        middles[pair] = at[pair[side]] + room / 2
        at[pair[side]] += room
    return middles


def _path(left: float, right: float, half: float) -> str:
    middle = (_LEFT + _RIGHT) / 2
    return (
        f"M{_LEFT} {left - half:.1f}C{middle:g} {left - half:.1f} {middle:g} {right - half:.1f} "
        f"{_RIGHT} {right - half:.1f}V{right + half:.1f}C{middle:g} {right + half:.1f} "
        f"{middle:g} {left + half:.1f} {_LEFT} {left + half:.1f}Z"
    )


def _places(
    words: Mapping[str, str],
    impact: Impact,
    tops: Mapping[str, float],
    rooms: Mapping[str, float],
    *,
    stay: bool,
) -> tuple[Place, ...]:
    return tuple(
        Place(
            tuple(wrap(word, _WORD, max_lines=2, placeholder="…")),
            impact.counts.get((level, level), 0) if stay else None,
            tops[level],
            tops[level] + rooms[level],
        )
        for level, word in words.items()
    )
