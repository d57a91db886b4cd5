"""Tables of ibis are asked where they are, by the engine that they are expressions for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate import check_drift
from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.tables import as_frame
from pytest_mlgate.tables.engines import Engine, digest_of
from pytest_mlgate.tables.engines.opening import engine_of
from tests.tables.expressions import ibis_table

pytestmark = pytest.mark.filterwarnings("ignore")  # ibis's own, of pandas and duckdb

RNG = np.random.default_rng(5)
ROWS = pa.table(
    {
        "delay": np.where(RNG.random(2000) < 0.1, np.nan, RNG.pareto(1.0, 2000)),
        "hour": RNG.integers(0, 24, 2000),
        "carrier": RNG.choice(["UA", "B6", "EV"], 2000),
    }
)


def made(expression: Any) -> Any:
    """Filter and compute, so that there is something to compile."""
    return expression.filter(expression.hour > 5).mutate(twice=expression.delay * 2, late=expression.delay > 1)


@pytest.fixture
def by_duckdb(tmp_path: Path) -> Any:
    pq.write_table(ROWS, tmp_path / "rows.parquet")
    return ibis_table(duckdb.connect(), tmp_path / "rows.parquet")


@pytest.fixture
def by_polars() -> Any:
    import ibis

    return ibis.polars.connect({"rows": pl.from_arrow(ROWS)}).table("rows")


def asked(table: Any) -> Engine:
    engine = engine_of(table)
    assert engine is not None
    return engine


def test_an_expression_is_answered_by_its_own_engine(by_duckdb: Any, by_polars: Any) -> None:
    engines = [asked(made(table)) for table in (by_duckdb, by_polars)]

    assert [engine.name for engine in engines] == ["duckdb", "polars"]
    assert [list(engine.types) for engine in engines] == [["delay", "hour", "carrier", "twice", "late"]] * 2
    # polars compares NaN as a number, so that `late` is another question there
    kept = ["delay", "hour", "carrier", "twice"]
    first, second = (asked(made(table).select(*kept)) for table in (by_duckdb, by_polars))
    assert digest_of(first) == digest_of(second)
    assert sum(len(batch) for batch in first.batches(["hour"])) == first.rows


@pytest.mark.parametrize("rows_in_memory", [10_000, 500])
def test_its_drift_is_that_of_its_rows(by_duckdb: Any, by_polars: Any, rows_in_memory: int) -> None:
    before = pd.DataFrame({"delay": RNG.pareto(1.0, 2000), "hour": RNG.integers(0, 24, 2000), "carrier": ["UA"] * 2000})
    in_memory = check_drift(before, ROWS.to_pandas())

    for table in (by_duckdb, by_polars):
        found = check_drift(before, table, rows_in_memory=rows_in_memory)
        assert [(one.subject, one.outcome, one.n) for one in found.checks] == [
            (one.subject, one.outcome, one.n) for one in in_memory.checks
        ]


def test_what_lies_in_memory_is_part_of_it(by_duckdb: Any) -> None:
    import ibis

    names = ibis.memtable(pd.DataFrame({"carrier": ["UA", "EV"], "name": ["United", "ExpressJet"]}))

    joined = asked(by_duckdb.join(names, "carrier"))

    carriers = ROWS["carrier"].to_pylist()
    assert dict(joined.levels("name").levels) == {"United": carriers.count("UA"), "ExpressJet": carriers.count("EV")}
    assert dict(asked(names).levels("carrier").levels) == {"UA": 1, "EV": 1}


def test_what_cannot_be_asked_is_said_in_one_line(by_duckdb: Any) -> None:
    import ibis

    with pytest.raises(InputError, match=r"an ibis table cannot be asked: IbisError: .*unbound") as found:
        engine_of(ibis.table({"x": "int64"}, name="nowhere"))
    assert "\n" not in found.value.message

    broken = by_duckdb.mutate(x=by_duckdb.carrier.cast("int64"))
    checks = check_drift(pd.DataFrame({"x": range(99)}), broken.select("x"), rows_in_memory=10).checks
    (check,) = (one for one in checks if one.subject == "x")
    assert isinstance(check, Check)
    assert (check.outcome, check.code) == (Outcome.ERROR, "MLG504")
    assert "duckdb cannot answer" in check.message


def test_other_databases_give_their_rows_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    import ibis

    table = ibis.sqlite.connect()
    table.con.execute("CREATE TABLE flights (delay REAL, carrier TEXT)")
    table.con.executemany("INSERT INTO flights VALUES (?, ?)", [(1.5, "UA"), (None, "B6")])
    flights = table.table("flights")

    assert engine_of(flights) is None
    frame = as_frame(flights, name="current")
    assert frame["delay"].isna().tolist() == [False, True]

    monkeypatch.setattr("pytest_mlgate.tables.engines.MOST_CELLS", 3)
    with pytest.raises(InputError, match="ibis table of sqlite with 2 rows of 2 columns, which would be collected"):
        as_frame(flights, name="current")


def test_without_narwhals_the_extra_is_named(by_duckdb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "narwhals", None)

    with pytest.raises(InputError, match="an ibis table is asked through narwhals, which is not installed") as found:
        engine_of(by_duckdb)
    assert found.value.fix == 'pip install "pytest-mlgate[ibis]"'
