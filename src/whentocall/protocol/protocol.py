"""A loaded protocol: its own cards and those of its layers, checked and ready to be asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from whentocall.protocol.conditions import questions
from whentocall.protocol.model import (
    Card,
    Escalation,
    Level,
    ProtocolFile,
    Question,
    Region,
    Rule,
    Screen,
    SignOff,
    Source,
    frozen,
)
from whentocall.protocol.wording import Voice, Wording, fill_places

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Protocol:
    """One protocol with its layers. Immutable; safe to share between threads and after `fork`.

    Get one from `whentocall.load`. `levels` go from least to most urgent, so a level's index is its
    rank; `rules` and `questions` stand in the order of the files.

    Attributes:
        root: the rules folder that its own stands in.
        sha256: hash of everything the protocol says, layers and levels included; blind to layout.
        frame_sha256: hash of what stands around the cards: levels, roles, whom it is for, order of asking,
            sources.
        card_sha256: card id to the hash of everything the card says.
    """

    id: str
    root: Path
    head: ProtocolFile
    levels: tuple[Level, ...]
    words_for: Mapping[str, Wording]
    region: Region
    cards: tuple[Card, ...]
    questions: Mapping[str, Question]
    rules: tuple[Rule, ...]
    screens: tuple[Screen, ...]
    escalations: tuple[Escalation, ...]
    sources: Mapping[str, Source]
    sha256: str
    frame_sha256: str
    card_sha256: Mapping[str, str]
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

    @property
    def folder(self) -> Path:
        """The folder of its own files."""
        return self.root / self.id

    def signers(self, card: str | None) -> tuple[SignOff, ...]:
        """The signatures, of different people, that hold for a card as it is now; None is the frame."""

        def holds(signature: SignOff) -> bool:
            if card is None:
                return signature.frame == self.frame_sha256
            return signature.cards.get(card) == self.card_sha256[card]

        return tuple({signed.name.casefold(): signed for signed in self.signatures if holds(signed)}.values())

    @cached_property
    def signed_off(self) -> bool:
        """Whether everything, as it is now, has been signed by as many people as the protocol asks for."""
        everything = (None, *self.card_sha256)
        return all(len(self.signers(part)) >= self.head.signatures for part in everything)

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Level id to rank: 0 is the least urgent."""
        return frozen({level.id: rank for rank, level in enumerate(self.levels)})

    @cached_property
    def unsettled_rank(self) -> int:
        """The rank shown at least, where what is not known could make it that or more."""
        return self.ranks[self.head.when_unsettled]

    @cached_property
    def sentence_documents(self) -> Mapping[str, str]:
        """Sentence id to the id of its document."""
        return frozen(
            {id_: document for document, source in self.sources.items() for id_ in source.sentences}
        )

    @cached_property
    def followers(self) -> Mapping[str, tuple[str, ...]]:
        """Question id to the questions whose `only_if` reads it."""
        followers: dict[str, tuple[str, ...]] = {}
        for question in self.questions.values():
            for opener in questions(question.only_if):
                followers[opener] = (*followers.get(opener, ()), question.id)
        return frozen(followers)

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
