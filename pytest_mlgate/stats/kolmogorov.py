"""The law of the one-sample Kolmogorov statistic, without the second that importing all of scipy.stats takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW = 140  # up to here exact matrices are small
_FEW_TAIL = 4.0  # from this n * d^2 on twice the one-sided chance serves up to there
_STIRLING = 16  # from here the series of five terms has all digits
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
        one-sided chance in the tail, the expansion of Pelz and Good in the middle, and an exact matrix power for few
        rows and for small distances. Above, by that expansion, and where p is below 4.2e-9 by
        ``2 exp(-(6 n d + 1)^2 / (18 n))``, which is a little too large: within 1e-11 of the tail, and closer than twice
        the one-sided chance is near p = 0.02, which counts rows that leave both sides twice and is 4e-8 off.

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
    if _FEW < n <= _MANY and size >= _TAIL:
        return min(2 * _one_sided(distance, n), 1.0)
    if n > _FEW and (size >= _TAIL or n > _PELZ_GOOD or n * distance**1.5 > 1.4):
        return min(max(1 - _pelz_good(distance, n), 0.0), 1.0)
    if n <= _FEW and (distance >= 0.5 or size > _FEW_TAIL):
        return min(2 * _one_sided(distance, n), 1.0)
    return min(max(1 - _durbin(distance, n), 0.0), 1.0)


def _one_sided(distance: float, n: int) -> float:
    """P(D+ >= distance), the sum over j <= n (1 - d) of ``d / a * C(n, j) a^j (1 - a)^(n - j)`` with ``a = d + j / n``.

    Each term is a binomial chance, computed from its deviance so that no large logarithms cancel (C. Loader, "Fast and
    accurate computation of binomial probabilities", 2000); the sum is that of N. V. Smirnov (1944), as Simard and
    L'Ecuyer write it.
    """
    if distance >= 1:
        return 0.0
    j = np.arange(1, math.ceil(n * (1 - distance)), dtype=np.float64)
    ahead = n * distance
    j = j[j + ahead < n]
    rest = n - j
    deviance = ahead - j * np.log1p(ahead / j) - rest * np.log1p(-ahead / rest) - ahead
    logs = _stirling_error(np.array([n]))[0] - _stirling_error(j) - _stirling_error(rest) - deviance
    chances = np.exp(logs) * np.sqrt(n / (2 * math.pi * j * rest))
    found = float((distance / (distance + j / n) * chances).sum())
    return math.exp(n * math.log1p(-distance)) + found


def _stirling_error(k: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``ln k! - ln(sqrt(2 pi k) (k / e)^k)`` of positive whole numbers."""
    square = k * k
    found = (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / k
    few = np.flatnonzero(k < _STIRLING)
    half = math.log(2 * math.pi) / 2
    found[few] = [math.lgamma(x + 1) - (x + 0.5) * math.log(x) + x - half for x in k[few].tolist()]
    return found


def _durbin(distance: float, n: int) -> float:
    """P(D < distance) as an entry of a matrix to the power n; exact.

    G. Marsaglia, W. W. Tsang and J. Wang, "Evaluating Kolmogorov's distribution", Journal of Statistical Software
    8(18), 2003.
    """
    if n * distance <= 0.5:  # no sample lies nearer
        return 0.0
    k = int(n * distance) + 1
    size, h = 2 * k - 1, k - n * distance
    row, column = np.indices((size, size))
    apart = row - column + 1
    matrix = (apart >= 0).astype(np.float64)
    matrix[:, 0] -= h ** np.arange(1, size + 1)
    matrix[-1, :] -= h ** np.arange(size, 0, -1)
    matrix[-1, 0] += max(2 * h - 1, 0.0) ** size
    matrix /= np.exp([math.lgamma(step + 1) for step in range(size + 1)])[np.maximum(apart, 0)]
    power, logs = np.eye(size), 0.0  # power * exp(logs) is what was multiplied so far
    square, scale, left = matrix, 0.0, n
    while left:
        if left % 2:
            power, logs = power @ square, logs + scale
            largest = float(np.abs(power).max())
            power, logs = power / largest, logs + math.log(largest)
        square, scale, left = square @ square, 2 * scale, left // 2
        largest = float(np.abs(square).max())
        square, scale = square / largest, scale + math.log(largest)
    entry = float(power[k - 1, k - 1])
    return math.exp(math.log(entry) + logs + math.lgamma(n + 1) - n * math.log(n)) if entry > 0 else 0.0


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
