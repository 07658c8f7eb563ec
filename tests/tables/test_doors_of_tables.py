"""A spelling means the same in a cell of every kind of table as for one person, or is bad in all of them.

The list is `tests/support/spellings.py`, to which all doors are held. A table differs in one thing: an empty
cell is "don't know".
"""

import csv
import json

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.effort import examples
from support.optional import optional
from whentocall import AnswersError, advise
from whentocall.engine.answers import check_answers
from whentocall.engine.spelling import BLANKS, LOOKALIKES, UNITS, UNNAMED_UNITS, plain
from whentocall.tables import Column, advise_table
from whentocall.tables.batch import Job, run_batch
from whentocall.tables.databases import engine_of
from whentocall.tables.files.source import Reading
from whentocall.tables.in_memory import plain_texts

duckdb, pd = optional("duckdb"), optional("pandas")

pytestmark = pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning")

BAD = "no answer"


@pytest.fixture(scope="session")
def protocol(known):
    return known("spelled").protocol


# the doors


def in_memory(make):
    """The door of a table in memory."""

    def rows(protocol, cells, columns, _):
        frame = advise_table(protocol, make(cells), columns=columns, unreadable="warn")
        frame = frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(dict(_lists(frame)))
        return list(zip(frame["rules"].to_list(), frame["bad_cells"].to_list(), strict=True))

    return rows


def _lists(frame):
    for name in ("rules", "bad_cells"):
        column = frame[name]
        yield name, column.to_pylist() if isinstance(column, pa.ChunkedArray) else column.tolist()


def lazily(protocol, cells, columns, _):
    frame = advise_table(protocol, pl.LazyFrame(cells), columns=columns).collect()
    return list(zip(frame["rules"].to_list(), frame["bad_cells"].to_list(), strict=True))


def in_duckdb(protocol, cells, columns, _):
    with duckdb.connect() as connection:
        relation = advise_table(protocol, connection.from_arrow(pa.table(cells)), columns=columns)
        return relation.project("rules, bad_cells").fetchall()


def in_file(ending, write):
    """The door of a file."""

    def rows(protocol, cells, columns, folder):
        path, out = folder / f"in.{ending}", folder / "out.parquet"
        write(cells, path)
        job = Job(
            protocol, path, out, Reading(ending), "parquet", columns, overwrite=True, allow_unreadable=True
        )
        run_batch(job)
        frame = pl.read_parquet(out)
        return list(zip(frame["rules"].to_list(), frame["bad_cells"].to_list(), strict=True))

    return rows


def write_csv(cells, path):
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, quoting=csv.QUOTE_ALL)
        writer.writerow(["row", *cells])
        writer.writerows([place, *row] for place, row in enumerate(zip(*cells.values(), strict=True)))


def write_ndjson(cells, path):
    rows = zip(*cells.values(), strict=True)
    path.write_text("".join(f"{json.dumps(dict(zip(cells, row, strict=True)))}\n" for row in rows), "utf-8")


DOORS = {
    "Polars": in_memory(pl.DataFrame),
    "categories": in_memory(lambda cells: pl.DataFrame(cells, dict.fromkeys(cells, pl.Categorical))),
    "pandas": in_memory(lambda cells: pd.DataFrame(data=cells)),
    "Arrow": in_memory(pa.table),
    "LazyFrame": lazily,
    "DuckDB": in_duckdb,
    "CSV": in_file("csv", write_csv),
    "NDJSON": in_file("ndjson", write_ndjson),
    "Parquet": in_file("parquet", lambda cells, path: pl.DataFrame(cells).write_parquet(path)),
    "Arrow file": in_file("arrow", lambda cells, path: pl.DataFrame(cells).write_ipc(path)),
}


def expected_of(protocol, question, answer):
    """The rules of an answer and the bad cells, as a table has them."""
    if answer == BAD:
        return [], [question]
    reasons = advise(protocol, {question: answer}, watch=False).reasons
    return [reason.rule for reason in reasons], []


def differences(protocol, door, question, meant, folder):
    """The texts that a door does not take for what is meant: each with that and what was made of it.

    Args:
        protocol: whose question.
        door: one of `DOORS`.
        question: its id.
        meant: pairs of text and answer, in its JSON form; `BAD` for none.
        folder: for files.
    """
    found = DOORS[door](protocol, {question: [text for text, _ in meant]}, {}, folder)
    wanted = [expected_of(protocol, question, answer) for _, answer in meant]
    triples = zip(meant, wanted, found, strict=True)
    return [
        (pair, list(map(list, made))) for pair, want, made in triples if list(want) != list(map(list, made))
    ]


# the list of spellings


def listed(spellings, kind):
    """The list for one kind of question, as a table has it."""
    refused = (*spellings.REFUSED[kind], *(spellings.DIGITS if kind in ("yes-no", "one-of") else ()))
    return [
        *spellings.SPELLINGS[kind],
        *((text, None) for text in (*spellings.DONT_KNOW, *spellings.BLANK)),
        *((text, BAD) for text in refused),
    ]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", ["yes-no", "one-of", "temperature", "whole-number", "days"])
