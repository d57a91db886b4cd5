"""The sign-flip permutation test and its interval."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test

from pytest_mlgate.stats.signflip import sign_flip_interval

few = st.lists(st.floats(-1, 1).map(lambda x: round(x, 3)), min_size=5, max_size=9)


def p_by_definition(values, bound):
    """Share of all patterns of signs whose sum is at most the one seen: H0 "the mean is at least the bound"."""
    centred = np.array(values) - bound
    sums = np.array([np.dot(signs, centred) for signs in itertools.product([1, -1], repeat=len(values))])
    return (sums <= centred.sum() + 1e-9).mean()


@given(few, st.floats(0.001, 0.5))
@settings(deadline=None, max_examples=60)
def test_p_above_the_mean_is_that_of_all_patterns_of_signs(values, distance):
    found = sign_flip_interval(values)
    bound = found.estimate + round(distance, 3) + 1e-4

    assert found.p_below(bound) == pytest.approx(p_by_definition(values, bound), abs=1e-12)


def test_p_agrees_with_scipys_permutation_test():
    values = np.random.default_rng(3).normal(-0.4, 1, 11)
    reference = permutation_test(
        (values, np.zeros(11)),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        n_resamples=math.inf,
        alternative="less",
        vectorized=True,
    )

    assert sign_flip_interval(values).p_below(0.0) == pytest.approx(reference.pvalue, rel=1e-12)


@given(few)
@settings(deadline=None, max_examples=60)
def test_the_limits_are_where_p_crosses_the_error_rate(values):
    found = sign_flip_interval(values)
    step = 1e-6

    assert found.low <= found.estimate + 1e-12
    assert found.high >= found.estimate - 1e-12
    if found.high > found.estimate + 1e-5:
        assert found.p_below(found.high + step) <= 0.05
        assert found.p_below(found.high - step) > 0.05


@given(few)
@settings(deadline=None, max_examples=30)
def test_swapping_the_models_mirrors_the_interval(values):
    found, mirrored = sign_flip_interval(values), sign_flip_interval([-value for value in values])

    assert (found.low, found.high) == pytest.approx((-mirrored.high, -mirrored.low), abs=1e-12)


def test_fewer_than_five_differences_leave_no_limit():
    found = sign_flip_interval([0.1, 0.2, 0.3, 0.4], ends=(-1, 1))

    assert (found.low, found.high) == (-1, 1)
    assert sign_flip_interval([0.1, 0.2, 0.3, 0.4, 0.5], ends=(-1, 1)).low == pytest.approx(0.1)


def test_drawn_patterns_come_near_to_all_and_are_the_same_for_the_same_seed():
    values = np.random.default_rng(0).normal(0.1, 1, 17)
    drawn = [sign_flip_interval(values, seed=seed) for seed in (1, 1, 2)]
    sums = np.zeros(1)
    sizes = np.zeros(1)
    for value in values:
        sums, sizes = np.append(sums, sums + value), np.append(sizes, sizes + 1)
    every = np.sort(sums[1:] / sizes[1:])
    allowed = math.floor(0.05 * 2**17)

    assert drawn[0].low == drawn[1].low != drawn[2].low
    assert drawn[0].low == pytest.approx(every[allowed - 1], abs=0.01)
    assert drawn[0].high == pytest.approx(every[-allowed], abs=0.01)


@pytest.mark.parametrize("values", [[], [math.nan, 1.0], [[1.0]]])
def test_what_is_no_list_of_finite_differences_is_refused(values):
    with pytest.raises(ValueError, match="finite difference"):
        sign_flip_interval(values)
