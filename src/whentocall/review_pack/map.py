"""A picture of the whole protocol: what is asked, the rules that read it, the levels that they reach.

Only places and words are computed here; the page draws them. Cards stand one under another, and each
repeats the questions that it borrows from another card, so that no line runs across the picture but those
to the levels. A picture that would not fit on a printed page goes on in a second one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from whentocall.review_pack.parts import CardPart, LevelRow, Pack, RuleRow

WIDTH = 1000.0
PAGE_HEIGHT = 1310.0  # of an A4 page, in the same units, less its margins and a heading

_ASKED_X, _ASKED_WIDTH = 0.0, 352.0
_RULE_X, _RULE_WIDTH = 432.0, 318.0
_LEVEL_X, _LEVEL_WIDTH = 846.0, 154.0
_LINE, _PADDING, _GAP = 17.5, 5.5, 4.5
_HEADING = 29.0
_COLUMN_HEADS = 34.0
_CARD_GAP = 12.0
_LEVEL_GAP = 26.0
_SIZE = 15.0

Kind = Literal["question", "borrowed", "rule", "level", "card", "column", "detail", "level-detail"]


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text, by the left end of its base line."""

    kind: Kind
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """A box with its lines of text. `level` gives its colour, if any; `link` is what it leads to."""

    kind: Kind
    x: float
    y: float
    width: float
    height: float
    link: str
    texts: tuple[Text, ...]
    level: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve from the right side of one box to the left side of another."""

    path: str
    level: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture. `describes` says in a sentence or two what it shows, for whoever does not see it."""

    title: str
    describes: str
    height: float
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]
    lines: tuple[Line, ...]
    width: float = WIDTH


def map_panels(pack: Pack) -> tuple[Panel, ...]:
    """The pictures of a protocol: as many as it takes, each no taller than a page."""
    groups = list(_pages([card for card in pack.cards if card.rules]))
    return tuple(
        _Drawing(pack, cards).panel(
            f"Map of {pack.title}" + (f", part {place} of {len(groups)}" if len(groups) > 1 else "")
        )
        for place, cards in enumerate(groups, 1)
    )


def _pages(cards: Sequence[CardPart]) -> Iterator[list[CardPart]]:
    """Cards that fit on a page together; as few pages as that takes, and of about the same height."""
    heights = [_card_height(card) for card in cards]
    space = PAGE_HEIGHT - _COLUMN_HEADS
    fewest = len(_filled(heights, space))
    wanted = space
    while wanted > 0 and len(_filled(heights, wanted - 10)) == fewest:
        wanted -= 10
    start = 0
    for count in _filled(heights, wanted):
        yield list(cards[start : start + count])
        start += count


def _filled(heights: Sequence[float], space: float) -> list[int]:
    """How many cards stand on each page, if each takes what fits and at least one."""
    counts: list[int] = []
    left = -1.0
    for height in heights:
        if counts and height <= left:
            counts[-1] += 1
            left -= height
        else:
            counts.append(1)
            left = space - height
    return counts


def _card_height(card: CardPart) -> float:
    return _HEADING + _Rows(card).height + _CARD_GAP


def _asked(card: CardPart) -> list[tuple[str, list[str], Kind]]:
    """The questions that a card's rules read, each once: id, its lines, and whether it is borrowed."""
    found: dict[str, tuple[str, list[str], Kind]] = {}
    for rule in card.rules:
        for one in rule.reads:
            text = f"{one.short} (asked under {one.asked_in})" if one.asked_in else one.short
            kind: Kind = "borrowed" if one.asked_in else "question"
            found[one.question] = (one.question, wrapped(text, _ASKED_WIDTH - 24), kind)
    return list(found.values())


def _rule_lines(rule: RuleRow) -> list[str]:
    lines = wrapped(rule.title, _RULE_WIDTH - 30)
    return lines + (wrapped(rule.short_words, _RULE_WIDTH - 30) if rule.short_words else [])


def _height(lines: Sequence[str]) -> float:
    return len(lines) * _LINE + 2 * _PADDING


