from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from pytest_mlgate.stats.psi import detectable_psi_excess, psi, psi_bins, psi_from_counts, psi_levels, quantile_edges

counts = st.integers(2, 10).flatmap(
    lambda k: st.tuples(*[st.lists(st.integers(0, 500), min_size=k, max_size=k).filter(any) for _ in range(2)])
)


def test_the_index_worked_by_hand() -> None:
    """(0.3 - 0.5) ln(0.3 / 0.5) + (0.7 - 0.5) ln(0.7 / 0.5) = 0.2 ln(7 / 3)."""
    result = psi_from_counts([50, 50], [30, 70], smoothing=0)

    assert result.value == pytest.approx(0.2 * math.log(7 / 3), abs=1e-15)
    assert result.expected == pytest.approx(1 * (1 / 100 + 1 / 100), abs=1e-15)


@pytest.mark.parametrize(("shift", "expected"), [(0.10, 0.0096), (0.25, 0.060), (0.50, 0.238), (1.00, 0.926)])
def test_a_normal_shift_has_its_population_value(shift: float, expected: float) -> None:
    """Ten reference deciles of a normal law; values from numerical integration, to the digits given."""
    deciles = special.ndtri(np.arange(1, 10) / 10)
    after = np.diff(np.r_[0, special.ndtr(deciles - shift), 1])

    result = psi_from_counts(np.full(10, 1e8), after * 1e9, smoothing=0)

    assert result.value == pytest.approx(expected, rel=6e-3)


def test_half_a_count_is_added_to_each_bin() -> None:
    result = psi_from_counts([10, 0], [5, 5])

    r, c = np.array([10.5, 0.5]) / 11, np.array([5.5, 5.5]) / 11
    assert result.value == pytest.approx(float(((c - r) * np.log(c / r)).sum()), abs=1e-15)


def test_the_critical_value_is_that_of_chi_square() -> None:
    """Yurdakul (2018): with B = 10 and n = m = 1 000 the 95 % point is 16.919 * 2 / 1000."""
    critical = 16.919 * (1 / 1000 + 1 / 1000)

    assert detectable_psi_excess(1000, 1000, bins=10, alpha=0.05) == pytest.approx(critical - 9 * 0.002, rel=1e-4)
    assert special.chdtrc(9, critical / 0.002) == pytest.approx(0.05, rel=1e-3)


@settings(deadline=None, max_examples=80)
@given(counts)
def test_the_index_is_symmetric_finite_and_not_negative(sides) -> None:
    forth, back = psi_from_counts(*sides), psi_from_counts(*sides[::-1])

    assert forth.value == pytest.approx(back.value, rel=1e-9, abs=1e-12)
    assert 0 <= forth.value < math.inf
    assert 0 <= forth.p <= 1


@settings(deadline=None, max_examples=40)
@given(counts)
def test_equal_shares_give_zero(sides) -> None:
    assert psi_from_counts(sides[0], sides[0]).value == 0


@pytest.mark.parametrize(("n", "m", "bins"), [(99, 5000, 1), (100, 5000, 2), (500, 499, 9), (10_000, 10_000, 10)])
def test_bins_grow_with_the_smaller_side(n: int, m: int, bins: int) -> None:
    assert psi_bins(n, m) == bins


@pytest.mark.parametrize("outlier", [1e8, -1e8, math.inf, -math.inf])
def test_one_outlier_in_ten_thousand_rows_moves_nothing(outlier: float) -> None:
    rng = np.random.default_rng(1)
    before, after = rng.normal(size=10_000), rng.normal(0.5, size=10_000)
    spoilt_before, spoilt_after = before.copy(), after.copy()
    spoilt_before[0] = spoilt_after[0] = outlier

    expected = psi(before, after)
    assert expected is not None

    for pair in ((spoilt_before, after), (before, spoilt_after), (spoilt_before, spoilt_after)):
        result = psi(*pair)
        assert result is not None
        assert result.value == pytest.approx(expected.value, abs=0.002)


def test_values_beyond_the_reference_are_counted() -> None:
    rng = np.random.default_rng(2)
    before = rng.uniform(size=1000)

    beyond = psi(before, before + 10)

    assert beyond is not None
    assert beyond.value > 5


@pytest.mark.parametrize("moved", [-1.0, 1.0])
def test_a_constant_reference_sees_a_move_to_either_side(moved: float) -> None:
    result = psi(np.zeros(1000), np.r_[np.zeros(500), np.full(500, moved)])

    assert result is not None
    assert result.value > 1


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=200), st.integers(2, 10))
def test_edges_increase_and_are_fewer_than_the_bins(values: list[int], bins: int) -> None:
    edges = quantile_edges(values, bins)

    assert (np.diff(edges) > 0).all()
    assert 1 <= edges.size <= bins - 1


def test_missing_values_have_a_bin_of_their_own() -> None:
    values = np.arange(1000.0)

    same = psi(values, values, reference_missing=0, current_missing=0)
    lost = psi(values, values[::2], reference_missing=0, current_missing=500)

    assert same is not None
    assert lost is not None
    assert (same.bins, same.value) == (10, 0)
    assert lost.bins == 10
    assert lost.value > 1


def test_too_few_rows_give_no_index() -> None:
    assert psi(np.arange(99.0), np.arange(5000.0)) is None
    assert psi_levels([40, 50], [40, 50]) is None
    assert psi_levels([500], [500]) is None


def test_rare_levels_and_new_ones_share_a_bin() -> None:
    before, after = [400, 300, 100, 50, 50, 50, 20, 10, 10, 5, 5, 0], [400, 300, 100, 50, 50, 50, 20, 10, 0, 0, 0, 20]

    result = psi_levels(before, after)

    assert result is not None
    assert result.bins == 10
    expected = psi_from_counts([400, 300, 100, 50, 50, 50, 20, 10, 10, 10], [*after[:8], 0, 20])
    assert (result.value, result.p) == (expected.value, expected.p)
    assert result.pooled_share == pytest.approx(20 / 1000)


def test_without_drift_the_mean_is_the_expectation() -> None:
    """2 000 draws of two samples from one law; the standard error of the mean is about 1 %."""
    rng = np.random.default_rng(3)
    draws = [psi_from_counts(*rng.multinomial(1000, np.full(10, 0.1), size=2)) for _ in range(2000)]

    assert np.mean([draw.value for draw in draws]) == pytest.approx(draws[0].expected, rel=0.04)
    assert np.mean([draw.p < 0.05 for draw in draws]) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize("wrong", [[1], [1, 2, 3], [0, 0], [-1, 2], [math.nan, 1], [[1, 2]]])
def test_what_is_no_count_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match=r"count|side"):
        psi_from_counts([1, 2], wrong)
