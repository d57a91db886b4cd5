"""Two one-sided tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from pytest_mlgate.stats.equivalence import equivalence_p
from pytest_mlgate.stats.estimate import widened
from pytest_mlgate.stats.means import t_interval
from pytest_mlgate.stats.proportions import tango_interval


def test_p_is_the_larger_of_two_one_sided_t_tests():
    values = np.random.default_rng(0).normal(0.1, 1, 80)
    below = ttest_1samp(values, 0.3, alternative="less").pvalue
    above = ttest_1samp(values, -0.3, alternative="greater").pvalue

    assert equivalence_p(t_interval(values), 0.3) == pytest.approx(max(below, above), rel=1e-9)


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.005, 0.2))
@settings(deadline=None, max_examples=80)
def test_equivalence_is_shown_where_both_limits_lie_within_the_bound(gains, losses, bound):
    found = tango_interval(gains, losses, 300)
    if min(abs(found.low + bound), abs(found.high - bound)) > 1e-6:
        assert (equivalence_p(found, bound) < 0.05) == (-bound < found.low and found.high < bound)


@pytest.mark.parametrize("bound", [0.0, -0.1, float("nan")])
def test_a_bound_that_nothing_can_meet_is_refused(bound):
    with pytest.raises(ValueError, match="above 0"):
        equivalence_p(tango_interval(1, 1, 10), bound)


@given(st.floats(0, 2), st.floats(-1, 1))
@settings(deadline=None, max_examples=50)
def test_widening_keeps_limits_and_p_in_step(scale, bound):
    values = np.random.default_rng(1).normal(0, 0.01, 40)
    plain = t_interval(values)
    found = widened(plain, scale, n=40)

    assert found.low <= plain.low
    assert found.high >= plain.high
    if abs(found.high - bound) > 1e-9:
        assert (found.p_below(bound) < 0.05) == (found.high < bound)
