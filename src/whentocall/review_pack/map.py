"""A picture of the whole protocol: what is asked, the rules that read it, the levels that they reach.

Only places and words are computed here; the page draws them. Cards are one under another, and each repeats
the questions that it borrows from another card, so that no line runs across the picture but those to the
levels. A picture that would not fit on a printed page goes on in a second one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from whentocall._text import title_of
from whentocall.protocol.conditions import questions
from whentocall.protocol.model import Card, Level
from whentocall.review_pack.pack import Pack
from whentocall.review_pack.words import short_words

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


@dataclass(slots=True)
class Panel:
    """One picture. `describes` says in a sentence or two what it shows, for whoever does not see it."""

    title: str
    describes: str = ""
    height: float = 0.0
    boxes: list[Box] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    width: float = WIDTH


@dataclass(slots=True)
class _Item:
    """A question or a rule of a card: its lines, the first `plain` of them no details, and its place."""

    id: str
    kind: Kind
    lines: list[str]
    plain: int = 99
    level: str = ""
    reads: tuple[str, ...] = ()
    top: float = 0.0  # from the card's own top
    height: float = 0.0

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def map_panels(pack: Pack) -> tuple[Panel, ...]:
    """The pictures of a protocol: as many as it takes, each no taller than a page."""
    groups = list(_pages([_Layout(pack, card) for card in pack.protocol.cards if card.rules]))
    return tuple(
        _Drawing(
            pack,
            f"Map of {pack.protocol.title}" + (f", part {place} of {len(groups)}" if len(groups) > 1 else ""),
        ).panel(cards)
        for place, cards in enumerate(groups, 1)
    )


class _Layout:
    """Where the questions and rules of a card are, from the card's own top."""

    def __init__(self, pack: Pack, card: Card) -> None:
        self.title = card.title
        self.rules = []
        for rule in pack.rules_of(card):
            title = wrapped(title_of(rule.id), _RULE_WIDTH - 30)
            details = wrapped(short_words(pack.protocol, rule.when), _RULE_WIDTH - 30)
            reads = questions(rule.when)
            lines = [*title, *details]
            self.rules.append(_Item(rule.id, "rule", lines, len(title), rule.level, reads))
        read = dict.fromkeys(name for rule in self.rules for name in rule.reads)
        self.asked = {name: _asked(pack, card, name) for name in read}
        self._place()

    def _place(self) -> None:
        for item in (*self.asked.values(), *self.rules):
            item.height = len(item.lines) * _LINE + 2 * _PADDING
        for rule in self.rules:  # one about a question alone is as tall as that, so that the line is straight
            if len(rule.reads) == 1 and len(self._readers(rule.reads[0])) == 1:
                rule.height = max(rule.height, self.asked[rule.reads[0]].height)
        for place, rule in enumerate(self.rules):
            rule.top = sum(above.height for above in self.rules[:place]) + _GAP * place
        wanted = [self._middle_of_readers(name) - item.height / 2 for name, item in self.asked.items()]
        heights = [item.height for item in self.asked.values()]
        tops = _apart(wanted, heights, 0.0, float("inf"), _GAP)
        for item, top in zip(self.asked.values(), tops, strict=True):
            item.top = top
        self.height = max(item.top + item.height for item in (*self.asked.values(), *self.rules))

    def _readers(self, question: str) -> list[_Item]:
        return [rule for rule in self.rules if question in rule.reads]

    def _middle_of_readers(self, question: str) -> float:
        readers = self._readers(question)
        return sum(rule.middle for rule in readers) / len(readers)


def _asked(pack: Pack, card: Card, question: str) -> _Item:
    """A question that a card's rules read; where another card asks it, that is said."""
    text, asking = pack.protocol.questions[question].short.you, pack.card_of[question]
    if asking is card:
        return _Item(question, "question", wrapped(text, _ASKED_WIDTH - 24))
    return _Item(question, "borrowed", wrapped(f"{text} (asked under {asking.title})", _ASKED_WIDTH - 24))


def _pages(cards: Sequence[_Layout]) -> Iterator[Sequence[_Layout]]:
    """Cards that fit on a page together; as few pages as that takes, and of about the same height."""
    heights = [_HEADING + card.height + _CARD_GAP for card in cards]
    wanted = PAGE_HEIGHT - _COLUMN_HEADS
    fewest = len(_filled(heights, wanted))
    while wanted > 0 and len(_filled(heights, wanted - 10)) == fewest:
        wanted -= 10
    start = 0
    for count in _filled(heights, wanted):
        yield cards[start : start + count]
        start += count


def _filled(heights: Sequence[float], space: float) -> list[int]:
    """How many cards there are on each page, if each takes what fits and at least one."""
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


