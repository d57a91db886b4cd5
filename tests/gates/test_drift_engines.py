"""Drift of tables whose rows stay where they are: the verdict is that of the same rows in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate import GateResult, check_drift, profile_table
from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.drift.counted import EngineSide
from pytest_mlgate.gates.drift.sides import side_of
from pytest_mlgate.tables.engines.lazy import LazyTable
from pytest_mlgate.tables.engines.parquet import ParquetFiles
from tests.gates.test_drift_files import table as of_every_kind
from tests.tables.expressions import ibis_table

ROWS = 6000


def rows(seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Continuous, tied, zero-inflated, heavy-tailed, infinite, whole, with gaps, times, levels, dates as text."""
    rng = np.random.default_rng(seed)
    moments = pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 86_400 * 90, ROWS), unit="s")
    return pd.DataFrame(
        {
            "temp": np.round(rng.normal(15 + 8 * shift, 8, ROWS), 1),
            "score": rng.normal(shift, 1, ROWS),
            "hour": rng.choice(24, ROWS, p=np.arange(1, 25) / 300),
            "rain": np.where(rng.random(ROWS) < 0.9 - shift / 4, 0.0, rng.exponential(size=ROWS)),
            "delay": rng.pareto(0.7, ROWS) * (1 + shift),
            "wind": np.where(rng.random(ROWS) < 0.05 + shift / 10, np.nan, rng.gamma(2, 4, ROWS)),
            "ratio": np.where(rng.random(ROWS) < 0.01, np.inf, rng.normal(size=ROWS)),
            "one": np.ones(ROWS),
            "when": moments.as_unit("us"),
            "day": moments.strftime("%Y-%m-%d"),
            "carrier": rng.choice(["UA", "B6", "EV", "DL"], ROWS, p=[0.4 + shift / 5, 0.3 - shift / 5, 0.2, 0.1]),
            "late": rng.random(ROWS) < 0.2 + shift / 5,
        }
    )


def folder(frame: pd.DataFrame, path: Path) -> Any:
    path.mkdir()
    cuts = [0, 10, 10, 400, len(frame)]  # one file has no row
    whole = pa.Table.from_pandas(frame, preserve_index=False)
    for number, (start, stop) in enumerate(itertools.pairwise(cuts)):
        pq.write_table(whole.slice(start, stop - start), path / f"{number}.parquet")
    return path


def pattern(frame: pd.DataFrame, path: Path) -> Any:
    return str(folder(frame, path) / "*.parquet")


CONNECTION = duckdb.connect()


def relation(frame: pd.DataFrame, path: Path) -> Any:
    return CONNECTION.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))


def query(frame: pd.DataFrame, path: Path) -> Any:
    return f"duckdb:SELECT * FROM '{folder(frame, path)}/*.parquet'"


def lazy_frame(frame: pd.DataFrame, path: Path) -> Any:
    return pl.scan_parquet(folder(frame, path) / "*.parquet")


def expression(frame: pd.DataFrame, path: Path) -> Any:
    return ibis_table(CONNECTION, folder(frame, path) / "*.parquet")


ENGINES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "folder": folder,
    "pattern": pattern,
    "relation": relation,
    "query": query,
    "lazy frame": lazy_frame,
    "expression": expression,
}


def by_subject(result: GateResult) -> dict[str, Check]:
    return {check.subject: check for check in result.checks}


def test_what_is_given_says_how_it_is_asked(tmp_path: Path) -> None:
    frame = rows(0).head(20)
    found = {name: side_of(make(frame, tmp_path / name), name="current") for name, make in ENGINES.items()}

    engines = {name: type(side.engine) for name, side in found.items() if isinstance(side, EngineSide)}
    files = dict.fromkeys(("folder", "pattern"), ParquetFiles)
    assert engines == {**files, **dict.fromkeys(("relation", "query", "lazy frame", "expression"), LazyTable)}


@pytest.mark.parametrize("engine", ENGINES)
def test_tables_that_fit_are_compared_as_in_memory(engine: str, tmp_path: Path) -> None:
    before, after = (of_every_kind(seed).to_pandas() for seed in (0, 1))
    made = ENGINES[engine](after, tmp_path / "current")

    in_memory, found = (check_drift(before, side, sensitive=["word"]) for side in (after, made))

    assert by_subject(found).keys() == by_subject(in_memory).keys()
    for check, expected in zip(found.checks, in_memory.checks, strict=True):
        assert (check.subject, check.outcome, check.observed, check.p) == (
            expected.subject,
            expected.outcome,
            expected.observed,
            expected.p,
        )


