"""A loaded protocol: its own cards and those of its layers, checked and ready to be asked about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from whentocall.protocol.conditions import Term, questions
from whentocall.protocol.model import (
    Card,
    Escalation,
    Level,
    ProtocolFile,
    Question,
    Region,
    Rule,
    SignOff,
    Source,
    content,
)
from whentocall.protocol.wording import Voice, Wording, fill_places

T = TypeVar("T")


@dataclass(frozen=True)
class PlacedCard:
    """A card, where it comes from, and the protocol or layer that it belongs to."""

    id: str  # protocol/card
    protocol: str
    is_layer: bool
    file: str
    card: Card


@dataclass(frozen=True)
class PlacedRule:
    """A rule under its full id (protocol/card/rule), with its level's rank and its smallest terms."""

    id: str
    rule: Rule
    card: PlacedCard
    rank: int
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Screen:
    """Questions asked together. More than one means a checklist of yes/no questions."""

    title: Wording | None
    questions: tuple[str, ...]


@dataclass(frozen=True)
class PlacedEscalation:
    """A level reached by several cards: at least `count` of them at `at_rank` or above."""

    id: str
    line: Escalation
    count: int
    at_rank: int
    rank: int


def _hash(said: object) -> str:
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Protocol:
    """One protocol with its layers. Immutable; safe to share between threads and after `fork`.

    Get one from `whentocall.load`. `levels` go from least to most urgent, so a level's index is its
    rank; `rules` and `questions` stand in the order of the files.
    """

    id: str
    folder: Path
    head: ProtocolFile
    levels: tuple[Level, ...]
    words_for: Mapping[str, Wording]
    region: Region
    cards: tuple[PlacedCard, ...]
    questions: Mapping[str, Question]
    rules: tuple[PlacedRule, ...]
    screens: tuple[Screen, ...]
    escalations: tuple[PlacedEscalation, ...]
    sources: Mapping[str, Source]
    signatures: tuple[SignOff, ...] = ()
    _memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def title(self) -> str:
        """The protocol's title."""
        return self.head.title

    @property
    def version(self) -> str:
        """The version its authors gave it."""
        return self.head.version

    @cached_property
    def sha256(self) -> str:
        """Hash of everything the protocol says, layers and levels included; blind to layout."""
        return _hash([self.frame_sha256, dict(self.card_sha256)])

    @cached_property
    def frame_sha256(self) -> str:
        """Hash of what stands around the cards: levels, roles, whom it is for, order of asking, sources.

        The sources belong to it because a signature also vouches for what is said of them.
        """
        screens = [[content(screen.title), list(screen.questions)] for screen in self.screens]
        words = content(self.words_for)
        return _hash([content(self.head), content(self.levels), words, screens, content(self.sources)])

    @cached_property
    def card_sha256(self) -> Mapping[str, str]:
        """Card id to the hash of everything the card says."""
        return MappingProxyType({card.id: _hash(content(card.card)) for card in self.cards})

    def signers(self, card: str | None) -> tuple[SignOff, ...]:
        """The signatures, of different people, that hold for a card as it is now; None is the frame."""
        holding = {
            one.name.casefold(): one
            for one in self.signatures
            if (
                one.frame == self.frame_sha256
                if card is None
                else one.cards.get(card) == self.card_sha256[card]
            )
        }
        return tuple(holding.values())

    @cached_property
    def signed_off(self) -> bool:
        """Whether everything, as it is now, has been signed by as many people as the protocol asks for."""
        everything = (None, *self.card_sha256)
        return all(len(self.signers(one)) >= self.head.signatures for one in everything)

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Level id to rank: 0 is the least urgent."""
        return MappingProxyType({level.id: rank for rank, level in enumerate(self.levels)})

    @cached_property
    def unsettled_rank(self) -> int:
        """The rank shown at least, where what is not known could make it that or more."""
        return self.ranks[self.head.when_unsettled]

    @cached_property
    def sentence_documents(self) -> Mapping[str, str]:
        """Sentence id to the id of its document."""
        pairs = {one: document for document, source in self.sources.items() for one in source.sentences}
        return MappingProxyType(pairs)

    @cached_property
    def followers(self) -> Mapping[str, tuple[str, ...]]:
        """Question id to the questions whose `only_if` reads it."""
        found: dict[str, list[str]] = {}
        for question in self.questions.values():
            for opener in questions(question.only_if):
                found.setdefault(opener, []).append(question.id)
        return MappingProxyType({opener: tuple(ids) for opener, ids in found.items()})

    def contact_roles(self, level: Level) -> tuple[str, ...]:
        """Whom to contact at this level, first choice first, by role."""
        return self.head.contacts.get(level.id, level.who)

    def who(self, role: str, voice: Voice) -> str:
        """The words for a role, such as 'your hospital advice line'."""
        return self.fill(self.words_for[role].to(voice))

    def headline(self, level: Level, voice: Voice) -> str:
        """The level's call to action, with this protocol's roles and region filled in."""
        return self._with_roles(level, level.headline.to(voice), voice)

    def how_soon(self, level: Level, voice: Voice) -> str:
        """How soon, in words."""
        return self._with_roles(level, level.how_soon.to(voice), voice)

    def first_steps(self, level: Level, voice: Voice) -> tuple[str, ...]:
        """What to do first at this level."""
        return tuple(self._with_roles(level, step.to(voice), voice) for step in level.first)

    def _with_roles(self, level: Level, text: str, voice: Voice) -> str:
        roles = [self.who(role, voice) for role in self.contact_roles(level)]
        first = roles[0] if roles else ""
        return self.fill(text, who=first, or_who=f", or {roles[1]}" if len(roles) > 1 else "")

    def fill(self, text: str, **more: str) -> str:
        """Put the region's emergency number and place into a text."""
        region = self.region
        number, place = region.emergency_number, region.emergency_place
        return fill_places(text, {"emergency_number": number, "emergency_place": place, **more})

    def once(self, build: Callable[[Protocol], T]) -> T:
        """What `build` makes of this protocol, made once and kept with it.

        For what outer layers derive (a compiled engine, an answers model), so that none of them keeps
        global state. Without a lock, so that no thread waits and a fork cannot inherit one that is held:
        two threads that come first may both build, and both get the one that was kept.
        """
        try:
            return self._memo[build]  # type: ignore[no-any-return]
        except KeyError:
            return self._memo.setdefault(build, build(self))  # type: ignore[no-any-return]
