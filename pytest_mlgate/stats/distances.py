"""Two samples of levels: total variation distance, and the two-sample chi-square test with rare levels pooled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.chi_square import chi_square_sf

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MIN_EXPECTED = 5.0
"""The smallest expected count for which the chi-square law is trusted (Cochran 1954)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoSampleChiSquare:
    """The two-sample chi-square test on pooled level counts.

    Attributes
    ----------
    statistic : float or None
        Pearson's statistic; None where all levels were pooled into one and there is no test.
    degrees : int
        Degrees of freedom: pooled levels - 1.
    p : float or None
        Upper tail of the chi-square law; None where there is no test.
    levels : int
        Levels after pooling.
    pooled : int
        How many levels went into the pool.
    pooled_share : float
        The larger of the two sides' shares of rows in the pool, in [0, 1].
    total_variation : float
        Total variation distance between the two sides over the pooled levels, in [0, 1].
    """

    statistic: float | None
    degrees: int
    p: float | None
    levels: int
    pooled: int
    pooled_share: float
    total_variation: float


def total_variation(reference: ArrayLike, current: ArrayLike) -> float:
    """Return half the sum of absolute differences between two sets of shares.

    Parameters
    ----------
    reference, current : array-like of shape (n_levels,)
        Counts (or shares) of the same levels on the two sides; not negative, each with a positive sum.

    Returns
    -------
    float
        In [0, 1]: the share of rows that would have to change their level.

    Raises
    ------
    ValueError
        Where a count is negative or not finite, a side has no row, or the lengths differ.

    Examples
    --------
    >>> round(total_variation([50, 50], [30, 70]), 6)
    0.2
    """
    first, second = _counts(reference, current)
    return float(np.clip(np.abs(first / first.sum() - second / second.sum()).sum() / 2, 0.0, 1.0))


def expected_total_variation(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the mean distance without drift: ``sum sqrt(s (1 - s)) * sqrt((1/n + 1/m) / (2 pi))`` for pooled shares s.

    Parameters
    ----------
    reference, current : array-like of shape (n_levels,)
        As for :func:`total_variation`; each difference of shares is taken for normal.
    """
    first, second = _counts(reference, current)
    n, m = first.sum(), second.sum()
    shares = (first + second) / (n + m)
    return float(np.sqrt(shares * (1 - shares)).sum()) * math.sqrt((1 / n + 1 / m) / (2 * math.pi))


def pool_rare_levels(reference: ArrayLike, current: ArrayLike) -> NDArray[np.bool_]:
    """Return which levels must be taken together so that every expected count is at least 5.

    First every level with too small an expected count on the smaller side; then, while the pool itself is too small,
    the rarest level that is left (the first of equally rare ones). Only totals over both sides decide, so that the
    choice does not know in which direction the sides differ.

    Parameters
    ----------
    reference, current : array-like of shape (n_levels,)
        Counts of the same levels on the two sides.

    Returns
    -------
    ndarray of bool of shape (n_levels,)
        True for the levels of the pool; all True where no two groups can be formed.

    References
    ----------
    W. G. Cochran, "Some methods for strengthening the common chi-square tests", Biometrics 10(4), 1954, 417-451.

    Examples
    --------
    >>> pool_rare_levels([50, 40, 4, 3, 3], [55, 37, 5, 2, 1]).tolist()
    [False, False, True, True, True]
    """
    first, second = _counts(reference, current)
    totals = first + second
    expected = totals * (min(first.sum(), second.sum()) / totals.sum())
    pool: NDArray[np.bool_] = (expected < MIN_EXPECTED) & (totals > 0)
    for level in np.argsort(totals, kind="stable"):
        if not pool.any() or expected[pool].sum() >= MIN_EXPECTED:
            break
        pool[level] |= totals[level] > 0
    if expected[pool].sum() < MIN_EXPECTED and pool.any():
        pool[:] = True
    return pool


def pooled_counts(reference: ArrayLike, current: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the counts of two sides with rare levels pooled and levels that neither side has left out.

    Examples
    --------
    >>> [side.tolist() for side in pooled_counts([50, 40, 4, 3, 3, 0], [55, 37, 5, 2, 1, 0])]
    [[50.0, 40.0, 10.0], [55.0, 37.0, 8.0]]
    """
    first, second = _counts(reference, current)
    pool = pool_rare_levels(first, second)
    table = np.stack([_pooled(first, pool), _pooled(second, pool)])
    table = table[:, table.sum(axis=0) > 0]
    return table[0], table[1]


def two_sample_chi_square(reference: ArrayLike, current: ArrayLike) -> TwoSampleChiSquare:
    """Test whether two sides draw their levels from one distribution.

    Both sides count as samples. The one-sample form, which takes the reference's shares for the truth, raises false
    alarms at any size of the reference that is not far above the current one.

    Parameters
    ----------
    reference, current : array-like of shape (n_levels,)
        Counts of the same levels on the two sides; each side needs a row. Levels that neither side has are left out.

    Returns
    -------
    TwoSampleChiSquare

    Raises
    ------
    ValueError
        As for :func:`total_variation`.

    References
    ----------
    K. Pearson, "On the probability that two independent distributions of frequency are really samples from the same
    population", Biometrika 8(1/2), 1911, 250-254.

    Examples
    --------
    >>> result = two_sample_chi_square([50, 50], [30, 70])
    >>> round(result.statistic, 6), result.degrees, round(result.p, 6)
    (8.333333, 1, 0.003892)
    """
    first, second = _counts(reference, current)
    pool = pool_rare_levels(first, second)
    share = max(first[pool].sum() / first.sum(), second[pool].sum() / second.sum())
    table = np.stack([_pooled(first, pool), _pooled(second, pool)])
    table = table[:, table.sum(axis=0) > 0]
    levels = int(table.shape[1])
    statistic: float | None = None
    p: float | None = None
    if levels > 1:
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
        statistic = float(((table - expected) ** 2 / expected).sum())
        p = chi_square_sf(statistic, levels - 1)
    return TwoSampleChiSquare(
        statistic=statistic,
        degrees=levels - 1,
        p=p,
        levels=levels,
        pooled=int(pool.sum()),
        pooled_share=float(share),
        total_variation=total_variation(table[0], table[1]),
    )


def _pooled(counts: NDArray[np.float64], pool: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.append(counts[~pool], counts[pool].sum())


def _counts(reference: ArrayLike, current: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first, second = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"counts must be one-dimensional and of one length, not {first.shape} and {second.shape}")
    for name, counts in (("reference", first), ("current", second)):
        if not (np.isfinite(counts) & (counts >= 0)).all():
            raise ValueError(f"{name} holds a count that is negative or not finite")
        if counts.sum() <= 0:
            raise ValueError(f"{name} has no row")
    return first, second
