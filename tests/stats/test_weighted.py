"""Weighted and grouped means: the linearised variance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pytest_mlgate.stats.means import t_interval
from pytest_mlgate.stats.weighted import weighted_t_interval


def test_without_weights_it_is_students():
    values = np.random.default_rng(0).normal(size=50)
    found, plain = weighted_t_interval(values), t_interval(values)

    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))
    assert found.p_below(0.1) == pytest.approx(plain.p_below(0.1))


def test_groups_of_one_value_are_students_of_the_groups():
    groups = np.repeat(np.arange(20), 5)
    means = np.random.default_rng(0).normal(size=20)
    found, plain = weighted_t_interval(means[groups], groups=groups), t_interval(means)

    assert (found.low, found.high, found.n) == pytest.approx((plain.low, plain.high, 20))


def test_the_variance_of_a_weighted_mean_is_the_sandwich():
    """By hand: sum of w^2 (x - m)^2 over (sum of w)^2, times n / (n - 1); Kish's rows less one for t."""
    values, weights = np.array([1.0, 2.0, 4.0, 7.0]), np.array([1.0, 2.0, 2.0, 3.0])
    mean = (weights * values).sum() / 8
    error = np.sqrt((weights**2 * (values - mean) ** 2).sum() * 4 / 3) / 8
    found = weighted_t_interval(values, weights=weights)

    assert found.high == pytest.approx(mean + stats.t.ppf(0.95, 64 / 18 - 1) * error)


@given(st.integers(0, 1000), st.floats(-0.5, 0.5), st.booleans())
@settings(deadline=None, max_examples=40)
def test_the_p_value_crosses_5_percent_where_the_upper_limit_does(seed, bound, flat):
    rng = np.random.default_rng(seed)
    values = np.full(60, 0.1) if flat else (rng.random(60) < 0.05).astype(float)
    found = weighted_t_interval(values, weights=rng.gamma(2.0, size=60), scale=1.0)

    assert (found.p_below(bound) < 0.05) == (found.high < bound)
    assert found.low < found.estimate < found.high


@pytest.mark.slow
def test_a_margin_is_passed_in_error_about_once_in_twenty():
    rng = np.random.default_rng(0)
    passed = 0
    for _ in range(2000):
        weights, groups = rng.gamma(1.0, size=400), np.arange(400) // 4
        values = rng.normal(size=100)[groups] + rng.normal(size=400) - 0.1
        passed += weighted_t_interval(values, weights=weights, groups=groups).low > -0.1

    assert 0.035 <= passed / 2000 <= 0.065


@pytest.mark.parametrize(("values", "weights"), [([1.0, 2.0], [0.0, 1.0]), ([1.0, np.nan], [1.0, 1.0]), ([1.0], [1.0])])
def test_too_little_to_tell_is_an_error(values, weights):
    with pytest.raises(ValueError, match="two units or more"):
        weighted_t_interval(values, weights=weights)