class _Rows:
    """Where the questions and rules of a card stand, from the card's own top."""

    def __init__(self, card: CardPart) -> None:
        self.asked = _asked(card)
        self.asked_heights = [_height(lines) for _, lines, _ in self.asked]
        self.rules = [(rule, _rule_lines(rule)) for rule in card.rules]
        self.rule_heights = list(self._rule_heights())
        self.rule_tops = [
            sum(self.rule_heights[:place]) + _GAP * place for place in range(len(self.rule_heights))
        ]
        middles = [self._middle_of_readers(one) for one, _, _ in self.asked]
        wanted = [middle - height / 2 for middle, height in zip(middles, self.asked_heights, strict=True)]
        self.asked_tops = _apart(wanted, self.asked_heights, 0.0, float("inf"), _GAP)
        bottoms = [
            *(top + height for top, height in zip(self.asked_tops, self.asked_heights, strict=True)),
            *(top + height for top, height in zip(self.rule_tops, self.rule_heights, strict=True)),
        ]
        self.height = max(bottoms)

    def _rule_heights(self) -> Iterator[float]:
        """A rule about one question alone is as tall as that question, so that the line is straight."""
        tall = {one: height for (one, _, _), height in zip(self.asked, self.asked_heights, strict=True)}
        for rule, lines in self.rules:
            sole = len(rule.reads) == 1 and len(self._readers(rule.reads[0].question)) == 1
            yield max(_height(lines), tall[rule.reads[0].question] if sole else 0.0)

    def _readers(self, question: str) -> list[int]:
        return [
            place
            for place, (rule, _) in enumerate(self.rules)
            if question in (read.question for read in rule.reads)
        ]

    def _middle_of_readers(self, question: str) -> float:
        readers = self._readers(question)
        return sum(self.rule_tops[one] + self.rule_heights[one] / 2 for one in readers) / len(readers)


class _Drawing:
    """One picture in the making."""

    def __init__(self, pack: Pack, cards: Sequence[CardPart]) -> None:
        self.pack = pack
        self.cards = cards
        self.boxes: list[Box] = []
        self.texts: list[Text] = []
        self.lines: list[Line] = []
        self.reached: dict[str, list[float]] = {}

    def panel(self, title: str) -> Panel:
        """The finished picture."""
        for x, head in ((_ASKED_X, "What is asked"), (_RULE_X, "Rule"), (_LEVEL_X, "Level reached")):
            self.texts.append(Text("column", x, 16, head))
        y = _COLUMN_HEADS
        for card in self.cards:
            y = self._card(card, y)
        height = max(y - _CARD_GAP + 2, self._levels(y - _CARD_GAP))
        counts = [f"{len(self.reached[one.id])} reach “{one.word}”" for one in self._levels_reached()]
        rules = sum(len(card.rules) for card in self.cards)
        first, last = self.cards[0].title, self.cards[-1].title
        describes = (
            f"{rules} rules in {len(self.cards)} cards, from {first} to {last}: "
            f"{', '.join(counts)}. The table after the picture has the same in words."
        )
        return Panel(title, describes, height, tuple(self.boxes), tuple(self.texts), tuple(self.lines))

    def _card(self, card: CardPart, top: float) -> float:
        """A card: its title, its questions on the left, its rules beside them, lines between."""
        self.texts.append(Text("card", _ASKED_X, top + 19, card.title))
        rows = _Rows(card)
        top += _HEADING
        middle: dict[str, float] = {}
        asked = zip(rows.asked, rows.asked_tops, rows.asked_heights, strict=True)
        for (one, lines, kind), y, height in asked:
            place = (_ASKED_X, top + y, _ASKED_WIDTH, height)
            self.boxes.append(Box(kind, *place, f"question-{one}", _lines(kind, place, lines)))
            middle[one] = top + y + height / 2
        rules = zip(rows.rules, rows.rule_tops, rows.rule_heights, strict=True)
        for (rule, lines), y, height in rules:
            place = (_RULE_X, top + y, _RULE_WIDTH, height)
            texts = _lines("rule", place, lines, len(wrapped(rule.title, _RULE_WIDTH - 30)))
            self.boxes.append(Box("rule", *place, f"rule-{rule.id}", texts, rule.level))
            here = top + y + height / 2
            for read in rule.reads:
                self._line((_ASKED_X + _ASKED_WIDTH, middle[read.question]), (_RULE_X, here), "")
            self.reached.setdefault(rule.level, []).append(here)
        return top + rows.height + _CARD_GAP

    def _levels_reached(self) -> list[LevelRow]:
        return [level for level in self.pack.levels if level.id in self.reached]

    def _levels(self, bottom: float) -> float:
        """The levels down the right side, each near its rules, and a line from every rule."""
        levels = self._levels_reached()
        heights = {one.id: self._level_height(one) for one in levels}
        middles = [sum(self.reached[one.id]) / len(self.reached[one.id]) for one in levels]
        tops = [middle - heights[one.id] / 2 for one, middle in zip(levels, middles, strict=True)]
        sizes = [heights[one.id] for one in levels]
        placed = _apart(tops, sizes, _COLUMN_HEADS + _HEADING, bottom, _LEVEL_GAP)
        for level, y in zip(levels, placed, strict=True):
            self._level(level, y, heights[level.id])
        return placed[-1] + sizes[-1] + 2 if placed else 0.0

    def _level_height(self, level: LevelRow) -> float:
        lines = len(wrapped(level.headline.you, _LEVEL_WIDTH - 24, 13.0)) + 2
        return max(lines * _LINE + 20, 2.5 * len(self.reached[level.id]) + 20)

    def _level(self, level: LevelRow, y: float, height: float) -> None:
        count = len(self.reached[level.id])
        details = [*wrapped(level.headline.you, _LEVEL_WIDTH - 24, 13.0), _count(count)]
        place = (_LEVEL_X, y, _LEVEL_WIDTH, height)
        texts = _lines("level", place, [level.word, *details], 1)
        self.boxes.append(Box("level", *place, f"level-{level.id}", texts, level.id))
        ends = sorted(self.reached[level.id])
        for number, start in enumerate(ends):
            end = y + 10 + (height - 20) * (number + 0.5) / count
            self._line((_RULE_X + _RULE_WIDTH, start), (_LEVEL_X, end), level.id)

    def _line(self, start: tuple[float, float], end: tuple[float, float], level: str) -> None:
        half = (end[0] - start[0]) / 2
        path = (
            f"M{start[0]:.1f},{start[1]:.1f} C{start[0] + half:.1f},{start[1]:.1f} "
            f"{end[0] - half:.1f},{end[1]:.1f} {end[0]:.1f},{end[1]:.1f}"
        )
        self.lines.append(Line(path, level))


