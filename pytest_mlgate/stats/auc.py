"""Areas under the ROC curve: one, and the difference of two on the same rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_mlgate.stats.estimate import Estimate, one_sided_alpha, unseen_limit

_Array: TypeAlias = NDArray[np.float64]
# Simulated: the plain interval keeps its level below this area, if enough rows stand on the wrong side.
CEILING = 0.95
FEW_WRONG = 2.5


@dataclass(frozen=True, kw_only=True, slots=True)
class DeLong:
    """Areas of two scores on the same rows, with their covariance.

    Attributes
    ----------
    auc : array of shape (2,)
        Areas of candidate and baseline.
    covariance : array of shape (2, 2)
        Of the two areas.
    positives, negatives : int
        Rows of either class.
    same_order : bool
        Whether both scores rank all rows alike.
    """

    auc: _Array
    covariance: _Array
    positives: int
    negatives: int
    same_order: bool

    @property
    def difference(self) -> float:
        """Area of the candidate minus area of the baseline."""
        return float(self.auc[0] - self.auc[1])

    @property
    def error(self) -> float:
        """Standard error of the difference."""
        (a, ab), (_, b) = self.covariance
        return math.sqrt(max(float(a + b - 2 * ab), 0.0))

    @property
    def correlation(self) -> float:
        """Correlation of the two areas; 0 where one of them shows no variation."""
        (a, ab), (_, b) = self.covariance
        return float(np.clip(ab / math.sqrt(a * b), -1, 1)) if a > 0 and b > 0 else 0.0


def midranks(values: _Array) -> _Array:
    """Return ranks from 1, where equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: _Array = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks


def delong(positive: ArrayLike, candidate: ArrayLike, baseline: ArrayLike) -> DeLong:
    """Return the areas of two scores and their covariance, in O(n log n).

    Parameters
    ----------
    positive : array-like of bool, shape (n_rows,)
        Which rows are positive; at least two of either class.
    candidate, baseline : array-like of shape (n_rows,)
        Finite scores, larger for positive.

    Raises
    ------
    ValueError
        With fewer than two rows of a class, lengths that differ, or a score that is not finite.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated
    receiver operating characteristic curves. Biometrics 44, 837-845.

    Sun, X. and Xu, W. (2014). Fast implementation of DeLong's algorithm. IEEE Signal Processing Letters 21,
    1389-1393.
    """
    truth = np.asarray(positive, dtype=bool)
    scores = [np.asarray(candidate, dtype=float), np.asarray(baseline, dtype=float)]
    if any(score.shape != truth.shape or not np.isfinite(score).all() for score in scores):
        raise ValueError("scores must be finite, one for each row")
    m, n = int(truth.sum()), int((~truth).sum())
    if m < 2 or n < 2:
        raise ValueError(f"{m} positive and {n} negative rows: two of either are needed")
    ranks = [midranks(score) for score in scores]
    # share of negatives below each positive row, and of positives above each negative row
    above = np.array([(rank[truth] - midranks(score[truth])) / n for rank, score in zip(ranks, scores, strict=True)])
    below = np.array(
        [1 - (rank[~truth] - midranks(score[~truth])) / m for rank, score in zip(ranks, scores, strict=True)]
    )
    return DeLong(
        auc=above.mean(axis=1),
        covariance=np.cov(above) / m + np.cov(below) / n,
        positives=m,
        negatives=n,
        same_order=bool(np.array_equal(ranks[0], ranks[1])),
    )


