"""The paired bootstrap: both models on the same resample, over rows or over groups of rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_mlgate.stats.auc import roc_order, weighted_auc
from pytest_mlgate.stats.estimate import Estimate, one_sided_alpha, unseen_limit, unseen_p

_Array: TypeAlias = NDArray[np.float64]
_Rows: TypeAlias = NDArray[np.intp]
_CELLS = 256
# A cell's binomial draw costs as much as drawing and summing so many rows.
_ROWS_A_CELL = 20
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
    if strata is None:
        for _ in range(resamples):
            yield rng.integers(n, size=n)
        return
    parts = _members(strata)
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


def bootstrap_counted_sums(
    distinct: _Array, counts: NDArray[np.intp], *, resamples: int, seed: int, strata: ArrayLike | None = None
) -> _Array:
    """Return the column sums of each resample of rows of which only the distinct ones and their numbers are known.

    A resample of rows is a multinomial draw of how often each distinct row is in it, so that nothing is approximated.
    The draws are those of :func:`bootstrap_sums` on the rows themselves, where that counts them too (256 distinct rows
    at most, and twenty rows for each) and ``distinct`` is in the order in which they first come.

    Parameters
    ----------
    distinct : array of shape (n_distinct, n_columns)
    counts : array of int, shape (n_distinct,)
        Above 0.
    resamples, seed
        As in :func:`resampled_rows`.
    strata : array-like of shape (n_distinct,), optional
        The stratum of each distinct row.

    Returns
    -------
    array of shape (resamples, n_columns)
    """
    rng = np.random.default_rng(seed)
    parts = [np.arange(len(distinct))] if strata is None else _members(strata)
    total = np.zeros((resamples, distinct.shape[1]))
    for part in parts:
        total += _drawn_sums(distinct[part], counts[part], resamples, rng)
    return total


def bootstrap_aucs(
    positive: ArrayLike,
    scores: Sequence[ArrayLike],
    *,
    resamples: int,
    seed: int,
    strata: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> _Array:
    """Return the area under the ROC curve of each score on each resample: sorted once, then counted.

    The same resamples as :func:`paired_bootstrap` draws, and the same areas but for rounding.

    Parameters
    ----------
    positive : array-like of bool, shape (n_rows,)
        Which rows are positive.
    scores : sequence of array-like of shape (n_rows,)
        Finite scores, larger for positive; one for each model.
    resamples, seed, strata, groups
        As in :func:`resampled_rows`.
    weights : array-like of shape (n_rows,), optional
        Sample weights, at least 0.

    Returns
    -------
    array of shape (resamples, n_scores)
        NaN on a resample without a row of either class.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman and Hall, section 20.2
    (a resample as a vector of counts).
    """
    truth = np.asarray(positive, dtype=bool)
    orders = [roc_order(truth, np.asarray(score, dtype=float)) for score in scores]
    given = None if weights is None else np.asarray(weights, dtype=float)
    found = np.empty((resamples, len(orders)))
    draws = resampled_rows(len(truth), resamples=resamples, seed=seed, strata=strata, groups=groups)
    for number, rows in enumerate(draws):
        counts = np.bincount(rows, minlength=len(truth))
        mass = counts if given is None else counts * given
        found[number] = [weighted_auc(mass, order) for order in orders]
    return found


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
    if len(distinct) <= min(_CELLS, n // _ROWS_A_CELL):
        return _drawn_sums(distinct, counts, resamples, rng)
    sums = np.empty((resamples, part.shape[1]))
    step = max(1, _CHUNK // n)
    for start in range(0, resamples, step):
        rows = rng.integers(n, size=(min(step, resamples - start), n))
        for column in range(part.shape[1]):
            sums[start : start + step, column] = part[:, column][rows].sum(axis=1)
    return sums


def _drawn_sums(distinct: _Array, counts: NDArray[np.intp], resamples: int, rng: np.random.Generator) -> _Array:
    n = int(counts.sum())
    return np.asarray(rng.multinomial(n, counts / n, size=resamples) @ distinct)


def _distinct(part: _Array) -> tuple[_Array, NDArray[np.intp]]:
    """Return rows that differ, in the order in which they first come, and how often each is there."""
    # One number a row, equal for equal rows, which spares sorting whole rows.
    keys = (part * np.random.default_rng(0).random(part.shape[1])).sum(axis=1)
    if not np.isfinite(keys).all():
        return part, np.ones(len(part), dtype=np.intp)
    found = np.empty(0)
    rest = keys
    while len(rest):
        found = np.union1d(found, rest[:1000])
        if len(found) > _CELLS:  # spare the search where there is nothing to gain
            return part, np.ones(len(part), dtype=np.intp)
        places = np.minimum(np.searchsorted(found, rest), len(found) - 1)
        rest = rest[found[places] != rest]
    codes = np.searchsorted(found, keys)
    first = np.full(len(found), len(part))
    np.minimum.at(first, codes, np.arange(len(part)))
    if not np.array_equal(part[first][codes], part):  # two rows that differ have one number, by rare chance
        return part, np.ones(len(part), dtype=np.intp)
    order = np.argsort(first)  # not by value: swapping the models must not change what is drawn
    return part[first][order], np.bincount(codes)[order]
