"""Where an engine's extra is not installed, the error names it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines.opening import engine_of, open_setting


def test_without_duckdb_a_query_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)

    with pytest.raises(InputError, match="'duckdb:SELECT 1' is a query to duckdb, which is not installed") as found:
        open_setting("duckdb:SELECT 1", tmp_path)
    assert found.value.fix == 'pip install "pytest-mlgate[duckdb]"'


MADE: dict[str, Callable[[], Any]] = {
    "duckdb": lambda: duckdb.sql("SELECT 1 AS x"),
    "polars": lambda: pl.LazyFrame({"x": [1]}),
}


@pytest.mark.parametrize("name", MADE)
def test_without_narwhals_the_table_names_its_own_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = MADE[name]()
    monkeypatch.setitem(sys.modules, "narwhals", None)

    with pytest.raises(InputError, match=f"a {name} table is asked through narwhals, which is not installed") as found:
        engine_of(table)
    assert found.value.fix == f'pip install "pytest-mlgate[{name}]"'
