"""How often blocks of rows err on a series that remembers, and how often the usual test does. Seeds are fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.drift import check_drift

pytestmark = pytest.mark.slow

COEFFICIENT = 0.9
RUNS = 400


def neighbours(n: int, run: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two consecutive windows of one autoregressive series of variance 1."""
    noise = np.random.default_rng([11, n, run]).normal(size=2 * n + 200)
    values = lfilter([1], [1, -COEFFICIENT], noise)[200:] * np.sqrt(1 - COEFFICIENT**2)
    return pd.DataFrame({"x": values[:n]}), pd.DataFrame({"x": values[n:]})


def judged(n: int, run: int, shift: float = 0.0, **settings: Any) -> Check:
    before, after = neighbours(n, run)
    return check_drift(before, after + shift, **settings).checks[-1]


@pytest.mark.parametrize("n", [1_000, 5_000])
@pytest.mark.parametrize("block", [50, 100])
def test_by_blocks_an_unchanged_series_differs_in_at_most_nine_percent(n: int, block: int) -> None:
    found = [judged(n, run, block=block) for run in range(RUNS)]
    significant = np.mean([check.p_adjusted < 0.05 for check in found])
    failed, open_ = (np.mean([check.outcome is o for check in found]) for o in (Outcome.FAIL, Outcome.INCONCLUSIVE))

    print(
        f"\nn = {n}, block = {block}, no change: significant in {significant:.1%} of {RUNS} runs,"
        f" fails in {failed:.1%}, inconclusive in {open_:.1%}"
    )
    assert failed <= significant <= 0.09


@pytest.mark.parametrize("n", [1_000, 5_000])
def test_taken_for_independent_it_differs_in_most_runs(n: int) -> None:
    share = np.mean([judged(n, run).p_adjusted < 0.05 for run in range(RUNS)])

    print(f"\nn = {n}, no blocks: significant without any change in {share:.1%} of {RUNS} runs")
    assert 0.6 <= share <= 0.85


@pytest.mark.parametrize(("n", "block", "least"), [(1_000, 50, 0.97), (1_000, 100, 0.95), (5_000, 50, 0.99)])
def test_a_shift_of_one_standard_deviation_fails_by_blocks(n: int, block: int, least: float) -> None:
    runs = 200
    share = np.mean([judged(n, run, 1.0, block=block).outcome is Outcome.FAIL for run in range(runs)])

    print(f"\nn = {n}, block = {block}: 1 sd blocks or warns in {share:.1%} of {runs} runs")
    assert share >= least


def test_ten_columns_and_three_groups_of_independent_rows_keep_the_level() -> None:
    runs, any_fail = 200, 0
    for run in range(runs):
        rng = np.random.default_rng([12, run])
        tables = [
            pd.DataFrame(rng.normal(size=(900, 10))).rename(columns=str).assign(g=rng.choice(list("abc"), size=900))
            for _ in range(2)
        ]
        checks = check_drift(*tables, within=["g"], max_distance=0.02, warn_distance=0.01).checks
        any_fail += any(check.outcome is Outcome.FAIL for check in checks)

    print(f"\n10 columns, 3 groups, limits of no consequence: any fail in {any_fail / runs:.1%} of {runs} runs")
    assert any_fail / runs <= 0.09
