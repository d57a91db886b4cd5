"""The median of few values of any distribution: limits that are two of the values themselves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.estimate import Estimate, one_sided_alpha

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def median_interval(values: ArrayLike, *, level: float = 0.9) -> Estimate:
    """Return the interval of a median from order statistics: exact for any continuous distribution.

    As many values lie below the true median as heads fall in n throws of a fair coin. So the k-th smallest value is
    above it with probability P(B <= k - 1), B binomial(n, 1/2), and the limits are the k-th smallest and the k-th
    largest value with the largest k that keeps this within the error rate. With ties the limits err on the safe side.

    Parameters
    ----------
    values : array-like of shape (n,)
        Independent, finite, at least one.
    level : float
        Two-sided level.

    Returns
    -------
    Estimate
        Of the median; a limit is infinite where there are too few values for one (below five at one-sided 95 %).

    Raises
    ------
    ValueError
        Without a value, or where one is not finite.

    References
    ----------
    Conover, W. J. (1999). Practical Nonparametric Statistics, 3rd edition, section 3.2. Wiley.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    if ordered.ndim != 1 or not len(ordered) or not np.isfinite(ordered).all():
        raise ValueError("one finite value or more is needed")
    n, k, tail = len(ordered), 0, 1
    # a tail of exactly alpha must not be lost to rounding: (1 - 0.9) / 2 is a little below 0.05
    while tail / (1 << n) <= one_sided_alpha(level) * (1 + 1e-9):
        k += 1
        tail += math.comb(n, k)

    def p_below(bound: float) -> float:
        # H0 "at least the bound": few values at or above it speak against that
        return binomial_half_cdf(n - int(np.searchsorted(ordered, bound, side="left")), n)

    return Estimate(
        estimate=float(np.median(ordered)),
        low=float(ordered[k - 1]) if k else -math.inf,
        high=float(ordered[n - k]) if k else math.inf,
        level=level,
        method="order statistics",
        n=n,
        p_below=p_below,
    )


def binomial_half_cdf(count: int, n: int) -> float:
    """Return P(B <= count) for a binomial(n, 1/2): at most ``count`` heads in ``n`` throws of a fair coin.

    Parameters
    ----------
    count : int
        Below 0 the probability is 0, from ``n`` on it is 1.
    n : int
        At least 0.
    """
    # whole numbers, divided once: right to the last bit for every n
    return sum(math.comb(n, heads) for heads in range(min(count, n) + 1)) / (1 << n)
