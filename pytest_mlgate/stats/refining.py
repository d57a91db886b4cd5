"""Edges of cells with even shares of rows, found by counting alone: no row is ever looked at."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_mlgate.stats.cells import before, single_valued

_Floats: TypeAlias = NDArray[np.float64]
_Counts: TypeAlias = NDArray[np.int64]

_PASSES = 4


def even_edges(count: Callable[[_Floats], _Counts], *, low: float, high: float, finite: int, cells: int) -> _Floats:
    """Return edges between which about ``finite / cells`` rows lie, and at most twice as many where that can be had.

    Cells with more are cut again, evenly on the line and evenly among the numbers of 64 bits (which is finer towards
    zero), and counted again, four times at most. A value of many rows gets a cell of its own where it is an end or the
    shortest decimal of its cell, as repeated values are.

    Parameters
    ----------
    count : callable
        ``count(edges)``: rows at or below each edge, infinite ones among them.
    low, high : float
        The smallest and the largest finite value.
    finite : int
        Rows with a finite value, at least one.
    cells : int
        Cells to aim at.

    Returns
    -------
    ndarray of shape (k,)
        Strictly increasing, from below ``low`` to ``high``.

    Examples
    --------
    >>> sample = np.sort(np.random.default_rng(0).pareto(0.5, 10_000))
    >>> edges = even_edges(
    ...     lambda at: sample.searchsorted(at, side="right"),
    ...     low=sample[0], high=sample[-1], finite=sample.size, cells=50,
    ... )
    >>> int(np.diff(sample.searchsorted(edges, side="right")).max()) <= 400
    True
    """
    edges = np.unique([before(low), low, before(high), high])
    at = count(edges)
    share = max(finite / cells, 1.0)
    for _ in range(_PASSES):
        rows = np.diff(at)
        heavy = np.flatnonzero((rows > 2 * share) & ~single_valued(edges))
        if not heavy.size:
            break
        found = [_cuts(edges[i], edges[i + 1], int(np.ceil(rows[i] / share))) for i in heavy]
        new = np.setdiff1d(np.concatenate(found), edges)
        if not new.size:
            break
        merged = np.concatenate([edges, new])
        order = np.argsort(merged)
        edges, at = merged[order], np.concatenate([at, count(new)])[order]
    return _thinned(edges, at, share)


def _cuts(lower: float, upper: float, parts: int) -> _Floats:
    """Return numbers between two that cut the line, and the numbers of 64 bits, into even parts."""
    with np.errstate(over="ignore"):
        shares = np.arange(1, parts) / parts
        even = lower * (1 - shares) + upper * shares
    ends = _rank(np.array([lower, upper]))
    step = max((int(ends[1]) - int(ends[0])) // parts, 1)
    ranks = np.array([int(ends[0]) + step * i for i in range(1, parts) if int(ends[0]) + step * i < int(ends[1])])
    short = shortest_decimal(lower, upper)
    found = np.concatenate([even, _number(ranks.astype(np.int64)), [short, before(short)]])
    return np.unique(found[(lower < found) & (found < upper)])


def shortest_decimal(lower: float, upper: float) -> float:
    """Return the number of fewest digits in ``(lower, upper]``.

    Examples
    --------
    >>> shortest_decimal(0.9993, 1.013), shortest_decimal(-0.2, 3.0), shortest_decimal(2.7181, 2.7183)
    (1.0, 0.0, 2.7183)
    """
    if lower < 0 <= upper:
        return 0.0
    low, high = Decimal(lower), Decimal(upper)
    for place in range(high.adjusted() + 1 if lower >= 0 else low.adjusted() + 1, -330, -1):
        step = Decimal(1).scaleb(place)
        multiple = (high / step).to_integral_value(rounding=ROUND_FLOOR) * step
        if multiple > low and lower < float(multiple) <= upper:
            return float(multiple)
    return upper


def _rank(numbers: _Floats) -> NDArray[np.int64]:
    """Return the place of each number among all of 64 bits, 0 for zero."""
    bits = (numbers + 0.0).view(np.int64)
    return np.where(bits < 0, -(bits & np.int64(2**63 - 1)), bits)


def _number(ranks: NDArray[np.int64]) -> _Floats:
    return np.where(ranks < 0, -np.abs(ranks).view(np.float64), np.abs(ranks).view(np.float64))


def _thinned(edges: _Floats, at: _Counts, share: float) -> _Floats:
    """Leave out edges between which fewer rows than a share lie, as long as no cell grows beyond one by it."""
    kept = [0]
    for i in range(1, edges.size - 1):
        if at[i + 1] - at[kept[-1]] > share:
            kept.append(i)
    return edges[[*kept, edges.size - 1]] if edges.size > 1 else edges
