"""Columns of every kind are compared: a move is found, and no move is none."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pytest_mlgate.checks import Outcome
from pytest_mlgate.gates.drift import check_drift

N = 1_000
JUDGES = ("distance", "psi", "jensen_shannon", "wasserstein")


def whole(shift: float, seed: int) -> np.ndarray:
    """Whole numbers around 50, with a standard deviation of 10."""
    return np.random.default_rng(seed).normal(50 + 10 * shift, 10, size=N).round().astype(int)


def some_missing(values: np.ndarray) -> list[int | None]:
    return [None if i % 10 == 0 else int(value) for i, value in enumerate(values)]


def moments(values: np.ndarray, zone: str | None) -> pd.Series[Any]:
    return pd.Series(pd.Timestamp("2024-01-01", tz=zone) + pd.to_timedelta(values, unit="h"))


def zero_inflated(values: np.ndarray) -> np.ndarray:
    return np.where(values % 10 < 9, 0, values)


KINDS: dict[str, Any] = {
    "float": lambda v: v.astype(float),
    "float32": lambda v: v.astype(np.float32),
    "integer": lambda v: v,
    "unsigned": lambda v: v.clip(0).astype(np.uint8),
    "nullable integer": lambda v: pd.array(some_missing(v), dtype="Int64"),
    "nullable float": lambda v: pd.array(some_missing(v), dtype="Float64"),
    "boolean": lambda v: v > 50,
    "nullable boolean": lambda v: pd.array([None if i % 10 == 0 else x > 50 for i, x in enumerate(v)], dtype="boolean"),
    "text": lambda v: [f"level {x // 10}" for x in v],
    "string dtype": lambda v: pd.array([f"level {x // 10}" for x in v], dtype="string"),
    "categorical": lambda v: pd.Categorical(v // 10),
    "ordered categorical": lambda v: pd.Categorical(v // 10, categories=range(-9, 30), ordered=True),
    "timestamp": lambda v: moments(v, None),
    "timestamp with a zone": lambda v: moments(v, "America/New_York"),
    "decimal": lambda v: [Decimal(int(x)) / 4 for x in v],
    "duration": lambda v: pd.to_timedelta(v, unit="min"),
    "arrow integer": lambda v: pd.array(some_missing(v), dtype=pd.ArrowDtype(pa.int32())),
    "arrow float": lambda v: pd.array(v.astype(float), dtype=pd.ArrowDtype(pa.float64())),
    "arrow text": lambda v: pd.array([f"level {x // 10}" for x in v], dtype=pd.ArrowDtype(pa.string())),
    "arrow boolean": lambda v: pd.array((v > 50).tolist(), dtype=pd.ArrowDtype(pa.bool_())),
    "arrow timestamp": lambda v: moments(v, "UTC").astype(pd.ArrowDtype(pa.timestamp("us", tz="UTC"))),
    "arrow decimal": lambda v: pd.array([Decimal(int(x)) for x in v], dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
    "arrow dictionary": lambda v: pd.Series([f"level {x // 10}" for x in v]).astype(
        pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    ),
    "sparse float": lambda v: pd.arrays.SparseArray(np.where(v < 40, np.nan, v.astype(float))),
    "sparse integer": lambda v: pd.arrays.SparseArray(np.where(v < 40, 0, v)),
    "sparse boolean": lambda v: pd.arrays.SparseArray(v > 50),
}


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_move_of_any_kind_of_column_is_found_and_none_is_none(kind: str, judge: Any) -> None:
    make = KINDS[kind]
    before, alike, moved = (pd.DataFrame({"x": make(whole(shift, seed))}) for seed, shift in enumerate((0, 0, 1.5)))
    columns = {"x": {}}  # named: values of a kind must not be taken for identifiers

    same = check_drift(before, alike, judge=judge, columns=columns)
    apart = check_drift(before, moved, judge=judge, columns=columns)

    assert {check.outcome for check in same.checks} == {Outcome.PASS}, [check.message for check in same.checks]
    assert apart.checks[0].outcome is Outcome.FAIL, apart.checks[0].message
    assert apart.checks[0].code in ("MLG501", "MLG507")


@pytest.mark.parametrize("judge", JUDGES)
def test_a_column_that_is_mostly_zero_is_compared_where_it_is_not(judge: Any) -> None:
    rng = np.random.default_rng(0)
    share, scale = (0.7, 0.7, 0.3), (1, 1, 1)
    before, alike, moved = (
        pd.DataFrame({"x": np.where(rng.uniform(size=2_000) < p, 0.0, rng.lognormal(0, s, size=2_000))})
        for p, s in zip(share, scale, strict=True)
    )

    assert check_drift(before, alike, judge=judge).outcome is Outcome.PASS
    assert check_drift(before, moved, judge=judge).checks[0].outcome is Outcome.FAIL


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("dtype", ["float64", "Sparse[float]", "Int64", "string", "boolean", "datetime64[us]"])
def test_a_column_without_any_value_passes_only_against_another_one(dtype: str, judge: Any) -> None:
    missing = pd.DataFrame({"x": pd.Series([None] * N, dtype="float64" if "float" in dtype else dtype).astype(dtype)})
    filled = pd.DataFrame({"x": whole(0, 0)})

    assert check_drift(missing, missing, judge=judge).outcome is Outcome.PASS
    assert check_drift(missing, filled, judge=judge).outcome is Outcome.FAIL


@pytest.mark.slow
def test_a_million_levels_take_seconds_and_are_not_a_pass() -> None:
    """Some 5 s of processor time were measured; levels repeat, so they are no identifier."""
    rng = np.random.default_rng(0)
    names = np.array([f"user-{i}" for i in range(1_000_000)])
    before, after = (
        pd.DataFrame({"x": names[np.concatenate([np.arange(1_000_000), rng.integers(1_000_000, size=500_000)])]})
        for _ in range(2)
    )

    start = time.process_time()
    check = check_drift(before, after).checks[0]

    assert time.process_time() - start < 20
    assert check.outcome is Outcome.INCONCLUSIVE
    assert check.details["levels"] == 1_000_000
