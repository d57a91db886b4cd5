"""What passes in silence elsewhere blocks here: a whole run each, with real gates on real files, beside its control.

Every case is one pair of runs on the same files: with the defect the verdict is ``block`` for exactly the checks that
see it, without it ``promote``, so that neither a gate that never fires nor one that always does could pass.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

# An in-process session forgets what it imported, and these cannot be imported twice in one process.
import joblib
import numpy as np
import pandas as pd
import pandas.core.arrays.arrow.extension_types
import pandera.pandas  # noqa: F401
import pytest
import scipy.stats  # noqa: F401
from sklearn.linear_model import LinearRegression, LogisticRegression

from pytest_mlgate.verdict import Verdict

from .plugin.conftest import GOVERNED, Project

N = 5000
FEATURES = [f"x{i}" for i in range(20)]

CONFIGURATION = """
[model]
name = "silent"
stage = "production"
candidate = "{candidate}"
baseline = "{baseline}"

[data]
target = "y"
features = ["x0", "x1"]
train = "train.parquet"
holdout = "holdout.parquet"
current = "current.parquet"

[gates.baseline]
name = ""
metric = "{metric}"
margin = {margin}
trivial = "warn"  # a metric below zero is worse than any constant, and the sign is what is asked here

[gates.schema]
schema = "schema.yaml"

[gates.drift]
max_distance = 0.1
"""
SCHEMA = """
columns:
  x0: {dtype: number}
  x1: {dtype: number}
  place: {dtype: string, checks: {isin: [EWR, JFK, LGA]}}
  y: {dtype: number}
"""
RULE = "def predict(rows):\n    return (rows['x0'] > 0).astype(int)\n"


@pytest.fixture
def project(pytester: pytest.Pytester, toy_gate: Path) -> Project:
    """A project whose three gates all pass: a rule that beats the dummy, and tables of one population."""
    project = Project(pytester)
    project.write("rule.py", RULE)
    project.write("schema.yaml", SCHEMA)
    for seed, name in enumerate(("train", "holdout", "current")):
        table(seed).to_parquet(project.path / f"{name}.parquet")
    configure(project)
    return project


def table(seed: int) -> pd.DataFrame:
    """Return rows of the one population: twenty numbers, a category, and a label that the first number tells."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(N, len(FEATURES))), columns=FEATURES)
    frame["place"] = rng.choice(["EWR", "JFK", "LGA"], size=N, p=[0.4, 0.3, 0.3])
    frame["y"] = (frame["x0"] + rng.normal(size=N) > 0).astype(int)
    return frame


def configure(
    project: Project,
    *,
    candidate: str = "rule:predict",
    baseline: str = "dummy",
    metric: str = "accuracy",
    margin: float = 0.05,
) -> None:
    text = CONFIGURATION.format(candidate=candidate, baseline=baseline, metric=metric, margin=margin) + GOVERNED
    project.write("mlgate.toml", text)


