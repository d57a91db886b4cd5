from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pytest_mlgate.stats.distances import expected_total_variation, total_variation, two_sample_chi_square
from pytest_mlgate.stats.divergences import (
    CRAMERS_V_SCALE,
    HELLINGER_SCALE,
    JENSEN_SHANNON_SCALE,
    cramers_v,
    detectable_divergence,
    divergence_p,
    expected_divergence,
    hellinger,
    jensen_shannon,
)

DISTANCES = (jensen_shannon, hellinger, cramers_v, total_variation)
tables = st.integers(1, 12).flatmap(
    lambda k: st.tuples(*[st.lists(st.integers(0, 60), min_size=k, max_size=k).filter(any) for _ in range(2)])
)


def deciles(shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Shares of a standard normal reference and of a shifted one between the reference's deciles."""
    edges = stats.norm.ppf(np.arange(1, 10) / 10)
    return np.full(10, 0.1), np.diff([0, *stats.norm.cdf(edges - shift), 1])


@pytest.mark.parametrize(
    ("shift", "js", "h", "v"),
    [
        (0.10, 0.042, 0.035, 0.049),
        (0.25, 0.104, 0.086, 0.122),
        (0.50, 0.205, 0.171, 0.238),
        (1.00, 0.391, 0.333, 0.444),
    ],
)
def test_a_normal_shift_is_where_the_table_in_the_documentation_puts_it(
    shift: float, js: float, h: float, v: float
) -> None:
    found = [measure(*deciles(shift)) for measure in (jensen_shannon, hellinger, cramers_v)]

    assert found == pytest.approx([js, h, v], abs=5.1e-4)


def test_distances_of_two_coins_worked_by_hand() -> None:
    """Shares p = (1/2, 1/2), q = (1, 0) and their mean (3/4, 1/4).

    JSD = (1/2 log2(2/3) + 1/2 log2(2) + log2(4/3)) / 2 = 0.311278 bits; H^2 = 1 - sqrt(1/2); with even sides
    chi2 / N = (1/4)(1/4) / (3/4) + (1/4)(1/4) / (1/4) = 1/12 + 1/4 = 1/3.
    """
    p, q = [0.5, 0.5], [1, 0]

    assert jensen_shannon(p, q) == pytest.approx(math.sqrt(0.3112781244591328), abs=1e-12)
    assert hellinger(p, q) == pytest.approx(math.sqrt(1 - math.sqrt(0.5)), abs=1e-12)
    assert cramers_v(p, q) == pytest.approx(math.sqrt(1 / 3), abs=1e-12)


@settings(deadline=None, max_examples=150)
@given(tables)
def test_distances_are_symmetric_bounded_and_zero_only_between_equal_shares(sides) -> None:
    first, second = (np.array(side) for side in sides)
    alike = np.array_equal(first * second.sum(), second * first.sum())
    apart = not (first * second).any()

    for measure in DISTANCES:
        value = measure(first, second)
        assert value == pytest.approx(measure(second, first), abs=1e-12)
        assert 0 <= value <= 1
        assert (value < 1e-7) == alike
        assert (value > 1 - 1e-9) == apart


@settings(deadline=None, max_examples=100)
@given(tables, st.integers(2, 50))
def test_the_even_v_does_not_depend_on_the_sizes_of_the_sides(sides, times: int) -> None:
    first, second = (np.array(side) for side in sides)

    even = cramers_v(first, second, even=True)

    assert cramers_v(first * times, second, even=True) == pytest.approx(even, abs=1e-12)
    assert cramers_v(first * second.sum(), second * first.sum()) == pytest.approx(even, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(tables)
def test_an_even_v_beyond_its_bound_is_significant(sides) -> None:
    """The bound that the gate uses for sides of unequal size."""
    result = two_sample_chi_square(*sides)
    if result.levels < 2 or result.pooled:
        return
    n, m = sum(sides[0]), sum(sides[1])
    scale = CRAMERS_V_SCALE * 2 * max(n, m) / (n + m)
    detectable = detectable_divergence(n, m, levels=result.levels, scale=scale, alpha=0.05)

    assert result.p is not None
    assert result.p <= 0.05 + 1e-12 or cramers_v(*sides, even=True) < detectable


@pytest.mark.parametrize(("measure", "scale"), [(jensen_shannon, JENSEN_SHANNON_SCALE), (hellinger, HELLINGER_SCALE)])
@pytest.mark.parametrize(("n", "m"), [(2_000, 2_000), (10_000, 1_000)])
def test_without_drift_the_p_values_and_the_expectation_are_those_of_the_chi_square_law(measure, scale, n, m) -> None:
    rng = np.random.default_rng(3)
    shares = np.array([0.3, 0.25, 0.2, 0.1, 0.1, 0.05])
    values = np.array([measure(rng.multinomial(n, shares), rng.multinomial(m, shares)) for _ in range(3_000)])
    p = [divergence_p(value, n, m, levels=6, scale=scale) for value in values]

    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.012)
    assert stats.kstest(p, "uniform").pvalue > 0.001
    assert math.sqrt((values**2).mean()) == pytest.approx(expected_divergence(n, m, levels=6, scale=scale), rel=0.05)


def test_the_smallest_detectable_distance_is_the_one_whose_p_is_the_level() -> None:
    at = detectable_divergence(500, 800, levels=7, scale=HELLINGER_SCALE, alpha=0.05, tests=10)

    assert divergence_p(at, 500, 800, levels=7, scale=HELLINGER_SCALE) == pytest.approx(0.005, rel=1e-9)


def test_total_variation_without_drift_is_expected_where_it_is_found() -> None:
    rng = np.random.default_rng(4)
    draws = [[rng.multinomial(n, [0.5, 0.3, 0.15, 0.05]) for n in (900, 400)] for _ in range(2_000)]

    found = np.mean([total_variation(*pair) for pair in draws])
    assert found == pytest.approx(np.mean([expected_total_variation(*pair) for pair in draws]), rel=0.03)


@pytest.mark.parametrize("measure", [jensen_shannon, hellinger, cramers_v])
@pytest.mark.parametrize("sides", [([1, 2], [1]), ([1, -1], [1, 1]), ([0, 0], [1, 1]), ([1, math.nan], [1, 1])])
def test_counts_that_are_none_are_refused(measure, sides) -> None:
    with pytest.raises(ValueError, match=r"length|negative|no row"):
        measure(*sides)
