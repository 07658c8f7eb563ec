"""An impact as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from whentocall._text import printable
from whentocall.tables.impact.result import (
    DIRECTIONS,
    Change,
    Example,
    Impact,
    RuleChange,
    Side,
    direction,
)
from whentocall.tables.impact.words import (
    MEANINGS,
    NO_RULE,
    SIGNS,
    Said,
    rows_words,
    rule_words,
    share,
)

_BAR = 40
_RULES = 8
_NAMES = 6


def impact_text(impact: Impact, say: Callable[[Example], Said]) -> Iterator[str]:
    """What a change of rules would have meant, line by line.

    Args:
        impact: from `impact_of`.
        say: gives the words for an example's answers.
    """
    yield f"Old rules: {_side(impact.old)}"
    yield f"New rules: {_side(impact.new)}"
    yield ""
    yield f"{rows_words(impact.rows)}, each with both rules:"
    for way in DIRECTIONS:
        count = impact.count(way)
        if count or way != "unclear":
            yield f"  {way:<8}{count:>15,}  {share(count, impact.rows):>12}  {MEANINGS[way]}"
    yield from _levels(impact)
    yield from _changes(impact, say)
    yield from _rules(impact.rules)
    yield from _unreadable(impact)
    for name, side in (("old", impact.old), ("new", impact.new)):
        if side.absent:
            yield ""
            yield f"What the table does not ask ({name} rules):"
            yield from (f"  {line}" for line in side.absent)


def _side(side: Side) -> str:
    return f"{side.id}, version {side.version}, {side.sha256[:12]}"


def _levels(impact: Impact) -> Iterator[str]:
    """How many rows have which levels."""
    old, new = list(impact.old.levels), list(impact.new.levels)
    yield ""
    yield "Level with the old rules (down) and with the new rules (across); v: lowered, ^: raised"
    yield ""
    totals = [sum(impact.counts.get((level, other), 0) for level in old) for other in new]
    lines = [["", *new, "all"]]
    for level in old:
        counts = [impact.counts.get((level, other), 0) for other in new]
        signs = [SIGNS[direction(old, new, level, other)] for other in new]
        cells = [
            f"{sign} {count:,}".strip() if count else "." for sign, count in zip(signs, counts, strict=True)
        ]
        lines.append([level, *cells, f"{sum(counts):,}"])
    lines.append(["all", *(f"{count:,}" for count in totals), f"{impact.rows:,}"])
    yield from _aligned(lines)


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *rest in lines:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield f"  {first:<{widths[0]}}  {'  '.join(cells)}"


def _changes(impact: Impact, say: Callable[[Example], Said]) -> Iterator[str]:
    yield ""
    if not impact.changes:
        yield "No row's level changes."
        return
    yield "Rows whose level changes, the lowered first:"
    most = max(change.rows for change in impact.changes)
    for change in impact.changes:
        yield ""
        yield f"{change.direction.upper()} from '{change.old}' to '{change.new}': {rows_words(change.rows)}"
        yield f"    {'#' * max(1, round(_BAR * change.rows / most))}"
        yield from _because(change)
        for example in change.examples:
            yield from _example(example, say(example))


def _because(change: Change) -> Iterator[str]:
    yield f"    {'rules that changed in these rows:' if change.rules else NO_RULE}"
    for rule in change.rules[:_RULES]:
        yield f"      {rule.rule}: {rule_words(rule)}"
    if len(change.rules) > _RULES:
        yield f"      and {len(change.rules) - _RULES} other rules"


def _example(example: Example, told: Said) -> Iterator[str]:
    place = "a row" if example.row is None else f"row {example.row:,}"
    given = "; ".join(f"{name}: {answer}" for name, answer in told.given) or "nothing to report"
    more = f"; no to {len(told.no)} others" if told.no else ""
    yield f"    for example {place}: {printable(given)}{more}"
    if told.empty:
        some = ", ".join(told.empty[:_NAMES])
        more = f" and {len(told.empty) - _NAMES} more" if len(told.empty) > _NAMES else ""
        yield f"      not known: {some}{more}"
    yield f"      old rules: {', '.join(example.rules_old) or 'none holds'}"
    yield f"      new rules: {', '.join(example.rules_new) or 'none holds'}"
    if example.settle_old != example.settle_new:
        yield f"      to find out, old: {', '.join(example.settle_old) or 'nothing'}"
        yield f"      to find out, new: {', '.join(example.settle_new) or 'nothing'}"


def _rules(rules: Sequence[RuleChange]) -> Iterator[str]:
    yield ""
    if not rules:
        yield "Every rule holds in the same rows, at the same level."
        return
    yield "Rules that hold in other rows, or at another level:"
    for rule in rules:
        yield f"  {rule.rule}: {rule_words(rule)}"


def _unreadable(impact: Impact) -> Iterator[str]:
    if impact.bad_rows:
        yield ""
        yield f'{rows_words(impact.bad_rows)} could not be read at all, and count as "don\'t know".'
    if impact.unreadable:
        yield ""
        yield 'Cells that are no answer, and count as "don\'t know":'
        for column in impact.unreadable:
            parts = (
                ("both", column.both),
                ("the old rules only", column.old_only),
                ("the new rules only", column.new_only),
            )
            counts = ", ".join(f"{count:,} with {which}" for which, count in parts if count)
            yield f"  {printable(column.column)}: {counts}"
        if impact.unreadable_apart:
            yield f"  In {rows_words(impact.unreadable_apart)} the old and the new rules differ about this."
