"""The Wasserstein distance of two samples: how far values must be carried to turn one into the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.bridges import Gaps, gaps_between

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def wasserstein(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the first Wasserstein distance, ``integral |F(x) - G(x)| dx``, in the values' own unit.

    As ``scipy.stats.wasserstein_distance`` defines it. A shift of all values by c is at distance ``|c|``. One wild
    value among n moves it by that value over n.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,)
        Finite numbers, at least one each. Sorted arrays are the quickest; O((n + m) log(n + m)) else.

    Raises
    ------
    ValueError
        Where a sample is empty, not one-dimensional, or holds a value that is not finite.

    References
    ----------
    A. Ramdas, N. García Trillos, M. Cuturi, "On Wasserstein two-sample testing and related families of nonparametric
    tests", Entropy 19(2), 2017, 47.

    Examples
    --------
    >>> wasserstein([0, 1, 3], [5, 6, 8])
    5.0
    """
    return wasserstein_over(gaps_between(reference, current))


def wasserstein_over(gaps: Gaps) -> float:
    """Return the part of the distance that lies in the given gaps."""
    return float(np.dot(gaps.widths, np.abs(gaps.apart)))


def expected_wasserstein(gaps: Gaps) -> float:
    """Return the mean distance without drift, ``sqrt(2/pi) * sqrt(1/n + 1/m) * integral sqrt(G (1 - G)) dx``."""
    spread = np.sqrt(gaps.pooled * (1 - gaps.pooled))
    return math.sqrt(2 / math.pi) * gaps.noise * float(np.dot(gaps.widths, spread))
