"""Rows of a table that are worked out once more, one by one."""

import random
from decimal import Decimal

import polars as pl
import pytest

from whentocall.tables.advising import advise_table
from whentocall.tables.columns import Column
from whentocall.tables.spot_check import Disagreement, answer_in, check, differences, sample

pytestmark = pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning")


@pytest.fixture(scope="module")
def people(protocol):
    """Answers of every kind, some not known and some bad."""
    chance = random.Random(7)
    yes_no = [one.id for one in protocol.questions.values() if one.answer.kind == "yes-no"]
    table = {one: [chance.choice([True, None] + 60 * [False]) for _ in range(60)] for one in yes_no}
    table["temperature"] = [chance.choice(["38,6", "36.8 °C", "101.5F", "", None, "hot"]) for _ in range(60)]
    table["loose_stools"] = [chance.choice([0, 3, 4, 4.0, None, 61, 3.5]) for _ in range(60)]
    table["drug"] = [chance.choice(["imatinib", " other ", "Glivec", None]) for _ in range(60)]
    return pl.DataFrame(table, strict=False)


COLUMNS = {
    "temperature": Column("temperature"),
    "drug": Column("drug", words={"Glivec": "imatinib"}),
}


def test_a_table_and_its_rows_one_by_one_agree(protocol, people):
    results = advise_table(protocol, people, columns=COLUMNS)

    assert [] == list(differences(protocol, people, results, COLUMNS, range(people.height)))


@pytest.mark.parametrize("name", ["level", "at_least", "could_be", "rules", "settle"])
def test_a_row_that_is_not_the_same_is_noticed_in_every_column(protocol, people, name):
    right = advise_table(protocol, people, columns=COLUMNS)
    wrong = right.with_columns(right[name].reverse())
    both = enumerate(zip(right[name].to_list(), wrong[name].to_list(), strict=True))
    changed = [row for row, (one, other) in both if one != other]
    found = differences(protocol, people, wrong, COLUMNS, range(people.height))

    assert changed
    assert changed == [row for row, _ in found]


def test_a_difference_stops_everything(protocol, people):
    right = advise_table(protocol, people, columns=COLUMNS)
    wrong = right.with_columns(right["level"].reverse())

    check(protocol, people, right, COLUMNS, 0)
    with pytest.raises(Disagreement, match=r"a fault in this program: in row 10.., level is '"):
        check(protocol, people, wrong, COLUMNS, 1000)


def test_the_rows_to_try_have_one_of_each_level(protocol, people):
    results = advise_table(protocol, people, columns=COLUMNS)
    rows = sample(results, 4)

    assert set(results["level"]) == {results["level"][row] for row in rows}
    assert len(rows) <= 4 + results["level"].n_unique()


@pytest.mark.parametrize(
    ("question", "column", "cell", "unit", "answer"),
    [
        ("headache", Column("a"), True, None, True),
        ("headache", Column("a"), " FALSE ", None, False),
        ("headache", Column("a", words={"1": True}), 1.0, None, True),
        ("headache", Column("a", words={"1": True}), "1,0", None, True),
        ("headache", Column("a", words={"true": False}), True, None, False),
        ("headache", Column("a"), "not sure", None, None),
        ("drug", Column("a"), " Imatinib (Glivec)", None, "imatinib"),
        ("diarrhoea_days", Column("a"), "4.0 days", None, 4),
        ("diarrhoea_days", Column("a", words={"999": None}), 999, None, None),
        ("temperature", Column("a"), "", None, None),
        ("temperature", Column("a", words={"99.9": None}), 99.9, None, None),
        ("temperature", Column("a", words={"99.9": None}), Decimal("99.900"), None, None),
        ("temperature", Column("a"), "38,6", None, 38.6),
        ("temperature", Column("a"), Decimal("38.60"), None, 38.6),
        ("temperature", Column("a", unit="°F"), "101.5", None, {"value": 101.5, "unit": "°F"}),
        ("temperature", Column("a", unit="°F"), "38.6 c", None, {"value": 38.6, "unit": "°C"}),
        ("temperature", Column("a", unit="°F", words={"1": 38}), "1", None, 38),
        ("temperature", Column("a", unit_column="b"), 101.5, " f ", {"value": 101.5, "unit": "°F"}),
        ("temperature", Column("a"), {"value": 38.6, "unit": "ºC"}, None, {"value": 38.6, "unit": "°C"}),
    ],
)
def test_an_answer_in_a_cell(protocol, question, column, cell, unit, answer):
    assert answer == answer_in(protocol.questions[question], column, cell, unit)
