"""Two stretches of a series compared by permuting blocks of rows, for rows that remember their predecessors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    _Floats: TypeAlias = NDArray[np.float64]
    _Codes: TypeAlias = NDArray[np.intp]

MOST_CELLS = 1000
_FEWEST_CELLS = 100
_MOST_COUNTS = 4_000_000  # cells times blocks: what is held in memory for a column, four bytes each
_BATCH = 512  # deals in one matrix product: few large ones, since small ones quarrel over threads
_CACHED = 32  # of these at a time, so that the table stays in the processor's cache
_WHOLE_IN_SINGLE = 2**24  # whole numbers up to here are exact in single precision
_SAME = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class BlockTest:
    """What a block permutation test found.

    Attributes
    ----------
    statistic : float
        The statistic of the blocks as they were, in [0, 1].
    p : float
        ``(1 + permutations with a statistic at least as large) / (1 + permutations)``.
    permuted : ndarray of shape (permutations,)
        The statistic of each permutation, largest first.
    """

    statistic: float
    p: float
    permuted: _Floats

    def critical(self, level: float) -> float:
        """Return the value above which ``p`` is below ``level``; infinite where no value would bring it there."""
        allowed = math.ceil(level * (1 + self.permuted.size)) - 2  # the largest c with (1 + c) / (1 + B) < level
        if allowed < 0:
            return math.inf
        return float(self.permuted[allowed]) if allowed < self.permuted.size else 0.0


def distinct_splits(first: int, second: int) -> int:
    """Return in how many ways blocks can be dealt to two sides so that the statistics may differ.

    ``C(first + second, first)``, and half of it where both sides have as many: the distances do not know which side
    is which.

    Examples
    --------
    >>> distinct_splits(5, 5), distinct_splits(5, 4)
    (126, 126)
    """
    ways = math.comb(first + second, first)
    return ways // 2 if first == second else ways


def blocks_needed(splits: float) -> int:
    """Return the blocks that each side needs for more than so many distinct splits.

    Examples
    --------
    >>> blocks_needed(20), blocks_needed(1000)
    (4, 7)
    """
    blocks = 1
    while distinct_splits(blocks, blocks) <= splits:
        blocks += 1
    return blocks


def pooled_cells(reference: ArrayLike, current: ArrayLike, *, blocks: int = 0) -> tuple[_Codes, _Codes, int]:
    """Return the cell of each value, cells being cut at quantiles of both sides together.

    Where there are no more distinct values than cells, each value has its own. The cut knows nothing of which row is
    on which side, so a permutation test on the cells is exact.

    Parameters
    ----------
    reference, current : array-like of shape (n,), (m,)
        Values in the order of rows; NaN where one is missing.
    blocks : int
        Blocks in all: with very many of them there are fewer cells than 1 000, never below 100.

    Returns
    -------
    tuple of two int arrays of shape (n,), (m,) and int
        Cells from 0 up, -1 for missing values; how many cells there are.
    """
    first, second = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    values = np.concatenate([first, second])
    known = np.sort(values[~np.isnan(values)])
    at_most = int(np.clip(_MOST_COUNTS // max(blocks, 1), _FEWEST_CELLS, MOST_CELLS))
    edges = known[np.flatnonzero(np.r_[True, known[1:] != known[:-1]])] if known.size else known
    if edges.size > at_most:
        ranks = np.linspace(0, known.size - 1, at_most).astype(np.intp)
        edges = np.unique(known[ranks])
    cells = np.searchsorted(edges, values, side="left")
    cells[np.isnan(values)] = -1
    return cells[: first.size], cells[first.size :], int(edges.size)


def block_counts(cells: ArrayLike, *, count: int, block: int) -> NDArray[np.float32]:
    """Return how many rows of each block lie in each cell.

    Blocks are cut from the end: the oldest rows, which fill no block of their own, are left out.

    Parameters
    ----------
    cells : array-like of int, shape (n,)
        The cell of each row, oldest row first; -1 where the row has no value.
    count : int
        How many cells there are.
    block : int
        Rows of a block.

    Returns
    -------
    ndarray of shape (n // block, count)

    Examples
    --------
    >>> block_counts([1, 0, 0, 1, 1], count=2, block=2).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    codes = np.asarray(cells, dtype=np.intp)
    blocks = codes.size // block
    codes = codes[codes.size - blocks * block :]
    flat = np.repeat(np.arange(blocks), block) * count + codes
    counts = np.bincount(flat[codes >= 0], minlength=blocks * count)
    return counts.reshape(blocks, count).astype(np.float32)


def block_permutation_test(
    reference: ArrayLike,
    current: ArrayLike,
    *,
    statistic: Literal["ks", "total_variation"],
    permutations: int,
    seed: int,
) -> BlockTest:
    """Test whether two stretches of a stationary series differ, without taking their rows for independent.

    The blocks are dealt anew to the two sides, keeping each side's number of blocks; rows within a block stay together
    and keep their dependence. The test is exact where blocks are exchangeable, and is so nearly where they are long
    against the memory of the series: what remains is the dependence across a block's two ends.

    Parameters
    ----------
    reference, current : array-like of shape (blocks, cells)
        Rows of each block in each cell, as :func:`block_counts` returns them; at least one block a side. For ``ks``
        the cells are in rising order.
    statistic : {'ks', 'total_variation'}
        The largest difference of the two distribution functions at the cells' ends, or half the sum of the absolute
        differences of the shares. 1 where a permutation leaves a side without any value.
    permutations : int
        How many; at least 1.
    seed : int

    Returns
    -------
    BlockTest

    Raises
    ------
    ValueError
        A side has no block, or the cells differ.

    References
    ----------
    C. Kirch, "Block permutation principles for the change analysis of dependent data", Journal of Statistical Planning
    and Inference 137(7), 2007, 2453-2474. E. L. Lehmann and J. P. Romano, "Testing Statistical Hypotheses", 3rd ed.,
    Springer 2005, section 15.2 (the p-value of sampled permutations). B. Phipson and G. K. Smyth, "Permutation
    p-values should never be zero", Statistical Applications in Genetics and Molecular Biology 9(1), 2010, article 39.

    Examples
    --------
    >>> counts = [[50, 0], [50, 0], [50, 0], [50, 0]]
    >>> test = block_permutation_test(counts, [[0, 50]] * 4, statistic="ks", permutations=999, seed=0)
    >>> test.statistic, test.p < 0.05
    (1.0, True)
    """
    sides = [np.asarray(side, dtype=np.float32) for side in (reference, current)]
    if any(side.ndim != 2 or not len(side) for side in sides) or sides[0].shape[1] != sides[1].shape[1]:
        raise ValueError(f"each side needs blocks of the same cells, not shapes {sides[0].shape} and {sides[1].shape}")
    counts = np.concatenate(sides)
    if counts.sum(dtype=np.float64) >= _WHOLE_IN_SINGLE:
        counts = counts.astype(np.float64)
    dealing = _Dealing(counts, ordered=statistic == "ks")
    first = len(sides[0])
    observed = float(dealing.distances(np.arange(len(counts))[None] < first)[0])
    rng = np.random.default_rng(seed)
    found = [dealing.distances(dealt) for dealt in _deals(len(counts), first, permutations, rng)]
    permuted = np.sort(np.concatenate(found))[::-1]
    as_large = int((permuted >= observed - _SAME).sum())
    return BlockTest(statistic=observed, p=(1 + as_large) / (1 + permutations), permuted=permuted)


def _deals(blocks: int, first: int, permutations: int, rng: np.random.Generator) -> Iterator[NDArray[np.bool_]]:
    """Yield which blocks go to the first side, a batch of permutations at a time."""
    for start in range(0, permutations, _BATCH):
        keys = rng.random((min(_BATCH, permutations - start), blocks))
        chosen = np.argpartition(keys, first - 1, axis=1)[:, :first]
        dealt = np.zeros(keys.shape, dtype=np.bool_)
        np.put_along_axis(dealt, chosen, True, axis=1)
        yield dealt


class _Dealing:
    """Blocks that are dealt again and again: one matrix product for a batch of deals."""

    def __init__(self, counts: NDArray[np.floating], *, ordered: bool) -> None:
        self.ordered = ordered
        self.rows = counts.sum(axis=1, dtype=np.float64)
        self.counts = np.cumsum(counts, axis=1) if ordered else counts
        self.total = self.counts.sum(axis=0, dtype=np.float64)

    def distances(self, dealt: NDArray[np.bool_]) -> _Floats:
        """Return the statistic for each row of ``dealt``: which blocks go to the first side."""
        first = dealt.astype(self.counts.dtype) @ self.counts
        rows = (dealt @ self.rows)[:, None]
        parts = range(0, len(dealt), _CACHED)
        found = [self._gaps(first[at : at + _CACHED], rows[at : at + _CACHED]) for at in parts]
        return np.nan_to_num(np.concatenate(found), nan=1.0)  # a side without any value is as far as can be

    def _gaps(self, counts: NDArray[np.floating], rows: _Floats) -> _Floats:
        rest = self.rows.sum() - rows
        gaps = counts.astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            gaps *= 1 / rows + 1 / rest  # counts / rows - (total - counts) / rest, in place
            gaps -= self.total / rest
        np.abs(gaps, out=gaps)
        return np.asarray(gaps.max(axis=1) if self.ordered else gaps.sum(axis=1) / 2)
