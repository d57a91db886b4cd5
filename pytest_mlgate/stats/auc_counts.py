"""Areas under the ROC curve of rows counted in cells of their scores: DeLong's interval, and what the cells hide.

Let a score have cells, intervals of the line that no two share, with ``P_k`` of ``m`` positive and ``N_k`` of ``n``
negative rows in cell ``k``. DeLong, DeLong and Clarke-Pearson (1988) give each positive row ``i`` the share of negative
rows that it stands above, ties halved::

    V_i = (negatives below + ties / 2) / n

Of a row in cell ``k`` the counts say that ``N_1 + ... + N_{k-1}`` negatives are below it for certain, and that ``N_k``
may be below, tied or above. With the middle ``u_i = (N_1 + ... + N_{k-1} + N_k / 2) / n``

    |V_i - u_i| <= h_i,    h_i = N_k / (2 n),    and h_i = 0 where a cell holds one value only.

A negative row likewise, with the shares of positive rows above it.

*The area* is the mean of ``V`` over the positive rows, so it lies within ``sum_k P_k N_k / (2 m n)`` of the mean of
``u`` (single-valued cells left out): at about ``1 / (2 K)`` with ``K`` cells of even shares.

*The variance* of a difference of two areas is ``s_1^2 / m + s_0^2 / n``, where ``s_1`` is the standard deviation of
``V^a_i - V^b_i`` over the positive rows and ``s_0`` that over the negative ones. By Minkowski's inequality for the
centred differences,

    |s - s(u^a - u^b)| <= e_a + e_b,    e_r = sqrt(sum_i (h^r_i)^2 / (rows - 1)),

and the same holds of any other combination of ``V^a`` and ``V^b``, such as one area alone. The standard error lies
between those made of the two ends of ``s_1`` and ``s_0``.

*The interval* is that of :func:`~pytest_mlgate.stats.auc.delong_interval`, each limit taken where it lies farthest out
for any areas and standard errors within these bounds: the interval of the rows themselves lies inside it, but for the
rounding of numbers of 64 bits. Near the ceiling the limits are made of logits; there the ends of each piece are
combined (each is monotone in what it is bounded by), and ``rise^2 - 2 r rise fall + fall^2`` is convex in rise and fall
for any correlation ``r`` in [-1, 1] and falls in ``r``, so that it is largest at a corner, with the smallest ``r``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_mlgate.stats.auc import CEILING, FEW_WRONG, _estimate, _expit, _logit, _t_quantile
from pytest_mlgate.stats.estimate import Estimate, unseen_limit
from pytest_mlgate.stats.moments import Moments

_Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Shares:
    """What the cells say of the rows of a class: for each cell the middle share ``u`` and its bound ``h``."""

    middle: _Array
    bound: _Array


def shares_above(others: NDArray[np.int64], single: NDArray[np.bool_], *, positive: bool) -> Shares:
    """Return each cell's share of rows of the other class that a row in it is ranked rightly against.

    Parameters
    ----------
    others : array of int, shape (..., n_cells)
        Rows of the other class by cell, in the order of the score.
    single : array of bool, shape (n_cells,)
        Whether a cell can hold one value only.
    positive : bool
        Whether the row itself is positive: those below it count, else those above.
    """
    total = np.maximum(others.sum(axis=-1, keepdims=True), 1)
    before = np.cumsum(others, axis=-1) - others
    below = (before + others / 2) / total
    return Shares(middle=below if positive else 1 - below, bound=np.where(single, 0.0, others / (2 * total)))


def score_cells(sample: _Array, *, cells: int) -> _Array:
    """Return edges of cells in which about as many rows of a sample lie; values that are repeated get their own.

    Parameters
    ----------
    sample : array of shape (n_sample,)
        Finite.
    cells : int
        How many cells to aim at.

    Returns
    -------
    ndarray of shape (n_edges,)
        Rising; a cell is ``(edges[i - 1], edges[i]]``, the first and the last are open.
    """
    values, rows = np.unique(sample + 0.0, return_counts=True)
    if 2 * len(values) <= cells:
        heavy, picked = values, values
    else:
        share = max(len(sample) / cells, 1.0)
        heavy = values[rows > share]
        picked = values[np.unique(np.searchsorted(np.cumsum(rows), np.arange(1, cells) * share))[:-1]]
    return np.unique(np.concatenate([picked, heavy, np.nextafter(heavy, -np.inf)]))


def cell_codes(scores: _Array, edges: _Array) -> NDArray[np.intp]:
    """Return the cell of each score: how many edges lie below it."""
    return np.searchsorted(edges, scores + 0.0, side="left")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CountedDeLong:
    """Two areas of rows that are counted in cells, with bounds of what the rows themselves would give.

    Attributes
    ----------
    auc, auc_bound : array of shape (2,)
        Areas of candidate and baseline by the middles, and how far the rows' own may lie from them.
    positives, negatives : int
        Rows of either class.
    scatter : tuple of two arrays of shape (2, 2)
        Sample covariance of the middles of both models, over the positive and over the negative rows.
    spread_bound : array of shape (2, 2)
        ``e`` of the docstring above: by class (positive, negative) and model.
    identical : bool
        Whether both scores are the same on every row, so that nothing is hidden of their difference.
    """

    auc: _Array
    auc_bound: _Array
    positives: int
    negatives: int
    scatter: tuple[_Array, _Array]
    spread_bound: _Array
    identical: bool = False

    @property
    def difference(self) -> float:
        """Area of the candidate minus area of the baseline, by the middles."""
        return float(self.auc[0] - self.auc[1])

    @property
    def difference_bound(self) -> float:
        """How far the rows' own difference may lie from it."""
        return 0.0 if self.identical else float(self.auc_bound.sum())

    def ends(self, which: int) -> tuple[float, float]:
        """The least and the largest area that one model's rows can have."""
        auc, bound = float(self.auc[which]), float(self.auc_bound[which])
        return max(auc - bound, 0.0), min(auc + bound, 1.0)

    def error(self, weights: tuple[float, float]) -> tuple[float, float]:
        """Return the least and the largest standard error of ``weights[0] * area_a + weights[1] * area_b``."""
        w = np.array(weights)
        least = most = 0.0
        for which, rows in enumerate((self.positives, self.negatives)):
            spread = math.sqrt(max(float(w @ self.scatter[which] @ w), 0.0))
            hidden = 0.0 if self.identical and w.sum() == 0 else float(np.abs(w) @ self.spread_bound[which])
            least += max(spread - hidden, 0.0) ** 2 / rows
            most += (spread + hidden) ** 2 / rows
        return math.sqrt(least), math.sqrt(most)


