"""The energy distance of two samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.bridges import Gaps, gaps_between

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def energy(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the energy distance, ``sqrt(2 * integral (F(x) - G(x))^2 dx)``, in the root of the values' unit.

    As ``scipy.stats.energy_distance`` defines it; its square is ``2 E|X - Y| - E|X - X'| - E|Y - Y'|``. One wild value
    among n moves the square by about twice that value over n squared.

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
    G. J. Székely, M. L. Rizzo, "Energy statistics: a class of statistics based on distances", Journal of Statistical
    Planning and Inference 143(8), 2013, 1249-1272.

    Examples
    --------
    >>> round(energy([0], [2]), 6)
    2.0
    """
    return energy_over(gaps_between(reference, current))


def energy_over(gaps: Gaps) -> float:
    """Return the energy distance over the given gaps only."""
    return math.sqrt(2 * float(np.dot(gaps.widths, gaps.apart**2)))


def expected_energy(gaps: Gaps) -> float:
    """Return the root of the mean square without drift, ``sqrt(2 * (1/n + 1/m) * integral G (1 - G) dx)``."""
    return gaps.noise * math.sqrt(2 * float(np.dot(gaps.widths, gaps.pooled * (1 - gaps.pooled))))
