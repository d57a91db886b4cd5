"""How many rows a question needs, and what the rows at hand can answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, stdev

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


def auc_variance(auc: float, positives: float, negatives: float) -> float:
    """Return the variance of the area under one ROC curve, foretold from the area and the number of rows.

    Parameters
    ----------
    auc : float
        The area, between 0 and 1.
    positives, negatives : float
        Rows of the two classes, at least 1.

    Returns
    -------
    float
        ``(A (1 - A) + (P - 1) (Q1 - A^2) + (N - 1) (Q2 - A^2)) / (P N)`` with ``Q1 = A / (2 - A)`` and
        ``Q2 = 2 A^2 / (1 + A)``: exact for exponential scores, and near for most others.

    Raises
    ------
    ValueError
        Where the area is not between 0 and 1, or a class has no row.

    References
    ----------
    Hanley, J. A. and McNeil, B. J. (1982). The meaning and use of the area under a receiver operating characteristic
    (ROC) curve. Radiology 143, 29-36.

    Examples
    --------
    >>> round(auc_variance(0.8, 300, 1700) ** 0.5, 4)
    0.0159
    """
    if not 0 < auc < 1:
        raise ValueError(f"auc={auc!r} must lie between 0 and 1")
    if min(positives, negatives) < 1:
        raise ValueError(f"positives={positives!r} and negatives={negatives!r} must be at least 1")
    square = auc**2
    q1, q2 = auc / (2 - auc), 2 * square / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (q1 - square) + (negatives - 1) * (q2 - square)
    return spread / (positives * negatives)


def paired_variance(variance: float, correlation: float) -> float:
    """Return the variance of the difference of two estimates of equal variance from the same rows.

    ``2 * variance * (1 - correlation)``; for two areas under ROC curves as in Hanley, J. A. and McNeil, B. J. (1983),
    A method of comparing the areas under receiver operating characteristic curves derived from the same cases,
    Radiology 148, 839-843.

    Parameters
    ----------
    variance : float
        Of each estimate.
    correlation : float
        Of the two estimates over samples of rows, at least -1 and below 1.
    """
    if not -1 <= correlation < 1:
        raise ValueError(f"correlation={correlation!r} must be at least -1 and below 1")
    return 2 * variance * (1 - correlation)


def cluster_design_effect(sizes: Sequence[float], rho: float) -> float:
    """Return by what factor the variance of a mean grows where rows come in groups.

    Parameters
    ----------
    sizes : sequence of float
        Rows of each group, above 0.
    rho : float
        Intra-class correlation: of two rows of one group, between 0 and 1.

    Returns
    -------
    float
        ``1 + (m - 1) rho``, at least 1, where ``m = sum(size^2) / sum(size)`` is the size of the group that a row is
        in: the groups' common size where they are of one.

    References
    ----------
    Kish, L. (1965). Survey Sampling. Wiley, section 5.4.
    """
    if not 0 <= rho <= 1:
        raise ValueError(f"rho={rho!r} must lie between 0 and 1")
    typical = sum(size * size for size in sizes) / sum(sizes)
    return 1 + (typical - 1) * rho


def suggest_margin(values: Sequence[float], level: float = 0.95) -> float:
    """Return the margin that two trainings of one recipe stay within, by the metric of a few of them.

    Two trainings that differ by their seed alone have metrics ``X`` and ``Y``, independent and normal with one
    variance ``sigma^2``; their difference has variance ``2 sigma^2``. With ``s`` the standard deviation of ``k`` other
    trainings, ``(X - Y) / (s sqrt(2))`` follows Student's t with ``k - 1`` degrees of freedom, so that ``X`` falls
    short of ``Y`` by more than ``t_{k-1, level} s sqrt(2)`` with probability ``1 - level``: an upper prediction limit.
    A margin below it turns away one in ``1 / (1 - level)`` trainings (or more) for their seed.

    Parameters
    ----------
    values : sequence of float
        The metric of at least two trainings that differ by nothing but their seed, on the same rows.
    level : float
        Probability that a difference stays below the limit, between 0.5 and 1.

    Returns
    -------
    float
        The limit, in the unit of the metric; 0 where all values are equal. With few trainings ``t`` is large (6.3
        for two, 2.9 for three, 2.1 for five, at 0.95): that is the price of not knowing ``sigma``.

    Raises
    ------
    ValueError
        Where there are fewer than two values, one is not finite, or the level is out of range.

    References
    ----------
    Hahn, G. J. and Meeker, W. Q. (1991). Statistical Intervals. Wiley, chapter 4 (normal prediction limits).

    Examples
    --------
    >>> round(suggest_margin([0.761, 0.758, 0.763, 0.760, 0.759]), 4)
    0.0058
    """
    from scipy.special import stdtrit

    if not 0.5 < level < 1:
        raise ValueError(f"level={level!r} must lie between 0.5 and 1")
    spread = _retraining_spread(values)
    return float(stdtrit(len(values) - 1, level)) * spread * math.sqrt(2)


def chance_beyond(values: Sequence[float], margin: float) -> float:
    """Return how probable it is that a second training of the recipe is worse than a first by more than ``margin``.

    Parameters
    ----------
    values : sequence of float
        As :func:`suggest_margin` takes them.
    margin : float
        At least 0.

    Returns
    -------
    float
        The upper tail of Student's t; 0.5 for a margin of 0, and 0 where all values are equal and the margin is not 0.
    """
    from scipy.special import stdtr

    spread = _retraining_spread(values)
    if spread == 0:
        return 0.0 if margin > 0 else 0.5
    return float(stdtr(len(values) - 1, -margin / (spread * math.sqrt(2))))


def _retraining_spread(values: Sequence[float]) -> float:
    if len(values) < 2 or not all(math.isfinite(value) for value in values):
        raise ValueError(f"values={values!r} must be at least two finite numbers")
    return stdev(values)


def _quantiles(level: float, power: float) -> float:
    return normal_quantile(level) + NormalDist().inv_cdf(power)
