"""The chi-square law with whole degrees of freedom, without the time that importing scipy.special takes."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_STEPS = 200
_FAR = 1e-300


def chi_square_sf(statistic: float, degrees: int) -> float:
    """Return the upper tail of the chi-square law.

    A finite sum of positive terms, so that small tails keep their digits: with ``h = statistic / 2`` it is
    ``exp(-h) * sum h^i / i!`` over i from 0 to ``degrees / 2 - 1`` for even degrees, and
    ``erfc(sqrt(h)) + exp(-h) * sum h^(i - 1/2) / Gamma(i + 1/2)`` over i from 1 to ``(degrees - 1) / 2`` for odd ones.

    Parameters
    ----------
    statistic : float
        Not negative; may be infinite.
    degrees : int
        At least 1.

    Returns
    -------
    float
        In [0, 1]; as ``scipy.special.chdtrc``, to about 13 digits.

    References
    ----------
    M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 1964, 26.4.4 and 26.4.5.

    Examples
    --------
    >>> round(chi_square_sf(8.333333, 1), 6), chi_square_sf(0.0, 3)
    (0.003892, 1.0)
    """
    h = statistic / 2
    if h <= 0:
        return 1.0
    if math.isinf(h):
        return 0.0
    start = 0.0 if degrees % 2 == 0 else 0.5
    first = 0.0 if degrees % 2 == 0 else math.erfc(math.sqrt(h))
    return min(first + _tail_sum(h, start, degrees // 2), 1.0)


@lru_cache(maxsize=1024)
def chi_square_isf(tail: float, degrees: int) -> float:
    """Return the value above which the chi-square law has a tail of some weight.

    Parameters
    ----------
    tail : float
        In (0, 1).
    degrees : int
        At least 1.

    Returns
    -------
    float
        As ``scipy.special.chdtri``, to about 11 digits for a tail of a half or less; near 1 to fewer.

    Examples
    --------
    >>> round(chi_square_isf(0.05, 1), 6)
    3.841459
    """
    low, high = 0.0, max(2 * _wilson_hilferty(tail, degrees), 1.0)
    while chi_square_sf(high, degrees) > tail:
        low, high = high, 2 * high
    value = (low + high) / 2
    for _ in range(_STEPS):
        found = chi_square_sf(value, degrees)
        low, high = (value, high) if found > tail else (low, value)
        # Newton's step on the logarithm of the tail, which is nearly straight; halving where it leaves the bracket.
        slope = _density(value, degrees) / found if found > _FAR else 0.0
        ahead = value + math.log(found / tail) / slope if slope else low
        new = ahead if low < ahead < high else (low + high) / 2
        if abs(new - value) <= 4e-16 * new or high - low <= 4e-16 * high:
            return new
        value = new
    return value


def _tail_sum(h: float, start: float, terms: int) -> float:
    """Return ``exp(-h) * sum of h^(i + start) / Gamma(i + start + 1)`` over so many i, from 0 on."""
    if not terms:
        return 0.0
    largest = min(max(math.floor(h - start), 0), terms - 1)  # from there on both ways the terms fall
    power = largest + start
    at = math.exp(power * math.log(h) - h - math.lgamma(power + 1))
    total, term = at, at
    for i in range(largest, 0, -1):
        term *= (i + start) / h
        total += term
        if term < total * 1e-18:
            break
    term = at
    for i in range(largest + 1, terms):
        term *= h / (i + start)
        total += term
        if term < total * 1e-18:
            break
    return total


def _density(value: float, degrees: int) -> float:
    half = degrees / 2
    return math.exp((half - 1) * math.log(value / 2) - value / 2 - math.lgamma(half)) / 2


def _wilson_hilferty(tail: float, degrees: int) -> float:
    """Return the value about which the tail is reached (Wilson and Hilferty 1931)."""
    spread = 2 / (9 * degrees)
    deviate = -NormalDist().inv_cdf(max(tail, 1e-300))
    return degrees * max(1 - spread + deviate * math.sqrt(spread), 0.0) ** 3
