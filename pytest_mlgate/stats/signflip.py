"""The sign-flip permutation test of a mean of few paired differences, and the interval that it inverts to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from pytest_mlgate.stats.estimate import Estimate, one_sided_alpha

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    _Array: TypeAlias = NDArray[np.float64]

# Up to this many differences every pattern of signs is looked at: 65 536 of them.
EXACT = 16
_DRAWS = 19_999


def sign_flip_interval(
    differences: ArrayLike,
    *,
    level: float = 0.9,
    seed: int = 0,
    ends: tuple[float, float] = (-math.inf, math.inf),
    draws: int = _DRAWS,
) -> Estimate:
    """Return the interval of a mean by flipping signs: exact for any law that is symmetric about its mean.

    Under H0 "the mean is b" each ``d - b`` may as well carry the other sign. The flipped sum is at least the one seen
    exactly where the mean of the flipped differences is at most ``b``: so the means of all subsets are the
    interval's possible limits, and H0 has the p-value ``(1 + number of subset means at most b) / 2^k``.

    Parameters
    ----------
    differences : array-like of shape (k,)
        Paired differences, one a unit (a query); finite, at least one.
    level : float
        Two-sided level.
    seed : int
        Of the patterns of signs that are drawn where there are more than 16 differences; below, all are used.
    ends : pair of float
        Smallest and largest mean that is possible. Few differences leave no limit (below five at one-sided 95 %);
        it is the end then.
    draws : int
        Patterns that are drawn.

    Returns
    -------
    Estimate
        Of the mean difference; ``n`` counts the differences.

    Raises
    ------
    ValueError
        Without a difference, or where one is not finite.

    References
    ----------
    Hartigan, J. A. (1969). Using subsample values as typical values. Journal of the American Statistical Association
    64, 1303-1317, section 3.

    Smucker, M. D., Allan, J. and Carterette, B. (2007). A comparison of statistical significance tests for information
    retrieval evaluation. CIKM 2007, 623-632, section 3.1.
    """
    values = np.asarray(differences, dtype=float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError("one finite difference or more is needed, one a unit")
    means = np.sort(_every_mean(values) if len(values) <= EXACT else _drawn_means(values, draws, seed))
    patterns = len(means) + 1  # with the one that was seen
    # rounding must not push a share of exactly alpha below it
    allowed = math.floor(one_sided_alpha(level) * patterns + 1e-9)
    mean = float(values.mean())
    # subset means that are equal on paper differ in their last bits
    slack = 1e-12 * float(np.abs(values).max())

    def p_below(bound: float) -> float:
        # H0 "at least the bound": count subset means at or above it
        above = len(means) - int(np.searchsorted(means, bound - slack, side="left"))
        at_or_below = int(np.searchsorted(means, bound + slack, side="right"))
        # between the two tails, the upper one is what is left of the lower one's
        return (1 + above) / patterns if bound > mean else 1 - (1 + at_or_below) / patterns

    return Estimate(
        estimate=mean,
        low=float(means[allowed - 1]) if allowed else ends[0],
        high=float(means[-allowed]) if allowed else ends[1],
        level=level,
        method="sign-flip",
        n=len(values),
        p_below=p_below,
    )


def _every_mean(values: _Array) -> _Array:
    """Means of all subsets but the empty one."""
    sums, sizes = np.zeros(1), np.zeros(1)
    for value in values:  # each value doubles the subsets: without it, with it
        sums, sizes = np.concatenate([sums, sums + value]), np.concatenate([sizes, sizes + 1])
    return np.asarray(sums[1:] / sizes[1:])


def _drawn_means(values: _Array, draws: int, seed: int) -> _Array:
    """Means of subsets that hold each value with probability one half; an empty one is drawn once in 2^17 or less."""
    rng = np.random.default_rng(seed)
    chosen = rng.random((draws, len(values))) < 0.5
    chosen[~chosen.any(axis=1)] = True  # on the middle, so that it moves no limit outwards or inwards
    return np.asarray((chosen @ values) / chosen.sum(axis=1))
