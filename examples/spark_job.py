"""A nightly job: answers in Parquet in, the same with advice out. `spark-submit spark_job.py IN OUT`."""

import sys

from pyspark.sql import SparkSession

import whentocall
from whentocall.tables import advise_table


def run(spark, source, target):
    """Advise on every row of `source`, and count the levels."""
    protocol = whentocall.load("all-targeted-drugs")
    advised = advise_table(protocol, spark.read.parquet(source))
    advised.write.mode("errorifexists").parquet(target)  # write first: each action would recompute everything
    written = spark.read.parquet(target)
    bad = written.filter("size(bad_cells) > 0").count()
    levels = {row["level"]: row["count"] for row in written.groupBy("level").count().collect()}
    return levels, bad


if __name__ == "__main__":
    session = SparkSession.builder.appName("whentocall").getOrCreate()
    print(run(session, *sys.argv[1:3]))
