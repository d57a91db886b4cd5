"""Spark counts what numpy counts, in a session of the user's; it is another group of tests: `pytest -m spark`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate import check_drift
from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.arrow import read_arrow_column
from pytest_mlgate.tables.engines import ORDERED, digest_of
from pytest_mlgate.tables.engines.lazy import lazy_table
from pytest_mlgate.tables.engines.parquet import open_files
from tests.tables.awkward import TABLES
from tests.tables.test_engines import edges_of

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17 or later, and there is none"),
    pytest.mark.filterwarnings("ignore"),
]

# Spark has no type for these, or none in Parquet.
LACKING = {"null type", "uint64", "moments in ns", "durations"}


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason='pyspark is not installed: pip install "pytest-mlgate[spark]"')
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "3").config("spark.sql.session.timeZone", "Asia/Tokyo")
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    yield spark
    spark.stop()


@pytest.mark.parametrize("name", [name for name in TABLES if name not in LACKING])
def test_spark_counts_what_is_there(name: str, session: Any, tmp_path: Path) -> None:
    array = TABLES[name]
    truth = read_arrow_column(pa.chunked_array([array]), name="value", table="table")
    for number, (start, stop) in enumerate([(0, 1), (1, 1), (1, max(len(array), 1))]):  # skewed, and one without a row
        pq.write_table(pa.table({"value": array.slice(start, stop - start)}), tmp_path / f"{number}.parquet")
    asked = lazy_table(session.read.parquet(str(tmp_path)))

    assert asked.rows == len(array)
    if asked.types["value"].kind not in ORDERED:
        assert dict(asked.levels("value").levels) == dict(truth.levels)
        assert asked.levels("value").missing == truth.missing
        return
    edges = edges_of(truth.values)[:60]
    counts = asked.counts("value", edges)
    assert counts.missing == truth.missing
    assert (counts.below, counts.above) == ((truth.values == -np.inf).sum(), (truth.values == np.inf).sum())
    assert counts.at_or_below.tolist() == truth.values.searchsorted(edges, side="right").tolist()
    finite = truth.values[np.abs(truth.values) < 1e300]
    assert asked.values("value", [(-1e300, 0.0), (0.0, 1e300)]).tolist() == finite.tolist()
    assert digest_of(asked) == digest_of(open_files(tmp_path))


def test_durations_are_refused(session: Any) -> None:
    frame = session.sql("SELECT INTERVAL '1' DAY AS value")

    with pytest.raises(InputError, match="which pyspark does not count exactly"):
        lazy_table(frame).counts("value", np.empty(0))


@pytest.mark.parametrize("rows_in_memory", [10_000, 500])
def test_drift_of_a_spark_frame_has_the_verdict_of_its_rows(session: Any, tmp_path: Path, rows_in_memory: int) -> None:
    rng = np.random.default_rng(0)
    frames = [
        pd.DataFrame(
            {
                "score": np.where(rng.random(3000) < 0.02, np.inf, rng.normal(shift, 1, 3000)),
                "gap": np.where(rng.random(3000) < 0.1 + shift / 5, np.nan, rng.pareto(1.0, 3000)),
                "word": rng.choice(["a", "b", "c"], 3000, p=[0.5 - shift / 5, 0.3 + shift / 5, 0.2]),
                "when": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 10**6, 3000), unit="s"),
            }
        )
        for shift in (0.0, 0.5)
    ]
    frames[1]["when"] = frames[1]["when"].astype("datetime64[us, UTC]")
    frames[1].to_parquet(tmp_path / "current.parquet", index=False)

    found = check_drift(frames[0], session.read.parquet(str(tmp_path)), rows_in_memory=rows_in_memory)
    in_memory = check_drift(*frames)

    assert [(check.subject, check.outcome) for check in found.checks] == [
        (check.subject, check.outcome) for check in in_memory.checks
    ]
