"""Grids of cells for a sample: monotone maps of numbers that cost a few passes, and no look-up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_mlgate.stats.ordering import distinct

_Floats: TypeAlias = NDArray[np.float64]
_Ints: TypeAlias = NDArray[np.int64]
_Places: TypeAlias = NDArray[np.intp]

_CELLS = 1 << 15  # their counts stay in the processor's cache
_MOST_CELLS = 1 << 16
_DRAWN = 2048  # rows of a sample, to choose its grid by
_TAIL = 1000  # one row of so many lies outside of a grid, at either end
_MOST_DECIMALS = 4
_LARGEST = 2.0**52  # up to here all multiples of a half are numbers
_DISTINCT = 0.9  # of the rows drawn: a smaller share of different values says that they repeat


class Room:
    """Arrays that hold what is computed of a few rows, made once for all of a sample."""

    def __init__(self, rows: int) -> None:
        self.floats, self.cells = np.empty(rows), np.empty(rows, dtype=np.int64)
        self.small, self.signs = np.empty(rows, dtype=np.float32), np.empty(rows, dtype=np.int32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Cells of one width.

    Attributes
    ----------
    low, scale : float
        The first cell begins at ``low``; ``scale`` cells are one unit wide. What lies outside is in the first and in
        the last cell.
    cells : int
        At most 65 536.
    values : ndarray of shape (cells,) or None
        Where each cell holds one value only, these.
    """

    low: float
    scale: float
    cells: int
    values: _Floats | None = None

    def __call__(self, values: _Floats, room: Room) -> _Ints | None:
        """Return the cell of each value, in the room's; None where each cell has one value and others come."""
        found, cells = room.floats[: values.size], room.cells[: values.size]
        with np.errstate(over="ignore"):
            np.subtract(values, self.low, out=found)
            np.multiply(found, self.scale, out=found)
        np.clip(found, 0, self.cells - 1, out=found)
        np.copyto(cells, found, casting="unsafe")
        return cells

    def cells_of_points(self, points: _Floats) -> _Places:
        """Return the cell of each point: all rows in smaller cells are smaller, and all in larger ones larger."""
        cells = self(points, Room(points.size))
        assert cells is not None
        return np.asarray(cells, dtype=np.intp)


@dataclass(frozen=True, kw_only=True, slots=True)
class RelativeGrid(Grid):
    """Cells of one width among the numbers of 32 bits, which is about one width by the logarithm.

    A cell is ``2 ** shift`` of those numbers; ``low`` is the place of the first one, in cells.
    """

    shift: int = field(default=1)

    def __call__(self, values: _Floats, room: Room) -> _Ints | None:
        """Return the cell of each value, in the room's."""
        found, cells = _places(values, room, negative=self.low < 0), room.cells[: values.size]
        np.right_shift(found, self.shift, out=found)
        np.subtract(found, np.int32(self.low), out=found)
        np.clip(found, 0, self.cells - 1, out=found)
        np.copyto(cells, found)
        return cells


@dataclass(frozen=True, kw_only=True, slots=True)
class DecimalGrid(Grid):
    """Every multiple of ``1 / scale`` is a cell of its own; ``low`` is the first one's factor."""

    def __call__(self, values: _Floats, room: Room) -> _Ints | None:
        """Return the cell of each value, in the room's; None where one is no multiple."""
        places, cells = room.floats[: values.size], room.cells[: values.size]
        np.multiply(values, self.scale, out=places)
        np.rint(places, out=places)
        if not (places / self.scale == values).all():
            return None
        np.subtract(places, self.low, out=places)
        np.copyto(cells, places, casting="unsafe")
        return cells

    def cells_of_points(self, points: _Floats) -> _Places:
        """Return for each point the last cell that is not above it, or the first."""
        assert self.values is not None
        return np.asarray(np.maximum(self.values.searchsorted(points, side="right") - 1, 0), dtype=np.intp)


def grid_for(samples: Sequence[_Floats], *, decimal: bool = True) -> tuple[Grid, bool]:
    """Return a grid that spreads samples over its cells, and whether their values repeat.

    Parameters
    ----------
    samples : sequence of ndarray
        Without NaN, not all empty.
    decimal : bool
        Whether a grid of decimals may be tried, on which all rows must lie.
    """
    drawn = np.concatenate([sample[:: max(sample.size // _DRAWN, 1)] for sample in samples])
    drawn = np.sort(drawn[np.isfinite(drawn)])
    if not drawn.size:
        return Grid(low=0.0, scale=1.0, cells=2), False
    apart = distinct(drawn)
    tied = apart.size < _DISTINCT * drawn.size
    if tied and decimal:
        found = _decimal_grid(samples, apart)
        if found is not None:
            return found, True
    outside = drawn.size // _TAIL
    low, high = float(drawn[outside]), float(drawn[-1 - outside])
    if low == high:
        low, high = float(drawn[0]), float(drawn[-1])
    grids = [_relative_grid(low, high)]
    if low < high and math.isfinite(high - low) and math.isfinite(_CELLS / (high - low)):
        scale = (_CELLS - 2) / (high - low)
        grids.insert(0, Grid(low=low - 1 / scale, scale=scale, cells=_CELLS))
    return max(grids, key=lambda grid: np.count_nonzero(np.diff(grid.cells_of_points(apart)))), tied


def _relative_grid(low: float, high: float) -> Grid:
    first, last = (int(place) for place in _places(np.array([low, high]), Room(2), negative=True))
    shift = max((last - first).bit_length() - _CELLS.bit_length() + 1, 1)  # so that no difference leaves 32 bits
    first, last = (first >> shift) - (first != 0), (last >> shift) + 1
    return RelativeGrid(low=first, scale=0.0, cells=last - first + 1, shift=shift)


def _decimal_grid(samples: Sequence[_Floats], drawn: _Floats) -> Grid | None:
    if max(abs(drawn[0]), abs(drawn[-1])) > _LARGEST:
        return None
    for scale in (10.0**digits for digits in range(_MOST_DECIMALS + 1)):
        if (np.rint(drawn * scale) / scale == drawn).all():
            break
    else:
        return None
    low = scale * min(float(sample.min()) for sample in samples if sample.size)
    high = scale * max(float(sample.max()) for sample in samples if sample.size)
    if high - low >= _MOST_CELLS - 2 or max(abs(low), abs(high)) > _LARGEST:
        return None
    first, last = round(low), round(high)
    factors = np.arange(first, last + 1, dtype=np.float64)
    return DecimalGrid(low=float(first), scale=scale, cells=factors.size, values=factors / scale)


def _places(values: _Floats, room: Room, *, negative: bool) -> NDArray[np.int32]:
    """Return the place of each number, rounded to 32 bits, among all of 32 bits: 0 for zero, of either sign.

    Negative numbers, where none needs its place, get one below zero or 0.
    """
    small, signs = room.small[: values.size], room.signs[: values.size]
    with np.errstate(over="ignore"):
        np.copyto(small, values, casting="same_kind")
    bits = small.view(np.int32)
    if negative:
        np.right_shift(bits, 31, out=signs)
        np.bitwise_and(bits, np.int32(0x7FFFFFFF), out=bits)
        np.bitwise_xor(bits, signs, out=bits)
        np.subtract(bits, signs, out=bits)
    return bits
