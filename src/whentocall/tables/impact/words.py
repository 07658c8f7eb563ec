"""An impact in words, as the plain text and the page both have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from whentocall._text import cut
from whentocall.engine.phrasing import answer_words
from whentocall.protocol.conditions import Value
from whentocall.protocol.protocol import Protocol
from whentocall.tables.columns import Columns, column_of
from whentocall.tables.impact.result import Cell, Direction, Example, RuleChange

NO_RULE = (
    "no rule holds in other rows: what differs is follow-ups, masking, escalation, "
    "or what could be so where answers are not known"
)

SIGNS: Mapping[Direction, str] = {"lowered": "v", "raised": "^", "unclear": "?", "same": ""}
MEANINGS: Mapping[Direction, str] = {
    "lowered": "less urgent with the new rules",
    "unclear": "another level, and the two schemes do not say which is more urgent",
    "raised": "more urgent with the new rules",
    "same": "as urgent as before",
}


def share(count: int, of: int) -> str:
    """A share in per cent, never rounded to none or all where it is not that."""
    if not of:
        return "0 %"
    if count in (0, of):
        return "100 %" if count else "0 %"
    percent = 100 * count / of
    if percent < 0.01:
        return "under 0.01 %"
    if percent > 99.99:
        return "over 99.99 %"
    digits = 2 if percent < 1 or percent > 99 else 1
    return f"{percent:.{digits}f} %"


def rows_words(count: int) -> str:
    """A number of rows."""
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def rule_words(rule: RuleChange) -> str:
    """What became of a rule, in how many rows."""
    parts = []
    if rule.stops:
        gone = "is no longer there" if rule.level_new is None else "no longer holds"
        parts.append(f"{gone}: {rows_words(rule.stops)}")
    if rule.starts:
        parts.append(f"{'is new' if rule.level_old is None else 'newly holds'}: {rows_words(rule.starts)}")
    if rule.stays and rule.level_old != rule.level_new:
        parts.append(f"holds as before: {rows_words(rule.stays)}")
    if None not in (rule.level_old, rule.level_new) and rule.level_old != rule.level_new:
        parts.append(f"its level was '{rule.level_old}' and is '{rule.level_new}'")
    return "; ".join(parts)


class Said(NamedTuple):
    """What somebody answered.

    Attributes:
        given: short names of the questions, and the answers; but no "no".
        no: short names of the questions answered "no".
        empty: short names of the questions without an answer.
    """

    given: tuple[tuple[str, str], ...]
    no: tuple[str, ...]
    empty: tuple[str, ...]


def said(protocols: tuple[Protocol, Protocol], columns: tuple[Columns, Columns], example: Example) -> Said:
    """What the person of an example answered.

    Args:
        protocols: the old and the new.
        columns: where the answers to each stand.
        example: the row.
    """
    given, no, empty = list[tuple[str, str]](), list[str](), list[str]()
    asked = set()
    for protocol, where in reversed(list(zip(protocols, columns, strict=True))):
        for question_id, question in protocol.questions.items():
            column = column_of(where, question_id)
            if question_id in asked or column.name not in example.answers:
                continue
            asked.add(question_id)
            cell, name = example.answers[column.name], question.short.they
            text = _text(cell)
            meant: Value | Cell = column.words.get(text, cell)
            if column.name in (*example.bad_old, *example.bad_new):
                empty.append(f"{name} ('{cut(text)}' is no answer)")
            elif meant is None or text == "":
                empty.append(name)
            elif meant is False or (text == "false" and text not in column.words):
                no.append(name)
            elif text in column.words:
                given.append((name, f"{answer_words(question, _value(meant), 'they')} ('{text}')"))
            else:
                unit = _text(example.answers.get(column.unit_column or "")) or column.unit or ""
                given.append((name, "yes" if text == "true" else f"{cut(text)} {unit}".strip()))
    return Said(tuple(given), tuple(no), tuple(empty))


def _value(value: Value | Cell) -> bool | float | str:
    assert value is not None
    return value


def _text(cell: Cell) -> str:
    """A cell as `words` have it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else repr(cell)
    return str(cell).strip(" \t\r\n\N{NO-BREAK SPACE}")
