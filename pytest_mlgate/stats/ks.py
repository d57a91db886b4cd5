"""The two-sample Kolmogorov-Smirnov test: how far two distributions lie apart, and whether chance explains it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.kolmogorov import kolmogorov_sf
from pytest_mlgate.stats.samples import Sample, find_single_values, share_a_grid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from pytest_mlgate.stats.samples import Counted

# Above these sizes the exact p-value costs more than it tells: the limit law is then within a few percent of it.
_EXACT_ROWS = 10_000  # of each of two samples of the same size, where a closed form exists
_EXACT_PRODUCT = 10_000  # n * m of two samples of different sizes, where paths are counted

# Above so many rows the largest gap is first looked for at every 256th value.
_COARSE_ROWS = 10_000
_STEP = 256

# A cell in which the gap may be largest is looked into; where more than this share of all rows lies in such cells, they
# are first told apart from cells of one value, and if that leaves as many, all rows are sorted.
_TOO_MANY = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoSampleKS:
    """The largest distance between two empirical distribution functions.

    Attributes
    ----------
    distance : float
        D = max |F_reference - F_current|, in [0, 1].
    location : float
        The smallest value at which the distance is reached.
    sign : int
        +1 where the reference lies above at ``location`` (the current values are the larger ones), -1 where below.
    p : float
        Two-sided p-value; with ties it is an upper bound.
    method : {'exact', 'asymptotic'}
        How ``p`` was computed.
    """

    distance: float
    location: float
    sign: int
    p: float
    method: str


def two_sample_ks(reference: ArrayLike | Sample, current: ArrayLike | Sample) -> TwoSampleKS:
    """Compare two samples of numbers.

    The distance is exact, also with ties, and depends on the order of the values only: neither a monotone transform
    of both samples nor the size of an outlier changes it.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,), or Sample
        Numbers, at least one each; infinite values are allowed and stand at the ends. Large samples are not sorted:
        they are counted in cells, and only cells in which the distance may be reached are looked into.

    Returns
    -------
    TwoSampleKS
        Exact p-value for ``n == m <= 10000`` and for ``n * m <= 10000``; else from Smirnov's limit, evaluated as the
        one-sample distribution at ``round(n * m / (n + m))`` rows, as SciPy does.

    Raises
    ------
    ValueError
        Where a sample is empty, not one-dimensional, or holds NaN.

    References
    ----------
    J. L. Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3(5), 1958,
    469-486.

    Examples
    --------
    >>> result = two_sample_ks([1, 2, 3, 4], [3, 4, 5, 6])
    >>> result.distance, result.location, result.sign, round(result.p, 6)
    (0.5, 2.0, 1, 0.771429)
    """
    first, second = _sample(reference, "reference"), _sample(current, "current")
    n, m = first.size, second.size
    if first.is_sorted and second.is_sorted:
        values, gaps = _gaps_of_sorted(first.sorted, second.sorted)
    else:
        values, gaps = _gaps_of_counted(first, second)
    below = -gaps.min() > gaps.max()
    largest = gaps.min() if below else gaps.max()
    location = float(values[gaps == largest].min())
    steps = round(abs(float(largest)) * math.lcm(n, m))  # the distance is a whole number of steps of 1 / lcm(n, m)
    distance = steps / math.lcm(n, m)
    p, method = _p_value(distance, steps, n, m)
    return TwoSampleKS(distance=distance, location=location, sign=-1 if below else 1, p=p, method=method)


def detectable_ks(n: int, m: int, *, alpha: float, tests: int = 1) -> float:
    """Return the smallest distance that is sure to be significant.

    ``sqrt(-ln(alpha / (2 * tests)) / 2) * sqrt(1/n + 1/m)``: the first term of Smirnov's series, inverted, at the
    level that is left to each of ``tests`` tests.

    Parameters
    ----------
    n, m : int
        Rows of the two samples, at least 1.
    alpha : float
        Level of the whole family, in (0, 1).
    tests : int
        Size of the family.

    Returns
    -------
    float
        A distance; above 1 where no distance at all would do.

    References
    ----------
    N. Smirnov, "Table for estimating the goodness of fit of empirical distributions", Annals of Mathematical
    Statistics 19(2), 1948, 279-281.

    Examples
    --------
    >>> round(detectable_ks(760, 760, alpha=0.05, tests=50), 4)
    0.1
    """
    return math.sqrt(-math.log(alpha / (2 * tests)) / 2) * math.sqrt(1 / n + 1 / m)


def expected_ks(n: int, m: int) -> float:
    """Return the mean distance without drift by Smirnov's limit, ``sqrt(pi/2) * ln 2 * sqrt(1/n + 1/m)``.

    Examples
    --------
    >>> round(expected_ks(1000, 1000), 4)
    0.0389
    """
    return math.sqrt(math.pi / 2) * math.log(2) * math.sqrt(1 / n + 1 / m)


def rows_needed_ks(distance: float, *, alpha: float, tests: int = 1) -> int:
    """Return the rows that each side needs for :func:`detectable_ks` to reach ``distance``.

    Parameters
    ----------
    distance : float
        In (0, 1].
    alpha, tests
        As for :func:`detectable_ks`.

    Examples
    --------
    >>> rows_needed_ks(0.1, alpha=0.05, tests=50)
    761
    """
    return math.ceil(-math.log(alpha / (2 * tests)) / distance**2)


def ks_p_value(distance: float, n: int, m: int) -> tuple[float, str]:
    """Return the two-sided p-value of a distance between samples of n and m rows, and how it was computed.

    Parameters
    ----------
    distance : float
        In [0, 1]; what is no whole number of steps of ``1 / lcm(n, m)`` is rounded down, to a larger p.
    n, m : int
        At least 1.

    Returns
    -------
    tuple of float and {'exact', 'asymptotic'}
        As :class:`TwoSampleKS` has them.
    """
    steps = math.floor(distance * math.lcm(n, m) + 1e-6)
    return _p_value(steps / math.lcm(n, m), steps, n, m)


def _sample(values: ArrayLike | Sample, name: str) -> Sample:
    sample = values if isinstance(values, Sample) else Sample(values)
    if sample.values.ndim != 1 or sample.size == 0:
        raise ValueError(f"{name} must be one-dimensional and hold a value, not of shape {sample.values.shape}")
    if np.isnan(sample.ends[1]):  # the largest of values with NaN among them, sorted or not
        raise ValueError(f"{name} holds NaN; leave missing values out and compare their share on its own")
    return sample


def _gaps_of_sorted(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values among which the largest gap is reached, and the first distribution function minus the second."""
    at = _where_it_may_peak(first, second)
    f, g = (side.searchsorted(at, side="right") / side.size for side in (first, second))
    return at, f - g


