"""What a change of rules would have meant: every kind of table counts what a loop over `advise` counts."""

import json
import random
import re
import shutil
from collections import Counter
from functools import partial

import polars as pl
import pytest

from support.optional import optional
from whentocall import advise, load
from whentocall.errors import TableError
from whentocall.protocol.load import load_folder, shipped_rules
from whentocall.tables import Column
from whentocall.tables.files.source import Reading
from whentocall.tables.impact import impact_of, impact_of_file
from whentocall.tables.impact.page import impact_html
from whentocall.tables.impact.result import direction
from whentocall.tables.impact.text import impact_text
from whentocall.tables.impact.words import said, share

duckdb = optional("duckdb")

ROWS = 400
MANY = "all-targeted-drugs/diarrhoea/many-loose-stools"
HEADACHE = "all-targeted-drugs/headache/any-headache"


def changed_rules(folder, name, edit):
    """The shipped rules with each rule file of one protocol changed; the protocol."""
    shutil.copytree(shipped_rules(), folder)
    for path in (folder / name).glob("*.yaml"):
        path.write_text(edit(path.stem, path.read_text("utf-8")), "utf-8")
    return load_folder(folder / name)


def without_rule(text, rule):
    """A card without one of its rules."""
    found, count = re.subn(
        rf"^  {rule}:\n    when:.*?(?=^  \S|^\S)", "", text, flags=re.DOTALL | re.MULTILINE
    )
    assert 1 == count, rule
    return found


def loose_and_strict(card, text):
    """Four loose poos are no longer a reason to call; a headache is a more urgent one."""
    if card == "diarrhoea":
        return without_rule(text, "many-loose-stools")
    if card == "headache":
        return text.replace("level: tell", "level: urgently", 1)
    return text


@pytest.fixture(scope="module")
def old():
    return load("all-targeted-drugs")


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    return changed_rules(tmp_path_factory.mktemp("new") / "rules", "all-targeted-drugs", loose_and_strict)


@pytest.fixture(scope="module")
def nurse(tmp_path_factory):
    """The other shipped protocol, it without one rule of a layer, and that rule."""
    protocol = load("neuroblastoma-targeted-therapy")
    dropped = protocol.rules[0]
    assert dropped.card.is_layer
    folder = tmp_path_factory.mktemp("nurse") / "rules"
    shutil.copytree(shipped_rules(), folder)
    card = (folder / dropped.card.id).with_suffix(".yaml")
    card.write_text(without_rule(card.read_text("utf-8"), dropped.id.rpartition("/")[2]), "utf-8")
    return protocol, load_folder(folder / protocol.id), dropped.id


def answers(protocol, rows, seed=0):
    """Rows of answers: mostly well people, some of whom do not know."""
    chance = random.Random(seed)

    def cell(question):
        if chance.random() < 0.04:
            return None
        match question.answer.kind:
            case "yes-no":
                return chance.random() < 0.06
            case "one-of":
                return chance.choice(list(question.options))
            case "temperature":
                return chance.choice([36.8, 36.9, 37.5, 38.2])
        return chance.choice([0, 0, 0, 1, 3, 4, 5])

    return [{one.id: cell(one) for one in protocol.questions.values()} for _ in range(rows)]


def one_thing_each(protocol):
    """For each question of yes or no somebody who says yes to it alone."""
    asked = [one.id for one in protocol.questions.values() if one.answer.kind == "yes-no"]
    well = {one.id: 36.8 if one.answer.kind == "temperature" else None for one in protocol.questions.values()}
    return [well | dict.fromkeys(asked, False) | {one: True} for one in asked]


@pytest.fixture(scope="module")
def people(old):
    return answers(old, ROWS)


@pytest.fixture(scope="module")
def table(people):
    return pl.DataFrame(people)


def by_hand(old, new, people):
    """Levels and, of each rule, in how many rows it holds with which."""
    levels, rules = Counter(), Counter()
    for one in people:
        before, after = advise(old, one, watch=False), advise(new, one, watch=False)
        levels[before.level, after.level] += 1
        held = {of.rule for of in before.reasons}, {of.rule for of in after.reasons}
        rules.update(("stops", rule) for rule in held[0] - held[1])
        rules.update(("starts", rule) for rule in held[1] - held[0])
        rules.update(("stays", rule) for rule in held[0] & held[1])
    return levels, rules


