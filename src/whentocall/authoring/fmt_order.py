"""In which order the keys of a part stand in its file, and where a blank line sets parts apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from whentocall.authoring.fmt_tree import Collection, Scalar
from whentocall.protocol.model import (
    Card,
    CardSource,
    Case,
    Differs,
    Escalation,
    Expect,
    Level,
    LevelsFile,
    ProtocolFile,
    Question,
    Region,
    Rule,
    ScreenLine,
    SelfCare,
    Sentence,
    SignOff,
    SignOffFile,
    Source,
    Waiver,
)
from whentocall.protocol.parts import FromFile
from whentocall.protocol.wording import Wording


@dataclass(frozen=True, slots=True)
class Kind:
    """How one model is laid out.

    Attributes:
        keys: its keys, in order; others follow as they stand.
        one: what stands under a key, where that is a mapping with an order of its own.
        many: the same for a key over a list, or over named parts.
        apart: keys with a blank line above them.
        spaced: keys whose named parts have a blank line between them.
    """

    keys: tuple[str, ...]
    one: Mapping[str, type[FromFile]] = field(default_factory=dict)
    many: Mapping[str, type[FromFile]] = field(default_factory=dict)
    apart: tuple[str, ...] = ()
    spaced: tuple[str, ...] = ()


def _keys(text: str) -> tuple[str, ...]:
    return tuple(text.split())


KINDS: Mapping[type[FromFile], Kind] = {
    Card: Kind(
        _keys("title source ask rules self_care differs waive cases"),
        one={"source": CardSource},
        many={
            "ask": Question,
            "rules": Rule,
            "self_care": SelfCare,
            "differs": Differs,
            "waive": Waiver,
            "cases": Case,
        },
        apart=_keys("ask rules self_care differs waive cases"),
        spaced=("ask", "rules"),
    ),
    CardSource: Kind(_keys("document section")),
    Question: Kind(
        _keys(
            "only_if you they short context answer options usual help not_reassuring_if watch settle "
            "when_hidden sentences"
        ),
        one=dict.fromkeys(_keys("short help watch settle when_hidden"), Wording),
        many={"options": Wording},
    ),
    Rule: Kind(_keys("when level because sentences interpretation"), one={"because": Wording}),
    SelfCare: Kind(_keys("text when unless always sentences"), one={"text": Wording}),
    Differs: Kind(_keys("publisher says seen")),
    Waiver: Kind(_keys("finding about because")),
    Case: Kind(_keys("name given given_only expect"), one={"expect": Expect}),
    Expect: Kind(
        _keys("level at_least could_be rules levels_of settle contradictions watch_first"),
    ),
    LevelsFile: Kind(_keys("who levels"), many={"who": Wording, "levels": Level}, spaced=("levels",)),
    Level: Kind(
        _keys("word colour who headline how_soon first watch self_care"),
        one=dict.fromkeys(_keys("headline how_soon watch"), Wording),
        many={"first": Wording},
    ),
    ProtocolFile: Kind(
        _keys(
            "title layer who_for version region documents include when_unsettled answering who contacts "
            "cards screens escalate signatures written review_due"
        ),
        one={"who_for": Wording, "region": Region},
        many={"who": Wording, "screens": ScreenLine, "escalate": Escalation},
    ),
    Region: Kind(_keys("name emergency_number emergency_place")),
    ScreenLine: Kind(_keys("title questions"), one={"title": Wording}),
    Escalation: Kind(_keys("name when only_if to because sentences"), one={"because": Wording}),
    Source: Kind(
        _keys("title publisher about file sha256 last_reviewed review_due seen sentences"),
        many={"sentences": Sentence},
    ),
    Sentence: Kind(_keys("section sha256 characters contact point set_aside")),
    SignOffFile: Kind(("signed",), many={"signed": SignOff}),
    SignOff: Kind(_keys("name role date note frame cards")),
    Wording: Kind(_keys("you they")),
}

# What kind of file it is shows in keys that no other kind has.
_SHOWN_BY: tuple[tuple[str, type[FromFile]], ...] = (
    ("sentences", Source),
    ("levels", LevelsFile),
    ("signed", SignOffFile),
    ("cards", ProtocolFile),
    ("documents", ProtocolFile),
    ("source", Card),
    ("rules", Card),
    ("ask", Card),
)

FILES = frozenset(model for _, model in _SHOWN_BY)


def kind_of(keys: Iterable[str]) -> type[FromFile] | None:
    """The model of a file, from its keys; None if it is none that is known."""
    known = set(keys)
    return next((model for key, model in _SHOWN_BY if key in known), None)


def put_in_order(part: Collection | Scalar, model: type[FromFile] | None) -> None:
    """Put the keys of a part, and of the parts in it, into their order."""
    if model is None or not isinstance(part, Collection) or not part.is_map:
        return
    kind = KINDS[model]
    header: list[str] = []
    if model in FILES and part.entries:  # above the first key of a file stands what is about the file
        header, part.entries[0].lead = part.entries[0].lead, []
    part.entries.sort(key=lambda one: _place(kind, one.key.value if one.key else ""))
    if header:
        part.entries[0].lead = [*header, *part.entries[0].lead]
    for entry in part.entries:
        key = entry.key.value if entry.key else ""
        if key in kind.apart:
            _set_apart(entry.lead)
        put_in_order(entry.value, kind.one.get(key))
        if key in kind.many and isinstance(entry.value, Collection):
            for inner in entry.value.entries:
                put_in_order(inner.value, kind.many[key])
                if key in kind.spaced and inner is not entry.value.entries[0]:
                    _set_apart(inner.lead)


def _place(kind: Kind, key: str) -> int:
    return kind.keys.index(key) if key in kind.keys else len(kind.keys)


def _set_apart(lead: list[str]) -> None:
    if not lead or lead[0]:
        lead.insert(0, "")
