"""Rows in time order: p-values by blocks of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.signal import lfilter

from pytest_mlgate.checks import Check, GateResult, Outcome, Severity
from pytest_mlgate.gates.drift import check_drift


def one(result: GateResult, subject: str) -> Check:
    found = [check for check in result.checks if check.subject == subject]
    assert len(found) == 1, [(check.subject, check.message) for check in result.checks]
    return found[0]


def series(n: int, seed: int, coefficient: float = 0.9) -> Any:
    """An autoregressive series of variance 1."""
    noise = np.random.default_rng(seed).normal(size=n + 200)
    return lfilter([1], [1, -coefficient], noise)[200:] * np.sqrt(1 - coefficient**2)


def windows(n: int, seed: int, shift: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    values = series(2 * n, seed)
    hours = pd.date_range("2024-01-01", periods=2 * n, freq="h")
    frame = pd.DataFrame({"t": hours, "x": values})
    after = frame.iloc[n:].reset_index(drop=True)
    return frame.iloc[:n], after.assign(x=after["x"] + shift)


def test_neighbouring_windows_of_a_series_are_alike_by_blocks_and_apart_without() -> None:
    before, after = windows(1000, seed=7)

    plain = one(check_drift(before, after, time="t"), "x")
    blocks = one(check_drift(before, after, time="t", block=100), "x")

    assert plain.outcome is Outcome.FAIL
    assert blocks.outcome is not Outcome.FAIL
    assert blocks.observed == plain.observed == blocks.details["distance"]  # the distance is that of all rows
    assert blocks.p > 0.05 > plain.p


def test_a_shift_of_two_deviations_is_found_by_blocks() -> None:
    check = one(check_drift(*windows(2000, seed=1, shift=2), time="t", block=50), "x")

    assert (check.outcome, check.severity) == (Outcome.FAIL, Severity.BLOCK)
    assert "p by blocks of 50 rows" in check.message
    assert check.details["p_method"] == "block permutation"
    assert check.details["blocks"] == [40, 40]
    assert check.details["permutations"] >= 2000
    assert check.details["seed"] == 0


def test_the_permutations_own_critical_value_says_that_the_rows_are_too_few() -> None:
    check = one(check_drift(*windows(1000, seed=5), time="t", block=100), "x")

    assert check.outcome is Outcome.INCONCLUSIVE
    assert check.details["smallest_detectable"] > 0.2  # 0.06 for as many independent rows
    assert check.details["rows_needed"] > 1000
    assert check.details["rows_needed"] % 100 == 0
    assert f"about {check.details['rows_needed']} rows a side would do" in check.message


def test_too_few_blocks_are_inconclusive_and_say_what_would_do() -> None:
    before, after = windows(200, seed=1, shift=9)
    check = one(check_drift(before[["x"]], after[["x"]], block=100), "x")

    assert (check.outcome, check.severity) == (Outcome.INCONCLUSIVE, Severity.BLOCK)
    # C(4, 2) / 2 = 3 splits; C(8, 4) / 2 = 35 are the first to exceed 1 / 0.05
    assert "2 and 2 of 100 rows can be dealt in 3 ways, and more than 20 are needed" in check.message
    assert "400 rows a side would do, or block = 50" in check.message
    assert check.details["smallest_detectable"] is None
    assert check.details["rows_needed"] == 400


def test_the_block_length_that_is_offered_does() -> None:
    before, after = windows(200, seed=1, shift=9)

    assert one(check_drift(before[["x"]], after[["x"]], block=50), "x").outcome is Outcome.FAIL


def test_a_side_shorter_than_a_block_is_inconclusive() -> None:
    before, after = windows(400, seed=1)
    check = one(check_drift(before, after.head(40), time="t", block=50), "x")

    assert check.outcome is Outcome.INCONCLUSIVE
    assert "8 and 0 of 50 rows can be dealt in 0 ways" in check.message


def test_more_columns_ask_for_more_permutations() -> None:
    rng = np.random.default_rng(0)
    before, after = (pd.DataFrame(rng.normal(size=(200, 80)), columns=[f"c{i}" for i in range(80)]) for _ in range(2))

    check = one(check_drift(before, after, block=10), "c0")

    assert check.details["tests"] == 80
    assert check.details["permutations"] == 3200  # twice 80 / 0.05


def test_rows_are_put_into_the_order_of_time_first() -> None:
    before, after = windows(1000, seed=7)
    shuffled = [frame.sample(frac=1, random_state=1) for frame in (before, after)]

    straight = check_drift(before, after, time="t", block=50)
    by_time = check_drift(*shuffled, time="t", block=50)
    by_table = check_drift(*(frame[["x"]] for frame in shuffled), block=50)

    assert straight.checks == by_time.checks
    assert one(by_table, "x").p < 0.01 < one(straight, "x").p  # shuffled rows look independent


def test_levels_and_missing_values_are_permuted_by_blocks_too() -> None:
    before, after = windows(1000, seed=5)
    # Sign and silence follow the slow series, so their rows depend on each other as well.
    tables = [
        pd.DataFrame({"t": f["t"], "c": np.where(f["x"] > 0, "up", "down"), "m": f["x"].where(f["x"] < 1)})
        for f in (before, after)
    ]

    plain, blocks = (check_drift(*tables, time="t", **how) for how in ({}, {"block": 100}))

    for subject in ("c", "m:missing"):
        assert one(plain, subject).observed == one(blocks, subject).observed
        assert one(blocks, subject).details["p_method"] == "block permutation"
        assert one(blocks, subject).p > 3 * one(plain, subject).p
    assert one(blocks, "c").details["blocks_statistic"] == pytest.approx(one(blocks, "c").observed)


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(np.arange(400) // 4),
        pd.Series(np.arange(400) // 4, dtype="Int64"),
        pd.Series(np.arange(400.0), dtype="float64[pyarrow]"),
        pd.Series(pd.date_range("2024-01-01", periods=400, freq="D")),
        pd.Series(pd.date_range("2024-01-01", periods=400, freq="D", tz="Europe/Berlin")),
        pd.Series(pd.date_range("2024-01-01", periods=400, freq="D").strftime("%Y-%m-%d")),
        pd.Series(pd.date_range("2024-01-01", periods=400, freq="D").date),
        pd.Series(pd.to_timedelta(np.arange(400), unit="h")),
        pd.Series(pd.period_range("2024-01-01", periods=400, freq="D")),
        pd.Series([f"L{k // 50}" for k in range(400)]),
        pd.Series([f"L{k // 50}" for k in range(400)], dtype="category"),
        pd.Series([f"L{k // 50}" for k in range(400)], dtype="string[pyarrow]"),
        pd.Series(np.arange(400) > 100),
        pd.Series(np.arange(400) > 100, dtype="boolean"),
    ],
    ids=lambda values: str(values.dtype),
)
def test_every_kind_of_column_has_the_same_distance_block_by_block(values: pd.Series) -> None:
    rows = np.random.default_rng(0).permutation(400)
    plain = values.astype(object) if values.dtype == bool else values
    with_a_gap = plain.where(plain.index != rows[5])
    before, after = (pd.DataFrame({"v": with_a_gap.iloc[part]}) for part in (rows[:240], rows[160:]))

    check = one(check_drift(before, after, columns=["v"], block=10), "v")

    assert check.details["blocks_statistic"] == pytest.approx(check.details["distance"], abs=1e-9)


def test_the_run_says_how_rows_were_taken() -> None:
    result = check_drift(*windows(300, seed=0), time="t", block=20, seed=11)

    note = one(result, "rows")
    assert (note.code, note.outcome, note.severity) == ("MLG512", Outcome.PASS, Severity.NOTE)
    assert "p-values by blocks of 20 rows, in the order of 't'" in note.message
    assert note.details["seed"] == one(result, "x").details["seed"] == 11


def test_a_row_without_a_time_has_no_place() -> None:
    before, after = windows(300, seed=0)
    after.loc[[3, 4], "t"] = pd.NaT

    (check,) = check_drift(before, after, time="t", block=20).checks

    assert check.outcome is Outcome.ERROR
    assert "2 of 300 rows of current have no 't'" in check.message


def test_a_time_column_that_has_no_order_or_is_not_there_is_an_error() -> None:
    before, after = windows(300, seed=0)

    (absent,) = check_drift(before, after[["x"]], time="t", block=20).checks
    (text,) = check_drift(before.assign(t="noon"), after.assign(t="noon"), time="t", block=20).checks

    assert "current does not have it" in absent.message
    assert "holds text values, which have no order" in text.message


def test_blocks_go_with_distances_only() -> None:
    frames = windows(300, seed=0)

    with pytest.raises(ValidationError, match="block goes with judge = 'distance' only, not with 'psi'"):
        check_drift(*frames, block=20, judge="psi")
    with pytest.raises(ValidationError, match=r"columns\.x: block goes"):
        check_drift(*frames, block=20, columns={"x": {"judge": "wasserstein"}})
    with pytest.raises(ValidationError, match="greater than or equal to 2"):
        check_drift(*frames, block=1)


def test_sensitive_levels_are_not_told_by_blocks() -> None:
    before, after = windows(400, seed=0)
    tables = [pd.DataFrame({"who": np.where(frame["x"] > 0, "Ada", "Grace")}) for frame in (before, after)]

    result = check_drift(*tables, block=40, sensitive=["who"])

    assert "Ada" not in str([check.to_json() for check in result.checks])


def test_rows_that_never_differ_need_as_many_as_independent_ones() -> None:
    frame = pd.DataFrame({"b": [True] * 100})

    plain, blocks = (one(check_drift(frame, frame, **how), "b") for how in ({}, {"block": 5}))

    assert plain.outcome is blocks.outcome is Outcome.INCONCLUSIVE
    assert blocks.details["smallest_detectable"] == plain.details["smallest_detectable"]


def test_very_many_blocks_are_no_harder_to_count() -> None:
    frame = pd.DataFrame({"x": np.arange(6_000) % 7})

    assert one(check_drift(frame, frame, block=2), "x").outcome is Outcome.PASS
