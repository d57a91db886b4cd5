"""Sketches: what they keep, and that a distance of the rows lies within the bounds that they state."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from pytest_mlgate.stats.cells import Cells, bounds_at, cells_of, count_cells, merge_cells
from pytest_mlgate.stats.ks import ks_p_value, two_sample_ks
from pytest_mlgate.stats.psi import quantile_edges
from pytest_mlgate.stats.sketches import (
    bin_counts,
    deviation_of,
    energy_from_cells,
    gaps_from_cells,
    ks_from_cells,
    quantile_edges_from_cells,
    wasserstein_from_cells,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = 1e-9


def drawn(kind: str, rows: int, seed: int = 0) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    values = {
        "normal": lambda: rng.normal(size=rows),
        "tied": lambda: np.round(rng.normal(100, 20, size=rows)),
        "zero-inflated": lambda: np.where(rng.random(rows) < 0.7, 0.0, rng.exponential(size=rows)),
        "heavy-tailed": lambda: rng.pareto(0.5, size=rows) * rng.choice([-1, 1], rows),
        "timestamps": lambda: np.floor(1.36e15 + rng.random(rows) * 2.6e12),
        "infinite": lambda: np.where(rng.random(rows) < 0.1, np.inf, np.where(rng.random(rows) < 0.1, -np.inf, 1.5)),
    }[kind]()
    return np.sort(values)


KINDS = ("normal", "tied", "zero-inflated", "heavy-tailed", "timestamps", "infinite")
numbers = st.one_of(
    st.integers(-4, 4).map(float),
    st.floats(allow_nan=False, width=32),
    st.sampled_from([0.0, -0.0, 1e300, -1e300, np.inf, -np.inf, 5e-324]),
)
samples = st.lists(numbers, min_size=1, max_size=60).map(lambda values: np.sort(np.asarray(values, dtype=np.float64)))
shapes = st.tuples(st.integers(2, 12), st.integers(1, 6))


def sketched(values: NDArray[np.float64], shape: tuple[int, int]) -> Cells:
    return cells_of(values, cells=shape[0], min_rows=shape[1])


def true_counts(values: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.searchsorted(values, points, side="right")


@given(samples, shapes)
def test_a_sketch_counts_exactly_at_its_edges(values: NDArray[np.float64], shape: tuple[int, int]) -> None:
    found = sketched(values, shape)

    assert found.rows == values.size
    assert found.at_least.tolist() == true_counts(values, found.edges).tolist()
    assert found.at_most.tolist() == found.at_least.tolist()
    assert (np.diff(found.edges) > 0).all()


@given(samples, samples, shapes)
def test_the_distance_of_the_rows_lies_within_the_bounds(
    first: NDArray[np.float64], second: NDArray[np.float64], shape: tuple[int, int]
) -> None:
    reference = sketched(first, shape)
    distance = two_sample_ks(first, second).distance

    against_rows = ks_from_cells(reference, count_cells(second, reference.edges))
    against_sketch = ks_from_cells(reference, sketched(second, shape))

    for found in (against_rows, against_sketch):
        assert found.low - ROUNDING <= distance <= found.high + ROUNDING
        assert found.low <= found.value <= found.high
    assert against_rows.high - against_rows.low <= reference.accuracy + ROUNDING


@given(st.lists(samples, min_size=2, max_size=5), samples, shapes)
def test_a_merged_sketch_keeps_its_bounds(
    parts: list[NDArray[np.float64]], other: NDArray[np.float64], shape: tuple[int, int]
) -> None:
    merged = merge_cells([sketched(part, shape) for part in parts], cells=shape[0])
    whole = np.sort(np.concatenate(parts))
    points = np.concatenate([whole[np.isfinite(whole)], merged.edges])
    low, high = bounds_at(merged, points)
    found = ks_from_cells(merged, count_cells(other, merged.edges))

    assert merged.rows == whole.size
    assert (low <= true_counts(whole, points)).all()
    assert (true_counts(whole, points) <= high).all()
    assert found.low - ROUNDING <= two_sample_ks(whole, other).distance <= found.high + ROUNDING


@given(st.lists(samples, min_size=2, max_size=4), shapes)
def test_merging_does_not_depend_on_the_order(parts: list[NDArray[np.float64]], shape: tuple[int, int]) -> None:
    sketches = [sketched(part, shape) for part in parts]
    results = [merge_cells(order, cells=shape[0]) for order in itertools.permutations(sketches)]

    for found in results[1:]:
        for name in ("edges", "at_least", "at_most", "sums"):
            np.testing.assert_array_equal(getattr(found, name), getattr(results[0], name))


@given(st.lists(samples, min_size=3, max_size=3))
def test_merging_is_associative_where_no_edge_is_left_out(parts: list[NDArray[np.float64]]) -> None:
    one, two, three = (cells_of(part, cells=60, min_rows=1) for part in parts)
    left = merge_cells([merge_cells([one, two], cells=10_000), three], cells=10_000)
    right = merge_cells([one, merge_cells([two, three], cells=10_000)], cells=10_000)
    points = np.union1d(left.edges, right.edges)

    assert left.rows == right.rows
    for here, there in zip(bounds_at(left, points), bounds_at(right, points), strict=True):
        np.testing.assert_array_equal(here, there)


@given(samples, samples)
def test_the_same_edges_add_exactly(first: NDArray[np.float64], second: NDArray[np.float64]) -> None:
    edges = count_cells(np.sort(np.concatenate([first, second])), []).edges
    one, two = count_cells(first, edges), count_cells(second, edges)
    merged = merge_cells([one, two])

    assert merged.at_least.tolist() == (one.at_least + two.at_least).tolist()
    assert merged.at_most.tolist() == merged.at_least.tolist()
    np.testing.assert_array_equal(merged.sums, one.sums + two.sums)


@given(samples, shapes)
def test_an_edge_is_a_value_only_where_enough_rows_share_it(
    values: NDArray[np.float64], shape: tuple[int, int]
) -> None:
    assume(not (np.nextafter(values[:-1], np.inf) == values[1:]).any())  # no number lies between these
    found = sketched(values, shape)

    for edge in found.edges:
        assert np.count_nonzero(values == edge) in (0, *range(shape[1], values.size + 1))


def test_the_sum_of_few_rows_is_not_kept() -> None:
    values = np.sort(np.concatenate([np.zeros(100), [3.25], np.full(100, 7.0)]))
    found = cells_of(values, cells=4, min_rows=20)
    alone = np.flatnonzero(np.diff(found.at_least) == 1)

    assert alone.size == 1
    assert found.sums[alone[0]] == pytest.approx(3.5)  # the middle between 0 and 7, and not the value


def test_a_value_of_many_rows_has_a_cell_of_its_own() -> None:
    found = cells_of(drawn("zero-inflated", 10_000))
    at = int(np.flatnonzero(found.edges == 0.0)[0])

    assert found.single[at - 1]
    assert found.accuracy < 0.005


@pytest.mark.parametrize("kind", KINDS)
def test_the_accuracy_is_about_one_part_of_the_cells(kind: str) -> None:
    found = cells_of(drawn(kind, 100_000))

    assert found.accuracy <= 2.5 / 1024
    assert found.edges.size <= 2 * 1024 + 2


@pytest.mark.parametrize("kind", KINDS)
def test_merging_thirty_days_costs_about_one_part_of_the_cells_more(kind: str) -> None:
    days = [cells_of(drawn(kind, 30_000, seed)) for seed in range(30)]
    merged = merge_cells(days)

    assert merged.accuracy <= np.mean([day.accuracy for day in days]) + 2.5 / 1024
    assert merged.edges.size <= 2 * 1024 + 2


@pytest.mark.parametrize("kind", ["normal", "tied", "zero-inflated", "timestamps"])
@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_transport_distances_lie_between_their_ends(kind: str, shift: float) -> None:
    """The references are scipy's, over the rows."""
    before = drawn(kind, 50_000)
    after = np.sort(drawn(kind, 40_000, seed=1) + shift * before.std())
    reference = cells_of(before)
    current = count_cells(after, reference.edges)
    carried, energy = wasserstein_from_cells(reference, current), energy_from_cells(reference, current)

    slack = 1e-6 * before.std()
    assert carried.low - slack <= stats.wasserstein_distance(before, after) <= carried.high + slack
    assert energy.low * (1 - 1e-6) <= stats.energy_distance(before, after) <= energy.high * (1 + 1e-6)
    if shift:
        assert carried.low == pytest.approx(stats.wasserstein_distance(before, after), rel=0.01)


