"""Prediction drift and label drift: the candidate's answers and the target, judged like columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.svm import SVC

from pytest_mlgate.checks import Check, GateResult, Outcome, Severity
from pytest_mlgate.gates.drift import GATE, Settings, check_drift


def one(result: GateResult, subject: str) -> Check:
    found = [check for check in result.checks if check.subject == subject]
    assert len(found) == 1, [check.subject for check in result.checks]
    return found[0]


def rows(n: int = 2000, shift: float = 0.0, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6)) + shift
    frame = pd.DataFrame(x, columns=[f"x{k}" for k in range(6)])
    total = x.sum(axis=1) + rng.normal(size=n)
    return frame.assign(
        late=(total > 0).astype(int), kind=np.where(total > 1, "b", np.where(total < -1, "a", "c")), cost=total
    )


FEATURES = [f"x{k}" for k in range(6)]
FITTED = rows(seed=9)


def binary() -> Any:
    return LogisticRegression().fit(FITTED[FEATURES], FITTED["late"])


def drift(current: pd.DataFrame, reference: pd.DataFrame | None = None, **settings: Any) -> GateResult:
    given = {"candidate": binary(), "target": "late", "exclude": ["kind", "cost"], "predictions": True}
    return check_drift(rows() if reference is None else reference, current, **{**given, **settings})


# the candidate's answers


def test_small_moves_of_many_columns_add_up_in_the_predictions() -> None:
    result = drift(rows(4000, shift=0.2, seed=1), rows(4000))
    columns = [one(result, name) for name in FEATURES]
    check = one(result, "prediction")

    assert {column.severity for column in columns if column.outcome is Outcome.FAIL} <= {Severity.WARN}
    assert all(column.observed < 0.2 for column in columns)
    assert (check.code, check.outcome, check.severity) == ("MLG515", Outcome.FAIL, Severity.WARN)
    assert check.observed > max(column.observed for column in columns)
    assert "the candidate's answers" in check.message
    assert "current values are higher" in check.message


def test_unmoved_rows_have_unmoved_predictions() -> None:
    result = drift(rows(seed=1))

    assert one(result, "prediction").outcome is Outcome.PASS
    assert one(result, "prediction").details["tests"] == 8  # one family: six columns, the labels, the predictions


def test_predictions_are_not_asked_for_by_default() -> None:
    result = check_drift(rows(), rows(seed=1), target="late", candidate=binary())

    assert "prediction" not in [check.subject for check in result.checks]


def test_without_a_candidate_it_is_an_error_that_takes_nothing_from_the_columns() -> None:
    result = drift(rows(seed=1), candidate=None)
    check = one(result, "prediction")

    assert (check.outcome, check.code) == (Outcome.ERROR, "MLG515")
    assert "no candidate" in check.message
    assert "`candidate`" in check.fix
    assert one(result, "x0").outcome is Outcome.PASS


def test_a_model_that_cannot_answer_is_an_error_of_the_predictions_only() -> None:
    result = drift(rows(seed=1).drop(columns="x0"), rows().drop(columns="x0"))

    assert one(result, "prediction").outcome is Outcome.ERROR
    assert "x0" in one(result, "prediction").message
    assert one(result, "x1").outcome is Outcome.PASS


def test_limits_of_its_own_go_under_its_name() -> None:
    own = {"prediction": {"max_distance": 0.6, "reason": "the marketing campaign"}}
    check = one(drift(rows(shift=0.3, seed=1), columns=own), "prediction")

    assert (check.limit, check.details["warn"]) == (0.6, 0.3)
    assert "limit of its own: the marketing campaign" in check.message


def test_a_column_of_that_name_keeps_it() -> None:
    logged = rows(seed=1).assign(prediction=0.5)
    result = drift(logged, rows().assign(prediction=0.5), columns={"prediction": {"max_distance": 0.9}})

    assert one(result, "prediction").code == "MLG501"
    assert one(result, "(prediction)").code == "MLG515"
    assert one(result, "(prediction)").details["max"] == 0.2


def test_limits_under_a_name_that_the_candidate_does_not_answer_are_an_error() -> None:
    check = one(drift(rows(seed=1), columns={"prediction=3": {"max_distance": 0.5}}), "prediction")

    assert check.outcome is Outcome.ERROR
    assert "'prediction=3'" in check.message


def test_without_predictions_its_name_is_no_column() -> None:
    result = drift(rows(seed=1), predictions=False, columns={"prediction": {"max_distance": 0.5}})

    assert result.outcome is Outcome.ERROR
    assert "'prediction'" in result.checks[0].message


def test_it_is_the_positive_class_that_is_followed() -> None:
    moved = rows(shift=0.5, seed=1)

    assert "are higher" in one(drift(moved), "prediction").message
    assert "are higher" in one(drift(moved, positive=1), "prediction").message
    assert "are lower" in one(drift(moved, positive=0), "prediction").message
    assert one(drift(moved, positive="1"), "prediction").outcome is Outcome.ERROR


def test_a_model_without_probabilities_is_followed_by_its_decision_function() -> None:
    model = RidgeClassifier().fit(FITTED[FEATURES], FITTED["late"])
    moved = rows(shift=0.5, seed=1)

    assert "are higher" in one(drift(moved, candidate=model), "prediction").message
    assert "are lower" in one(drift(moved, candidate=model, positive=0), "prediction").message


def test_each_class_of_a_multiclass_model_is_judged() -> None:
    model = LogisticRegression().fit(FITTED[FEATURES], FITTED["kind"])
    result = drift(rows(4000, shift=0.5, seed=1), candidate=model, target="kind", exclude=["late", "cost"])
    checks = {check.subject: check for check in result.checks if check.code == "MLG515"}

    assert set(checks) == {"prediction=a", "prediction=b", "prediction=c"}
    assert "are lower" in checks["prediction=a"].message
    assert "are higher" in checks["prediction=b"].message


def test_labels_are_followed_where_a_model_gives_nothing_else() -> None:
    check = one(drift(rows(shift=0.5, seed=1), candidate=lambda X: binary().predict(X[FEATURES])), "prediction")
    named = one(drift(rows(shift=0.5, seed=1), candidate=lambda X: np.where(X["x0"] > 0, "a", "b")), "prediction")
    task = one(drift(rows(shift=0.5, seed=1), candidate=lambda X: (X["x0"] > 0) * 1, task="binary"), "prediction")

    assert check.outcome is Outcome.FAIL
    assert named.details["statistic"] == task.details["statistic"] == "total_variation"
    assert named.observed == task.observed


def test_a_model_with_a_score_a_pair_of_classes_is_followed_by_its_labels() -> None:
    model = SVC(decision_function_shape="ovo").fit(FITTED[FEATURES], FITTED["cost"].round().clip(-2, 1))
    check = one(drift(rows(shift=0.5, seed=1), candidate=model), "prediction")

    assert (check.outcome, check.details["statistic"]) == (Outcome.FAIL, "total_variation")


def test_of_a_window_of_rows_only_those_are_asked_about() -> None:
    current = rows(4000, seed=1)
    moved = np.arange(4000) >= 2000
    current.loc[moved, FEATURES] += 1
    current["at"] = pd.date_range("2024-01-01", periods=4000, freq="h")

    for candidate in (binary(), lambda X: np.where(X["x0"] > 0, "a", "b")):
        given = {"candidate": candidate, "time": "at", "window": "2000 hours", "exclude": ["at", "kind", "cost"]}
        whole, newest = drift(current, **{**given, "window": None}), drift(current, **given)
        assert one(newest, "prediction").n == 2000
        assert one(newest, "prediction").observed > 1.5 * one(whole, "prediction").observed


def test_predicted_values_are_followed_in_a_regression() -> None:
    model = LinearRegression().fit(FITTED[FEATURES], FITTED["cost"])
    check = one(
        drift(rows(shift=0.5, seed=1), candidate=model, target="cost", exclude=["late", "kind"], task="regression"),
        "prediction",
    )

    assert (check.outcome, check.details["statistic"]) == (Outcome.FAIL, "two_sample_ks")


def test_a_function_is_a_candidate_too() -> None:
    assert one(drift(rows(shift=1, seed=1), candidate=lambda X: X["x0"] * 1.5), "prediction").outcome is Outcome.FAIL


def test_of_a_sensitive_target_no_class_is_named() -> None:
    model = LogisticRegression().fit(FITTED[FEATURES], FITTED["kind"].map({"a": "ill", "b": "well", "c": "dead"}))
    result = drift(rows(seed=1), candidate=model, target="kind", sensitive=["kind"], exclude=["late", "cost"])
    told = [str(check.to_json()) for check in result.checks if check.code == "MLG515"]

    assert len(told) == 3
    assert not any(word in text for text in told for word in ("ill", "well", "dead", "location", "range"))


def test_a_profile_has_no_rows_to_ask_about() -> None:
    from pytest_mlgate.gates.base import Facts, Inputs
    from pytest_mlgate.gates.drift.predictions import examine_predictions
    from pytest_mlgate.gates.drift.sides import FrameSide

    class Kept:
        name, columns, rows = "reference", ("x0",), 2000

    (check,) = examine_predictions(
        Kept(),  # type: ignore[arg-type]
        FrameSide(name="current", frame=rows()),
        Settings(predictions=True),
        Inputs(facts=Facts(), values={"candidate": binary()}),
    )

    assert isinstance(check, Check)
    assert check.outcome is Outcome.ERROR
    assert "the reference is a profile" in check.message


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, set()),
        ({"predictions": True}, {"candidate"}),
        ({"concept": {}}, {"candidate", "holdout"}),
        ({"concept": {"value": 0.7}}, {"candidate"}),
        ({"domain_classifier": True}, set()),
    ],
)
def test_a_model_is_loaded_only_where_it_is_asked(settings: dict[str, Any], wanted: set[str]) -> None:
    assert {name for name in GATE.optional if Settings(**settings).wants(name)} == wanted


# labels


def test_the_target_is_judged_as_label_drift() -> None:
    moved = rows(shift=0.5, seed=1)
    check = one(check_drift(rows(), moved, target="late"), "late")

    assert (check.outcome, check.code) == (Outcome.FAIL, "MLG501")
    assert "this is label drift" in check.message
    assert "label drift" not in one(check_drift(rows(), moved, target="late"), "x0").message


def test_labels_that_are_not_there_yet_are_waited_for() -> None:
    absent = check_drift(rows(), rows(seed=1).drop(columns="late"), target="late")
    empty = check_drift(rows(), rows(seed=1).assign(late=np.nan), target="late")

    for result in (absent, empty):
        check = one(result, "late")
        assert (check.code, check.outcome, check.severity) == ("MLG508", Outcome.SKIP, Severity.NOTE)
        assert "labels often come later" in check.message
