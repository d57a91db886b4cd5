"""Means of row losses: of one model, and of two models on the same rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.estimate import Estimate, one_sided_alpha, unseen_limit, unseen_p

if TYPE_CHECKING:
    from numpy.typing import NDArray


def t_interval(
    values: NDArray[np.float64], *, level: float = 0.9, method: str = "t", scale: float | None = None
) -> Estimate:
    """Return Student's interval of a mean.

    Parameters
    ----------
    values : array of shape (n_rows,)
        Finite, at least two.
    level : float
        Two-sided level.
    method : str
        Name to report.
    scale : float or None
        Size of a typical value, used only where all values are equal: the interval is then the mean
        ``± scale * z^2 / (n + z^2)``, since rows that were not seen may differ. None: the size of the mean.

    Raises
    ------
    ValueError
        With fewer than two values, or where one is not finite.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25.
    """
    values = np.asarray(values, dtype=float)
    n = len(values)
    if n < 2 or not np.isfinite(values).all():
        raise ValueError("a mean with an interval needs two finite values or more")
    return t_limits(float(values.mean()), float(values.std(ddof=1)), n, level=level, method=method, scale=scale)


def t_limits(
    mean: float, spread: float, n: int, *, level: float = 0.9, method: str = "t", scale: float | None = None
) -> Estimate:
    """Return Student's interval of a mean whose values are not at hand.

    Parameters
    ----------
    mean, spread : float
        Of the values; ``spread`` is the sample standard deviation.
    n : int
        How many values, at least two.
    level, method, scale
        As :func:`t_interval` takes them.
    """
    from scipy.special import stdtr, stdtrit

    if spread <= 1e-13 * max(abs(mean), 1e-300) or spread == 0:
        return _constant(mean, n, level, method, abs(mean) if scale is None else scale)
    error = spread / math.sqrt(n)
    quantile = float(stdtrit(n - 1, 1 - one_sided_alpha(level)))
    return Estimate(
        estimate=mean,
        low=mean - quantile * error,
        high=mean + quantile * error,
        level=level,
        method=method,
        n=n,
        p_below=lambda bound: float(stdtr(n - 1, (mean - bound) / error)),
    )


def paired_t_interval(candidate: NDArray[np.float64], baseline: NDArray[np.float64], *, level: float = 0.9) -> Estimate:
    """Return the paired t interval of how much smaller the candidate's mean loss is.

    Parameters
    ----------
    candidate, baseline : array of shape (n_rows,)
        Losses of the two models on the same rows, smaller is better.
    level : float
        Two-sided level.

    Returns
    -------
    Estimate
        Of ``mean(baseline - candidate)``: positive where the candidate is better. Where every row has the same
        difference, the width comes from the spread of the losses instead (see :func:`t_interval`).

    Raises
    ------
    ValueError
        With fewer than two rows, lengths that differ, or a loss that is not finite.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25.
    """
    candidate, baseline = np.asarray(candidate, dtype=float), np.asarray(baseline, dtype=float)
    if candidate.shape != baseline.shape:
        raise ValueError(f"losses of shapes {candidate.shape} and {baseline.shape} are not pairs")
    both = np.concatenate([candidate, baseline])
    scale = float(both.std()) if both.size else 0.0
    return t_interval(baseline - candidate, level=level, method="paired t", scale=scale)


def _constant(mean: float, n: int, level: float, method: str, scale: float) -> Estimate:
    half = scale * unseen_limit(n, one_sided_alpha(level))
    return Estimate(
        estimate=mean,
        low=mean - half,
        high=mean + half,
        level=level,
        method=method,
        n=n,
        p_below=lambda bound: _unseen_p_below(n, bound - mean, scale),
    )


def _unseen_p_below(n: int, distance: float, scale: float) -> float:
    """Invert ``mean + scale * unseen_limit`` on either side of the mean."""
    if scale <= 0:
        return float(distance <= 0)
    share = abs(distance) / scale
    p = unseen_p(n, share)
    return p if distance >= 0 else 1 - p
