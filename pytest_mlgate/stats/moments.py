"""Means and scatter of rows that come in parts, and of many groups of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Moments:
    """Rows, means and scatter of some columns, for each group of rows.

    Attributes
    ----------
    rows : ndarray of shape (groups,)
    mean : ndarray of shape (groups, columns)
        0 where a group has no row.
    scatter : ndarray of shape (groups, columns, columns)
        Sums of products of deviations from the group's means.
    """

    rows: NDArray[np.int64]
    mean: _Floats
    scatter: _Floats

    def variance(self, group: int, column: int) -> float:
        """Return the sample variance of one column, 0 with fewer than two rows."""
        return max(float(self.scatter[group, column, column]), 0.0) / max(int(self.rows[group]) - 1, 1)

    def covariance(self, group: int) -> _Floats:
        """Return the sample covariance of the columns, shape (columns, columns)."""
        return np.asarray(self.scatter[group] / max(int(self.rows[group]) - 1, 1))

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of both parts' rows, without losing digits to the size of the means.

        References
        ----------
        Chan, T. F., Golub, G. H. and LeVeque, R. J. (1983). Algorithms for computing the sample variance: analysis and
        recommendations. The American Statistician 37, 242-247.
        """
        rows = self.rows + other.rows
        share = other.rows / np.maximum(rows, 1)
        apart = other.mean - self.mean
        between = apart[:, :, None] * apart[:, None, :] * (self.rows * share)[:, None, None]
        return Moments(
            rows=rows, mean=self.mean + apart * share[:, None], scatter=self.scatter + other.scatter + between
        )


def moments_of(values: _Floats, codes: NDArray[np.intp] | None = None, *, groups: int = 1) -> Moments:
    """Return the moments of rows.

    Parameters
    ----------
    values : ndarray of shape (n_rows, columns)
        Finite.
    codes : ndarray of int, shape (n_rows,), optional
        The group of each row, below ``groups``; a negative one is of no group. None: all rows are one group.
    groups : int

    Examples
    --------
    >>> found = moments_of(np.array([[1.0], [3.0]])) + moments_of(np.array([[5.0]]))
    >>> float(found.mean[0, 0]), found.variance(0, 0)
    (3.0, 4.0)
    """
    if codes is not None:
        inside = codes >= 0
        values, codes = values[inside], codes[inside]
    else:
        codes = np.zeros(len(values), dtype=np.intp)
    columns = values.shape[1]
    rows = np.bincount(codes, minlength=groups)
    mean = np.empty((groups, columns))
    for i in range(columns):
        mean[:, i] = np.bincount(codes, values[:, i], groups) / np.maximum(rows, 1)
    apart = values - mean[codes]
    # Rounded means leave a remainder, which a second look takes away (as in Chan, Golub and LeVeque, section 3).
    left = np.column_stack([np.bincount(codes, apart[:, i], groups) for i in range(columns)])
    scatter = np.empty((groups, columns, columns))
    for i in range(columns):
        for j in range(i, columns):
            both = np.bincount(codes, apart[:, i] * apart[:, j], groups)
            scatter[:, i, j] = scatter[:, j, i] = both - left[:, i] * left[:, j] / np.maximum(rows, 1)
    return Moments(rows=rows.astype(np.int64), mean=mean + left / np.maximum(rows, 1)[:, None], scatter=scatter)