@pytest.fixture(scope="module")
def expected(old, new, people):
    return by_hand(old, new, people)


FRAMES = {
    "polars": lambda table: table,
    "lazyframe": lambda table: table.lazy(),
    "arrow": lambda table: table.to_arrow(),
    "pandas": lambda table: table.to_arrow().to_pandas(),
    "duckdb": lambda table: duckdb.connect().from_arrow(table.to_arrow()),
}


def holds(impact, expected, old, new):
    """Whether an impact is what a loop over `advise` finds."""
    levels, rules = expected
    assert dict(levels) == dict(impact.counts)
    assert levels.total() == impact.rows
    assert {one.rule for one in impact.rules} >= {rule for what, rule in rules if what != "stays"}
    for one in impact.rules:
        counts = one.stops, one.starts, one.stays
        assert tuple(rules[what, one.rule] for what in ("stops", "starts", "stays")) == counts, one.rule
    order = list(old.levels), list(new.levels)
    assert [one.id for one in order[0]] == [one.id for one in order[1]]
    ranks = old.ranks
    assert impact.lowered == sum(count for (was, is_), count in levels.items() if ranks[is_] < ranks[was])
    assert impact.raised == sum(count for (was, is_), count in levels.items() if ranks[is_] > ranks[was])
    assert impact.same == sum(count for (was, is_), count in levels.items() if is_ == was)


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_table_counts_what_a_loop_over_advise_counts(kind, old, new, table, expected):
    impact = impact_of(old, new, FRAMES[kind](table))
    holds(impact, expected, old, new)
    assert impact.lowered > 0
    assert impact.raised > 0
    assert (HEADACHE, "tell", "urgently") in {
        (one.rule, one.level_old, one.level_new) for one in impact.rules
    }
    assert (MANY, "contact", None) in {(one.rule, one.level_old, one.level_new) for one in impact.rules}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Spark leaves its sockets to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_spark_counts_what_a_loop_over_advise_counts(spark, nurse):
    old, new, dropped = nurse
    few = (*list(old.questions)[:3], "fever", "took_fever_medicine", "constipated", "constipated_days")
    everything = [*answers(old, 100, seed=1), *one_thing_each(old)]
    people = [{one: person[one] for one in few} for person in everything]  # the wider, the longer it plans
    impact = impact_of(old, new, spark.createDataFrame(pl.DataFrame(people).to_arrow()), examples=1)
    holds(impact, by_hand(old, new, people), old, new)
    assert [dropped] == [one.rule for one in impact.rules]
    assert {1} == {len(one.examples) for one in impact.changes}
    assert all(example.answers in people for one in impact.changes for example in one.examples)


@pytest.mark.parametrize("kind", ["polars", "duckdb"])
def test_the_other_protocol_with_a_rule_dropped(kind, nurse):
    old, new, dropped = nurse
    people = [*answers(old, 100, seed=1), *one_thing_each(old)]
    impact = impact_of(old, new, FRAMES[kind](pl.DataFrame(people)))
    holds(impact, by_hand(old, new, people), old, new)
    assert [dropped] == [one.rule for one in impact.rules]
    assert 0 == impact.raised
    assert impact.lowered > 0


@pytest.mark.parametrize("kind", FRAMES)
def test_an_example_is_a_row_that_changes_so(kind, old, new, people, table):
    impact = impact_of(old, new, FRAMES[kind](table), examples=2)
    assert impact.changes
    for change in impact.changes:
        assert min(2, change.rows) == len(change.examples)
        for example in change.examples:
            given = {one: None if str(cell) == "nan" else cell for one, cell in example.answers.items()}
            assert given in people
            if kind != "duckdb":
                assert people[example.row - 1] == given
            before, after = advise(old, given, watch=False), advise(new, given, watch=False)
            assert (change.old, change.new) == (before.level, after.level)
            assert tuple(one.rule for one in before.reasons) == example.rules_old
            assert tuple(one.rule for one in after.reasons) == example.rules_new
            assert tuple(one.question for one in before.settle) == example.settle_old
            assert tuple(one.question for one in after.settle) == example.settle_new


def test_no_examples_no_answers(old, new, table):
    impact = impact_of(old, new, table, examples=0)
    assert impact.changes
    assert {()} == {one.examples for one in impact.changes}


