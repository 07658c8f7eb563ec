"""The check that every result passes before it leaves: against the second look, and against itself.

What differs is raised to the safer side, and said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from whentocall.config import EMERGENCY
from whentocall.engine.advice import Advice, Contact
from whentocall.engine.combine import Verdict
from whentocall.engine.crosscheck import Attempts
from whentocall.engine.second_look import Second, second_look, surely_finished
from whentocall.engine.situation import Situation
from whentocall.protocol.conditions import TRUE
from whentocall.protocol.protocol import Protocol
from whentocall.protocol.wording import VOICES, Voice


def confirm(situation: Situation, attempts: Attempts) -> tuple[Situation, Second | None]:
    """The situation and a second look at it. Where they differ, the more urgent of the two holds.

    A second look that fails is a problem like any other, and None.
    """
    second = attempts.get("second look", second_look, situation.protocol, situation.answers.values)
    if second is None:
        return situation, None
    verdict, truths = situation.verdict, list(situation.truths)
    if truths == second.truths and verdict == second.verdict:
        return situation, second
    attempts.note("second look: another verdict")
    other = second.verdict
    safer = Verdict(
        max(verdict.at_least, other.at_least),
        max(verdict.could_be, other.could_be),
        max(verdict.shown, other.shown),
        tuple({line.id: line for line in (*verdict.escalated, *other.escalated)}.values()),
    )
    return situation._replace(truths=list(map(max, truths, second.truths)), verdict=safer), second


def wrong(advice: Advice, situation: Situation, second: Second | None) -> list[str]:
    """What in a result contradicts the second look, the protocol, or the rest of the result."""
    return list(dict.fromkeys(_wrong(advice, situation, second)))


def _wrong(advice: Advice, situation: Situation, second: Second | None) -> Iterator[str]:
    protocol = situation.protocol
    level, at_least, could_be = (
        protocol.ranks[name] for name in (advice.level, advice.at_least, advice.could_be)
    )
    if not at_least <= level <= could_be or advice.rank != level:
        yield "check: bounds"
    if any(protocol.ranks[reason.level] > level for reason in advice.reasons):
        yield "check: a reason above the level"
    contact, told = advice.contact, protocol.once(_told)[situation.voice, advice.level]
    due = told.contact
    if (advice.headline, advice.first) != (told.headline, told.first) or (
        (contact.who, contact.also, contact.how_soon) != (due.who, due.also, due.how_soon)
        or (due.number is not None and contact.number != due.number)
        or (due.also_number is not None and contact.also_number != due.also_number)
    ):
        yield "check: words"
    if second is None:
        return
    if level < floor(protocol, second, raised=bool(advice.problems)):
        yield "check: level"
    if advice.finished and not surely_finished(protocol, situation.answers.values, second):
        yield "check: finished"
    if not advice.problems:
        yield from _differs(advice, protocol, second)


def floor(protocol: Protocol, second: Second, *, raised: bool) -> int:
    """The least rank to show; `raised`: something has gone wrong."""
    return max(second.verdict.shown, protocol.unsettled_rank if raised else 0)


def _differs(advice: Advice, protocol: Protocol, second: Second) -> Iterator[str]:
    """What a result without problems must have in common with the second look, exactly."""
    ranks, verdict = protocol.ranks, second.verdict
    levels = (ranks[advice.at_least], ranks[advice.could_be], ranks[advice.level])
    if levels != (verdict.at_least, verdict.could_be, verdict.shown):
        yield "check: level"
    held = [rule for rule, truth in zip(protocol.rules, second.truths, strict=True) if truth is TRUE]
    due = [(rule.id, rule.level) for rule in held] + [(line.id, line.to) for line in verdict.escalated]
    given = [(reason.rule, reason.level) for reason in advice.reasons]
    if len(due) != len(given) or set(due) != set(given):
        yield "check: reasons"
    reached = [ranks[line.could_reach] for line in advice.settle]
    lowest, highest = min(reached, default=verdict.at_least + 1), max(reached, default=verdict.at_least)
    if lowest <= verdict.at_least or highest != verdict.could_be:
        yield "check: what to settle"
    if second.contradictory != {line.question for line in advice.contradictions}:
        yield "check: contradictions"
    if min((ranks[line.level] for line in advice.watch_for), default=len(ranks)) <= verdict.shown:
        yield "check: what to watch for"


def safer(advice: Advice, situation: Situation, second: Second | None, attempts: Attempts) -> Advice:
    """A result in which something is wrong, raised; its words come straight from the protocol."""
    protocol, ranks, verdict = situation.protocol, situation.protocol.ranks, situation.verdict
    told_of = [ranks.get(name, 0) for name in (advice.level, *(reason.level for reason in advice.reasons))]
    shown = max(*told_of, verdict.shown, floor(protocol, second, raised=True) if second else len(ranks) - 1)
    looks = (verdict, second.verdict if second else verdict)
    at_least = min(shown, max(look.at_least for look in looks))
    could_be = max(shown, *(look.could_be for look in looks))
    level = protocol.levels[shown]
    told = protocol.once(_told)[situation.voice, level.id]
    return advice.model_copy(
        update={
            "level": level.id,
            "rank": shown,
            "at_least": protocol.levels[at_least].id,
            "could_be": protocol.levels[could_be].id,
            "finished": False,
            "contact": told.contact,
            "headline": told.headline,
            "first": told.first,
            "problems": attempts.told(told.headline),
        }
    )


class _Told(NamedTuple):
    """What is said at a level; the number is the region's, if any."""

    headline: str
    first: tuple[str, ...]
    contact: Contact


def _told(protocol: Protocol) -> Mapping[tuple[Voice, str], _Told]:
    """What is said at each level in each voice, straight from the protocol."""
    told = {}
    for level in protocol.levels:
        who, also, *_ = (*protocol.contact_roles(level), None, None)
        number, also_number = (
            protocol.region.emergency_number if role == EMERGENCY else None for role in (who, also)
        )
        for voice in VOICES:
            contact = Contact(
                who=who,
                also=also,
                how_soon=protocol.how_soon(level, voice),
                number=number,
                also_number=also_number,
            )
            told[voice, level.id] = _Told(
                protocol.headline(level, voice), protocol.first_steps(level, voice), contact
            )
    return told
