"""Score statistics of two independent proportions: published values, a brute-force likelihood, and laws."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from pytest_mlgate.stats.two_samples import difference_limits, difference_statistic, ratio_limits, ratio_statistic

# Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of eleven
# methods. Statistics in Medicine 17, 873-890, table II, method 4 (Miettinen and Nurminen), 95 %.
NEWCOMBE = [
    ((56, 70, 48, 80), (0.0528, 0.3382)),
    ((9, 10, 3, 10), (0.1700, 0.8406)),
    ((6, 7, 2, 7), (0.0342, 0.8534)),
    ((5, 56, 0, 29), (-0.0326, 0.1933)),
    ((0, 10, 0, 20), (-0.1658, 0.2844)),
    ((0, 10, 0, 10), (-0.2879, 0.2879)),
    ((10, 10, 0, 20), (0.7156, 1.0)),
    ((10, 10, 0, 10), (0.6636, 1.0)),
]

counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("sample", "expected"), NEWCOMBE)
def test_limits_of_a_difference_are_the_published_ones(
    sample: tuple[int, int, int, int], expected: tuple[float, float]
) -> None:
    assert np.round(difference_limits(*sample, level=0.95), 4).tolist() == pytest.approx(expected, abs=1e-9)


def test_limits_of_a_difference_of_a_trial_of_epinephrine() -> None:
    """PropCIs::diffscoreci (R) for 7 of 34 and 1 of 34, as statsmodels' tests cite it."""
    assert np.array(difference_limits(7, 34, 1, 34, level=0.95)) == pytest.approx([0.0270416, 0.3452912], abs=2e-5)


def test_limits_of_a_ratio_are_the_published_ones() -> None:
    # Koopman (1984), the example: 36 of 40 and 16 of 80, 95 % limits 2.94 and 7.15
    assert np.round(ratio_limits(36, 40, 16, 80, level=0.95), 2).tolist() == [2.94, 7.15]
    # PropCIs::riskscoreci (R): (1.220853, 42.575718), in statsmodels' tests; Fagerland et al. (2015): 1.21 and 43
    assert np.array(ratio_limits(7, 34, 1, 34, level=0.95)) == pytest.approx([1.220853, 42.575718], abs=6e-7)


def test_a_ratio_without_hits_has_open_limits() -> None:
    assert [float(v) for v in ratio_limits(0, 34, 0, 34)] == [0.0, math.inf]
    assert float(ratio_limits(0, 34, 3, 34)[0]) == 0.0
    assert float(ratio_limits(3, 34, 0, 34)[1]) == math.inf


def _brute(x1: int, n1: int, x2: int, n2: int, first_of: object) -> tuple[float, float]:
    """The restricted estimate by a search along H0; ``first_of(p)`` is the first rate where the second is ``p``."""
    assert callable(first_of)

    def loss(p: float) -> float:
        tiny = 1e-12
        q = min(max(first_of(p), tiny), 1 - tiny)
        p = min(max(p, tiny), 1 - tiny)
        found = x1 * math.log(q) + (n1 - x1) * math.log(1 - q) + x2 * math.log(p) + (n2 - x2) * math.log(1 - p)
        return -found

    ends = [p for p in np.linspace(0, 1, 2001) if -1e-12 <= first_of(p) <= 1 + 1e-12]
    found = minimize_scalar(loss, bounds=(ends[0], ends[-1]), method="bounded", options={"xatol": 1e-10})
    return float(first_of(found.x)), float(found.x)


@pytest.mark.parametrize("sample", [(12, 40, 5, 25), (3, 9, 8, 11), (1, 30, 4, 17)])
@pytest.mark.parametrize("bound", [-0.3, 0.05, 0.2])
def test_a_statistic_has_the_variance_at_the_restricted_estimate(
    sample: tuple[int, int, int, int], bound: float
) -> None:
    x1, n1, x2, n2 = sample
    first, second = _brute(x1, n1, x2, n2, lambda p: p + bound)
    variance = (first * (1 - first) / n1 + second * (1 - second) / n2) * (n1 + n2) / (n1 + n2 - 1)
    expected = (x1 / n1 - x2 / n2 - bound) / math.sqrt(variance)
    assert float(difference_statistic(*sample, bound)) == pytest.approx(expected, abs=1e-4)

    ratio = math.exp(bound)
    first, second = _brute(x1, n1, x2, n2, lambda p: p * ratio)
    variance = first * (1 - first) / n1 + ratio**2 * second * (1 - second) / n2
    expected = (x1 / n1 - ratio * x2 / n2) / math.sqrt(variance)
    assert float(ratio_statistic(*sample, ratio)) == pytest.approx(expected, abs=1e-4)


@settings(deadline=None, max_examples=60)
@given(counts, counts, st.sampled_from([0.8, 0.9, 0.95]))
def test_exchanging_the_samples_mirrors_the_limits(one: tuple[int, int], two: tuple[int, int], level: float) -> None:
    low, high = difference_limits(*one, *two, level=level)
    other_low, other_high = difference_limits(*two, *one, level=level)
    assert (low, high) == (pytest.approx(-other_high, abs=1e-6), pytest.approx(-other_low, abs=1e-6))

    low, high = ratio_limits(*one, *two, level=level)
    other_low, other_high = ratio_limits(*two, *one, level=level)
    with np.errstate(divide="ignore"):
        assert (low, high) == (pytest.approx(1 / other_high, rel=1e-6), pytest.approx(1 / other_low, rel=1e-6))


@settings(deadline=None, max_examples=60)
@given(counts, counts)
def test_limits_hold_the_estimate_and_invert_the_statistic(one: tuple[int, int], two: tuple[int, int]) -> None:
    low, high = difference_limits(*one, *two)
    estimate, z = one[0] / one[1] - two[0] / two[1], NormalDist().inv_cdf(0.95)

    assert -1 <= low <= estimate + 1e-9
    assert estimate - 1e-9 <= high <= 1
    assert high - low > 0
    if low > -0.999:
        assert float(difference_statistic(*one, *two, low)) == pytest.approx(z, abs=1e-3)
    if high < 0.999:
        assert float(difference_statistic(*one, *two, high)) == pytest.approx(-z, abs=1e-3)


def test_counts_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="not counts"):
        difference_limits(5, 4, 1, 10)
    with pytest.raises(ValueError, match="not counts"):
        ratio_limits(1, 0, 1, 10)
