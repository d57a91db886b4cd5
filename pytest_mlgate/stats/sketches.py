"""What two sketches say of their samples' distance, within bounds that are certain to hold the rows' own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_mlgate.stats.bridges import Gaps
from pytest_mlgate.stats.cells import Cells, bounds_at, middles, single_valued, sums_between

_Floats: TypeAlias = NDArray[np.float64]
_Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """A statistic of two sketches: its value as far as the edges show it, and the ends between which it lies."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class KSBounds:
    """The Kolmogorov-Smirnov distance of two sketches.

    Attributes
    ----------
    value : float
        The largest distance at an edge.
    low, high : float
        The distance between the rows lies in ``[low, high]``, for certain.
    location : float
        The edge at which ``value`` is reached.
    sign : int
        +1 where the reference's function lies above there (the current values are the larger ones), -1 where below.
    """

    value: float
    low: float
    high: float
    location: float
    sign: int


def ks_from_cells(reference: Cells, current: Cells) -> KSBounds:
    """Return the Kolmogorov-Smirnov distance of two sketches, within certain bounds.

    At an edge both functions are known within their bounds. At a point t between the edges a < b,
    ``F(a) <= F(t) <= F(b)`` and ``G(a) <= G(t) <= G(b)``, so ``|F(t) - G(t)|`` is at most
    ``max(F(b) - G(a), G(b) - F(a))``: at most the distance at an edge plus the smaller of the two shares in the cell.

    Parameters
    ----------
    reference, current : Cells
        At least one row each. Rows are sketched with :func:`count_cells` at the other's edges.

    Examples
    --------
    >>> from pytest_mlgate.stats.cells import cells_of, count_cells
    >>> first = cells_of(np.arange(1000.0))
    >>> found = ks_from_cells(first, count_cells(np.arange(1000.0) + 505, first.edges))
    >>> found.low, found.high, found.sign
    (0.505, 0.525, 1)
    """
    n, m = reference.rows, current.rows
    edges = np.union1d(reference.edges, current.edges)
    points = np.concatenate([[-np.inf], edges])
    (f_low, f_high), (g_low, g_high) = (
        (low / side.rows, high / side.rows)
        for side in (reference, current)
        for low, high in (_bounds_with_infinity(side, edges),)
    )
    gaps = (f_low + f_high - g_low - g_high) / 2
    at = int(np.argmax(np.abs(gaps)))
    low = float(max(np.maximum(f_low - g_high, g_low - f_high).max(), 0.0))
    high = float(np.maximum(f_high - g_low, g_high - f_low).max())
    inside = np.maximum(f_high[2:] - g_low[1:-1], g_high[2:] - f_low[1:-1])[~single_valued(edges)]
    high = min(max(high, float(inside.max(initial=0.0))), 1.0)
    value = float(abs(gaps[at]))
    steps = n * m  # the last digits of a difference of two shares are not theirs
    value, low, high = (round(found * steps) / steps if steps < 2**52 else found for found in (value, low, high))
    location = float(points[at]) if np.isfinite(points[at]) or not edges.size else float(edges[0])
    return KSBounds(value=value, low=low, high=max(high, low), location=location, sign=-1 if gaps[at] < 0 else 1)


def undecided_cells(reference: Cells, current: Cells) -> list[tuple[float, float]]:
    """Return the intervals ``(a, b]`` in which the Kolmogorov-Smirnov distance may exceed its lower end.

    Parameters
    ----------
    reference, current : Cells
        As :func:`ks_from_cells` takes them.

    Returns
    -------
    list of tuple of float
        In order, apart from each other; empty where the distance is known exactly.
    """
    edges = np.union1d(reference.edges, current.edges)
    low = ks_from_cells(reference, current).low
    (f_low, f_high), (g_low, g_high) = (
        (least / side.rows, most / side.rows)
        for side in (reference, current)
        for least, most in (bounds_at(side, edges),)
    )
    most = np.maximum(f_high[1:] - g_low[:-1], g_high[1:] - f_low[:-1])
    found: list[tuple[float, float]] = []
    for at in np.flatnonzero((most > low) & ~single_valued(edges)):
        start, stop = float(edges[at]), float(edges[at + 1])
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, stop))
    return found


def wasserstein_from_cells(reference: Cells, current: Cells) -> Bounds:
    """Return the Wasserstein distance of order 1, the area between the two distribution functions.

    Over a cell ``(a, b]`` the integral of F is ``b F(b) - a F(a)`` minus the sum of its values over the rows, so the
    integral I of ``F - G`` is known; ``|I|`` is what the cell adds at least. At most it adds what a difference
    adds that jumps between its extremes ``F(a) - G(b)`` and ``F(b) - G(a)`` would, with the same integral.

    Parameters
    ----------
    reference, current : Cells
        Without infinite values (they make it infinite). Of merged sketches, and of two with edges of their own, the
        sums between are interpolated, and the ends are estimates.
    """
    if reference.below or reference.above or current.below or current.above:
        return Bounds(value=np.inf, low=np.inf, high=np.inf)
    width, mean, low, high, share = _differences(reference, current)
    most = width * (share * np.abs(high) + (1 - share) * np.abs(low))
    ends = float(np.sum(width * np.abs(mean))), float(np.sum(most))
    return Bounds(value=ends[0], low=ends[0], high=max(ends))


