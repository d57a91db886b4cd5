"""Two independent proportions: score statistics and limits of their difference and of their ratio, for arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_mlgate.stats.estimate import normal_quantile

_Array: TypeAlias = NDArray[np.float64]
_STEPS = 50  # halves the widest bracket, 80, to less than 1e-13
_FARTHEST = 40.0  # a ratio of rates beyond e^40 is none


def difference_statistic(
    hits: ArrayLike, rows: ArrayLike, hits_2: ArrayLike, rows_2: ArrayLike, bound: ArrayLike
) -> _Array:
    """Return the score statistic for H0 "the first rate minus the second is ``bound``".

    Parameters
    ----------
    hits, rows, hits_2, rows_2 : array-like of numbers
        Counts of the two independent samples, broadcast together; they need not be whole (effective counts).
    bound : array-like
        The difference under H0, in [-1, 1].

    Returns
    -------
    ndarray
        Standard normal under H0, positive where the difference looks larger than ``bound``; infinite where H0
        cannot have produced the counts.

    References
    ----------
    Miettinen, O. and Nurminen, M. (1985). Comparative analysis of two rates. Statistics in Medicine 4, 213-226,
    equations 8 and 9 and appendix I (the closed form of the restricted estimate).
    """
    return _difference_statistic(*_floats(hits, rows, hits_2, rows_2, bound))


def _difference_statistic(x1: _Array, n1: _Array, x2: _Array, n2: _Array, d: _Array) -> _Array:
    n, x = n1 + n2, x1 + x2
    # the second rate maximises the likelihood under H0: a root of n p^3 + c2 p^2 + c1 p + c0
    c2 = (n1 + 2 * n2) * d - n - x
    c1 = (n2 * d - n - 2 * x2) * d + x
    c0 = x2 * d * (1 - d)
    third = c2 / (3 * n)
    q = third**3 - c1 * c2 / (6 * n * n) + c0 / (2 * n)
    size = np.sqrt(np.maximum(third**2 - c1 / (3 * n), 0)) * np.where(q >= 0, 1, -1)
    cosine = np.divide(q, size**3, out=np.ones_like(q), where=np.abs(size) > 1e-12)
    angle = (np.pi + np.arccos(np.clip(cosine, -1, 1))) / 3
    second = np.clip(2 * size * np.cos(angle) - third, np.maximum(0, -d), np.minimum(1, 1 - d))
    first = np.clip(second + d, 0, 1)
    variance = (first * (1 - first) / n1 + second * (1 - second) / n2) * n / (n - 1)
    return _standardised(x1 / n1 - x2 / n2 - d, variance)


def ratio_statistic(hits: ArrayLike, rows: ArrayLike, hits_2: ArrayLike, rows_2: ArrayLike, bound: ArrayLike) -> _Array:
    """Return the score statistic for H0 "the first rate over the second is ``bound``".

    Parameters
    ----------
    hits, rows, hits_2, rows_2 : array-like of numbers
        As :func:`difference_statistic` takes them.
    bound : array-like
        The ratio under H0, above 0.

    Returns
    -------
    ndarray
        Standard normal under H0, positive where the ratio looks larger than ``bound``. Its square is Koopman's
        statistic. 0 where neither sample has a hit: they say nothing of a ratio.

    References
    ----------
    Koopman, P. A. R. (1984). Confidence intervals for the ratio of two binomial proportions. Biometrics 40, 513-517.
    """
    return _ratio_statistic(*_floats(hits, rows, hits_2, rows_2, bound))


def _ratio_statistic(x1: _Array, n1: _Array, x2: _Array, n2: _Array, r: _Array) -> _Array:
    b = x1 + n2 + r * (x2 + n1)
    root = np.sqrt(np.maximum(b * b - 4 * r * (n1 + n2) * (x1 + x2), 0))
    second = np.clip(2 * (x1 + x2) / (b + root), 0, np.minimum(1, 1 / r))
    first = np.clip(r * second, 0, 1)
    variance = first * (1 - first) / n1 + r * r * second * (1 - second) / n2
    return _standardised(x1 / n1 - r * x2 / n2, variance)


def difference_limits(
    hits: ArrayLike, rows: ArrayLike, hits_2: ArrayLike, rows_2: ArrayLike, *, level: float = 0.9
) -> tuple[_Array, _Array]:
    """Return the limits of a difference of two independent rates, by inverting :func:`difference_statistic`.

    They stay inside [-1, 1] and have a width above nought with no hit, or none but hits, in either sample.
    """
    counts = _counts(hits, rows, hits_2, rows_2)
    z = normal_quantile(level)

    def statistic(bound: _Array) -> _Array:
        return _difference_statistic(*counts, bound)

    low, high = _crossings(statistic, z, end=1.0, shape=counts[0].shape)
    return low, high


def ratio_limits(
    hits: ArrayLike, rows: ArrayLike, hits_2: ArrayLike, rows_2: ArrayLike, *, level: float = 0.9
) -> tuple[_Array, _Array]:
    """Return the limits of a ratio of two independent rates, by inverting :func:`ratio_statistic`.

    The lower one is 0 where the first sample has no hit, the upper one infinite where the second has none.
    """
    counts = _counts(hits, rows, hits_2, rows_2)
    z = normal_quantile(level)

    def statistic(bound: _Array) -> _Array:
        return _ratio_statistic(*counts, np.exp(bound))

    low, high = np.exp(_crossings(statistic, z, end=_FARTHEST, shape=counts[0].shape))
    return np.where(counts[0] > 0, low, 0.0), np.where(counts[2] > 0, high, np.inf)


def _floats(*values: ArrayLike) -> tuple[_Array, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in values)))


def _counts(*values: ArrayLike) -> tuple[_Array, _Array, _Array, _Array]:
    hits, rows, hits_2, rows_2 = map(np.array, _floats(*values))
    if not ((hits >= 0) & (hits <= rows) & (rows > 0) & (hits_2 >= 0) & (hits_2 <= rows_2) & (rows_2 > 0)).all():
        raise ValueError("hits and rows are not counts of two samples")
    return hits, rows, hits_2, rows_2


def _standardised(distance: _Array, variance: _Array) -> _Array:
    still = variance <= 1e-15  # rounding can leave a trace of a variance that is nought
    beyond = np.where(np.abs(distance) <= 1e-9, 0.0, np.copysign(np.inf, distance))
    return np.where(still, beyond, distance / np.sqrt(np.where(still, 1.0, variance)))


def _crossings(falling: Callable[[_Array], _Array], z: float, *, end: float, shape: tuple[int, ...]) -> _Array:
    """Find where a falling function is ``z`` and where it is ``-z``, within ``end`` of nought, by bisection.

    Both are looked for at once, element by element: the arrays are short, and a call costs more than its elements.
    """
    target = np.reshape([z, -z], (2, *(1 for _ in shape)))
    low: _Array = np.full((2, *shape), -end)
    high: _Array = np.full((2, *shape), end)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        above = falling(middle) > target
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray((low + high) / 2)