def test_every_spelling_means_in_a_table_what_it_means_for_one_person(
    kind, door, protocol, spellings, tmp_path
):
    meant = listed(spellings, kind)
    if door == "CSV":
        meant = [(text, answer) for text, answer in meant if "\x00" not in text]  # no CSV may have those

    assert [] == differences(protocol, door, spellings.QUESTIONS[kind], meant, tmp_path)


def test_the_rules_of_these_tests_tell_the_answers_apart(protocol, spellings):
    """So that the test above is one of answers, not of levels."""
    for kind, texts in spellings.SPELLINGS.items():
        question = spellings.QUESTIONS[kind]
        answers = {json.dumps(answer): expected_of(protocol, question, answer)[0] for _, answer in texts}
        assert len(answers) == len(set(map(tuple, answers.values()))), kind


# whatever may stand there

PIECES = st.sampled_from(
    [
        *(
            "yes",
            "No",
            "TRUE",
            "imatinib",
            "Imatinib (Glivec)",
            "don't know",
            "?",
            "not",
            "sure",
            "days",
            "day",
        ),
        *(
            "38.6",
            "38,6",
            "37.5",
            "37.500000000000001",
            "37.50000000000001",
            "101.5",
            "4",
            "4.0",
            "1,000",
            "-",
            "+",
        ),
        *("0", "3", ".", ",", "00", "e", "°", "deg ", "1", "[degF]"),
        *LOOKALIKES,
        *UNITS,
        *UNNAMED_UNITS,
        *(" ", "\u00a0", "\u200b", "\t", "\u3000", "\n"),
    ]
)
TEXTS = st.lists(PIECES, max_size=5).map("".join) | st.text(max_size=6)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("door", ["Polars", "DuckDB", "NDJSON"])
@given(st.lists(TEXTS, min_size=200, max_size=200))
@examples(10)
def test_any_text_means_in_a_table_what_it_means_for_one_person(
    door, protocol, spellings, tmp_path_factory, texts
):
    texts = [text for text in texts if text.isprintable() or "\x00" not in text]
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    for question in spellings.QUESTIONS.values():
        meant = [(text, one_person(protocol, question, text)) for text in texts]
        assert [] == differences(protocol, door, question, meant, tmp_path_factory.mktemp("any"))


def one_person(protocol, question, text):
    """What a text is for one person; empty, as a table has it."""
    try:
        return check_answers(protocol, {question: text}).given[question] if plain(text) else None
    except AnswersError:
        return BAD


@pytest.mark.engines
@given(st.lists(st.text(st.sampled_from(f"aZ9{''.join(LOOKALIKES)}{BLANKS}é\U0001f912İſK"), max_size=12)))
@examples(30)
def test_every_engine_makes_texts_plain_alike(texts):
    frame = pl.DataFrame({"headache": texts}, {"headache": pl.String})
    with duckdb.connect() as connection:
        relation = connection.from_arrow(frame.to_arrow())
        engine = engine_of(relation)
        of_duckdb = engine.with_plain(engine.numbered(relation), {"c0": "p"}).fetchall()

    wanted = [plain(text) for text in texts]
    assert wanted == plain_texts(frame, "headache").to_list()
    assert 3 * wanted == plain_texts(pl.concat([frame] * 3), "headache").to_list()  # some of them often
    assert wanted == [text for _, text in of_duckdb]


