"""The baseline gate's metrics: parameters, budgets, calibration, thresholds, metrics of the user's own, intervals."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.metrics import (
    f1_score,
    fbeta_score,
    get_scorer,
    log_loss,
    make_scorer,
    mean_pinball_loss,
    mean_tweedie_deviance,
    precision_score,
    roc_auc_score,
)

from pytest_mlgate.checks import Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings, check_baseline
from pytest_mlgate.gates.baseline.budgets import precision_at_recall, recall_at_k
from tests.gates.test_baseline import error_of, only, probabilities, scores


def values(n=400, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.gamma(2.0, size=n)
    return truth, truth * rng.uniform(0.8, 1.2, n), truth * rng.uniform(0.6, 1.4, n)


def cost(y_true, y_pred, per_miss=1.0):
    """Smaller is better."""
    return float(np.mean(np.abs(y_true - y_pred)) * per_miss)


# Parameters


@pytest.mark.parametrize("alpha", [0.1, 0.9])
def test_the_pinball_loss_is_scikit_learns_with_a_paired_t(alpha):
    truth, one, other = values()
    check = only(
        check_baseline(
            truth, one, other, task="regression", metric="neg_mean_pinball_loss", metric_params={"alpha": alpha}
        )
    )

    assert check.details["candidate"] == pytest.approx(-mean_pinball_loss(truth, one, alpha=alpha))
    assert check.details["baseline"] == pytest.approx(-mean_pinball_loss(truth, other, alpha=alpha))
    assert check.interval.method == "paired t"
    assert check.outcome is Outcome.PASS


def test_a_function_of_scikit_learn_without_a_scorer_has_one_made_of_its_name():
    truth, one, other = values()
    deviance = only(
        check_baseline(
            truth, one, other, metric="neg_mean_tweedie_deviance", metric_params={"power": 1.5}, resamples=200
        )
    )
    labels = [(part > 0.5).astype(int) for part in probabilities()]
    weighted = only(check_baseline(*labels, metric="fbeta_score", metric_params={"beta": 2}, resamples=200))

    assert deviance.details["candidate"] == pytest.approx(-mean_tweedie_deviance(truth, one, power=1.5))
    assert weighted.details["candidate"] == pytest.approx(fbeta_score(labels[0], labels[1], beta=2))


def test_parameters_reach_a_scorer_that_would_else_have_an_interval_of_its_own():
    truth, one, other = probabilities()
    check = only(check_baseline(truth, one, other, metric="roc_auc", metric_params={"max_fpr": 0.2}, resamples=200))

    assert check.details["candidate"] == pytest.approx(roc_auc_score(truth, one, max_fpr=0.2))
    assert check.interval.method == "bootstrap"


@pytest.mark.parametrize(
    ("metric", "function"),
    [
        ("f1_macro", partial(f1_score, average="macro")),
        ("f1_weighted", partial(f1_score, average="weighted")),
        ("precision_micro", partial(precision_score, average="micro")),
    ],
)
def test_averages_over_several_classes_are_scikit_learns(metric, function):
    truth, one, other = scores(600, classes=3)
    one, other = (np.clip(np.round(part), 0, 2).astype(int) for part in (one, other))
    main, trivial = check_baseline(truth, one, other, metric=metric, resamples=200).checks

    assert main.details["candidate"] == pytest.approx(function(truth, one))
    assert trivial.outcome is Outcome.PASS


def test_areas_over_several_classes_are_scikit_learns():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 400)
    one, other = (rng.dirichlet([1, 1, 1], 400) + 2 * np.eye(3)[truth] for _ in range(2))
    one, other = (part / part.sum(axis=1, keepdims=True) for part in (one, other))
    check = only(check_baseline(truth, one, other, metric="roc_auc_ovo", resamples=200))

    assert check.details["candidate"] == pytest.approx(roc_auc_score(truth, one, multi_class="ovo"))


# Calibration and budgets


def test_the_calibration_error_is_that_of_equal_mass_bins():
    truth, one, other = probabilities(600)
    check = only(check_baseline(truth, one, other, metric="neg_expected_calibration_error", margin=0.1))

    order = np.argsort(one, kind="stable")
    parts = [order[start : start + 40] for start in range(0, 600, 40)]  # fifteen bins of forty rows, no ties
    expected = sum(40 / 600 * abs(truth[rows].mean() - one[rows].mean()) for rows in parts)
    assert check.details["candidate"] == pytest.approx(-expected)
    assert check.interval.method == "bootstrap"
    assert check.interval.low < check.observed < check.interval.high


def test_a_model_that_is_calibrated_worse_fails_though_it_ranks_alike():
    rng = np.random.default_rng(0)
    said = rng.uniform(size=4000)
    truth = (rng.uniform(size=4000) < said).astype(int)
    sharper = said**3 / (said**3 + (1 - said) ** 3)
    ranks = only(check_baseline(truth, sharper, said, metric="roc_auc"))
    calibrated = only(check_baseline(truth, sharper, said, metric="neg_expected_calibration_error", margin=0.02))

    assert (ranks.outcome, calibrated.outcome) == (Outcome.PASS, Outcome.FAIL)


def test_recall_at_a_budget_counts_what_the_first_rows_find():
    positive = np.array([1, 0, 1, 0, 1, 0, 0, 0], dtype=bool)
    score = np.array([8, 7, 6, 5, 4, 3, 2, 1], dtype=float)
    ones = np.ones(8)

    assert recall_at_k(positive, score, 3, ones) == pytest.approx(2 / 3)
    assert recall_at_k(positive, score, 0.25, ones) == pytest.approx(1 / 3)
    assert recall_at_k(positive, np.zeros(8), 2, ones) == pytest.approx(2 / 8)  # rows of one score, in no order
    assert recall_at_k(positive, score, 3, np.array([2, 1, 1, 1, 1, 1, 1, 1.0])) == pytest.approx(3 / 4)
    assert np.isnan(recall_at_k(~np.ones(8, dtype=bool), score, 2, ones))


def test_precision_at_a_recall_is_the_best_of_the_thresholds_that_reach_it():
    positive = np.array([1, 0, 1, 1, 0, 0, 1, 0], dtype=bool)
    score = np.array([8, 7, 6, 5, 4, 3, 2, 1], dtype=float)

    assert precision_at_recall(positive, score, 0.5, np.ones(8)) == pytest.approx(3 / 4)
    assert precision_at_recall(positive, score, 1.0, np.ones(8)) == pytest.approx(4 / 7)


@pytest.mark.parametrize(
    ("metric", "params"),
    [("recall_at_k", {"k": 100}), ("recall_at_k", {"k": 0.2}), ("precision_at_recall", {"recall": 0.7})],
)
def test_budgets_are_compared_and_beat_a_constant(metric, params):
    truth, one, other = probabilities()
    main, trivial = check_baseline(
        truth, one, other, metric=metric, metric_params=params, margin=0.2, resamples=300
    ).checks

    assert (main.outcome, trivial.outcome) == (Outcome.PASS, Outcome.PASS)
    constant = {"k": params.get("k", 0), "recall": truth.mean()}
    expected = constant["recall"] if "recall" in params else params["k"] / (500 if params["k"] > 1 else 1)
    assert trivial.details["value"] == pytest.approx(expected)


def test_a_budget_of_more_rows_than_there_are_is_an_error():
    truth, one, other = probabilities(100)

    assert "looks at 500 rows, and there are 100" in error_of(
        check_baseline(truth, one, other, metric="recall_at_k", metric_params={"k": 500})
    )


@pytest.mark.parametrize(
    ("metric", "params", "said"),
    [
        ("neg_mean_pinball_loss", {"alpha": 90}, "alpha = 90"),
        ("neg_mean_pinball_loss", {"alpha": float("nan")}, "alpha = nan"),
        ("neg_mean_pinball_loss", {"quantile": 0.9}, "it takes alpha"),
        ("recall_at_k", {}, "k is missing"),
        ("recall_at_k", {"k": 5.0}, "a share of them between 0 and 1"),
        ("recall_at_k", {"k": True}, "k = True"),
        ("precision_at_recall", {"recall": 80}, "(0.8, not 80)"),
        ("neg_expected_calibration_error", {"binning": "equal"}, '"mass" or "width"'),
        ("f1", {"averag": "macro"}, "it takes average"),
        ("f1", {"pos_label": 0}, "set `positive`"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_an_error(metric, params, said):
    truth, one, other = values() if "pinball" in metric else probabilities(100)
    task = "regression" if "pinball" in metric else None

    assert said in error_of(check_baseline(truth, one, other, metric=metric, metric_params=params, task=task))


# Thresholds


@pytest.mark.parametrize("metric", ["f1", "precision", "recall", "accuracy", "balanced_accuracy"])
def test_a_threshold_makes_labels_of_probabilities(metric):
    truth, one, other = probabilities()
    at = only(check_baseline(truth, one, other, metric=metric, threshold=0.3))
    cut = only(check_baseline(truth, (one >= 0.3).astype(int), (other >= 0.3).astype(int), metric=metric))

    assert at.observed == cut.observed
    assert at.interval == cut.interval
    assert at.details["flips"] == cut.details["flips"]


def test_a_threshold_is_on_the_positive_label_whatever_its_place():
    truth, one, other = probabilities()
    named = np.where(truth == 1, "a late one", "in time")
    check = only(check_baseline(named, one, other, positive="a late one", metric="recall", threshold=0.3))

    assert check.details["candidate"] == pytest.approx((one[truth == 1] >= 0.3).mean())


def test_a_threshold_where_none_applies_is_an_error():
    truth, one, other = probabilities(100)

    assert "threshold = 0.3 does nothing to roc_auc" in error_of(
        check_baseline(truth, one, other, metric="roc_auc", threshold=0.3)
    )


# The user's own


def test_a_function_with_its_direction_is_compared_as_its_negative():
    truth, one, other = values()
    result = check_baseline(
        truth, one, other, task="regression", metric=cost, greater_is_better=False, resamples=300, margin=0.05
    )
    check = only(result)

    assert check.details["candidate"] == pytest.approx(-cost(truth, one))
    assert (result.entry, check.outcome) == ("neg_cost", Outcome.PASS)


def test_a_function_takes_its_parameters_and_a_partial_has_the_functions_name():
    truth, one, other = values()
    options = {"task": "regression", "greater_is_better": False, "resamples": 200}
    given = only(check_baseline(truth, one, other, metric=cost, metric_params={"per_miss": 3.0}, **options))
    result = check_baseline(truth, one, other, metric=partial(cost, per_miss=3.0), **options)

    assert given.details["candidate"] == pytest.approx(-3 * cost(truth, one))
    assert only(result).details == given.details


@pytest.mark.parametrize("response", ["predict_proba", "decision_function"])
def test_a_function_may_ask_for_scores_of_the_positive_label(response):
    truth, one, other = probabilities()
    named = np.where(truth == 1, "a late one", "in time")

    def mine(y_true, y_score):
        assert set(y_true) == {"a late one", "in time"}
        return roc_auc_score(y_true == "a late one", y_score)

    result = check_baseline(
        named, one, other, positive="a late one", metric=mine, response=response, resamples=200, margin=0.05
    )

    assert only(result).details["candidate"] == pytest.approx(roc_auc_score(truth, one))


def test_a_function_is_given_labels_as_they_are():
    truth, one, other = probabilities()
    named = [np.where(part > 0.5, "late", "early") for part in (truth, one, other)]

    def late(y_true, y_pred):
        return float(np.mean((y_pred == "late") & (y_true == "late")))

    check = only(check_baseline(*named, metric=late, resamples=200))

    assert check.details["candidate"] == pytest.approx(np.mean((one > 0.5) & (truth == 1)))
    assert check.details["flips"]["fixed"] >= 0


@pytest.mark.parametrize(
    ("made", "function"),
    [
        (make_scorer(f1_score, pos_label="a late one"), lambda y, p: f1_score(y == 1, p > 0.5)),
        (make_scorer(log_loss, greater_is_better=False, response_method="predict_proba"), lambda y, p: -log_loss(y, p)),
        (get_scorer("roc_auc"), None),
    ],
)
def test_a_scorer_object_sees_the_labels_themselves(made, function):
    truth, one, other = probabilities()
    named = np.where(truth == 1, "a late one", "in time")
    if function is None:  # it counts the larger of two labels as positive
        result = check_baseline(named, 1 - one, 1 - other, positive="in time", metric=made, resamples=200)
        expected = made._score_func(truth == 0, 1 - one)
    elif made._response_method == "predict":
        said = [np.where(part > 0.5, "a late one", "in time") for part in (one, other)]
        result = check_baseline(named, *said, positive="a late one", metric=made, resamples=200)
        expected = function(truth, one)
    else:
        result = check_baseline(named, one, other, positive="a late one", metric=made, resamples=200)
        expected = function(truth, one)

    assert only(result).details["candidate"] == pytest.approx(expected)


def test_an_import_path_is_found_in_the_configurations_folder(tmp_path):
    (tmp_path / "our_metrics_q.py").write_text(
        "def hits(y_true, y_pred):\n    return float((y_true == y_pred).mean())\nlimit = 3\n"
    )
    from tests.gates.test_baseline_models import fitted, table

    def ask(path):
        inputs = Inputs(
            facts=Facts(target="late", import_roots=(str(tmp_path),)),
            values={"candidate": fitted(), "baseline": fitted(["a"]), "holdout": table()},
        )
        return run_gate(GATE, Settings(metric=path, resamples=200), inputs)

    plain = run_gate(
        GATE,
        Settings(metric="accuracy"),
        Inputs(
            facts=Facts(target="late"), values={"candidate": fitted(), "baseline": fitted(["a"]), "holdout": table()}
        ),
    )
    found = ask("our_metrics_q:hits")

    assert found.entry == "hits"
    assert only(found).observed == pytest.approx(only(plain).observed)
    assert "did you mean `hits`" in error_of(ask("our_metrics_q:hitz"))
    assert "neither a scorer nor a function" in error_of(ask("our_metrics_q:limit"))
    assert "does not import" in error_of(ask("no_such_module_q:hits"))


def test_a_function_that_gives_nan_or_raises_is_an_error():
    truth, one, other = values()

    assert "is nan on 400 rows" in error_of(
        check_baseline(truth, one, other, task="regression", metric=lambda y, p: float("nan"))
    )
    assert "ZeroDivisionError" in error_of(
        check_baseline(truth, one, other, task="regression", metric=lambda y, p: 1 / 0)
    )
    assert "TypeError" in error_of(check_baseline(truth, one, other, task="regression", metric=lambda y, p: y - p))


def test_weights_reach_a_function_that_takes_them_and_are_an_error_for_one_that_does_not():
    truth, one, other = values()
    weights = np.arange(1.0, 401)

    def mine(y_true, y_pred, sample_weight=None):
        return -float(np.average(np.abs(y_true - y_pred), weights=sample_weight))

    options = {"task": "regression", "weights": weights, "resamples": 200}
    check = only(check_baseline(truth, one, other, metric=mine, **options))

    assert check.details["candidate"] == pytest.approx(mine(truth, one, weights))
    assert "takes no sample_weight" in error_of(check_baseline(truth, one, other, metric=cost, **options))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"metric": 5}, "not 5"),
        ({"metric": ""}, "scorer's name"),
        ({"metric_params": {"alpha": 0.5}}, "name `metric`"),
        ({"threshold": 50, "metric": "f1"}, "for 50 % write 0.5"),
        ({"threshold": 0}, "threshold"),
        ({"threshold": float("nan")}, "threshold"),
        ({"interval": "wald"}, "interval"),
        ({"response": "transform", "metric": "f1"}, "response"),
        ({"greater_is_better": "no", "metric": "f1"}, "greater_is_better"),
    ],
)
def test_a_setting_of_a_metric_that_makes_no_sense_is_refused(settings, said):
    with pytest.raises(ValidationError, match=said):
        Settings(**settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"metric": "f1", "greater_is_better": False}, "says already that higher is better"),
        ({"metric": "f1", "response": "predict_proba"}, "knows what it asks a model for"),
        ({"metric": get_scorer("f1"), "greater_is_better": True}, "a scorer knows its direction"),
        ({"metric": "ndcg_of_mine", "metric_params": {"k": 3}}, "neither a scorer nor a function"),
    ],
)
def test_settings_of_a_metric_that_do_not_go_together_are_an_error(settings, said):
    truth, one, other = probabilities(100)

    assert said in error_of(check_baseline(truth, one, other, **settings))


# Intervals


def test_the_interval_may_be_chosen_and_is_named():
    truth, one, other = probabilities()
    hard = [(part > 0.5).astype(int) for part in (truth, one, other)]
    found = {
        "score": only(check_baseline(*hard, metric="accuracy", interval="score")),
        "delong": only(check_baseline(truth, one, other, interval="delong")),
        "t": only(check_baseline(*hard, metric="accuracy", interval="t")),
        "bootstrap": only(check_baseline(truth, one, other, interval="bootstrap")),
    }

    assert {name: check.interval.method for name, check in found.items()} == {
        "score": "Tango",
        "delong": "DeLong",
        "t": "paired t",
        "bootstrap": "bootstrap",
    }
    assert all(check.details["method"] == check.interval.method for check in found.values())
    assert found["bootstrap"].interval.low == pytest.approx(found["delong"].interval.low, abs=0.003)


@pytest.mark.parametrize(
    ("metric", "asked", "options", "said"),
    [
        ("roc_auc", "score", {}, 'set `interval` to "auto" or "delong" or "bootstrap"'),
        ("f1", "t", {}, '"auto" or "bootstrap"'),
        ("roc_auc", "delong", {"weights": np.ones(100)}, "does not fit roc_auc of rows with weights"),
        ("roc_auc", "delong", {"groups": np.arange(100) // 4}, "does not fit roc_auc of rows in groups"),
        ("neg_brier_score", "delong", {}, "does not fit neg_brier_score"),
    ],
)
def test_an_interval_that_does_not_fit_is_an_error_that_names_those_that_do(metric, asked, options, said):
    truth, one, other = probabilities(100)
    if metric == "f1":
        one, other = (one > 0.5).astype(int), (other > 0.5).astype(int)

    assert said in error_of(check_baseline(truth, one, other, metric=metric, interval=asked, **options))


@pytest.mark.parametrize(
    "metric", ["accuracy", "neg_brier_score", "neg_log_loss", "neg_mean_absolute_error", "neg_mean_squared_error"]
)
@pytest.mark.parametrize("grouped", [False, True])
def test_weighted_and_grouped_means_agree_with_the_bootstrap(metric, grouped):
    truth, one, other = probabilities(2000, 3)
    if metric == "accuracy":
        one, other = (one > 0.5).astype(int), (other > 0.5).astype(int)
    elif metric.endswith("error"):
        truth, one, other = values(2000)
    rng = np.random.default_rng(1)
    options = {
        "metric": metric,
        "weights": rng.gamma(2.0, size=2000),
        "groups": np.arange(2000) // 10 if grouped else None,
        "task": "regression" if metric.endswith("error") else None,
    }
    closed = only(check_baseline(truth, one, other, interval="t", **options))
    drawn = only(check_baseline(truth, one, other, interval="bootstrap", resamples=4000, **options))

    width = drawn.interval.high - drawn.interval.low
    assert closed.observed == pytest.approx(drawn.observed, abs=1e-12)
    assert closed.interval.low == pytest.approx(drawn.interval.low, abs=0.08 * width)
    assert closed.interval.high == pytest.approx(drawn.interval.high, abs=0.08 * width)


def test_equal_weights_change_no_t_interval():
    truth, one, other = values()
    plain, weighted = (
        only(check_baseline(truth, one, other, task="regression", metric="neg_mean_absolute_error", weights=weights))
        for weights in (None, np.full(400, 7.0))
    )

    assert weighted.interval.low == pytest.approx(plain.interval.low)
    assert weighted.interval.high == pytest.approx(plain.interval.high)
    assert weighted.interval.method == "paired t, weighted"


# Infinite losses


def test_a_probability_of_nought_for_the_truth_is_clipped_and_named():
    truth, one, other = probabilities(400)
    one[3], one[5] = 1 - truth[3], 1 - truth[5]
    check = only(check_baseline(truth, one, other, metric="neg_log_loss"))

    assert check.details["candidate"] == pytest.approx(-log_loss(truth, one))
    assert check.details["clipped_rows"] == {"candidate": 2}
    assert "the candidate gives the true label a probability of 0 on 2 rows (first rows: 3, 5)" in check.message
    assert "an infinite loss, clipped to 36.04" in check.message


@pytest.mark.parametrize("metric", ["neg_mean_squared_error", "neg_root_mean_squared_error", "r2"])
def test_a_loss_that_overflows_is_an_error_that_names_the_rows(metric):
    truth, one, other = values()
    one[[4, 7]] = 1e200

    assert "is infinite on 2 of 400 rows (first rows: 4, 7)" in error_of(
        check_baseline(truth, one, other, task="regression", metric=metric)
    )
