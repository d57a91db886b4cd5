"""The corrected resampled t over fold scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_rel

from pytest_mlgate.stats.folds import corrected_t_interval

# Areas times 25 of support vector machines with an rbf and a linear kernel on ten times ten folds: scikit-learn's
# example "Statistical comparison of models using grid search" (make_moons(noise=0.352, random_state=1, n_samples=100),
# RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0), scoring="roc_auc"), run with scikit-learn 1.9.
RBF = """
23 18 19 23 25 25 25 25 24 25 24 25 25 23 21 23 25 25 20 25 20 23 22 23 25 25 22 23 25 25 20 24 21 25 25 25 25 24 23 25
25 23 25 23 25 19 25 25 25 25 25 21 25 25 25 18 23 25 25 25 23 23 25 25 20 22 25 23 24 25 24 23 21 23 25 25 25 22 23 23
25 23 24 25 18 25 25 25 25 19 24 22 25 18 23 25 24 25 25 21
"""
LINEAR = """
24 21 19 23 25 24 24 25 23 25 23 24 24 22 20 24 25 25 20 25 21 24 21 25 25 24 21 22 25 25 21 23 21 25 24 25 25 23 22 25
24 23 25 23 25 19 25 23 25 25 25 20 24 24 25 17 24 23 25 25 23 23 25 20 21 22 24 23 24 25 24 22 20 21 25 24 25 23 23 23
24 25 23 25 17 25 25 25 25 19 24 23 25 19 23 25 23 23 25 21
"""
DIFFERENCES = (np.array(RBF.split(), dtype=float) - np.array(LINEAR.split(), dtype=float)) / 25


@pytest.mark.parametrize(("ratio", "t", "p"), [(10 / 90, 0.750, 0.227), (0.0, 2.611, 0.005)])
def test_t_and_p_are_those_of_scikit_learns_example(ratio, t, p):
    """The example prints t 0.750, p 0.227 with the correction, and t 2.611, p 0.005 without."""
    found = corrected_t_interval(DIFFERENCES, ratio=ratio)
    error = (found.high - found.estimate) / student.ppf(0.95, 99)

    assert round(found.estimate / error, 3) == t
    assert round(1 - found.p_below(0.0), 3) == p
    assert found.n == 100


def test_without_the_correction_it_is_the_paired_t():
    one, other = np.random.default_rng(0).normal(size=(2, 12))
    reference = ttest_rel(one, other).confidence_interval(0.9)
    found = corrected_t_interval(one - other, ratio=0.0)

    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), rel=1e-12)


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=30), st.floats(0.01, 1), st.floats(0.01, 1))
@settings(deadline=None, max_examples=50)
def test_the_interval_widens_with_the_share_of_test_rows_and_agrees_with_its_p(values, less, more):
    narrow, wide = (corrected_t_interval(values, ratio=ratio) for ratio in sorted((less, less + more)))

    assert wide.low <= narrow.low <= narrow.estimate <= narrow.high <= wide.high
    if narrow.high - narrow.low > 1e-9:
        assert narrow.p_below(narrow.high) == pytest.approx(0.05, abs=1e-6)
        assert narrow.p_below(narrow.low) == pytest.approx(0.95, abs=1e-6)


@pytest.mark.parametrize("values", [[0.1], [0.1, math.nan], [[0.1, 0.2]], []])
def test_what_is_not_two_finite_differences_is_refused(values):
    with pytest.raises(ValueError, match="two finite differences"):
        corrected_t_interval(values, ratio=0.1)


@pytest.mark.parametrize("ratio", [-0.1, math.inf, math.nan])
def test_a_ratio_that_is_none_is_refused(ratio):
    with pytest.raises(ValueError, match="test rows over training rows"):
        corrected_t_interval([0.1, 0.2], ratio=ratio)
