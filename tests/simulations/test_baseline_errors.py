"""How often the baseline gate errs, through its own code; seeded, so each figure is the same each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from pytest_mlgate.gates.baseline import check_baseline

pytestmark = pytest.mark.slow


def shares(one_run: Callable[[np.random.Generator], Any], runs: int, seed: int = 1) -> dict[str, float]:
    """Share of each outcome of the main check; ``any slice`` counts runs in which a slice fails."""
    rng = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    for _ in range(runs):
        checks = one_run(rng).checks
        assert checks[0].outcome != "error", checks[0].message
        found[checks[0].outcome.value] += 1
        found["any slice"] += any(check.outcome == "fail" for check in checks if check.code in ("MLG102", "MLG103"))
    told = {outcome: round(count / runs, 4) for outcome, count in found.items()}
    print(told)
    return {outcome: told.get(outcome, 0.0) for outcome in ("pass", "fail", "inconclusive", "any slice")}


def hits(rng: np.random.Generator, n: int, discordance: float, delta: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Labels of two models whose truth is 1 throughout: right where 1; the candidate better by ``delta``."""
    cells = rng.choice(4, size=n, p=[(discordance + delta) / 2, (discordance - delta) / 2, 0.8, 0.2 - discordance])
    return np.isin(cells, [0, 2]).astype(int), np.isin(cells, [1, 2]).astype(int)


def accuracy_run(n: int, discordance: float, margin: float, delta: float) -> Callable[[np.random.Generator], Any]:
    def run(rng: np.random.Generator) -> Any:
        candidate, baseline = hits(rng, n, discordance, delta)
        return check_baseline(np.ones(n, dtype=int), candidate, baseline, metric="accuracy", margin=margin)

    return run


def auc_run(
    auc: float, delta: float, margin: float, *, n: int, positives: int, correlation: float
) -> Callable[[np.random.Generator], Any]:
    """Binormal scores; the baseline has area ``auc``, the candidate ``auc + delta``."""
    shift = np.sqrt(2) * ndtri([auc + delta, auc])
    root = np.linalg.cholesky([[1, correlation], [correlation, 1]])
    truth = np.arange(n) < positives

    def run(rng: np.random.Generator) -> Any:
        scores = rng.normal(size=(n, 2)) @ root.T + truth[:, None] * shift
        return check_baseline(truth.astype(int), scores[:, 0], scores[:, 1], metric="roc_auc", margin=margin)

    return run


def test_equal_models_are_seldom_failed():
    found = shares(accuracy_run(2000, 0.10, margin=0.01, delta=0.0), 2000)

    assert found["fail"] <= 0.075


def test_equal_models_are_seldom_failed_where_no_margin_is_given():
    found = shares(accuracy_run(2000, 0.10, margin=0.0, delta=0.0), 2000)

    assert found["fail"] <= 0.075
    assert found["pass"] <= 0.075


@pytest.mark.parametrize(
    ("n", "discordance", "margin"), [(2000, 0.10, 0.01), (2000, 0.04, 0.02), (500, 0.10, 0.03), (50, 0.04, 0.02)]
)
def test_a_candidate_that_is_exactly_the_margin_worse_seldom_passes(n, discordance, margin):
    found = shares(accuracy_run(n, discordance, margin, delta=-margin), 2000)

    assert found["pass"] <= 0.075


def test_an_equal_candidate_passes_four_times_in_five_with_the_rows_that_were_asked_for():
    """10 % discordant rows and a margin of 0.01 need 6.18 * 0.1 / 0.01^2 = 6 180 rows."""
    found = shares(accuracy_run(6183, 0.10, margin=0.01, delta=0.0), 1000)

    assert 0.76 <= found["pass"] <= 0.84


@pytest.mark.parametrize("correlation", [0.5, 0.9])
@pytest.mark.parametrize(
    ("auc", "margin", "n", "positives", "runs"),
    [
        (0.75, 0.05, 200, 20, 1000),
        (0.85, 0.05, 200, 20, 1000),
        (0.97, 0.01, 500, 50, 1000),
        (0.97, 0.02, 500, 50, 400),
        (0.99, 0.01, 500, 50, 400),
    ],
)
def test_a_score_that_is_exactly_the_margin_worse_seldom_passes(auc, margin, n, positives, runs, correlation):
    run = auc_run(auc, -margin, margin, n=n, positives=positives, correlation=correlation)

    assert shares(run, runs)["pass"] <= 0.075


@pytest.mark.parametrize(("auc", "n", "positives"), [(0.75, 200, 20), (0.97, 500, 50)])
def test_equal_scores_are_seldom_failed(auc, n, positives):
    run = auc_run(auc, 0.0, 0.0, n=n, positives=positives, correlation=0.9)

    assert shares(run, 1000)["fail"] <= 0.075


