"""DeLong's covariance, and intervals of areas and their differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from pytest_mlgate.stats.auc import auc_interval, delong, delong_interval, midranks

# Albumin, total protein, K-G score and outcome of 43 patients with ovarian cancer: DeLong, DeLong and Clarke-Pearson
# (1988), as in the SAS/STAT User's Guide, the LOGISTIC procedure, example "Comparing Receiver Operating Characteristic
# Curves". A high K-G score speaks for the outcome 0, so it is turned round there and here.
PATIENTS = """
3.0 5.8 10 0   3.2 6.3  5 1   3.9 6.8  3 1   2.8 4.8  6 0   3.2 5.8  3 1   0.9 4.0  5 0   2.5 5.7  8 0   1.6 5.6  5 1
3.8 5.7  5 1   3.7 6.7  6 1   3.2 5.4  4 1   3.8 6.6  6 1   4.1 6.6  5 1   3.6 5.7  5 1   4.3 7.0  4 1   3.6 6.7  4 0
2.3 4.4  6 1   4.2 7.6  4 0   4.0 6.6  6 0   3.5 5.8  6 1   3.8 6.8  7 1   3.0 4.7  8 0   4.5 7.4  5 1   3.7 7.4  5 1
3.1 6.6  6 1   4.1 8.2  6 1   4.3 7.0  5 1   4.3 6.5  4 1   3.2 5.1  5 1   2.6 4.7  6 1   3.3 6.8  6 0   1.7 4.0  7 0
3.7 6.1  5 1   3.3 6.3  7 1   4.2 7.7  6 1   3.5 6.2  5 1   2.9 5.7  9 0   2.1 4.8  7 1   2.8 6.2  8 0   4.0 7.0  7 1
3.3 5.7  6 1   3.7 6.9  5 1   3.6 6.6  5 1
"""


def patients():
    table = np.array(PATIENTS.split(), dtype=float).reshape(-1, 4)
    return table[:, 3] == 1, {"albumin": table[:, 0], "protein": table[:, 1], "score": -table[:, 2]}


def slow_covariance(truth, scores):
    """DeLong's covariance from its definition: every positive row against every negative one."""
    placed = [np.sign(s[truth][:, None] - s[~truth][None, :]) / 2 + 0.5 for s in scores]
    above, below = np.array([p.mean(axis=1) for p in placed]), np.array([p.mean(axis=0) for p in placed])
    return np.cov(above) / truth.sum() + np.cov(below) / (~truth).sum()


def binormal(n=300, positives=60, shift=1.0, seed=0, correlation=0.8):
    rng = np.random.default_rng(seed)
    truth = np.arange(n) < positives
    scores = rng.normal(size=(n, 2)) @ np.linalg.cholesky([[1, correlation], [correlation, 1]]).T
    return truth, *(scores + shift * truth[:, None]).T


samples = st.builds(
    binormal,
    n=st.just(120),
    positives=st.integers(5, 100),
    shift=st.floats(-1, 4),
    seed=st.integers(0, 10**6),
    correlation=st.floats(0, 0.99),
)


@pytest.mark.parametrize(("one", "other"), [("albumin", "score"), ("protein", "score"), ("albumin", "protein")])
def test_areas_and_covariance_follow_delongs_definition_on_delongs_patients(one, other):
    truth, tests = patients()
    found = delong(truth, tests[one], tests[other])

    assert (found.positives, found.negatives) == (31, 12)
    assert found.auc == pytest.approx([roc_auc_score(truth, tests[one]), roc_auc_score(truth, tests[other])])
    assert found.covariance == pytest.approx(slow_covariance(truth, [tests[one], tests[other]]), rel=1e-12)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=50))
@settings(deadline=None, max_examples=50)
def test_midranks_are_scipys_average_ranks(values):
    assert midranks(np.array(values, dtype=float)) == pytest.approx(rankdata(values))


