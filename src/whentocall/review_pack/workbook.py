"""The tables of the review pack as a workbook, for committees that use spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from whentocall._text import capital, title_of
from whentocall.review_pack.pack import Kind, Pack
from whentocall.review_pack.words import day_words, given_words, kind_words

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
        path: the file to write or replace.
        made: the day to show as the day it was made; none if not given.

    Raises:
        OSError: the file cannot be written.
    """
    # Text stays text: no cell is ever a formula, a link or a number because of how it begins.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            # Without a date and time of its own, a workbook takes those at which it is written.
            created = datetime.combine(made or pack.protocol.head.written, time())
            book.set_properties({"title": f"Review pack: {pack.protocol.title}", "created": created})
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
    protocol = pack.protocol
    head, region = protocol.head, protocol.region
    yield "Protocol", protocol.title
    yield "Offered to people with the words", head.who_for.you
    yield "Region", region.name
    yield "Emergency number", region.emergency_number
    yield "Version", protocol.version
    yield "Rules written", day_words(head.written)
    yield "Review due", day_words(head.review_due)
    if made:
        yield "Pack made", day_words(made)
    yield "Fingerprint of everything it says", protocol.sha256
    yield "Signed by a clinician", "Yes, as it is now" if protocol.signed_off else "Not yet"
    yield "Least shown when something is not known", pack.level(head.when_unsettled).word
    for level in pack.levels:
        words = f"{protocol.headline(level, 'you')}. {protocol.how_soon(level, 'you')}"
        yield f"Level: {level.word}", words


def _rules(pack: Pack) -> Sheet:
    columns = (
        ("Rule", 28), ("Card", 22), ("Level", 15), ("When", 45), ("They read why (patient)", 40),
        ("They read why (carer)", 40), ("Sentences", 16), ("Source changed", 16), ("Decision to confirm", 60),
        ("Agree? Or change to", 30),
    )  # fmt: skip
    rows = []
    for rule in pack.protocol.rules:
        row = (
            *(title_of(rule.id), rule.card.title, pack.level(rule.level).word, pack.words(rule.when)),
            *(rule.because.you, rule.because.they),
            *(", ".join(rule.sentences), ", ".join(pack.changed(rule.sentences))),
            *(" ".join((rule.interpretation or "").split()), ""),
        )
        rows.append(row)
    return Sheet("Rules", columns, rows)


def _limits(pack: Pack) -> Sheet:
    columns = (
        ("Rule", 28), ("Card", 22), ("Limit", 40), ("Also reports", 24), ("Answer", 12),
        ("In the other unit", 14), ("Place", 14), ("Does the rule hold?", 12), ("They are told", 18),
    )  # fmt: skip
    rows = [
        (
            *(title_of(rule.id), rule.card.title, table.about, table.also),
            *(row.value, row.other_unit, row.place),
            *("yes" if row.holds else "no", pack.level(row.level).word),
        )
        for rule in pack.protocol.rules
        for table in pack.limits(rule)
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
            *(question.short.you, title, question.you, question.they),
            *((question.help.you, question.help.they) if question.help else ("", "")),
            *(kind_words(question), "; ".join(option.you for option in question.options.values())),
            *(pack.words(question.only_if), pack.words(question.not_reassuring_if)),
            pack.card_of[question.id].title,
        )
        for title, asked in pack.screens
        for question in asked
    ]
    return Sheet("Questions", columns, rows)


def _cases(pack: Pack) -> Sheet:
    columns = (
        ("Case", 44), ("Card", 22), ("Answers", 50), ("Must be told", 18), ("Are told", 18), ("Result", 12),
        ("What is wrong", 50),
    )  # fmt: skip
    rows = [
        (
            *(result.case.name, result.card.title, given_words(pack.protocol, result.case)),
            pack.level(result.case.expect.level).word,
            pack.level(result.level).word if result.level else "",
            *("passes" if result.passed else "fails", "; ".join(result.wrong)),
        )
        for result in pack.cases
    ]
    return Sheet("Cases", columns, rows)


def _sentences(pack: Pack) -> Sheet:
    text = "Passage" if pack.with_passages else "What it says, in our words"
    columns = (
        ("Sentence", 12), ("Document", 36), ("Section", 26), (text, 60), ("Asks for contact", 16),
        ("Level reached", 16), ("Used by", 44), ("Set aside because", 44), ("In the document now", 18),
    )  # fmt: skip
    rows = []
    for document in pack.protocol.sources.values():
        for sentence in document.sentences.values():
            reached = pack.reached(sentence)
            uses = "; ".join(f"{use.kind}: {use.title}" for use in pack.uses[sentence.id])
            row = (
                *(sentence.id, document.title, sentence.section, pack.text_of(sentence)),
                *(
                    pack.level(sentence.contact).word if sentence.contact else "",
                    reached.word if reached else "",
                ),
                *(uses, sentence.set_aside or "", pack.passages.sentences[sentence.id].state),
            )
            rows.append(row)
    return Sheet("Sentences", columns, rows)


def _findings(pack: Pack) -> Sheet:
    columns = (
        ("Kind", 18), ("What", 60), ("For example", 50), ("What could be done", 40),
        ("Accepted because", 40), ("Where", 40),
    )  # fmt: skip
    kinds: tuple[Kind, ...] = ("to be fixed", "accepted", "note")
    rows = [
        (
            *(kind, capital(finding.message), pack.person_of(finding), finding.suggestion),
            *(" ".join(because.split()), pack.place(finding)),
        )
        for kind in kinds
        for finding, because in pack.findings(kind)
    ]
    return Sheet("Findings", columns, rows)


def _sign_off(pack: Pack) -> Sheet:
    columns = (
        ("Card", 34), ("Rules", 8), ("Decisions", 10), ("Signed already by", 40), ("Agree", 10),
        ("Change wanted", 40), ("Name", 26), ("Role", 26), ("Date", 14), ("Signature", 26),
    )  # fmt: skip
    lines: list[tuple[str, int, int, str | None]] = [("Levels, roles and order of asking", 0, 0, None)]
    for card in pack.protocol.cards:
        to_confirm = sum(rule.card is card for rule in pack.to_confirm)
        lines.append((card.title, len(card.rules), to_confirm, card.id))
    rows: list[Sequence[Cell]] = [
        (
            *(title, rules, to_confirm),
            "; ".join(f"{by.name}, {by.role}, {by.date}" for by in pack.protocol.signers(card)),
            *([""] * 6),
        )
        for title, rules, to_confirm, card in lines
    ]
    return Sheet("Sign-off", columns, rows)