def test_ten_slices_together_seldom_fail_equal_models():
    slices = pd.DataFrame({"origin": np.arange(3000) % 10})

    def run(rng: np.random.Generator) -> Any:
        candidate, baseline = hits(rng, 3000, 0.10)
        truth = np.ones(3000, dtype=int)
        truth[::2], candidate[::2], baseline[::2] = 0, 1 - candidate[::2], 1 - baseline[::2]  # both classes everywhere
        options = {"metric": "accuracy", "margin": 0.0, "min_class_rows": 2}
        slices["origin"] = rng.permutation(slices["origin"].to_numpy())
        return check_baseline(truth, candidate, baseline, slices=slices, **options)

    found = shares(run, 1000)

    assert found["any slice"] <= 0.075


def test_losses_with_heavy_tails_keep_the_margin():
    """Absolute errors with the noise of Student's t of 3 degrees of freedom, the candidate's larger by the margin."""
    margin, n = 0.05, 500

    def run(rng: np.random.Generator) -> Any:
        noise = rng.standard_t(3, size=(2, n))
        truth = np.zeros(n)
        baseline = np.abs(0.8 * noise[0] + 0.2 * noise[1])
        candidate = (
            rng.permutation(np.abs(0.8 * noise[1] + 0.2 * noise[0])) + margin
        )  # same mean loss but for the margin
        options = {"metric": "neg_mean_absolute_error", "task": "regression"}
        return check_baseline(truth, candidate, baseline, margin=margin, **options)

    assert shares(run, 1000)["pass"] <= 0.075


@pytest.mark.parametrize(("n", "positives"), [(400, 40), (2000, 400)])
def test_a_bootstrapped_recall_that_is_exactly_the_margin_worse_seldom_passes(n, positives):
    margin = 0.05

    def run(rng: np.random.Generator) -> Any:
        truth = (np.arange(n) < positives).astype(int)
        candidate, baseline = hits(rng, n, 0.10, -margin)
        candidate[truth == 0] = baseline[truth == 0] = 0
        return check_baseline(truth, candidate, baseline, metric="recall", margin=margin)

    assert shares(run, 1000)["pass"] <= 0.075


def test_a_bootstrapped_rmse_that_is_exactly_the_margin_worse_seldom_passes():
    margin, n = 0.1, 300

    def run(rng: np.random.Generator) -> Any:
        noise = rng.normal(size=(2, n))
        candidate, baseline = (1 + margin) * noise[0], 0.9 * noise[0] + np.sqrt(1 - 0.81) * noise[1]
        options = {"metric": "neg_root_mean_squared_error", "task": "regression"}
        return check_baseline(np.zeros(n), candidate, baseline, margin=margin, **options)

    assert shares(run, 1000)["pass"] <= 0.075


def test_rows_in_groups_seldom_fail_equal_models_when_the_groups_are_named():
    """60 groups of 20 rows; within a group one of the two models has five rows in a hundred more."""
    groups = np.repeat(np.arange(60), 20)

    def run(rng: np.random.Generator, **options: Any) -> Any:
        tilt = rng.choice([-0.05, 0.05], size=60)[groups]
        draw = rng.random(len(groups))
        candidate, baseline = (draw > 0.05 - tilt).astype(int), (draw < 0.95 - tilt).astype(int)
        return check_baseline(
            np.ones(len(groups), dtype=int), candidate, baseline, metric="accuracy", margin=0.0, **options
        )

    told = shares(lambda rng: run(rng, groups=groups), 1000)
    untold = shares(run, 1000)

    assert told["fail"] <= 0.075
    assert untold["fail"] > told["fail"]


@pytest.mark.parametrize("margin", [0.0, 0.02])
def test_an_area_of_085_keeps_both_error_rates(margin):
    found = shares(auc_run(0.85, -margin, margin, n=200, positives=20, correlation=0.9), 1000)

    assert found["pass"] <= 0.075
    assert found["fail"] <= 0.075


@pytest.mark.parametrize("margin", [0.0, 0.03])
@pytest.mark.parametrize(("n", "positives"), [(500, 60), (2000, 500)])
def test_a_bootstrapped_f1_keeps_both_error_rates(n, positives, margin):
    """Both find 70 of 100 positives; the candidate has as many more false alarms as take the margin off its F1."""
    truth = (np.arange(n) < positives).astype(int)
    rate = (n - positives) / positives  # F1 = 2 tpr / (tpr + 1 + rate fpr)
    fpr = (1.4 / (1.4 / (1.7 + rate * 0.1) - margin) - 1.7) / rate

    def run(rng: np.random.Generator) -> Any:
        draws = rng.random((2, n))
        draws[1] = np.where(rng.random(n) < 0.8, draws[0], draws[1])
        candidate, baseline = (draws < np.where(truth == 1, 0.7, [[fpr], [0.1]])).astype(int)
        return check_baseline(truth, candidate, baseline, metric="f1", margin=margin)

    found = shares(run, 1000)

    assert found["pass"] <= 0.075
    assert found["fail"] <= 0.075


