"""The baseline gate's intents: an improvement, equivalence, more than a trivial model; and odd inputs to all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.metrics import log_loss, mean_pinball_loss

from pytest_mlgate.artifacts.model import dummy_model
from pytest_mlgate.checks import Outcome, Severity
from pytest_mlgate.gates.baseline import Settings, check_baseline
from tests.gates.test_baseline import labels, probabilities, scores
from tests.gates.test_baseline_models import ask, fitted, table


def named(result):
    return {check.subject: check for check in result.checks}


def mixed(fixed, broken, n=1000):
    """Labels of two classes; ``fixed`` rows only the candidate has right, ``broken`` only the baseline."""
    _, candidate, baseline = labels(fixed, broken, n)
    truth = np.arange(n) % 2
    return truth, np.where(candidate == 1, truth, 1 - truth), np.where(baseline == 1, truth, 1 - truth)


# fixed, broken of 1000 rows, an improvement of 0.02 asked for
@pytest.mark.parametrize(
    ("fixed", "broken", "outcome"), [(90, 10, "pass"), (40, 10, "inconclusive"), (10, 20, "fail"), (0, 0, "fail")]
)
def test_an_improvement_is_judged_by_its_own_limits(fixed, broken, outcome):
    result = check_baseline(*mixed(fixed, broken), metric="accuracy", margin=0.05, improvement=0.02)
    check = named(result)["improvement"]

    assert (check.code, check.outcome, check.severity) == ("MLG106", outcome, Severity.BLOCK)
    assert check.limit == 0.02
    assert "asked for an improvement of 0.02" in check.message
    assert "90 %, Tango" in check.message
    assert ("rows would settle it (1 000 here)" in check.message) == (outcome == "inconclusive")
    assert ("rows_to_settle" in check.details) == (outcome == "inconclusive")
    assert (check.p < 0.05) == (outcome == "fail")
    assert bool(check.fix) == (outcome != "pass")


# the whole interval within, across and outside of 0.02
@pytest.mark.parametrize(
    ("fixed", "broken", "outcome"),
    [(10, 10, "pass"), (90, 10, "fail"), (10, 90, "fail"), (30, 20, "inconclusive"), (20, 30, "inconclusive")],
)
def test_models_are_equivalent_where_the_whole_interval_is_within(fixed, broken, outcome):
    result = check_baseline(*mixed(fixed, broken), metric="accuracy", margin=0.2, equivalence=0.02)
    check = named(result)["equivalence"]

    assert (check.code, check.outcome) == ("MLG108", outcome)
    assert (check.details["p_equivalence"] < 0.05) == (outcome == "pass")
    assert ("equivalent within ±0.02" in check.message) == (outcome == "pass")
    assert ("rows would settle it" in check.message) == (outcome == "inconclusive")


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.001, 0.1))
@settings(deadline=None, max_examples=30)
def test_equivalence_is_the_same_whichever_model_is_the_candidate(fixed, broken, bound):
    one, other = (
        named(check_baseline(*mixed(*flips), metric="accuracy", margin=0.5, equivalence=bound))["equivalence"]
        for flips in [(fixed, broken), (broken, fixed)]
    )

    assert one.outcome == other.outcome
    assert one.observed == pytest.approx(-other.observed)


def test_a_floor_that_is_not_settled_says_how_many_rows_would():
    check = named(check_baseline(*mixed(30, 30), metric="accuracy", floor=0.965))["floor"]

    assert check.outcome is Outcome.INCONCLUSIVE
    assert check.details["rows_to_settle"] > 1000
    assert "rows would settle it (1 000 here)" in check.message


# The trivial model


def test_a_candidate_that_knows_nothing_is_not_better_than_a_trivial_model():
    rng = np.random.default_rng(0)
    truth = (rng.random(3000) < 0.3).astype(int)
    noise = (rng.random(3000) < 0.3).astype(int)
    result = check_baseline(truth, noise, noise, metric="accuracy")
    main, check = named(result)[""], named(result)["trivial"]

    assert main.outcome is Outcome.PASS
    assert (check.code, check.outcome, check.severity) == ("MLG107", Outcome.FAIL, Severity.BLOCK)
    assert "the trivial model says 0 on every row" in check.message
    assert check.details["value"] == pytest.approx((truth == 0).mean())
    assert result.outcome is Outcome.FAIL


def test_trivial_warn_lists_it_and_goes_on():
    rng = np.random.default_rng(0)
    truth, noise = (rng.random((2, 3000)) < 0.3).astype(int)
    result = check_baseline(truth, noise, noise, metric="accuracy", trivial="warn")

    assert (named(result)["trivial"].outcome, named(result)["trivial"].severity) == (Outcome.FAIL, Severity.WARN)
    assert result.outcome is Outcome.PASS


def test_a_trivial_comparison_of_few_rows_is_inconclusive_and_says_how_many_it_needs():
    truth, one, other = scores(30, noise=0.01)
    truth = np.roll(truth, 3)
    check = named(check_baseline(truth, one, other, margin=0.5))["trivial"]

    assert (check.outcome, check.severity) == (Outcome.INCONCLUSIVE, Severity.BLOCK)
    assert "rows would settle it (30 here)" in check.message


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("roc_auc", lambda y: 0.5),
        ("average_precision", lambda y: y.mean()),
        ("neg_log_loss", lambda y: -log_loss(y, np.full(len(y), y.mean()))),
        ("neg_brier_score", lambda y: -y.mean() * (1 - y.mean())),
    ],
)
def test_the_trivial_model_of_scores_says_the_holdouts_shares(metric, value):
    truth, one, other = probabilities()
    check = named(check_baseline(truth, one, other, metric=metric, resamples=200))["trivial"]

    assert check.outcome is Outcome.PASS
    assert check.details["value"] == pytest.approx(value(truth))
    assert "the trivial model says the holdout's class shares" in check.message


def test_the_trivial_model_of_labels_says_what_scores_best_by_the_metric():
    rng = np.random.default_rng(0)
    truth = (rng.random(1000) < 0.3).astype(int)
    good = np.where(rng.random(1000) < 0.1, 1 - truth, truth)
    said = {
        metric: named(check_baseline(truth, good, good, metric=metric, resamples=300))["trivial"]
        for metric in ("accuracy", "f1", "precision")
    }

    assert {metric: check.details["trivial"] for metric, check in said.items()} == {
        "accuracy": "0 on every row",
        "f1": "1 on every row",
        "precision": "1 on every row",
    }
    assert said["f1"].details["value"] == pytest.approx(2 * truth.mean() / (1 + truth.mean()))
    assert all(check.outcome is Outcome.PASS for check in said.values())


@pytest.mark.parametrize(
    ("metric", "params", "said", "value"),
    [
        ("neg_mean_absolute_error", {}, "median", lambda y: -np.abs(y - np.median(y)).mean()),
        ("neg_mean_squared_error", {}, "mean", lambda y: -y.var()),
        ("r2", {}, "mean", lambda y: 0.0),
        (
            "neg_mean_pinball_loss",
            {"alpha": 0.9},
            "quantile at 0.9",
            lambda y: -mean_pinball_loss(y, np.full(len(y), np.quantile(y, 0.9)), alpha=0.9),
        ),
    ],
)
def test_the_trivial_model_of_values_says_what_suits_the_loss(metric, params, said, value):
    rng = np.random.default_rng(0)
    truth = rng.gamma(2.0, size=501)
    one = truth * rng.uniform(0.9, 1.1, 501)
    result = check_baseline(truth, one, one, task="regression", metric=metric, metric_params=params, resamples=300)
    check = named(result)["trivial"]

    assert check.outcome is Outcome.PASS
    assert f"the target's {said}" in check.message
    assert check.details["value"] == pytest.approx(value(truth), abs=2e-3)


def test_with_a_dummy_for_a_baseline_the_trivial_model_is_not_asked_twice():
    truth, one, _ = scores()
    frame = table()
    results = [check_baseline(truth, one), ask(fitted(), dummy_model(frame["late"]), frame, metric="roc_auc")]

    assert [list(named(result)) for result in results] == [[""], [""]]


@pytest.mark.parametrize(
    ("given_rows", "metric", "said"),
    [(labels(5, 5), "accuracy", "every row has the label 1"), (mixed(5, 5), "recall", "recall of 1")],
)
def test_where_a_constant_is_right_by_construction_the_comparison_is_skipped_with_the_reason(given_rows, metric, said):
    result = check_baseline(*given_rows, metric=metric, margin=0.1)
    check = named(result)["trivial"]

    assert (check.outcome, check.severity, check.blocks) == (Outcome.SKIP, Severity.NOTE, False)
    assert said in check.message


def test_models_are_compared_with_the_trivial_one_too():
    frame = table()
    check = named(ask(fitted(), fitted(["a"]), frame, metric="roc_auc"))["trivial"]

    assert (check.outcome, check.details["value"]) == (Outcome.PASS, 0.5)


# Settings


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"improvement": 0}, "improvement"),
        ({"improvement": -0.1}, "improvement"),
        ({"improvement": float("nan")}, "improvement"),
        ({"improvement": 2, "metric": "f1"}, "for 2 % write 0.02"),
        ({"equivalence": 0}, "equivalence"),
        ({"equivalence": "0.01"}, "equivalence"),
        ({"equivalence": 1.5}, "for 1.5 % write 0.015"),
        ({"improvement": 0.02, "equivalence": 0.01}, "cannot both be met"),
        ({"improvement": 0.05, "cap": 0.05}, "is suspicious"),
        ({"trivial": "off"}, "trivial"),
    ],
)
def test_an_intent_that_makes_no_sense_is_refused(bad, said):
    with pytest.raises(ValidationError, match=said):
        Settings(**bad)


# Odd inputs


@pytest.mark.parametrize("metric", ["neg_mean_absolute_error", "r2", "neg_log_loss"])
def test_a_negative_metric_fails_where_it_gets_worse_and_passes_where_it_gets_better(metric):
    """A relative threshold turns round there: -0.9 is 200 % of -0.3 and no improvement."""
    rng = np.random.default_rng(0)
    if metric == "neg_log_loss":
        truth, good, _ = probabilities()
        poor, task = 1 - good, None
    else:
        truth = rng.normal(size=400)
        good, poor, task = truth[::-1], 3 * truth[::-1] + 1, "regression"  # both R2 are below 0
    worse, better = (
        named(check_baseline(truth, *pair, metric=metric, task=task, improvement=0.05, trivial="warn"))
        for pair in [(poor, good), (good, poor)]
    )

    assert worse[""].details["candidate"] < worse[""].details["baseline"] < 0
    assert [worse[""].outcome, worse["improvement"].outcome] == ["fail", "fail"]
    assert [better[""].outcome, better["improvement"].outcome] == ["pass", "pass"]


def test_a_baseline_of_nought_needs_no_division():
    truth = np.arange(400) % 2
    result = check_baseline(truth, truth, np.zeros(400, dtype=int), metric="f1", improvement=0.5)

    assert named(result)[""].details["baseline"] == 0
    assert {check.outcome for check in result.checks} == {Outcome.PASS}


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "neg_brier_score", "f1", "average_precision"])
def test_identical_models_are_equivalent_and_no_improvement(metric):
    truth, one, _ = probabilities(1000)
    answers = (one > 0.5).astype(int) if metric in ("accuracy", "f1") else one
    found = named(
        check_baseline(
            truth, answers, answers, metric=metric, margin=0.02, equivalence=0.02, improvement=0.01, resamples=300
        )
    )

    assert found[""].observed == 0
    assert found[""].interval.low < 0 < found[""].interval.high
    assert [found[name].outcome for name in ("", "equivalence")] == ["pass", "pass"]
    assert found["improvement"].outcome in ("fail", "inconclusive")


def test_scores_that_are_all_tied_are_no_better_than_a_constant():
    truth, one, _ = probabilities()
    found = named(check_baseline(truth, np.full(500, 0.5), one, metric="roc_auc"))

    assert found[""].outcome is Outcome.FAIL
    assert found["trivial"].outcome is Outcome.INCONCLUSIVE
    assert found["trivial"].observed == 0


def test_a_slice_of_one_class_is_named_and_the_other_slices_are_judged():
    truth, one, other = probabilities(1200)
    frame = pd.DataFrame({"kind": np.where(np.arange(1200) % 3 == 0, "a", "b")})
    truth[frame["kind"] == "a"] = 0
    found = named(
        check_baseline(truth, one, other, metric="average_precision", slices=frame, margin=0.2, resamples=300)
    )

    assert (found["kind=a"].outcome, found["kind=a"].code) == (Outcome.INCONCLUSIVE, "MLG103")
    assert "rows of one class" in found["kind=a"].message
    assert found["kind=b"].outcome is Outcome.PASS


@pytest.mark.parametrize("where", ["y", "candidate", "baseline"])
def test_nan_anywhere_is_one_error_that_names_its_row(where):
    truth, one, other = probabilities(100)
    rows = {"y": truth.astype(float), "candidate": one, "baseline": other}
    rows[where][7] = np.nan
    result = check_baseline(*rows.values(), metric="neg_brier_score", improvement=0.1, floor=-0.5)

    (check,) = result.checks
    assert (check.outcome, check.code) == (Outcome.ERROR, "MLG002")
    assert "on 1 of 100 rows (first rows: 7)" in check.message
