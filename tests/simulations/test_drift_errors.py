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
SHIFTED = "normal_0"


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


def share_with_a_fail(n: int) -> float:
    alarms = 0
    for run in range(RUNS):
        rng = np.random.default_rng([1, n, run])
        result = check_drift(draw(rng, n), draw(rng, n))
        assert Outcome.ERROR not in {check.outcome for check in result.checks}
        alarms += any(check.outcome is Outcome.FAIL for check in result.checks)
    return alarms / RUNS


def shifted(n: int, shift: float, run: int) -> GateResult:
    rng = np.random.default_rng([2, n, run])
    reference, current = draw(rng, n), draw(rng, n)
    return check_drift(reference, current.assign(**{SHIFTED: current[SHIFTED] + shift}))


@pytest.mark.parametrize("n", [100, 1_000, 10_000])
def test_without_drift_any_of_fifty_columns_fails_in_at_most_nine_percent(n: int) -> None:
    share = share_with_a_fail(n)

    print(f"\nn = {n}: any fail without drift in {share:.1%} of {RUNS} runs")
    assert share <= 0.09


def test_half_a_standard_deviation_is_warned_of_at_a_thousand_rows() -> None:
    found = [next(c for c in shifted(1_000, 0.5, run).checks if c.subject == SHIFTED) for run in range(RUNS)]
    share = np.mean([check.outcome is Outcome.FAIL for check in found])

    print(f"\n0.5 sd at n = 1 000: warned of or blocked in {share:.1%} of {RUNS} runs")
    assert share >= 0.97


def test_three_quarters_of_a_standard_deviation_block_at_a_thousand_rows() -> None:
    found = [next(c for c in shifted(1_000, 0.75, run).checks if c.subject == SHIFTED) for run in range(RUNS)]
    share = np.mean([check.outcome is Outcome.FAIL and check.severity is Severity.BLOCK for check in found])

    print(f"\n0.75 sd at n = 1 000: blocked in {share:.1%} of {RUNS} runs")
    assert share >= 0.97


def test_a_hundred_rows_are_said_to_be_too_few() -> None:
    for run in range(RUNS):
        rng = np.random.default_rng([3, run])
        result = check_drift(draw(rng, 100), draw(rng, 100))

        open_ones = [check for check in result.checks if check.outcome is Outcome.INCONCLUSIVE]
        assert result.outcome in (Outcome.INCONCLUSIVE, Outcome.FAIL)
        assert len(open_ones) >= len(result.checks) - 1
        assert all("the sample is too small" in check.message for check in open_ones)
        assert all(check.severity is Severity.BLOCK for check in open_ones)
