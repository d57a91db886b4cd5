"""How often concept drift and the domain classifier err, and what they find. Seeds are fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.drift import check_drift
from pytest_mlgate.gates.drift.domain import separate
from pytest_mlgate.gates.drift.encoding import Encoded

pytestmark = pytest.mark.slow

WINDOWS, SIZE, HOLDOUT = 6, 800, 5_000
RUNS = 400


class Scores:
    """A model whose probability of the positive label is a column."""

    classes_ = np.array([0, 1])

    def predict_proba(self, X: pd.DataFrame) -> Any:
        return np.column_stack([1 - X["p"], X["p"]])

    def predict(self, X: pd.DataFrame) -> Any:
        return (X["p"] >= 0.5).astype(int).to_numpy()


def draw(rng: np.random.Generator, n: int, metric: str, loss: float = 0.0) -> pd.DataFrame:
    """Rows on which the model has an accuracy of 0.85, or a ROC AUC of 0.80, less the loss."""
    if metric == "accuracy":
        late = rng.integers(0, 2, n)
        right = rng.uniform(size=n) < 0.85 - loss
        return pd.DataFrame({"p": np.where(right == (late == 1), 0.9, 0.1), "late": late})
    late = (rng.uniform(size=n) < 0.2).astype(int)
    distance = np.sqrt(2) * _quantile(0.80 - loss)
    score = rng.normal(size=n) + distance * late
    return pd.DataFrame({"p": 1 / (1 + np.exp(-score)), "late": late})


def _quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)


def concept(run: int, metric: str, losses: list[float], **settings: Any) -> Check:
    rng = np.random.default_rng([run, len(metric)])
    holdout = draw(rng, HOLDOUT, metric)
    current = pd.concat([draw(rng, SIZE, metric, loss) for loss in losses], ignore_index=True)
    result = check_drift(
        current,
        current,
        columns=["p"],
        target="late",
        candidate=Scores(),
        features=["p"],
        holdout=holdout,
        concept={"metric": metric, "rows": SIZE, "min_class_rows": 2, **settings},
    )
    return next(check for check in result.checks if check.code == "MLG517")


def shares(metric: str, losses: list[float], **settings: Any) -> dict[Outcome, float]:
    found = [concept(run, metric, losses, **settings).outcome for run in range(RUNS)]
    assert Outcome.ERROR not in found
    return {outcome: found.count(outcome) / RUNS for outcome in Outcome}


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc"])
def test_without_a_change_six_windows_seldom_fail(metric: str) -> None:
    found = shares(metric, [0.0] * WINDOWS, margin=0.0)

    print(f"\n{metric}, no change, margin 0: fails in {found[Outcome.FAIL]:.1%} of {RUNS} runs")
    assert found[Outcome.FAIL] <= 0.075


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc"])
def test_a_loss_of_exactly_the_margin_seldom_passes(metric: str) -> None:
    found = shares(metric, [0.05] * WINDOWS, margin=0.05)

    print(f"\n{metric}, at the margin: passes in {found[Outcome.PASS]:.1%}, fails in {found[Outcome.FAIL]:.1%}")
    assert found[Outcome.PASS] <= 0.075
    assert found[Outcome.FAIL] <= 0.075


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc"])
def test_a_real_change_in_the_newest_window_is_found(metric: str) -> None:
    found = shares(metric, [0.0] * (WINDOWS - 1) + [0.10], margin=0.02)

    print(f"\n{metric}, 0.10 lost in the newest of six windows: fails in {found[Outcome.FAIL]:.1%}")
    assert found[Outcome.FAIL] >= 0.8
    assert found[Outcome.PASS] <= 0.01


def test_a_model_that_is_as_good_as_it_was_passes_with_rows_enough() -> None:
    found = shares("accuracy", [0.0] * WINDOWS, margin=0.05)

    print(f"\naccuracy, no change, margin 0.05: passes in {found[Outcome.PASS]:.1%}")
    assert found[Outcome.PASS] >= 0.9


@pytest.mark.parametrize(("n", "columns", "runs"), [(250, 3, 60), (1_000, 6, 60)])
def test_where_there_is_nothing_to_tell_the_interval_of_the_area_covers_a_half(n: int, columns: int, runs: int) -> None:
    above, below, plain = 0, 0, 0
    current = np.arange(2 * n) >= n
    for run in range(runs):
        rng = np.random.default_rng([4, n, run])
        encoded = Encoded(
            values=rng.normal(size=(2 * n, columns)),
            current=current,
            names=tuple(f"x{k}" for k in range(columns)),
            categorical=(False,) * columns,
            left_out={},
        )
        found = separate(encoded, seed=run).auc
        above, below = above + (found.low > 0.5), below + (found.high < 0.5)
        plain += abs(found.estimate - 0.5) > (found.estimate - found.low) / np.sqrt(2)

    print(f"\nn = {n}: above {above / runs:.1%}, below {below / runs:.1%}; DeLong alone misses {plain / runs:.1%}")
    assert above / runs <= 0.09
    assert below / runs <= 0.09


@pytest.mark.parametrize("correlation", [0.3, 0.5])
def test_a_flipped_correlation_is_found_while_no_column_drifts(correlation: float) -> None:
    runs, n, noted, over, moved = 20, 2_000, 0, 0, 0
    for run in range(runs):
        rng = np.random.default_rng([5, run])
        frames = [
            pd.DataFrame(rng.multivariate_normal([0, 0], [[1, r], [r, 1]], size=n), columns=["a", "b"])
            for r in (correlation, -correlation)
        ]
        *columns, check = check_drift(*frames, domain_classifier=True).checks
        moved += any(column.outcome is Outcome.FAIL for column in columns)
        noted += check.outcome is Outcome.FAIL
        over += check.interval is not None and (check.interval.low or 0) > 0.6

    print(f"\n{correlation} to {-correlation}: noted {noted / runs:.0%}, above 0.6 {over / runs:.0%}, columns {moved}")
    assert noted == runs
    assert moved == 0
