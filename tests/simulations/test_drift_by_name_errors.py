"""How often drift errs with each statistic by name: no drift, half a standard deviation, very many rows.

Where every judge answers about the same tables, the tables are drawn once. Seeds are fixed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.checks import Outcome
from pytest_mlgate.gates.drift import check_drift

pytestmark = pytest.mark.slow

JUDGES = (
    "distance",
    "psi",
    "ks",
    "total_variation",
    "chi2",
    "cramers_v",
    "jensen_shannon",
    "hellinger",
    "wasserstein",
    "energy",
)
CARRIED = ("wasserstein", "energy")  # some 20 ms a column: fewer runs
TESTED = ("total_variation", "jensen_shannon", "hellinger", *CARRIED)  # the others share a p-value with one of these
BOUND = 0.075


def draw(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Fifty columns: normal, heavy-tailed, log-normal, zero-inflated, counts; Zipf levels; booleans of 0.5 and 50 %."""
    columns: dict[str, Any] = {}
    for i in range(8):
        columns |= {
            f"normal_{i}": rng.normal(size=n),
            f"heavy_{i}": rng.standard_t(2, size=n),
            f"lognormal_{i}": rng.lognormal(0, 1.5, size=n),
            f"zeros_{i}": np.where(rng.uniform(size=n) < 0.95, 0.0, rng.lognormal(0, 1.5, size=n)),
            f"count_{i}": rng.poisson(1 + i, size=n),
        }
    shares = 1 / np.arange(1, 21)
    for i in range(5):
        codes = rng.choice(20, size=n, p=shares / shares.sum())
        columns[f"zipf_{i}"] = pd.Categorical.from_codes(codes, [f"L{level}" for level in range(20)])
        columns[f"rare_{i}"] = rng.uniform(size=n) < (0.005 if i < 4 else 0.5)
    return pd.DataFrame(columns)


def alarms(judge: Any, n: int, m: int, runs: int) -> float:
    """Return the share of runs without drift in which any column fails, blocking or warning."""
    found = 0
    for run in range(runs):
        rng = np.random.default_rng([11, n, m, run])
        result = check_drift(draw(rng, n), draw(rng, m), judge=judge)
        assert Outcome.ERROR not in {check.outcome for check in result.checks}
        found += any(check.outcome is Outcome.FAIL for check in result.checks)
    return found / runs


@pytest.mark.parametrize("judge", TESTED)
@pytest.mark.parametrize(
    ("n", "m", "runs", "carried"),
    [(100, 100, 200, 15), (1_000, 1_000, 40, 6), (10_000, 100, 50, 6), (10_000, 10_000, 10, 3)],
)
def test_without_drift_any_of_fifty_columns_fails_in_few_runs(
    judge: str, n: int, m: int, runs: int, carried: int
) -> None:
    runs = carried if judge in CARRIED else runs
    share = alarms(judge, n, m, runs)

    print(f"\n{judge}, n = {n}, m = {m}: any fail without drift in {share:.1%} of {runs} runs")
    assert share <= BOUND


@pytest.mark.parametrize("judge", JUDGES)
def test_half_a_standard_deviation_is_found_at_a_thousand_rows(judge: Any) -> None:
    """In a family of fifty columns' size: alpha is divided by hand, so that one column need be drawn."""
    found, runs = 0, 100
    for run in range(runs):
        rng = np.random.default_rng([12, run])
        before, after = pd.DataFrame({"x": rng.normal(size=1_000)}), pd.DataFrame({"x": rng.normal(0.5, size=1_000)})
        found += check_drift(before, after, judge=judge, alpha=0.05 / 50).checks[0].outcome is Outcome.FAIL
    share = found / runs

    print(f"\n{judge}: half a standard deviation found in {share:.1%} of {runs} runs")
    assert share >= 0.97


def test_a_fiftieth_of_a_standard_deviation_in_a_million_rows_is_at_most_noted() -> None:
    rng = np.random.default_rng(13)
    before = pd.DataFrame(rng.normal(size=(1_000_000, 2)), columns=["a", "b"])
    after = pd.DataFrame(rng.normal(0.02, size=(1_000_000, 2)), columns=["a", "b"])

    for judge in JUDGES:
        result = check_drift(before, after, judge=judge)  # type: ignore[arg-type]
        assert {check.outcome for check in result.checks} == {Outcome.PASS}, judge
        assert all("a significant difference, but a small one" in check.message for check in result.checks), judge


@pytest.mark.parametrize("judge", CARRIED)
def test_p_values_of_the_bridge_are_as_rare_as_they_say_also_under_heavy_tails(judge: Any) -> None:
    p: list[float] = []
    for n, m in ((200, 200), (5_000, 100)):
        for run in range(60):
            rng = np.random.default_rng([14, n, run])
            before, after = (
                draw(rng, size)[["normal_0", "heavy_0", "lognormal_0", "zeros_0", "count_0"]] for size in (n, m)
            )
            p += [check.p for check in check_drift(before, after, judge=judge).checks if check.p is not None]
    below = [float(np.mean(np.array(p) < level)) for level in (0.05, 0.01)]

    print(f"\n{judge}: {below[0]:.1%} of {len(p)} p-values without drift are below 0.05, {below[1]:.1%} below 0.01")
    assert below[0] <= 0.075
    assert below[1] <= 0.025
