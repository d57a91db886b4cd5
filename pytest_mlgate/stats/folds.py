"""Differences of fold scores: models that were compared by cross-validation, without common rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.estimate import Estimate, one_sided_alpha

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def corrected_t_interval(differences: ArrayLike, *, ratio: float, level: float = 0.9) -> Estimate:
    """Return the corrected resampled t interval of a mean difference of fold scores.

    Folds share most of their training rows, so their scores are not independent, and the plain paired t over folds
    is far too sure (simulated: 58 to 63 % false alarms). The correction adds ``n_test / n_train`` to the ``1 / folds``
    of the variance, as if that share were the correlation of two folds: a rule of thumb, so weaker evidence than
    two models on the same rows.

    Parameters
    ----------
    differences : array-like of shape (n_folds,)
        Candidate minus baseline on each fold, both fitted on the same training rows of it; finite, at least two.
    ratio : float
        Test rows over training rows of a fold, above 0: 1/9 for ten folds, whatever the repeats. 0 gives the
        plain paired t.
    level : float
        Two-sided level.

    Returns
    -------
    Estimate
        Of the mean difference; ``n`` counts the folds. Where all differences are equal there is no variance to
        correct, and the interval is a point: the caller must not take that for certainty.

    Raises
    ------
    ValueError
        With fewer than two folds, a difference that is not finite, or a negative ratio.

    References
    ----------
    Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine Learning 52, 239-281, section 4.

    Bouckaert, R. R. and Frank, E. (2004). Evaluating the replicability of significance tests for comparing learning
    algorithms. Advances in Knowledge Discovery and Data Mining, LNCS 3056, 3-12 (repeated folds).
    """
    from scipy.special import stdtr, stdtrit

    values = np.asarray(differences, dtype=float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError("two finite differences or more are needed, one a fold")
    if not 0 <= ratio < math.inf:
        raise ValueError(f"ratio={ratio!r} must be test rows over training rows, at least 0")
    folds, mean = len(values), float(values.mean())
    error = math.sqrt((1 / folds + ratio) * float(values.var(ddof=1)))
    half = float(stdtrit(folds - 1, 1 - one_sided_alpha(level))) * error

    def p_below(bound: float) -> float:
        if error == 0:
            return float(mean >= bound)
        return float(stdtr(folds - 1, (mean - bound) / error))

    return Estimate(
        estimate=mean,
        low=mean - half,
        high=mean + half,
        level=level,
        method="corrected resampled t",
        n=folds,
        p_below=p_below,
    )