def test_the_lowered_come_first_and_the_commonest_of_them(old, new, table):
    changes = impact_of(old, new, table).changes
    order = [(["lowered", "raised"].index(one.direction), -one.rows) for one in changes]
    assert order == sorted(order)
    assert {0, 1} == {first for first, _ in order}


def test_the_examples_are_of_the_first_rows(old, new, people, table):
    for change in impact_of(old, new, table, examples=2).changes:
        rows = [
            place
            for place, one in enumerate(people, 1)
            if (change.old, change.new)
            == (advise(old, one, watch=False).level, advise(new, one, watch=False).level)
        ]
        assert rows[:2] == [one.row for one in change.examples]


@pytest.mark.parametrize("kind", FRAMES)
def test_other_columns_are_no_part_of_an_example(kind, old, new, table):
    named = table.with_columns(pl.lit("Ann").alias("patient"))
    for change in impact_of(old, new, FRAMES[kind](named)).changes:
        assert all("patient" not in example.answers for example in change.examples)


@pytest.mark.parametrize("kind", ["polars", "lazyframe", "duckdb"])
def test_a_table_with_columns_named_as_results_is_no_trouble(kind, old, new, table, expected):
    named = table.with_columns(
        pl.lit(1).alias("level"), pl.lit(2).alias("rules"), pl.lit(3).alias("_of_level_old")
    )
    assert dict(expected[0]) == dict(impact_of(old, new, FRAMES[kind](named)).counts)


@pytest.mark.parametrize("kind", FRAMES)
def test_an_empty_table(kind, old, new, table):
    impact = impact_of(old, new, FRAMES[kind](table.head(0)))
    assert (0, 0, 0, 0) == (impact.rows, impact.lowered, impact.raised, impact.same)
    assert {} == impact.counts
    assert () == impact.rules


@pytest.mark.parametrize("kind", FRAMES)
def test_no_change_at_all(kind, old, table):
    impact = impact_of(old, old, FRAMES[kind](table))
    assert (ROWS, 0, 0) == (impact.same, impact.lowered, impact.raised)
    assert () == impact.changes
    assert () == impact.rules


def test_everybody_changes(old, new):
    somebody = {one.id: False for one in old.questions.values() if one.answer.kind == "yes-no"}
    people = pl.DataFrame(
        [somebody | {"temperature": 36.8, "diarrhoea": True, "loose_stools": 5, "diarrhoea_days": 1}] * 7
    )
    impact = impact_of(old, new, people)
    assert {("contact", "tell"): 7} == impact.counts
    assert (7, 0) == (impact.lowered, impact.same)


@pytest.mark.parametrize("kind", ["polars", "lazyframe", "duckdb"])
def test_a_cell_that_only_one_of_them_can_read(kind, old, new, table):
    """The old rules read what the new ones, told otherwise about the column, do not."""
    words = {"Ja": True, "Nein": False}
    said_so = table.with_columns(
        pl.when(pl.col("headache"))
        .then(pl.lit("Ja"))
        .when(~pl.col("headache"))
        .then(pl.lit("Nein"))
        .alias("headache"),
        pl.lit("much").alias("loose_stools"),
    )
    impact = impact_of(
        old, new, FRAMES[kind](said_so), columns={"headache": Column("headache", words=words)}, columns_new={}
    )
    known = ROWS - table["headache"].null_count()
    assert [("headache", 0, known, 0), ("loose_stools", 0, 0, ROWS)] == [
        (one.column, one.old_only, one.new_only, one.both) for one in impact.unreadable
    ]
    assert known == impact.unreadable_apart


@pytest.mark.parametrize("kind", ["polars", "lazyframe", "duckdb"])
def test_two_protocols_may_ask_different_questions(kind, old, people, table):
    """Each is told what the table has for it; what it has for neither is said of the one that asks."""
    other = load("neuroblastoma-targeted-therapy")
    impact = impact_of(old, other, FRAMES[kind](table))
    levels = Counter(
        (
            advise(old, one, watch=False).level,
            advise(other, {name: one[name] for name in one if name in other.questions}, watch=False).level,
        )
        for one in people
    )
    assert dict(levels) == dict(impact.counts)
    assert () == impact.old.absent
    assert next(one for one in other.questions if one not in old.questions) in impact.new.absent[0]


