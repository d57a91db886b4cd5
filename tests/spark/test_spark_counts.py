"""Spark counts what numpy counts; it is another group of tests: `pytest -m spark`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate import check_drift
from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.arrow import read_arrow_column
from pytest_mlgate.tables.engines import ORDERED, Engine, digest_of
from pytest_mlgate.tables.engines.lazy import lazy_table
from pytest_mlgate.tables.engines.opening import engine_of
from pytest_mlgate.tables.engines.parquet import open_files
from tests.tables.awkward import TABLES
from tests.tables.test_engines import edges_of

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]

# Spark has no type for these, or none in Parquet.
LACKING = {"null type", "uint64", "moments in ns", "durations"}
COLUMNS = {name: array for name, array in TABLES.items() if name not in LACKING and not name.startswith("no rows")}
ROWS = 2 + max(map(len, COLUMNS.values()))


def padded(array: pa.Array) -> pa.Array:
    """Return a column with null rows behind its own, at least two."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return pa.concat_arrays([array, pa.nulls(ROWS - len(array), array.type)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return all columns as one table of three files: one row, none, and the rest."""
    found = tmp_path_factory.mktemp("awkward")
    table = pa.table({name: padded(array) for name, array in COLUMNS.items()})
    for number, (start, stop) in enumerate([(0, 1), (1, 1), (1, ROWS)]):
        pq.write_table(table.slice(start, stop - start), found / f"{number}.parquet")
    return found


@pytest.fixture(scope="module")
def asked(session: Any, folder: Path) -> Engine:
    return lazy_table(session.read.parquet(str(folder)))


@pytest.mark.parametrize("name", COLUMNS)
def test_spark_counts_what_is_there(name: str, asked: Engine) -> None:
    truth = read_arrow_column(pa.chunked_array([padded(COLUMNS[name])]), name=name, table="table")
    if asked.types[name].kind not in ORDERED:
        counted = asked.levels(name)
        assert (counted.rows, counted.missing) == (ROWS, truth.missing)
        assert dict(counted.levels) == dict(truth.levels)
        return
    edges = edges_of(truth.values)[:60]
    counts = asked.counts(name, edges)
    assert (counts.rows, counts.missing) == (ROWS, truth.missing)
    assert (counts.below, counts.above) == ((truth.values == -np.inf).sum(), (truth.values == np.inf).sum())
    assert counts.at_or_below.tolist() == truth.values.searchsorted(edges, side="right").tolist()
    finite = truth.values[np.abs(truth.values) < 1e300]
    assert asked.values(name, [(-1e300, 0.0), (0.0, 1e300)]).tolist() == finite.tolist()


def test_the_digest_of_counts_is_that_of_the_files_and_of_duckdb(asked: Engine, folder: Path) -> None:
    import duckdb

    connection = duckdb.connect()
    by_duckdb = lazy_table(connection.read_parquet(str(folder / "*.parquet")))

    assert digest_of(asked) == digest_of(open_files(folder)) == digest_of(by_duckdb)


def test_an_empty_table_is_no_evidence(session: Any) -> None:
    result = check_drift({"x": [1.0, 2.0]}, session.sql("SELECT CAST(id AS DOUBLE) AS x FROM range(0)"))

    assert [(check.outcome, check.blocks) for check in result.checks] == [("error", True)]
    assert "has no row" in result.checks[0].message, result.checks[0].message


def test_sums_are_those_between_the_edges(asked: Engine) -> None:
    values = np.asarray(COLUMNS["floats"])
    edges = np.array([-0.5, 0.5])
    counts = asked.counts("floats", edges, sums=True)

    assert counts.sums is not None
    cuts = [(-np.inf, -0.5), (-0.5, 0.5), (0.5, np.inf)]
    expected = [values[(values > a) & (values <= b)].sum() for a, b in cuts]
    assert counts.sums == pytest.approx(expected, rel=1e-12)
    assert counts.squares == pytest.approx(((values - values.mean()) ** 2).sum(), rel=1e-12)


def test_rows_come_in_batches_whatever_the_partitions(session: Any) -> None:
    frame = session.sql("SELECT id, id / 7 AS x, TIMESTAMP '2024-01-01 00:00:00Z' AS at FROM range(0, 70000, 1, 1)")
    frame = frame.unionAll(frame.where("id < 0").repartition(3)).unionAll(frame.limit(1))  # skewed, with empty ones
    asked = lazy_table(frame)

    found = pa.Table.from_batches(list(asked.batches(["id", "at"])))

    assert found.schema.types == [pa.int64(), pa.timestamp("us", "UTC")]
    assert np.array_equal(np.sort(found["id"].to_numpy()), np.sort([0, *range(70000)]))
    assert max(len(batch) for batch in asked.batches(["x"])) <= 1 << 16
    moments = lazy_table(frame.limit(1)).table()["at"].to_pylist()
    assert [moment.isoformat() for moment in moments] == ["2024-01-01T00:00:00+00:00"]


def test_durations_are_refused(session: Any) -> None:
    frame = session.sql("SELECT INTERVAL '1' DAY AS value")

    with pytest.raises(InputError, match="which pyspark does not count exactly"):
        lazy_table(frame).counts("value", np.empty(0))


def test_a_column_that_spark_cannot_name_is_an_error_in_one_line(session: Any) -> None:
    with pytest.raises(InputError, match="pyspark cannot answer about the pyspark table: ") as found:
        lazy_table(session.sql("SELECT 1 AS `a.b`")).counts("a.b", np.empty(0))
    assert "\n" not in found.value.message


def test_what_fails_in_an_executor_is_an_error_and_no_smaller_count(session: Any) -> None:
    lost = session.sql("SELECT id, IF(id = 7, raise_error('the disk is gone'), 1) AS x FROM range(9)")

    with pytest.raises(InputError, match=r"pyspark cannot answer about the pyspark table: .*the disk is gone"):
        lazy_table(lost.selectExpr("id + x AS x")).counts("x", np.array([3.0]))


@pytest.mark.parametrize("key", ["spark.sql.files.ignoreCorruptFiles", "spark.sql.files.ignoreMissingFiles"])
def test_a_session_that_leaves_damaged_files_out_is_refused(session: Any, key: str) -> None:
    session.conf.set(key, "true")
    try:
        with pytest.raises(InputError, match=f"{key} = true") as found:
            engine_of(session.range(3))
    finally:
        session.conf.unset(key)
    assert found.value.fix == f'set it to false: spark.conf.set("{key}", "false")'
