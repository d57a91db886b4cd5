"""Rankings in the baseline gate: one value a query, compared over queries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import ndcg_score

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings, check_baseline
from pytest_mlgate.gates.baseline.ranking import as_scores


def table(queries=60, rows=12, seed=0, noise=0.3):
    """Relevances, scores of two models and the query of each row; the first query has no relevant row."""
    rng = np.random.default_rng(seed)
    relevance = rng.integers(0, 3, (queries, rows)).astype(float)
    relevance[0] = 0
    base = relevance + rng.normal(size=relevance.shape)
    other = base + noise * rng.normal(size=relevance.shape)
    return relevance.ravel(), base.ravel(), other.ravel(), np.repeat(np.arange(queries), rows)


def main(*args, **options):
    return check_baseline(*args, **options).checks[0]


def test_ndcg_is_the_mean_over_queries_with_a_paired_t_over_them():
    truth, one, other, query = table()
    found = main(truth, one, other, metric="ndcg@5", margin=0.05, query=query)
    values = [[ndcg_score([truth[query == q]], [score[query == q]], k=5) for q in range(60)] for score in (one, other)]
    reference = ttest_rel(*values).confidence_interval(0.9)

    assert found.details["candidate"] == pytest.approx(np.mean(values[0]), abs=1e-12)
    assert (found.interval.low, found.interval.high) == pytest.approx((reference.low, reference.high), abs=1e-9)
    assert found.interval.method == "paired t over queries"
    assert found.n == 720
    assert found.details["queries"] == 60
    assert found.outcome == "pass"


def test_below_thirty_queries_signs_are_flipped():
    truth, one, other, query = table(queries=12)
    found = main(truth, one, other, metric="mrr", margin=0.3, query=query)

    assert found.interval.method == "sign-flip over queries"
    assert "seed" not in found.details
    assert main(*table(queries=20)[:3], metric="mrr", query=table(queries=20)[3]).details["seed"] == 0


def test_queries_without_a_relevant_row_count_as_nought_and_are_counted_in_the_message():
    truth, one, other, query = table()
    found = main(truth, one, other, metric="ndcg", query=query)

    assert "1 of 60 queries have no relevant row and count as 0 for both" in found.message
    assert found.details["queries_without_a_relevant_row"] == 1


def test_a_clearly_worse_ranking_fails_and_an_unsettled_one_counts_queries():
    truth, one, _, query = table()
    worse = main(truth, np.random.default_rng(1).normal(size=len(truth)), one, metric="ndcg@10", query=query)

    assert worse.outcome == "fail"
    assert main(truth, one, one, metric="ndcg@10", margin=0.0, query=query).outcome == "inconclusive"


def test_identical_rankings_of_few_queries_have_an_interval_of_some_width():
    truth, one, _, query = table(queries=8)
    found = main(truth, one, one * 2 + 1, metric="ndcg", margin=0.01, query=query)

    assert found.observed == 0
    assert found.interval.low < -0.01
    assert found.outcome == "inconclusive"
    assert "queries would settle it (8 here)" in found.message


def test_rows_are_never_pooled_over_queries():
    """Scores of one query are on another scale: nothing changes for the ranking within each."""
    truth, one, other, query = table()
    shift = 1000.0 * query

    plain = main(truth, one, other, metric="ndcg@5", query=query)
    moved = main(truth, one + shift, other - shift, metric="ndcg@5", query=query)
    assert moved.observed == pytest.approx(plain.observed, abs=1e-9)


def test_floor_and_slices_of_whole_queries_are_judged():
    truth, one, other, query = table()
    slices = pd.DataFrame({"market": np.where(query % 2, "de", "fr")})
    options = {"metric": "ndcg@5", "margin": 0.2, "query": query, "slices": slices, "floor": 0.2}
    checks = check_baseline(truth, one, other, **options).checks
    found = {check.subject: check for check in checks}

    assert {"", "floor", "market=de", "market=fr"} <= set(found)
    assert found["market=de"].details["queries"] == 30
    assert found["floor"].outcome == "pass"


def test_a_slice_that_cuts_through_queries_is_an_error():
    truth, one, other, query = table()
    slices = pd.DataFrame({"half": np.arange(len(truth)) % 2})
    found = {c.subject: c for c in check_baseline(truth, one, other, metric="mrr", query=query, slices=slices).checks}

    assert found["half=0"].outcome == "error"
    assert "a ranking cannot be cut" in found["half=0"].message
    assert "same for all rows of a query" in found["half=0"].fix


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"query": None}, "which rows belong to one query"),
        ({"query": [0] * 719}, "query has 719 rows and y_true 720"),
        ({"weights": np.ones(720)}, "counts each query once"),
        ({"groups": np.arange(720)}, "counts each query once"),
        ({"metric": "r2", "task": "ranking"}, "does not fit a ranking task"),
        ({"query": np.repeat([0, 1, 2, 3], 180)}, "4 queries, fewer than the 5"),
        ({"y_true": np.full(720, -1.0)}, "is negative"),
        ({"y_true": np.append(np.nan, np.ones(719))}, "y_true is missing on 1 of 720 rows"),
    ],
)
def test_what_cannot_be_ranked_is_an_error(change, message):
    truth, one, other, query = table()
    options = {"metric": "ndcg", "query": query, "y_true": truth, **change}
    found = main(candidate=one, baseline=other, **options)

    assert found.outcome == "error"
    assert message in found.message


def test_without_a_baseline_a_dummy_ranks_at_random():
    truth, one, _, query = table()
    found = main(truth, one, None, metric="ndcg@5", query=query)

    assert found.message.startswith("no baseline")
    assert found.outcome == "pass"


def test_the_gate_ranks_by_what_models_predict_with_a_query_column():
    truth, one, other, query = table()
    frame = pd.DataFrame({"a": one, "b": other, "rel": truth, "qid": query})
    regression = LinearRegression().fit(frame[["a", "b"]], truth)
    classifier = LogisticRegression().fit(frame[["a", "b"]], truth > 0)
    inputs = Inputs(
        facts=Facts(task="ranking", target="rel", features=("a", "b")),
        values={"candidate": regression, "baseline": classifier, "holdout": frame},
    )
    found = run_gate(GATE, Settings(query="qid", margin=0.1), inputs).checks[0]
    expected = [
        np.mean([ndcg_score([truth[query == q]], [score[query == q]], k=10) for q in range(60)])
        for score in (regression.predict(frame[["a", "b"]]), classifier.decision_function(frame[["a", "b"]]))
    ]

    assert found.details["metric"] == "ndcg@10"
    assert [found.details["candidate"], found.details["baseline"]] == pytest.approx(expected, abs=1e-12)


def test_a_query_column_that_is_not_there_is_named():
    truth, one, _, query = table()
    frame = pd.DataFrame({"a": one, "rel": truth, "qid": query})
    model = LinearRegression().fit(frame[["a"]], truth)
    inputs = Inputs(
        facts=Facts(target="rel", features=("a",)), values={"candidate": model, "baseline": model, "holdout": frame}
    )
    found = run_gate(GATE, Settings(metric="mrr@3", query="quid"), inputs).checks[0]

    assert found.outcome == "error"
    assert "holdout has no column 'quid' (query)" in found.message
    assert "did you mean 'qid'?" in found.fix


def test_a_model_with_probabilities_ranks_by_the_last_class_and_one_without_an_answer_not_at_all():
    proba = np.array([[0.2, 0.8], [0.6, 0.4]])

    assert as_scores({"predict_proba": lambda: proba}, "candidate")["predict"]().tolist() == [0.8, 0.4]
    assert as_scores({"predict_proba": lambda: proba[:, 1]}, "candidate")["predict"]().tolist() == [0.8, 0.4]
    with pytest.raises(InputError, match="the candidate gives no score to rank by"):
        as_scores({}, "candidate")