def _lines(
    kind: Kind, place: tuple[float, float, float, float], lines: Sequence[str], plain: int = 99
) -> tuple[Text, ...]:
    """Lines in the middle of a box; those after the first `plain` ones are details."""
    x, y, _, height = place
    detail: Kind = "level-detail" if kind == "level" else "detail"
    inset = 16.0 if kind == "rule" else 12.0
    top = y + (height - len(lines) * _LINE) / 2 + 13.2
    return tuple(
        Text(kind if number < plain else detail, x + inset, top + number * _LINE, text)
        for number, text in enumerate(lines)
    )


def _count(count: int) -> str:
    return "1 rule" if count == 1 else f"{count} rules"


def _apart(
    tops: Sequence[float], sizes: Sequence[float], first: float, last: float, gap: float
) -> list[float]:
    """Places for boxes that keep their order and a gap, as near as possible to those wanted.

    Boxes that would overlap form a block, which stands where its boxes want to be on average.
    """
    blocks: list[tuple[float, list[int]]] = []  # the wanted place of the first box, and the boxes
    offsets = [sum(sizes[:place]) + gap * place for place in range(len(sizes))]
    for place, top in enumerate(tops):
        blocks.append((top - offsets[place], [place]))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (above, some), (below, more) = blocks[-2:]
            mean = (above * len(some) + below * len(more)) / (len(some) + len(more))
            blocks[-2:] = [(mean, [*some, *more])]
    room = last - offsets[-1] - sizes[-1] if sizes else 0.0
    return [max(first, min(wanted, room)) + offsets[place] for wanted, boxes in blocks for place in boxes]


_NARROW = frozenset("iljtf.,;:'!|()[] I-")
_WIDE = frozenset("mwMWQOGD@%—")


def wrapped(text: str, width: float, size: float = _SIZE) -> list[str]:
    """The text in lines of at most `width`, by an estimate that is on the safe side for common fonts."""
    lines: list[str] = []
    for word in text.split():
        if lines and _measure(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _measure(text: str, size: float) -> float:
    units = sum(0.34 if one in _NARROW else 0.9 if one in _WIDE else 0.58 for one in text)
    return units * size
