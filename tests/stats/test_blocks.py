"""Block permutation: exact on exchangeable blocks, blind to labels and scale, and counted where blocks are few."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.stats.blocks import (
    MOST_CELLS,
    block_counts,
    block_permutation_test,
    blocks_needed,
    distinct_splits,
    pooled_cells,
)
from pytest_mlgate.stats.distances import total_variation
from pytest_mlgate.stats.ks import two_sample_ks


def both(reference: Any, current: Any, *, block: int) -> tuple[Any, Any]:
    before, after, count = pooled_cells(reference, current)
    return block_counts(before, count=count, block=block), block_counts(after, count=count, block=block)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), blocks=st.integers(1, 6), others=st.integers(1, 6), ties=st.booleans())
def test_the_observed_statistic_is_the_exact_ks_distance_where_every_value_has_a_cell(
    seed: int, blocks: int, others: int, ties: bool
) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=blocks * 10), rng.normal(size=others * 10)
    if ties:
        first, second = first.round(), second.round()

    test = block_permutation_test(*both(first, second, block=10), statistic="ks", permutations=1, seed=0)

    assert test.statistic == pytest.approx(two_sample_ks(first, second).distance, abs=1e-12)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_thousand_cells_lose_at_most_a_thousandth_of_the_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.standard_t(2, size=5000), rng.standard_t(2, size=3000) + rng.uniform()
    counts = both(first, second, block=10)

    found = block_permutation_test(*counts, statistic="ks", permutations=1, seed=0).statistic
    exact = two_sample_ks(first, second).distance

    assert counts[0].shape == (500, MOST_CELLS)
    # a cell holds about 1/1 000 of both sides together, so at most 8 000 / 3 000 as much of the smaller one
    assert exact - 8 / 3 / (MOST_CELLS - 1) - 1e-9 <= found <= exact + 1e-12


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), permutations=st.integers(1, 300))
def test_monotone_transformations_and_the_names_of_the_sides_change_nothing_of_the_statistic(
    seed: int, permutations: int
) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=60), rng.normal(size=60) + 0.5
    plain = block_permutation_test(*both(first, second, block=10), statistic="ks", permutations=permutations, seed=1)
    bent = block_permutation_test(
        *both(np.exp(first), np.exp(second), block=10), statistic="ks", permutations=permutations, seed=1
    )
    turned = block_permutation_test(*both(second, first, block=10), statistic="ks", permutations=permutations, seed=1)

    assert (plain.statistic, plain.p) == (bent.statistic, bent.p)
    assert plain.statistic == pytest.approx(turned.statistic, abs=1e-12)
    assert 1 / (1 + permutations) <= plain.p <= 1


def test_the_order_of_levels_changes_nothing_of_total_variation() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 5, 100), rng.integers(1, 6, 120)
    order = rng.permutation(6)
    counts = [block_counts(side, count=6, block=10) for side in (first, second)]
    shuffled = [side[:, order] for side in counts]

    plain = block_permutation_test(*counts, statistic="total_variation", permutations=200, seed=3)
    other = block_permutation_test(*shuffled, statistic="total_variation", permutations=200, seed=3)

    assert plain.p == other.p
    exact = total_variation(np.bincount(first, minlength=6), np.bincount(second, minlength=6))
    assert plain.statistic == pytest.approx(exact, abs=1e-12)


def test_sampled_permutations_estimate_the_p_of_all_splits() -> None:
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 10, size=(8, 4))
    shares = [side.sum(axis=0) / side.sum() for side in (counts[:4], counts[4:])]
    observed = abs(shares[0] - shares[1]).sum() / 2
    every = []  # by hand, over all C(8, 4) splits
    for chosen in itertools.combinations(range(8), 4):
        mine = counts[list(chosen)].sum(axis=0)
        rest = counts.sum(axis=0) - mine
        every.append(abs(mine / mine.sum() - rest / rest.sum()).sum() / 2)
    exact = np.mean(np.array(every) >= observed - 1e-12)

    test = block_permutation_test(counts[:4], counts[4:], statistic="total_variation", permutations=20_000, seed=0)

    assert test.p == pytest.approx(exact, abs=0.015)


def test_p_is_uniform_on_exchangeable_blocks() -> None:
    hits = 0
    for seed in range(400):
        rng = np.random.default_rng([9, seed])
        counts = both(rng.normal(size=200), rng.normal(size=160), block=10)
        hits += block_permutation_test(*counts, statistic="ks", permutations=99, seed=seed).p <= 0.1

    assert 0.06 <= hits / 400 <= 0.14  # 10 %, give or take 2.7 standard errors


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), level=st.floats(0.005, 0.5))
def test_what_lies_above_the_critical_value_is_significant_and_what_lies_below_is_not(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    counts = both(rng.normal(size=80), rng.normal(size=80), block=10)
    test = block_permutation_test(*counts, statistic="ks", permutations=200, seed=seed)
    critical = test.critical(level)

    def p(value: float) -> float:
        return float((1 + (test.permuted >= value).sum()) / 201)

    assert p(critical + 1e-9) < level or math.isinf(critical)
    assert p(critical) >= level or math.isinf(critical)


def test_no_value_is_critical_at_a_level_that_the_permutations_cannot_reach() -> None:
    counts = [[5, 0]] * 4
    test = block_permutation_test(counts, counts, statistic="ks", permutations=99, seed=0)

    assert test.critical(0.01) == math.inf
    assert test.critical(0.02) == 0


def test_the_same_seed_gives_the_same_permutations_and_another_one_others() -> None:
    rng = np.random.default_rng(1)
    counts = both(rng.normal(size=100), rng.normal(size=100), block=10)
    first, again, other = (
        block_permutation_test(*counts, statistic="ks", permutations=600, seed=seed) for seed in (4, 4, 5)
    )

    assert (first.permuted == again.permuted).all()
    assert (first.permuted != other.permuted).any()


def test_the_oldest_rows_that_fill_no_block_are_left_out_and_missing_values_are_in_no_cell() -> None:
    counts = block_counts([0, 0, 1, -1, 1, 1, 0], count=2, block=3)

    assert counts.tolist() == [[1, 1], [1, 2]]  # rows 1 to 3 (one is missing) and 4 to 6; row 0 is left out
    assert block_counts([0, 1], count=2, block=3).shape == (0, 2)


def test_missing_values_have_no_cell_and_leave_the_distance_as_it_is() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=100), rng.normal(size=100) + 0.4
    first[::7] = np.nan

    before, after, count = pooled_cells(first, second)
    counts = [block_counts(side, count=count, block=10) for side in (before, after)]
    test = block_permutation_test(*counts, statistic="ks", permutations=10, seed=0)

    assert ((before == -1) == np.isnan(first)).all()
    assert test.statistic == pytest.approx(two_sample_ks(first[~np.isnan(first)], second).distance, abs=1e-12)


def test_a_deal_that_leaves_a_side_without_values_counts_as_the_farthest() -> None:
    counts = [[3, 0], [0, 0]]
    test = block_permutation_test(counts, [[0, 0], [0, 3]], statistic="ks", permutations=200, seed=0)

    assert test.statistic == 1
    assert set(test.permuted.tolist()) == {1.0}
    assert test.p == 1


def test_many_blocks_share_fewer_cells_but_never_fewer_than_a_hundred() -> None:
    values = np.arange(5000.0)

    assert pooled_cells(values, values)[2] == 1000
    assert pooled_cells(values, values, blocks=10_000)[2] == 400
    assert pooled_cells(values, values, blocks=10**9)[2] == 100


@pytest.mark.parametrize(("first", "second", "splits"), [(1, 1, 1), (3, 3, 10), (4, 3, 35), (10, 10, 92_378)])
def test_splits_are_counted_once_where_the_sides_may_be_swapped(first: int, second: int, splits: int) -> None:
    assert distinct_splits(first, second) == splits


@given(st.floats(1, 1e6))
def test_the_blocks_needed_are_the_fewest_that_do(splits: float) -> None:
    blocks = blocks_needed(splits)

    assert distinct_splits(blocks, blocks) > splits
    assert blocks == 1 or distinct_splits(blocks - 1, blocks - 1) <= splits


@pytest.mark.parametrize(("first", "second"), [(np.zeros((0, 2)), np.ones((2, 2))), (np.ones((2, 3)), np.ones((2, 2)))])
def test_sides_without_a_block_or_with_other_cells_are_refused(first: Any, second: Any) -> None:
    with pytest.raises(ValueError, match="blocks of the same cells"):
        block_permutation_test(first, second, statistic="ks", permutations=9, seed=0)
