"""Other formats beside the candidate: each answers as it does, or the message says where and why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from pytest_mlgate import Check, Outcome, check_roundtrip
from pytest_mlgate.artifacts.inspection import inspect_artifact
from pytest_mlgate.artifacts.model import load_model, wrap_model
from pytest_mlgate.artifacts.saving import save
from pytest_mlgate.gates.base import Inputs
from pytest_mlgate.gates.roundtrip import Settings
from pytest_mlgate.gates.roundtrip.comparison import Tolerance
from pytest_mlgate.gates.roundtrip.formats import formats
from pytest_mlgate.gates.roundtrip.thresholds import on_threshold
from pytest_mlgate.gates.roundtrip.trip import Trip, begin

N = 300
RNG = np.random.default_rng(0)
ROWS = pd.DataFrame({"a": RNG.normal(size=N), "b": RNG.normal(size=N)})
UP = np.where(ROWS["a"] + ROWS["b"] > 0, "up", "down")


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trip]:
    """One candidate: beside it another model as skops, itself as pickle, and a cloudpickle that is none."""
    folder = tmp_path_factory.mktemp("formats")
    model, other = (LogisticRegression(C=c).fit(ROWS, UP) for c in (1.0, 0.01))
    joblib.dump(model, folder / "model.joblib")
    (folder / "model.skops").write_bytes(save(other, "skops"))
    (folder / "model.pkl").write_bytes(save(model, "pickle"))
    (folder / "model.cloudpickle").write_bytes(b"no pickle")
    candidate = load_model(folder / "model.joblib")
    asked = ("joblib", "skops", "pickle", "cloudpickle", "onnx", "lightgbm")
    settings = Settings(sample=50, formats=asked, convert=True)
    begun = begin(settings, Inputs(values={"candidate": candidate, "holdout": ROWS}))
    yield begun
    begun.close()
    candidate.close()


@pytest.fixture(scope="module")
def judged(trip: Trip) -> dict[str, Check]:
    return {check.subject: check for check in formats(trip)}


def test_a_file_beside_the_candidate_is_found_and_answers_as_it_does(judged: dict[str, Check]) -> None:
    check = judged["pickle"]

    assert check.outcome is Outcome.PASS, check
    assert check.message.startswith("model.pkl (")
    assert check.message.endswith(
        "answers decision_function, predict, predict_proba as the judged model does, bit for bit"
    )
    assert check.evidence["seconds"] > 0


def test_another_model_beside_the_candidate_fails(judged: dict[str, Check]) -> None:
    check = judged["skops"]

    assert check.outcome is Outcome.FAIL
    assert "model.skops (" in check.message
    assert "answers otherwise; predict_proba: 50 of 50 rows differ, by up to" in check.message
    assert check.fix.startswith("write that file again from the judged model")


def test_a_file_that_is_none_is_an_error_of_its_format_alone(judged: dict[str, Check]) -> None:
    assert judged["cloudpickle"].outcome is Outcome.ERROR
    assert judged["cloudpickle"].code == "MLG410"
    assert judged["cloudpickle"].message.startswith("model.cloudpickle: ")


def test_what_is_not_there_is_made_and_compared(judged: dict[str, Check], trip: Trip) -> None:
    check = judged["onnx"]

    assert check.outcome is Outcome.PASS, check
    assert check.message.startswith("a onnx file made of it (")
    assert check.message.endswith(
        "answers predict, predict_proba as the judged model does, within 1e-05 + 0.0001 of the answer"
    )
    assert trip.candidate.path is not None
    assert not trip.candidate.path.with_suffix(".onnx").exists()


def test_what_cannot_be_made_is_an_error(judged: dict[str, Check]) -> None:
    assert judged["lightgbm"].outcome is Outcome.ERROR
    assert judged["lightgbm"].message.endswith("a LogisticRegression cannot be written as lightgbm")


def test_what_is_not_there_and_not_to_be_made_is_an_error_with_both_ways_out(trip: Trip) -> None:
    settings = Settings(sample=50, formats=("onnx",))

    (check,) = formats(replace(trip, settings=settings))

    assert check.outcome is Outcome.ERROR
    assert check.message == "there is no model.onnx beside model.joblib"
    assert "convert = true" in check.fix


def test_the_candidates_own_format_is_asked_by_the_other_questions(judged: dict[str, Check]) -> None:
    assert "joblib" not in judged


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_booster_file_without_the_labels_fails_and_says_so(tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    path = tmp_path / "model.joblib"
    joblib.dump(lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(ROWS, UP), path)
    model = load_model(path, trusted=inspect_artifact(path).untrusted)

    result = check_roundtrip(model, ROWS, sample=50, formats=["lightgbm"], convert=True)
    model.close()

    (check,) = (check for check in result.checks if check.subject == "lightgbm")
    assert check.outcome is Outcome.FAIL
    assert "predict: 50 of 50 rows differ; row 0: <U4 expected, int64 found" in check.message
    assert check.fix.startswith("such a file holds no labels of yours")


# thresholds


def explained(model: Any, method: str, rows: pd.DataFrame, found: Any) -> list[bool]:
    tolerance = Tolerance(rtol=1e-4, atol=1e-5)
    near: list[bool] = on_threshold(
        wrap_model(model, name="model"), method, rows, np.asarray(found), tolerance
    ).tolist()
    return near


@pytest.fixture(scope="module")
def tree() -> DecisionTreeRegressor:
    return DecisionTreeRegressor(max_leaf_nodes=2).fit(ROWS[["a"]], np.where(ROWS["a"] > 0.5, 10.0, 20.0))


def test_a_row_on_a_trees_threshold_is_explained_and_one_beside_it_is_not(tree: DecisionTreeRegressor) -> None:
    threshold = float(tree.tree_.threshold[0])
    rows = pd.DataFrame({"a": [threshold * (1 + 1e-8), threshold * 1.001, threshold * (1 - 1e-8)]})

    assert explained(tree, "predict", rows, [20.0, 20.0, 10.0]) == [True, False, True]


def test_an_answer_that_neither_side_of_the_threshold_has_is_not_explained(tree: DecisionTreeRegressor) -> None:
    rows = pd.DataFrame({"a": [float(tree.tree_.threshold[0])]})

    assert explained(tree, "predict", rows, [25.0]) == [False]


def test_a_smooth_model_is_never_excused() -> None:
    model = LogisticRegression().fit(ROWS, UP)
    said = model.predict_proba(ROWS.head(20))

    assert explained(model, "predict_proba", ROWS.head(20), said + np.array([0.001, -0.001])) == [False] * 20


def test_labels_and_probabilities_of_a_forest_are_explained_row_by_row() -> None:
    model = RandomForestClassifier(5, random_state=0).fit(ROWS, UP)
    single = ROWS.astype("float32").astype(float)
    cuts = np.sort(np.concatenate([tree.tree_.threshold[tree.tree_.feature == 0] for tree in model.estimators_]))
    rows = pd.DataFrame({"a": cuts[:30], "b": single["b"].head(30)})
    beyond = rows.assign(a=np.nextafter(rows["a"], np.inf).astype("float32").astype(float) + 1e-9)
    said = model.predict_proba(beyond)
    moved = np.abs(said - model.predict_proba(rows)).max(axis=1) > 1e-3

    assert moved.any()
    assert all(np.array(explained(model, "predict_proba", rows, said))[moved])


def test_whole_numbers_are_moved_too_unless_the_model_takes_them_for_categories() -> None:
    rows = pd.DataFrame({"n": np.arange(10), "x": np.linspace(0, 1, 10)})
    model = DecisionTreeClassifier(max_leaf_nodes=2).fit(rows[["n"]] + 0.5, np.arange(10) > 4)
    at = pd.DataFrame({"n": [int(model.tree_.threshold[0])]})

    assert explained(model, "predict", at, [not bool(model.predict(at)[0])]) == [at["n"][0] == model.tree_.threshold[0]]
