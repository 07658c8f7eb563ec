"""What would raise the level: the smallest changes, derived from the rules and the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from whentocall.engine.advice import Watch
from whentocall.engine.explain import Situation
from whentocall.engine.phrasing import watch_words
from whentocall.protocol.conditions import TRUE, Op, Term, Test
from whentocall.protocol.model import Question, Rule
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES, Voice


@dataclass(frozen=True, slots=True)
class _Needed:
    """A comparison as something to watch for: its question, its bit in sets of them, and its words."""

    test: Test
    question: Question
    bit: int
    words: Mapping[Voice, str]


@dataclass(frozen=True, slots=True)
class _Way:
    """One smallest way in which a rule comes true; `crowded`: the questions it compares more than once."""

    needed: tuple[_Needed, ...]
    crowded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """Comparisons that do not hold yet, as a set, and what is reached when they do."""

    needed: int
    rank: int
    rule: Rule
    near: bool
    text: str


def watch_for(situation: Situation) -> tuple[Watch, ...]:
    """The smallest changes that would raise the level shown, a limit right at hand first."""
    changes = _smallest(_changes(situation))
    levels = situation.protocol.levels
    return tuple(
        [
            Watch(text=one.text, level=levels[one.rank].id, rule=one.rule.id, near=one.near)
            for one in sorted(changes, key=lambda change: (not change.near, -change.rank))
        ]
    )


def _changes(situation: Situation) -> Iterator[_Change]:
    protocol, reading, voice = situation.protocol, situation.reading, situation.voice
    ways = protocol.once(_ways)
    for place, (rule, held) in enumerate(zip(protocol.rules, situation.truths, strict=True)):
        if held is TRUE or (rank := situation.reach(rule)) <= situation.verdict.shown:
            continue
        for way in ways[place]:
            needed = [one for one in way.needed if reading.test(one.test) is not TRUE]
            if not needed or not all(_can_happen(situation, one.test) for one in needed):
                continue
            if way.crowded and not _together(situation, way):
                continue
            yield _Change(
                sum([one.bit for one in needed]),
                rank,
                rule,
                all(_is_near(situation, one) for one in needed),
                " and ".join([one.words[voice] for one in needed]),
            )


def _together(situation: Situation, way: _Way) -> bool:
    """Whether somebody can have all of it: not two choices of one question, nor both ends of a number."""
    for crowded in way.crowded:
        asked = [one for one in way.needed if one.question.id == crowded]
        is_number = asked[0].question.answer.is_number
        known = situation.answers.values.get(crowded)
        candidates = [_nearest(one.test, one.question) if is_number else one.test.value for one in asked]
        if known is not None:
            candidates.append(known)
        if not any(all(one.test.holds(value) for one in asked) for value in candidates):
            return False
    return True


def _can_happen(situation: Situation, test: Test) -> bool:
    """Whether to watch for it: a known choice, or a "yes" turning into a "no", is not."""
    if isinstance(test.value, bool | str) and test.value is not True:
        return situation.answers.values.get(test.question) is None
    return True


def _is_near(situation: Situation, needed: _Needed) -> bool:
    """Whether one step of the question's resolution is enough."""
    answer = needed.question.answer
    if not answer.is_number:
        return False
    known = situation.answers.values.get(needed.question.id)
    if isinstance(known, str) or known is None:
        return False
    return abs(known - _nearest(needed.test, needed.question)) <= answer.step * 1.001


def _nearest(test: Test, question: Question) -> float:
    """The value nearest to the limit that passes, at the question's resolution."""
    assert not isinstance(test.value, str)
    beyond = {Op.ABOVE: question.answer.step, Op.BELOW: -question.answer.step}.get(test.op, 0)
    return test.value + beyond


def _smallest(changes: Iterable[_Change]) -> list[_Change]:
    """Without those that need more than another change that reaches as far; in the order given.

    What is kept is found again by the lowest bit of its set, which a larger set has among its own.
    """
    kept: dict[int, list[_Change]] = {}
    chosen: set[int] = set()
    given = list(changes)
    for place in sorted(range(len(given)), key=lambda one: (given[one].needed.bit_count(), -given[one].rank)):
        change = given[place]
        if not any(
            other.needed & change.needed == other.needed and other.rank >= change.rank
            for bit in _bits(change.needed)
            for other in kept.get(bit, ())
        ):
            kept.setdefault(change.needed & -change.needed, []).append(change)
            chosen.add(place)
    return [change for place, change in enumerate(given) if place in chosen]


def _bits(needed: int) -> Iterator[int]:
    while needed:
        yield (bit := needed & -needed)
        needed ^= bit


def _ways(protocol: Protocol) -> tuple[tuple[_Way, ...], ...]:
    """For each rule, in the protocol's order, the ways in which it comes true."""
    order = {one: place for place, one in enumerate(protocol.questions)}
    every = dict.fromkeys(test for rule in protocol.rules for term in rule.terms for test in term)
    needed = {test: _needed(protocol, test, 1 << place) for place, test in enumerate(every)}

    def way(term: Term) -> _Way:
        ordered = sorted(term, key=lambda test: (order[test.question], repr(test.value)))
        asked = [test.question for test in ordered]
        crowded = tuple(dict.fromkeys(one for one in asked if asked.count(one) > 1))
        return _Way(tuple(needed[test] for test in ordered), crowded)

    return tuple(tuple(way(term) for term in rule.terms) for rule in protocol.rules)


def _needed(protocol: Protocol, test: Test, bit: int) -> _Needed:
    question = protocol.questions[test.question]
    return _Needed(test, question, bit, {voice: watch_words(test, question, voice) for voice in VOICES})
