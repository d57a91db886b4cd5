"""How often drift errs: false alarms without drift, and shifts that it must find. Seeds are fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.checks import GateResult, Outcome, Severity
from pytest_mlgate.gates.drift import check_drift

pytestmark = pytest.mark.slow

RUNS = 300
LEVELS = (3, 5, 8, 12, 20, 50, 100, 200)
HALF, THREE_QUARTERS = "normal_0", "normal_2"  # two of the fifty that move


def draw(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Fifty columns: 40 of numbers of several shapes, 8 categorical with 3 to 200 levels, 2 boolean."""
    columns: dict[str, Any] = {}
    for i in range(8):
        columns |= {
            f"normal_{i}": rng.normal(size=n),
            f"heavy_{i}": rng.standard_t(2, size=n),
            f"skewed_{i}": rng.lognormal(0, 1.5, size=n),
            f"count_{i}": rng.poisson(1 + i, size=n),
            f"zeros_{i}": np.where(rng.uniform(size=n) < 0.7, 0.0, rng.exponential(size=n)),
        }
    for name, share in (("normal_1", 0.05), ("heavy_1", 0.3), ("skewed_1", 0.01)):
        columns[name] = np.where(rng.uniform(size=n) < share, np.nan, columns[name])
    for levels in LEVELS:
        shares = 1 / np.arange(1, levels + 1)
        codes = rng.choice(levels, size=n, p=shares / shares.sum())
        codes = np.where(rng.uniform(size=n) < 0.02, -1, codes) if levels in (5, 50) else codes
        columns[f"level_{levels}"] = pd.Categorical.from_codes(codes, [f"L{i}" for i in range(levels)])
    columns |= {"half": rng.uniform(size=n) < 0.5, "rare": rng.uniform(size=n) < 0.03}
    return pd.DataFrame(columns)


def without_drift(n: int, runs: int = RUNS) -> list[GateResult]:
    found = []
    for run in range(runs):
        rng = np.random.default_rng([1, n, run])
        found.append(check_drift(draw(rng, n), draw(rng, n)))
        assert Outcome.ERROR not in {check.outcome for check in found[-1].checks}
    return found


def share_with_a_fail(results: list[GateResult]) -> float:
    """Share of runs in which any column fails, blocking or warning."""
    share = float(np.mean([any(check.outcome is Outcome.FAIL for check in result.checks) for result in results]))
    print(f"\nany fail without drift in {share:.1%} of {len(results)} runs")
    return share


@pytest.mark.parametrize(("n", "runs"), [(1_000, RUNS), (10_000, 100)])
def test_without_drift_any_of_fifty_columns_fails_in_at_most_nine_percent(n: int, runs: int) -> None:
    assert share_with_a_fail(without_drift(n, runs)) <= 0.09


def test_a_hundred_rows_without_drift_are_said_to_be_too_few_and_seldom_fail() -> None:
    results = without_drift(100)

    assert share_with_a_fail(results) <= 0.09
    for result in results:
        open_ones = [check for check in result.checks if check.outcome is Outcome.INCONCLUSIVE]
        assert result.outcome in (Outcome.INCONCLUSIVE, Outcome.FAIL)
        assert len(open_ones) >= len(result.checks) - 1
        assert all("the sample is too small" in check.message for check in open_ones)
        assert all(check.severity is Severity.BLOCK for check in open_ones)


def test_at_a_thousand_rows_half_a_standard_deviation_is_warned_of_and_three_quarters_block() -> None:
    half, three_quarters = [], []
    for run in range(RUNS):
        rng = np.random.default_rng([2, 1_000, run])
        reference, current = draw(rng, 1_000), draw(rng, 1_000)
        moved = {HALF: current[HALF] + 0.5, THREE_QUARTERS: current[THREE_QUARTERS] + 0.75}
        checks = {check.subject: check for check in check_drift(reference, current.assign(**moved)).checks}
        half.append(checks[HALF].outcome is Outcome.FAIL)
        found = checks[THREE_QUARTERS]
        three_quarters.append(found.outcome is Outcome.FAIL and found.severity is Severity.BLOCK)

    shares = np.mean(half), np.mean(three_quarters)
    print(f"\nn = 1 000, {RUNS} runs: 0.5 sd is found in {shares[0]:.1%}, 0.75 sd blocks in {shares[1]:.1%}")
    assert min(shares) >= 0.97
