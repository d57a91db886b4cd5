"""The population stability index, computed so that it means something at any number of rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.chi_square import chi_square_isf, chi_square_sf
from pytest_mlgate.stats.ordering import distinct
from pytest_mlgate.stats.samples import Sample

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MAX_BINS = 10
ROWS_PER_BIN = 50
SMOOTHING = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class PSI:
    """A population stability index, with what chance alone would make of it.

    Attributes
    ----------
    value : float
        Sum over bins of ``(c - r) * ln(c / r)`` for the smoothed shares r and c; 0 or more.
    expected : float
        Its expectation without drift, ``(bins - 1) * (1/n + 1/m)``.
    bins : int
        Bins in use, the one for missing values included.
    smoothing : float
        What was added to every count.
    p : float
        Upper tail of the chi-square law with ``bins - 1`` degrees of freedom at ``value / (1/n + 1/m)``.
    pooled_share : float
        The larger of the two sides' shares of rows in a bin that several levels share, and within which the index
        sees no difference; 0 for numbers.
    """

    value: float
    expected: float
    bins: int
    smoothing: float
    p: float
    pooled_share: float = 0.0

    @property
    def excess(self) -> float:
        """The value minus its expectation without drift."""
        return self.value - self.expected


def psi_bins(n: int, m: int) -> int:
    """Return the bins that two samples can feed: ``min(10, min(n, m) // 50)``; below 2 there is no index."""
    return min(MAX_BINS, min(n, m) // ROWS_PER_BIN)


def psi_from_counts(reference: ArrayLike, current: ArrayLike, *, smoothing: float = SMOOTHING) -> PSI:
    """Return the index of two sets of counts over the same bins.

    Parameters
    ----------
    reference, current : array-like of shape (n_bins,)
        Counts, not negative; at least two bins, each side with a row.
    smoothing : float
        Added to every count, so that an empty bin is finite evidence; with 0 an empty bin makes the index infinite.

    Returns
    -------
    PSI

    Raises
    ------
    ValueError
        Where there are fewer than two bins, the lengths differ, a count is negative or not finite, or a side is empty.

    References
    ----------
    B. Yurdakul, "Statistical properties of population stability index", PhD thesis, Western Michigan University,
    2018, chapter 3: the index times ``1 / (1/n + 1/m)`` is asymptotically chi-square with ``bins - 1`` degrees of
    freedom.

    Examples
    --------
    >>> result = psi_from_counts([50, 50], [30, 70], smoothing=0)
    >>> round(result.value, 6), round(result.expected, 6)
    (0.16946, 0.02)
    """
    first, second = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape or first.size < 2:
        raise ValueError(f"counts must be of one length, at least 2, not of shapes {first.shape} and {second.shape}")
    if not (np.isfinite(first) & np.isfinite(second) & (first >= 0) & (second >= 0)).all():
        raise ValueError("a count is negative or not finite")
    n, m = float(first.sum()), float(second.sum())
    if n <= 0 or m <= 0:
        raise ValueError("a side has no row")
    r = (first + smoothing) / (n + smoothing * first.size)
    c = (second + smoothing) / (m + smoothing * first.size)
    differ = r != c  # equal shares add nothing, also where both are 0
    with np.errstate(divide="ignore"):
        value = max(float(np.sum((c - r)[differ] * np.log(c[differ] / r[differ]))), 0.0)
    noise = 1 / n + 1 / m
    degrees = first.size - 1
    return PSI(
        value=value,
        expected=degrees * noise,
        bins=int(first.size),
        smoothing=smoothing,
        p=chi_square_sf(value / noise, degrees),
    )


def quantile_ranks(rows: int, bins: int) -> NDArray[np.int64]:
    """Return the ranks, from 0, of the values that are the inner edges of bins: values themselves, so no inf - inf."""
    return np.ceil(np.arange(1, bins) * rows / bins).astype(np.int64) - 1


def quantile_edges(reference: ArrayLike | Sample, bins: int) -> NDArray[np.float64]:
    """Return the inner edges of bins with equal shares of the reference.

    The bins are ``(-inf, e_1], (e_1, e_2], ..., (e_k, inf)``: open at both ends, so that no value is outside. A value
    that fills more than one bin (a tie) gets one of its own, so that a move to either side of it shows.

    Parameters
    ----------
    reference : array-like of shape (n,), or Sample
        Numbers without NaN, at least one; infinite values are allowed.
    bins : int
        At least 2; there are fewer where values are tied.

    Returns
    -------
    ndarray of shape (k,)
        Strictly increasing, ``1 <= k <= bins - 1``.

    Examples
    --------
    >>> quantile_edges([1, 2, 3, 4], 2).tolist()
    [2.0]
    """
    sample = _sample(reference)
    edges = sample.at_ranks(quantile_ranks(sample.size, bins))
    tied = distinct(edges[1:][edges[1:] == edges[:-1]])
    return distinct(np.sort(np.concatenate([edges, np.nextafter(tied, -np.inf)])))


def quantile_bins(
    reference: ArrayLike | Sample, current: ArrayLike | Sample, *, reference_missing: int = 0, current_missing: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return the counts of two samples in bins at the reference's quantiles; parameters as for :func:`psi`.

    Returns
    -------
    tuple of ndarray or None
        Counts of the reference and of the current sample; None where the rows do not feed two bins.

    Examples
    --------
    >>> [side.tolist() for side in quantile_bins(range(100), range(10, 110))]
    [[50.0, 50.0], [40.0, 60.0]]
    """
    first, second = _sample(reference), _sample(current)
    bins = psi_bins(first.size + reference_missing, second.size + current_missing)
    if reference_missing or current_missing:
        bins -= 1
    if bins < 2 or first.size == 0 or second.size == 0:
        return None
    edges = quantile_edges(first, bins)
    counts = [_bin_counts(sample, edges) for sample in (first, second)]
    if reference_missing or current_missing:
        counts = [np.append(counts[0], reference_missing), np.append(counts[1], current_missing)]
    return counts[0], counts[1]


def psi(
    reference: ArrayLike | Sample,
    current: ArrayLike | Sample,
    *,
    reference_missing: int = 0,
    current_missing: int = 0,
) -> PSI | None:
    """Return the index of two samples of numbers, in bins at the reference's quantiles.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,), or Sample
        Numbers without NaN; infinite values are allowed.
    reference_missing, current_missing : int
        Rows without a value, which have a bin of their own where either side has one.

    Returns
    -------
    PSI or None
        None where the rows do not feed two bins (fewer than 100 on a side), or a side has no value.

    Examples
    --------
    >>> psi(range(1000), range(100, 1100)).bins
    10
    >>> psi([1.0], [2.0]) is None
    True
    """
    counts = quantile_bins(reference, current, reference_missing=reference_missing, current_missing=current_missing)
    if counts is None:
        return None
    return psi_from_counts(*counts)


def psi_levels(reference: ArrayLike, current: ArrayLike) -> PSI | None:
    """Return the index of two samples of levels.

    The levels that are most frequent in the reference keep a bin each; the rest, and all that the reference has never
    seen, share one.

    Parameters
    ----------
    reference, current : array-like of shape (n_levels,)
        Counts of the same levels.

    Returns
    -------
    PSI or None
        None where the rows do not feed two bins, or there is only one level.

    Examples
    --------
    >>> psi_levels([500, 300, 200], [480, 310, 210]).bins
    3
    """
    first, second = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    bins = psi_bins(int(first.sum()), int(second.sum()))
    if bins < 2 or first.size < 2:
        return None
    if first.size <= bins:
        return psi_from_counts(first, second)
    order = np.argsort(-first, kind="stable")
    kept, rest = order[: bins - 1], order[bins - 1 :]
    index = psi_from_counts(np.append(first[kept], first[rest].sum()), np.append(second[kept], second[rest].sum()))
    share = max(first[rest].sum() / first.sum(), second[rest].sum() / second.sum())
    return replace(index, pooled_share=float(share))


def detectable_psi_excess(n: int, m: int, *, bins: int, alpha: float, tests: int = 1) -> float:
    """Return the smallest excess over the expectation that is significant.

    ``(chi2_{bins-1}(1 - alpha / tests) - (bins - 1)) * (1/n + 1/m)`` (Yurdakul 2018).

    Parameters
    ----------
    n, m : int
        Rows of the two sides, at least 1.
    bins : int
        At least 2.
    alpha : float
        Level of the whole family, in (0, 1).
    tests : int
        Size of the family.
    """
    return (chi_square_isf(alpha / tests, bins - 1) - (bins - 1)) * (1 / n + 1 / m)


def _sample(values: ArrayLike | Sample) -> Sample:
    return values if isinstance(values, Sample) else Sample(values)


def _bin_counts(sample: Sample, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count the values of each bin ``(e_k, e_k+1]``."""
    return np.diff(np.concatenate([[0], sample.at_or_below(edges), [sample.size]])).astype(np.float64)
