"""Sketches of a sample of numbers: rows counted between edges, made, counted again and merged.

A sketch knows the distribution function within bounds: at an edge (exactly, unless it was merged), and between two
edges by its values at both. What two sketches say of each other is in :mod:`pytest_mlgate.stats.sketches`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_mlgate.stats.samples import Sample

_Floats: TypeAlias = NDArray[np.float64]
_Counts: TypeAlias = NDArray[np.int64]

CELLS = 1024
MIN_ROWS = 20


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cells:
    """Rows of one sample, counted between edges.

    Attributes
    ----------
    edges : ndarray of shape (k,)
        Finite and strictly increasing; every finite value lies in ``(edges[0], edges[-1]]``. ``k`` is 0 where no value
        is finite, else 2 or more.
    at_least, at_most : ndarray of shape (k,)
        Bounds of the rows at or below each edge; equal unless sketches with other edges were merged.
    sums : ndarray of shape (k - 1,)
        Sum of the values in each cell ``(edges[i], edges[i + 1]]``; NaN where they are not kept.
    below, above : int
        Rows that are minus and plus infinity.
    squares : float
        Sum of the squared deviations of the finite values from their mean; NaN where it is not kept.
    """

    edges: _Floats
    at_least: _Counts
    at_most: _Counts
    sums: _Floats
    below: int = 0
    above: int = 0
    squares: float = math.nan

    @property
    def rows(self) -> int:
        """Rows in all."""
        return (int(self.at_most[-1]) if self.edges.size else self.below) + self.above

    @property
    def single(self) -> NDArray[np.bool_]:
        """Whether a cell can hold only one value: its upper edge, the next number after the lower one."""
        return single_valued(self.edges)

    @property
    def accuracy(self) -> float:
        """The widest that the bounds of the distribution function stand apart, in [0, 1]; at edges and between."""
        if not self.edges.size:
            return 0.0
        inside = (self.at_most[1:] - self.at_least[:-1])[~self.single]
        return float(max((self.at_most - self.at_least).max(), inside.max(initial=0))) / self.rows


def cells_of(values: ArrayLike, *, cells: int = CELLS, min_rows: int = MIN_ROWS) -> Cells:
    """Sketch a sample of numbers.

    Cells hold equal shares of the rows, ``max(rows / cells, min_rows)`` each or a little more. A value shared by as
    many rows has a cell of its own. Other edges are short decimals between two neighbouring values, and the outermost
    ones lie outside, two significant digits of the range away at most: no edge is a value that fewer than ``min_rows``
    rows share. The sum of a cell with fewer rows is that of its middle, and fewer rows in all have no sum of squares.

    Parameters
    ----------
    values : array-like of shape (n,)
        Sorted, without NaN, at least one; infinite values are allowed.
    cells : int
        Cells to aim at; at most twice as many and one come of heavily tied values.
    min_rows : int
        Rows that must share what is kept.

    Returns
    -------
    Cells
        Exact at its edges.

    Examples
    --------
    >>> found = cells_of(np.repeat([0.0, 1.0, 2.0], 100))
    >>> found.at_least.tolist(), found.accuracy
    ([0, 100, 100, 200, 200, 300], 0.0)
    """
    sample = np.asarray(values, dtype=np.float64)
    finite = _finite(sample)
    if not finite.size:
        return count_cells(sample, np.empty(0))
    per = max(-(-finite.size // cells), min_rows)
    found = count_cells(sample, _edges(finite, per))
    rows = np.diff(found.at_least)
    few = rows < min_rows
    with np.errstate(over="ignore"):  # a sum beyond the largest number is infinite
        sums = np.where(few, rows * middles(found.edges), found.sums)
    return Cells(
        edges=found.edges,
        at_least=found.at_least,
        at_most=found.at_most,
        sums=sums,
        below=found.below,
        above=found.above,
        squares=found.squares if finite.size >= min_rows else math.nan,
    )


def count_cells(values: ArrayLike | Sample, edges: ArrayLike, *, with_sums: bool = True) -> Cells:
    """Count values between edges; where values lie outside, an edge that is theirs is added.

    Parameters
    ----------
    values : array-like of shape (n,), or Sample
        An array is sorted, without NaN.
    edges : array-like of shape (k,)
        Strictly increasing, as another sketch has them.
    with_sums : bool
        Whether sums, and the sum of squares, are wanted; they are NaN without, and a sample need not be sorted.

    Examples
    --------
    >>> count_cells([1.0, 2.0, 4.0], [0.0, 3.0]).at_least.tolist()
    [0, 2, 3]
    """
    if isinstance(values, Sample):
        if not with_sums:
            return _counted_alone(values, np.asarray(edges, dtype=np.float64))
        values = values.sorted
    sample, points = np.asarray(values, dtype=np.float64), np.asarray(edges, dtype=np.float64)
    finite = _finite(sample)
    below = int(np.searchsorted(sample, -np.inf, side="right"))
    if finite.size:
        points = _around(points, float(finite[0]), float(finite[-1]))
    at = np.searchsorted(finite, points, side="right")
    sums = np.zeros(max(points.size - 1, 0))
    filled = np.flatnonzero(np.diff(at))
    counts = at + below
    above = sample.size - below - finite.size
    with np.errstate(over="ignore", invalid="ignore"):
        if filled.size:
            sums[filled] = np.add.reduceat(finite, at[filled])
        squares = float(np.sum((finite - finite.mean()) ** 2)) if finite.size else math.nan
    return Cells(edges=points, at_least=counts, at_most=counts, sums=sums, below=below, above=above, squares=squares)


def _counted_alone(sample: Sample, points: _Floats) -> Cells:
    below, above = sample.infinite
    if below + above < sample.size:
        low, high = sample.ends
        if below or above:
            low, high = sample.at_ranks([below, sample.size - 1 - above]).tolist()
        points = _around(points, low, high)
    counts = sample.at_or_below(points)
    sums = np.full(max(points.size - 1, 0), np.nan)
    return Cells(edges=points, at_least=counts, at_most=counts, sums=sums, below=below, above=above)


def _around(points: _Floats, low: float, high: float) -> _Floats:
    """Return edges with one before ``low`` and one not before ``high``."""
    outside = [] if points.size and points[0] < low else [before(low)]
    outside += [] if points.size and points[-1] >= high else [high]
    return np.union1d(points, outside)


def merge_cells(parts: Sequence[Cells], *, cells: int = CELLS) -> Cells:
    """Return the sketch of all parts' rows together.

    On the union of the edges counts and bounds add; at an edge that is not its own, a part says what its two nearest
    edges do. Where that makes more edges than any part has, some are left out again, evenly: so the accuracy is at
    worst the weighted mean of the parts' accuracies, and about ``1 / cells`` more. Parts are added in an order of their
    own, so that the result does not depend on the order in which they are given.

    Parameters
    ----------
    parts : sequence of Cells
        At least one.
    cells : int
        Cells to aim at.
    """
    if len(parts) == 1:
        return parts[0]
    parts = sorted(parts, key=_order)
    edges = np.unique(np.concatenate([part.edges for part in parts]))
    at_least, at_most = (
        np.sum(found, axis=0) for found in zip(*(bounds_at(part, edges) for part in parts), strict=True)
    )
    sums = np.sum([sums_between(part, edges) for part in parts], axis=0)
    below, above = sum(part.below for part in parts), sum(part.above for part in parts)
    merged = Cells(
        edges=edges,
        at_least=at_least,
        at_most=at_most,
        sums=sums,
        below=below,
        above=above,
        squares=_squares([part for part in parts if part.rows > part.below + part.above]),
    )
    return merged if edges.size <= max(part.edges.size for part in parts) else _compress(merged, cells)


def bounds_at(sketch: Cells, points: ArrayLike) -> tuple[_Counts, _Counts]:
    """Return how many rows are at or below each point, at least and at most.

    Parameters
    ----------
    sketch : Cells
    points : array-like of shape (n_points,)
        Finite.
    """
    at = np.asarray(points, dtype=np.float64)
    k, finite = sketch.edges.size, sketch.rows - sketch.above
    least = np.concatenate([[sketch.below], sketch.at_least])  # from the edge at or below the point
    most = np.concatenate([sketch.at_most, [finite]])  # from the edge at or above it
    if not k:
        return np.full(at.shape, sketch.below), np.full(at.shape, sketch.below)
    low = least[np.searchsorted(sketch.edges, at, side="right")]
    high = np.where(at < sketch.edges[0], sketch.below, most[np.searchsorted(sketch.edges, at, side="left")])
    return low, high


def sums_between(sketch: Cells, points: _Floats) -> _Floats:
    """Return the sum of the values between neighbouring points, which hold all edges: exact where they are no more."""
    if np.array_equal(points, sketch.edges):
        return sketch.sums
    low, high = bounds_at(sketch, points)
    rows = np.diff(low + high) / 2
    sums = rows * middles(points)
    own = np.searchsorted(sketch.edges, points[1:], side="left") - 1
    inside = (own >= 0) & (own < sketch.sums.size)
    cell = own[inside]
    # What the middles leave over of a cell's own sum goes to its parts by their rows.
    left = sketch.sums - np.bincount(cell, sums[inside], sketch.sums.size)
    total = np.bincount(cell, rows[inside], sketch.sums.size)
    each = np.divide(left, total, out=np.zeros_like(left), where=total > 0)
    sums[inside] += rows[inside] * each[cell]
    return np.asarray(sums, dtype=np.float64)


def middles(edges: _Floats) -> _Floats:
    """Return the middle of each cell between neighbouring edges."""
    return edges[:-1] / 2 + edges[1:] / 2


def single_valued(edges: _Floats) -> NDArray[np.bool_]:
    """Return for each cell between neighbouring edges whether only its upper edge lies in it."""
    return np.asarray(np.nextafter(edges[:-1], np.inf) == edges[1:])


def _finite(sample: _Floats) -> _Floats:
    return sample[np.searchsorted(sample, -np.inf, side="right") : np.searchsorted(sample, np.inf, side="left")]


def before(value: float) -> float:
    """Return the number before a finite one, of 64 bits; the lowest finite one has none, and is its own."""
    with np.errstate(over="ignore"):
        return float(max(np.nextafter(value, -np.inf), -np.finfo(np.float64).max))


def _edges(values: _Floats, per: int) -> _Floats:
    """Return edges of cells with ``per`` rows or more, single values of as many rows apart."""
    borders = np.concatenate([[0], np.flatnonzero(values[1:] != values[:-1]) + 1, [values.size]])
    runs = np.diff(borders)
    kept = _even(borders.astype(np.float64), runs >= per, per)
    heavy = np.concatenate([[False], runs >= per, [False]])  # of the run before each border, and after it
    after_heavy, before_heavy = heavy[kept], heavy[kept + 1]
    inner = kept[~after_heavy & ~before_heavy & (kept > 0) & (kept < runs.size)]
    ties = values[borders[kept[after_heavy]] - 1]
    ends = _outward(values[0], values[-1])
    found = [
        ties,
        [before(tie) for tie in ties],
        _between(values[borders[inner] - 1], values[borders[inner]]),
        [] if heavy[1] else [ends[0]],
        [] if heavy[-2] else [ends[1]],
    ]
    return np.unique(np.concatenate([np.asarray(part, dtype=np.float64) for part in found]))


def _even(cumulative: _Floats, heavy: NDArray[np.bool_], per: int) -> NDArray[np.intp]:
    """Return which borders to keep: those of heavy cells, and between them as even ones as there are."""
    last = cumulative.size - 1
    apart = np.flatnonzero(heavy)
    stops = np.unique(np.concatenate([[0], apart, apart + 1, [last]]))
    kept = [stops]
    for start, stop in itertools.pairwise(stops):
        rows = cumulative[stop] - cumulative[start]
        parts = int(rows // per)
        if parts > 1 and stop - start > 1:
            targets = cumulative[start] + rows * np.arange(1, parts) / parts
            kept.append(np.clip(np.searchsorted(cumulative, targets, side="left"), start, stop))
    return np.unique(np.concatenate(kept)).astype(np.intp)


def _between(lower: _Floats, upper: _Floats) -> _Floats:
    """Return a number of few digits strictly between each two; none where no other number lies between."""
    middle = lower / 2 + upper / 2
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        digits = np.floor(np.log10(upper / 4 - lower / 4))  # a multiple of 10^digits lies within a quarter of the gap
        scale = 10.0 ** np.clip(-digits, -300, 300)
        short = np.round(middle * scale) / scale
    found = np.where((lower < short) & (short < upper), short, middle)
    return found[(lower < found) & (found < upper)]


def _outward(lowest: float, highest: float) -> tuple[float, float]:
    """Return a number below and one above, on a grid of two significant digits of the range."""
    size = highest / 2 - lowest / 2 or max(abs(highest), 1e-300) / 2
    step = 10.0 ** max(np.floor(np.log10(size) + np.log10(2)) - 1, -300)
    largest = np.finfo(np.float64).max
    with np.errstate(over="ignore"):
        low, high = (np.ceil(lowest / step) - 1) * step, (np.floor(highest / step) + 1) * step
        if not (np.isfinite(low) and low < lowest):
            low = np.nextafter(lowest, -np.inf)
        if not (np.isfinite(high) and high > highest):
            high = np.nextafter(highest, np.inf)
    return float(np.clip(low, -largest, largest)), float(np.clip(high, -largest, largest))


def _order(part: Cells) -> tuple[object, ...]:
    arrays = (part.edges, part.at_least, part.at_most, part.sums)
    return part.rows, *(array.tolist() for array in arrays), str(part.squares)


def _squares(parts: Sequence[Cells]) -> float:
    """Return the sum of squared deviations of all parts: their own, and those of their means from the mean of all."""
    rows = [part.rows - part.below - part.above for part in parts]
    means = [float(part.sums.sum()) / count for part, count in zip(parts, rows, strict=True)]
    mean = sum(each * count for each, count in zip(means, rows, strict=True)) / max(sum(rows), 1)
    between = sum(count * (each - mean) * (each - mean) for each, count in zip(means, rows, strict=True))
    return sum(part.squares for part in parts) + between if parts else math.nan


def _compress(sketch: Cells, cells: int) -> Cells:
    cumulative = (sketch.at_least + sketch.at_most) / 2
    per = max(int(-(-(cumulative[-1] - cumulative[0]) // cells)), 1)
    heavy = sketch.single & (np.diff(sketch.at_least) >= per)
    kept = _even(cumulative, heavy, per)
    return Cells(
        edges=sketch.edges[kept],
        at_least=sketch.at_least[kept],
        at_most=sketch.at_most[kept],
        sums=np.add.reduceat(sketch.sums, kept[:-1]),
        below=sketch.below,
        above=sketch.above,
        squares=sketch.squares,
    )
