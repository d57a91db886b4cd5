"""What drift makes of bad settings and bad tables: never a silent pass."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pydantic import ValidationError

from pytest_mlgate.checks import Outcome
from pytest_mlgate.gates.drift import Settings, check_drift

N = 400


def values(n: int = N, shift: float = 0.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(shift, size=n)


# silent passes seen elsewhere


def test_an_empty_current_table_is_an_error_and_not_a_psi_of_zero() -> None:
    result = check_drift(pd.DataFrame({"x": values()}), pd.DataFrame({"x": values(0)}))

    assert result.outcome is Outcome.ERROR
    assert "table 'current' has no row" in result.checks[0].message


@pytest.mark.parametrize("judge", ["distance", "psi"])
def test_one_wild_outlier_does_not_hide_a_shift(judge: Any) -> None:
    before, after = values(10_000), values(10_000, shift=0.75, seed=1)
    before[0] = after[0] = 1e6

    result = check_drift(pd.DataFrame({"x": before}), pd.DataFrame({"x": after}), judge=judge)

    assert result.outcome is Outcome.FAIL


def test_one_wild_outlier_does_not_hide_half_a_standard_deviation() -> None:
    """Half a standard deviation lies at D 0.197, just under the limit that blocks: it is warned of."""
    before, after = values(10_000), values(10_000, shift=0.5, seed=1)
    after[0] = 1e6

    check = check_drift(pd.DataFrame({"x": before}), pd.DataFrame({"x": after})).checks[0]

    assert check.outcome is Outcome.FAIL
    assert check.observed == pytest.approx(0.197, abs=0.02)


def test_nine_shifted_columns_of_twenty_block() -> None:
    before = pd.DataFrame({f"c{i}": values(500, seed=i) for i in range(20)})
    after = pd.DataFrame({f"c{i}": values(500, 3 if i < 9 else 0, seed=100 + i) for i in range(20)})

    result = check_drift(before, after)

    assert result.outcome is Outcome.FAIL
    assert {check.subject for check in result.checks if check.blocks} == {f"c{i}" for i in range(9)}


def test_categorical_columns_are_looked_at() -> None:
    before = pd.DataFrame({"x": values(), "c": ["a", "b"] * (N // 2)})
    after = pd.DataFrame({"x": values(seed=1), "c": ["a", "a", "a", "b"] * (N // 4)})

    result = check_drift(before, after)

    assert {check.subject: check.outcome for check in result.checks if check.blocks} == {"c": Outcome.FAIL}


def test_a_gate_that_compared_nothing_is_an_error() -> None:
    before, after = (pd.DataFrame({"k": [f"{side}{i}" for i in range(N)]}) for side in "ab")

    result = check_drift(before, after)

    assert result.outcome is Outcome.ERROR
    assert {check.code for check in result.checks} == {"MLG506", "MLG509"}


# columns


GOOD = pd.DataFrame({"x": values(), "ok": values(seed=9)})


@pytest.mark.parametrize(
    ("before", "after", "outcome", "words"),
    [
        pytest.param(GOOD["x"], ["1.5"] * N, Outcome.ERROR, "number values in the reference and text", id="text"),
        pytest.param(GOOD["x"], [True] * N, Outcome.ERROR, "number values in the reference and boolean", id="boolean"),
        pytest.param([1, "a"] * (N // 2), GOOD["x"], Outcome.ERROR, "values of type int and str", id="mixed"),
        pytest.param(GOOD["x"], [[1.0]] * N, Outcome.ERROR, "'x' of current holds values of type list", id="nested"),
        pytest.param(GOOD["x"] * 1j, GOOD["x"], Outcome.ERROR, "complex numbers", id="complex"),
        pytest.param([b"a"] * N, [b"a"] * N, Outcome.ERROR, "values of type bytes", id="bytes"),
        pytest.param(GOOD["x"], [np.nan] * N, Outcome.FAIL, "no value is left in current", id="all NaN"),
        pytest.param([None] * N, GOOD["x"], Outcome.FAIL, "no value is left in the reference", id="none before"),
        pytest.param([3.0] * N, [4.0] * N, Outcome.FAIL, "D 1", id="constant"),
        pytest.param(["a"] * N, ["b"] * N, Outcome.FAIL, "TV 1", id="constant text"),
        pytest.param(GOOD["x"], [np.inf] * N, Outcome.FAIL, f"{N} infinite values in current", id="infinite"),
        pytest.param(
            pd.date_range("2020", periods=N, freq="D"), GOOD["x"], Outcome.ERROR, "timestamp values", id="timestamp"
        ),
        pytest.param(
            pd.Categorical([1, 2] * (N // 2)), ["1", "2"] * (N // 2), Outcome.ERROR, "number values", id="categories"
        ),
    ],
)
def test_a_bad_column_is_named_and_the_others_are_judged(before: Any, after: Any, outcome: Outcome, words: str) -> None:
    first, second = pd.DataFrame({"x": before, "ok": GOOD["ok"]}), pd.DataFrame({"x": after, "ok": GOOD["ok"]})

    result = check_drift(first, second, max_distance=0.3)

    by_column = {check.subject.removesuffix(":missing"): check for check in result.checks}
    assert by_column["x"].outcome is outcome
    assert words in by_column["x"].message
    assert by_column["x"].fix
    assert by_column["ok"].outcome is Outcome.PASS
    assert result.outcome is outcome


@pytest.mark.parametrize(
    "column",
    [
        pytest.param([3.0] * N, id="constant"),
        pytest.param(["a"] * N, id="constant text"),
        pytest.param([np.nan] * N, id="all NaN"),
        pytest.param([None] * N, id="all None"),
        pytest.param(np.r_[[np.inf, -np.inf] * 100, values(200)], id="infinite"),
        pytest.param(pd.array([1, None, 2, 3] * 100, dtype="Int64"), id="nullable"),
        pytest.param(pd.array([1, None, 2, 3] * 100, dtype=pd.ArrowDtype(pa.int64())), id="arrow"),
        pytest.param(pd.array(["a", None] * 200, dtype=pd.ArrowDtype(pa.string())), id="arrow text"),
        pytest.param(pd.array([True, None] * 200, dtype=pd.ArrowDtype(pa.bool_())), id="arrow boolean"),
        pytest.param([Decimal("1.5"), Decimal("2.5")] * 200, id="decimal"),
        pytest.param([dt.date(2020, 1, 1 + i % 28) for i in range(N)], id="date"),
        pytest.param(pd.period_range("2020-01", periods=N, freq="D"), id="period"),
        pytest.param(pd.to_timedelta(np.arange(N) % 50, unit="s"), id="duration"),
        pytest.param(np.array([2**63 + 1, 2**64 - 1] * 200, dtype=np.uint64), id="unsigned"),
        pytest.param([2**70, 1] * 200, id="beyond 64 bits"),
        pytest.param(pd.cut(values(), 4), id="intervals"),
        pytest.param(pd.Series(values(), dtype="Sparse"), id="sparse"),
    ],
)
def test_odd_columns_are_compared_with_themselves_at_distance_zero(column: Any) -> None:
    frame = pd.DataFrame({"x": column})

    result = check_drift(frame, frame, max_distance=0.3)

    assert {check.outcome for check in result.checks} == {Outcome.PASS}
    assert {check.observed for check in result.checks} == {0}


@pytest.mark.parametrize("current", [[0.1], ["a"], [None], [pd.Timestamp("2020")]])
def test_one_row_is_never_a_pass(current: list[Any]) -> None:
    frame = pd.DataFrame({"x": current})
    before = pd.DataFrame({"x": [current[0], pd.NaT if isinstance(current[0], pd.Timestamp) else None] * 200})

    outcomes = {check.outcome for check in check_drift(before, frame).checks}

    assert outcomes == {Outcome.INCONCLUSIVE}


def test_duplicate_columns_are_an_error() -> None:
    twice = pd.DataFrame(np.zeros((N, 2)), columns=["x", "x"])

    result = check_drift(pd.DataFrame({"x": values()}), twice)

    assert result.outcome is Outcome.ERROR
    assert "'x'" in result.checks[0].message


def test_a_missing_file_is_an_error(tmp_path) -> None:
    result = check_drift(tmp_path / "reference.csv", pd.DataFrame({"x": values()}))

    assert result.outcome is Outcome.ERROR
    assert "reference.csv" in result.checks[0].message


# settings


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"columns": ["distence"]}, "columns: 'distence' (did you mean 'distance'?)"),
        ({"columns": {"distence": {"max_distance": 0.5}}}, "columns: 'distence' (did you mean 'distance'?)"),
        ({"exclude": ["distnce", "zzz"]}, "exclude: 'distnce' (did you mean 'distance'?); exclude: 'zzz'"),
    ],
)
def test_an_unknown_column_is_an_error_with_the_nearest_name(setting: dict[str, Any], words: str) -> None:
    frame = pd.DataFrame({"distance": values()})

    result = check_drift(frame, frame, **setting)

    assert result.outcome is Outcome.ERROR
    assert words in result.checks[0].message


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"max_distance": 5}, "at most 1, such as 0.2, not 5 (write 0.05 for 5 percent)"),
        ({"max_distance": -0.1}, "above 0 and at most 1"),
        ({"max_distance": 0}, "above 0 and at most 1"),
        ({"max_distance": float("nan")}, "should be a number, not nan"),
        ({"max_distance": float("inf")}, "above 0 and at most 1"),
        ({"max_distance": True}, "should be a number, not true"),
        ({"max_distance": "0.2"}, "should be a number, not the text '0.2'"),
        ({"columns": {"x": {"max_distance": "0.2"}}}, "should be a number, not '0.2'"),
        ({"warn_distance": 0.2}, "warn_distance=0.2 should be below max_distance=0.2"),
        ({"columns": {"x": {"warn_distance": 0.3}}}, "columns.x: warn_distance=0.3 should be below max_distance=0.2"),
        ({"columns": {"x": {"max_distance": 85}}}, "write 0.85 for 85 percent"),
        ({"columns": {"x": {"max_distnace": 0.5}}}, "Extra inputs are not permitted"),
        ({"columns": "x"}, "a list of names or a table by column"),
        ({"columns": []}, "at least 1 item"),
        ({"columns": ["x"], "only": ["y"]}, "not in both"),
        ({"alpha": 5}, "between 0 and 1, such as 0.05, not 5 (write 0.05 for 5 percent)"),
        ({"alpha": float("nan")}, "should be a number, not nan"),
        ({"adjust": "bonferroni"}, "'holm' or 'benjamini-hochberg'"),
        ({"judge": "js"}, "'distance', 'psi', 'ks'"),
        ({"max_psi": float("inf")}, "should be a PSI above 0"),
        ({"max_psi": 0.1}, "is the limit of PSI, which nothing is judged by"),
        ({"max_distence": 0.2}, "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_setting_is_refused_and_told_what_is_allowed(setting: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**setting)

    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "subject", "limits"),
    [
        ({}, "x", (0.2, 0.1)),
        ({"max_distance": 0.06}, "x", (0.06, 0.03)),
        ({"warn_distance": 0.05}, "x", (0.2, 0.05)),
        ({"columns": {"x": {"max_distance": 0.85}}}, "x", (0.85, 0.425)),
        ({"columns": {"x": {"max_distance": 0.85}}}, "y", (0.2, 0.1)),
        ({"warn_distance": 0.05, "columns": {"x": {"max_distance": 0.8}}}, "x", (0.8, 0.2)),
        ({"columns": {"x": {"max_distance": 0.8, "warn_distance": 0.7}}}, "x", (0.8, 0.7)),
    ],
)
def test_a_warning_keeps_its_share_of_the_limit(
    setting: dict[str, Any], subject: str, limits: tuple[float, float]
) -> None:
    found = Settings(**setting).limits(subject, "distance")

    assert (found.block, found.warn) == pytest.approx(limits)