def delong_interval(positive: ArrayLike, candidate: ArrayLike, baseline: ArrayLike, *, level: float = 0.9) -> Estimate:
    """Return the interval of the difference of two areas on the same rows.

    DeLong's interval with the t quantile of ``min(positives, negatives) - 1`` degrees of freedom. Near the ceiling
    (an area above 0.95, or so few rows of a class that fewer than 2.5 of them count as wrong) that one passes 8 to
    15 % of candidates that are exactly a margin worse (simulated, 20 to 50 positives); there the wider of two
    logit-scale intervals is taken: the worse end moved by the error of the paired difference of logits, and the
    two areas' own logit intervals combined with their correlation (Zou and Donner 2008). An area of exactly 1 has
    no logit; its limits are Newcombe's. Scores that show no difference at all get ``± z^2 / (n + z^2)``.

    Parameters
    ----------
    positive, candidate, baseline : array-like of shape (n_rows,)
        As :func:`delong` takes them.
    level : float
        Two-sided level.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
    Statistics in Medicine 27, 1693-1702.

    Newcombe, R. G. (2006). Confidence intervals for an effect size measure based on the Mann-Whitney statistic.
    Part 2: asymptotic methods and evaluation. Statistics in Medicine 25, 559-573, method 5.
    """
    areas = delong(positive, candidate, baseline)
    smaller, n = min(areas.positives, areas.negatives), areas.positives + areas.negatives
    ceiling = (1 - areas.auc.max()) < max(1 - CEILING, FEW_WRONG / smaller)
    no_difference = areas.error <= 1e-12

    def half(alpha: float, upper: bool) -> float:
        widths = [unseen_limit(n, alpha)] if no_difference else []
        if ceiling and not areas.same_order:
            widths.append(_ceiling_half(areas, _t_quantile(smaller - 1, alpha), upper))
        elif not no_difference:
            widths.append(_t_quantile(smaller - 1, alpha) * areas.error)
        return max(widths)

    method = "DeLong, logit" if ceiling else "DeLong"
    return _estimate(areas.difference, half, level=level, method=method, n=n)


def auc_interval(positive: ArrayLike, score: ArrayLike, *, level: float = 0.9) -> Estimate:
    """Return the interval of one area: DeLong's variance on the logit scale, t quantile.

    An area of exactly 0 or 1, which has no logit, gets Newcombe's limits instead.

    Parameters
    ----------
    positive, score : array-like of shape (n_rows,)
        As :func:`delong` takes them.
    level : float
        Two-sided level.

    References
    ----------
    Pepe, M. S. (2003). The Statistical Evaluation of Medical Tests for Classification and Prediction. Oxford
    University Press, section 5.2.
    """
    areas = delong(positive, score, score)
    smaller = min(areas.positives, areas.negatives)

    def half(alpha: float, upper: bool) -> float:
        return float(_own_half(areas, 0, np.array([_t_quantile(smaller - 1, alpha)]), upper)[0])

    return _estimate(
        float(areas.auc[0]), half, level=level, method="DeLong, logit", n=areas.positives + areas.negatives
    )


@dataclass(frozen=True, slots=True)
class RocOrder:
    """Rows of either class in the order of a score, and for each positive one the negatives below and not above it.

    ``not_above`` is None where no positive row shares its score with a negative one.
    """

    positives: NDArray[np.intp]
    negatives: NDArray[np.intp]
    below: NDArray[np.intp]
    not_above: NDArray[np.intp] | None


def roc_order(positive: ArrayLike, score: ArrayLike) -> RocOrder:
    """Sort the rows of a score once, so that its area can be had for many weights.

    Parameters
    ----------
    positive : array-like of bool, shape (n_rows,)
        Which rows are positive.
    score : array-like of shape (n_rows,)
        Finite, larger for positive.
    """
    truth, values = np.asarray(positive, dtype=bool), np.asarray(score, dtype=float)
    order = np.argsort(values, kind="stable")
    ours, theirs = order[truth[order]], order[~truth[order]]
    below, not_above = (np.searchsorted(values[theirs], values[ours], side=side) for side in ("left", "right"))
    return RocOrder(ours, theirs, below, None if np.array_equal(below, not_above) else not_above)


def weighted_auc(weights: NDArray[Any], order: RocOrder) -> float:
    """Return the area under the ROC curve of weighted rows, in O(n).

    Parameters
    ----------
    weights : array of shape (n_rows,)
        At least 0; the counts of a resample, sample weights, or their product.
    order : RocOrder
        Of the same rows.

    Returns
    -------
    float
        NaN where a class has no weight.
    """
    ours, theirs = weights[order.positives], weights[order.negatives]
    up_to = np.zeros(len(theirs) + 1, dtype=weights.dtype)
    np.cumsum(theirs, out=up_to[1:])
    pairs = float(ours.sum()) * float(up_to[-1])
    if not pairs > 0:
        return math.nan
    won = float(ours @ up_to[order.below])
    if order.not_above is not None:
        won = (won + float(ours @ up_to[order.not_above])) / 2
    return won / pairs


