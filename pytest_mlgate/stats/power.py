"""How many rows a question needs, and what the rows at hand can answer."""

from __future__ import annotations

import math
from statistics import NormalDist

from pytest_mlgate.stats.estimate import normal_quantile


def rows_for_power(variance: float, margin: float, *, level: float = 0.9, power: float = 0.8) -> float:
    """Return the rows that an equal candidate needs to pass with probability ``power``.

    Parameters
    ----------
    variance : float
        Variance of one row's difference; for accuracy the share of discordant rows.
    margin : float
        Largest difference that does not matter, above 0.
    level : float
        Two-sided level of the interval.
    power : float
        Wanted probability of a pass, between 0 and 1.

    Returns
    -------
    float
        ``(z_alpha + z_power)^2 * variance / margin^2``: 6.18 times variance over squared margin by default;
        infinite for a margin of 0, since an equal candidate is never superior.

    References
    ----------
    Julious, S. A. (2004). Sample sizes for clinical trials with normal data. Statistics in Medicine 23,
    1921-1986, section 5 (non-inferiority).
    """
    if margin <= 0:
        return math.inf
    return (_quantiles(level, power) / margin) ** 2 * variance


def detectable_difference(variance: float, n: int, *, level: float = 0.9, power: float = 0.8) -> float:
    """Return the smallest margin at which an equal candidate passes ``n`` rows with probability ``power``.

    The inverse of :func:`rows_for_power`, in the unit of the metric.
    """
    return _quantiles(level, power) * math.sqrt(variance / n)


def rows_to_settle(
    n: int, estimate: float, low: float, high: float, bound: float, *, level: float = 0.9, power: float = 0.8
) -> float:
    """Return the rows that would settle on which side of ``bound`` the value lies.

    Parameters
    ----------
    n : int
        Rows behind the interval.
    estimate, low, high : float
        The interval; its width is taken to shrink with the square root of the rows.
    bound : float
        What the value is compared with.
    level, power : float
        Two-sided level of the interval, and the probability of an answer if the value is what it now seems to be.

    Returns
    -------
    float
        Infinite where the estimate lies on the bound: then no number of rows is known to be enough.
    """
    distance = abs(estimate - bound)
    half = estimate - low if estimate >= bound else high - estimate
    if distance == 0:
        return math.inf
    return n * (half / distance * _quantiles(level, power) / normal_quantile(level)) ** 2


def _quantiles(level: float, power: float) -> float:
    return normal_quantile(level) + NormalDist().inv_cdf(power)