def _gaps_of_counted(first: Sample, second: Sample) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the same of samples that are counted in cells: of all values in cells where the largest gap may lie."""
    if not first.shares_a_grid_with(second):
        share_a_grid(first, second)
    sides = [first.counted, second.counted]
    cells = _cells_where_it_may_peak(*sides)
    if _rows_to_sort(cells, *sides) > _TOO_MANY * (first.size + second.size):
        find_single_values(sides)
    if _rows_to_sort(cells, *sides) > _TOO_MANY * (first.size + second.size):
        return _gaps_of_sorted(first.sorted, second.sorted)
    single = sides[0].single[cells]
    for side in sides:
        side.open(cells[~single])
    at = np.concatenate([sides[0].shared[cells[single]], *(side.opened for side in sides)])
    f, g = (side.up_to(at, "right") / side.values.size for side in sides)
    return at, f - g


def _cells_where_it_may_peak(first: Counted, second: Counted) -> NDArray[np.intp]:
    """Return the cells in which the largest gap may be reached.

    At the end of a cell the gap is known, and is that at the cell's largest value. Inside it is bounded as between two
    coarse values; where only one side has rows, it moves one way, and is largest at an end.
    """
    f, g = (side.upto / side.values.size for side in (first, second))
    ends = np.abs(f[1:] - g[1:])
    reached = ends.max() * (1 - 1e-12)
    inside = np.maximum(f[1:] - g[:-1], g[1:] - f[:-1])
    rows = (first.counts > 0).astype(np.int8) + (second.counts > 0)
    return np.flatnonzero(((rows == 2) & (inside >= reached)) | ((rows == 1) & (ends >= reached)))


def _rows_to_sort(cells: NDArray[np.intp], *sides: Counted) -> int:
    return sum(int(side.counts[cells[~side.single[cells]]].sum()) for side in sides)


def _where_it_may_peak(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values among which the largest gap is reached: all of them, or those that coarse steps leave open.

    Between two neighbouring coarse values u < v the gap lies between ``F(u) - G(v)`` and ``F(v) - G(u)``, since both
    functions only grow.
    """
    if first.size + second.size < _COARSE_ROWS:
        return np.concatenate([first, second])
    coarse = np.unique(np.concatenate([first[::_STEP], second[::_STEP], first[-1:], second[-1:]]))
    f, g = (np.searchsorted(side, coarse, side="right") / side.size for side in (first, second))
    reached = np.abs(f - g).max()
    may = np.maximum(f[1:] - g[:-1], g[1:] - f[:-1]) >= reached * (1 - 1e-12)
    inner = [_between(side, coarse[:-1][may], coarse[1:][may]) for side in (first, second)]
    return np.concatenate([coarse, *inner])