@pytest.mark.parametrize("margin", [0.0, 0.2])
def test_squared_errors_with_heavy_tails_keep_both_error_rates(margin):
    """Errors of Student's t of 5 degrees of freedom, whose squares have no third moment; their variance is 5 / 3."""
    n, worse = 500, np.sqrt((5 / 3 + margin) / (5 / 3))

    def run(rng: np.random.Generator) -> Any:
        both = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=n) / np.sqrt(rng.chisquare(5, (n, 1)) / 5)
        options = {"metric": "neg_mean_squared_error", "task": "regression", "margin": margin}
        return check_baseline(np.zeros(n), worse * both[:, 0], both[:, 1], **options)

    found = shares(run, 1000)

    assert found["pass"] <= 0.075
    assert found["fail"] <= 0.075


def rankings(rng: np.random.Generator, queries: int, noise: float) -> tuple[np.ndarray, ...]:
    """Ten rows a query of relevance 0, 1 or 2; scores with common and own noise, more of it for the candidate."""
    relevance = rng.integers(0, 3, (queries, 10)).astype(float)
    baseline = relevance + rng.normal(size=relevance.shape)
    own = noise * rng.normal(size=(2, *relevance.shape))
    return relevance.ravel(), (baseline + own[0]).ravel(), baseline.ravel(), np.repeat(np.arange(queries), 10)


@pytest.mark.parametrize("queries", [8, 20, 30, 150])
def test_a_ranking_that_is_exactly_the_margin_worse_seldom_passes(queries):
    """The margin is what the noise costs on 100 000 queries."""
    many = rankings(np.random.default_rng(0), 100_000, 0.7)
    margin = -check_baseline(*many[:3], metric="ndcg@5", query=many[3], margin=0.5).checks[0].observed
    assert 0.02 < margin < 0.05

    def run(rng: np.random.Generator) -> Any:
        truth, candidate, baseline, query = rankings(rng, queries, 0.7)
        return check_baseline(truth, candidate, baseline, metric="ndcg@5", margin=margin, query=query)

    found = shares(run, 1000)

    assert found["pass"] <= 0.075
    assert found["fail"] <= 0.075


@pytest.mark.parametrize("metric", ["ndcg@5", "mrr"])
@pytest.mark.parametrize("queries", [8, 20, 30, 150])
def test_equal_rankings_are_seldom_failed(queries, metric):
    """Two scores with the same noise; the reciprocal rank is the same for both models on most queries."""

    def run(rng: np.random.Generator) -> Any:
        truth, _, baseline, query = rankings(rng, queries, 0.7)
        scores = [baseline + 0.7 * rng.normal(size=len(baseline)) for _ in range(2)]
        return check_baseline(truth, *scores, metric=metric, margin=0.0, query=query)

    found = shares(run, 1000)

    assert found["fail"] <= 0.075
    assert found["pass"] <= 0.075


@pytest.mark.parametrize(("queries", "share"), [(20, 0.1), (100, 0.03), (400, 0.03)])
def test_a_candidate_that_turns_a_few_queries_round_seldom_passes_at_the_margin(queries, share):
    truth, query = np.tile(np.arange(6.0), queries), np.repeat(np.arange(queries), 6)
    cost = -check_baseline(truth, -truth, truth, metric="ndcg", query=query, margin=1).checks[0].observed

    def run(rng: np.random.Generator) -> Any:
        candidate = np.where((rng.random(queries) < share)[query], -truth, truth)
        return check_baseline(truth, candidate, truth, metric="ndcg", margin=share * cost, query=query)

    assert shares(run, 1000)["pass"] <= 0.075


def test_rows_in_groups_with_a_correlation_of_03_keep_both_error_rates():
    """200 groups of 50 rows; 0.3 of the variance of the losses' difference lies between groups."""
    groups, margin = np.repeat(np.arange(200), 50), 0.05

    def run(rng: np.random.Generator) -> Any:
        difference = np.sqrt(0.3) * rng.normal(size=200)[groups] + np.sqrt(0.7) * rng.normal(size=len(groups))
        options = {"metric": "neg_mean_absolute_error", "task": "regression", "groups": groups}
        baseline = np.full(len(groups), 9.0)
        return check_baseline(np.zeros(len(groups)), baseline + margin + difference, baseline, margin=margin, **options)

    found = shares(run, 1000)

    assert found["pass"] <= 0.075
    assert found["fail"] <= 0.075


@pytest.mark.parametrize("margin", [0.0, 0.05])
def test_labels_in_groups_with_a_correlation_of_03_keep_both_error_rates(margin):
    """200 groups of 50 rows, 40 % of them discordant; whole groups lean to one model."""
    groups, ones = np.repeat(np.arange(200), 50), np.ones(10_000, dtype=int)

    def run(rng: np.random.Generator) -> Any:
        lean = rng.choice([-1, 1], size=200)[groups] * np.sqrt(0.3 * 0.4) - margin
        draw = rng.random(len(groups))
        candidate, baseline = draw > 0.2 - lean / 2, draw < 0.8 - lean / 2
        options = {"metric": "accuracy", "margin": margin, "groups": groups}
        return check_baseline(ones, candidate.astype(int), baseline.astype(int), **options)

    found = shares(run, 400)

    assert found["pass"] <= 0.075
    assert found["fail"] <= 0.075
