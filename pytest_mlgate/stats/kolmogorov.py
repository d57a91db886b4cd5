"""The law of the one-sample Kolmogorov statistic, without the second that importing all of scipy.stats takes."""

from __future__ import annotations

import math

import numpy as np

_FEW = 140  # up to here SciPy has exact recursions
_MANY = 20_000  # from here the sum of Smirnov's one-sided chance takes longer (a second at 1e6) than it tells
_PELZ_GOOD = 100_000  # above, the expansion serves far down; below, only where n * d^1.5 is not small
_TAIL = 2.2  # from this n * d^2 on SciPy takes twice the one-sided chance
_FAR = 10.0  # from here on (p below 4.2e-9) the limit with its first correction serves
_NONE = 370.0  # below 1e-320


def kolmogorov_sf(distance: float, n: int) -> float:
    """Return the chance that n independent rows lie at least ``distance`` from their continuous distribution.

    Parameters
    ----------
    distance : float
        In [0, 1].
    n : int
        At least 1.

    Returns
    -------
    float
        As ``scipy.stats.kstwo.sf(distance, n)``. Up to 20 000 rows by its choice of methods: twice Smirnov's exact
        one-sided chance in the tail, the expansion of Pelz and Good in the middle; what those do not cover is left to
        SciPy. Above, by that expansion, and where p is below 4.2e-9 by ``2 exp(-(6 n d + 1)^2 / (18 n))``, which is a
        little too large: within 1e-11 of the tail, and closer than twice the one-sided chance is near p = 0.02, which
        counts rows that leave both sides twice and is 4e-8 off.

    References
    ----------
    R. Simard and P. L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution", Journal of Statistical
    Software 39(11), 2011, section 2.

    Examples
    --------
    >>> round(kolmogorov_sf(0.05, 1000), 6)
    0.013012
    """
    size = n * distance * distance
    if n > _FEW and size >= _NONE:
        return 0.0
    if n > _MANY and size >= _FAR:
        return 2 * math.exp(-((6 * n * distance + 1) ** 2) / (18 * n))
    if _FEW < n <= _MANY and distance < 0.5 and size >= _TAIL:
        from scipy.special import smirnov

        return float(min(2 * smirnov(n, distance), 1.0))
    if n > _FEW and (size >= _TAIL or n > _PELZ_GOOD or n * distance**1.5 > 1.4):
        return min(max(1 - _pelz_good(distance, n), 0.0), 1.0)
    from scipy.stats import kstwo

    return float(np.clip(kstwo.sf(distance, n), 0.0, 1.0))


def _pelz_good(distance: float, n: int) -> float:
    """P(D < distance) to the order n^(-3/2), each term turned by Jacobi's theta functions.

    W. Pelz and I. J. Good, "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic", Journal
    of the Royal Statistical Society B 38(2), 1976, 152-156.
    """
    z = math.sqrt(n) * distance
    if z < 0.05:  # below 1e-200
        return 0.0
    every = np.arange(1, math.ceil(16 * z / math.pi) + 1, dtype=np.float64)
    m, p = (2 * every - 1) ** 2, math.pi**2  # squares of the odd numbers
    odd = np.exp(-p / (8 * z**2) * m)
    square = every**2
    all_of_them = square * np.exp(-p / (2 * z**2) * square)
    first = odd.sum() / z
    second = ((p / 4 * m - z**2) * odd).sum() / (6 * z**4)
    third = (6 * z**6 + 2 * z**4 + (2 * z**4 - 5 * z**2) * p / 4 * m + p**2 * (1 - 2 * z**2) / 16 * m**2) * odd
    fourth = (
        -30 * z**6
        - 90 * z**8
        + p * (135 * z**4 - 96 * z**6) / 4 * m
        + p**2 * (212 * z**4 - 60 * z**2) / 16 * m**2
        + p**3 * (5 - 30 * z**2) / 64 * m**3
    ) * odd
    terms = (
        first,
        second,
        third.sum() / (72 * z**7) - p * all_of_them.sum() / (36 * z**3),
        fourth.sum() / (6480 * z**10) + p * ((3 * z**2 - p * square) * all_of_them).sum() / (216 * z**6),
    )
    return math.sqrt(2 * math.pi) * float(sum(term / n ** (power / 2) for power, term in enumerate(terms)))
