"""The paired bootstrap: both models on the same resample, over rows or over groups of rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_mlgate.stats.estimate import Estimate, one_sided_alpha, unseen_limit, unseen_p

_Array: TypeAlias = NDArray[np.float64]
_Rows: TypeAlias = NDArray[np.intp]
_CELLS = 256
_CHUNK = 2_000_000


def resampled_rows(
    n: int, *, resamples: int, seed: int, strata: ArrayLike | None = None, groups: ArrayLike | None = None
) -> Iterator[_Rows]:
    """Yield the row numbers of each resample, drawn with replacement.

    Parameters
    ----------
    n : int
        Rows.
    resamples : int
        How many resamples.
    seed : int
        Seed of the generator: the same seed gives the same resamples.
    strata : array-like of shape (n,), optional
        Rows are drawn within each stratum, so that each keeps its size. Not used together with ``groups``.
    groups : array-like of shape (n,), optional
        Whole groups are drawn instead of rows.
    """
    rng = np.random.default_rng(seed)
    if groups is not None:
        members = _members(groups)
        for _ in range(resamples):
            yield np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        return
    parts = [np.arange(n)] if strata is None else _members(strata)
    for _ in range(resamples):
        yield np.concatenate([part[rng.integers(len(part), size=len(part))] for part in parts])


def bootstrap_sums(
    columns: _Array,
    *,
    resamples: int,
    seed: int,
    strata: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> _Array:
    """Return the column sums of each resample: the fast way for any function of means.

    Parameters
    ----------
    columns : array of shape (n_rows, n_columns)
        What is summed, the columns of both models side by side so that they share each resample.
    resamples, seed, strata, groups
        As in :func:`resampled_rows`.

    Returns
    -------
    array of shape (resamples, n_columns)
    """
    rng = np.random.default_rng(seed)
    if groups is not None:
        columns = np.array([columns[rows].sum(axis=0) for rows in _members(groups)])
        strata = None
    parts = [columns] if strata is None else [columns[rows] for rows in _members(strata)]
    total = np.zeros((resamples, columns.shape[1]))
    for part in parts:
        total += _part_sums(part, resamples, rng)
    return total


def paired_bootstrap(
    statistic: Callable[[_Rows], tuple[float, float]],
    n: int,
    *,
    resamples: int = 2000,
    seed: int = 0,
    strata: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> _Array:
    """Return both models' metric on each resample.

    Parameters
    ----------
    statistic : callable
        ``statistic(rows) -> (candidate, baseline)``, the metric of both models on the rows with these numbers.
    n, resamples, seed, strata, groups
        As in :func:`resampled_rows`.

    Returns
    -------
    array of shape (resamples, 2)
        A value is NaN where the metric is not defined on a resample.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman and Hall, chapters 6 and 8.
    """
    draws = resampled_rows(n, resamples=resamples, seed=seed, strata=strata, groups=groups)
    return np.array([statistic(rows) for rows in draws], dtype=float)


def percentile_interval(
    draws: _Array,
    estimate: float,
    n: int,
    *,
    level: float = 0.9,
    method: str = "bootstrap",
    floor: float = 0.0,
    unseen: int | None = None,
) -> Estimate:
    """Return the expanded percentile interval of resampled values.

    Parameters
    ----------
    draws : array of shape (resamples,)
        The resampled values; those that are not finite are left out, at most one in a hundred.
    estimate : float
        The value on the sample itself.
    n : int
        Independent units that were resampled (rows or groups): percentiles are taken at the error rate that
        Student's t with ``n - 1`` degrees of freedom would need, since plain percentiles are too narrow in small
        samples.
    level : float
        Two-sided level.
    method : str
        Name to report.
    floor : float
        Size of the metric's range; a limit is at least ``floor * z^2 / (unseen + z^2)`` away from the estimate,
        since few discordant rows leave the bootstrap without any variation. 0: only the percentiles count.
    unseen : int or None
        Rows for that least distance; None: ``n``.

    Raises
    ------
    ValueError
        Where more than one value in a hundred is not finite, or fewer than 100 are left.

    References
    ----------
    Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American Statistician 69, 371-386,
    section 4.4 (expanded percentile interval).
    """
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    finite = np.sort(draws[np.isfinite(draws)])
    if len(finite) < max(100, 0.99 * len(draws)):
        raise ValueError(f"the metric is not defined on {len(draws) - len(finite)} of {len(draws)} resamples")
    stretch = math.sqrt(n / (n - 1)) if n > 1 else math.inf
    alpha = one_sided_alpha(level)
    tail = float(ndtr(stretch * stdtrit(max(n - 1, 1), alpha)))
    rows = n if unseen is None else unseen
    width = floor * unseen_limit(rows, alpha)
    positions, spread = np.linspace(0, 1, len(finite)), float(finite.std())

    def p_below(bound: float) -> float:
        raw, least = 1 - float(np.interp(bound, finite, positions)), 1 / (len(finite) + 1)
        p = float(stdtr(max(n - 1, 1), ndtri(min(max(raw, least), 1 - least)) / stretch))
        if raw < least and spread > 0:  # beyond the draws, where they cannot tell one small p from another
            p = min(p, float(stdtr(max(n - 1, 1), (estimate - bound) / spread)))
        if floor <= 0:
            return p
        unseen_side = unseen_p(rows, abs(bound - estimate) / floor)
        return max(p, unseen_side) if bound >= estimate else min(p, 1 - unseen_side)

    return Estimate(
        estimate=estimate,
        low=min(float(np.quantile(finite, tail)), estimate - width),
        high=max(float(np.quantile(finite, 1 - tail)), estimate + width),
        level=level,
        method=method,
        n=n,
        p_below=p_below,
    )


def _members(labels: ArrayLike) -> list[_Rows]:
    """Row numbers of each distinct label, in the order of the labels."""
    _, codes = np.unique(np.asarray(labels), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes))[:-1])


def _part_sums(part: _Array, resamples: int, rng: np.random.Generator) -> _Array:
    """Sums over resamples of one stratum; rows that are alike are drawn by their count."""
    n = len(part)
    distinct, counts = _distinct(part)
    if len(distinct) <= _CELLS:
        drawn = rng.multinomial(n, counts / n, size=resamples)
        return np.asarray(drawn @ distinct)
    sums = np.empty((resamples, part.shape[1]))
    step = max(1, _CHUNK // n)
    for start in range(0, resamples, step):
        rows = rng.integers(n, size=(min(step, resamples - start), n))
        for column in range(part.shape[1]):
            sums[start : start + step, column] = part[:, column][rows].sum(axis=1)
    return sums


def _distinct(part: _Array) -> tuple[_Array, NDArray[np.intp]]:
    if len(np.unique(part[:1000], axis=0)) > _CELLS:  # spare the sort where there is nothing to gain
        return part, np.ones(len(part), dtype=np.intp)
    distinct, first, counts = np.unique(part, axis=0, return_index=True, return_counts=True)
    order = np.argsort(first)  # not by value: swapping the models must not change what is drawn
    return distinct[order], counts[order]
