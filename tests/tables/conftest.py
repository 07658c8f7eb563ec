"""Tables at random and what they must give; protocols made for what the shipped ones lack."""

import importlib.util
import os
import shutil
from functools import cache

import pytest

import support.table_oracle
import support.tables
import support.written_protocols
from whentocall import load
from whentocall.conformance.vectors import vectors


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """One Spark for all tests, on this computer; without one they are skipped, but not on CI."""
    java = os.environ.get("JAVA_HOME") or shutil.which("java")
    if not java or importlib.util.find_spec("pyspark") is None:
        reason = "pyspark and Java are needed (Debian: apt-get install default-jre-headless)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    from pyspark.sql import SparkSession  # noqa: PLC0415  only these tests have it

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.log.level", "OFF")  # one test makes a worker fail
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def tables():
    """The module `support.tables`."""
    return support.tables


@pytest.fixture(scope="session")
def protocols():
    """The module `support.written_protocols`."""
    return support.written_protocols


@pytest.fixture(scope="session")
def oracle():
    """The module `support.table_oracle`."""
    return support.table_oracle


@pytest.fixture(scope="session")
def known(protocols, oracle, tmp_path_factory):
    """Gives the oracle of a protocol, by its name; the oracle has the protocol, and its vectors."""

    @cache
    def find(name):
        if name in protocols.WRITTEN:
            protocol = protocols.written(name, tmp_path_factory.mktemp(name))
        else:
            protocol = load(protocols.PUMP_LINE if name == "pump-line" else name)
        found = oracle.Oracle(protocol)
        found.vectors = cache(lambda: vectors(protocol))
        return found

    return find


@pytest.fixture(scope="session")
def odd(known, tables):
    """Gives the tables of every odd cell, each with what it must give, for these kinds of column."""

    @cache
    def tables_of(kinds):
        expected = known("wide")
        every = tables.odd_tables(expected.protocol, kinds)
        return [(table, expected.plain_rows(table)) for table in every]

    return tables_of


@pytest.fixture(scope="session")
def differences():
    """Gives the first rows and columns that are not as they must be: row, column, wanted, found."""

    def compare(wanted, found, *, most=5):
        assert len(wanted) == len(found)
        pairs = enumerate(zip(wanted, found, strict=True))
        unlike = (
            (row, column, one[column], other[column])
            for row, (one, other) in pairs
            if one != other
            for column in one
            if one[column] != other[column]
        )
        return [one for one, _ in zip(unlike, range(most), strict=False)]

    return compare


@pytest.fixture(scope="session")
def results(oracle):
    """Gives the output columns of a Polars DataFrame, row by row."""

    def rows(frame, prefix=""):
        found = frame.select([f"{prefix}{one}" for one in oracle.OUTPUTS])
        return [dict(zip(oracle.OUTPUTS, row, strict=True)) for row in found.rows()]

    return rows
