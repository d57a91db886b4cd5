"""The interval of a median from order statistics."""

from __future__ import annotations

import math
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.stats import binom, quantile_test

from pytest_mlgate.stats.medians import binomial_half_cdf, median_interval

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=60)


@pytest.mark.parametrize(
    ("n", "level", "k"),
    # the binomial distribution with p = 1/2 (Conover 1999, table A3): the largest k with P(B <= k - 1) at most alpha
    [(4, 0.9, 0), (5, 0.9, 1), (10, 0.9, 2), (15, 0.9, 4), (20, 0.9, 6), (31, 0.9, 11), (10, 0.95, 2), (20, 0.95, 6)],
)
def test_the_limits_are_the_tabled_order_statistics(n, level, k):
    found = median_interval(np.arange(1, n + 1), level=level)

    assert (found.low, found.high) == ((k, n + 1 - k) if k else (-math.inf, math.inf))
    assert (found.estimate, found.n, found.level) == ((n + 1) / 2, n, level)


@pytest.mark.parametrize("n", [5, 8, 16, 31, 100])
def test_the_limits_are_scipys(n):
    values = np.random.default_rng(n).lognormal(size=n)
    found = median_interval(values)
    # scipy.stats.quantile_test follows Conover, section 3.2
    limit = {
        side: quantile_test(values, p=0.5, alternative=side).confidence_interval(0.95) for side in ("less", "greater")
    }

    assert found.high == limit["less"].high
    assert found.low == limit["greater"].low


def test_the_binomial_distribution_is_exact():
    # 10 of 31: the sum of the first eleven binomial coefficients over 2^31
    assert binomial_half_cdf(10, 31) == float(Fraction(sum(math.comb(31, i) for i in range(11)), 2**31))
    assert binomial_half_cdf(10, 31) == pytest.approx(binom.cdf(10, 31, 0.5), rel=1e-12)
    assert [binomial_half_cdf(count, 4) for count in (-1, 0, 1, 4, 9)] == [0, 1 / 16, 5 / 16, 1, 1]
    assert binomial_half_cdf(480, 1000) == pytest.approx(binom.cdf(480, 1000, 0.5), rel=1e-12)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [math.inf], [[1.0], [2.0]]])
def test_what_are_no_values_is_refused(values):
    with pytest.raises(ValueError, match="one finite value"):
        median_interval(values)


@given(VALUES, st.floats(-1e6, 1e6))
@settings(deadline=None)
def test_the_test_agrees_with_the_limits(values, bound):
    found = median_interval(values)

    assert found.low <= found.estimate <= found.high
    assert (found.p_below(bound) <= 0.05) == (found.high < bound)


@given(VALUES, st.floats(0.1, 10), st.randoms())
@settings(deadline=None)
def test_order_does_not_matter_and_a_rising_change_of_scale_moves_along(values, scale, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    one, other = median_interval(values), median_interval([scale * value for value in shuffled])

    assert (other.low, other.high) == (scale * one.low, scale * one.high)


@given(VALUES)
@settings(deadline=None)
def test_a_mirror_image_has_mirrored_limits(values):
    one, other = median_interval(values), median_interval([-value for value in values])

    assert (one.low, one.high) == (-other.high, -other.low)


@pytest.mark.slow
@pytest.mark.parametrize("law", ["normal", "exponential", "cauchy"])
def test_each_limit_covers_the_median_as_often_as_the_binomial_says(law):
    rng = np.random.default_rng(7)
    draws = getattr(rng, f"standard_{law}")((20_000, 31))
    median = math.log(2) if law == "exponential" else 0.0
    found = [median_interval(values) for values in draws]
    expected, tolerance = 1 - binomial_half_cdf(10, 31), 4 * math.sqrt(0.0354 * 0.9646 / 20_000)

    assert np.mean([one.low <= median for one in found]) == pytest.approx(expected, abs=tolerance)
    assert np.mean([one.high >= median for one in found]) == pytest.approx(expected, abs=tolerance)