MAPPED = {
    "chest_pain": {"TRUE": None, "Ja": True, "1": False, "2,0": True},
    "drug": {"Other": "imatinib", "CAR_T ": "imatinib", "3": "car_t"},
    "temperature": {"38.6": None, "101,50": 37, "45": 30, "38 °C": None},
    "loose_stools": {"4": None, "60": 0, "00": 4},
    "constipation_days": {"3": 0, "1.0": None},
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("kind", ["yes-no", "one-of", "temperature", "whole-number", "days"])
def test_a_cell_is_read_alike_among_common_spellings_and_odd_ones(
    kind, mapped, protocol, spellings, tmp_path
):
    """With one odd cell in it, a column is read with care; without, quickly. Both ways are one."""
    question = spellings.QUESTIONS[kind]
    columns = {question: Column(question, words=MAPPED[question] if mapped else {})}
    texts = [text for text, _ in spellings.SPELLINGS[kind]]
    texts += [word for word in MAPPED[question] for word in (word, word.lower(), f" {word}")]
    together = DOORS["Polars"](protocol, {question: [*texts, "very odd"]}, columns, tmp_path)
    alone = [DOORS["Polars"](protocol, {question: [text]}, columns, tmp_path)[0] for text in texts]

    assert ([], [question]) == together.pop()
    assert together == alone


# words that are numbers

ONE = ("1", "1.0", "1,0", "01", "+1", "1.", " 1 ", "１", "1,00")
ZERO = ("0", "0.0", "-0", "0,", "000")
CELLS = {
    "text": (ONE, ZERO),
    "int": ((1,), (0,)),
    "float": ((1.0,), (0.0, -0.0)),
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("door", DOORS)
def test_a_word_that_is_a_number_covers_every_way_to_write_it(door, kind, protocol, tmp_path):
    if door in ("CSV", "categories") and kind != "text":
        pytest.skip("all cells are texts there")
    ones, zeros = CELLS[kind]
    for written in ("1", "1.0", "1,0", "01"):
        columns = {"chest_pain": Column("chest_pain", words={written: True, "0": False})}
        found = DOORS[door](protocol, {"chest_pain": [*ones, *zeros]}, columns, tmp_path)

        assert [["chest-pain-0"]] * len(ones) + [["chest-pain-1"]] * len(zeros) == [
            [rule.rpartition("/")[2] for rule in rules] for rules, _ in found
        ], written
        assert not any(bad for _, bad in found), written


@pytest.mark.parametrize("door", DOORS)
def test_a_number_that_may_be_thousands_is_not_the_word_for_one(door, protocol, tmp_path):
    columns = {"chest_pain": Column("chest_pain", words={"1": True})}
    cells = {"chest_pain": ["1,000", "1.000", "10", "11", "1", "-1", "1.5", "1e0"]}
    rows = DOORS[door](protocol, cells, columns, tmp_path)
    assert [False, False, False, False, True, False, False, False] == [not bad for _, bad in rows]


@pytest.mark.parametrize("door", DOORS)
def test_numbers_of_numbers_are_told_from_their_words(door, protocol, tmp_path):
    """A code for "don't know" in a column of temperatures, however it is written."""
    columns = {"temperature": Column("temperature", unit="°F", words={"99.9": None})}
    for cells in ([99.9, 101.5], ["99.9", "101.5"], ["99,90", "101,5"]):
        if door == "categories" and isinstance(cells[0], float):
            continue
        (unknown, _), (known, _) = DOORS[door](protocol, {"temperature": cells}, columns, tmp_path)
        assert ([], 2) == (list(unknown), len(known)), cells


@pytest.mark.one_in(2)
@pytest.mark.parametrize("door", DOORS)
def test_a_word_that_is_not_used_changes_nothing(door, protocol, spellings, tmp_path):
    """As a word for what is not known once did, in JSON: with it, texts were read."""
    cells = {
        question: [text for text, _ in listed(spellings, kind) if "\x00" not in text][:40]
        for kind, question in spellings.QUESTIONS.items()
    }
    shortest = min(map(len, cells.values()))
    cells = {question: texts[:shortest] for question, texts in cells.items()}
    mapped = {"1": True, "0": False}
    few = {"chest_pain": Column("chest_pain", words=mapped)}
    more = {
        question: Column(
            question, words={**(mapped if question == "chest_pain" else {}), "never there": None}
        )
        for question in cells
    }

    assert DOORS[door](protocol, cells, few, tmp_path) == DOORS[door](protocol, cells, more, tmp_path)


# units beside the numbers


@pytest.mark.parametrize("door", DOORS)
def test_a_unit_in_a_column_of_its_own_is_read_in_every_spelling(door, protocol, tmp_path):
    units = [*UNITS, "℃", "ºF", "℉.", " F ", "\u200bCel", "°", "deg", "K", "", "F C"]
    cells = {"temperature": ["101.5"] * len(units), "unit": units}
    columns = {"temperature": Column("temperature", unit_column="unit")}
    found = DOORS[door](protocol, cells, columns, tmp_path)

    named = [{**UNITS, "℃": "°C", "ºF": "°F", "℉.": "°F", " F ": "°F"}.get(unit) == "°F" for unit in units]
    assert named == [not bad for _, bad in found]
    assert sum(named) > len(UNITS) // 3


# Spark, which runs the rules itself


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_spelling_means_the_same_on_spark(spark, protocol, spellings):
    """All questions in one job: the wider a table, the longer Spark plans, and each job takes its time."""
    meant = {kind: listed(spellings, kind) for kind in spellings.QUESTIONS}
    rows = max(map(len, meant.values()))
    cells = {
        spellings.QUESTIONS[kind]: [text for text, _ in texts] + [None] * (rows - len(texts))
        for kind, texts in meant.items()
    }
    frame = spark.createDataFrame(pa.table({"row": range(rows), **cells}))
    advised = pl.from_arrow(advise_table(protocol, frame).select("row", "rules", "bad_cells").toArrow()).sort(
        "row"
    )
    for kind, texts in meant.items():
        question = spellings.QUESTIONS[kind]
        for (text, answer), rules, bad in zip(texts, advised["rules"], advised["bad_cells"], strict=False):
            wanted, unread = expected_of(protocol, question, answer)
            of_question = [
                rule for rule in rules if rule.rpartition("/")[2].startswith(question.replace("_", "-"))
            ]
            assert (wanted, unread) == (of_question, [one for one in bad if one == question]), (kind, text)