@pytest.mark.parametrize("kind", ["polars", "lazyframe", "duckdb"])
def test_a_table_without_answers_is_refused(kind, old, new):
    with pytest.raises(TableError, match="no column answers a question of 'all-targeted-drugs'"):
        impact_of(old, new, FRAMES[kind](pl.DataFrame({"patient": [1]})))


def test_what_is_no_table_is_refused(old, new):
    with pytest.raises(TableError, match="unknown kind of table"):
        impact_of(old, new, [{"headache": True}])


@pytest.mark.parametrize(
    ("old", "new", "before", "after", "expected"),
    [
        ("cba", "cba", "b", "b", "same"),
        ("cba", "cba", "c", "a", "lowered"),
        ("cba", "cba", "a", "b", "raised"),
        ("cba", "cbxa", "c", "a", "lowered"),
        ("cba", "cbxa", "a", "x", "unclear"),
        ("cba", "cxa", "b", "a", "unclear"),
        ("cba", "abc", "a", "b", "unclear"),
        ("red", "gbw", "r", "g", "unclear"),
        ("cba", "abc", "b", "b", "same"),
    ],
)
def test_a_direction_is_said_only_where_both_schemes_say_it(old, new, before, after, expected):
    assert expected == direction(old, new, before, after)


# files


def write(table, path):
    match path.suffix:
        case ".csv":
            table.write_csv(path)
        case ".parquet":
            table.write_parquet(path)
        case ".arrow":
            table.write_ipc(path)
        case ".ndjson":
            table.write_ndjson(path)
    return path


@pytest.mark.one_in(4)
@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow", "ndjson"])
def test_a_file_in_parts_counts_what_the_whole_table_counts(kind, old, new, table, tmp_path):
    path = write(table, tmp_path / f"answers.{kind}")
    whole = impact_of(old, new, table)
    found = impact_of_file(old, new, path, Reading(kind, most_rows=37))
    for name in ("counts", "rules", "unreadable", "unreadable_apart", "rows", "old", "new"):
        assert getattr(whole, name) == getattr(found, name), name
    assert [(one.old, one.new, one.rows, one.rules) for one in whole.changes] == [
        (one.old, one.new, one.rows, one.rules) for one in found.changes
    ]
    assert [[one.row for one in change.examples] for change in whole.changes] == [
        [one.row for one in change.examples] for change in found.changes
    ]


def test_parts_add_up(old, new, table, expected):
    parts = [impact_of(old, new, table[first : first + 90]) for first in range(0, ROWS, 90)]
    assert dict(expected[0]) == dict(sum((Counter(one.counts) for one in parts), Counter()))


def test_a_row_that_cannot_be_read_is_counted(old, new, tmp_path):
    path = tmp_path / "answers.ndjson"
    path.write_text('{"headache": true}\nno object\n{"headache": false}\n', "utf-8")
    impact = impact_of_file(old, new, path, Reading("ndjson"))
    assert (3, 1) == (impact.rows, impact.bad_rows)


def test_a_file_without_answers_is_refused(old, new, tmp_path):
    for name, text in (("a.csv", "patient\n1\n"), ("a.ndjson", '{"patient": 1}\n')):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        with pytest.raises(TableError, match="no column answers a question"):
            impact_of_file(old, new, path, Reading(path.suffix[1:]))


# what is shown


@pytest.fixture(scope="module")
def found(old, new, table):
    return impact_of(old, new, table.drop("dizzy"))


@pytest.fixture(scope="module")
def say(old, new):
    return partial(said, (old, new), ({}, {}))


def test_the_json_holds_everything_and_adds_up(found):
    read = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert ROWS == read["rows"] == sum(one["rows"] for one in read["counts"])
    assert read["lowered"] + read["raised"] + read["same"] + read["unclear"] == ROWS
    changed = {(one["old"], one["new"]): one["rows"] for one in read["counts"] if one["old"] != one["new"]}
    assert changed == {(one["old"], one["new"]): one["rows"] for one in read["changes"]}
    assert "dizzy" in read["old"]["absent"][0]


