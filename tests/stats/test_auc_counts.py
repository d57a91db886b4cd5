"""Areas of rows that are counted in cells: the interval of the rows themselves always lies inside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_mlgate.stats.auc import auc_interval, delong, delong_interval
from pytest_mlgate.stats.auc_counts import (
    CountedDeLong,
    cell_codes,
    counted_auc_interval,
    counted_delong,
    counted_delong_interval,
    score_cells,
    shares_above,
)
from pytest_mlgate.stats.cells import single_valued
from pytest_mlgate.stats.estimate import Estimate
from pytest_mlgate.stats.moments import moments_of


def counted(truth: np.ndarray, scores: list[np.ndarray], cells: int, *, parts: int = 3) -> CountedDeLong:
    """Areas by cells whose edges come from a sample of the rows, the rows in parts."""
    found = {}
    edges = [score_cells(score[::2], cells=cells) for score in scores]
    codes = [cell_codes(score, own) for score, own in zip(scores, edges, strict=True)]
    for positive in (True, False):
        middle, bound = [], []
        for code, own in zip(codes, edges, strict=True):
            single = np.concatenate([[False], single_valued(own), [False]])
            others = np.bincount(code[truth != positive], minlength=len(own) + 1)
            shares = shares_above(others, single, positive=positive)
            middle.append(shares.middle[code][truth == positive])
            bound.append(shares.bound[code][truth == positive])
        rows = np.column_stack([*middle, *bound])
        total = moments_of(rows[:0])
        for part in np.array_split(rows, parts):
            total += moments_of(part)
        found[positive] = total
    return counted_delong(found[True], found[False], identical=bool(np.array_equal(*scores)))


def rows(seed: int, *, n: int, shift: float, noise: float, digits: int) -> tuple[np.ndarray, list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < rng.uniform(0.05, 0.6)
    truth[:4] = [True, True, False, False]
    common = shift * truth + rng.normal(size=n)
    return truth, [np.round(common + noise * rng.normal(size=n), digits) for _ in range(2)]


def told(limits: Callable[..., Estimate], areas: CountedDeLong, level: float) -> Estimate:
    """The interval; what cells as coarse as these cannot tell from an area of 1 is another example."""
    found = None
    with contextlib.suppress(ValueError):
        found = limits(areas, level=level)
    assume(found is not None)
    assert found is not None
    return found


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(60, 900),
    shift=st.sampled_from([0.0, 1.0, 2.5, 4.0]),
    noise=st.sampled_from([0.0, 0.1, 1.0]),
    digits=st.sampled_from([0, 1, 12]),
    cells=st.sampled_from([8, 64, 512]),
)
def test_what_the_rows_give_always_lies_within(
    seed: int, n: int, shift: float, noise: float, digits: int, cells: int
) -> None:
    truth, scores = rows(seed, n=n, shift=shift, noise=noise, digits=digits)
    exact, found = delong(truth, *scores), counted(truth, scores, cells)

    assert (np.abs(exact.auc - found.auc) <= found.auc_bound + 1e-12).all()
    for weights in ((1.0, -1.0), (1.0, 0.0), (0.0, 1.0)):
        least, most = found.error(weights)
        error = np.sqrt(max(np.array(weights) @ exact.covariance @ weights, 0.0))
        assert least - 1e-9 <= error <= most + 1e-9
    outer = [told(counted_delong_interval, found, level) for level in (0.9, 0.99)]
    inner = [delong_interval(truth, *scores, level=level) for level in (0.9, 0.99)]
    for wide, narrow in zip(outer, inner, strict=True):
        assert wide.low <= narrow.low + 1e-9
        assert narrow.high <= wide.high + 1e-9
        bound = wide.high + 0.01
        assert wide.p_below(bound) >= narrow.p_below(bound) - 1e-9


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.sampled_from([0.0, 1.0, 3.0]), cells=st.sampled_from([32, 512]))
def test_the_limits_of_one_area_lie_within(seed: int, shift: float, cells: int) -> None:
    truth, scores = rows(seed, n=600, shift=shift, noise=0.3, digits=12)
    found = told(counted_auc_interval, counted(truth, scores, cells), 0.9)
    exact = auc_interval(truth, scores[0])

    assert found.low <= exact.low + 1e-9
    assert exact.high <= found.high + 1e-9


def test_the_bounds_shrink_with_the_cells_to_nothing() -> None:
    truth, scores = rows(1, n=4000, shift=1.0, noise=0.5, digits=12)
    exact = delong_interval(truth, *scores)
    bounds, widths = [], []
    for cells in (16, 64, 256, 1024):
        found = counted(truth, scores, cells)
        interval = counted_delong_interval(found)
        bounds.append(found.difference_bound)
        widths.append((interval.high - interval.low) - (exact.high - exact.low))

    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] < 0.002 < bounds[0]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] > 0


def test_cells_of_single_values_hide_nothing() -> None:
    truth, scores = rows(2, n=3000, shift=1.0, noise=1.0, digits=1)
    found, exact = counted(truth, scores, 1024), delong(truth, *scores)
    every = counted_delong_interval(found)
    plain = delong_interval(truth, *scores)

    assert found.auc == pytest.approx(exact.auc, abs=1e-3)
    assert found.difference_bound < 1e-3  # the few values that the sample has not seen
    assert (every.low, every.high) == pytest.approx((plain.low, plain.high), abs=2e-3)


def test_the_same_scores_differ_by_nothing() -> None:
    truth, (score, _) = rows(3, n=500, shift=1.0, noise=0.1, digits=12)
    found, exact = counted_delong_interval(counted(truth, [score, score], 16)), delong_interval(truth, score, score)

    assert (found.estimate, found.low, found.high) == (exact.estimate, exact.low, exact.high)


def test_cells_that_do_not_tell_an_area_from_one_say_so() -> None:
    truth = np.arange(200) >= 100
    scores = [np.where(truth, 1.0, 0.0) + np.linspace(0, 0.5, 200) for _ in range(2)]
    scores[1] = scores[1] + np.where(np.arange(200) == 99, 0.6, 0.0)

    with pytest.raises(ValueError, match="do not tell an area from 0 or 1"):
        counted_auc_interval(counted(truth, scores, 3))
