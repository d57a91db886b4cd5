"""The flights of the example have one digest and one verdict of drift, wherever their rows are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from example_project import features, flights
from pytest_mlgate import check_drift
from pytest_mlgate.tables.engines import digest_of
from pytest_mlgate.tables.engines.opening import engine_of
from tests.tables.expressions import ibis_table

pytestmark = pytest.mark.slow

CONNECTION = duckdb.connect()
ENGINES: dict[str, Callable[[Path], Any]] = {
    "folder": lambda folder: folder,
    "pattern": lambda folder: f"{folder}/**/*.parquet",
    "query": lambda folder: f"duckdb:SELECT * FROM '{folder}/**/*.parquet'",
    "relation": lambda folder: CONNECTION.read_parquet(f"{folder}/**/*.parquet", hive_partitioning=True),
    "lazy frame": lambda folder: pl.scan_parquet(f"{folder}/**/*.parquet", hive_partitioning=True),
    "expression": lambda folder: ibis_table(CONNECTION, folder / "**" / "*.parquet", hive_partitioning=True),
}


@cache
def year() -> pd.DataFrame:
    """Every flight, with what the service would answer from: moments, text, numbers, gaps in the weather."""
    rows = flights.load()
    built = features.build(rows)
    return pd.concat([rows, built.drop(columns=[name for name in built if name in rows])], axis="columns")


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[pd.DataFrame, Path]]:
    """The first half of the year and the second, each as rows, and as Parquet with a folder for each month."""
    found = {}
    for name, months in (("reference", range(1, 7)), ("current", range(7, 13))):
        rows = year().assign(month=year()["scheduled"].dt.month)
        rows = rows.loc[rows["month"].isin(months)].sort_values("month", kind="stable").reset_index(drop=True)
        folder = tmp_path_factory.mktemp(name)
        for month, part in rows.groupby("month"):
            (folder / f"month={month}").mkdir()
            whole = pa.Table.from_pandas(part.drop(columns="month"), preserve_index=False)
            pq.write_table(whole, folder / f"month={month}" / "flights.parquet", row_group_size=10_000)
        found[name] = rows, folder
    return found


def test_every_engine_counts_the_same_flights(sides: dict[str, tuple[pd.DataFrame, Path]]) -> None:
    rows, folder = sides["current"]
    numbers = rows.select_dtypes("number")
    edges = {name: np.unique(numbers[name].dropna().quantile(np.linspace(0, 1, 60))) for name in numbers}

    engines = {name: engine_of(make(folder)) for name, make in ENGINES.items()}
    digests = {name: (digest_of(one), digest_of(one, edges=edges)) for name, one in engines.items() if one is not None}

    assert list(digests) == list(ENGINES)
    assert len(set(digests.values())) == 1, digests


def test_every_engine_has_the_verdict_of_the_rows(sides: dict[str, tuple[pd.DataFrame, Path]]) -> None:
    (before, reference), (after, current) = sides["reference"], sides["current"]
    settings: dict[str, Any] = {"target": "late", "time": "scheduled"}
    expected = check_drift(before, after, **settings)

    for name, make in ENGINES.items():
        read = check_drift(make(reference), make(current), **settings)
        assert [(one.subject, one.code, one.outcome, one.severity, one.observed, one.p) for one in read.checks] == [
            (one.subject, one.code, one.outcome, one.severity, one.observed, one.p) for one in expected.checks
        ], name
        counted = check_drift(make(reference), make(current), rows_in_memory=50_000, **settings)
        assert [(one.subject, one.code, one.outcome, one.severity, one.n) for one in counted.checks] == [
            (one.subject, one.code, one.outcome, one.severity, one.n) for one in expected.checks
        ], name
        for one, same in zip(counted.checks, expected.checks, strict=True):
            low, high = one.details.get("distance_interval", [one.observed] * 2)
            assert low is None or low - 1e-12 <= same.details.get("distance", same.observed) <= high + 1e-12, name
