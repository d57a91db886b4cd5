"""Average precision with an interval: the t interval of its logit, whose deviation a bootstrap finds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlgate.stats.bootstrap import resampled_rows
from pytest_mlgate.stats.estimate import Estimate, one_sided_alpha

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FEWEST = 50
"""Rows of the rarer class: with fewer, simulated, one interval in eight misses instead of one in twenty."""
RESAMPLES = 400


def average_precision_interval(
    positive: ArrayLike, score: ArrayLike, *, level: float = 0.9, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """Return the average precision of a score with its limits.

    Percentiles of resamples miss on one side: rows that are drawn twice raise the precision. The deviation of the
    logit over resamples, used around the value itself, does not have that fault.

    Parameters
    ----------
    positive : array-like of bool, shape (n_rows,)
        Which rows are positive.
    score : array-like of shape (n_rows,)
        Finite, larger for positive.
    level : float
        Two-sided level.
    resamples, seed : int
        Of the bootstrap, at least 100.

    Raises
    ------
    ValueError
        Where a class has fewer than :data:`FEWEST` rows, or the value or that of a resample is 1.

    References
    ----------
    Boyd, K., Eng, K. H. and Page, C. D. (2013). Area under the precision-recall curve: point estimates and confidence
    intervals. ECML PKDD 2013, LNCS 8190, 451-466 (intervals on the scale of the logit).
    """
    from scipy.special import expit, stdtr, stdtrit

    truth, values = np.asarray(positive, dtype=bool), np.asarray(score, dtype=float)
    rarer = int(min(truth.sum(), len(truth) - truth.sum()))
    if rarer < FEWEST:
        raise ValueError(f"{rarer} rows of the rarer class, fewer than the {FEWEST} that an interval needs")
    order = np.argsort(-values, kind="stable")
    ends = np.flatnonzero(np.diff(values[order], append=-math.inf))
    ranked = truth[order].astype(float)
    value = _average_precision(np.ones(len(truth)), ranked, ends)
    drawn = [
        _average_precision(np.bincount(rows, minlength=len(truth))[order], ranked, ends)
        for rows in resampled_rows(len(truth), resamples=resamples, seed=seed)
    ]
    if not 0 < value < 1 or not all(0 < one < 1 for one in drawn):
        raise ValueError("the value, or that of a resample, is 0 or 1: its logit is not finite")
    centre, deviation = _logit(value), float(np.std([_logit(one) for one in drawn], ddof=1))
    half = deviation * float(-stdtrit(rarer - 1, one_sided_alpha(level)))
    return Estimate(
        estimate=value,
        low=float(expit(centre - half)),
        high=float(expit(centre + half)),
        level=level,
        method="t of the logit, bootstrap",
        n=len(truth),
        p_below=lambda bound: float(stdtr(rarer - 1, (centre - _logit(bound)) / deviation)),
    )


def _average_precision(weights: NDArray[Any], ranked: NDArray[np.float64], ends: NDArray[np.intp]) -> float:
    """Return the mean of the precision over the positives, of rows that are ranked, equal scores as one step."""
    found, of_all = np.cumsum(weights * ranked)[ends], np.cumsum(weights)[ends]
    precision = np.divide(found, of_all, out=np.zeros(len(ends)), where=of_all > 0)
    return float((np.diff(found, prepend=0) * precision).sum() / found[-1]) if found[-1] > 0 else 0.0


def _logit(share: float) -> float:
    return math.log(share) - math.log1p(-share)