def counted_delong(positive: Moments, negative: Moments, group: int = 0, *, identical: bool = False) -> CountedDeLong:
    """Return two areas from the moments of what the cells say of the rows of each class.

    Parameters
    ----------
    positive, negative : Moments
        Of four columns: middle share by the candidate's and by the baseline's score, and the bounds of both.
    group : int
    identical : bool
        Whether both scores are the same on every row.
    """
    both = (positive, negative)
    spread = np.zeros((2, 2))
    for which, moments in enumerate(both):
        rows = int(moments.rows[group])
        for model in (0, 1):
            mean = float(moments.mean[group, 2 + model])
            square = float(moments.scatter[group, 2 + model, 2 + model]) + rows * mean * mean
            spread[which, model] = math.sqrt(max(square, 0.0) / max(rows - 1, 1))
    return CountedDeLong(
        auc=positive.mean[group, :2].copy(),
        auc_bound=positive.mean[group, 2:].copy(),
        positives=int(positive.rows[group]),
        negatives=int(negative.rows[group]),
        scatter=(positive.covariance(group)[:2, :2], negative.covariance(group)[:2, :2]),
        spread_bound=spread,
        identical=identical,
    )


def counted_delong_interval(areas: CountedDeLong, *, level: float = 0.9) -> Estimate:
    """Return an interval of the difference of two areas that holds the one of the rows themselves.

    Parameters
    ----------
    areas : CountedDeLong
        At least two rows of either class.
    level : float
        Two-sided level.

    Returns
    -------
    Estimate
        Its p-values are those of the farther limits: at least as large, where they are below one half.
    """
    smaller, n = min(areas.positives, areas.negatives), areas.positives + areas.negatives
    wrong = max(1 - CEILING, FEW_WRONG / smaller)
    best = [max(areas.ends(which)[end] for which in (0, 1)) for end in (0, 1)]
    ceiling = [1 - value < wrong for value in best]  # by the least and by the largest areas
    least, most = areas.error((1.0, -1.0))

    def half(alpha: float, upper: bool) -> float:
        quantile = _t_quantile(smaller - 1, alpha)
        widths = [unseen_limit(n, alpha)] if least <= 1e-12 else []
        if ceiling[1] and not areas.identical:
            widths.append(_ceiling_half(areas, quantile, upper))
        if not ceiling[0] and most > 1e-12:
            widths.append(quantile * most)
        return areas.difference_bound + max(widths)

    method = "DeLong, logit" if ceiling[1] else "DeLong"
    return _estimate(areas.difference, half, level=level, method=f"{method}, by counts", n=n)


def counted_auc_interval(areas: CountedDeLong, *, level: float = 0.9) -> Estimate:
    """Return an interval of the first area that holds the one of the rows themselves.

    Raises
    ------
    ValueError
        Where the bounds reach an area of 0 or 1, of which no logit is known.
    """
    smaller = min(areas.positives, areas.negatives)
    auc = float(areas.auc[0])

    def half(alpha: float, upper: bool) -> float:
        steps = np.array([_t_quantile(smaller - 1, alpha)])
        return float(_own_halves(areas, 0, steps, upper)[1][0]) + float(areas.auc_bound[0])

    n = areas.positives + areas.negatives
    return _estimate(auc, half, level=level, method="DeLong, logit, by counts", n=n)


