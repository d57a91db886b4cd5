"""Samples of numbers that are asked for ranks and counts, and sorted only where an answer needs it.

A sample is counted in the cells of a monotone grid, in one pass. The totals answer all but what happens inside a cell,
and only the values of cells that are asked about are fetched and sorted. Every answer is that of the sorted sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_mlgate.stats.grids import Room, grid_for
from pytest_mlgate.stats.ordering import in_order

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from pytest_mlgate.stats.grids import Grid

_Floats: TypeAlias = NDArray[np.float64]
_Ints: TypeAlias = NDArray[np.int64]
_Places: TypeAlias = NDArray[np.intp]
_Mask: TypeAlias = NDArray[np.bool_]

_FEW = 20_000  # so many rows are sorted in less time than they are counted in
_FEW_POINTS = 20  # so many comparisons of all rows take less time than a grid
_ROWS = 1 << 15  # at a time: what stays in the processor's cache


class Sample:
    """Numbers without NaN.

    Parameters
    ----------
    values : array-like of shape (n,)
        Infinite values are allowed.
    is_sorted : bool
        Whether they are known to be sorted.

    Examples
    --------
    >>> sample = Sample([3.0, 1.0, 2.0])
    >>> sample.at_ranks([0]).tolist(), sample.at_or_below([2.5]).tolist(), sample.ends
    ([1.0], [2], (1.0, 3.0))
    """

    def __init__(self, values: ArrayLike, *, is_sorted: bool = False) -> None:
        self.values: _Floats = np.asarray(values, dtype=np.float64)
        self._sorted: _Floats | None = self.values if is_sorted else None
        self._counted: Counted | None = None
        self._ends: tuple[float, float] | None = None

    @property
    def size(self) -> int:
        """How many values there are."""
        return int(self.values.size)

    @property
    def sorted(self) -> _Floats:
        """All values, sorted; once asked for, they answer everything else as well."""
        if self._sorted is None:
            self._sorted = self.values = in_order(self.values)
            self._counted = None
        return self._sorted

    @property
    def is_sorted(self) -> bool:
        """Whether the values are sorted, or so few that they may as well be."""
        return self._sorted is not None or self.size < _FEW

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value; there is at least one."""
        if self.is_sorted:
            return float(self.sorted[0]), float(self.sorted[-1])
        if self._ends is None:
            self._ends = float(self.values.min()), float(self.values.max())
        return self._ends

    @property
    def infinite(self) -> tuple[int, int]:
        """How many values are minus and plus infinity."""
        if not self.size:
            return 0, 0
        low, high = self.ends
        below = int(np.count_nonzero(self.values == -np.inf)) if low == -np.inf else 0
        return below, int(np.count_nonzero(self.values == np.inf)) if high == np.inf else 0

    @property
    def counted(self) -> Counted:
        """The sample in the cells of a grid: that which it shares with another one, or its own."""
        if self._counted is None:
            share_a_grid(self)
        assert self._counted is not None
        return self._counted

    @counted.setter
    def counted(self, counted: Counted) -> None:
        self._counted = counted

    def shares_a_grid_with(self, other: Sample) -> bool:
        """Whether both are counted in the cells of one grid."""
        if self._counted is None or other._counted is None:
            return False
        return self._counted.grid is other._counted.grid

    def expect(self, ranks: ArrayLike) -> None:
        """Say which ranks will be asked for: they are then fetched with the next values that are."""
        if not self.is_sorted:
            self.counted.expect(np.asarray(ranks, dtype=np.int64))

    def at_ranks(self, ranks: ArrayLike) -> _Floats:
        """Return the values at places of the sorted sample, the first one being 0.

        Parameters
        ----------
        ranks : array-like of int of shape (k,)
            Not negative.
        """
        wanted = np.asarray(ranks, dtype=np.int64)
        return self.sorted[wanted] if self.is_sorted else self.counted.at_ranks(wanted)

    def at_or_below(self, points: ArrayLike) -> _Ints:
        """Return how many values are not larger than each point.

        Parameters
        ----------
        points : array-like of shape (k,)
            Without NaN.
        """
        return self._up_to(points, "right")

    def below(self, points: ArrayLike) -> _Ints:
        """Return how many values are smaller than each point; as :meth:`at_or_below`."""
        return self._up_to(points, "left")

    def _up_to(self, points: ArrayLike, side: Literal["left", "right"]) -> _Ints:
        wanted = np.asarray(points, dtype=np.float64)
        if self.is_sorted:
            return np.asarray(self.sorted.searchsorted(wanted, side=side), dtype=np.int64)
        if self._counted is None and wanted.size <= _FEW_POINTS:
            reached = np.less_equal if side == "right" else np.less
            return np.array([np.count_nonzero(reached(self.values, point)) for point in wanted], dtype=np.int64)
        return self.counted.up_to(wanted, side)


