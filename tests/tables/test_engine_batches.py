"""Rows of a table that stays where it is, little at a time: all of them, in order, of the table's own types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines import Engine
from pytest_mlgate.tables.engines.lazy import lazy_table
from pytest_mlgate.tables.engines.parquet import open_files
from tests.tables.awkward import TABLES
from tests.tables.test_engines import ENGINES

MOST = 65_536
LARGE = pa.table({"i": np.arange(200_000), "text": [f"t{i % 7}" for i in range(200_000)], "x": np.arange(2e5) / 3})

needs_polars_batches = pytest.mark.skipif(
    not hasattr(pl.LazyFrame, "collect_batches"), reason="this polars has no batches, and says so: another test"
)
BY_NAME = [pytest.param(name, marks=[needs_polars_batches] if name == "polars" else []) for name in ENGINES]


@pytest.mark.parametrize("engine", BY_NAME)
@pytest.mark.parametrize("name", TABLES)
def test_batches_are_the_rows_of_the_table(name: str, engine: str, tmp_path: Path) -> None:
    asked = ENGINES[engine](pa.table({"value": TABLES[name]}), tmp_path)
    whole = asked.table().column("value")

    found = pa.chunked_array([batch.column("value") for batch in asked.batches(["value"])], type=whole.type)

    assert repr(found.to_pylist()) == repr(whole.to_pylist())


def large(engine: str, folder: Path) -> Engine:
    if engine == "one file":  # whose row groups are of three rows
        pq.write_table(LARGE, folder / "large.parquet", row_group_size=70_000)
        return open_files(folder / "large.parquet")
    return ENGINES[engine](LARGE, folder)


@pytest.mark.parametrize("engine", BY_NAME)
def test_large_tables_come_in_order_and_in_the_columns_asked_for(engine: str, tmp_path: Path) -> None:
    asked = large(engine, tmp_path)

    batches = list(asked.batches(["x", "i"]))

    assert batches[0].schema.names == ["x", "i"]
    assert max(len(batch) for batch in batches) <= MOST < LARGE.num_rows
    assert np.concatenate([batch.column("i").to_numpy() for batch in batches]).tolist() == list(range(200_000))


@pytest.mark.parametrize("engine", BY_NAME)
def test_an_iterator_that_is_closed_leaves_the_engine_free(engine: str, tmp_path: Path) -> None:
    asked = large(engine, tmp_path)
    batches: Any = asked.batches(["i"])
    next(batches)
    batches.close()

    assert asked.levels("text").levels["t0"] == 28572
    assert sum(len(batch) for batch in asked.batches(["text"])) == 200_000


def test_columns_of_folders_names_are_among_the_batches(tmp_path: Path) -> None:
    for month in ("1", "2", "__HIVE_DEFAULT_PARTITION__"):
        (tmp_path / f"month={month}").mkdir()
        pq.write_table(pa.table({"a": [1.5], "a.b": ["x"]}), tmp_path / f"month={month}" / "part.parquet")
    asked = open_files(tmp_path)

    (first, second, last) = asked.batches(["a.b", "month", "a"])

    assert [batch.to_pylist()[0] for batch in (first, second, last)] == [
        {"a.b": "x", "month": 1, "a": 1.5},
        {"a.b": "x", "month": 2, "a": 1.5},
        {"a.b": "x", "month": None, "a": 1.5},
    ]
    assert [batch.column(0).to_pylist() for batch in asked.batches(["month"])] == [[1], [2], [None]]


def test_rows_that_change_meanwhile_are_refused() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE live AS SELECT range AS x FROM range(10)")
    asked = lazy_table(connection.table("live"))
    assert asked.rows == 10
    connection.execute("INSERT INTO live VALUES (10)")

    with pytest.raises(InputError, match=r"counted twice with different answers \(10 and 11 rows\)"):
        list(asked.batches(["x"]))


def test_files_that_change_meanwhile_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": np.arange(10)}), tmp_path / "x.parquet")
    asked = open_files(tmp_path / "x.parquet")
    assert asked.rows == 10
    pq.write_table(pa.table({"y": ["another"] * 5}), tmp_path / "x.parquet")

    with pytest.raises(InputError, match=r"x\.parquet"):
        list(asked.batches(["x"]))


def test_a_query_that_fails_in_the_middle_is_said_in_one_line() -> None:
    rows = duckdb.sql(
        "SELECT CASE WHEN range = 150000 THEN error('the disk is gone') ELSE range END AS x FROM range(200000)"
    )
    asked = lazy_table(rows)
    asked.__dict__["rows"] = 200_000  # counting them would fail first

    with pytest.raises(InputError, match=r"duckdb cannot answer about the duckdb table: .*the disk is gone"):
        list(asked.batches(["x"]))


def test_a_polars_without_batches_collects_what_is_small_and_refuses_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pl.LazyFrame, "collect_batches", raising=False)
    (batch,) = lazy_table(pl.LazyFrame({"x": [1], "y": [2]})).batches(["y"])
    assert batch.to_pydict() == {"y": [2]}
    monkeypatch.setattr("pytest_mlgate.tables.engines.lazy.MOST_CELLS", 0)

    with pytest.raises(InputError, match=r"polars [\d.]+ cannot give the rows of a lazy frame in batches") as found:
        list(lazy_table(pl.LazyFrame({"x": [1]})).batches(["x"]))
    assert "1.34" in found.value.fix
