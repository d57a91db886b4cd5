"""The area under the ROC curve of out-of-fold scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from pytest_mlgate.stats.auc import auc_interval
from pytest_mlgate.stats.out_of_fold import out_of_fold_auc

FOLDS = np.tile(np.arange(5), 80)
TRUTH = np.repeat([True, False], 200)


def scores(seed: int, shift: float = 0.5) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=400) + shift * TRUTH


@given(st.integers(0, 1000), st.lists(st.floats(-5, 5), min_size=5, max_size=5), st.floats(0.1, 10))
def test_a_fold_may_score_on_a_scale_of_its_own(seed: int, shifts: list[float], scale: float) -> None:
    values = np.round(scores(seed), 3)
    moved = np.round(values * scale, 9) + np.array(shifts)[FOLDS]
    one, other = out_of_fold_auc(TRUTH, values, FOLDS), out_of_fold_auc(TRUTH, np.round(moved, 9), FOLDS)

    assert one.estimate == pytest.approx(other.estimate, abs=1e-3)


def test_it_is_near_the_mean_area_of_the_folds() -> None:
    values = scores(1)
    areas = [roc_auc_score(TRUTH[k::5], values[k::5]) for k in range(5)]  # as the folds are dealt

    assert out_of_fold_auc(TRUTH, values, FOLDS).estimate == pytest.approx(np.mean(areas), abs=0.005)


def test_in_one_fold_it_is_delongs_area_with_wider_limits() -> None:
    values = scores(2)
    found, plain = out_of_fold_auc(TRUTH, values, np.zeros(400)), auc_interval(TRUTH, values)

    assert found.estimate == pytest.approx(plain.estimate)
    assert found.high - found.estimate == pytest.approx(math.sqrt(2) * (plain.high - plain.estimate))
    assert found.p_below(found.high) == pytest.approx(0.05)


def test_perfect_scores_stay_within_one() -> None:
    found = out_of_fold_auc(TRUTH, TRUTH.astype(float), FOLDS)

    assert found.estimate > 0.99
    assert 0.9 < found.low < found.high <= 1
