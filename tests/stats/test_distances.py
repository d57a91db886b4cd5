from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from pytest_mlgate.stats.distances import (
    pool_rare_levels,
    total_variation,
    two_sample_chi_square,
)
from pytest_mlgate.stats.divergences import TOTAL_VARIATION_SCALE, detectable_divergence, rows_needed_divergence

detectable_total_variation = partial(detectable_divergence, scale=TOTAL_VARIATION_SCALE)
rows_needed_total_variation = partial(rows_needed_divergence, scale=TOTAL_VARIATION_SCALE)
tables = st.integers(1, 12).flatmap(
    lambda k: st.tuples(*[st.lists(st.integers(0, 60), min_size=k, max_size=k).filter(any) for _ in range(2)])
)


def test_chi_square_of_a_two_by_two_table_worked_by_hand() -> None:
    """Expected 40 and 60 on both sides: 4 * 100 (1/40 + 1/60) / 2 = 8.3333; upper tail with one degree 0.0038924."""
    result = two_sample_chi_square([50, 50], [30, 70])

    assert result.statistic == pytest.approx(25 / 3, abs=1e-12)
    assert result.degrees == 1
    assert result.p == pytest.approx(0.003892417, abs=1e-9)
    assert result.total_variation == pytest.approx(0.2, abs=1e-15)


def test_chi_square_agrees_with_the_table_in_agresti() -> None:
    """Gender and party identification, Agresti, Categorical Data Analysis (2007), table 2.5: X2 = 30.1, df = 2."""
    result = two_sample_chi_square([762, 327, 468], [484, 239, 477])

    assert result.statistic == pytest.approx(30.07015, abs=1e-5)
    assert result.degrees == 2
    assert result.p == pytest.approx(2.953589e-07, rel=1e-6)  # chisq.test in R's documentation


@settings(deadline=None, max_examples=80)
@given(tables)
def test_chi_square_agrees_with_scipy_on_the_pooled_table(sides) -> None:
    first, second = np.array(sides[0]), np.array(sides[1])
    result = two_sample_chi_square(first, second)
    assume(result.statistic is not None)
    pool = pool_rare_levels(first, second)
    table = np.array([[*side[~pool], side[pool].sum()] for side in (first, second)])

    expected = stats.chi2_contingency(table[:, table.sum(axis=0) > 0], correction=False)

    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)


@settings(deadline=None, max_examples=100)
@given(tables)
def test_pooling_leaves_no_expected_count_below_five(sides) -> None:
    first, second = np.array(sides[0]), np.array(sides[1])
    pool = pool_rare_levels(first, second)
    share = min(first.sum(), second.sum()) / (first.sum() + second.sum())
    expected = [*(first + second)[~pool] * share, (first + second)[pool].sum() * share]
    kept = [count for count in expected if count > 0]

    assert len(kept) == 1 or min(kept) >= 5


@settings(deadline=None, max_examples=80)
@given(tables)
def test_swapping_the_sides_changes_nothing(sides) -> None:
    forth, back = two_sample_chi_square(*sides), two_sample_chi_square(*sides[::-1])

    assert (forth.p is None) == (back.p is None)
    assert forth.p is None or forth.p == pytest.approx(back.p, rel=1e-9, abs=1e-300)
    assert forth.total_variation == pytest.approx(back.total_variation, abs=1e-12)
    assert 0 <= forth.total_variation <= total_variation(*sides) + 1e-12  # pooling can only hide


@settings(deadline=None, max_examples=60)
@given(tables)
def test_equal_counts_lie_at_no_distance(sides) -> None:
    result = two_sample_chi_square(sides[0], sides[0])

    assert result.total_variation == 0
    assert result.p is None or result.p == pytest.approx(1, abs=1e-12)


def test_levels_that_are_all_rare_leave_no_test() -> None:
    result = two_sample_chi_square([1] * 40 + [0] * 40, [0] * 40 + [1] * 40)

    assert (result.p, result.statistic, result.levels, result.pooled) == (None, None, 1, 80)


def test_levels_nobody_has_count_for_nothing() -> None:
    assert two_sample_chi_square([50, 0, 50], [30, 0, 70]) == two_sample_chi_square([50, 50], [30, 70])


def test_a_normal_shift_has_its_population_distance() -> None:
    """Total variation of a normal shift: 2 Phi(shift / 2) - 1 = 0.197 at half a standard deviation."""
    edges = np.linspace(-8, 9, 4001)
    before, after = np.diff(special.ndtr(edges)), np.diff(special.ndtr(edges - 0.5))

    assert total_variation(before, after) == pytest.approx(0.197, abs=5e-4)


@settings(deadline=None, max_examples=60)
@given(tables)
def test_a_detectable_distance_is_significant(sides) -> None:
    """The inequality of Cauchy and Schwarz that the bound rests on, for every table."""
    result = two_sample_chi_square(*sides)
    assume(result.statistic is not None)

    assert result.statistic >= (2 * result.total_variation) ** 2 / (1 / sum(sides[0]) + 1 / sum(sides[1])) - 1e-9


def test_the_smallest_detectable_distance_uses_the_chi_square_quantile() -> None:
    """chi2_1(0.95) = 3.8415, chi2_4(0.95) = 9.4877 (any printed table)."""
    assert detectable_total_variation(100, 100, levels=2, alpha=0.05) == pytest.approx(
        math.sqrt(3.8415 / 50) / 2, rel=1e-4
    )
    assert detectable_total_variation(100, 100, levels=5, alpha=0.05) == pytest.approx(
        math.sqrt(9.4877 / 50) / 2, rel=1e-4
    )


def test_a_single_level_is_judged_like_two() -> None:
    one, two = (detectable_total_variation(10, 10, levels=k, alpha=0.05) for k in (1, 2))

    assert one == two > 0.2


@settings(deadline=None, max_examples=60)
@given(distance=st.floats(0.01, 1), levels=st.integers(1, 200), tests=st.integers(1, 500))
def test_the_rows_needed_are_enough(distance: float, levels: int, tests: int) -> None:
    rows = rows_needed_total_variation(distance, levels=levels, alpha=0.05, tests=tests)

    assert detectable_total_variation(rows, rows, levels=levels, alpha=0.05, tests=tests) <= distance * (1 + 1e-12)


@pytest.mark.parametrize("wrong", [[0, 0], [-1, 2], [math.nan, 1], [1, 2, 3], [[1, 2]]])
def test_what_is_no_count_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match=r"counts must be|current"):
        total_variation([1, 2], wrong)
