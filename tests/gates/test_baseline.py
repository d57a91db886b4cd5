"""The baseline gate on arrays: the three-way rule, floor, cap, metrics and settings."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    mean_absolute_error,
    precision_score,
    r2_score,
    recall_score,
    roc_auc_score,
    root_mean_squared_error,
)

from pytest_mlgate.checks import Outcome, Severity
from pytest_mlgate.gates.baseline import GATE, Settings, check_baseline


def labels(fixed: int, broken: int, n: int = 1000):
    """Truth 1 throughout; ``fixed`` rows only the candidate has right, ``broken`` only the baseline."""
    candidate, baseline = np.ones(n, dtype=int), np.ones(n, dtype=int)
    baseline[:fixed] = 0
    candidate[fixed : fixed + broken] = 0
    return np.ones(n, dtype=int), candidate, baseline


def scores(n=2000, seed=0, noise=0.2, classes=2):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, n)
    candidate = truth + rng.normal(size=n)
    return truth, candidate, candidate + noise * rng.normal(size=n)


def probabilities(n=500, seed=0):
    truth, one, other = scores(n, seed)
    return truth, 1 / (1 + np.exp(0.5 - one)), 1 / (1 + np.exp(0.5 - other))


def only(result):
    (check,) = (check for check in result.checks if check.subject != "trivial")
    return check


def error_of(result):
    check = only(result)
    assert (check.outcome, check.code) == (Outcome.ERROR, "MLG002")
    assert result.outcome is Outcome.ERROR
    assert not check.message.startswith("baseline raised")
    return f"{check.message} | {check.fix}"


# fixed, broken of 1000 rows at a margin of 0.02
@pytest.mark.parametrize(
    ("fixed", "broken", "outcome"),
    [(30, 30, "pass"), (60, 30, "pass"), (10, 90, "fail"), (30, 50, "inconclusive"), (0, 0, "pass")],
)
def test_the_limits_against_the_margin_decide(fixed, broken, outcome):
    check = only(check_baseline(*labels(fixed, broken), metric="accuracy", margin=0.02))

    assert check.outcome == outcome
    assert check.severity is Severity.BLOCK
    assert check.observed == pytest.approx((fixed - broken) / 1000)
    assert check.limit == -0.02
    assert check.interval.level == 0.9
    assert check.interval.method == "Tango"
    assert (check.p < 0.05) == (outcome == "fail")
    assert check.n == 1000


def test_a_margin_of_nought_asks_for_an_improvement():
    outcomes = [
        only(check_baseline(*labels(*flips), metric="accuracy", margin=0)).outcome for flips in [(0, 0), (60, 20)]
    ]

    assert outcomes == ["inconclusive", "pass"]


def test_the_message_says_both_values_the_difference_its_limits_and_the_margin():
    check = only(check_baseline(*labels(60, 30), metric="accuracy", margin=0.02))

    assert check.message == "0.9700 vs 0.9400, delta +0.0300 [+0.0146, +0.0460] 90 %, Tango; margin 0.02"
    assert check.details["flips"] == {"fixed": 60, "broken": 30}
    assert check.details["discordant_rows"] == 90


def test_an_inconclusive_check_says_how_many_rows_would_settle_it():
    check = only(check_baseline(*labels(30, 40), metric="accuracy", margin=0.02))

    assert check.outcome == "inconclusive"
    assert check.details["rows_to_settle"] > 1000
    assert f"about {check.details['rows_to_settle']:,}".replace(",", " ") in check.message
    assert "1 000 here" in check.message


def test_a_difference_upon_the_margin_names_no_number_of_rows():
    check = only(check_baseline(*labels(20, 40), metric="accuracy", margin=0.02))

    assert check.details["rows_to_settle"] is None
    assert "no number of rows" in check.message


def test_worse_for_certain_is_said_where_only_the_margin_is_open():
    check = only(check_baseline(*labels(30, 60), metric="accuracy", margin=0.03))

    assert check.outcome == "inconclusive"
    assert check.interval.high < 0
    assert "worse for certain; whether by more than the margin is not settled" in check.message


def test_more_candidates_on_one_holdout_widen_the_limits():
    one, twenty = (
        only(check_baseline(*labels(60, 30), metric="accuracy", margin=0, candidates_seen=k)) for k in (1, 20)
    )

    assert one.interval.low > twenty.interval.low
    assert twenty.interval.level == pytest.approx(1 - 0.1 / 20)
    assert "99.5 %" in twenty.message


@pytest.mark.parametrize(("floor", "outcome"), [(0.9, "pass"), (0.97, "inconclusive"), (0.99, "fail")])
def test_the_floor_is_a_check_of_its_own(floor, outcome):
    main, check, _ = check_baseline(*labels(30, 30), metric="accuracy", margin=0.02, floor=floor).checks

    assert main.outcome == "pass"
    assert (check.code, check.subject, check.outcome) == ("MLG104", "floor", outcome)
    assert check.observed == 0.97
    assert check.limit == floor


# the candidate's limits of 0.10, 0.02 and 0.045 against a cap of 0.04
@pytest.mark.parametrize(
    ("fixed", "outcome", "severity"), [(100, "fail", "block"), (20, "pass", "block"), (45, "inconclusive", "warn")]
)
def test_a_suspicious_improvement_fails_only_with_evidence(fixed, outcome, severity):
    result = check_baseline(*labels(fixed, 0), metric="accuracy", cap=0.04)
    check = result.checks[1]

    assert (check.code, check.subject) == ("MLG105", "cap")
    assert (check.outcome, check.severity) == (outcome, severity)
    assert result.outcome == ("fail" if outcome == "fail" else "pass")


@pytest.mark.parametrize(
    ("metric", "function"),
    [
        ("accuracy", accuracy_score),
        ("balanced_accuracy", balanced_accuracy_score),
        ("f1", f1_score),
        ("precision", precision_score),
        ("recall", recall_score),
    ],
)
def test_label_metrics_are_scikit_learns(metric, function):
    truth, one, other = scores()
    one, other = (one > 0.5).astype(int), (other > 0.7).astype(int)
    check = only(check_baseline(truth, one, other, metric=metric))
    weights = np.random.default_rng(0).random(len(truth))
    weighted = only(check_baseline(truth, one, other, metric=metric, weights=weights))

    assert check.details["candidate"] == pytest.approx(function(truth, one))
    assert check.details["baseline"] == pytest.approx(function(truth, other))
    assert weighted.details["candidate"] == pytest.approx(function(truth, one, sample_weight=weights))


@pytest.mark.parametrize(
    ("metric", "function"),
    [
        ("roc_auc", roc_auc_score),
        ("neg_brier_score", lambda y, p: -brier_score_loss(y, p)),
        ("neg_log_loss", lambda y, p: -log_loss(y, p)),
        ("average_precision", average_precision_score),
    ],
)
def test_score_metrics_are_scikit_learns(metric, function):
    truth, one, other = probabilities()
    check = only(check_baseline(truth, one, other, metric=metric, resamples=200))
    columns = only(check_baseline(truth, np.column_stack([1 - one, one]), other, metric=metric, resamples=200))

    assert check.details["candidate"] == columns.details["candidate"] == pytest.approx(function(truth, one))
    assert check.details["baseline"] == pytest.approx(function(truth, other))
    assert check.interval.low < check.observed < check.interval.high


@pytest.mark.parametrize(
    ("metric", "function"),
    [
        ("r2", r2_score),
        ("neg_root_mean_squared_error", lambda y, p: -root_mean_squared_error(y, p)),
        ("neg_mean_absolute_error", lambda y, p: -mean_absolute_error(y, p)),
        ("neg_median_absolute_error", lambda y, p: -float(np.median(np.abs(y - p)))),
    ],
)
def test_metrics_of_values_are_scikit_learns(metric, function):
    rng = np.random.default_rng(0)
    truth = rng.normal(loc=1e4, size=300)
    one, other = (truth + rng.normal(size=300) for _ in range(2))
    check = only(check_baseline(truth, one, other, metric=metric, resamples=200))

    assert check.details["candidate"] == pytest.approx(function(truth, one))
    assert check.interval.low < check.observed < check.interval.high


def test_multiclass_labels_of_any_type_go_to_the_scorers():
    truth, one, other = scores(classes=3)
    names = np.array(["low", "mid", "high"], dtype=object)
    one, other = (names[np.clip(np.round(s), 0, 2).astype(int)] for s in (one, other))
    check = only(check_baseline(names[truth], one, other, metric="f1_macro", resamples=200))

    assert check.details["candidate"] == pytest.approx(f1_score(names[truth], one, average="macro"))


def test_the_default_metric_follows_the_task():
    truth, one, other = scores()
    told = [
        only(check_baseline(*args)).details["metric"]
        for args in [
            (truth, one, other),
            (truth, (one > 0).astype(int), (other > 0).astype(int)),
            (np.arange(2000) % 3, np.arange(2000) % 3, np.zeros(2000, dtype=int)),
            (one, other, other * 0.9),
        ]
    ]

    assert told == ["roc_auc", "accuracy", "accuracy", "r2"]


def test_the_positive_label_may_be_the_smaller_one():
    truth, one, other = probabilities()
    named = np.where(truth == 1, "a late one", "in time")
    found = only(check_baseline(named, one, other, positive="a late one", metric="neg_log_loss"))
    columns = only(
        check_baseline(named, np.column_stack([one, 1 - one]), other, positive="a late one", metric="roc_auc")
    )

    assert found.details["candidate"] == pytest.approx(-log_loss(truth, one))
    assert columns.details["candidate"] == pytest.approx(roc_auc_score(truth, one))
    assert found.details["positive"] == "a late one"


def test_without_a_baseline_a_dummy_is_compared_with_and_the_message_says_so():
    truth, one, _ = scores()
    results = [
        check_baseline(truth, one),
        check_baseline(truth, (one > 0.5).astype(int)),
        check_baseline(one, one + truth, metric="neg_mean_absolute_error", margin=2),
        check_baseline(truth, np.column_stack([1 - truth, truth]), metric="neg_log_loss"),
    ]

    for check in map(only, results):
        assert check.outcome == "pass"
        assert check.message.startswith("no baseline: compared with a dummy; ")
        assert check.details["no_baseline"] is True


def test_groups_widen_the_limits_where_rows_of_a_group_stand_together():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(50), 20)
    better = np.repeat(rng.random(50) < 0.5, 20)
    truth = np.ones(1000, dtype=int)
    draw = rng.random(1000) < 0.2
    candidate, baseline = np.where(draw & ~better, 0, 1), np.where(draw & better, 0, 1)
    alone = only(check_baseline(truth, candidate, baseline, metric="accuracy"))
    together = only(check_baseline(truth, candidate, baseline, metric="accuracy", groups=groups))

    assert together.interval.high - together.interval.low > 1.5 * (alone.interval.high - alone.interval.low)
    assert together.interval.method == "bootstrap over 50 groups"
    assert "groups would settle it (50 here)" in together.message


@given(st.integers(0, 1000), st.sampled_from(["accuracy", "roc_auc", "f1", "neg_brier_score"]))
@settings(deadline=None, max_examples=20)
def test_swapping_the_models_mirrors_the_difference_and_identical_ones_have_none(seed, metric):
    truth, one, other = probabilities(300, seed)
    if metric in ("accuracy", "f1"):
        one, other = (one > 0.5).astype(int), (other > 0.5).astype(int)
    found, swapped, same = (
        only(check_baseline(truth, *pair, metric=metric)) for pair in [(one, other), (other, one), (one, one)]
    )

    assert found.observed == pytest.approx(-swapped.observed, abs=1e-12)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (-swapped.interval.high, -swapped.interval.low), abs=1e-9
    )
    assert same.observed == 0
    assert same.interval.low < 0 < same.interval.high


def test_the_same_inputs_give_the_same_record():
    truth, one, other = scores()
    options = {"metric": "f1", "slices": pd.DataFrame({"s": truth}), "floor": 0.1, "min_class_rows": 2}
    one, other = (one > 0).astype(int), (other > 0).astype(int)
    records = [[check.to_json() for check in check_baseline(truth, one, other, **options).checks] for _ in range(2)]

    assert json.dumps(records[0], allow_nan=False) == json.dumps(records[1], allow_nan=False)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"margin": -0.1}, "margin"),
        ({"margin": float("nan")}, "margin"),
        ({"margin": 5, "metric": "accuracy"}, "for 5 % write 0.05"),
        ({"slice_margin": 2}, "for 2 % write 0.02"),
        ({"cap": 0}, "cap"),
        ({"cap": 20}, "for 20 % write 0.2"),
        ({"floor": 70}, "for 70 % write 0.7"),
        ({"candidates_seen": 0}, "candidates_seen"),
        ({"resamples": 10}, "resamples"),
        ({"small_slices": "ignore"}, "small_slices"),
        ({"marging": 0.1}, "marging"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(bad, said):
    with pytest.raises(ValidationError, match=said):
        Settings(**bad)


def test_a_margin_above_one_is_allowed_for_a_metric_without_bounds():
    assert Settings(metric="neg_root_mean_squared_error", margin=5).margin == 5


def test_the_entry_is_named_after_its_metric():
    assert Settings(metric="f1").default_name() == "f1"
    assert Settings().default_name() == ""


def test_every_code_is_explained():
    codes = [code.code for code in GATE.codes]

    assert codes == sorted(set(codes))
    assert codes[:5] == ["MLG101", "MLG102", "MLG103", "MLG104", "MLG105"]
    assert all(code.title and code.why and code.fix for code in GATE.codes)


# What must never pass in silence


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("who", ["candidate", "baseline"])
def test_a_score_that_is_not_finite_is_an_error(bad, who):
    truth, one, other = scores(100)
    given = {"candidate": one.copy(), "baseline": other.copy()}
    given[who][7] = bad

    assert f"the {who}'s decision_function is NaN or infinite on 1 of 100 rows (first rows: 7)" in error_of(
        check_baseline(truth, given["candidate"], given["baseline"], metric="roc_auc")
    )


def test_a_metric_that_is_nan_is_an_error():
    truth = np.full(300, 2.5)

    assert "r2 is nan" in error_of(check_baseline(truth, truth + 1, truth, metric="r2"))


def test_a_worse_candidate_fails_on_a_metric_that_is_negative():
    """A relative threshold turns round there: -0.9 is no improvement of -0.3."""
    truth, one, _ = probabilities()
    wrong = 1 - one
    check = only(check_baseline(truth, wrong, one, metric="neg_log_loss", margin=0.1))

    assert check.outcome == "fail"
    assert check.details["candidate"] < check.details["baseline"] < 0


def test_no_rows_are_an_error():
    assert "no rows" in error_of(check_baseline([], [], []))


def test_missing_labels_are_counted_and_their_rows_named():
    truth = np.array([0.0, 1.0, np.nan, 1.0, np.nan])

    assert "y_true is missing on 2 of 5 rows (first rows: 2, 4)" in error_of(
        check_baseline(truth, np.zeros(5), np.zeros(5))
    )


def test_lengths_that_differ_are_an_error():
    assert "candidate has shape (4,) for 5 rows" in error_of(
        check_baseline([0, 1, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1, 1])
    )
    assert "weights has 2 rows and y_true 3" in error_of(
        check_baseline([0, 1, 0], [0, 1, 0], [0, 1, 0], weights=[1, 2])
    )


@pytest.mark.parametrize("metric", ["roc_auc", "average_precision", "f1", "balanced_accuracy"])
def test_a_single_class_is_an_error_that_names_it(metric):
    said = error_of(check_baseline(["no"] * 50, ["no"] * 50, ["no"] * 50, metric=metric))

    assert "all 50 rows have the one label 'no'" in said


def test_scores_given_to_a_metric_of_labels_are_an_error():
    truth, one, other = scores(100)

    assert "the metric judges labels" in error_of(check_baseline(truth, one, other, metric="accuracy"))


def test_labels_of_another_type_are_an_error_that_shows_both():
    said = error_of(check_baseline(["0.", "1."] * 50, [0, 1] * 50, [0, 1] * 50, metric="accuracy"))

    assert "'0.', '1.'" in said
    assert "0, 1" in said


def test_an_unknown_metric_is_an_error_with_the_nearest_name():
    truth, one, other = scores(100)

    assert "did you mean roc_auc" in error_of(check_baseline(truth, one, other, metric="roc_acu"))


@pytest.mark.parametrize(("metric", "classes"), [("r2", 2), ("roc_auc", 3), ("f1", 3)])
def test_a_metric_of_another_task_is_an_error(metric, classes):
    truth = np.arange(90) % classes

    assert "does not fit a" in error_of(check_baseline(truth, truth, truth, metric=metric))


def test_weights_that_are_none_are_an_error():
    truth, one, other = scores(100)

    assert "weight is negative" in error_of(check_baseline(truth, one, other, weights=np.full(100, -1.0)))


def test_a_scorer_without_weights_is_an_error_where_there_are_weights():
    rng = np.random.default_rng(0)
    truth, one, other = rng.normal(size=(3, 100))
    said = error_of(check_baseline(truth, one, other, metric="neg_max_error", weights=np.ones(100)))

    assert "may not take sample weights" in said


def test_a_positive_label_that_is_none_is_an_error():
    truth, one, other = scores(100)

    assert "positive = 'yes' is not among the labels 0, 1" in error_of(
        check_baseline(truth, one, other, positive="yes")
    )