class Counted:
    """A sample's rows in the cells of a grid; cells are opened as they are asked about.

    Attributes
    ----------
    counts : ndarray of shape (cells,)
        Rows in each cell.
    upto : ndarray of shape (cells + 1,)
        Rows before each cell, and at the end all rows.
    codes : ndarray of shape (n,)
        The cell of each row.
    single : ndarray of shape (cells,)
        Whether all rows of a cell are known to have one value, that in ``shared``.
    """

    def __init__(self, values: _Floats, grid: Grid, codes: NDArray[np.uint16], counts: _Ints) -> None:
        self.grid, self.values, self.codes, self.counts = grid, values, codes, counts
        self.upto: _Ints = np.concatenate([[0], np.cumsum(counts)])
        self.shared: _Floats = np.zeros(grid.cells) if grid.values is None else grid.values
        self.single: _Mask = np.full(grid.cells, grid.values is not None)
        self.cells: _Places = np.empty(0, dtype=np.intp)
        """Cells that are open, in order."""
        self.starts: _Ints = np.zeros(1, dtype=np.int64)
        """Where each begins in :attr:`opened`, and where the last one ends."""
        self.opened: _Floats = np.empty(0)
        """The values of open cells, sorted."""
        self._is_open: _Mask = np.zeros(grid.cells, dtype=bool)
        self._expected: _Places = np.empty(0, dtype=np.intp)

    def expect(self, ranks: _Ints) -> None:
        """Say which ranks will be asked for: their cells are opened with the next ones."""
        cells = self.cells_of_ranks(ranks)
        self._expected = cells[~self.single[cells]]

    def open(self, cells: _Places) -> None:
        """Fetch and sort the values of some cells; those that are open already stay so."""
        closed = (self.counts > 0) & ~self._is_open
        if not closed[cells].any():
            return
        wanted = np.zeros(self.grid.cells, dtype=bool)
        wanted[cells] = wanted[self._expected] = True
        wanted &= closed
        self._expected = np.empty(0, dtype=np.intp)
        parts = [
            self.values[start : start + _ROWS][wanted.take(self.codes[start : start + _ROWS], mode="clip")]
            for start in range(0, self.values.size, _ROWS)
        ]
        self.opened = np.sort(np.concatenate([self.opened, *parts]))  # cells follow each other as their values do
        self._is_open |= wanted
        self.cells = np.flatnonzero(self._is_open)
        self.starts = np.concatenate([[0], np.cumsum(self.counts[self.cells])])

    def at_ranks(self, ranks: _Ints) -> _Floats:
        """Return the values at places of the sorted sample."""
        cells = self.cells_of_ranks(ranks)
        found = self.shared[cells]
        many = ~self.single[cells]
        self.open(cells[many])
        within = ranks[many] - self.upto[cells[many]]
        found[many] = self.opened[self.starts[self.cells.searchsorted(cells[many])] + within]
        return found

    def cells_of_ranks(self, ranks: _Ints) -> _Places:
        """Return the cells that hold some places of the sorted sample."""
        return np.asarray(self.upto.searchsorted(ranks, side="right") - 1, dtype=np.intp)

    def up_to(self, points: _Floats, side: Literal["left", "right"]) -> _Ints:
        """Return how many values are smaller than each point, or (``right``) not larger."""
        cells = self.grid.cells_of_points(points)
        found = self.upto[cells].copy()
        one = self.single[cells]
        reached = self.shared[cells] <= points if side == "right" else self.shared[cells] < points
        found[one & reached] += self.counts[cells[one & reached]]
        many = ~one & (self.counts[cells] > 0)
        self.open(cells[many])
        # In order, so that a point's own cell begins where all smaller opened values end.
        inside = self.opened.searchsorted(points[many], side=side)
        found[many] += inside - self.starts[self.cells.searchsorted(cells[many])]
        return found


def share_a_grid(*samples: Sample) -> None:
    """Count samples, which are not all empty, in the cells of one grid that fits them."""
    grid, tied = grid_for([sample.values for sample in samples])
    found = [_count(sample.values, grid) for sample in samples]
    if any(counted is None for counted in found):
        grid, tied = grid_for([sample.values for sample in samples], decimal=False)
        found = [_count(sample.values, grid) for sample in samples]
    counted = [one for one in found if one is not None]
    for sample, one in zip(samples, counted, strict=True):
        sample.counted = one
    if tied and grid.values is None:
        find_single_values(counted)


def find_single_values(counted: list[Counted]) -> None:
    """Find out in which cells all rows of all samples have one value."""
    cells = counted[0].grid.cells
    shared, single = np.zeros(cells), np.ones(cells, dtype=bool)
    for one in counted:
        shared[one.codes] = one.values
    for one in counted:
        for start in range(0, one.values.size, _ROWS):
            rows = slice(start, start + _ROWS)
            single[one.codes[rows][one.values[rows] != shared.take(one.codes[rows])]] = False
    for one in counted:
        one.shared, one.single = shared, single


def _count(values: _Floats, grid: Grid) -> Counted | None:
    """Count rows in the cells of a grid; None where they do not lie on it."""
    codes, counts = np.empty(values.size, dtype=np.uint16), np.zeros(grid.cells, dtype=np.int64)
    room = Room(min(_ROWS, values.size))
    for start in range(0, values.size, _ROWS):
        cells = grid(values[start : start + _ROWS], room)
        if cells is None:
            return None
        codes[start : start + _ROWS] = cells
        counts += np.bincount(cells, minlength=grid.cells)
    return Counted(values, grid, codes, counts)
