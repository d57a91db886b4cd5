"""The baseline gate's intervals against the plain loop over scikit-learn: ``pytest -m benchmark -s tests/benchmarks``.

The loop takes seconds a hundred resamples, so a few of them are timed and scaled up. Times are CPU seconds of this
process, ours and the loop's run and run about; what is printed is their ratio.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from pytest_mlgate.stats.auc import delong, delong_interval
from pytest_mlgate.stats.bootstrap import bootstrap_aucs, bootstrap_sums, percentile_interval, resampled_rows
from tests.benchmarks import measuring

pytestmark = pytest.mark.benchmark

ROWS = 100_000
RESAMPLES = 10_000
LOOPS = 10


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of one call, and what it returned."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def rows_of(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth with 20 % positives, and two scores that agree much."""
    rng = np.random.default_rng(0)
    truth = rng.random(n) < 0.2
    common = truth + rng.normal(size=n)
    return truth, common + 0.3 * rng.normal(size=n), common + 0.3 * rng.normal(size=n)


def loop(truth: np.ndarray, answers: list[np.ndarray], metric: Callable[..., float]) -> tuple[float, np.ndarray]:
    """CPU seconds of one resample of both models, the mean of a few, and the draws."""
    draws = resampled_rows(len(truth), resamples=LOOPS, seed=1)
    spent, found = seconds(lambda: [[metric(truth[rows], answer[rows]) for answer in answers] for rows in draws])
    return spent / LOOPS, np.array(found)


def tell(what: str, ours: float, theirs: float, note: str) -> None:
    found = measuring.tell(what, {"ours": [ours], "loop": [theirs]}, note=note)
    print(f"  ratio 1/{1 / found['loop']:,.0f}")


def test_delong_at_a_million_rows_against_a_loop_of_a_thousand_resamples() -> None:
    truth, one, other = rows_of(1_000_000)
    ours, found = seconds(lambda: delong_interval(truth, one, other))
    once, areas = seconds(lambda: [roc_auc_score(truth, score) for score in (one, other)])

    tell("DeLong, n = 1 000 000", ours, 1000 * once, "loop: one pass over both models timed, times 1 000")
    print(f"  ratio to that one pass: {ours / once:.2f}")
    assert found.estimate == pytest.approx(areas[0] - areas[1], abs=1e-12)
    assert delong(truth, one, other).positives == truth.sum()


def test_ten_thousand_resamples_of_the_area_at_a_hundred_thousand_rows() -> None:
    truth, one, other = rows_of(ROWS)
    each, drawn = loop(truth, [one, other], roc_auc_score)
    ours, found = seconds(lambda: bootstrap_aucs(truth, [one, other], resamples=RESAMPLES, seed=1))

    tell(f"bootstrap of AUC, n = {ROWS}", ours, RESAMPLES * each, f"loop: {LOOPS} resamples timed, scaled")
    assert found[:LOOPS] == pytest.approx(drawn, abs=1e-12)


@pytest.mark.parametrize("name", ["accuracy", "f1"])
def test_ten_thousand_resamples_of_label_metrics_at_a_hundred_thousand_rows(name: str) -> None:
    truth, one, other = rows_of(ROWS)
    labels = [score > 1 for score in (one, other)]
    each, drawn = loop(truth, labels, {"accuracy": accuracy_score, "f1": f1_score}[name])

    def fast() -> Any:
        tops = [label == truth if name == "accuracy" else label & truth for label in labels]
        bottoms = [np.ones(ROWS) if name == "accuracy" else (label.astype(float) + truth) / 2 for label in labels]
        columns = np.column_stack([tops[0], bottoms[0], tops[1], bottoms[1]]).astype(float)
        sums = bootstrap_sums(columns, resamples=RESAMPLES, seed=1)
        differences = sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3]
        return percentile_interval(differences, float(differences.mean()), ROWS)

    ours, found = seconds(fast)

    tell(f"bootstrap of {name}, n = {ROWS}", ours, RESAMPLES * each, f"loop: {LOOPS} resamples timed, scaled")
    assert found.low - 0.01 < (drawn[:, 0] - drawn[:, 1]).mean() < found.high + 0.01