def test_the_page_has_the_numbers_of_the_json(found, say):
    html, read = impact_html(found, say, table="answers.csv"), found.as_json()
    shown = {
        (old, new): int(rows)
        for old, new, rows in re.findall(r'data-old="([^"]+)" data-new="([^"]+)" data-rows="(\d+)"', html)
    }
    assert len(found.old.levels) * len(found.new.levels) == len(shown)
    assert {(one["old"], one["new"]): one["rows"] for one in read["counts"]} == {
        pair: rows for pair, rows in shown.items() if rows
    }
    for one in ("rows", "lowered", "raised", "same"):
        assert [f"{read[one]:,}"] == re.findall(rf'id="count-{one}">([^<]*)<', html), one
    described = re.search(r'<desc id="figure-text">(.*?)</desc>', html)[1]
    assert len(read["changes"]) == described.count(" from ")
    for one in found.changes:
        rows = "1 row" if one.rows == 1 else f"{one.rows:,} rows"
        words = found.old.levels[one.old], found.new.levels[one.new]
        assert f"{rows} from {words[0]} to {words[1]}: {one.direction}." in described
    for one in found.rules:
        assert one.rule in html


def test_the_text_has_the_numbers_of_the_json(found, say):
    text = "\n".join(impact_text(found, say))
    for one in found.changes:
        assert f"{one.direction.upper()} from '{one.old}' to '{one.new}': {one.rows:,} row" in text
    lowered = next(one for one in found.changes if one.direction == "lowered")
    assert re.search(rf"v {lowered.rows}\b", text)
    assert text.index("LOWERED") < text.index("RAISED")
    assert "No column answers 1 of 44 questions" in text


def test_the_page_of_no_change_says_so(old, table, say):
    html = impact_html(impact_of(old, old, table), say)
    assert "No row’s level changes." in html
    assert "<figure>" not in html


def test_the_same_values_give_the_same_page(found, say):
    assert impact_html(found, say) == impact_html(found, say)


def test_what_stands_in_a_cell_cannot_become_part_of_the_page(old, new, say):
    cells = {
        "diarrhoea": [True],
        "loose_stools": ["5"],
        "diarrhoea_days": [1],
        "drug": ["<script>alert(1)</script>"],
        "temperature": [36.8],
    }
    somebody = {one.id: [False] for one in old.questions.values() if one.answer.kind == "yes-no"}
    impact = impact_of(old, new, pl.DataFrame(somebody | cells))
    html = impact_html(impact, say)
    assert impact.changes
    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_an_example_says_what_was_answered(old, new):
    words = {"Ja": True, "Nein": False, "?": None}
    columns = {
        "headache": Column("Kopfweh", words=words),
        "rash": Column("rash", words=words),
        "pale": Column("pale", words=words),
        "temperature": Column("temp", unit="°F"),
    }
    row = {"Kopfweh": "Ja", "rash": "Nein", "pale": "?", "temp": 98.6, "drug": None, "dizzy": False}
    impact = impact_of(old, new, pl.DataFrame([row]), columns=columns)
    told = said((old, new), (columns, columns), impact.changes[0].examples[0])
    assert (("Temperature", "98.6 °F"), ("Headache", "yes ('Ja')")) == told.given
    assert {old.questions[one].short.they for one in ("rash", "dizzy")} == set(told.no)
    assert {old.questions[one].short.they for one in ("pale", "drug")} == set(told.empty)


@pytest.mark.parametrize("kind", ["polars", "duckdb"])
def test_an_example_does_not_show_what_is_no_answer_as_one(kind, old, new):
    row = {"headache": True, "rash": "perhaps"}
    impact = impact_of(old, new, FRAMES[kind](pl.DataFrame([row])))
    (example,) = impact.changes[0].examples
    told = said((old, new), ({}, {}), example)
    assert (("rash",), ("rash",)) == (example.bad_old, example.bad_new)
    assert (("Headache", "yes"),) == told.given
    assert (f"{old.questions['rash'].short.they} ('perhaps' is no answer)",) == told.empty


def test_a_share_is_never_rounded_to_none_or_all():
    assert ["0 %", "under 0.01 %", "0.05 %", "50.0 %", "99.95 %", "over 99.99 %", "100 %"] == [
        share(count, 1_000_000) for count in (0, 1, 500, 500_000, 999_500, 999_999, 1_000_000)
    ]
    assert "0 %" == share(0, 0)
