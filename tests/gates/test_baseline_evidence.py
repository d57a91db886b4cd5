"""What is kept beside the verdict: flips, broken rows, and curves of both models."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings, check_baseline
from pytest_mlgate.gates.baseline.confusion import MOST_LABELS, OTHERS
from pytest_mlgate.gates.baseline.curves import MOST_POINTS, thin
from pytest_mlgate.gates.baseline.flips import flip_table
from pytest_mlgate.gates.baseline.slices import partitions


def evidence_of(result):
    return result.checks[0].evidence


def table(n: int = 900) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)})
    frame["late"] = (frame["a"] + frame["b"] + rng.normal(size=n) > 0).astype(int)
    frame["origin"] = rng.choice(["EWR", "JFK"], n)
    frame["sex"] = rng.choice(["secret-f", "secret-m"], n)
    frame["flight"] = [f"F{i:04d}" for i in range(n)]
    return frame


def ask(frame, *, sensitive=(), name=None, candidate=("b",), **rule):
    models = [LogisticRegression().fit(frame[list(columns)], frame["late"]) for columns in (candidate, ["a", "b"])]
    facts = Facts(target="late", sensitive=tuple(sensitive), id=name)
    values = {"candidate": models[0], "baseline": models[1], "holdout": frame}
    return run_gate(GATE, Settings(**{"metric": "accuracy", **rule}), Inputs(facts=facts, values=values)), models


# Flips


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("xyz")), min_size=1, max_size=60))
def test_the_flips_of_the_levels_add_up_to_the_whole(rows):
    ours, theirs, level = (np.array(column) for column in zip(*rows, strict=True))
    parts = partitions(pd.DataFrame({"s": level}), ["s"])
    whole, *slices = (row[1:] for row in flip_table(ours, theirs, parts)["rows"])

    assert whole[1:3] == [int((ours & ~theirs).sum()), int((theirs & ~ours).sum())]
    assert whole[3:] == [int((ours & theirs).sum()), int((~ours & ~theirs).sum())]
    assert whole[0] == len(rows) == sum(whole[1:])
    assert np.sum(slices, axis=0).tolist() == whole


def test_fixed_and_broken_rows_are_counted_for_every_slice():
    truth = np.arange(400) % 2
    candidate, baseline = truth.copy(), truth.copy()
    candidate[:30] = 1 - candidate[:30]
    baseline[200:210] = 1 - baseline[200:210]
    result = check_baseline(
        truth, candidate, baseline, metric="accuracy", slices=pd.DataFrame({"half": ["1"] * 200 + ["2"] * 200})
    )

    assert evidence_of(result)["flips"] == {
        "columns": ["slice", "rows", "fixed", "broken", "both_right", "both_wrong"],
        "rows": [["", 400, 10, 30, 360, 0], ["half=1", 200, 0, 30, 170, 0], ["half=2", 200, 10, 0, 190, 0]],
    }
    (half,) = (check for check in result.checks if check.subject == "half=1")
    assert half.details["flips"] == {"fixed": 0, "broken": 30}


def test_the_surest_broken_rows_come_first_and_are_really_broken():
    frame = table()
    result, (candidate, baseline) = ask(frame, name="flight", slices=["origin"], broken_rows=7)
    found = evidence_of(result)["broken_rows"]
    ours, theirs = candidate.predict(frame[["b"]]), baseline.predict(frame[["a", "b"]])
    broken = np.flatnonzero((ours != frame["late"]) & (theirs == frame["late"]))
    sure = candidate.predict_proba(frame[["b"]]).max(axis=1)
    expected = broken[np.argsort(-sure[broken], kind="stable")][:7]

    assert found["columns"] == ["row", "id", "label", "candidate", "baseline", "confidence", "slice: origin"]
    assert [row[0] for row in found["rows"]] == expected.tolist()
    assert [row[1] for row in found["rows"]] == [f"F{i:04d}" for i in expected]
    for i, (_, _, label, ours_said, theirs_said, confidence, origin) in zip(expected, found["rows"], strict=True):
        assert (label, ours_said, theirs_said) == (frame["late"][i], ours[i], theirs[i])
        assert confidence == pytest.approx(sure[i], abs=1e-6)
        assert origin == f"origin={frame['origin'][i]}"
    assert (found["total"], found["order"]) == (len(broken), "confidence")


def test_features_are_shown_only_when_asked_for_and_sensitive_columns_never():
    frame = table()
    slices = ["origin", "sex", ["origin", "sex"], {"function": lambda rows: rows["sex"]}]
    plain, _ = ask(frame, sensitive=["sex"], slices=slices)
    full, _ = ask(frame, sensitive=["sex"], slices=slices, show_rows=True)
    hidden, _ = ask(frame, sensitive=["flight"], name="flight", show_rows=True)

    assert "column: a" not in evidence_of(plain)["broken_rows"]["columns"]
    assert "column: a" in evidence_of(full)["broken_rows"]["columns"]
    for result in (plain, full):
        assert "secret" not in str(evidence_of(result)["broken_rows"])
        assert "slice: origin" in evidence_of(result)["broken_rows"]["columns"]
    assert "id" not in evidence_of(hidden)["broken_rows"]["columns"]
    assert "F0" not in str(evidence_of(hidden)["broken_rows"])


def test_a_sensitive_label_is_not_told():
    result, _ = ask(table(), sensitive=["late"])

    assert "broken_rows" not in evidence_of(result)
    assert "confusion" not in evidence_of(result)
    assert evidence_of(result)["flips"]["rows"][0][1] == 900


def test_no_broken_rows_where_none_are_wanted_and_none_without_labels():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 300)
    scores = [truth + rng.normal(size=300) for _ in range(2)]
    none, _ = ask(table(), broken_rows=0)

    assert set(evidence_of(none)) == {"flips", "confusion", "curves"}
    assert set(evidence_of(check_baseline(truth, *scores, metric="roc_auc"))) == {"curves"}


def test_the_confusion_matrices_are_those_of_scikit_learn():
    frame = table()
    result, (candidate, baseline) = ask(frame)
    found = evidence_of(result)["confusion"]

    assert found["labels"] == ["0", "1"]
    assert found["candidate"] == confusion_matrix(frame["late"], candidate.predict(frame[["b"]])).tolist()
    assert found["baseline"] == confusion_matrix(frame["late"], baseline.predict(frame[["a", "b"]])).tolist()


def test_rare_labels_are_counted_as_one_in_the_confusion_matrix():
    rng = np.random.default_rng(5)
    truth = np.concatenate([np.repeat(np.arange(MOST_LABELS), 40), np.arange(100, 120)])
    said = np.where(rng.random(len(truth)) < 0.3, rng.permutation(truth), truth)
    labels = np.array([f"class {code:03}" for code in range(120)])
    result = check_baseline(labels[truth], labels[said], labels[truth], metric="accuracy")
    found = evidence_of(result)["confusion"]
    rows = np.array(found["candidate"])

    assert found["labels"] == [*labels[: MOST_LABELS - 1], OTHERS]
    assert rows.sum() == len(truth)
    assert rows.sum(axis=1).tolist() == [40] * (MOST_LABELS - 1) + [60]
    assert rows[3, 3] == ((truth == 3) & (said == 3)).sum()


def test_without_confidence_the_first_broken_rows_are_named():
    truth = np.arange(300) % 2
    result = check_baseline(
        np.array(["n", "y"])[truth],
        np.where(np.arange(300) % 50 == 7, np.array(["y", "n"])[truth], np.array(["n", "y"])[truth]),
        np.array(["n", "y"])[truth],
        metric="accuracy",
    )
    found = evidence_of(result)["broken_rows"]

    assert [row[0] for row in found["rows"]] == [7, 57, 107, 157, 207, 257]
    assert found["order"] == "row"
    assert all(row[found["columns"].index("confidence")] is None for row in found["rows"])


# Curves


@pytest.mark.parametrize("weighted", [False, True])
def test_roc_and_precision_recall_are_scikit_learns_at_the_points_kept(weighted):
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 5000)
    scores = np.round(truth + rng.normal(size=5000), 3)  # with ties
    weights = rng.uniform(0.5, 2, 5000) if weighted else None
    result = check_baseline(truth, scores, -scores, metric="roc_auc", weights=weights, resamples=200)
    curves = evidence_of(result)["curves"]
    for name, given_scores in (("candidate", scores), ("baseline", -scores)):
        fpr, tpr, at = roc_curve(truth, given_scores, sample_weight=weights, drop_intermediate=False)
        roc = curves[name]["roc"]
        where = [0, *(int(np.flatnonzero(at == threshold)[0]) for threshold in roc["threshold"][1:])]

        assert len(roc["fpr"]) <= MOST_POINTS
        assert roc["fpr"] == pytest.approx(fpr[where].tolist(), abs=1e-7)
        assert roc["tpr"] == pytest.approx(tpr[where].tolist(), abs=1e-7)
        assert (roc["fpr"][0], roc["tpr"][0], roc["threshold"][0]) == (0, 0, None)
        assert (roc["fpr"][-1], roc["tpr"][-1]) == (1, 1)

        precision, recall, at = precision_recall_curve(truth, given_scores, sample_weight=weights)
        pr = curves[name]["pr"]
        where = [int(np.flatnonzero(at == threshold)[0]) for threshold in pr["threshold"]]

        assert 100 < len(pr["recall"]) <= MOST_POINTS
        assert pr["recall"] == pytest.approx(recall[where].tolist(), abs=1e-7)
        assert pr["precision"] == pytest.approx(precision[where].tolist(), abs=1e-7)
        assert pr["recall"][-1] == 1


def test_the_area_under_the_thinned_curve_is_that_of_all_points():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 20000)
    (check, *_) = check_baseline(truth, truth + rng.normal(size=20000), metric="roc_auc").checks
    roc = check.evidence["curves"]["candidate"]["roc"]

    assert np.trapezoid(roc["tpr"], roc["fpr"]) == pytest.approx(check.details["candidate"], abs=0.002)


def test_calibration_is_scikit_learns_with_counts():
    rng = np.random.default_rng(4)
    said = np.append(rng.uniform(size=2000), [0, 0.1, 0.2, 0.3, 0.5, 1])
    truth = (rng.uniform(size=len(said)) < said).astype(int)
    result = check_baseline(truth, said, said**2, metric="neg_brier_score")
    for name, values in (("candidate", said), ("baseline", said**2)):
        curve = evidence_of(result)["curves"][name]["calibration"]
        observed, mean = calibration_curve(truth, values, n_bins=10)

        assert curve["observed"] == pytest.approx(observed.tolist(), abs=1e-7)
        assert curve["mean_predicted"] == pytest.approx(mean.tolist(), abs=1e-7)
        assert sum(curve["rows"]) == len(said)


def test_several_classes_are_calibrated_by_the_predicted_one():
    rng = np.random.default_rng(5)
    proba = rng.dirichlet([1, 1, 1], 500)
    result = check_baseline(rng.integers(0, 3, 500), proba, proba[:, ::-1], metric="neg_log_loss")
    curves = evidence_of(result)["curves"]["candidate"]

    assert set(curves) == {"calibration"}
    assert min(curves["calibration"]["mean_predicted"]) >= 1 / 3


def test_residuals_of_a_regression_are_kept_as_quantiles():
    rng = np.random.default_rng(6)
    y = rng.normal(size=400)
    result = check_baseline(y, y - np.linspace(0, 1, 400), y + 2.5, metric="neg_mean_absolute_error", task="regression")
    curves = evidence_of(result)["curves"]

    assert curves["candidate"]["residuals"]["value"] == pytest.approx(np.linspace(0, 1, 101).tolist(), abs=1e-6)
    assert curves["baseline"]["residuals"]["value"] == pytest.approx([-2.5] * 101)
    assert "flips" not in evidence_of(result)


def test_curves_can_be_left_out():
    result, _ = ask(table(), curves=False)

    assert "curves" not in evidence_of(result)


def test_a_model_without_scores_has_no_curves():
    truth = np.arange(300) % 2

    assert "curves" not in evidence_of(check_baseline(truth, truth, truth, metric="accuracy"))


@settings(deadline=None, max_examples=60)
@given(
    arrays(float, st.integers(1, 1500), elements=st.floats(0, 1)).map(np.sort),
    st.integers(2, 300),
)
def test_thinning_keeps_both_ends_and_the_order(x, most):
    keep = thin(x, x**2, most)

    assert len(keep) <= max(most, 2)
    assert (keep[0], keep[-1]) == (0, len(x) - 1)
    assert (np.diff(keep) > 0).all()
    assert len(x) > most or len(keep) == len(x)


def test_evidence_changes_no_check():
    frame = table()
    one, _ = ask(frame, slices=["origin"])
    other, _ = ask(frame, slices=["origin"], curves=False, broken_rows=0)

    assert [check.to_json() for check in one.checks] == [check.to_json() for check in other.checks]


def test_a_regression_model_has_curves_too():
    frame = table()
    models = [LinearRegression().fit(frame[[name]], frame["b"]) for name in "ab"]
    values = {"candidate": models[1], "baseline": models[0], "holdout": frame[["a", "b"]]}
    result = run_gate(GATE, Settings(metric="r2"), Inputs(facts=Facts(target="b", features=None), values=values))

    assert len(evidence_of(result)["curves"]["candidate"]["residuals"]["value"]) == 101
