"""Pairs of groups: laws, and what the resampled comparison of two models says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind_from_stats

from pytest_mlgate.stats.fairness import (
    Pairs,
    difference_pairs,
    draw_groups,
    mean_pairs,
    ratio_pairs,
    worsening_pairs,
)

groups = st.lists(
    st.integers(5, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=6
)


def by_group(pairs: Pairs, order: np.ndarray | None = None) -> dict[frozenset[int], tuple[float, ...]]:
    """What is known of each pair, whatever its place; ``order`` gives groups their former numbers."""
    names = np.arange(pairs.first.max() + pairs.second.max() + 1) if order is None else order
    columns = (pairs.estimate, pairs.low, pairs.high, pairs.p, pairs.within)
    return {
        frozenset((int(names[i]), int(names[j]))): tuple(float(column[k]) for column in columns)
        for k, (i, j) in enumerate(zip(pairs.first, pairs.second, strict=True))
    }


@settings(deadline=None, max_examples=40)
@given(groups, st.randoms(use_true_random=False))
def test_the_order_of_the_groups_changes_nothing(sample: list[tuple[int, int]], random: object) -> None:
    hits, rows = np.array(sample).T
    order = np.random.default_rng(len(sample)).permutation(len(sample))
    for compare, limit in ((difference_pairs, 0.1), (ratio_pairs, 0.8)):
        plain, mixed = compare(hits, rows, limit=limit), compare(hits[order], rows[order], limit=limit)
        expected, found = by_group(plain), by_group(mixed, order)

        assert expected.keys() == found.keys()
        for key, value in expected.items():
            # of two equal rates either may stand first, which mirrors the limits
            if value[0] not in (0.0, 1.0):
                assert found[key] == pytest.approx(value, rel=1e-6, abs=1e-6, nan_ok=True)


@settings(deadline=None, max_examples=40)
@given(groups)
def test_the_largest_pair_is_max_minus_min(sample: list[tuple[int, int]]) -> None:
    hits, rows = np.array(sample, dtype=float).T
    rates = hits / rows

    assert difference_pairs(hits, rows, limit=0.1).estimate.max() == pytest.approx(rates.max() - rates.min())
    if rates.max() > 0:
        assert np.nanmin(ratio_pairs(hits, rows, limit=0.8).estimate) == pytest.approx(rates.min() / rates.max())


@settings(deadline=None, max_examples=40)
@given(groups, st.floats(0, 0.5), st.floats(0, 0.4))
def test_a_wider_limit_is_never_harder_to_keep(sample: list[tuple[int, int]], limit: float, more: float) -> None:
    hits, rows = np.array(sample).T
    tight, wide = (difference_pairs(hits, rows, limit=value) for value in (limit, limit + more))

    assert (wide.p >= tight.p - 1e-9).all()
    assert (wide.within >= tight.within).all()


def test_a_pair_is_within_by_its_limits_and_beyond_by_its_p() -> None:
    clear = difference_pairs([800, 400], [1000, 1000], limit=0.1)
    close = difference_pairs([500, 505], [10_000, 10_000], limit=0.1)
    small = difference_pairs([5, 4], [10, 10], limit=0.1)

    assert (clear.within[0], clear.p[0] < 1e-10) == (False, True)
    assert (close.within[0], close.p[0]) == (True, 1.0)
    assert (small.within[0], small.p[0]) == (False, 1.0)
    assert ratio_pairs([0, 0], [500, 500], limit=0.8).within.tolist() == [False]  # nothing is known of 0 over 0


def test_a_pair_of_means_is_welch_s() -> None:
    found = mean_pairs([1.0, 0.4], [2.0, 9.0], [40, 25], limit=0.0)
    expected = ttest_ind_from_stats(1.0, 2**0.5, 40, 0.4, 3.0, 25, equal_var=False)

    assert found.p[0] == pytest.approx(expected.pvalue, rel=1e-12)
    assert found.low[0] + found.high[0] == pytest.approx(1.2)
    at_low = ttest_ind_from_stats(1.0 - found.low[0], 2**0.5, 40, 0.4, 3.0, 25, equal_var=False)
    assert at_low.pvalue == pytest.approx(0.1, rel=1e-9)  # 5 % on either side


def test_means_that_never_vary_leave_a_width() -> None:
    found = mean_pairs([1.0, 1.0], [0.0, 0.0], [50, 50], limit=0.01)

    assert found.high[0] > 0.04
    assert not found.within[0]


def models(rng: np.random.Generator, rates: list[tuple[float, float]], n: int) -> list[np.ndarray]:
    """Rows of groups in which the candidate and the baseline have these rates, as independent as may be."""
    ones = np.ones(n)
    return [np.column_stack([rng.random(n) < c, ones, rng.random(n) < b, ones]).astype(float) for c, b in rates]


def test_a_difference_that_grew_is_found_and_one_that_shrank_is_none() -> None:
    rng = np.random.default_rng(0)
    grew = draw_groups(models(rng, [(0.7, 0.5), (0.4, 0.5)], 2000), resamples=500, seed=1, span=1.0)
    shrank = draw_groups(models(rng, [(0.5, 0.8), (0.5, 0.4)], 2000), resamples=500, seed=1, span=1.0)
    turned = draw_groups(models(rng, [(0.3, 0.7), (0.7, 0.3)], 2000), resamples=500, seed=1, span=1.0)

    found = worsening_pairs(grew, limit=0.1)
    assert found.estimate[0] == pytest.approx(0.3, abs=0.06)
    assert found.low[0] < found.estimate[0] < found.high[0]
    assert found.p[0] < 1e-6
    assert worsening_pairs(shrank, limit=0.05).within.tolist() == [True]
    assert worsening_pairs(turned, limit=0.1).within.tolist() == [True]  # as unequal as before, the other way round


def test_two_models_that_answer_alike_leave_a_width_that_shrinks_with_the_rows() -> None:
    widths = []
    for n in (60, 6000):
        rows = np.column_stack([np.arange(n) % 2, np.ones(n)] * 2).astype(float)
        found = worsening_pairs(draw_groups([rows, rows], resamples=300, seed=0, span=1.0), limit=0.05)
        widths.append(float(found.high[0] - found.low[0]))

    assert widths[0] > 0.05
    assert 0 < widths[1] < 0.05


def test_the_same_seed_draws_the_same() -> None:
    rows = models(np.random.default_rng(3), [(0.5, 0.5), (0.4, 0.5)], 300)
    first, again, other = (draw_groups(rows, resamples=200, seed=seed, span=1.0).draws for seed in (7, 7, 8))

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
