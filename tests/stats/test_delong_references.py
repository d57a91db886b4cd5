"""Reference values of DeLong's test from other software and from its definition on real data."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from pytest_mlgate.stats.auc import delong

# 113 patients after an aneurysmal subarachnoid haemorrhage: outcome (+ poor, - good), WFNS grade, S100 beta in ug/l.
# Turck, N. et al. (2010). A multiparameter panel method for outcome prediction following aneurysmal subarachnoid
# hemorrhage. Intensive Care Medicine 36, 107-115; the data set aSAH of the R package pROC.
PATIENTS = """
-1/0.13 -1/0.14 -1/0.1 -1/0.04 +3/0.13 +2/0.1 -5/0.47 +4/0.16 -1/0.18 -2/0.1 +5/0.12 -2/0.1 +5/0.44 +5/0.71
-1/0.04 -2/0.08 +5/0.49 -2/0.04 +2/0.07 +5/0.33 +2/0.09 -1/0.09 +1/0.07 -1/0.11 -1/0.07 -2/0.17 -1/0.07 -2/0.11
-1/0.13 -1/0.19 -3/0.05 -4/0.16 +2/0.41 -1/0.14 -4/0.34 +5/0.35 +4/0.48 -1/0.09 +4/0.96 +2/0.25 -5/0.5 -5/0.46
-1/0.16 -1/0.07 -2/0.43 -4/0.45 -1/0.11 -1/0.08 -2/0.09 +5/0.86 +5/0.52 -2/0.08 -1/0.06 -2/0.13 +5/2.07 -1/0.1
-2/0.14 -2/0.15 +2/0.07 -1/0.06 +5/0.77 -1/0.05 -1/0.09 +2/0.3 +5/0.03 +2/0.09 -1/0.04 +4/0.23 +5/0.7 -2/0.09
+4/0.27 +4/0.71 +1/0.08 +4/0.26 -1/0.08 -2/0.16 -1/0.09 +4/0.13 +2/0.1 -1/0.08 +2/0.11 -3/0.33 -2/0.11 -4/0.28
-2/0.07 -1/0.1 -4/0.32 +5/0.22 -1/0.07 -1/0.05 -5/0.24 -4/0.38 -2/0.1 -2/0.15 -1/0.08 -1/0.14 -1/0.1 -3/0.07
-1/0.04 -2/0.19 +5/0.56 +2/0.14 +2/0.58 +5/0.32 +5/0.82 +5/0.74 -2/0.15 -4/0.47 -4/0.17 +5/0.44 -1/0.15 -1/0.5
-1/0.48
"""


def patients():
    found = [(row[0] == "+", *map(float, row[1:].split("/"))) for row in PATIENTS.split()]
    return (np.array(column) for column in zip(*found, strict=True))


def by_definition(truth, scores):
    """DeLong's covariance from every positive row against every negative one."""
    placed = [np.sign(score[truth][:, None] - score[~truth][None, :]) / 2 + 0.5 for score in scores]
    above, below = np.array([p.mean(axis=1) for p in placed]), np.array([p.mean(axis=0) for p in placed])
    return np.cov(above) / truth.sum() + np.cov(below) / (~truth).sum()


def test_delong_agrees_with_proc_on_its_own_data():
    """pROC: ``roc.test(aSAH$outcome, aSAH$wfns, aSAH$s100b)`` gives Z = 2.209, p = 0.02718, CI 0.0104 .. 0.1742."""
    truth, wfns, s100b = patients()
    found = delong(truth, wfns, s100b)
    z = found.difference / found.error
    half = NormalDist().inv_cdf(0.975) * found.error  # pROC takes the normal quantile

    assert (len(truth), found.positives) == (113, 41)
    assert [round(area, 4) for area in found.auc.tolist()] == [0.8237, 0.7314]
    assert round(z, 6) == 2.208984
    assert round(2 * NormalDist().cdf(-z), 7) == 0.0271758
    assert (round(found.difference - half, 6), round(found.difference + half, 6)) == (0.010406, 0.174214)


@pytest.mark.parametrize(
    ("one", "other"),
    [("mean radius", "mean texture"), ("mean smoothness", "worst symmetry"), ("area error", "mean area")],
)
def test_delong_follows_its_definition_on_the_breast_cancer_data(one, other):
    data = load_breast_cancer()
    names = list(data.feature_names)
    truth = data.target == 0  # malignant
    scores = [data.data[:, names.index(name)] for name in (one, other)]
    found = delong(truth, *scores)

    assert (found.positives, found.negatives) == (212, 357)
    assert found.auc == pytest.approx([roc_auc_score(truth, score) for score in scores], abs=1e-12)
    assert found.covariance == pytest.approx(by_definition(truth, scores), rel=1e-10)
