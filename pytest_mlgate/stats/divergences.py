"""Two samples of levels (or of binned numbers): Jensen-Shannon and Hellinger distances, Cramér's V."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.chi_square import chi_square_isf, chi_square_sf

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def jensen_shannon(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the Jensen-Shannon distance to base 2.

    The root of ``(KL(p || r) + KL(q || r)) / 2`` with ``r = (p + q) / 2`` and logarithms to base 2, as
    ``scipy.spatial.distance.jensenshannon(..., base=2)`` defines it. No smoothing is needed: an empty level is at a
    finite distance.

    Parameters
    ----------
    reference, current : array-like of shape (n_levels,)
        Counts (or shares) of the same levels on the two sides; not negative, each with a positive sum.

    Returns
    -------
    float
        In [0, 1]; 1 where the sides have no level in common.

    Raises
    ------
    ValueError
        Where a count is negative or not finite, a side has no row, or the lengths differ.

    References
    ----------
    D. M. Endres, J. E. Schindelin, "A new metric for probability distributions", IEEE Transactions on Information
    Theory 49(7), 2003, 1858-1860.

    Examples
    --------
    >>> jensen_shannon([1, 0], [0, 1])
    1.0
    """
    p, q = _shares(reference, current)
    middle = (p + q) / 2
    # Summed level by level, where the two terms nearly cancel for nearly equal shares.
    terms = _relative_entropy(p, middle) + _relative_entropy(q, middle)
    return math.sqrt(min(max(float(terms.sum()) / (2 * math.log(2)), 0.0), 1.0))


def _relative_entropy(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``p ln(p / q)`` of each level, 0 where p is 0."""
    some = p > 0
    return np.multiply(p, np.log(np.divide(p, q, out=np.ones_like(p), where=some)))


def hellinger(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the Hellinger distance, ``sqrt(sum (sqrt(p) - sqrt(q))^2 / 2)``.

    Parameters
    ----------
    reference, current : array-like of shape (n_levels,)
        As for :func:`jensen_shannon`; no logarithm, no smoothing.

    Returns
    -------
    float
        In [0, 1]; 1 where the sides have no level in common.

    Examples
    --------
    >>> hellinger([1, 0], [0, 1])
    1.0
    """
    p, q = _shares(reference, current)
    return math.sqrt(min(float(((np.sqrt(p) - np.sqrt(q)) ** 2).sum()) / 2, 1.0))


def cramers_v(reference: ArrayLike, current: ArrayLike, *, even: bool = False) -> float:
    """Return Cramér's V of the table of two sides by levels, ``sqrt(chi2 / (n + m))``.

    Parameters
    ----------
    reference, current : array-like of shape (n_levels,)
        As for :func:`jensen_shannon`.
    even : bool
        Whether both sides count alike, however many rows they have: ``sqrt(sum (p - q)^2 / (2 (p + q)))``. The usual V
        of one difference shrinks as the sides' sizes grow apart; where they are equal, both are the same number.

    Returns
    -------
    float
        In [0, 1]; 1 where the sides have no level in common.

    References
    ----------
    H. Cramér, "Mathematical methods of statistics", Princeton University Press, 1946, chapter 21.

    Examples
    --------
    >>> round(cramers_v([50, 50], [30, 70]), 6)
    0.204124
    """
    p, q = _shares(reference, current)
    share = 0.5 if even else float(np.sum(reference)) / (float(np.sum(reference)) + float(np.sum(current)))
    pooled = share * p + (1 - share) * q
    used = pooled > 0
    squared = share * (1 - share) * float(((p - q)[used] ** 2 / pooled[used]).sum())
    return math.sqrt(min(squared, 1.0))


JENSEN_SHANNON_SCALE = 1 / (8 * math.log(2))
HELLINGER_SCALE = 1 / 8
CRAMERS_V_SCALE = 1 / 4
"""Without drift ``distance^2 / (scale * (1/n + 1/m))`` is about chi-square with ``levels - 1`` degrees."""
TOTAL_VARIATION_SCALE = 1 / 4
"""By the inequality of Cauchy and Schwarz Pearson's chi-square is never below ``distance^2 / (scale * (1/n + 1/m))``,
whatever the levels' shares are: a distance beyond that scale's critical value is sure to be significant."""


def divergence_p(distance: float, n: int, m: int, *, levels: int, scale: float) -> float:
    """Return the chance of such a distance without drift, by its chi-square limit.

    ``8 JSD / (1/n + 1/m)``, JSD the divergence in nats (ln 2 times the squared distance to base 2), and
    ``8 H^2 / (1/n + 1/m)`` are chi-square with ``levels - 1`` degrees as n and m grow: where p and q are near each
    other, JSD and H^2 are both near ``sum (p - q)^2 / (4 * (p + q))``.

    Parameters
    ----------
    distance : float
        At least 0.
    n, m : int
        Rows of the two sides, at least 1.
    levels : int
        At least 2.
    scale : float
        ``JENSEN_SHANNON_SCALE`` or ``HELLINGER_SCALE``.

    References
    ----------
    M. Salicrú, D. Morales, M. L. Menéndez, L. Pardo, "On the applications of divergence type measures in testing
    statistical hypotheses", Journal of Multivariate Analysis 51(2), 1994, 372-391.

    Examples
    --------
    >>> round(divergence_p(0.1, 1000, 1000, levels=2, scale=HELLINGER_SCALE), 12)
    2.54e-10
    """
    return chi_square_sf(distance**2 / (scale * (1 / n + 1 / m)), levels - 1)


def detectable_divergence(n: int, m: int, *, levels: int, scale: float, alpha: float, tests: int = 1) -> float:
    """Return the smallest significant distance, ``sqrt(chi2_{levels-1}(1 - alpha/tests) * scale * (1/n + 1/m))``.

    Parameters
    ----------
    n, m, levels, scale
        As for :func:`divergence_p`; one level counts as two, since a second one might have appeared.
    alpha : float
        Level of the whole family, in (0, 1).
    tests : int
        Size of the family.

    Examples
    --------
    >>> round(detectable_divergence(1000, 1000, levels=2, scale=TOTAL_VARIATION_SCALE, alpha=0.05, tests=50), 4)
    0.0736
    """
    critical = chi_square_isf(alpha / tests, max(levels, 2) - 1)
    return math.sqrt(critical * scale * (1 / n + 1 / m))


def rows_needed_divergence(distance: float, *, levels: int, scale: float, alpha: float, tests: int = 1) -> int:
    """Return the rows that each side needs for :func:`detectable_divergence` to reach ``distance``.

    Examples
    --------
    >>> rows_needed_divergence(0.1, levels=2, scale=TOTAL_VARIATION_SCALE, alpha=0.05, tests=50)
    542
    """
    of_one = detectable_divergence(1, 1, levels=levels, scale=scale, alpha=alpha, tests=tests)
    return math.ceil((of_one / distance) ** 2)


def expected_divergence(n: int, m: int, *, levels: int, scale: float) -> float:
    """Return the root of a distance's mean square without drift, ``sqrt((levels - 1) * scale * (1/n + 1/m))``."""
    return math.sqrt((levels - 1) * scale * (1 / n + 1 / m))


def _shares(reference: ArrayLike, current: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first, second = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"counts must be one-dimensional and of one length, not {first.shape} and {second.shape}")
    for name, counts in (("reference", first), ("current", second)):
        if not (np.isfinite(counts) & (counts >= 0)).all():
            raise ValueError(f"{name} holds a count that is negative or not finite")
        if counts.sum() <= 0:
            raise ValueError(f"{name} has no row")
    return first / first.sum(), second / second.sum()