class _Drawing:
    """One picture in the making."""

    def __init__(self, pack: Pack, title: str) -> None:
        self.pack = pack
        self.drawn = Panel(title)
        self.reached: dict[str, list[float]] = {}  # level id to the middles of the rules that reach it

    def panel(self, cards: Sequence[_Layout]) -> Panel:
        """The finished picture of these cards."""
        for x, head in ((_ASKED_X, "What is asked"), (_RULE_X, "Rule"), (_LEVEL_X, "Level reached")):
            self.drawn.texts.append(Text("column", x, 16, head))
        bottom = _COLUMN_HEADS
        for card in cards:
            bottom = self._card(card, bottom)
        levels = [level for level in self.pack.levels if level.id in self.reached]
        self.drawn.height = max(bottom - _CARD_GAP + 2, self._levels(levels, bottom - _CARD_GAP))
        counts = [f"{len(self.reached[level.id])} reach “{level.word}”" for level in levels]
        rules = sum(len(card.rules) for card in cards)
        self.drawn.describes = (
            f"{rules} rules in {len(cards)} cards, from {cards[0].title} to {cards[-1].title}: "
            f"{', '.join(counts)}. The table after the picture has the same in words."
        )
        return self.drawn

    def _card(self, card: _Layout, top: float) -> float:
        """A card: its title, its questions on the left, its rules beside them, lines between."""
        self.drawn.texts.append(Text("card", _ASKED_X, top + 19, card.title))
        top += _HEADING
        for item in card.asked.values():
            self._box(item, _ASKED_X, _ASKED_WIDTH, top, f"question-{item.id}")
        for rule in card.rules:
            self._box(rule, _RULE_X, _RULE_WIDTH, top, f"rule-{rule.id}")
            here = top + rule.top + rule.height / 2
            for name in rule.reads:
                asked = card.asked[name]
                start = (_ASKED_X + _ASKED_WIDTH, top + asked.top + asked.height / 2)
                self._line(start, (_RULE_X, here), "")
            self.reached.setdefault(rule.level, []).append(here)
        return top + card.height + _CARD_GAP

    def _levels(self, levels: Sequence[Level], bottom: float) -> float:
        """The levels down the right side, each near its rules, and a line from every rule."""
        items = [self._level(level) for level in levels]
        middles = [sum(self.reached[level.id]) / len(self.reached[level.id]) for level in levels]
        wanted = [middle - item.height / 2 for item, middle in zip(items, middles, strict=True)]
        heights = [item.height for item in items]
        tops = _apart(wanted, heights, _COLUMN_HEADS + _HEADING, bottom, _LEVEL_GAP)
        for item, top in zip(items, tops, strict=True):
            item.top = top
            self._box(item, _LEVEL_X, _LEVEL_WIDTH, 0.0, f"level-{item.id}")
            starts = sorted(self.reached[item.id])
            for number, start in enumerate(starts):
                end = item.top + 10 + (item.height - 20) * (number + 0.5) / len(starts)
                self._line((_RULE_X + _RULE_WIDTH, start), (_LEVEL_X, end), item.id)
        return items[-1].top + items[-1].height + 2 if items else 0.0

    def _level(self, level: Level) -> _Item:
        count = len(self.reached[level.id])
        headline = wrapped(self.pack.protocol.headline(level, "you"), _LEVEL_WIDTH - 24, 13.0)
        lines = [level.word, *headline, "1 rule" if count == 1 else f"{count} rules"]
        height = max(len(lines) * _LINE + 20, 2.5 * count + 20)
        return _Item(level.id, "level", lines, 1, level.id, height=height)

    def _box(self, item: _Item, x: float, width: float, top: float, link: str) -> None:
        """Draw an item, its lines in the middle of its box."""
        detail: Kind = "level-detail" if item.kind == "level" else "detail"
        inset = 16.0 if item.kind == "rule" else 12.0
        y = top + item.top
        first = y + (item.height - len(item.lines) * _LINE) / 2 + 13.2
        texts = tuple(
            Text(item.kind if number < item.plain else detail, x + inset, first + number * _LINE, text)
            for number, text in enumerate(item.lines)
        )
        self.drawn.boxes.append(Box(item.kind, x, y, width, item.height, link, texts, item.level))

    def _line(self, start: tuple[float, float], end: tuple[float, float], level: str) -> None:
        half = (end[0] - start[0]) / 2
        path = (
            f"M{start[0]:.1f},{start[1]:.1f} C{start[0] + half:.1f},{start[1]:.1f} "
            f"{end[0] - half:.1f},{end[1]:.1f} {end[0]:.1f},{end[1]:.1f}"
        )
        self.drawn.lines.append(Line(path, level))


def _apart(
    tops: Sequence[float], sizes: Sequence[float], first: float, last: float, gap: float
) -> list[float]:
    """Places for boxes that keep their order and a gap, as near as possible to those wanted.

    Boxes that would overlap form a block, which is where its boxes want to be on average.
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
    units = sum(0.34 if letter in _NARROW else 0.9 if letter in _WIDE else 0.58 for letter in text)
    return units * size
