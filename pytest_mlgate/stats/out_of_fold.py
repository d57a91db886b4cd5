"""The area under the ROC curve of scores that come from cross-validation."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.auc import auc_interval, midranks
from pytest_mlgate.stats.estimate import Estimate, normal_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def out_of_fold_auc(positive: ArrayLike, score: ArrayLike, fold: ArrayLike, *, level: float = 0.9) -> Estimate:
    """Return the area of out-of-fold scores, with limits that hold where there is nothing to tell apart.

    Scores of different folds come from different fits and have no common scale, so each is replaced by its rank
    within its fold before all rows are pooled. DeLong's limits then take the rows for independent of the fits. They
    are not: of any two rows of different folds each had a part in the fit that scored the other, so that a chance
    likeness of the two counts twice. For a fit whose scores are sums over its training rows of a symmetric
    similarity that doubles the variance where there is nothing to learn, and the limits stand ``sqrt(2)`` times as
    far from the area here.

    Parameters
    ----------
    positive : array-like of bool, shape (n_rows,)
        Which rows are positive; two of either class at least.
    score : array-like of shape (n_rows,)
        Of the fit that has not seen the row; finite.
    fold : array-like of int, shape (n_rows,)
        The fold of each row, each with a like share of positives.
    level : float
        Two-sided level.

    References
    ----------
    Bengio, Y. and Grandvalet, Y. (2004). No unbiased estimator of the variance of k-fold cross-validation. Journal
    of Machine Learning Research 5, 1089-1105.
    """
    values, folds = np.asarray(score, dtype=float), np.asarray(fold)
    ranks = np.empty(len(values))
    for number in np.unique(folds):
        rows = folds == number
        ranks[rows] = midranks(values[rows]) / (int(rows.sum()) + 1)
    plain = auc_interval(positive, ranks, level=level)
    below, above = (math.sqrt(2) * half for half in (plain.estimate - plain.low, plain.high - plain.estimate))
    z = normal_quantile(level)

    def p_below(bound: float) -> float:
        distance, half = plain.estimate - bound, below if bound < plain.estimate else above
        if half == 0:  # the limit of an area of 0 or 1 on its own side
            return 0.5 if distance == 0 else float(distance > 0)
        return NormalDist().cdf(distance / half * z)

    return replace(
        plain,
        low=max(plain.estimate - below, 0.0),
        high=min(plain.estimate + above, 1.0),
        method="DeLong of ranks within folds, widened by the square root of 2",
        p_below=p_below,
    )