def energy_from_cells(reference: Cells, current: Cells) -> Bounds:
    """Return the energy distance, the root of twice the integral of ``(F - G)^2``.

    In each cell that integral is least for a constant difference, and largest for one that jumps between its extremes.

    Parameters
    ----------
    reference, current : Cells
        As :func:`wasserstein_from_cells` takes them.

    References
    ----------
    M. L. Rizzo and G. J. Székely, "Energy distance", WIREs Computational Statistics 8(1), 2016, 27-38.
    """
    if reference.below or reference.above or current.below or current.above:
        return Bounds(value=np.inf, low=np.inf, high=np.inf)
    width, mean, low, high, share = _differences(reference, current)
    least = float(np.sqrt(2 * np.sum(width * mean**2)))
    most = float(np.sqrt(2 * np.sum(width * (share * high**2 + (1 - share) * low**2))))
    return Bounds(value=least, low=least, high=max(least, most))


def gaps_from_cells(reference: Cells, current: Cells) -> Gaps:
    """Return two sketches as gaps, over each of which both distribution functions have their mean.

    What is computed of them, a Wasserstein or energy distance, is the lower end of its bounds.

    Parameters
    ----------
    reference, current : Cells
        As :func:`wasserstein_from_cells` takes them.
    """
    width, mean, _, _, _ = _differences(reference, current)
    edges = np.union1d(reference.edges, current.edges)
    n, m = reference.rows, current.rows
    bounds = [bounds_at(side, edges) for side in (reference, current)]
    pooled = np.sum([low + high for low, high in bounds], axis=0) / (2 * (n + m))
    return Gaps(widths=width, pooled=(pooled[1:] + pooled[:-1]) / 2, apart=mean, n=n, m=m)


def deviation_of(sketch: Cells, *, tail: float = 0.0) -> float:
    """Return the standard deviation of the finite values.

    Parameters
    ----------
    sketch : Cells
    tail : float
        Share of the rows at either end that is drawn in to the cell it ends in; with it, values count as their cell's
        mean. 0: all values, exact but for rounding; NaN where the sum of squares is not kept.
    """
    rows = sketch.rows - sketch.below - sketch.above
    if not tail:
        return math.sqrt(sketch.squares / rows) if rows else math.nan
    cumulative = (sketch.at_least + sketch.at_most) / 2
    counts = np.diff(cumulative)
    means = np.divide(sketch.sums, counts, out=middles(sketch.edges), where=counts > 0)
    ends = np.searchsorted(cumulative - sketch.below, [tail * rows, (1 - tail) * rows], side="left") - 1
    low, high = means[np.clip(ends, 0, means.size - 1)]
    drawn = np.clip(means, low, high)
    center = np.average(drawn, weights=counts)
    return float(np.sqrt(np.average((drawn - center) ** 2, weights=counts)))


def quantile_edges_from_cells(reference: Cells, bins: int) -> _Floats:
    """Return those of a sketch's edges that lie nearest its quantiles, as inner edges of bins of equal shares.

    Parameters
    ----------
    reference : Cells
    bins : int
        At least 2; there are fewer where values are tied. A value that fills more than one bin has one of its own.

    Returns
    -------
    ndarray of shape (at most 2 * (bins - 1),)
        Strictly increasing.
    """
    if not reference.edges.size:
        return np.empty(0)
    ranks = np.arange(1, bins) * reference.rows / bins
    cumulative = (reference.at_least + reference.at_most) / 2
    upper = np.clip(np.searchsorted(cumulative, ranks, side="left"), 1, cumulative.size - 1)
    tied = np.concatenate([[False], reference.single])[upper]
    nearer_below = ranks - cumulative[upper - 1] < cumulative[upper] - ranks
    chosen = np.where(nearer_below & ~tied, upper - 1, upper)
    filled, times = np.unique(chosen[tied], return_counts=True)
    found: _Floats = reference.edges[np.union1d(chosen, filled[times > 1] - 1)]
    return found


def bin_counts(sketch: Cells, edges: ArrayLike) -> tuple[_Floats, _Floats]:
    """Return the rows in each bin ``(e_i, e_i+1]``, open at both ends, and by how much each count may be off.

    Parameters
    ----------
    sketch : Cells
    edges : array-like of shape (k,)
        Inner edges; exact where they are the sketch's own.
    """
    low, high = bounds_at(sketch, edges)
    middle = np.concatenate([[0.0], (low + high) / 2, [float(sketch.rows)]])
    slack = np.concatenate([[0.0], (high - low) / 2, [0.0]])
    return np.diff(middle), slack[1:] + slack[:-1]


def _bounds_with_infinity(side: Cells, edges: _Floats) -> tuple[_Counts, _Counts]:
    """Return the bounds at minus infinity and at each edge."""
    low, high = bounds_at(side, edges)
    return np.concatenate([[side.below], low]), np.concatenate([[side.below], high])


def _differences(reference: Cells, current: Cells) -> tuple[_Floats, _Floats, _Floats, _Floats, _Floats]:
    """Return of each cell its width, the mean of F - G, its least and largest value, and the share at the largest."""
    edges = np.union1d(reference.edges, current.edges)
    width = np.diff(edges)
    integrals, bounds = [], []
    for side in (reference, current):
        low, high = bounds_at(side, edges)
        at = (low + high) / (2 * side.rows)
        # From the cell's middle: far from zero, b F(b) - a F(a) loses the digits that matter.
        middle = middles(edges)
        inside = sums_between(side, edges) / side.rows
        deviation = inside - middle * np.diff(at)
        integrals.append(width * (at[1:] + at[:-1]) / 2 - deviation)
        bounds.append((low[:-1] / side.rows, high[1:] / side.rows))
    (f_low, f_high), (g_low, g_high) = bounds
    lowest, highest = f_low - g_high, f_high - g_low
    mean = np.clip(np.divide(integrals[0] - integrals[1], width), lowest, highest)
    spread = highest - lowest
    share = np.divide(mean - lowest, spread, out=np.zeros_like(spread), where=spread > 0)
    return width, mean, lowest, highest, share