def change(project: Project, name: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Rewrite a table of the project."""
    path = project.path / f"{name}.parquet"
    edit(pd.read_parquet(path)).to_parquet(path)


def judge(project: Project, *args: str, blocked_by: set[str]) -> Verdict:
    """Run the gates; the verdict, the exit code and the blocking checks must say the same."""
    result = project.run(*args)

    verdict = project.verdict()
    assert {check.id for check in verdict.checks if check.blocks} == blocked_by
    assert {reason.split(": ")[0] for reason in verdict.reasons} == blocked_by
    assert verdict.decision == ("block" if blocked_by else "promote")
    assert result.ret == (1 if blocked_by else 0)
    return verdict


def message(verdict: Verdict, check_id: str) -> str:
    return next(check.message for check in verdict.checks if check.id == check_id)


def classifier(**attributes: Any) -> LogisticRegression:
    """Return a fitted classifier with some attributes replaced."""
    train = table(0)
    model = LogisticRegression().fit(train[["x0", "x1"]], train["y"])
    for name, value in attributes.items():
        setattr(model, name, value)
    return model


def regressor(intercept: float) -> LinearRegression:
    """Return a fitted regressor that is wrong by a constant."""
    train = table(0)
    model = LinearRegression().fit(train[["x0", "x1"]], train["x2"])
    model.intercept_ = intercept
    return model


@pytest.mark.parametrize("broken", [True, False], ids=["raises", "control"])
def test_a_model_whose_predict_raises_blocks(project: Project, broken: bool) -> None:
    joblib.dump(LogisticRegression() if broken else classifier(), project.path / "candidate.joblib")
    configure(project, candidate="candidate.joblib")

    verdict = judge(project, blocked_by={"baseline"} if broken else set())

    assert (
        "candidate.joblib: predict raised sklearn.exceptions.NotFittedError" in message(verdict, "baseline")
    ) == broken


@pytest.mark.parametrize("broken", [True, False], ids=["nan", "control"])
def test_a_metric_that_would_be_nan_blocks(project: Project, broken: bool) -> None:
    model = classifier(coef_=np.array([[np.nan, 0.0]])) if broken else classifier()
    joblib.dump(model, project.path / "candidate.joblib")
    configure(project, candidate="candidate.joblib", metric="roc_auc")

    verdict = judge(project, blocked_by={"baseline"} if broken else set())

    nan = f"candidate.joblib: decision_function returned NaN in {N} of {N} rows"
    assert (nan in message(verdict, "baseline")) == broken


@pytest.mark.parametrize("empty", [True, False], ids=["empty", "control"])
def test_an_empty_current_table_blocks(project: Project, empty: bool) -> None:
    if empty:
        change(project, "current", lambda frame: frame.head(0))

    verdict = judge(project, blocked_by={"drift", "schema:current"} if empty else set())

    if empty:
        assert message(verdict, "drift") == "table 'current' has no row: there is nothing to compare"
        assert message(verdict, "schema:current") == "current has no rows"


@pytest.mark.parametrize("shift", [0.5, 0.0], ids=["shifted", "control"])
def test_one_outlier_hides_no_shift_of_half_a_standard_deviation(project: Project, shift: float) -> None:
    def shifted(frame: pd.DataFrame) -> pd.DataFrame:
        moved = frame["x0"] + shift
        moved[7] = 1e6
        return frame.assign(x0=moved)

    change(project, "current", shifted)

    verdict = judge(project, blocked_by={"drift:x0"} if shift else set())

    found = next(check for check in verdict.checks if check.id == "drift:x0")
    assert found.observed == pytest.approx(0.197 if shift else 0.0, abs=0.04)


@pytest.mark.parametrize("worse", [True, False], ids=["worse", "control"])
def test_a_relative_change_of_a_negative_log_loss_keeps_its_sign(project: Project, worse: bool) -> None:
    """From -0.57 to about -1.3 the ratio grows, as an improvement of a positive metric would."""
    joblib.dump(classifier(), project.path / "champion.joblib")
    joblib.dump(classifier(coef_=np.array([[8.0, 0.0]]) if worse else classifier().coef_), project.path / "new.joblib")
    configure(project, candidate="new.joblib", baseline="champion.joblib", metric="neg_log_loss")

    verdict = judge(project, blocked_by={"baseline"} if worse else set())

    check = next(check for check in verdict.checks if check.id == "baseline")
    assert check.details["baseline"] < 0
    assert (check.details["candidate"] / check.details["baseline"] > 1.5) == worse


@pytest.mark.parametrize("worse", [True, False], ids=["worse", "control"])
def test_a_relative_change_of_a_negative_r2_keeps_its_sign(project: Project, worse: bool) -> None:
    for name in ("train", "holdout", "current"):
        change(project, name, lambda frame: frame.assign(y=frame["x2"]))
    joblib.dump(regressor(0.5), project.path / "champion.joblib")
    joblib.dump(regressor(1.0 if worse else 0.5), project.path / "new.joblib")
    configure(project, candidate="new.joblib", baseline="champion.joblib", metric="r2")

    verdict = judge(project, blocked_by={"baseline"} if worse else set())

    check = next(check for check in verdict.checks if check.id == "baseline")
    assert check.details["baseline"] < 0
    assert (check.details["candidate"] / check.details["baseline"] > 1.5) == worse


@pytest.mark.parametrize("moved", [9, 0], ids=["nine", "control"])
def test_nine_columns_of_twenty_are_nine_too_many(project: Project, moved: int) -> None:
    change(project, "current", lambda frame: frame.assign(**{name: frame[name] + 3 for name in FEATURES[:moved]}))

    judge(project, blocked_by={f"drift:{name}" for name in FEATURES[:moved]})


@pytest.mark.parametrize("moved", [True, False], ids=["moved", "control"])
def test_a_categorical_column_is_looked_at(project: Project, moved: bool) -> None:
    def most_from_one_place(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(place=frame["place"].where(np.arange(N) % 3 > 0, "LGA"))

    if moved:
        change(project, "current", most_from_one_place)

    verdict = judge(project, blocked_by={"drift:place"} if moved else set())

    assert "drift:place" in {check.id for check in verdict.checks}


@pytest.mark.parametrize("gate", ["baseline", "schema", "drift", None])
def test_a_gate_that_was_left_out_blocks(project: Project, gate: str | None) -> None:
    chosen = () if gate is None else ("-k", f"not {gate}")

    verdict = judge(project, *chosen, blocked_by=set() if gate is None else {gate})

    assert {check.gate for check in verdict.checks} == {"baseline", "schema", "drift", "governance"}
    if gate is not None:
        assert message(verdict, gate) == "not run: it was deselected"