CASES = [
    *(("rows", engine, 0.25) for engine in ENGINES),
    *(("rows", "folder", shift) for shift in (0.0, 1.0)),
    *(("profile", engine, 0.25) for engine in ("folder", "relation", "lazy frame")),
    *(("engine", engine, 0.25) for engine in ("folder", "relation", "lazy frame")),
]


@pytest.mark.parametrize(("other", "engine", "shift"), CASES)
def test_counted_columns_have_the_verdict_of_rows_in_memory(
    other: str, engine: str, shift: float, tmp_path: Path
) -> None:
    before, after = rows(0), rows(1, shift)
    in_memory = by_subject(check_drift(before, after))
    references: dict[str, Callable[[], Any]] = {
        "rows": lambda: before,
        "profile": lambda: profile_table(before),
        "engine": lambda: ENGINES[engine](before, tmp_path / "reference"),
    }
    current = ENGINES[engine](after, tmp_path / "current")

    found = by_subject(check_drift(references[other](), current, rows_in_memory=2000))

    assert list(found) == list(in_memory)
    for subject, check in found.items():
        expected = in_memory[subject]
        if check.code == "MLG520":
            assert other == "profile"
            continue
        assert (check.outcome, check.severity) == (expected.outcome, expected.severity), subject
        assert check.n == expected.n
        low, high = check.details.get("distance_interval", [check.observed] * 2)
        assert low - 1e-12 <= expected.details["distance"] <= high + 1e-12, subject
        assert high - low <= 0.06
        if other == "rows":
            assert check.details.get("psi") == pytest.approx(expected.details.get("psi"), abs=0.002), subject


def test_either_side_may_be_counted(tmp_path: Path) -> None:
    before, after = rows(0), rows(1, 0.25)
    in_memory = by_subject(check_drift(before, after))

    found = by_subject(check_drift(folder(before, tmp_path / "reference"), after, rows_in_memory=2000))

    for subject, check in found.items():
        assert check.outcome is in_memory[subject].outcome
        low, high = check.details.get("distance_interval", [check.observed] * 2)
        assert low - 1e-12 <= in_memory[subject].details["distance"] <= high + 1e-12


