"""The tables of the review pack as a workbook, for committees that work in spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from whentocall.review_pack.names import day_words
from whentocall.review_pack.parts import CheckPart, FindingRow, Pack, SentenceRow, Voiced

Cell = str | int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its name, its columns with their widths in characters, and its rows."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[Cell]]


def review_xlsx(pack: Pack, path: Path, made: date | None = None) -> None:
    """Write the workbook. The same pack and the same day give the same cells.

    Args:
        pack: from `build_pack`.
        path: the file to write; one that is there is replaced.
        made: the day to show as the day it was made; none if not given.

    Raises:
        OSError: the file cannot be written.
    """
    # Text stays text: no cell is ever a formula, a link or a number because of how it begins.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            # Without a moment of its own, or with a mere date, a workbook takes that at which it is written.
            created = datetime.combine(made or pack.written, time())
            book.set_properties({"title": f"Review pack: {pack.title}", "created": created})
            for sheet in sheets(pack, made):
                _write(book, sheet)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(f"{path}: the workbook cannot be written ({error})") from None


def sheets(pack: Pack, made: date | None = None) -> tuple[Sheet, ...]:
    """The tables, in the order of the sheets."""
    return (
        Sheet("About", (("What", 30), ("", 90)), tuple(_about(pack, made))),
        _rules(pack),
        _limits(pack),
        _questions(pack),
        _cases(pack),
        _sentences(pack),
        _findings(pack),
        _sign_off(pack),
    )


def _write(book: Any, sheet: Sheet) -> None:
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEF1F4"}
    )
    cell = book.add_format({"text_wrap": True, "valign": "top"})
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    for place, (name, width) in enumerate(sheet.columns):
        page.set_column(place, place, width)
        page.write_string(0, place, name, head)
    for line, row in enumerate(sheet.rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, int):
                page.write_number(line, place, value, cell)
            else:
                page.write_string(line, place, value, cell)
    if len(sheet.rows) > 1:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _about(pack: Pack, made: date | None) -> Iterator[tuple[str, str]]:
    yield "Protocol", pack.title
    yield "Offered to people with the words", pack.who_for.you
    yield "Region", pack.region
    yield "Emergency number", pack.emergency_number
    yield "Version", pack.version
    yield "Rules written", day_words(pack.written)
    yield "Review due", day_words(pack.review_due)
    if made:
        yield "Pack made", day_words(made)
    yield "Fingerprint of everything it says", pack.sha256
    yield "Signed by a clinician", "Yes, as it is now" if pack.signed_off else "Not yet"
    yield "Least shown when something is not known", _level(pack, pack.when_unsettled)
    for level in pack.levels:
        yield f"Level: {level.word}", f"{level.headline.you}. {level.how_soon.you}"


def _rules(pack: Pack) -> Sheet:
    columns = (
        ("Rule", 28), ("Card", 22), ("Level", 15), ("When", 45), ("They read why (patient)", 40),
        ("They read why (carer)", 40), ("Sentences", 16), ("Source changed", 16), ("Decision to confirm", 60),
        ("Agree? Or change to", 30),
    )  # fmt: skip
    rows = [
        (
            rule.title,
            card.title,
            _level(pack, rule.level),
            rule.words,
            *_both(rule.because),
            ", ".join(rule.sentences),
            ", ".join(rule.changed_sentences),
            rule.interpretation or "",
            "",
        )
        for card in pack.cards
        for rule in card.rules
    ]
    return Sheet("Rules", columns, rows)


def _limits(pack: Pack) -> Sheet:
    columns = (
        ("Rule", 28), ("Card", 22), ("Limit", 40), ("Also reports", 24), ("Answer", 12),
        ("In the other unit", 14), ("Place", 14), ("Does the rule hold?", 12), ("They are told", 18),
    )  # fmt: skip
    rows = [
        (
            rule.title,
            card.title,
            table.about,
            table.also,
            row.value,
            row.other_unit,
            row.place,
            "yes" if row.holds else "no",
            _level(pack, row.level),
        )
        for card in pack.cards
        for rule in card.rules
        for table in rule.limits
        for row in table.rows
    ]
    return Sheet("Limits", columns, rows)


def _questions(pack: Pack) -> Sheet:
    columns = (
        ("Question", 28), ("List", 28), ("To the patient", 42), ("To a carer", 42), ("Help (patient)", 36),
        ("Help (carer)", 36), ("Answer", 28), ("Choices", 36), ("Asked only with", 30),
        ("A normal answer does not reassure with", 30), ("Card", 22),
    )  # fmt: skip
    rows = [
        (
            one.short,
            screen.title,
            *_both(one.asked),
            *(_both(one.help) if one.help else ("", "")),
            one.answer,
            "; ".join(one.options),
            one.only_if,
            one.not_reassuring_if,
            one.card_title,
        )
        for screen in pack.screens
        for one in screen.questions
    ]
    return Sheet("Questions", columns, rows)


def _cases(pack: Pack) -> Sheet:
    columns = (
        ("Case", 44), ("Card", 22), ("Answers", 50), ("Must be told", 18), ("Are told", 18), ("Result", 12),
        ("What is wrong", 50),
    )  # fmt: skip
    rows = [
        (
            case.name,
            card.title,
            case.given,
            _level(pack, case.expected),
            _level(pack, case.got) if case.got else "",
            "passes" if case.passed else "fails",
            "; ".join(case.wrong),
        )
        for card in pack.cards
        for case in card.cases
    ]
    return Sheet("Cases", columns, rows)


def _sentences(pack: Pack) -> Sheet:
    text = "Passage" if pack.with_passages else "What it says, in our words"
    columns = (
        ("Sentence", 12), ("Document", 36), ("Section", 26), (text, 60), ("Asks for contact", 16),
        ("Level reached", 16), ("Used by", 44), ("Set aside because", 44), ("In the document now", 18),
    )  # fmt: skip
    rows = [
        (
            one.id,
            document.title,
            one.section,
            one.text,
            _level(pack, one.contact) if one.contact else "",
            _level(pack, one.reached) if one.reached else "",
            _uses(one),
            one.set_aside,
            one.state,
        )
        for document in pack.documents
        for one in document.sentences
    ]
    return Sheet("Sentences", columns, rows)


def _findings(pack: Pack) -> Sheet:
    columns = (
        ("Kind", 18), ("What", 60), ("For example", 50), ("What could be done", 40),
        ("Accepted because", 40), ("Where", 40),
    )  # fmt: skip
    return Sheet("Findings", columns, tuple(_found(pack.checked)) if pack.checked else ())


def _found(checked: CheckPart) -> Iterator[tuple[str, ...]]:
    def row(kind: str, one: FindingRow) -> tuple[str, ...]:
        return kind, one.message, one.person, one.suggestion, one.accepted, one.place

    yield from (row("to be mended", one) for one in checked.findings)
    yield from (row("accepted", one) for one in checked.waived)
    yield from (row("note", one) for one in checked.notes)


def _sign_off(pack: Pack) -> Sheet:
    columns = (
        ("Card", 34), ("Rules", 8), ("Decisions", 10), ("Signed already by", 40), ("Agree", 10),
        ("Change wanted", 40), ("Name", 26), ("Role", 26), ("Date", 14), ("Signature", 26),
    )  # fmt: skip
    rows = [
        (one.title, one.rules, one.to_confirm, "; ".join(one.signed), "", "", "", "", "", "")
        for one in pack.sign_off
    ]
    return Sheet("Sign-off", columns, rows)


def _level(pack: Pack, level: str) -> str:
    return pack.level(level).word


def _both(text: Voiced) -> tuple[str, str]:
    return text.you, text.they


def _uses(sentence: SentenceRow) -> str:
    return "; ".join(f"{use.kind}: {use.label}" for use in sentence.uses)
