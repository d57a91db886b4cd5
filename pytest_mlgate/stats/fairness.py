"""Rates of several groups: every pair of groups compared, with limits that stay honest for small ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_mlgate.stats.bootstrap import bootstrap_sums, percentile_interval
from pytest_mlgate.stats.estimate import unseen_limit
from pytest_mlgate.stats.two_samples import difference_limits, difference_statistic, ratio_limits, ratio_statistic

_Array: TypeAlias = NDArray[np.float64]
_Index: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairs:
    """Each pair of groups once, compared.

    Attributes
    ----------
    first, second : array of int, shape (n_pairs,)
        Numbers of the two groups: for differences the first has the higher value, for ratios the lower one.
    estimate : array of shape (n_pairs,)
        First minus second, at least 0; or first over second, at most 1 (NaN where both are 0).
    low, high : array of shape (n_pairs,)
        One-sided limits, each at level ``(1 + level) / 2``; of a ratio from 0 to infinity.
    p : array of shape (n_pairs,)
        p-value of H0 "the two groups differ by no more than the limit", in either direction.
    within : array of bool, shape (n_pairs,)
        Whether both limits are inside the bound, in either direction.
    """

    first: _Index
    second: _Index
    estimate: _Array
    low: _Array
    high: _Array
    p: _Array
    within: NDArray[np.bool_]


def difference_pairs(hits: ArrayLike, rows: ArrayLike, *, limit: float, level: float = 0.9) -> Pairs:
    """Compare the rates of every two groups by their difference.

    Parameters
    ----------
    hits, rows : array-like of shape (n_groups,)
        Each group's hits and rows, at least one row.
    limit : float
        The largest difference that is allowed, in [0, 1).
    level : float
        Two-sided level of the limits.

    Notes
    -----
    The largest difference of all (max minus min) is biased upward, the more so the more and the smaller the
    groups; each pair by itself is not. "No pair differs by more than the limit" is what a limit on the largest
    difference says.
    """
    x, n = _groups(hits, rows)
    first, second = _oriented(x / n, higher_first=True)
    counts = x[first], n[first], x[second], n[second]
    low, high = difference_limits(*counts, level=level)
    p = np.minimum(2 * _upper_tail(difference_statistic(*counts, limit)), 1)  # either may be the higher one
    within = (high < limit) & (low > -limit)
    estimate = (x / n)[first] - (x / n)[second]
    return Pairs(first=first, second=second, estimate=estimate, low=low, high=high, p=p, within=within)


def ratio_pairs(hits: ArrayLike, rows: ArrayLike, *, limit: float, level: float = 0.9) -> Pairs:
    """Compare the rates of every two groups by their ratio, the lower over the higher.

    Parameters
    ----------
    hits, rows : array-like of shape (n_groups,)
        As :func:`difference_pairs` takes them.
    limit : float
        The smallest ratio that is allowed, in (0, 1]: 0.8 is the four-fifths rule.
    level : float
        Two-sided level of the limits.
    """
    x, n = _groups(hits, rows)
    rates = x / n
    first, second = _oriented(rates, higher_first=False)
    counts = x[first], n[first], x[second], n[second]
    low, high = ratio_limits(*counts, level=level)
    p = np.minimum(2 * _upper_tail(-ratio_statistic(*counts, limit)), 1)
    within = (low > limit) & (high < 1 / limit)
    estimate = np.divide(rates[first], rates[second], out=np.full(len(first), np.nan), where=rates[second] > 0)
    return Pairs(first=first, second=second, estimate=estimate, low=low, high=high, p=p, within=within)


def mean_pairs(means: ArrayLike, variances: ArrayLike, rows: ArrayLike, *, limit: float, level: float = 0.9) -> Pairs:
    """Compare the means of every two groups by their difference: Welch's t.

    Parameters
    ----------
    means, variances, rows : array-like of shape (n_groups,)
        Each group's mean, variance of one row, and rows (at least two).
    limit : float
        The largest difference that is allowed, at least 0.
    level : float
        Two-sided level of the limits.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances are
    involved. Biometrika 34, 28-35.
    """
    from scipy.special import stdtr, stdtrit

    mean, n = _groups(means, rows)
    part = np.asarray(variances, dtype=float) / n
    first, second = _oriented(mean, higher_first=True)
    estimate = mean[first] - mean[second]
    square = part[first] + part[second]
    spread = part[first] ** 2 / (n[first] - 1) + part[second] ** 2 / (n[second] - 1)
    fewest = np.minimum(n[first], n[second])
    df = np.divide(square**2, spread, out=fewest - 1, where=spread > 0)
    # rows that all show the same value tell nothing of those that were not seen
    alpha = (1 - level) / 2
    least = np.array([unseen_limit(int(rows), alpha) for rows in fewest])
    least *= np.maximum(np.abs(mean[first]), np.abs(mean[second])) * (square <= 0)
    half = -stdtrit(df, alpha) * np.sqrt(square) + least
    t = np.divide(estimate - limit, np.sqrt(square), out=np.zeros_like(square), where=square > 0)
    certain = (square <= 0) & (estimate - least > limit)
    p = np.where(square > 0, np.minimum(2 * stdtr(df, -t), 1), np.where(certain, alpha, 1.0))
    low, high = estimate - half, estimate + half
    within = (high < limit) & (low > -limit)
    return Pairs(first=first, second=second, estimate=estimate, low=low, high=high, p=p, within=within)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """Each group's value for two models, on the rows and on resamples of them (the same for both).

    ``values`` has shape (n_groups, 2), ``draws`` (resamples, n_groups, 2); candidate first. ``rows`` are the rows that
    count, the fewer of the two models'. ``span`` is the range of a value (1 for a rate), 0 where it has none.
    """

    values: _Array
    draws: _Array
    rows: _Array
    span: float


def draw_groups(columns: list[_Array], *, resamples: int, seed: int, span: float) -> Drawn:
    """Resample each group's rows, both models on the same rows.

    Parameters
    ----------
    columns : list of arrays of shape (n_rows_of_group, 4)
        For each group, a row's part of numerator and denominator of the candidate's value, then the baseline's.
    resamples, seed : int
        The same seed gives the same draws.
    span : float
        Range of a value, 0 for none.
    """
    values, draws, rows = [], [], []
    for number, group in enumerate(columns):
        own = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
        total = bootstrap_sums(group, resamples=resamples, seed=own)
        draws.append(np.column_stack([_share(total[:, 0], total[:, 1]), _share(total[:, 2], total[:, 3])]))
        whole = group.sum(axis=0)
        values.append([whole[0] / whole[1], whole[2] / whole[3]])
        rows.append(float(np.count_nonzero(group[:, [1, 3]], axis=0).min()))
    return Drawn(values=np.array(values), draws=np.stack(draws, axis=1), rows=np.array(rows), span=span)


def worsening_pairs(drawn: Drawn, *, limit: float, level: float = 0.9) -> Pairs:
    """Compare by how much two groups differ in one model with how much they differ in the other.

    With ``d`` the difference of two groups, the value is ``|d| of the candidate - |d| of the baseline``. Its limits
    are put together from those of the sum and of the difference of the two signed ``d``, which are smooth where the
    absolute values are not: a percentile interval of the absolute values themselves passes too much where the
    baseline's ``d`` is near 0. As either sign may be the true one, each limit is taken at half the error rate.

    Parameters
    ----------
    drawn : Drawn
        What :func:`draw_groups` returned.
    limit : float
        By how much a difference may grow, at least 0.
    level : float
        Two-sided level of the limits.

    Raises
    ------
    ValueError
        Where a value is not defined on more than one resample in a hundred.
    """
    first, second = np.triu_indices(len(drawn.values), 1)
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    found = [_worsening(drawn, i, j, limit, level) for i, j in pairs]
    estimate, low, high, p = np.array(found).reshape(-1, 4).T
    return Pairs(
        first=first.astype(np.intp),
        second=second.astype(np.intp),
        estimate=estimate,
        low=low,
        high=high,
        p=p,
        within=high < limit,
    )


def _worsening(drawn: Drawn, i: int, j: int, limit: float, level: float) -> tuple[float, float, float, float]:
    value = drawn.values[i] - drawn.values[j]
    draws = drawn.draws[:, i] - drawn.draws[:, j]
    rows = int(min(drawn.rows[i], drawn.rows[j]))
    lows, highs, above, below = [], [], [], []
    for sign in (-1, 1):  # candidate's minus baseline's difference, and their sum
        both, estimate = draws[:, 0] + sign * draws[:, 1], float(value[0] + sign * value[1])
        found = percentile_interval(both, estimate, rows, level=(1 + level) / 2, floor=drawn.span)
        mirrored = percentile_interval(-both, -estimate, rows, level=(1 + level) / 2, floor=drawn.span)
        lows.append(-mirrored.high)
        highs.append(found.high)
        above.append(mirrored.p_below(-limit))
        below.append(found.p_below(-limit))
    low = max(min(lows), min(-high for high in highs))
    high = max(min(highs), min(-low for low in lows))
    p = min(2 * min(max(above), max(below)), 1.0)
    return float(abs(value[0]) - abs(value[1])), low, high, p


def _share(part: _Array, whole: _Array) -> _Array:
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0))


def _groups(values: ArrayLike, rows: ArrayLike) -> tuple[_Array, _Array]:
    x, n = np.asarray(values, dtype=float), np.asarray(rows, dtype=float)
    if x.ndim != 1 or x.shape != n.shape or not (np.isfinite(x).all() and (n > 0).all()):
        raise ValueError("give one finite value and one number of rows above 0 for each group")
    return x, n


def _oriented(values: _Array, *, higher_first: bool) -> tuple[_Index, _Index]:
    first, second = (side.astype(np.intp) for side in np.triu_indices(len(values), 1))
    swap = values[first] < values[second] if higher_first else values[first] > values[second]
    return np.where(swap, second, first), np.where(swap, first, second)


def _upper_tail(z: _Array) -> _Array:
    from scipy.special import ndtr

    return np.asarray(ndtr(-z))