@given(st.data())
@settings(deadline=None, max_examples=50)
def test_the_fast_covariance_is_the_slow_one_also_with_ties(data):
    n = data.draw(st.integers(4, 40))
    truth = np.arange(n) < data.draw(st.integers(2, n - 2))
    draw = st.lists(st.integers(0, 6), min_size=n, max_size=n).map(lambda values: np.array(values, dtype=float))
    scores = [data.draw(draw), data.draw(draw)]
    found = delong(truth, *scores)

    assert found.covariance == pytest.approx(slow_covariance(truth, scores), abs=1e-12)
    assert found.auc == pytest.approx([roc_auc_score(truth, score) for score in scores])


def test_the_interval_is_delongs_error_times_students_quantile():
    truth, tests = patients()
    found = delong_interval(truth, tests["albumin"], tests["protein"])
    areas = delong(truth, tests["albumin"], tests["protein"])
    truth2, one, other = binormal()
    plain, error = delong_interval(truth2, one, other), delong(truth2, one, other).error

    assert found.estimate == pytest.approx(areas.difference)
    assert plain.method == "DeLong"
    assert plain.high - plain.estimate == pytest.approx(stdtrit(59, 0.95) * error, rel=1e-12)


@given(samples)
@settings(deadline=None, max_examples=50)
def test_swapping_the_models_mirrors_the_interval(sample):
    truth, one, other = sample
    found, swapped = delong_interval(truth, one, other), delong_interval(truth, other, one)

    assert (found.low, found.high) == pytest.approx((-swapped.high, -swapped.low), abs=1e-12)
    assert found.p_below(-0.01) == pytest.approx(1 - swapped.p_below(0.01), abs=1e-9)


@given(samples, st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_row_order_and_a_common_rising_transformation_change_nothing(sample, seed):
    truth, one, other = sample
    order = np.random.default_rng(seed).permutation(len(truth))
    found = delong_interval(truth, one, other)
    moved = delong_interval(truth[order], np.exp(one[order]) + 3, np.exp(other[order]) + 3)

    assert (found.low, found.high) == pytest.approx((moved.low, moved.high), abs=1e-9)


@given(samples, st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
@settings(deadline=None, max_examples=50)
def test_p_grows_no_smaller_as_the_bound_falls_and_agrees_with_the_limit(sample, one, other):
    found = delong_interval(*sample)
    low, high = sorted((one, other))

    assert found.p_below(low) >= found.p_below(high) - 1e-9
    if abs(found.high - one) > 1e-6:
        assert (found.p_below(one) < 0.05) == (found.high < one)


@pytest.mark.parametrize("shift", [0.5, 2.7, 30.0])
def test_identical_scores_have_no_difference_and_an_interval_around_it(shift):
    truth, score, _ = binormal(shift=shift)
    found = delong_interval(truth, score, score)

    assert found.estimate == 0
    assert -0.02 < found.low < 0 < found.high < 0.02


def test_two_perfect_scores_that_differ_are_less_certain_than_identical_ones():
    truth, one, other = binormal(shift=30.0)
    same, differing = delong_interval(truth, one, one), delong_interval(truth, one, other)

    assert delong(truth, one, other).auc.tolist() == [1.0, 1.0]
    assert differing.low < same.low < 0


def test_near_the_ceiling_the_interval_is_wider_than_the_plain_one():
    truth, one, other = binormal(n=500, positives=50, shift=2.66)
    found, areas = delong_interval(truth, one, other), delong(truth, one, other)

    assert found.method == "DeLong, logit"
    assert found.estimate - found.low > stdtrit(49, 0.95) * areas.error


def test_an_own_area_has_an_interval_inside_nought_and_one_also_where_it_is_perfect():
    truth, one, _ = binormal(shift=3.0)
    perfect = auc_interval(truth, truth.astype(float))

    assert 0 < auc_interval(truth, one).low < auc_interval(truth, one).estimate < auc_interval(truth, one).high < 1
    assert 0.9 < perfect.low < 1
    assert perfect.high == perfect.estimate == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_score_that_is_not_finite_is_refused(bad):
    truth, one, other = binormal()
    one[3] = bad

    with pytest.raises(ValueError, match="finite"):
        delong(truth, one, other)


@pytest.mark.parametrize("positives", [0, 1, 5])
def test_a_class_without_two_rows_is_refused(positives):
    truth = np.arange(5) < positives

    with pytest.raises(ValueError, match="two of either"):
        delong(truth, np.arange(5.0), np.arange(5.0))
