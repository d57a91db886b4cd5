"""The baseline gate's intervals against the plain loop over scikit-learn: ``pytest -m benchmark -s tests/benchmarks``.

The loop takes seconds a hundred resamples, so a few of them are timed and scaled up. Times are CPU seconds of this
process, ours and the loop's run and run about. Tables of predictions that are counted are measured as whole processes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from pytest_mlgate.stats.auc import delong, delong_interval
from pytest_mlgate.stats.bootstrap import bootstrap_aucs, bootstrap_sums, percentile_interval, resampled_rows
from tests.benchmarks.measuring import RUNS, alternate, measure, tell

pytestmark = pytest.mark.benchmark

ROWS = 100_000
RESAMPLES = (1_000, 10_000)
LOOPS = 10
LOOP = "a loop over scikit-learn"
STORED = 10_000_000


def rows_of(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth with 20 % positives, and two scores that agree much."""
    rng = np.random.default_rng(0)
    truth = rng.random(n) < 0.2
    common = truth + rng.normal(size=n)
    return truth, common + 0.3 * rng.normal(size=n), common + 0.3 * rng.normal(size=n)


def loop(truth: np.ndarray, answers: list[np.ndarray], metric: Callable[..., float], loops: int = LOOPS) -> np.ndarray:
    """Both models' metric on a few resamples."""
    draws = resampled_rows(len(truth), resamples=loops, seed=1)
    return np.array([[metric(truth[rows], answer[rows]) for answer in answers] for rows in draws])


def compared(
    what: str,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    most: float,
    *,
    resamples: int = 1000,
    loops: int = LOOPS,
) -> None:
    """Measure both, run and run about, and tell how they stand against the target, a few resamples scaled up."""
    runs = alternate({"ours": ours, LOOP: theirs})
    runs[LOOP] = [value * resamples / loops for value in runs[LOOP]]
    note = f"{resamples:,} resamples, {loops} of them timed in the loop and scaled up".replace(",", " ", 1)
    tell(f"{what}, {resamples} resamples", runs, targets={LOOP: most}, note=note)


@pytest.mark.parametrize("n", [ROWS, 1_000_000])
def test_delong_against_a_loop_of_a_thousand_resamples(n: int) -> None:
    truth, one, other = rows_of(n)
    loops = LOOPS if n == ROWS else 1

    compared(
        f"DeLong, n = {n:_}".replace("_", " "),
        lambda: delong_interval(truth, one, other),
        lambda: loop(truth, [one, other], roc_auc_score, loops),
        1 / 500,
        loops=loops,
    )
    areas = [roc_auc_score(truth, score) for score in (one, other)]
    assert delong_interval(truth, one, other).estimate == pytest.approx(areas[0] - areas[1], abs=1e-12)
    assert delong(truth, one, other).positives == truth.sum()


@pytest.mark.parametrize("resamples", RESAMPLES)
def test_resamples_of_the_area_at_a_hundred_thousand_rows(resamples: int) -> None:
    truth, one, other = rows_of(ROWS)

    compared(
        f"bootstrap of AUC, n = {ROWS:_}".replace("_", " "),
        lambda: bootstrap_aucs(truth, [one, other], resamples=resamples, seed=1),
        lambda: loop(truth, [one, other], roc_auc_score),
        1 / 20,
        resamples=resamples,
    )
    found = bootstrap_aucs(truth, [one, other], resamples=LOOPS, seed=1)
    assert found == pytest.approx(loop(truth, [one, other], roc_auc_score), abs=1e-12)


@pytest.mark.parametrize("resamples", RESAMPLES)
@pytest.mark.parametrize("name", ["accuracy", "f1"])
def test_resamples_of_label_metrics_at_a_hundred_thousand_rows(name: str, resamples: int) -> None:
    truth, one, other = rows_of(ROWS)
    labels = [score > 1 for score in (one, other)]
    metric = {"accuracy": accuracy_score, "f1": f1_score}[name]

    def fast() -> Any:
        tops = [label == truth if name == "accuracy" else label & truth for label in labels]
        bottoms = [np.ones(ROWS) if name == "accuracy" else (label.astype(float) + truth) / 2 for label in labels]
        columns = np.column_stack([tops[0], bottoms[0], tops[1], bottoms[1]]).astype(float)
        sums = bootstrap_sums(columns, resamples=resamples, seed=1)
        differences = sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3]
        return percentile_interval(differences, float(differences.mean()), ROWS)

    what = f"bootstrap of {name}, n = {ROWS:_}".replace("_", " ")
    compared(what, fast, lambda: loop(truth, labels, metric), 1 / 300, resamples=resamples)
    found, drawn = fast(), loop(truth, labels, metric)
    assert found.low - 0.01 < (drawn[:, 0] - drawn[:, 1]).mean() < found.high + 0.01


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two tables of predictions, the baseline's rows in another order."""
    truth, one, other = rows_of(STORED)
    order = np.random.default_rng(1).permutation(STORED)
    paths = []
    for name, score, rows in (("candidate", one, slice(None)), ("baseline", other, order)):
        columns = {"id": np.arange(STORED), "late": truth.astype(np.int8), "score": score, "prediction": score > 1}
        columns["prediction"] = columns["prediction"].astype(np.int8)
        paths.append(tmp_path_factory.getbasetemp() / f"{name}.parquet")
        pq.write_table(pa.table({key: values[rows] for key, values in columns.items()}), paths[-1])
    return paths[0], paths[1]


@pytest.mark.parametrize("metric", ["f1", "roc_auc"])
def test_predictions_of_ten_million_rows_that_are_counted(metric: str, stored: tuple[Path, Path]) -> None:
    """Rows that are counted, in parts of two million, against the same tables held in memory."""
    ways = {"counted": 2_500_000, "in memory": STORED}
    runs = {
        name: [measure(sys.executable, "predictions.py", *stored, metric, str(rows)) for _ in range(RUNS)]
        for name, rows in ways.items()
    }
    for name, found in runs.items():
        assert all(run.cpu is not None for run in found), (name, [run.said for run in found])
    cpu = {name: [1e9 * (run.cpu or 0.0) / STORED for run in found] for name, found in runs.items()}
    tell(f"{metric} of {STORED:_} stored predictions".replace("_", " "), cpu, unit="ns of CPU a row")
    peak = {name: [run.peak for run in found] for name, found in runs.items()}
    tell(f"{metric} of {STORED:_} stored predictions, peak memory".replace("_", " "), peak, unit="MiB")
