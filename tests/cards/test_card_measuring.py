"""What is measured for a card: the values of scikit-learn, of all rows and of groups, with the gates' own intervals."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk
from sklearn.linear_model import LinearRegression, LogisticRegression

from pytest_mlgate import check_baseline
from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.base import Facts, Inputs
from pytest_mlgate.gates.baseline import Settings as BaselineSettings
from pytest_mlgate.gates.card import GATE, Settings
from pytest_mlgate.gates.card.measuring import measure
from pytest_mlgate.gates.card.values import known


def rows(n: int = 600, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["place"] = rng.choice(["EWR", "JFK", "L G A"], size=n)
    frame["new"] = rng.integers(0, 2, n).astype(bool)
    frame["y"] = (frame["x"] + rng.normal(size=n) > 0.4).astype(int)
    frame["w"] = rng.uniform(0.5, 2, n)
    return frame


def inputs(frame: pd.DataFrame, model: Any, **facts: Any) -> Inputs:
    told = {"target": "y", "features": ("x", "z"), "groups": ("place",), **facts}
    return Inputs(facts=Facts(**told), values={"candidate": model, "holdout": frame})


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return rows()


@pytest.fixture(scope="module")
def model() -> Any:
    fitted = rows(seed=1)
    return LogisticRegression().fit(fitted[["x", "z"]], fitted["y"])


BINARY = {
    "roc_auc": lambda y, p, s, w: sk.roc_auc_score(y, s, sample_weight=w),
    "average_precision": lambda y, p, s, w: sk.average_precision_score(y, s, sample_weight=w),
    "brier": lambda y, p, s, w: sk.brier_score_loss(y, s, sample_weight=w),
    "log_loss": lambda y, p, s, w: sk.log_loss(y, s, sample_weight=w),
    "gini": lambda y, p, s, w: 2 * sk.roc_auc_score(y, s, sample_weight=w) - 1,
    "accuracy": lambda y, p, s, w: sk.accuracy_score(y, p, sample_weight=w),
    "balanced_accuracy": lambda y, p, s, w: sk.balanced_accuracy_score(y, p, sample_weight=w),
    "error_rate": lambda y, p, s, w: 1 - sk.accuracy_score(y, p, sample_weight=w),
    "mcc": lambda y, p, s, w: sk.matthews_corrcoef(y, p, sample_weight=w),
    "kappa": lambda y, p, s, w: sk.cohen_kappa_score(y, p, sample_weight=w),
    "precision": lambda y, p, s, w: sk.precision_score(y, p, sample_weight=w),
    "recall": lambda y, p, s, w: sk.recall_score(y, p, sample_weight=w),
    "f1": lambda y, p, s, w: sk.f1_score(y, p, sample_weight=w),
    "specificity": lambda y, p, s, w: sk.recall_score(1 - y, 1 - p, sample_weight=w),
    "false_positive_rate": lambda y, p, s, w: 1 - sk.recall_score(1 - y, 1 - p, sample_weight=w),
    "false_negative_rate": lambda y, p, s, w: 1 - sk.recall_score(y, p, sample_weight=w),
    "false_discovery_rate": lambda y, p, s, w: 1 - sk.precision_score(y, p, sample_weight=w),
    "npv": lambda y, p, s, w: sk.precision_score(1 - y, 1 - p, sample_weight=w),
    "selection_rate": lambda y, p, s, w: np.average(p, weights=w),
}


@pytest.mark.parametrize("weight", [None, "w"])
def test_every_metric_is_that_of_scikit_learn_on_all_rows_and_on_groups(
    frame: pd.DataFrame, model: Any, weight: str | None
) -> None:
    asked = [(name, "", "") for name in known("binary")] + [(name, "place", "JFK") for name in known("binary")]

    found = measure(inputs(frame, model, weight=weight), asked)

    assert found.missing == {}
    assert set(known("binary")) == set(BINARY)
    for group, part in (("", frame), ("JFK", frame[frame["place"] == "JFK"])):
        said, score = model.predict(part[["x", "z"]]), model.predict_proba(part[["x", "z"]])[:, 1]
        for name, function in BINARY.items():
            expected = function(part["y"], said, score, None if weight is None else part[weight])
            (value,) = (v for v in found.of(name, "place", group) if not v.variant)
            assert math.isclose(value.value, expected, rel_tol=1e-9, abs_tol=1e-12), (name, group)
            assert value.n == len(part)


def test_ways_of_averaging_stand_beside_the_value(frame: pd.DataFrame, model: Any) -> None:
    found = {value.variant: value.value for value in measure(inputs(frame, model), [("f1", "", "")]).of("f1")}

    said = model.predict(frame[["x", "z"]])
    for average in ("macro", "weighted", "micro"):
        assert math.isclose(found[average], sk.f1_score(frame["y"], said, average=average))
    assert math.isclose(found["class 0"], sk.f1_score(frame["y"], said, pos_label=0))


def test_several_classes(frame: pd.DataFrame) -> None:
    frame = frame.assign(y=np.array(["a", "b", "c"])[pd.qcut(frame["x"] + frame["z"], 3, labels=False)])
    model = LogisticRegression().fit(frame[["x", "z"]], frame["y"])
    asked = [(name, "", "") for name in known("multiclass")]

    found = measure(inputs(frame, model), asked)

    said, proba = model.predict(frame[["x", "z"]]), model.predict_proba(frame[["x", "z"]])
    values = {(value.metric, value.variant): value.value for value in found.values}
    assert math.isclose(values["f1", ""], sk.f1_score(frame["y"], said, average="macro"))
    assert math.isclose(values["recall", "class b"], sk.recall_score(frame["y"], said, average=None)[1])
    assert math.isclose(values["roc_auc", ""], sk.roc_auc_score(frame["y"], proba, multi_class="ovr"))
    assert math.isclose(values["log_loss", ""], sk.log_loss(frame["y"], proba))
    assert found.missing == {}


def test_a_regression(frame: pd.DataFrame) -> None:
    frame = frame.assign(y=3 * frame["x"] + frame["z"] ** 2 + 5.5)
    model = LinearRegression().fit(frame[["x", "z"]], frame["y"])
    said = model.predict(frame[["x", "z"]])

    found = measure(inputs(frame, model), [(name, "", "") for name in known("regression")], level=0.95)

    values = {value.metric: value for value in found.values}
    assert math.isclose(values["rmse"].value, sk.mean_squared_error(frame["y"], said) ** 0.5)
    assert math.isclose(values["mean_error"].value, (said - frame["y"]).mean(), abs_tol=1e-12)
    assert math.isclose(values["r2"].value, sk.r2_score(frame["y"], said))
    for name in ("mae", "mse", "rmse", "r2"):
        assert values[name].low is not None
        assert values[name].low < values[name].value < values[name].high


def test_intervals_are_those_of_the_gate_and_of_proportions(frame: pd.DataFrame, model: Any) -> None:
    found = {
        value.metric: value
        for value in measure(
            inputs(frame, model), [("roc_auc", "", ""), ("recall", "", ""), ("brier", "", "")], level=0.9
        ).values
        if not value.variant
    }

    gate = check_baseline(
        frame["y"], model.predict_proba(frame[["x", "z"]])[:, 1], metric="roc_auc", floor=0.5, margin=0.5
    )
    floor = next(check for check in gate.checks if check.subject == "floor")
    assert floor.interval is not None
    assert (found["roc_auc"].low, found["roc_auc"].method) == (floor.interval.low, floor.interval.method)
    assert (found["recall"].method, found["brier"].method) == ("Wilson", "t")
    assert all(value.low < value.value < value.high for value in found.values())  # type: ignore[operator]


@pytest.mark.parametrize(
    ("column", "group", "where"),
    [
        ("place", "JFK", ("place", "JFK")),
        ("Place", "jfk", ("place", "JFK")),
        ("", "L-G-A", ("place", "L G A")),
        ("new", "True", ("new", "True")),
    ],
)
def test_a_group_is_found_as_people_write_it(
    frame: pd.DataFrame, model: Any, column: str, group: str, where: tuple[str, str]
) -> None:
    found = measure(inputs(frame, model), [("accuracy", column, group)])

    assert [(value.column, value.group) for value in found.values] == [where]


def test_what_has_no_value_says_why_and_takes_nothing_from_the_rest(frame: pd.DataFrame, model: Any) -> None:
    lonely = frame.assign(place=["only late" if late else "EWR" for late in frame["y"]])
    asked = [("accuracy", "", ""), ("bleu", "", ""), ("accuracy", "place", "PHL"), ("roc_auc", "place", "only late")]

    found = measure(inputs(lonely, model), asked)

    assert {value.metric for value in found.values} == {"accuracy"}
    assert found.missing["bleu", "", ""] == "bleu is not computed here for a binary task"
    assert found.missing["accuracy", "place", "PHL"] == "no column 'place' of the holdout has the value 'PHL'"
    assert found.missing["roc_auc", "place", "only late"].startswith("roc_auc has no ")
    assert set(found.groups["place"]) == {"EWR", "only late"}
    assert found.all_groups


def test_a_threshold_moves_labels_and_leaves_scores(frame: pd.DataFrame, model: Any) -> None:
    found = measure(inputs(frame, model), [("recall", "", ""), ("roc_auc", "", "")], threshold=0.2)

    said = model.predict_proba(frame[["x", "z"]])[:, 1] >= 0.2
    assert math.isclose(found.of("recall")[0].value, sk.recall_score(frame["y"], said))


def test_without_rows_there_is_an_error(model: Any) -> None:
    with pytest.raises(InputError, match="no holdout is configured"):
        measure(Inputs(facts=Facts(target="y"), values={"candidate": model}), [("accuracy", "", "")])


def share_of_hits(y_true: Any, y_pred: Any) -> float:
    return float((y_true == y_pred).mean())


def test_a_run_compares_a_metric_of_ones_own_with_what_the_gate_baseline_computes(
    frame: pd.DataFrame, model: Any
) -> None:
    rule = BaselineSettings(metric=share_of_hits)
    told = inputs(frame, model, judged_by=(rule,), stage="validation")
    true = float((model.predict(frame[["x", "z"]]) == frame["y"]).mean())
    text = "# Model card: m\n\n## Metrics\n\n| metric | value |\n|---|---|\n| share of hits | {} |\n"

    found = [
        {check.subject: check for check in GATE.run(Settings(), replace(told, values={**told.values, "card": card}))}
        for card in (text.format(f"{true:.4f}").encode(), text.format(f"{true + 0.01:.4f}").encode())
    ]

    assert [checks["share_of_hits"].outcome.value for checks in found] == ["pass", "fail"]
    assert all("not_compared" not in checks for checks in found)


def test_the_macro_average_of_f1_has_an_interval_and_is_that_of_scikit_learn(frame: pd.DataFrame) -> None:
    several = frame.assign(y=pd.cut(frame["x"] + frame["w"], [-9, 0.5, 2, 9], labels=False), rare=frame["z"] > 1)
    fitted = LogisticRegression().fit(several[["x", "z"]], several["y"])
    told = inputs(several, fitted, groups=("rare",))
    (value,) = (v for v in measure(told, [("f1", "rare", "True")], level=0.95).values if not v.variant)
    part = several[several["rare"]]

    assert value.value == pytest.approx(sk.f1_score(part["y"], fitted.predict(part[["x", "z"]]), average="macro"))
    assert value.low is not None
    assert value.low < value.value
    assert value.method == "bootstrap"
