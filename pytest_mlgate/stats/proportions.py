"""Proportions: a single one, and the difference of two on the same rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

from pytest_mlgate.stats.estimate import Estimate, normal_quantile


def tango_statistic(gains: int, losses: int, n: int, bound: float) -> float:
    """Return Tango's score statistic for H0 "the difference is ``bound``".

    Parameters
    ----------
    gains, losses : int
        Rows that only the candidate has right, and rows that only the baseline has right.
    n : int
        All rows.
    bound : float
        The difference under H0, in [-1, 1].

    Returns
    -------
    float
        Standard normal under H0; positive where the difference looks larger than ``bound``; at ``bound = 0`` it is
        McNemar's statistic. Infinite where H0 cannot have produced the counts.

    References
    ----------
    Tango, T. (1998). Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design. Statistics in Medicine 17, 891-908, section 2.
    """
    distance = gains - losses - n * bound
    # q maximises the likelihood of "only the baseline is right" under H0: root of 2n q^2 + b q + c = 0
    b = -gains - losses + (2 * n - gains + losses) * bound
    c = -losses * bound * (1 - bound)
    q = (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
    variance = n * (2 * q + bound * (1 - bound))
    if variance <= 1e-12 * n:  # rounding can leave a trace of a variance that is nought
        return 0.0 if abs(distance) <= 1e-9 * n else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


def tango_interval(gains: int, losses: int, n: int, *, level: float = 0.9) -> Estimate:
    """Return the score interval of a paired difference of proportions, ``(gains - losses) / n``.

    It stays inside [-1, 1], keeps its level with few discordant rows, and has a width above nought when there is
    none: then it is ``±z^2 / (n + z^2)``.

    Parameters
    ----------
    gains, losses : int
        Rows that only the candidate has right, and rows that only the baseline has right.
    n : int
        All rows.
    level : float
        Two-sided level.

    Raises
    ------
    ValueError
        Where counts are negative, exceed ``n``, or ``n`` is 0.

    References
    ----------
    Tango, T. (1998). Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design. Statistics in Medicine 17, 891-908.
    """
    if gains < 0 or losses < 0 or n <= 0 or gains + losses > n:
        raise ValueError(f"gains={gains}, losses={losses} and n={n} are not counts of one sample")
    z = normal_quantile(level)

    def statistic(bound: float) -> float:
        return tango_statistic(gains, losses, n, bound)

    estimate = (gains - losses) / n
    return Estimate(
        estimate=estimate,
        low=-1.0 if losses == n else _crossing(statistic, z, -1.0, estimate),
        high=1.0 if gains == n else _crossing(statistic, -z, estimate, 1.0),
        level=level,
        method="Tango",
        n=n,
        p_below=lambda bound: NormalDist().cdf(statistic(bound)) if -1 <= bound <= 1 else float(bound < -1),
    )


def wilson_interval(hits: int, n: int, *, level: float = 0.9) -> Estimate:
    """Return the score interval of a proportion.

    Parameters
    ----------
    hits, n : int
        Rows with the property, all rows.
    level : float
        Two-sided level.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the
    American Statistical Association 22, 209-212.
    """
    if not 0 <= hits <= n or n <= 0:
        raise ValueError(f"hits={hits} and n={n} are not counts of one sample")
    z, share = normal_quantile(level), hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))

    def p_below(bound: float) -> float:
        if not 0 < bound < 1:
            return float(bound <= 0)
        return NormalDist().cdf((share - bound) / math.sqrt(bound * (1 - bound) / n))

    return Estimate(
        estimate=share,
        low=0.0 if hits == 0 else centre - half,
        high=1.0 if hits == n else centre + half,
        level=level,
        method="Wilson",
        n=n,
        p_below=p_below,
    )


def _crossing(falling: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Find where a falling function takes a value, by bisection down to the last bit."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if falling(middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
