"""The Spark example runs, and each row gets the level that the library gives one person."""

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

import whentocall

pytestmark = [
    pytest.mark.filterwarnings("ignore::whentocall.tables.advising.TableWarning"),
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning"
    ),  # Spark leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

EXAMPLE = Path(__file__).parents[2] / "examples" / "spark_job.py"
PEOPLE = (
    {"temperature": 38.6, "headache": False},
    {"temperature": 36.8, "headache": True},
    {"temperature": 36.8, "headache": None},  # its cell says "perhaps"
)


def test_the_job_writes_the_advice_and_counts_its_levels_and_bad_rows(spark, tmp_path):
    spec = importlib.util.spec_from_file_location("example_spark_job", EXAMPLE)
    job = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(job)
    source, target = str(tmp_path / "answers"), str(tmp_path / "advice")
    rows = "(38.6D, 'no'), (36.8D, 'yes'), (36.8D, 'perhaps')"
    spark.sql(f"SELECT * FROM VALUES {rows} AS people(temperature, headache)").write.parquet(source)

    levels, bad = job.run(spark, source, target)

    protocol = whentocall.load("all-targeted-drugs")
    assert Counter(whentocall.advise(protocol, answers).level for answers in PEOPLE) == levels
    assert 1 == bad
    assert [["headache"]] == [
        row["bad_cells"] for row in spark.read.parquet(target).collect() if row["bad_cells"]
    ]
