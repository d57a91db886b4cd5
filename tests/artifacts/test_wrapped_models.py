"""Models of this process: what a conftest's override returns, and dummies."""

from __future__ import annotations

import random
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from pytest_mlgate.artifacts.model import ModelError, as_model, dummy_model, select_features, wrap_model
from pytest_mlgate.checks import InputError

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "late": [0, 1, 0, 1], "id": list("wxyz")})


def test_an_estimator_is_asked_in_this_process() -> None:
    estimator = LogisticRegression().fit(ROWS[["a"]], ROWS["late"])

    model = as_model(estimator, name="candidate")

    assert model.predict_proba(ROWS[["a"]]).tobytes() == estimator.predict_proba(ROWS[["a"]]).tobytes()
    assert (model.source, model.digest, model.is_dummy) == ("candidate", "", False)
    assert model.feature_names_in_ == ["a"]
    assert model.methods == {"predict", "predict_proba", "decision_function"}


def test_an_estimator_that_was_fitted_on_arrays_does_not_warn() -> None:
    model = wrap_model(LogisticRegression().fit(ROWS[["a"]].to_numpy(), ROWS["late"]), name="candidate")

    assert model.predict(ROWS[["a"]]).shape == (4,)
    assert model.feature_names_in_ is None


def test_a_function_predicts_and_may_be_given_any_objects() -> None:
    model = as_model(lambda frame: [len(str(value)) for value in frame["odd"]], name="baseline")
    odd = pd.DataFrame({"odd": pd.Series([{1, 2}, "x", 3], dtype=object)})

    assert model.methods == {"predict"}
    assert model.predict(odd).tolist() == [6, 1, 1]


def test_it_is_asked_twice_with_copies_and_the_answer_kept() -> None:
    calls: list[pd.DataFrame] = []

    def predict(frame: pd.DataFrame) -> Any:
        calls.append(frame)
        frame["a"] = 0.0
        return np.ones(len(frame))

    model, rows = wrap_model(predict, name="candidate"), ROWS.copy()

    for _ in range(3):
        model.predict(rows)

    assert len(calls) == 2
    pd.testing.assert_frame_equal(rows, ROWS)
    assert model.notes == ("predict changes the rows it is given",)


def test_global_state_is_put_back() -> None:
    def predict(frame: pd.DataFrame) -> Any:
        random.seed(1)
        np.random.seed(1)
        warnings.simplefilter("ignore")
        return np.random.random(len(frame))

    before = random.getstate(), np.random.get_state()[1].tolist(), list(warnings.filters)

    wrap_model(predict, name="candidate").predict(ROWS)

    after = random.getstate(), np.random.get_state()[1].tolist(), list(warnings.filters)
    assert after == before


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda frame: frame["b"], "candidate: predict raised KeyError: 'b'"),
        (lambda frame: np.random.random(len(frame)), "another answer on the second call"),
        (lambda frame: np.full(len(frame), np.nan), "predict returned NaN in 4 of 4 rows"),
        (lambda frame: [1], "predict returned 1 answers for 4 rows"),
        (lambda frame: exit(2), r"predict called sys.exit\(2\)"),
    ],
)
def test_the_same_misdeeds_are_found(function: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        wrap_model(function, name="candidate").predict(ROWS)


def test_the_users_own_ctrl_c_is_not_the_models() -> None:
    def predict(frame: pd.DataFrame) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wrap_model(predict, name="candidate").predict(ROWS)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"model": LogisticRegression()}, "candidate: holds a dict, not a model"),
        (7, "candidate: holds a int, not a model"),
        (LogisticRegression, "candidate: is the class LogisticRegression, not a model"),
    ],
)
def test_what_is_no_model_is_named(value: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        as_model(value, name="candidate")


def test_numbers_may_differ_in_their_last_places() -> None:
    answers = iter([[0.1 + 0.2], [0.3]])

    assert wrap_model(lambda frame: next(answers), name="m").predict(ROWS.iloc[:1]).tolist() == [0.1 + 0.2]


def test_a_dummy_gives_class_shares() -> None:
    model = dummy_model(pd.Series(["no", "yes", "no", "no"]), task="binary")

    assert model.is_dummy
    assert model.classes_ is not None
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.predict_proba(ROWS).tolist() == [[0.75, 0.25]] * 4
    assert model.predict(ROWS).tolist() == ["no"] * 4


@pytest.mark.parametrize(("task", "y"), [("regression", [1, 2, 6]), (None, [0.5, 2.5, 6.0]), ("ranking", [0, 3, 6])])
def test_a_dummy_gives_the_mean(task: str | None, y: list[float]) -> None:
    model = dummy_model(np.array(y), task=task)

    assert model.methods == {"predict"}
    assert model.predict(ROWS).tolist() == [3.0] * 4


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([], "no training rows to make a dummy baseline from"),
        ([[1, 2]], r"shape \(1, 2\)"),
        ([1.0, float("nan")], "1 of 2 training labels"),
    ],
)
def test_a_dummy_needs_labels(y: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        dummy_model(y)


@dataclass(frozen=True)
class Facts:
    features: tuple[str, ...] | None = None
    target: str | None = "late"
    id: str | None = "id"
    weight: str | None = None


@dataclass(frozen=True)
class Named:
    feature_names_in_: list[str] | None
    source: str = "m.joblib"


def test_features_are_the_configured_then_the_fitted_then_the_rest() -> None:
    frame = ROWS.assign(b=1)

    assert list(select_features(Named(["b"]), frame, Facts(features=("late", "a")))) == ["late", "a"]
    assert list(select_features(Named(["b", "a"]), frame, Facts())) == ["b", "a"]
    assert list(select_features(Named(None), frame, Facts())) == ["a", "b"]


def test_missing_features_are_named_with_the_nearest_column() -> None:
    with pytest.raises(
        InputError, match=r"lacks 2 of 2 columns that m.joblib was fitted on: 'Late' \(nearest: 'late'\), 'q'"
    ):
        select_features(Named(["Late", "q"]), ROWS, Facts())
    with pytest.raises(InputError, match="lacks 1 of 1 columns configured as features: 'q'"):
        select_features(Named(None), ROWS, Facts(features=("q",)))
    with pytest.raises(InputError, match="no feature column remains"):
        select_features(Named(None), ROWS[["late", "id"]], Facts())


def test_a_dummys_labels_are_called_what_they_are() -> None:
    with pytest.raises(InputError, match="1 of 2 holdout labels are missing"):
        dummy_model([1.0, float("nan")], name="holdout")
    with pytest.raises(InputError, match="no holdout rows to make a dummy baseline from"):
        dummy_model([], name="holdout")