def _ceiling_half(areas: CountedDeLong, quantile: float, upper: bool) -> float:
    """Return the most that the ceiling's half width can be; see :func:`pytest_mlgate.stats.auc.delong_interval`."""
    better, worse = (0, 1) if upper else (1, 0)
    steps = np.linspace(0, quantile, 65)
    rises, falls = _own_halves(areas, better, steps, True), _own_halves(areas, worse, steps, False)
    lowest = _least_correlation(areas)
    corners = [np.sqrt(np.maximum(rise**2 - 2 * lowest * rise * fall + fall**2, 0)) for rise in rises for fall in falls]
    width = max(float(corner.max()) for corner in corners)
    low, high = areas.ends(worse)
    own = [areas.ends(which) for which in (0, 1)]
    if any(ends in ((0.0, 0.0), (1.0, 1.0)) for ends in own):
        return width  # an area that is 0 or 1 for certain has no logit: its limits are Newcombe's alone
    if any(end in (0.0, 1.0) for ends in own for end in ends):
        raise ValueError("the cells do not tell an area from 0 or 1")
    return max(width, high - float(_expit(_logit(low) - quantile * _logit_error(areas))))


def _logit_error(areas: CountedDeLong) -> float:
    """Return the most that the standard error of the difference of logits can be."""
    slopes = [[1 / (end * (1 - end)) for end in areas.ends(which)] for which in (0, 1)]
    steepest = [max(pair) for pair in slopes]
    nominal = [1 / (auc * (1 - auc)) for auc in areas.auc.tolist()]
    off = [max(abs(end - middle) for end in pair) for pair, middle in zip(slopes, nominal, strict=True)]
    w = np.array([nominal[0], -nominal[1]])
    total = 0.0
    for which, rows in enumerate((areas.positives, areas.negatives)):
        scatter = areas.scatter[which]
        spread = math.sqrt(max(float(w @ scatter @ w), 0.0))
        spread += sum(steepest[r] * float(areas.spread_bound[which, r]) for r in (0, 1))
        spread += sum(off[r] * math.sqrt(max(float(scatter[r, r]), 0.0)) for r in (0, 1))
        total += spread**2 / rows
    return math.sqrt(total)


def _least_correlation(areas: CountedDeLong) -> float:
    """Return the least correlation that the two areas can have; 0 where one of them shows no variation.

    With standard errors ``a``, ``b`` and ``d`` of the difference it is ``(a^2 + b^2 - d^2) / (2 a b)``. That has no
    least value inside a box of ``a`` and ``b``; on its sides there is one at a corner, or where ``b^2 = a^2 - d^2`` (or
    the reverse).
    """
    (a_least, a_most), (b_least, b_most) = areas.error((1.0, 0.0)), areas.error((0.0, 1.0))
    if a_most == 0 or b_most == 0:
        return 0.0
    if areas.identical:
        return 1.0
    if a_least == 0 or b_least == 0:
        return -1.0
    _, difference = areas.error((1.0, -1.0))
    found = [(a * a + b * b - difference**2) / (2 * a * b) for a in (a_least, a_most) for b in (b_least, b_most)]
    found += [math.sqrt(max(1 - (difference / end) ** 2, 0.0)) for end in (a_least, a_most, b_least, b_most)]
    return max(min(found), -1.0)


def _own_halves(areas: CountedDeLong, which: int, quantiles: _Array, upper: bool) -> tuple[_Array, _Array]:
    """Return the least and the largest distance from one area to its own limit, for each quantile."""
    from pytest_mlgate.stats.auc import _newcombe

    low, high = areas.ends(which)
    weights = (1.0, 0.0) if which == 0 else (0.0, 1.0)
    least, most = areas.error(weights)
    if low == high and (low in (0.0, 1.0) or most == 0):
        found = np.abs(_newcombe(low, areas.positives, areas.negatives, quantiles, upper) - low)
        return found, found
    if low <= 0 or high >= 1 or least == 0:
        raise ValueError("the cells do not tell an area from 0 or 1")
    flattest = 1 / max(0.25 if low <= 0.5 <= high else 0.0, low * (1 - low), high * (1 - high))
    steepest = 1 / min(low * (1 - low), high * (1 - high))
    near, far = quantiles * least * flattest, quantiles * most * steepest
    if upper:
        return np.maximum(_expit(_logit(low) + near) - high, 0), _expit(_logit(high) + far) - low
    return np.maximum(low - _expit(_logit(high) - near), 0), high - _expit(_logit(low) - far)
