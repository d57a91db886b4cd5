"""Means over rows that count differently or stand together: linearised variance, Student's t."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlgate.stats.estimate import Estimate, one_sided_alpha, widened
from pytest_mlgate.stats.means import t_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def weighted_t_interval(
    values: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.9,
    method: str = "t",
    scale: float = 0.0,
) -> Estimate:
    """Return the interval of a weighted mean, with the linearised (sandwich) variance.

    The mean is a ratio of two sums, so its variance is that of ``w * (value - mean) / sum(w)``, summed over rows or
    over groups of rows. Degrees of freedom are those of the effective number of units, ``sum(w)^2 / sum(w^2)`` over
    rows (Kish) or over the groups' weights, less one.

    Parameters
    ----------
    values : array-like of shape (n_rows,)
        Finite. For two models: candidate minus baseline of each row.
    weights : array-like of shape (n_rows,), optional
        At least 0, two or more above; default: all alike.
    groups : array-like of shape (n_rows,), optional
        Which rows belong together; only groups are then independent.
    level : float
        Two-sided level.
    method : str
        Name to report.
    scale : float
        Size of a typical value: limits are at least ``scale * z^2 / (n + z^2)`` away from the mean for ``n`` effective
        rows, since rows that were not seen may differ; 0: what was seen is all that counts.

    Raises
    ------
    ValueError
        Where a value is not finite, or fewer than two units have a weight above 0.

    References
    ----------
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International
    Statistical Review 51, 279-292.

    Kish, L. (1965). Survey Sampling. Wiley, section 11.7 (the effective number of rows).
    """
    from scipy.special import stdtr, stdtrit

    value = np.asarray(values, dtype=float)
    weight = np.ones(len(value)) if weights is None else np.asarray(weights, dtype=float)
    mass, sums = _by_unit(value, weight, groups)
    units = int(np.count_nonzero(mass))
    if units < 2 or not np.isfinite(value).all():
        raise ValueError("a weighted mean with an interval needs finite values of two units or more")
    total = float(mass.sum())
    mean = float(sums.sum()) / total
    residuals = sums - mean * mass
    error = math.sqrt(units / (units - 1) * float(residuals @ residuals)) / total
    effective = max(total**2 / float(mass @ mass), 2.0)
    if error <= 1e-13 * max(abs(mean), 1e-300):
        return t_interval(np.full(max(int(effective), 2), mean), level=level, method=method, scale=scale or None)
    quantile = float(stdtrit(effective - 1, 1 - one_sided_alpha(level)))
    found = Estimate(
        estimate=mean,
        low=mean - quantile * error,
        high=mean + quantile * error,
        level=level,
        method=method,
        n=units,
        p_below=lambda bound: float(stdtr(effective - 1, (mean - bound) / error)),
    )
    return widened(found, scale, n=int(weight.sum() ** 2 / float(weight @ weight)))


def _by_unit(
    value: NDArray[np.float64], weight: NDArray[np.float64], groups: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight and weighted sum of each row, or of each group."""
    if groups is None:
        return weight, weight * value
    _, codes = np.unique(np.asarray(groups), return_inverse=True)
    mass, sums = (np.bincount(codes, weights=part).astype(float) for part in (weight, weight * value))
    return mass, sums
