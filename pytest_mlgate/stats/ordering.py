"""Sorted arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def distinct(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each of some sorted values once; numpy's own way imports masked arrays first."""
    return values[np.append(True, values[1:] != values[:-1])] if values.size else values


def in_order(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values sorted, NaN last; the same array where they are sorted already."""
    return values if bool((values[1:] >= values[:-1]).all()) else np.sort(values)
