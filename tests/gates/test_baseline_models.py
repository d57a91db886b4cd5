"""The baseline gate on model handles and a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.svm import LinearSVC

from pytest_mlgate.artifacts.model import dummy_model
from pytest_mlgate.checks import Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings, check_baseline

FEATURES = ["a", "b"]


def table(n: int = 600, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n), "row": np.arange(n)})
    frame["late"] = (frame["a"] + 0.5 * frame["b"] + rng.normal(size=n) > 0).astype(int)
    frame["origin"] = rng.choice(["EWR", "JFK"], n)
    return frame


def fitted(columns=FEATURES, target="late", estimator=None):
    frame = table(seed=1)
    return (estimator or LogisticRegression()).fit(frame[list(columns)], frame[target])


def ask(
    candidate: Any, baseline: Any, frame: pd.DataFrame, facts: dict[str, Any] | None = None, **settings: Any
) -> Any:
    known = Facts(**{"target": "late", **(facts or {})})
    values = {"candidate": candidate, "baseline": baseline, "holdout": frame}
    return run_gate(GATE, Settings(**settings), Inputs(facts=known, values=values))


def error_of(result) -> str:
    (check,) = result.checks
    assert (check.outcome, check.code) == (Outcome.ERROR, "MLG002")
    assert not check.message.startswith("baseline raised")
    return f"{check.message} | {check.fix}"


@pytest.mark.parametrize(
    "metric", ["roc_auc", "accuracy", "neg_log_loss", "neg_brier_score", "f1", "average_precision"]
)
def test_models_are_judged_as_scikit_learns_scorers_judge_them(metric):
    frame, candidate, baseline = table(), fitted(), fitted(["a"])
    check, *_ = ask(candidate, baseline, frame, metric=metric, resamples=200).checks
    expected = [
        get_scorer(metric)(model, frame[list(model.feature_names_in_)], frame["late"])
        for model in (candidate, baseline)
    ]

    assert [check.details["candidate"], check.details["baseline"]] == pytest.approx(expected)
    assert check.outcome == "pass"
    assert check.n == 600


def test_models_and_arrays_give_the_same_checks():
    frame, candidate, baseline = table(), fitted(), fitted(["a"])
    one = ask(candidate, baseline, frame, metric="roc_auc", slices=("origin",), floor=0.6, cap=0.5)
    scores = [model.decision_function(frame[list(model.feature_names_in_)]) for model in (candidate, baseline)]
    other = check_baseline(frame["late"], *scores, metric="roc_auc", slices=frame[["origin"]], floor=0.6, cap=0.5)

    assert [check.to_json() for check in one.checks] == [check.to_json() for check in other.checks]
    assert one.entry == other.entry == "roc_auc"


def test_the_smaller_label_may_be_positive():
    frame = table()
    renamed = frame.assign(late=np.where(frame["late"] == 1, "a late one", "in time"))
    models = [fitted(columns, estimator=LinearSVC()) for columns in (FEATURES, ["a"])]
    names = [
        LinearSVC().fit(table(seed=1)[c], np.where(table(seed=1)["late"] == 1, "a late one", "in time"))
        for c in (FEATURES, ["a"])
    ]
    one, *_ = ask(*models, frame, metric="roc_auc").checks
    other, *_ = ask(*names, renamed, {"positive": "a late one"}, metric="roc_auc").checks

    assert one.details["candidate"] == pytest.approx(other.details["candidate"])
    assert other.details["positive"] == "a late one"


def test_multiclass_probabilities_follow_the_classes_of_the_model():
    frame = table().assign(late=lambda f: np.select([f["a"] < -0.5, f["a"] < 0.5], ["low", "mid"], "high"))
    candidate = LogisticRegression().fit(frame[FEATURES], frame["late"])
    baseline = DummyClassifier(strategy="prior").fit(frame[FEATURES], frame["late"])
    check, *_ = ask(candidate, baseline, frame, metric="neg_log_loss").checks
    ovr, *_ = ask(candidate, baseline, frame, metric="roc_auc_ovr", resamples=200).checks

    assert check.details["candidate"] == pytest.approx(
        get_scorer("neg_log_loss")(candidate, frame[FEATURES], frame["late"])
    )
    assert ovr.details["candidate"] == pytest.approx(
        get_scorer("roc_auc_ovr")(candidate, frame[FEATURES], frame["late"])
    )


def test_a_regression_is_found_by_its_target():
    frame = table().assign(late=lambda f: f["a"] * 3.1 + f["b"])
    train = table(seed=1).assign(late=lambda f: f["a"] * 3.1 + f["b"])
    models = [LinearRegression().fit(train[columns], train["late"]) for columns in (FEATURES, ["a"])]
    check, *_ = ask(*models, frame).checks

    assert (check.details["metric"], check.outcome) == ("r2", "pass")
    assert check.details["candidate"] == pytest.approx(1)


def test_a_dummy_baseline_is_said_plainly():
    frame = table()
    check, *_ = ask(fitted(), dummy_model(table(seed=1)["late"]), frame, metric="roc_auc").checks

    assert check.message.startswith("no baseline: compared with a dummy; ")
    assert check.details["no_baseline"] is True
    assert check.outcome == "pass"


def test_configured_features_are_what_a_model_without_names_is_asked_with():
    frame = table()
    model = LogisticRegression().fit(table(seed=1)[FEATURES].to_numpy(), table(seed=1)["late"])
    check, *_ = ask(model, model, frame, {"features": ("a", "b")}, metric="accuracy").checks

    assert check.observed == 0
    assert check.details["candidate"] > 0.7


def test_weights_and_clusters_come_from_columns():
    frame = table().assign(w=1.0, user=lambda f: f["row"] // 6)
    plain, *_ = ask(fitted(), fitted(["a"]), frame, metric="accuracy").checks
    weighted, *_ = ask(fitted(), fitted(["a"]), frame, {"weight": "w"}, metric="accuracy").checks
    grouped, *_ = ask(fitted(), fitted(["a"]), frame, metric="accuracy", cluster="user").checks

    assert plain.observed == pytest.approx(weighted.observed) == pytest.approx(grouped.observed)
    assert weighted.interval.method == "paired t, weighted"
    assert grouped.interval.method == "bootstrap over 100 groups"


def test_a_model_that_raises_is_an_error_and_no_pass():
    class Broken(LogisticRegression):
        def decision_function(self, X):
            raise RuntimeError("no such tree")

    broken = fitted(estimator=Broken())

    assert "no such tree" in error_of(ask(broken, fitted(), table(), metric="roc_auc"))
    assert "no such tree" in error_of(ask(fitted(), broken, table(), metric="roc_auc"))


def test_a_model_that_answers_nan_is_an_error():
    class Absent(LogisticRegression):
        def decision_function(self, X):
            return np.full(len(X), np.nan)

    assert "NaN" in error_of(ask(fitted(estimator=Absent()), fitted(), table(), metric="roc_auc"))


def test_a_method_that_a_model_lacks_is_named():
    said = error_of(ask(fitted(estimator=LinearSVC()), fitted(), table(), metric="neg_log_loss"))

    assert "the candidate has no predict_proba" in said


@pytest.mark.parametrize(
    ("change", "facts", "said"),
    [
        (lambda f: f.iloc[:0], {}, "holdout has no rows"),
        (lambda f: f, {"target": "lat"}, "did you mean 'late'"),
        (lambda f: f, {"target": None}, "no target is configured"),
        (lambda f: f.assign(late=f["late"].where(f["row"] > 1)), {}, "missing on 2 of 600 rows (first rows: 0, 1)"),
        (lambda f: f.assign(late=1), {}, "all 600 rows have the one label 1"),
        (
            lambda f: f.assign(late=f["late"].map({0: "no", 1: "yes"})),
            {},
            "labels are 'no', 'yes'; the candidate answers 0, 1",
        ),
        (lambda f: f.assign(late=f["late"] + (f["row"] == 3)), {}, "has 2, which the candidate has never seen"),
        (lambda f: f.drop(columns="b"), {}, "'b'"),
        (lambda f: f, {"weight": "w"}, "no column 'w' (weight)"),
        (lambda f: f, {"positive": "yes"}, "positive = 'yes' is not among the labels 0, 1"),
        (lambda f: f, {"task": "ranking"}, "'roc_auc' does not fit a ranking task"),
        (lambda f: f.assign(late=np.inf), {"task": "regression"}, "NaN or infinite on 600 of 600"),
    ],
)
def test_a_holdout_that_cannot_be_judged_is_an_error(change, facts, said):
    metric = "r2" if facts.get("task") == "regression" else "roc_auc"

    assert said in error_of(ask(fitted(), fitted(["a"]), change(table()), facts, metric=metric))


def test_a_group_column_that_is_missing_is_an_error():
    assert "no column 'usr' (cluster)" in error_of(ask(fitted(), fitted(), table(), cluster="usr"))


def test_a_function_may_predict_a_label_that_the_holdout_lacks():
    frame = table().assign(late=lambda f: np.where(f["a"] > 0, "high", "low"))

    def three(X):
        return np.select([X["a"] > 0, X["a"] > -2], ["high", "low"], "never")

    check, *_ = ask(three, lambda X: np.full(len(X), "low"), frame, {"task": "multiclass"}, metric="accuracy").checks

    assert check.outcome == "pass"
    assert check.details["candidate"] == pytest.approx((frame["a"] > -2).mean())


def test_a_holdout_of_one_group_or_without_weight_is_an_error():
    frame = table().assign(user=1, w=0.0)

    assert "all 600 rows are one group" in error_of(ask(fitted(), fitted(), frame, cluster="user"))
    assert "a weight is negative, or all are 0" in error_of(ask(fitted(), fitted(), frame, {"weight": "w"}))


@pytest.mark.parametrize("labels", [["no", "yes"], ["0", "1"]])
def test_labels_that_the_candidate_never_answers_are_told_as_such_whatever_the_task_says(labels):
    frame = table()
    frame["late"] = np.array(labels)[frame["late"]]

    said = error_of(ask(fitted(), fitted(["a"]), frame, {"task": "binary", "positive": 1}, metric="roc_auc"))

    assert f"the holdout's labels are '{labels[0]}', '{labels[1]}'; the candidate answers 0, 1" in said
    assert "multiclass" not in said