@pytest.mark.parametrize("merged", [False, True])
def test_the_standard_deviation_is_kept(merged: bool) -> None:
    """The references are numpy's, over the rows."""
    values = drawn("normal", 50_000)
    found = merge_cells([cells_of(values[day::7]) for day in range(7)]) if merged else cells_of(values)
    low, high = np.quantile(values, [0.005, 0.995])

    assert deviation_of(found) == pytest.approx(values.std(), rel=1e-4)
    assert deviation_of(found, tail=0.005) == pytest.approx(values.clip(low, high).std(), rel=0.01)
    assert np.isnan(deviation_of(cells_of(values[:19])))


def test_gaps_give_the_lower_ends() -> None:
    reference = cells_of(drawn("normal", 5000))
    current = count_cells(drawn("normal", 4000, seed=1), reference.edges)
    gaps = gaps_from_cells(reference, current)

    assert float(gaps.widths @ np.abs(gaps.apart)) == pytest.approx(wasserstein_from_cells(reference, current).low)
    assert (np.diff(gaps.pooled) >= 0).all()


def test_an_infinite_value_makes_transport_infinite() -> None:
    reference = cells_of(drawn("infinite", 1000))

    assert wasserstein_from_cells(reference, reference).low == np.inf
    assert energy_from_cells(reference, reference).low == np.inf


@pytest.mark.parametrize("kind", ["normal", "heavy-tailed", "timestamps"])
def test_quantile_edges_are_those_of_the_rows_within_the_accuracy(kind: str) -> None:
    values = drawn(kind, 50_000)
    found = cells_of(values)
    edges = quantile_edges_from_cells(found, 10)
    counts, slack = bin_counts(found, edges)

    assert edges.size == quantile_edges(values, 10).size
    assert counts / values.size == pytest.approx(np.full(10, 0.1), abs=found.accuracy)
    assert not slack.any()


def test_a_value_that_fills_several_bins_has_one_of_its_own() -> None:
    values = drawn("zero-inflated", 50_000)
    edges = quantile_edges_from_cells(cells_of(values), 10)

    assert np.nextafter(0.0, -1.0) in edges
    assert 0.0 in edges


@given(samples, samples)
@settings(max_examples=50)
def test_the_p_value_of_a_distance_is_the_tests(first: NDArray[np.float64], second: NDArray[np.float64]) -> None:
    result = two_sample_ks(first, second)

    assert ks_p_value(result.distance, first.size, second.size) == (result.p, result.method)