@pytest.mark.parametrize("engine", ["folder", "relation", "lazy frame"])
@pytest.mark.parametrize("column", ["score", "temp", "delay"])
def test_a_limit_within_the_bounds_is_settled_by_the_rows_that_matter(
    engine: str, column: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = rows(0)[[column]], rows(1, 0.25)[[column]]
    fetched: list[int] = []
    for kind in (ParquetFiles, LazyTable):
        monkeypatch.setattr(kind, "values", counted_calls(kind.values, fetched))
    exact = by_subject(check_drift(before, after))[column].details["distance"]
    sides = [ENGINES[engine](frame, tmp_path / str(seed)) for seed, frame in enumerate((before, after))]

    for limit, reached in ((exact, True), (float(np.nextafter(exact, 1)), False)):
        found = check_drift(*sides, max_distance=limit, warn_distance=limit / 2, rows_in_memory=4000).checks[0]
        low, high = found.details["distance_interval"]
        assert low == found.observed == exact
        assert (low >= limit) is reached
        assert reached or high == exact

    assert sum(fetched) < ROWS  # of the 24 000 values of both sides, twice


@pytest.mark.parametrize("engine", ["folder", "relation", "lazy frame", "expression"])
def test_more_rows_than_fit_are_settled_where_few_of_their_values_are_distinct(engine: str, tmp_path: Path) -> None:
    """As a wind in miles an hour, which was measured in knots: no edge of a grid finds such values."""
    winds, rng = np.sqrt(np.arange(2, 42)), np.random.default_rng(3)
    before, after = (pd.DataFrame({"wind": rng.choice(winds, 3000, p=p / p.sum())}) for p in (winds, winds + 1))
    exact = check_drift(before, after).checks[0].details["distance"]
    sides = [ENGINES[engine](frame, tmp_path / str(seed)) for seed, frame in enumerate((before, after))]

    for limit, reached in ((exact, True), (float(np.nextafter(exact, 1)), False)):
        found = check_drift(*sides, max_distance=limit, warn_distance=limit / 2, rows_in_memory=100).checks[0]
        low, high = found.details["distance_interval"]
        assert low == found.observed == exact
        assert (low >= limit) is reached
        assert reached or high == exact


def counted_calls(ask: Any, fetched: list[int]) -> Any:
    def values(self: Any, name: str, within: Any) -> Any:
        found = ask(self, name, within)
        fetched.append(found.size)
        return found

    return values


def test_what_cannot_be_fetched_is_inconclusive_and_says_so(tmp_path: Path) -> None:
    before, after = rows(0)[["score"]], rows(1, 0.25)[["score"]]
    exact = check_drift(before, after).checks[0].details["distance"]

    (check,) = check_drift(
        before, folder(after, tmp_path / "current"), max_distance=exact + 1e-4, rows_in_memory=3
    ).checks

    assert (check.outcome, check.code) == (Outcome.INCONCLUSIVE, "MLG520")
    assert "by counts" in check.message
    assert "what was counted is too coarse: it does not tell whether the limit" in check.message


@pytest.mark.parametrize("judge", ["psi", "total_variation", "jensen_shannon", "hellinger", "cramers_v"])
def test_statistics_of_bins_are_those_of_the_rows(judge: Any, tmp_path: Path) -> None:
    before, after = rows(0), rows(1, 0.25)
    in_memory = by_subject(check_drift(before, after, judge=judge))

    found = by_subject(check_drift(before, folder(after, tmp_path / "current"), judge=judge, rows_in_memory=2000))

    for subject, check in found.items():
        assert check.observed == pytest.approx(in_memory[subject].observed, abs=0.002), subject


@pytest.mark.parametrize("judge", ["wasserstein", "energy"])
@pytest.mark.parametrize("engine", ["folder", "relation"])
def test_transport_distances_lie_within_their_bounds(judge: Any, engine: str, tmp_path: Path) -> None:
    before, after = rows(0)[["score", "temp", "hour"]], rows(1, 0.25)[["score", "temp", "hour"]]
    in_memory = by_subject(check_drift(before, after, judge=judge))

    found = by_subject(check_drift(before, ENGINES[engine](after, tmp_path / "x"), judge=judge, rows_in_memory=2000))

    for subject, check in found.items():
        assert check.observed == pytest.approx(in_memory[subject].observed, rel=0.02), subject


@pytest.mark.parametrize("engine", ["folder", "relation", "lazy frame"])
def test_questions_about_rows_collect_them(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = rows(0), rows(1)
    made = ENGINES[engine](after, tmp_path / "current")
    settings: dict[str, Any] = {"time": "when", "window": "30 days", "within": ["carrier"], "rows_in_memory": 2000}

    assert check_drift(before, made, **settings) == check_drift(before, after, **settings)

    monkeypatch.setattr("pytest_mlgate.tables.engines.MOST_CELLS", 1000)
    (check,) = check_drift(before, ENGINES[engine](after, tmp_path / "again"), **settings).checks
    assert (check.outcome, check.code) == (Outcome.ERROR, "MLG002")
    assert "more than the 1,000 values that are held in memory" in check.message


def test_a_sensitive_column_that_cannot_be_counted_is_not_quoted() -> None:
    lost = CONNECTION.sql("SELECT CAST(CASE WHEN range = 7 THEN 'a secret' ELSE '1' END AS DOUBLE) AS x FROM range(99)")

    (check,) = check_drift(pd.DataFrame({"x": range(99)}), lost, sensitive=["x"], rows_in_memory=10).checks[:1]

    assert check.outcome is Outcome.ERROR
    assert "secret" not in check.message


def test_a_large_file_is_counted_and_a_small_one_read(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"x": np.arange(100.0)}), path)

    assert isinstance(side_of(path, name="current", rows_in_memory=99), EngineSide)
    assert not isinstance(side_of(path, name="current", rows_in_memory=100), EngineSide)


def test_two_tables_of_one_connection_are_asked_one_after_the_other() -> None:
    """A second question is refused by duckdb while it answers one."""
    many = "SELECT (range * 7919 + {0}) % 1000 AS a, sqrt(range) AS b, cos(range) AS c FROM range(120000)"
    before, after = (CONNECTION.sql(many.format(shift)) for shift in (0, 1))

    found = check_drift(before, after, rows_in_memory=1000)

    assert [check.outcome for check in found.checks] == [Outcome.PASS] * 3, found.checks


def test_an_empty_lazy_table_is_no_evidence(tmp_path: Path) -> None:
    (check,) = check_drift(rows(0), pl.LazyFrame({"x": []}, schema={"x": pl.Float64})).checks

    assert check.outcome is Outcome.ERROR
    assert "has no row" in check.message
