"""Student's interval for mean losses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp, ttest_rel

from pytest_mlgate.stats.means import paired_t_interval, t_interval

losses = st.lists(st.floats(0, 100, width=32), min_size=3, max_size=40).map(
    lambda values: np.array(values, dtype=float)
)


def pair(seed=0, n=40):
    rng = np.random.default_rng(seed)
    return rng.exponential(size=n), rng.exponential(size=n)


def test_the_sleep_data_give_students_published_interval():
    """Student (1908), extra hours of sleep: p = 0.002833, 95 % limits 0.7001 and 2.4599 (R, ?sleep)."""
    first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    second = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    found = paired_t_interval(first, second, level=0.95)

    assert tuple(round(x, 4) for x in (found.low, found.estimate, found.high)) == (0.7001, 1.58, 2.4599)
    assert found.p_below(0.0) == pytest.approx(1 - 0.002833 / 2, abs=1e-6)


def test_limits_and_p_are_scipys():
    candidate, baseline = pair()
    found, theirs = paired_t_interval(candidate, baseline), ttest_rel(baseline, candidate).confidence_interval(0.9)

    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), rel=1e-10)
    assert found.p_below(0.2) == pytest.approx(ttest_1samp(baseline - candidate, 0.2, alternative="less").pvalue)


@given(losses, st.integers(0, 1000), st.floats(-50, 50))
@settings(deadline=None, max_examples=50)
def test_mirror_shift_and_row_order(candidate, seed, shift):
    rng = np.random.default_rng(seed)
    baseline, order = candidate + rng.normal(size=len(candidate)), rng.permutation(len(candidate))
    found = paired_t_interval(candidate, baseline)
    swapped = paired_t_interval(baseline, candidate)
    moved = paired_t_interval(candidate[order] + shift, baseline[order] + shift)

    assert (found.low, found.high) == pytest.approx((-swapped.high, -swapped.low))
    assert (found.low, found.high) == pytest.approx((moved.low, moved.high), abs=1e-7)
    assert found.p_below(-1) >= found.p_below(1)


def test_identical_losses_have_no_difference_and_a_width_from_the_spread_of_the_losses():
    candidate, _ = pair()
    found = paired_t_interval(candidate, candidate)

    assert found.estimate == 0
    assert found.low == pytest.approx(-found.high)
    assert 0 < found.high < candidate.std()
    assert found.p_below(found.high + 1e-9) == pytest.approx(0.05, abs=1e-6)
    assert found.p_below(found.low - 1e-9) == pytest.approx(0.95, abs=1e-6)


def test_a_constant_difference_keeps_its_sign():
    candidate, _ = pair()
    found = paired_t_interval(candidate + 5, candidate)

    assert found.estimate == pytest.approx(-5)
    assert found.high < -4


@pytest.mark.parametrize("values", [[], [1.0], [1.0, np.nan], [1.0, np.inf]])
def test_values_without_a_mean_are_refused(values):
    with pytest.raises(ValueError, match="two finite values"):
        t_interval(np.array(values))


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="not pairs"):
        paired_t_interval(np.zeros(3), np.zeros(4))