def _t_quantile(df: int, alpha: float) -> float:
    from scipy.special import stdtrit

    # scipy answers +inf in place of -inf far out; the square of a larger quantile would overflow
    return min(1e9, abs(float(stdtrit(df, alpha))))


def _estimate(value: float, half: Callable[[float, bool], float], *, level: float, method: str, n: int) -> Estimate:
    """Build an estimate from its half widths; the p-value is the error rate at which a limit meets the bound."""

    def p_below(bound: float) -> float:
        from scipy.optimize import brentq

        upper, distance = bound >= value, abs(bound - value)

        def beyond(log_p: float) -> float:
            return half(math.exp(log_p), upper) - distance

        least, most = math.log(1e-300), math.log(0.5)
        if beyond(least) < 0:
            p = 1e-300
        elif beyond(most) >= 0:
            p = 0.5
        else:
            p = math.exp(brentq(beyond, least, most, xtol=1e-12))
        return p if upper else 1 - p

    alpha = one_sided_alpha(level)
    return Estimate(
        estimate=value,
        low=value - half(alpha, False),
        high=value + half(alpha, True),
        level=level,
        method=method,
        n=n,
        p_below=p_below,
    )


def _ceiling_half(areas: DeLong, quantile: float, upper: bool) -> float:
    # Of strongly correlated areas the combined width is not monotone in the quantile: take the widest on the way.
    steps = np.linspace(0, quantile, 65)
    better, worse = (0, 1) if upper else (1, 0)  # the area that moves up, and the one that moves down
    rise = _own_half(areas, better, steps, True)
    fall = _own_half(areas, worse, steps, False)
    combined = np.sqrt(np.maximum(rise**2 - 2 * areas.correlation * rise * fall + fall**2, 0))
    width = float(combined.max())
    auc = areas.auc
    if ((auc > 0) & (auc < 1)).all():
        slope = np.array([1, -1]) / (auc * (1 - auc))
        error = math.sqrt(max(float(slope @ areas.covariance @ slope), 0.0))
        width = max(width, float(auc[worse] - _expit(_logit(auc[worse]) - quantile * error)))
    return width


def _own_half(areas: DeLong, which: int, quantiles: _Array, upper: bool) -> _Array:
    """Distance from one area to its own limit, for each quantile."""
    auc, variance = float(areas.auc[which]), float(areas.covariance[which, which])
    sign = 1 if upper else -1
    if 0 < auc < 1 and variance > 0:
        error = math.sqrt(variance) / (auc * (1 - auc))
        return np.abs(_expit(_logit(auc) + sign * quantiles * error) - auc)
    return np.abs(_newcombe(auc, areas.positives, areas.negatives, quantiles, upper) - auc)


def _newcombe(auc: float, m: int, n: int, quantiles: _Array, upper: bool) -> _Array:
    """Score limits of an area, under the exponential model of Hanley and McNeil (1982), by bisection."""
    near, far = np.full(len(quantiles), auc), np.full(len(quantiles), float(upper))
    rows = (m + n) / 2 - 1
    for _ in range(45):
        middle = (near + far) / 2
        variance = middle * (1 - middle) / (m * n)
        variance = variance * (1 + rows * ((1 - middle) / (2 - middle) + middle / (1 + middle)))
        inside = np.abs(middle - auc) <= quantiles * np.sqrt(variance)
        near, far = np.where(inside, middle, near), np.where(inside, far, middle)
    return far


def _logit(share: _Array | float) -> _Array:
    return np.asarray(np.log(share) - np.log1p(-np.asarray(share)))


def _expit(value: _Array) -> _Array:
    from scipy.special import expit

    return np.asarray(expit(value))