def _between(side: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values of a sorted array that lie in any of the open intervals ``(low, high)``."""
    starts, ends = np.searchsorted(side, low, side="right"), np.searchsorted(side, high, side="left")
    inside = np.zeros(side.size + 1, dtype=np.int8)
    some = ends > starts  # then no two starts are equal, and no two ends
    inside[starts[some]] += 1
    inside[ends[some]] -= 1
    found: NDArray[np.float64] = side[np.cumsum(inside[:-1]).astype(bool)]
    return found


def _p_value(distance: float, steps: int, n: int, m: int) -> tuple[float, str]:
    if steps == 0:
        return 1.0, "exact"
    if n == m and n <= _EXACT_ROWS:
        return _exact_same_size(steps, n), "exact"
    if n * m <= _EXACT_PRODUCT:
        return _exact_by_paths(steps, n, m), "exact"
    return kolmogorov_sf(distance, round(n * m / (n + m))), "asymptotic"


def _exact_same_size(steps: int, n: int) -> float:
    """P(D >= steps / n) for n = m: 2 * sum of (-1)^(k-1) C(2n, n - k*steps) / C(2n, n) (reflection principle)."""
    whole = 2 * math.lgamma(n + 1)
    terms = (
        (2.0 if k % 2 else -2.0) * math.exp(whole - math.lgamma(n - k * steps + 1) - math.lgamma(n + k * steps + 1))
        for k in range(1, n // steps + 1)
    )
    return min(max(math.fsum(terms), 0.0), 1.0)


def _exact_by_paths(steps: int, n: int, m: int) -> float:
    """P(D >= steps / lcm) as the chance that a random lattice path from (0, 0) to (n, m) leaves the band.

    Summing the chance to have left, and not the chance to have stayed, keeps tiny p-values exact.
    """
    per_row, per_column = math.lcm(n, m) // n, math.lcm(n, m) // m
    rows = np.arange(n + 1)
    left = np.zeros(n + 1)  # left[i]: chance to have left the band on the way to (i, total - i)
    for total in range(1, n + m + 1):
        low, high = max(0, total - m), min(n, total)
        i = rows[low : high + 1]
        j = total - i
        by_row = np.where(i > 0, left[i - 1], 0.0)  # came from (i - 1, j); at i = 0 the weight is 0
        by_column = np.where(j > 0, left[i], 0.0)
        chance = (i * by_row + j * by_column) / total
        left[low : high + 1] = np.where(np.abs(i * per_row - j * per_column) >= steps, 1.0, chance)
    return float(np.clip(left[n], 0.0, 1.0))
