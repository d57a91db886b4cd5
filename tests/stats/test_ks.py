from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special, stats

from pytest_mlgate.stats.ks import detectable_ks, rows_needed_ks, two_sample_ks

samples = hnp.arrays(np.float64, st.integers(1, 40), elements=st.integers(-20, 20).map(float))  # many ties


def test_the_distance_and_exact_p_of_two_small_samples_worked_by_hand() -> None:
    """{1, 2} against {3, 4}: D = 1; of the 6 orders of two and two, 2 separate the samples fully."""
    result = two_sample_ks([1, 2], [3, 4])

    assert (result.distance, result.method) == (1.0, "exact")
    assert result.p == pytest.approx(2 / 6, abs=1e-15)
    assert (result.location, result.sign) == (2.0, 1)


def test_the_exact_p_of_unequal_samples_worked_by_hand() -> None:
    """One value below five others: 2 of the 6 places of the single value give D = 1."""
    assert two_sample_ks([0], [1, 2, 3, 4, 5]).p == pytest.approx(2 / 6, abs=1e-15)


@pytest.mark.parametrize(
    ("n", "m"), [(1, 1), (5, 7), (40, 40), (99, 100), (60, 166), (300, 250), (2000, 2000), (4000, 3000)]
)
@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5, 3.0])
def test_ks_agrees_with_scipy(n: int, m: int, shift: float) -> None:
    """scipy.stats.ks_2samp is the independent reference; ties come from rounding."""
    rng = np.random.default_rng([n, m])
    first, second = rng.normal(size=n).round(1), rng.normal(shift, size=m).round(1)

    result = two_sample_ks(first, second)

    expected = stats.ks_2samp(first, second, method={"exact": "exact", "asymptotic": "asymp"}[result.method])
    assert result.distance == pytest.approx(expected.statistic, abs=1e-12)
    assert result.p == pytest.approx(expected.pvalue, abs=1e-10)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-6)  # tiny ones too
    assert result.sign == expected.statistic_sign
    # where two places are equally far apart, rounding chooses between them
    apart = result.sign * (np.mean(first <= result.location) - np.mean(second <= result.location))
    assert apart == pytest.approx(expected.statistic, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(samples, samples)
def test_swapping_the_sides_changes_only_the_sign(first: np.ndarray, second: np.ndarray) -> None:
    forth, back = two_sample_ks(first, second), two_sample_ks(second, first)

    assert forth.distance == back.distance
    assert forth.p == pytest.approx(back.p, abs=1e-12)
    assert 0 <= forth.distance <= 1
    assert 0 <= forth.p <= 1


@settings(deadline=None, max_examples=60)
@given(samples, samples, st.integers(0, 100))
def test_neither_row_order_nor_a_monotone_transform_matters(first: np.ndarray, second: np.ndarray, seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(first)

    plain, moved = two_sample_ks(first, second), two_sample_ks(np.exp(shuffled), np.exp(second))

    assert (plain.distance, plain.p, plain.sign) == (moved.distance, moved.p, moved.sign)
    assert moved.location == np.exp(plain.location)


@settings(deadline=None, max_examples=40)
@given(samples)
def test_a_sample_lies_at_no_distance_from_itself(sample: np.ndarray) -> None:
    result = two_sample_ks(sample, sample)

    assert (result.distance, result.p) == (0.0, 1.0)


@settings(deadline=None, max_examples=40)
@given(samples, samples, st.sampled_from([1e8, -1e8, math.inf, -math.inf]))
def test_one_outlier_moves_the_distance_by_at_most_one_row(
    first: np.ndarray, second: np.ndarray, outlier: float
) -> None:
    spoilt = second.copy()
    spoilt[0] = outlier

    moved = abs(two_sample_ks(first, spoilt).distance - two_sample_ks(first, second).distance)

    assert moved <= 1 / second.size + 1e-12


@pytest.mark.parametrize("shift", [0.10, 0.25, 0.50, 1.00])
def test_a_normal_shift_has_its_population_distance(shift: float) -> None:
    """The largest |Phi(x) - Phi(x - shift)| = 2 Phi(shift / 2) - 1: 0.040, 0.099, 0.197, 0.383."""
    grid = special.ndtri((np.arange(20_000) + 0.5) / 20_000)

    result = two_sample_ks(grid, grid + shift)

    assert result.distance == pytest.approx(2 * special.ndtr(shift / 2) - 1, abs=1e-4)
    assert result.location == pytest.approx(shift / 2, abs=0.05)


def test_the_smallest_detectable_distance_is_that_of_760_rows_for_fifty_columns() -> None:
    assert detectable_ks(760, 760, alpha=0.05, tests=50) == pytest.approx(0.1, abs=1e-4)
    assert rows_needed_ks(0.1, alpha=0.05, tests=50) == 761


def test_the_smallest_detectable_distance_is_the_textbook_critical_value() -> None:
    """Smirnov's two-sided 5 % point: 1.358 * sqrt(1/n + 1/m)."""
    assert detectable_ks(100, 300, alpha=0.05) == pytest.approx(1.3581 * math.sqrt(1 / 100 + 1 / 300), rel=1e-4)


@settings(deadline=None, max_examples=60)
@given(n=st.integers(20, 3000), m=st.integers(20, 3000), tests=st.integers(1, 200))
def test_a_detectable_distance_is_significant(n: int, m: int, tests: int) -> None:
    """The promise itself: samples that lie the smallest detectable distance apart have p below alpha / tests."""
    distance = detectable_ks(n, m, alpha=0.05, tests=tests)
    if distance > 1:
        return
    moved = math.ceil(distance * m)
    second = np.r_[np.full(moved, 2.0), np.full(m - moved, 1.0)]

    result = two_sample_ks(np.ones(n), second)

    assert result.distance >= distance
    assert result.p <= 0.05 / tests


@settings(deadline=None, max_examples=60)
@given(distance=st.floats(0.01, 1), tests=st.integers(1, 500), alpha=st.floats(0.001, 0.2))
def test_the_rows_needed_are_enough_and_one_fewer_is_not(distance: float, tests: int, alpha: float) -> None:
    rows = rows_needed_ks(distance, alpha=alpha, tests=tests)

    assert detectable_ks(rows, rows, alpha=alpha, tests=tests) <= distance * (1 + 1e-12)
    if rows > 1:
        assert detectable_ks(rows - 1, rows - 1, alpha=alpha, tests=tests) > distance * (1 - 1e-12)


@pytest.mark.parametrize("wrong", [[], [float("nan"), 1.0], [[1.0]]])
def test_what_is_no_sample_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="current"):
        two_sample_ks([1.0, 2.0], wrong)


@pytest.mark.parametrize("make", ["normal", "ties", "shifted", "all equal", "unequal sizes", "heavy tail", "infinite"])
def test_many_rows_have_the_distance_and_the_place_of_a_look_at_every_value(make: str) -> None:
    rng = np.random.default_rng(5)
    first, second = rng.normal(size=20_000), rng.normal(size=15_001)
    if make == "ties":
        first, second = np.round(first, 1), np.round(second, 1)
    elif make == "shifted":
        second = second + 0.3
    elif make == "all equal":
        first, second = np.ones(20_000), np.ones(15_001)
    elif make == "unequal sizes":
        second = second[:30]
    elif make == "heavy tail":
        first, second = np.exp(5 * first), np.exp(5.1 * second)
    elif make == "infinite":
        first[:4000], second[:100] = np.inf, -np.inf
    every = np.concatenate([first, second])
    gaps = [np.searchsorted(np.sort(side), every, side="right") / side.size for side in (first, second)]

    found = two_sample_ks(first, second)

    assert found.distance == pytest.approx(np.abs(gaps[0] - gaps[1]).max(), abs=1e-12)
    here = [np.mean(side <= found.location) for side in (first, second)]
    assert found.sign * (here[0] - here[1]) == pytest.approx(found.distance, abs=1e-12)
