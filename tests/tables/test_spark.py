"""A Spark table's advice is a query of Spark's own: nothing is fetched, and nothing of ours runs there."""

import re
from pathlib import Path

import pytest

from whentocall.errors import TableError
from whentocall.tables import advise_table

pytestmark = [
    pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning"),
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning"
    ),  # Spark leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

README = Path(__file__).parents[2] / "docs" / "tables.md"
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
ADDED = ["level", "at_least", "could_be", "rules", "settle", "bad_cells"]


@pytest.fixture(scope="module")
def people(spark):
    """A person in each of 1,000 rows, in 7 partitions."""
    return spark.range(1000, numPartitions=7).selectExpr(
        "id",
        "CASE WHEN id % 10 = 0 THEN NULL ELSE 36 + id % 4 END AS temperature",
        "CASE WHEN id % 3 = 0 THEN NULL ELSE id % 3 = 1 END AS headache",
        "CASE id % 5 WHEN 0 THEN 'perhaps' WHEN 1 THEN 'true' ELSE 'false' END AS rash",
    )


@pytest.fixture
def jobs(spark):
    """Gives the number of jobs that Spark runs for an action."""
    context = spark.sparkContext

    def count(action):
        context.setJobGroup("counted", "the jobs of one action")
        before = len(context.statusTracker().getJobIdsForGroup("counted"))
        action()
        context._jsc.sc().listenerBus().waitUntilEmpty()
        context.setLocalProperty("spark.jobGroup.id", None)
        return len(context.statusTracker().getJobIdsForGroup("counted")) - before

    return count


def test_advising_runs_nothing(protocol, people, jobs):
    advised = []

    assert 0 == jobs(lambda: advised.append(advise_table(protocol, people)))
    assert 1 == jobs(advised[0].toArrow)  # and jobs are counted


def test_a_table_that_cannot_be_read_yet_can_be_advised(protocol, spark):
    broken = spark.sql("SELECT CAST(raise_error('read') AS DOUBLE) AS temperature")

    advised = advise_table(protocol, broken)

    with pytest.raises(Exception, match="read"):
        advised.collect()


def test_strict_has_spark_count_what_is_bad(protocol, people):
    with pytest.raises(TableError, match="column 'rash' has 200"):
        advise_table(protocol, people, strict=True)

    assert people.drop("rash").columns == advise_table(protocol, people.drop("rash"), strict=True).columns[:3]


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_no_python_is_started_for_the_rows(protocol, people, spark, monkeypatch):
    from pyspark.sql import functions  # noqa: PLC0415

    monkeypatch.setattr(spark.sparkContext, "pythonExec", "no-python-here")
    in_python = functions.udf(lambda answer: answer, "boolean")

    assert 1000 == len(advise_table(protocol, people).collect())
    with pytest.raises(Exception, match="no-python-here"):  # it would have failed
        people.select(in_python("headache")).collect()


def test_the_plan_has_only_projections(protocol, people):
    plan = advise_table(protocol, people)._jdf.queryExecution().executedPlan().toString()

    assert {"Project", "Range"} == set(re.findall(r"^[ :+-]*(?:\*\(\d+\) )?(\w+)", plan, re.MULTILINE))


def test_rows_stay_in_their_order_and_partitions(protocol, people):
    where = "id", "spark_partition_id() AS partition"

    assert people.selectExpr(*where).collect() == advise_table(protocol, people).selectExpr(*where).collect()


def test_names_that_differ_in_capitals_alone_are_one(protocol, people):
    taken = people.withColumnRenamed("id", "At_Least")

    with pytest.raises(TableError, match="has a column 'At_Least' already"):
        advise_table(protocol, taken)

    assert [*taken.columns, *(f"our_{one}" for one in ADDED)] == advise_table(
        protocol, taken, prefix="our_"
    ).columns


@pytest.mark.parametrize(
    "names", [("a.b", "a"), ("Note", "NOTE"), ("note", "note"), ("*", "`c0`"), ("c1", "_w0")]
)
def test_columns_with_other_things_stay_whatever_they_are_called(names, protocol, spark):
    frame = spark.createDataFrame([(1, True, "x")], "c0 int, c1 boolean, c2 string").toDF(*names, "headache")

    advised = advise_table(protocol, frame.withColumn("headache", frame.headache == "x"))

    assert [*names, "headache", *ADDED] == advised.columns
    assert (1, True, True, "contact") == tuple(advised.collect()[0])[:4]


def test_answers_to_the_same_question_in_two_columns_are_refused(protocol, people):
    twice = people.toDF("id", "headache", "Headache", "headache")

    with pytest.raises(TableError, match="2 columns 'headache'"):
        advise_table(protocol, twice)


def test_bad_cells_can_be_counted_by_column(protocol, people):
    advised = advise_table(protocol, people)

    assert 200 == advised.filter("size(bad_cells) > 0").count()
    assert [("rash", 200)] == [
        tuple(row) for row in advised.selectExpr("explode(bad_cells) AS bad").groupBy("bad").count().collect()
    ]


def test_what_the_readme_shows_runs(spark, protocol, people, tmp_path):
    (code,) = [one for one in CODE.findall(README.read_text("utf-8")) if "spark.read" in one]
    people.write.parquet(str(tmp_path / "answers"))
    for folder in ("answers/", "advice/"):
        assert f'"{folder}"' in code
        code = code.replace(f'"{folder}"', f'"{tmp_path / folder}"')

    exec(
        compile(code, "tables.md", "exec"),
        {"advise_table": advise_table, "protocol": protocol, "spark": spark},
    )

    written = spark.read.parquet(str(tmp_path / "advice"))
    assert [*people.columns, *ADDED] == written.columns
    assert people.count() == written.count()
