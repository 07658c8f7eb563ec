"""The workbook has the same tables as the page, as text that no spreadsheet runs."""

from datetime import date

import openpyxl
import pytest

from whentocall import load
from whentocall._text import title_of
from whentocall.authoring.check import check
from whentocall.review_pack.pack import build_pack
from whentocall.review_pack.workbook import review_xlsx, sheets

PROTOCOLS = ("all-targeted-drugs", "neuroblastoma-targeted-therapy")


@pytest.fixture(scope="module", params=PROTOCOLS)
def pack(request):
    protocol = load(request.param)
    return build_pack(protocol, checked=check(protocol.folder, prove=False))


@pytest.fixture
def book(pack, tmp_path):
    path = tmp_path / "pack.xlsx"
    review_xlsx(pack, path, date(2026, 11, 22))
    return openpyxl.load_workbook(path)


def test_every_row_of_the_pack_is_in_its_sheet(pack, book):
    protocol, checked = pack.protocol, pack.checked
    rows = {
        "Rules": len(protocol.rules),
        "Limits": sum(len(table.rows) for rule in protocol.rules for table in pack.limits(rule)),
        "Questions": len(protocol.questions),
        "Cases": len(pack.cases),
        "Sentences": len(pack.sentences),
        "Findings": len((*checked.findings, *checked.notes, *checked.accepted)),
        "Sign-off": len(protocol.cards) + 1,
    }

    assert ["About", *rows] == book.sheetnames
    assert rows == {name: book[name].max_row - 1 for name in rows}


def test_heads_stay_in_sight_and_long_text_wraps(book):
    for sheet in book:
        assert "B2" == sheet.freeze_panes
        assert sheet["A1"].font.bold
        assert all(column.width >= 8 for column in sheet.column_dimensions.values())
    assert book["Rules"]["D2"].alignment.wrap_text


def test_a_rule_stands_there_with_its_words(pack, book):
    rule = pack.protocol.rules[0]

    assert [title_of(rule.id), rule.card.title] == [cell.value for cell in book["Rules"][2]][:2]
    assert pack.words(rule.when) == book["Rules"]["D2"].value


@pytest.mark.one_in(2)
@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "https://example.org"])
def test_no_text_is_ever_a_formula_or_a_link(rules, tmp_path, start):
    rules.change("all-targeted-drugs/headache.yaml", "title: Headache", f'title: "{start}"')
    path = tmp_path / "pack.xlsx"
    review_xlsx(build_pack(load(rules.folder / "all-targeted-drugs")), path)

    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == start]
    assert cells
    assert {"s"} == {cell.data_type for cell in cells}
    assert not [cell for cell in cells if cell.hyperlink]


def test_the_same_pack_gives_the_same_bytes(pack, tmp_path):
    for name in ("one.xlsx", "other.xlsx"):
        review_xlsx(pack, tmp_path / name)

    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "other.xlsx").read_bytes()
    assert (
        pack.protocol.head.written == openpyxl.load_workbook(tmp_path / "one.xlsx").properties.created.date()
    )


def test_the_day_is_shown_only_if_given(pack):
    assert "Pack made" not in dict(sheets(pack)[0].rows)
    assert "22 November 2026" == dict(sheets(pack, date(2026, 11, 22))[0].rows)["Pack made"]


def test_a_file_that_cannot_be_written_is_an_error_of_the_system(pack, tmp_path):
    with pytest.raises(OSError, match="cannot be written"):
        review_xlsx(pack, tmp_path / "nowhere" / "pack.xlsx")
